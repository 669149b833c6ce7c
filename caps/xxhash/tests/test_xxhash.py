"""Values of the library's own self-test, pieces against the whole, and a long stream."""

import unittest

import xxhash


class XxhashTest(unittest.TestCase):
    def test_published_values(self):
        self.assertEqual(xxhash.xxh32_hexdigest(b""), "02cc5d05")
        self.assertEqual(xxhash.xxh64_hexdigest(b""), "ef46db3751d8e999")
        self.assertEqual(xxhash.xxh3_64_hexdigest(b""), "2d06800538d394c2")
        self.assertEqual(xxhash.xxh3_128_hexdigest(b""), "99aa06d3014798d86001c324468d497f")

    def test_pieces_make_the_whole(self):
        data = bytes(i * 31 >> 3 & 0xFF for i in range(5000))
        for name in ("xxh32", "xxh64", "xxh3_64", "xxh128"):
            for seed in (0, 1, 2**63):
                state = getattr(xxhash, name)(seed=seed)
                for start in range(0, 5000, 77):
                    state.update(memoryview(data)[start:start + 77])
                self.assertEqual(state.digest(), getattr(xxhash, f"{name}_digest")(data, seed))

    def test_a_copy_goes_on_by_itself(self):
        state = xxhash.xxh3_64(b"a")
        copy = state.copy()
        state.update(b"b")
        state.reset()
        self.assertEqual((state.hexdigest(), copy.digest()), ("2d06800538d394c2", xxhash.xxh3_64_digest(b"a")))


if __name__ == "__main__":
    unittest.main()
