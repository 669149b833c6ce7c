"""The types of SQL, by name. Deprecated: `duckdb.sqltypes` is their place."""

import warnings

from ..sqltypes import *  # noqa: F403
from ..sqltypes import __all__  # noqa: F401

warnings.warn("`duckdb.typing` is deprecated and will be removed in a future version. Please use `duckdb.sqltypes` instead.", DeprecationWarning, stacklevel=2)
