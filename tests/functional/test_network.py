"""Who a program may talk to: nobody without a grant but itself, and with one whom it names."""

import http.server
import json
import socket
import threading
import unittest

from harness import Case, Running

TALK = """
import socket, select
def talk(server, client):
    peer, address = server.accept()
    client.sendall(b"question")
    assert peer.recv(100) == b"question"
    peer.sendall(b"answer")
    assert select.select([client], [], [], 10)[0] == [client]
    assert client.recv(100) == b"answer"
    client.shutdown(socket.SHUT_WR)
    assert peer.recv(100) == b""
    assert address == client.getsockname()
"""


class Served(Case):
    """A server of the machine's, outside of the sandbox."""

    def setUp(self):
        super().setUp()
        handler = type("Handler", (http.server.BaseHTTPRequestHandler,), {
            "do_GET": lambda self: (self.send_response(200), self.end_headers(), self.wfile.write(b"answer")),
            "log_message": lambda *_: None})
        self.server = http.server.HTTPServer(("127.0.0.1", 0), handler)
        self.port = self.server.server_address[1]
        thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def get(self, *before, host="127.0.0.1"):
        code = (f"import socket\ns = socket.create_connection(({host!r}, {self.port}), 10)\n"
                "s.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n')\nd = b''\nwhile c := s.recv(1000): d += c\nprint(d[-6:].decode())")
        return self.pylon(*before, "-c", code)


class Grants(Served):
    """No connection, no name lookup, no listening for others without a grant."""

    def test_without_a_grant(self):
        for code in (f"socket.create_connection(('127.0.0.1', {self.port}), 5)",
                     f"socket.create_connection(('localhost', {self.port}), 5)",
                     f"socket.create_connection(('0.0.0.0', {self.port}), 5)",
                     "socket.getaddrinfo('example.org', 80)", "socket.gethostbyname('example.org')",
                     f"s = socket.socket(); s.bind(('127.0.0.1', {free_port()})); s.listen()",
                     "s = socket.socket(); s.bind(('0.0.0.0', 0)); s.listen()", "s = socket.socket(); s.listen()",
                     f"s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x', ('127.0.0.1', {self.port}))",
                     f"s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('127.0.0.1', {self.port}))",
                     f"s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('127.0.0.1', {free_port()}))",
                     f"s = socket.socket(socket.AF_INET6); s.connect(('::1', {self.port}))",
                     f"s = socket.socket(); s.setblocking(False); s.connect(('127.0.0.1', {self.port}))"):
            with self.subTest(code):
                result = self.pylon("-c", f"import socket\ntry:\n    {code}\nexcept PermissionError as e:\n"
                                    "    print('refused')\nelse: print('GOT THROUGH')")
                self.assertEqual((result.code, result.out), (0, "refused\n"), result)

    def test_with_the_grant(self):
        for grant in (f"--allow-net=127.0.0.1:{self.port}", "--allow-net=127.0.0.1", "-A", f"--allow-net=localhost:{self.port}",
                      "--allow-net=127.0.0.0/8", f"--allow-net=127.0.0.0/8:{self.port}"):
            with self.subTest(grant):
                result = self.get(grant)
                self.assertEqual((result.code, result.out), (0, "answer\n"), result)

    def test_with_another_grant(self):
        for grant in (f"--allow-net=127.0.0.1:{self.port + 1}", "--allow-net=127.0.0.2", "--allow-net=example.org",
                      f"--allow-net=[::1]:{self.port}", "--allow-net=10.0.0.0/8", "--allow-net=0.0.0.0",
                      "--allow-net", "--allow-net=*", f"--allow-net=*:{self.port}"):
            with self.subTest(grant):
                self.assertEqual(self.get(grant).code, 1)

    def test_a_granted_name(self):
        result = self.get("--allow-net=localhost", host="localhost")
        self.assertEqual((result.code, result.out), (0, "answer\n"), result)

    def test_the_refusal_names_the_flag(self):
        result = self.get()
        self.assertEqual(result.code, 1)
        self.assertIn(f"pylon: connecting to 127.0.0.1:{self.port} was refused; allow it with "
                      f"--allow-net=127.0.0.1:{self.port}", result.err)
        self.assertIn("--allow-net=example.org", self.get(host="example.org").err)
        result = self.pylon("-c", "import socket; socket.create_server(('', 0))")
        self.assertIn("pylon: listening on 0.0.0.0 was refused; allow it with --allow-net=0.0.0.0\n", result.err)

    def test_a_server_for_others(self):
        code = ("import socket\ns = socket.create_server(('127.0.0.1', 0))\nprint(s.getsockname()[1], flush=True)\n"
                "peer, _ = s.accept()\npeer.sendall(b'welcome')\n")
        with Running("--allow-net=127.0.0.1", "-c", code) as run:
            port = int(run.until(b"\n"))
            with socket.create_connection(("127.0.0.1", port), 30) as client:
                self.assertEqual(client.recv(100), b"welcome")
            self.assertEqual(run.finish().code, 0)

    def test_what_was_used_and_refused_is_on_record(self):
        log = self.folder / "log"
        self.get(f"--audit={log}", f"--allow-net=127.0.0.1:{self.port}")
        self.get(f"--audit={log}")
        first, second = (json.loads(line) for line in (log / "audit.log").read_text().splitlines())
        self.assertEqual((first["network"], first["refused"]), ([f"connect 127.0.0.1:{self.port}"], []))
        self.assertEqual((second["network"], second["refused"]), ([], [f"connect 127.0.0.1:{self.port}"]))


class Itself(Case):
    """What needs no grant, because nobody else can see it."""

    def test_talk_over_loopback(self):
        for family, host in (("AF_INET", "127.0.0.1"), ("AF_INET6", "::1")):
            with self.subTest(family):
                self.assertEqual(self.output("-c", TALK + f"""
server = socket.create_server(({host!r}, 0), family=socket.{family})
for _ in range(3):
    talk(server, socket.create_connection(server.getsockname()[:2], 10))
print("good")
"""), "good\n")

    def test_a_socket_pair(self):
        self.assertEqual(self.output("-c", """
import socket
one, other = socket.socketpair()
one.sendall(b"x" * 1000)
assert len(other.recv(2000)) == 1000
print("good")
"""), "good\n")

    def test_datagrams(self):
        self.assertEqual(self.output("-c", """
import socket
one, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
one.bind(("127.0.0.1", 0))
one.settimeout(10)
other.settimeout(10)
other.sendto(b"question", one.getsockname())
data, address = one.recvfrom(100)
one.sendto(data + b" answered", address)
print(other.recv(100).decode())
"""), "question answered\n")

    def test_nobody_else_comes_in(self):
        code = ("import socket\ns = socket.create_server(('127.0.0.1', 0))\nprint(s.getsockname()[1], flush=True)\n"
                "input()\ns.settimeout(1)\ntry: s.accept()\nexcept TimeoutError: print('nobody')\n"
                "c = socket.create_connection(s.getsockname()); s.accept(); print('itself')\n")
        with Running("-c", code) as run:
            port = int(run.until(b"\n"))
            with socket.create_connection(("127.0.0.1", port), 30) as client:
                client.sendall(b"let me in")
                run.send(b"\n")
                result = run.finish()
                self.assertEqual((result.code, result.out.split()[1:]), (0, ["nobody", "itself"]), result)
                try:
                    self.assertEqual(client.recv(100), b"")
                except ConnectionResetError:
                    pass  # the system's word for a connection that was dropped with data in it

    def test_no_datagram_from_elsewhere(self):
        code = ("import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind(('127.0.0.1', 0))\n"
                "print(s.getsockname()[1], flush=True)\ninput()\ns.settimeout(1)\n"
                "try: print(s.recv(100))\nexcept TimeoutError: print('nothing')\n")
        with Running("-c", code) as run, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(b"let me in", ("127.0.0.1", int(run.until(b"\n"))))
            run.send(b"\n")
            self.assertEqual(run.finish().out.split()[1:], ["nothing"])

    def test_a_port_that_was_its_own_stays_closed(self):
        code = ("import socket\ns = socket.create_server(('127.0.0.1', 0))\na = s.getsockname()\ns.close()\n"
                "print(a[1], flush=True)\ninput()\ntry: socket.create_connection(a, 5)\n"
                "except ConnectionRefusedError: print('refused')\n")
        with Running("-c", code) as run:
            port = int(run.until(b"\n"))
            with socket.create_server(("127.0.0.1", port)):
                run.send(b"\n")
                self.assertEqual(run.finish().out.split()[1:], ["refused"])

    def test_what_was_written_arrives_after_the_end(self):
        code = ("import socket, sys\ns = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
                "s.setblocking(False)\nn = 0\n"
                "try:\n    while True: n += s.send(b'x' * 100_000)\nexcept BlockingIOError: print(n, flush=True)\n")
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with Running(f"--allow-net=127.0.0.1:{port}", "-c", code, str(port)) as run:
                peer, _ = server.accept()
                wanted, got = int(run.until(b"\n")), 0
                while data := peer.recv(1 << 20):
                    got += len(data)
                self.assertEqual(got, wanted)
                self.assertEqual(run.finish().code, 0)


def free_port() -> int:
    """A port at which nobody listens now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


if __name__ == "__main__":
    unittest.main()
