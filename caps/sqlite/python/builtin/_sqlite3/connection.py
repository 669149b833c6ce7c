"""Connections."""

import os
import sys
import _warnings as warnings
from _thread import get_ident as _get_ident
from functools import lru_cache as _lru_cache
from itertools import count as _count
from operator import attrgetter as _attrgetter

import _sqlite3.adaption as _adaption
import _sqlite3.blob as _blob
import _sqlite3.calls as _calls
import _sqlite3.cap as _cap
import _sqlite3.constants as _constants
import _sqlite3.cursor as _cursor
import _sqlite3.statement as _statement
from _sqlite3 import errors as _errors
from _sqlite3.cursor import Cursor
from _sqlite3.errors import DataError, InterfaceError, OperationalError, ProgrammingError, of

_LEGACY = _constants.LEGACY_TRANSACTION_CONTROL
_BEGINNINGS = {"": 1, "DEFERRED": 2, "IMMEDIATE": 3, "EXCLUSIVE": 4}
_READ_WRITE, _CREATE, _URI = 2, 4, 64
_SQL_LENGTH = _constants.SQLITE_LIMIT_SQL_LENGTH
_BUSY, _LOCKED, _DONE, _OK, _MISUSE = 5, 6, 101, 0, 21
_DETERMINISTIC = 0x800
_LARGEST_INT = 0x7FFFFFFF
_SWITCHES = frozenset(getattr(_constants, f"SQLITE_DBCONFIG_{name}") for name in """ENABLE_FKEY ENABLE_TRIGGER ENABLE_FTS3_TOKENIZER
    ENABLE_LOAD_EXTENSION NO_CKPT_ON_CLOSE ENABLE_QPSG TRIGGER_EQP RESET_DATABASE DEFENSIVE WRITABLE_SCHEMA DQS_DDL DQS_DML
    LEGACY_ALTER_TABLE ENABLE_VIEW LEGACY_FILE_FORMAT TRUSTED_SCHEMA""".split())

_numbers = _count()
_directory = None  # what the cap was told


def _tell_directory():
    """Tells the cap where relative paths begin."""
    global _directory
    try:
        current = os.getcwd()
    except OSError:
        return
    if current != _directory:
        _cap.engine().set_directory(current)
        _directory = current


def _isolation(level):
    if level is None:
        return None
    if not isinstance(level, str):
        raise TypeError("isolation_level must be str or None")
    level = _checked_text(level)
    for known in _BEGINNINGS:
        if str.upper(level) == known:
            return known
    raise ValueError("isolation_level string must be '', 'DEFERRED', 'IMMEDIATE', or 'EXCLUSIVE'")


def _autocommit(value):
    if value is True or value is False:
        return value
    if isinstance(value, int) and value == _LEGACY:
        return _LEGACY
    raise ValueError("autocommit must be True, False, or sqlite3.LEGACY_TRANSACTION_CONTROL")


def _int(value):
    value = value.__index__() if not isinstance(value, int) and hasattr(type(value), "__index__") else value
    if not isinstance(value, int):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    if not -_LARGEST_INT - 1 <= value <= _LARGEST_INT:
        raise OverflowError("Python int too large to convert to C int")
    return value


def _checked_text(value):
    """A text that can be UTF-8 that ends in NUL."""
    str.encode(value)
    if "\0" in value:
        raise ValueError("embedded null character")
    return value


def _text(function, value, what):
    if not isinstance(value, str):
        raise TypeError(f"{function}() argument {what} must be str, not {'None' if value is None else type(value).__name__}")
    return _checked_text(value)


def _list(names):
    names = [f"'{name}'" for name in names]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _positional_soon(function, names, keywords):
    """The warning for keywords that Python 3.15 does not take."""
    if keywords.keys() & {*names}:
        plural = "s" if len(names) > 1 else ""
        warnings.warn(f"Passing keyword argument{plural} {_list(names)} to _sqlite3.Connection.{function}() is deprecated. "
                      f"Parameter{plural} {_list(names)} will become positional-only in Python 3.15.", DeprecationWarning, stacklevel=3)


def _bound(function, names, arguments, keywords):
    """Arguments by their names, all of which must be there."""
    if len(arguments) > len(names):
        plural = "s" if len(names) > 1 else ""
        raise TypeError(f"{function}() takes exactly {len(names)} positional argument{plural} ({len(arguments)} given)")
    values = list(arguments)
    for position, name in enumerate(names, 1):
        if position > len(arguments):
            if name not in keywords:
                raise TypeError(f"{function}() missing required argument '{name}' (pos {position})")
            values.append(keywords.pop(name))
        elif name in keywords:
            raise TypeError(f"argument for {function}() given by name ('{name}') and position ({position})")
    for name in keywords:
        raise TypeError(f"{function}() got an unexpected keyword argument '{name}'")
    return values


class Connection:
    """SQLite database connection object."""

    __module__ = "sqlite3"
    __text_signature__ = "(sql, /)"
    _db = _thread = None
    _initialised = False

    for _name in ("Warning", "Error", "InterfaceError", "DatabaseError", "DataError", "OperationalError", "IntegrityError", "InternalError",
                  "ProgrammingError", "NotSupportedError"):
        locals()[_name] = property(lambda self, _class=getattr(_errors, _name): _class)
    del _name

    def __init__(self, *positional, **keywords):
        if positional:
            database, *positional = positional
        elif "database" in keywords:
            database = keywords.pop("database")
        else:
            raise TypeError("Connection() missing required argument 'database' (pos 1)")
        if positional:
            given = _bound_options(positional, keywords)
            warnings.warn("Passing more than 1 positional argument to _sqlite3.Connection() is deprecated. Parameters 'timeout', "
                          "'detect_types', 'isolation_level', 'check_same_thread', 'factory', 'cached_statements' and 'uri' will become "
                          "keyword-only parameters in Python 3.15.", DeprecationWarning, stacklevel=2)
            keywords = given
        self._open(database, **keywords)

    def _open(self, database, timeout=5.0, detect_types=0, isolation_level="", check_same_thread=True, factory=None, cached_statements=128,
              uri=False, *, autocommit=_LEGACY):
        timeout = float(timeout)
        detect_types, cached_statements = _int(detect_types), _int(cached_statements)
        isolation_level, autocommit = _isolation(isolation_level), _autocommit(autocommit)
        sys.audit("sqlite3.connect", database)
        path = os.fsdecode(database)
        if "\0" in path:
            raise ValueError("embedded null byte")
        if self._initialised:
            self._initialised = False
            self._shut()
        engine = _cap.engine()
        _tell_directory()
        self._functions = {}
        self._blobs = ()
        self._row_factory, self._text_factory = None, str
        self._detect_types = detect_types
        self._shaped = detect_types != 0
        self._isolation_level, self._autocommit = isolation_level, autocommit
        self._choose_beginning()
        self._longest_sql = 1_000_000_000
        self._running, self._number = False, next(_numbers)
        self._thread = _get_ident() if check_same_thread else None
        self._created_in = _get_ident()
        try:
            flags = _READ_WRITE | _CREATE | (_URI if uri else 0)
            self._db = engine.Connection.open(path, flags, int(max(min(timeout * 1000, _LARGEST_INT), -1)), self._number)
        except _cap.Problem as problem:
            raise of(problem.value) from None
        self._statements = _lru_cache(cached_statements)(self)
        sys.audit("sqlite3.connect/handle", self)
        self._initialised = True
        if autocommit is False:
            self._run("BEGIN")

    def _choose_beginning(self):
        legacy = self._autocommit == _LEGACY and self._autocommit is not False and self._autocommit is not True
        self._begin = _BEGINNINGS[self._isolation_level] if legacy and self._isolation_level is not None else 0

    # ---- whether it can be used

    def _check_thread(self):
        if self._thread is not None and self._thread != _get_ident():
            raise ProgrammingError("SQLite objects created in a thread can only be used in that same thread. The object was created in "
                                   f"thread id {self._thread} and this is thread id {_get_ident()}.")

    def _check_open(self):
        if not self._initialised:
            raise ProgrammingError("Base Connection.__init__ not called.")
        if self._db is None:
            raise ProgrammingError("Cannot operate on a closed database.")

    def _check(self):
        self._check_thread()
        self._check_open()

    def _watched(self, method, *arguments):
        """A call of the cap that interrupt() can end."""
        before, self._running = self._running, True
        try:
            return method(*arguments)
        finally:
            self._running = before
            if _calls.interrupted and not before:
                _calls.interrupted.discard(self._number)

    def _call(self, method, *arguments):
        """The same where it may fail."""
        try:
            return self._watched(method, *arguments)
        except _cap.Problem as problem:
            raise of(problem.value) from None

    def _run(self, sql, commit_first=False):
        self._call(self._db.execute, sql, commit_first)

    _tell_directory = staticmethod(_tell_directory)

    # ---- closing

    def close(self):
        """Close the database connection.

        Any pending transaction is not committed implicitly."""
        self._check_thread()
        if not self._initialised:
            raise ProgrammingError("Base Connection.__init__ not called.")
        self._shut()

    def _shut(self):
        if self._db is None:
            return
        for blob in list(self._blobs):
            blob._shut()
        self._statements = None
        db, self._db = self._db, None
        try:
            if self._autocommit is False:
                self._call(db.roll_back)
        finally:
            db.close()
            for number in self._functions.values():
                _calls.functions.pop(number, None)

    def __del__(self):
        if self._db is not None and _cap is not None:  # when the interpreter ends, SQLite ends with it
            try:
                warnings.warn(f"unclosed database in {self!r}", ResourceWarning, source=self)
            finally:
                self._shut()

    def __enter__(self):
        """Called when the connection is used as a context manager.

        Returns itself as a convenience to the caller."""
        self._check_open()
        return self

    def __exit__(self, type, value, traceback, /):
        """Called when the connection is used as a context manager.

        If there was any exception, a rollback takes place; otherwise we commit."""
        if type is None and value is None and traceback is None:
            try:
                self.commit()
            except BaseException:
                self.rollback()
                raise
        else:
            self.rollback()
        return False

    # ---- statements

    def __call__(self, *arguments, **keywords):
        self._check()
        if keywords:
            raise TypeError("_sqlite3.Connection() takes no keyword arguments")
        if len(arguments) != 1:
            raise TypeError(f"function takes exactly 1 argument ({len(arguments)} given)")
        return _statement.prepare(self, arguments[0])

    def cursor(self, factory=Cursor):
        """Return a cursor for the connection."""
        if self._db is None or self._thread is not None and self._thread != _get_ident():
            self._check()
        cursor = factory(self)
        if type(cursor) is not Cursor and not issubclass(type(cursor), Cursor):
            raise TypeError(f"factory must return a cursor, not {type(cursor).__name__}")
        if self._row_factory is not None:
            cursor._row_factory = self._row_factory
        return cursor

    def execute(self, sql, parameters=(), /):
        """Executes an SQL statement."""
        cursor = self.cursor()
        Cursor.execute(cursor, sql, parameters)
        return cursor

    def executemany(self, sql, parameters, /):
        """Repeatedly executes an SQL statement."""
        cursor = self.cursor()
        Cursor.executemany(cursor, sql, parameters)
        return cursor

    def executescript(self, sql_script, /):
        """Executes multiple SQL statements at once."""
        cursor = self.cursor()
        cursor.executescript(sql_script)
        return cursor

    def _run_script(self, script):
        if len(script) * 4 > self._longest_sql and len(script.encode()) > self._longest_sql:
            raise DataError("query string is too large")
        _tell_directory()
        self._run(script, self._begin_is_implicit())

    def _begin_is_implicit(self):
        return self._autocommit is not True and self._autocommit is not False

    # ---- transactions

    def commit(self):
        """Commit any pending transaction to the database.

        If there is no open transaction, this method is a no-op."""
        self._check()
        if self._autocommit is False:
            self._run("COMMIT")
            self._run("BEGIN")
        elif self._autocommit is not True:
            self._run("", True)

    def rollback(self):
        """Roll back to the start of any pending transaction.

        If there is no open transaction, this method is a no-op."""
        self._check()
        if self._autocommit is False:
            self._run("ROLLBACK")
            self._run("BEGIN")
        elif self._autocommit is not True:
            self._call(self._db.roll_back)

    @property
    def in_transaction(self):
        self._check_open()
        return self._db.in_transaction()

    @property
    def total_changes(self):
        self._check_open()
        return self._db.total_changes()

    @property
    def isolation_level(self):
        self._check_open()
        return self._isolation_level

    @isolation_level.setter
    def isolation_level(self, level):
        if level is None:
            self._isolation_level = None
            self._choose_beginning()
            self.commit()
        else:
            self._isolation_level = _isolation(level)
            self._choose_beginning()

    @isolation_level.deleter
    def isolation_level(self):
        raise AttributeError("cannot delete attribute")

    def _row_factory_deleted(self):
        raise AttributeError("cannot delete row_factory attribute")

    row_factory = property(_attrgetter("_row_factory"), lambda self, factory: setattr(self, "_row_factory", factory), _row_factory_deleted)

    @property
    def autocommit(self):
        self._check()
        return self._autocommit

    @autocommit.setter
    def autocommit(self, value):
        self._check()
        self._autocommit = _autocommit(value)
        self._choose_beginning()
        if self._autocommit is True:
            self._run("", True)
        elif self._autocommit is False and not self._db.in_transaction():
            self._run("BEGIN")

    @autocommit.deleter
    def autocommit(self):
        raise AttributeError("cannot delete autocommit attribute")

    # ---- how values come

    @property
    def text_factory(self):
        return self._text_factory

    @text_factory.setter
    def text_factory(self, factory):
        self._text_factory = factory
        self._shaped = True

    @text_factory.deleter
    def text_factory(self):
        raise AttributeError("cannot delete text_factory attribute")

    # ---- the program's functions

    def _keep(self, key, function):
        """A number for a function that takes the place of an earlier one."""
        number = None if function is None else _calls.register(function)
        before = self._functions.pop(key, None)
        if number is not None:
            self._functions[key] = number
        return number, before

    def _define(self, key, function, method, *arguments):
        number, before = self._keep(key, function)
        try:
            method(*arguments, number)
        except BaseException:
            _calls.functions.pop(self._functions.pop(key, None), None)
            raise
        finally:
            _calls.functions.pop(before, None)

    def _check_count(self, name, count):
        most = self._db.limit(_constants.SQLITE_LIMIT_FUNCTION_ARG, -1)
        if not -1 <= count <= most:
            raise ProgrammingError(f"'{name}' must be between -1 and {most}, not {count}")

    def create_function(self, /, *arguments, deterministic=False, **keywords):
        """Creates a new function."""
        _positional_soon("create_function", ("name", "narg", "func"), keywords)
        name, narg, func = _bound("create_function", ("name", "narg", "func"), arguments, keywords)
        name, narg = _text("create_function", name, 1), _int(narg)
        self._check()
        self._check_count("narg", narg)
        flags = _DETERMINISTIC if deterministic else 0
        try:
            self._define(("function", name.lower(), narg), func, self._db.create_function, name, narg, flags)
        except _cap.Problem:
            raise OperationalError("Error creating function") from None

    def create_aggregate(self, /, *arguments, **keywords):
        """Creates a new aggregate."""
        names = "name", "n_arg", "aggregate_class"
        _positional_soon("create_aggregate", names, keywords)
        name, n_arg, aggregate_class = _bound("create_aggregate", names, arguments, keywords)
        name, n_arg = _text("create_aggregate", name, 1), _int(n_arg)
        self._check()
        self._check_count("n_arg", n_arg)
        try:
            self._define(("function", name.lower(), n_arg), aggregate_class, self._db.create_aggregate, name, n_arg, False)
        except _cap.Problem:
            raise OperationalError("Error creating aggregate") from None

    def create_window_function(self, name, num_params, aggregate_class, /):
        """Creates or redefines an aggregate window function. Non-standard.

          name
            The name of the SQL aggregate window function to be created or
            redefined.
          num_params
            The number of arguments the step and inverse methods takes.
          aggregate_class
            A class with step(), finalize(), value(), and inverse() methods.
            Set to None to clear the window function."""
        name, num_params = _text("create_window_function", name, 1), _int(num_params)
        self._check()
        self._check_count("num_params", num_params)
        try:
            self._define(("function", name.lower(), num_params), aggregate_class, self._db.create_aggregate, name, num_params, True)
        except _cap.Problem as problem:
            raise of(problem.value) from None

    def create_collation(self, name, callback, /):
        """Creates a collation function."""
        name = _text("create_collation", name, 1)
        self._check()
        if callback is not None and not callable(callback):
            raise TypeError("parameter must be callable")
        try:
            self._define(("collation", name.lower()), callback, self._db.create_collation, name)
        except _cap.Problem as problem:
            raise of(problem.value) from None

    def set_authorizer(self, /, *arguments, **keywords):
        """Set authorizer callback."""
        _positional_soon("set_authorizer", ("authorizer_callback",), keywords)
        function, = _bound("set_authorizer", ("authorizer_callback",), arguments, keywords)
        self._check()
        self._define("authorizer", function, self._db.set_authorizer)

    def set_trace_callback(self, /, *arguments, **keywords):
        """Set a trace callback called for each SQL statement (passed as unicode)."""
        _positional_soon("set_trace_callback", ("trace_callback",), keywords)
        function, = _bound("set_trace_callback", ("trace_callback",), arguments, keywords)
        self._check()
        self._define("trace", function, self._db.set_trace)

    def set_progress_handler(self, /, *arguments, **keywords):
        """Set progress handler callback.

          progress_handler
            A callable that takes no arguments.
            If the callable returns non-zero, the current query is terminated,
            and an exception is raised.
          n
            The number of SQLite virtual machine instructions that are
            executed between invocations of 'progress_handler'.

        If 'progress_handler' is None or 'n' is 0, the progress handler is disabled."""
        _positional_soon("set_progress_handler", ("progress_handler",), keywords)
        function, n = _bound("set_progress_handler", ("progress_handler", "n"), arguments, keywords)
        n = _int(n)
        self._check()
        self._define("progress", function, lambda number: self._db.set_progress(number, n))

    def interrupt(self):
        """Abort any pending database operation."""
        self._check_open()
        if self._running:  # a callback's thread or another one, while it has its turn
            _calls.interrupted.add(self._number)
        else:
            self._db.interrupt()

    # ---- settings

    def getlimit(self, category, /):
        """Get connection run-time limits."""
        return self.setlimit(category, -1)

    def setlimit(self, category, limit, /):
        """Set connection run-time limits.

        Attempts to increase a limit above its hard upper bound are silently truncated
        to the hard upper bound. Regardless of whether or not the limit was changed,
        the prior value of the limit is returned."""
        category, limit = _int(category), _int(limit)
        self._check()
        before = self._db.limit(category, limit)
        if before < 0:
            raise ProgrammingError("'category' is out of bounds")
        if category == _SQL_LENGTH:
            self._longest_sql = self._db.limit(category, -1)
        return before

    def getconfig(self, op, /):
        """Query a boolean connection configuration option."""
        return bool(self._configure(op, -1))

    def setconfig(self, op, enable=True, /):
        """Set a boolean connection configuration option."""
        enable = bool(enable)
        if self._configure(op, enable) != enable:
            raise OperationalError("Unable to set config")

    def _configure(self, op, value):
        op = _int(op)
        self._check()
        if op not in _SWITCHES:
            raise ValueError(f"unknown config 'op': {op}")
        return self._call(self._db.configure, op, value)

    # ---- whole databases

    def iterdump(self, *, filter=None):
        """Returns iterator to the dump of the database in an SQL text format."""
        self._check_open()
        from sqlite3.dump import _iterdump

        return _iterdump(self, filter=filter)

    def serialize(self, *, name="main"):
        """Serialize a database into a byte string.

        For an ordinary on-disk database file, the serialization is just a copy of the
        disk file. For an in-memory database or a "temp" database, the serialization is
        the same sequence of bytes which would be written to disk if that database
        were backed up to disk."""
        name = _text("serialize", name, "'name'")
        self._check()
        content = self._call(self._db.serialize, name)
        if content is None:
            raise OperationalError(f"unable to serialize '{name}'")
        return content

    def deserialize(self, data, /, *, name="main"):
        """Load a serialized database.

        The deserialize interface causes the database connection to disconnect from the
        target database, and then reopen it as an in-memory database based on the given
        serialized data.

        The deserialize interface will fail with SQLITE_BUSY if the database is
        currently in a read transaction or is involved in a backup operation."""
        name = _text("deserialize", name, "'name'")
        if isinstance(data, str):
            data = data.encode()
        with memoryview(data) as view:
            self._check()
            self._call(self._db.deserialize, name, view)

    def backup(self, target, *, pages=-1, progress=None, name="main", sleep=0.250):
        """Makes a backup of the database."""
        if not isinstance(target, Connection):
            raise TypeError(f"backup() argument 'target' must be sqlite3.Connection, not {type(target).__name__}")
        pages, name, sleep = _int(pages), _text("backup", name, "'name'"), float(sleep)
        self._check()
        target._check_open()
        if target is self:
            raise ValueError("target cannot be the same connection instance")
        if progress is not None and not callable(progress):
            raise TypeError("progress argument must be a callable")
        copy = self._call(self._db.back_up, target._db, name)
        try:
            self._copy(copy, pages or -1, progress, sleep)
        except BaseException:
            try:
                copy.finish()
            except _cap.Problem:
                pass
            raise
        self._call(copy.finish)

    def _copy(self, copy, pages, progress, sleep):
        while True:
            code, remaining, total = self._watched(copy.step, pages)
            if progress is not None:
                progress(code, remaining, total)
            if code in (_BUSY, _LOCKED):
                import time

                time.sleep(sleep)
            elif code != _OK:
                return

    def blobopen(self, table, column, row, /, *, readonly=False, name="main"):
        """Open and return a BLOB object.

          table
            Table name.
          column
            Column name.
          row
            Row index.
          readonly
            Open the BLOB without write permissions.
          name
            Database name."""
        table, column, name = _text("blobopen", table, 1), _text("blobopen", column, 2), _text("blobopen", name, "'name'")
        row = row.__index__()
        if not -0x8000000000000000 <= row <= 0x7FFFFFFFFFFFFFFF:
            raise OverflowError("Python int too large to convert to SQLite INTEGER")
        self._check()
        try:
            handle = self._watched(self._db.open_blob, name, table, column, row, not readonly)
        except _cap.Problem as problem:
            if problem.value.code == _MISUSE:
                raise InterfaceError(problem.value.message) from None
            raise of(problem.value) from None
        blob = _blob.open(self, handle)
        if not self._blobs:
            from weakref import WeakSet

            self._blobs = WeakSet()
        self._blobs.add(blob)
        return blob


_cursor._Connection = Connection

_FACTORY = 4  # among the options
_OPTIONS = "timeout", "detect_types", "isolation_level", "check_same_thread", "factory", "cached_statements", "uri"


def _bound_options(positional, keywords):
    """The options that were given by position as if by name."""
    if len(positional) > len(_OPTIONS):
        raise TypeError(f"Connection() takes at most 8 positional arguments ({len(positional) + 1} given)")
    given = dict(zip(_OPTIONS, positional))
    for position, name in enumerate(given, 2):
        if name in keywords:
            raise TypeError(f"argument for Connection() given by name ('{name}') and position ({position})")
    return given | keywords


def connect(*database, **keywords):
    """Open a connection to the SQLite database file 'database'.

    You can use ":memory:" to open a database connection to a database that
    resides in RAM instead of on disk."""
    database, positional = database[:1], database[1:]
    if 0 < len(positional) < 8:
        warnings.warn("Passing more than 1 positional argument to sqlite3.connect() is deprecated. Parameters 'timeout', 'detect_types', "
                      "'isolation_level', 'check_same_thread', 'factory', 'cached_statements' and 'uri' will become keyword-only "
                      "parameters in Python 3.15.", DeprecationWarning, stacklevel=2)
    factory = positional[_FACTORY] if len(positional) > _FACTORY else keywords.get("factory", Connection)
    return factory(*database, *positional, **keywords)
