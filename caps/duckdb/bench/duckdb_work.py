"""What DuckDB does from Python, under Pylon and under native CPython, whenever bench/duckdb asks for it.

The first argument is a folder with TPC-H's tables as Parquet files and a folder `scratch` for writing. Prints the rows that there are, as
JSON; then reads their names and prints for each the seconds that one call took, and a digest of the result where sides should agree."""

import hashlib
import json
import pathlib
import re
import sys
import time

import duckdb

try:
    import numpy  # DuckDB's own package needs it for columns and functions
except ImportError:
    numpy = None

FOLDER = pathlib.Path(sys.argv[1])
SCRATCH = FOLDER / "scratch"
OURS = sys.platform == "wasi"
MILLION = 1_000_000

connection = duckdb.connect()
connection.execute("SET threads = 1")


def tables():
    """TPC-H in memory."""
    for file in sorted(FOLDER.glob("*.parquet")):
        connection.execute(f"CREATE OR REPLACE TABLE {file.stem} AS FROM '{file}'")


def query(text):
    def work():
        return connection.execute(text).fetchall()

    return work


def fetch(text):
    """All rows as objects of Python, less what the engine needs to make them."""
    def work():
        return len(connection.execute(text).fetchall())

    return work


def columns():
    """Ten million 64-bit numbers as one view of memory for each batch: Arrow's messages here, numpy natively."""
    connection.execute(f"SELECT range FROM range({10 * MILLION})")
    if OURS:
        return sum(map(len, connection.__arrow_ipc__()))
    return connection.fetchnumpy()["range"].nbytes


def engine_alone():
    """The same rows made, and counted without leaving the engine."""
    return connection.execute(f"SELECT count(range) FROM range({10 * MILLION})").fetchone()


def insert_rows():
    connection.execute("CREATE OR REPLACE TABLE inserted(a BIGINT, b VARCHAR)")
    connection.executemany("INSERT INTO inserted VALUES (?, ?)", ROWS)


def write_csv():
    connection.execute(f"COPY lineitem TO '{SCRATCH}/lineitem.csv'")


def read_csv():
    return connection.execute(f"SELECT count(*), sum(l_extendedprice), max(l_comment) FROM read_csv('{FOLDER}/lineitem.csv')").fetchall()


def write_parquet():
    connection.execute(f"COPY lineitem TO '{SCRATCH}/lineitem.parquet'")


def read_parquet():
    return connection.execute(f"SELECT {', '.join(f'max({name})' for name in NAMES)} FROM '{FOLDER}/lineitem.parquet'").fetchall()


def function():
    return connection.execute(f"SELECT sum(plus_one(range)) FROM range({MILLION // 50})").fetchall()


tables()
NAMES = connection.table("lineitem").columns
ROWS = [(number, str(number)) for number in range(1000)]
QUERIES = re.findall(r"^-- (q\d\d)\n(.*?);", (pathlib.Path(__file__).parent / "tpch.sql").read_text(), re.M | re.S)
WORK = {f"TPC-H {name}": query(text) for name, text in QUERIES} | {
    "CSV read": read_csv,
    "CSV write": write_csv,
    "Parquet read": read_parquet,
    "Parquet write": write_parquet,
    "fetchall, 1,000,000 x (BIGINT, VARCHAR)": fetch(f"SELECT range, range::VARCHAR FROM range({MILLION})"),
    "fetchall, 600,000 rows of lineitem": fetch("SELECT l_orderkey, l_quantity, l_shipdate, l_comment FROM lineitem"),
    "executemany, 1,000 rows": insert_rows,
    "columns, 10,000,000 x BIGINT": columns,
    "the same without leaving the engine": engine_alone,
}
if OURS or numpy:
    connection.create_function("plus_one", lambda a: a + 1, ["BIGINT"], "BIGINT")
    WORK["function of Python, 20,000 calls"] = function


def digest(result):
    """What both sides have to agree on: texts, and numbers to six digits."""
    rounded = [[f"{float(value):.6g}" if type(value).__name__ in ("float", "Decimal") else str(value) for value in row] for row in result]
    return hashlib.sha256(json.dumps(rounded).encode()).hexdigest()[:8]


print(json.dumps(list(WORK)), flush=True)
for line in sys.stdin:
    work = WORK[line.rstrip("\n")]
    start = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - start
    print(seconds, digest(result) if isinstance(result, list) else "", flush=True)
