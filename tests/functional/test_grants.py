"""Each grant allows exactly what it says, and a refusal names the flag that would allow it."""

import json
import os
import unittest

from harness import Case


class Defaults(Case):
    """What a program may read without a flag."""

    def test_script_reads_its_own_directory_and_nothing_else(self):
        self.write("app/data.txt", "data")
        self.write("app/sub/deep.txt", "deep")
        self.write("beside.txt", "beside")
        self.write("app/script.py", """\
            import os, sys
            here = os.path.dirname(os.path.abspath(__file__))
            print(open(here + "/data.txt").read(), open(here + "/sub/deep.txt").read())
            open("beside.txt")
            """)
        result = self.pylon("app/script.py")
        self.assertEqual(result.out, "data deep\n")
        self.assert_refused(result, f"--allow-read={self.folder}/beside.txt")

    def test_code_module_and_input_read_the_working_directory(self):
        self.write("data.txt", "data")
        self.write("tool.py", "print(open('data.txt').read())")
        program = "print(open('data.txt').read())"
        self.assertEqual(self.output("-c", program), "data\n")
        self.assertEqual(self.output("-", stdin=program), "data\n")
        self.assertEqual(self.output("-m", "tool"), "data\n")

    def test_script_in_the_working_directory(self):
        self.write("data.txt", "data")
        self.write("script.py", "print(open('data.txt').read())")
        self.assertEqual(self.output("script.py"), "data\n")

    def test_no_bytecode_is_written_without_a_grant(self):
        self.write("helper.py", "")
        self.write("script.py", "import helper")
        self.assertEqual(self.output("script.py"), "")
        self.assertFalse((self.folder / "__pycache__").exists())

    def test_bytecode_is_written_with_a_grant_and_used(self):
        self.write("helper.py", "print('helper')")
        self.write("script.py", "import helper; print(helper.__cached__.endswith('.pyc'))")
        for _ in range(2):
            self.assertEqual(self.output("--allow-write=.", "script.py"), "helper\nTrue\n")
        self.assertEqual(len(list((self.folder / "__pycache__").glob("helper.*.pyc"))), 1)
        self.assertEqual(self.output("script.py"), "helper\nTrue\n")


class Read(Case):
    """--allow-read."""

    def setUp(self):
        super().setUp()
        self.file = self.write("file.txt", "text", self.outside)

    def test_refusal_names_the_flag_and_the_flag_helps(self):
        code = f"print(open({str(self.file)!r}).read())"
        result = self.pylon("-c", code)
        self.assert_refused(result, f"--allow-read={self.file}")
        self.assertEqual(self.output(f"--allow-read={self.file}", "-c", code), "text\n")

    def test_other_operations_name_it_too(self):
        for code, path in ((f"os.listdir({str(self.outside)!r})", self.outside), (f"os.stat({str(self.file)!r})", self.file),
                           (f"os.scandir({str(self.outside)!r})", self.outside)):
            with self.subTest(code):
                result = self.pylon("-c", f"import os; {code}")
                self.assert_refused(result, f"--allow-read={path}")

    def test_a_directory_with_all_below(self):
        self.write("a/b/c.txt", "deep", self.outside)
        code = f"import os; print(open({str(self.outside / 'a/b/c.txt')!r}).read(), sorted(os.listdir({str(self.outside)!r})))"
        self.assertEqual(self.output(f"--allow-read={self.outside}", "-c", code), "deep ['a', 'file.txt']\n")

    def test_relative_grant_and_relative_use(self):
        self.assertEqual(self.output("--allow-read=../outside", "-c", "print(open('../outside/file.txt').read())"), "text\n")
        self.assertEqual(self.output("--allow-read=../outside/file.txt", "-c", "print(open('../outside/file.txt').read())"),
                         "text\n")

    def test_everything(self):
        for flag in ("--allow-read", "-A", "--allow-all", "--allow-read=/"):
            with self.subTest(flag):
                self.assertEqual(self.output(flag, "-c", f"print(open({str(self.file)!r}).read())"), "text\n")
        self.assertEqual(self.output("--allow-read", "-c", "import os; print('etc' in os.listdir('/'))"), "True\n")

    def test_several(self):
        other = self.write("other/two.txt", "two", self.folder.parent)
        code = f"print(open({str(self.file)!r}).read(), open({str(other)!r}).read())"
        self.assertEqual(self.output(f"--allow-read={self.file}", f"--allow-read={other.parent}", "-c", code), "text two\n")

    def test_a_path_that_does_not_exist(self):
        result = self.pylon("--allow-read=/no/such/place/at/all", "-c", "print('ran')")
        self.assertEqual((result.code, result.out), (2, ""))
        self.assertIn("/no/such/place/at/all", result.err)

    def test_a_missing_file_below_a_grant_is_missing(self):
        result = self.pylon(f"--allow-read={self.outside}", "-c", f"open({str(self.outside / 'none')!r})")
        self.assertEqual(result.code, 1)
        self.assertIn("FileNotFoundError", result.err)
        self.assertNotIn("--allow", result.err)

    def test_an_unreadable_file_stays_unreadable(self):
        if os.geteuid() == 0:
            self.skipTest("root may read everything")
        self.file.chmod(0)
        result = self.pylon(f"--allow-read={self.file}", "-c", f"open({str(self.file)!r})")
        self.assertIn("PermissionError", result.err)

    def test_a_handled_refusal_is_quiet(self):
        code = f"try: open({str(self.file)!r})\nexcept PermissionError: print('handled')"
        result = self.pylon("-c", code)
        self.assertEqual((result.code, result.out, result.err), (0, "handled\n", ""))

    def test_a_path_with_odd_characters_is_quoted_for_the_shell(self):
        odd = self.write("a b'c.txt", "x", self.outside)
        result = self.pylon("-c", f"open({str(odd)!r})")
        self.assertIn("'--allow-read=" + str(odd).replace("'", "'\\''") + "'", result.err)

    def test_as_json(self):
        result = self.pylon("--json", "-c", f"open({str(self.file)!r})")
        self.assertEqual(result.code, 1)
        last = json.loads(result.err.strip().splitlines()[-1])
        self.assertEqual(last["refused"][0]["flag"], f"--allow-read={self.file}")


class Write(Case):
    """--allow-write."""

    def test_refusal_names_the_flag_and_the_flag_helps(self):
        target = self.outside / "new.txt"
        code = f"print(open({str(target)!r}, 'w').write('text'))"
        result = self.pylon("-c", code)
        self.assert_refused(result, f"--allow-write={target}")
        self.assertFalse(target.exists())
        self.assertEqual(self.output(f"--allow-write={target}", "-c", code), "4\n")
        self.assertEqual(target.read_text(), "text")

    def test_removing_what_is_not_there(self):
        self.write("there.txt", "")
        code = """
            import os, pathlib
            pathlib.Path("absent.txt").unlink(missing_ok=True)
            for remove, name in (os.unlink, "absent.txt"), (os.rmdir, "absent"), (os.unlink, "there.txt"):
                try:
                    remove(name)
                except OSError as error:
                    print(type(error).__name__)
            """
        self.assertEqual(self.code(code).out, "FileNotFoundError\nFileNotFoundError\nPermissionError\n")
        self.assertTrue((self.folder / "there.txt").exists())

    def test_writing_in_the_working_directory_needs_the_flag(self):
        result = self.pylon("-c", "open('new.txt', 'w')")
        self.assert_refused(result, f"--allow-write={self.folder}/new.txt")

    def test_everything_that_writing_means(self):
        code = """
            import os, pathlib, shutil, tempfile
            os.mkdir("d"); os.makedirs("d/e/f"); pathlib.Path("d/a.txt").write_text("one\\n")
            with open("d/a.txt", "a") as f: f.write("two\\n")
            os.rename("d/a.txt", "d/b.txt"); shutil.copy("d/b.txt", "d/c.txt"); os.replace("d/c.txt", "d/e/c.txt")
            os.symlink("b.txt", "d/link"); os.link("d/b.txt", "d/hard"); os.truncate("d/hard", 3)
            os.utime("d/b.txt", (1, 2)); print(os.stat("d/b.txt").st_mtime, os.stat("d/b.txt").st_nlink)
            with open("d/b.txt", "r+b") as f: f.seek(1); f.write(b"N"); f.seek(0); print(f.read())
            with tempfile.TemporaryDirectory(dir=".") as t: pathlib.Path(t, "x").touch(); print(os.listdir(t))
            print(sorted(os.listdir("d")), os.readlink("d/link"), os.path.exists(t))
            shutil.rmtree("d"); print(os.listdir("."))
            """
        result = self.code(code, before=("--allow-write=.",))
        self.assertEqual((result.code, result.err), (0, ""))
        self.assertEqual(result.out, "2.0 2\nb'oNe'\n['x']\n['b.txt', 'e', 'hard', 'link'] b.txt False\n[]\n")

    def test_a_file_grant_allows_that_file_only(self):
        target = self.write("one.txt", "", self.outside)
        grant = f"--allow-write={target}"
        self.output(grant, "-c", f"open({str(target)!r}, 'w').write('x')")
        for code in (f"open({str(self.outside / 'two.txt')!r}, 'w')", f"import os; os.mkdir({str(self.outside / 'd')!r})"):
            result = self.pylon(grant, "-c", code)
            self.assert_refused(result, "--allow-write=")
        self.assertEqual(os.listdir(self.outside), ["one.txt"])

    def test_new_files_have_the_users_mode(self):
        self.output("--allow-write=.", "-c", "open('new.txt', 'w').close()")
        umask = os.umask(0)
        os.umask(umask)
        self.assertEqual((self.folder / "new.txt").stat().st_mode & 0o777, 0o666 & ~umask)

    def test_sqlite(self):
        code = ("import sqlite3; c = sqlite3.connect('t.db'); c.execute('create table t(a)'); "
                "c.executemany('insert into t values(?)', [(i,) for i in range(1000)]); c.commit(); "
                "print(c.execute('select sum(a) from t').fetchone())")
        self.assertEqual(self.output("--allow-write=.", "-c", code), "(499500,)\n")
        self.assertEqual(self.output("-c", "import sqlite3; print(sqlite3.connect('file:t.db?mode=ro&immutable=1', uri=True)"
                                     ".execute('select count(*) from t').fetchone())"), "(1000,)\n")


if __name__ == "__main__":
    unittest.main()
