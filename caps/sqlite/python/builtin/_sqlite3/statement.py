"""Prepared statements and their parameters."""

import _sqlite3.adaption as _adaption
from _sqlite3.constants import PARSE_COLNAMES, PARSE_DECLTYPES
from _sqlite3.errors import DataError, ProgrammingError

_TOO_BIG = 18
_CHANGE_DATA = "insert", "update", "delete", "replace"
_NAME_FILES = "attach", "vacuum"

_TEXT, _PLAIN, _MARKED = range(3)


class Statement:
    """A prepared statement of a connection."""

    __module__ = "sqlite3"
    __slots__ = "handle", "run", "changes_data", "reads_only", "names", "named", "description", "converters", "busy", "columns", "shape"

    def __new__(cls, *arguments, **keywords):
        raise TypeError("cannot create 'sqlite3.Statement' instances")

    def describe(self, columns, detect_types):
        """Takes over what the columns are called."""
        self.columns = columns
        names = [_without_type(name) if detect_types & PARSE_COLNAMES else name for name, _ in columns]
        self.description = tuple([(name, None, None, None, None, None, None) for name in names]) or None

    def find_converters(self, detect_types):
        """What the columns are converted with: {index: function}."""
        found = {}
        for index, (name, declared) in enumerate(self.columns):
            converter = None
            if detect_types & PARSE_COLNAMES:
                begin = name.find("[")
                end = name.find("]", begin)
                if 0 <= begin < end:
                    begin = name.rfind("[", begin, end)
                    converter = _adaption.converters.get(name[begin + 1:end].upper())
            if converter is None and detect_types & PARSE_DECLTYPES and declared:
                word = declared.partition("(")[0].partition(" ")[0]
                converter = _adaption.converters.get(word.upper())
            if converter is not None:
                found[index] = converter
        return found

    def set_shape(self, texts, converters):
        """How the columns come from now on."""
        shape = texts, tuple(converters)
        if shape != self.shape:
            self.handle.shape(*shape)
            self.shape = shape

    def bindings(self, parameters):
        """The values for the parameters, adapted."""
        if isinstance(parameters, (tuple, list)) or not isinstance(parameters, dict) and hasattr(parameters, "__getitem__") and hasattr(parameters, "__len__"):
            return self._by_position(parameters)
        if isinstance(parameters, dict):
            return self._by_name(parameters)
        raise ProgrammingError("parameters are of unsupported type")

    def _by_position(self, parameters):
        given, wanted = len(parameters), len(self.names)
        if given != wanted:
            raise ProgrammingError("Incorrect number of bindings supplied. The current statement uses "
                                   f"{wanted}, and there are {given} supplied.")
        if self.named:
            self.refuse_names()
        return tuple([_adaption.bindable(parameters[index], index + 1) for index in range(given)])

    def refuse_names(self):
        """A sequence is given to parameters that have names."""
        for index, name in enumerate(self.names):
            if name and name[0] != "?":
                raise ProgrammingError(f"Binding {index + 1} ('{name}') is a named parameter, but you supplied a sequence which requires "
                                       "nameless (qmark) placeholders.")

    def _by_name(self, parameters):
        values = []
        for position, name in enumerate(self.names, 1):
            if not name:
                raise ProgrammingError(f"Binding {position} has no name, but you supplied a dictionary (which has only names).")
            try:
                value = parameters[name[1:]]
            except LookupError:
                raise ProgrammingError(f"You did not supply a value for binding parameter :{name[1:]}.") from None
            values.append(_adaption.bindable(value, position))
        return tuple(values)


def _without_type(name):
    """A column's name without the [type] at its end."""
    begin = name.find("[")
    if begin < 0:
        return name
    return name[:begin - 1] if begin and name[begin - 1] == " " else name[:begin]


def prepare(connection, sql):
    """Makes a statement of a connection."""
    if not isinstance(sql, str):
        raise TypeError(f"argument 1 must be str, not {type(sql).__name__}")
    if len(sql) > connection._longest_sql or len(sql) * 4 > connection._longest_sql and len(sql.encode()) > connection._longest_sql:
        raise DataError("query string is too large")
    if "\0" in sql:
        raise ProgrammingError("the query contains a null character")
    handle, (columns, names, reads_only, keyword, has_tail) = connection._call(connection._db.prepare, sql)
    if has_tail:
        raise ProgrammingError("You can only execute one statement at a time.")
    if keyword in _NAME_FILES:
        connection._tell_directory()
    self = object.__new__(Statement)
    self.handle, self.names, self.reads_only = handle, names, reads_only
    self.run = handle.run
    self.changes_data = keyword in _CHANGE_DATA
    self.named = any(name and name[0] != "?" for name in names)
    self.busy = False
    self.shape = (_TEXT, ())
    self.describe(columns, connection._detect_types)
    return self
