"""What modules of caps show is what they declare: in __all__, in the module that they replace, or in the stubs of a binding."""

import ast

import facades
from context import Outcome

# What every module has, and what belongs to the values of a contract rather than to it.
OF_A_STUB = {"abc", "IntEnum", "IntFlag", "Generic", "Self", "TypeVar", "T", "annotations"}


def declared_in(stub):
    """The names that a stub declares at its top."""
    names = set()
    for node in ast.parse(stub.read_text()).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.AnnAssign):
            names.add(node.target.id)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets}
    return names - OF_A_STUB


def public(names):
    return {name for name in names if not name.startswith("_")}


def is_inside(name):
    """Whether a module is what a package is made of, whose users see the package: it, or what it lies in, is private."""
    return "." in name and any(part.startswith("_") for part in name.split("."))


def problems_of_facade(context, cap, name, replaces, builtin):
    shown = facades.look(context, name)
    if "error" in shown:
        return [f"{name}: {shown['error']}"]
    found = [f"{name} shows {one}" for one in shown["names"] if "dynlink" in one.lower()]
    found += [f"{name}.{one} is in __all__ and not in the module" for one in shown["absent"]]
    found += [f"{name}.{one} says that it comes from {origin}" for one, origin in shown["origin"].items() if origin.endswith("_cap")]
    inner = {one.removeprefix(f"{name}.") for one in facades.modules(cap)}
    if replaces and name in builtin:
        original = facades.look(context, name, f"--plan={context.library / 'plans/minimal.json'}")
        found += [f"{name}.{one} is not in the module that it replaces" for one in sorted(public(shown["names"]) - public(original["names"]) - inner)]
        found += [f"{name} lacks {one}, which the module that it replaces has" for one in sorted(public(original["names"]) - public(shown["names"]))]
    elif shown["all"] is None:
        found += [f"{name}.{one} is a module, and not declared" for one in shown["modules"] if one not in inner]
    else:
        found += [f"{name}.{one} is not declared in __all__" for one in sorted(public(shown["names"]) - set(shown["all"]) - inner)]
    return found


def problems_of_binding(context, cap):
    shown = facades.look(context, cap.binding)
    if "error" in shown:
        return [f"{cap.binding}: {shown['error']}"]
    declared = declared_in(cap.built / f"{cap.binding}.pyi")
    has = public(shown["names"])
    return ([f"{cap.binding}.{name} is not in its stub" for name in sorted(has - declared)] +
            [f"{cap.binding} lacks {name}, which its stub declares" for name in sorted(public(declared) - has)])


def audit(context):
    builtin = context.run("pylon", "-c", "import sys; print(*sys.builtin_module_names)").stdout.split()
    caps = context.caps()
    work = [lambda cap=cap, name=name, replaces=replaces: problems_of_facade(context, cap, name, replaces, builtin)
            for cap in caps for name, replaces in facades.modules(cap).items() if not is_inside(name)]
    work += [lambda cap=cap: problems_of_binding(context, cap) for cap in caps]
    problems = [problem for found in context.each(lambda one: one(), work) for problem in found]
    sources = [path for cap in caps for path in (cap.folder / "python").rglob("*.py")]
    problems += [f"{path.name} of {path.parent.name} speaks of dynlink: what is above a binding does not know how it is reached"
                 for path in sources if "dynlink" in path.read_text()]
    return Outcome(problems, f"{len(work)} modules and bindings")
