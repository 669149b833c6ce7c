"""pylon.wasm under the `wasmtime` command. Building it takes minutes, so it is tested where it is (or where WASMTIME names it)."""

import os
import shutil
import subprocess
import unittest

from hosts import CapsInside, HostCase, Promises

WASMTIME = os.environ.get("WASMTIME") or shutil.which("wasmtime")


class Command(Promises, CapsInside, HostCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not WASMTIME:
            raise unittest.SkipTest("no wasmtime in PATH, and WASMTIME names none")
        cls.code = cls.work / "pylon.cwasm"
        subprocess.run([WASMTIME, "compile", cls.file, "-o", cls.code], check=True)

    def command(self, options, arguments):
        return [WASMTIME, "run", "--allow-precompiled", *options, self.code, *arguments]


if __name__ == "__main__":
    unittest.main()
