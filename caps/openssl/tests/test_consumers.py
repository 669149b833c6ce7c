import hashlib
import unittest

import aead
import hkdf
import kdf


class AeadTest(unittest.TestCase):
    def test_round_trips(self):
        for cipher, bits in ((aead.AESGCM, 256), (aead.AESCCM, 128), (aead.AESOCB3, 192), (aead.AESGCMSIV, 256)):
            sealer = cipher(cipher.generate_key(bits))
            sealed = sealer.encrypt(bytes(12), b"text", b"more")
            self.assertEqual(len(sealed), 20)
            self.assertEqual(sealer.decrypt(bytes(12), sealed, bytearray(b"more")), b"text")
            for nonce, data, more in ((b"\1" * 12, sealed, b"more"), (bytes(12), b"\0" + sealed[1:], b"more"), (bytes(12), sealed, None), (bytes(12), b"", b"")):
                self.assertRaises(aead.InvalidTag, sealer.decrypt, nonce, data, more)
            self.assertRaises(ValueError, sealer.encrypt, b"", b"", None)
            self.assertRaises(ValueError, cipher, b"short")
            self.assertRaises(TypeError, cipher, "text")
            self.assertRaises(ValueError, cipher.generate_key, 100)

    def test_chacha20(self):  # RFC 8439, section 2.8.2
        sealer = aead.ChaCha20Poly1305(bytes(range(0x80, 0xa0)))
        text = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
        sealed = sealer.encrypt(bytes.fromhex("070000004041424344454647"), text, bytes.fromhex("50515253c0c1c2c3c4c5c6c7"))
        self.assertEqual(sealed[-16:].hex(), "1ae10b594f09e26a7e902ecbd0600691")
        self.assertEqual(len(aead.ChaCha20Poly1305.generate_key()), 32)

    def test_siv(self):  # RFC 5297, A.1
        sealer = aead.AESSIV(bytes.fromhex("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"))
        more = bytes.fromhex("101112131415161718191a1b1c1d1e1f2021222324252627")
        sealed = sealer.encrypt(bytes.fromhex("112233445566778899aabbccddee"), [more])
        self.assertEqual(sealed.hex(), "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c")
        self.assertEqual(sealer.decrypt(sealed, [more]).hex(), "112233445566778899aabbccddee")
        self.assertRaises(aead.InvalidTag, sealer.decrypt, sealed, [])

    def test_ccm(self):  # RFC 3610, packet vector 1
        sealer = aead.AESCCM(bytes(range(0xc0, 0xd0)), tag_length=8)
        sealed = sealer.encrypt(bytes.fromhex("00000003020100a0a1a2a3a4a5"), bytes(range(8, 31)), bytes(range(8)))
        self.assertEqual(sealed.hex(), "588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0")
        self.assertRaises(ValueError, aead.AESCCM, bytes(16), 5)
        self.assertRaises(ValueError, sealer.encrypt, bytes(13), bytes(65536), None)


class HkdfTest(unittest.TestCase):
    def test_rfc_5869(self):
        made = hkdf.Hkdf(bytes(range(13)), b"\x0b" * 22)
        self.assertEqual(made.expand(bytes(range(0xf0, 0xfa)), 42).hex(), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
        key = hkdf.hkdf_extract(None, b"\x0c" * 22, hashlib.sha1)  # case 7
        self.assertEqual(key.hex(), "2adccada18779e7c2077ad2eb19d3f3e731385dd")
        self.assertEqual(hkdf.hkdf_expand(key, b"", 42, hashlib.sha1).hex(), "2c91117204d745f3500d636a62f64f0ab3bae548aa53d423b0d1f27ebba6f5e5673a081d70cce7acfc48")
        self.assertEqual(hkdf.hkdf_expand(key, length=0, hash=hashlib.sha1), b"")
        self.assertRaises(Exception, made.expand, b"", 255 * 32 + 1)


class KdfTest(unittest.TestCase):
    CHEAP = {"argon2id": {"m": 64, "t": 1}, "argon2i": {"m": 64, "t": 1}, "argon2d": {"m": 64, "t": 1, "p": 2}, "scrypt": {"ln": 4},
             "pbkdf2-sha256": {"i": 10}, "pbkdf2-sha512": {"i": 10}}

    def test_kept_hashes(self):
        self.assertEqual(set(self.CHEAP), set(kdf.SCHEMES))
        for scheme, costs in self.CHEAP.items():
            kept = kdf.hash("pässword", scheme=scheme, **costs)
            self.assertTrue(kdf.verify(kept, "pässword".encode()), kept)
            self.assertFalse(kdf.verify(kept, "password"))
            self.assertEqual(kdf.identify(kept), scheme)
            self.assertTrue(kdf.needs_rehash(kept, scheme=scheme))
            self.assertFalse(kdf.needs_rehash(kept, scheme=scheme, **costs))
            self.assertNotEqual(kept, kdf.hash("pässword", scheme=scheme, **costs))

    def test_strings_of_others(self):
        # argon2-cffi's documentation and passlib's.
        self.assertTrue(kdf.verify("$argon2id$v=19$m=65536,t=3,p=4$MIIRqgvgQbgj220jfp0MPA$YfwJSVjtjSU0zzV/P3S9nnQ/USre2wvJMjfCIjrTQbg", "correct horse battery staple"))
        self.assertTrue(kdf.verify("$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E", "password"))

    def test_bad_strings(self):
        for bad in ("", "$", "$md5$x$y$z", "$scrypt$ln=16,r=8$aa$bb", "$scrypt$ln=99,r=8,p=1$aaaa$bbbb", "$scrypt$ln=4,r=8,p=1$aaaa$",
                    "$argon2id$v=16$m=64,t=1,p=1$aaaa$bbbb", "$argon2id$v=19$m=-4,t=1,p=1$aaaa$bbbb", "$pbkdf2-sha256$i=0$aaaa$bbbb", "$scrypt$ln=4,r=8,p=1$ü$bbbb"):
            self.assertRaises(ValueError, kdf.verify, bad, "")
            self.assertIsNone(kdf.identify(bad))
        self.assertRaises(TypeError, kdf.hash, "", scheme="scrypt", i=4)
        self.assertRaises(ValueError, kdf.hash, "", scheme="md5")
        self.assertRaises(ValueError, kdf.derive, "", "short", 32, scheme="argon2id")


if __name__ == "__main__":
    unittest.main()
