"""DuckDB's files: what a commit promises, locks and Parquet against native DuckDB and pyarrow, grants, limits, files that are damaged."""

import random
import time
import unittest

import harness
import killed_writers
import native_packages
from harness import Case, Running

CAPS = harness.ROOT / "caps"
LOCKS = {"duckdb": CAPS / "duckdb/bench/packages.lock", "pyarrow": CAPS / "arrow-core/bench/pyarrow.lock"}
COMMITS = 1000
WRITER = """\
import duckdb, sys
database = duckdb.connect(sys.argv[1])
database.execute("create table if not exists t(n integer primary key, pad varchar)")
n = database.execute("select coalesce(max(n), 0) from t").fetchone()[0]
while True:
    n += 1
    database.begin()
    database.execute("insert into t values(?, repeat('x', 300))", (n,))
    database.execute("update t set pad = 'y' where n = ?", (n // 2,))
    database.commit()
    print(n, flush=True)
"""
HOLDER = """\
import duckdb, sys
database = duckdb.connect(sys.argv[1])
print("ready", flush=True)
input()
"""
# Values of many types, in rows whose groups and dictionaries are several.
TABLE = """\
create table t as select i, case when i % 3 > 0 then (i % 100)::tinyint end as small, i::hugeint * 1000000000 as huge, i / 7 as real, (i / 7)::float as single, i % 2 = 0 as truth,
 'text ' || i % 50 as word, ('x' || i)::blob as bytes, (i * 13 % 90000 / 100)::decimal(9, 2) as exact, date '1900-01-01' + i::integer as day, time '00:00:00' + to_seconds(i) as clock,
 timestamp '2000-01-01' + to_milliseconds(i * 1000003) as moment, (timestamp '2000-01-01' + to_days(i::integer))::timestamptz as instant, [i, null, -i] as items,
 {'a': i, 'b': ['x']} as record, map {'k': i % 5} as pairs, (i % 4)::varchar::enum('0', '1', '2', '3') as choice, md5(i::varchar)::uuid as id
 from range(9000) s(i)
"""
PRINT = "select * replace (pairs::varchar as pairs, instant::timestamp as instant, bytes::varchar as bytes, choice::varchar as choice, exact::varchar as exact) from '{}' order by i"
WRITE = """\
import duckdb, sys
duckdb.execute({table!r})
for codec in ("zstd", "snappy", "uncompressed", "gzip", "lz4"):
    duckdb.execute(f"copy t to '{{sys.argv[1]}}/{{codec}}.parquet' (codec {{codec}}, row_group_size 2500)")
"""
READ = """\
import duckdb, hashlib, pathlib, sys
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.parquet")):
    rows = duckdb.sql({print!r}.format(file)).fetchall()
    print(file.name, len(rows), hashlib.sha256(repr(rows).encode()).hexdigest())
"""
WRITE_ARROW = """\
import datetime, pyarrow as pa, pyarrow.parquet, sys
count = 5000
table = pa.table({
    "i": pa.array(range(count)), "u": pa.array((n % 256 for n in range(count)), pa.uint8()), "f": pa.array(n / 3 if n % 5 else None for n in range(count)),
    "t": pa.array(f"text {n % 40}" for n in range(count)).dictionary_encode(), "b": pa.array(b"%d" % n for n in range(count)), "x": pa.array(n % 2 == 0 for n in range(count)),
    "d": pa.array(datetime.date(2000, 1, 1) + datetime.timedelta(n) for n in range(count)), "m": pa.array((n * 1000 for n in range(count)), pa.timestamp("us")),
    "l": pa.array([n] * (n % 4) for n in range(count)), "s": pa.array({"a": n, "b": None if n % 3 else str(n)} for n in range(count)),
})
for version, codec in (("1.0", "none"), ("2.4", "snappy"), ("2.6", "zstd"), ("2.6", "gzip"), ("2.6", "brotli")):
    pa.parquet.write_table(table, f"{sys.argv[1]}/{version}-{codec}.parquet", version=version, compression=codec, row_group_size=1500, data_page_version=version[0] + ".0")
"""
CHECK_ARROW = """\
import pathlib, pyarrow.parquet, sys
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.parquet")):
    table = pyarrow.parquet.read_table(file)
    rows = table.to_pylist()
    print(file.name, table.num_rows, sum(row["i"] for row in rows), rows[8]["items"], rows[8]["record"], rows[8]["word"], rows[8]["exact"], rows[8]["moment"], rows[8]["small"], rows[9]["small"])
"""
# Each damaged file is read to its end or refused; the connection is as good as before.
HOSTILE = """\
import duckdb, pathlib, sys
outcomes = []
database = duckdb.connect()
for file in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    try:
        if file.suffix == ".duckdb":
            with duckdb.connect(file, read_only=True) as damaged:
                damaged.execute("from t").fetchall()
        else:
            database.execute(f"from '{file}'").fetchall()
        outcomes.append("read")
    except duckdb.Error as error:
        outcomes.append("refused")
    except UnicodeDecodeError:
        outcomes.append("refused")
    assert database.execute("select 42").fetchone() == (42,), file
print(len(outcomes), len(set(outcomes)))
"""


class Files(Case):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "data.duckdb"

    def native(self, program, *arguments, package="duckdb"):
        """What native CPython with a package prints."""
        kept_as = "duckdb-native" if package == "duckdb" else None
        return native_packages.run(self, LOCKS[package], package, "-c", program, *arguments, kept_as=kept_as)

    def native_output(self, program, *arguments, **options):
        result = self.native(program, *arguments, **options)
        self.assertEqual(result.code, 0, result.err)
        return result.out

    def native_sql(self, sql):
        """Rows of the database file, as native DuckDB prints them."""
        return self.native_output(f"import duckdb\nprint(duckdb.connect({str(self.file)!r}).execute({sql!r}).fetchall())").strip()

    def granted(self, program, *arguments, **options):
        """What a run prints that may write in the folder."""
        result = self.code(program, *arguments, before=[f"--allow-write={self.folder}"], **options)
        self.assertEqual(result.code, 0, result.err)
        return result.out


class Durability(Files):
    def test_killed_in_the_middle_of_many_transactions(self):
        """Native DuckDB opens the file and finds every commit that was told, however often the launcher is killed."""
        def found():
            return eval(self.native_sql("select max(n), count(*) from t"))[0]

        killed_writers.check(self, self.write("writer.py", WRITER, folder=self.outside), self.file, COMMITS, 4, found)


class Locks(Files):
    def setUp(self):
        super().setUp()
        self.native_sql("create table t as select 1 as a")

    def open(self, how="False"):
        return self.granted(f"import duckdb\ntry: print(duckdb.connect('data.duckdb', read_only={how}).execute('from t').fetchall())\nexcept duckdb.IOException as error: print(error)")

    def test_the_sandbox_holds_it(self):
        holder = self.write("holder.py", HOLDER, folder=self.outside)
        with Running(f"--allow-write={self.folder}", holder, self.file, cwd=self.folder) as running:
            running.until(b"ready\n")
            self.assertIn("Could not set lock on file", self.native(f"import duckdb\nduckdb.connect({str(self.file)!r})").err)
            self.assertIn("Could not set lock on file", self.open())
            running.process.kill()
            running.process.wait()
        self.assertEqual(self.open(), "[(1,)]\n")

    def test_native_holds_it(self):
        self.native_output("")
        env = native_packages.environment(self, LOCKS["duckdb"], "duckdb", "duckdb-native")
        with Running(words=harness.native_command(["-c", HOLDER, self.file]), env=env) as native:
            native.until(b"ready\n")
            self.assertIn("Could not set lock on file", self.open())
            self.assertIn("Could not set lock on file", self.open(how="True"))
            native.send(b"\n")
            self.assertEqual(native.finish().code, 0)
        self.assertEqual(self.open(how="True"), "[(1,)]\n")


class Grants(Files):
    def test_reading_only(self):
        self.native_sql("create table t as select 1 as a")
        program = "import duckdb\ntry: duckdb.connect('data.duckdb')\nexcept duckdb.IOException as error: print('refused')\nprint(duckdb.connect('data.duckdb', read_only=True).execute('from t').fetchall())"
        result = self.code(program, before=[f"--allow-read={self.folder}"])
        self.assertEqual((result.out, result.code), ("refused\n[(1,)]\n", 0), result.err)

    def test_what_is_not_granted(self):
        secret = self.write("secret.csv", "a\n1\n", folder=self.outside)
        program = f"""
            import duckdb
            for sql in ("from '{secret}'", "copy (select 1) to '{self.outside}/out.csv'", "attach '{self.outside}/other.db'", "from glob('{self.outside}/*')",
                        "copy (select 1) to 'in.csv'", "load 'x.duckdb_extension'", "install httpfs", "from 'https://example.com/a.csv'"):
                try:
                    print(duckdb.execute(sql).fetchall())
                except duckdb.Error as error:
                    print(type(error).__name__)
            """
        result = self.code(program, before=[f"--allow-read={self.folder}"])
        self.assertEqual(result.code, 0, result.err)
        outcomes = result.out.splitlines()
        self.assertEqual([outcome for outcome in outcomes if not outcome.endswith(("Exception", "Error"))], ["[]"] * outcomes.count("[]"), outcomes)
        self.assertEqual(sorted(path.name for path in self.outside.iterdir()), ["secret.csv"])
        self.assertEqual(list(self.folder.iterdir()), [])


class Exchange(Files):
    def test_parquet_with_native_duckdb(self):
        theirs, ours = self.folder / "theirs", self.folder / "ours"
        theirs.mkdir()
        ours.mkdir()
        write, read = WRITE.format(table=TABLE), READ.format(print=PRINT)
        self.native_output(write, theirs)
        self.granted(write, ours)
        digests = {line.split()[2] for folder in (theirs, ours) for read_by in (self.native_output, self.granted) for line in read_by(read, folder).splitlines()}
        self.assertEqual(len(digests), 1)

    def test_database_files_with_native_duckdb(self):
        look = f"import duckdb, hashlib\nrows = duckdb.connect('data.duckdb').execute({PRINT.format('t').replace(chr(39), '')!r}).fetchall()\nprint(len(rows), hashlib.sha256(repr(rows).encode()).hexdigest())"
        found = set()
        for make in (lambda: self.native_sql(TABLE), lambda: self.granted(f"import duckdb\nduckdb.connect('data.duckdb').execute({TABLE!r})")):
            make()
            found |= {self.granted(look), self.native_output(look.replace("data.duckdb", str(self.file)))}
            self.file.unlink()
        self.assertEqual(len(found), 1, found)

    def test_parquet_with_pyarrow(self):
        self.native_output(WRITE_ARROW, self.folder, package="pyarrow")
        program = """
            import duckdb, pathlib
            for file in sorted(pathlib.Path().glob("*.parquet")):
                print(duckdb.sql(f"select count(*), sum(i), sum(u), round(sum(f), 3), count(distinct t), max(t), sum(octet_length(b)), count(*) filter (x), max(d)::varchar, max(m)::varchar, sum(len(l)), sum(s.a), max(s.b) from '{file}'").fetchall())
            """
        lines = self.granted(program).splitlines()
        self.assertEqual(len(lines), 5)
        self.assertEqual(set(lines), {"[(5000, 12497500, 629340, 3333333.333, 40, 'text 9', 18890, 2500, '2013-09-08', '1970-01-01 00:00:04.999', 7500, 12497500, '999')]"})
        ours = self.folder / "ours"
        ours.mkdir()
        self.granted(WRITE.format(table=TABLE.replace("md5(i::varchar)::uuid as id", "1 as id").replace("i::hugeint * 1000000000 as huge, ", "")), ours)
        for line in self.native_output(CHECK_ARROW, ours, package="pyarrow").splitlines():
            self.assertEqual(line.partition(" ")[2], "9000 40495500 [8, None, -8] {'a': 8, 'b': ['x']} text 8 1.04 2000-01-01 02:13:20.024000 8 None")


class Hostile(Files):
    def test_damaged_files(self):
        made = """
            import duckdb
            with duckdb.connect("whole.duckdb") as database:
                database.execute("create table t as select i, 'text ' || i % 50 as t, [i] as l from range(3000) s(i)")
                database.execute("copy t to 'whole.parquet' (codec zstd, row_group_size 2048)")
                database.execute("copy t to 'whole.csv'")
                database.execute("copy t to 'whole.json'")
            """
        self.granted(made)
        chance, folder = random.Random(7), self.folder / "damaged"
        folder.mkdir()
        for whole in self.folder.glob("whole.*"):
            content = whole.read_bytes()
            for number in range(60):
                damaged = bytearray(content)
                for _ in range(chance.choice((1, 4, 30))):
                    # Half of them where a file says what is where: its beginning and its end.
                    place = chance.choice((chance.randrange(len(damaged)), chance.randrange(min(400, len(damaged))), len(damaged) - 1 - chance.randrange(min(900, len(damaged)))))
                    damaged[place] = chance.choice((0, 255, 128, chance.randrange(256)))
                if number % 10 == 0:
                    del damaged[chance.randrange(len(damaged)):]
                (folder / f"{number}{whole.suffix}").write_bytes(damaged)
        result = self.pylon("--max-memory=1G", f"--allow-read={folder}", "-c", HOSTILE, folder, timeout=240)
        self.assertEqual((result.out, result.code), ("240 2\n", 0), result.err)


class Limits(Files):
    def test_memory(self):
        result = self.code("""
            import duckdb
            database = duckdb.connect(config={"temp_directory": ""})
            try:
                database.execute("create table t as select i, repeat('x', 100) || i as t from range(20000000) s(i)")
            except duckdb.OutOfMemoryException:
                print("no memory")
            print(database.execute("select 42").fetchone())
            """, before=["--max-memory=300M"])
        self.assertEqual((result.out, result.code), ("no memory\n(42,)\n", 0), result.err)

    def test_the_limit_of_the_run_is_the_engines(self):
        code = "import duckdb\nprint(duckdb.execute(\"select current_setting('memory_limit')\").fetchone()[0])"
        for limit, expected in (("1G", "755.1 MiB"), ("150M", "60.0 MiB"), (None, "3.1 GiB")):
            self.assertEqual(self.output(*([f"--max-memory={limit}"] if limit else []), "-c", code).strip(), expected)

    def test_what_is_beyond_the_limit_is_spilled(self):
        """More rows than memory for all of the run, where it may write."""
        program = """
            import duckdb, pathlib
            database = duckdb.connect(config={"temp_directory": "spill"})
            database.execute("create table t as select i, repeat(md5(i::varchar), 4) as t from range(2500000) s(i)")
            print(database.execute("select count(*), sum(length(t)) from t").fetchall(), any(pathlib.Path("spill").iterdir()))
            """
        result = self.code(program, before=["--max-memory=300M", f"--allow-write={self.folder}"])
        self.assertEqual((result.out, result.code), ("[(2500000, 320000000)] True\n", 0), result.err)

    def test_control_c(self):
        code = "import duckdb\nd = duckdb.connect()\nprint('ready', flush=True)\ntry: d.execute('select count(*) from range(1000000) a(i), range(1000000) b(j) where i * j % 7 = 3').fetchall()\nexcept KeyboardInterrupt: print('stopped', d.execute('select 1').fetchall())"
        with Running("-c", code, cwd=self.folder) as running:
            running.until(b"ready\n")
            time.sleep(0.5)
            running.interrupt()
            self.assertEqual(running.finish().out, "ready\nstopped [(1,)]\n")


if __name__ == "__main__":
    unittest.main()
