"""TLS with the machine's `openssl` at the other end, as server and as client, and with native CPython's newer one."""

import hashlib
import os
import socket
import ssl
import struct
import unittest

from harness import Running, command, execute, native_command
from tls_servers import LOOPBACK, OpensslServer, Server, TlsCase, context, openssl_client

VERSIONS = ("TLSv1.2", "TLSv1.3")
ONE = {"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}  # options of openssl
KEYS = ("rsa", "ec", "ed25519")

# Says a line to the server at each port that its arguments name, and prints what the connection is and what came back.
CLIENT = """\
import hashlib, socket, ssl, sys

root, certificate, protocols, *ports = sys.argv[1:]
context = ssl.create_default_context(cafile=root)
if certificate != "none":
    context.load_cert_chain(*certificate.split(","))
if protocols != "none":
    context.set_alpn_protocols(protocols.split(","))
for port in ports:
    with socket.create_connection(("127.0.0.1", int(port))) as plain, context.wrap_socket(plain, server_hostname="localhost") as encrypted:
        encrypted.sendall(b"hello, peer\\n")
        with encrypted.makefile("rb") as answer:
            line = answer.readline()
        print(encrypted.version(), encrypted.cipher()[1:], encrypted.selected_alpn_protocol(), line,
              hashlib.sha256(encrypted.getpeercert(True)).hexdigest()[:16], encrypted.session_reused)
"""
# Connects twice, the second time with the session of the first.
AGAIN = """\
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
for port in sys.argv[2:]:
    session = None
    for attempt in range(2):
        with socket.create_connection(("127.0.0.1", int(port))) as plain:
            with context.wrap_socket(plain, server_hostname="localhost", session=session) as encrypted:
                encrypted.sendall(b"hello\\n")
                encrypted.recv(100)
                session = encrypted.session
                print(encrypted.version(), encrypted.session_reused, session.has_ticket)
"""
# Takes one connection for each pair of files that its arguments name, at one port, and sends a line back reversed.
SERVER = """\
import socket, ssl, sys

root, protocols, *identities = sys.argv[1:]
with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    for identity in identities:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*identity.split(","))
        if root != "none":
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(root)
        if protocols != "none":
            context.set_alpn_protocols(protocols.split(","))
        with context.wrap_socket(listener.accept()[0], server_side=True) as encrypted:
            with encrypted.makefile("rwb") as lines:
                lines.write(lines.readline()[-2::-1] + b"\\n")
            subject = encrypted.getpeercert()["subject"][0][0][1] if root != "none" else None
            print(encrypted.version(), encrypted.selected_alpn_protocol(), subject, encrypted.session_reused, flush=True)
            encrypted.unwrap()
"""
# A TLS 1.3 server or client over memory buffers that prints the group which the server's hello chose, and a line that came.
GROUPS = """\
import socket, ssl, sys

def group(flow):
    hello = flow[9:]  # behind the headers of the record and of the message: version, random, session, cipher, compression, extensions
    position = 35 + hello[34] + 5
    while True:
        kind, length = (int.from_bytes(hello[position + at : position + at + 2]) for at in (0, 2))
        position += 4
        if kind == 51:  # key_share
            return f"{int.from_bytes(hello[position : position + 2]):#x}"
        position += length

def exchange(action, *words):
    while True:
        try:
            return action(*words)
        except ssl.SSLWantReadError:
            pass
        finally:
            sent.append(outgoing.read())
            plain.sendall(sent[-1])
        received.append(plain.recv(1 << 16))
        incoming.write(received[-1])

role, *files = sys.argv[1:]
incoming, outgoing, sent, received = ssl.MemoryBIO(), ssl.MemoryBIO(), [], []
if role == "server":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        plain = listener.accept()[0]
    end = context.wrap_bio(incoming, outgoing, server_side=True)
else:
    plain = socket.create_connection(("127.0.0.1", int(role)))
    end = ssl.create_default_context(cafile=files[0]).wrap_bio(incoming, outgoing, server_hostname="localhost")
exchange(end.do_handshake)
exchange(end.write, b"hello from " + role[0].encode())
print(group(b"".join(sent if role == "server" else received)), end.version(), exchange(end.read, 100))
plain.close()
"""
X25519MLKEM768 = "0x11ec"

# Reads twice, with little patience, from the server at each port that its arguments name, and prints what comes of it.
# Native CPython also says which line of _ssl.c it is.
IMPATIENT = """\
import re, socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
for port in sys.argv[2:]:
    found = []
    try:
        with socket.create_connection(("127.0.0.1", int(port)), timeout=0.5) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as encrypted:
                found.append(encrypted.recv(100))
                found.append(encrypted.recv(100))
    except OSError as error:
        found += type(error).__name__, re.sub(r"_ssl\\.c:\\d+: | \\(_ssl.*", "", error.args[-1])
    print(*found)
"""
END = "SSLEOFError [SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol"
FAILURE = "SSLError [SSL: RECORD_LAYER_FAILURE] record layer failure"


def reset(connection):
    """Ends a connection as a process does that dies with data unread."""
    connection.recv(1 << 16)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def says(data):
    """A server that answers the client's hello with this and waits for the end."""
    return lambda connection: (connection.recv(1 << 16), connection.sendall(data), connection.recv(1 << 16))


def below(data):
    """A server that sends two bytes encrypted, then this as it is, and closes the connection."""
    def serve(encrypted):
        encrypted.sendall(b"hi")
        with socket.socket(fileno=os.dup(encrypted.fileno())) as plain:
            plain.sendall(data)
            plain.shutdown(socket.SHUT_RDWR)
    return serve


# What servers do wrong before the handshake is done, after it, and what the client makes of that.
EARLY = {
    "silence": (lambda connection: connection.recv(1 << 16) and connection.recv(1), "TimeoutError The handshake operation timed out"),
    "an end": (lambda connection: connection.recv(1 << 16), END),
    "a reset": (reset, "ConnectionResetError Connection reset by peer"),
    "another protocol": (says(b"SSH-2.0-Test\r\n"), "SSLError [SSL: WRONG_VERSION_NUMBER] wrong version number"),
    "a bad message": (says(b"\x16\x03\x03\x00\x05\x02\x00\x00\x01\x00"), "SSLError [SSL: LENGTH_MISMATCH] length mismatch"),
    "an alert": (says(b"\x15\x03\x03\x00\x02\x02\x28"), "SSLError [SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] ssl/tls alert handshake failure"),
}
LATE = {
    "a good end": (lambda encrypted: (encrypted.sendall(b"hi"), encrypted.unwrap()), "b'hi' b''"),
    "silence": (lambda encrypted: (encrypted.sendall(b"hi"), encrypted.recv(1)), "b'hi' TimeoutError The read operation timed out"),
    "a cut": (below(b""), "b'hi' b''"),
    "a forged record": (below(b"\x17\x03\x03\x00\x20" + b"x" * 32), f"b'hi' {FAILURE}"),
    "plain text": (below(b"plain text"), f"b'hi' {FAILURE}"),
    "a record too long": (below(b"\x17\x03\x03\x48\x01" + b"x" * 0x4801), f"b'hi' {FAILURE}"),
}


class PeerCase(TlsCase):
    """A test with a certificate for each kind of key and one of a client; programs run in the folder of the certificates."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.identities = {key: cls.root.issue(key, key=key) for key in KEYS}
        cls.user = cls.root.issue("user")

    def script(self, text, *arguments):
        """The words that run a program which may use the loopback address."""
        (self.made / "script.py").write_text(text)
        return command([f"--allow-net={LOOPBACK}", self.made / "script.py", *arguments])

    def server(self, identity, *options):
        """An `openssl s_server`, ended with the test."""
        running = OpensslServer(identity, *options)
        self.addCleanup(running.__exit__)
        return running

    def lines(self, words):
        """What a program printed that has to succeed."""
        result = execute(words, cwd=self.made)
        self.assertEqual((result.code, result.err), (0, ""))
        return result.out.splitlines()


class OpensslServers(PeerCase):
    """The program is the client."""

    def ask(self, servers, certificate="none", protocols="none"):
        return self.lines(self.script(CLIENT, self.root.certificate, certificate, protocols, *(server.port for server in servers)))

    def test_versions_and_keys(self):
        kinds = [(version, key) for version in VERSIONS for key in KEYS]
        servers = [self.server(self.identities[key], ONE[version]) for version, key in kinds]
        for (version, key), line in zip(kinds, self.ask(servers), strict=True):
            with self.subTest(version=version, key=key):
                digest = hashlib.sha256(self.identities[key].der()).hexdigest()[:16]
                self.assertEqual(line, f"{version} ('{version}', 256) None b'reep ,olleh\\n' {digest} False")

    def test_client_certificate(self):
        wanted = ("-Verify", "2", "-verify_return_error", "-CAfile", self.root.certificate)
        servers = [self.server(self.identities["ec"], *wanted, ONE[version]) for version in VERSIONS]
        for version, line in zip(VERSIONS, self.ask(servers, f"{self.user.chain},{self.user.key}"), strict=True):
            self.assertIn(f"{version} ", line)
        refused = execute(self.script(CLIENT, self.root.certificate, "none", "none", servers[0].port))
        self.assertIn("SSLV3_ALERT_HANDSHAKE_FAILURE", refused.err)

    def test_protocol_negotiation(self):
        servers = [self.server(self.identities["ec"], "-alpn", protocols) for protocols in ("h2,http/1.1", "http/1.1", "spdy/1")]
        lines = self.ask(servers[:2], protocols="h2,http/1.1")
        self.assertEqual([line.split(") ")[1].split(" b'")[0] for line in lines], ["h2", "http/1.1"])
        refused = execute(self.script(CLIENT, self.root.certificate, "none", "h2", servers[2].port))
        self.assertIn("TLSV1_ALERT_NO_APPLICATION_PROTOCOL", refused.err)

    def test_resumption(self):
        servers = [self.server(self.identities["ec"], ONE[version]) for version in VERSIONS]
        lines = self.lines(self.script(AGAIN, self.root.certificate, *(server.port for server in servers)))
        self.assertEqual(lines, [f"{version} {reused} True" for version in VERSIONS for reused in (False, True)])

    def test_ciphers_of_the_server(self):
        older = ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305", "AES256-SHA384")
        newer = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
        servers = [self.server(self.identities["ec"], "-tls1_2", "-cipher", f"ECDHE-ECDSA-{name}") for name in older]
        servers += [self.server(self.identities["ec"], "-tls1_3", "-ciphersuites", name) for name in newer]
        for server, line in zip(servers, self.ask(servers), strict=True):
            self.assertIn("b'reep ,olleh\\n'", line)

    def test_groups_of_the_server(self):
        groups = ("X25519", "P-256", "P-384", "P-521", "X448", "ffdhe2048")
        for group, line in zip(groups, self.ask([self.server(self.identities["ec"], "-groups", group) for group in groups]), strict=True):
            self.assertIn("b'reep ,olleh\\n'", line, group)


class OpensslClients(PeerCase):
    """The program is the server."""

    def serve(self, text, *arguments):
        running = Running(words=self.script(text, *arguments), cwd=self.made)
        self.addCleanup(running.__exit__)
        return running, int(running.until(b"\n"))

    def names(self, *kinds):
        return [f"{self.identities[kind].chain},{self.identities[kind].key}" for kind in kinds]

    def ended(self, running):
        """What the server printed; it has come to its end without a fault."""
        result = running.finish()
        self.assertEqual((result.code, result.err), (0, ""))
        return result.out.splitlines()[1:]

    def test_versions_and_keys(self):
        kinds = [(version, key) for version in VERSIONS for key in KEYS]
        running, port = self.serve(SERVER, "none", "none", *self.names(*(key for _, key in kinds)))
        for version, key in kinds:
            with self.subTest(version=version, key=key):
                checks = ("-CAfile", self.root.certificate, "-verify_return_error", "-verify_hostname", "localhost")
                said = openssl_client(port, ONE[version], *checks, send=b"hello\n")
                self.assertIn("olleh\n", said)
                self.assertIn("Verify return code: 0 (ok)", said)
        self.assertEqual(self.ended(running), [f"{version} None None False" for version, _ in kinds])

    def test_client_certificate(self):
        running, port = self.serve(SERVER, self.root.certificate, "none", *self.names("ec", "ec"))
        for version in VERSIONS:
            self.assertIn("olleh\n", openssl_client(port, ONE[version], "-cert", self.user.chain, "-key", self.user.key, send=b"hello\n"))
        self.assertEqual(self.ended(running), [f"{version} None user False" for version in VERSIONS])

    def test_protocol_negotiation(self):
        running, port = self.serve(SERVER, "none", "h2,http/1.1", *self.names("ec", "ec", "ec"))
        self.assertIn("ALPN protocol: h2\n", openssl_client(port, "-alpn", "http/1.1,h2", send=b"hello\n"))
        self.assertIn("ALPN protocol: http/1.1\n", openssl_client(port, "-alpn", "http/1.1", send=b"hello\n"))
        self.assertIn("No ALPN negotiated", openssl_client(port, send=b"hello\n"))
        self.assertEqual(self.ended(running), ["TLSv1.3 h2 None False", "TLSv1.3 http/1.1 None False", "TLSv1.3 None None False"])


class FaultyPeers(PeerCase):
    """What a client makes of servers that do not keep to the protocol."""

    def test_faults(self):
        contexts = [None, *(context(self.identity, version=ssl.TLSVersion[version.replace(".", "_")]) for version in VERSIONS)]
        cases = [(served, *case) for served, faults in zip(contexts, (EARLY, LATE, LATE)) for case in faults.items()]
        servers = [Server(serve, served) for served, _, (serve, _) in cases]
        for server in servers:
            self.addCleanup(server.__exit__)
        ports = [server.port for server in servers]
        found = self.lines(self.script(IMPATIENT, self.root.certificate, *ports))
        for (_, name, (_, expected)), line in zip(cases, found, strict=True):
            with self.subTest(name):
                self.assertEqual(line, expected)
        self.assertEqual(found, self.lines(native_command([self.made / "script.py", self.root.certificate, *ports])))


class NewerPeers(PeerCase):
    """Groups that older versions of OpenSSL lack: with native CPython's, and with ourselves."""

    def test_hybrid_group(self):
        (self.made / "groups.py").write_text(GROUPS)
        server, client = ("server", self.identities["ec"].chain, self.identities["ec"].key), self.root.certificate
        ends = {"pylon": lambda words: command([f"--allow-net={LOOPBACK}", "groups.py", *words]),
                "native": lambda words: native_command(["groups.py", *words])}
        for serving, asking in (("pylon", "pylon"), ("native", "pylon"), ("pylon", "native")):
            with self.subTest(server=serving, client=asking), Running(words=ends[serving](server), cwd=self.made) as running:
                found = self.lines(ends[asking]([int(running.until(b"\n")), client]))
                said = running.finish()
                self.assertEqual((found, said.err), ([f"{X25519MLKEM768} TLSv1.3 b'hello from s'"], ""))
                self.assertRegex(said.out.splitlines()[1], f"^{X25519MLKEM768} TLSv1.3 b'hello from [0-9]'$")


if __name__ == "__main__":
    unittest.main()
