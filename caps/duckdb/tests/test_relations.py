"""Relations and expressions, and objects of Python as tables."""

import collections
import gc
import unittest

import duckdb
from duckdb import CaseExpression, CoalesceOperator, ColumnExpression, ConstantExpression, FunctionExpression, LambdaExpression, SQLExpression, StarExpression


class RelationsTest(unittest.TestCase):
    def setUp(self):
        self.connection = duckdb.connect()
        self.addCleanup(self.connection.close)
        self.items = self.connection.sql("FROM (VALUES (1, 'a', 1.5), (2, 'b', 2.5), (3, 'a', 4.0)) t(i, name, price)", alias="items")

    def test_steps(self):
        self.assertEqual(self.items.filter("i > 1").project("name, price * 2 AS twice").order("twice DESC").fetchall(), [("a", 8.0), ("b", 5.0)])
        self.assertEqual(self.items.aggregate("name, sum(price) AS s").order("name").fetchall(), [("a", 5.5), ("b", 2.5)])
        self.assertEqual(self.items.aggregate("count(*)", "name").order("ALL").fetchall(), [(1,), (2,)])
        self.assertEqual(self.items.order("i DESC").limit(1, 1).fetchall(), [(2, "b", 2.5)])
        self.assertEqual(sorted(self.items.project("name").distinct().fetchall()), [("a",), ("b",)])
        self.assertEqual(self.items.filter("i = 1 -- the first").fetchall(), [(1, "a", 1.5)])
        self.assertEqual(self.items.name.fetchall(), [("a",), ("b",), ("a",)])
        self.assertEqual(self.items["i"].sum("i").fetchone(), (6,))
        self.assertRaises(AttributeError, lambda: self.items.missing)

    def test_what_it_is(self):
        self.assertEqual(self.items.columns, ["i", "name", "price"])
        self.assertEqual(list(map(str, self.items.types)), ["INTEGER", "VARCHAR", "DECIMAL(2,1)"])
        self.assertEqual((len(self.items), self.items.shape, "NAME" in self.items, "x" in self.items), (3, (3, 3), True, False))
        self.assertEqual((self.items.alias, self.items.set_alias("other").alias), ("items", "other"))
        self.assertEqual(self.items.select_types(["VARCHAR", duckdb.sqltypes.INTEGER]).columns, ["i", "name"])
        self.assertIn("│     1 │ a       │", repr(self.items))
        self.assertIn("EMPTY_RESULT", self.items.filter("false").explain())
        self.assertEqual(self.items.describe().columns, ["aggr", "i", "name", "price"])

    def test_wrong_steps_are_errors_at_once(self):
        self.assertRaises(duckdb.BinderException, self.items.filter, "missing > 1")
        self.assertRaises(duckdb.ParserException, self.items.project, "a b c")
        self.assertRaises(duckdb.InvalidInputException, self.items.filter, 5)
        self.assertRaises(duckdb.InvalidInputException, self.items.join, self.items, "i")

    def test_sets_and_joins(self):
        other = self.connection.sql("FROM (VALUES (1, 'x'), (4, 'y')) t(i, more)", alias="other")
        self.assertEqual(self.items.join(other, "i").fetchall(), [(1, "a", 1.5, "x")])
        self.assertEqual(self.items.join(other, "items.i = other.i", "semi").fetchall(), [(1, "a", 1.5)])
        self.assertEqual(len(self.items.join(other, ["i"], "left")), 3)
        self.assertEqual(self.items.join(other, ColumnExpression("items.i") < ColumnExpression("other.i")).project("items.i, other.more").order("ALL").fetchall(),
                         [(1, "y"), (2, "y"), (3, "y")])
        self.assertEqual(len(self.items.cross(other)), 6)
        self.assertEqual(len(self.items.union(self.items)), 6)
        self.assertEqual(self.items.project("i").except_(other.project("i")).order("i").fetchall(), [(2,), (3,)])
        self.assertEqual(self.items.project("i").intersect(other.project("i")).fetchall(), [(1,)])
        self.assertRaises(duckdb.InvalidInputException, self.items.union, duckdb.sql("SELECT 1, 'a', 1.5"))

    def test_aggregates_and_windows(self):
        self.assertEqual(self.items.max("price").fetchall(), [(4.0,)])
        self.assertEqual(self.items.sum("price", groups="name", projected_columns="name").order("name").fetchall(), [("a", 5.5), ("b", 2.5)])
        self.assertEqual(self.items.row_number("over (order by i desc)", "i").order("i").fetchall(), [(1, 3), (2, 2), (3, 1)])
        self.assertEqual(self.items.lag("i", "over (order by i)").fetchall(), [(None,), (1,), (2,)])
        self.assertEqual(self.items.string_agg("name", sep="-").fetchall(), [("a-b-a",)])
        self.assertEqual(self.items.quantile("i", 0.5).fetchall(), [(2,)])
        self.assertEqual(self.items.value_counts("name", groups="name").order("ALL").fetchall(), [("a", 2), ("b", 1)])

    def test_tables_and_views(self):
        self.items.create("stored")
        table = self.connection.table("stored")
        table.insert([4, "c", None])
        table.update({"name": ConstantExpression("z")}, condition=ColumnExpression("i") == 4)
        self.items.filter("i = 1").insert_into("stored")
        self.assertEqual(table.filter("i in (1, 4)").order("ALL").fetchall(), [(1, "a", 1.5), (1, "a", 1.5), (4, "z", None)])
        table.create_view("seen")
        self.assertEqual(self.connection.view("seen").sum("i").fetchall(), [(11,)])
        self.assertEqual(self.items.query("v", "SELECT max(i) FROM v").fetchall(), [(3,)])
        self.assertRaises(duckdb.CatalogException, self.connection.table, "missing")

    def test_results_of_other_statements_are_relations(self):
        self.items.create("stored")
        self.assertEqual(self.connection.sql("SHOW TABLES").fetchall(), [("stored",)])
        self.assertIsNone(self.connection.sql("CREATE TABLE other(a INTEGER)"))
        chosen = self.connection.sql("SELECT * FROM stored WHERE i > ?", params=[1])
        self.assertEqual(chosen.filter("name = 'a'").fetchall(), [(3, "a", 4.0)])
        self.assertIn("physical_plan", self.connection.sql("EXPLAIN FROM stored").fetchone()[0])
        pivoted = self.connection.sql("PIVOT stored ON name USING sum(price) GROUP BY i ORDER BY i")
        self.assertEqual(pivoted.columns, ["i", "a", "b"])

    def test_expressions(self):
        i, name = ColumnExpression("i"), ColumnExpression("name")
        case = CaseExpression(i > 2, ConstantExpression("big")).when(i == 2, ConstantExpression("two")).otherwise(ConstantExpression("small"))
        self.assertEqual(self.items.select(case.alias("size"), (i + 1) * 2, -i).fetchall(), [("small", 4, -1), ("two", 6, -2), ("big", 8, -3)])
        self.assertEqual(self.items.filter((i > 1) & (name == ConstantExpression("a"))).fetchall(), [(3, "a", 4.0)])
        self.assertEqual(self.items.filter(~i.isin(1, 2) | i.isnull()).select(i).fetchall(), [(3,)])
        self.assertEqual(self.items.sort(name.desc(), i.desc()).select(i).fetchall(), [(2,), (3,), (1,)])
        self.assertEqual(self.items.select(StarExpression(exclude=["price"])).columns, ["i", "name"])
        self.assertEqual(self.items.select(FunctionExpression("upper", name)).fetchone(), ("A",))
        self.assertEqual(self.items.select(CoalesceOperator(ConstantExpression(None), i).cast(str)).fetchone(), ("1",))
        self.assertEqual(self.items.aggregate([FunctionExpression("sum", i).alias("s")]).columns, ["s"])
        self.assertEqual(self.connection.sql("SELECT [1, 2, 3] AS l").select(
            FunctionExpression("list_filter", ColumnExpression("l"), LambdaExpression("x", ColumnExpression("x") > 1))).fetchone(), ([2, 3],))
        self.assertEqual(self.items.select(SQLExpression("i % 2 AS odd")).columns, ["odd"])
        self.assertEqual(str(i.between(1, 2)), "(i BETWEEN 1 AND 2)")


class ObjectsTest(unittest.TestCase):
    def setUp(self):
        self.connection = duckdb.connect()
        self.addCleanup(self.connection.close)

    def test_variables_are_tables(self):
        rows = [{"a": 1, "b": "x"}, {"a": 2}]  # noqa: F841
        columns = {"a": range(3), "b": ["x", None, "z"]}  # noqa: F841
        Point = collections.namedtuple("Point", "x y")
        points = [Point(1, 2.5), Point(3, None)]  # noqa: F841
        self.assertEqual(self.connection.execute("FROM rows").fetchall(), [(1, "x"), (2, None)])
        self.assertEqual(self.connection.sql("SELECT sum(a), max(b) FROM columns").fetchall(), [(3, "z")])
        self.assertEqual(self.connection.sql("SELECT sum(x), sum(y) FROM points").fetchall(), [(4, 2.5)])

    def test_a_relation_keeps_what_it_was_made_of(self):
        rows = [(1,), (2,)]
        relation = self.connection.sql("SELECT sum(column0) AS s FROM rows")
        rows = [(100,)]  # noqa: F841
        gc.collect()
        self.assertEqual(relation.filter("s < 100").fetchall(), [(3,)])
        base = self.connection.sql("SELECT 5 AS five")  # noqa: F841
        self.assertEqual(self.connection.sql("SELECT five + 1 FROM base").fetchall(), [(6,)])

    def test_registered_objects(self):
        self.connection.register("v", {"a": [1, 2, 3]})
        self.assertEqual(self.connection.execute("SELECT sum(a) FROM v").fetchone(), (6,))
        self.connection.register("v", [(7,)])
        self.assertEqual(self.connection.execute("FROM v").fetchone(), (7,))
        self.connection.unregister("v")
        self.assertRaises(duckdb.CatalogException, self.connection.execute, "FROM v")
        self.assertRaises(duckdb.InvalidInputException, self.connection.register, "w", object())

    def test_what_is_no_table(self):
        number = 5  # noqa: F841
        with self.assertRaisesRegex(duckdb.InvalidInputException, 'Python Object "number" of type "int" found on line ".*test_relations.py'):
            self.connection.execute("FROM number")
        self.connection.execute("SET python_enable_replacements = false")
        self.assertRaises(duckdb.CatalogException, self.connection.execute, "FROM number")

    def test_rows_past_sql(self):
        self.connection.execute("CREATE TABLE t(a BIGINT, b VARCHAR)")
        self.connection.append("t", {"a": [1, 2], "b": ["x", "y"]})
        self.connection.append("t", {"b": ["z"], "a": [3]}, by_name=True)
        with self.connection.appender("t") as appender:
            appender.append(4, None)
            appender.append_rows([(i, str(i)) for i in range(5, 5000)])
        self.assertEqual(self.connection.execute("SELECT count(*), sum(a), count(b) FROM t").fetchall(), [(4999, 12497500, 4998)])
        with self.assertRaises(duckdb.Error):
            self.connection.appender("t").append_rows([("no number", 1)])

    def test_large_objects(self):
        many = {"i": list(range(200000)), "t": [str(i % 100) for i in range(200000)]}  # noqa: F841
        self.assertEqual(self.connection.sql("SELECT t, count(*), sum(i) FROM many GROUP BY t ORDER BY t LIMIT 1").fetchall(), [("0", 2000, 199900000)])


if __name__ == "__main__":
    unittest.main()
