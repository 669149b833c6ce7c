import hashlib
import hmac
import os
import unittest

import _hashlib
from _openssl_cap import digest


class FactsTest(unittest.TestCase):
    def test_what_is_written_down_is_what_openssl_says(self):
        offered = {about.name: about for about in digest.algorithms()}
        for name, (openssl, size, block_size) in _hashlib._KNOWN.items():
            about = offered[openssl.lower()]
            self.assertEqual((about.size, about.block_size, about.extendable), (size, block_size, size == 0), name)

    def test_every_constructor_is_openssls(self):
        for name in hashlib.algorithms_guaranteed - {"blake2b", "blake2s"}:
            self.assertIs(getattr(hashlib, name), getattr(_hashlib, f"openssl_{name}"))
            self.assertIsInstance(hashlib.new(name), _hashlib.HASH)


class LargeTest(unittest.TestCase):
    """Data beyond what an object keeps goes to the component in pieces."""

    def test_pieces_of_any_size(self):
        data = os.urandom(300_000)
        for make, length in ((hashlib.sha256, ()), (hashlib.shake_128, (99,)), (lambda data=b"": hmac.new(b"key", data, "sha512"), ())):
            whole = make(data).digest(*length)
            for size in (1, 1000, 65536, 65537, 100_000):
                hasher, position = make(), 0
                while position < len(data) and (size > 1 or position < 70_000):
                    hasher.update(data[position:position + size])
                    position += size
                copy = hasher.copy()
                hasher.update(data[position:])
                self.assertEqual(hasher.digest(*length), whole)
                self.assertEqual(hasher.hexdigest(*length), whole.hex())
                copy.update(memoryview(data)[position:])
                self.assertEqual(copy.digest(*length), whole)

    def test_views(self):
        view = memoryview(bytes(range(240)))
        self.assertEqual(hashlib.md5(view.cast("B", (15, 16))).digest(), hashlib.md5(bytes(view)).digest())
        self.assertEqual(hashlib.md5(view.cast("I")).digest(), hashlib.md5(bytes(view)).digest())
        self.assertEqual(hashlib.md5(memoryview(b"")).digest(), hashlib.md5().digest())


class DerivationTest(unittest.TestCase):
    def test_pbkdf2(self):  # RFC 6070
        self.assertEqual(hashlib.pbkdf2_hmac("sha1", b"password", b"salt", 4096).hex(), "4b007901b765489abead49d926f721d065a429c1")

    def test_scrypt(self):  # RFC 7914
        self.assertEqual(hashlib.scrypt(b"password", salt=b"NaCl", n=1024, r=8, p=16, dklen=16).hex(), "fdbabe1c9d3472007856e7190d01e9fe")
        with self.assertRaises(ValueError):
            hashlib.scrypt(b"", salt=b"", n=1 << 20, r=8, p=1)


if __name__ == "__main__":
    unittest.main()
