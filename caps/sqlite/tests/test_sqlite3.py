"""sqlite3 over the cap, where CPython's own tests do not look: batches, callbacks, threads, what is compiled in."""

import sqlite3
import threading
import time
import unittest
from contextlib import closing


class Database(unittest.TestCase):
    def setUp(self):
        self.database = sqlite3.connect(":memory:", check_same_thread=False)
        self.addCleanup(self.database.close)

    def rows(self, sql, *parameters):
        return self.database.execute(sql, parameters).fetchall()


class Batches(Database):
    def setUp(self):
        super().setUp()
        self.database.execute("create table t(n integer primary key, text, real, blob)")
        self.expected = [(n, f"ä{n}" * (n % 7), n / 3, bytes(n % 5)) for n in range(20_000)]
        self.database.executemany("insert into t values(?, ?, ?, ?)", self.expected)

    def test_all_ways_to_fetch_agree(self):
        select = "select * from t order by n"
        self.assertEqual(self.rows(select), self.expected)
        self.assertEqual(list(self.database.execute(select)), self.expected)
        cursor = self.database.execute(select)
        mixed = [cursor.fetchone(), *cursor.fetchmany(999), next(cursor), *cursor]
        self.assertEqual(mixed, self.expected)
        self.assertIsNone(cursor.fetchone())
        self.assertEqual(cursor.fetchall(), [])

    def test_rows_come_when_they_are_there(self):
        """A query without end gives its first rows."""
        endless = "with recursive c(n) as (select 0 union all select n + 1 from c) select n from c"
        cursor = self.database.execute(endless)
        self.assertEqual([next(cursor)[0] for _ in range(100_000)], list(range(100_000)))

    def test_slow_rows_are_not_waited_for(self):
        called = []
        self.database.create_function("slow", 1, called.append)
        cursor = self.database.execute("select slow(n) from t")
        cursor.fetchone()
        self.assertLess(len(called), 200)

    def test_an_error_comes_after_the_rows_before_it(self):
        self.database.create_function("reciprocal", 1, lambda n: 1 / n)
        cursor = self.database.execute("select reciprocal(5000 - n) from t order by n")
        self.assertEqual(len([cursor.fetchone() for _ in range(5000)]), 5000)
        with self.assertRaisesRegex(sqlite3.OperationalError, "user-defined function raised exception"):
            cursor.fetchone()
        self.assertIsNone(cursor.fetchone())

    def test_a_cursor_that_is_dropped_frees_its_statement(self):
        for row in self.database.execute("select * from t"):
            break
        del row
        self.database.commit()
        self.database.execute("drop table t")

    def test_iteration_goes_on_without_its_cursor(self):
        self.assertEqual(sum(n for n, *_ in self.database.execute("select * from t")), sum(range(20_000)))

    def test_rows_before_a_bad_one_are_inserted(self):
        self.database.execute("create table u(n integer)")
        with self.assertRaisesRegex(sqlite3.ProgrammingError, "type 'object' is not supported"):
            self.database.executemany("insert into u values(?)", [*((n,) for n in range(3000)), (object(),), (4000,)])
        self.assertEqual(self.rows("select count(*), max(n) from u"), [(3000, 2999)])

    def test_rows_before_an_exception_are_inserted(self):
        def some():
            yield from ((n,) for n in range(100))
            raise KeyError("end")

        self.database.execute("create table u(n integer)")
        with self.assertRaisesRegex(KeyError, "end"):
            self.database.executemany("insert into u values(?)", some())
        self.assertEqual(self.rows("select count(*) from u"), [(100,)])

    def test_dictionaries(self):
        self.database.execute("create table u(a, b)")
        self.database.executemany("insert into u values(:a, :b)", ({"a": n, "b": str(n), "c": 0} for n in range(5000)))
        self.assertEqual(self.rows("select sum(a), max(length(b)) from u"), [(sum(range(5000)), 4)])


class Values(Database):
    def test_extremes(self):
        values = (None, -2**63, 2**63 - 1, float("inf"), 5e-324, "", "\0\U0010ffff", b"", bytes(range(256)))
        got, = self.rows(f"select {', '.join('?' * len(values))}", *values)
        self.assertEqual(got, values)
        self.assertEqual([type(value) for value in got], [type(value) for value in values])
        self.assertEqual(self.rows("select ?", float("nan")), [(None,)])

    def test_adapters_of_classes_made_of_others(self):
        class Code(str):
            pass

        self.addCleanup(sqlite3.adapters.pop, (Code, sqlite3.PrepareProtocol))
        sqlite3.register_adapter(Code, lambda code: f"<{code}>")
        self.assertEqual(self.rows("select ?, ?", Code("a"), "a"), [("<a>", "a")])
        self.database.execute("create table t(a)")
        self.database.executemany("insert into t values(?)", [(Code("b"),), ("c",)])
        self.assertEqual(self.rows("select a from t"), [("<b>",), ("c",)])

    def test_text_that_is_none(self):
        with self.assertRaisesRegex(sqlite3.OperationalError, "Could not decode to UTF-8 column 'a' with text 'x"):
            self.rows("select cast(x'78ff' as text) as a")
        self.database.text_factory = bytes
        self.assertEqual(self.rows("select cast(x'78ff' as text), x'01', 'a'"), [(b"x\xff", b"\1", b"a")])
        self.database.text_factory = lambda data: data.decode("latin-1")
        self.assertEqual(self.rows("select cast(x'78ff' as text), x'01', 2"), [("xÿ", b"\1", 2)])

    def test_a_schema_that_changes(self):
        self.database.execute("create table t(a)")
        self.database.execute("insert into t values(1)")
        self.assertEqual(self.rows("select * from t"), [(1,)])
        self.database.execute("alter table t add column b default 2")
        cursor = self.database.execute("select * from t")
        self.assertEqual(([name for name, *_ in cursor.description], cursor.fetchall()), (["a", "b"], [(1, 2)]))


class Features(Database):
    def test_full_text(self):
        self.database.execute("create virtual table mail using fts5(subject, body)")
        self.database.executemany("insert into mail values(?, ?)", [("hello", "the quick brown fox"), ("other", "lazy dogs")])
        self.assertEqual(self.rows("select subject, highlight(mail, 1, '[', ']') from mail where mail match 'fox'"), [("hello", "the quick brown [fox]")])

    def test_json_rtree_math(self):
        self.assertEqual(self.rows("select value ->> '$.b' from json_each('[{\"b\": 1}, {\"b\": 2}]')"), [(1,), (2,)])
        self.database.execute("create virtual table boxes using rtree(id, x0, x1)")
        self.database.execute("insert into boxes values(1, 0, 10), (2, 20, 30)")
        self.assertEqual(self.rows("select id from boxes where x0 < 5"), [(1,)])
        self.assertEqual(self.rows("select sqrt(16), pi() > 3, median(column1) from (values (1), (5), (3))"), [(4.0, 1, 3.0)])

    def test_temporary_data_needs_no_directory(self):
        self.database.execute("create temp table t as with recursive c(n) as (select 1 union all select n + 1 from c where n < 200000) "
                              "select n, hex(randomblob(8)) as h from c")
        self.assertEqual(self.rows("select count(*) from (select distinct h from t order by h)"), [(200_000,)])

    def test_randomness(self):
        with closing(sqlite3.connect(":memory:")) as other:
            self.assertNotEqual(other.execute("select hex(randomblob(16))").fetchall(), self.rows("select hex(randomblob(16))"))


class Interruption(Database):
    endless = "with recursive c(n) as (select 0 union all select n + 1 from c) select max(n) from c"

    def test_by_another_thread(self):
        timer = threading.Timer(0.05, self.database.interrupt)
        timer.start()
        with self.assertRaisesRegex(sqlite3.OperationalError, "interrupted"):
            self.database.execute(self.endless)
        timer.join()
        self.assertEqual(self.rows("select 1"), [(1,)])

    def test_two_threads_call_back(self):
        """Their statements take turns, whole ones."""
        def work(results):
            database = sqlite3.connect(":memory:")
            database.create_function("slow", 1, lambda n: time.sleep(0.001) or n)
            results.append(database.execute("with recursive c(n) as (select 1 union all select n + 1 from c where n < 20) select sum(slow(n)) from c").fetchone())
            database.close()

        results = []
        threads = [threading.Thread(target=work, args=(results,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, [(210,)] * 4)

    def test_a_callback_that_ends_the_program(self):
        class End(BaseException):
            pass

        def end():
            raise End

        self.database.create_function("leave", 0, end)
        self.assertRaises(End, self.database.execute, "select leave()")
        self.assertEqual(self.rows("select 1"), [(1,)])

    def test_functions_that_use_the_database(self):
        self.database.execute("create table t(a)")
        self.database.execute("insert into t values(3)")
        self.database.create_function("inner_sum", 1, lambda n: self.rows("select sum(a) + ? from t", n)[0][0])
        self.assertEqual(self.rows("select inner_sum(1), inner_sum(a) from t"), [(4, 6)])


class HostileDatabases(unittest.TestCase):
    def content(self):
        database = sqlite3.connect(":memory:")
        self.addCleanup(database.close)
        database.executescript("create table t(a integer primary key, b text, c); create index i on t(b); create view v as select b from t;"
                               "create virtual table f using fts5(x); create virtual table r using rtree(id, x0, x1);")
        database.executemany("insert into t values(?, ?, ?)", [(n, f"text {n}" * 3, bytes(n)) for n in range(300)])
        database.execute("insert into f values('some words')")
        database.execute("insert into r values(1, 2, 3)")
        database.commit()
        return database.serialize()

    def use(self, content):
        """Whatever lies in a file: an answer or an exception of sqlite3's."""
        database = sqlite3.connect(":memory:")
        self.addCleanup(database.close)
        for sql in ("pragma integrity_check", "select * from t", "select b from t where b > 'text 2' order by b", "select * from f where f match 'words'",
                    "select * from r where x0 < 9", "select * from v", "update t set b = b || 'x'", "delete from t where a % 2", "vacuum"):
            try:
                database.deserialize(content)
                database.execute(sql).fetchall()
            except (sqlite3.Error, MemoryError):
                pass

    def test_damaged_pages(self):
        import random

        content, chance = self.content(), random.Random(20261121)
        for _ in range(60):
            damaged = bytearray(content)
            for _ in range(chance.choice((1, 3, 30, 300))):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            self.use(bytes(damaged))
        for size in (0, 1, 15, 16, 99, 100, 101, 511, 512, 4095, 4096, 5000):
            self.use(content[:size])


if __name__ == "__main__":
    unittest.main()
