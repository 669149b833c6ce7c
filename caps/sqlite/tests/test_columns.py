"""Rows as columns and columns as parameters, without a library of Arrow's: what one statement gives another one takes."""

import gc
import random
import sqlite3
import unittest
from contextlib import closing


class Stream:
    """Messages that were kept."""

    def __init__(self, messages):
        self.messages = list(messages)

    def __arrow_ipc__(self, max_rows=None):
        return iter(self.messages)


class Columns(unittest.TestCase):
    def setUp(self):
        self.database = sqlite3.connect(":memory:")
        self.addCleanup(self.database.close)
        self.database.execute("create table t(n integer primary key, whole integer, part real, words text, bytes blob, anything)")
        self.rows = [(n, n * 7 if n % 3 else None, n / 3 if n % 5 else None, f"ä{n}" * (n % 4), bytes(n % 3), None) for n in range(30_000)]
        self.database.executemany("insert into t values(?, ?, ?, ?, ?, ?)", self.rows)
        self.database.execute("create table copy(a, b, c, d, e, f)")
        self.database.commit()

    def copied(self, stream):
        self.database.execute("delete from copy")
        cursor = self.database.executemany("insert into copy values(?, ?, ?, ?, ?, ?)", stream)
        rows = self.database.execute("select * from copy order by rowid").fetchall()
        self.assertEqual(cursor.rowcount, len(rows))
        return rows

    def test_all_rows(self):
        for size in (1000, None):
            stream = Stream(self.database.execute("select * from t").__arrow_ipc__(size))
            self.assertEqual(len(stream.messages), 30 if size else 1)
            self.assertEqual(self.copied(stream), self.rows)
            self.assertEqual(list(map(type, self.copied(stream)[1])), list(map(type, self.rows[1])))

    def test_rows_that_remain(self):
        for fetched in (0, 1, 100, 29_999, 30_000):
            cursor = self.database.execute("select * from t")
            self.assertEqual(cursor.fetchmany(fetched), self.rows[:fetched])
            stream = Stream(cursor.__arrow_ipc__())
            self.assertEqual(cursor.fetchall(), [])
            self.assertEqual(self.copied(stream), self.rows[fetched:])
        few = self.database.execute("select * from t where n < 3")
        few.fetchone()
        self.assertEqual(self.copied(Stream(few.__arrow_ipc__())), self.rows[1:3])

    def test_no_rows_have_columns(self):
        stream = Stream(self.database.execute("select * from t where n < 0").__arrow_ipc__())
        self.assertEqual(len(stream.messages), 1)
        self.assertEqual(self.copied(stream), [])
        with self.assertRaisesRegex(sqlite3.ProgrammingError, "gives no rows"):
            self.database.execute("delete from copy").__arrow_ipc__()

    def test_types_of_values_decide(self):
        def values(sql):
            return [row[0] for row in self.copied(Stream(self.database.execute(f"select column1, 0, 0, 0, 0, 0 from ({sql})").__arrow_ipc__()))]
        self.assertEqual(values("values(null), (1), (2.5), (3)"), [None, 1.0, 2.5, 3.0])
        self.assertEqual(list(map(type, values("values(1), (2.5)"))), [float, float])
        self.assertEqual(values("values(null), (null)"), [None, None])
        for sql, words in (("values(1), ('x')", "has texts after integers"), ("values(x'00'), (2.5)", "has floats after blobs"), ("values('x'), (1)", "has integers after texts")):
            with self.assertRaisesRegex(sqlite3.IntegrityError, words):
                values(sql)

    def test_types_stay_what_they_were_in_the_first_batch(self):
        sql = "with recursive c(n) as (select 1 union all select n + 1 from c where n < 2000) select iif(n < 1500, n, n + 0.5) from c"
        messages = self.database.execute(sql).__arrow_ipc__(1000)
        next(messages)
        with self.assertRaisesRegex(sqlite3.IntegrityError, "has floats after integers"):
            next(messages)
        self.assertEqual(len(self.database.execute(sql).fetchall()), 2000)

    def test_texts_have_to_be_utf8(self):
        with self.assertRaisesRegex(sqlite3.IntegrityError, "not UTF-8"):
            list(self.database.execute("select iif(n = 5000, cast(x'ff' as text), 'x') from t").__arrow_ipc__())

    def test_a_stream_that_is_dropped_frees_its_statement(self):
        messages = self.database.execute("select * from t").__arrow_ipc__(10)
        next(messages)
        del messages
        gc.collect()
        self.database.execute("drop table t")

    def test_parameters_with_names(self):
        stream = Stream(self.database.execute("select n as first, words as second from t where n < 5").__arrow_ipc__())
        self.database.executemany("insert into copy(a, b) values(:second, :first)", stream)
        self.assertEqual(self.database.execute("select a, b from copy").fetchall(), [(row[3], row[0]) for row in self.rows[:5]])
        with self.assertRaisesRegex(sqlite3.InterfaceError, "no column for the parameter :third"):
            self.database.executemany("insert into copy(a) values(:third)", stream)
        with self.assertRaisesRegex(sqlite3.InterfaceError, "uses 3, and there are 2 columns"):
            self.database.executemany("insert into copy(a, b, c) values(?, ?, ?)", stream)

    def test_errors_and_transactions(self):
        stream = Stream(self.database.execute("select n from t where n < 5").__arrow_ipc__())
        with self.assertRaisesRegex(sqlite3.IntegrityError, "UNIQUE"):
            self.database.executemany("insert into t(n) values(? + 29997)", stream)
        self.assertTrue(self.database.in_transaction)
        with closing(sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES)) as converting:
            with self.assertRaisesRegex(sqlite3.NotSupportedError, "converters"):
                converting.execute("select 1").__arrow_ipc__()

    def test_a_cursor_is_rows(self):
        """What one cursor gives goes row by row into another statement, whatever the types."""
        self.database.executemany("insert into copy(a) values(?)", self.database.execute("values(1), ('x'), (null)"))
        self.assertEqual(self.database.execute("select a from copy").fetchall(), [(1,), ("x",), (None,)])

    def test_damaged_messages(self):
        whole = b"".join(self.database.execute("select * from t where n < 200").__arrow_ipc__())
        end = 8 + int.from_bytes(whole[4:8], "little")
        chance, refused = random.Random(3), 0
        for _ in range(600):
            damaged = bytearray(whole)
            for _ in range(chance.choice((1, 1, 1, 8))):
                damaged[chance.choice((chance.randrange(8, end), chance.randrange(end, end + 900), chance.randrange(end, len(whole))))] = chance.randrange(256)
            if chance.random() < 0.2:
                del damaged[chance.randrange(end, len(damaged)):]
            try:
                self.copied(Stream([bytes(damaged)]))
            except (sqlite3.Error, MemoryError):
                refused += 1
                self.database.rollback()
        self.assertGreater(refused, 50)
        self.assertEqual(self.copied(Stream([whole])), self.rows[:200])


if __name__ == "__main__":
    unittest.main()
