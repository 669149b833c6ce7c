"""The exceptions of sqlite3, and which of them a result code is."""

import _sqlite3.constants as _constants


class Warning(Exception):
    pass


class Error(Exception):
    pass


class InterfaceError(Error):
    pass


class DatabaseError(Error):
    pass


class InternalError(DatabaseError):
    pass


class OperationalError(DatabaseError):
    pass


class ProgrammingError(DatabaseError):
    pass


class IntegrityError(DatabaseError):
    pass


class DataError(DatabaseError):
    pass


class NotSupportedError(DatabaseError):
    pass


_ALL = (Warning, Error, InterfaceError, DatabaseError, InternalError, OperationalError, ProgrammingError, IntegrityError, DataError, NotSupportedError)
for _class in _ALL:
    _class.__module__ = "sqlite3"

_NO_MEMORY, CANNOT_BIND = 7, -1
_CLASSES = {
    InternalError: "INTERNAL NOTFOUND",
    OperationalError: "ERROR PERM ABORT BUSY LOCKED READONLY INTERRUPT IOERR FULL CANTOPEN PROTOCOL EMPTY SCHEMA",
    DataError: "TOOBIG",
    IntegrityError: "CONSTRAINT MISMATCH",
    InterfaceError: "MISUSE RANGE",
}
_OF_CODE = {getattr(_constants, f"SQLITE_{name}"): kind for kind, names in _CLASSES.items() for name in names.split()}
_RESULT_CODES = """ABORT AUTH BUSY CANTOPEN CONSTRAINT CORRUPT DONE EMPTY ERROR FORMAT FULL INTERNAL INTERRUPT IOERR LOCKED MISMATCH MISUSE
NOLFS NOMEM NOTADB NOTFOUND OK PERM PROTOCOL RANGE READONLY ROW SCHEMA TOOBIG NOTICE WARNING""".split()
_names = None


def _name_of(code):
    """The name of a primary or extended result code."""
    global _names
    if _names is None:
        _names = {}
        for name, value in vars(_constants).items():
            stem = name.removeprefix("SQLITE_")
            if stem in _RESULT_CODES or (value.__class__ is int and value > 255 and stem.split("_")[0] in _RESULT_CODES):
                _names[value] = name
    return _names.get(code, "unknown")


def exception(code, message):
    """The exception for an extended result code and SQLite's words for it."""
    if code & 255 == _NO_MEMORY:
        return MemoryError()
    error = _OF_CODE.get(code & 255, DatabaseError)(message)
    error.sqlite_errorcode = code
    error.sqlite_errorname = _name_of(code)
    return error


def of(problem):
    """The exception for a problem of the cap's."""
    return exception(*problem)
