"""Columns of a result as values of Python. What needs no conversion stays as the document holds it; the rest is converted column by column."""

from datetime import date, datetime, time, timedelta, timezone
from itertools import repeat

from . import _errors

_AS_THEY_ARE = {"BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "FLOAT", "DOUBLE", "VARCHAR",
                "ENUM", "BIT", "BLOB", "NULL"}
_UNHASHABLE = {"LIST", "ARRAY", "MAP", "STRUCT"}


def converter(document):
    """The function that makes a column of values (a list) out of a column of what the cap gives for a type; None: they are the values."""
    kind, *parts = document
    if kind in _AS_THEY_ARE:
        return None
    if kind == "TIMESTAMP WITH TIME ZONE":
        return _moments
    if simple := _SIMPLE.get(kind):
        return _mapped(simple())
    if nested := _NESTED.get(kind):
        return nested(*parts)
    raise _errors.make(_errors.NotImplementedException, f'Unsupported type: "{kind}"')


def _mapped(function):
    """One value at a time, in C as long as all are of the one type; nulls, and texts in place of dates beyond Python's, take the long way."""
    def convert(column):
        try:
            return list(map(function, column))
        except (TypeError, ValueError):
            return [value if value is None else _exceptional(function, value) for value in column]

    return convert


def _exceptional(function, value):
    """A value that may be without end or beyond what Python can hold."""
    if isinstance(value, str) and function in (date, datetime, time):
        return {"infinity": function.max, "-infinity": function.min}.get(value, value)
    return function(value)


def _decimal():
    from decimal import Decimal

    return Decimal


def _uuid():
    from uuid import UUID

    return UUID


def _time_with_offset(value):
    state, offset = value
    return time(state).replace(tzinfo=timezone(timedelta(seconds=offset))) if isinstance(state, bytes) else state


def _interval(value):
    days, microseconds = value
    return timedelta(days, 0, microseconds)


_SIMPLE = {
    "HUGEINT": lambda: int,
    "UHUGEINT": lambda: int,
    "BIGNUM": lambda: str,
    "DECIMAL": _decimal,
    "UUID": _uuid,
    "DATE": lambda: date,
    "TIME": lambda: time,
    "TIMESTAMP": lambda: datetime,
    "TIMESTAMP_S": lambda: datetime,
    "TIMESTAMP_MS": lambda: datetime,
    "TIMESTAMP_NS": lambda: datetime,
    "TIME WITH TIME ZONE": lambda: _time_with_offset,
    "INTERVAL": lambda: _interval,
}


def _moments(column):
    """Points in time; without the ICU extension every session's time zone is UTC."""
    zone = _utc()
    try:
        return list(map(datetime, column, repeat(zone)))
    except (TypeError, ValueError):
        return [value if value is None else _exceptional(datetime, value) if isinstance(value, str) else datetime(value, zone) for value in column]


def _utc():
    """pytz's UTC where there is pytz, as DuckDB's own client has it."""
    try:
        import pytz
    except ImportError:
        return timezone.utc
    return pytz.utc


def _list(part):
    return _sequence(list, converter(part))


def _array(part, size):
    return _sequence(tuple, converter(part))


def _sequence(kind, convert):
    """Lists or tuples of converted parts."""
    if convert is None:
        return lambda column: [value if value is None else kind(value) for value in column]
    if kind is list:
        return lambda column: [value if value is None else convert(value) for value in column]
    return lambda column: [value if value is None else kind(convert(value)) for value in column]


def _struct(fields):
    names = [name for name, _ in fields]
    converts = [converter(part) for _, part in fields]

    def convert(column):
        rows = [value for value in column if value is not None]
        if any(converts):
            parts = zip(*rows) if rows else ()
            rows = list(zip(*(part if made is None else made(part) for made, part in zip(converts, parts))))
        if names[0]:
            rows = [dict(zip(names, row)) for row in rows]
        if len(rows) == len(column):
            return rows
        following = iter(rows)
        return [None if value is None else next(following) for value in column]

    return convert


def _map(key, value):
    keys, values = converter(key), converter(value)
    hashable = _hashable(key)

    def one(pairs):
        names, items = zip(*pairs) if pairs else ((), ())
        names = names if keys is None else keys(names)
        items = items if values is None else values(items)
        return dict(zip(names, items)) if hashable else {"key": list(names), "value": list(items)}

    return lambda column: [pairs if pairs is None else one(pairs) for pairs in column]


def _hashable(document):
    """Whether values of a type can be keys of a dictionary."""
    if document[0] == "UNION":
        return all(_hashable(part) for _, part in document[1])
    return document[0] not in _UNHASHABLE


def _union(members):
    converts = [converter(part) for _, part in members]

    def one(value):
        number, content = value
        convert = converts[number]
        return content if convert is None else convert([content])[0]

    return lambda column: [value if value is None else one(value) for value in column]


_NESTED = {"LIST": _list, "ARRAY": _array, "STRUCT": _struct, "MAP": _map, "UNION": _union}
