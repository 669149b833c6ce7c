"""What the tests of hosts share: the single-file pylon.wasm, the programs of docs/hosts, and what every host has to do.

A host that is not here (no Node, no Chromium, no registry) is skipped, unless PYLON_REQUIRE_HOSTS is set, as CI does.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import textwrap
import unittest

from harness import HERE, PYLON, ROOT, SECONDS, Case, Result, environment, execute
from peers import cache, npm, pypi

PYLON_WASM = PYLON.parent.parent / "lib" / "pylon" / "pylon.wasm"  # with caps inside
MINIMAL = PYLON_WASM.with_name("pylon-minimal.wasm")
PROGRAMS = ROOT / "docs" / "hosts"


def absent(why) -> Exception:
    """What to raise where a host cannot be had."""
    return AssertionError(why) if os.environ.get("PYLON_REQUIRE_HOSTS") else unittest.SkipTest(str(why))


def wheel() -> pathlib.Path:
    """The folder of the stock `wasmtime` package."""
    try:
        return pypi.install(HERE / "hosts.lock", ["wasmtime"], "hosts-wheel")
    except cache.FetchError as error:
        raise absent(error) from error


def scripts(folder: pathlib.Path) -> pathlib.Path:
    """A copy of docs/hosts in `folder`, with its packages beside it, as after `npm ci`."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise absent("node and npm are not here")
    try:
        packages = npm.install(PROGRAMS, "hosts-npm")
    except cache.FetchError as error:
        raise absent(error) from error
    copy = folder / "hosts"
    shutil.copytree(PROGRAMS, copy, ignore=shutil.ignore_patterns("node_modules"))
    (copy / "node_modules").symlink_to(packages / "node_modules")
    return copy


def transpile(programs: pathlib.Path, component: pathlib.Path, made: pathlib.Path, *options) -> pathlib.Path:
    """What transpile.mjs makes of a component."""
    subprocess.run(["node", programs / "transpile.mjs", *options, component, made], check=True, timeout=SECONDS)
    return made


class HostCase(Case):
    """Tests of a host with one file; `work` is a folder for what is made once."""

    file = PYLON_WASM

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.file.is_file():
            raise AssertionError(f"{cls.file} is not there: build it")
        cls.work = pathlib.Path(tempfile.mkdtemp(prefix="pylon-hosts-")).resolve()
        cls.addClassCleanup(shutil.rmtree, cls.work, ignore_errors=True)


class Promises:
    """What pylon.wasm does under every host that runs commands. A host says how: `command(options, arguments)`."""

    def run_python(self, *arguments, options=(), **more) -> Result:
        return execute(self.command([*options], [*arguments]), cwd=self.folder, env=environment(), **more)

    def says(self, program, *arguments, **more) -> str:
        """The standard output of a program that has to succeed and to say nothing else."""
        result = self.run_python("-c", program, *arguments, **more)
        self.assertEqual((result.code, result.err), (0, ""), result)
        return result.out

    def test_arguments_and_variables(self):
        program = "import os, sys; print(sys.argv, os.environ['GREETING'], sorted(os.environ)[:1])"
        self.assertEqual(self.says(program, "a b", "ü", options=["--env=GREETING=a=b"]), "['-c', 'a b', 'ü'] a=b ['GREETING']\n")

    def test_success_or_failure(self):
        for program, code in (("pass", 0), ("import sys; sys.exit(3)", 1), ("import os; os._exit(4)", 1), ("1/0", 1), ("raise SystemExit", 0)):
            self.assertEqual(self.run_python("-c", program).code, code, program)

    def test_input_to_output(self):
        self.assertEqual(self.says("for line in open(0): print(line.upper(), end='')", stdin="one\nzwölf\n"), "ONE\nZWÖLF\n")
        data = bytes(range(256)) * 4096
        copied = self.run_python("-c", "import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)", stdin=data)
        self.assertEqual((copied.output == data, copied.code), (True, 0), copied.err)

    def test_library_is_inside(self):
        program = """
            import asyncio, csv, dataclasses, datetime, decimal, email.message, fractions, hashlib, html.parser, json, logging
            import sqlite3, statistics, tomllib, unicodedata, urllib.parse, xml.etree.ElementTree, zipfile, zlib
            print(json.dumps({"pi": str(decimal.Decimal(1) / 3)[:6], "sum": hashlib.sha256(b"").hexdigest()[:8]}))
            print(sqlite3.connect(":memory:").execute("select 6 * 7").fetchone(), zlib.decompress(zlib.compress(b"text")))
            print(asyncio.run(asyncio.sleep(0.01, "slept")), unicodedata.name("ß"), json.__file__)
            """
        self.assertEqual(self.says(textwrap.dedent(program)), '{"pi": "0.3333", "sum": "e3b0c442"}\n(42,) b\'text\'\n'
                         "slept LATIN SMALL LETTER SHARP S /pylon/lib/python3.14/json/__init__.py\n")

    def test_there_are_no_threads(self):
        program = """
            import threading
            try: threading.Thread(target=print).start()
            except RuntimeError as error: print(error)
            lock = threading.Lock()
            print(lock.acquire(), lock.acquire(timeout=0.01), threading.Event().wait(0.01))
            """
        self.assertEqual(self.says(textwrap.dedent(program)), "can't start new thread\nTrue False False\n")

    def test_modules_as_programs(self):
        result = self.run_python("-m", "json.tool", "--compact", stdin='{"a": [1, 2]}')
        self.assertEqual((result.out, result.code), ('{"a":[1,2]}\n', 0), result.err)

    def test_tracebacks_name_file_line_and_text(self):
        result = self.run_python("-c", "import json\njson.loads('[1,')")
        self.assertEqual(result.code, 1)
        self.assertRegex(result.err, r'File "<string>", line 2, in <module>\n')
        self.assertRegex(result.err, r'File "/pylon/lib/python3\.14/json/decoder\.py", line \d+, in decode\n +obj, end = self\.raw_decode')
        self.assertIn("json.decoder.JSONDecodeError: Expecting value", result.err)

    def test_only_the_files_that_are_given(self):
        self.write("main.py", "import beside, pathlib\npathlib.Path('/here/out.txt').write_text(beside.TEXT)\nopen('/etc/passwd')\n")
        self.write("beside.py", "TEXT = 'written'\n")
        result = self.run_python("/here/main.py", options=[f"--dir={self.folder}::/here"])
        self.assertEqual((self.folder / "out.txt").read_text(), "written")
        self.assertRegex(result.err, r'File "/here/main\.py", line 3, in <module>\n +open')
        self.assertRegex(result.err, "(FileNotFound|Permission)Error: .*'/etc/passwd'")
        self.assertEqual(result.code, 1)

    def test_a_script_in_the_working_directory(self):
        self.write("script.py", "import os, sys, beside; print(sys.argv, os.getcwd(), sorted(os.listdir()), beside.TEXT)\n")
        self.write("beside.py", "TEXT = 'found'\n")
        result = self.run_python("script.py", "a", options=["--dir=."])
        self.assertEqual((result.code, result.err), (0, ""))
        self.assertRegex(result.out, r"\['script.py', 'a'\] / .*'beside.py'.* found\n")

    def test_runs_differ_where_they_should(self):
        program = "import os, random, secrets, uuid; print(random.random(), os.urandom(8), secrets.token_hex(4), uuid.uuid4())"
        first, second = (self.says(program).split() for _ in range(2))
        self.assertEqual([a for a, b in zip(first, second) if a == b], [])

    def test_time_passes(self):
        program = "import time; a = time.monotonic(), time.time(); time.sleep(0.2); print(time.monotonic() - a[0] > 0.19, time.time() - a[1] > 0.19)"
        self.assertEqual(self.says(program), "True True\n")

    def test_python_recursion_is_limited(self):
        self.assertEqual(self.says("def f(): f()\ntry: f()\nexcept RecursionError as e: print(e)"), "maximum recursion depth exceeded\n")

    def test_recursion_through_c_is_an_error_not_the_end(self):
        program = """
            import re

            class Endless:
                def __repr__(self): return repr([self])
                def __getattr__(self, name): return getattr(self, name)
                def __lt__(self, other): return sorted([Endless(), Endless()])

            class Again:
                def __init__(self): Again()

            for name, call in (("repr", lambda: repr(Endless())), ("getattr", lambda: Endless().x), ("sort", lambda: Endless() < 1),
                               ("init", Again), ("re", lambda: re.compile("(" * 5000 + ")" * 5000)), ("eval", lambda: eval("(" * 5000 + ")" * 5000))):
                try:
                    call()
                except (RecursionError, MemoryError):
                    print(name)
            """
        self.assertEqual(self.says(textwrap.dedent(program)).split(), ["repr", "getattr", "sort", "init", "re", "eval"])

    def test_same_results_as_the_launcher(self):
        for name in ("json_codec", "richards", "template"):
            program = "REPEATS = 1\n" + (ROOT / "bench" / "programs" / f"{name}.py").read_text() + "\n\n" + (ROOT / "bench" / "timer.py").read_text()
            self.write(f"{name}.py", program.encode())
            found = [re.search(r'"checksum": (\S+)', result.out)[1] for result in (
                self.run_python(f"/here/{name}.py", options=[f"--dir={self.folder}::/here"]), self.pylon(f"{name}.py"))]
            self.assertEqual(*found, name)


class CapsInside:
    """What pylon.wasm does besides: its plan's caps are inside."""

    def test_caps_are_inside(self):
        program = """
            import case, crc32c, id_mux, xxhash
            print(hex(crc32c.crc32c(b"123456789")), xxhash.xxh64(b"").hexdigest(), case.snake("parseHTTPResponse"), id_mux.is_valid("ulid", "x"))
            """
        self.assertEqual(self.says(textwrap.dedent(program)), "0xe3069283 ef46db3751d8e999 parse_http_response False\n")
