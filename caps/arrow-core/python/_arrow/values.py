"""Arrays as Python objects. What is one value after the other is done by the component or by memoryview, not by loops."""

import collections
import datetime
import decimal
import itertools

import _arrow_core_cap as _cap

from .errors import ArrowIndexError, ArrowInvalid, ArrowNotImplementedError, translated

__all__ = ["MonthDayNano"]

# What a value of the type month_day_nano_interval is.
MonthDayNano = collections.namedtuple("MonthDayNano", ("months", "days", "nanoseconds"))

_EPOCH_DAY = datetime.date(1970, 1, 1).toordinal()
_MICROSECONDS = {"s": 1_000_000, "ms": 1000, "us": 1}
_DAY = 86_400_000_000


def to_pylist(array):
    """The values, null ones as None."""
    if array.dictionary is not None:
        return dictionary_values(array)
    return _KINDS[array.type.kind](array)


def _with_nulls(array, values):
    """The values with None where they are null."""
    valid = array.valid_bytes()
    return values if valid is None else [value if flag else None for value, flag in zip(values, valid)]


def _null(array):
    return [None] * len(array)


def _component(call, array):
    with translated():
        return call(array.column())


def _bool(array):
    return _component(_cap.values.to_booleans, array)


def _fixed(array):
    form = array.type.format
    if form in _NUMBERS:
        return _numbers(array)
    if form == "e":
        return _component(_cap.values.to_floats, array)
    if form.startswith("w:"):
        return _component(_cap.values.to_binaries, array)
    if form.startswith("d:"):
        return [None if text is None else decimal.Decimal(text) for text in _component(_cap.values.to_decimals, array)]
    if form == "tin":
        return _with_nulls(array, _month_day_nanos(array))
    if form == "tiD":
        pairs = array.raw().cast("i").tolist()
        return _with_nulls(array, [datetime.timedelta(days, milliseconds=rest) for days, rest in zip(pairs[::2], pairs[1::2])])
    return _temporal(array)


_NUMBERS = {"c": "to_integers", "s": "to_integers", "i": "to_integers", "l": "to_integers", "C": "to_naturals", "S": "to_naturals", "I": "to_naturals", "L": "to_naturals",
            "f": "to_floats", "g": "to_floats", "tiM": "to_integers"}


def _numbers(array):
    if array.has_bitmap and array.null_count:
        return _component(getattr(_cap.values, _NUMBERS[array.type.format]), array)
    return array.raw().cast(array.type.code).tolist()


def _month_day_nanos(array):
    raw = array.raw()
    words, nanos = raw.cast("i").tolist(), raw.cast("q").tolist()
    return list(map(MonthDayNano, words[::4], words[1::4], nanos[1::2]))


def _temporal(array):
    """Dates, times, timestamps and durations."""
    values = array.raw().cast(array.type.code).tolist()
    valid = array.valid_bytes()
    convert = _converter(array.type)
    try:
        if valid is None:
            return [convert(value) for value in values]
        return [convert(value) if flag else None for value, flag in zip(values, valid)]
    except (OverflowError, ValueError) as error:
        raise ArrowInvalid(f"a value of type {array.type} is out of the range of Python's: {error}") from None


def _converter(type):
    head = type.format[:2]
    if type.format == "tdD":
        return lambda days: datetime.date.fromordinal(days + _EPOCH_DAY)
    if type.format == "tdm":
        return lambda milliseconds: datetime.date.fromordinal(milliseconds // 86_400_000 + _EPOCH_DAY)
    microseconds = _to_microseconds(type)
    if head == "tD":
        return lambda value: datetime.timedelta(microseconds=microseconds(value))
    if head == "tt":
        return lambda value: _time(microseconds(value))
    return _timestamp(microseconds, type.tz)


def _to_microseconds(type):
    if type.unit == "ns":
        return _whole_microseconds
    factor = _MICROSECONDS[type.unit]
    return lambda value: value * factor


def _whole_microseconds(value):
    if value % 1000:
        raise ValueError(f"{value} ns are no whole microseconds; cast to us")
    return value // 1000


def _time(microseconds):
    if not 0 <= microseconds < _DAY:
        raise ValueError(f"{microseconds} us are no time of a day")
    seconds, rest = divmod(microseconds, 1_000_000)
    return datetime.time(seconds // 3600, seconds // 60 % 60, seconds % 60, rest)


def _timestamp(microseconds, tz):
    epoch, span = datetime.datetime(1970, 1, 1), datetime.timedelta
    if tz is None:
        return lambda value: epoch + span(microseconds=microseconds(value))
    epoch, zone = epoch.replace(tzinfo=datetime.timezone.utc), zone_of(tz)
    return lambda value: (epoch + span(microseconds=microseconds(value))).astimezone(zone)


def zone_of(name):
    """The time zone of a name or an offset like +05:30."""
    if name.upper() in ("UTC", "Z", "ETC/UTC"):
        return datetime.timezone.utc
    if name[0] in "+-":
        hours, _, minutes = name[1:].partition(":")
        span = datetime.timedelta(hours=int(hours), minutes=int(minutes or 0))
        return datetime.timezone(span if name[0] == "+" else -span)
    import zoneinfo
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise ArrowNotImplementedError(f"the time zone {name!r} is not known here") from None


def _variable(array):
    texts = array.type.format in "uU"
    return _component(_cap.values.to_texts if texts else _cap.values.to_binaries, array)


def checked_offsets(array):
    """The offsets of a list as ints: in order, and inside of the child."""
    offsets = array.offsets_view().tolist()
    if offsets and (offsets[0] < 0 or offsets[-1] > len(array.children[0]) or sorted(offsets) != offsets):
        raise ArrowInvalid(f"the offsets of an array of type {array.type} are not in order, or outside of its {len(array.children[0])} values")
    return offsets


def _list(array):
    offsets = checked_offsets(array)
    first = offsets[0]
    values = array.children[0].slice(first, offsets[-1] - first).to_pylist()
    lists = [values[start - first:end - first] for start, end in itertools.pairwise(offsets)]
    return _with_nulls(array, lists)


def _map(array):
    return [None if entries is None else [tuple(entry.values()) for entry in entries] for entries in _list(array)]


def _fixed_size_list(array):
    size = array.type.width
    values = array.children[0].slice(array.offset * size, len(array) * size).to_pylist()
    return _with_nulls(array, [values[start:start + size] for start in range(0, len(array) * size, size)] if size else [[] for _ in range(len(array))])


def _struct(array):
    names = [field.name for field in array.type.fields]
    columns = [child.slice(array.offset, len(array)).to_pylist() for child in array.children]
    rows = [dict(zip(names, row)) for row in zip(*columns)] if columns else [{} for _ in range(len(array))]
    return _with_nulls(array, rows)


def _union(array):
    codes = array.buffer_views[0][array.offset:array.offset + len(array)].cast("b").tolist()
    places = {code: place for place, code in enumerate(array.type.type_codes)}
    if unknown := set(codes) - places.keys():
        raise ArrowInvalid(f"a value of type {array.type} has the type code {unknown.pop()}")
    columns = [child.to_pylist() for child in array.children]
    if array.type.kind == "sparse_union":
        return [columns[places[code]][at] for at, code in enumerate(codes, array.offset)]
    offsets = array.buffer_views[1][array.offset * 4:(array.offset + len(array)) * 4].cast("i").tolist()
    if offsets and min(offsets) < 0:
        raise ArrowInvalid(f"an offset of an array of type {array.type} is negative")
    try:
        return [columns[places[code]][at] for code, at in zip(codes, offsets)]
    except IndexError:
        raise ArrowInvalid(f"an offset of an array of type {array.type} is outside of its child") from None


def dictionary_values(array):
    """The values that the places of a dictionary stand for."""
    places, values = array.indices.to_pylist(), array.dictionary.to_pylist()
    check_places(places, len(values), ArrowInvalid)
    return [None if place is None else values[place] for place in places]


def check_places(places, length, kind=ArrowIndexError):
    """Raises the error if a place is outside of an array."""
    there = [place for place in places if place is not None]
    if there and (min(there) < 0 or max(there) >= length):
        raise kind(f"a place is outside of an array of {length} values")


_KINDS = {"null": _null, "bool": _bool, "fixed": _fixed, "variable": _variable, "list": _list, "map": _map, "fixed_size_list": _fixed_size_list, "struct": _struct,
          "dense_union": _union, "sparse_union": _union}
