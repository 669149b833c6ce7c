"""TLS with the private key of a server in a token, in a directory that the plan grants to the token and to TLS. The first run makes the
keys; both talk with them."""

import pathlib
import ssl
import sys
import unittest

import pkcs11
import token_tls
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass

DIRECTORY = pathlib.Path(sys.argv.pop(1))
TOKENS, PIN = DIRECTORY / "tokens", "87654321"
PRIVATE_PARTS = [Attribute.PRIVATE_EXPONENT, Attribute.PRIME_1, Attribute.PRIME_2, Attribute.EXPONENT_1, Attribute.EXPONENT_2, Attribute.COEFFICIENT]


def make_keys():
    TOKENS.mkdir()
    token = pkcs11.lib(TOKENS).init_token("server keys", "12345678", PIN)
    with token.open(rw=True, user_pin=PIN) as session:
        pairs = {"rsa": session.generate_keypair(KeyType.RSA, 2048, label="rsa", id=b"\1", store=True),
                 "ec": token_tls.curve(session).generate_keypair(label="ec", id=b"\2", store=True)}
        for name, pair in pairs.items():
            (DIRECTORY / f"{name}.pem").write_text(token_tls.certificate(*pair))
        session.generate_keypair(KeyType.RSA, 1024, label="another", store=True)


def uri(name, query=f"?module-path={TOKENS}&pin-value={PIN}", token="server%20keys"):
    return f"pkcs11:token={token};object={name};type=private{query}"


class ServerKey(unittest.TestCase):
    def server(self, name, key=None, **more):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(DIRECTORY / f"{name}.pem", key or uri(name), **more)
        return context

    def talk(self, server, name, version=ssl.TLSVersion.TLSv1_3):
        return token_tls.talk(server, token_tls.client((DIRECTORY / f"{name}.pem").read_text(), version))

    def test_handshakes(self):
        for name in ("rsa", "ec"):
            server = self.server(name)
            for version, text in ((ssl.TLSVersion.TLSv1_3, "TLSv1.3"), (ssl.TLSVersion.TLSv1_2, "TLSv1.2")):
                with self.subTest(key=name, version=text):
                    said, cipher, question, answer, peer = self.talk(server, name, version)
                    self.assertEqual((said, question, answer), (text, b"question", b"answer"))
                    self.assertEqual(peer["subjectAltName"], (("DNS", "localhost"),))
                    if version == ssl.TLSVersion.TLSv1_2:
                        self.assertIn({"rsa": "ECDHE-RSA", "ec": "ECDHE-ECDSA"}[name], cipher[0])

    def test_the_key_never_leaves_the_token(self):
        self.talk(self.server("rsa"), "rsa")
        with pkcs11.lib(TOKENS).get_token(token_label="server keys").open(rw=True, user_pin=PIN) as session:
            key = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label="rsa")
            self.assertEqual([key[kind] for kind in (Attribute.LOCAL, Attribute.ALWAYS_SENSITIVE, Attribute.NEVER_EXTRACTABLE, Attribute.EXTRACTABLE)],
                             [True, True, True, False])
            for kind in PRIVATE_PARTS:
                with self.assertRaises(pkcs11.AttributeSensitive):
                    key[kind]
            wrapping = session.generate_key(KeyType.AES, 256)
            self.assertRaises(pkcs11.KeyUnextractable, wrapping.wrap_key, key, mechanism=Mechanism.AES_KEY_WRAP_PAD)

    def test_the_pin_may_be_the_password(self):
        key = uri("ec", f"?module-path={TOKENS}")
        for password in (PIN, PIN.encode(), lambda: PIN):
            self.assertEqual(self.talk(self.server("ec", key, password=password), "ec")[3], b"answer")
        self.assertRaisesRegex(ssl.SSLError, "password", self.server, "ec", key)

    def test_by_its_id(self):
        self.assertEqual(self.talk(self.server("ec", f"pkcs11:id=%02?module-path={TOKENS}&pin-value={PIN}"), "ec")[3], b"answer")

    def test_refusals(self):
        cases = {
            uri("rsa", f"?module-path={TOKENS}&pin-value=00000000"): "C_Login",
            uri("nobody"): "no private key",
            uri("rsa", token="other"): "no token matches",
            uri("ec"): "no private key of the certificate's kind",
            uri("another"): "not that of the certificate",
            uri("rsa;type=public"): "type is not private",
            uri("rsa;colour=red"): "colour is not known",
            uri("rsa;object=ec"): "object is given twice",
            uri("rsa%4"): "not properly escaped",
            uri("rsa", "?pin-source=file:/etc/pin"): "pin-source names a file",
            uri("rsa", f"?module-path={DIRECTORY.parent}&pin-value={PIN}"): "C_Initialize: CKR 0x191",
        }
        self.server("rsa")
        for key, message in cases.items():
            with self.subTest(key):
                self.assertRaisesRegex(ssl.SSLError, message, self.server, "rsa", key, password=PIN)
        self.assertEqual(self.talk(self.server("rsa"), "rsa")[3], b"answer")

    def test_a_file_of_that_name_is_still_a_file(self):
        self.assertRaises(FileNotFoundError, self.server, "rsa", DIRECTORY / "pkcs11:object=rsa")


if __name__ == "__main__":
    if not TOKENS.exists():
        make_keys()
    unittest.main()
