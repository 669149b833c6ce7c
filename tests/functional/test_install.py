"""`cmake --install`: the tree under another prefix runs by itself."""

import os
import pathlib
import subprocess
import unittest

import harness

BUILD = pathlib.Path(os.environ.get("PYLON_BUILD") or harness.PYLON.parent.parent)


class Install(harness.Case):
    def installed(self, *words):
        command = [str(self.folder / "prefix/bin" / words[0]), *words[1:]]
        return subprocess.run(command, capture_output=True, text=True, env=harness.environment(), cwd=self.folder, timeout=harness.SECONDS)

    def test_another_prefix(self):
        made = subprocess.run(["cmake", "--install", BUILD, "--prefix", self.folder / "prefix"], capture_output=True, text=True)
        self.assertEqual(made.returncode, 0, made.stderr)
        program = "import sys, zlib, blake3; print(zlib.decompress(zlib.compress(b'a' * 9)), blake3.blake3(b'').hexdigest()[:4], sys.version_info[:2])"
        for flags in ([], ["--cold"]):
            result = self.installed("pylon", *flags, "-c", program)
            self.assertEqual((result.stdout, result.returncode), ("b'aaaaaaaaa' af13 (3, 14)\n", 0), result)
        result = self.installed("pylon", "doctor")
        self.assertEqual(result.returncode, 0, result)
        result = self.installed("composectl", "plan", "verify")
        self.assertEqual(result.returncode, 0, result)


if __name__ == "__main__":
    unittest.main()
