"""Rows of SQLite as tables of Arrow's and tables as parameters, in one program."""

import unittest

from harness import Case

PROGRAM = """
import datetime, sqlite3
import arrow as pa

database = sqlite3.connect(":memory:")
database.execute("create table t(n integer primary key, name text, part real, raw blob)")
database.executemany("insert into t values(?, ?, ?, ?)", ((n, f"ä{n}", n / 4 if n % 3 else None, bytes([n % 256])) for n in range(200_000)))
table = pa.table(database.execute("select * from t order by n"))
table.validate(full=True)
print(table.schema.names, [str(one.type) for one in table.schema], table.num_rows)
print(table.to_pylist()[199_999])
reader = pa.RecordBatchReader.from_stream(database.execute("select n from t"))
print(sum(batch.num_rows for batch in reader))

database.execute("create table copy(n, name, part, raw)")
print(database.executemany("insert into copy values(:n, :name, :part, :raw)", table).rowcount)
print(database.execute("select count(*) from (select * from t except select * from copy)").fetchone())

moment = datetime.datetime(1969, 12, 31, 23, 59, 59, 987654)
kinds = pa.table({"flag": pa.array([True, None]), "small": pa.array([7, -8], pa.int8()), "large": pa.array([2**63 - 1, 0], pa.uint64()),
                  "day": pa.array([datetime.date(1582, 10, 4), None]), "moment": pa.array([moment, datetime.datetime(2400, 2, 29)], pa.timestamp("us")),
                  "zoned": pa.array([moment, None], pa.timestamp("ms", "UTC")), "fixed": pa.array([b"ab", b"cd"], pa.binary(2)),
                  "large_text": pa.array(["", "ö"], pa.large_string()), "empty": pa.array([None, None], pa.null())})
database.execute(f"create table kinds({', '.join(kinds.schema.names)})")
database.executemany(f"insert into kinds values({', '.join('?' * kinds.num_columns)})", kinds)
for row in database.execute("select * from kinds"):
    print(row)
for wrong in (pa.table({"n": pa.array([2**63], pa.uint64())}), pa.table({"n": pa.array([[1]])}), pa.table({"m": pa.array([1])})):
    try:
        database.executemany("insert into copy(n) values(:n)", wrong)
    except sqlite3.Error as error:
        print(type(error).__name__, error)
"""


class Columns(Case):
    def test_tables(self):
        program = self.write("program.py", PROGRAM)
        self.assertEqual(self.output(program).splitlines(), [
            "['n', 'name', 'part', 'raw'] ['int64', 'string', 'double', 'binary'] 200000",
            "{'n': 199999, 'name': 'ä199999', 'part': 49999.75, 'raw': b'?'}",
            "200000",
            "200000",
            "(0,)",
            "(1, 7, 9223372036854775807, '1582-10-04', '1969-12-31 23:59:59.987654', '1969-12-31 23:59:59.987+00:00', b'ab', '', None)",
            "(None, -8, 0, None, '2400-02-29 00:00:00.000000', None, b'cd', 'ö', None)",
            "InterfaceError column 'n' has a number above 2^63 - 1, the largest of SQLite",
            "InterfaceError column 'n' is of a type that SQLite has no values for: cast it",
            "InterfaceError there is no column for the parameter :n",
        ])


if __name__ == "__main__":
    unittest.main()
