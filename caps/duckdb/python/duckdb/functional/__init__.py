"""How functions of Python are made functions of SQL. Deprecated: `duckdb.func` is their place."""

import warnings

from ..func import *  # noqa: F403
from ..func import __all__  # noqa: F401

warnings.warn("`duckdb.functional` is deprecated and will be removed in a future version. Please use `duckdb.func` instead.", DeprecationWarning, stacklevel=2)
