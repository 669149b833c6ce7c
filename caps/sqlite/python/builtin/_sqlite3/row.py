"""Rows with names."""

from functools import lru_cache as _lru_cache

from _sqlite3.cursor import Cursor


_new = object.__new__


@_lru_cache(1024)
def _place_of(key, description):
    """The number of the first column of that name. Capital letters are as good as small ones, of those of ASCII."""
    for place, (name, *_) in enumerate(description):
        if name == key or name.isascii() and key.isascii() and name.lower() == key.lower():
            return place
    raise IndexError("No item with that key")


class Row:
    """A row whose values can be had by their number and by their column's name."""

    __module__ = "sqlite3"
    __slots__ = "_data", "_description"

    def __new__(cls, cursor, data, /):
        if type(cursor) is not Cursor and not issubclass(type(cursor), Cursor):
            raise TypeError(f"Row() argument 1 must be sqlite3.Cursor, not {type(cursor).__name__}")
        if type(data) is not tuple and not issubclass(type(data), tuple):
            raise TypeError(f"Row() argument 2 must be tuple, not {type(data).__name__}")
        self = _new(cls)
        self._data = data
        self._description = cursor._description
        return self

    def keys(self):
        """Returns the keys of the row."""
        return [] if self._description is None else [column[0] for column in self._description]

    def __getitem__(self, key):
        if isinstance(key, (int, slice)):
            return self._data[key]
        if not isinstance(key, str):
            raise IndexError("Index must be int or string")
        if self._description is None:
            raise IndexError(f"No item with key {key!r}")
        return self._data[_place_of(key, self._description)]

    def __len__(self):
        return len(self._data)

    def __iter__(self):
        return iter(self._data)

    def __hash__(self):
        return hash(self._description) ^ hash(self._data)

    def __eq__(self, other):
        if not isinstance(other, Row):
            return NotImplemented
        return self._description == other._description and self._data == other._data

    def __ne__(self, other):
        if not isinstance(other, Row):
            return NotImplemented
        return not self == other
