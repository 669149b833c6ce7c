"""What CPython's own test_zstd leaves open: constant memory, hostile input, known bytes."""

import hashlib
import random
import unittest
from compression import zstd


class ZstdTest(unittest.TestCase):
    def test_known_frame(self):
        self.assertEqual(zstd.decompress(bytes.fromhex("28b52ffd2400010000" + "99e9d851")), b"")
        self.assertEqual(zstd.decompress(bytes.fromhex("28b52ffd2005290000") + b"hello"), b"hello")

    def test_frames_are_those_of_64_bits(self):
        """The digest is that of native CPython with the same libzstd; the patch must not change what is written."""
        chosen, digest = random.Random(5), hashlib.sha256()
        words = [bytes(chosen.choices(b"etaoinshrdlu", k=chosen.randint(2, 9))) for _ in range(2000)]
        data = b" ".join(chosen.choices(words, k=40000))
        for level in (-5, 1, 3, 6, 9, 13, 16, 19):
            packed = zstd.compress(data, level)
            self.assertEqual(zstd.decompress(packed), data)
            digest.update(packed)
        self.assertEqual(digest.hexdigest()[:16], "3cdf78dd4f834459")

    def test_a_long_stream_in_pieces(self):
        piece = random.Random(2).randbytes(1000) * 1000
        pack, unpack, total = zstd.ZstdCompressor(1), zstd.ZstdDecompressor(), 0
        for number in range(65):
            data = pack.compress(piece) if number < 64 else pack.flush()
            while not unpack.eof and (data or not unpack.needs_input):
                total += len(unpack.decompress(data, 1 << 18))
                data = b""
        self.assertEqual((total, unpack.eof), (64 * 10**6, True))

    def test_damaged_input_is_an_error(self):
        options = {zstd.CompressionParameter.checksum_flag: 1}
        good = zstd.compress(random.Random(3).randbytes(2000), options=options)
        for place in range(0, len(good), 3):
            bad = bytearray(good)
            bad[place] ^= 0x55
            try:
                self.assertNotEqual(len(zstd.decompress(bytes(bad))), -1)
            except zstd.ZstdError:
                pass
        for end in range(1, len(good), 11):
            self.assertRaises(zstd.ZstdError, zstd.decompress, good[:end])

    def test_dictionary_of_another_process(self):
        samples = [f"name={n};colour={n % 7};size={n * 31 % 100}".encode() for n in range(400)]
        trained = zstd.train_dict(samples, 2000)
        again = zstd.ZstdDict(trained.dict_content)
        self.assertEqual(again.dict_id, trained.dict_id)
        for sample in samples[:20]:
            self.assertEqual(zstd.decompress(zstd.compress(sample, zstd_dict=trained), again), sample)


if __name__ == "__main__":
    unittest.main()
