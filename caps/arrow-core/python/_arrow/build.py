"""Arrays of Python objects and of buffers."""

import datetime
import decimal
import functools
import itertools
from array import array as packed_array
from types import NoneType

import _arrow_core_cap as _cap

from . import types
from .array import Array, Scalar, from_made
from .buffer import as_view
from .errors import ArrowInvalid, ArrowNotImplementedError, ArrowTypeError, translated

__all__ = ["array", "infer_type", "nulls"]

builtin_type = type  # parameters are named so, as pyarrow's

_EPOCH = datetime.datetime(1970, 1, 1)
_EPOCH_DAY = _EPOCH.toordinal()
_MICROSECOND = datetime.timedelta(microseconds=1)
# What a buffer of this format is; the places are those of a machine of 32 bits.
_CODES = {"b": "c", "B": "C", "h": "s", "H": "S", "i": "i", "I": "I", "l": "i", "L": "I", "q": "l", "Q": "L", "f": "f", "d": "g"}


def array(obj, type=None, mask=None):
    """An array of the values of any iterable, or over a buffer of numbers (which is not copied). None is null, and so is what the
    mask says; the type is inferred unless it is given."""
    type = None if type is None else types.as_type(type)
    if isinstance(obj, Array):
        return obj if type in (None, obj.type) else obj.cast(type)
    if hasattr(obj, "combine_chunks") and hasattr(obj, "chunks"):
        return array(obj.combine_chunks(), type)
    if mask is None and not isinstance(obj, (bytes, bytearray, str)) and (made := _of_buffer(obj)) is not None:
        return made if type in (None, made.type) else made.cast(type)
    values = list(obj)
    kinds = set(map(builtin_type, values))
    if Scalar in kinds:
        return array([value.as_py() if isinstance(value, Scalar) else value for value in values], type, mask)
    if mask is not None:
        values = [None if flag else value for value, flag in zip(values, mask, strict=True)]
        kinds.add(NoneType)
    return build(values, _inferred(values, kinds) if type is None else type, kinds)


def nulls(size, type=None):
    """An array of nulls."""
    return build([None] * size, types.null() if type is None else types.as_type(type))


def _of_buffer(obj):
    """An array over a buffer of numbers, or None if it is none."""
    try:
        view = memoryview(obj)
    except TypeError:
        return None
    if view.ndim != 1 or view.format not in _CODES or not view.c_contiguous:
        return None
    form = {1: "c", 2: "s", 4: "i", 8: "l"}[view.itemsize]
    form = form if view.format in "bhilq" else _CODES[view.format] if view.format in "fd" else form.upper()
    return Array(types.DataType(form), len(view), [None, as_view(view)], 0)


# Inference

def infer_type(values):
    """The type that all of the values have."""
    values = list(values)
    return _inferred(values, set(map(builtin_type, values)))


def _inferred(values, kinds):
    """The type of values that are of these Python types."""
    has_nulls, kinds = NoneType in kinds, kinds - {NoneType}
    if has_nulls:
        values = [value for value in values if value is not None]
    if not values:
        return types.null()
    for wanted, found in _INFERRED:
        if all(issubclass(kind, wanted) and (kind is not bool or bool in wanted) for kind in kinds):
            return found(values)
    raise ArrowInvalid(f"no type holds all of these: {', '.join(sorted(kind.__name__ for kind in kinds))}")


def _integers(values):
    return types.uint64() if max(values) >= 2**63 and min(values) >= 0 else types.int64()


def _timestamps(values):
    zones = {value.tzinfo for value in values}
    if None in zones and len(zones) > 1:
        raise ArrowInvalid("points in time with and without a time zone")
    zone = next(iter(zones))
    return types.timestamp("us", None if zone is None else _zone_name(zone, values[0]))


def _zone_name(zone, value):
    if zone is datetime.timezone.utc:
        return "UTC"
    if key := getattr(zone, "key", None):
        return key
    seconds = int(zone.utcoffset(value).total_seconds())
    return f"{'-' if seconds < 0 else '+'}{abs(seconds) // 3600:02}:{abs(seconds) // 60 % 60:02}"


def _decimals(values):
    if any(not value.is_finite() for value in values):
        raise ArrowInvalid("a decimal that is not finite")
    scale = max(0, max(-value.as_tuple().exponent for value in values))
    whole = max(max(len(value.as_tuple().digits) + value.as_tuple().exponent, 1 if not scale else 0) for value in values)
    digits = max(1, whole + scale)
    return types.decimal128(digits, scale) if digits <= 38 else types.decimal256(digits, scale)


def _lists(values):
    return types.list_(infer_type(itertools.chain.from_iterable(values)))


def _structs(values):
    names = dict.fromkeys(itertools.chain.from_iterable(values))
    return types.struct([(name, infer_type(value.get(name) for value in values)) for name in names])


_INFERRED = [
    ((bool,), lambda values: types.bool_()), ((int,), _integers), ((int, float), lambda values: types.float64()), ((str,), lambda values: types.string()),
    ((bytes, bytearray, memoryview), lambda values: types.binary()), ((datetime.datetime,), _timestamps), ((datetime.date,), lambda values: types.date32()),
    ((datetime.time,), lambda values: types.time64("us")), ((datetime.timedelta,), lambda values: types.duration("us")), ((decimal.Decimal, int), _decimals),
    ((list, tuple, Array), _lists), ((dict,), _structs),
]


# Building

def build(values, type, kinds=None):
    """An array of this type of a list; kinds: the Python types of its values, if they are known."""
    if type.value_type is not None:
        return _with_order(build(values, type.value_type).dictionary_encode(type.index_type), type)
    try:
        return _fixed(values, type, kinds) if type.kind == "fixed" else _BUILDERS[type.kind](values, type)
    except (OverflowError, UnicodeEncodeError) as error:
        raise ArrowInvalid(f"a value does not fit the type {type}: {error}") from None
    except _cap.values.Error as error:
        raise ArrowInvalid(error.value.value) from None
    except TypeError as error:
        raise ArrowTypeError(f"a value is not of the type {type}: {error}") from None


def _with_order(made, type):
    return Array(type, len(made), made.buffer_views, made.null_count, dictionary=made.dictionary)


def _component(call, values, type):
    with translated():
        return from_made(type, len(values), call(type.format, values))


def _null(values, type):
    if any(value is not None for value in values):
        raise ArrowInvalid("a value of type null is not null")
    return Array(type, len(values), [], len(values))


# What array.array calls the types whose values it can pack.
_PACKED = {"c": "b", "C": "B", "s": "h", "S": "H", "i": "i", "I": "I", "l": "q", "L": "Q", "f": "f", "g": "d"}


def _packed(values, type, kinds):
    """Numbers as they lie in memory; nothing if they are not plainly that."""
    if not kinds <= ({int, float} if type.format in "fg" else {int}):
        return None
    return Array(type, len(values), [None, memoryview(packed_array(_PACKED[type.format], values))], 0)


def _fixed(values, type, kinds=None):
    form = type.format
    if form in _PACKED and (made := _packed(values, type, kinds or set(map(builtin_type, values)))) is not None:
        return made
    if form in "csil":
        return _component(_cap.values.from_integers, values, type)
    if form in "CSIL":
        return _component(_cap.values.from_naturals, values, type)
    if form in "efg":
        return _component(_cap.values.from_floats, values, type)
    if form.startswith("w:"):
        return _component(_cap.values.from_binaries, values, type)
    if form.startswith("d:"):
        return _component(_cap.values.from_decimals, [None if value is None else _decimal_text(value) for value in values], type)
    if form == "tin":
        return _month_day_nanos(values, type)
    if form == "tiM":
        return _component(_cap.values.from_integers, values, type)
    convert = _integer_of(type)
    return _component(_cap.values.from_integers, [None if value is None else convert(value) for value in values], type)


def _decimal_text(value):
    if not isinstance(value, (int, decimal.Decimal)) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no Decimal")
    return format(decimal.Decimal(value), "f")


def _month_day_nanos(values, type):
    pack = b"".join(part for value in values for part in _interval_parts(value))
    return Array(type, len(values), [_bitmap(values), pack])


def _interval_parts(value):
    months, days, nanos = (0, 0, 0) if value is None else value
    return months.to_bytes(4, "little", signed=True), days.to_bytes(4, "little", signed=True), nanos.to_bytes(8, "little", signed=True)


def _integer_of(type):
    """What makes an integer of a value of a temporal type; integers are taken as they are."""
    if type.format in ("tdD", "tdm"):
        factor = 1 if type.format == "tdD" else 86_400_000
        return lambda value: value if isinstance(value, int) else (value.toordinal() - _EPOCH_DAY) * factor
    head, unit = type.format[:2], type.unit
    if head not in _MICROSECONDS:
        raise ArrowNotImplementedError(f"arrays of type {type} are not built of Python objects")
    return functools.partial(_in_unit, unit, functools.partial(_MICROSECONDS[head], type))


def _in_unit(unit, microseconds, value):
    if isinstance(value, int):
        return value
    exact = microseconds(value)
    if unit == "ns":
        return exact * 1000
    whole, rest = divmod(exact, {"us": 1, "ms": 1000, "s": 1_000_000}[unit])
    if rest and not isinstance(value, datetime.datetime):
        raise ArrowInvalid(f"{value!r} is no whole number of {unit}")
    return whole


def _span_microseconds(type, value):
    if not isinstance(value, datetime.timedelta):
        raise TypeError(f"{value!r} is no timedelta")
    return value // _MICROSECOND


def _time_microseconds(type, value):
    if not isinstance(value, datetime.time):
        raise TypeError(f"{value!r} is no time")
    return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond


def _point_microseconds(type, value):
    if not isinstance(value, datetime.date):
        raise TypeError(f"{value!r} is no datetime")
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime(value.year, value.month, value.day)
    if value.tzinfo is not None:
        value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return (value - _EPOCH) // _MICROSECOND


_MICROSECONDS = {"tD": _span_microseconds, "tt": _time_microseconds, "ts": _point_microseconds}


def _variable(values, type):
    return _component(_cap.values.from_texts if type.format in "uU" else _cap.values.from_binaries, values, type)


def _bitmap(values):
    """The bitmap of a list, or None if nothing in it is null."""
    return _cap.values.pack_bits(bytes([value is not None for value in values])) if None in values else None


def _offsets(lengths, type):
    offsets = list(itertools.accumulate(lengths, initial=0))
    with translated():
        return _cap.values.from_integers("l" if type.code == "q" else "i", offsets).buffers[1]


def _list(values, type):
    child = array(list(itertools.chain.from_iterable(value for value in values if value is not None)), type.fields[0].type)
    offsets = _offsets([0 if value is None else len(value) for value in values], type)
    return Array(type, len(values), [_bitmap([None if value is None else 1 for value in values]), offsets], children=[child])


def _map(values, type):
    entries = type.fields[0].type
    names = [one.name for one in entries.fields]
    pairs = [None if value is None else [dict(zip(names, pair, strict=True)) for pair in (value.items() if hasattr(value, "items") else value)] for value in values]
    return _list(pairs, type)


def _fixed_size_list(values, type):
    if wrong := [value for value in values if value is not None and len(value) != type.width]:
        raise ArrowInvalid(f"a list of {len(wrong[0])} values, where each has {type.width}")
    missing = [None] * type.width
    child = array(list(itertools.chain.from_iterable(missing if value is None else value for value in values)), type.fields[0].type)
    return Array(type, len(values), [_bitmap([None if value is None else 1 for value in values])], children=[child])


def _struct(values, type):
    children = [array(_column(values, place, one.name), one.type) for place, one in enumerate(type.fields)]
    return Array(type, len(values), [_bitmap([None if value is None else 1 for value in values])], children=children)


def _column(values, place, name):
    return [None if value is None else value.get(name) if isinstance(value, dict) else value[place] for value in values]


def _union(values, type):
    raise ArrowNotImplementedError("unions are read, but not built of Python objects")


def _bool(values, type):
    return _component(_cap.values.from_booleans, values, type)


_BUILDERS = {"null": _null, "bool": _bool, "variable": _variable, "list": _list, "map": _map, "fixed_size_list": _fixed_size_list, "struct": _struct,
             "dense_union": _union, "sparse_union": _union}
