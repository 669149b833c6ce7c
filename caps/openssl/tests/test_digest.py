import unittest

from _openssl_cap import digest, error, random


class ErrorTest(unittest.TestCase):
    def test_version(self):
        release = error.version()
        self.assertTrue(release.text.startswith("OpenSSL 3."), release)
        self.assertEqual(release.number >> 28, 3)

    def test_queue(self):
        with self.assertRaises(error.ProblemError) as caught:
            digest.hash("sha257", b"", None)
        problem = caught.exception.value
        self.assertEqual((problem.library, problem.reason), ("digital envelope routines", "unsupported"))
        self.assertIn("sha257", problem.detail)


class DigestTest(unittest.TestCase):
    def test_one_shot_and_in_pieces_agree(self):
        for about in digest.algorithms():
            length = 70 if about.extendable else None
            whole = digest.hash(about.name, b"abc" * 1000, length)
            self.assertEqual(len(whole), length or about.size, about)
            hasher = digest.Hasher.open(about.name)
            hasher.update(b"abc" * 500)
            half = hasher.copy()
            self.assertNotEqual(hasher.digest(length), whole)
            hasher.update(b"abc" * 500)
            self.assertEqual(hasher.digest(length), whole)
            self.assertEqual(hasher.digest(length), whole)
            half.update(b"abc" * 500)
            self.assertEqual(half.digest(length), whole)

    def test_known_answers(self):
        self.assertEqual(digest.hash("SHA2-256", b"abc", None).hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        self.assertEqual(digest.hash("md5", b"", None).hex(), "d41d8cd98f00b204e9800998ecf8427e")
        self.assertEqual(digest.hash("shake128", b"", 16).hex(), "7f9c2ba4e88f827d616045507605853e")
        self.assertEqual(digest.hash("shake128", b"", 0), b"")

    def test_lengths(self):
        self.assertRaises(error.ProblemError, digest.hash, "sha256", b"", 32)
        self.assertRaises(error.ProblemError, digest.hash, "shake256", b"", None)

    def test_names(self):
        self.assertEqual(digest.describe("SHA-256").name, "sha2-256")
        names = {about.name for about in digest.algorithms()}
        self.assertLessEqual({"md5", "sha1", "sha2-256", "sha3-512", "shake-256", "blake2b-512", "ripemd-160", "sm3"}, names)


class RandomTest(unittest.TestCase):
    def test_differs(self):
        for draw in (random.bytes, random.private_bytes):
            self.assertEqual(len(draw(1000)), 1000)
            self.assertNotEqual(draw(32), draw(32))
            self.assertEqual(draw(0), b"")
        random.mix(b"more")


if __name__ == "__main__":
    unittest.main()
