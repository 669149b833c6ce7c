"""TLS with the private key of a server in a token, in memory."""

import io
import os
import ssl
import unittest
import unittest.mock

import pkcs11
import token_tls
from pkcs11 import KeyType

PIN = "87654321"


# The certificate is made here, and there is no place to write.
def load(context, certificate, key, **more):
    with unittest.mock.patch("builtins.open", lambda path, mode: io.BytesIO(certificate.encode())):
        context.load_cert_chain("certificate.pem", key, **more)


@unittest.skipUnless(os.path.exists(pkcs11.__file__), "the components of one file, whose modules are no files, load no others")
class MemoryTest(unittest.TestCase):
    def test_a_key_that_is_made_and_used_in_one_run(self):
        token = pkcs11.lib().init_token("in memory; and % odd", "12345678", PIN)
        with token.open(rw=True, user_pin=PIN) as session:
            pairs = [session.generate_keypair(KeyType.RSA, 2048, label="rsa"), token_tls.curve(session, "secp384r1").generate_keypair(label="ec")]
            for pair in pairs:
                certificate = token_tls.certificate(*pair)
                for version in (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2):
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    load(context, certificate, f"pkcs11:token=in%20memory%3B%20and%20%25%20odd;object={pair[1].label}?pin-value={PIN}")
                    self.assertEqual(token_tls.talk(context, token_tls.client(certificate, version))[3], b"answer")

    def test_what_the_token_refuses_to_sign_is_not_signed(self):
        """The key is destroyed between two handshakes."""
        token = pkcs11.lib().init_token("fickle", "12345678", PIN)
        with token.open(rw=True, user_pin=PIN) as session:
            public, private = session.generate_keypair(KeyType.RSA, 2048, label="rsa", store=True)
            certificate = token_tls.certificate(public, private)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            load(context, certificate, f"pkcs11:token=fickle;object=rsa?pin-value={PIN}")
            client = token_tls.client(certificate, ssl.TLSVersion.TLSv1_3)
            token_tls.talk(context, client)
            private.destroy()
            with self.assertRaises(ssl.SSLError):
                token_tls.talk(context, client)
            with self.assertRaisesRegex(ssl.SSLError, "no private key"):
                load(context, certificate, f"pkcs11:token=fickle;object=rsa?pin-value={PIN}")


if __name__ == "__main__":
    unittest.main()
