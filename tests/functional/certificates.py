"""Certificates of the tests, made by the machine's own `openssl` into a folder of the test.

An Authority issues certificates, for servers, clients or further authorities, and revokes them:

    root = Authority(folder, "root")
    server = root.issue("server", names=("DNS:localhost", "IP:127.0.0.1"))
    old = root.issue("old", names=LOCAL, since=-20, until=-10)
    root.revoke(server)
"""

import base64
import dataclasses
import datetime
import pathlib
import shutil
import subprocess
import unittest

LOCAL = ("DNS:localhost", "IP:127.0.0.1", "IP:::1")
KEYS = {  # what `openssl req` is told for each kind of key
    "rsa": ("-newkey", "rsa:2048"),
    "rsa1024": ("-newkey", "rsa:1024"),
    "ec": ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "ed25519": ("-newkey", "ed25519"),
}
LEAF = {"basicConstraints": "CA:FALSE", "keyUsage": "digitalSignature", "extendedKeyUsage": "serverAuth,clientAuth"}
AUTHORITY = {"basicConstraints": "critical,CA:TRUE", "keyUsage": "critical,keyCertSign,cRLSign"}
IDENTIFIERS = {"subjectKeyIdentifier": "hash", "authorityKeyIdentifier": "keyid"}

CONFIGURATION = """\
[req]
distinguished_name = subject
[subject]
[ca]
default_ca = authority
[authority]
database = {folder}/index
serial = {folder}/serial
crlnumber = {folder}/crlnumber
new_certs_dir = {folder}
default_md = sha256
default_crl_days = 30
unique_subject = no
preserve = yes
policy = policy
[policy]
countryName = optional
organizationName = optional
commonName = supplied
"""


@dataclasses.dataclass(frozen=True)
class Identity:
    """A certificate (`chain` has its issuers, too) and its key, in files of PEM."""

    name: str
    certificate: pathlib.Path
    key: pathlib.Path
    chain: pathlib.Path

    def der(self) -> bytes:
        """The certificate alone."""
        return unarmoured(self.certificate.read_text())


class Authority:
    """Issues certificates below `folder`; without `issuer` it signs its own."""

    def __init__(self, folder: pathlib.Path, name: str, issuer: "Authority | None" = None, **options):
        self.folder = folder / name
        self.folder.mkdir()
        self.configuration = self.folder / "authority.conf"
        self.configuration.write_text(CONFIGURATION.format(folder=self.folder))
        for file, text in (("index", ""), ("serial", "1000\n"), ("crlnumber", "1000\n")):
            (self.folder / file).write_text(text)
        options.setdefault("extensions", AUTHORITY)
        self.issuer = issuer
        self.identity = (issuer or self)._make(self.folder, name, own=issuer is None, **options)

    @property
    def certificate(self) -> pathlib.Path:
        return self.identity.certificate

    def issue(self, name: str, names=LOCAL, extensions=LEAF, **options) -> Identity:
        """A certificate for `names`; see `_make` for the options."""
        extensions = {**extensions, "subjectAltName": ",".join(names)} if names else extensions
        return self._make(self.folder, name, extensions=extensions, **options)

    def revoke(self, identity: Identity) -> None:
        """Puts a certificate on the list that `revocations` writes."""
        openssl("ca", *self._as_issuer(), "-revoke", identity.certificate)

    def revocations(self, name="revocations", *, since=-1, until=30) -> pathlib.Path:
        """A file with what has been revoked, valid between two days from now."""
        file = self.folder / f"{name}.pem"
        openssl("ca", *self._as_issuer(), "-gencrl", "-out", file,
                "-crl_lastupdate", day(since), "-crl_nextupdate", day(until))
        return file

    def _make(self, folder, name, *, own=False, subject=None, key="ec", extensions, digest="sha256", since=-1, until=30) -> Identity:
        """One certificate: `key` is of KEYS, `subject` a common name or all of it (/C=.../CN=...), `since` and `until` are days from now, `own` means signed with its own key."""
        request, certificate, private, chain, section = (folder / f"{name}.{end}" for end in ("csr", "pem", "key", "chain.pem", "ext"))
        section.write_text("".join(f"{field} = {value}\n" for field, value in {**IDENTIFIERS, **extensions}.items()))
        openssl("req", "-new", *KEYS[key], "-noenc", "-config", self.configuration, "-subj", subject if subject and subject[0] == "/" else f"/CN={subject or name}",
                "-keyout", private, "-out", request)
        signer = ("-selfsign", "-config", self.configuration, "-keyfile", private) if own else self._as_issuer()
        openssl("ca", *signer, "-in", request, "-out", certificate, "-extfile", section, "-md", digest,
                "-startdate", day(since), "-enddate", day(until), "-batch", "-notext")
        issuers = "" if own else self.identity.chain.read_text()
        chain.write_text(certificate.read_text() + issuers)
        return Identity(name, certificate, private, chain)

    def _as_issuer(self):
        return "-config", self.configuration, "-cert", self.identity.certificate, "-keyfile", self.identity.key


def self_signed(folder: pathlib.Path, name: str, names=LOCAL, **options) -> Identity:
    """A server's certificate that nobody else has signed."""
    return Authority(folder, name, extensions={**LEAF, "subjectAltName": ",".join(names)}, **options).identity


def damaged(identity: Identity) -> Identity:
    """The same certificate with one bit of its signature turned."""
    data = bytearray(identity.der())
    data[-1] ^= 1
    file = identity.certificate.with_suffix(".damaged.pem")
    rest = identity.chain.read_text().removeprefix(identity.certificate.read_text())
    file.write_text(armoured(bytes(data)) + rest)
    return dataclasses.replace(identity, certificate=file, chain=file)


def armoured(data: bytes) -> str:
    """A certificate as PEM."""
    return f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(data).decode()}-----END CERTIFICATE-----\n"


def unarmoured(text: str) -> bytes:
    """The first certificate of a file of PEM."""
    return base64.b64decode(text.split("-----BEGIN CERTIFICATE-----")[1].split("-----END CERTIFICATE-----")[0])


def day(offset: float) -> str:
    """That many days from now, as certificates write it."""
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=offset)).strftime("%Y%m%d%H%M%SZ")


def openssl(*words) -> bytes:
    """Runs a command of openssl to its end; skips the test where there is none."""
    if not shutil.which("openssl"):
        raise unittest.SkipTest("openssl is not here")
    done = subprocess.run(["openssl", *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode != 0:
        raise AssertionError(f"openssl {words[0]} failed: {done.stderr.decode(errors='replace')}")
    return done.stdout
