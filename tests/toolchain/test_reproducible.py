"""Two folders, one digest: python.wasm, the library's bytecode and composed files depend on their inputs alone."""

import hashlib
import os
import pathlib
import re
import shutil
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


def sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def tree(folder):
    """The digest of each file in a folder."""
    return {path.relative_to(folder).as_posix(): sha256(path) for path in sorted(folder.rglob("*")) if path.is_file()}


class Reproducible(unittest.TestCase):
    def test_two_folders_give_the_same_python_wasm(self):
        with tempfile.TemporaryDirectory() as folder:
            one = build_python_wasm(pathlib.Path(folder) / "one")
            other = build_python_wasm(pathlib.Path(folder) / "another/folder with a space")
        self.assertEqual(one, other)

    def test_the_library_is_compiled_to_the_same_bytecode(self):
        version = re.search('"python": "(.*)"', (BUILD / "lib/pylon/manifest.json").read_text())[1]
        with tempfile.TemporaryDirectory(dir=BUILD) as folder:  # it is linked to the image, so it is on the same file system
            made = pathlib.Path(folder) / "bytecode"
            subprocess.run([SOURCE / "toolchain/compile-library", BUILD / "bin/pylon", BUILD / "bin/pylon-build", version, BUILD / "lib/pylon/python.cold.cwasm",
                            BUILD / "library/sources", pathlib.Path(folder) / "bootstrap", made], check=True, capture_output=True, text=True)
            self.assertEqual(tree(made), tree(BUILD / "library/bytecode"))

    def test_another_install_composes_the_same_files(self):
        with tempfile.TemporaryDirectory() as folder:
            install = pathlib.Path(folder) / "another place/installed"
            shutil.copytree(BUILD / "lib/pylon", install / "lib/pylon", ignore=shutil.ignore_patterns("facades", "code", "stamps"))
            (install / "bin").mkdir()
            for program in ("composectl", "pylon", "pylon-build"):
                shutil.copy(BUILD / "bin" / program, install / "bin")
            for plan, options, file in (("embed", [], "pylon.wasm"), ("minimal", ["--small"], "pylon-minimal.wasm")):
                with self.subTest(file):
                    subprocess.run([install / "bin/composectl", "compose", install / f"lib/pylon/plans/{plan}.json", *options, f"--output={folder}/{file}",
                                    f"--home={folder}/home"], check=True, capture_output=True, text=True)
                    self.assertEqual(sha256(pathlib.Path(folder) / file), sha256(BUILD / "lib/pylon" / file))


if __name__ == "__main__":
    unittest.main()
