"""Damaged streams and files: an error of this package each time, or values; never a trap of the component, and never much memory."""

import pathlib
import random
import struct
import unittest

import arrow as pa
import arrow.ipc

DATA = pathlib.Path(__file__).resolve().parent / "data"
WORDS = (0, 1, -1, 2**31 - 1, -2**31, 2**32 - 1, 2**62, -2**63)
ROUNDS = 300


def damaged(data, chosen):
    """The data with some bytes, numbers or stretches changed."""
    out = bytearray(data)
    for _ in range(chosen.choice((1, 1, 2, 5))):
        at = chosen.randrange(len(out))
        match chosen.randrange(5):
            case 0:
                out[at] ^= 1 << chosen.randrange(8)
            case 1:
                at = at // 4 * 4
                out[at:at + 8] = struct.pack("<q", chosen.choice(WORDS))[:chosen.choice((4, 8))].ljust(8, b"\0")
            case 2:
                del out[at:at + chosen.randrange(1, 64)]
            case 3:
                out[at:at] = out[at:at + chosen.randrange(1, 64)]
            case 4:
                del out[max(1, at):]
        out = out or bytearray(1)
    return bytes(out)


class HostileFilesTest(unittest.TestCase):
    def damage(self, name, read):
        data, chosen = (DATA / name).read_bytes(), random.Random(name)
        refused = 0
        for number in range(ROUNDS):
            broken = damaged(data, chosen)
            try:
                table = read(broken)
                table.validate(full=True)
                table.to_pylist()
            except (pa.ArrowException, MemoryError):
                refused += 1
            except BaseException as error:
                raise AssertionError(f"{name}, damaged in round {number}: {type(error).__name__}: {error}") from error
        self.assertGreater(refused, ROUNDS // 4)

    def test_streams(self):
        for name in ("none.arrows", "lz4.arrows", "zstd.arrows"):
            with self.subTest(name=name):
                self.damage(name, lambda data: pa.ipc.open_stream(data).read_all())

    def test_files(self):
        for name in ("none.arrow", "lz4.arrow", "zstd.arrow"):
            with self.subTest(name=name):
                self.damage(name, lambda data: pa.ipc.open_file(data).read_all())

    def test_lengths_of_messages_in_files(self):
        """The footer says where a message is, and the message how long it is: both must be true."""
        data = (DATA / "none.arrow").read_bytes()
        for place in [at for at in range(8, len(data) - 8, 8) if data[at:at + 4] == b"\xff" * 4 and 0 < int.from_bytes(data[at + 4:at + 8], "little") < 4096]:
            for length in (2**31 - 1, 2**31 - 8, 2**31 - 9, 2**30, -1, -2**31):
                broken = data[:place + 4] + struct.pack("<i", length) + data[place + 8:]
                try:
                    pa.ipc.open_file(broken).read_all()
                except pa.ArrowInvalid as error:
                    self.assertRegex(str(error), "not as long as they say|damaged|whole")

    def test_offsets_outside_of_the_data(self):
        for bad in ([0, 5, 100], [0, -1, 3], [5, 3, 1], [-2**31, 0, 3]):
            texts = pa.Array.from_buffers("string", 2, [None, struct.pack("<3i", *bad), b"abc"])
            self.assertRaises(pa.ArrowInvalid, texts.to_pylist)
            self.assertRaises(pa.ArrowInvalid, texts.validate, full=True)
            lists = pa.Array.from_buffers(pa.list_(pa.int8()), 2, [None, struct.pack("<3i", *bad)], children=[pa.array([1, 2, 3], "int8")])
            self.assertRaises(pa.ArrowInvalid, lists.to_pylist)

    def test_buffers_that_are_too_short(self):
        for kind, buffers in (("int64", [None, bytes(23)]), ("int64", [b"", bytes(16)]), ("bool", [None, b""]), ("string", [None, bytes(12), b""])):
            self.assertRaises(pa.ArrowInvalid, pa.Array.from_buffers, kind, 3, buffers)
        self.assertRaises(pa.ArrowInvalid, pa.Array.from_buffers, "int8", 30, [b"\xff", bytes(30)])

    def test_texts_that_are_none(self):
        texts = pa.Array.from_buffers("string", 1, [None, struct.pack("<2i", 0, 2), b"\xff\xfe"])
        self.assertRaisesRegex(pa.ArrowInvalid, "UTF-8", texts.to_pylist)

    def test_compressed_promises(self):
        """A few bytes that promise 2 GiB are refused without room for them."""
        table = pa.table({"a": list(range(1000))})
        data = bytearray(pa.ipc.serialize(table, options=pa.ipc.IpcWriteOptions(compression="zstd")).to_pybytes())
        place = data.index(struct.pack("<q", 8000))
        for promise, why in ((2**31 - 1, "too short"), (2**40, "more than are allowed"), (-2, "negative length"), (7999, "damaged"), (8001, "damaged")):
            data[place:place + 8] = struct.pack("<q", promise)
            self.assertRaisesRegex(pa.ArrowInvalid, why, pa.ipc.open_stream(bytes(data)).read_all)


if __name__ == "__main__":
    unittest.main()
