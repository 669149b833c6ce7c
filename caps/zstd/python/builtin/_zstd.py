"""Implementation module for Zstandard compression."""

import sys as _sys
from operator import index as _index

import _zstd_cap as _cap
from _zstd_cap import Flush as _Flush, Usage as _Usage

zstd_version = _cap.version()
zstd_version_number = sum(int(part) * weight for part, weight in zip(zstd_version.split("."), (10000, 100, 1)))
ZSTD_CLEVEL_DEFAULT = _cap.default_level()
ZSTD_DStreamOutSize = 131072
_COMPRESSION = {
    "compressionLevel": (100, "compression_level"), "windowLog": (101, "window_log"), "hashLog": (102, "hash_log"),
    "chainLog": (103, "chain_log"), "searchLog": (104, "search_log"), "minMatch": (105, "min_match"),
    "targetLength": (106, "target_length"), "strategy": (107, "strategy"),
    "enableLongDistanceMatching": (160, "enable_long_distance_matching"), "ldmHashLog": (161, "ldm_hash_log"),
    "ldmMinMatch": (162, "ldm_min_match"), "ldmBucketSizeLog": (163, "ldm_bucket_size_log"), "ldmHashRateLog": (164, "ldm_hash_rate_log"),
    "contentSizeFlag": (200, "content_size_flag"), "checksumFlag": (201, "checksum_flag"), "dictIDFlag": (202, "dict_id_flag"),
    "nbWorkers": (400, "nb_workers"), "jobSize": (401, "job_size"), "overlapLog": (402, "overlap_log")}
globals().update({f"ZSTD_c_{name}": number for name, (number, _) in _COMPRESSION.items()})
ZSTD_d_windowLogMax = 100
_NAMES = ({100: "window_log_max"}, dict(_COMPRESSION.values()))
(ZSTD_fast, ZSTD_dfast, ZSTD_greedy, ZSTD_lazy, ZSTD_lazy2, ZSTD_btlazy2, ZSTD_btopt, ZSTD_btultra, ZSTD_btultra2) = range(1, 10)
_LEVEL, _MEMORY, _SIZE_LIMIT = 100, 64, (1 << 64) - 2
_parameter_types = (type(None), type(None))
_bounds = {}


class ZstdError(Exception):
    """An error occurred in the zstd library."""


ZstdError.__module__ = "compression.zstd"


def _raise(failure, doing):
    """Raises what CPython raises for an error of the library."""
    if failure.value.code == _MEMORY:
        raise MemoryError from None
    words = failure.value.message
    raise ZstdError(words if words.startswith("Failed to create") else doing.format(words)) from None


def set_parameter_types(c_parameter_type, d_parameter_type):
    """Set CompressionParameter and DecompressionParameter types for validity check."""
    global _parameter_types
    if not isinstance(c_parameter_type, type) or not isinstance(d_parameter_type, type):
        raise TypeError("set_parameter_types() takes two types")
    _parameter_types = (d_parameter_type, c_parameter_type)


def get_param_bounds(parameter, is_compress):
    """Get CompressionParameter/DecompressionParameter bounds."""
    key = (int(parameter), bool(is_compress))
    if key not in _bounds:
        try:
            _bounds[key] = _cap.bounds(*key)
        except _cap.Error as failure:
            _raise(failure, f"Unable to get zstd {'compression' if is_compress else 'decompression'} parameter bounds: {{}}")
    return _bounds[key]


def _level(value):
    low, high = get_param_bounds(_LEVEL, True)
    if not -1 << 31 <= value < 1 << 31:
        raise ValueError(f"illegal compression level; the valid range is [{low}, {high}]")
    if not low <= value <= high:
        raise ValueError(f"illegal compression level {value}; the valid range is [{low}, {high}]")
    return value


def _int(value):
    value = _index(value)
    if not -1 << 31 <= value < 1 << 31:
        raise OverflowError("Python int too large to convert to C int")
    return value


def _parameters(options, compression):
    """Checked pairs of numbers from a dictionary of options."""
    kind, other = ("compression", "a Decompression") if compression else ("decompression", "a Compression")
    if not isinstance(options, dict):
        raise TypeError(f"Zstd{'C' if compression else 'Dec'}ompressor() argument 'options' must be dict, not {type(options).__name__}")
    pairs = []
    for key, value in options.items():
        if type(key) is _parameter_types[not compression]:
            raise TypeError(f"{kind} options dictionary key must not be {other}Parameter attribute")
        key, value = _int(key), _int(value)
        name = _NAMES[compression].get(key, f"unknown parameter (key {key})")
        try:
            low, high = get_param_bounds(key, compression)
        except ZstdError:
            raise ValueError(f"invalid {kind} parameter '{name}'") from None
        if compression and key == _LEVEL:
            _level(value)
        elif not low <= value <= high and (value != 0 or low == high):
            raise ValueError(f"{kind} parameter '{name}' received an illegal value {value}; the valid range is [{low}, {high}]")
        pairs.append((key, value))
    return pairs


def _dictionary(given, default):
    """The dictionary and its usage, of a ZstdDict or what its as_... properties give."""
    if given is None:
        return None, default
    if type(given) is ZstdDict:
        return given._dictionary, default
    if type(given) is tuple and len(given) == 2 and type(given[0]) is ZstdDict and isinstance(given[1], int):
        if 0 <= _int(given[1]) <= 2:
            return given[0]._dictionary, _Usage(given[1])
    raise TypeError("zstd_dict argument should be a ZstdDict object.")


def _open(kind, pairs, given, default, doing):
    dictionary, usage = _dictionary(given, default)
    try:
        return kind.open(pairs, dictionary, usage)
    except _cap.Error as failure:
        _raise(failure, f"Unable to load Zstandard dictionary or prefix for {doing}: {{}}")


def _samples(samples_bytes, samples_sizes, dict_size):
    if type(samples_bytes) is not bytes or type(samples_sizes) is not tuple:
        raise TypeError("the samples must be bytes, and their sizes a tuple")
    sizes = [_index(size) for size in samples_sizes]
    if abs(_index(dict_size)) > _sys.maxsize:
        raise OverflowError("Python int too large to convert to C ssize_t")
    if dict_size <= 0:
        raise ValueError("dict_size argument should be positive number.")
    if any(not 0 <= size < 1 << 32 for size in sizes) or sum(sizes) != len(samples_bytes):
        raise ValueError("The samples size tuple doesn't match the concatenation's size.")
    return sizes


def train_dict(samples_bytes, samples_sizes, dict_size, /):
    """Train a Zstandard dictionary on sample data."""
    sizes = _samples(samples_bytes, samples_sizes, dict_size)
    try:
        return _cap.train(samples_bytes, sizes, dict_size)
    except _cap.Error as failure:
        _raise(failure, "Unable to train the Zstandard dictionary: {}")


def finalize_dict(custom_dict_bytes, samples_bytes, samples_sizes, dict_size, compression_level, /):
    """Finalize a Zstandard dictionary."""
    if type(custom_dict_bytes) is not bytes:
        raise TypeError("the content of the dictionary must be bytes")
    sizes = _samples(samples_bytes, samples_sizes, dict_size)
    try:
        return _cap.finalize(custom_dict_bytes, samples_bytes, sizes, dict_size, _int(compression_level))
    except _cap.Error as failure:
        _raise(failure, "Unable to finalize the Zstandard dictionary: {}")


def get_frame_size(frame_buffer):
    """Get the size of a Zstandard frame, including the header and optional checksum."""
    try:
        return _cap.frame_size(frame_buffer)
    except _cap.Error as failure:
        _raise(failure, "Error when finding the compressed size of a Zstandard frame. Ensure the frame_buffer argument starts from the "
                        "beginning of a frame, and its length is not less than this complete frame. Zstd error message: {}.")


def get_frame_info(frame_buffer):
    """Get Zstandard frame infomation from a frame header."""
    try:
        return _cap.frame_info(frame_buffer)
    except _cap.Error as failure:
        _raise(failure, "Error when getting information from the header of a Zstandard frame. Ensure the frame_buffer argument starts from the "
                        "beginning of a frame, and its length is not less than the frame header (6~18 bytes).")


class ZstdDict:
    """Represents a Zstandard dictionary.

    dict_content is its content as bytes; is_raw says that it may be any bytes, for advanced users."""

    __slots__ = ("_content", "_dictionary", "_id")
    __module__ = "compression.zstd"

    def __init__(self, dict_content, /, *, is_raw=False):
        self._content = bytes(memoryview(dict_content))
        if len(self._content) < 8:
            raise ValueError("Zstandard dictionary content too short (must have at least eight bytes)")
        self._dictionary = _cap.Dictionary(self._content)
        self._id = self._dictionary.id()
        if not is_raw and self._id == 0:
            raise ValueError("invalid Zstandard dictionary")

    dict_content = property(lambda self: self._content, doc="The content of a Zstandard dictionary, as a bytes object.")
    dict_id = property(lambda self: self._id, doc="The Zstandard dictionary, an int between 0 and 2**32; 0 if it is raw content.")
    as_digested_dict = property(lambda self: (self, 0), doc="Load as a digested dictionary to compressor.")
    as_undigested_dict = property(lambda self: (self, 1), doc="Load as an undigested dictionary to compressor.")
    as_prefix = property(lambda self: (self, 2), doc="Load as a prefix to compressor/decompressor.")

    def __len__(self):
        return len(self._content)

    def __repr__(self):
        return f"<ZstdDict dict_id={self._id} dict_size={len(self._content)}>"

    def __reduce_ex__(self, protocol):
        raise TypeError("cannot pickle 'compression.zstd.ZstdDict' object")


class ZstdCompressor:
    """Create a compressor object for compressing data incrementally.

    level, options and zstd_dict are those of compression.zstd.compress(), which compresses in one call."""

    __slots__ = ("_stream", "_last_mode")
    __module__ = "compression.zstd"
    CONTINUE, FLUSH_BLOCK, FLUSH_FRAME = range(3)

    def __init__(self, level=None, options=None, zstd_dict=None):
        if level is not None and options is not None:
            raise TypeError("Only one of level or options should be used.")
        if level is not None and not isinstance(level, int):
            raise TypeError("invalid type for level, expected int")
        pairs = [] if level is None else [(_LEVEL, _level(level))]
        if options is not None:
            pairs = _parameters(options, True)
        self._stream = _open(_cap.Compressor, pairs, zstd_dict, _Usage.UNDIGESTED, "compression")
        self._last_mode = self.FLUSH_FRAME

    last_mode = property(lambda self: self._last_mode, doc="The last mode used to this compressor object.")

    def _compress(self, data, mode):
        try:
            data = self._stream.compress(data, mode)
            self._last_mode = mode
            return data
        except _cap.Error as failure:
            self._last_mode = self.FLUSH_FRAME
            _raise(failure, "Unable to compress Zstandard data: {}")

    def compress(self, data, mode=CONTINUE):
        """Provide data to the compressor object.

        Return a chunk of compressed data if possible, or b'' otherwise. When you have
        finished providing data to the compressor, call the flush() method to finish
        the compression process."""
        if mode not in (0, 1, 2):
            raise ValueError("mode argument wrong value, it should be one of ZstdCompressor.CONTINUE, ZstdCompressor.FLUSH_BLOCK, "
                             "ZstdCompressor.FLUSH_FRAME.")
        return self._compress(data, mode)

    def flush(self, mode=FLUSH_FRAME):
        """Finish the compression process.

        Flush any remaining data left in internal buffers. Since Zstandard data consists of one or more independent
        frames, the compressor object can still be used after this method is called."""
        if mode not in (1, 2):
            raise ValueError("mode argument wrong value, it should be ZstdCompressor.FLUSH_FRAME or ZstdCompressor.FLUSH_BLOCK.")
        return self._compress(b"", mode)

    def set_pledged_input_size(self, size, /):
        """Set the uncompressed content size to be written into the frame header.

        None: the size is not known. The compressor then raises ZstdError if another size is given."""
        if size is not None and not (isinstance(size, int) and 0 <= size < _SIZE_LIMIT):
            if not isinstance(size, int):
                raise TypeError(f"size argument should be a positive int less than {_SIZE_LIMIT}")
            raise ValueError(f"size argument should be a positive int less than {_SIZE_LIMIT}")
        if self._last_mode != self.FLUSH_FRAME:
            raise ValueError("set_pledged_input_size() method must be called when last_mode == FLUSH_FRAME")
        try:
            self._stream.pledge(size)
        except _cap.Error as failure:
            _raise(failure, "Unable to set pledged uncompressed content size: {}")

    def __reduce_ex__(self, protocol):
        raise TypeError("cannot pickle 'compression.zstd.ZstdCompressor' object")


class ZstdDecompressor:
    """Create a decompressor object for decompressing data incrementally.

    zstd_dict and options are those of compression.zstd.decompress(), which decompresses in one call."""

    __slots__ = ("_stream", "_eof", "_needs_input", "_unused_data")
    __module__ = "compression.zstd"

    def __init__(self, zstd_dict=None, options=None):
        pairs = [] if options is None else _parameters(options, False)
        self._stream = _open(_cap.Decompressor, pairs, zstd_dict, _Usage.DIGESTED, "decompression")
        self._eof, self._needs_input, self._unused_data = False, True, b""

    eof = property(lambda self: self._eof, doc="True means the end of the first frame has been reached.")
    needs_input = property(lambda self: self._needs_input, doc="False if b'' may give more output.")
    unused_data = property(lambda self: self._unused_data, doc="Input found after the end of the frame.")

    def decompress(self, data, max_length=-1):
        """Decompress *data*, returning uncompressed bytes if possible, or b'' otherwise.

        If *max_length* is nonnegative, at most that many bytes are returned; needs_input then says whether b'' gives more.

        Attempting to decompress data after the end of a frame is reached raises an EOFError. Any data found after the end
        of the frame is saved in unused_data."""
        if self._eof:
            raise EOFError("Already at the end of a Zstandard frame.")
        try:
            data, self._unused_data, self._eof, self._needs_input = self._stream.decompress(data, max_length)
            return data
        except _cap.Error as failure:
            self._needs_input = True
            _raise(failure, "Unable to decompress Zstandard data: {}")

    def __reduce_ex__(self, protocol):
        raise TypeError("cannot pickle 'compression.zstd.ZstdDecompressor' object")
