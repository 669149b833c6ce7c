"""DuckDB: SQL on columns, in memory, in database files, and on CSV, Parquet and JSON files.

The names are those of DuckDB's own package for Python; what it does with numpy, pandas and pyarrow is done with objects of
Python and with the `arrow` module here."""

from . import _errors, sqltypes, value
from ._connection import DuckDBPyConnection, Statement, connect, default_connection, set_default_connection
from ._dbapi import BINARY, DATETIME, NUMBER, ROWID, STRING, DBAPITypeObject
from ._enums import (
    CSVLineTerminator,
    ExpectedResultType,
    ExplainType,
    PythonExceptionHandling,
    RenderMode,
    StatementType,
    token_type,
)
from ._errors import *  # noqa: F403
from ._expressions import (
    CaseExpression,
    CoalesceOperator,
    ColumnExpression,
    ConstantExpression,
    DefaultExpression,
    Expression,
    FunctionExpression,
    LambdaExpression,
    SQLExpression,
    StarExpression,
)
from ._module import *  # noqa: F403
from ._module import __duckdb_version__, __version__, tokenize, version
from ._relation import DuckDBPyRelation
from .value.constant import *  # noqa: F403

apilevel = "2.0"
threadsafety = 1
paramstyle = "qmark"
__interactive__ = __jupyter__ = False
__standard_vector_size__ = 2048
__formatted_python_version__ = "3.14"
