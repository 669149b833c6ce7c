"""Database files, and CSV, Parquet and JSON files, in the directory that the plan grants; the second run reads what the first one left."""

import datetime
import json
import os
import pathlib
import sys
import unittest

import duckdb

FOLDER = pathlib.Path(sys.argv.pop(1))
FIRST = not (FOLDER / "kept.duckdb").exists()
QUERY = "SELECT i, i::VARCHAR AS t, DATE '2000-01-01' + i::INTEGER AS d, i / 4 AS f, CASE WHEN i % 2 = 0 THEN i END AS n FROM range(3000) t(i)"


class FilesTest(unittest.TestCase):
    def setUp(self):
        self.connection = duckdb.connect()
        self.addCleanup(self.connection.close)
        self.expected = self.connection.sql(QUERY).fetchall()

    def test_a_database_lasts(self):
        with duckdb.connect(FOLDER / "kept.duckdb") as connection:
            if FIRST:
                connection.execute(f"CREATE TABLE t AS {QUERY}")
            self.assertEqual(connection.table("t").order("i").fetchall(), self.expected)
            with duckdb.connect(FOLDER / "kept.duckdb") as same:
                self.assertEqual(len(same.table("t")), 3000)
        with duckdb.connect(FOLDER / "kept.duckdb", read_only=True) as connection:
            with self.assertRaises(duckdb.InvalidInputException):
                connection.execute("DELETE FROM t")

    def test_what_was_not_checkpointed_lasts(self):
        name = FOLDER / "log.duckdb"
        connection = duckdb.connect(name, config={"checkpoint_threshold": "1GB"})
        connection.execute("CREATE TABLE IF NOT EXISTS t(a INTEGER)")
        before = len(connection.table("t"))
        connection.execute("INSERT INTO t VALUES (1), (2)")
        connection.close()
        with duckdb.connect(name) as connection:
            self.assertEqual(len(connection.table("t")), before + 2)

    def test_files_go_and_come(self):
        relation = self.connection.sql(QUERY)
        relation.to_csv(FOLDER / "rows.csv")
        relation.to_parquet(FOLDER / "rows.parquet", compression="zstd")
        self.connection.execute(f"COPY ({QUERY}) TO '{FOLDER / 'rows.json'}' (FORMAT JSON)")
        self.assertEqual(self.connection.read_csv(FOLDER / "rows.csv", dtype={"t": "VARCHAR"}).order("i").fetchall(), self.expected)
        self.assertEqual(self.connection.read_parquet(str(FOLDER / "rows*.parquet")).order("i").fetchall(), self.expected)
        with open(FOLDER / "rows.json") as file:
            self.assertEqual(json.loads(next(file))["d"], "2000-01-01")
        found = self.connection.read_json(str(FOLDER / "rows.json"), columns={"i": "BIGINT", "d": "DATE"}).order("i").fetchone()
        self.assertEqual(found, (0, datetime.date(2000, 1, 1)))
        self.assertEqual(self.connection.execute(f"SELECT count(*) FROM '{FOLDER}/rows.csv'").fetchone(), (3000,))

    def test_options_of_csv(self):
        (FOLDER / "odd.csv").write_text("a;b\n1;-\n2;'x;y'\n")
        relation = self.connection.read_csv(FOLDER / "odd.csv", sep=";", header=True, na_values="-", quotechar="'", dtype={"a": "DOUBLE"})
        self.assertEqual(relation.fetchall(), [(1.0, None), (2.0, "x;y")])
        self.assertEqual(str(relation.types[0]), "DOUBLE")
        with self.assertRaises(duckdb.InvalidInputException):
            self.connection.read_csv(FOLDER / "odd.csv", no_such_option=1)

    def test_damaged_files_are_errors(self):
        whole = (FOLDER / "kept.duckdb").read_bytes() if not FIRST else b"DUCK" * 5000
        for name, content in (("damaged.duckdb", whole[:9000] + bytes(200) + whole[9200:]), ("damaged.parquet", b"PAR1" + bytes(100) + b"\xff\0\0\0PAR1")):
            (FOLDER / name).write_bytes(content)
        with self.assertRaises(duckdb.Error):
            self.connection.read_parquet(str(FOLDER / "damaged.parquet")).fetchall()
        try:
            with duckdb.connect(FOLDER / "damaged.duckdb") as connection:
                connection.execute("FROM t").fetchall()
        except duckdb.Error:
            pass
        self.assertEqual(self.connection.execute("SELECT 1").fetchone(), (1,))

    def test_relative_names(self):
        os.chdir(FOLDER)
        self.connection.execute("COPY (SELECT 1 AS a) TO 'near.csv'")
        self.assertEqual(self.connection.execute("FROM 'near.csv'").fetchall(), [(1,)])
        self.assertEqual((FOLDER / "near.csv").read_text(), "a\n1\n")

    def test_more_than_memory_is_spilled(self):
        (FOLDER / "spill").mkdir(exist_ok=True)
        self.connection.execute(f"SET memory_limit = '40MB'; SET temp_directory = '{FOLDER}/spill'")
        self.connection.execute("CREATE TABLE big AS SELECT i, repeat(i::VARCHAR, 20) AS t FROM range(600000) s(i)")
        self.assertEqual(self.connection.execute("SELECT count(*), sum(length(t)) FROM big").fetchall(), [(600000, 69777800)])
        self.assertNotEqual(list((FOLDER / "spill").iterdir()), [])


if __name__ == "__main__":
    unittest.main()
