"""Arrow's streams and files between the sandbox and native pyarrow, both ways; CSV read by both. caps/arrow-ipc/tests/data/make.py makes the tables."""

import json
import shutil
import unittest

import harness
import native_packages

CAPS = harness.ROOT / "caps"
LOCK = CAPS / "arrow-core/bench/pyarrow.lock"
MAKE = CAPS / "arrow-ipc/tests/data/make.py"

# In the sandbox: reads each file and writes it again, in each codec.
COPY = """
import pathlib, sys
import arrow.ipc
source, target = map(pathlib.Path, sys.argv[1:])
for file in sorted(source.glob("*.arrow*")):
    is_file = file.suffix == ".arrow"
    table = (arrow.ipc.open_file if is_file else arrow.ipc.open_stream)(file).read_all()
    table.validate(full=True)
    for codec in (None, "lz4", "zstd"):
        options = arrow.ipc.IpcWriteOptions(compression=codec)
        with (arrow.ipc.new_file if is_file else arrow.ipc.new_stream)(target / f"{file.stem}-{codec}{file.suffix}", table.schema, options=options) as writer:
            writer.write_table(table, 7)
"""

# On both sides: the type and the values of each column.
READ_CSV = """
import json, sys
import MODULE.csv
table = MODULE.csv.read_csv(sys.argv[1])
print(json.dumps({one.name: [str(one.type), repr(table.column(one.name).to_pylist())] for one in table.schema}))
"""

# On both sides: a table of many kinds of values as CSV.
WRITE_CSV = """
import datetime, decimal, random, sys
import MODULE as pa
import MODULE.csv
chosen, epoch = random.Random(5), datetime.datetime(1970, 1, 1)
def some(make):
    return [None if chosen.random() < 0.1 else make() for _ in range(3000)]
def moments(unit):
    return pa.array(some(lambda: epoch + datetime.timedelta(seconds=chosen.randrange(-6 * 10**9, 9 * 10**9))), pa.timestamp(unit))
table = pa.table({
    "int64": some(lambda: chosen.randrange(-2**63, 2**63)), "uint8": pa.array(some(lambda: chosen.randrange(256)), pa.uint8()),
    "uint64": pa.array(some(lambda: chosen.randrange(2**64)), pa.uint64()), "bool": some(lambda: chosen.random() < 0.5),
    "double": some(lambda: float(f"{chosen.uniform(-10, 10)}e{chosen.choice((0, 5, chosen.randrange(-20, 25), chosen.randrange(-300, 300)))}")),
    "short": some(lambda: round(chosen.uniform(-10**chosen.randrange(12), 10**6), chosen.randrange(9))), "power": some(lambda: float(10**chosen.randrange(40))),
    "short float": pa.array(some(lambda: round(chosen.uniform(-1000, 1000), chosen.randrange(4))), pa.float32()),
    "float": pa.array(some(lambda: chosen.uniform(-1e12, 1e12)), pa.float32()), "string": some(lambda: "".join(chosen.choices('ab",\\n \u00fc', k=chosen.randrange(6)))),
    "binary": some(lambda: bytes(chosen.choices(b'ab",\\n', k=3))), "date": some(lambda: datetime.date.fromordinal(chosen.randrange(1, 3652059))),
    "time": pa.array(some(lambda: datetime.time(chosen.randrange(24), chosen.randrange(60), chosen.randrange(60))), pa.time32("s")),
    "s": moments("s"), "ms": moments("ms"), "us": moments("us"), "ns": moments("ns"), "null": pa.nulls(3000),
    "decimal": pa.array(some(lambda: decimal.Decimal(chosen.randrange(-10**6, 10**6)) / 100), pa.decimal128(9, 2)),
})
MODULE.csv.write_csv(table.slice(5, 2900), sys.argv[1])
"""

CSV = """i,f,t,b,d,s,m,z,n,mixed,when
1,1.5,plain,true,2020-02-29,10:20,2020-01-01 00:00:00,2020-01-01T00:00:00Z,,1,2020-01-01 00:00:00.25
-2,1e-7,"quoted, with ""quotes""
and lines",false,1899-12-31,23:59:59,1969-12-31T23:59:59,2020-01-01 02:00:00+02:00,NULL,x,1970-01-01
,nan,\u00fc,,,,,,N/A,,
"""


class ArrowExchangeTest(harness.Case):
    def native(self, *words):
        """Runs native CPython with pyarrow."""
        result = native_packages.run(self, LOCK, "pyarrow", *words)
        self.assertEqual(result.code, 0, result)
        return result.out

    def folder_named(self, name):
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def test_files_of_pyarrow_come_back_the_same(self):
        theirs, ours = self.folder_named("theirs"), self.folder_named("ours")
        self.native(MAKE, theirs)
        result = self.pylon(f"--allow-read={theirs}", f"--allow-write={ours}", "-c", COPY, theirs, ours)
        self.assertEqual(result.code, 0, result)
        self.assertEqual(self.native(MAKE, "--check", ours), "18 files are the same\n")

    def test_csv_is_read_the_same(self):
        file = self.folder / "data.csv"
        file.write_text(CSV)
        theirs = json.loads(self.native("-c", READ_CSV.replace("MODULE", "pyarrow"), file))
        result = self.pylon(f"--allow-read={file}", "-c", READ_CSV.replace("MODULE", "arrow"), file)
        self.assertEqual(result.code, 0, result)
        ours = json.loads(result.out)
        for column, (kind, values) in theirs.items():
            utc = values.replace("zoneinfo.ZoneInfo(key='UTC')", "datetime.timezone.utc")
            self.assertEqual(ours[column], [kind, utc], column)

    def test_csv_is_written_the_same(self):
        theirs, ours = self.folder / "theirs.csv", self.folder / "ours.csv"
        self.native("-c", WRITE_CSV.replace("MODULE", "pyarrow"), theirs)
        ours.touch()
        result = self.pylon(f"--allow-write={ours}", "-c", WRITE_CSV.replace("MODULE", "arrow"), ours)
        self.assertEqual(result.code, 0, result)
        self.assertEqual(ours.read_text().splitlines()[:5], theirs.read_text().splitlines()[:5])
        self.assertTrue(ours.read_bytes() == theirs.read_bytes())


if __name__ == "__main__":
    unittest.main()
