"""What is imported at the start, and whose module wins."""

import os
import unittest

from harness import Case, execute, native_command


class Start(Case):
    """sys.modules at the start."""

    PRELOADED = ("json", "re", "asyncio", "dataclasses", "typing", "logging", "argparse", "pathlib", "random",
                 "collections", "functools", "datetime", "inspect", "enum", "socket", "sqlite3")

    def test_nothing_preloaded_shows(self):
        code = f"import sys; print([name for name in {self.PRELOADED} if name in sys.modules])"
        self.assertEqual(self.output("-c", code), "[]\n")

    def test_hardly_more_than_natively(self):
        """Modules in C stay initialised and show, as they cannot be shadowed; of Python's own only a few inner ones do."""
        code = "import sys; print(*sorted(set(sys.modules) - {*sys.builtin_module_names}))"
        expected = set(execute(native_command(["-c", "import sys; print(*sys.modules)"])).out.split())
        extra = set(self.output("-c", code).split()) - expected
        self.assertLessEqual(len(extra), 12, extra)
        self.assertEqual({name for name in extra if not name.startswith(("importlib", "xml.parsers.expat", "pyexpat"))} -
                         {"collections.abc", "io", "linecache", "ntpath", "runpy"}, set())

    def test_a_module_that_may_not_be_imported(self):
        code = "import sys; sys.modules['_decimal'] = None; import decimal; print(decimal.Decimal.__module__, decimal.__file__)"
        self.assertRegex(self.output("-c", code), "^decimal /.*/_pydecimal.py\n$")

    def test_imports_leave_only_what_they_need(self):
        code = "import sys; before = set(sys.modules); import colorsys; print(sorted(set(sys.modules) - before))"
        self.assertEqual(self.output("-c", code), "['colorsys']\n")

    def test_globals_of_main(self):
        code = "print(sorted(globals()))"
        found = self.output("-c", code)
        self.assertEqual(found, "['__annotations__', '__builtins__', '__doc__', '__loader__', '__name__', '__package__', "
                         "'__spec__']\n" if "__annotations__" in found else
                         "['__builtins__', '__doc__', '__loader__', '__name__', '__package__', '__spec__']\n")

    def test_state_of_a_fresh_interpreter(self):
        code = ("import gc, sys, warnings, random; print(gc.isenabled(), sys.gettrace(), sys.getprofile(), sys.flags.quiet, "
                "gc.get_threshold() > (0,), len(gc.garbage), sys.getrecursionlimit(), sys.getswitchinterval())")
        self.assertEqual(self.output("-c", code), "True None None 0 True 0 1000 0.005\n")

    def test_every_module_of_the_list_imports(self):
        names = ("abc argparse array ast asyncio base64 binascii bisect bz2 calendar cmath codecs collections colorsys "
                 "configparser contextlib contextvars copy csv dataclasses datetime decimal difflib dis email enum "
                 "errno filecmp fileinput fnmatch fractions functools gc getopt glob graphlib gzip hashlib heapq hmac "
                 "html http.client http.server importlib.metadata importlib.resources inspect io ipaddress itertools "
                 "json keyword linecache locale logging.handlers mailbox marshal math mimetypes numbers operator os "
                 "pathlib pickle pkgutil platform plistlib pprint pstats queue quopri random re reprlib runpy sched "
                 "secrets select selectors shelve shlex shutil signal site socket socketserver sqlite3 stat statistics "
                 "string struct symtable sys tarfile tempfile textwrap threading time timeit token tokenize tomllib "
                 "trace traceback tracemalloc types typing unicodedata unittest.mock urllib.parse urllib.request uuid "
                 "warnings wave weakref xml.dom.minidom xml.etree.ElementTree xml.sax xmlrpc.client zipapp zipfile "
                 "zipimport zlib zoneinfo subprocess multiprocessing concurrent.futures ctypes.util lzma").split()
        absent = {"bz2", "lzma", "ctypes.util"}
        code = ("import importlib\nfor name in NAMES:\n    try: importlib.import_module(name)\n"
                "    except Exception as e: print(name, type(e).__name__)").replace("NAMES", repr(names))
        found = {line.split()[0] for line in self.output("-W", "ignore", "-c", code).splitlines()}
        self.assertLessEqual(found, absent)


    def test_inner_modules_import_first(self):
        """A module deep in a package as the first import of a program, in the form that needs its parents."""
        for name in ("xml.parsers.expat.errors", "xml.parsers.expat.model", "xml.etree.ElementTree", "xml.dom.minidom",
                     "importlib.machinery", "importlib.util", "importlib.metadata", "importlib.resources", "collections.abc",
                     "concurrent.futures.thread", "email.mime.text", "http.client", "logging.handlers", "os.path",
                     "json.decoder", "asyncio.events", "unittest.mock", "urllib.parse", "encodings.idna", "re._parser"):
            with self.subTest(name):
                short = name.rsplit(".", 1)[1]
                self.assertEqual(self.output("-c", f"import {name} as inner; print(inner.__name__)"),
                                 self.output("-c", f"from {name.rsplit('.', 1)[0]} import {short}; print({short}.__name__)"))


class Shadowing(Case):
    """A user's module with the name of one of the standard library wins where it wins natively."""

    def test_module_beside_the_script(self):
        for name in ("queue", "logging", "json", "re", "random", "typing", "dataclasses", "argparse", "asyncio", "pathlib",
                     "collections", "enum", "functools", "string", "tempfile", "socket", "uuid", "select"):
            with self.subTest(name):
                self.write(f"app/{name}.py", f"MINE = 'my {name}'")
                self.write("app/script.py", f"import {name}; print({name}.MINE)")
                result = self.pylon("app/script.py")
                expected = execute(native_command([self.folder / "app/script.py"]))
                (self.folder / f"app/{name}.py").unlink()
                self.assertEqual((result.code, result.out), (expected.code, expected.out), result.err)

    def test_the_usual_two(self):
        for name in ("queue", "logging"):
            self.write(f"app/{name}.py", f"MINE = 'my {name}'")
        self.write("app/script.py", "import queue, logging; print(queue.MINE, logging.MINE)")
        self.assertEqual(self.output("app/script.py"), "my queue my logging\n")
        self.assertEqual(self.output("-c", "import queue, logging; print(queue.MINE, logging.MINE)",
                                     cwd=self.folder / "app"), "my queue my logging\n")

    def test_isolated_does_not_see_it(self):
        self.write("queue.py", "raise SystemExit('shadowed')")
        self.assertEqual(self.output("-I", "-c", "import queue; print(queue.Queue.__name__)"), "Queue\n")

    def test_pythonpath_wins_too(self):
        self.write("queue.py", "MINE = 'mine'", self.outside)
        from_path = {"PYTHONPATH": str(self.outside), "LANG": "C.UTF-8"}
        self.assertEqual(self.output("-c", "import queue; print(queue.MINE)", env=from_path), "mine\n")

    def test_a_script_named_like_a_module(self):
        self.write("random.py", "import random; print(random.__file__, __name__)")
        result = self.pylon("random.py")
        self.assertIn(f"{self.folder}/random.py random", result.out)


class Paths(Case):
    """Names of files and directories."""

    def test_unicode_names(self):
        for name in ("gr\u00fc\u00dfe.py", "\u4e16\u754c.py", "\U0001f600.py", "with space.py", "quote'\".py", "tab\t.py", "-dash.py"):
            with self.subTest(name):
                self.write(name, "import sys; print(sys.argv[0] == NAME, ascii(sys.argv[1]))".replace(
                    "NAME", ascii("./" + name)))
                self.assertEqual(self.output("./" + name, "\u00e9\U0001f600"), "True '\\xe9\\U0001f600'\n")

    def test_unicode_files_listed_and_written(self):
        names = ["\u00e9", "\u4e16", "\U0001f600", "a b"]
        code = f"import os\nfor n in {names!a}: open(n, 'w').write(n)\nprint(ascii(sorted(os.listdir())))"
        self.assertEqual(self.output("--allow-write=.", "-c", code), ascii(sorted(names)) + "\n")
        self.assertEqual((self.folder / "\u4e16").read_text(), "\u4e16")

    def test_a_directory_with_a_name_that_is_not_utf_8(self):
        bad = os.fsencode(self.folder) + b"/bad\xff"
        with open(bad, "w") as file:
            file.write("x")
        self.write("good", "")
        result = self.pylon("-c", "import os; print(ascii(sorted(os.listdir())))")
        self.assertIn(result.code, (0, 1), result)
        if result.code == 0:
            self.assertIn("'good'", result.out)
        else:
            self.assertIn("OSError", result.err)

    def test_working_directory(self):
        (self.folder / "sub").mkdir()
        self.write("sub/x.txt", "x")
        code = ("import os; print(os.getcwd()); os.chdir('sub'); print(os.getcwd(), open('x.txt').read()); os.chdir('..'); "
                "print(os.getcwd(), os.path.abspath('a'), os.path.realpath('.'))")
        here = self.folder
        self.assertEqual(self.output("-c", code), f"{here}\n{here}/sub x\n{here} {here}/a {here}\n")

    def test_working_directory_through_a_link(self):
        (self.folder.parent / "link").symlink_to(self.folder)
        self.write("x.txt", "x")
        self.assertEqual(self.output("-c", "print(open('x.txt').read())", cwd=self.folder.parent / "link"), "x\n")

    def test_script_by_absolute_path_from_elsewhere(self):
        script = self.write("script.py", "import os; print(os.getcwd() == DIRECTORY)".replace("DIRECTORY", repr(str(self.outside))))
        self.assertEqual(self.output(script, cwd=self.outside), "True\n")

    def test_root_as_working_directory(self):
        self.assertEqual(self.output("-c", "import os; print(os.getcwd())", cwd="/"), "/\n")


class WithoutProcesses(Case):
    """multiprocessing where there is one process: its modules can be imported, and what would be shared cannot be made."""

    def test_locks_are_refused_as_without_sem_open(self):
        code = """
            import errno, multiprocessing.synchronize
            for make in (multiprocessing.Lock, multiprocessing.Event):
                try:
                    make()
                except OSError as error:
                    print(error.errno == errno.ENOSYS)
            """
        self.assertEqual(self.code(code).out, "True\nTrue\n")

    def test_a_pool_says_that_there_are_none(self):
        code = """
            from concurrent.futures import ProcessPoolExecutor
            for attempt in range(2):
                try:
                    ProcessPoolExecutor()
                except NotImplementedError as error:
                    print(error)
            """
        self.assertEqual(self.code(code).out, "This platform has no processes.\n" * 2)


if __name__ == "__main__":
    unittest.main()
