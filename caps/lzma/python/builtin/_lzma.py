"""Interface to the liblzma compression library."""

from operator import index as _index

import _lzma_cap as _cap
from _lzma_cap import Container as _Container, ErrorValue as _ErrorValue, Setting as _Setting

__all__ = [
    "CHECK_CRC32", "CHECK_CRC64", "CHECK_ID_MAX", "CHECK_NONE", "CHECK_SHA256", "CHECK_UNKNOWN", "FILTER_ARM", "FILTER_ARMTHUMB",
    "FILTER_DELTA", "FILTER_IA64", "FILTER_LZMA1", "FILTER_LZMA2", "FILTER_POWERPC", "FILTER_SPARC", "FILTER_X86", "FORMAT_ALONE",
    "FORMAT_AUTO", "FORMAT_RAW", "FORMAT_XZ", "LZMACompressor", "LZMADecompressor", "LZMAError", "MF_BT2", "MF_BT3", "MF_BT4", "MF_HC3",
    "MF_HC4", "MODE_FAST", "MODE_NORMAL", "PRESET_DEFAULT", "PRESET_EXTREME", "is_check_supported"]

FORMAT_AUTO, FORMAT_XZ, FORMAT_ALONE, FORMAT_RAW = range(4)
CHECK_NONE, CHECK_CRC32, CHECK_CRC64, CHECK_SHA256, CHECK_ID_MAX, CHECK_UNKNOWN = 0, 1, 4, 10, 15, 16
FILTER_LZMA1, FILTER_LZMA2, FILTER_DELTA = 0x4000000000000001, 0x21, 3
FILTER_X86, FILTER_POWERPC, FILTER_IA64, FILTER_ARM, FILTER_ARMTHUMB, FILTER_SPARC = range(4, 10)
MF_HC3, MF_HC4, MF_BT2, MF_BT3, MF_BT4 = 3, 4, 0x12, 0x13, 0x14
MODE_FAST, MODE_NORMAL = 1, 2
PRESET_DEFAULT, PRESET_EXTREME = 6, 1 << 31
_FILTERS_MAX = 4
_LZMA_SETTINGS = ("dict_size", "lc", "lp", "pb", "mode", "nice_len", "mf", "depth")
_WORDS = {
    _ErrorValue.MEMORY_LIMIT: "Memory usage limit exceeded", _ErrorValue.FORMAT: "Input format not supported by decoder",
    _ErrorValue.OPTIONS: "Invalid or unsupported options", _ErrorValue.DATA: "Corrupt input data",
    _ErrorValue.BUFFER: "Insufficient buffer space", _ErrorValue.INTERNAL: "Internal error",
    _ErrorValue.UNSUPPORTED_CHECK: "Unsupported integrity check"}


class LZMAError(Exception):
    """Call to liblzma failed."""


LZMAError.__module__ = "_lzma"


def _raise(failure, preset=None):
    """Raises what CPython raises for an error of the library."""
    if failure.value == _ErrorValue.MEMORY:
        raise MemoryError from None
    if failure.value == _ErrorValue.PRESET:
        raise LZMAError(f"Invalid compression preset: {preset}") from None
    raise LZMAError(_WORDS.get(failure.value, "Internal error")) from None


def _uint32(value):
    value = _index(value)
    if value < 0:
        raise ValueError("Cannot convert negative int")
    if value >= 1 << 32:
        raise OverflowError("Value too large for uint32_t type")
    return value


def _settings(spec, allowed, kind):
    """The settings of a filter specifier, as the contract has them."""
    try:
        if unknown := set(spec) - {"id", "preset", *allowed}:
            raise TypeError(unknown)
        return [(_Setting[name.upper()], _uint32(spec[name])) for name in allowed if name in spec]
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"Invalid filter specifier for {kind} filter") from None


def _filter(spec):
    """A filter specifier as the contract has it."""
    try:
        filter_id = spec["id"]
    except (TypeError, IndexError):
        raise TypeError("Filter specifier must be a dict or dict-like object") from None
    except KeyError:
        raise ValueError('Filter specifier must have an "id" entry') from None
    filter_id = _index(filter_id)
    if not 0 <= filter_id < 1 << 64:
        raise OverflowError("can't convert negative int to unsigned" if filter_id < 0 else "int too big to convert")
    preset = PRESET_DEFAULT
    if filter_id in (FILTER_LZMA1, FILTER_LZMA2):
        preset = _uint32(spec["preset"]) if "preset" in spec else PRESET_DEFAULT
        settings = _settings(spec, _LZMA_SETTINGS, "LZMA")
    elif filter_id == FILTER_DELTA:
        settings = _settings(spec, ("dist",), "delta")
    elif FILTER_X86 <= filter_id <= FILTER_SPARC:
        settings = _settings(spec, ("start_offset",), "BCJ")
    else:
        raise ValueError(f"Invalid filter ID: {filter_id}")
    return _cap.Filter((filter_id, preset, settings))


def _chain(specs):
    if isinstance(specs, dict):
        raise TypeError("filters must be a sequence")
    if len(specs) > _FILTERS_MAX:
        raise ValueError(f"Too many filters - liblzma supports a maximum of {_FILTERS_MAX}")
    return [_filter(spec) for spec in specs]


def is_check_supported(check_id, /):
    """Test whether the given integrity check is supported.

    Always returns True for CHECK_NONE and CHECK_CRC32."""
    return _cap.check_is_supported(check_id)


def _encode_filter_properties(filter, /):
    """Return a bytes object encoding the options (properties) of the filter specified by *filter* (a dict).

    The result does not include the filter ID itself, only the options."""
    spec = _filter(filter)
    try:
        return _cap.encode_properties(spec)
    except _cap.Error as failure:
        _raise(failure, spec.preset)


def _decode_filter_properties(filter_id, encoded_props, /):
    """Return a dict describing a filter with ID *filter_id*, whose options (properties) were encoded in the
    bytes object *encoded_props*."""
    try:
        settings = _cap.decode_properties(filter_id, encoded_props)
    except _cap.Error as failure:
        _raise(failure)
    return {"id": filter_id} | {setting.name.lower(): value for setting, value in settings}


class LZMACompressor:
    """Create a compressor object for compressing data incrementally.

    format, check, preset and filters are those of lzma.LZMAFile. For one-shot compression, use the compress() function."""

    __slots__ = ("_stream",)

    def __new__(cls, format=FORMAT_XZ, check=-1, preset=None, filters=None):
        self = object.__new__(cls)
        if preset is not None and filters is not None:
            raise ValueError("Cannot specify both preset and filter chain")
        preset = PRESET_DEFAULT if preset is None else _uint32(preset)
        if format != FORMAT_XZ and check not in (-1, CHECK_NONE):
            raise ValueError("Integrity checks are only supported by FORMAT_XZ")
        if format not in (FORMAT_XZ, FORMAT_ALONE, FORMAT_RAW):
            raise ValueError(f"Invalid container format: {_index(format)}")
        if format == FORMAT_RAW and filters is None:
            raise ValueError("Must specify filters for FORMAT_RAW")
        chain = None if filters is None else _chain(filters)
        if format == FORMAT_ALONE and chain is not None and (len(chain) != 1 or chain[0].id != FILTER_LZMA1):
            raise ValueError("Invalid filter chain for FORMAT_ALONE - must be a single LZMA1 filter")
        try:
            self._stream = _cap.Compressor.open(_Container(format), CHECK_CRC64 if check == -1 else check, preset, chain)
        except _cap.Error as failure:
            _raise(failure, chain[0].preset if chain else preset)
        return self

    def compress(self, data, /):
        """Provide data to the compressor object.

        Returns a chunk of compressed data if possible, or b'' otherwise.

        When you have finished providing data to the compressor, call the
        flush() method to finish the compression process."""
        if self._stream is None:
            raise ValueError("Compressor has been flushed")
        try:
            return self._stream.compress(data)
        except _cap.Error as failure:
            _raise(failure)

    def flush(self):
        """Finish the compression process.

        Returns the compressed data left in internal buffers.

        The compressor object may not be used after this method is called."""
        if self._stream is None:
            raise ValueError("Repeated call to flush()")
        stream, self._stream = self._stream, None
        try:
            with stream:
                return stream.finish()
        except _cap.Error as failure:
            _raise(failure)

    def __reduce_ex__(self, protocol):
        raise TypeError("cannot pickle '_lzma.LZMACompressor' object")


class LZMADecompressor:
    """Create a decompressor object for decompressing data incrementally.

    format is the container format, memlimit a limit of memory in bytes, filters the chain of a raw stream. For one-shot
    decompression, use the decompress() function instead."""

    __slots__ = ("_stream", "check", "eof", "needs_input", "unused_data")

    def __new__(cls, format=FORMAT_AUTO, memlimit=None, filters=None):
        self = object.__new__(cls)
        if memlimit is not None and format == FORMAT_RAW:
            raise ValueError("Cannot specify memory limit with FORMAT_RAW")
        if format == FORMAT_RAW and filters is None:
            raise ValueError("Must specify filters for FORMAT_RAW")
        if format != FORMAT_RAW and filters is not None:
            raise ValueError("Cannot specify filters except with FORMAT_RAW")
        if format not in (FORMAT_AUTO, FORMAT_XZ, FORMAT_ALONE, FORMAT_RAW):
            raise ValueError(f"Invalid container format: {_index(format)}")
        limit = (1 << 64) - 1 if memlimit is None else _index(memlimit)
        chain = _chain(() if filters is None else filters)
        try:
            self._stream = _cap.Decompressor.open(_Container(format), limit, chain)
        except _cap.Error as failure:
            _raise(failure, chain[0].preset if chain else None)
        self.check = CHECK_NONE if format in (FORMAT_ALONE, FORMAT_RAW) else CHECK_UNKNOWN
        self.eof, self.needs_input, self.unused_data = False, True, b""
        return self

    def decompress(self, data, max_length=-1):
        """Decompress *data*, returning uncompressed data as bytes.

        If *max_length* is nonnegative, returns at most *max_length* bytes of
        decompressed data. If this limit is reached and further output can be
        produced, *self.needs_input* will be set to ``False``. In this case, the next
        call to *decompress()* may provide *data* as b'' to obtain more of the output.

        Attempting to decompress data after the end of stream is reached raises an
        EOFError.  Any data found after the end of the stream is ignored and saved in
        the unused_data attribute."""
        if self.eof:
            raise EOFError("Already at end of stream")
        try:
            data, self.unused_data, self.eof, self.needs_input, check = self._stream.decompress(data, max_length)
        except _cap.Error as failure:
            _raise(failure)
        if check is not None:
            self.check = check
        return data

    def __reduce_ex__(self, protocol):
        raise TypeError("cannot pickle '_lzma.LZMADecompressor' object")
