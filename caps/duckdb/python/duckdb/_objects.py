"""Objects of Python as tables: kept by the engine under a name of their own as long as something refers to them."""

import sys

from _pylon_caps import dumps

from . import _engine, _errors, _names, _values
from ._lazy import _relation


class Kept:
    """Rows that the engine keeps for a connection; gone with the last reference to this."""

    def __init__(self, connection, name):
        self.name = name
        self._handle = connection._handle
        self._cap = _engine.cap()

    def __del__(self):
        try:
            self._handle.unregister(self.name)
        except (ValueError, RuntimeError, self._cap.Error):
            pass  # the connection is closed, or the interpreter is at its end


def keep(connection, value):
    """Hands an object over to the engine: a query that reads it, and what keeps it there. None: no such object."""
    if isinstance(value, _relation.DuckDBPyRelation):
        if value._connection is not connection:
            raise _errors.make(_errors.InvalidInputException, 'Python Object of type "DuckDBPyRelation" not suitable for replacement scan.\nThe object was '
                               "created by another Connection and can therefore not be used by this Connection.")
        return value._query, value._kept
    name = _names.unnamed("python_object")
    if (found := messages(value)) is not None:
        _engine.call(connection, connection._handle.register_arrow, name, found)
    elif (columns := _columns(value)) is not None:
        _register(connection, name, columns)
    else:
        return None
    return f"FROM {name}", Kept(connection, name)


def messages(value):
    """An object of Arrow's as a stream of messages; None: it is none."""
    if (write := getattr(value, "__arrow_ipc__", None)) is not None:
        return b"".join(write())
    if hasattr(value, "__arrow_c_stream__"):
        try:
            import arrow
        except ImportError:
            return None
        return b"".join(arrow.table(value).__arrow_ipc__())
    if isinstance(value, (bytes, bytearray, memoryview)) and bytes(value[:4]) == b"\xff\xff\xff\xff":
        return value
    return None


def _columns(value):
    """An object as {name: values}: a dictionary of sequences, a list of dictionaries, of sequences of one length, or of values; None: it is none."""
    if isinstance(value, dict):
        columns = {str(name): _sequence(values) for name, values in value.items()}
        if not columns or None in columns.values():
            return None
        if len(set(map(len, columns.values()))) > 1:
            raise _errors.make(_errors.InvalidInputException, "The columns of a dictionary have to be of one length")
        return columns
    if not isinstance(value, (list, tuple)):
        return None
    if not value:
        return {"column0": []}
    if all(isinstance(row, dict) for row in value):
        names = dict.fromkeys(name for row in value for name in row)
        return {str(name): [row.get(name) for row in value] for name in names}
    if all(isinstance(row, (list, tuple)) for row in value):
        names = getattr(value[0], "_fields", None) or [f"column{number}" for number in range(len(value[0]))]
        if any(len(row) != len(names) for row in value):
            raise _errors.make(_errors.InvalidInputException, "The rows of a list have to be of one length")
        return dict(zip(names, map(list, zip(*value))))
    return {"column0": list(value)}


def _sequence(values):
    """The values of a column as a list; None: they are none."""
    if isinstance(values, (list, tuple)):
        return values
    if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
        return None
    return values.tolist() if hasattr(values, "tolist") else list(values) if hasattr(values, "__iter__") else None


def _register(connection, name, columns):
    """Hands columns over; their types are what their values say."""
    if all(set(map(type, values)) <= _values.PLAIN for values in columns.values()):
        try:
            document = dumps(list(columns.values()))
        except OverflowError:
            document = None
    else:
        document = None
    if document is None:
        document = dumps([[_values.given(value) for value in values] for values in columns.values()])
    _engine.call(connection, connection._handle.register_columns, name, [(column, "") for column in columns], document)


def find(connection, name, all_frames):
    """A query in place of a table that there is none of, out of the variables of whoever called the module: the query, and what keeps its object."""
    frame = sys._getframe()
    package = __package__
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        frame = frame.f_back
    while frame is not None:
        for variables in (frame.f_locals, frame.f_globals):
            if name not in variables or isinstance(variables[name], type(len)):
                continue
            value = variables[name]
            if (found := keep(connection, value)) is None:
                raise _errors.make(_errors.InvalidInputException, f'Python Object "{name}" of type "{type(value).__name__}" found on line '
                                   f'"{frame.f_code.co_filename}:{frame.f_lineno}" not suitable for replacement scans.\nMake sure that "{name}" is either a '
                                   "duckdb.DuckDBPyRelation, a list or dictionary of columns or rows, or an Arrow object")
            return found
        if not all_frames:
            return None
        frame = frame.f_back
    return None
