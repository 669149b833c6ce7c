"""Blobs: values that are read and written in place."""

from operator import index as _index

import _sqlite3.cap as _cap
from _sqlite3.errors import ProgrammingError, of

_LARGEST = 0x7FFFFFFF
_SET, _CURRENT, _END = range(3)


class Blob:
    """A blob of a database, by connection.blobopen()."""

    __module__ = "sqlite3"
    __iter__ = None
    _blob = None

    def __new__(cls, *arguments, **keywords):
        raise TypeError("cannot create 'sqlite3.Blob' instances")

    def _check(self):
        self._connection._check_open()
        self._connection._check_thread()
        if self._blob is None:
            raise ProgrammingError("Cannot operate on a closed blob.")

    def _shut(self):
        if self._blob is not None:
            blob, self._blob = self._blob, None
            blob.close()

    def close(self):
        """Close the blob."""
        self._connection._check_open()
        self._connection._check_thread()
        self._shut()

    def __enter__(self):
        """Blob context manager enter."""
        self._check()
        return self

    def __exit__(self, type, val, tb, /):
        """Blob context manager exit."""
        self._check()
        self._shut()
        return False

    def __len__(self):
        self._check()
        return self._blob.size()

    def tell(self):
        """Return the current access position for the blob."""
        self._check()
        return self._offset

    def seek(self, offset, origin=_SET, /):
        """Set the current access position to offset.

        The origin argument defaults to os.SEEK_SET (absolute blob positioning).
        Other values for origin are os.SEEK_CUR (seek relative to the current position)
        and os.SEEK_END (seek relative to the blob's end)."""
        offset, origin = _int(offset), _int(origin)
        self._check()
        size = self._blob.size()
        if origin not in (_SET, _CURRENT, _END):
            raise ValueError("'origin' should be os.SEEK_SET, os.SEEK_CUR, or os.SEEK_END")
        base = (0, self._offset, size)[origin]
        if origin != _SET and offset > _LARGEST - base:
            raise OverflowError("seek offset results in overflow")
        if not 0 <= base + offset <= size:
            raise ValueError("offset out of blob range")
        self._offset = base + offset

    def read(self, length=-1, /):
        """Read data at the current offset position.

        If the end of the blob is reached, the data up to end of file will be returned.
        When length is not specified, or is negative, Blob.read() will read until the
        end of the blob."""
        length = _int(length)
        self._check()
        left = self._blob.size() - self._offset
        if not 0 <= length <= left:
            length = left
        if length == 0:
            return b""
        data = self._read(self._offset, length)
        self._offset += length
        return data

    def write(self, data, /):
        """Write data at the current offset.

        This function cannot change the blob length.  Writing beyond the end of the
        blob will result in an exception being raised."""
        with memoryview(data) as view:
            self._check()
            self._write(self._offset, view)
            self._offset += view.nbytes

    def _read(self, offset, length):
        try:
            return self._blob.read(offset, length)
        except _cap.Problem as problem:
            raise of(problem.value) from None

    def _write(self, offset, view):
        if view.nbytes > self._blob.size() - offset:
            raise ValueError("data longer than blob length")
        try:
            self._blob.write(offset, view)
        except _cap.Problem as problem:
            raise of(problem.value) from None

    def _position(self, key):
        size = self._blob.size()
        try:
            position = _index(key)
        except TypeError:
            raise TypeError("Blob indices must be integers") from None
        if position > _LARGEST or position < -_LARGEST:
            raise IndexError("cannot fit 'int' into an index-sized integer")
        position += size if position < 0 else 0
        if not 0 <= position < size:
            raise IndexError("Blob index out of range")
        return position

    def __getitem__(self, key):
        self._check()
        if not isinstance(key, slice):
            return self._read(self._position(key), 1)[0]
        places = self._places(key)
        if not places:
            return b""
        _check_step(places)
        return self._read(places.start, places.stop - places.start)[::places.step]

    def __setitem__(self, key, value):
        self._check()
        if isinstance(key, slice):
            return self._set_slice(key, value)
        position = self._position(key)
        if not isinstance(value, int):
            raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
        if not 0 <= value <= 255:
            raise ValueError("byte must be in range(0, 256)")
        self._write(position, memoryview(bytes((value,))))

    def _places(self, key):
        return range(*key.indices(self._blob.size()))

    def _set_slice(self, key, value):
        places = self._places(key)
        with memoryview(value) as view:
            if not view.c_contiguous:
                raise BufferError("memoryview: underlying buffer is not C-contiguous")
            if view.nbytes != len(places):
                raise IndexError("Blob slice assignment is wrong size")
            if not places:
                return
            _check_step(places)
            if places.step == 1:
                return self._write(places.start, view)
            data = bytearray(self._read(places.start, places.stop - places.start))
            data[::places.step] = view.cast("B")
            self._write(places.start, memoryview(data))

    def __delitem__(self, key):
        self._check()
        if isinstance(key, slice):
            raise TypeError("Blob doesn't support slice deletion")
        if not hasattr(key, "__index__"):
            raise TypeError("Blob indices must be integers")
        raise TypeError("Blob doesn't support item deletion")


def open(connection, blob):
    """The object for a blob of the cap's."""
    self = object.__new__(Blob)
    self._connection, self._blob, self._offset = connection, blob, 0
    return self


def _check_step(places):
    if places.step < 0:
        raise ValueError("Blob doesn't support slices with a negative step")


def _int(value):
    value = _index(value)
    if not -_LARGEST - 1 <= value <= _LARGEST:
        raise OverflowError("Python int too large to convert to C int")
    return value
