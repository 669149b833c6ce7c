import time
import unittest

from _openssl_cap import error, parameters, pkey, x509

PEM, DER = pkey.Encoding.PEM, pkey.Encoding.DER
NOW = int(time.time())
DAY = 86400
AUTHORITY = [("basicConstraints", True, "CA:TRUE"), ("keyUsage", True, "keyCertSign,cRLSign"), ("subjectKeyIdentifier", False, "hash")]
SERVER = [("basicConstraints", True, "CA:FALSE"), ("subjectAltName", False, "DNS:a.example,DNS:*.b.example,IP:192.0.2.1"),
          ("extendedKeyUsage", False, "serverAuth"), ("authorityKeyIdentifier", False, "keyid")]


def new_key():
    return pkey.Key.generate("EC", [("group", parameters.Value.Text("P-256"))])


def profile(name, extensions, serial=1, begins=-DAY, ends=DAY):
    return x509.Profile(subject=[("CN", name)], serial_number=bytes([serial]), not_before=NOW + begins, not_after=NOW + ends, extensions=extensions)


def question(**given):
    fields = {"at": None, "purpose": None, "host": None, "address": None, "check_revocation": False, "strict": True}
    return x509.Question(**fields | given)


class ChainTest(unittest.TestCase):
    """A root, an authority below it, and a server."""

    @classmethod
    def setUpClass(cls):
        cls.root_key, cls.middle_key, cls.key = new_key(), new_key(), new_key()
        cls.root = x509.Certificate.issue(profile("Root", AUTHORITY), cls.root_key, None, cls.root_key, "SHA256")
        cls.middle = x509.Certificate.issue(profile("Middle", [*AUTHORITY, ("authorityKeyIdentifier", False, "keyid")], 2), cls.middle_key, cls.root, cls.root_key, "SHA256")
        cls.leaf = cls.issue()

    @classmethod
    def issue(cls, **more):
        return x509.Certificate.issue(profile("a.example", SERVER, **{"serial": 3} | more), cls.key, cls.middle, cls.middle_key, "SHA256")

    def store(self, *trusted):
        made = x509.Store()
        for one in trusted or [self.root]:
            made.add(one)
        return made

    def refusal(self, leaf, between, store=None, **given):
        with self.assertRaises(x509.RefusalError) as caught:
            (store or self.store()).verify(leaf, between, question(**given))
        return caught.exception.value.reason

    def test_verification(self):
        chain = self.store().verify(self.leaf, [self.middle], question(purpose="sslserver", host="a.example"))
        self.assertEqual([one.save(DER) for one in chain], [one.save(DER) for one in (self.leaf, self.middle, self.root)])
        self.store().verify(self.leaf, [self.middle], question(host="x.b.example"))
        self.store().verify(self.leaf, [self.middle], question(address=bytes([192, 0, 2, 1])))

    def test_refusals(self):
        self.assertIn("unable to get local issuer", self.refusal(self.leaf, []))
        self.assertIn("hostname mismatch", self.refusal(self.leaf, [self.middle], host="b.example").lower())
        self.assertIn("address mismatch", self.refusal(self.leaf, [self.middle], address=bytes([192, 0, 2, 2])).lower())
        self.assertIn("purpose", self.refusal(self.leaf, [self.middle], purpose="sslclient"))
        self.assertIn("expired", self.refusal(self.issue(ends=-1), [self.middle]))
        self.assertIn("not yet valid", self.refusal(self.leaf, [self.middle], at=NOW - 2 * DAY))
        self.assertIn("invalid", self.refusal(self.leaf, [self.middle], purpose="no such").lower())
        other = new_key()
        forged = x509.Certificate.issue(profile("a.example", SERVER), self.key, self.middle, other, "SHA256")
        self.assertIn("signature", self.refusal(forged, [self.middle]))
        no_authority = x509.Certificate.issue(profile("x", SERVER), other, self.leaf, self.key, "SHA256")
        self.assertTrue(self.refusal(no_authority, [self.leaf, self.middle]))
        alone = x509.Certificate.issue(profile("Self", SERVER[:2]), other, None, other, "SHA256")
        self.assertIn("self-signed", self.refusal(alone, []))

    def test_revocation(self):
        def revoked(issuer, key, *serials):
            return x509.RevocationList.issue(issuer, key, "SHA256", NOW - 60, NOW + DAY, [(bytes([serial]), NOW - 30) for serial in serials])

        store = self.store()
        self.assertIn("CRL", self.refusal(self.leaf, [self.middle], store, check_revocation=True))
        store.add_list(revoked(self.root, self.root_key))
        store.add_list(revoked(self.middle, self.middle_key, 4))
        store.verify(self.leaf, [self.middle], question(check_revocation=True))
        self.assertIn("revoked", self.refusal(self.issue(serial=4), [self.middle], store, check_revocation=True))
        made = revoked(self.root, self.root_key, 9)
        for encoding in (PEM, DER):
            again = x509.RevocationList.load(made.save(encoding))
            self.assertTrue(again.is_signed_by(self.root_key))
            self.assertFalse(again.is_signed_by(self.key))
            self.assertIn("Serial Number: 09", again.text())

    def test_files(self):
        for encoding in (PEM, DER):
            again = x509.Certificate.load(self.leaf.save(encoding))
            self.assertEqual(again.save(DER), self.leaf.save(DER))
        self.assertTrue(self.leaf.is_signed_by(self.middle_key))
        self.assertFalse(self.leaf.is_signed_by(self.key))
        self.assertTrue(self.leaf.public_key().equals(self.key))
        self.assertIn("DNS:a.example", self.leaf.text())
        for bad in (b"", b"text", self.leaf.save(DER)[:-1], self.leaf.save(PEM)[:-30]):
            self.assertRaises(error.ProblemError, x509.Certificate.load, bad)

    def test_bad_profiles(self):
        for bad in (("noSuchExtension", False, "x"), ("basicConstraints", False, "CA:MAYBE"), ("subjectAltName", False, "IP:1.2.3")):
            self.assertRaises(error.ProblemError, x509.Certificate.issue, profile("x", [bad]), self.key, None, self.key, "SHA256")
        self.assertRaises(error.ProblemError, x509.Certificate.issue, profile("x", []), self.key, None, self.key, "SHA257")
        self.assertRaises(error.ProblemError, x509.Certificate.issue, profile("x", [], ends=10**15), self.key, None, self.key, "SHA256")

    def test_requests(self):
        for algorithm, digest in (("EC", "SHA256"), ("ED25519", None)):
            key = self.key if algorithm == "EC" else pkey.Key.generate(algorithm, [])
            made = x509.Request.make([("CN", "ü.example"), ("O", "Pylon")], SERVER[1:2], key, digest)
            self.assertTrue(made.is_genuine())
            again = x509.Request.load(made.save(PEM))
            self.assertEqual(again.save(DER), made.save(DER))
            self.assertTrue(again.public_key().equals(key))
            self.assertIn("DNS:a.example", again.text())
            wrong = bytearray(made.save(DER))
            wrong[-1] ^= 1
            self.assertFalse(x509.Request.load(wrong).is_genuine())
        self.assertRaises(error.ProblemError, x509.Request.make, [("noSuchName", "x")], [], self.key, "SHA256")

    def test_bundles(self):
        data = x509.make_bundle("server", self.key, self.leaf, [self.middle, self.root], "pässword")
        opened = x509.open_bundle(data, "pässword")
        self.assertTrue(opened.key.equals(self.key))
        self.assertEqual(opened.certificate.save(DER), self.leaf.save(DER))
        self.assertEqual({one.save(DER) for one in opened.others}, {self.middle.save(DER), self.root.save(DER)})
        self.assertRaises(error.ProblemError, x509.open_bundle, data, "wrong")
        self.assertRaises(error.ProblemError, x509.open_bundle, data[:-1], "pässword")
        self.assertRaises(error.ProblemError, x509.make_bundle, "server", new_key(), self.leaf, [], "")


if __name__ == "__main__":
    unittest.main()
