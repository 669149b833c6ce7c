"""Identifiers of many schemes: id_mux.generate("ulid"), or a module for each: id_mux.ulid.generate()."""

import sys as _sys
from types import ModuleType as _ModuleType

import _id_mux_cap as _cap

schemes = tuple(scheme.name.lower() for scheme in _cap.Scheme)
_DOCS = {
    "ulid": "ULID: 48 bits of time and 80 of chance, 26 characters, in the order of their making.",
    "nanoid": "NanoID: chance only, 21 characters of an alphabet that is safe in URLs.",
    "ksuid": "KSUID: seconds and 128 bits of chance, 27 characters.",
    "uuid7": "UUID version 7 (RFC 9562): milliseconds and 74 bits of chance.",
    "tsid": "TSID: 42 bits of time, a node number and a counter, 13 characters.",
    "xid": "XID: seconds, machine, process and a counter, 20 characters.",
    "snowflake": "Snowflake: milliseconds since Twitter's epoch, a node number and a counter, as a decimal number.",
    "cuid2": "CUID2: a hash that tells nothing, 24 characters, the first a letter.",
}


class IdError(ValueError):
    """A text is no identifier of its scheme, or an option is out of range."""


def _scheme(name):
    try:
        return _cap.Scheme[name.upper()]
    except (KeyError, AttributeError):
        raise IdError(f"unknown scheme {name!r}; known: {', '.join(schemes)}") from None


def _call(function, *arguments, wrong):
    try:
        return function(*arguments)
    except _cap.Error as failure:
        if failure.value == _cap.ErrorValue.TEXT:
            raise IdError(wrong) from None
        raise IdError("a length, alphabet, node number or time is out of range") from None


def generate_many(scheme, count, *, length=None, alphabet=None, node=None, time_ms=None):
    """A list of new identifiers of a scheme."""
    return _call(_cap.generate, _scheme(scheme), count, _cap.Options((length, alphabet, node, time_ms)), wrong="")


def generate(scheme, **options):
    """A new identifier of a scheme; options are length, alphabet, node and time_ms."""
    return generate_many(scheme, 1, **options)[0]


def timestamp_ms(scheme, text):
    """The milliseconds since 1970 that an identifier says, or None where the scheme carries no time."""
    return _call(_cap.timestamp, _scheme(scheme), text, wrong=f"not a {scheme}: {text!r}")


def to_bytes(scheme, text):
    """The binary form of an identifier."""
    return _call(_cap.to_bytes, _scheme(scheme), text, wrong=f"not a {scheme}: {text!r}")


def is_valid(scheme, text):
    """Whether a text is an identifier of a scheme."""
    try:
        timestamp_ms(scheme, text)
    except IdError:
        return False
    return True


def _module(scheme):
    """The module of one scheme: the functions above without their first parameter."""
    module = _ModuleType(f"{__name__}.{scheme}", _DOCS[scheme])
    for function in (generate, generate_many, timestamp_ms, to_bytes, is_valid):
        def bound(*arguments, _function=function, **options):
            return _function(scheme, *arguments, **options)
        bound.__name__ = bound.__qualname__ = function.__name__
        bound.__doc__ = function.__doc__
        setattr(module, function.__name__, bound)
    _sys.modules[module.__name__] = module
    return module


globals().update({name: _module(name) for name in schemes})
__all__ = ["IdError", "generate", "generate_many", "is_valid", "schemes", "timestamp_ms", "to_bytes", *schemes]
