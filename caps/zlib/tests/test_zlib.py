"""What CPython's own test_zlib leaves open: constant memory, hostile input, handles."""

import gzip
import io
import unittest
import zlib


class ZlibTest(unittest.TestCase):
    def test_replaces_the_built_in(self):
        self.assertEqual(zlib.compress.__code__.co_filename, "/pylon/caps/builtin/zlib.py")

    def test_known_bytes(self):
        self.assertEqual(zlib.decompress(bytes.fromhex("789c4b4c84010014e103cb")), b"a" * 10)
        self.assertEqual((zlib.crc32(b"123456789"), zlib.adler32(b"Wikipedia")), (0xCBF43926, 0x11E60398))

    def test_a_long_stream_in_pieces(self):
        piece = bytes(range(256)) * 4096
        deflate, inflate = zlib.compressobj(1), zlib._ZlibDecompressor()
        total = 0
        for _ in range(64):
            data = deflate.compress(piece)
            while data or not inflate.needs_input:
                total += len(inflate.decompress(data, 1 << 18))
                data = b""
        data = deflate.flush()
        while not inflate.eof:
            total += len(inflate.decompress(data, 1 << 18))
            data = b""
        self.assertEqual(total, 64 << 20)

    def test_a_bomb_is_given_out_in_the_pieces_asked_for(self):
        bomb = zlib.compress(bytes(32 << 20))
        stream = zlib._ZlibDecompressor()
        self.assertEqual(len(stream.decompress(bomb, 1000)), 1000)
        self.assertFalse(stream.needs_input)

    def test_damaged_input_is_an_error(self):
        good = zlib.compress(bytes(range(256)) * 50)
        for place in range(0, len(good), 3):
            for change in (0x01, 0x80, 0xFF):
                bad = bytearray(good)
                bad[place] ^= change
                try:
                    zlib.decompress(bad)
                except zlib.error:
                    pass
        for end in range(len(good)):
            self.assertRaises(zlib.error, zlib.decompress, good[:end])

    def test_gzip_reads_what_it_wrote(self):
        out = io.BytesIO()
        with gzip.GzipFile(fileobj=out, mode="wb") as file:
            for number in range(1000):
                file.write(f"line {number}\n".encode())
        with gzip.open(io.BytesIO(out.getvalue()), "rt") as file:
            self.assertEqual(sum(1 for _ in file), 1000)


if __name__ == "__main__":
    unittest.main()
