"""Statements, their results and what goes wrong."""

import threading
import time
import unittest

import duckdb


class StatementsTest(unittest.TestCase):
    def setUp(self):
        self.connection = duckdb.connect()
        self.addCleanup(self.connection.close)

    def rows(self, query, *parameters):
        return self.connection.execute(query, *parameters).fetchall()

    def test_rows_one_by_one_and_many(self):
        self.connection.execute("SELECT i, i::VARCHAR FROM range(100000) t(i)")
        self.assertEqual(self.connection.fetchone(), (0, "0"))
        self.assertEqual(self.connection.fetchmany(2), [(1, "1"), (2, "2")])
        self.assertEqual(self.connection.fetchmany(), [(3, "3")])
        rest = self.connection.fetchall()
        self.assertEqual((len(rest), rest[0], rest[-1]), (99996, (4, "4"), (99999, "99999")))
        self.assertEqual((self.connection.fetchone(), self.connection.fetchmany(3), self.connection.fetchall()), (None, [], []))

    def test_several_statements_in_one_text(self):
        rows = self.rows("CREATE TABLE t(a INTEGER); INSERT INTO t VALUES (1), (2); SELECT sum(a) + ? FROM t", [10])
        self.assertEqual(rows, [(13,)])
        self.assertIsNone(self.connection.execute(" -- nothing"))
        self.assertEqual([statement.type for statement in self.connection.extract_statements("SELECT 1; DROP TABLE t")],
                         [duckdb.StatementType.SELECT, duckdb.StatementType.DROP])

    def test_many_rows_of_parameters(self):
        self.connection.execute("CREATE TABLE t(a BIGINT, b VARCHAR, c DATE)")
        self.connection.executemany("INSERT INTO t VALUES (?, ?, ?)", [(i, str(i), None) for i in range(3000)])
        self.connection.executemany("INSERT INTO t VALUES ($a, $b, '2000-01-01')", [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}])
        self.assertEqual(self.rows("SELECT count(*), sum(a), count(c) FROM t"), [(3002, 4498503, 2)])
        with self.assertRaises(duckdb.InvalidInputException):
            self.connection.executemany("INSERT INTO t VALUES (?, ?, ?)", [])
        with self.assertRaises(duckdb.InvalidInputException):
            self.connection.executemany("INSERT INTO t VALUES (?, ?, ?)", [(1, "x")])

    def test_transactions(self):
        self.connection.execute("CREATE TABLE t(a INTEGER)")
        self.connection.begin().execute("INSERT INTO t VALUES (1)")
        self.connection.rollback()
        self.assertEqual(self.rows("FROM t"), [])
        self.connection.begin()
        self.connection.execute("INSERT INTO t VALUES (2)")
        other = self.connection.cursor()
        self.assertEqual(other.execute("FROM t").fetchall(), [])
        self.connection.commit()
        self.connection.commit()
        self.assertEqual(other.execute("FROM t").fetchall(), [(2,)])

    def test_errors_are_the_kinds_of_dbapi(self):
        self.connection.execute("CREATE TABLE t(a INTEGER PRIMARY KEY)")
        for query, kind, parent, said in (
            ("SELEC 1", duckdb.ParserException, duckdb.ProgrammingError, "Parser Error: syntax error"),
            ("SELECT missing", duckdb.BinderException, duckdb.ProgrammingError, 'Binder Error: Referenced column "missing"'),
            ("FROM missing", duckdb.CatalogException, duckdb.ProgrammingError, "Catalog Error: Table with name missing"),
            ("SELECT 'x'::INTEGER", duckdb.ConversionException, duckdb.DataError, "Conversion Error: Could not convert"),
            ("SELECT 200::TINYINT + 100::TINYINT", duckdb.ConversionException, duckdb.DataError, "out of range"),
            ("INSERT INTO t VALUES (1), (1)", duckdb.ConstraintException, duckdb.IntegrityError, "Constraint Error: "),
            ("ROLLBACK", duckdb.TransactionException, duckdb.OperationalError, "TransactionContext Error: "),
            ("SELECT error('mine')", duckdb.InvalidInputException, duckdb.Error, "mine"),
        ):
            with self.subTest(query), self.assertRaisesRegex(kind, said) as caught:
                self.rows(query)
            self.assertIsInstance(caught.exception, parent)
        self.assertEqual(self.rows("SELECT 1"), [(1,)])

    def test_a_closed_connection_says_so(self):
        relation = self.connection.sql("SELECT 1")
        cursor = self.connection.cursor()
        self.connection.close()
        self.connection.close()
        with self.assertRaisesRegex(duckdb.ConnectionException, "Connection already closed"):
            self.connection.execute("SELECT 1")
        with self.assertRaisesRegex(duckdb.ConnectionException, "already been closed"):
            relation.fetchall()
        with self.assertRaises(duckdb.ConnectionException):
            cursor.execute("SELECT 1")

    def test_databases_in_memory_are_shared_by_name(self):
        with duckdb.connect(":memory:shared") as one, duckdb.connect(":memory:shared") as two, duckdb.connect() as three:
            one.execute("CREATE TABLE t AS SELECT 42 AS a")
            self.assertEqual(two.execute("FROM t").fetchall(), [(42,)])
            self.assertRaises(duckdb.CatalogException, three.execute, "FROM t")

    def test_settings(self):
        with duckdb.connect(config={"default_null_order": "nulls_first"}) as connection:
            self.assertEqual(connection.execute("FROM (VALUES (1), (NULL)) t(a) ORDER BY a").fetchall(), [(None,), (1,)])
        with self.assertRaises(duckdb.Error):
            duckdb.connect(config={"no_such_setting": 1})

    def test_interrupt_by_another_thread(self):
        timer = threading.Timer(0.3, self.connection.interrupt)
        timer.start()
        started = time.monotonic()
        with self.assertRaises(duckdb.InterruptException):
            self.rows("SELECT count(*) FROM range(100000) a, range(100000) b WHERE a.range + b.range > 5")
        timer.join()
        self.assertLess(time.monotonic() - started, 20)
        self.assertEqual(self.rows("SELECT 1"), [(1,)])

    def test_memory_that_is_not_there_is_an_error(self):
        self.connection.execute("SET memory_limit = '30MB'; SET temp_directory = ''")
        with self.assertRaises(duckdb.OutOfMemoryException):
            self.rows("SELECT list(i || repeat('x', 100)) FROM range(5000000) t(i)")
        self.assertEqual(self.rows("SELECT 1"), [(1,)])

    def test_deep_nesting_is_an_error(self):
        with self.assertRaises(duckdb.Error):
            self.rows("SELECT " + "(" * 20000 + "1" + ")" * 20000)
        self.assertEqual(self.rows("SELECT 1"), [(1,)])

    def test_names_of_tables(self):
        self.assertEqual(self.connection.get_table_names("SELECT * FROM a JOIN s.b ON a.x = b.x"), {"a", "b"})
        self.assertEqual(self.connection.get_table_names("SELECT * FROM s.b", qualified=True), {"s.b"})

    def test_tokens(self):
        kinds = [kind.name for _, kind in duckdb.tokenize("SELECT a + 1, 'x' -- end")]
        self.assertEqual(kinds[:5], ["keyword", "identifier", "operator", "numeric_const", "operator"])


class FunctionsTest(unittest.TestCase):
    def setUp(self):
        self.connection = duckdb.connect()
        self.addCleanup(self.connection.close)

    def test_types_by_annotations(self):
        def twice(text: str, times: int = 2) -> str:
            return text * times

        self.connection.create_function("twice", twice)
        self.assertEqual(self.connection.execute("SELECT twice(i::VARCHAR, 3) FROM range(5000) t(i)").fetchall(), [(str(i) * 3,) for i in range(5000)])

    def test_nested_values_in_and_out(self):
        self.connection.create_function("turn", lambda d: {"n": [*d["n"], None], "d": d["d"]}, ["STRUCT(n INTEGER[], d DATE)"], "STRUCT(n INTEGER[], d DATE)")
        found = self.connection.execute("SELECT turn({'n': [1, 2], 'd': DATE '2024-02-29'})").fetchone()[0]
        self.assertEqual((found["n"], str(found["d"])), ([1, 2, None], "2024-02-29"))

    def test_nulls(self):
        self.connection.create_function("plain", lambda a: a + 1, [int], int)
        self.connection.create_function("special", lambda a: -1 if a is None else a, [int], int, null_handling="special")
        self.connection.create_function("bad", lambda a: None, [int], int)
        self.assertEqual(self.connection.execute("SELECT plain(a), special(a) FROM (VALUES (1), (NULL)) t(a)").fetchall(), [(2, 1), (None, -1)])
        with self.assertRaisesRegex(duckdb.InvalidInputException, "contained NULL values"):
            self.connection.execute("SELECT bad(1)").fetchall()

    def test_exceptions(self):
        def fail(number: int) -> int:
            raise ValueError(f"not {number}")

        self.connection.create_function("fail", fail)
        self.connection.create_function("forgive", fail, exception_handling="return_null")
        with self.assertRaisesRegex(duckdb.InvalidInputException, "ValueError: not 7") as caught:
            self.connection.execute("SELECT fail(7)").fetchall()
        self.assertIsInstance(caught.exception, duckdb.Error)
        self.assertEqual(self.connection.execute("SELECT forgive(7)").fetchall(), [(None,)])

    def test_any_arguments(self):
        self.connection.create_function("size", lambda *values: len(values), None, int)
        self.assertEqual(self.connection.execute("SELECT size(1, 'a', DATE '2000-01-01')").fetchall(), [(3,)])

    def test_removal(self):
        self.connection.create_function("one", lambda: 1, [], int)
        self.assertEqual(self.connection.execute("SELECT one() FROM range(3)").fetchall(), [(1,)] * 3)
        with self.assertRaises(duckdb.NotImplementedException):
            self.connection.create_function("one", lambda: 1, [], int)
        self.connection.remove_function("one")
        with self.assertRaises(duckdb.CatalogException):
            self.connection.execute("SELECT one()")
        with self.assertRaises(duckdb.InvalidInputException):
            self.connection.remove_function("one")

    def test_a_result_that_is_under_way_keeps_no_function_from_lasting(self):
        self.connection.execute("FROM range(100000)").fetchone()
        self.connection.create_function("two", lambda: 2, [], int)
        self.assertEqual(self.connection.execute("SELECT two() FROM range(100000)").fetchone(), (2,))
        self.connection.remove_function("two")
        with self.assertRaises(duckdb.CatalogException):
            self.connection.execute("SELECT two()")

    def test_a_function_may_use_another_connection(self):
        other = duckdb.connect()
        self.connection.create_function("ask", lambda a: other.execute("SELECT ? * 2", [a]).fetchone()[0], [int], int)
        self.assertEqual(self.connection.execute("SELECT sum(ask(i)) FROM range(100) t(i)").fetchall(), [(9900,)])

    def test_threads_take_turns(self):
        found = []

        def work(number):
            cursor = self.connection.cursor()
            cursor.create_function(f"slow{number}", lambda a: time.sleep(0.001) or a, [int], int)
            found.append(cursor.execute(f"SELECT sum(slow{number}(i)) FROM range(50) t(i)").fetchone())

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, [(1225,)] * 4)


if __name__ == "__main__":
    unittest.main()
