"""The sizes that were promised: a launcher of at most 7 MB, a python.wasm of at most 5 MB compressed."""

import os
import pathlib
import re
import subprocess
import unittest

BUILD = pathlib.Path(os.environ["PYLON_BUILD"])
MB = 1_000_000


def setting(name):
    """A variable of the build folder's CMake cache."""
    return re.search(rf"^{name}:\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.M)[1]


class Budgets(unittest.TestCase):
    @unittest.skipIf(setting("PYLON_SANITIZE") == "ON" or setting("CMAKE_BUILD_TYPE") != "Release", "only a release build is small")
    def test_launcher(self):
        self.assertLessEqual((BUILD / "bin/pylon").stat().st_size, 7 * MB)

    @unittest.skipIf(setting("PYLON_OPTIMIZE") != "ON", "only an optimised python.wasm is small")
    def test_compressed_python(self):
        packed = subprocess.run(["zstd", "-19", "-q", "-c", BUILD / "lib/pylon/python.wasm"], check=True, capture_output=True).stdout
        self.assertLessEqual(len(packed), 5 * MB)


if __name__ == "__main__":
    unittest.main()
