"""Columns together: record batches, chunked columns, tables, and readers of batches."""

import itertools

import _arrow_core_cap as _cap

from . import messages
from .array import Array
from .build import array, build
from .concat import concat_arrays
from .errors import ArrowIndexError, ArrowInvalid, ArrowKeyError, ArrowTypeError
from .types import Field, Schema, as_type

__all__ = ["ChunkedArray", "RecordBatch", "RecordBatchReader", "Table", "chunked_array", "concat_tables", "record_batch", "table"]


class _Columns:
    """What batches and tables have in common: a schema and columns of one length."""

    __slots__ = ("schema", "columns", "num_rows")

    def __init__(self, schema, columns, num_rows=None):
        self.schema, self.columns = schema, list(columns)
        lengths = {len(column) for column in self.columns} or {num_rows or 0}
        if len(lengths) != 1:
            raise ArrowInvalid(f"columns of different lengths: {', '.join(map(str, sorted(lengths)))}")
        self.num_rows = lengths.pop()
        for one, column in zip(schema, self.columns, strict=True):
            if one.type != column.type:
                raise ArrowTypeError(f"the column {one.name!r} is of type {column.type}, and its field of type {one.type}")

    @classmethod
    def from_arrays(cls, arrays, names=None, schema=None, metadata=None):
        """Of columns with names, or with a schema."""
        arrays = list(arrays)
        if schema is not None:
            columns = [cls._column(one, field.type) for one, field in zip(arrays, schema, strict=True)]
            return cls(schema if metadata is None else schema.with_metadata(metadata), columns)
        if names is None or len(names) != len(arrays):
            raise ArrowInvalid("as many names as columns are wanted, or a schema")
        columns = [cls._column(one) for one in arrays]
        return cls(Schema([Field(name, column.type) if not isinstance(name, Field) else name for name, column in zip(names, columns)], metadata), columns)

    @classmethod
    def from_pydict(cls, mapping, schema=None, metadata=None):
        """Of a dict of columns."""
        if schema is None:
            return cls.from_arrays(mapping.values(), list(mapping), metadata=metadata)
        if missing := [name for name in schema.names if name not in mapping]:
            raise ArrowKeyError(f"there is no column named {', '.join(map(repr, missing))}")
        return cls.from_arrays([mapping[name] for name in schema.names], schema=schema, metadata=metadata)

    @classmethod
    def from_pylist(cls, mapping, schema=None, metadata=None):
        """Of a list of rows, each a dict."""
        rows = list(mapping)
        names = schema.names if schema is not None else list(rows[0]) if rows else []
        return cls.from_pydict({name: [row.get(name) for row in rows] for name in names}, schema, metadata)

    num_columns = property(lambda self: len(self.columns), doc="How many columns it has.")
    shape = property(lambda self: (self.num_rows, len(self.columns)), doc="(rows, columns).")
    column_names = property(lambda self: self.schema.names, doc="The names of the columns.")
    nbytes = property(lambda self: sum(column.nbytes for column in self.columns), doc="The bytes of all buffers.")

    def column(self, at):
        """A column by name or place."""
        return self.columns[self.schema.place(at)]

    def field(self, at):
        """A field of the schema by name or place."""
        return self.schema.field(at)

    def itercolumns(self):
        """The columns."""
        return iter(self.columns)

    def __getitem__(self, at):
        if isinstance(at, slice):
            start, stop, step = at.indices(self.num_rows)
            return self.slice(start, max(0, stop - start)) if step == 1 else self.take(range(start, stop, step))
        return self.column(at)

    def __len__(self):
        return self.num_rows

    def _with(self, columns, schema=None):
        columns = list(columns)
        return type(self)(self.schema if schema is None else schema, columns, self.num_rows if not columns else None)

    def slice(self, offset=0, length=None):
        """Some of the rows, which share the buffers."""
        return self._with(column.slice(offset, length) for column in self.columns)

    def select(self, columns):
        """Some of the columns."""
        places = [self.schema.place(one) for one in columns]
        return self._with([self.columns[place] for place in places], Schema([self.schema.field(place) for place in places], self.schema.metadata))

    def take(self, indices):
        """The rows at these places."""
        places = indices.to_pylist() if hasattr(indices, "to_pylist") else list(indices)
        return self._with(column.take(places) for column in self.columns)

    def filter(self, mask):
        """The rows for which the mask is true."""
        flags = mask.to_pylist() if hasattr(mask, "to_pylist") else list(mask)
        if len(flags) != self.num_rows:
            raise ArrowInvalid(f"a mask of {len(flags)} values for {self.num_rows} rows")
        return self.take([place for place, flag in enumerate(flags) if flag])

    def sort_by(self, sorting):
        """The rows in the order of a column, or of several (name, "ascending" or "descending"). Nulls come last."""
        keys = [(sorting, "ascending")] if isinstance(sorting, str) else list(sorting)
        places = list(range(self.num_rows))
        for name, order in reversed(keys):
            values = self.column(name).to_pylist()
            there = sorted((place for place in places if values[place] is not None), key=values.__getitem__, reverse=order == "descending")
            places = there + [place for place in places if values[place] is None]
        return self.take(places)

    def append_column(self, name, column):
        """The same with a column more at the end."""
        return self.add_column(len(self.columns), name, column)

    def add_column(self, at, name, column):
        """The same with a column more."""
        column = self._column(column, name.type if isinstance(name, Field) else None)
        made = name if isinstance(name, Field) else Field(name, column.type)
        fields = list(self.schema)
        return type(self)(Schema([*fields[:at], made, *fields[at:]], self.schema.metadata), [*self.columns[:at], column, *self.columns[at:]])

    def set_column(self, at, name, column):
        """The same with another column in this place."""
        return self.remove_column(at).add_column(at, name, column)

    def remove_column(self, at):
        """The same without a column."""
        return self._with([*self.columns[:at], *self.columns[at + 1:]], self.schema.remove(at))

    def drop_columns(self, columns):
        """The same without these columns."""
        gone = {self.schema.place(one) for one in ([columns] if isinstance(columns, str) else columns)}
        return self.select([place for place in range(len(self.columns)) if place not in gone])

    def rename_columns(self, names):
        """The same with other names: of all columns, or a dict of some."""
        if hasattr(names, "get"):
            names = [names.get(name, name) for name in self.schema.names]
        fields = [one.with_name(name) for one, name in zip(self.schema, names, strict=True)]
        return self._with(self.columns, Schema(fields, self.schema.metadata))

    def replace_schema_metadata(self, metadata=None):
        """The same with other metadata."""
        return self._with(self.columns, self.schema.with_metadata(metadata))

    def cast(self, target_schema):
        """The same with other types."""
        if target_schema.names != self.schema.names:
            raise ArrowInvalid("a cast does not change names")
        return self._with([column.cast(one.type) for one, column in zip(target_schema, self.columns)], target_schema)

    def to_pydict(self):
        """The columns as lists, by name."""
        return {name: column.to_pylist() for name, column in zip(self.schema.names, self.columns)}

    def to_pylist(self):
        """The rows as dicts."""
        names = self.schema.names
        return [dict(zip(names, row)) for row in self.to_rows()]

    def to_rows(self):
        """The rows as tuples."""
        return list(zip(*[column.to_pylist() for column in self.columns])) if self.columns else [()] * self.num_rows

    def validate(self, *, full=False):
        """Raises ArrowInvalid if a column is not what its type says; with full, all values are looked at."""
        for column in self.columns:
            column.validate(full=full)

    def equals(self, other, check_metadata=False):
        """True if schema and values are the same."""
        return isinstance(other, type(self)) and self.schema.equals(other.schema, check_metadata) and all(map(lambda a, b: a.equals(b), self.columns, other.columns))

    def __eq__(self, other):
        return self.equals(other) if isinstance(other, type(self)) else NotImplemented

    __hash__ = None

    def __str__(self):
        return f"arrow.{type(self).__name__}\n{self.schema}\n----\n" + "\n".join(f"{name}: {column.slice(0, 10).to_pylist()}" for name, column in zip(self.schema.names, self.columns))

    __repr__ = __str__


class RecordBatch(_Columns):
    """Arrays of one length, with a schema."""

    __slots__ = ()

    @staticmethod
    def _column(column, type=None):
        return array(column, type)

    def to_struct_array(self):
        """The batch as one array of structs."""
        from .types import struct
        return Array(struct(list(self.schema)), self.num_rows, [None], 0, children=self.columns)

    @staticmethod
    def from_struct_array(struct_array):
        """The fields of an array of structs as a batch."""
        return RecordBatch(Schema(struct_array.type.fields), struct_array.flatten())

    def serialize(self):
        """The batch as one message of the IPC format (without its schema and dictionaries)."""
        return b"".join(messages.batch_message(self.num_rows, self.columns))

    def __arrow_ipc__(self, max_rows=None):
        """The batch as messages of the IPC format: its schema, then one or more items of whole messages."""
        return _ipc_items(self.schema, [self], max_rows)


class ChunkedArray:
    """Arrays of one type, one after the other."""

    __slots__ = ("type", "chunks")

    def __init__(self, chunks, type=None):
        self.chunks = list(chunks)
        if type is None and not self.chunks:
            raise ArrowInvalid("a type is wanted where there are no chunks")
        self.type = self.chunks[0].type if type is None else type
        if any(one.type != self.type for one in self.chunks):
            raise ArrowInvalid(f"chunks of different types: {', '.join(dict.fromkeys(str(one.type) for one in self.chunks))}")

    num_chunks = property(lambda self: len(self.chunks), doc="How many arrays it consists of.")
    null_count = property(lambda self: sum(one.null_count for one in self.chunks), doc="How many values are null.")
    nbytes = property(lambda self: sum(one.nbytes for one in self.chunks), doc="The bytes of all buffers.")

    def chunk(self, at):
        """One of its arrays."""
        return self.chunks[at]

    def iterchunks(self):
        """Its arrays."""
        return iter(self.chunks)

    def combine_chunks(self):
        """One array of all chunks."""
        return concat_arrays(self.chunks) if self.chunks else build([], self.type)

    def to_pylist(self):
        """The values as Python objects."""
        return list(itertools.chain.from_iterable(one.to_pylist() for one in self.chunks))

    def __len__(self):
        return sum(map(len, self.chunks))

    def __iter__(self):
        return itertools.chain.from_iterable(self.chunks)

    def __getitem__(self, at):
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            return self.slice(start, max(0, stop - start)) if step == 1 else self.take(range(start, stop, step))
        length = len(self)
        if not -length <= at < length:
            raise ArrowIndexError("index out of bounds")
        return self.slice(at % length, 1).chunks[0][0]

    def slice(self, offset=0, length=None):
        """A part, which shares the buffers."""
        end = len(self) if length is None else min(len(self), offset + length)
        parts, start = [], 0
        for one in self.chunks:
            low, high = max(offset, start), min(end, start + len(one))
            if low < high:
                parts.append(one.slice(low - start, high - low))
            start += len(one)
        return ChunkedArray(parts, self.type)

    def _each(self, call):
        return ChunkedArray([call(one) for one in self.chunks], None if self.chunks else self.type)

    def cast(self, target_type):
        """The same values in another type."""
        return ChunkedArray([one.cast(target_type) for one in self.chunks], as_type(target_type))

    def is_null(self):
        """Truth values: which are null."""
        return self._each(Array.is_null)

    def is_valid(self):
        """Truth values: which are not null."""
        return self._each(Array.is_valid)

    def dictionary_encode(self):
        """The same as places in an array of the different values."""
        return ChunkedArray([self.combine_chunks().dictionary_encode()])

    def take(self, indices):
        """The values at these places."""
        return ChunkedArray([self.combine_chunks().take(indices)], self.type)

    def filter(self, mask):
        """The values for which the mask is true."""
        return ChunkedArray([self.combine_chunks().filter(mask)], self.type)

    def unique(self):
        """Each different value once, as an array."""
        return self.combine_chunks().unique()

    def validate(self, *, full=False):
        """Raises ArrowInvalid if a chunk is not what its type says."""
        for one in self.chunks:
            one.validate(full=full)

    def equals(self, other):
        """True if type and values are the same, however they are chunked."""
        return isinstance(other, ChunkedArray) and self.type == other.type and self.to_pylist() == other.to_pylist()

    def __eq__(self, other):
        return self.equals(other) if isinstance(other, ChunkedArray) else NotImplemented

    __hash__ = None

    def __repr__(self):
        return f"<arrow.ChunkedArray of {self.type}: {len(self.chunks)} chunks, {len(self)} values>"


class Table(_Columns):
    """Chunked columns of one length, with a schema."""

    __slots__ = ()

    @staticmethod
    def _column(column, type=None):
        if isinstance(column, ChunkedArray):
            return column if type in (None, column.type) else column.cast(type)
        made = array(column, type)
        return ChunkedArray([made], made.type)

    @staticmethod
    def from_batches(batches, schema=None):
        """Of record batches of one schema, without a copy."""
        batches = list(batches)
        if schema is None and not batches:
            raise ArrowInvalid("a schema is wanted where there are no batches")
        schema = batches[0].schema if schema is None else schema
        if any(batch.schema != schema for batch in batches):
            raise ArrowInvalid("the batches are of different schemas")
        rows = sum(batch.num_rows for batch in batches)
        return Table(schema, [ChunkedArray([batch.columns[i] for batch in batches], one.type) for i, one in enumerate(schema)], rows)

    def to_batches(self, max_chunksize=None):
        """Record batches that share the buffers, no more than so many rows each."""
        if not self.columns:
            return [RecordBatch(self.schema, [], self.num_rows)] if self.num_rows else []
        ends = sorted({end for column in self.columns for end in itertools.accumulate(map(len, column.chunks))} - {0})
        batches, start = [], 0
        for end in ends:
            while start < end:
                rows = min(end - start, max_chunksize or end - start)
                batches.append(RecordBatch(self.schema, [_part(column, start, rows) for column in self.columns]))
                start += rows
        return batches

    def to_reader(self, max_chunksize=None):
        """A reader of its batches."""
        return RecordBatchReader.from_batches(self.schema, self.to_batches(max_chunksize))

    def combine_chunks(self):
        """The same with one chunk a column."""
        return self._with(ChunkedArray([column.combine_chunks()], column.type) for column in self.columns)

    def unify_dictionaries(self):
        """The same with one dictionary for all chunks of a column."""
        return self._with(column if column.type.value_type is None or column.num_chunks < 2 else ChunkedArray([column.combine_chunks()]) for column in self.columns)

    def __arrow_ipc__(self, max_rows=None):
        """The table as messages of the IPC format: its schema, then items of whole messages."""
        return _ipc_items(self.schema, self.to_batches(), max_rows)


def _part(column, start, rows):
    parts = column.slice(start, rows).chunks
    return parts[0] if len(parts) == 1 else concat_arrays(parts)


class RecordBatchReader:
    """Record batches of one schema, one after the other, once."""

    def __init__(self, schema, batches):
        self.schema, self._batches = schema, iter(batches)

    @staticmethod
    def from_batches(schema, batches):
        """Of a schema and any iterable of batches."""
        return RecordBatchReader(schema, batches)

    @staticmethod
    def from_stream(data):
        """Of an object with __arrow_ipc__, or of the bytes of a stream of messages."""
        return read_items(data.__arrow_ipc__() if hasattr(data, "__arrow_ipc__") else [data])

    def read_next_batch(self):
        """The next batch; StopIteration if there is none."""
        return next(self._batches)

    def read_all(self):
        """The rest as a table."""
        return Table.from_batches(self._batches, self.schema)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._batches)

    def close(self):
        """Gives up what is left."""
        self._batches = iter(())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __arrow_ipc__(self, max_rows=None):
        """The rest as messages of the IPC format."""
        return _ipc_items(self.schema, self, max_rows)


# Exchange by messages

def _ipc_items(schema, batches, max_rows):
    yield messages.schema_message(schema)
    for batch in batches:
        for start in range(0, batch.num_rows, max_rows or batch.num_rows or 1):
            part = batch.slice(start, max_rows)
            dictionaries = messages.dictionaries_of(part.columns)
            parts = [piece for number, values in dictionaries for piece in messages.batch_message(len(values), [values], (number, False))]
            yield b"".join([*parts, *messages.batch_message(part.num_rows, part.columns)])


def read_items(items):
    """A reader of what __arrow_ipc__ gives: items of whole messages, the schema first."""
    walk = _messages_of(items)
    first, _ = next(walk, (None, None))
    if first is None or first.tag != "schema":
        raise ArrowInvalid("a stream of messages begins with a schema")
    layout = messages.Layout(first.value)
    return RecordBatchReader(layout.schema, _read_batches(walk, layout))


def _messages_of(items):
    """(what its header says, its body) of each message."""
    for item in items:
        view, position = memoryview(item), 0
        while (found := messages.split(view, position)) is not None:
            header, start = found
            message = messages.decode(header)
            size = message.value.body_length if message.tag == "batch" else 0
            if len(view) - start < size:
                raise ArrowInvalid(f"a message's body has {size} bytes; {len(view) - start} are there")
            yield message, view[start:start + size]
            position = start + size


def _read_batches(walk, layout):
    dictionaries = {}
    for message, body in walk:
        if message.tag != "batch":
            raise ArrowInvalid("a second schema in one stream")
        batch = message.value
        if batch.codec != _cap.metadata.Codec.NONE:
            raise ArrowInvalid("a compressed batch: arrow.ipc reads such streams")
        if batch.dictionary is not None:
            messages.read_dictionary(batch, messages.buffers_of(batch, body), layout, dictionaries)
        else:
            yield RecordBatch(layout.schema, messages.read_columns(batch, messages.buffers_of(batch, body), layout, dictionaries), batch.length)


# What people call

def record_batch(data, names=None, schema=None, metadata=None):
    """A record batch of columns: a dict, a list with names or schema, or an object with __arrow_ipc__."""
    if hasattr(data, "__arrow_ipc__"):
        whole = RecordBatchReader.from_stream(data).read_all().combine_chunks()
        return RecordBatch(whole.schema, [column.chunk(0) for column in whole.columns], whole.num_rows)
    if hasattr(data, "keys"):
        return RecordBatch.from_pydict(data, schema, metadata)
    return RecordBatch.from_arrays(data, names, schema, metadata)


def table(data, names=None, schema=None, metadata=None):
    """A table of columns: a dict, a list with names or schema, rows as dicts, an object with __arrow_ipc__ (a result of a database), or
    the bytes of an IPC stream."""
    if hasattr(data, "__arrow_ipc__") or isinstance(data, (bytes, bytearray, memoryview)):
        made = data if isinstance(data, Table) else RecordBatchReader.from_stream(data).read_all()
        return made if schema is None else made.cast(schema)
    if hasattr(data, "keys"):
        return Table.from_pydict(data, schema, metadata)
    data = list(data)
    if data and isinstance(data[0], dict):
        return Table.from_pylist(data, schema, metadata)
    if data and isinstance(data[0], RecordBatch):
        return Table.from_batches(data, schema)
    return Table.from_arrays(data, names, schema, metadata)


def chunked_array(arrays, type=None):
    """A chunked array of arrays or lists."""
    made = [array(one, type) for one in arrays]
    return ChunkedArray(made, None if type is None else as_type(type))


def concat_tables(tables):
    """The rows of several tables of one schema, without a copy."""
    tables = list(tables)
    if not tables:
        raise ArrowInvalid("no tables to put together")
    return Table.from_batches([batch for one in tables for batch in one.to_batches()], tables[0].schema)
