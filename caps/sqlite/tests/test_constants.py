"""What the facade knows of SQLite without asking is what the cap's SQLite says."""

import sqlite3
import unittest
from contextlib import closing

import _sqlite_cap as cap


class ConstantsTest(unittest.TestCase):
    def test_version(self):
        self.assertEqual(sqlite3.sqlite_version, cap.version())
        self.assertRegex(cap.source_id(), r"^\d{4}-\d\d-\d\d ")

    def test_codes_mean_something(self):
        unknown = cap.message(99999)
        for name in ("BUSY", "CORRUPT", "CONSTRAINT", "IOERR", "READONLY", "TOOBIG", "NOTADB", "ABORT_ROLLBACK"):
            self.assertNotEqual(cap.message(getattr(sqlite3, f"SQLITE_{name}")), unknown, name)

    def test_what_is_compiled_in(self):
        with closing(sqlite3.connect(":memory:")) as database:
            with_features = {option for option, in database.execute("pragma compile_options")}
        self.assertLessEqual({"ENABLE_FTS5", "ENABLE_RTREE", "ENABLE_MATH_FUNCTIONS", "ENABLE_SESSION", "ENABLE_COLUMN_METADATA", "THREADSAFE=1"}, with_features)
        self.assertEqual(sqlite3.threadsafety, 3)


if __name__ == "__main__":
    unittest.main()
