"""BLAKE3, with the interface of the PyPI package blake3.

Everything runs on one thread, whatever max_threads says; update_mmap() reads the file in pieces."""

import sys as _sys

from _blake3_cap import Error as _Error, Hasher as _Hasher, Purpose as _Purpose

__all__ = ["blake3", "__version__"]
__version__ = "1.0.11"
_PIECE = 1 << 20


def _bytes(data):
    """The buffer as bytes; only items of one byte that lie side by side have one meaning."""
    view = memoryview(data)
    if view.itemsize != 1 or not view.c_contiguous:
        raise BufferError("the buffer must be contiguous bytes")
    return view


class blake3:
    """A BLAKE3 hash; with `key` a keyed hash, with `derive_key_context` a key derivation."""

    name = "blake3"
    digest_size = 32
    block_size = 64
    key_size = 32
    AUTO = -1
    __slots__ = ("_hasher",)

    def __init__(self, data=None, /, *, key=None, derive_key_context=None, max_threads=1, usedforsecurity=True):
        if max_threads != self.AUTO and max_threads < 1:
            raise ValueError("not a valid number of threads")
        if key is not None and derive_key_context is not None:
            raise ValueError("cannot use key and derive_key_context at the same time")
        if derive_key_context is not None and not isinstance(derive_key_context, str):
            raise TypeError("derive_key_context must be str")
        purpose = _Purpose.Plain() if key is derive_key_context is None else \
            _Purpose.Derive(derive_key_context) if key is None else _Purpose.Keyed(_bytes(key))
        try:
            self._hasher = _Hasher.open(purpose)
        except _Error:
            raise ValueError("a key must have 32 bytes") from None
        if data is not None:
            self.update(data)

    def update(self, data, /):
        """Adds data; returns the hash itself."""
        self._hasher.update(data if type(data) is bytes else _bytes(data))
        return self

    def update_mmap(self, path):
        """Adds the contents of a file; returns the hash itself."""
        with open(path, "rb", buffering=0) as file:
            while piece := file.read(_PIECE):
                self._hasher.update(piece)
        return self

    def digest(self, length=32, *, seek=0):
        """`length` bytes of the output, from `seek` on."""
        if not -_sys.maxsize - 1 <= length <= _sys.maxsize:
            raise OverflowError("Python int too large to convert to C ssize_t")
        try:
            return self._hasher.digest(length, seek)
        except _Error:
            raise MemoryError from None

    def hexdigest(self, length=32, *, seek=0):
        """The same in hexadecimal."""
        if length > _sys.maxsize // 2:
            raise OverflowError("the digest would be too long")
        return self.digest(length, seek=seek).hex()

    def copy(self):
        """A copy that goes on by itself."""
        other = object.__new__(type(self))
        other._hasher = self._hasher.copy()
        return other

    def reset(self):
        """Forgets all data, not the key."""
        self._hasher.reset()
