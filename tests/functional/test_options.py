"""CPython's own options have CPython's meaning; the launcher's come before the program."""

import ast
import textwrap
import unittest

from harness import Case, environment, execute, native_command


class Meanings(Case):
    """One test for each option."""

    def flags(self, *options, env=None):
        result = self.pylon(*options, "-c", "import sys; f = sys.flags; print(f.optimize, f.dont_write_bytecode, "
                            "f.no_user_site, f.no_site, f.ignore_environment, f.verbose, f.isolated, f.safe_path, "
                            "f.inspect, f.quiet, f.utf8_mode, f.dev_mode, f.hash_randomization)", env=env)
        self.assertEqual(result.code, 0, result)
        return result.out.strip()

    def test_defaults(self):
        self.assertEqual(self.flags(), "0 0 0 0 0 0 0 False 0 0 0 False 1")

    def test_flags(self):
        for options, expected in ((["-O"], "1 0 0 0 0 0 0 False 0 0 0 False 1"),
                                  (["-OO"], "2 0 0 0 0 0 0 False 0 0 0 False 1"),
                                  (["-B"], "0 1 0 0 0 0 0 False 0 0 0 False 1"),
                                  (["-s"], "0 0 1 0 0 0 0 False 0 0 0 False 1"),
                                  (["-S"], "0 0 0 1 0 0 0 False 0 0 0 False 1"),
                                  (["-E"], "0 0 0 0 1 0 0 False 0 0 0 False 1"),
                                  (["-P"], "0 0 0 0 0 0 0 True 0 0 0 False 1"),
                                  (["-I"], "0 0 1 0 1 0 1 True 0 0 0 False 1"),
                                  (["-q"], "0 0 0 0 0 0 0 False 0 1 0 False 1"),
                                  (["-X", "utf8"], "0 0 0 0 0 0 0 False 0 0 1 False 1"),
                                  (["-X", "dev"], "0 0 0 0 0 0 0 False 0 0 0 True 1"),
                                  (["-BOs"], "1 1 1 0 0 0 0 False 0 0 0 False 1")):
            with self.subTest(options):
                self.assertEqual(self.flags(*options), expected)

    def test_optimize_removes_asserts_and_docstrings(self):
        code = "def f():\n    'doc'\nassert not 'reached'\nprint(__debug__, f.__doc__)"
        self.assertEqual(self.pylon("-c", code).code, 1)
        self.assertEqual(self.output("-O", "-c", code), "False doc\n")
        self.assertEqual(self.output("-OO", "-c", code), "False None\n")

    def test_inspect_goes_on_interactively(self):
        result = self.pylon("-i", "-c", "x = 41", stdin="print(x + 1)\n")
        self.assertEqual((result.code, result.out), (0, "42\n"))

    def test_inspect_after_an_exception(self):
        result = self.pylon("-i", "-c", "x = 3\n1/0", stdin="print('still', x)\nimport sys; sys.exit(5)\n")
        self.assertIn("still 3\n", result.out)
        self.assertEqual(result.code, 5)

    def test_unbuffered(self):
        code = "import sys; print(sys.stdout.write_through, sys.stdout.line_buffering)"
        self.assertEqual(self.output("-c", code), "False False\n")
        self.assertEqual(self.output("-u", "-c", code), "True False\n")

    def test_verbose_tells_imports(self):
        result = self.pylon("-v", "-c", "import colorsys")
        self.assertEqual(result.code, 0)
        self.assertIn("import 'colorsys'", result.err)

    def test_warnings(self):
        code = "import warnings; warnings.warn('careful')"
        self.assertIn("UserWarning: careful", self.pylon("-c", code).err)
        self.assertEqual(self.pylon("-W", "ignore", "-c", code).err, "")
        self.assertEqual(self.pylon("-Werror", "-c", code).code, 1)
        self.assertEqual(self.pylon("-c", code, env=environment(PYTHONWARNINGS="ignore")).err, "")

    def test_bytes_warnings(self):
        self.assertIn("BytesWarning", self.pylon("-b", "-c", "b'a' == 'a'").err)
        self.assertEqual(self.pylon("-bb", "-c", "b'a' == 'a'").code, 1)

    def test_x_options(self):
        code = "import sys; print(sorted(sys._xoptions.items()))"
        self.assertEqual(self.output("-X", "mine=1", "-Xother", "-c", code), "[('mine', '1'), ('other', True)]\n")
        self.assertEqual(self.output("-X", "int_max_str_digits=700", "-c", "import sys; print("
                                     "sys.get_int_max_str_digits())"), "700\n")
        self.assertIn("colorsys", self.pylon("-X", "importtime", "-c", "import colorsys").err)

    def test_isolated_ignores_environment_and_directory(self):
        self.write("local.py", "")
        self.write("library.py", "", self.outside)
        env = environment(PYTHONPATH=str(self.outside))
        self.assertEqual(self.pylon("-c", "import local, library", env=env).code, 0)
        self.assertEqual(self.pylon("-I", "-c", "import local", env=env).code, 1)
        self.assertEqual(self.pylon("-I", "-c", "import library", env=env).code, 1)
        self.assertEqual(self.pylon("-E", "-c", "import library", env=env).code, 1)
        self.assertEqual(self.pylon("-E", "-c", "import local", env=env).code, 0)
        self.assertEqual(self.pylon("-P", "-c", "import local", env=env).code, 1)

    def test_no_site(self):
        self.assertEqual(self.pylon("-S", "-c", "exit").code, 1)
        self.assertEqual(self.pylon("-c", "exit").code, 0)

    def test_no_site_starts_with_fewer_modules(self):
        code = "import sys; print('site' in sys.modules)"
        self.assertEqual(self.output("-S", "-c", code), "False\n")
        self.assertEqual(self.output("-c", code), "True\n")

    def test_no_site_imports_what_site_had(self):
        code = """
            import os.path, site, posixpath, json, subprocess
            print(os.path is posixpath, json.codecs is __import__('codecs'), subprocess.os is os, os.path.sep)
            print(os.environ['PYTHONNOUSERSITE'], os.__spec__.name, os.__name__, type(os.__loader__))
            print(site.ENABLE_USER_SITE)
            site.main()
            print(exit, 'site-packages' in __import__('sys').path[-1])
            """
        for options in (["-S"], ["--cold", "-S"]):
            result = self.code(code, before=options, env=environment(PYTHONNOUSERSITE="1"))
            self.assertEqual(result.out, "True True True /\n1 os os <class 'type'>\nNone\n"
                             "Use exit() or Ctrl-D (i.e. EOF) to exit True\n", result)

    def test_skip_first_line(self):
        self.write("odd.py", "this is not python\nprint('second line')\n")
        self.assertEqual(self.output("-x", "odd.py"), "second line\n")
        self.assertEqual(self.pylon("odd.py").code, 1)

    def test_dont_write_bytecode(self):
        self.write("app/helper.py", "")
        self.write("app/main.py", "import helper")
        self.output("--allow-write=.", "-B", "app/main.py")
        self.assertFalse((self.folder / "app/__pycache__").exists())
        self.output("--allow-write=.", "app/main.py")
        self.assertTrue((self.folder / "app/__pycache__").exists())

    def test_version(self):
        self.assertRegex(self.output("-V"), r"^Python 3\.14\.\d+\n$")
        self.assertRegex(self.output("--version"), r"^pylon \d+\.\d+\.\d+ \(CPython 3\.14\.\d+, .*\)\n$")
        self.assertIn("[", self.output("-VV"))

    def test_help(self):
        for word in ("--allow-read", "--timeout", "-c", "-m", "-X", "doctor", "124"):
            self.assertIn(word, self.output("--help"))
        self.assertIn("-m mod", self.output("-h"))

    def test_environment_variables(self):
        for name, value, code, expected in (
                ("PYTHONOPTIMIZE", "1", "print(__debug__)", "False"),
                ("PYTHONDONTWRITEBYTECODE", "1", "import sys; print(sys.dont_write_bytecode)", "True"),
                ("PYTHONUNBUFFERED", "1", "import sys; print(sys.stdout.write_through)", "True"),
                ("PYTHONUNBUFFERED", "1", "import sys; print(type(sys.stderr.buffer).__name__, sys.stdout.buffer.name, "
                 "sys.stdout.mode, sys.stdout.errors, sys.stderr.errors, sys.stdout.line_buffering)",
                 "FileIO <stdout> w surrogateescape backslashreplace False"),
                ("PYTHONIOENCODING", "latin-1", "import sys; print(sys.stdout.encoding)", "iso8859-1"),
                ("PYTHONSAFEPATH", "1", "import sys; print(sys.flags.safe_path)", "True"),
                ("PYTHONUTF8", "1", "import sys; print(sys.flags.utf8_mode)", "1"),
                ("PYTHONINTMAXSTRDIGITS", "700", "import sys; print(sys.get_int_max_str_digits())", "700"),
                ("PYTHONNOUSERSITE", "1", "import sys; print(sys.flags.no_user_site)", "1"),
                ("PYTHONHASHSEED", "0", "import sys; print(sys.flags.hash_randomization)", "0")):
            with self.subTest(name):
                self.assertEqual(self.output("-c", code, env=environment(**{name: value})), expected + "\n")


class StartStates(Case):
    """What a program finds does not depend on which image its options let it start from."""

    STATE = """
        import builtins, sys
        flags = sys.flags
        loaders = {name: getattr(module, "__loader__", None) for name, module in sys.modules.items()}
        print({
            "builtins": sorted(set(dir(builtins)) - {"__builtins__"}),
            "flags": [flags.isolated, flags.no_site, flags.no_user_site, flags.ignore_environment, flags.safe_path],
            "path": sys.path, "sys": sorted(dir(sys)),
            "modules": [name for name in loaders if getattr(loaders[name], "__name__", "") != "BuiltinImporter"]})
        """
    OPTIONS = ([], ["-I"], ["-S"], ["-I", "-S"], ["-E"], ["-s"], ["-P"], ["-ISq"])

    def state(self, *before):
        result = self.code(self.STATE, before=before, env=environment(PYTHONPATH=".:./x::a/./b:/q/../r:."))
        self.assertEqual(result.code, 0, result)
        return ast.literal_eval(result.out)

    def test_snapshot_and_cold_start(self):
        held = set(self.state()["modules"]) - set(self.state("--cold")["modules"])
        for options in self.OPTIONS:
            with self.subTest(options):
                warm, cold = self.state(*options), self.state("--cold", *options)
                for key in ("builtins", "flags", "path", "sys"):
                    self.assertEqual(warm[key], cold[key], key)
                self.assertEqual(set(warm["modules"]) - held, set(cold["modules"]) - held)

    def test_native(self):
        for options in self.OPTIONS:
            with self.subTest(options):
                native = execute(native_command([*options, "-c", textwrap.dedent(self.STATE)]), cwd=self.folder)
                self.assertEqual(native.code, 0, native)
                there, here = ast.literal_eval(native.out), self.state(*options)
                for key in ("builtins", "flags"):
                    self.assertEqual(here[key], there[key], key)


class Mistakes(Case):
    """Options that are not there."""

    def test_unknown_short_option(self):
        result = self.pylon("-Z", "-c", "pass")
        self.assertEqual((result.code, result.out), (2, ""))
        self.assertIn("-Z", result.err)

    def test_unknown_long_option_suggests_the_right_one(self):
        for wrong, right in (("--alow-read", "--allow-read"), ("--time-out=3", "--timeout"),
                             ("--max-memroy=64M", "--max-memory"), ("--hlep", "--help")):
            with self.subTest(wrong):
                result = self.pylon(wrong, "-c", "pass")
                self.assertEqual((result.code, result.out), (2, ""))
                self.assertIn(right, result.err)

    def test_missing_argument(self):
        for option in ("-c", "-m", "-W", "-X"):
            with self.subTest(option):
                result = self.pylon(option)
                self.assertEqual((result.code, result.out), (2, ""))
                self.assertIn(option, result.err)

    def test_bad_values(self):
        for option in ("--timeout=soon", "--timeout=0", "--timeout=-3", "--max-memory=lots", "--max-memory=1",
                       "--allow-net=host:port", "--timeout"):
            with self.subTest(option):
                result = self.pylon(option, "-c", "print('ran')")
                self.assertEqual((result.code, result.out), (2, ""))
                self.assertIn(option.split("=")[0], result.err)

    def test_unknown_module(self):
        result = self.pylon("-m", "no_such_module_at_all")
        self.assertEqual(result.code, 1)
        self.assertIn("No module named no_such_module_at_all", result.err)


if __name__ == "__main__":
    unittest.main()
