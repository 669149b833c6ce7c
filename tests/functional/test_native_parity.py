"""The same command on Pylon and on native CPython 3.14 gives the same standard output and exit code."""

import unittest

from harness import Case

PROGRAMS = {
    "format": "print(f'{3.14159:10.3f}|{42:#x}|{\"text\":>10}|{1e100:g}|{2**70:,}|{True!r:^9}')",
    "float repr": "print(0.1 + 0.2, 1e16, 1e-5, float('nan'), -0.0, 5e-324, 1.7976931348623157e308, 2.5 .hex())",
    "float parsing": "print([float(x) for x in ('1e-400', '1e400', '0x1p3'[:1], '.5', '1_000.5')])",
    "integers": "print(7 // -2, 7 % -2, divmod(-7, 2), 2**200, int('f' * 40, 16), (10**50).bit_length(), pow(3, -1, 7))",
    "rounding": "print(round(2.5), round(-1.5), round(2.675, 2), round(12345, -2), [x / 10 for x in range(5)])",
    "math": "import math; print(math.sqrt(2), math.sin(1), math.exp(1), math.log(10), math.gamma(5.5), math.erf(0.3), "
            "math.fsum([0.1] * 10), math.comb(50, 25), math.isqrt(10**40), math.pow(2, 0.5), math.atan2(1, -1))",
    "cmath": "import cmath; print(cmath.sqrt(-1), cmath.exp(1j), cmath.phase(-1), (1 + 2j) ** 3)",
    "decimal": "from decimal import *; getcontext().prec = 50; print(Decimal(1) / 7, Decimal(2).sqrt(), Decimal('1E+5') + 1)",
    "fractions": "from fractions import Fraction as F; print(F(1, 3) + F('0.25'), F(0.1).limit_denominator(100))",
    "statistics": "import statistics as s; print(s.mean([1, 2, 4]), s.stdev([1, 2, 4]), s.quantiles(range(20)))",
    "unicode": "import unicodedata as u; print(u.name('\u00e9'), u.normalize('NFD', '\u00e9').encode(), '\u00df'.upper(), "
               "'\u0130'.lower().encode(), u.unidata_version, '\U0001f600'.isprintable(), u.category('\u4e16'))",
    "codecs": "print('h\u00e9llo\u20ac'.encode('cp1252'), b'\\x93'.decode('cp1252'), '\u65e5\u672c'.encode('shift_jis'), "
              "'\u4e2d'.encode('gb18030'), 'x'.encode('utf-16'), '\\ud800'.encode('utf-8', 'surrogatepass'), "
              "'b\u00fccher'.encode('idna'))",
    "hashes": "import hashlib, zlib, binascii, hmac; print([hashlib.new(n, b'data').hexdigest() for n in ('md5', 'sha1', 'sha256', "
              "'sha512', 'sha3_256', 'blake2b', 'blake2s')], zlib.crc32(b'data'), hmac.new(b'k', b'm', 'sha256').hexdigest())",
    "compression": "import zlib, gzip, io; d = bytes(range(256)) * 100; print(zlib.decompress(zlib.compress(d, 9)) == d, "
                   "gzip.decompress(gzip.compress(d)) == d, zlib.adler32(d))",
    "struct": "import struct; print(struct.pack('<iqdf?3s', -1, 2**40, 1.5, 2.5, True, b'ab'), struct.unpack('>h', b'\\xff\\xfe'))",
    "json": "import json; print(json.dumps({'a': [1.5, None, True, '\u00e9\\n\"'], 'b': {'c': 10**30}}, sort_keys=True, indent=1))",
    "pickle": "import pickle; print(pickle.dumps({'a': (1, 2.5, None), 'b': {3}, 'c': b'x'}, 4))",
    "re": "import re; print(re.findall(r'(?i)(\\w+)@(\\w+)\\.com', 'A@b.com, c@D.COM'), re.sub(r'(?<=a)b+', lambda m: "
          "m[0].upper(), 'abbb ab b'), re.split(r'[,;]\\s*', 'a, b;c'), re.fullmatch(r'(?P<y>\\d{4})-\\d\\d', '2026-11')['y'])",
    "datetime": "import datetime as d; print(d.datetime(2024, 2, 29) + d.timedelta(days=366), d.date.fromisoformat('2026-W47-6'), "
                "d.datetime(2026, 1, 1, tzinfo=d.UTC).isoformat(), d.datetime(2026, 11, 21).strftime('%A %d %B %j %U'))",
    "calendar": "import calendar; print(calendar.month(2026, 11), calendar.isleap(2100))",
    "time": "import time; print(time.strftime('%Y-%m-%d %H:%M', time.gmtime(1_000_000_000)), time.strptime('3 Mar 99', '%d %b %y')[:3])",
    "collections": "from collections import *; print(Counter('abracadabra').most_common(2), OrderedDict(a=1), ChainMap({'a': 1}, "
                   "{'b': 2})['b'], deque([1, 2, 3], 2), namedtuple('P', 'x y')(1, 2), defaultdict(list))",
    "itertools": "import itertools as i; print(list(i.batched('abcdefg', 3)), list(i.pairwise('abc')), list(i.accumulate([1, 2, 3])), "
                 "list(i.groupby('aab'))[0][0], len(list(i.permutations(range(6)))))",
    "functools": "import functools as f; print(f.reduce(lambda a, b: a * b, range(1, 20)), f.lru_cache(lambda x: x)(3), "
                 "f.cmp_to_key(lambda a, b: b - a)(3) < f.cmp_to_key(lambda a, b: b - a)(2))",
    "dataclasses": "from dataclasses import *\n@dataclass(order=True, frozen=True)\nclass P:\n    x: int\n    y: list = field("
                   "default_factory=list)\nprint(P(1), P(1) < P(2), asdict(P(3)), replace(P(1), x=9), hash(P(1, ())) is not None)",
    "enum": "from enum import *\nclass C(IntFlag):\n    A = auto(); B = auto()\nprint(C.A | C.B, list(C), C['A'], C(3), repr(C.A))",
    "typing": "from typing import *; print(get_type_hints(type('T', (), {'__annotations__': {'a': 'list[int]'}})), Optional[int], "
              "Literal['a', 1], Callable[[int], str])",
    "match": "def f(x):\n    match x:\n        case [1, *rest]: return rest\n        case {'k': v}: return v\n        case str() as s if s: "
             "return s\n        case _: return None\nprint(f([1, 2]), f({'k': 3}), f('s'), f(0))",
    "classes": "class M(type):\n    def __new__(m, n, b, d, **k): d['k'] = k; return super().__new__(m, n, b, d)\nclass A(metaclass=M, "
               "x=1): __slots__ = ('y',)\nprint(A.k, A.__mro__, A.__slots__, super.__name__)",
    "generators": "def g():\n    try:\n        x = yield 1\n        yield x\n    finally: print('closed')\ni = g(); print(next(i), i.send(5)); "
                  "i.close()",
    "exceptions": "try:\n    try: 1 / 0\n    except ZeroDivisionError as e: raise KeyError('k') from e\nexcept KeyError as e: print(repr(e), "
                  "repr(e.__cause__))\ntry: raise ExceptionGroup('g', [ValueError(1), TypeError(2)])\nexcept* ValueError as e: print(e.exceptions)\n"
                  "except* TypeError as e: print(e.exceptions)",
    "asyncio": "import asyncio\nasync def f(n): await asyncio.sleep(n / 100); return n\nasync def main():\n    async with asyncio.TaskGroup() as t: "
               "a = [t.create_task(f(i)) for i in (3, 1, 2)]\n    print([x.result() for x in a], await asyncio.wait_for(f(1), 5))\n    q = "
               "asyncio.Queue(); await q.put(1); print(await q.get())\nasyncio.run(main())",
    "contextvars": "import contextvars as c; v = c.ContextVar('v', default=1); x = c.copy_context(); x.run(v.set, 5); print(v.get(), x[v])",
    "weakref": "import weakref, gc\nclass A: pass\na = A(); r = weakref.ref(a); print(r() is a); del a; gc.collect(); print(r())",
    "gc": "import gc\nclass A: pass\nfor _ in range(1000):\n    a = A(); a.me = a\nprint(gc.collect() >= 0, gc.get_count()[2] >= 0)",
    "sqlite": "import sqlite3; c = sqlite3.connect(':memory:'); c.execute('create table t(a, b)'); c.executemany('insert into t values(?, "
              "?)', [(i, str(i)) for i in range(100)]); print(c.execute('select sum(a), max(b) from t where a % 3 = 1').fetchall())",
    "csv": "import csv, io; o = io.StringIO(); csv.writer(o).writerows([['a', 'b,c', 'd\"e'], [1, None, 2.5]]); print(o.getvalue(), "
           "list(csv.reader(io.StringIO(o.getvalue()))))",
    "xml": "import xml.etree.ElementTree as e; t = e.fromstring('<a x=\"1\"><b>t\u00e9xt</b><b/></a>'); print(e.tostring(t), [c.text for c in "
           "t.iter('b')], t.find('b').text)",
    "html": "import html, html.parser; print(html.escape('<a&\"'), html.unescape('&eacute;&#x4e16;&amp;'))",
    "configparser": "import configparser; c = configparser.ConfigParser(); c.read_string('[a]\\nb = 1\\nc = %(b)s2'); print(dict(c['a']))",
    "toml": "import tomllib; print(tomllib.loads('a = 1\\n[b]\\nc = [1.5, true, 2026-11-21T10:00:00Z]'))",
    "argparse": "import argparse; p = argparse.ArgumentParser(prog='p'); p.add_argument('-n', type=int, default=3); p.add_argument('f', "
                "nargs='*'); print(p.parse_args(['-n', '5', 'a'])); p.print_help(); p.parse_args(['--bad'])",
    "logging": "import logging, sys; logging.basicConfig(stream=sys.stdout, format='%(levelname)s %(name)s %(message)s', level=10); "
               "logging.getLogger('x').warning('careful %d', 3); logging.debug('d')",
    "unittest": "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): self.assertEqual(1, 1)\n    def test_b(self): self.fail()\n"
                "r = unittest.main(exit=False).result; print(r.testsRun, len(r.failures))",
    "doctest": "import doctest\ndef f(x):\n    '''\n    >>> f(2)\n    4\n    '''\n    return x * x\nprint(doctest.testmod())",
    "inspect": "import inspect\ndef f(a, /, b: int = 2, *c, d, **e) -> str: pass\nprint(inspect.signature(f), inspect.getfullargspec(f).kwonlyargs)",
    "ast": "import ast; print(ast.dump(ast.parse('x = [i for i in y if i]'), indent=1), ast.unparse(ast.parse('a+b*c')))",
    "dis": "import dis; print(len(list(dis.get_instructions('x + 1'))) > 3)",
    "compile errors": "for s in ('x =', 'def f(:', 'return', '1 +* 2', 'f(a=1, 2)', \"'abc\", 'if 1:\\n1', '\\u20ac'):\n    try: compile(s, 's', 'exec')\n"
                      "    except SyntaxError as e: print(type(e).__name__, e.msg, e.lineno, e.offset)",
    "scoping": "x = 1\ndef f():\n    def g():\n        nonlocal y; y += 1; return y\n    y = 5; return g() + x\nprint(f(), [lambda: i for i in range(3)][0]())",
    "template strings": "name = 'x'; t = t'hello {name!r:>5}'; print(t.strings, t.interpolations[0].value, t.interpolations[0].conversion)",
    "annotations": "import annotationlib\ndef f(a: undefined_name): pass\nprint(annotationlib.get_annotations(f, "
                   "format=annotationlib.Format.STRING))",
    "slices": "x = list(range(10)); x[2:8:2] = 'abc'; del x[::3]; print(x, 'text'[::-1], bytes(range(5))[1:3], range(100)[5::7][-1])",
    "bytes": "b = bytearray(b'hello'); b[1:3] = b'EY'; m = memoryview(b).cast('B'); m[0] = 72; print(b, b.hex(':'), bytes.fromhex('ff 00'), m[::2].tolist())",
    "sorting": "print(sorted('banana', key=lambda c: (-'banana'.count(c), c)), min([3, 1], key=lambda x: -x), sorted([1, True, 0.5, 0]))",
    "string methods": "print('a-b'.partition('-'), 'x'.center(5, '*'), 'Ab1'.swapcase(), ' a b '.split(), 'a\\tb'.expandtabs(4), "
                      "'abc'.translate({97: 'X', 98: None}), '%5.1f|%-4s|%04d' % (2.25, 'a', 42), 'a' 'b' * 2)",
    "random with seed": "import random; r = random.Random(42); print(r.random(), r.gauss(0, 1), r.sample(range(100), 5), r.choices('abc', k=5))",
    "heapq and bisect": "import heapq, bisect; print(heapq.nsmallest(3, [5, 1, 4, 2]), list(heapq.merge([1, 4], [2, 3])), bisect.bisect([1, 2, 2, 3], 2))",
    "textwrap": "import textwrap; print(textwrap.fill('The quick brown fox jumps over the lazy dog', 20), textwrap.dedent('  a\\n  b'))",
    "difflib": "import difflib; print(*difflib.unified_diff(['a', 'b'], ['a', 'c'], lineterm=''), difflib.get_close_matches('appel', ['ape', 'apple']))",
    "urllib": "import urllib.parse as u; print(u.urlparse('https://a.b:80/c?d=e#f'), u.quote('a b/\u00e9'), u.urlencode({'a': [1, 2]}, True))",
    "email": "import email.message as m; x = m.EmailMessage(); x['Subject'] = 'Gr\u00fc\u00dfe'; x.set_content('text'); print(x.as_string())",
    "base64": "import base64; print(base64.b64encode(b'data'), base64.b85encode(b'data'), base64.b32decode('MRQXIYI='), base64.urlsafe_b64encode(b'\\xff\\xfe'))",
    "zipfile": "import zipfile, io; o = io.BytesIO()\nwith zipfile.ZipFile(o, 'w', zipfile.ZIP_DEFLATED) as z: z.writestr('a.txt', 'x' * 1000)\n"
               "z = zipfile.ZipFile(o); print(z.namelist(), len(z.read('a.txt')), z.testzip())",
    "tarfile": "import tarfile, io; o = io.BytesIO(); t = tarfile.open(fileobj=o, mode='w:gz'); i = tarfile.TarInfo('a'); i.size = 3; "
               "t.addfile(i, io.BytesIO(b'abc')); t.close(); o.seek(0); print(tarfile.open(fileobj=o).getnames())",
    "zoneinfo": "import zoneinfo; print(zoneinfo.ZoneInfo.__name__)",
    "ipaddress": "import ipaddress as i; print(i.ip_network('10.0.0.0/30').num_addresses, i.ip_address('::1').is_loopback, list(i.ip_network('10.0.0.0/30').hosts()))",
    "uuid": "import uuid; print(uuid.uuid5(uuid.NAMESPACE_DNS, 'python.org'), uuid.UUID(int=5).hex)",
    "signal": "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler, signal.SIGINT.value)",
    "warnings": "import warnings\nwith warnings.catch_warnings(record=True) as w:\n    warnings.simplefilter('always'); warnings.warn('x', DeprecationWarning); print(len(w), w[0].category)",
    "traceback": "import traceback, sys\ntry: {}['k']\nexcept KeyError: traceback.print_exc(file=sys.stdout)",
    "io": "import io; b = io.BufferedReader(io.BytesIO(b'line1\\nline2\\n')); print(b.peek(3)[:3], b.readline(), io.TextIOWrapper(b).read())",
    "int limits": "import sys\ntry: int('9' * 5000)\nexcept ValueError as e: print(e)",
    "exit in atexit": "import atexit, sys; atexit.register(lambda: print('bye')); sys.exit(17)",
    "a generator left open": "def g():\n    try: yield\n    finally: print('finalised')\nx = g(); next(x)",
    "del": "class A:\n    def __del__(self): print('gone')\na = A(); a = None; print('after')",
    "help": "help(len)",
    "code in a string": "exec(compile('y = [x * 2 for x in range(3)]', 'f', 'exec')); print(y, eval('y[1]'))",
    "import machinery": "import importlib, sys; m = importlib.import_module('colorsys'); print(importlib.reload(m) is m, m.__spec__.name, 'colorsys' in sys.modules)",
    "pprint": "import pprint; pprint.pprint({'key%d' % i: list(range(i)) for i in range(12)}, width=40)",
    "string formatting errors": "try: '%d' % 'x'\nexcept TypeError as e: print(e)\ntry: '{:d}'.format('x')\nexcept ValueError as e: print(e)",
    "locale": "import locale; print(locale.getlocale()[1] is not None, locale.format_string('%d', 1234567, grouping=False))",
    "sys values": "import sys; print(sys.maxunicode, sys.float_info.max, sys.float_repr_style, sys.byteorder, sys.int_info.bits_per_digit, sys.getdefaultencoding(), "
                  "sys.getfilesystemencoding(), sys.stdout.encoding, sys.stdout.errors, sys.stdin.errors)",
}


class Parity(Case):
    """Every program of the table."""

    def test_programs(self):
        for name, code in PROGRAMS.items():
            with self.subTest(name):
                self.assert_like_native("-c", code)

    def test_the_same_as_scripts_with_optimisation(self):
        for name in ("dataclasses", "exceptions", "classes", "argparse"):
            with self.subTest(name):
                self.assert_like_native("-O", "-I", self.write("program.py", PROGRAMS[name]))

    def test_standard_tools(self):
        self.write("data.json", '{"b": 1, "a": [1, 2, {"c": null}]}')
        self.write("module.py", "def f(x):\n    '''Doubles.'''\n    return x * 2\n")
        for arguments in (("-m", "json.tool", "--sort-keys", "data.json"), ("-m", "calendar", "2026"),
                          ("-m", "tokenize", "module.py"), ("-m", "ast", "module.py"), ("-m", "base64", "-e", "data.json"), ("-m", "pydoc", "module"), ("-m", "symtable", "module.py"),
                          ("-m", "this"), ("-m", "quopri", "data.json"),
                          ("-m", "pyclbr", "module.py"), ("-m", "inspect", "module:f"), ("-m", "textwrap"),
                          ("-m", "no_such_module"), ("-m", "json.no_such")):
            with self.subTest(arguments):
                self.assert_like_native(*arguments)

    def test_programs_on_standard_input(self):
        for text in ("print(1)\nprint(2)", "x = 1\nif x:\n    print('yes')\n", "1/0", "x = = 1", "import sys; sys.exit(4)", ""):
            with self.subTest(text):
                self.assert_like_native("-", stdin=text)


if __name__ == "__main__":
    unittest.main()
