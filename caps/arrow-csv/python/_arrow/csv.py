"""CSV to and from columns, by the names of pyarrow.csv. Rows and values are read by the component, a block at a time."""

import codecs
import io
import os

import _arrow_csv_cap as _cap

from . import types
from .array import Array
from .build import array, nulls
from .errors import ArrowInvalid, ArrowTypeError
from .messages import own_buffers
from .table import RecordBatch, RecordBatchReader, Table, table
from .types import Schema, as_type
from .writer import Writer

__all__ = ["CSVStreamingReader", "CSVWriter", "ConvertOptions", "ParseOptions", "ReadOptions", "WriteOptions", "open_csv", "read_csv", "write_csv"]

_KIND = _cap.Kind
_FIRST_BLOCK = 1 << 20
_TYPES = {
    _KIND.NULL: types.null(), _KIND.INT64: types.int64(), _KIND.BOOLEAN: types.bool_(), _KIND.DATE32: types.date32(), _KIND.TIME32_S: types.time32("s"),
    _KIND.TIMESTAMP_S: types.timestamp("s"), _KIND.TIMESTAMP_NS: types.timestamp("ns"), _KIND.TIMESTAMP_S_UTC: types.timestamp("s", "UTC"),
    _KIND.TIMESTAMP_NS_UTC: types.timestamp("ns", "UTC"), _KIND.FLOAT64: types.float64(), _KIND.TEXT: types.string(), _KIND.BINARY: types.binary(),
    _KIND.INT8: types.int8(), _KIND.INT16: types.int16(), _KIND.INT32: types.int32(), _KIND.UINT8: types.uint8(), _KIND.UINT16: types.uint16(), _KIND.UINT32: types.uint32(),
    _KIND.UINT64: types.uint64(), _KIND.FLOAT32: types.float32(), _KIND.TIMESTAMP_MS: types.timestamp("ms"), _KIND.TIMESTAMP_US: types.timestamp("us"),
    _KIND.TIMESTAMP_MS_UTC: types.timestamp("ms", "UTC"), _KIND.TIMESTAMP_US_UTC: types.timestamp("us", "UTC"),
}
_KINDS = {type: kind for kind, type in _TYPES.items()}
_NULLS = ["", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "N/A", "NA", "NULL", "NaN", "n/a", "nan", "null"]


class ReadOptions:
    """What is read."""

    def __init__(self, *, use_threads=True, block_size=_FIRST_BLOCK, skip_rows=0, skip_rows_after_names=0, column_names=None, autogenerate_column_names=False,
                 encoding="utf8"):
        self.use_threads, self.block_size, self.skip_rows, self.skip_rows_after_names = use_threads, block_size, skip_rows, skip_rows_after_names
        self.column_names, self.autogenerate_column_names, self.encoding = list(column_names or []), autogenerate_column_names, encoding
        self.validate()

    def validate(self):
        """Raises ArrowInvalid if the options do not go together."""
        if self.block_size < 1:
            raise ArrowInvalid(f"ReadOptions: block_size must be at least 1: {self.block_size}")
        if self.skip_rows < 0 or self.skip_rows_after_names < 0:
            raise ArrowInvalid("ReadOptions: rows to skip cannot be negative")
        if self.autogenerate_column_names and self.column_names:
            raise ArrowInvalid("ReadOptions: autogenerate_column_names cannot be true when column_names are provided")


class ParseOptions:
    """What the characters mean."""

    def __init__(self, delimiter=",", *, quote_char='"', double_quote=True, escape_char=False, newlines_in_values=False, ignore_empty_lines=True):
        self.delimiter, self.quote_char, self.double_quote, self.escape_char = delimiter, quote_char, double_quote, escape_char
        self.newlines_in_values, self.ignore_empty_lines = newlines_in_values, ignore_empty_lines
        self.validate()

    def validate(self):
        """Raises ArrowInvalid if the options do not go together."""
        characters = [one for one in (self.delimiter, self.quote_char, self.escape_char) if one is not False]
        if any(len(one) != 1 or ord(one) > 127 or one in "\r\n" for one in characters):
            raise ArrowInvalid(f"ParseOptions: delimiter, quote_char and escape_char are single ASCII characters and no ends of lines: {characters}")
        if len(set(characters)) != len(characters):
            raise ArrowInvalid("ParseOptions: delimiter, quote_char and escape_char must differ")


class ConvertOptions:
    """What becomes of the values."""

    def __init__(self, *, check_utf8=True, column_types=None, null_values=None, true_values=None, false_values=None, decimal_point=".", strings_can_be_null=False,
                 quoted_strings_can_be_null=True, include_columns=None, include_missing_columns=False):
        self.check_utf8, self.decimal_point, self.strings_can_be_null, self.quoted_strings_can_be_null = check_utf8, decimal_point, strings_can_be_null, quoted_strings_can_be_null
        pairs = column_types.items() if hasattr(column_types, "items") else [(one.name, one.type) for one in column_types or ()]
        self.column_types = {name: as_type(type) for name, type in pairs}
        self.null_values = list(_NULLS if null_values is None else null_values)
        self.true_values = list(["1", "true", "TRUE", "True"] if true_values is None else true_values)
        self.false_values = list(["0", "false", "FALSE", "False"] if false_values is None else false_values)
        self.include_columns, self.include_missing_columns = list(include_columns or []), include_missing_columns
        if len(decimal_point) != 1 or ord(decimal_point) > 127:
            raise ArrowInvalid("ConvertOptions: decimal_point is a single ASCII character")


class _Blocks:
    """(bytes, whether they are the last) of a source."""

    def __init__(self, source, read):
        self.owned = isinstance(source, (str, os.PathLike))
        if self.owned:
            stream = open(source, "rb")
        else:
            stream = source if hasattr(source, "read") else io.BytesIO(source)
        self.stream, self.size = stream, read.block_size
        codec = codecs.lookup(read.encoding).name
        self.decoder = None if codec in ("utf-8", "ascii") else codecs.getincrementaldecoder(codec)()

    def __iter__(self):
        block = self.stream.read(self.size)
        while True:
            following = self.stream.read(self.size) if block else b""
            yield self._decoded(block, not following), not following
            if not following:
                return
            block = following

    def _decoded(self, block, last):
        return block if self.decoder is None else self.decoder.decode(block, last).encode()

    def close(self):
        if self.owned:
            self.stream.close()


class _Parser:
    """One pass over the blocks."""

    def __init__(self, read, parse, convert, at_least=()):
        self.read, self.parse, self.convert = read, parse, convert
        given = [(name, _KINDS.get(type, _KIND.TEXT)) for name, type in convert.column_types.items()]
        wanted = [] if convert.include_missing_columns else convert.include_columns
        self.reader = _cap.Reader((
            ord(parse.delimiter), ord(parse.quote_char) if parse.quote_char else None, parse.double_quote, ord(parse.escape_char) if parse.escape_char else None,
            parse.ignore_empty_lines, ord(convert.decimal_point), _encoded(convert.null_values), _encoded(convert.true_values), _encoded(convert.false_values),
            convert.strings_can_be_null, convert.quoted_strings_can_be_null, convert.check_utf8, read.column_names, read.autogenerate_column_names, read.skip_rows,
            read.skip_rows_after_names, given, list(at_least), wanted))

    def batch(self, block, last):
        """(names, arrays, number of rows) of the whole rows so far."""
        try:
            made = self.reader.feed(block, last)
        except _cap.Error as error:
            if error.value.tag == "other-kinds":
                raise _OtherKinds(error.value.value) from None
            raise ArrowInvalid(error.value.value) from None
        columns = {one.name: self._array(one, made.rows) for one in made.columns}
        if len(columns) != len(made.columns):
            return [one.name for one in made.columns], [self._array(one, made.rows) for one in made.columns], made.rows
        if columns and self.convert.include_columns:
            columns = {name: columns[name] if name in columns else self._missing(name, made.rows) for name in self.convert.include_columns}
        return list(columns), list(columns.values()), made.rows

    def _missing(self, name, rows):
        return nulls(rows, self.convert.column_types.get(name, types.null()))

    def _array(self, one, rows):
        buffers = [buffer or (None if at == 0 else b"") for at, buffer in enumerate(one.buffers)]
        made = Array(_TYPES[one.kind], rows, buffers, one.null_count)
        wanted = self.convert.column_types.get(one.name, made.type)
        return made if wanted == made.type else made.cast(wanted)


class _OtherKinds(Exception):
    """What follows does not fit what was inferred."""

    def __init__(self, kinds):
        super().__init__("the values do not fit the types that were inferred from those before")
        self.kinds = kinds


def _encoded(texts):
    return [one.encode() if isinstance(one, str) else bytes(one) for one in texts]


def _options(read_options, parse_options, convert_options):
    return read_options or ReadOptions(), parse_options or ParseOptions(), convert_options or ConvertOptions()


def read_csv(input_file, read_options=None, parse_options=None, convert_options=None):
    """A table of what is in a path, a binary file or a buffer. Types that are not given fit all values of a column."""
    options = _options(read_options, parse_options, convert_options)
    source = _Blocks(input_file, options[0])
    try:
        blocks = _kept(source)
        kinds = ()
        while True:
            batches, kinds = _pass(_Parser(*options, kinds), blocks)
            if batches is not None:
                return _table(batches)
    finally:
        source.close()


class _kept:
    """Blocks that can be gone through again."""

    def __init__(self, source):
        self.source, self.blocks = iter(source), []

    def __iter__(self):
        yield from self.blocks
        for block in self.source:
            self.blocks.append(block)
            yield block


def _pass(parser, blocks):
    """(batches, ()), or (None, the kinds that all values need) if what was inferred first does not hold."""
    batches, kinds = [], None
    for block, last in blocks:
        try:
            batch = parser.batch(block, last)
        except _OtherKinds as other:
            batches, kinds = None, other.kinds
            continue
        if batches is not None:
            batches.append(batch)
    return batches, kinds or ()


def _table(batches):
    whole = [batch for batch in batches if batch[0]]
    if not whole:
        raise ArrowInvalid("Empty CSV file")
    filled = [batch for batch in whole if batch[2]] or whole[:1]
    schema = Schema([types.Field(name, column.type) for name, column in zip(filled[0][0], filled[0][1])])
    return Table.from_batches([RecordBatch(schema, columns, rows) for _, columns, rows in filled], schema)


class CSVStreamingReader(RecordBatchReader):
    """Reads batches; types that are not given are those of the first block."""

    def __init__(self, source, parser):
        self._source = source
        batches = self._read(parser)
        first = next(batches, None)
        if first is None:
            raise ArrowInvalid("Empty CSV file")
        super().__init__(first.schema, self._chain(first, batches))

    def _read(self, parser):
        schema = None
        for block, last in self._source:
            try:
                names, columns, rows = parser.batch(block, last)
            except _OtherKinds as other:
                raise ArrowInvalid(f"{other}: give column_types, or a larger block_size") from None
            if schema is None and (rows or last) and names:
                schema = Schema([types.Field(name, column.type) for name, column in zip(names, columns)])
                yield RecordBatch(schema, columns, rows)
            elif rows:
                yield RecordBatch(schema, columns, rows)
        self._source.close()

    @staticmethod
    def _chain(first, rest):
        yield first
        yield from rest

    def close(self):
        """Gives up what is left."""
        super().close()
        self._source.close()


def open_csv(input_file, read_options=None, parse_options=None, convert_options=None):
    """A reader of batches of a path, a binary file or a buffer, for more than fits into memory."""
    options = _options(read_options, parse_options, convert_options)
    return CSVStreamingReader(_Blocks(input_file, options[0]), _Parser(*options))


# Writing

class WriteOptions:
    """How CSV is written. quoting_style: "needed" (texts are quoted), "all_valid" (all that is not null) or "none"."""

    def __init__(self, *, include_header=True, batch_size=1024, delimiter=",", quoting_style="needed"):
        if quoting_style not in ("needed", "all_valid", "none"):
            raise ArrowInvalid(f"WriteOptions: quoting_style is needed, all_valid or none, not {quoting_style!r}")
        if len(delimiter) != 1 or delimiter in '"\r\n':
            raise ArrowInvalid("WriteOptions: delimiter is a character that is no quote and no end of a line")
        self.include_header, self.batch_size, self.delimiter, self.quoting_style = include_header, batch_size, delimiter, quoting_style


class CSVWriter(Writer):
    """Writes tables and batches to a path or a binary file."""

    _most_rows = 65536

    def __init__(self, sink, schema, *, write_options=None):
        super().__init__(sink, schema)
        self._options = write_options or WriteOptions()
        if self._options.include_header:
            self._sink.write((self._options.delimiter.join(map(_quoted, schema.names)) + "\n").encode())

    def _plain(self, text):
        if any(character in text for character in ('"', "\n", "\r", self._options.delimiter)):
            raise ArrowInvalid(f"CSV values may not contain structural characters if quoting style is \"None\". See RFC4180. Invalid value: {text}")
        return text

    def _source(self, column):
        """A column as the component is given it."""
        kind, style = _KINDS.get(column.type), self._options.quoting_style
        quoted = style == "all_valid" or (style == "needed" and column.type.kind == "variable")
        if kind is None:
            column, kind = _texts(column), _KIND.TEXT
        if style == "none" and column.type.kind == "variable":
            for text in column.to_pylist():
                self._plain(text.decode("latin-1") if isinstance(text, bytes) else text or "")
        return kind, quoted, [b"" if buffer is None else buffer for buffer in own_buffers(column)]

    def _write(self, batch):
        columns = [self._source(column.dictionary_decode()) for column in batch.columns]
        try:
            self._sink.write(_cap.write(columns, batch.num_rows, ord(self._options.delimiter)))
        except _cap.Error as error:
            raise ArrowInvalid(error.value.value) from None


def _texts(column):
    """A column of a type that the component does not write, as one of texts."""
    convert = _writer(column.type)
    return array([None if value is None else convert(value) for value in column.to_pylist()], types.string())


def _quoted(text):
    return '"' + text.replace('"', '""') + '"'


def _writer(type):
    """What makes a text of a value of this type."""
    if type.kind == "variable":
        return (lambda value: value) if type.format in "uU" else lambda value: value.decode("utf-8", "surrogateescape")
    if type.kind != "fixed" or type.format in ("tin", "tiD"):
        raise ArrowTypeError(f"Unsupported Type:{type}")
    if type.format.startswith("ts"):
        return lambda value: _moment(value, type)
    return str


def _moment(value, type):
    digits = {"s": "seconds", "ms": "milliseconds"}.get(type.unit, "microseconds")
    text = value.replace(tzinfo=None).isoformat(" ", digits)
    return text + ("Z" if type.tz else "") if type.unit != "ns" else text + "000" + ("Z" if type.tz else "")


def write_csv(data, output_file, write_options=None):
    """Writes a table or batch to a path or a binary file."""
    made = data if isinstance(data, RecordBatch) else table(data)
    with CSVWriter(output_file, made.schema, write_options=write_options) as writer:
        writer.write(made)
