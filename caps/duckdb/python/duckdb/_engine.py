"""The engine behind its cap: errors as the module's exceptions, and what it asks back for.

The cap is loaded when something is first asked of it, so that importing the module costs nothing of it."""

import _thread
import os
import time

from . import _errors
from ._lazy import _functions, _objects

_cap = None
_directory = None
# What belongs to the call that a thread has under way: the connection, and the objects of Python that it found in place of tables, as
# (name, query, object).
_call = _thread._local()


def cap():
    """The module of the cap."""
    global _cap
    if _cap is None:
        import _duckdb_cap

        _duckdb_cap.set_callbacks("callbacks", _Callbacks)
        _cap = _duckdb_cap
    return _cap


def _in_directory():
    """Tells the engine where relative paths begin."""
    global _directory
    if (directory := os.getcwd()) != _directory:
        _cap.working_directory(directory)
        _directory = directory


def call(connection, function, *arguments):
    """Calls the cap for a connection (or None)."""
    return call_finding(connection, function, *arguments)[0]


def call_finding(connection, function, *arguments):
    """The same; what it returns, and which objects were found in place of tables."""
    outer = getattr(_call, "connection", None), getattr(_call, "found", None)
    _call.connection, _call.found = connection, []
    try:
        if connection is not None:
            connection._interrupted = False
        _in_directory()
        return function(*arguments), _call.found
    except _cap.Error as error:
        raise _errors.of(error.value) from error.__cause__
    finally:
        _call.connection, _call.found = outer


class _Callbacks:
    """What the engine asks for while a statement is under way."""

    @staticmethod
    def go_on(progress):
        """False if the connection was interrupted."""
        connection = _call.connection
        if connection is None:
            return True
        connection._progress = progress
        time.sleep(0)  # other threads, one of which may interrupt the connection, have a turn
        return not connection._interrupted

    @staticmethod
    def call(number, rows, types, columns):
        """What a function of Python's returns for a chunk of rows."""
        return _functions.run(number, rows, types, columns)

    @staticmethod
    def find_table(name, all_frames):
        """A query in place of a table that there is none of: out of the variables of whoever called the module."""
        found = _objects.find(_call.connection, name, all_frames)
        if found is None:
            return None
        _call.found.append((name, *found))
        return found[0]
