"""Bytes that arrays are made of."""

from .errors import ArrowInvalid

__all__ = ["Buffer", "py_buffer"]


class Buffer:
    """A view of bytes, with the buffer protocol; slices share them."""

    __slots__ = ("_view",)

    def __init__(self, data):
        self._view = as_view(data)

    size = property(lambda self: self._view.nbytes, doc="The number of bytes.")
    is_mutable = property(lambda self: not self._view.readonly, doc="True if the bytes can be written.")

    def __buffer__(self, flags):
        return self._view

    def __len__(self):
        return self._view.nbytes

    def __getitem__(self, at):
        return self.slice(*_span(at, len(self))) if isinstance(at, slice) else self._view[at]

    def slice(self, offset=0, length=None):
        """A part, which shares the bytes."""
        if offset < 0:
            raise IndexError("Offset must be non-negative")
        return Buffer(self._view[offset:] if length is None else self._view[offset:offset + length])

    def to_pybytes(self):
        """A copy as bytes."""
        return self._view.tobytes()

    def equals(self, other):
        """True if the bytes are equal."""
        return self._view == as_view(other)

    def __eq__(self, other):
        try:
            return self.equals(other)
        except TypeError:
            return NotImplemented

    __hash__ = None

    def hex(self):
        """The bytes in hexadecimal."""
        return self._view.hex()

    def __repr__(self):
        return f"<arrow.Buffer size={self.size} is_mutable={self.is_mutable}>"


def _span(at, length):
    start, stop, step = at.indices(length)
    if step != 1:
        raise IndexError("only slices with step 1 supported")
    return start, max(0, stop - start)


def as_view(data):
    """Any contiguous buffer as a view of bytes."""
    view = memoryview(data)
    if view.format == "B" and view.ndim == 1 and view.c_contiguous:
        return view
    if not view.c_contiguous:
        raise ArrowInvalid("a buffer is not contiguous")
    return view.cast("B")


def py_buffer(data):
    """A Buffer over any object with the buffer protocol."""
    return data if isinstance(data, Buffer) else Buffer(data)
