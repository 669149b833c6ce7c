"""The type objects of DB-API 2.0, which are equal to the types of columns."""

from . import sqltypes
from ._types import NUMERIC, DuckDBPyType


class DBAPITypeObject:
    """Equal to each type of a family."""

    def __init__(self, types):
        self.types = types

    def __eq__(self, other):
        return isinstance(other, DuckDBPyType) and other in self.types

    __hash__ = None

    def __repr__(self):
        return f"<DBAPITypeObject [{','.join(map(str, self.types))}]>"


class _Numbers(DBAPITypeObject):
    """All types of numbers, DECIMAL of any width among them."""

    def __eq__(self, other):
        return isinstance(other, DuckDBPyType) and other._document[0] in NUMERIC


STRING = DBAPITypeObject([sqltypes.VARCHAR])
NUMBER = _Numbers([DuckDBPyType._make([name]) for name in sorted(NUMERIC - {"DECIMAL"})] + [DuckDBPyType._make(["DECIMAL", 18, 3])])
DATETIME = DBAPITypeObject([sqltypes.DATE, sqltypes.TIME, sqltypes.TIME_TZ, sqltypes.TIMESTAMP, sqltypes.TIMESTAMP_TZ, sqltypes.TIMESTAMP_NS,
                            sqltypes.TIMESTAMP_MS, sqltypes.TIMESTAMP_S])
BINARY = DBAPITypeObject([sqltypes.BLOB])
ROWID = None
