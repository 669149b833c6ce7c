"""Arrow's IPC streams and files, by the names of pyarrow.ipc. Data that are not compressed are not copied: arrays lie over what was read."""

import io
import os

import _arrow_core_cap as _core
import _arrow_ipc_cap as _cap

from . import messages
from .buffer import Buffer
from .errors import ArrowInvalid, translated
from .table import RecordBatch, RecordBatchReader, Table
from .writer import Writer

__all__ = ["IpcWriteOptions", "RecordBatchFileReader", "RecordBatchFileWriter", "RecordBatchStreamReader", "RecordBatchStreamWriter", "new_file", "new_stream", "open_file",
           "open_stream", "read_record_batch", "read_schema", "serialize"]

_MAGIC = b"ARROW1"
_FILE_HEAD = _MAGIC + b"\0\0"
_CODECS = {"lz4": ("LZ4_FRAME", _cap.Codec.LZ4_FRAME), "lz4_frame": ("LZ4_FRAME", _cap.Codec.LZ4_FRAME), "zstd": ("ZSTD", _cap.Codec.ZSTD)}
_MOST = 2**31 - 1
# Before the bytes of each buffer of a compressed body: how long it is without compression, or -1 if it has none.
_LENGTH, _PLAIN = 8, b"\xff" * 8


class IpcWriteOptions:
    """How streams and files are written: compression is None, "lz4" or "zstd"."""

    __slots__ = ("compression", "compression_level")

    def __init__(self, *, compression=None, compression_level=None):
        if compression is not None and str(compression).lower() not in _CODECS:
            raise ArrowInvalid(f"compression is lz4 or zstd, not {compression!r}")
        self.compression, self.compression_level = compression and str(compression).lower(), compression_level

    def compressor(self):
        """What compresses the body of a batch, or None."""
        return self._compress if self.compression else None

    def _compress(self, buffers):
        name, codec = _CODECS[self.compression]
        frames = iter(_call(_cap.compress, codec, [buffer for buffer in buffers if buffer], self.compression_level))
        return getattr(_core.metadata.Codec, name), [_framed(buffer, next(frames)) if buffer else () for buffer in buffers]


def _framed(buffer, frame):
    """A buffer as it is written: its length, or that it is not compressed, and its bytes."""
    return (len(buffer).to_bytes(_LENGTH, "little"), frame) if frame else (_PLAIN, buffer)


def _call(function, *arguments):
    try:
        return function(*arguments)
    except _cap.Error as error:
        raise ArrowInvalid(error.value.value) from None


def _buffers(batch, body):
    """The buffers of a batch, without the compression that it may have."""
    found = messages.buffers_of(batch, body)
    if batch.codec == _core.metadata.Codec.NONE:
        return found
    codec = _cap.Codec.ZSTD if batch.codec == _core.metadata.Codec.ZSTD else _cap.Codec.LZ4_FRAME
    return _decompressed(codec, list(found))


def _decompressed(codec, found):
    stated = [_stated_length(at, buffer) for at, buffer in enumerate(found)]
    frames = [buffer[_LENGTH:] for buffer, size in zip(found, stated) if size is not None]
    sizes = [size for size in stated if size is not None]
    if sum(sizes) > _MOST:
        raise ArrowInvalid(f"compressed buffers would have {sum(sizes)} bytes in all, more than are allowed")
    content, end = memoryview(_call(_cap.decompress, codec, frames, sizes)), 0
    for buffer, size in zip(found, stated):
        if size is None:
            yield buffer[_LENGTH:]
        else:
            yield content[end:end + size]
            end += size + -size % messages.ALIGNMENT


def _stated_length(at, buffer):
    """How many bytes a compressed buffer says to have; None if it is not compressed after all."""
    if not buffer or buffer[:_LENGTH] == _PLAIN:
        return None
    size = int.from_bytes(buffer[:_LENGTH], "little", signed=True)
    if len(buffer) < _LENGTH or size < 0:
        raise ArrowInvalid(f"compressed buffer {at} has {'no' if len(buffer) < _LENGTH else 'a negative'} length")
    return size


# Reading

class _Source:
    """Bytes in order, from a buffer or a file."""

    def __init__(self, source):
        self.owned = isinstance(source, (str, os.PathLike))
        self.stream = open(source, "rb") if self.owned else source if hasattr(source, "read") else None
        self.rest = None if self.stream is not None else memoryview(source).cast("B")

    def take(self, size):
        """Up to so many bytes."""
        if self.stream is None:
            taken, self.rest = self.rest[:size], self.rest[size:]
            return taken
        return memoryview(_read_exactly(self.stream, size))

    def close(self):
        if self.owned:
            self.stream.close()


def _read_exactly(stream, size):
    """Up to so many bytes, less only at the end. What is promised but not there is not made room for."""
    first = stream.read(min(size, 1 << 20))
    if len(first) == size or not first:
        return first
    parts, left = [first], size - len(first)
    while left > 0 and (part := stream.read(min(left, max(1 << 20, sum(map(len, parts)))))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _header(source):
    """The next message's header, or None at the end."""
    prefix = source.take(4)
    if len(prefix) == 4 and prefix == messages.END[:4]:
        prefix = bytes(prefix) + bytes(source.take(4))
    if not prefix:
        return None
    if len(prefix) not in (4, 8):
        raise ArrowInvalid("the stream ends in the middle of a message")
    size = int.from_bytes(prefix[-4:], "little", signed=True)
    if size == 0:
        return None
    rest = source.take(size) if size > 0 else b""
    if size < 0 or len(rest) < size:
        raise ArrowInvalid(f"a message's metadata have {size} bytes; {len(rest)} are there")
    return bytes(prefix) + bytes(rest)


def _body(source, size):
    body = source.take(size)
    if len(body) < size:
        raise ArrowInvalid(f"a message's body has {size} bytes; {len(body)} are there")
    return body


class RecordBatchStreamReader(RecordBatchReader):
    """Reads a stream from a buffer, a path or a binary file."""

    def __init__(self, source):
        self._source = _Source(source)
        header = _header(self._source)
        if header is None:
            raise ArrowInvalid("Tried reading schema message, was null or length 0")
        message = messages.decode(header)
        if message.tag != "schema":
            raise ArrowInvalid("a stream begins with a schema, and this one does not")
        self._layout = messages.Layout(message.value)
        super().__init__(self._layout.schema, self._read())

    def _read(self):
        dictionaries = {}
        while (header := _header(self._source)) is not None:
            message = messages.decode(header)
            if message.tag != "batch":
                raise ArrowInvalid("a second schema in one stream")
            batch = message.value
            buffers = _buffers(batch, _body(self._source, batch.body_length))
            if batch.dictionary is not None:
                messages.read_dictionary(batch, buffers, self._layout, dictionaries)
            else:
                yield RecordBatch(self._layout.schema, messages.read_columns(batch, buffers, self._layout, dictionaries), batch.length)
        self._source.close()

    def close(self):
        """Gives up what is left."""
        super().close()
        self._source.close()


class RecordBatchFileReader:
    """Reads the batches of a file in any order, from a buffer, a path or a binary file."""

    def __init__(self, source):
        self._data = memoryview(_whole(source)).cast("B")
        data = self._data
        if len(data) < len(_FILE_HEAD) + 4 + len(_MAGIC) or data[:6] != _MAGIC or data[-6:] != _MAGIC:
            raise ArrowInvalid("Not an Arrow file")
        size = int.from_bytes(data[-10:-6], "little", signed=True)
        if not 0 < size <= len(data) - 18:
            raise ArrowInvalid(f"the file's footer has {size} bytes, and the file {len(data)}")
        with translated():
            self._footer = _core.metadata.decode_footer(data[-10 - size:-10])
        self._layout = messages.Layout(self._footer.schema)
        self._dictionaries = None

    schema = property(lambda self: self._layout.schema, doc="The schema of all batches.")
    num_record_batches = property(lambda self: len(self._footer.batches), doc="How many batches there are.")

    def get_batch(self, i):
        """A batch by its place."""
        if not 0 <= i < self.num_record_batches:
            raise ValueError(f"batch number {i} out of range")
        if self._dictionaries is None:
            self._dictionaries = {}
            for block in self._footer.dictionaries:
                batch, buffers = self._message(block)
                if batch.dictionary is None:
                    raise ArrowInvalid("the footer names a batch where a dictionary should be")
                messages.read_dictionary(batch, buffers, self._layout, self._dictionaries)
        batch, buffers = self._message(self._footer.batches[i])
        if batch.dictionary is not None:
            raise ArrowInvalid("the footer names a dictionary where a batch should be")
        return RecordBatch(self.schema, messages.read_columns(batch, buffers, self._layout, self._dictionaries), batch.length)

    get_record_batch = get_batch

    def _message(self, block):
        start, end = block.offset + block.metadata_length, block.offset + block.metadata_length + block.body_length
        if block.offset < 0 or block.metadata_length < 8 or block.body_length < 0 or end > len(self._data):
            raise ArrowInvalid("the footer names a place outside of the file")
        message = messages.decode(self._data[block.offset:start])
        if message.tag != "batch" or message.value.body_length > block.body_length:
            raise ArrowInvalid("the footer does not fit the messages of the file")
        return message.value, _buffers(message.value, self._data[start:end])

    def read_all(self):
        """All batches as a table."""
        return Table.from_batches([self.get_batch(i) for i in range(self.num_record_batches)], self.schema)

    def __iter__(self):
        return map(self.get_batch, range(self.num_record_batches))

    def __arrow_ipc__(self, max_rows=None):
        """The batches as messages."""
        return RecordBatchReader(self.schema, iter(self)).__arrow_ipc__(max_rows)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def _whole(source):
    if isinstance(source, (str, os.PathLike)):
        with open(source, "rb") as stream:
            return stream.read()
    return source.read() if hasattr(source, "read") else source


def open_stream(source):
    """A reader of a stream in a buffer, a path or a binary file."""
    return RecordBatchStreamReader(source)


def open_file(source):
    """A reader of a file in a buffer, a path or a binary file."""
    return RecordBatchFileReader(source)


def read_schema(obj):
    """The schema of a stream or of a message."""
    return RecordBatchStreamReader(obj).schema


def read_record_batch(obj, schema):
    """The batch of one message, which has no dictionaries."""
    layout = messages.Layout(messages.decode(messages.schema_message(schema)).value)
    header, start = messages.split(obj) or _empty()
    message = messages.decode(header)
    if message.tag != "batch" or message.value.dictionary is not None:
        raise ArrowInvalid("a batch of records is wanted")
    batch = message.value
    buffers = _buffers(batch, _body(_Source(memoryview(obj).cast("B")[start:]), batch.body_length))
    return RecordBatch(layout.schema, messages.read_columns(batch, buffers, layout, {}), batch.length)


def _empty():
    raise ArrowInvalid("there is no message")


# Writing

class RecordBatchStreamWriter(Writer):
    """Writes a stream to a path or a binary file."""

    def __init__(self, sink, schema, *, options=None):
        super().__init__(sink, schema)
        self._options = options or IpcWriteOptions()
        self._position, self._kept = 0, {}
        self._begin()

    def _begin(self):
        self._put(messages.schema_message(self.schema))

    def _put(self, *parts):
        """Writes the parts; (where they begin, how many bytes they have)."""
        start = self._position
        for part in parts:
            self._sink.write(part)
            self._position += memoryview(part).nbytes
        return start, self._position - start

    def _block(self, parts):
        """Writes a message; where it lies."""
        start, size = self._put(*parts)
        return start, len(parts[0]), size - len(parts[0])

    def _write(self, batch):
        for number, values in messages.dictionaries_of(batch.columns):
            self._dictionary(number, values)
        self._batch(self._block(messages.batch_message(batch.num_rows, batch.columns, None, self._options.compressor())))

    def _dictionary(self, number, values):
        if self._kept.get(number) is not values:
            self._replace(number, values)
            self._kept[number] = values

    def _replace(self, number, values):
        self._block(messages.batch_message(len(values), [values], (number, False), self._options.compressor()))

    def _batch(self, block):
        """Takes note of where a batch was written."""

    def _end(self):
        self._put(messages.END)


class RecordBatchFileWriter(RecordBatchStreamWriter):
    """Writes a file to a path or a binary file. A dictionary cannot change in it."""

    def _begin(self):
        self._blocks, self._dictionaries = [], []
        self._put(_FILE_HEAD)
        super()._begin()

    def _replace(self, number, values):
        if number in self._kept:
            if self._kept[number] == values:
                return
            raise ArrowInvalid("Dictionary replacement detected when writing IPC file format: unify_dictionaries() of a table makes one of all")
        self._dictionaries.append(self._block(messages.batch_message(len(values), [values], (number, False), self._options.compressor())))

    def _batch(self, block):
        self._blocks.append(block)

    def _end(self):
        super()._end()
        with translated():
            footer = _core.metadata.encode_footer(((messages.schema_fields(self.schema), False), self._dictionaries, self._blocks))
        self._put(footer, len(footer).to_bytes(4, "little"), _MAGIC)


def new_stream(sink, schema, *, options=None):
    """A writer of a stream."""
    return RecordBatchStreamWriter(sink, schema, options=options)


def new_file(sink, schema, *, options=None):
    """A writer of a file."""
    return RecordBatchFileWriter(sink, schema, options=options)


def serialize(obj, *, options=None):
    """A table or batch as the bytes of a stream."""
    sink = io.BytesIO()
    with RecordBatchStreamWriter(sink, obj.schema, options=options) as writer:
        writer.write(obj)
    return Buffer(sink.getvalue())
