"""The functions in this module allow compression and decompression using the
zlib library, which is based on GNU zip.

adler32(string[, start]) -- Compute an Adler-32 checksum.
compress(data[, level]) -- Compress data, with compression level 0-9 or -1.
compressobj([level[, ...]]) -- Return a compressor object.
crc32(string[, start]) -- Compute a CRC-32 checksum.
decompress(string,[wbits],[bufsize]) -- Decompresses a compressed string.
decompressobj([wbits[, zdict]]) -- Return a decompressor object.

'wbits' is window buffer size and container format.
Compressor objects support compress() and flush() methods; decompressor
objects support decompress() and flush()."""

import sys as _sys
from operator import index as _index

import _zlib_cap
from _zlib_cap import Compressor as _Compressor, Decompressor as _Decompressor, Error as _Error
from _zlib_cap import adler32 as _adler32, crc32 as _crc32

__version__ = "1.0"
ZLIB_VERSION = ZLIB_RUNTIME_VERSION = _zlib_cap.version()
DEFLATED = 8
DEF_MEM_LEVEL = 8
DEF_BUF_SIZE = 16384
MAX_WBITS = 15
Z_NO_FLUSH, Z_PARTIAL_FLUSH, Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH, Z_BLOCK, Z_TREES = range(7)
Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED = range(5)
Z_NO_COMPRESSION, Z_BEST_SPEED, Z_BEST_COMPRESSION, Z_DEFAULT_COMPRESSION = 0, 1, 9, -1
_STREAM_ERROR, _MEMORY_ERROR = -2, -4


class error(Exception):
    pass


error.__module__ = "zlib"


def _raise(failure, doing):
    """Raises what CPython raises for an error code."""
    code, words = failure.value
    if code == _MEMORY_ERROR:
        raise MemoryError(f"Out of memory {doing}") from None
    raise error(f"Error {code} {doing}: {words}" if words else f"Error {code} {doing}") from None


def _size(value):
    """A length as C takes it."""
    value = _index(value)
    if value > _sys.maxsize:
        raise OverflowError("Python int too large to convert to C ssize_t")
    return value


def adler32(data, value=1, /):
    """Compute an Adler-32 checksum of data."""
    return _adler32(data, _index(value) & 0xFFFFFFFF)


def crc32(data, value=0, /):
    """Compute a CRC-32 checksum of data."""
    return _crc32(data, _index(value) & 0xFFFFFFFF)


def compress(data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS):
    """Returns a bytes object containing compressed data."""
    try:
        return _zlib_cap.compress(data, level, wbits)
    except _Error as failure:
        if failure.value.code == _STREAM_ERROR:
            raise error("Bad compression level") from None
        _raise(failure, "while compressing data")


def decompress(data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE):
    """Returns a bytes object containing the uncompressed data."""
    if _size(bufsize) < 0:
        raise ValueError("bufsize must be non-negative")
    try:
        return _zlib_cap.decompress(data, wbits)
    except _Error as failure:
        _raise(failure, "while preparing to decompress data" if failure.value.code == _STREAM_ERROR else "while decompressing data")


def compressobj(level=Z_DEFAULT_COMPRESSION, method=DEFLATED, wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL,
                strategy=Z_DEFAULT_STRATEGY, zdict=None):
    """Return a compressor object."""
    try:
        return _new(_Compress, _Compressor.open(level, method, wbits, memLevel, strategy, zdict))
    except _Error as failure:
        if failure.value.code == _STREAM_ERROR:
            raise ValueError("Invalid dictionary" if failure.value.message == "Invalid dictionary" else "Invalid initialization option") from None
        _raise(failure, "while creating compression object")


def _open_decompressor(wbits, zdict):
    try:
        return _Decompressor.open(wbits, zdict)
    except _Error as failure:
        if failure.value.code == _STREAM_ERROR:
            raise ValueError("Invalid initialization option") from None
        _raise(failure, "while setting zdict" if zdict is not None else "while creating decompression object")


def _check_dictionary(zdict):
    if zdict is not None:
        try:
            memoryview(zdict)
        except TypeError:
            raise TypeError("zdict argument must support the buffer protocol") from None


def decompressobj(wbits=MAX_WBITS, zdict=b""):
    """Return a decompressor object."""
    _check_dictionary(zdict)
    return _new(_Decompress, _open_decompressor(wbits, zdict or None))


def _new(kind, stream):
    made = object.__new__(kind)
    made._stream = stream
    return made


class _Stream:
    __slots__ = ("_stream",)
    __module__ = "zlib"

    def __init_subclass__(cls):
        cls.__module__ = "zlib"
        cls.__name__ = cls.__qualname__ = cls.__name__.removeprefix("_")

    def __new__(cls, *_, **__):
        raise TypeError(f"cannot create 'zlib.{cls.__name__}' instances")

    def __reduce_ex__(self, protocol):
        raise TypeError(f"cannot pickle 'zlib.{type(self).__name__}' object")

    def copy(self):
        """Return a copy of the object."""
        try:
            if self._stream is None:
                raise ValueError("Inconsistent stream state")
            made = _new(type(self), self._stream.copy())
        except _Error as failure:
            if failure.value.code == _STREAM_ERROR:
                raise ValueError("Inconsistent stream state") from None
            _raise(failure, "while copying the stream")
        for name in type(self).__slots__:
            if hasattr(self, name):
                setattr(made, name, getattr(self, name))
        return made

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo, /):
        return self.copy()


class _Compress(_Stream):
    __slots__ = ()

    def compress(self, data, /):
        """Returns a bytes object containing compressed data."""
        if self._stream is None:
            raise error("Error -2 while compressing data: inconsistent stream state")
        try:
            return self._stream.compress(data, 0)
        except _Error as failure:
            _raise(failure, "while compressing data")

    def flush(self, mode=Z_FINISH, /):
        """Return a bytes object containing any remaining compressed data."""
        if mode == Z_NO_FLUSH:
            return b""
        if self._stream is None:
            raise error("Error -2 while flushing: inconsistent stream state")
        try:
            data = self._stream.compress(b"", mode)
        except _Error as failure:
            _raise(failure, "while flushing")
        if mode == Z_FINISH:
            self._stream.close()
            self._stream = None
        return data


class _Decompress(_Stream):
    __slots__ = ("_unused", "_tail", "_eof")

    @property
    def unused_data(self):
        """Data found after the end of the compressed stream."""
        return getattr(self, "_unused", b"")

    @property
    def unconsumed_tail(self):
        """Data that the last call did not use because of max_length."""
        return getattr(self, "_tail", b"")

    @property
    def eof(self):
        """True if the end of the compressed stream has been reached."""
        return getattr(self, "_eof", False)

    def _decompress(self, data, max_length, doing):
        if getattr(self, "_eof", False):
            self._unused += bytes(data)
            self._tail = b""
            return b""
        try:
            out, used, eof = self._stream.decompress(data, max_length)
        except _Error as failure:
            _raise(failure, doing)
        rest = b"" if used == memoryview(data).nbytes else bytes(memoryview(data).cast("B")[used:])
        self._unused, self._tail = (rest, b"") if eof else (b"", rest)
        self._eof = eof
        return out

    def decompress(self, data, /, max_length=0):
        """Return a bytes object containing the decompressed version of data."""
        max_length = _size(max_length)
        if max_length < 0:
            raise ValueError("max_length must be non-negative")
        return self._decompress(data, max_length or -1, "while decompressing data")

    def flush(self, length=DEF_BUF_SIZE, /):
        """Return a bytes object containing any remaining decompressed data."""
        if _size(length) <= 0:
            raise ValueError("length must be greater than zero")
        if self._stream is None:
            return b""
        data = self._decompress(self.unconsumed_tail, -1, "while flushing")
        if self.eof:
            self._stream.close()
            self._stream = None
        return data


class _ZlibDecompressor:
    """Create a decompressor object for decompressing data incrementally."""

    __slots__ = ("_stream", "eof", "needs_input", "unused_data")
    __module__ = "zlib"

    def __init__(self, wbits=MAX_WBITS, zdict=b""):
        _check_dictionary(zdict)
        self._stream = _open_decompressor(wbits, zdict or None)
        self.eof, self.needs_input, self.unused_data = False, True, b""

    def decompress(self, data, max_length=-1):
        """Decompress *data*, returning uncompressed data as bytes."""
        if self.eof:
            raise EOFError("End of stream already reached")
        try:
            data, self.unused_data, self.eof, self.needs_input = self._stream.read(data, _size(max_length))
        except _Error as failure:
            _raise(failure, "while decompressing data")
        return data

    def __reduce_ex__(self, protocol):
        raise TypeError("cannot pickle 'zlib._ZlibDecompressor' object")
