"""One thing that programs do with sqlite3, by its name; run by `rows`, which measures the whole process."""

import sqlite3
import sys

ROWS = 1_000_000
SOME = 100_000


def filled():
    """A database in memory with a million rows that SQLite made itself."""
    database = sqlite3.connect(":memory:")
    database.execute("create table t(a integer primary key, b integer, c text, d real)")
    database.execute("insert into t with recursive n(i) as (select 0 union all select i + 1 from n where i < ?) "
                     "select i, i * 7 % 1000, 'name ' || i, i / 3.0 from n", (ROWS - 1,))
    return database


def make_rows():
    return [(n, n * 7 % 1000, f"name {n}", n / 3) for n in range(ROWS)]


def insert():
    rows = make_rows()
    database = sqlite3.connect(":memory:")
    database.execute("create table t(a integer primary key, b integer, c text, d real)")
    database.executemany("insert into t values(?, ?, ?, ?)", rows)


def fetch_all():
    return filled().execute("select * from t").fetchall()


def iterate():
    for row in filled().execute("select * from t"):
        pass


def fetch_one():
    cursor = filled().execute("select * from t")
    while cursor.fetchone() is not None:
        pass


def select_by_key():
    database = filled()
    for key in range(SOME):
        database.execute("select c from t where a = ?", (key,)).fetchone()


def execute():
    database = sqlite3.connect(":memory:")
    database.execute("create table t(a, b)")
    for n in range(SOME):
        database.execute("insert into t values(?, ?)", (n, "x"))


def function():
    database = filled()
    database.create_function("f", 1, lambda n: n + 1)
    database.execute("select sum(f(a)) from t where a < ?", (SOME,)).fetchone()


def nothing():
    pass


# What is measured, and what of it is preparation.
WORK = {"insert 1,000,000 rows": (insert, make_rows), "fetchall() of 1,000,000": (fetch_all, filled), "iterate over 1,000,000": (iterate, filled),
        "fetchone() of 1,000,000": (fetch_one, filled), "100,000 selects by key": (select_by_key, filled), "100,000 single inserts": (execute, nothing),
        "100,000 calls of a function": (function, filled)}

if __name__ == "__main__":
    _, name, part = sys.argv
    work, preparation = WORK[name]
    (work if part == "work" else preparation)()
