"""Rows on their way into a table, past SQL."""

from . import _engine, _names, _values
from ._lazy import _objects


class Appender:
    """Rows of a table; they are there when it is flushed, finished or, as a context manager, left without an exception."""

    def __init__(self, connection, table_name, columns=None):
        *qualifiers, table = _names.parts(table_name)
        catalog, schema = (None, None, *qualifiers)[-2:]
        self._connection = connection
        self._appender = _engine.call(connection, connection._open().append, catalog, schema, table, columns)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if kind is None:
            self.finish()
        else:
            self._appender.close()

    def append(self, *values):
        """One row; many at once are far faster by `append_rows`."""
        self.append_rows([values])

    def append_rows(self, rows):
        """Rows, each a tuple or list; or an object of Arrow's."""
        if (messages := _objects.messages(rows)) is not None:
            _engine.call(self._connection, self._appender.append_arrow, messages)
        else:
            _engine.call(self._connection, self._appender.append_rows, _values.rows_document(rows if isinstance(rows, list) else list(rows)))

    def flush(self):
        """Makes what was appended part of the table."""
        _engine.call(self._connection, self._appender.flush)

    def finish(self):
        """The same, for the last time."""
        _engine.call(self._connection, self._appender.finish)
