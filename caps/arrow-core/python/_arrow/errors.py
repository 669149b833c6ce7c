"""The exceptions, by pyarrow's names."""

import contextlib

import _arrow_core_cap as _cap

__all__ = ["ArrowException", "ArrowIndexError", "ArrowInvalid", "ArrowKeyError", "ArrowNotImplementedError", "ArrowTypeError"]


class ArrowException(Exception):
    """What all errors of this package are."""


class ArrowInvalid(ValueError, ArrowException):
    """Data that is not what its type or format says."""


class ArrowTypeError(TypeError, ArrowException):
    """A value or type of another kind than is wanted."""


class ArrowKeyError(KeyError, ArrowException):
    """A name that is not there."""

    __str__ = ArrowException.__str__


class ArrowIndexError(IndexError, ArrowException):
    """A place that is not there."""


class ArrowNotImplementedError(NotImplementedError, ArrowException):
    """Correct, but not offered here."""


@contextlib.contextmanager
def translated():
    """The component's errors as exceptions of this package."""
    try:
        yield
    except _cap.problems.Error as error:
        raise as_exception(error.value) from None


def as_exception(problem):
    """The exception for an error of the contract."""
    kind = ArrowNotImplementedError if problem.tag == "unsupported" else ArrowInvalid
    return kind(problem.value)
