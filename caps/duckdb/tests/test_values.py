"""Values of every type into the engine and out of it."""

import datetime
import decimal
import math
import unittest
import uuid

import duckdb

UTC = datetime.timezone.utc
NOON = datetime.datetime(2024, 2, 29, 12, 30, 15, 250001)
LITERALS = {
    "NULL": None,
    "true": True,
    "(-128)::TINYINT": -128,
    "255::UTINYINT": 255,
    "(-32768)::SMALLINT": -32768,
    "65535::USMALLINT": 65535,
    "-2147483648": -(1 << 31),
    "4294967295::UINTEGER": (1 << 32) - 1,
    "(-9223372036854775808)::BIGINT": -(1 << 63),
    "18446744073709551615::UBIGINT": (1 << 64) - 1,
    "(-170141183460469231731687303715884105728)::HUGEINT": -(1 << 127),
    "12::HUGEINT": 12,
    "340282366920938463463374607431768211455::UHUGEINT": (1 << 128) - 1,
    "0.1::DOUBLE": 0.1,
    "1.5::FLOAT": 1.5,
    "'inf'::DOUBLE": math.inf,
    "'\N{SNOWMAN} text'": "\N{SNOWMAN} text",
    "'\\x00\\xFF'::BLOB": b"\x00\xff",
    "'0101'::BIT": "0101",
    "1.50::DECIMAL(4,2)": decimal.Decimal("1.50"),
    "-12345678901234567890.123456789::DECIMAL(38,9)": decimal.Decimal("-12345678901234567890.123456789"),
    "DATE '2024-02-29'": NOON.date(),
    "DATE 'infinity'": datetime.date.max,
    "DATE '-infinity'": datetime.date.min,
    "DATE '0001-01-01'": datetime.date(1, 1, 1),
    "DATE '20000-01-01'": "20000-01-01",
    "TIME '12:30:15.250001'": NOON.time(),
    "TIMETZ '12:30:15.250001+02:30'": NOON.time().replace(tzinfo=datetime.timezone(datetime.timedelta(hours=2, minutes=30))),
    "TIMESTAMP '2024-02-29 12:30:15.250001'": NOON,
    "TIMESTAMP '1677-01-01 00:00:00'": datetime.datetime(1677, 1, 1),
    "TIMESTAMP 'infinity'": datetime.datetime.max,
    "TIMESTAMP_S '2024-02-29 12:30:15'": NOON.replace(microsecond=0),
    "TIMESTAMP_MS '2024-02-29 12:30:15.25'": NOON.replace(microsecond=250000),
    "TIMESTAMP_NS '2024-02-29 12:30:15.250001999'": NOON,
    "TIMESTAMPTZ '2024-02-29 12:30:15.250001+00'": NOON.replace(tzinfo=UTC),
    "INTERVAL '1 month 2 days 3 microseconds'": datetime.timedelta(days=32, microseconds=3),
    "'5e9e2d7c-8d0c-4b3f-9a64-0f2a8f6d1c11'::UUID": uuid.UUID("5e9e2d7c-8d0c-4b3f-9a64-0f2a8f6d1c11"),
    "'b'::ENUM('a', 'b')": "b",
    "[1, NULL, 3]": [1, None, 3],
    "[]::INTEGER[]": [],
    "[[DATE '2024-02-29'], NULL, []]": [[NOON.date()], None, []],
    "[1, 2]::INTEGER[2]": (1, 2),
    "{'a': 1, 'b': [{'c': TIME '12:30:15.250001'}]}": {"a": 1, "b": [{"c": NOON.time()}]},
    "row(1, 'x')": (1, "x"),
    "MAP {'k': 1.5, 'l': NULL}": {"k": decimal.Decimal("1.5"), "l": None},
    "MAP {[1]: 2}": {"key": [[1]], "value": [2]},
    "MAP {}": {},
    "union_value(d := DATE '2024-02-29')": NOON.date(),
}
PARAMETERS = {
    "NULL": None,
    "BOOLEAN": True,
    "INTEGER": 7,
    "BIGINT": -(1 << 40),
    "UBIGINT": (1 << 64) - 1,
    "DOUBLE": 1e300,
    "VARCHAR": "it's\n\N{SNOWMAN}",
    "BLOB": b"\0\1\xff",
    "DATE": NOON.date(),
    "TIME": NOON.time(),
    "TIMESTAMP": NOON,
    "TIMESTAMP WITH TIME ZONE": NOON.replace(tzinfo=UTC),
    "INTERVAL": datetime.timedelta(days=-3, seconds=4, microseconds=5),
    "UUID": uuid.UUID(int=1 << 127),
    "DECIMAL(5,2)": decimal.Decimal("-123.45"),
    "INTEGER[]": [1, None, 3],
    "STRUCT(a INTEGER, b VARCHAR[])": {"a": 1, "b": ["x"]},
}


class ValuesTest(unittest.TestCase):
    def setUp(self):
        self.connection = duckdb.connect()
        self.addCleanup(self.connection.close)

    def test_every_type_is_read(self):
        for literal, expected in LITERALS.items():
            with self.subTest(literal):
                found = self.connection.execute(f"SELECT {literal}").fetchone()[0]
                self.assertEqual((found, type(found)), (expected, type(expected)))

    def test_columns_with_nulls_between_and_many_rows(self):
        for literal, expected in LITERALS.items():
            if literal.endswith("]"):
                continue  # CASE does not know arrays
            with self.subTest(literal):
                rows = self.connection.execute(f"SELECT CASE WHEN i % 3 > 0 THEN {literal} END FROM range(5000) t(i)").fetchall()
                self.assertEqual(rows, [(expected if i % 3 else None,) for i in range(5000)])

    def test_every_kind_of_parameter(self):
        for kind, value in PARAMETERS.items():
            with self.subTest(kind):
                found, name = self.connection.execute("SELECT $1, typeof($1)", [value]).fetchone()
                self.assertEqual((found, name), (value, '"NULL"' if kind == "NULL" else kind))
                self.assertEqual(self.connection.execute("SELECT $x", {"x": value}).fetchone(), (value,))
                if kind != "NULL":
                    self.assertEqual(str(duckdb.ConstantExpression(value)) != "", True)
                    relation = self.connection.values([value])
                    self.assertEqual(relation.fetchall(), [(value,)])

    def test_numbers_beyond_64_bits_are_doubles(self):
        self.assertEqual(self.connection.execute("SELECT ?", [1 << 70]).fetchone(), (float(1 << 70),))
        typed = duckdb.HugeIntegerValue(1 << 100)
        self.assertEqual(self.connection.execute("SELECT $1, typeof($1)", [typed]).fetchone(), (1 << 100, "HUGEINT"))

    def test_values_with_a_type(self):
        for value, kind, expected in (
            (duckdb.Value(1, "UTINYINT"), "UTINYINT", 1),
            (duckdb.DecimalValue(decimal.Decimal("1.25"), 6, 3), "DECIMAL(6,3)", decimal.Decimal("1.250")),
            (duckdb.StructValue((1, "x"), {"a": duckdb.sqltypes.BIGINT, "b": duckdb.sqltypes.VARCHAR}), "STRUCT(a BIGINT, b VARCHAR)", {"a": 1, "b": "x"}),
            (duckdb.MapValue({"a": 1}, duckdb.sqltypes.VARCHAR, duckdb.sqltypes.BIGINT), "MAP(VARCHAR, BIGINT)", {"a": 1}),
            (duckdb.ListValue([1, 2], duckdb.sqltypes.TINYINT), "TINYINT[]", [1, 2]),
        ):
            with self.subTest(kind):
                self.assertEqual(self.connection.execute("SELECT $1, typeof($1)", [value]).fetchone(), (expected, kind))

    def test_what_cannot_be_a_value_is_refused(self):
        with self.assertRaisesRegex(duckdb.NotImplementedException, "Unable to transform python value of type '<class 'object'>'"):
            self.connection.execute("SELECT ?", [object()])
        with self.assertRaises(duckdb.InvalidInputException):
            self.connection.execute("SELECT ?", [duckdb.Value(300, "TINYINT")])
        self.assertEqual(self.connection.execute("SELECT 1").fetchone(), (1,))


class TypesTest(unittest.TestCase):
    def test_types_of_python(self):
        for value, text in ((int, "BIGINT"), (list[str], "VARCHAR[]"), (dict[str, int], "MAP(VARCHAR, BIGINT)"), ({"a": float}, "STRUCT(a DOUBLE)"),
                            (int | None, "BIGINT"), (int | str, "UNION(u1 BIGINT, u2 VARCHAR)"), ("decimal(4,1)", "DECIMAL(4,1)")):
            self.assertEqual(str(duckdb.sqltypes.DuckDBPyType(value)), text)

    def test_parts(self):
        kind = duckdb.type("STRUCT(a INTEGER[3], \"b c\" MAP(VARCHAR, DECIMAL(9,2)))")
        self.assertEqual(kind.id, "struct")
        self.assertEqual([name for name, _ in kind.children], ["a", "b c"])
        self.assertEqual(kind.a.children, [("child", duckdb.sqltypes.INTEGER), ("size", 3)])
        self.assertEqual(kind["b c"].value.children, [("precision", 9), ("scale", 2)])
        self.assertEqual(kind, 'struct(A integer[3], "B C" map(varchar, decimal(9,2)))'.upper().replace("A I", "a I").replace("B C", "b c"))
        with self.assertRaises(AttributeError):
            kind.missing

    def test_columns_are_equal_to_the_families_of_dbapi(self):
        kinds = [column[1] for column in duckdb.execute("SELECT 'a', 1.5, 2, now(), 'x'::BLOB, DATE '2000-01-01'").description]
        self.assertTrue(kinds[0] == duckdb.STRING and kinds[1] == duckdb.NUMBER and kinds[2] == duckdb.NUMBER)
        self.assertTrue(kinds[3] == duckdb.DATETIME and kinds[4] == duckdb.BINARY and kinds[5] == duckdb.DATETIME)
        self.assertFalse(kinds[0] == duckdb.NUMBER)


if __name__ == "__main__":
    unittest.main()
