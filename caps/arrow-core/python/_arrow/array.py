"""Arrays: a type over buffers. Nothing is copied where an array is made of buffers, sliced or looked at."""

import functools

import _arrow_core_cap as _cap

from . import values as _values
from .buffer import Buffer, as_view
from .errors import ArrowIndexError, ArrowInvalid, translated
from .types import as_type

__all__ = ["Array", "Scalar", "scalar"]

_EMPTY = memoryview(b"")
_NO_PLACE = -2**63
# How many buffers each kind of layout has.
BUFFERS = {"null": 0, "bool": 2, "fixed": 2, "variable": 3, "list": 2, "map": 2, "fixed_size_list": 1, "struct": 1, "dense_union": 2, "sparse_union": 1}


class Array:
    """Values of one type. `type`, `offset` and the buffers are those of the Arrow C data interface."""

    __slots__ = ("type", "offset", "_length", "buffer_views", "children", "dictionary", "_nulls")

    def __init__(self, type, length, buffers, nulls=-1, offset=0, children=(), dictionary=None):
        self.type, self._length, self.offset, self._nulls = type, length, offset, nulls
        self.buffer_views = [None if one is None else as_view(one) for one in buffers]
        self.children, self.dictionary = tuple(children), dictionary
        self._check()

    def _check(self):
        """What can be told without looking into the buffers: that they are there and long enough."""
        type, end = self.type, self.offset + self._length
        views = self.buffer_views
        if self.offset < 0 or self._length < 0 or len(views) != BUFFERS[type.kind]:
            raise ArrowInvalid(f"an array of {self._length} values of type {type} cannot be made of {len(views)} buffers")
        if views and type.kind not in ("dense_union", "sparse_union") and views[0] is not None:
            if views[0].nbytes == 0:
                views[0] = None
            elif views[0].nbytes * 8 < end:
                raise self._short(0)
        for at, least in self._needed(end):
            if (0 if views[at] is None else views[at].nbytes) < least:
                raise self._short(at)
        for child, least in zip(self.children, self._needed_children(end), strict=True):
            if len(child) < least:
                raise ArrowInvalid(f"a child of an array of type {type} has {len(child)} values, and {least} are needed")

    def _short(self, at):
        size = 0 if self.buffer_views[at] is None else self.buffer_views[at].nbytes
        return ArrowInvalid(f"buffer {at} of an array of {self._length} values of type {self.type} is too short: {size} bytes")

    def _needed(self, end):
        """(buffer, least number of bytes)."""
        kind = self.type.kind
        if kind == "fixed":
            return [(1, end * self.type.width)]
        if kind == "bool":
            return [(1, (end + 7) // 8)]
        if kind in ("variable", "list", "map"):
            return [(1, (end + 1) * (8 if self.type.code == "q" else 4) if end else 0)]
        if kind == "dense_union":
            return [(0, end), (1, end * 4)]
        return [(0, end)] if kind == "sparse_union" else []

    def _needed_children(self, end):
        kind = self.type.kind
        if kind == "fixed_size_list":
            return [end * self.type.width]
        return [end if kind in ("struct", "sparse_union") else 0] * len(self.type.fields)

    @staticmethod
    def from_buffers(type, length, buffers, null_count=-1, offset=0, children=None):
        """An array over buffers, without a copy."""
        type = as_type(type)
        return Array(type, length, buffers, null_count, offset, children or ())

    # What it consists of

    def buffers(self):
        """The buffers, those of the children after its own; None for a bitmap that is not there."""
        own = [None if view is None else Buffer(view) for view in self.buffer_views]
        return own + [one for child in self.children for one in child.buffers()]

    def __buffer__(self, flags):
        """The values themselves: of a type of fixed width that memoryview knows, and without nulls."""
        if self.type.kind != "fixed" or self.null_count:
            raise BufferError(f"an array of type {self.type} with {self.null_count} nulls is no buffer of values")
        raw = self.raw()
        return raw.cast(self.type.code) if self.type.code else raw

    def raw(self):
        """The bytes of the values of fixed width."""
        width = self.type.width
        return (self.buffer_views[1] or _EMPTY)[self.offset * width:(self.offset + self._length) * width]

    def offsets_view(self):
        """Where each of the values begins in the child or data, and the last one ends."""
        size = 8 if self.type.code == "q" else 4
        view = self.buffer_views[1]
        if view is None or view.nbytes == 0:
            return memoryview(bytes(size)).cast(self.type.code)
        return view[self.offset * size:(self.offset + self._length + 1) * size].cast(self.type.code)

    def column(self):
        """What the component is given of an array without children."""
        data = [b"" if view is None else view for view in self.buffer_views]
        return self.type.format, self.offset, self._length, data

    @property
    def null_count(self):
        """How many values are null."""
        if self._nulls < 0:
            self._nulls = self._count_nulls()
        return self._nulls

    def _count_nulls(self):
        if self.type.kind == "null":
            return self._length
        if not self.has_bitmap:
            return 0
        with translated():
            return self._length - _cap.values.count_ones(self.buffer_views[0], self.offset, self._length)

    @property
    def has_bitmap(self):
        """True if there is a bitmap that says what is null."""
        return self.type.kind not in ("null", "dense_union", "sparse_union") and self.buffer_views[0] is not None

    def valid_bytes(self):
        """A byte for each value, 0 if it is null; or None if none is."""
        if self.type.kind == "null":
            return bytes(self._length)
        if not self.has_bitmap or self._nulls == 0:
            return None
        with translated():
            return _cap.values.unpack_bits(self.buffer_views[0], self.offset, self._length)

    @property
    def nbytes(self):
        """The bytes that all its buffers have."""
        return sum(view.nbytes for view in self.buffer_views if view is not None) + sum(child.nbytes for child in self.children) + (self.dictionary.nbytes if self.dictionary else 0)

    def validate(self, *, full=False):
        """Raises ArrowInvalid if it is not what its type says; with full, all values are looked at."""
        self._check()
        if not full:
            return
        if self.dictionary is not None:
            self.dictionary.validate(full=True)
            _values.dictionary_values(self)
        elif self.type.kind in ("list", "map"):
            _values.checked_offsets(self)
        elif self.type.kind not in ("struct", "fixed_size_list", "dense_union", "sparse_union", "null"):
            with translated():
                _cap.values.check(self.column())
        for child in self.children:
            child.validate(full=True)

    # As values

    def to_pylist(self):
        """The values as Python objects."""
        return _values.to_pylist(self)

    tolist = to_pylist

    def __len__(self):
        return self._length

    def __iter__(self):
        return map(functools.partial(Scalar, self.type), self.to_pylist())

    def __getitem__(self, at):
        if isinstance(at, slice):
            start, stop, step = at.indices(self._length)
            return self.slice(start, max(0, stop - start)) if step == 1 else self.take(list(range(start, stop, step)))
        if not -self._length <= at < self._length:
            raise ArrowIndexError("index out of bounds")
        return Scalar(self.type, self.slice(at % self._length, 1).to_pylist()[0])

    def slice(self, offset=0, length=None):
        """A part, which shares the buffers."""
        if offset < 0:
            raise ArrowIndexError("Offset must be non-negative")
        offset = min(offset, self._length)
        length = self._length - offset if length is None else min(length, self._length - offset)
        return Array(self.type, length, self.buffer_views, 0 if self._nulls == 0 else -1, self.offset + offset, self.children, self.dictionary)

    def is_null(self):
        """An array of truth values: which are null."""
        return self._flags([not flag for flag in self.valid_bytes() or bytes([1]) * self._length])

    def is_valid(self):
        """An array of truth values: which are not null."""
        return self._flags(self.valid_bytes() or bytes([1]) * self._length)

    def _flags(self, flags):
        from .build import array
        return array(list(map(bool, flags)), "bool")

    def field(self, at):
        """A child of a struct or union, by place or name."""
        place = [one.name for one in self.type.fields].index(at) if isinstance(at, str) else at
        child = self.children[place]
        return child.slice(self.offset, self._length) if self.type.kind in ("struct", "sparse_union") else child

    def flatten(self):
        """The values of a list, without those of lists that are null; the fields of a struct."""
        if self.type.kind == "struct":
            return [self.field(i) for i in range(len(self.children))]
        from .build import array
        return array([value for one in self.to_pylist() if one is not None for value in one], self.type.value_field.type)

    @property
    def values(self):
        """The child of a list, whole."""
        return self.children[0]

    @property
    def indices(self):
        """Of a dictionary: the places."""
        return Array(self.type.index_type, self._length, self.buffer_views, self._nulls, self.offset)

    def dictionary_decode(self):
        """The values that the places of a dictionary stand for, as an array of their type."""
        return self if self.dictionary is None else self.dictionary.take(self.indices)

    def dictionary_encode(self, index_type=None):
        """The same as places in an array of the different values."""
        from .build import array
        from .types import dictionary, int32
        index_type = index_type or int32()
        values = self.to_pylist()
        places = {value: place for place, value in enumerate(dict.fromkeys(value for value in values if value is not None))}
        indices = array(list(map(places.get, values)), index_type)
        return Array(dictionary(index_type, self.type), len(values), indices.buffer_views, indices.null_count, dictionary=array(list(places), self.type))

    def take(self, indices):
        """The values at these places, null where the place is."""
        if self.dictionary is not None:
            taken = self.indices.take(indices)
            return Array(self.type, len(taken), taken.buffer_views, taken.null_count, dictionary=self.dictionary)
        if self.children or self.type.kind == "null":
            places, values = _listed(indices), self.to_pylist()
            _values.check_places(places, len(values))
            from .build import array
            return array([None if place is None else values[place] for place in places], self.type)
        places = _places(indices)
        with translated():
            made = _cap.values.take(self.column(), places)
        return from_made(self.type, len(places), made)

    def filter(self, mask):
        """The values for which the mask is true."""
        flags = mask.to_pylist() if hasattr(mask, "to_pylist") else list(mask)
        if len(flags) != self._length:
            raise ArrowInvalid(f"a mask of {len(flags)} values for an array of {self._length}")
        return self.take([place for place, flag in enumerate(flags) if flag])

    def cast(self, target_type):
        """The same values in another type."""
        from .cast import cast
        return cast(self, as_type(target_type))

    def unique(self):
        """Each different value once, in order."""
        from .build import array
        return array(list(dict.fromkeys(self.to_pylist())), self.type)

    def equals(self, other):
        """True if type and values are the same."""
        return isinstance(other, Array) and self.type == other.type and len(self) == len(other) and self.to_pylist() == other.to_pylist()

    def __eq__(self, other):
        return self.equals(other) if isinstance(other, Array) else NotImplemented

    __hash__ = None

    def __str__(self):
        shown = [*self.slice(0, 10).to_pylist(), *([...] if len(self) > 20 else []), *self.slice(max(10, len(self) - 10)).to_pylist()]
        return "[" + "".join(f"\n  {'...' if one is ... else 'null' if one is None else repr(one)}," for one in shown).rstrip(",") + ("\n]" if shown else "]")

    def __repr__(self):
        return f"<arrow.Array of {self.type}>\n{self}"

    def __reduce__(self):
        return _rebuilt, (self.type, self._length, [None if view is None else view.tobytes() for view in self.buffer_views], self.offset, self.children, self.dictionary)

    def __arrow_ipc__(self, max_rows=None):
        """This one column as messages of the IPC format."""
        from .table import RecordBatch
        return RecordBatch.from_arrays([self], [""]).__arrow_ipc__(max_rows)


def _listed(indices):
    return indices.to_pylist() if hasattr(indices, "to_pylist") else list(indices)


def _places(indices):
    """Places as the component has them: where it is null, the least number."""
    if isinstance(indices, Array) and indices.type.format == "l" and not indices.null_count:
        return memoryview(indices)
    places = _listed(indices)
    return [_NO_PLACE if place is None else place for place in places] if None in places else places


def _rebuilt(type, length, buffers, offset, children, dictionary):
    return Array(type, length, buffers, -1, offset, children, dictionary)


def from_made(type, length, made):
    """An array of what the component has made."""
    buffers = list(made.buffers)
    if made.null_count == 0:
        buffers[0] = None
    return Array(type, length, buffers, made.null_count)


class Scalar:
    """One value and its type."""

    __slots__ = ("type", "_value")

    def __init__(self, type, value):
        self.type, self._value = type, value

    def as_py(self):
        """The value as a Python object."""
        return self._value

    is_valid = property(lambda self: self._value is not None, doc="False if it is null.")

    def equals(self, other):
        """True if type and value are the same."""
        return isinstance(other, Scalar) and self.type == other.type and self._value == other._value

    def __eq__(self, other):
        return self.equals(other) if isinstance(other, Scalar) else NotImplemented

    def __hash__(self):
        return hash(self._value)

    def __bool__(self):
        return bool(self._value)

    def __int__(self):
        return int(self._value)

    def __float__(self):
        return float(self._value)

    def __str__(self):
        return str(self._value)

    def __repr__(self):
        return f"<arrow.Scalar of {self.type}: {self._value!r}>"


def scalar(value, type=None):
    """A value with its type."""
    from .build import array
    return array([value], type)[0]
