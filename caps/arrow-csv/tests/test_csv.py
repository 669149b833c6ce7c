"""CSV to columns and back: what is inferred, what may be chosen, what is refused. Values and types are those that pyarrow.csv gives."""

import datetime as dt
import io
import random
import unittest

import arrow as pa
import arrow.csv as csv


def read(data, *, block_size=1 << 20, parse=None, convert=None, **options):
    return csv.read_csv(io.BytesIO(data if isinstance(data, bytes) else data.encode()), csv.ReadOptions(block_size=block_size, **options),
                        csv.ParseOptions(**parse or {}), csv.ConvertOptions(**convert or {}))


# (a column's values as text, its type, its values)
INFERRED = [
    ("1,-2,", "int64", [1, -2, None]), ("1,0,1", "int64", [1, 0, 1]), ("1,true,", "bool", [True, True, None]), ("FALSE,0", "bool", [False, False]),
    ("2020-02-29,1899-12-31", "date32[day]", [dt.date(2020, 2, 29), dt.date(1899, 12, 31)]), ("2020-02-29,2021-02-29", "string", ["2020-02-29", "2021-02-29"]),
    ("10:20,10:20:30", "time32[s]", [dt.time(10, 20), dt.time(10, 20, 30)]), ("24:00,", "string", ["24:00", ""]),
    ("2020-01-01 10:00:00,2020-01-01T10:00:01,2020-01-01", "timestamp[s]", [dt.datetime(2020, 1, 1, 10), dt.datetime(2020, 1, 1, 10, 0, 1), dt.datetime(2020, 1, 1)]),
    ("2020-01-01 10:00:00.5,", "timestamp[ns]", [dt.datetime(2020, 1, 1, 10, 0, 0, 500000), None]),
    ("2020-01-01 10:00:00Z,2020-01-01 12:00:00+02:00", "timestamp[s, tz=UTC]", [dt.datetime(2020, 1, 1, 10, tzinfo=dt.timezone.utc)] * 2),
    ("1,2.5,-1e300", "double", [1.0, 2.5, -1e300]), ("1,nan,NULL", "int64", [1, None, None]), ("9223372036854775808,1", "double", [9223372036854775808.0, 1.0]),
    ("inf,-inf,1", "double", [float("inf"), float("-inf"), 1.0]), (",,", "null", [None, None, None]), ("a,,NA", "string", ["a", "", "NA"]), (" 1 , 2", "int64", [1, 2]),
    ("1,x", "string", ["1", "x"]), ("1,2020-01-01", "string", ["1", "2020-01-01"]),
]


class InferenceTest(unittest.TestCase):
    def test_types(self):
        for texts, kind, values in INFERRED:
            with self.subTest(texts=texts):
                rows = texts.split(",")
                for block_size in (1 << 20, 7, 1):
                    table = read("c,end\n" + "".join(f"{one},e\n" for one in rows), block_size=block_size)
                    self.assertEqual((str(table.column("c").type), table.column("c").to_pylist()), (kind, values))

    def test_bytes_that_are_no_text(self):
        self.assertEqual(read(b"a\n\xff\nx\n").to_pydict(), {"a": [b"\xff", b"x"]})
        self.assertEqual(read(b"a\n\xff\n", convert={"column_types": {"a": "binary"}}).to_pydict(), {"a": [b"\xff"]})
        self.assertRaises(pa.ArrowInvalid, read, b"a\n\xff\n", convert={"column_types": {"a": "string"}})
        self.assertRaises(pa.ArrowInvalid, read, b"\xff\n1\n")
        self.assertEqual(read("a\nü\n".encode("latin-1"), encoding="latin-1").to_pydict(), {"a": ["ü"]})
        self.assertEqual(read("a\nü\n".encode("utf-16"), encoding="utf-16", block_size=3).to_pydict(), {"a": ["ü"]})
        self.assertEqual(read("\ufeffa\n1\n").column_names, ["a"])

    def test_given_types(self):
        kinds = {"a": "int8", "b": "float", "c": pa.decimal128(5, 2), "d": pa.dictionary("int32", "string"), "e": pa.timestamp("ms"), "f": "uint64"}
        table = read("a,b,c,d,e,f\n1,2,3.25,x,2020-01-01 00:00:00.125,18446744073709551615\n", convert={"column_types": kinds})
        self.assertEqual({one.name: one.type for one in table.schema}, {name: pa.field("x", kind).type for name, kind in kinds.items()})
        self.assertEqual(table.to_pylist()[0]["f"], 2**64 - 1)
        self.assertRaisesRegex(pa.ArrowInvalid, "column #0 .*Row #2.*128", read, "a\n128\n", convert={"column_types": {"a": "int8"}})
        self.assertRaises(pa.ArrowInvalid, read, "a\n2020-01-01 00:00:00.1234\n", convert={"column_types": {"a": pa.timestamp("ms")}})


class DialectTest(unittest.TestCase):
    def test_quotes(self):
        text = 'a,b\n"x, y","say ""hi"""\n"line\nbreak","tail"s\n"",""\n'
        values = {"a": ["x, y", "line\nbreak", ""], "b": ['say "hi"', "tails", ""]}
        for block_size in (1 << 20, *range(1, 12)):
            self.assertEqual(read(text, block_size=block_size).to_pydict(), values)
        self.assertEqual(read("a\n'x'\n", parse={"quote_char": "'"}).to_pydict(), {"a": ["x"]})
        self.assertEqual(read('a\n"x"\n', parse={"quote_char": False}).to_pydict(), {"a": ['"x"']})
        self.assertEqual(read('a,b\nx\\,y,"q\\"r"\n', parse={"escape_char": "\\"}).to_pydict(), {"a": ["x,y"], "b": ['q"r']})

    def test_ends_of_lines(self):
        for text in ("a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r", "a,b\n1,2\n3,4", "a,b\n\n1,2\n\n\n3,4\n\n"):
            for block_size in (1 << 20, 1, 2, 3):
                self.assertEqual(read(text, block_size=block_size).to_pydict(), {"a": [1, 3], "b": [2, 4]})
        self.assertEqual(read("a\n1\n\n2\n", parse={"ignore_empty_lines": False}).to_pydict(), {"a": [1, None, 2]})

    def test_delimiters_and_points(self):
        self.assertEqual(read("a;b\n1,5;x\n", parse={"delimiter": ";"}, convert={"decimal_point": ","}).to_pydict(), {"a": [1.5], "b": ["x"]})
        self.assertEqual(read("a\tb\n1\t2\n", parse={"delimiter": "\t"}).to_pydict(), {"a": [1], "b": [2]})
        for bad in ({"delimiter": ",,"}, {"delimiter": "\n"}, {"quote_char": ","}):
            self.assertRaises(pa.ArrowInvalid, csv.ParseOptions, **bad)

    def test_names_and_rows(self):
        text = "x\ny\na,b\n1,2\n3,4\n"
        self.assertEqual(read(text, skip_rows=2).to_pydict(), {"a": [1, 3], "b": [2, 4]})
        self.assertEqual(read(text, skip_rows=2, skip_rows_after_names=1).to_pydict(), {"a": [3], "b": [4]})
        self.assertEqual(read(text, skip_rows=3, column_names=["p", "q"]).to_pydict(), {"p": [1, 3], "q": [2, 4]})
        self.assertEqual(read(text, skip_rows=3, autogenerate_column_names=True).to_pydict(), {"f0": [1, 3], "f1": [2, 4]})
        self.assertEqual(read("a,b\n1,2\n", convert={"include_columns": ["b"]}).to_pydict(), {"b": [2]})
        self.assertEqual(read("a,b\n1,2\n", convert={"include_columns": ["b", "z"], "include_missing_columns": True}).to_pydict(), {"b": [2], "z": [None]})
        self.assertRaisesRegex(pa.ArrowInvalid, "'z'", read, "a\n1\n", convert={"include_columns": ["z"]})
        self.assertEqual((read("a,b\n").num_rows, read("a,b\n").column_names), (0, ["a", "b"]))

    def test_nulls(self):
        self.assertEqual(read("a,b\nx,-\n-,1\n", convert={"null_values": ["-"], "strings_can_be_null": True}).to_pydict(), {"a": ["x", None], "b": [None, 1]})
        self.assertEqual(read('a\n"NA"\nNA\n', convert={"strings_can_be_null": True, "quoted_strings_can_be_null": False}).to_pydict(), {"a": ["NA", None]})
        self.assertEqual(read("a\nja\nnein\n", convert={"true_values": ["ja"], "false_values": ["nein"]}).to_pydict(), {"a": [True, False]})


class StreamsTest(unittest.TestCase):
    def test_batches(self):
        data = "a,b\n" + "".join(f"{i},x{i}\n" for i in range(1000))
        reader = csv.open_csv(io.BytesIO(data.encode()), csv.ReadOptions(block_size=1000))
        batches = list(reader)
        self.assertGreater(len(batches), 5)
        self.assertEqual(pa.Table.from_batches(batches).to_pydict(), {"a": list(range(1000)), "b": [f"x{i}" for i in range(1000)]})
        reader = csv.open_csv(io.BytesIO((data + "x,y\n").encode()), csv.ReadOptions(block_size=1000))
        self.assertRaisesRegex(pa.ArrowInvalid, "column_types", list, reader)

    def test_what_is_refused(self):
        for text, what in (("a,b\n1\n", "Row #2: Expected 2 columns, got 1"), ("a\n1,2\n", "Expected 1 columns, got 2"), ('a\n"x\n', "does not end"), ("", "Empty CSV"), ("\n\n", "Empty CSV")):
            for block_size in (1 << 20, 1):
                self.assertRaisesRegex(pa.ArrowInvalid, what, read, text, block_size=block_size)

    def test_a_quote_that_never_ends(self):
        """What comes in pieces is not searched again with each."""
        self.assertRaises(pa.ArrowInvalid, read, b'a\n"' + b"x" * 4_000_000, block_size=1000)

    def test_damaged(self):
        """Any bytes are columns or an error of this package."""
        chosen = random.Random(3)
        for number in range(1500):
            data = bytes(chosen.choices(b'a1.,,\n\n\r"":-+eTZ \xff\0N', k=chosen.randrange(60)))
            parse = {"escape_char": chosen.choice((False, "a"))}
            try:
                table = read(data, block_size=chosen.choice((1, 5, 1000)), parse=parse)
                table.validate(full=True)
                whole = read(data, parse=parse)
                self.assertEqual(table.to_pylist(), whole.to_pylist(), data) if b"nan" not in data else None
            except pa.ArrowInvalid:
                pass
            except BaseException as error:
                raise AssertionError(f"round {number}, {data}: {type(error).__name__}: {error}") from error


class WritingTest(unittest.TestCase):
    table = pa.table({"n": [1, None], "t": ['a "q",\n', None], "f": [1.0, -2.5], "b": [True, None], "d": [dt.date(2020, 1, 2), None],
                      "m": [dt.datetime(2020, 1, 2, 3, 4, 5, 6), None]})

    def text(self, table, **options):
        sink = io.BytesIO()
        csv.write_csv(table, sink, csv.WriteOptions(**options))
        return sink.getvalue().decode()

    def test_known_text(self):
        self.assertEqual(self.text(self.table), '"n","t","f","b","d","m"\n1,"a ""q"",\n",1,true,2020-01-02,2020-01-02 03:04:05.000006\n,,-2.5,,,\n')
        self.assertEqual(self.text(self.table.select(["n", "f"]), include_header=False, delimiter=";", quoting_style="all_valid"), '"1";"1"\n;"-2.5"\n')
        self.assertEqual(self.text(self.table.select(["n"]), quoting_style="none"), '"n"\n1\n\n')
        self.assertRaises(pa.ArrowInvalid, self.text, self.table, quoting_style="none")
        self.assertRaises(TypeError, self.text, pa.table({"l": [[1]]}))

    def test_numbers(self):
        numbers = {-0.0: "-0", 1.0: "1", 1e9: "1000000000", 1e10: "1e+10", 1e-6: "0.000001", 1e-7: "1e-7", 123456789012.0: "1.23456789012e+11", 0.1: "0.1",
                   5e-324: "5e-324", -1.5e300: "-1.5e+300", float("inf"): "inf", 1234.5: "1234.5"}
        self.assertEqual(self.text(pa.table({"f": list(numbers)})).split()[1:], list(numbers.values()))
        self.assertEqual(self.text(pa.table({"f": pa.array([123456792.0, 0.1], "float")})).split()[1:], ["123456790", "0.1"])
        self.assertEqual(self.text(pa.table({"i": [-2**63, 2**63 - 1]})).split()[1:], ["-9223372036854775808", "9223372036854775807"])

    def test_parts(self):
        """What is written of a slice is its rows alone."""
        table = pa.table({"n": [None if i % 5 == 0 else i for i in range(100)], "t": [None if i % 7 == 0 else "x" * (i % 4) for i in range(100)], "b": [i % 3 == 0 for i in range(100)]})
        whole = self.text(table, include_header=False).splitlines()
        for start, rows in ((0, 100), (1, 9), (8, 16), (63, 37), (100, 0)):
            self.assertEqual(self.text(table.slice(start, rows), include_header=False).splitlines(), whole[start:start + rows])

    def test_read_again(self):
        again = read(self.text(self.table.select(["n", "t", "f", "b", "d"])), convert={"strings_can_be_null": True})
        self.assertEqual(again.to_pydict(), self.table.select(["n", "t", "f", "b", "d"]).to_pydict())


if __name__ == "__main__":
    unittest.main()
