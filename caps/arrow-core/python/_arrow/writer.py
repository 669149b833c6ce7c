"""What writers of streams, files and CSV have in common."""

import os

from .errors import ArrowInvalid
from .table import RecordBatch


class Writer:
    """Writes record batches of one schema to a path or a binary file."""

    _most_rows = None  # of a batch of a table

    def __init__(self, sink, schema):
        self.schema = schema
        self._owned = isinstance(sink, (str, os.PathLike))
        self._sink = open(sink, "wb") if self._owned else sink
        self._closed = False

    def write_batch(self, batch):
        """Writes a record batch."""
        if batch.schema != self.schema:
            raise ArrowInvalid("Tried to write record batch with different schema")
        self._write(batch)

    def write_table(self, table, max_chunksize=None):
        """Writes all batches of a table."""
        for batch in table.to_batches(max_chunksize or self._most_rows):
            self.write_batch(batch)

    def write(self, table_or_batch):
        """Writes a table or a record batch."""
        (self.write_batch if isinstance(table_or_batch, RecordBatch) else self.write_table)(table_or_batch)

    def close(self):
        """Writes the end, if the format has one; the file is closed if it was given by its path."""
        if not self._closed:
            self._closed = True
            self._end()
            if self._owned:
                self._sink.close()

    def _write(self, batch):
        raise NotImplementedError

    def _end(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
