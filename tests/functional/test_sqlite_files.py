"""SQLite's files: what a commit promises, locks against native SQLite, grants, limits, Ctrl-C."""

import contextlib
import sqlite3
import time
import unittest

import killed_writers
from harness import Case, Running

COMMITS = 1000
WRITER = """\
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("create table if not exists t(n integer primary key, pad blob)")
n = database.execute("select coalesce(max(n), 0) from t").fetchone()[0]
while True:
    n += 1
    database.execute("begin")
    database.execute("insert into t values(?, randomblob(300))", (n,))
    database.execute("update t set pad = randomblob(100) where n = ?", (n // 2,))
    database.execute("commit")
    print(n, flush=True)
"""
HOLDER = """\
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("begin {how}")
database.execute("select * from t").fetchall()
print("ready", flush=True)
input()
database.execute("commit")
"""


class Files(Case):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "data.db"

    def native(self, sql, *parameters, timeout=0.0):
        """What this machine's own SQLite makes of it."""
        with contextlib.closing(sqlite3.connect(self.file, timeout=timeout, isolation_level=None)) as database:
            return database.execute(sql, parameters).fetchall()

    def run_sql(self, *statements, flags=None, name="data.db"):
        """Runs statements; prints each one's rows or its error."""
        lines = [f"import sqlite3, sys\ndatabase = sqlite3.connect({str(name)!r}, timeout=0, isolation_level=None)",
                 *(f"try: print(database.execute({sql!r}).fetchall())\nexcept sqlite3.Error as error: print(type(error).__name__, error)" for sql in statements)]
        program = self.write("program.py", "\n".join(lines), folder=self.outside)
        result = self.pylon(*(flags or [f"--allow-write={self.folder}"]), program)
        self.assertEqual(result.code, 0, result.err)
        return result.out.splitlines()


class Durability(Files):
    def test_killed_in_the_middle_of_many_transactions(self):
        """Every commit that was told is there, and the file is whole, however often the launcher is killed."""
        def found():
            self.assertEqual(self.native("pragma integrity_check"), [("ok",)])
            (row,) = self.native("select max(n), count(*) from t")
            return row

        killed_writers.check(self, self.write("writer.py", WRITER, folder=self.outside), self.file, COMMITS, 5, found)


class Locks(Files):
    def setUp(self):
        super().setUp()
        self.native("create table t(a)")
        self.native("insert into t values(1)")

    def test_native_holds_it(self):
        with contextlib.closing(sqlite3.connect(self.file, isolation_level=None)) as native:
            native.execute("begin immediate")
            self.assertEqual(self.run_sql("select * from t", "insert into t values(2)"), ["[(1,)]", "OperationalError database is locked"])
            native.execute("commit")
            native.execute("begin exclusive")
            self.assertEqual(self.run_sql("select * from t"), ["OperationalError database is locked"])
            native.execute("commit")
        self.assertEqual(self.run_sql("insert into t values(2)"), ["[]"])
        self.assertEqual(self.native("select * from t"), [(1,), (2,)])

    def hold(self, how):
        holder = self.write("holder.py", HOLDER.format(how=how), folder=self.outside)
        return Running(f"--allow-write={self.folder}", holder, self.file, cwd=self.folder)

    def test_the_sandbox_holds_it(self):
        for how, native in (("immediate", [(1,)]), ("exclusive", None)):
            with self.subTest(how), self.hold(how) as running:
                running.until(b"ready\n")
                with self.assertRaisesRegex(sqlite3.OperationalError, "database is locked"):
                    self.native("insert into t values(3)")
                with contextlib.nullcontext() if native else self.assertRaisesRegex(sqlite3.OperationalError, "database is locked"):
                    self.assertEqual(self.native("select * from t"), native)
                other = self.run_sql("insert into t values(4)")
                self.assertEqual(other, ["OperationalError database is locked"])
                running.send(b"\n")
                self.assertEqual(running.finish().code, 0)
        self.native("insert into t values(5)")

    def test_a_dead_holder_holds_nothing(self):
        with self.hold("exclusive") as running:
            running.until(b"ready\n")
            running.process.kill()
            running.process.wait()
            self.native("insert into t values(6)", timeout=5)
        self.assertEqual(self.run_sql("select * from t"), ["[(1,), (6,)]"])

    def test_two_connections_of_one_program(self):
        result = self.code("""
            import sqlite3
            one, other = (sqlite3.connect("data.db", timeout=0, isolation_level=None) for _ in range(2))
            one.execute("begin immediate")
            try:
                other.execute("begin immediate")
            except sqlite3.OperationalError as error:
                print(error)
            other.close()
            one.execute("insert into t values(2)")
            one.execute("commit")
            """, before=[f"--allow-write={self.folder}"])
        self.assertEqual((result.out, result.code), ("database is locked\n", 0), result.err)
        self.assertEqual(self.native("select count(*) from t"), [(2,)])


class Grants(Files):
    def test_reading_only(self):
        self.native("create table t(a)")
        self.assertEqual(self.run_sql("select count(*) from t", "insert into t values(1)", flags=[f"--allow-read={self.folder}"]),
                         ["[(0,)]", "OperationalError attempt to write a readonly database"])

    def test_what_is_not_granted(self):
        other = self.outside / "other.db"
        program = self.write("program.py", f"import sqlite3\nsqlite3.connect({str(other)!r}).execute('create table t(a)')")
        result = self.pylon(f"--allow-write={self.folder}", program)
        self.assertIn("OperationalError: unable to open database file", result.err)
        self.assertIn("--allow-", result.err)
        self.assertFalse(other.exists())
        self.assertEqual(self.run_sql(f"attach '{other}' as o")[0].partition(":")[0], "OperationalError unable to open database")

    def test_paths_begin_where_the_program_is(self):
        (self.folder / "below").mkdir()
        result = self.code("""
            import os, sqlite3
            sqlite3.connect("one.db").close()
            os.chdir("below")
            database = sqlite3.connect("file:two.db?cache=private", uri=True)
            database.execute("create table t(a)")
            os.chdir("..")
            database.execute("attach 'three.db' as three")
            database.execute("create table three.t(a)")
            database.close()
            """, before=[f"--allow-write={self.folder}"])
        self.assertEqual(result.code, 0, result.err)
        self.assertTrue((self.folder / "below/two.db").stat().st_size and (self.folder / "three.db").stat().st_size)

    def test_files_agree_with_native_ones(self):
        program = "import sqlite3\ndatabase = sqlite3.connect('data.db')\n"
        program += "database.executescript('create table t(a integer primary key, b text); create index i on t(b); pragma user_version = 7')\n"
        program += "database.executemany('insert into t(b) values(?)', ((f'text {n}',) for n in range(5000)))\ndatabase.commit()\n"
        result = self.code(program, before=[f"--allow-write={self.folder}"])
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual(self.native("pragma integrity_check"), [("ok",)])
        self.assertEqual(self.native("select count(*), max(b) from t where b > 'text 2'"), [(3887, "text 999")])
        self.native("delete from t where a % 2")
        self.assertEqual(self.run_sql("select count(*) from t", "pragma integrity_check", "pragma user_version"), ["[(2500,)]", "[('ok',)]", "[(7,)]"])


class Limits(Files):
    def test_memory(self):
        result = self.code("""
            import sqlite3
            database = sqlite3.connect(":memory:")
            database.execute("create table t(a)")
            try:
                for _ in range(1000):
                    database.execute("insert into t values(zeroblob(1000000))")
            except MemoryError:
                print("no memory")
            database.rollback()
            print(database.execute("select count(*) from t").fetchone())
            """, before=["--max-memory=256M"])
        self.assertEqual((result.out, result.code), ("no memory\n(0,)\n", 0), result.err)

    def test_control_c(self):
        endless = "with recursive c(n) as (select 0 union all select n + 1 from c) select max(n) from c"
        code = f"import sqlite3\nd = sqlite3.connect(':memory:')\nprint('ready', flush=True)\ntry: d.execute({endless!r})\nexcept KeyboardInterrupt: print('stopped', d.execute('select 1').fetchall())"
        with Running("-c", code, cwd=self.folder) as running:
            running.until(b"ready\n")
            time.sleep(0.3)
            running.interrupt()
            self.assertEqual(running.finish().out, "ready\nstopped [(1,)]\n")


if __name__ == "__main__":
    unittest.main()
