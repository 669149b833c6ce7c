"""The rows of a result: fetched in batches, small ones first so that the first row comes soon, then larger ones."""

import weakref
from itertools import islice

from _pylon_caps import loads

from . import _columns, _engine, _errors, _types

SMALLEST, LARGEST = 4 << 10, 256 << 10


class Result:
    """What a statement returned, and how far it was read."""

    def __init__(self, connection, result, found=()):
        # The connection has its result; who has only the result is a relation, which has the connection.
        self._connection = weakref.ref(connection)
        # Objects of Python that the statement reads while it is streamed.
        self._found = found
        self._result = result
        self._rows = iter(())
        self._size = SMALLEST
        self._described = self._converts = None
        self.returns_rows = result.kind()[1] == "QUERY_RESULT"

    @property
    def connection(self):
        return self._connection()

    @property
    def _columns(self):
        if self._described is None:
            self._described = [(column.name, _types.of_column(column)) for column in self._result.columns()]
        return self._described

    @property
    def names(self):
        return [name for name, _ in self._columns]

    @property
    def types(self):
        return [kind for _, kind in self._columns]

    @property
    def description(self):
        """As DB-API has it: the type of a column is an object that is equal to STRING, NUMBER, DATETIME or BINARY."""
        return [(name, kind, None, None, None, None, None) for name, kind in self._columns]

    @property
    def closed(self):
        return self._result is None

    def close(self):
        """Gives the result up."""
        self.names  # noqa: B018 (what was described stays known)
        if self._result is not None:
            self._result.close()
        self._result, self._rows, self._found = None, iter(()), ()

    def _batch(self, limit=0):
        """The next rows, a list of tuples; an empty one is the end."""
        if self._converts is None:
            # Without conversions None stands for all of them.
            converts = [_columns.converter(kind._document) for kind in self.types]
            self._converts = converts if any(converts) else []
        size, self._size = self._size, min(self._size * 4, LARGEST)
        if not self._converts:
            return loads(_engine.call(self.connection, self._result.next_rows, limit, size))
        columns = loads(_engine.call(self.connection, self._result.next_columns, limit, size))
        return list(zip(*(column if convert is None else convert(column) for convert, column in zip(self._converts, columns))))

    def fetchone(self):
        """The next row, or None."""
        self.check_open()
        for row in self._rows:
            return row
        self._rows = iter(self._batch())
        return next(self._rows, None)

    def fetchmany(self, size=1):
        """At most so many of the next rows."""
        self.check_open()
        rows = []
        while len(rows) < size:
            found = list(islice(self._rows, size - len(rows)))
            if not found:
                self._rows = iter(self._batch())
                if (row := next(self._rows, None)) is None:
                    break
                found = [row]
            rows += found
        return rows

    def fetchall(self):
        """All rows that are left."""
        self.check_open()
        rows = list(self._rows)
        self._size = LARGEST
        while found := self._batch():
            rows += found
        return rows

    def messages(self, rows=None):
        """The rest as messages of the Arrow IPC stream, the schema first."""
        if self._result is None:
            raise _errors.make(_errors.InvalidInputException, "There is no query result")
        return self._messages(self.connection, rows)

    def _messages(self, connection, rows):
        yield _engine.call(connection, self._result.arrow_schema)
        while (message := _engine.call(connection, self._result.arrow_next, rows or 0, 4 * LARGEST)):
            yield message

    def draw(self, width, rows, column_width, null_text, by_columns, limit):
        """The rest as a table of text."""
        return _engine.call(self.connection, self._result.draw, width, rows, column_width, null_text, by_columns, limit)

    def keep(self, name):
        """The rest as rows that queries of the connection read by a name."""
        _engine.call(self.connection, self._result.keep, name)

    def check_open(self):
        """What is asked of a result that was given up is an error."""
        if self._result is None:
            raise _errors.make(_errors.InvalidInputException, "result closed")
