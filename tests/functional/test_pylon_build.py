"""pylon-build: its exit codes, and images and snapshots from damaged or missing input."""

import os
import pathlib
import shutil
import unittest

from harness import PYLON, Case, execute

BUILD = pathlib.Path(os.environ.get("PYLON_BUILD") or PYLON.parent.parent) / "bin" / "pylon-build"
LIBRARY = PYLON.parent.parent / "lib" / "pylon"
VERSION = "3.14.0"


@unittest.skipUnless(BUILD.exists(), "pylon-build is not part of this tree")
class PylonBuild(Case):
    def build(self, *words):
        return execute([BUILD, *words], cwd=self.folder)

    def assert_error(self, result, code, *words):
        """The exit code, nothing on standard output, and a message with the words."""
        self.assertEqual((result.code, result.out), (code, ""), result)
        for word in words:
            self.assertIn(word, result.err)

    def copy_of_images(self):
        """A lib/pylon with the cold image only."""
        lib = self.folder / "lib"
        lib.mkdir()
        for name in ("python.cold.cwasm", "python.cold.cwasm.image.json"):
            shutil.copyfile(LIBRARY / name, lib / name)
        if (LIBRARY / "python.native").exists():
            shutil.copyfile(LIBRARY / "python.native", lib / "python.native")
        (lib / "python3.14").symlink_to(LIBRARY / "python3.14")
        return lib

    def test_help_names_subcommands_and_exit_codes(self):
        result = self.build("--help")
        self.assertEqual(result.code, 0)
        for word in ("fuse", "images", "snapshot", "manifest", "Exit codes", "125"):
            self.assertIn(word, result.out)

    def test_wrong_command_lines(self):
        for words in ([], ["melt"], ["fuse"], ["fuse", "a.so"], ["images", "--wasm"],
                      ["fuse", "a.so", "-o", "x", "--optimize", "most"], ["fuse", "a.so", "-o", "x", "--wrap", "f"]):
            self.assertEqual(self.build(*words).code, 2, words)

    def test_fusing_what_is_no_library(self):
        self.assert_error(self.build("fuse", "gone.so", "-o", "x"), 1, "gone.so")
        (self.folder / "junk.so").write_bytes(b"\x7fELF and so on")
        self.assert_error(self.build("fuse", "junk.so", "-o", "x"), 1, "junk.so, byte 0x0: not a WebAssembly file")
        self.assertFalse((self.folder / "x").exists())

    def test_images_of_what_is_no_component(self):
        (self.folder / "junk.wasm").write_bytes(b"\0asm\x0d\0\x01\0\x01\xff")
        self.assert_error(self.build("images", "--wasm", "junk.wasm", "-o", "."), 1, "junk.wasm, byte 0xa")
        (self.folder / "empty.wasm").write_bytes(b"\0asm\x0d\0\x01\0")
        self.assert_error(self.build("images", "--wasm", "empty.wasm", "-o", "."), 1, "contains no fused module")
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["empty.wasm", "junk.wasm"])

    def test_two_snapshots_differ(self):
        lib = self.copy_of_images()
        contents = []
        for _ in range(2):
            result = self.build("snapshot", "--lib", lib, "--python", VERSION)
            self.assertEqual(result.code, 0, result)
            contents.append((lib / "python.snapshot.cwasm").read_bytes())
        self.assertNotEqual(*contents)
        self.assertEqual(len(contents[0]), (lib / "python.cold.cwasm").stat().st_size)

    def test_snapshot_of_a_damaged_image(self):
        lib = self.copy_of_images()
        cold = lib / "python.cold.cwasm"
        data = bytearray(cold.read_bytes())
        data[len(data) // 2] ^= 1
        cold.write_bytes(data)
        result = self.build("snapshot", "--lib", lib, "--python", VERSION)
        self.assert_error(result, 1, "python.cold.cwasm is not the file", "pylon-build images")
        self.assertFalse((lib / "python.snapshot.cwasm").exists())

    def test_snapshot_without_a_library(self):
        lib = self.copy_of_images()
        (lib / "python3.14").unlink()
        (lib / "python3.14").mkdir()
        result = self.build("snapshot", "--lib", lib, "--python", VERSION)
        self.assert_error(result, 125, "could not initialise", "encodings")
        self.assertFalse((lib / "python.snapshot.cwasm").exists())


if __name__ == "__main__":
    unittest.main()
