"""Columns go from cap to cap in one program: CSV to Arrow, to DuckDB, to SQLite and back, as streams that native pyarrow reads."""

import unittest

import harness
import native_packages

LOCK = harness.ROOT / "caps/arrow-core/bench/pyarrow.lock"

PROGRAM = """
import io, pathlib, sqlite3, sys
import arrow as pa
import arrow.csv
import arrow.ipc
import duckdb

target = pathlib.Path(sys.argv[1])
text = "id,town,share,since\\n" + "".join(f"{n},town {n % 7},{n / 8 if n % 5 else ''},2{n % 1000:03}-02-28\\n" for n in range(100_000))
people = arrow.csv.read_csv(io.BytesIO(text.encode()))

# Arrow's table as one of DuckDB's, by its name in the program.
totals = duckdb.sql("select town, count(*)::bigint as people, sum(share) as shares, max(since) as last from people group by town order by town").fetch_arrow_table()
print(type(totals).__module__, totals.schema.names, [str(one.type) for one in totals.schema])
print(totals.to_pylist()[3])

# DuckDB's result as rows of SQLite's, and these as a table of DuckDB's again.
database = sqlite3.connect(":memory:")
database.execute("create table totals(town text primary key, people integer, shares real, last text)")
print(database.executemany("insert into totals values(:town, :people, :shares, :last)", totals).rowcount)
kept = pa.table(database.execute("select town, people from totals where town <> 'town 3' order by town"))
print(duckdb.sql("select sum(p.share), count(*) from people p join kept k using (town)").fetchone())
connection = duckdb.connect()
connection.register("kept", kept)
print(connection.execute("select people, town from kept order by town desc limit 2").fetchall())

# What a query streams is what Arrow's own writers write.
rows = duckdb.sql("select id, town, share, since, [id, id + 1] as pair, {'t': town} as record from people order by id")
(target / "rows.arrows").write_bytes(b"".join(rows.__arrow_ipc__()))
table = pa.ipc.open_stream(target / "rows.arrows").read_all()
table.validate(full=True)
print(table.num_rows, table.column("share").null_count)
with pa.ipc.new_file(target / "rows.arrow", table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
    writer.write_table(table)
again = table.select(people.schema.names)
print(duckdb.sql("select count(*) from (from again except all from people)").fetchone(), again == people)
"""

NATIVE = """
import pathlib, sys
import pyarrow as pa, pyarrow.ipc
folder = pathlib.Path(sys.argv[1])
stream, file = pa.ipc.open_stream(folder / "rows.arrows").read_all(), pa.ipc.open_file(folder / "rows.arrow").read_all()
stream.validate(full=True)
print(stream.num_rows, stream.equals(file), stream.schema.field("pair").type, stream.schema.field("record").type)
print(stream.slice(99_998, 1).to_pylist())
"""


class ColumnsAcrossCapsTest(harness.Case):
    def test_columns(self):
        program, target = self.write("program.py", PROGRAM), self.folder / "streams"
        target.mkdir()
        words = [f"--allow-write={target}", program, target]
        self.assertEqual(self.output(*words).splitlines(), [
            "arrow ['town', 'people', 'shares', 'last'] ['string', 'int64', 'double', 'date32[day]']",
            "{'town': 'town 3', 'people': 14286, 'shares': 71435714.125, 'last': datetime.date(2999, 2, 28)}",
            "7",
            "(428564285.875, 85714)",
            "[(14285, 'town 6'), (14285, 'town 5')]",
            "100000 20000",
            "(0,) True",
        ])
        self.assertEqual(self.native(target).splitlines(), [
            "100000 True list<l: int64> struct<t: string>",
            "[{'id': 99998, 'town': 'town 3', 'share': 12499.75, 'since': datetime.date(2998, 2, 28), 'pair': [99998, 99999], 'record': {'t': 'town 3'}}]",
        ])

    def native(self, target):
        """What native pyarrow makes of the streams."""
        result = native_packages.run(self, LOCK, "pyarrow", "-c", NATIVE, target)
        self.assertEqual(result.code, 0, result)
        return result.out


if __name__ == "__main__":
    unittest.main()
