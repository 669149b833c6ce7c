"""Does what bench/columns asks for, with pyarrow under native CPython, with arrow under Pylon.

Prints the rows that there are, with how many values or bytes each does, as JSON; then reads names of rows and prints for each the
seconds that one call took."""

import io
import json
import sys
import time

try:
    import arrow
    import arrow.csv
    import arrow.ipc
except ImportError:
    import pyarrow as arrow
    import pyarrow.csv
    import pyarrow.ipc

    arrow.set_cpu_count(1)
    arrow.set_io_thread_count(1)

ROWS = 1_000_000
INTEGERS = list(range(ROWS))
GAPS = [None if i % 7 == 0 else i for i in range(ROWS)]
TEXTS = [f"value {i}" for i in range(ROWS)]
NUMBERS, HOLES, WORDS = arrow.array(INTEGERS), arrow.array(GAPS), arrow.array(TEXTS)
PLACES = arrow.array([i * 7919 % ROWS for i in range(ROWS)])
TABLE = arrow.table({"a": NUMBERS, "b": HOLES, "c": WORDS, "d": arrow.array([i / 7 for i in INTEGERS])})
CSV = b"id,name,score,day\n" + b"".join(b"%d,name %d,%d.%d,2020-01-%02d\n" % (i, i, i % 100, i % 7, i % 28 + 1) for i in range(400_000))
CSV_TABLE = arrow.csv.read_csv(io.BytesIO(CSV))


def stream(codec):
    sink = io.BytesIO()
    with arrow.ipc.new_stream(sink, TABLE.schema, options=arrow.ipc.IpcWriteOptions(compression=codec)) as writer:
        writer.write_table(TABLE, max_chunksize=100_000)
    return sink.getvalue()


def read(data):
    return arrow.ipc.open_stream(data).read_all().column("a").chunk(3).buffers()[1].size


def write_csv():
    arrow.csv.write_csv(CSV_TABLE, io.BytesIO())


PLAIN, LZ4, ZSTD = map(stream, (None, "lz4", "zstd"))
# name: (how much, unit, what)
WORK = {
    "int64 of a list": (ROWS, "values", lambda: arrow.array(INTEGERS)),
    "int64 with nulls of a list": (ROWS, "values", lambda: arrow.array(GAPS)),
    "texts of a list": (ROWS, "values", lambda: arrow.array(TEXTS)),
    "int64 to a list": (ROWS, "values", lambda: NUMBERS.to_pylist()),
    "int64 with nulls to a list": (ROWS, "values", lambda: HOLES.to_pylist()),
    "texts to a list": (ROWS, "values", lambda: WORDS.to_pylist()),
    "take int64": (ROWS, "values", lambda: NUMBERS.take(PLACES)),
    "stream, read": (len(PLAIN), "bytes", lambda: read(PLAIN)),
    "stream, written": (len(PLAIN), "bytes", lambda: stream(None)),
    "stream with LZ4, read": (len(PLAIN), "bytes", lambda: read(LZ4)),
    "stream with Zstandard, read": (len(PLAIN), "bytes", lambda: read(ZSTD)),
    "stream with Zstandard, written": (len(PLAIN), "bytes", lambda: stream("zstd")),
    "CSV, read": (len(CSV), "bytes", lambda: arrow.csv.read_csv(io.BytesIO(CSV), arrow.csv.ReadOptions(use_threads=False))),
    "CSV, written": (len(CSV), "bytes", write_csv),
}

print(json.dumps({name: (size, unit) for name, (size, unit, _) in WORK.items()}), flush=True)
for line in sys.stdin:
    work = WORK[line.rstrip("\n")][2]
    start = time.perf_counter()
    work()
    print(time.perf_counter() - start, flush=True)
