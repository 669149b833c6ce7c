"""What tests of caps share: a plan of the test providers (tests/components), signed with the build's own key, which
bench/calls takes too, and programs that say how their calls ended."""

import json
import pathlib
import textwrap

from harness import HERE, PYLON, Case, environment, execute

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


SAYS = """
def says(call, *arguments, **keywords):
    try:
        return call(*arguments, **keywords)
    except BaseException as error:
        print(f"{type(error).__name__}: {error}")
"""


class ProgramCase(Case):
    """Programs that begin with all that `prelude` makes, beside the module echo_values."""

    prelude = ""
    before = ""  # what a class of tests puts before its programs
    flags = ()
    env = None

    def words(self, text, *flags):
        """A program's command line."""
        self.write("prelude.py", textwrap.dedent(self.prelude) + SAYS)
        self.write("echo_values.py", (HERE / "echo_values.py").read_text())
        parts = ["from prelude import *\n", textwrap.dedent(self.before), textwrap.dedent(text)]
        return [*self.flags, *flags, self.write("program.py", "".join(parts))]

    def run_program(self, text, *flags):
        return self.output(*self.words(text, *flags), env=self.env)

    def assert_says(self, text, expected):
        found = [line.rstrip() for line in self.run_program(text).splitlines()]
        self.assertEqual(found, [line.strip() for line in expected.strip().splitlines()])
