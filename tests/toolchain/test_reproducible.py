"""Two build folders, one digest: python.wasm depends on its inputs alone."""

import hashlib
import os
import pathlib
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["PYLON_BUILD"])
SOURCE = pathlib.Path(os.environ["PYLON_SOURCE"])


def build_python_wasm(folder):
    """Builds python.wasm (folded) in a folder, without help from the cache of steps; returns its digest."""
    subprocess.run(["cmake", "-G", "Ninja", "-S", SOURCE, "-B", folder, "-DPYLON_OPTIMIZE=OFF", f"-DPYLON_STEPS={folder}/steps",
                    f"-DPYLON_BUILD_PROGRAM={BUILD}/bin/pylon-build", f"-DPYLON_PROFILE={os.environ['PYLON_PROFILE']}"],
                   check=True, capture_output=True, text=True)
    subprocess.run(["ninja", "-C", folder, "python-wasm"], check=True, capture_output=True, text=True)
    return hashlib.sha256((folder / "lib/pylon/python.wasm").read_bytes()).hexdigest()


class Reproducible(unittest.TestCase):
    def test_two_folders_give_the_same_python_wasm(self):
        with tempfile.TemporaryDirectory() as folder:
            one = build_python_wasm(pathlib.Path(folder) / "one")
            other = build_python_wasm(pathlib.Path(folder) / "another/folder with a space")
        self.assertEqual(one, other)


if __name__ == "__main__":
    unittest.main()
