"""Bad input: each a clear message, a documented exit code, nothing lost."""

import errno
import json
import os
import shutil
import subprocess
import unittest

from harness import PYLON, SECONDS, Case, command, environment, execute


class Scripts(Case):
    """Scripts that cannot be run."""

    def assert_unusable(self, result, *words):
        """Exit code 2, nothing on standard output, a message with the words, no traceback."""
        self.assertEqual((result.code, result.out), (2, ""), result)
        for word in words:
            self.assertIn(word, result.err)
        self.assertNotIn("Traceback", result.err)

    def test_missing_file(self):
        self.assert_unusable(self.pylon("missing.py"), "missing.py", os.strerror(errno.ENOENT))

    def test_misspelt_command(self):
        self.assert_unusable(self.pylon("docter"), "docter", "doctor")

    def test_directory_without_main(self):
        (self.folder / "empty").mkdir()
        self.assert_unusable(self.pylon("empty"), "empty", "__main__")

    def test_file_below_a_file(self):
        self.write("file.py", "")
        self.assert_unusable(self.pylon("file.py/script.py"), "file.py/script.py", os.strerror(errno.ENOTDIR))

    def test_link_to_nowhere_and_to_itself(self):
        (self.folder / "nowhere.py").symlink_to("gone.py")
        (self.folder / "itself.py").symlink_to("itself.py")
        self.assert_unusable(self.pylon("nowhere.py"), "nowhere.py")
        self.assert_unusable(self.pylon("itself.py"), "itself.py")

    def test_unreadable_file(self):
        if os.geteuid() == 0:
            self.skipTest("root may read everything")
        self.write("closed.py", "print(1)").chmod(0)
        self.assert_unusable(self.pylon("closed.py"), "closed.py", os.strerror(errno.EACCES))

    def test_device_and_pipe(self):
        os.mkfifo(self.folder / "fifo.py")
        self.assert_unusable(self.pylon("fifo.py"), "fifo.py")
        self.assert_unusable(self.pylon("/dev/zero"), "/dev/zero")

    def test_very_long_name(self):
        self.assert_unusable(self.pylon("x" * 5000 + ".py"), os.strerror(errno.ENAMETOOLONG))

    def test_binary_junk(self):
        for junk in (os.urandom(5000), b"\x7fELF" + bytes(1000), b"\0" * 100, bytes(range(256)) * 10, b"\xff\xfe" * 100):
            result = self.pylon(self.write("junk.py", junk))
            self.assertEqual((result.code, result.out), (1, ""), result)
            self.assertRegex(result.err, "SyntaxError|SourceError|null bytes|UnicodeDecodeError")

    def test_broken_zip_file(self):
        result = self.pylon(self.write("app.zip", b"PK\x03\x04" + os.urandom(1000)))
        self.assertEqual((result.code, result.out), (1, ""), result)
        self.assertTrue(result.err)

    def test_broken_bytecode(self):
        for junk in (b"", b"\x2b\x0e\r\n" + bytes(12) + b"\xe3" * 100, os.urandom(300)):
            result = self.pylon(self.write("module.pyc", junk))
            self.assertNotIn(result.code, (0, 134) if junk else (134,), result)

    def test_bad_utf_8(self):
        result = self.pylon(self.write("bad.py", b"print('a')\nx = '\xff'\n"))
        self.assertEqual((result.code, result.out), (1, ""))
        self.assertIn("SyntaxError", result.err)
        self.assertIn("bad.py", result.err)

    def test_empty_script(self):
        for text in (b"", b"\n", b"# nothing", b"\xef\xbb\xbfprint()", b"\r\n\r\n"):
            self.assertEqual(self.pylon(self.write("empty.py", text)).code, 0)

    def test_endings_of_lines(self):
        for text in (b"x = 1\r\nprint(x)\r\n", b"x = 1\rprint(x)\r", b"x = 1\nprint(x)"):
            self.assertEqual(self.output(self.write("lines.py", text)), "1\n")

    def test_a_very_long_line_and_a_very_long_script(self):
        self.assertEqual(self.output(self.write("long.py", "print(len('" + "x" * 10**6 + "'))")), "1000000\n")
        self.assertEqual(self.output(self.write("long.py", "x = 1\n" * 100_000 + "print('end')")), "end\n")

    def test_long_arguments(self):
        self.assertEqual(self.output("-c", "import sys; print(len(sys.argv[1]), len(sys.argv))", "x" * 100_000,
                                     *["y"] * 2000), "100000 2002\n")

    def test_errors_as_json(self):
        result = self.pylon("--json", "missing.py")
        self.assertEqual((result.code, result.out), (2, ""))
        error = json.loads(result.err)["error"]
        self.assertEqual((error["kind"], error["exit_code"]), ("input", 2))
        self.assertIn("missing.py", error["message"])

    def test_deleted_working_directory(self):
        gone = self.folder / "gone"
        gone.mkdir()
        result = execute(["/bin/sh", "-c", 'rmdir ../gone; exec "$@"', "sh", *command(["-c", "print(1)"])], cwd=gone)
        self.assertEqual((result.code, result.out), (2, ""), result)
        self.assertIn("working directory", result.err)

    def test_arguments_that_are_not_utf_8(self):
        result = self.pylon("-c", "import sys; print(ascii(sys.argv[1]))", os.fsdecode(b"a\xffb"))
        if result.code == 0:
            self.assertEqual(result.out, "'a\\udcffb'\n")
        else:
            self.assertEqual(result.code, 2)
            self.assertIn("UTF-8", result.err)


class Disks(Case):
    """A disk that is full."""

    def test_output_to_a_full_disk(self):
        with open("/dev/full", "w") as full:
            for code, expected in (("print('x')", 120), ("print('x', flush=True)", 1),
                                   ("import sys; sys.stdout.buffer.raw.write(b'x')", 1)):
                done = subprocess.run(command(["-c", code]), stdout=full, stderr=subprocess.PIPE, env=environment(),
                                      cwd=self.folder, timeout=SECONDS)
                self.assertIn(done.returncode, (expected, 120), done.stderr)
                self.assertIn(b"No space left on device", done.stderr)

    def test_a_file_on_a_full_disk(self):
        code = """
            import errno
            try:
                open("/dev/full", "r+b", 0).write(b"x")
            except OSError as error:
                print(error.errno == errno.ENOSPC, error)
            """
        result = self.code(code, before=["--allow-write=/dev/full"])
        self.assertRegex(result.out, r"^True \[Errno \d+\] No space left on device\n$", result)

    def test_a_limit_on_the_size_of_files(self):
        words = ["/bin/sh", "-c", 'trap "" XFSZ; ulimit -f 16; exec "$@"', "sh",
                 *command(["--allow-write=.", "-c", "open('big', 'wb').write(bytes(1 << 20))"])]
        result = execute(words, cwd=self.folder)
        self.assertEqual(result.code, 1, result)
        self.assertRegex(result.err, r"OSError: \[Errno \d+\] File too large")


class Install(Case):
    """An install that is incomplete or damaged."""

    def setUp(self):
        super().setUp()
        root = PYLON.parent.parent
        self.install = self.folder.parent / "install"
        (self.install / "bin").mkdir(parents=True)
        shutil.copy2(PYLON, self.install / "bin" / "pylon")
        shutil.copytree(root / "lib" / "pylon", self.install / "lib" / "pylon", symlinks=True)
        self.data = self.install / "lib" / "pylon"

    def run_copy(self, *arguments):
        return execute([self.install / "bin" / "pylon", *arguments], cwd=self.folder)

    def damage(self, name, position=None):
        """Changes bytes in the middle of a file, or at `position`."""
        path = self.data / name
        path.chmod(0o644)
        with open(path, "r+b") as file:
            file.seek(path.stat().st_size // 2 if position is None else position)
            old = file.read(64)
            file.seek(-len(old), os.SEEK_CUR)
            file.write(bytes(byte ^ 0x5A for byte in old))

    def test_a_copy_works_from_anywhere(self):
        self.assertEqual(self.run_copy("-c", "print('copied')").out, "copied\n")
        self.assertEqual(self.run_copy("doctor").code, 0)

    def test_started_through_a_link(self):
        link = self.folder / "python"
        link.symlink_to(self.install / "bin" / "pylon")
        self.assertEqual(execute([link, "-c", "print('linked')"], cwd=self.folder).out, "linked\n")

    def test_nothing_beside_the_launcher(self):
        shutil.rmtree(self.data)
        result = self.run_copy("-c", "print(1)")
        self.assertEqual((result.code, result.out), (125, ""))
        self.assertIn("install", result.err.lower())

    def test_missing_snapshot_is_made_again(self):
        (self.data / "python.snapshot.cwasm").unlink()
        self.assertEqual(self.run_copy("-c", "print(1)").out, "1\n")
        self.assertEqual(self.run_copy("doctor", "--repair").code, 0)
        self.assertTrue((self.data / "python.snapshot.cwasm").exists())

    def test_corrupt_snapshot(self):
        for position in (0, 100, None):
            with self.subTest(position):
                self.damage("python.snapshot.cwasm", position)
                self.assertEqual(self.run_copy("doctor").code, 125)
                result = self.run_copy("-c", "print(1)")
                if result.code != 0:
                    self.assertEqual((result.code, result.out), (125, ""), result)
                    self.assertIn("pylon", result.err)
                self.assertEqual(self.run_copy("doctor", "--repair").code, 0)
                self.assertEqual(self.run_copy("-c", "print(1)").out, "1\n")

    def test_shortened_images(self):
        for name in ("python.snapshot.cwasm", "python.cold.cwasm"):
            with self.subTest(name):
                path = self.data / name
                whole = path.read_bytes()
                path.chmod(0o644)
                path.write_bytes(whole[:len(whole) // 3])
                result = self.run_copy("-b" if "cold" in name else "-B", "-c", "print(1)")
                self.assertIn(result.code, (0, 125), result)
                if result.code == 125:
                    self.assertIn(name.split(".")[1], result.err)
                self.assertEqual(self.run_copy("doctor").code, 125)
                path.write_bytes(whole)

    def test_empty_images(self):
        for name in ("python.snapshot.cwasm", "python.cold.cwasm", "manifest.json"):
            with self.subTest(name):
                path = self.data / name
                whole = path.read_bytes()
                path.chmod(0o644)
                path.write_bytes(b"")
                result = self.run_copy("-b" if "cold" in name else "-B", "-c", "print(1)")
                self.assertIn(result.code, (0, 125), result)
                path.write_bytes(whole)

    def test_broken_manifest(self):
        path = self.data / "manifest.json"
        path.chmod(0o644)
        for text in ("{", "[]", "null", '{"version": "99"}', "\0"):
            with self.subTest(text):
                path.write_text(text)
                result = self.run_copy("-c", "print(1)")
                self.assertEqual((result.code, result.out), (125, ""))
                self.assertIn("manifest", result.err)

    def test_damaged_library_is_found_by_the_doctor(self):
        library = next(self.data.glob("python3.*/json/decoder.py"))
        library.chmod(0o644)
        library.write_text(library.read_text() + "\n# changed\n")
        result = self.run_copy("doctor", "--json")
        self.assertEqual(result.code, 125)
        checks = {check["subject"]: check for check in json.loads(result.out)["checks"]}
        self.assertFalse(checks["standard library"]["ok"])
        self.assertTrue(checks["standard library"]["advice"])


class Commands(Case):
    """The launcher's own commands."""

    def test_info(self):
        self.assertIn("CPython 3.14", self.output("info"))
        info = json.loads(self.output("info", "--json"))
        self.assertEqual(info["python"][:5], "3.14.")
        self.assertRegex(info["files"]["python.cold.cwasm"]["sha256"], "^[0-9a-f]{64}$")
        self.assertTrue(os.path.isdir(info["library"]["path"]))

    def test_doctor(self):
        self.output("doctor")
        self.assertTrue(json.loads(self.output("doctor", "--json"))["ok"])

    def test_a_file_with_a_commands_name_is_a_script(self):
        self.write("info", "print('a script')")
        self.assertEqual(self.output("./info"), "a script\n")


if __name__ == "__main__":
    unittest.main()
