"""pylon.wasm under the stock `wasmtime` package of PyPI, by docs/hosts/wheel.py."""

import os
import shutil
import sys
import unittest

from harness import execute
from hosts import PROGRAMS, PYLON_WASM, HostCase, Promises, wheel


class Wheel(Promises, HostCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.packages = wheel()
        cls.component = cls.work / "pylon.wasm"  # its machine code comes to lie beside it
        shutil.copy(PYLON_WASM, cls.component)

    def command(self, options, arguments):
        return [sys.executable, PROGRAMS / "wheel.py", *options, self.component, *arguments]

    def run_python(self, *arguments, options=(), **more):
        env = {**os.environ, "PYTHONPATH": str(self.packages), "PYTHONDONTWRITEBYTECODE": "1"}
        return execute(self.command(options, arguments), cwd=self.folder, env=env, **more)

    def test_code_of_another_kind_is_made_anew(self):
        self.assertEqual(self.says("print(1)"), "1\n")
        code = self.component.with_suffix(".cwasm")
        code.write_bytes(b"not code")
        self.assertEqual(self.says("print(2)"), "2\n")
        self.assertGreater(code.stat().st_size, 1_000_000)


if __name__ == "__main__":
    unittest.main()
