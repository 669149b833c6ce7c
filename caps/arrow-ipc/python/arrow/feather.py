"""Feather files, version 2, by the names of pyarrow.feather."""

from _arrow import feather as _feather
from _arrow.feather import *

__all__ = _feather.__all__
