"""The buffer between a connection and a program that does the network's part itself."""

from _pylon_caps import seal
from _ssl.constants import SSL_ERROR_SSL
from _ssl.errors import said
from _ssl.native import not_pickled


@seal
class MemoryBIO:
    """A memory buffer that can be used to pass data between Python and an SSL protocol instance."""

    __module__ = "_ssl"
    __slots__ = ("_data", "_ended", "__weakref__")

    def __init__(self):
        self._data, self._ended = bytearray(), False

    @property
    def pending(self):
        """The number of bytes pending in the memory BIO."""
        return len(self._data)

    @property
    def eof(self):
        """Whether the memory BIO is at EOF."""
        return self._ended and not self._data

    def read(self, size=-1, /):
        """Read up to size bytes from the memory BIO.

        If size is not specified, read the entire buffer.
        If the return value is an empty bytes instance, this means either
        EOF or that no data is available. Use the "eof" property to
        distinguish between the two."""
        data = self._data
        if size < 0 or size >= len(data):
            self._data = bytearray()
            return bytes(data)
        out = bytes(memoryview(data)[:size])
        del data[:size]
        return out

    def write(self, b, /):
        """Writes the bytes b into the memory BIO.

        Returns the number of bytes written."""
        with memoryview(b) as view:
            if not view.c_contiguous:
                raise BufferError("memoryview: underlying buffer is not C-contiguous")
            if self._ended:
                raise said(SSL_ERROR_SSL, "cannot write() after write_eof()")
            self._data += view
            return view.nbytes

    def write_eof(self):
        """Write an EOF marker to the memory BIO.

        When all data has been read, the "eof" property will be True."""
        self._ended = True

    __reduce__ = not_pickled
