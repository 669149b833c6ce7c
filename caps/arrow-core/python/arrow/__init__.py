"""Arrow's columns, by pyarrow's names: types, arrays over buffers that are not copied, record batches and tables.

`arrow.ipc` and `arrow.feather` read and write Arrow's streams and files, `arrow.csv` reads CSV into typed columns, if the plan has the caps for them."""

import importlib as _importlib

from _arrow import array as _array, buffer as _buffer, build as _build, concat as _concat, errors as _errors, table as _table, types as _types, values as _values
from _arrow.array import *
from _arrow.buffer import *
from _arrow.build import *
from _arrow.concat import *
from _arrow.errors import *
from _arrow.table import *
from _arrow.types import *
from _arrow.values import *

_MODULES = (_array, _buffer, _build, _concat, _errors, _table, _types, _values)
_PARTS = ("csv", "feather", "ipc")

__all__ = [name for module in _MODULES for name in module.__all__]


def __getattr__(name):
    if name in _PARTS:
        try:
            return _importlib.import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}: {error}") from None
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


for _name in __all__:
    if isinstance(globals()[_name], type):
        globals()[_name].__module__ = __name__
