"""SQLite's own fuzz corpora: databases and SQL that once broke it. Here they are results or errors, within limits."""

import pathlib
import sys
import unittest

import harness
from peers import cache

CAP = harness.ROOT / "caps/sqlite"
sys.path.insert(0, str(CAP / "bench"))

import upstream  # noqa: E402 (found through the line above)

EVERY = 7  # of 46,390 entries, one in so many is tried
PROGRAM = """
import collections, sqlite3, sys

EVERY, seen = int(sys.argv[1]), collections.Counter()
QUERIES = "pragma integrity_check", "select * from sqlite_master", "vacuum", "reindex"

def connected():
    database = sqlite3.connect(":memory:", timeout=0)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1_000_000)
    ticks = iter(range(200))
    database.set_progress_handler(lambda: next(ticks, None) is None, 10_000)
    return database

def attempt(action, *arguments):
    try:
        found = action(*arguments)
        seen["results"] += 1
        return found
    except (sqlite3.Error, sqlite3.Warning, MemoryError, ValueError):
        seen["errors"] += 1

def rows(database, sql):
    return database.execute(sql).fetchall()

def entries(column, table):
    return (content for number, (content,) in enumerate(source.execute(f"select {column} from {table}")) if number % EVERY == 0)

for name in sys.argv[2:]:
    source = sqlite3.connect(f"file:{name}?mode=ro&immutable=1", uri=True)
    source.text_factory = bytes
    for content in entries("dbcontent", "db"):
        database = connected()
        attempt(database.deserialize, content)
        for (table,) in attempt(rows, database, "select quote(name) from sqlite_master where type = 'table' limit 5") or []:
            attempt(rows, database, f"select * from {table}")
            attempt(rows, database, f"delete from {table}")
        for sql in QUERIES:
            attempt(rows, database, sql)
        database.close()
    for sql in entries("sqltext", "xsql"):
        database = connected()
        attempt(database.executescript, sql.decode("latin-1").replace(chr(0), " "))
        database.close()
print(dict(seen))
"""


class Corpora(harness.Case):
    def test_all_kinds(self):
        try:
            folder = upstream.folder()
        except cache.FetchError as error:
            raise unittest.SkipTest(f"the package mirror is not reached: {error}") from error
        program = self.write("program.py", PROGRAM)
        files = sorted(pathlib.Path(folder).glob("fuzzdata?.db"))
        self.assertEqual(len(files), 8)
        result = self.pylon("--max-memory=1G", f"--allow-read={folder}", program, EVERY, *files, timeout=300)
        self.assertEqual((result.code, result.err), (0, ""))
        seen = eval(result.out)
        self.assertGreater(min(seen["results"], seen["errors"]), 500, seen)


if __name__ == "__main__":
    unittest.main()
