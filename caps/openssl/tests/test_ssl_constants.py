"""What _ssl says without asking the cap, and that importing ssl does not ask it."""

import sys

import ssl
import unittest

ASKED = "_openssl_cap" in sys.modules

import _openssl_cap  # noqa: E402 (the line above looks whether ssl has imported it)
import _ssl  # noqa: E402
from _ssl import constants, errors  # noqa: E402


class ConstantsTest(unittest.TestCase):
    def test_import_asks_nothing(self):
        self.assertFalse(ASKED)
        self.assertEqual(ssl.Purpose.SERVER_AUTH.nid, 129)

    def test_types_cannot_be_changed(self):
        for each in (_ssl._SSLContext, _ssl._SSLSocket, _ssl.MemoryBIO, _ssl.Certificate, _ssl.SSLSession, _ssl.SSLError):
            with self.assertRaisesRegex(TypeError, "immutable type"):
                each.value = None
        ssl.SSLContext.value = 1  # a class that is made of one can be
        del ssl.SSLContext.value

    def test_version(self):
        release = _openssl_cap.error.version()
        self.assertEqual((ssl.OPENSSL_VERSION, ssl.OPENSSL_VERSION_NUMBER), (release.text, release.number))
        number = release.number
        self.assertEqual(ssl.OPENSSL_VERSION_INFO, (number >> 28 & 0xFF, number >> 20 & 0xFF, 0, number >> 4 & 0xFF, number & 0xF))

    def test_purposes(self):
        for text, known in constants._PURPOSES.items():
            self.assertEqual(known, tuple(_openssl_cap.x509.object_by_text(text, False)))

    def test_options(self):
        """What a new context has is what its options are made of."""
        made = ssl.OP_ALL | ssl.OP_NO_SSLv3 | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_ENABLE_MIDDLEBOX_COMPAT
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.assertEqual(context.options, made)
        self.assertEqual(context.verify_flags, ssl.VERIFY_X509_TRUSTED_FIRST)
        self.assertEqual(context._host_flags, _ssl.HOSTFLAG_NO_PARTIAL_WILDCARDS)
        default = context.get_ciphers()
        context.set_ciphers(ssl._DEFAULT_CIPHERS)
        self.assertEqual(context.get_ciphers(), default)

    def test_authorities(self):
        """Where the host's cannot be read, as here, there are some nevertheless."""
        context = ssl.create_default_context()
        stored = context.cert_store_stats()
        self.assertGreater(stored["x509_ca"], 100)
        self.assertEqual(stored["x509"], stored["x509_ca"])

    def test_reasons(self):
        """The symbol that is made from a reason's text is OpenSSL's own."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with self.assertRaises(ssl.SSLError) as caught:
            context.load_verify_locations(cadata=b"\x30\x03\x02\x01\x05")
        self.assertEqual(caught.exception.library, "ASN1")
        self.assertEqual(errors.mnemonic(20, 1040, "ssl/tls alert handshake failure"), "SSLV3_ALERT_HANDSHAKE_FAILURE")
        self.assertEqual(errors.mnemonic(20, 134, "certificate verify failed"), "CERTIFICATE_VERIFY_FAILED")


if __name__ == "__main__":
    unittest.main()
