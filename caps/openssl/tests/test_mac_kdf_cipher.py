import unittest

from _openssl_cap import bignum, cipher, error, kdf, mac, parameters

Text, Octets, Number = parameters.Value.Text, parameters.Value.Octets, parameters.Value.Number


class MacTest(unittest.TestCase):
    def test_hmac(self):  # RFC 4231, case 2
        parameters = [("digest", Text("SHA256"))]
        want = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        self.assertEqual(mac.compute("HMAC", b"Jefe", parameters, b"what do ya want for nothing?").hex(), want)
        under_way = mac.Authenticator.open("HMAC", b"Jefe", parameters)
        under_way.update(b"what do ya want")
        other = under_way.copy()
        under_way.update(b" for nothing?")
        self.assertEqual(under_way.digest().hex(), want)
        self.assertEqual(under_way.digest().hex(), want)
        self.assertNotEqual(other.digest().hex(), want)

    def test_empty_keys(self):
        want = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        self.assertEqual(mac.compute("HMAC", b"", [("digest", Text("SHA256"))], b"").hex(), want)

    def test_others(self):
        key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
        self.assertEqual(mac.compute("CMAC", key, [("cipher", Text("AES-128-CBC"))], b"").hex(), "bb1d6929e95937287fa37d129b756746")  # RFC 4493
        siphash = mac.compute("SIPHASH", bytes(range(16)), [("size", Number(8))], bytes(range(15)))
        self.assertEqual(siphash.hex(), "e545be4961ca29a1")
        kmac = mac.compute("KMAC-128", bytes(range(0x40, 0x60)), [("size", Number(32))], bytes(range(4)))  # NIST's sample 1
        self.assertEqual(kmac.hex(), "e5780b0d3ea6f7d3a429c5706aa43a00fadbd7d49628839e3187243f456ee14e")

    def test_refusals(self):
        self.assertRaises(error.ProblemError, mac.compute, "HMAC", b"", [], b"")
        self.assertRaises(error.ProblemError, mac.compute, "NOMAC", b"", [], b"")
        self.assertRaises(error.ProblemError, mac.compute, "HMAC", b"", [("digest", Octets(b"\xff"))], b"")


class KdfTest(unittest.TestCase):
    def test_hkdf(self):  # RFC 5869, case 1
        out = kdf.derive("HKDF", [("digest", Text("SHA256")), ("key", Octets(b"\x0b" * 22)), ("salt", Octets(bytes(range(13)))),
                                  ("info", Octets(bytes(range(0xf0, 0xfa))))], 42)
        self.assertEqual(out.hex(), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")

    def test_argon2(self):  # RFC 9106, section 5.3
        out = kdf.derive("ARGON2ID", [("pass", Octets(b"\x01" * 32)), ("salt", Octets(b"\x02" * 16)), ("secret", Octets(b"\x03" * 8)),
                                      ("ad", Octets(b"\x04" * 12)), ("iter", Number(3)), ("lanes", Number(4)), ("memcost", Number(32))], 32)
        self.assertEqual(out.hex(), "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659")

    def test_refusals(self):
        self.assertRaises(error.ProblemError, kdf.derive, "HKDF", [], 32)
        self.assertRaises(error.ProblemError, kdf.derive, "SCRYPT", [("pass", Octets(b"")), ("salt", Octets(b"")), ("n", Number(3)), ("r", Number(1)), ("p", Number(1))], 32)


class SealerTest(unittest.TestCase):
    def test_every_cipher_opens_what_it_sealed_and_nothing_else(self):
        tried = 0
        for about in cipher.algorithms():
            if not about.authenticates or "hmac" in about.name or "cbc" in about.name:
                continue
            tried += 1
            siv = about.name.endswith("-siv") and "gcm" not in about.name
            sealer = cipher.Sealer.open(about.name, bytes(range(about.key_length)), 16)
            nonce, additional, text = bytes(0 if siv else about.iv_length), [b"more"], bytes(range(256)) * 5
            sealed = sealer.seal(nonce, additional, text)
            self.assertEqual(len(sealed), len(text) + 16, about)
            self.assertEqual(sealer.unseal(nonce, additional, sealed), text, about)
            for position in (0, 700, len(sealed) - 1):
                wrong = bytearray(sealed)
                wrong[position] ^= 1
                with self.assertRaises(error.ProblemError, msg=about) as caught:
                    sealer.unseal(nonce, additional, wrong)
                self.assertEqual(caught.exception.value.reason, "authentication failed")
            self.assertRaises(error.ProblemError, sealer.unseal, nonce, [b"less"], sealed)
            self.assertRaises(error.ProblemError, sealer.unseal, nonce, additional, sealed[:15])
            if not siv:
                self.assertRaises(error.ProblemError, sealer.unseal, bytes([1]) + nonce[1:], additional, sealed)
            if about.name != "aes-128-wrap":
                self.assertEqual(sealer.unseal(nonce, [b"x"], sealer.seal(nonce, [b"x"], b"")), b"", about)
        self.assertGreater(tried, 15)

    def test_gcm(self):  # NIST's test case 4
        sealer = cipher.Sealer.open("aes-128-gcm", bytes.fromhex("feffe9928665731c6d6a8f9467308308"), 16)
        text = bytes.fromhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
        sealed = sealer.seal(bytes.fromhex("cafebabefacedbaddecaf888"), [bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")], text)
        self.assertEqual(sealed[-16:].hex(), "5bc94fbc3221a5db94fae95ae7121a47")

    def test_wrong_arguments(self):
        self.assertRaises(error.ProblemError, cipher.Sealer.open, "aes-128-gcm", b"short", 16)
        self.assertRaises(error.ProblemError, cipher.Sealer.open, "aes-128-cbc", bytes(16), 16)
        self.assertRaises(error.ProblemError, cipher.Sealer.open, "aes-128-gcm", bytes(16), 17)
        self.assertRaises(error.ProblemError, cipher.Sealer.open("aes-128-gcm", bytes(16), 16).seal, b"", [], b"text")
        self.assertRaises(error.ProblemError, cipher.Sealer.open("aes-128-siv", bytes(32), 16).seal, b"nonce", [], b"text")


class TransformerTest(unittest.TestCase):
    def test_cbc(self):
        for padding, size in ((True, 1000), (False, 1008)):
            text = bytes(size)
            encrypt = cipher.Transformer.open("aes-256-cbc", cipher.Direction.ENCRYPT, bytes(32), bytes(16), padding)
            secret = encrypt.update(text[:7]) + encrypt.update(text[7:]) + encrypt.finish()
            self.assertEqual(len(secret), 1008)
            decrypt = cipher.Transformer.open("aes-256-cbc", cipher.Direction.DECRYPT, bytes(32), bytes(16), padding)
            self.assertEqual(decrypt.update(secret) + decrypt.finish(), text)

    def test_gcm_in_pieces(self):
        encrypt = cipher.Transformer.open("aes-256-gcm", cipher.Direction.ENCRYPT, bytes(32), bytes(12), False)
        encrypt.authenticate(b"more")
        secret = encrypt.update(b"some") + encrypt.update(b" text") + encrypt.finish()
        tag = encrypt.tag(16)
        self.assertEqual(secret + tag, cipher.Sealer.open("aes-256-gcm", bytes(32), 16).seal(bytes(12), [b"more"], b"some text"))
        for expected in (tag, bytes(16)):
            decrypt = cipher.Transformer.open("aes-256-gcm", cipher.Direction.DECRYPT, bytes(32), bytes(12), False)
            decrypt.authenticate(b"more")
            self.assertEqual(decrypt.update(secret), b"some text")
            decrypt.expect(expected)
            if expected == tag:
                self.assertEqual(decrypt.finish(), b"")
            else:
                self.assertRaises(error.ProblemError, decrypt.finish)

    def test_wrong_arguments(self):
        self.assertRaises(error.ProblemError, cipher.Transformer.open, "aes-256-cbc", cipher.Direction.ENCRYPT, bytes(31), bytes(16), True)
        self.assertRaises(error.ProblemError, cipher.Transformer.open, "aes-256-cbc", cipher.Direction.ENCRYPT, bytes(32), bytes(15), True)
        self.assertRaises(error.ProblemError, cipher.Transformer.open, "aes-257-cbc", cipher.Direction.ENCRYPT, bytes(32), bytes(15), True)


class BignumTest(unittest.TestCase):
    def number(self, value):
        return int.from_bytes(value, "big")

    def test_arithmetic(self):
        p = 2**127 - 1
        base, exponent, modulus = (n.to_bytes(16, "big") for n in (3**50, p - 2, p))
        inverse = bignum.mod_inverse(base, modulus)
        self.assertEqual(self.number(inverse), pow(3**50, -1, p))
        self.assertEqual(bignum.mod_exp(base, exponent, modulus), inverse)
        self.assertRaises(error.ProblemError, bignum.mod_exp, base, exponent, b"\x04")
        self.assertRaises(error.ProblemError, bignum.mod_inverse, b"\x02", b"\x04")
        self.assertRaises(error.ProblemError, bignum.mod_inverse, b"\x02", b"")

    def test_primes(self):
        prime = bignum.generate_prime(256, False)
        self.assertEqual(self.number(prime).bit_length(), 256)
        self.assertTrue(bignum.is_prime(prime))
        self.assertFalse(bignum.is_prime((561).to_bytes(2, "big")))
        safe = self.number(bignum.generate_prime(128, True))
        self.assertTrue(bignum.is_prime(((safe - 1) // 2).to_bytes(16, "big")))
        self.assertRaises(error.ProblemError, bignum.generate_prime, 1, False)

    def test_random(self):
        self.assertEqual({self.number(bignum.random_below(b"\x03")) for _ in range(100)}, {0, 1, 2})
        self.assertRaises(error.ProblemError, bignum.random_below, b"\x00")


if __name__ == "__main__":
    unittest.main()
