"""What lets classes and functions look like those that CPython has in C."""

import warnings


def not_made(cls):
    raise TypeError(f"cannot create '_ssl.{cls.__name__}' instances")


def not_pickled(self):
    raise TypeError(f"cannot pickle {type(self).__name__!r} object")


def kept(self):
    raise AttributeError("attribute cannot be deleted")


def warn(text):
    """A warning for the caller of ssl.py."""
    warnings.warn(text, DeprecationWarning, 4)
