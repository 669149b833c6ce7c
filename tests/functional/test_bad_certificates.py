"""Certificates that a client or a server in the sandbox must not accept, each with the exception that native CPython raises."""

import dataclasses
import json
import pathlib
import socket
import ssl
import unittest

from certificates import AUTHORITY, LEAF, LOCAL, Authority, Identity, damaged, self_signed
from harness import SECONDS, Running, command, execute, native_command
from tls_servers import LOOPBACK, Server, TlsCase, context

# What both programs say of a connection that ends in an error. Native CPython names a line of _ssl.c, too.
TELL = """\
import json, re, socket, ssl, sys

def tell(error):
    return [type(error).__name__, getattr(error, "verify_code", None), getattr(error, "verify_message", None),
            error.library, error.reason, error.errno, re.sub(r"_ssl\\.c:\\d+", "_ssl", str(error))]

with open(sys.argv[1]) as file:
    cases = json.load(file)
"""
CLIENT = TELL + """
def attempt(case):
    context = ssl.create_default_context(cafile=case["trusted"])
    if case["revocations"]:
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        if case["revocations"] != "none":
            context.load_verify_locations(case["revocations"])
    try:
        with socket.create_connection(("127.0.0.1", case["port"])) as plain:
            with context.wrap_socket(plain, server_hostname=case["host"]) as encrypted:
                return ["verified", dict(field[0] for field in encrypted.getpeercert()["subject"])["commonName"]]
    except ssl.SSLError as error:
        return tell(error)

print(json.dumps({name: attempt(case) for name, case in cases.items()}))
"""
SERVER = TELL + """
def attempt(case):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=case["trusted"])
    context.load_cert_chain(case["certificate"], case["key"])
    context.verify_mode = ssl.CERT_REQUIRED
    if case["revocations"]:
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        context.load_verify_locations(case["revocations"])
    with listener.accept()[0] as plain:
        try:
            with context.wrap_socket(plain, server_side=True) as encrypted:
                encrypted.sendall(b"come in")
                return ["verified", dict(field[0] for field in encrypted.getpeercert()["subject"])["commonName"]]
        except ssl.SSLError as error:
            return tell(error)

with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    print(json.dumps({name: attempt(case) for name, case in cases.items()}))
"""

NEWER_WORDS = " or the system clock is incorrect"  # of OpenSSL 3.6, which native CPython has, where 3.5 stops before


@dataclasses.dataclass(frozen=True)
class Example:
    """A certificate to be shown, what the other side trusts, and the code and the message of its refusal (None: it accepts)."""

    shown: Identity | None
    trusted: pathlib.Path
    code: int | None = None
    message: str | None = None
    host: str = "localhost"
    revocations: pathlib.Path | str | None = None

    def settings(self, **more) -> dict:
        """What the program in the sandbox is told."""
        return {"trusted": str(self.trusted), "host": self.host, "revocations": self.revocations and str(self.revocations), **more}


class Certificates:
    """The examples, by name: those of servers and those of clients."""

    def __init__(self, folder: pathlib.Path, root: Authority):
        self.folder = folder
        self.root = root
        self.middle = Authority(folder, "between", root)
        self.far = Authority(folder, "far")
        self.good = self.middle.issue("good", (*LOCAL, "DNS:*.example.org"))
        self.alone = self_signed(folder, "alone")
        self.old = self.middle.issue("old", since=-20, until=-10)
        self.revoked = self.root.issue("revoked")
        self.root.revoke(self.revoked)
        self.revocations = self.root.revocations()
        self.servers = {**self.names(), **self.leaves(), **self.chains(), **self.lists()}
        self.clients = self.of_clients()

    def shown(self, identity, code=None, message=None, **options):
        """An example whose other side trusts the root."""
        return Example(identity, **{"trusted": self.root.certificate, **options}, code=code, message=message)

    def below(self, name, extensions, names=LOCAL, issuer=None):
        """The certificate of a server from an authority that has these extensions, below the root."""
        return Authority(self.folder, name, issuer or self.root, extensions={**AUTHORITY, **extensions}).issue("server", names)

    def names(self):
        def other(host, code=62, kind="Hostname"):
            return self.shown(self.good, code, f"{kind} mismatch, certificate is not valid for '{host}'.", host=host)

        return {
            "good": self.shown(self.good),
            "good address": self.shown(self.good, host="127.0.0.1"),
            "good wildcard": self.shown(self.good, host="www.example.org"),
            "wrong host": other("example.com"),
            "wildcard for two labels": other("a.b.example.org"),
            "wildcard for none": other("example.org"),
            "wrong address": other("127.0.0.2", 64, "IP address"),
            "name in the subject": self.shown(self.middle.issue("localhost", ())),
            "name in the subject beside another": self.shown(self.middle.issue("beside", ("DNS:example.org",), subject="localhost"), 62,
                                                             "Hostname mismatch, certificate is not valid for 'localhost'."),
            "address as a name": self.shown(self.middle.issue("address", ("DNS:127.0.0.1",)), 64,
                                            "IP address mismatch, certificate is not valid for '127.0.0.1'.", host="127.0.0.1"),
        }

    def leaves(self):
        def leaf(name, code, message, changed=(), **options):
            return self.shown(self.middle.issue(name, extensions={**LEAF, **dict(changed)}, **options), code, message)

        rsa = Authority(self.folder, "rsa", key="rsa")
        purpose = 26, "unsuitable certificate purpose"
        return {
            "expired": self.shown(self.old, 10, "certificate has expired"),
            "not yet valid": leaf("early", 9, "certificate is not yet valid", since=10, until=20),
            "for clients": leaf("client", *purpose, {"extendedKeyUsage": "clientAuth"}),
            "key of another use": leaf("usage", *purpose, {"keyUsage": "cRLSign"}),
            "unknown critical extension": leaf("critical", 34, "unhandled critical extension", {"1.2.3.4": "critical,ASN1:NULL"}),
            "no name of its issuer's key": leaf("anonymous", 85, "Missing Authority Key Identifier", {"authorityKeyIdentifier": "none"}),
            "weak key": leaf("weak", 66, "EE certificate key too weak", key="rsa1024"),
            "weak digest": self.shown(rsa.issue("digest", digest="md5"), 68, "CA signature digest algorithm too weak", trusted=rsa.certificate),
            "bad signature": self.shown(damaged(self.middle.issue("damaged")), 7, "certificate signature failure"),
        }

    def chains(self):
        def below(name, changed, code=None, message=None, **options):
            return self.shown(self.below(name, changed, **options), code, message)

        outside = self.far.issue("server")
        short = Authority(self.folder, "short", self.root, extensions={**AUTHORITY, "basicConstraints": "critical,CA:TRUE,pathlen:0"})
        past = Authority(self.folder, "past", since=-20, until=-10)
        no_issuer = 20, "unable to get local issuer certificate"
        no_authority = {"basicConstraints": "critical,CA:FALSE", "keyUsage": "digitalSignature"}
        permitted = "critical,permitted;DNS:localhost,permitted;IP:127.0.0.0/255.0.0.0"
        return {
            "self-signed": self.shown(self.alone, 18, "self-signed certificate"),
            "self-signed and trusted": self.shown(self.alone, trusted=self.alone.certificate),
            "unknown issuer": self.shown(alone(outside), *no_issuer),
            "no issuer sent": self.shown(alone(self.good), *no_issuer),
            "untrusted root": self.shown(outside, 19, "self-signed certificate in certificate chain"),
            "expired root": self.shown(past.issue("server"), 10, "certificate has expired", trusted=past.certificate),
            "issuer is no authority": below("leaf", no_authority, 79, "invalid CA certificate"),
            "issuer may not sign": below("mute", {"keyUsage": "critical,cRLSign"}, 79, "invalid CA certificate"),
            "too many issuers": below("long", {}, 25, "path length constraint exceeded", issuer=short),
            "name not permitted": below("inside", {"nameConstraints": "critical,permitted;DNS:example.org"}, 47, "permitted subtree violation"),
            "name excluded": below("without", {"nameConstraints": "critical,excluded;DNS:localhost"}, 48, "excluded subtree violation"),
            "name permitted": below("with", {"nameConstraints": permitted}, names=LOCAL[:2]),
        }

    def lists(self):
        kept = self.root.issue("kept")
        return {
            "revoked": self.shown(self.revoked, 23, "certificate revoked", revocations=self.revocations),
            "not revoked": self.shown(kept, revocations=self.revocations),
            "no list": self.shown(kept, 3, "unable to get certificate CRL", revocations="none"),
            "another's list": self.shown(kept, 3, "unable to get certificate CRL", revocations=self.far.revocations()),
            "old list": self.shown(kept, 12, "CRL has expired", revocations=self.root.revocations("old", since=-20, until=-10)),
            "early list": self.shown(kept, 11, "CRL is not yet valid", revocations=self.root.revocations("early", since=10, until=20)),
        }

    def of_clients(self):
        server = self.middle.issue("server", extensions={**LEAF, "extendedKeyUsage": "serverAuth"})
        return {
            "good": self.shown(self.good),
            "none": self.shown(None),
            "expired": self.shown(self.old, 10, "certificate has expired"),
            "for servers": self.shown(server, 26, "unsuitable certificate purpose"),
            "untrusted root": self.shown(self.far.issue("client"), 19, "self-signed certificate in certificate chain"),
            "self-signed": self.shown(self.alone, 18, "self-signed certificate"),
            "revoked": self.shown(self.revoked, 23, "certificate revoked", revocations=self.revocations),
        }


def alone(identity: Identity) -> Identity:
    """The same, shown without its issuers."""
    return dataclasses.replace(identity, chain=identity.certificate)


class BadCertificates(TlsCase):
    """All examples are tried in one run of the program, here and natively."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = Certificates(cls.made, cls.root)

    def check(self, name, example, found):
        """What came of an example is what it says."""
        if example.code is None:
            self.assertEqual(found, ["verified", example.shown.name])
            return
        text = f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {example.message} (_ssl)"
        self.assertEqual(found, ["SSLCertVerificationError", example.code, example.message, "SSL", "CERTIFICATE_VERIFY_FAILED", 1, text])

    def run_client(self, words):
        return json.loads(self.succeed(execute(words, cwd=self.made)).out.replace(NEWER_WORDS, ""))

    def succeed(self, result):
        self.assertEqual((result.code, result.err), (0, ""))
        return result

    def test_client(self):
        examples = self.certificates.servers
        (self.made / "client.py").write_text(CLIENT)
        cases = {}
        for name, example in examples.items():
            server = Server(lambda connection: connection.recv(1), context(example.shown, weak=True))
            self.addCleanup(server.__exit__)
            cases[name] = example.settings(port=server.port)
        (self.made / "cases.json").write_text(json.dumps(cases))
        found = self.run_client(command([f"--allow-net={LOOPBACK}", "client.py", "cases.json"]))
        for name, example in examples.items():
            with self.subTest(name):
                self.check(name, example, found[name])
        self.assertEqual(found, self.run_client(native_command(["client.py", "cases.json"])))

    def test_own_authorities(self):
        """Mozilla's are known without a grant: who took the name of one has to have its signature, too."""
        impostor = Authority(self.made, "impostor", subject="/C=US/O=Amazon/CN=Amazon Root CA 3")
        extensions = {**LEAF, "authorityKeyIdentifier": "none"}
        examples = {"unknown": (self.certificates.far.issue("nobody", extensions=extensions), 20, "unable to get local issuer certificate"),
                    "impostor": (impostor.issue("false", extensions=extensions), 7, "certificate signature failure")}
        (self.made / "default.py").write_text(CLIENT.replace('cafile=case["trusted"]', "").replace(
            "    try:", "    context.verify_flags &= ~ssl.VERIFY_X509_STRICT\n    try:", 1))
        cases = {}
        for name, (identity, code, message) in examples.items():
            server = Server(lambda connection: connection.recv(1), context(alone(identity)))
            self.addCleanup(server.__exit__)
            cases[name] = Example(identity, self.made, code, message).settings(port=server.port)
        (self.made / "cases.json").write_text(json.dumps(cases))
        found = self.run_client(command([f"--allow-net={LOOPBACK}", "default.py", "cases.json"]))
        for name, (identity, code, message) in examples.items():
            self.check(name, Example(identity, self.made, code, message), found[name])

    def test_server(self):
        (self.made / "server.py").write_text(SERVER)
        good, examples = self.certificates.good, self.certificates.clients
        cases = {name: example.settings(certificate=str(good.chain), key=str(good.key)) for name, example in examples.items()}
        (self.made / "clients.json").write_text(json.dumps(cases))
        found, alerts = self.run_server(command([f"--allow-net={LOOPBACK}", "server.py", "clients.json"]))
        for name, example in examples.items():
            with self.subTest(name):
                if example.shown:
                    self.check(name, example, found[name])
                else:
                    self.assertEqual((found[name][0], found[name][4]), ("SSLError", "PEER_DID_NOT_RETURN_A_CERTIFICATE"))
        self.assertEqual((found, alerts), self.run_server(native_command(["server.py", "clients.json"])))

    def run_server(self, words):
        """What the server says of each client, and what each client got."""
        with Running(words=words, cwd=self.made) as running:
            port = int(running.until(b"\n"))
            alerts = {name: self.visit(port, example.shown) for name, example in self.certificates.clients.items()}
            ended = self.succeed(running.finish())
        return json.loads(ended.out.splitlines()[1]), alerts

    def visit(self, port, identity):
        """What a client with this certificate reads, or the alert that it gets."""
        visitor = ssl.create_default_context(cafile=self.root.certificate)
        if identity:
            visitor.load_cert_chain(identity.chain, identity.key)
        with socket.create_connection((LOOPBACK, port), timeout=SECONDS) as plain:
            try:
                with visitor.wrap_socket(plain, server_hostname="localhost") as encrypted:
                    return encrypted.recv(100).decode()
            except ssl.SSLError as error:
                return error.reason


if __name__ == "__main__":
    unittest.main()
