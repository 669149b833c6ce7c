"""What CPython's own test_bz2 leaves open: constant memory and hostile input."""

import bz2
import random
import unittest


class Bz2Test(unittest.TestCase):
    def test_known_bytes(self):
        packed = bytes.fromhex("425a68393141592653594eece83600000251800010400006449080200031064c4101a7a9a580bb9431f8bb9229c28482776741b0")
        self.assertEqual(bz2.decompress(packed), b"hello world\n")
        self.assertEqual(bz2.compress(b"hello world\n"), packed)

    def test_a_long_stream_in_pieces(self):
        piece = random.Random(1).randbytes(1000) * 1000
        pack, unpack, total = bz2.BZ2Compressor(1), bz2.BZ2Decompressor(), 0
        for number in range(17):
            data = pack.compress(piece) if number < 16 else pack.flush()
            while not unpack.eof and (data or not unpack.needs_input):
                total += len(unpack.decompress(data, 1 << 16))
                data = b""
        self.assertEqual((total, unpack.eof), (16 * 10**6, True))

    def test_damaged_input_is_an_error(self):
        good = bz2.compress(random.Random(2).randbytes(2000))
        for place in range(0, len(good), 5):
            bad = bytearray(good)
            bad[place] ^= 0x55
            with self.assertRaises((OSError, ValueError)):
                bz2.decompress(bad)
        for end in range(1, len(good), 7):
            self.assertRaises(ValueError, bz2.decompress, good[:end])


if __name__ == "__main__":
    unittest.main()
