"""Contracts, what the generator makes of them now, and what the components export agree."""

import functools
import json
import pathlib
import subprocess
import sys
import tempfile

from context import SOURCE, Outcome


@functools.cache
def wasm_tools():
    return subprocess.run([sys.executable, SOURCE / "toolchain/install", "--print", "PYLON_WASM_TOOLS"], check=True, capture_output=True, text=True).stdout.strip()


def wit(path):
    """A folder of WIT, or a component, as the JSON of wasm-tools."""
    return json.loads(subprocess.run([wasm_tools(), "component", "wit", "--json", path], check=True, capture_output=True, text=True).stdout)


# Kinds of types whose name is part of them; a component does not keep names of others.
NAMED = ("record", "variant", "enum", "flags", "resource")


def shape(document, item):
    """A type or a part of one with everything that it refers to, without docs: numbers are indices of types."""
    if isinstance(item, bool) or not isinstance(item, (int, list, dict)):
        return item
    if isinstance(item, int):
        found = document["types"][item]
        if isinstance(found["kind"], dict) and "type" in found["kind"]:  # another name for a type
            return shape(document, found["kind"]["type"])
        named = isinstance(found["kind"], str) or not found["kind"].keys().isdisjoint(NAMED)
        return [found["name"] if named else None, shape(document, found["kind"])]
    if isinstance(item, list):
        return [shape(document, one) for one in item]
    return {key: shape(document, value) for key, value in item.items() if key not in ("docs", "stability")}


def exports(document):
    """{interface or function: its shape} of what the one world of the package exports, but for the endpoint of dynlink."""
    package = document["packages"][-1]  # after those that it depends on
    (world,) = (document["worlds"][world] for world in package["worlds"].values())
    found = {}
    for name, item in world["exports"].items():
        if "function" in item:
            found[name] = shape(document, item["function"])
            continue
        interface = document["interfaces"][item["interface"]["id"]]
        package, _, version = document["packages"][interface["package"]]["name"].partition("@")
        if not package.startswith("compose:dynlink"):
            found[f"{package}/{interface['name']}@{version}"] = {name: shape(document, one) for name, one in interface["functions"].items()}
    return found


def problems_of_contract(cap):
    """What the components export, against the contract."""
    contract = exports(wit(cap.folder / "wit"))
    return [f"{provider['component']}: {name} is not what wit/ says" for provider in cap.about["providers"]
            for exported in [exports(wit(cap.built / provider["component"]))]
            for name in sorted(contract.keys() | exported.keys()) if contract.get(name) != exported.get(name)]


def problems_of_generated(context, cap):
    """What the build has, against what the generator makes of the contract now."""
    common = ["--wit", cap.folder / "wit", "--wasm-tools", wasm_tools()]
    with tempfile.TemporaryDirectory() as folder:
        made, problems = pathlib.Path(folder), []
        for command, more in (("provider", ["--name", cap.name, "-o", made / "generated"]), ("schema", ["-o", made / f"{cap.name}.schema"]),
                              ("stubs", ["--name", cap.name, "-o", made / f"{cap.binding}.pyi"])):
            done = context.run("pylon-bindgen", command, *common, *more)
            if done.returncode != 0:
                problems.append(f"{cap.name}: pylon-bindgen {command}: {done.stderr.strip()}")
        for file in sorted(path for path in made.rglob("*") if path.is_file()):
            name = file.relative_to(made)
            if not (cap.built / name).is_file() or (cap.built / name).read_bytes() != file.read_bytes():
                problems.append(f"caps/{cap.name}/{name}: not what the contract gives now; build again")
    return problems


def audit(context):
    caps = context.caps()
    problems = [problem for found in context.each(lambda cap: problems_of_contract(cap) + problems_of_generated(context, cap), caps) for problem in found]
    return Outcome(problems, f"{len(caps)} contracts, {sum(len(cap.about['providers']) for cap in caps)} components")
