"""Documents (docs/bindings.md): _pylon_caps.dumps() and loads() against a second, plain implementation in wire.py."""

import unittest

from harness import HERE, Case

PRELUDE = """
import array, collections, enum, gc, math, random, sys
sys.path.insert(0, ".")
import wire
from _pylon_caps import CapError, dumps, loads

def refused(kind, function, *arguments):
    try:
        function(*arguments)
    except kind as error:
        return str(error)
    raise AssertionError(f"no {kind.__name__}: {arguments!r}")
"""

RANDOM = """
random.seed({seed})
TEXT = "a b\\0\\x7fäß€中\\ud7ff\\ue000\\uffff𝄞\\U0010ffff"
EDGES = [0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1, -1, -24, -25, -256, -257, -(2**63)]

def value(depth=0):
    kind = random.randrange(9 if depth < 5 else 7)
    if kind < 3:
        return (None, True, False)[kind]
    if kind == 3:
        return random.choice(EDGES) if random.random() < 0.5 else random.randint(-(2**63), 2**64 - 1)
    if kind == 4:
        return random.choice([0.0, -0.0, math.inf, -math.inf, 1e300, random.random()])
    length = random.choice((0, 1, 5, 23, 24, 255, 256))
    if kind == 5:
        return "".join(random.choices(TEXT, k=length))
    if kind == 6:
        return random.randbytes(length)
    return tuple(value(depth + 1) for _ in range(random.choice((0, 1, 2, 7, 25))))
"""


class Documents(Case):
    def setUp(self):
        super().setUp()
        self.write("wire.py", (HERE / "wire.py").read_text())

    def good(self, text, *before):
        """Runs a program that has to end well and say nothing."""
        result = self.pylon("--allow-read=.", *before, "-c", PRELUDE + text)
        self.assertEqual((result.code, result.out, result.err), (0, "", ""))

    def test_values_there_and_back(self):
        self.good(RANDOM.format(seed=7) + """
for _ in range(3000):
    one = value()
    document = dumps(one)
    assert document == wire.write_document(one), one
    back = loads(document)
    assert back == (list(one) if type(one) is tuple else one) and dumps(back) == document
    assert repr(back) == repr(wire.read_document(document))
""")

    def test_what_is_written(self):
        self.good("""
class Number(enum.IntEnum): ONE = 1
class Text(str): pass
Row = collections.namedtuple("Row", "a b")
assert dumps([Number.ONE, Text("x"), Row(1, None)]) == dumps([1, "x", (1, None)])
assert dumps(bytearray(b"ab")) == dumps(memoryview(b"ab")) == dumps(b"ab") == b"\\x42ab"
assert dumps(array.array("d", [1.5])) == dumps(array.array("d", [1.5]).tobytes())
assert dumps(math.nan) == dumps(-math.nan) == bytes.fromhex("fb7ff8000000000000")
assert len(dumps(["x" * 1000] * 1000)) == 3 + 1003 * 1000
""")

    def test_what_is_refused(self):
        self.good("""
for wrong in (2**64, -(2**63) - 1, 10**40, -(10**40)):
    assert "out of range" in refused(OverflowError, dumps, wrong)
for wrong in ({}, {1}, object(), 1j, iter([]), range(3)):
    assert type(wrong).__name__ in refused(TypeError, dumps, [wrong])
refused(UnicodeEncodeError, dumps, "\\ud800")
refused(BufferError, dumps, memoryview(b"abcd")[::2])
refused(TypeError, loads, "text")
refused(TypeError, loads)
deep = []
for _ in range(63): deep = [deep]
assert dumps(loads(dumps(deep))) == dumps(deep)
assert "64" in refused(ValueError, dumps, [deep])
itself = []
itself.append(itself)
refused(ValueError, dumps, itself)

class Shrinks(bytearray):
    def __buffer__(self, flags):
        victim.clear()
        return memoryview(b"x")
victim = [Shrinks(b"x"), 1, 2]
assert "changed" in refused(RuntimeError, dumps, victim)
""")

    def test_rows_are_tuples_the_collector_need_not_know(self):
        self.good("""
rows = loads(dumps([[1, "a", None], (2, "b", 1.5)]))
assert rows == [(1, "a", None), (2, "b", 1.5)] and type(rows) is list and {type(row) for row in rows} == {tuple}
assert not any(map(gc.is_tracked, rows)) and gc.is_tracked(rows)
nested = loads(dumps([[[1]]]))
assert gc.is_tracked(nested[0]) and not gc.is_tracked(nested[0][0])
assert loads(dumps(())) == [] and loads(dumps([()])) == [()]
""")

    def test_lists_of_numbers(self):
        self.good("""
for tag, form in wire.TAGS.items():
    numbers = array.array(form.upper() if form == "b" else form, [0, 1, 100])
    document = wire.head(6, tag) + wire.head(2, 3 * numbers.itemsize) + numbers.tobytes()
    assert loads(document) == [0, 1, 100] and loads(b"\\x81" + document) == [[0, 1, 100]]
    if numbers.itemsize > 1:
        refused(CapError, loads, wire.head(6, tag) + wire.head(2, 1) + b"x")
refused(CapError, loads, wire.head(6, 64) + b"\\x41x")
""")

    def test_only_the_one_form_is_read(self):
        self.good("""
for wrong in ("", "1800", "190001", "1a00000001", "1b0000000000000001", "3bffffffffffffffff", "1c", "5f", "9fff", "a0", "f7", "f90000",
              "fa00000000", "fb7ff0000000000001", "61", "61ff", "62c328", "63eda080", "42", "82", "8201", "0101", "f4f4", "c100",
              "9b00000000ffffffff", "9affffffff", "829affffff00", "5b7fffffffffffffff00"):
    try:
        loads(bytes.fromhex(wrong))
    except CapError as error:
        assert error.kind == "bad-payload" and "byte" in str(error), error
    else:
        raise AssertionError(wrong)
""")

    def test_mutated_documents(self):
        """Whatever the bytes are, both implementations say the same, and nothing is asked for that they cannot fill."""
        self.good(RANDOM.format(seed=8) + """
for _ in range(2500):
    document = bytearray(dumps(value()))
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(document))
        change = random.randrange(4)
        if change == 0: document[at] = random.randrange(256)
        elif change == 1: del document[at:at + random.randrange(1, 5)]
        elif change == 2: document[at:at] = random.randbytes(random.randrange(1, 5))
        else: document[at:at] = wire.head(4, random.choice([1, 24, 256, 2**20, 2**32, 2**63]))
        document = document or bytearray(b"\\0")
    try:
        wanted = repr(wire.read_document(bytes(document)))
    except wire.BadPayload:
        refused(CapError, loads, document)
    else:
        assert repr(loads(document)) == wanted
""", "--max-memory=96M")

    def test_sealed_types(self):
        self.good("""
from _pylon_caps import seal
@seal
class Sealed:
    x = 1
class Open(Sealed): pass
Open.x = 2
one = Sealed()
one.y = 3
for action in (lambda: setattr(Sealed, "x", 2), lambda: delattr(Sealed, "x"), lambda: setattr(Sealed, "new", 1)):
    assert "immutable type 'Sealed'" in refused(TypeError, action)
refused(TypeError, seal, one)
""")


if __name__ == "__main__":
    unittest.main()
