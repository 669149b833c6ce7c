"""What CPython's own test_lzma leaves open: constant memory, hostile input, memory limits."""

import lzma
import random
import unittest


class LzmaTest(unittest.TestCase):
    def test_every_format(self):
        data = random.Random(1).randbytes(500) * 40
        raw = [{"id": lzma.FILTER_DELTA, "dist": 4}, {"id": lzma.FILTER_LZMA2, "preset": 3, "dict_size": 1 << 16}]
        for options in ({"format": lzma.FORMAT_XZ, "check": lzma.CHECK_SHA256}, {"format": lzma.FORMAT_ALONE}, {"format": lzma.FORMAT_RAW, "filters": raw}):
            packed = lzma.compress(data, **options)
            options.pop("check", None)
            self.assertEqual(lzma.decompress(packed, **options), data)

    def test_a_long_stream_in_pieces(self):
        piece = random.Random(2).randbytes(1000) * 1000
        pack, unpack, total = lzma.LZMACompressor(preset=0), lzma.LZMADecompressor(), 0
        for number in range(65):
            data = pack.compress(piece) if number < 64 else pack.flush()
            while not unpack.eof and (data or not unpack.needs_input):
                total += len(unpack.decompress(data, 1 << 18))
                data = b""
        self.assertEqual((total, unpack.eof, unpack.check), (64 * 10**6, True, lzma.CHECK_CRC64))

    def test_damaged_input_is_an_error(self):
        good = lzma.compress(random.Random(3).randbytes(2000))
        for place in range(0, len(good), 3):
            bad = bytearray(good)
            bad[place] ^= 0x55
            self.assertRaises(lzma.LZMAError, lzma.decompress, bytes(bad))
        for end in range(1, len(good), 11):
            self.assertRaises(lzma.LZMAError, lzma.decompress, good[:end])

    def test_memory_limit(self):
        packed = lzma.compress(b"x" * 1000, preset=6)
        self.assertRaisesRegex(lzma.LZMAError, "Memory usage limit", lzma.decompress, packed, memlimit=100_000)


if __name__ == "__main__":
    unittest.main()
