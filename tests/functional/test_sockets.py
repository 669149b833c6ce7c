"""Sockets as programs know them, over loopback, which needs no grant; names; asyncio over them."""

import unittest

from harness import Case

PAIR = "import errno, os, select, socket\na, b = socket.socketpair()\n"


class Sockets(Case):
    """States, options and ways to wait."""

    def good(self, code, *before):
        self.assertEqual(self.output(*before, "-c", code + "\nprint('good')\n"), "good\n")

    def test_a_connection_on_its_way(self):
        self.good("""
import socket
server = socket.create_server(("127.0.0.1", 0))
for _ in range(20):
    client = socket.socket()
    client.setblocking(False)
    try:
        client.connect(server.getsockname())
    except BlockingIOError:
        pass
    assert client.getpeername() == server.getsockname()
    assert client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
    client.setblocking(True)
    peer, address = server.accept()
    assert address == client.getsockname()
    client.sendall(b"x")
    assert peer.recv(1) == b"x"
""")

    def test_states(self):
        self.good("""
import socket
s = socket.socket()
assert s.getsockname() == ("0.0.0.0", 0)
assert socket.socket(socket.AF_INET6).getsockname() == ("::", 0, 0, 0)
for attempt in (s.getpeername, lambda: s.recv(1), lambda: s.send(b"x"), lambda: s.shutdown(socket.SHUT_RDWR)):
    try:
        attempt()
    except OSError as error:
        import errno
        assert error.errno in (errno.ENOTCONN, errno.EPIPE), error
    else:
        raise AssertionError(attempt)
s.bind(("127.0.0.1", 0))
try:
    s.bind(("127.0.0.1", 0))
except OSError as error:
    assert error.errno == errno.EINVAL
""")

    def test_looking_at_data(self):
        self.good(PAIR + """
a.sendall(b"hello")
assert b.recv(3, socket.MSG_PEEK) == b"hel" and b.recv(3, socket.MSG_PEEK) == b"hel"
assert select.select([b], [], [], 0)[0] == [b]
assert b.recv(2) == b"he" and b.recv(10) == b"l"
assert b.recv(10) == b"lo"
assert b.recv(0) == b""
a.sendall(b"xy")
b.recv(1, socket.MSG_PEEK)
assert os.read(b.fileno(), 10) == b"x"
one, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
one.bind(("127.0.0.1", 0))
other.sendto(b"datagram", one.getsockname())
assert one.recvfrom(4, socket.MSG_PEEK)[0] == b"data"
other.sendto(b"next", one.getsockname())
data, address = one.recvfrom(4)
assert data == b"data" and address[0] == "127.0.0.1"
assert one.recv(100) == b"next"
""")

    def test_waiting(self):
        self.good(PAIR + """
a.settimeout(0.05)
try:
    a.recv(1)
except TimeoutError:
    pass
poll = select.poll()
poll.register(a, select.POLLIN)
idle = socket.socket()
poll.register(idle, select.POLLIN)
assert [event for _, event in poll.poll(0)] == [select.POLLHUP]
closed = socket.socket()
number = closed.fileno()
closed.close()
other = select.poll()
other.register(number, select.POLLIN)
assert other.poll(0) == [(number, select.POLLNVAL)]
b.close()
assert select.select([a], [], [], 5)[0] == [a] and a.recv(1) == b""
""")

    def test_what_waits_for_the_reader(self):
        self.good(PAIR + """
a.setblocking(False)
sent = 0
try:
    while True:
        sent += a.send(bytes(100_000))
except BlockingIOError:
    pass
a.close()
got = 0
while data := b.recv(1 << 20):
    got += len(data)
assert got == sent, (got, sent)
""")

    def test_second_descriptors(self):
        self.good(PAIR + """
copy = a.dup()
a.close()
copy.sendall(b"x")
assert b.recv(1) == b"x"
copy.close()
assert b.recv(1) == b""
number = os.dup(1)
os.write(number, b"")
os.close(number)
""")

    def test_ipv6_only(self):
        self.good("""
import socket
server = socket.create_server(("::1", 0), family=socket.AF_INET6)
client = socket.create_connection(server.getsockname()[:2])
assert server.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 1
assert not socket.has_dualstack_ipv6()
""")

    def test_the_exception_names_the_flag(self):
        for code, flag in (("socket.create_connection(('192.0.2.1', 80))", "192.0.2.1:80"),
                           ("socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))", "[2001:db8::1]:80"),
                           ("socket.create_server(('127.0.0.1', 1))", "127.0.0.1:1"),
                           ("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))", "192.0.2.1:53"),
                           ("socket.getaddrinfo('example.org', 80)", "example.org")):
            with self.subTest(code):
                self.assertIn(f"Permission denied; allow it with --allow-net={flag}", self.output("-c", (
                    f"import socket\ntry: {code}\nexcept PermissionError as error: print(error)")))

    def test_names(self):
        self.good("""
import socket
assert socket.getaddrinfo("127.0.0.1", "https", type=socket.SOCK_STREAM) == [
    (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 443))]
assert socket.getaddrinfo(None, 80, socket.AF_INET6, socket.SOCK_DGRAM, 0, socket.AI_PASSIVE)[0][4] == ("::", 80, 0, 0)
assert ("127.0.0.1", 80) in [entry[4] for entry in socket.getaddrinfo("localhost", 80)]
assert socket.gethostbyname_ex("localhost") == ("localhost", [], ["127.0.0.1"])
assert socket.gethostbyaddr("127.0.0.1")[0] == "localhost"
assert socket.getnameinfo(("127.0.0.1", 80), 0) == ("localhost", "http")
assert socket.getnameinfo(("192.0.2.1", 80), socket.NI_NUMERICSERV) == ("192.0.2.1", "80")
assert (socket.getservbyname("https"), socket.getservbyport(25), socket.getprotobyname("udp")) == (443, "smtp", 17)
assert socket.gethostname() == "localhost"
for host in ("no such name", "a:b", ""):
    try:
        socket.getaddrinfo(host, 80, flags=0)
    except socket.gaierror as error:
        assert error.errno == socket.EAI_NONAME, error
    else:
        assert host == "", host
""")


class Asyncio(Case):
    """The event loop over sockets, in one thread."""

    def good(self, code):
        self.assertEqual(self.output("-c", code + "\nprint('good')\n"), "good\n")

    def test_streams(self):
        self.good("""
import asyncio
async def serve(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
    writer.close()
async def ask(port, count):
    reader, writer = await asyncio.open_connection("localhost", port)
    for number in range(count):
        writer.write(b"line %d\\n" % number)
        assert await reader.readline() == b"LINE %d\\n" % number
    writer.close()
    await writer.wait_closed()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await asyncio.gather(*(ask(port, 20) for _ in range(10)))
    server.close()
    await server.wait_closed()
asyncio.run(main())
""")

    def test_datagrams(self):
        self.good("""
import asyncio
class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport): self.transport = transport
    def datagram_received(self, data, address): self.transport.sendto(data[::-1], address)
class Ask(asyncio.DatagramProtocol):
    def __init__(self): self.answer = asyncio.get_running_loop().create_future()
    def connection_made(self, transport): transport.sendto(b"abc")
    def datagram_received(self, data, address): self.answer.set_result(data)
async def main():
    loop = asyncio.get_running_loop()
    echo, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    ask, protocol = await loop.create_datagram_endpoint(Ask, remote_addr=echo.get_extra_info("sockname"))
    assert await asyncio.wait_for(protocol.answer, 10) == b"cba"
    ask.close(); echo.close()
asyncio.run(main())
""")


if __name__ == "__main__":
    unittest.main()
