"""What the patches put in the place of OpenSSL's own code, at all lengths that take another way through it, against the
definition in plain Python."""

import random
import struct
import unittest

import _sha2
import _sha3
from _openssl_cap import bignum, cipher, digest, pkey

ENCRYPT, DECRYPT = cipher.Direction.ENCRYPT, cipher.Direction.DECRYPT
CHOSEN = random.Random(1)


def through(name, direction, key, iv, *pieces):
    transformer = cipher.Transformer.open(name, direction, key, iv, False)
    return b"".join([transformer.update(piece) for piece in pieces]) + transformer.finish()


class AesTest(unittest.TestCase):
    def test_fips_197(self):
        key, text = bytes(range(32)), bytes.fromhex("00112233445566778899aabbccddeeff")
        for bits, secret in ((128, "69c4e0d86a7b0430d8cdb78070b4c55a"), (192, "dda97ca4864cdfe06eaf70a0ec0d7191"), (256, "8ea2b7ca516745bfeafc49904b496089")):
            self.assertEqual(through(f"aes-{bits}-ecb", ENCRYPT, key[:bits // 8], b"", text).hex(), secret)
            self.assertEqual(through(f"aes-{bits}-ecb", DECRYPT, key[:bits // 8], b"", bytes.fromhex(secret)), text)

    def test_every_byte_of_the_s_box(self):
        """SP 800-38A's chain of encryptions and back, over blocks in which every byte has every value."""
        text = b"".join(bytes((value + 17 * place) % 256 for place in range(16)) for value in range(256))
        for bits in (128, 192, 256):
            key = CHOSEN.randbytes(bits // 8)
            single = b"".join(through(f"aes-{bits}-ecb", ENCRYPT, key, b"", text[at:at + 16]) for at in range(0, len(text), 16))
            self.assertEqual(len({single[at:at + 16] for at in range(0, len(single), 16)}), 256)
            self.assertEqual(through(f"aes-{bits}-ecb", DECRYPT, key, b"", single), text)
            self.assertEqual(through(f"aes-{bits}-cbc", DECRYPT, key, bytes(16), through(f"aes-{bits}-cbc", ENCRYPT, key, bytes(16), text)), text)

    def test_counters(self):
        """CTR is ECB of counters, which carry beyond the word that is counted in."""
        key, size = CHOSEN.randbytes(32), 50 * 16
        for start in (0, 2**32 - 3, 2**64 - 20, 2**128 - 7):
            counters = b"".join(((start + i) % 2**128).to_bytes(16, "big") for i in range(50))
            stream = through("aes-256-ecb", ENCRYPT, key, b"", counters)
            for cut in (0, 5, 64, 333):
                self.assertEqual(through("aes-256-ctr", ENCRYPT, key, counters[:16], bytes(cut), bytes(size - cut)), stream)


def ghash(key, data):
    """SP 800-38D, 6.3 and 6.4, a bit at a time."""
    h, y = int.from_bytes(key, "big"), 0
    for at in range(0, len(data), 16):
        y ^= int.from_bytes(data[at:at + 16], "big")
        product, v = 0, h
        for bit in range(127, -1, -1):
            if y >> bit & 1:
                product ^= v
            v = v >> 1 ^ (0xe1 << 120 if v & 1 else 0)
        y = product
    return y.to_bytes(16, "big")


def padded(data):
    return data + bytes(-len(data) % 16)


class GcmTest(unittest.TestCase):
    def test_lengths(self):
        for size in (0, 1, 15, 16, 17, 255, 256, 1007, 1008, 1024, 1025, 1279, 1280, 4112, 16383, 16385):
            key, nonce, additional, text = CHOSEN.randbytes(32), CHOSEN.randbytes(12), CHOSEN.randbytes(size % 41), CHOSEN.randbytes(size)
            secret = through("aes-256-ctr", ENCRYPT, key, nonce + b"\0\0\0\2", text)
            lengths = struct.pack(">QQ", 8 * len(additional), 8 * size)
            sum_ = ghash(through("aes-256-ecb", ENCRYPT, key, b"", bytes(16)), padded(additional) + padded(secret) + lengths)
            mask = through("aes-256-ecb", ENCRYPT, key, b"", nonce + b"\0\0\0\1")
            tag = bytes(a ^ b for a, b in zip(sum_, mask))
            sealer = cipher.Sealer.open("aes-256-gcm", key, 16)
            self.assertEqual(sealer.seal(nonce, [additional], text), secret + tag, size)
            self.assertEqual(sealer.unseal(nonce, [additional], secret + tag), text, size)

    def test_test_case_16(self):  # of "The Galois/Counter Mode of Operation"
        text = bytes.fromhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
        key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
        sealed = cipher.Sealer.open("aes-256-gcm", key, 16).seal(bytes.fromhex("cafebabefacedbaddecaf888"), [bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")], text)
        self.assertEqual(sealed[-16:].hex(), "76fc6ece0f4e1768cddf8853bb2d551b")


def chacha20_block(key, counter):
    """RFC 8439, 2.3; the counter and what follows it as 16 bytes."""
    start = [*struct.unpack("<4I", b"expand 32-byte k"), *struct.unpack("<8I", key), *struct.unpack("<4I", counter)]
    x = start[:]

    def quarter(a, b, c, d):
        for to, other, changed, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            x[to] = (x[to] + x[other]) % 2**32
            x[changed] ^= x[to]
            x[changed] = (x[changed] << bits | x[changed] >> 32 - bits) % 2**32

    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<16I", *((a + b) % 2**32 for a, b in zip(x, start)))


class ChaCha20Test(unittest.TestCase):
    def test_the_definition_itself(self):  # RFC 8439, 2.3.2
        block = chacha20_block(bytes(range(32)), bytes.fromhex("01000000000000090000004a00000000"))
        self.assertEqual(block[:16].hex(), "10f1e7e4d13b5915500fdd1fa32071c4")

    def test_lengths_and_counters(self):
        for first in (0, 1, 2**32 - 2):
            key, rest = CHOSEN.randbytes(32), CHOSEN.randbytes(12)
            stream = b"".join(chacha20_block(key, (first + int.from_bytes(rest[:4], "little") * 2**32 + i).to_bytes(12, "little")[:8] + rest[4:]) for i in range(13))
            for size in (0, 1, 63, 64, 65, 255, 256, 257, 511, 512, 800):
                text = CHOSEN.randbytes(size)
                want = bytes(a ^ b for a, b in zip(text, stream))
                self.assertEqual(through("chacha20", ENCRYPT, key, first.to_bytes(4, "little") + rest, text), want)
                self.assertEqual(through("chacha20", ENCRYPT, key, first.to_bytes(4, "little") + rest, text[:70], text[70:]), want)


class Sha256Test(unittest.TestCase):
    def test_lengths(self):
        for size in [*range(0, 130), 1000, 4096, 70_001]:
            data = CHOSEN.randbytes(size)
            self.assertEqual(digest.hash("sha256", data, None), _sha2.sha256(data).digest(), size)
            self.assertEqual(digest.hash("sha224", data, None), _sha2.sha224(data).digest(), size)


class Sha3Test(unittest.TestCase):
    def test_lengths(self):
        for size in [*range(0, 300, 7), 71, 72, 103, 104, 135, 136, 143, 144, 167, 168, 5000]:
            data = CHOSEN.randbytes(size)
            for name in ("sha3_224", "sha3_256", "sha3_384", "sha3_512"):
                self.assertEqual(digest.hash(name.replace("_", "-"), data, None), getattr(_sha3, name)(data).digest(), (name, size))
            for name, length in (("shake_128", size + 1), ("shake_256", 1000)):
                self.assertEqual(digest.hash(name.replace("_", ""), data, length), getattr(_sha3, name)(data).digest(length), (name, size))


class MontgomeryTest(unittest.TestCase):
    def test_mod_exp(self):
        """Words, pairs of words and vectors; numbers at the borders."""
        for bits in (64, 96, 128, 384, 480, 512, 544, 1024, 1056, 1536, 2048, 4096):
            largest = 2**bits - 1
            for modulus in (largest, 2**(bits - 1) + 1, CHOSEN.getrandbits(bits) | 2**(bits - 1) | 1):
                for base in (modulus - 1, modulus - 2, CHOSEN.getrandbits(bits), 2):
                    exponent = CHOSEN.getrandbits(40)
                    found = bignum.mod_exp(*(number.to_bytes(bits // 8, "big") for number in (base, exponent, modulus)))
                    self.assertEqual(int.from_bytes(found, "big"), pow(base, exponent, modulus), bits)


class P256Test(unittest.TestCase):
    """Against the group law over rational points, from SP 800-186's parameters."""

    P = 2**256 - 2**224 + 2**192 + 2**96 - 1
    N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
    G = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296, 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)

    def add(self, a, b):
        if a is None or b is None:
            return a or b
        if a[0] == b[0] and (a[1] + b[1]) % self.P == 0:
            return None
        slope = (3 * a[0]**2 - 3) * pow(2 * a[1], -1, self.P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, self.P)
        x = (slope**2 - a[0] - b[0]) % self.P
        return x, (slope * (a[0] - x) - a[1]) % self.P

    def multiply(self, number, point):
        sum_ = None
        while number:
            if number & 1:
                sum_ = self.add(sum_, point)
            point, number = self.add(point, point), number >> 1
        return sum_

    def key(self, number):
        """An ECPrivateKey without its public part, which has to be computed."""
        return pkey.Key.load(bytes.fromhex("30310201010420") + number.to_bytes(32, "big") + bytes.fromhex("a00a06082a8648ce3d030107"), None)

    def test_multiples(self):
        special = [1, 2, 3, 64, 127, 128, 2**32 - 1, 2**192, self.N - 1, self.N - 2, self.N // 2, 2**255]
        for number in [*special, *(CHOSEN.randrange(1, self.N) for _ in range(4))]:
            x, y = self.multiply(number, self.G)
            self.assertEqual(self.key(number).component("pub").value, b"\4" + x.to_bytes(32, "big") + y.to_bytes(32, "big"), number)
            other = CHOSEN.randrange(1, self.N)
            shared = self.multiply(number * other % self.N, self.G)[0].to_bytes(32, "big")
            self.assertEqual(self.key(other).derive(self.key(number), []), shared, number)


if __name__ == "__main__":
    unittest.main()
