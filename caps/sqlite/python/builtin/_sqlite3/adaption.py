"""Between Python's types and SQLite's: adapters for parameters, converters for columns."""

from _sqlite3.errors import ProgrammingError

adapters = {}  # (type, protocol) -> function
converters = {}  # name of an SQL type, in capitals -> function

_HEAP_TYPE = 1 << 9
_SMALLEST, _LARGEST = -0x8000000000000000, 0x7FFFFFFFFFFFFFFF
# Types that are never adapted, unless one of them has an adapter.
_BASE_TYPES = (int, float, str, bytearray)
# What `dumps` takes as it is: an adapter for one of these, or for a class made of one, has to be looked for.
_TAKEN_AS_THEY_ARE = (int, float, str, bytes, bytearray, memoryview, type(None), list, tuple)

_base_type_adapted = False
any_looked_for = False


class PrepareProtocol:
    """PEP 246 style object adaption protocol type."""

    __module__ = "sqlite3"


def register_adapter(type, adapter, /):
    """Register a function to adapt Python objects to SQLite values."""
    global _base_type_adapted, any_looked_for
    if type in _BASE_TYPES:
        _base_type_adapted = True
    if isinstance(type, _class_of_classes) and issubclass(type, _TAKEN_AS_THEY_ARE) or hasattr(type, "__buffer__"):
        any_looked_for = True
    adapters[type, PrepareProtocol] = adapter


_class_of_classes = type


def register_converter(typename, converter, /):
    """Register a function to convert SQLite values to Python objects."""
    if not isinstance(typename, str):
        raise TypeError(f"register_converter() argument 1 must be str, not {_name(typename)}")
    converters[typename.upper()] = converter


def _name(value):
    return "None" if value is None else type(value).__name__


_none_given = object()


def adapt(obj, proto=PrepareProtocol, alt=_none_given, /):
    """Adapt given object to given protocol."""
    adapter = adapters.get((type(obj), proto))
    if adapter is not None:
        return adapter(obj)
    for whose, name, argument in ((proto, "__adapt__", obj), (obj, "__conform__", proto)):
        method = getattr(whose, name, None)
        if method is not None:
            try:
                adapted = method(argument)
            except TypeError:
                continue
            if adapted is not None:
                return adapted
    if alt is _none_given:
        raise ProgrammingError("can't adapt")
    return alt


def bindable(value, position):
    """A parameter's value, adapted, as SQLite takes it."""
    if _base_type_adapted or type(value) not in _BASE_TYPES:
        value = adapt(value, PrepareProtocol, value)
    if value is None or isinstance(value, (float, str)):
        return value
    if isinstance(value, int):
        if not _SMALLEST <= value <= _LARGEST:
            raise OverflowError("Python int too large to convert to SQLite INTEGER")
        return value
    try:
        view = memoryview(value)
    except TypeError:
        kind = type(value)
        name = kind.__name__ if kind.__flags__ & _HEAP_TYPE or kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
        raise ProgrammingError(f"Error binding parameter {position}: type '{name}' is not supported") from None
    if not view.c_contiguous:
        raise BufferError("underlying buffer is not C-contiguous")
    return view
