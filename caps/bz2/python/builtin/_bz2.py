"""The compressor and decompressor that the standard library's bz2 is made of."""

from operator import index as _index

from _bz2_cap import Compressor as _Compressor, Decompressor as _Decompressor, Error as _Error, ErrorValue as _ErrorValue


def _raise(failure):
    """Raises what CPython raises for an error of the library."""
    if failure.value == _ErrorValue.MEMORY:
        raise MemoryError from None
    if failure.value == _ErrorValue.PARAMETER:
        raise ValueError("Internal error - invalid parameters passed to libbzip2") from None
    raise OSError("Invalid data stream") from None


class BZ2Compressor:
    """Create a compressor object for compressing data incrementally.

      compresslevel
        Compression level, as a number between 1 and 9.

    For one-shot compression, use the compress() function instead."""

    __slots__ = ("_stream",)

    def __new__(cls, compresslevel=9, /):
        self = object.__new__(cls)
        if not 1 <= _index(compresslevel) <= 9:
            raise ValueError("compresslevel must be between 1 and 9")
        try:
            self._stream = _Compressor.open(compresslevel)
        except _Error as failure:
            _raise(failure)
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
        except _Error as failure:
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
        except _Error as failure:
            _raise(failure)

    def __reduce_ex__(self, protocol):
        raise TypeError("cannot pickle '_bz2.BZ2Compressor' object")


class BZ2Decompressor:
    """Create a decompressor object for decompressing data incrementally.

    For one-shot decompression, use the decompress() function instead."""

    __slots__ = ("_stream", "eof", "needs_input", "unused_data")

    def __new__(cls):
        self = object.__new__(cls)
        self._stream = _Decompressor()
        self.eof, self.needs_input, self.unused_data = False, True, b""
        return self

    def decompress(self, data, max_length=-1):
        """Decompress *data*, returning uncompressed data as bytes.

        If *max_length* is nonnegative, returns at most *max_length* bytes of
        decompressed data. If this limit is reached and further output can be
        produced, *self.needs_input* will be set to ``False``. In this case, the next
        call to *decompress()* may provide *data* as b'' to obtain more of the output.

        If all of the input data was decompressed and returned (either because this
        was less than *max_length* bytes, or because *max_length* was negative),
        *self.needs_input* will be set to True.

        Attempting to decompress data after the end of stream is reached raises an
        EOFError.  Any data found after the end of the stream is ignored and saved in
        the unused_data attribute."""
        if self.eof:
            raise EOFError("End of stream already reached")
        if self._stream is None:
            raise ValueError("Decompressor is unusable after a previous error")
        try:
            data, self.unused_data, self.eof, self.needs_input = self._stream.decompress(data, max_length)
        except _Error as failure:
            self._stream, self.needs_input = None, False
            _raise(failure)
        return data

    def __reduce_ex__(self, protocol):
        raise TypeError("cannot pickle '_bz2.BZ2Decompressor' object")
