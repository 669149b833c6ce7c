"""SQLite calls the program: functions, aggregates, collations, and those who watch statements."""

import sys
from functools import cache as _cache
from itertools import count as _count
from operator import index as _index

from _sqlite3.errors import DataError, ProgrammingError

_RAISED, _NO_MEMORY, _TOO_BIG = range(3)
_DENY = 1

functions = {}  # number -> what is called
interrupted = set()  # numbers of connections whose statement is to stop
_numbers = _count(1)
_groups = {}  # number of a group of rows -> the aggregate's instance
_tracebacks = False


def enable_callback_tracebacks(enable, /):
    """Enable or disable callback functions throwing errors to stderr."""
    global _tracebacks
    _tracebacks = _index(enable) != 0


def register(function):
    """A number for a function."""
    number = next(_numbers)
    functions[number] = function
    return number


def _report(error, function):
    """Shows an exception that the program does not get to see, if it asked for that."""
    if _tracebacks:
        message = f"Exception ignored on sqlite3 callback {function!r}"
        sys.unraisablehook(_unraisable_type()((type(error), error, error.__traceback__, message, None)))


@_cache
def _unraisable_type():
    """The type that sys.unraisablehook() takes, which has no name to be found by."""
    class Failing:
        def __del__(self):
            raise Exception

    seen = []
    hook, sys.unraisablehook = sys.unraisablehook, lambda what: seen.append(type(what))
    try:
        Failing()
    finally:
        sys.unraisablehook = hook
    return seen[0]


class Calls:
    """The cap's interface `calls`."""

    def __init__(self, types):
        from _pylon_caps import dumps, loads

        self._failure, self._error = types.Failure, types.FailureError
        self._dumps, self._loads = dumps, loads

    def _failed(self, error, function, message):
        """The failure that an exception of the program's becomes."""
        _report(error, function)
        fault = _NO_MEMORY if isinstance(error, MemoryError) else _TOO_BIG if isinstance(error, OverflowError) else _RAISED
        return self._error(self._failure((fault, message)))

    def _document(self, value):
        """A value that a function returned, as SQLite is given it."""
        if value is None or isinstance(value, (int, float, str)):
            return self._dumps(_integer(value) if isinstance(value, int) else value)
        try:
            view = memoryview(value)
        except TypeError:
            raise ProgrammingError(f"User-defined functions cannot return '{type(value).__name__}' values to SQLite") from None
        return self._dumps(view)

    def call_function(self, number, arguments):
        function = functions[number]
        try:
            return self._document(function(*self._loads(arguments)))
        except Exception as error:
            raise self._failed(error, function, "user-defined function raised exception") from None

    def step(self, number, group, arguments):
        function = functions[number]
        message = "user-defined aggregate's '__init__' method raised error"
        try:
            instance = _groups.get(group)
            if instance is None:
                instance = _groups[group] = function()
            message = "user-defined aggregate's 'step' method not defined"
            method = instance.step
            message = "user-defined aggregate's 'step' method raised error"
            method(*self._loads(arguments))
        except Exception as error:
            raise self._failed(error, function, message) from None

    def inverse(self, number, group, arguments):
        message = "user-defined aggregate's 'inverse' method not defined"
        try:
            method = _groups[group].inverse
            message = "user-defined aggregate's 'inverse' method raised error"
            method(*self._loads(arguments))
        except Exception as error:
            raise self._failed(error, functions[number], message) from None

    def value(self, number, group):
        return self._value(number, _groups.get(group), "value")

    def finalize(self, number, group):
        return self._value(number, _groups.pop(group, None), "finalize")

    def _value(self, number, instance, name):
        if instance is None:  # its class could not be called
            return self._dumps(None)
        message = f"user-defined aggregate's '{name}' method raised error"
        try:
            try:
                result = getattr(instance, name)()
            except AttributeError:
                message = f"user-defined aggregate's '{name}' method not defined"
                raise
            if name == "value":
                message = "unable to set result from user-defined aggregate's 'value' method"
            return self._document(result)
        except Exception as error:
            raise self._failed(error, functions[number], message) from None

    def collate(self, number, left, right):
        function = functions[number]
        try:
            result = function(left.decode(), right.decode())
            return (result > 0) - (result < 0) if isinstance(result, int) else 0
        except Exception as error:
            _report(error, function)
            return 0

    def authorize(self, number, action, first, second, database, source):
        function = functions[number]
        try:
            answer = function(action, first, second, database, source)
            if isinstance(answer, int):
                if not -0x80000000 <= answer <= 0x7FFFFFFF:
                    raise OverflowError("Python int too large to convert to C int")
                return answer
        except Exception as error:
            _report(error, function)
        return _DENY

    def progress(self, number, connection):
        function = functions[number]
        try:
            return bool(function()) or connection in interrupted
        except Exception as error:
            _report(error, function)
            return True

    def trace(self, number, sql, expanded):
        function = functions[number]
        if not expanded:
            _report(DataError("Expanded SQL string exceeds the maximum string length"), function)
        try:
            function(sql)
        except Exception as error:
            _report(error, function)

    def tick(self, connection):
        return connection in interrupted


def _integer(value):
    if not -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF:
        raise OverflowError("Python int too large to convert to SQLite INTEGER")
    return value
