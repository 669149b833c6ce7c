"""RFC 3720's vectors, pieces against the whole, and the object interface."""

import unittest
import warnings

import crc32c


class Crc32cTest(unittest.TestCase):
    def test_vectors_of_rfc_3720(self):
        for data, expected in ((bytes(32), 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43), (bytes(range(32)), 0x46DD794E),
                               (bytes(range(31, -1, -1)), 0x113FDB5C), (b"123456789", 0xE3069283), (b"", 0)):
            self.assertEqual(crc32c.crc32c(data), expected)

    def test_pieces_make_the_whole(self):
        data = bytes(i * 7 & 0xFF for i in range(1000))
        whole = crc32c.crc32c(data)
        for cut in range(0, 1000, 37):
            self.assertEqual(crc32c.crc32c(memoryview(data)[cut:], crc32c.crc32c(data[:cut])), whole)

    def test_object(self):
        state = crc32c.CRC32CHash(b"1234")
        copy = state.copy()
        state.update(b"56789")
        self.assertEqual((state.checksum, state.hexdigest(), copy.checksum), (0xE3069283, "e3069283", crc32c.crc32c(b"1234")))

    def test_bad_arguments(self):
        self.assertRaises(TypeError, crc32c.crc32c, "text")
        self.assertRaises(TypeError, crc32c.crc32c)
        with self.assertWarns(DeprecationWarning):
            crc32c.crc32(b"")


if __name__ == "__main__":
    unittest.main()
