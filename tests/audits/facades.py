"""The Python modules of the caps: which there are, and what they show."""

import json
import zipfile

# Run in the sandbox: what a module shows, after it was imported in every way that there is.
LOOK = """
import importlib, json, sys, types
name = sys.argv[1]
top, _, rest = name.partition(".")
imported = importlib.import_module(name)
found = {}
exec(f"import {name}", found)
attribute = found[top]
for part in rest.split(".") if rest else ():
    attribute = getattr(attribute, part)
ways = {"import_module": imported, "attribute": attribute, "sys.modules": sys.modules[name]}
if rest:
    exec(f"from {name.rpartition('.')[0]} import {name.rpartition('.')[2]} as member", found)
    ways["from"] = found["member"]
exec(f"from {name} import *", star := {})
del star["__builtins__"]
public = {key: value for key in dir(imported) if not key.startswith("_") for value in [getattr(imported, key)]}
print(json.dumps({
    "differ": [way for way, module in ways.items() if module is not imported],
    "all": list(imported.__all__) if hasattr(imported, "__all__") else None,
    "absent": [key for key in getattr(imported, "__all__", ()) if not hasattr(imported, key)],
    "names": sorted(dir(imported)),
    "star": sorted(star),
    "modules": [key for key, value in public.items() if isinstance(value, types.ModuleType)],
    "origin": {key: value.__module__ for key, value in public.items() if isinstance(getattr(value, "__module__", None), str)},
}))
"""


def modules(cap):
    """{name: True if it replaces a module in C} of the modules in a cap's facade."""
    found = {}
    with zipfile.ZipFile(cap.built / cap.about["facade"]) as archive:
        for path in archive.namelist():
            folder, _, inner = path.partition("/")
            if inner.endswith(".py"):
                found[inner.removesuffix(".py").removesuffix("/__init__").replace("/", ".")] = folder == "builtin"
    return dict(sorted(found.items()))


def look(context, name, *options):
    """What a module shows in the sandbox; an error as {"error": text}."""
    done = context.run("pylon", *options, "-c", LOOK, name)
    return json.loads(done.stdout) if done.returncode == 0 else {"error": (done.stderr.strip().splitlines() or ["?"])[-1]}
