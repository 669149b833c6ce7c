"""Memory maps without the system's: the bytes of a file, read when the map is made, or anonymous memory.

WebAssembly maps no files. What a map promises holds all the same for memory of its own (anonymous), for what is only read
(ACCESS_READ) and for a private copy (ACCESS_COPY). A file's shared writable map is refused: nothing would write it back.
"""

import errno as _errno
import operator as _operator
import os as _os
import stat as _stat
import sys as _sys

ACCESS_DEFAULT, ACCESS_READ, ACCESS_WRITE, ACCESS_COPY = range(4)
PROT_READ, PROT_WRITE, PROT_EXEC = 1, 2, 4
MAP_SHARED, MAP_PRIVATE, MAP_ANON = 1, 2, 0x20
MAP_ANONYMOUS = MAP_ANON
PAGESIZE = ALLOCATIONGRANULARITY = 65536
error = OSError

_ACCESS = ("ACCESS_DEFAULT", "ACCESS_READ", "ACCESS_WRITE", "ACCESS_COPY")
_BOTH = PROT_READ | PROT_WRITE


def _access(access, flags, prot):
    """The access that is meant by these three, as one of the constants, and whether the map is private."""
    if access not in range(4):
        raise ValueError("mmap invalid access parameter.")
    if access != ACCESS_DEFAULT:
        if flags != MAP_SHARED or prot != _BOTH:
            raise ValueError("mmap can't specify both access and flags, prot.")
        return access, access == ACCESS_COPY
    if prot & _BOTH != _BOTH:
        access = ACCESS_WRITE if prot & PROT_WRITE else ACCESS_READ
    return access, bool(flags & MAP_PRIVATE)


def _file_length(fileno, length, offset):
    """The file's size and how much of it is mapped."""
    status = _os.fstat(fileno)
    size = status.st_size
    if not _stat.S_ISREG(status.st_mode):
        raise OSError(_errno.ENODEV, "only files can be mapped")
    if length == 0:
        if size == 0:
            raise ValueError("cannot mmap an empty file")
        if offset >= size:
            raise ValueError("mmap offset is greater than file size")
        if size - offset > _sys.maxsize:
            raise ValueError("mmap length is too large")
        return size, size - offset
    if offset > size or size - offset < length:
        raise ValueError("mmap length is greater than file size")
    return size, length


def _contents(fileno, length, offset):
    """That part of a file, wherever its position is."""
    data = bytearray(length)
    view, done = memoryview(data), 0
    while done < length:
        part = _os.pread(fileno, min(length - done, 1 << 20), offset + done)
        if not part:
            raise ValueError("mmap length is greater than file size")
        view[done : done + len(part)] = part
        done += len(part)
    view.release()
    return data


class mmap:
    """Bytes with a position, as those of a file."""

    def __new__(cls, fileno, length, flags=MAP_SHARED, prot=_BOTH, access=ACCESS_DEFAULT, offset=0, *, trackfd=True):
        fileno, length, offset = map(_operator.index, (fileno, length, offset))
        if length < 0:
            raise OverflowError("memory mapped length must be positive")
        if offset < 0:
            raise OverflowError("memory mapped offset must be positive")
        access, private = _access(access, flags, prot)
        self = super().__new__(cls)
        if offset % ALLOCATIONGRANULARITY:
            raise OSError(_errno.EINVAL, _os.strerror(_errno.EINVAL))
        if fileno == -1:
            if length == 0:
                raise OSError(_errno.EINVAL, _os.strerror(_errno.EINVAL))
            size, data = None, bytearray(length)
        else:
            size, length = _file_length(fileno, length, offset)
            if access != ACCESS_READ and not private:
                raise OSError(_errno.ENOTSUP, "WebAssembly has no shared writable maps of files; use access=mmap.ACCESS_COPY or ACCESS_READ")
            data = _contents(fileno, length, offset)
        self._data, self._file_size, self._access, self._offset = data, size, access, offset
        self._tracked, self._position, self._exports = trackfd, 0, 0
        return self

    def _open(self):
        if self._data is None:
            raise ValueError("mmap closed or invalid")
        return self._data

    def _writable(self):
        data = self._open()
        if self._access == ACCESS_READ:
            raise TypeError("mmap can't modify a readonly memory map.")
        return data

    def __buffer__(self, flags):
        data = self._open()
        if flags & 1 and self._access == ACCESS_READ:
            raise BufferError("Object is not writable.")
        self._exports += 1
        view = memoryview(data)
        return view.toreadonly() if self._access == ACCESS_READ else view

    def __release_buffer__(self, view):
        self._exports -= 1
        view.release()

    def __len__(self):
        return len(self._open())

    def __iter__(self):
        position = 0
        while position < len(self._open()):
            yield bytes(self._data[position : position + 1])
            position += 1

    def __getitem__(self, index):
        place = self._place(index)
        found = self._open()[place]
        return bytes(found) if isinstance(place, slice) else found

    def __setitem__(self, index, value):
        self._writable()
        place = self._place(index)
        if isinstance(place, slice):
            with memoryview(value) as given:
                if len(range(*place.indices(len(self._open())))) != given.nbytes:
                    raise IndexError("mmap slice assignment is wrong size")
                self._open()[place] = bytes(given)
        else:
            value = _byte(value)
            self._open()[place] = value

    def _place(self, index):
        """An index as a number that is within, a slice as one of numbers; what tells them may close the map."""
        if isinstance(index, slice):
            places = range(*index.indices(len(self._open())))
            return slice(places.start, None if places.stop < 0 else places.stop, places.step) if places else slice(0, 0)
        try:
            number = _operator.index(index)
        except TypeError:
            raise TypeError("mmap indices must be integers") from None
        size = len(self._open())
        if not -size <= number < size:
            raise IndexError("mmap index out of range")
        return number % size

    def __delitem__(self, index):
        self._writable()
        raise TypeError("mmap doesn't support item deletion" if not isinstance(index, slice) else "mmap object doesn't support slice deletion")

    def __repr__(self):
        name = f"{type(self).__module__}.{type(self).__qualname__}"
        if self._data is None:
            return f"<{name} closed=True>"
        return (
            f"<{name} closed=False, access={_ACCESS[self._access]}, "
            f"length={len(self._data)}, pos={self._position}, offset={self._offset}>"
        )

    def __enter__(self):
        self._open()
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def closed(self):
        return self._data is None

    def close(self):
        if self._exports:
            raise BufferError("cannot close exported pointers exist")
        self._data = None

    def size(self):
        self._open()
        if self._file_size is None:
            raise OSError(_errno.EBADF, _os.strerror(_errno.EBADF))
        if not self._tracked:
            raise ValueError("can't get size with trackfd=False")
        return self._file_size

    def tell(self):
        self._open()
        return self._position

    def seekable(self):
        return True

    def seek(self, pos, whence=0):
        size = len(self._open())
        if whence not in (0, 1, 2):
            raise ValueError("unknown seek type")
        position = _operator.index(pos) + (0, self._position, size)[whence]
        if not 0 <= position <= size:
            raise ValueError("seek out of range")
        self._position = position
        return position

    def read(self, n=None, /):
        count = -1 if n is None else _operator.index(n)
        data, start = self._open(), self._position
        end = len(data) if count < 0 else min(start + count, len(data))
        self._position = max(start, end)
        return bytes(data[start:end])

    def read_byte(self):
        data = self._open()
        if self._position >= len(data):
            raise ValueError("read byte out of range")
        self._position += 1
        return data[self._position - 1]

    def readline(self):
        data = self._open()
        end = data.find(b"\n", self._position) + 1
        return self.read((end or len(data)) - self._position)

    def write(self, bytes, /):
        data = self._writable()
        with memoryview(bytes) as given:
            end = self._position + given.nbytes
            if end > len(data):
                raise ValueError("data out of range")
            data[self._position : end] = given.cast("B") if given.nbytes else b""
            count = given.nbytes
        self._position = end
        return count

    def write_byte(self, byte, /):
        value = _operator.index(byte)
        if not 0 <= value < 256:
            raise OverflowError(f"unsigned byte integer is {'less than minimum' if value < 0 else 'greater than maximum'}")
        data = self._writable()
        if self._position >= len(data):
            raise ValueError("write byte out of range")
        data[self._position] = value
        self._position += 1

    def find(self, view, start=None, end=None, /):
        return self._search(bytearray.find, view, start, end)

    def rfind(self, view, start=None, end=None, /):
        return self._search(bytearray.rfind, view, start, end)

    def _search(self, search, view, start, end):
        self._open()
        start = self._position if start is None else _operator.index(start)
        end = len(self._open()) if end is None else _operator.index(end)
        return search(self._open(), view, start, end)

    def move(self, dest, src, count, /):
        dest, src, count = map(_operator.index, (dest, src, count))
        data = self._writable()
        if dest < 0 or src < 0 or count < 0 or max(dest, src) > len(data) - count:
            raise ValueError("source, destination, or count out of range")
        data[dest : dest + count] = data[src : src + count]

    def flush(self, offset=0, size=None, /):
        length = len(self._open())
        if size is None:
            size = length - offset
        if offset < 0 or size < 0 or length - offset < size:
            raise ValueError("flush values out of range")

    def resize(self, newsize, /):
        data = self._open()
        if self._exports:
            raise BufferError("mmap can't resize with extant pointers exported.")
        if not self._tracked:
            raise ValueError("mmap can't resize with trackfd=False.")
        if self._access in (ACCESS_READ, ACCESS_COPY):
            raise TypeError("mmap can't resize a readonly or copy-on-write memory map.")
        if newsize < 0:
            raise ValueError("new size out of range")
        del data[newsize:]
        data.extend(bytes(newsize - len(data)))


def _byte(value):
    value = _operator.index(value)
    if not 0 <= value < 256:
        raise ValueError("mmap item value must be in range(0, 256)")
    return value
