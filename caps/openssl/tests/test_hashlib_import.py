"""`import hashlib` and the objects that it makes ask for no component: it runs before anything else has."""

import sys

import hashlib
import hmac
import unittest

BEFORE = "_openssl_cap" in sys.modules
hashlib.sha256(b"a" * 1000).update(b"b" * 1000)
hmac.new(b"k", b"m", "sha256")
AFTER = "_openssl_cap" in sys.modules


class ImportTest(unittest.TestCase):
    def test_nothing_is_asked_for_before_a_digest(self):
        self.assertFalse(BEFORE or AFTER)
        self.assertEqual(hashlib.sha1(b"").hexdigest(), "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        self.assertNotIn("_openssl_cap", sys.modules)
        self.assertEqual(hashlib.sha1(b"a" * 100_000).hexdigest(), "c4d4b30851182fc4eb8675494d42fd7f17e29c93")
        self.assertIn("_openssl_cap", sys.modules)


if __name__ == "__main__":
    unittest.main()
