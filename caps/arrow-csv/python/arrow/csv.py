"""CSV to and from columns, by the names of pyarrow.csv."""

from _arrow import csv as _csv
from _arrow.csv import *

__all__ = _csv.__all__
