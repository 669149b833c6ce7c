"""Deep recursion and large memory end in Python exceptions, never in a trap; --max-memory ends a run."""

import unittest

from harness import Case


class Recursion(Case):
    """Whatever nests too deeply raises; the interpreter lives on."""

    def survives(self, code, exceptions=("RecursionError",)):
        """The code raises one of the exceptions or succeeds, and Python still works afterwards."""
        names = ", ".join((*exceptions,))
        body = "\n    ".join(code.strip().split("\n"))
        result = self.pylon("-c", f"try:\n    {body}\nexcept ({names}) as error:\n    print(type(error).__name__)\n"
                            "else:\n    print('ok')\nprint(sum(range(10)), sorted('cab'))")
        self.assertEqual(result.code, 0, (result.code, result.err[-500:]))
        first, rest = result.out.split("\n", 1)
        self.assertEqual(rest, "45 ['a', 'b', 'c']\n")
        return first

    def test_plain_recursion(self):
        self.assertEqual(self.survives("def f(): f()\nf()"), "RecursionError")

    def test_uncaught_recursion_error_has_a_traceback(self):
        result = self.pylon("-c", "def f(): f()\nf()")
        self.assertEqual(result.code, 1)
        self.assertIn("RecursionError: maximum recursion depth exceeded", result.err)
        self.assertIn("[Previous line repeated", result.err)

    def test_the_usual_depth_is_there(self):
        self.assertEqual(self.output("-c", "def f(n): return n and f(n - 1) + 1\nprint(f(900))"), "900\n")
        self.assertEqual(self.output("-c", "import sys; print(sys.getrecursionlimit())"), "1000\n")

    def test_a_raised_limit(self):
        code = "import sys; sys.setrecursionlimit(10**6)\ndef f(n): return n and f(n - 1) + 1\n"
        self.assertEqual(self.output("-c", code + "print(f(20000))"), "20000\n")
        self.assertEqual(self.survives(code + "f(10**9)", ("RecursionError", "MemoryError")), "RecursionError")

    def test_recursion_through_c(self):
        for name, code in {
            "special methods": "class A:\n    def __add__(self, other): return self + other\nA() + A()",
            "getattr": "class A:\n    def __getattr__(self, name): return getattr(self, name + 'x')\nA().a",
            "repr of objects": "class A:\n    def __repr__(self): return repr(self)\nrepr(A())",
            "sort keys": "def f(x): return sorted([x, x], key=f)\nf(1)",
            "map": "def f(x): return list(map(f, [x]))\nf(1)",
            "property": "class A:\n    @property\n    def p(self): return self.p\nA().p",
            "call chain": "class A: pass\nA.__call__ = A()\nA()()",
            "comparison": "class A:\n    def __eq__(self, other): return [self] == [other]\nA() == A()",
            "hash": "class A:\n    def __hash__(self): return hash((self,))\nhash(A())",
            "generator": "def g(): yield from g()\nlist(g())",
            "exec": "def f(): exec('f()')\nf()",
            "import": "import builtins\ndef f(*a): return __import__('x' + str(len(a)))\nbuiltins.__import__ = f\nf()",
            "functools.partial": "import functools\nclass C:\n    def __call__(self): return p()\n"
                                 "p = functools.partial(C())\np()",
            "descriptor": "class D:\n    def __get__(self, o, t): return o.d\nclass A: d = D()\nA().d",
            "re.sub callback": "import re\ndef f(m): return re.sub('a', f, 'a')\nf(None)",
        }.items():
            with self.subTest(name):
                self.assertIn(self.survives(code, ("RecursionError", "MemoryError")), ("RecursionError", "MemoryError"))

    def test_nested_types(self):
        self.survives("t = int\nfor _ in range(10**5): t = (t,)\nisinstance('', t)")

    def test_a_raised_limit_through_c(self):
        raised = "import sys; sys.setrecursionlimit(10**9)\n"
        for name, code in {
            "special methods": "class A:\n    def __add__(self, other): return self + other\nA() + A()",
            "repr": "class A:\n    def __repr__(self): return repr([self])\nrepr(A())",
            "sort keys": "def f(x): return sorted([x, x], key=f)\nf(1)",
            "map": "def f(x): return list(map(f, [x]))\nf(1)",
            "re.sub callback": "import re\ndef f(m): return re.sub('a', f, 'a')\nf(None)",
            "json hook": "import json\ndef f(o): return json.loads('{}', object_hook=f)\nf(0)",
            "exec": "def f(): exec('f()')\nf()",
        }.items():
            with self.subTest(name):
                self.assertIn(self.survives(raised + code, ("RecursionError", "MemoryError")),
                              ("RecursionError", "MemoryError"))

    def test_source_nested_deeply(self):
        for left, right in (("(", ")"), ("[", "]"), ("{1:", "}"), ("f(", ")"), ("-", ""), ("not ", ""),
                            ("a[", "]"), ("lambda: ", ""), ("(1, ", ")"), ("1 if 1 else ", ""), ("f'{", "}'")):
            with self.subTest(left=left):
                code = f"""
                    for depth in (50, 150, 200, 1000, 10_000, 100_000):
                        try:
                            compile({left!r} * depth + '1' + {right!r} * depth, 'x', 'eval')
                        except (RecursionError, MemoryError, SyntaxError):
                            pass
                        print(depth, end=' ')
                    """
                result = self.code(code)
                self.assertEqual((result.code, result.out), (0, "50 150 200 1000 10000 100000 "), result.err[-500:])

    def test_nesting_that_people_write_works(self):
        self.assertEqual(self.output("-c", "print(eval('(' * 80 + '1' + ')' * 80), eval('[' * 80 + ']' * 80) != [])"),
                         "1 True\n")

    def test_statements_nested_deeply(self):
        for depth in (19, 50, 99, 1000):
            code = ("exec(''.join(' ' * i + 'if 1:\\n' for i in range(DEPTH)) + ' ' * DEPTH + 'pass\\n')"
                    .replace("DEPTH", str(depth)))
            with self.subTest(depth):
                self.survives(code, ("RecursionError", "MemoryError", "SyntaxError"))

    def test_long_chains(self):
        for name, code in {"additions": "eval('+'.join(['1'] * 100000))",
                           "attributes": "compile('a' + '.b' * 100000, 'x', 'eval')",
                           "calls": "compile('a' + '()' * 100000, 'x', 'eval')",
                           "comparisons": "eval('<'.join(map(str, range(10000))))",
                           "elif": "exec('if 0: pass\\n' + 'elif 0: pass\\n' * 10000)",
                           "strings": "eval(\"'a' \" * 100000)"}.items():
            with self.subTest(name):
                self.survives(code, ("RecursionError", "MemoryError", "SyntaxError"))

    def test_library_functions_on_deep_data(self):
        deep = "x = []\nfor _ in range(DEPTH): x = [x]\n"
        for depth in (1000, 10_000):
            for name, code in {
                "repr": "repr(x)", "compare": "y = []\nfor _ in range(DEPTH): y = [y]\nx == y",
                "copy": "import copy; copy.deepcopy(x)", "pickle": "import pickle; pickle.dumps(x)",
                "pickle in Python": "import pickle; pickle._dumps(x)", "marshal": "import marshal; marshal.dumps(x)",
                "json": "import json; json.dumps(x)", "json in Python":
                "import json; json.dumps(x, indent=1)", "pprint": "import pprint; pprint.pformat(x)",
                "freed": "del x"}.items():
                with self.subTest(depth=depth, name=name):
                    self.survives((deep + code).replace("DEPTH", str(depth)),
                                  ("RecursionError", "MemoryError", "ValueError"))

    def test_json_nested_deeply(self):
        for depth in (500, 5000, 100_000, 1_000_000):
            for left, right in (("[", "]"), ('{"a":', "}")):
                with self.subTest(depth=depth, left=left):
                    code = f"import json; json.loads({left!r} * {depth} + '1' + {right!r} * {depth})"
                    first = self.survives(code)
                    self.assertIn(first, ("ok",) if depth == 500 else ("ok", "RecursionError"))

    def test_patterns_nested_deeply(self):
        for depth in (90, 500, 5000, 50_000):
            for pattern in ("'(' * DEPTH + 'a' + ')' * DEPTH", "'(?:' * DEPTH + 'a' + ')*' * DEPTH",
                            "'(?=' * DEPTH + ')' * DEPTH"):
                with self.subTest(depth=depth, pattern=pattern):
                    self.survives(f"import re; re.compile({pattern}).match('a')".replace("DEPTH", str(depth)),
                                  ("RecursionError", "MemoryError", "re.error", "OverflowError"))

    def test_matching_deeply(self):
        for code in ("re.match(r'(?:a|b)*c', 'ab' * 10**6)", "re.match(r'(a?b?)*$', 'ab' * 10**5)",
                     "re.match(r'((a)|b)*', 'ab' * 10**6)"):
            with self.subTest(code):
                self.survives("import re; " + code, ("RecursionError", "MemoryError"))

    def test_syntax_trees(self):
        deep = "import ast\nx = ast.Constant(1)\nfor _ in range(DEPTH): x = ast.UnaryOp(ast.USub(), x)\n"
        for depth in (500, 50_000):
            for name, code in {"compile": "compile(ast.fix_missing_locations(ast.Expression(x)), 'x', 'eval')",
                               "dump": "ast.dump(x)", "unparse": "ast.unparse(x)", "walk": "list(ast.walk(x))",
                               "literal_eval": "ast.literal_eval('-' * DEPTH + '1')",
                               "parse": "ast.parse('-' * DEPTH + '1')"}.items():
                with self.subTest(depth=depth, name=name):
                    self.survives((deep + code).replace("DEPTH", str(depth)),
                                  ("RecursionError", "MemoryError", "ValueError", "SyntaxError"))

    def test_markup_and_data_formats(self):
        for name, code in {
            "expat": "import xml.parsers.expat as e; e.ParserCreate().Parse('<a>' * 10**5 + '</a>' * 10**5, True)",
            "ElementTree": "import xml.etree.ElementTree as t; x = t.fromstring('<a>' * 10**5 + '</a>' * 10**5); "
                           "t.tostring(x)",
            "unpickle": "import pickle; pickle.loads(b'(' * 10**5 + b'l' * 10**5 + b'.')",
            "unmarshal": "import marshal; marshal.loads(b'(\\x01\\0\\0\\0' * 10**5 + b'N')",
            "plist": "import plistlib; plistlib.loads(b'<plist>' + b'<array>' * 10**4 + b'</array>' * 10**4 + "
                     "b'</plist>')",
            "format": "'{:{:{:{}}}}'.format(1, 2, 3, 4)",
            "toml": "import tomllib; tomllib.loads('a = ' + '[' * 10**5)",
            "unions": "x = int\nfor i in range(10**4): x = list[x]\nrepr(x)",
            "code objects": "def f(): pass\nfor _ in range(10**4): f = f.__code__.replace(co_consts=(f.__code__,)) and f",
            "exceptions": "e = Exception()\nfor _ in range(10**5): e = ExceptionGroup('x', [e])\nimport traceback\n"
                          "traceback.format_exception(e)",
            "chained exceptions": "e = None\nfor _ in range(10**5):\n    n = Exception(); n.__cause__ = e; e = n\n"
                                  "import traceback\ntraceback.format_exception(e)",
        }.items():
            with self.subTest(name):
                result = self.pylon("-c", f"try:\n    {code.replace(chr(10), chr(10) + '    ')}\nexcept BaseException "
                                    "as error:\n    print(type(error).__name__)\nprint('alive')")
                self.assertEqual((result.code, result.out.endswith("alive\n")), (0, True), result.err[-500:])


class Memory(Case):
    """MemoryError inside, --max-memory outside."""

    def test_memory_error(self):
        for code in ("bytearray(1 << 40)", "[0] * (1 << 60)", "'x' * (1 << 31) * 4", "bytes(3 << 30) + bytes(3 << 30)"):
            with self.subTest(code):
                result = self.pylon("-c", f"try: {code}\nexcept (MemoryError, OverflowError) as e: print('caught')\n"
                                    "print(len(bytes(1 << 20)))")
                self.assertEqual((result.code, result.out), (0, "caught\n1048576\n"), result.err)

    def test_uncaught_memory_error(self):
        result = self.pylon("-c", "[bytearray(1 << 30) for _ in range(8)]")
        self.assertEqual(result.code, 1)
        self.assertIn("MemoryError", result.err)

    def test_max_memory(self):
        result = self.pylon("--max-memory=128M", "-c", "x = []\nwhile True: x.append(bytearray(1 << 20))")
        self.assertEqual(result.code, 137, result)
        self.assertIn("--max-memory", result.err)

    def test_max_memory_that_is_enough(self):
        result = self.pylon("--max-memory=256M", "-c", "print(len(bytearray(64 << 20)))")
        self.assertEqual((result.code, result.out, result.err), (0, f"{64 << 20}\n", ""))

    def test_a_gigabyte_is_there_without_a_limit(self):
        self.assertEqual(self.output("-c", "x = bytearray(1 << 30); x[-1] = 1; print(sum(x[-10:]))"), "1\n")

    def test_many_small_objects(self):
        self.assertEqual(self.output("-c", "x = [str(i) for i in range(2_000_000)]; print(len(x))"), "2000000\n")


if __name__ == "__main__":
    unittest.main()
