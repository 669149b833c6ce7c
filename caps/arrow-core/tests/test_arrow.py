"""Types, arrays, batches, tables, and their exchange as messages. What Python objects become of values is what pyarrow's do."""

import array
import datetime as dt
import itertools
import pickle
import random
import unittest
from decimal import Decimal

import arrow as pa

UTC = dt.timezone.utc
# (values, the type that is inferred)
INFERRED = [
    ([], "null"), ([None, None], "null"), ([True, None, False], "bool"), ([1, None, -3], "int64"), ([2**64 - 1, 0], "uint64"), ([1, 2.5, None], "double"),
    (["", "ü", None], "string"), ([b"", b"\xff", None], "binary"), ([dt.date(1, 1, 1), None, dt.date(9999, 12, 31)], "date32[day]"),
    ([dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999)], "timestamp[us]"), ([dt.datetime(2020, 1, 1, tzinfo=UTC), None], "timestamp[us, tz=UTC]"),
    ([dt.time(0), dt.time(23, 59, 59, 999999), None], "time64[us]"), ([dt.timedelta(days=-1, microseconds=5), None], "duration[us]"),
    ([Decimal("1.50"), Decimal("-100"), None], "decimal128(5, 2)"), ([[1, None], [], None], "list<item: int64>"), ([["a"], [None]], "list<item: string>"),
    ([{"a": 1, "b": "x"}, None, {"a": None, "b": None}], "struct<a: int64, b: string>"), ([[{"a": [1]}], None], "list<item: struct<a: list<item: int64>>>"),
]
# (values, type)
GIVEN = [
    *(([0, None, low, high], kind) for kind, low, high in (("int8", -128, 127), ("int16", -2**15, 2**15 - 1), ("int32", -2**31, 2**31 - 1), ("int64", -2**63, 2**63 - 1),
                                                           ("uint8", 0, 255), ("uint16", 0, 2**16 - 1), ("uint32", 0, 2**32 - 1), ("uint64", 0, 2**64 - 1))),
    ([0.0, None, 1.5, -2.0], "float16"), ([0.0, None, 1.5, -2.0], "float32"), (["a", None, "bc"], "large_string"), ([b"a", None, b"bc"], "large_binary"),
    ([b"abc", None, b"\0\0\0"], pa.binary(3)), ([dt.date(1960, 2, 29), None], "date64"), ([dt.time(1, 2, 3), None], "time32[s]"),
    ([dt.time(1, 2, 3, 4000), None], "time32[ms]"), ([dt.time(1, 2, 3, 4), None], "time64[ns]"), ([dt.datetime(1969, 12, 31, 23, 59, 59), None], "timestamp[s]"),
    ([dt.datetime(2262, 4, 11), dt.datetime(1677, 9, 22), None], "timestamp[ns]"), ([dt.timedelta(seconds=-5), None], "duration[s]"),
    ([Decimal("1.5"), None, Decimal("-99999.99")], pa.decimal32(7, 2)), ([Decimal("0.000001"), None], pa.decimal64(18, 6)), ([Decimal(10)**75, None, -Decimal(10)**75], pa.decimal256(76)),
    ([[1, 2], None, []], pa.large_list("int16")), ([[1, None], None, [3, 4]], pa.list_("int8", 2)), ([[("a", 1)], None, [], [("b", None), ("c", 3)]], pa.map_("string", "int32")),
    ([(1, 2, 3), None, (-1, -2, -2**60)], pa.month_day_nano_interval()), ([{"a": 1}, None], pa.struct([("a", "uint8")])), ([None, None], "null"),
    (["x", None, "y", "x"], pa.dictionary("int8", "string")), ([[1, 2], None], pa.list_(pa.field("element", "int64"))),
]
ALL = [*((values, None) for values, _ in INFERRED), *GIVEN]


class ArraysTest(unittest.TestCase):
    def check(self, made, values):
        self.assertEqual(made.to_pylist(), values)
        self.assertEqual(len(made), len(values))
        self.assertEqual(made.null_count, values.count(None))
        made.validate(full=True)
        for start, length in itertools.product(range(len(values) + 1), range(3)):
            part = made.slice(start, length)
            self.assertEqual(part.to_pylist(), made.to_pylist()[start:start + length])
            self.assertEqual(part.null_count, values[start:start + length].count(None))
        self.assertEqual(pickle.loads(pickle.dumps(made)), made)
        self.assertEqual(pa.concat_arrays([made.slice(1), made, made.slice(0, 1)]).to_pylist(), [*made.to_pylist()[1:], *made.to_pylist(), *made.to_pylist()[:1]])

    def test_inferred(self):
        for values, kind in INFERRED:
            with self.subTest(kind=kind):
                made = pa.array(values)
                self.assertEqual(str(made.type), kind)
                self.check(made, values)

    def test_given(self):
        for values, kind in GIVEN:
            with self.subTest(kind=str(kind)):
                made = pa.array(values, kind)
                self.assertEqual(made.type, kind)
                self.check(made, values)

    def test_values_that_do_not_fit(self):
        for values, kind, error in (([128], "int8", pa.ArrowInvalid), ([-1], "uint8", pa.ArrowInvalid), ([2**63], "int64", pa.ArrowInvalid), (["a"], "int64", pa.ArrowTypeError),
                                    ([1], "string", pa.ArrowTypeError), ([b"ab"], pa.binary(3), pa.ArrowInvalid), (["\ud800"], "string", pa.ArrowInvalid),
                                    ([Decimal("1.234")], pa.decimal128(5, 2), pa.ArrowInvalid), ([Decimal(1000)], pa.decimal128(5, 2), pa.ArrowInvalid),
                                    ([[1]], pa.list_("int8", 2), pa.ArrowInvalid), ([1], "null", pa.ArrowInvalid), ([1.5], "int64", pa.ArrowTypeError)):
            with self.subTest(values=values, kind=str(kind)):
                self.assertRaises(error, pa.array, values, kind)
        self.assertRaises(pa.ArrowInvalid, pa.array, [1, "a"])
        self.assertRaises(pa.ArrowInvalid, pa.array, [True, 1])

    def test_buffers_are_not_copied(self):
        numbers = array.array("q", range(1000))
        made = pa.array(numbers)
        numbers[5] = -1
        self.assertEqual(made[5].as_py(), -1)
        self.assertEqual(made.type, "int64")
        view = memoryview(made[2:7])
        self.assertEqual((view.format, view.tolist()), ("q", [2, 3, 4, -1, 6]))
        numbers[6] = 66
        self.assertEqual(view[4], 66)
        self.assertEqual(bytes(made.buffers()[1]), numbers.tobytes())
        self.assertRaises(BufferError, memoryview, pa.array([1, None]))
        self.assertRaises(BufferError, memoryview, pa.array(["a"]))
        again = pa.Array.from_buffers("int64", 1000, [None, pa.py_buffer(numbers)])
        numbers[7] = 77
        self.assertEqual(again[7].as_py(), 77)

    def test_slices_share(self):
        data = bytearray(range(100))
        made = pa.Array.from_buffers("uint8", 100, [None, data])[10:20][5:]
        data[15] = 255
        self.assertEqual(made.to_pylist(), [255, 16, 17, 18, 19])

    def test_take_filter_and_others(self):
        for values, kind in ALL:
            made = pa.array(values, kind)
            shown = made.to_pylist()
            places = [place for place in (2, 0, 1) if place < len(values)]
            self.assertEqual(made.take([*places, None]).to_pylist(), [*(shown[place] for place in places), None], str(kind))
            flags = [place % 2 == 0 for place in range(len(values))]
            self.assertEqual(made.filter(flags).to_pylist(), shown[::2], str(kind))
        self.assertRaises(pa.ArrowInvalid, pa.array([1]).take, [1])
        self.assertRaises(pa.ArrowInvalid, pa.array(["a"]).take, [-1])
        self.assertRaises(IndexError, lambda: pa.array([1])[1])
        self.assertEqual(pa.array([1, None, 1, 3]).unique().to_pylist(), [1, None, 3])
        self.assertEqual(pa.array([1, None]).is_null().to_pylist(), [False, True])

    def test_dictionaries(self):
        made = pa.array(["a", None, "b", "a"]).dictionary_encode()
        self.assertEqual((made.dictionary.to_pylist(), made.indices.to_pylist()), (["a", "b"], [0, None, 1, 0]))
        self.assertEqual(made.dictionary_decode(), pa.array(["a", None, "b", "a"]))
        both = pa.concat_arrays([made, pa.array(["c", "b"]).dictionary_encode()])
        self.assertEqual((both.to_pylist(), both.dictionary.to_pylist()), (["a", None, "b", "a", "c", "b"], ["a", "b", "c"]))

    def test_casts(self):
        for values, to, expected in (([1, None], "string", ["1", None]), (["1", None], "int8", [1, None]), ([1.0, 2.0], "int64", [1, 2]), (["true", "0"], "bool", [True, False]),
                                     ([1], "double", [1.0]), (["2020-01-01"], "date32", [dt.date(2020, 1, 1)]), ([Decimal("1.50")], "double", [1.5]),
                                     ([1.25], pa.decimal128(5, 2), [Decimal("1.25")]), (["x", "x"], pa.dictionary("int32", "string"), ["x", "x"])):
            made = pa.array(values).cast(to)
            self.assertEqual((made.type, made.to_pylist()), (to, expected))
        self.assertRaises(pa.ArrowInvalid, pa.array([1.5]).cast, "int64")
        self.assertRaises(pa.ArrowInvalid, pa.array([300]).cast, "int8")
        self.assertRaises(pa.ArrowInvalid, pa.array([dt.datetime(2020, 1, 1, 0, 0, 0, 1)]).cast, "timestamp[s]")
        self.assertEqual(pa.array([dt.datetime(2020, 1, 1)]).cast("timestamp[s]").to_pylist(), [dt.datetime(2020, 1, 1)])

    def test_many_values(self):
        """Bitmaps, offsets and values against plain lists, at lengths around a byte's and a word's."""
        chosen = random.Random(7)
        for length in (0, 1, 7, 8, 9, 63, 64, 65, 1000):
            for make in (lambda: chosen.randrange(-2**63, 2**63), lambda: chosen.choice((True, False)), lambda: "x" * chosen.randrange(5), chosen.random):
                values = [make() if chosen.random() < 0.8 else None for _ in range(length)]
                made = pa.array(values)
                self.assertEqual(made.to_pylist(), values)
                start = chosen.randrange(length + 1)
                self.assertEqual(pa.table(b"".join(pa.table({"a": made.slice(start)}).__arrow_ipc__())).column(0).to_pylist(), values[start:])


class TablesTest(unittest.TestCase):
    table = pa.table({"a": [3, 1, None, 2], "b": ["x", None, "z", "x"]})

    def test_made_of(self):
        rows = [{"a": 3, "b": "x"}, {"a": 1, "b": None}, {"a": None, "b": "z"}, {"a": 2, "b": "x"}]
        self.assertEqual(self.table.to_pylist(), rows)
        self.assertEqual(pa.Table.from_pylist(rows), self.table)
        self.assertEqual(pa.table([[3, 1, None, 2], ["x", None, "z", "x"]], names=["a", "b"]), self.table)
        self.assertEqual(pa.Table.from_batches(self.table.to_batches(3)), self.table)
        self.assertEqual(pa.table(self.table.to_pydict(), schema=pa.schema([("a", "int64"), ("b", "string")])), self.table)
        self.assertEqual((self.table.shape, self.table.column_names), ((4, 2), ["a", "b"]))

    def test_rows_and_columns(self):
        table = self.table
        self.assertEqual(table.slice(1, 2).to_pylist(), table.to_pylist()[1:3])
        self.assertEqual(table.select(["b"]).column_names, ["b"])
        self.assertEqual(table.sort_by([("b", "descending"), ("a", "ascending")]).column("a").to_pylist(), [None, 2, 3, 1])
        self.assertEqual(table.filter([True, False, True, False]).column("a").to_pylist(), [3, None])
        self.assertEqual(table.take([3, 0]).column("a").to_pylist(), [2, 3])
        self.assertEqual(table.append_column("c", [1, 2, 3, 4]).drop_columns(["a"]).column_names, ["b", "c"])
        self.assertEqual(table.rename_columns({"a": "z"}).column_names, ["z", "b"])
        self.assertEqual(table.cast(pa.schema([("a", "double"), ("b", "string")])).column("a").to_pylist(), [3.0, 1.0, None, 2.0])
        self.assertEqual(pa.concat_tables([table, table]).num_rows, 8)
        self.assertEqual(pa.concat_tables([table, table]).combine_chunks().column("b").num_chunks, 1)
        self.assertRaisesRegex(KeyError, "no field named 'q'", table.column, "q")
        self.assertRaises(pa.ArrowInvalid, pa.table, {"a": [1], "b": []})

    def test_schemas(self):
        schema = pa.schema([pa.field("a", "int64", nullable=False, metadata={"k": "v"}), ("b", pa.list_("string"))], metadata={"x": b"\0"})
        again = pa.table(b"".join(pa.table([[1], [["s"]]], schema=schema).__arrow_ipc__())).schema
        self.assertTrue(again.equals(schema, check_metadata=True))
        self.assertEqual(str(schema), "a: int64 not null\nb: list<item: string>")
        self.assertEqual(pickle.loads(pickle.dumps(schema)), schema)
        self.assertEqual(schema.get_field_index("b"), 1)
        self.assertRaises(ValueError, pa.array, [], "int65")
        self.assertRaises(NotImplementedError, pa.DataType, "vu")
        for bad in ("d:99,1", "d:x", "w:-1", "+ud:0", "tss"):
            self.assertRaises((pa.ArrowException, ValueError), pa.DataType, bad)


class ExchangeTest(unittest.TestCase):
    """__arrow_ipc__: a schema's message, then items of whole messages."""

    def test_both_ways(self):
        table = pa.table({str(place): pa.array((values * 3)[:6] if values else [None] * 6, kind) for place, (values, kind) in enumerate(ALL)})
        for rows in (None, 1, 4):
            items = list(table.__arrow_ipc__(rows))
            self.assertEqual(len(items), 1 + (1 if rows is None else -(-6 // rows)))
            reader = pa.RecordBatchReader.from_stream(table)
            self.assertEqual(reader.schema, table.schema)
            self.assertEqual(pa.table(b"".join(items)).to_pydict(), table.to_pydict())

    def test_any_producer(self):
        class Producer:
            def __arrow_ipc__(self, max_rows=None):
                yield from pa.table({"a": [1, 2, 3]}).__arrow_ipc__(2)

        self.assertEqual(pa.table(Producer()).to_pydict(), {"a": [1, 2, 3]})
        self.assertEqual(pa.record_batch(Producer()).to_pydict(), {"a": [1, 2, 3]})

    def test_nothing_is_copied(self):
        items = [bytearray(item) for item in pa.table({"a": list(range(100))}).__arrow_ipc__()]

        class Producer:
            def __arrow_ipc__(self, max_rows=None):
                return iter(items)

        table = pa.table(Producer())
        items[1][-800] = 99
        self.assertEqual(table.column("a").to_pylist()[0], 99)

    def test_damaged(self):
        whole = b"".join(pa.table({"a": list(range(100)), "s": ["x"] * 100}).__arrow_ipc__())
        for size in range(0, len(whole), 7):
            try:
                self.assertLess(pa.table(whole[:size]).num_rows, 100)
            except pa.ArrowException:
                pass
        self.assertRaises(pa.ArrowInvalid, pa.table, b"")
        self.assertRaises(pa.ArrowInvalid, pa.table, whole[len(next(pa.table({"a": [1]}).__arrow_ipc__())):])


if __name__ == "__main__":
    unittest.main()
