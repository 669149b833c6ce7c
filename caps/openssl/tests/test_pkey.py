import hashlib
import unittest

from _openssl_cap import error, parameters, pkey

Text, Octets, Number, Integer = parameters.Value.Text, parameters.Value.Octets, parameters.Value.Number, parameters.Value.Integer
PUBLIC, PRIVATE = pkey.Part.PUBLIC, pkey.Part.PRIVATE
STANDARD, TRADITIONAL = pkey.Format.STANDARD, pkey.Format.TRADITIONAL
PEM, DER = pkey.Encoding.PEM, pkey.Encoding.DER
MESSAGE, DIGEST = pkey.Subject.MESSAGE, pkey.Subject.DIGEST

# Algorithm, what it is made with, the digest of its signatures (None: it has its own).
SIGNERS = [("RSA", [("bits", Number(2048))], "SHA256"), ("EC", [("group", Text("P-256"))], "SHA256"), ("EC", [("group", Text("P-521"))], "SHA512"),
           ("ED25519", [], None), ("ED448", [], None), ("ML-DSA-44", [], None), ("ML-DSA-65", [], None), ("ML-DSA-87", [], None),
           ("SLH-DSA-SHA2-128f", [], None)]


def make(algorithm, made_with=()):
    return pkey.Key.generate(algorithm, list(made_with))


class KeyTest(unittest.TestCase):
    def test_signatures(self):
        for algorithm, made_with, digest in SIGNERS:
            with self.subTest(algorithm):
                key = make(algorithm, made_with)
                public = pkey.Key.load(key.save(PUBLIC, STANDARD, DER, None), None)
                signature = key.sign(MESSAGE, digest, [], b"message")
                self.assertTrue(public.verify(MESSAGE, digest, [], b"message", signature))
                self.assertFalse(public.verify(MESSAGE, digest, [], b"massage", signature))
                self.assertFalse(public.verify(MESSAGE, digest, [], b"message", bytes([signature[0] ^ 1]) + signature[1:]))
                self.assertFalse(public.verify(MESSAGE, digest, [], b"message", b""))
                self.assertFalse(make(algorithm, made_with).verify(MESSAGE, digest, [], b"message", signature))
                self.assertRaises(error.ProblemError, public.sign, MESSAGE, digest, [], b"message")
                self.assertEqual((key.describe().is_private, public.describe().is_private), (True, False))
                self.assertTrue(key.equals(public))
                key.check(PRIVATE)
                public.check(PUBLIC)

    def test_files(self):
        protection = pkey.Protection(cipher="AES-256-CBC", password=b"secret")
        for algorithm, made_with, _ in SIGNERS:
            key = make(algorithm, made_with)
            for encoding in (PEM, DER):
                with self.subTest(algorithm, encoding=encoding):
                    clear = key.save(PRIVATE, STANDARD, encoding, None)
                    self.assertTrue(key.equals(pkey.Key.load(clear, None)))
                    locked = key.save(PRIVATE, STANDARD, encoding, protection)
                    self.assertTrue(key.equals(pkey.Key.load(locked, b"secret")))
                    with self.assertRaises(error.ProblemError) as caught:
                        pkey.Key.load(locked, None)
                    self.assertEqual(caught.exception.value.reason, "password needed")
                    with self.assertRaises(error.ProblemError) as caught:
                        pkey.Key.load(locked, b"wrong")
                    self.assertNotEqual(caught.exception.value.reason, "password needed")
            public = pkey.Key.load(key.save(PUBLIC, STANDARD, PEM, None), None)
            self.assertRaises(error.ProblemError, public.save, PRIVATE, STANDARD, PEM, None)
        rsa = make("RSA", [("bits", Number(1024))])
        self.assertTrue(rsa.save(PRIVATE, TRADITIONAL, PEM, None).startswith(b"-----BEGIN RSA PRIVATE KEY-----"))
        self.assertTrue(rsa.equals(pkey.Key.load(rsa.save(PRIVATE, TRADITIONAL, PEM, protection), b"secret")))
        self.assertRaises(error.ProblemError, pkey.Key.load, b"", None)
        self.assertRaises(error.ProblemError, pkey.Key.load, b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", None)

    def test_raw(self):  # RFC 8032, test 2
        secret = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
        key = pkey.Key.from_raw("ED25519", PRIVATE, secret)
        self.assertEqual(key.raw(PRIVATE), secret)
        self.assertEqual(key.raw(PUBLIC).hex(), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        self.assertEqual(key.sign(MESSAGE, None, [], b"\x72").hex()[:32], "92a009a9f0d4cab8720e820b5f642540")
        alice = make("X25519")
        bob = make("X25519")
        shared = alice.derive(pkey.Key.from_raw("X25519", PUBLIC, bob.raw(PUBLIC)), [])
        self.assertEqual(shared, bob.derive(pkey.Key.from_raw("X25519", PUBLIC, alice.raw(PUBLIC)), []))
        self.assertRaises(error.ProblemError, pkey.Key.from_raw, "X25519", PUBLIC, b"short")
        self.assertRaises(error.ProblemError, alice.derive, pkey.Key.from_raw("X25519", PUBLIC, bytes(32)), [])

    def test_parts(self):
        rsa = make("RSA", [("bits", Number(1024)), ("e", Integer(b"\x03"))])
        n, e = rsa.component("n"), rsa.component("e")
        self.assertEqual(e, Integer(b"\x03"))
        again = pkey.Key.from_parts("RSA", PUBLIC, [("n", n), ("e", e)])
        self.assertTrue(rsa.equals(again))
        ec = make("EC", [("group", Text("P-384"))])
        self.assertEqual(ec.describe().group, "secp384r1")
        again = pkey.Key.from_parts("EC", PRIVATE, [("group", Text("P-384")), ("pub", ec.component("pub")), ("priv", ec.component("priv"))])
        self.assertTrue(again.describe().is_private)
        self.assertTrue(ec.verify(MESSAGE, "SHA384", [], b"x", again.sign(MESSAGE, "SHA384", [], b"x")))
        self.assertRaises(error.ProblemError, ec.component, "n")
        self.assertRaises(error.ProblemError, pkey.Key.from_parts, "EC", PUBLIC, [("group", Text("P-384")), ("pub", Octets(bytes(97)))])

    def test_rsa(self):
        key = make("RSA", [("bits", Number(2048))])
        public = pkey.Key.load(key.save(PUBLIC, STANDARD, DER, None), None)
        oaep = [("pad-mode", Text("oaep")), ("digest", Text("SHA256")), ("mgf1-digest", Text("SHA1"))]
        secret = public.encrypt(oaep, b"text")
        self.assertEqual(key.decrypt(oaep, secret), b"text")
        self.assertRaises(error.ProblemError, key.decrypt, oaep, secret[:-1] + bytes([secret[-1] ^ 1]))
        pss = [("pad-mode", Text("pss")), ("saltlen", Text("digest"))]
        signature = key.sign(MESSAGE, "SHA256", pss, b"text")
        self.assertTrue(public.verify(MESSAGE, "SHA256", pss, b"text", signature))
        self.assertFalse(public.verify(MESSAGE, "SHA256", [], b"text", signature))
        hashed = hashlib.sha256(b"text").digest()
        self.assertTrue(public.verify(DIGEST, "SHA256", [], hashed, key.sign(MESSAGE, "SHA256", [], b"text")))
        self.assertTrue(public.verify(MESSAGE, "SHA256", [], b"text", key.sign(DIGEST, "SHA256", [], hashed)))

    def test_agreement(self):
        for algorithm, made_with in (("EC", [("group", Text("P-256"))]), ("X448", []), ("DH", [("group", Text("ffdhe2048"))])):
            one, other = make(algorithm, made_with), make(algorithm, made_with)
            self.assertEqual(one.derive(other, []), other.derive(one, []))
        self.assertRaises(error.ProblemError, make("X25519").derive, make("X448"), [])

    def test_encapsulation(self):
        for algorithm in ("ML-KEM-512", "ML-KEM-768", "ML-KEM-1024"):
            key = make(algorithm)
            public = pkey.Key.from_raw(algorithm, PUBLIC, key.raw(PUBLIC))
            sent = public.encapsulate([])
            self.assertEqual(key.decapsulate([], sent.ciphertext), sent.secret)
            wrong = bytes([sent.ciphertext[0] ^ 1]) + sent.ciphertext[1:]
            self.assertNotEqual(key.decapsulate([], wrong), sent.secret)
            self.assertRaises(error.ProblemError, key.decapsulate, [], b"short")


if __name__ == "__main__":
    unittest.main()
