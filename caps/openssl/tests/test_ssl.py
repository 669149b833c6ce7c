"""ssl over the cap, both sides in memory. CPython's own test_ssl (tests/cpython) is the judge of details."""

import contextlib
import pathlib
import ssl
import unittest

CERTIFICATES = pathlib.Path(__file__).resolve().parent / "certificates"
SERVERS = ("server-rsa.pem", "server-ecdsa.pem", "server-ed25519.pem")


def contexts(server="server-ecdsa.pem", version=ssl.TLSVersion.TLSv1_3):
    """A client that trusts the authority, and a server."""
    client, host = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client.load_verify_locations(CERTIFICATES / "authority.pem")
    host.load_cert_chain(CERTIFICATES / server)
    for context in (client, host):
        context.minimum_version = context.maximum_version = version
    return client, host


class Pair:
    """A client and a server, and the buffers between them."""

    def __init__(self, client, host, name="localhost", session=None):
        self.up, self.down = up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = client.wrap_bio(down, up, server_hostname=name, session=session)
        self.host = host.wrap_bio(up, down, server_side=True)

    def shake(self):
        """The handshake of both sides, and what the server sends after it."""
        open_ends = [self.client, self.host]
        for _ in range(10):
            for end in list(open_ends):
                with contextlib.suppress(ssl.SSLWantReadError):
                    end.do_handshake()
                    open_ends.remove(end)
        self.host.write(b"ready")
        assert not open_ends and self.client.read() == b"ready"
        return self

    def exchange(self, data):
        """The data as it comes to the other side, in both directions."""
        for sender, receiver in ((self.client, self.host), (self.host, self.client)):
            sender.write(data)
            got = b""
            while len(got) < len(data):
                got += receiver.read(100_000)
            assert got == data, "what was received is not what was sent"


def reframed(flight, size):
    """What a side sends, with the handshake messages that are in the clear in records of that size (TLS 1.2)."""
    clear, rest = b"", flight
    while rest[:1] == b"\x16":
        end = 5 + int.from_bytes(rest[3:5])
        clear, rest = clear + rest[5:end], rest[end:]
    pieces = [clear[at:at + size] for at in range(0, len(clear), size)]
    return b"".join(b"\x16\x03\x03" + len(piece).to_bytes(2) + piece for piece in pieces) + rest


def key_contexts(version, hint, asked):
    """A client and a server that have nothing but the key that they are asked for."""
    client, host = (ssl.SSLContext(protocol) for protocol in (ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER))
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    for context in (client, host):
        context.minimum_version = context.maximum_version = version
        context.set_ciphers("PSK")
    client.set_psk_client_callback(lambda hint: asked.append(hint) or ("me", b"sesame"))
    host.set_psk_server_callback(lambda identity: asked.append(identity) or b"sesame", hint)
    return client, host


class HandshakeTest(unittest.TestCase):
    def test_versions_and_keys(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for server in SERVERS:
                with self.subTest(version=version, server=server):
                    pair = Pair(*contexts(server, version)).shake()
                    self.assertEqual(pair.client.version(), version.name.replace("_", "."))
                    self.assertEqual(dict(pair.client.getpeercert()["subject"][0])["commonName"], "localhost")
                    pair.exchange(bytes(range(256)) * 300)

    def test_application_protocols(self):
        client, host = contexts()
        client.set_alpn_protocols(["h2", "http/1.1"])
        host.set_alpn_protocols(["http/1.1"])
        pair = Pair(client, host).shake()
        self.assertEqual((pair.client.selected_alpn_protocol(), pair.host.selected_alpn_protocol()), ("http/1.1", "http/1.1"))

    def test_server_name(self):
        client, host = contexts("server-rsa.pem")
        _, other = contexts("server-ed25519.pem")
        asked = []

        def choose(end, name, context):
            asked.append((name, context is host))
            end.context = other

        host.sni_callback = choose
        pair = Pair(client, host, "www.example.org").shake()
        self.assertEqual(asked, [("www.example.org", True)])
        self.assertIs(pair.host.context, other)
        self.assertEqual(pair.client.getpeercert(True), ssl.PEM_cert_to_DER_cert((CERTIFICATES / "server-ed25519.pem").read_text().split("-----BEGIN PRIVATE")[0]))

    def test_server_name_refused(self):
        client, host = contexts()
        host.sni_callback = lambda end, name, context: ssl.ALERT_DESCRIPTION_ACCESS_DENIED
        with self.assertRaises(ssl.SSLError) as caught:
            Pair(client, host).shake()
        self.assertEqual(caught.exception.reason, "CALLBACK_FAILED")

    def test_client_certificate(self):
        for later in (False, True):
            with self.subTest(later=later):
                client, host = contexts()
                client.load_cert_chain(CERTIFICATES / "client.pem")
                host.load_verify_locations(CERTIFICATES / "authority.pem")
                host.verify_mode = ssl.CERT_REQUIRED
                client.post_handshake_auth = host.post_handshake_auth = later
                pair = Pair(client, host).shake()
                self.assertEqual(pair.host.getpeercert() is None, later)
                if later:
                    pair.host.verify_client_post_handshake()
                    pair.host.write(b"show it")
                    self.assertEqual(pair.client.read(), b"show it")
                    pair.client.write(b"here")
                    self.assertEqual(pair.host.read(), b"here")
                self.assertEqual(pair.host.getpeercert()["subject"], ((("commonName", "client"),),))

    def test_session(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version=version):
                client, host = contexts(version=version)
                first = Pair(client, host).shake()
                self.assertFalse(first.client.session_reused)
                session = first.client.session
                del first  # without a goodbye
                again = Pair(client, host, session=session).shake()
                self.assertTrue(again.client.session_reused)
                self.assertTrue(again.host.session_reused)

    def test_pre_shared_key(self):
        for version, hint in ((ssl.TLSVersion.TLSv1_2, "which one"), (ssl.TLSVersion.TLSv1_2, None), (ssl.TLSVersion.TLSv1_3, None)):
            with self.subTest(version=version, hint=hint):
                asked = []
                client, host = key_contexts(version, hint, asked)
                Pair(client, host).shake().exchange(b"secret")
                self.assertEqual(asked, [hint, "me"])
                host.set_psk_server_callback(lambda identity: b"other", hint)
                with self.assertRaises(ssl.SSLError):
                    Pair(client, host).shake()

    def test_pre_shared_key_however_it_is_framed(self):
        """The question is the same whether a flight is one record, as many stacks send it, or each message is cut up."""
        for size in (16384, 11, 1):
            for hint in ("which one", None):
                with self.subTest(size=size, hint=hint):
                    asked = []
                    pair = Pair(*key_contexts(ssl.TLSVersion.TLSv1_2, hint, asked))
                    for end, sent in ((pair.client, pair.up), (pair.host, pair.down), (pair.client, pair.up)):
                        self.assertRaises(ssl.SSLWantReadError, end.do_handshake)
                        flight = sent.read()
                        sent.write(reframed(flight, size))
                        self.assertTrue(len(reframed(flight, 16384)) < len(flight) or end is pair.client, "the flight was one record before")
                    pair.shake().exchange(b"secret")
                    self.assertEqual(asked, [hint, "me"])

    def test_messages(self):
        client, host = contexts()
        seen = []
        client._msg_callback = lambda end, direction, version, content, message, data: seen.append((direction, message))
        Pair(client, host).shake()
        self.assertIn(("write", ssl._TLSMessageType.CLIENT_HELLO), seen)
        self.assertIn(("read", ssl._TLSMessageType.FINISHED), seen)

    def test_end(self):
        pair = Pair(*contexts()).shake()
        self.assertRaises(ssl.SSLWantReadError, pair.client.unwrap)
        self.assertEqual(pair.host.read(), b"")
        pair.host.unwrap()
        pair.client.unwrap()

    def test_torn_end(self):
        pair = Pair(*contexts()).shake()
        pair.up.write_eof()
        self.assertRaises(ssl.SSLEOFError, pair.host.read)

    def test_rest_is_left_alone(self):
        """What follows the end of a connection stays in the buffer: the protocol goes on without TLS."""
        pair = Pair(*contexts()).shake()
        self.assertRaises(ssl.SSLWantReadError, pair.client.unwrap)
        pair.up.write(b"plain text")
        pair.host.unwrap()
        self.assertEqual(pair.up.read(), b"plain text")


class VerificationTest(unittest.TestCase):
    def refused(self, client, host, name="localhost"):
        with self.assertRaises(ssl.SSLCertVerificationError) as caught:
            Pair(client, host, name).shake()
        return caught.exception.verify_code

    def test_wrong_name(self):
        client, host = contexts()
        self.assertEqual(self.refused(client, host, "example.com"), 62)
        self.assertEqual(self.refused(client, host, "127.0.0.2"), 64)
        for name in ("localhost", "www.example.org", "127.0.0.1", "::1"):
            Pair(client, host, name).shake()

    def test_unknown_authority(self):
        client, host = ssl.create_default_context(), contexts()[1]
        self.assertIn(self.refused(client, host), (18, 19, 20))

    def test_revoked(self):
        client, host = contexts("revoked.pem")
        client.load_verify_locations(CERTIFICATES / "revocations.pem")
        client.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        self.assertEqual(self.refused(client, host), 23)
        Pair(client, contexts()[1]).shake()

    def test_wrong_purpose(self):
        client, host = contexts("client.pem")
        self.assertEqual(self.refused(client, host), 26)

    def test_folder_of_authorities(self):
        client, host = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), contexts()[1]
        client.load_verify_locations(capath=CERTIFICATES / "folder")
        self.assertEqual(client.get_ca_certs(), [])
        self.assertEqual(self.refused(client, host, "example.com"), 62)
        self.assertEqual(len(client.get_ca_certs()), 1)


class LoadingTest(unittest.TestCase):
    def test_password(self):
        context, file = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), CERTIFICATES / "server-encrypted.pem"
        for password in ("open", b"open", bytearray(b"open"), lambda: "open"):
            context.load_cert_chain(file, password=password)
        self.assertRaises(ssl.SSLError, context.load_cert_chain, file, password="shut")
        self.assertRaises(OSError, context.load_cert_chain, file)  # which is what SSLError is


if __name__ == "__main__":
    unittest.main()
