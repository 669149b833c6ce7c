"""What the standard library's sqlite3 is made of: DB-API objects of Python, SQLite by the sqlite cap.

Rows and parameters cross to the cap in batches. Importing this package does not touch the cap: what it has to know of
SQLite is in `constants`, and tests/test_constants.py compares."""

from _sqlite3.adaption import PrepareProtocol, adapt, adapters, converters, register_adapter, register_converter
from _sqlite3.blob import Blob
from _sqlite3.calls import enable_callback_tracebacks
from _sqlite3.connection import Connection, connect
from _sqlite3.constants import *
from _sqlite3.constants import sqlite_version, threadsafety
from _sqlite3.cursor import Cursor
from _sqlite3.errors import (
    DatabaseError,
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    Warning,
)
from _sqlite3.row import Row


def complete_statement(statement):
    """Checks if a string contains a complete SQL statement."""
    if not isinstance(statement, str):
        raise TypeError(f"complete_statement() argument 'statement' must be str, not {type(statement).__name__}")
    from _sqlite3.cap import engine

    return engine().is_complete(statement)


# The parts of this package are none of the module's names.
__all__ = [_name for _name, _value in globals().items() if _name[0] != "_" and not hasattr(_value, "__spec__")]
