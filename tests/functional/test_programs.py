"""Programs as people start them: a script with arguments and streams, -c, -m, -, a directory, a zip file."""

import subprocess
import unittest
import zipfile

from harness import SECONDS, Case, command, environment


class Ways(Case):
    """Every way to name a program."""

    def test_script_with_arguments_and_streams(self):
        script = self.write("script.py", """\
            import sys
            for line in sys.stdin:
                print(sys.argv[1:], line.rstrip().upper())
            print("to stderr", file=sys.stderr)
            """)
        result = self.pylon(script, "one", "two words", "--three", stdin="a\nb\n")
        self.assertEqual(result.code, 0)
        self.assertEqual(result.out, "['one', 'two words', '--three'] A\n['one', 'two words', '--three'] B\n")
        self.assertEqual(result.err, "to stderr\n")

    def test_arguments_after_the_script_belong_to_it(self):
        script = self.write("script.py", "import sys; print(sys.argv[1:])")
        words = ["-c", "-V", "--allow-all", "--timeout=1", "--", "-", "--help", ""]
        self.assertEqual(self.output(script, *words), f"{words}\n")

    def test_relative_script(self):
        self.write("sub/script.py", "import sys, os; print(sys.argv[0], sys.path[0], os.getcwd())")
        self.assertEqual(self.output("sub/script.py"), f"sub/script.py {self.folder}/sub {self.folder}\n")

    def test_code(self):
        self.assertEqual(self.output("-c", "print(1)"), "1\n")
        self.assertEqual(self.output("-c", "import sys; print(sys.argv)", "-x", "y"), "['-c', '-x', 'y']\n")

    def test_code_joined_to_its_option(self):
        self.assertEqual(self.output("-cprint(2)"), "2\n")

    def test_module_of_the_standard_library(self):
        real = self.write("real.json", '{"b": [1, 2], "a": null}')
        self.assertEqual(self.output("-m", "json.tool", "--compact", real.name), '{"b":[1,2],"a":null}\n')

    def test_module_beside_the_user(self):
        self.write("tool/__init__.py", "")
        self.write("tool/__main__.py", "import sys; print(__name__, __package__, sys.argv)")
        self.assertEqual(self.output("-m", "tool", "x"),
                         f"__main__ tool ['{self.folder}/tool/__main__.py', 'x']\n")

    def test_program_on_standard_input(self):
        self.assertEqual(self.output("-", "a", stdin="import sys\nprint(sys.argv, __name__)\n"), "['-', 'a'] __main__\n")
        self.assertEqual(self.output(stdin="print('no dash')"), "no dash\n")

    def test_directory(self):
        self.write("app/__main__.py", "import helper; print(helper.NAME, __name__)")
        self.write("app/helper.py", "NAME = 'from the directory'")
        self.assertEqual(self.output("app"), "from the directory __main__\n")

    def test_zip_file(self):
        with zipfile.ZipFile(self.folder / "app.zip", "w") as archive:
            archive.writestr("__main__.py", "import helper, sys; print(helper.NAME, sys.argv)")
            archive.writestr("helper.py", "NAME = 'from the zip'")
        self.assertEqual(self.output("app.zip", "x"), "from the zip ['app.zip', 'x']\n")

    def test_compiled_script(self):
        import_code = "import py_compile; py_compile.compile('a.py', 'a.pyc')"
        self.write("a.py", "print('compiled', __name__)")
        self.output("--allow-write=.", "-c", import_code)
        self.assertEqual(self.output("a.pyc"), "compiled __main__\n")

    def test_script_through_a_symbolic_link(self):
        self.write("real/script.py", "import helper; print(helper.NAME)")
        self.write("real/helper.py", "NAME = 'beside the real file'")
        (self.folder / "link.py").symlink_to("real/script.py")
        self.assertEqual(self.output("link.py"), "beside the real file\n")

    def test_a_first_line_for_the_shell(self):
        script = self.write("run", "#!/usr/bin/env pylon\nprint('script without .py')\n")
        self.assertEqual(self.output(script), "script without .py\n")

    def test_source_in_another_encoding(self):
        script = self.write("latin.py", b"# -*- coding: latin-1 -*-\nprint(ascii('\xe9'))\n")
        self.assertEqual(self.output(script), "'\\xe9'\n")

    def test_modules_beside_the_script(self):
        self.write("app/script.py", "import package.part; print(package.part.where())")
        self.write("app/package/__init__.py", "")
        self.write("app/package/part.py", "def where(): return __name__, __file__")
        self.assertEqual(self.output("app/script.py"),
                         f"('package.part', '{self.folder}/app/package/part.py')\n")

    def test_data_beside_the_script(self):
        self.write("app/data.txt", "the data\n")
        self.write("app/script.py", "import pathlib; print(pathlib.Path(__file__).with_name('data.txt').read_text())")
        self.assertEqual(self.output("app/script.py"), "the data\n\n")

    def test_platform(self):
        code = "import platform; print(platform.libc_ver(), platform.python_implementation(), platform.machine())"
        self.assertEqual(self.output("-c", code), "('', '') CPython wasm32\n")

    def test_pythonpath(self):
        self.write("library.py", "NAME = 'found'", self.outside)
        env = environment(PYTHONPATH=str(self.outside))
        self.assertEqual(self.output("-c", "import library; print(library.NAME)", env=env), "found\n")


class Main(Case):
    """__main__ and sys for each way of starting."""

    SHOW = ("import sys; print(__name__, __file__ if '__file__' in globals() else None, "
            "__spec__ and __spec__.name, sys.argv, sys.path[0], sys.orig_argv[1:])")

    def test_script(self):
        self.write("a/script.py", self.SHOW)
        self.assertEqual(self.output("a/script.py", "x"),
                         f"__main__ {self.folder}/a/script.py None ['a/script.py', 'x'] {self.folder}/a "
                         "['a/script.py', 'x']\n")

    def test_code(self):
        self.assertEqual(self.output("-c", self.SHOW, "x"),
                         f"__main__ None None ['-c', 'x']  ['-c', {self.SHOW!r}, 'x']\n")

    def test_module(self):
        self.write("module.py", self.SHOW)
        self.assertEqual(self.output("-m", "module", "x"),
                         f"__main__ {self.folder}/module.py module ['{self.folder}/module.py', 'x'] {self.folder} "
                         "['-m', 'module', 'x']\n")

    def test_standard_input(self):
        self.assertEqual(self.output("-", "x", stdin=self.SHOW),
                         "__main__ <stdin> None ['-', 'x']  ['-', 'x']\n")

    def test_directory(self):
        self.write("app/__main__.py", self.SHOW)
        self.assertEqual(self.output("app", "x"),
                         f"__main__ {self.folder}/app/__main__.py __main__ ['app', 'x'] {self.folder}/app "
                         "['app', 'x']\n")

    def test_orig_argv_leaves_out_the_launchers_own_options(self):
        code = "import sys; print(sys.orig_argv[1:])"
        self.assertEqual(self.output("--timeout=60", "-B", "-c", code), f"['-B', '-c', {code!r}]\n")

    def test_identity(self):
        code = "import sys; print(sys.implementation.name, sys.version_info[:2], sys.platform, sys.byteorder)"
        self.assertEqual(self.output("-c", code), "cpython (3, 14) wasi little\n")

    def test_executable_is_a_virtual_path(self):
        self.assertEqual(self.output("-c", "import sys; print(sys.executable)"), "/pylon/bin/python3\n")


class ExitCodes(Case):
    """What a program says at its end arrives."""

    def test_every_code(self):
        script = self.write("leave.py", "import sys; sys.exit(int(sys.argv[1]))")
        for code in range(256):
            self.assertEqual(self.pylon(script, code).code, code)

    def test_forms_of_sys_exit(self):
        for expression, code, error in (("sys.exit()", 0, ""), ("sys.exit(None)", 0, ""), ("sys.exit(3)", 3, ""),
                                        ("sys.exit('words')", 1, "words\n"), ("sys.exit(True)", 1, ""),
                                        ("sys.exit((1, 2))", 1, "(1, 2)\n"), ("sys.exit(256)", 0, ""),
                                        ("sys.exit(-1)", 255, ""), ("raise SystemExit(7)", 7, ""),
                                        ("sys.exit(2.5)", 1, "2.5\n"), ("exit(9)", 9, ""), ("quit(8)", 8, ""),
                                        ("import os; os._exit(6)", 6, "")):
            with self.subTest(expression):
                result = self.code(f"import sys; {expression}")
                self.assertEqual((result.code, result.out, result.err), (code, "", error))

    def test_uncaught_exception(self):
        script = self.write("fail.py", """\
            def inner(value):
                return 1 / value

            inner(0)
            """)
        result = self.pylon(script)
        self.assertEqual((result.code, result.out), (1, ""))
        self.assertEqual(result.err, f"""\
Traceback (most recent call last):
  File "{script}", line 4, in <module>
    inner(0)
    ~~~~~^^^
  File "{script}", line 2, in inner
    return 1 / value
           ~~^~~~~~~
ZeroDivisionError: division by zero
""")

    def test_traceback_through_the_standard_library_shows_its_lines(self):
        result = self.code("import json; json.loads('{')")
        self.assertEqual(result.code, 1)
        self.assertIn("raw_decode(s, idx=_w(s, 0).end())", result.err)
        self.assertIn("json.decoder.JSONDecodeError", result.err)

    def test_traceback_of_code_shows_its_line(self):
        result = self.code("x = 1\nraise ValueError('why')")
        self.assertEqual(result.code, 1)
        self.assertIn("    raise ValueError('why')\n", result.err)

    def test_syntax_error(self):
        script = self.write("bad.py", "print('before')\nx = = 1\n")
        result = self.pylon(script)
        self.assertEqual((result.code, result.out), (1, ""))
        self.assertEqual(result.err, f'  File "{script}", line 2\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n')

    def test_exception_group_and_notes(self):
        result = self.code("""\
            error = ValueError("first")
            error.add_note("a note")
            raise ExceptionGroup("several", [error, TypeError("second")])
            """)
        self.assertEqual(result.code, 1)
        for text in ("ExceptionGroup: several (2 sub-exceptions)", "a note", "TypeError: second"):
            self.assertIn(text, result.err)

    def test_suggestion_after_a_wrong_name(self):
        self.assertIn("Did you mean: 'append'", self.code("[].apend(1)").err)

    def test_excepthook(self):
        result = self.code("import sys; sys.excepthook = lambda *a: print('hook', a[0].__name__); 1/0")
        self.assertEqual((result.code, result.out, result.err), (1, "hook ZeroDivisionError\n", ""))


class Ending(Case):
    """What is done at exit, is done."""

    def test_atexit_runs_in_reverse_order(self):
        self.assertEqual(self.output("-c", "import atexit; atexit.register(print, 1); atexit.register(print, 2)"),
                         "2\n1\n")

    def test_atexit_runs_after_sys_exit_and_after_an_exception(self):
        for end, code in (("import sys; sys.exit(4)", 4), ("1/0", 1)):
            result = self.code(f"import atexit; atexit.register(print, 'bye'); {end}")
            self.assertEqual((result.code, result.out), (code, "bye\n"))

    def test_del_runs_at_exit(self):
        code = "class A:\n    def __del__(self): print('deleted')\na = A()"
        self.assertEqual(self.output("-c", code), "deleted\n")

    def test_output_without_newline_is_flushed(self):
        self.assertEqual(self.output("-c", "import sys; sys.stdout.write('no newline')"), "no newline")

    def test_files_left_open_are_flushed(self):
        self.output("--allow-write=.", "-c", "f = open('left.txt', 'w'); f.write('all of it')")
        self.assertEqual((self.folder / "left.txt").read_text(), "all of it")

    def test_os_exit_flushes_nothing(self):
        result = self.code("import os; print('lost', end=''); os._exit(5)")
        self.assertEqual((result.code, result.out), (5, ""))

    def test_context_managers_and_finally_run_on_exit(self):
        code = "import sys\ntry:\n    sys.exit(2)\nfinally:\n    print('finally')"
        result = self.pylon("-c", code)
        self.assertEqual((result.code, result.out), (2, "finally\n"))

    def test_failing_flush_gives_120(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run(command(["-c", "print('x')"]), stdout=full, stderr=subprocess.PIPE,
                                  env=environment(), cwd=self.folder, timeout=SECONDS)
        self.assertEqual(done.returncode, 120, done.stderr)


if __name__ == "__main__":
    unittest.main()
