"""Whom programs in the sandbox speak TLS with: servers of this process (the machine's own OpenSSL), `openssl` and curl.

A server takes connections from the moment it is made, at a free port of the loopback address.
"""

import contextlib
import http.server
import pathlib
import re
import select
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest

from certificates import Authority, Identity
from harness import SECONDS, Case, Running

LOOPBACK = "127.0.0.1"


class TlsCase(Case):
    """A test with an authority, a server's certificate that one below it has issued, and a folder for more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.made = pathlib.Path(tempfile.mkdtemp(prefix="pylon-test-")).resolve()
        cls.addClassCleanup(shutil.rmtree, cls.made)
        cls.root = Authority(cls.made, "root")
        cls.identity = Authority(cls.made, "middle", cls.root).issue("server")


def context(identity: Identity, *, clients=None, protocols=(), weak=False, version=None) -> ssl.SSLContext:
    """A server's context: `clients` is a file of authorities whose certificates it demands, `weak` takes any key."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if weak:
        made.set_ciphers("DEFAULT:@SECLEVEL=0")
    made.load_cert_chain(identity.chain, identity.key)
    if clients:
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_verify_locations(clients)
    if protocols:
        made.set_alpn_protocols(list(protocols))
    if version:
        made.minimum_version = made.maximum_version = version
    return made


class Server:
    """Calls `serve(connection)` in a thread for each connection, encrypted if there is a context."""

    def __init__(self, serve, context: ssl.SSLContext | None = None):
        self._serve = serve
        self._context = context
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._handle, args=(self._listener.accept()[0],), daemon=True).start()

    def _handle(self, connection):
        with contextlib.suppress(OSError), connection:  # a client that hangs up or is refused is no fault of the server
            connection.settimeout(SECONDS)
            if self._context is None:
                return self._serve(connection)
            with self._context.wrap_socket(connection, server_side=True) as encrypted:
                self._serve(encrypted)


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers with the method, the path and the body of the request, in chunks below /chunks and after a detour from /moved."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = f"{self.command} {self.path} ".encode() + body
        if self.path.startswith("/moved"):
            return self._head(302, Location="/there", **{"Content-Length": "0"})
        if self.path.startswith("/chunks"):
            self._head(200, **{"Transfer-Encoding": "chunked"})
            for part in (answer, b"-" * 70_000, b""):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            return
        self._head(200, **{"Content-Length": str(len(answer)), "Content-Type": "text/plain"})
        self.wfile.write(answer)

    do_POST = do_PUT = do_GET

    def _head(self, status, **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_):
        pass


def http_server(context: ssl.SSLContext | None = None, handler=Answers) -> Server:
    """A server whose connections may carry any number of requests."""
    return Server(lambda connection: handler(connection, connection.getpeername(), None), context)


def proxy(context: ssl.SSLContext | None = None) -> Server:
    """A proxy that makes tunnels (CONNECT)."""
    def serve(client):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
        host, port = head.split()[1].decode().rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=SECONDS) as upstream:
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            pump(client, upstream)

    return Server(serve, context)


def pump(one, other):
    """Carries what two connections send to each other, until one ends."""
    while True:
        read = getattr(one, "pending", int)() and [one]  # what has been decrypted already does not show in select
        for source in read or select.select([one, other], [], [], SECONDS)[0]:
            data = source.recv(1 << 16)
            if not data:
                return
            (other if source is one else one).sendall(data)


class OpensslServer(Running):
    """`openssl s_server` with these options beside its port; sends each line back reversed."""

    def __init__(self, identity: Identity, *options):
        words = ["openssl", "s_server", "-accept", f"{LOOPBACK}:0", "-cert", identity.certificate, "-key", identity.key,
                 "-cert_chain", identity.chain, "-rev", *options]
        super().__init__(words=list(map(str, words)))
        self.until(b"ACCEPT ")
        self.port = int(re.search(rb":(\d+)", self.until(b"\n"))[1])


def openssl_client(port: int, *options, send=b"") -> str:
    """What `openssl s_client` says: it sends `send` and reads to the server's end."""
    words = ["openssl", "s_client", "-connect", f"{LOOPBACK}:{port}", "-ign_eof", *map(str, options)]
    done = subprocess.run(words, input=send, capture_output=True, timeout=SECONDS)
    return (done.stdout + done.stderr).decode(errors="replace")


def curl(*words) -> str:
    """What curl gets; an error of its own is one of the test's."""
    if not shutil.which("curl"):
        raise unittest.SkipTest("curl is not here")
    done = subprocess.run(["curl", "--silent", "--show-error", "--max-time", str(SECONDS), *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"curl {' '.join(map(str, words))}: {done.stderr}")
    return done.stdout
