"""pylon.wasm and pylon-minimal.wasm under the stock `wasmtime` package of PyPI, by docs/hosts/wheel.py."""

import os
import shutil
import sys
import textwrap
import unittest

from harness import execute
from hosts import MINIMAL, PROGRAMS, CapsInside, HostCase, Promises, wheel


class Wheel(Promises):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.packages = wheel()
        cls.component = cls.work / "pylon.wasm"  # its machine code comes to lie beside it
        shutil.copy(cls.file, cls.component)

    def command(self, options, arguments):
        return [sys.executable, PROGRAMS / "wheel.py", *options, self.component, *arguments]

    def run_python(self, *arguments, options=(), **more):
        env = {**os.environ, "PYTHONPATH": str(self.packages), "PYTHONDONTWRITEBYTECODE": "1"}
        return execute(self.command(options, arguments), cwd=self.folder, env=env, **more)

    def test_engines_map_the_image(self):
        # wasmtime copies an image at every start whose span is twice its bytes or more (and over 16 MiB).
        spans = [(address, address + size) for address, size in data_segments(self.file.read_bytes()) if address >= STACK]
        covered = max(end for _, end in spans) - min(start for start, _ in spans)
        self.assertLess(covered, 2 * sum(end - start for start, end in spans))


class WithCaps(Wheel, CapsInside, HostCase):
    def test_code_of_another_kind_is_made_anew(self):
        self.assertEqual(self.says("print(1)"), "1\n")
        code = self.component.with_suffix(".cwasm")
        code.write_bytes(b"not code")
        self.assertEqual(self.says("print(2)"), "2\n")
        self.assertGreater(code.stat().st_size, 1_000_000)


class Minimal(Wheel, HostCase):
    file = MINIMAL

    def test_exit_codes_of_a_file_that_leaves_them_to_the_host(self):
        build = self.file.parents[2]
        component = self.component.with_name("codes.wasm")
        made = execute([build / "bin" / "composectl", "compose", self.file.parent / "plans" / "minimal.json", f"--install={build}",
                        "--small", "--exit-codes", "-o", component])
        self.assertEqual(made.code, 0, made.err)
        self.component, plain = component, self.component
        self.assertEqual(self.run_python("-c", "raise SystemExit(42)").code, 42)
        self.component = plain
        self.assertEqual(self.run_python("-c", "raise SystemExit(42)").code, 1)

    def test_what_shares_modules_with_what_is_left_out_is_there(self):
        self.assertEqual(self.says("import doctest, pdb, pydoc, unittest.mock; print(pdb.__name__, pydoc.__name__)"), "pdb pydoc\n")

    def test_every_module_of_the_library_can_be_compiled(self):
        program = """
            import importlib, sys
            imported = 0
            for name in sorted(sys.stdlib_module_names - {"antigravity", "this"}):
                try:
                    importlib.import_module(name)
                    imported += 1
                except ImportError:
                    pass  # left out, or of another system
            print(imported > 200)
            """
        self.assertTrue(self.says(textwrap.dedent(program)).endswith("True\n"))


STACK = 16 << 20  # Python's data lie above it, those of the small components beside it below
CORE_MODULE, COMPONENT = 1, 4  # sections of a component
DATA = 11  # of a core module
I32_CONST, END = 0x41, 0x0B


def data_segments(binary, start=0, end=None):
    """(address, size) of the active data segments of all core modules in a component."""
    component = binary[start + 6] == 1
    at, end = start + 8, end or len(binary)
    while at < end:
        kind = binary[at]
        size, at = unsigned(binary, at + 1)
        if component and kind in (CORE_MODULE, COMPONENT):
            yield from data_segments(binary, at, at + size)
        elif not component and kind == DATA:
            count, inside = unsigned(binary, at)
            for _ in range(count):
                flags, inside = unsigned(binary, inside)
                address = None
                if flags == 0 and binary[inside] == I32_CONST:
                    address, inside = unsigned(binary, inside + 1)  # addresses here stay below 2 GiB
                    assert binary[inside] == END
                    inside += 1
                length, inside = unsigned(binary, inside)
                inside += length
                if address is not None:
                    yield address, length
        at += size


def unsigned(binary, at):
    """A LEB128 number and where it ends."""
    value = shift = 0
    while True:
        byte = binary[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


if __name__ == "__main__":
    unittest.main()
