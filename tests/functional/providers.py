"""A plan of the test providers (tests/components), signed with the build's own key: for tests and for bench/calls."""

import json
import pathlib

from harness import PYLON, environment, execute

BUILD = PYLON.parent.parent
NAMES = ("echo", "hostile", "impostor", "stillborn")


def surroundings(folder: pathlib.Path) -> dict[str, str]:
    """An environment in which whatever a person keeps is kept in `folder`."""
    return environment(XDG_DATA_HOME=str(folder / "data"), XDG_CACHE_HOME=str(folder / "cache"),
                       XDG_STATE_HOME=str(folder / "state"))


def make_plan(folder: pathlib.Path) -> pathlib.Path:
    """Writes plan.json and its blobs to `folder`."""
    plan = folder / "plan.json"
    words = [BUILD / "bin" / "composectl", "plan", "build", f"--root={BUILD}/lib/pylon/python.wasm", f"--output={plan}",
             f"--key={BUILD}/keys/plan.key", f"--store={folder}/blobs", f"--install={BUILD}"]
    for name in NAMES:
        built = BUILD / "tests" / "components" / name
        description = folder / f"{name}.json"
        description.write_text(json.dumps({"name": name, "schema": str(built / f"{name}.schema"),
                                           "providers": [{"component": str(built / f"{name}.component.wasm")}]}))
        words.append(f"--cap={description}")
    done = execute(map(str, words), env=surroundings(folder))
    if done.code != 0:
        raise AssertionError(done.err)
    return plan
