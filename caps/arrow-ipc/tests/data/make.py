"""Writes the files beside it; run by native pyarrow: make.py FOLDER. Or compares what the sandbox wrote with them: make.py --check FOLDER."""

import datetime as dt
import decimal
import pathlib
import sys

import pyarrow as pa
import pyarrow.feather
import pyarrow.ipc

ROWS = 30
EPOCH = dt.datetime(2000, 1, 1)


def some(make):
    """Values, of which some are null."""
    return [None if i % 7 == 3 else make(i) for i in range(ROWS)]


def day(i):
    return dt.date(1900 + i % 200, 1 + i % 12, 1 + i % 28)


def simple():
    """Columns without children."""
    integers = {str(one): pa.array(some(lambda i: i % 100), one) for one in
                (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())}
    return {
        "null": pa.nulls(ROWS), "bool": pa.array(some(lambda i: i % 3 == 0)), **integers,
        "negative": pa.array(some(lambda i: -i * 10**15)), "large": pa.array(some(lambda i: 2**64 - 1 - i), pa.uint64()),
        "float16": pa.array(some(float), pa.float16()), "float32": pa.array(some(lambda i: i / 4), pa.float32()), "float64": pa.array(some(lambda i: i / 3)),
        "string": pa.array(some(lambda i: f"ü{i}")), "large_string": pa.array(some(lambda i: "x" * (i % 30)), pa.large_string()),
        "binary": pa.array(some(lambda i: bytes([i % 256]) * (i % 5))), "large_binary": pa.array(some(lambda i: b"q" * (i % 9)), pa.large_binary()),
        "fixed": pa.array(some(lambda i: b"%03d" % i), pa.binary(3)),
        "decimal32": pa.array(some(decimal.Decimal), pa.decimal32(9, 2)), "decimal64": pa.array(some(decimal.Decimal), pa.decimal64(18, 2)),
        "decimal128": pa.array(some(lambda i: decimal.Decimal(i - 500) / 4), pa.decimal128(12, 4)),
        "decimal256": pa.array(some(lambda i: decimal.Decimal(i)**10), pa.decimal256(60, 0)),
    }


def temporal():
    return {
        "date32": pa.array(some(day)), "date64": pa.array(some(day), pa.date64()),
        "time32s": pa.array(some(lambda i: dt.time(i % 24, i % 60)), pa.time32("s")), "time32ms": pa.array(some(lambda i: dt.time(i % 24, i % 60, 1, 5000)), pa.time32("ms")),
        "time64us": pa.array(some(lambda i: dt.time(i % 24, i % 60, 1, i)), pa.time64("us")), "time64ns": pa.array(some(lambda i: dt.time(i % 24, i % 60, 1, i)), pa.time64("ns")),
        "timestamp_s": pa.array(some(lambda i: EPOCH + dt.timedelta(seconds=i)), pa.timestamp("s")),
        "timestamp_us": pa.array(some(lambda i: dt.datetime(1950, 1, 1) + dt.timedelta(microseconds=i)), pa.timestamp("us")),
        "timestamp_utc": pa.array(some(lambda i: EPOCH.replace(tzinfo=dt.timezone.utc) + dt.timedelta(seconds=i)), pa.timestamp("ms", "+00:00")),
        "duration": pa.array(some(lambda i: dt.timedelta(microseconds=i * 1000)), pa.duration("ms")), "interval": pa.array(some(lambda i: pa.MonthDayNano([i, i, i]))),
    }


def nested():
    numbers, letters, codes = pa.array(range(ROWS)), pa.array([str(i) for i in range(ROWS)]), pa.array([i % 2 for i in range(ROWS)], pa.int8())
    return {
        "list": pa.array(some(lambda i: list(range(i % 5)))), "large_list": pa.array(some(lambda i: ["a"] * (i % 4)), pa.large_list(pa.string())),
        "fixed_list": pa.array(some(lambda i: [i, None]), pa.list_(pa.int16(), 2)), "struct": pa.array(some(lambda i: {"a": i, "b": None if i % 2 else "t"})),
        "map": pa.array(some(lambda i: [(f"k{j}", j) for j in range(i % 3)]), pa.map_(pa.string(), pa.int32())),
        "list_list": pa.array(some(lambda i: [[i], None, []]), pa.list_(pa.list_(pa.int64()))), "list_struct": pa.array(some(lambda i: [{"x": [i]}])),
        "dictionary": pa.array(some(lambda i: f"v{i % 10}")).dictionary_encode(), "dictionary_int": pa.array(some(lambda i: i % 10)).dictionary_encode(),
        "list_dictionary": pa.ListArray.from_arrays(pa.array([i * 2 for i in range(ROWS + 1)], pa.int32()), pa.array(["p", "q"] * ROWS).dictionary_encode()),
        "sparse": pa.UnionArray.from_sparse(codes, [numbers, letters]),
        "dense": pa.UnionArray.from_dense(codes, pa.array([i // 2 for i in range(ROWS)], pa.int32()), [numbers, letters]),
    }


def table():
    """A table with a column of each type."""
    return pa.table({**simple(), **temporal(), **nested()}).replace_schema_metadata({"k": "v", "ü": "\0 and more"})


def write(folder):
    made = table()
    for codec in ("none", "lz4", "zstd"):
        options = pa.ipc.IpcWriteOptions(compression=None if codec == "none" else codec)
        with pa.ipc.new_stream(str(folder / f"{codec}.arrows"), made.schema, options=options) as writer:
            writer.write_table(made, max_chunksize=13)
        with pa.ipc.new_file(str(folder / f"{codec}.arrow"), made.schema, options=options) as writer:
            writer.write_table(made.unify_dictionaries(), max_chunksize=13)
    lines = [f"{name}\t{made.schema.field(name).type}\t{made.column(name).to_pylist()!r}" for name in made.column_names]
    (folder / "expected.txt").write_text("\n".join(lines) + "\n")


def check(folder):
    """Raises what differs between the files in a folder and the table."""
    made, files = table(), sorted([*folder.glob("*.arrow"), *folder.glob("*.arrows")])
    for file in files:
        read = (pa.ipc.open_file if file.suffix == ".arrow" else pa.ipc.open_stream)(str(file)).read_all()
        read.validate(full=True)
        assert read.schema.equals(made.schema, check_metadata=True), f"{file}: {read.schema} instead of {made.schema}"
        for name in made.column_names:
            assert read.column(name).to_pylist() == made.column(name).to_pylist(), f"{file}: {name}"
    print(len(files), "files are the same")


if __name__ == "__main__":
    (check if sys.argv[1] == "--check" else write)(pathlib.Path(sys.argv[-1]))
