"""How functions of Python are made functions of SQL. Deprecated: `duckdb.func` is their place."""

from ..func import *  # noqa: F403
from ..func import __all__  # noqa: F401
