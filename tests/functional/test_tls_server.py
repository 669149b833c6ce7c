"""Servers in the sandbox, of the standard library and of PyPI, answer the machine's curl and openssl over TLS."""

import contextlib
import re
import socket
import textwrap
import unittest

import clients
from harness import Running, command, environment, execute
from tls_servers import LOOPBACK, TlsCase, curl, openssl_client

# Each says where it is when it takes connections, and answers a request with the protocol, the path and the length of the body.
HEAD = """\
import asyncio, ssl, sys
certificate, key = sys.argv[1:]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)
"""
SERVERS = {
    "http.server": """
        import http.server
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                length = len(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(f"{self.request_version} {self.path} {length}".encode())
            do_POST = do_GET
            def log_message(self, *_):
                pass
        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print(f"https://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()
        """,
    "asyncio streams": """
        async def answer(reader, writer):
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\\r\\n")[1:] if line)
            length = len(await reader.readexactly(int(fields.get(b"content-length", 0))))
            _, path, version = head.split(b"\\r\\n")[0].decode().split(" ")
            text = f"{version} {path} {length}".encode()
            writer.write(b"HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n%b" % (len(text), text))
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        async def main():
            server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
            print(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
            await server.serve_forever()
        asyncio.run(main())
        """,
    "aiohttp.web": """
        from aiohttp import web
        async def answer(request):
            length = len(await request.read())
            return web.Response(text=f"HTTP/{request.version.major}.{request.version.minor} {request.path} {length}")
        async def main():
            application = web.Application(client_max_size=1 << 24)
            application.router.add_route("*", "/{rest:.*}", answer)
            runner = web.AppRunner(application)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
            print(f"https://127.0.0.1:{runner.addresses[0][1]}", flush=True)
            await asyncio.Event().wait()
        asyncio.run(main())
        """,
}
MULTIPLEXED = """
    import h2.config, h2.connection, h2.events
    class Connection(asyncio.Protocol):
        def connection_made(self, transport):
            self.transport, self.requests = transport, {}
            self.state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
            self.state.initiate_connection()
            self.flush()
        def data_received(self, data):
            for event in self.state.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    self.requests[event.stream_id] = [dict(event.headers)[":path"], 0]
                elif isinstance(event, h2.events.DataReceived):
                    self.requests[event.stream_id][1] += len(event.data)
                    self.state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded):
                    path, length = self.requests.pop(event.stream_id)
                    text = f"HTTP/2 {path} {length}".encode()
                    self.state.send_headers(event.stream_id, [(":status", "200"), ("content-length", str(len(text)))])
                    self.state.send_data(event.stream_id, text, end_stream=True)
            self.flush()
        def flush(self):
            self.transport.write(self.state.data_to_send())
    async def main():
        context.set_alpn_protocols(["h2"])
        server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0, ssl=context)
        print(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await server.serve_forever()
    asyncio.run(main())
    """
CLIENT = """\
import asyncio, httpx, ssl, sys
async def main():
    base, authorities, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    async with httpx.AsyncClient(http1=False, http2=True, verify=ssl.create_default_context(cafile=authorities)) as client:
        questions = [client.post(f"{base}/{number}", content=b"x" * 100_000) for number in range(count)]
        for answer in await asyncio.gather(*questions):
            print(answer.http_version, answer.text)
asyncio.run(main())
"""
REQUESTS = 12  # of one curl
AT_ONCE = ("--parallel", "--parallel-max", "5")  # as many as wait to be accepted by a server of the standard library


class ServerCase(TlsCase):
    """A test whose servers run in its folder and end with it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = environment(**clients.variables())

    def words(self, *arguments):
        return command([f"--allow-net={LOOPBACK}", f"--allow-read={self.made}", "--allow-env=AIOHTTP_NO_EXTENSIONS", *arguments])

    def start(self, *arguments):
        """A server of the sandbox that says https://...:PORT once it is ready; the process and that address."""
        running = Running(words=self.words(*arguments), cwd=self.folder, env=self.env)
        self.addCleanup(running.__exit__)
        try:
            running.until(b"https://127.0.0.1:")
        except AssertionError as error:
            running.process.kill()
            raise AssertionError(running.finish().err) from error
        port = int(re.match(rb"[0-9]+", running.until(b"\n"))[0])
        return running, f"https://{LOOPBACK}:{port}"

    def start_script(self, text):
        return self.start(self.write("server.py", HEAD + textwrap.dedent(text)), self.identity.chain, self.identity.key)

    def curl(self, *arguments):
        return curl("--cacert", self.root.certificate, *arguments)

    def assert_quiet(self, running):
        """The server has run until now, and has complained of nothing."""
        self.assertIsNone(running.process.poll())
        running.process.kill()
        self.assertEqual(running.finish().err, "")


class HttpServers(ServerCase):
    """Each server answers many requests, of one connection and of many at once."""

    @contextlib.contextmanager
    def serving(self, name):
        running, base = self.start_script(SERVERS[name])
        yield base
        self.assert_quiet(running)

    def many(self, base, *options):
        """The answers to requests at once, and what curl says of each."""
        said = self.curl(*AT_ONCE, *options, f"{base}/[1-{REQUESTS}]", "--output", "answer#1", "--output-dir", self.outside)
        return sorted((self.outside / f"answer{number}").read_text() for number in range(1, REQUESTS + 1)), said

    def answers(self, protocol):
        return sorted(f"{protocol} /{number} 0" for number in range(1, REQUESTS + 1))

    def test_requests(self):
        self.write("body", b"x" * 1_000_000)
        for name in SERVERS:
            with self.subTest(name), self.serving(name) as base:
                self.assertEqual(self.curl(f"{base}/a/b"), "HTTP/1.1 /a/b 0")
                self.assertEqual(self.curl("--http1.1", "--tls-max", "1.2", f"{base}/old"), "HTTP/1.1 /old 0")
                self.assertEqual(self.curl("--http1.1", "--data-binary", f"@{self.folder / 'body'}", f"{base}/post"), "HTTP/1.1 /post 1000000")
                self.assertEqual(self.many(base, "--http1.1")[0], self.answers("HTTP/1.1"))

    def test_multiplexed(self):
        self.write("body", b"x" * 1_000_000)
        running, base = self.start_script(MULTIPLEXED)
        answers, said = self.many(base, "--http2", "--write-out", "%{http_version} %{num_connects}\n")
        self.assertEqual(answers, self.answers("HTTP/2"))
        self.assertEqual(sorted(said.splitlines()), ["2 0"] * (REQUESTS - 1) + ["2 1"])
        self.assertEqual(self.curl("--http2", "--data-binary", f"@{self.folder / 'body'}", f"{base}/post"), "HTTP/2 /post 1000000")
        found = execute(self.words(self.write("client.py", CLIENT), base, self.root.certificate, REQUESTS), cwd=self.folder, env=self.env)
        self.assertEqual((found.code, found.out, found.err), (0, "".join(f"HTTP/2 HTTP/2 /{number} 100000\n" for number in range(REQUESTS)), ""))
        self.assert_quiet(running)

    def test_faulty_clients_do_no_harm(self):
        for name in SERVERS.keys() - {"http.server"}:  # that one is of one connection at a time
            with self.subTest(name), self.serving(name) as base:
                port = int(base.rpartition(":")[2])
                with socket.create_connection((LOOPBACK, port)), socket.create_connection((LOOPBACK, port)) as noise:
                    noise.sendall(b"GET / HTTP/1.1\r\n\r\n")
                    with self.assertRaisesRegex(AssertionError, "certificate problem: "):
                        curl(f"{base}/stranger")
                    self.assertIn("/still 0", self.curl(f"{base}/still"))


class Modules(ServerCase):
    """`python -m http.server` with a certificate."""

    def test_http_server(self):
        self.write("files/page.html", b"<p>" + b"page" * 100_000)
        files = ("--tls-cert", self.identity.chain, "--tls-key", self.identity.key)
        running, base = self.start("-u", "-m", "http.server", "-b", LOOPBACK, "-d", "files", "0", *files)
        self.assertEqual(self.curl(f"{base}/page.html"), "<p>" + "page" * 100_000)
        self.assertIn('href="page.html"', self.curl(f"{base}/"))
        self.assertEqual(self.curl("--output", "/dev/null", "--write-out", "%{http_code}", f"{base}/nothing"), "404")
        pages = (f"{base}/page.html?[1-8]", "--output", "page#1", "--output-dir", self.outside)
        self.assertEqual(self.curl(*AT_ONCE, *pages, "--write-out", "%{size_download} ").split(), ["400003"] * 8)
        running.interrupt()
        ended = running.finish()
        self.assertEqual(ended.code, 0)
        self.assertIn("Keyboard interrupt received, exiting.", ended.out)


class Upgrades(ServerCase):
    """A connection that begins without TLS."""

    SCRIPT = """
        async def answer(reader, writer):
            writer.write(b"220 ready\\r\\n")
            while line := (await reader.readline()).strip():
                if line == b"STARTTLS":
                    writer.write(b"220 go on\\r\\n")
                    await writer.start_tls(context)
                else:
                    writer.write(b"250 " + writer.get_extra_info("cipher", ["plain"])[0].encode() + b"\\r\\n")
                await writer.drain()
                if line == b"QUIT":
                    break
            writer.close()
        async def main():
            server = await asyncio.start_server(answer, "127.0.0.1", 0)
            print(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
            await server.serve_forever()
        asyncio.run(main())
        """

    def test_start_tls(self):
        running, base = self.start_script(self.SCRIPT)
        said = openssl_client(int(base.rpartition(":")[2]), "-starttls", "smtp", "-CAfile", self.root.certificate, send=b"QUIT\n")
        self.assertIn("Verify return code: 0 (ok)", said)
        self.assertIn("250 TLS_AES_256_GCM_SHA384\r\n", said)
        self.assert_quiet(running)


if __name__ == "__main__":
    unittest.main()
