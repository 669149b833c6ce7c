"""The types of SQL, by name."""

from .._types import PLAIN as _PLAIN
from .._types import DuckDBPyType

_SHORT = {"TIME WITH TIME ZONE": "TIME_TZ", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_TZ"}
__all__ = ["SQLNULL", "DuckDBPyType"]
for _name in _PLAIN:
    if _name not in ("BIGNUM", "TIME_NS"):
        globals()[_SHORT.get(_name, _name)] = DuckDBPyType._make([_name])
        __all__.append(_SHORT.get(_name, _name))
SQLNULL = DuckDBPyType._make(["NULL"])
__all__.sort()
