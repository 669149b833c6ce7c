"""Functions of Python as functions of SQL."""

from _pylon_caps import dumps, loads

from . import _columns, _engine, _enums, _errors, _types, _values

NULL_RETURNED = """
The returned result contained NULL values, but the 'null_handling' was set to DEFAULT.
If you want more control over NULL values then 'null_handling' should be set to SPECIAL.

With DEFAULT all rows containing NULL have been filtered from the UDFs input.
Those rows are automatically set to NULL in the final result.
The UDF is not expected to return NULL values.
	"""

_functions = {}
_number = 0


class Function:
    """A function of Python and what SQL knows of it."""

    def __init__(self, function, returns, takes_null, forgives):
        self.function = function
        self.returns = returns
        self.takes_null = takes_null
        self.forgives = forgives
        # What makes values of Python of columns, by the types' document.
        self._converts = {}

    def on_columns(self, rows, types, columns):
        """The results for a chunk of rows."""
        if not columns:
            return [self._one(()) for _ in range(rows)]
        if (converts := self._converts.get(types)) is None:
            converts = self._converts[types] = [_columns.converter(part) for part in loads(types)]
        columns = [column if convert is None else convert(column) for convert, column in zip(converts, columns)]
        if not self.takes_null and not self.forgives:
            return self._all(columns)
        return [self._one(row) for row in zip(*columns)]

    def _all(self, columns):
        """Row by row without a step of Python's own between them, where no exception and no null is to be dealt with."""
        results = list(map(self.function, *columns))
        if None in results:
            raise _errors.make(_errors.InvalidInputException, NULL_RETURNED)
        return results

    def _one(self, row):
        try:
            result = self.function(*row)
        except Exception:
            if not self.forgives:
                raise
            return None
        if result is None and not self.takes_null:
            raise _errors.make(_errors.InvalidInputException, NULL_RETURNED)
        return result


def run(number, rows, types, document):
    """The engine's call of a function for a chunk of rows: documents in and out."""
    function = _functions[number]
    cap = _engine.cap()
    try:
        results = function.on_columns(rows, types, loads(document))
        return _results(results, function.returns)
    except _errors.Error as error:
        kind, _, message = str(error).partition(" Error: ")
        raise cap.Error((kind, message)) from error
    except Exception as error:
        raise cap.Error(("Invalid Input", f"Python exception occurred while executing the UDF: {type(error).__name__}: {error}")) from error


def _results(results, kind):
    """The document of a function's results."""
    if set(map(type, results)) <= _values.PLAIN and kind.id not in ("hugeint", "uhugeint", "bit"):
        try:
            return dumps(results)
        except OverflowError:
            pass
    return dumps([_values.given_as(value, kind) for value in results])


def create(connection, name, function, parameters, return_type, kind, null_handling, exception_handling, side_effects):
    """Makes a function known to a connection's database; gives its number."""
    global _number
    known, returns, more = _signature(function)
    if parameters is not None:
        if not isinstance(parameters, list):
            raise _errors.make(_errors.InvalidInputException, "Either leave 'parameters' empty, or provide a list of DuckDBPyType objects")
        if len(parameters) != len(known) + more:
            raise _errors.make(_errors.InvalidInputException, f"{len(parameters)} types provided, but the provided function takes "
                               f"{len(known) + more} parameters")
        known = [_types.of(part) for part in parameters]
    if return_type is not None:
        returns = _types.of(return_type)
    if returns is None:
        raise _errors.make(_errors.InvalidInputException, "Could not infer the return type, please set it explicitly")
    if _enums.PythonUDFType(kind) is _enums.ARROW:
        raise _errors.make(_errors.NotImplementedException, "Functions on columns of Arrow are not available")
    _number += 1
    takes_null = _enums.FunctionNullHandling(null_handling) is _enums.SPECIAL
    forgives = _enums.PythonExceptionHandling(exception_handling) is _enums.PythonExceptionHandling.RETURN_NULL
    _functions[_number] = Function(function, returns, takes_null, forgives)
    try:
        _engine.call(connection, connection._handle.create_function,
                     (name, _number, [str(part) if part else "ANY" for part in known], "ANY" if more else None, str(returns), takes_null, bool(side_effects)))
    except BaseException:
        del _functions[_number]
        raise
    return _number


def forget(number):
    """The function will not be called again."""
    _functions.pop(number, None)


def _signature(function):
    """What the annotations say: types of the parameters (None: any), of the result (None: not said), and 1 if there may be any more arguments."""
    import inspect

    try:
        signature = inspect.signature(function, eval_str=True)
    except ValueError as error:
        raise _errors.make(_errors.InvalidInputException, f"Could not infer the parameters of the function: {error}") from None
    known, more = [], 0
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            more = 1
        else:
            known.append(_annotated(parameter.annotation, parameter.empty))
    return known, _annotated(signature.return_annotation, signature.empty), more


def _annotated(annotation, empty):
    """The type that an annotation says; None: none."""
    if annotation is empty or annotation is None:
        return None
    try:
        return _types.of(annotation)
    except (_errors.Error, RuntimeError):
        return None
