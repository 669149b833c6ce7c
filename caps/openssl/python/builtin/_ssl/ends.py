"""Where a connection's bytes come from and go to: a socket, or two MemoryBIO."""

import select
import time
from _thread import allocate_lock
from _weakref import ref

import _socket
from _ssl.constants import SSL_ERROR_SYSCALL
from _ssl.errors import SSLWantReadError, said, wants_read, wants_write

_RECEIVE, _SEND = _socket.socket.recv, _socket.socket.send
_HEADER = 5  # bytes of a record before its body
_LARGEST_BODY = 16384 + 2048
_PIECE = 16384  # what is encrypted at a time where sending may have to stop
_LARGE_PIECE = 131072  # the same where it may not
_WINDOW = 32768  # of a MemoryBIO, given to the cap at a time


class Deadline:
    """How long an operation may still wait: for ever, not at all, or for the rest of the socket's timeout."""

    __slots__ = ("timeout", "ends", "what")

    def __init__(self, timeout, what):
        self.timeout, self.ends, self.what = timeout, None, what

    def wait(self, sock, event):
        """Waits for the socket. At first its own timeout does: it ends an eighth too late at most."""
        if not self.timeout:
            return
        now = time.monotonic()
        if self.ends is None:
            self.ends = now + self.timeout
        if now < self.ends - self.timeout * 0.875:
            return
        poll = select.poll()
        poll.register(sock.fileno(), select.POLLIN if event == "read" else select.POLLOUT)
        if now >= self.ends or not poll.poll((self.ends - now) * 1000):
            raise self.expired()

    def expired(self):
        return TimeoutError(f"The {self.what} operation timed out")


class SocketEnd:
    """The network side of a connection: a socket that somebody else owns. Never takes more from it than the record that is due."""

    __slots__ = ("_sock", "_inbox", "_outbox", "_ended", "_sending")
    chunk = property(lambda self: _PIECE if self.socket().gettimeout() is not None else _LARGE_PIECE)

    def __init__(self, sock):
        self._sock, self._inbox, self._outbox, self._ended, self._sending = ref(sock), b"", bytearray(), False, allocate_lock()

    def socket(self):
        """The socket, if its owner still has it."""
        sock = self._sock()
        if sock is None or sock.fileno() < 0:
            raise said(SSL_ERROR_SYSCALL, "Underlying socket connection gone")
        return sock

    def deadline(self, what):
        return Deadline(_socket.socket.gettimeout(self.socket()), what)

    def offer(self):
        return self._inbox, self._ended

    def taken(self, count):
        if count:
            self._inbox = self._inbox[count:]

    def put(self, data):
        self._outbox += data

    @property
    def empty(self):
        """Whether nothing can be had without the socket."""
        return not self._inbox and not self._ended

    def flush(self, deadline):
        """Sends what waits; raises SSLWantWriteError where the socket must not wait."""
        with self._sending:
            sock, outbox = self.socket(), self._outbox
            while outbox:
                deadline.wait(sock, "write")
                try:
                    count = _SEND(sock, outbox)
                except (BlockingIOError, InterruptedError):
                    raise wants_write() from None
                except TimeoutError:
                    raise deadline.expired() from None
                del outbox[:count]

    def fill(self, wanted, deadline):
        """Receives what OpenSSL asked for. If that is a record's header, the body, too, if it is there."""
        sock = self.socket()
        first = not self._inbox and wanted in (0, _HEADER)
        data = self._receive(sock, wanted or _HEADER, deadline)
        self._inbox += data
        if not data:
            self._ended = True
        elif first and len(data) == _HEADER and 20 <= data[0] <= 24 and data[1] == 3:
            size = data[3] << 8 | data[4]
            if 0 < size <= _LARGEST_BODY:
                try:
                    self._inbox += self._receive(sock, size, deadline)
                except SSLWantReadError:
                    pass  # the header alone is something, too

    @staticmethod
    def _receive(sock, count, deadline):
        deadline.wait(sock, "read")
        try:
            return _RECEIVE(sock, count)
        except (BlockingIOError, InterruptedError):
            raise wants_read() from None
        except TimeoutError:
            raise deadline.expired() from None


class BufferEnd:
    """The same for two MemoryBIO, which never wait."""

    __slots__ = ("_incoming", "_outgoing", "_window", "_all", "_stuck")
    chunk, empty = _LARGE_PIECE, False  # what is there is looked at by OpenSSL

    def __init__(self, incoming, outgoing):
        self._incoming, self._outgoing, self._window, self._all, self._stuck = incoming, outgoing, _WINDOW, True, False

    def socket(self):
        return None

    def deadline(self, what):
        return None

    def offer(self):
        """What there is, but not so much that a large buffer is copied for each record in it."""
        data = self._incoming._data
        self._all = len(data) <= self._window
        return (bytes(data), self._incoming._ended) if self._all else (bytes(memoryview(data)[:self._window]), False)

    def taken(self, count):
        self._stuck = not count
        del self._incoming._data[:count]

    def put(self, data):
        self._outgoing._data += data

    def flush(self, deadline):
        pass

    def fill(self, wanted, deadline):
        """More of what is there, if not all of it was offered."""
        if self._all and not self._incoming.eof:
            raise wants_read()
        if self._stuck:
            self._window *= 2
