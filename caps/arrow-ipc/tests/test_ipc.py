"""Streams and files: those of native pyarrow (tests/data, by make.py there) are read, and come back the same when they are written and read again."""

import datetime
import io
import pathlib
import unittest
from decimal import Decimal  # noqa: F401 (the expected values are written with it)

import arrow as pa
import arrow.feather
import arrow.ipc

DATA = pathlib.Path(__file__).resolve().parent / "data"
CODECS = (None, "lz4", "zstd")


def expected():
    """{column: (type, values as text)} of all files."""
    return {name: (kind, values) for name, kind, values in (line.split("\t", 2) for line in (DATA / "expected.txt").read_text().splitlines())}


def open_any(source, name):
    return (pa.ipc.open_file if name.endswith(".arrow") else pa.ipc.open_stream)(source)


def written(table, file, codec, rows=None):
    """The table as the bytes of a stream or file."""
    sink = io.BytesIO()
    with (pa.ipc.new_file if file else pa.ipc.new_stream)(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=codec)) as writer:
        writer.write_table(table, rows)
    return sink.getvalue()


class PyarrowsFilesTest(unittest.TestCase):
    def check(self, table):
        for name, (kind, values) in expected().items():
            column = table.column(name)
            self.assertEqual(str(column.type), kind, name)
            self.assertEqual(repr(column.to_pylist()), values, name)
        self.assertEqual(table.schema.metadata, {b"k": b"v", "ü".encode(): b"\0 and more"})
        table.validate(full=True)

    def test_are_read(self):
        files = sorted(DATA.glob("*.arrow*"))
        self.assertEqual(len(files), 6)
        for file in files:
            with self.subTest(file=file.name):
                self.check(open_any(file, file.name).read_all())
                self.check(open_any(file.read_bytes(), file.name).read_all())
                with open(file, "rb") as stream:
                    self.check(open_any(stream, file.name).read_all())

    def test_are_written_again(self):
        table = pa.ipc.open_stream(DATA / "none.arrows").read_all()
        for codec in CODECS:
            for file in (False, True):
                with self.subTest(codec=codec, file=file):
                    again = open_any(written(table.unify_dictionaries() if file else table, file, codec, 7), ".arrow" if file else ".arrows").read_all()
                    self.check(again)

    def test_slices_are_written_alone(self):
        table = pa.ipc.open_file(DATA / "none.arrow").read_all().combine_chunks()
        for start, rows in ((0, 1), (1, 7), (8, 16), (29, 1), (30, 0)):
            part = table.slice(start, rows)
            for codec in CODECS:
                again = pa.ipc.open_stream(written(part, False, codec)).read_all()
                self.assertEqual(again.to_pylist(), table.to_pylist()[start:start + rows])

    def test_uncompressed_arrays_lie_over_what_was_read(self):
        data = bytearray((DATA / "none.arrows").read_bytes())
        batch = pa.ipc.open_stream(data).read_next_batch()
        before = batch.column("large").to_pylist()
        place = data.index((2**64 - 1).to_bytes(8, "little"))
        data[place] = 0
        self.assertEqual(batch.column("large").to_pylist()[0], before[0] - 255)


class StreamsTest(unittest.TestCase):
    table = pa.table({"a": list(range(100)), "s": [str(i) if i % 3 else None for i in range(100)]})

    def test_constant_memory(self):
        """A reader takes no more than one batch at a time."""
        stream = io.BytesIO(written(self.table, False, None, 10))
        reader = pa.ipc.open_stream(stream)
        first = stream.tell()
        rows = [batch.num_rows for batch in [next(reader)]]
        self.assertEqual(rows, [10])
        self.assertLess(stream.tell() - first, 1000)
        self.assertEqual(reader.read_all().num_rows, 90)

    def test_random_access(self):
        reader = pa.ipc.open_file(written(self.table, True, "zstd", 30))
        self.assertEqual(reader.num_record_batches, 4)
        self.assertEqual([reader.get_batch(i).column(0).to_pylist()[0] for i in (3, 0, 2)], [90, 0, 60])
        self.assertRaises(ValueError, reader.get_batch, 4)

    def test_dictionaries_change_in_streams_only(self):
        batches = [pa.record_batch({"d": pa.array(values).dictionary_encode()}) for values in (["a", "b"], ["c"])]
        table = pa.Table.from_batches(batches)
        self.assertEqual(pa.ipc.open_stream(written(table, False, None)).read_all().to_pydict(), {"d": ["a", "b", "c"]})
        self.assertRaisesRegex(pa.ArrowInvalid, "Dictionary replacement", written, table, True, None)
        self.assertEqual(pa.ipc.open_file(written(table.unify_dictionaries(), True, None)).read_all().to_pydict(), {"d": ["a", "b", "c"]})

    def test_feather(self):
        for compression in ("lz4", "zstd", "uncompressed"):
            sink = io.BytesIO()
            pa.feather.write_feather(self.table, sink, compression=compression)
            self.assertEqual(pa.feather.read_table(sink.getvalue()), self.table)
            self.assertEqual(pa.feather.read_table(sink.getvalue(), columns=["s"]).column_names, ["s"])

    def test_serialize(self):
        self.assertEqual(pa.ipc.open_stream(pa.ipc.serialize(self.table)).read_all(), self.table)
        batch = self.table.to_batches()[0]
        self.assertEqual(pa.ipc.read_record_batch(batch.serialize(), batch.schema), batch)
        self.assertEqual(pa.ipc.read_schema(pa.ipc.serialize(self.table)), self.table.schema)

    def test_what_is_no_stream(self):
        for data in (b"", b"x", b"ARROW1", b"\xff\xff\xff\xff", b"\xff\xff\xff\xff\x10\0\0\0", b"\xff" * 100, bytes(100)):
            self.assertRaises(pa.ArrowInvalid, pa.ipc.open_stream, data)
            self.assertRaises(pa.ArrowInvalid, pa.ipc.open_file, data)
        self.assertRaises(pa.ArrowInvalid, pa.ipc.IpcWriteOptions, compression="gzip")
        whole = written(self.table, False, None)
        self.assertRaises(pa.ArrowInvalid, pa.ipc.open_stream(whole[:-100]).read_all)

    def test_promises_of_size_are_not_believed(self):
        """A header that promises 2 GiB of metadata or body does not make room for them."""
        self.assertRaises(pa.ArrowInvalid, pa.ipc.open_stream, io.BytesIO(b"\xff\xff\xff\xff\xff\xff\xff\x7f" + bytes(100)))


if __name__ == "__main__":
    unittest.main()
