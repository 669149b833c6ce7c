"""HTTP clients of PyPI and of the standard library, unchanged, speak to a server of this machine, with and without TLS."""

import functools
import http.server
import ssl
import textwrap
import unittest
import zipfile

import clients
from certificates import Authority
from harness import environment
from tls_servers import LOOPBACK, TlsCase, context, http_server, proxy

# Each client asks the same, of a server without TLS, of one with it, and of one that it does not trust.
QUESTIONS = ("/", "/a/b?c=%C3%A4", "/moved", "/chunks")
ANSWERS = [f"200 {len(text)} {text[:30]}" for text in (
    "GET / ", "GET /a/b?c=%C3%A4 ", "GET /there ", "GET /chunks " + 70_000 * "-", "POST /post " + "body" * 50_000)]
SCRIPT = """\
import sys
plain, encrypted, authorities, others = sys.argv[1:]
paths = {paths}
body = b"body" * 50_000

def show(status, data):
    text = data.decode()
    print(status, len(text), text[:30])

def ask(base, authorities):
{client}
ask(plain, None)
ask(encrypted, authorities)
try:
    ask(encrypted, others)
except Exception as error:
    print(type(error).__name__, "certificate verify failed: self-signed certificate in certificate chain" in str(error) or error)
"""
CLIENTS = {
    "http.client": """
        import http.client, ssl, urllib.parse
        where = urllib.parse.urlsplit(base)
        if authorities:
            context = ssl.create_default_context(cafile=authorities)
            client = http.client.HTTPSConnection(where.hostname, where.port, context=context)
        else:
            client = http.client.HTTPConnection(where.hostname, where.port)
        for path in (path.replace("/moved", "/there") for path in paths):
            client.request("GET", path)
            answer = client.getresponse()
            show(answer.status, answer.read())
        client.request("POST", "/post", body)
        answer = client.getresponse()
        show(answer.status, answer.read())
        """,
    "urllib.request": """
        import ssl, urllib.request
        handlers = [urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=authorities))] if authorities else []
        opener = urllib.request.build_opener(*handlers)
        for path in paths:
            with opener.open(base + path) as answer:
                show(answer.status, answer.read())
        with opener.open(base + "/post", body) as answer:
            show(answer.status, answer.read())
        """,
    "urllib3": """
        import urllib3
        with urllib3.PoolManager(ca_certs=authorities) as pool:
            for path in paths:
                answer = pool.request("GET", base + path, timeout=30)
                show(answer.status, answer.data)
            answer = pool.request("POST", base + "/post", body=body)
            show(answer.status, answer.data)
        """,
    "requests": """
        import requests
        with requests.Session() as session:
            session.verify = authorities
            for path in paths:
                answer = session.get(base + path, timeout=30)
                show(answer.status_code, answer.content)
            with session.post(base + "/post", body, stream=True) as answer:
                show(answer.status_code, b"".join(answer.iter_content(1000)))
        """,
    "httpx": """
        import httpx, ssl
        verify = ssl.create_default_context(cafile=authorities) if authorities else False
        with httpx.Client(verify=verify, follow_redirects=True) as client:
            for path in paths:
                answer = client.get(base + path)
                show(answer.status_code, answer.content)
            answer = client.post(base + "/post", content=body)
            show(answer.status_code, answer.content)
        """,
    "httpx.AsyncClient": """
        import asyncio, httpx, ssl
        async def main():
            verify = ssl.create_default_context(cafile=authorities) if authorities else False
            async with httpx.AsyncClient(verify=verify, follow_redirects=True) as client:
                questions = [client.get(base + path) for path in paths] + [client.post(base + "/post", content=body)]
                for answer in await asyncio.gather(*questions):
                    show(answer.status_code, answer.content)
        asyncio.run(main())
        """,
    "aiohttp": """
        import aiohttp, asyncio, ssl
        async def ask(session, method, path, body=None):
            async with session.request(method, base + path, data=body) as answer:
                return answer.status, await answer.read()
        async def main():
            connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=authorities) if authorities else True)
            async with aiohttp.ClientSession(connector=connector) as session:
                questions = [ask(session, "GET", path) for path in paths] + [ask(session, "POST", "/post", body)]
                for answer in await asyncio.gather(*questions):
                    show(*answer)
        asyncio.run(main())
        """,
    "asyncio streams": """
        import asyncio, ssl, urllib.parse
        where = urllib.parse.urlsplit(base)
        async def ask(method, path, body=b""):
            context = ssl.create_default_context(cafile=authorities) if authorities else None
            reader, writer = await asyncio.open_connection(where.hostname, where.port, ssl=context)
            writer.write(f"{method} {path} HTTP/1.0\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n".encode() + body)
            head, _, data = (await reader.read()).partition(b"\\r\\n\\r\\n")
            writer.close()
            await writer.wait_closed()
            if b"chunked" in head:
                parts = data.split(b"\\r\\n")
                data = parts[1] + parts[3]
            return int(head.split()[1]), data
        async def main():
            questions = [ask("GET", path.replace("/moved", "/there")) for path in paths] + [ask("POST", "/post", body)]
            for answer in await asyncio.gather(*questions):
                show(*answer)
        asyncio.run(main())
        """,
}
REFUSALS = {
    "http.client": "SSLCertVerificationError", "urllib.request": "URLError", "urllib3": "MaxRetryError", "requests": "SSLError", "httpx": "ConnectError",
    "httpx.AsyncClient": "ConnectError", "aiohttp": "ClientConnectorCertificateError", "asyncio streams": "SSLCertVerificationError",
}
# What they trust unless they are told: certifi's authorities or the machine's, and never just anybody.
DEFAULTS = """\
import aiohttp, asyncio, httpx, requests, sys, urllib.request, urllib3

async def get(base):
    async with aiohttp.ClientSession() as session:
        await session.get(base)

def tell(ask, *words):
    try:
        print(ask(*words))
    except Exception as error:
        print(type(error).__name__, "certificate verify failed" in str(error) or error)

tell(urllib.request.urlopen, sys.argv[1])
tell(urllib3.PoolManager(retries=False).request, "GET", sys.argv[1])
tell(requests.get, sys.argv[1])
tell(httpx.get, sys.argv[1])
tell(lambda: asyncio.run(get(sys.argv[1])))
"""
# What they ask through a tunnel to a server with TLS; the second proxy is asked over TLS itself.
TUNNELS = """\
import aiohttp, asyncio, httpx, requests, ssl, sys, urllib3
base, authorities, *proxies = sys.argv[1:]
context = ssl.create_default_context(cafile=authorities)

async def ask(proxy):
    async with aiohttp.ClientSession() as session, session.get(f"{base}/aiohttp", proxy=proxy, ssl=context) as answer:
        return await answer.text()

for proxy in proxies:
    print(requests.get(f"{base}/requests", verify=authorities, proxies={"https": proxy}).text)
    print(urllib3.ProxyManager(proxy, ca_certs=authorities).request("POST", f"{base}/urllib3", body=b"body" * 25_000).data.decode()[:20])
    print(httpx.Client(proxy=httpx.Proxy(proxy, ssl_context=context if proxy.startswith("https") else None), verify=context).get(f"{base}/httpx").text)
    print(asyncio.run(ask(proxy)))
"""
WHEEL = {  # what is in the wheel that pip gets
    "demo.py": "print('from the index')\n",
    "demo-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
    "demo-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "demo-1.0.dist-info/RECORD": "demo.py,,\ndemo-1.0.dist-info/METADATA,,\ndemo-1.0.dist-info/WHEEL,,\ndemo-1.0.dist-info/RECORD,,\n",
}


class ClientCase(TlsCase):
    """A test with the clients."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = environment(**clients.variables())

    def client(self, text, port, *arguments, flags=(), **options):
        """Runs a client that may speak to that port alone."""
        flags = [f"--allow-net={LOOPBACK}:{port}", "--allow-env=AIOHTTP_NO_EXTENSIONS", f"--allow-read={self.made}", *flags]
        return self.pylon(*flags, self.write("client.py", text), *arguments, env=self.env, **options)


class Clients(ClientCase):
    """Each client does all that it is asked."""

    def test_all(self):
        other = Authority(self.made, "other").certificate
        with http_server() as plain, http_server(context(self.identity)) as encrypted:
            places = (f"http://{LOOPBACK}:{plain.port}", f"https://{LOOPBACK}:{encrypted.port}", self.root.certificate, other)
            for name, text in CLIENTS.items():
                with self.subTest(name):
                    script = SCRIPT.format(paths=QUESTIONS, client=textwrap.indent(textwrap.dedent(text), "    "))
                    result = self.client(script, encrypted.port, *places, flags=[f"--allow-net={LOOPBACK}:{plain.port}"])
                    self.assertEqual((result.code, result.err), (0, ""))
                    self.assertEqual(result.out.splitlines(), [*ANSWERS, *ANSWERS, f"{REFUSALS[name]} True"])

    def test_no_default_trusts_a_stranger(self):
        with http_server(context(self.identity)) as server:
            result = self.client(DEFAULTS, server.port, f"https://{LOOPBACK}:{server.port}")
        self.assertEqual((result.code, result.err), (0, ""))
        refusals = ["URLError", "SSLError", "SSLError", "ConnectError", "ClientConnectorCertificateError"]
        self.assertEqual(result.out.splitlines(), [f"{name} True" for name in refusals])

    def test_threads(self):
        text = """\
            import concurrent.futures, sys, urllib3
            with urllib3.PoolManager(ca_certs=sys.argv[2], maxsize=4) as pool, concurrent.futures.ThreadPoolExecutor(4) as threads:
                answers = threads.map(lambda number: pool.request("GET", f"{sys.argv[1]}/{number}").data.decode(), range(24))
                print(*answers, sep="\\n")
            """
        with http_server(context(self.identity)) as server:
            result = self.client(textwrap.dedent(text), server.port, f"https://{LOOPBACK}:{server.port}", self.root.certificate)
        self.assertEqual((result.code, result.out, result.err), (0, "".join(f"GET /{number} \n" for number in range(24)), ""))

    def test_tunnels(self):
        with http_server(context(self.identity)) as server, proxy() as plain, proxy(context(self.identity)) as encrypted:
            words = (f"https://{LOOPBACK}:{server.port}", self.root.certificate, f"http://{LOOPBACK}:{plain.port}", f"https://{LOOPBACK}:{encrypted.port}")
            result = self.client(TUNNELS, plain.port, *words, flags=[f"--allow-net={LOOPBACK}:{encrypted.port}"])
        self.assertEqual((result.code, result.err), (0, ""))
        self.assertEqual(result.out.splitlines(), ["GET /requests ", "POST /urllib3 bodybo", "GET /httpx ", "GET /aiohttp "] * 2)

    def test_authorities_of_the_environment(self):
        statement = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read())"
        with http_server(context(self.identity)) as server:
            words = self.write("client.py", statement), f"https://{LOOPBACK}:{server.port}/"
            flags = [f"--allow-net={LOOPBACK}:{server.port}", "--allow-env=SSL_CERT_FILE"]
            env = environment(SSL_CERT_FILE=str(self.root.certificate))
            self.assertEqual(self.output(*flags, f"--allow-read={self.root.certificate}", *words, env=env), "b'GET / '\n")
            unread = self.pylon(*flags, *words, env=env)
            self.assertIn("certificate verify failed", unread.err)
            self.assertIn(f"allow it with --allow-read={self.root.certificate}", unread.err)

    def test_client_certificate(self):
        identity = self.root.issue("client")
        statement = "import requests, sys; print(requests.get(sys.argv[1], verify=sys.argv[2], cert=tuple(sys.argv[3:]) or None).text)"
        # In TLS 1.3 a client learns of its refusal after it has begun to write; in 1.2 before.
        with http_server(context(self.identity, clients=self.root.certificate, version=ssl.TLSVersion.TLSv1_2)) as server:
            words = f"https://localhost:{server.port}/", self.root.certificate
            flags = [f"--allow-net=localhost:{server.port}"]
            known = self.client(statement, server.port, *words, identity.chain, identity.key, flags=flags)
            self.assertEqual((known.code, known.out, known.err), (0, "GET / \n", ""))
            unknown = self.client(statement, server.port, *words, flags=flags)
            self.assertEqual(unknown.code, 1)
            self.assertIn("SSLError: ", unknown.err)
            self.assertIn("SSLV3_ALERT_HANDSHAKE_FAILURE", unknown.err)


class Files(http.server.SimpleHTTPRequestHandler):
    """Files and listings of a folder, in silence."""

    def log_message(self, *_):
        pass


class Pip(ClientCase):
    """pip gets a wheel from an index with TLS."""

    def setUp(self):
        super().setUp()
        with zipfile.ZipFile(self.folder / "demo-1.0-py3-none-any.whl", "w") as wheel:
            for name, text in WHEEL.items():
                wheel.writestr(name, text)
        self.wheel = (self.folder / "demo-1.0-py3-none-any.whl").read_bytes()
        index = self.outside / "simple" / "demo"
        index.mkdir(parents=True)
        (self.folder / "demo-1.0-py3-none-any.whl").rename(index / "demo-1.0-py3-none-any.whl")
        self.server = http_server(context(self.identity), functools.partial(Files, directory=str(self.outside)))
        self.addCleanup(self.server.__exit__)

    def pip(self, command, *options):
        """Runs a command of pip that may speak to the index alone."""
        flags = [f"--allow-net={LOOPBACK}:{self.server.port}", f"--allow-read={self.made}", "--allow-write=.", "--allow-env=HOME", "--allow-env=TMPDIR"]
        index = f"https://{LOOPBACK}:{self.server.port}/simple"
        return self.pylon(*flags, "-m", "pip", command, "--disable-pip-version-check", "--index-url", index, *options,
                          env={**self.env, "HOME": str(self.folder), "TMPDIR": str(self.folder)})

    def test_download(self):
        result = self.pip("download", "--cert", self.root.certificate, "-d", "got", "demo")
        self.assertEqual((result.code, result.err), (0, ""))
        self.assertEqual((self.folder / "got" / "demo-1.0-py3-none-any.whl").read_bytes(), self.wheel)

    def test_install(self):
        result = self.pip("install", "--cert", self.root.certificate, "--root-user-action", "ignore", "--target", "site", "demo")
        self.assertEqual((result.code, result.err), (0, ""))
        self.assertEqual(self.output("-m", "demo", env=environment(PYTHONPATH="site")), "from the index\n")

    def test_a_stranger_is_not_trusted(self):
        result = self.pip("download", "--retries", "0", "-d", "got", "demo")
        self.assertEqual(result.code, 1)
        self.assertIn("self-signed certificate in certificate chain", result.out + result.err)
        self.assertEqual(list((self.folder / "got").glob("*")), [])


if __name__ == "__main__":
    unittest.main()
