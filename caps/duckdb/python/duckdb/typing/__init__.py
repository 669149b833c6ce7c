"""The types of SQL, by name. Deprecated: `duckdb.sqltypes` is their place."""

from ..sqltypes import *  # noqa: F403
from ..sqltypes import __all__  # noqa: F401
