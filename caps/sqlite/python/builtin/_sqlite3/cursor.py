"""Cursors. Rows come from the cap in batches and leave here one by one, without a step in Python for each."""

import gc as _gc
from _thread import get_ident as _get_ident
from itertools import chain as _chain, islice as _islice
from operator import attrgetter as _attrgetter, index as _index, itemgetter as _itemgetter

import _sqlite3.adaption as _adaption
import _sqlite3.cap as _cap
from _sqlite3.calls import interrupted as _interrupted
from _sqlite3.errors import CANNOT_BIND, NotSupportedError, ProgrammingError, of
from _sqlite3.statement import _MARKED, _PLAIN, _TEXT

# Bytes of a batch of rows, of which each row counts for at least 16: the first one, and further ones that rows are taken from
# one by one, do not make the collector of cycles look; where all rows are kept it need not.
_FIRST, _FURTHER, _LARGEST = 4096, 16 * 1024, 256 * 1024
_ROWS = 2048  # of parameters, sent at a time
_COLUMN_ROWS = 65536  # of columns, at a time

_flatten = _chain.from_iterable
_nothing = iter(())
_NO_ROWS = b"\x80"  # an empty array
_dumps = _loads = None
_Connection = None  # the class, once there is one


def _documents():
    global _dumps, _loads
    _dumps, _loads = _cap.documents()


class _Run:
    """A run of a statement that is not at its end. When nobody wants its rows any more, the statement is free again."""

    __slots__ = "statement",

    def __init__(self, statement):
        self.statement = statement
        statement.busy = True

    def end(self):
        """The statement has come to its end."""
        self.statement.busy = False
        self.statement = None

    def __del__(self):
        if self.statement is not None:
            statement, self.statement = self.statement, None
            statement.busy = False
            statement.handle.reset()


class _Result:
    """The rows of one run of a statement that are still to come."""

    __slots__ = "connection", "statement", "run", "limit", "batch", "problem", "shaped", "rowcount", "last"

    def close(self):
        """Ends it: whoever iterates over it comes to the end."""
        self.run = self.problem = None
        self.batch.clear()

    def batches(self):
        """All batches from the present one on."""
        while True:
            yield self.batch
            if self.problem is not None:
                problem, self.problem = self.problem, None
                raise of(problem)
            if self.run is None or self.last:
                return
            rows, more, changes, _, problem, _ = self.connection._watched(self.statement.handle.next, self.limit)
            self.take(rows, more, changes, problem)

    def take(self, rows, more, changes, problem):
        """Takes over what the cap came to."""
        batch = _loads(rows)
        self.batch = self.shaped(batch) if self.shaped is not None else batch
        self.problem = problem
        if not more:
            if self.statement.changes_data:
                self.rowcount = changes
            if self.run is not None:
                self.run.end()
                self.run = None


class Cursor:
    """SQLite database cursor class."""

    __module__ = "sqlite3"
    _connection = _description = _lastrowid = _row_factory = _statement = _result = None
    _closed = _locked = False
    _rowcount, _arraysize = -1, 1
    _stream, _batch = _nothing, ()

    def __init__(self, connection, /):
        if not isinstance(connection, _Connection):
            raise TypeError(f"Cursor() argument 1 must be sqlite3.Connection, not {type(connection).__name__}")
        if self._locked:
            self._refuse()
        if self._connection is not None:
            self._drop()
            self._description = self._lastrowid = self._row_factory = None
            self._rowcount, self._arraysize, self._closed = -1, 1, False
        if connection._thread is not None and connection._thread != _get_ident():
            connection._check_thread()
        self._connection = connection

    connection = property(_attrgetter("_connection"))
    description = property(_attrgetter("_description"))
    lastrowid = property(_attrgetter("_lastrowid"))

    def _row_factory_deleted(self):
        raise AttributeError("cannot delete row_factory attribute")

    row_factory = property(_attrgetter("_row_factory"), lambda self, factory: setattr(self, "_row_factory", factory), _row_factory_deleted)

    @property
    def arraysize(self):
        return self._arraysize

    @arraysize.setter
    def arraysize(self, size):
        self._arraysize = _count_of_rows(size, "to convert to")

    @arraysize.deleter
    def arraysize(self):
        raise AttributeError("attribute 'arraysize' of 'sqlite3.Cursor' objects cannot be deleted")

    @property
    def rowcount(self):
        return self._rowcount if self._result is None else self._result.rowcount

    def _check(self):
        """Refuses if the cursor cannot be used here and now."""
        connection = self._connection
        if (connection is None or self._closed or self._locked or connection._db is None
                or connection._thread is not None and connection._thread != _get_ident()):
            self._refuse()

    def _refuse(self):
        if self._connection is None:
            raise ProgrammingError("Base Cursor.__init__ not called.")
        if self._closed:
            raise ProgrammingError("Cannot operate on a closed cursor.")
        self._connection._check_thread()
        self._connection._check_open()
        if self._locked:
            raise ProgrammingError("Recursive use of cursors not allowed.")

    def _drop(self):
        """Ends what was being fetched."""
        result = self._result
        if result is not None:
            self._rowcount, self._result = result.rowcount, None
            result.close()
        elif self._batch:
            self._batch.clear()
        self._stream, self._batch = _nothing, ()

    def execute(self, sql, parameters=(), /):
        """Executes an SQL statement."""
        # Every statement of a program comes through here: the steps that most of them need are not calls.
        connection = self._connection
        if (connection is None or self._closed or self._locked or connection._db is None
                or connection._thread is not None and connection._thread != _get_ident()):
            self._refuse()
        running = connection._running
        self._locked = connection._running = True
        try:
            if _dumps is None or type(sql) is not str:
                self._begin(sql)
            if self._result is not None or self._batch:
                self._drop()
            statement = connection._statements(sql)
            if statement.busy:
                statement = connection(sql)
            if statement.changes_data:
                begin, self._rowcount = connection._begin, 0
            else:
                begin, self._rowcount = 0, -1
            if connection._shaped:
                self._shape(statement)
            payload = None
            if not _adaption.any_looked_for and not statement.named and (type(parameters) is tuple or type(parameters) is list):
                try:
                    payload = _dumps(parameters)
                except (TypeError, OverflowError):
                    pass
            if payload is None:
                payload = _dumps(statement.bindings(parameters))
            rows, more, changes, self._lastrowid, problem, columns = statement.run(payload, begin, _FIRST)
            if columns is not None:
                statement.describe(columns, connection._detect_types)
            if problem is not None and rows == _NO_ROWS:
                if problem[0] == CANNOT_BIND:
                    statement.bindings(parameters)
                raise of(problem)
            self._statement, self._description = statement, statement.description
            if more or problem is not None or connection._shaped:
                self._start(statement, rows, more, changes, problem)
            else:
                if rows != _NO_ROWS:
                    self._batch = batch = _loads(rows)
                    self._stream = iter(batch)
                if statement.changes_data:
                    self._rowcount = changes
        except:
            self._rowcount, self._description = -1, None
            raise
        finally:
            self._locked, connection._running = False, running
            if _interrupted and not running:
                _interrupted.discard(connection._number)
        return self

    def _begin(self, sql):
        if not isinstance(sql, str):
            raise TypeError(f"execute() argument 1 must be str, not {type(sql).__name__}")
        if _dumps is None:
            _documents()

    def _prepared(self, sql):
        statement = self._connection._statements(sql)
        return self._connection(sql) if statement.busy else statement

    def _shape(self, statement):
        """Says how the statement's columns are to come; what is left to do here, or None."""
        connection = self._connection
        factory = connection.text_factory
        converters = statement.find_converters(connection._detect_types) if connection._detect_types else {}
        texts = _TEXT if factory is str else _PLAIN if factory is bytes else _MARKED
        statement.set_shape(texts, converters)
        if texts != _MARKED and not converters:
            return None
        return _shaper(converters, factory if texts == _MARKED else None)

    def _start(self, statement, rows, more, changes, problem):
        result = _Result()
        result.connection, result.statement, result.rowcount = self._connection, statement, self._rowcount
        result.limit, result.last = _FURTHER, False
        result.shaped = self._shape(statement) if self._connection._shaped else None
        result.run = _Run(statement) if more else None
        result.take(rows, more, changes, problem)
        if more or problem is not None:
            self._stream = _flatten(result.batches())
        else:
            self._stream = iter(result.batch)
        self._result = result

    def executemany(self, sql, seq_of_parameters, /):
        """Repeatedly executes an SQL statement."""
        if self._connection is None:
            self._refuse()
        self._check()
        self._locked = True
        try:
            columns = hasattr(seq_of_parameters, "__arrow_ipc__") and not isinstance(seq_of_parameters, Cursor)
            parameters = seq_of_parameters.__arrow_ipc__(_COLUMN_ROWS) if columns else iter(seq_of_parameters)
            self._begin(sql)
            self._drop()
            self._description = None
            statement = self._prepared(sql)
            if statement.reads_only:
                raise ProgrammingError("executemany() can only execute DML statements.")
            self._rowcount = 0 if statement.changes_data else -1
            if columns:
                self._run_columns(statement, parameters)
            else:
                self._run_many(statement, parameters)
            self._description = statement.description
        except:
            self._rowcount = -1
            raise
        finally:
            self._locked = False
        return self

    def _run_many(self, statement, parameters):
        """Runs a statement for each of many rows of parameters, of which an exception may be the end."""
        size = 64
        while True:
            rows, failure = [], None
            try:
                rows.extend(_islice(parameters, size))
            except BaseException as error:
                failure = error
            if rows:
                self._run_rows(statement, rows)
            if failure is not None:
                raise failure
            if len(rows) < size:
                return
            size = _ROWS

    def _run_rows(self, statement, rows):
        begin = self._connection._begin if statement.changes_data else 0
        start = 0
        while start < len(rows):
            count, problem = self._send(statement, rows[start:] if start else rows, begin)
            if problem is not None:
                raise of(problem)
            start += count
            if start < len(rows):  # one whose values have to be adapted first, or are wrong
                count, problem = self._send_one(statement, rows[start], begin)
                if problem is not None:
                    raise of(problem)
                start += 1

    def _send(self, statement, rows, begin):
        """Runs rows as they are; how many were run, and what stopped the next one."""
        if statement.named and type(rows[0]) is dict and not _adaption.any_looked_for:
            rows = _rows_of_dicts(statement.names, rows)
        elif statement.named or _adaption.any_looked_for:
            return 0, None
        try:
            payload = _dumps(rows)
        except (TypeError, ValueError, OverflowError):
            return 0, None
        return self._run_payload(statement, payload, begin)

    def _send_one(self, statement, row, begin):
        return self._run_payload(statement, _dumps((statement.bindings(row),)), begin)

    def _run_payload(self, statement, payload, begin):
        count, changes, problem = self._connection._watched(statement.handle.run_many, payload, begin)
        if statement.changes_data:
            self._rowcount += changes
        return count, problem

    def _run_columns(self, statement, messages):
        """Runs a statement for the rows of columns of Arrow's, which never are Python's objects."""
        first = memoryview(next(messages))
        end = 8 + int.from_bytes(first[4:8], "little")  # of the schema's message
        schema, batch = first[:end], first[end:]
        begin = self._connection._begin if statement.changes_data else 0
        while batch is not None:
            count, changes, problem = self._connection._watched(statement.handle.run_columns, b"".join((schema, batch)), begin)
            if statement.changes_data:
                self._rowcount += changes
            if problem is not None:
                raise of(problem)
            batch = next(messages, None)

    def executescript(self, sql_script, /):
        """Executes multiple SQL statements at once."""
        if not isinstance(sql_script, str):
            raise TypeError(f"executescript() argument must be str, not {type(sql_script).__name__}")
        if "\0" in sql_script:
            raise ValueError("embedded null character")
        if self._connection is None:
            self._refuse()
        self._check()
        self._connection._run_script(sql_script)
        return self

    def __iter__(self):
        if self._row_factory is None and not self._locked and self._is_plain():
            self._check()
            return self._stream
        return self

    def _is_plain(self):
        return type(self).__next__ is Cursor.__next__

    def __next__(self):
        if self._connection is None:
            self._refuse()
        self._check()
        self._locked = True
        try:
            row = next(self._stream)
        finally:
            self._locked = False
        return row if self._row_factory is None else self._row_factory(self, row)

    def fetchone(self):
        """Fetches one row from the resultset."""
        connection = self._connection
        if (connection is None or self._closed or self._locked or connection._db is None
                or connection._thread is not None and connection._thread != _get_ident()):
            self._refuse()
        if self._result is None:
            row = next(self._stream, None)
        else:
            self._locked = True
            try:
                row = next(self._stream, None)
            finally:
                self._locked = False
        return row if row is None or self._row_factory is None else self._row_factory(self, row)

    def fetchmany(self, size=None):
        """Fetches several rows from the resultset."""
        size = self._arraysize if size is None else _count_of_rows(size, "for")
        self._check()
        return self._rows(size)

    def fetchall(self):
        """Fetches all rows from the resultset."""
        self._check()
        return self._rows(None)

    def _rows(self, size):
        stream = self._stream if size is None else _islice(self._stream, size)
        rows = self._many(stream) if self._result is not None else list(stream)
        factory = self._row_factory
        return rows if factory is None else [factory(self, row) for row in rows]

    def _many(self, stream):
        """A list of rows that come in several batches: all of them live, so the collector need not look between the batches."""
        self._locked = True
        self._result.limit = _LARGEST
        collecting = self._result.shaped is None and _gc.isenabled()
        if collecting:
            _gc.disable()
        try:
            return list(stream)
        finally:
            self._locked = False
            if collecting:
                _gc.enable()

    def __arrow_ipc__(self, max_rows=None):
        """The rows that remain as columns, in messages of Arrow's IPC format: `arrow.table(cursor)` is a table of them."""
        self._check()
        if self._description is None:
            raise ProgrammingError("the statement of this cursor gives no rows")
        if self._connection._shaped:
            raise NotSupportedError("converters and text factories are for rows, not for columns: use a connection without them")
        result = self._result
        if result is not None:
            result.last = True
        fetched = _dumps(list(self._stream))
        run = None
        if result is not None:
            result.run, run = None, result.run
        self._drop()
        return _columns(self._connection, self._statement.handle, fetched, run, max_rows or _COLUMN_ROWS)

    def setinputsizes(self, sizes, /):
        """Required by DB-API. Does nothing in sqlite3."""

    def setoutputsize(self, size, column=None, /):
        """Required by DB-API. Does nothing in sqlite3."""

    def close(self):
        """Closes the cursor."""
        if self._locked:
            raise ProgrammingError("Recursive use of cursors not allowed.")
        if self._connection is None:
            raise ProgrammingError("Base Cursor.__init__ not called.")
        self._connection._check_thread()
        self._connection._check_open()
        self._drop()
        self._closed = True


def _columns(connection, handle, fetched, run, limit):
    """The messages of the rows that were fetched and of those that a run still gives."""
    batch = connection._call(handle.first_columns, fetched, run is not None, limit)
    while True:
        if run is not None and not batch.more:
            run.end()
            run = None
        if batch.messages:
            yield batch.messages
        if run is None:
            return
        connection._check()
        batch = connection._call(handle.next_columns, limit)


def _count_of_rows(size, words):
    """A number of rows as C takes it."""
    size = _index(size)
    if size < 0:
        raise ValueError("Cannot convert negative int")
    if size > 0xFFFFFFFF:
        raise OverflowError(f"Python int too large {words} C uint32_t")
    return size


def _shaper(converters, factory):
    """What converts the columns of rows that came as byte strings."""
    def convert(row):
        row = list(row)
        for index, value in enumerate(row):
            if index in converters:
                if value is not None:
                    row[index] = converters[index](value)
            elif factory is not None and type(value) is tuple:
                row[index] = factory(value[0])
        return tuple(row)

    return lambda batch: _Lazy(convert, batch)


class _Lazy:
    """A batch whose rows are converted when they are fetched, each once."""

    def __init__(self, convert, rows):
        self.rows, self._convert = rows, convert

    def __iter__(self):
        return map(self._convert, self.rows)

    def clear(self):
        self.rows.clear()


def _rows_of_dicts(names, rows):
    """Rows of values by the parameters' names; the rows as they are if that is not possible."""
    try:
        keys = [name[1:] for name in names if name]
        if len(keys) != len(names):
            return rows
        return list(map(_itemgetter(*keys), rows)) if len(keys) > 1 else [(row[keys[0]],) for row in rows]
    except (LookupError, TypeError):
        return rows
