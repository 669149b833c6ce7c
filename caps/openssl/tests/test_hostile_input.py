"""Keys, certificates and bundles that somebody has damaged are refused or read: nothing traps, and the component lives on."""

import random
import time
import unittest

from _openssl_cap import error, parameters, pkey, x509

ROUNDS = 400
PEM, DER = pkey.Encoding.PEM, pkey.Encoding.DER


def damaged(data, chance):
    """The data with some of its bytes changed, left out, doubled or cut off."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5))):
        position = chance.randrange(len(out))
        kind = chance.randrange(6)
        if kind == 0:
            out[position] ^= 1 << chance.randrange(8)
        elif kind == 1:
            out[position] = chance.choice((0, 1, 0x7f, 0x80, 0x84, 0xff))
        elif kind == 2:
            del out[position:position + chance.randrange(1, 9)]
        elif kind == 3:
            out[position:position] = out[position:position + chance.randrange(1, 9)]
        elif kind == 4:
            out[position:position] = bytes([0x30, 0x80]) * chance.randrange(1, 20)
        else:
            del out[position + 1:]
        out = out or bytearray(1)
    return bytes(out)


class HostileInputTest(unittest.TestCase):
    def samples(self):
        """What is read, by what, and what is done with it."""
        key = pkey.Key.generate("EC", [("group", parameters.Value.Text("P-256"))])
        rsa = pkey.Key.generate("RSA", [("bits", parameters.Value.Number(1024))])
        now = int(time.time())
        extensions = [("basicConstraints", True, "CA:TRUE"), ("subjectAltName", False, "DNS:a.example,IP:::1,email:a@b.example"), ("keyUsage", True, "keyCertSign,cRLSign"),
                      ("nameConstraints", False, "permitted;DNS:example"), ("certificatePolicies", False, "1.2.3.4"), ("subjectKeyIdentifier", False, "hash")]
        profile = x509.Profile(subject=[("CN", "x")], serial_number=b"\1", not_before=now - 9, not_after=now + 999, extensions=extensions)
        root = x509.Certificate.issue(profile, key, None, key, "SHA256")
        revoked = x509.RevocationList.issue(root, key, "SHA256", now, now + 99, [(b"\2", now)])
        request = x509.Request.make([("CN", "x")], extensions[1:2], key, "SHA256")
        bundle = x509.make_bundle("x", key, root, [], "p")
        private, public, standard, traditional = pkey.Part.PRIVATE, pkey.Part.PUBLIC, pkey.Format.STANDARD, pkey.Format.TRADITIONAL
        locked = pkey.Protection(cipher="AES-128-CBC", password=b"p")

        def use_key(read):
            read.describe()
            read.verify(pkey.Subject.MESSAGE, "SHA256", [], b"m", b"s")

        def use_certificate(read):
            read.text()
            store = x509.Store()
            store.add(root)
            try:
                store.verify(read, [root], x509.Question(at=None, purpose=None, host="a.example", address=None, check_revocation=False, strict=True))
            except x509.RefusalError:
                pass
            x509.describe(read.save(DER))

        for encoding in (PEM, DER):
            for data in (key.save(private, standard, encoding, None), rsa.save(private, traditional, encoding, None), rsa.save(public, standard, encoding, None),
                         key.save(private, standard, encoding, locked)):
                yield data, lambda data: pkey.Key.load(data, b"p"), use_key
            yield root.save(encoding), x509.Certificate.load, use_certificate
            yield revoked.save(encoding), x509.RevocationList.load, lambda read: (read.text(), read.is_signed_by(key))
            yield request.save(encoding), x509.Request.load, lambda read: (read.text(), read.is_genuine())
        yield bundle, lambda data: x509.open_bundle(data, "p"), lambda read: read.key and read.key.describe()

    def test_damage(self):
        chance = random.Random(20)
        read, refused = 0, 0
        for data, load, use in self.samples():
            use(load(data))
            for _ in range(ROUNDS if len(data) < 2000 else ROUNDS // 8):
                try:
                    use(load(damaged(data, chance)))
                    read += 1
                except error.ProblemError:
                    refused += 1
        self.assertGreater(min(read, refused), 100)


if __name__ == "__main__":
    unittest.main()
