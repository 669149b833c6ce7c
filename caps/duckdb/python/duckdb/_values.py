"""Values on their way into the engine: a document of each (`dumps`), where a kind is written beside what CBOR has no type for."""

from datetime import date, datetime, time, timedelta
from itertools import chain

from _pylon_caps import dumps

from . import _errors, _types


class Value:
    """An object and the type that it shall have."""

    __module__ = "duckdb.value.constant"

    def __init__(self, object, type):  # noqa: A002 (the names are DuckDB's)
        self.object = object
        self.type = type

    def __repr__(self):
        return str(self.object)


# What a document holds as it is.
PLAIN = {type(None), bool, int, float, str, bytes}
_INTEGERS = {"tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger", "ubigint"}
_FIRST_DAY = date(1970, 1, 1).toordinal()
_NOTHING = dumps(None)


def parameters(values):
    """The document of a statement's parameters."""
    if values is None:
        return _NOTHING
    if isinstance(values, dict):
        return dumps([[], [[str(name), given(value)] for name, value in values.items()]])
    if is_list(values):
        return dumps([[given(value) for value in values], []])
    raise _errors.make(_errors.InvalidInputException, "Prepared parameters can only be passed as a list or a dictionary")


def is_list(value):
    """Whether it is a sequence, but neither text nor bytes."""
    return isinstance(value, (list, tuple)) or (hasattr(value, "__len__") and hasattr(value, "__getitem__")
                                                and not isinstance(value, (str, bytes, bytearray, memoryview, dict)))


def document(value):
    """The document of one value."""
    return dumps(given(value))


def rows_document(rows):
    """The document of an array of arrays of values."""
    if set(map(type, chain.from_iterable(rows))) <= PLAIN:
        try:
            return dumps(rows)
        except OverflowError:
            pass
    return dumps([[given(value) for value in row] for row in rows])


def given(value):
    """What stands in a document for a value."""
    kind = type(value)
    if kind in PLAIN and kind is not int:
        return value
    if (write := _WRITERS.get(kind)) is None:
        for base in _WRITERS:
            if isinstance(value, base):
                write = _WRITERS[base]
                break
        else:
            return _other(value)
    return write(value)


def _integer(value):
    """Beyond 64 bits a number is inexact, as DuckDB's own client has it."""
    value = int(value)
    return value if -(1 << 63) <= value < 1 << 64 else float(value)


def _list(values):
    return ["list", [given(value) for value in values]]


def _dict(value):
    if not value:
        return ["map", []]
    if _is_map(value):
        keys, values = value["key"], value["value"]
        return None if keys is None or values is None else ["map", [[given(key), given(item)] for key, item in zip(keys, values)]]
    return ["struct", [[str(name), given(item)] for name, item in value.items()]]


def _is_map(value):
    """{"key": [...], "value": [...]} is a MAP."""
    if len(value) != 2 or "key" not in value or "value" not in value:
        return False
    both = value["key"], value["value"]
    if any(part is not None and not (hasattr(part, "__getitem__") and hasattr(part, "__len__")) for part in both):
        return False
    return None in both or len(both[0]) == len(both[1])


def _date(value):
    return ["date", value.toordinal() - _FIRST_DAY]


def _microseconds(value):
    """Of a time of day."""
    return ((value.hour * 60 + value.minute) * 60 + value.second) * 1000000 + value.microsecond


def _datetime(value):
    offset = value.utcoffset()
    number = (value.toordinal() - _FIRST_DAY) * 86400000000 + _microseconds(value)
    return ["timestamp", number] if offset is None else ["timestamptz", number - offset // timedelta(microseconds=1)]


def _time(value):
    if value.tzinfo is None:
        return ["time", _microseconds(value)]
    offset = value.tzinfo.utcoffset(None)
    if offset is None:
        raise _errors.make(_errors.InvalidInputException, "Failed to convert 'tzinfo' object, utcoffset returned None")
    return ["timetz", [_microseconds(value), offset // timedelta(seconds=1)]]


def _interval(value):
    return ["interval", [0, value.days, value.seconds * 1000000 + value.microseconds]]


def _decimal(value):
    if not value.is_finite():
        return float(value)
    return ["decimal", format(value, "f")] if len(value.as_tuple().digits) <= 38 else float(value)


def _typed(value):
    kind = _types.of(value.type)
    return ["cast", [str(kind), given_as(value.object, kind)]]


def given_as(value, kind):
    """The same for a value of a known type of SQL: dictionaries and tuples are what the type wants them to be."""
    match kind.id:
        case "decimal" if isinstance(value, float):
            raise _errors.make(_errors.ConversionException, f"Can't losslessly convert from object of float to type {kind}")
        case "timestamp_s" | "timestamp_ms" | "timestamp_ns" if isinstance(value, datetime):
            raise _errors.make(_errors.NotImplementedException, f"Conversion from 'datetime' to type {kind} is not implemented yet")
        case name if isinstance(value, int) and name in _INTEGERS and not -(1 << 63) <= value < 1 << 64:
            raise _errors.make(_errors.InvalidInputException, f"Python Conversion Failure: Value out of range for type {kind}")
        case "hugeint" | "uhugeint" | "bignum" if isinstance(value, int):
            return ["hugeint", str(int(value))]
        case "bit" if isinstance(value, (bytes, bytearray, memoryview)):
            return bytes(value).decode("ascii", "replace")
        case name if isinstance(value, tuple) and name not in ("struct", "list", "array"):
            raise _errors.make(_errors.InvalidInputException, f"Can't convert tuple to a Value of type {kind}")
        case "struct" if isinstance(value, tuple):
            children = kind.children
            if len(children) != len(value):
                raise _errors.make(_errors.InvalidInputException, f"Tried to create a STRUCT value from a tuple containing {len(value)} elements, but the "
                                   f"STRUCT consists of {len(children)} children")
            return ["struct", [[name, given_as(item, part)] for (name, part), item in zip(children, value)]]
        case "struct" if isinstance(value, dict):
            return _struct(value, kind)
        case "map" if isinstance(value, dict) and not _is_map(value):
            return ["map", [[given_as(key, kind.key), given_as(item, kind.value)] for key, item in value.items()]]
        case "list" | "array" if isinstance(value, (list, tuple)):
            part = kind.children[0][1]
            return ["list", [given_as(item, part) for item in value]]
    return given(value)


def _struct(value, kind):
    """A dictionary as a STRUCT of a type."""
    names = {str(name).lower(): item for name, item in value.items()}
    children = kind.children
    if len(children) != len(value) or any(name.lower() not in names for name, _ in children):
        raise _errors.make(_errors.InvalidInputException, f"We could not convert the object {value} to the desired target type ({kind})")
    return ["struct", [[name, given_as(names[name.lower()], part)] for name, part in children]]


def _other(value):
    """What is of a type that is not loaded with this module; arrays of other packages say what they are as a list."""
    kind = type(value)
    match kind.__module__, kind.__name__:
        case "decimal", "Decimal":
            write = _decimal
        case "uuid", "UUID":
            write = _uuid
        case _:
            if hasattr(value, "tolist"):
                return given(value.tolist())
            raise _errors.make(_errors.NotImplementedException, f"Unable to transform python value of type '{kind}' to DuckDB LogicalType")
    _WRITERS[kind] = write
    return write(value)


def _uuid(value):
    return ["uuid", value.bytes]


_WRITERS = {
    bool: bool,
    int: _integer,
    float: float,
    str: str,
    bytes: bytes,
    bytearray: bytes,
    memoryview: bytes,
    datetime: _datetime,
    date: _date,
    time: _time,
    timedelta: _interval,
    list: _list,
    tuple: _list,
    dict: _dict,
    Value: _typed,
}
