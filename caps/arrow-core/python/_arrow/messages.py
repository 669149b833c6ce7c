"""Schemas and batches as messages of Arrow's IPC format, and back. The component reads and writes what says where the buffers lie; the
buffers are put together, and looked at, here."""

import _arrow_core_cap as _cap

from .array import BUFFERS, Array
from .errors import ArrowInvalid, ArrowNotImplementedError, translated
from .types import DataType, Field, Schema

ALIGNMENT = 8
END = b"\xff\xff\xff\xff\0\0\0\0"
_LONGEST = 2**31 - 1


# Schemas

def schema_fields(schema):
    """The fields of a schema in pre-order, the schema itself first."""
    ids = iter(range(2**31))
    fields = [("", "+s", False, False, list((schema.metadata or {}).items()), len(schema), None)]
    for one in schema:
        _append_field(one, fields, ids)
    return fields


def _append_field(field, to, ids):
    type = field.type
    encoding = None if type.value_type is None else (next(ids), type.ordered)
    to.append((field.name, type.format, field.nullable, type.keys_sorted, list((field.metadata or {}).items()), len(type.fields), encoding))
    if type.value_type is not None:
        _append_field(Field("", type.value_type), to, ids)
    for child in type.fields:
        _append_field(child, to, ids)


def schema_message(schema):
    """A schema as a whole message; it is made once."""
    if schema._message is None:
        with translated():
            schema._message = _cap.metadata.encode_schema((schema_fields(schema), False))
    return schema._message


class Layout:
    """A schema that was read, and the numbers of the dictionaries of its fields: for each field (number or None, [the same of its children])."""

    def __init__(self, described):
        if described.big_endian:
            raise ArrowNotImplementedError("the data are big-endian")
        fields = iter(described.fields)
        root = next(fields)
        self.values = {}  # number: (type, what is below it)
        columns = [self._field(fields) for _ in range(root.children)]
        self.below = [below for _, below in columns]
        self.schema = Schema([made for made, _ in columns], dict(root.metadata))

    def _field(self, fields):
        one = next(fields)
        if one.dictionary is None:
            values, below = None, (None, [])
        else:
            inner, beneath = self._field(fields)
            values, below = inner.type, (one.dictionary.id, [])
            self.values[one.dictionary.id] = values, beneath
        children = [self._field(fields) for _ in range(one.children)]
        if values is None:
            below = None, [each for _, each in children]
            type = DataType(one.format, [made for made, _ in children], keys_sorted=one.keys_sorted)
        else:
            type = DataType(one.format, (), values, one.dictionary.ordered)
        return Field(one.name, type, one.nullable, dict(one.metadata)), below


# Batches

def buffers_of(batch, body):
    """The buffers of a batch, where they lie in its body."""
    places = iter(batch.buffers)
    return (body[offset:offset + length] for offset, length in zip(places, places, strict=True))


class _Cursor:
    """Takes nodes and buffers of a batch from the front."""

    def __init__(self, batch, buffers, dictionaries):
        self.nodes, self.buffers, self.dictionaries = iter(batch.nodes), iter(buffers), dictionaries

    def array(self, type, below):
        """An array of this type; below: the numbers of its dictionary and of its children's."""
        length, nulls = self._next(self.nodes, "fields"), self._next(self.nodes, "fields")
        if length > _LONGEST:
            raise ArrowInvalid(f"a field of {length} values")
        buffers = [self._next(self.buffers, "buffers") for _ in range(BUFFERS[type.kind])]
        number, beneath = below
        children = [self.array(child.type, each) for child, each in zip(type.fields, beneath)]
        return Array(type, length, buffers, nulls, children=children, dictionary=None if number is None else self._dictionary(number))

    def _dictionary(self, number):
        if number not in self.dictionaries:
            raise ArrowInvalid(f"a batch refers to dictionary {number}, which did not come before it")
        return self.dictionaries[number]

    @staticmethod
    def _next(parts, what):
        value = next(parts, None)
        if value is None:
            raise ArrowInvalid(f"a batch has fewer {what} than its schema needs")
        return value

    def finish(self):
        if next(self.nodes, None) is not None or next(self.buffers, None) is not None:
            raise ArrowInvalid("a batch has more fields or buffers than its schema needs")


def read_columns(batch, buffers, layout, dictionaries):
    """The columns of a batch of records, over its buffers."""
    cursor = _Cursor(batch, buffers, dictionaries)
    columns = [cursor.array(one.type, below) for one, below in zip(layout.schema, layout.below)]
    cursor.finish()
    if batch.length > _LONGEST or any(len(column) != batch.length for column in columns):
        raise ArrowInvalid(f"a batch of {batch.length} rows has columns of other lengths")
    return columns


def read_dictionary(batch, buffers, layout, dictionaries):
    """Takes the values of a dictionary into `dictionaries`."""
    number = batch.dictionary.id
    if number not in layout.values:
        raise ArrowInvalid(f"there are values of dictionary {number}, which the schema does not have")
    cursor = _Cursor(batch, buffers, dictionaries)
    values = cursor.array(*layout.values[number])
    cursor.finish()
    if batch.dictionary.is_delta:
        from .concat import concat_arrays
        values = concat_arrays([dictionaries[number], values]) if number in dictionaries else values
    dictionaries[number] = values


def _append_column(array, nodes, buffers):
    """The nodes and buffers of an array and its children."""
    nodes += (len(array), array.null_count)
    buffers += own_buffers(array)
    for child in _children(array):
        _append_column(child, nodes, buffers)


def _laid_out(buffers):
    """(offset and length of each buffer, the parts of the body, its size); each buffer is a sequence of parts."""
    places, body, end = [], [], 0
    for parts in buffers:
        size = sum(memoryview(part).nbytes for part in parts)
        places += (end, size)
        padding = -size % ALIGNMENT
        body += (*parts, bytes(padding)) if padding else parts
        end += size + padding
    return places, body, end


def own_buffers(array):
    """The buffers of an array from its offset on."""
    if array.type.kind == "null":
        return []
    first = [] if array.type.kind.endswith("union") else [_bits(array, 0) if array.null_count else None]
    kind = array.type.kind
    if kind == "bool":
        return [*first, _bits(array, 1)]
    if kind == "fixed":
        return [*first, array.raw()]
    if kind == "variable":
        offsets, start, end = _own_offsets(array)
        data = array.buffer_views[2]
        return [*first, offsets, None if data is None else data[start:end]]
    if kind in ("list", "map"):
        return [*first, _own_offsets(array)[0]]
    if kind == "dense_union":
        return [array.buffer_views[0][array.offset:array.offset + len(array)], array.buffer_views[1][array.offset * 4:(array.offset + len(array)) * 4]]
    if kind == "sparse_union":
        return [array.buffer_views[0][array.offset:array.offset + len(array)]]
    return first


def _own_offsets(array):
    """(offsets from 0 on, where the first value begins, where the last one ends)."""
    view = array.offsets_view()
    start, end = view[0], view[-1]
    if start < 0 or end < start:
        raise ArrowInvalid(f"the offsets of an array of type {array.type} are not in order")
    if start == 0:
        return view.cast("B"), start, end
    with translated():
        return _cap.values.rebase_offsets(view, array.type.code == "q"), start, end


def _children(array):
    """The children, only as far as the array has them."""
    kind = array.type.kind
    if kind in ("list", "map"):
        view = array.offsets_view()
        return [array.children[0].slice(view[0], view[-1] - view[0])]
    if kind == "fixed_size_list":
        return [array.children[0].slice(array.offset * array.type.width, len(array) * array.type.width)]
    if kind in ("struct", "sparse_union"):
        return [child.slice(array.offset, len(array)) for child in array.children]
    return array.children


def _bits(array, which):
    bits, offset, length = array.buffer_views[which], array.offset, len(array)
    if bits is None:
        return None
    if offset % 8 == 0:
        return bits[offset // 8:(offset + length + 7) // 8]
    with translated():
        return _cap.values.pack_bits(_cap.values.unpack_bits(bits, offset, length))


def batch_message(length, arrays, dictionary=None, compress=None):
    """A batch as parts of a message: its header, then the buffers. compress: what makes of the buffers (codec, the parts of each), or None."""
    nodes, buffers = [], []
    for array in arrays:
        _append_column(array, nodes, buffers)
    codec, parts = compress(buffers) if compress else (_cap.metadata.Codec.NONE, [(buffer,) if buffer else () for buffer in buffers])
    places, body, size = _laid_out(parts)
    with translated():
        header = _cap.metadata.encode_batch((length, nodes, places, codec, size, dictionary))
    return [header, *body]


def dictionaries_of(columns):
    """(number, values) of each dictionary in columns, by the numbers that their schema's message gives, inner ones first."""
    ids, found = iter(range(2**31)), []
    for column in columns:
        _append_dictionaries(column, column.type, ids, found)
    return found


def _append_dictionaries(array, type, ids, to):
    if type.value_type is not None:
        number = next(ids)
        _append_dictionaries(array.dictionary, type.value_type, ids, to)
        to.append((number, array.dictionary))
    for child, field in zip(array.children, type.fields):
        _append_dictionaries(child, field.type, ids, to)


# Streams of messages

def split(buffer, position=0):
    """(header, where the body begins) of the message at a position, or None at the end."""
    view = memoryview(buffer)
    if len(view) - position < 4:
        if len(view) > position:
            raise ArrowInvalid(f"{len(view) - position} bytes follow the last message")
        return None
    marked = view[position:position + 4] == END[:4]
    at = position + (8 if marked else 4)
    size = int.from_bytes(view[at - 4:at], "little", signed=True)
    if size == 0:
        return None
    if size < 0 or len(view) - at < size:
        raise ArrowInvalid(f"a message's metadata have {size} bytes; {max(0, len(view) - at)} are there")
    return view[position:at + size], at + size


def decode(header):
    """What the header of a message says."""
    with translated():
        return _cap.metadata.decode(header)
