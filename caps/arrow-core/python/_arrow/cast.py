"""Values of one type as those of another."""

import datetime
import decimal

from . import types
from .array import Array
from .errors import ArrowInvalid, ArrowNotImplementedError

_TEMPORAL_UNITS = {"s": 1, "ms": 1000, "us": 1_000_000, "ns": 1_000_000_000}


def cast(array, type):
    """The array in another type; values that do not fit are ArrowInvalid."""
    from .build import build
    if type == array.type:
        return array
    if type.value_type is not None:
        return cast(array, type.value_type).dictionary_encode(type.index_type)
    if array.dictionary is not None:
        return cast(array.dictionary_decode(), type)
    if _is_temporal(array.type) and _is_temporal(type) and array.type.format[:2] == type.format[:2]:
        return _other_unit(array, type)
    if _is_time(array.type) and type.format == _integer_like(array.type) or _is_time(type) and array.type.format == _integer_like(type):
        return Array(type, len(array), array.buffer_views, array.null_count, array.offset)
    convert = _converter(array.type, type)
    return build([None if value is None else convert(value) for value in array.to_pylist()], type)


def _is_time(type):
    return type.kind == "fixed" and type.format[0] == "t" and type.code is not None


def _integer_like(type):
    """The integers that are stored for this type."""
    return "l" if type.width == 8 else "i"


def _is_temporal(type):
    return type.kind == "fixed" and type.format[:2] in ("ts", "tD", "tt")


def _other_unit(array, type):
    """Times in another unit; what would lose a part is an error."""
    from .build import build
    plain = Array(types.DataType(_integer_like(array.type)), len(array), array.buffer_views, array.null_count, array.offset).to_pylist()
    more, less = _TEMPORAL_UNITS[type.unit], _TEMPORAL_UNITS[array.type.unit]
    if lost := next((value for value in plain if value is not None and value * more % less), None):
        raise ArrowInvalid(f"Casting from {array.type} to {type} would lose data: {lost}")
    return build([None if value is None else value * more // less for value in plain], type)


def _converter(source, target):
    form = target.format
    if target.kind == "bool":
        return _truth
    if target.kind == "variable":
        return _text if form in "uU" else _binary
    if target.kind == "fixed" and form in "csilCSIL":
        return _integer
    if target.kind == "fixed" and form in "efg":
        return float
    if target.kind == "fixed" and form.startswith("d:"):
        return lambda value: _decimal(value, target)
    if target.kind in ("list", "fixed_size_list", "struct", "map", "null") or form.startswith("w:"):
        return lambda value: value
    if form in ("tdD", "tdm"):
        return lambda value: datetime.date.fromisoformat(value) if isinstance(value, str) else value.date() if isinstance(value, datetime.datetime) else value
    if form.startswith("ts"):
        return lambda value: datetime.datetime.fromisoformat(value) if isinstance(value, str) else value
    raise ArrowNotImplementedError(f"a cast from {source} to {target}")


def _truth(value):
    if isinstance(value, str):
        if value.lower() not in ("true", "false", "1", "0"):
            raise ArrowInvalid(f"{value!r} is no truth value")
        return value.lower() in ("true", "1")
    return bool(value)


def _text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.decode() if isinstance(value, bytes) else str(value)


def _binary(value):
    return value.encode() if isinstance(value, str) else value


def _integer(value):
    try:
        made = int(value)
    except (ValueError, OverflowError) as error:
        raise ArrowInvalid(f"{value!r} is no integer: {error}") from None
    if isinstance(value, (float, decimal.Decimal)) and made != value:
        raise ArrowInvalid(f"{value!r} would be truncated to an integer")
    return made


def _decimal(value, type):
    try:
        made = decimal.Decimal(str(value) if isinstance(value, float) else value)
    except decimal.InvalidOperation:
        raise ArrowInvalid(f"{value!r} is no decimal number") from None
    with decimal.localcontext(prec=80):
        return made.quantize(decimal.Decimal(1).scaleb(-type.scale))
