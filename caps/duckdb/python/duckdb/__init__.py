"""DuckDB: SQL on columns, in memory, in database files, and on CSV, Parquet and JSON files.

The names are those of DuckDB's own package for Python; what it does with numpy, pandas and pyarrow is done with objects of
Python and with the `arrow` module here."""

from importlib import import_module as _import_module

from . import _errors, _lazy, _module, sqltypes
from ._connection import DuckDBPyConnection, Statement, connect, default_connection, set_default_connection
from ._dbapi import BINARY, DATETIME, NUMBER, ROWID, STRING, DBAPITypeObject
from ._errors import *  # noqa: F403
from ._module import *  # noqa: F403
from ._module import __duckdb_version__, __version__, tokenize, version

apilevel = "2.0"
threadsafety = 1
paramstyle = "qmark"
__interactive__ = __jupyter__ = False
__standard_vector_size__ = 2048
__formatted_python_version__ = "3.14"

# Names that come with their modules when they are asked for.
_LATER = {
    "_enums": "CSVLineTerminator ExpectedResultType ExplainType PythonExceptionHandling RenderMode StatementType token_type",
    "_expressions": "CaseExpression CoalesceOperator ColumnExpression ConstantExpression DefaultExpression Expression FunctionExpression LambdaExpression "
                    "SQLExpression StarExpression",
    "_relation": "DuckDBPyRelation",
    "value.constant": "BinaryValue BitValue BlobValue BooleanValue DateValue DecimalValue DoubleValue FloatValue HugeIntegerValue IntegerValue IntervalValue "
                      "ListValue LongValue MapValue NullValue ShortValue StringValue StructValue TimeTimeZoneValue TimeValue TimestampMilisecondValue "
                      "TimestampNanosecondValue TimestampSecondValue TimestampTimeZoneValue TimestampValue UUIDValue UnionType UnsignedBinaryValue "
                      "UnsignedHugeIntegerValue UnsignedIntegerValue UnsignedLongValue UnsignedShortValue Value",
}
_PLACES = {name: module for module, names in _LATER.items() for name in names.split()}
__all__ = sorted({*_PLACES, *_errors.__all__, *_module.__all__, "BINARY", "DATETIME", "DBAPITypeObject", "DuckDBPyConnection", "NUMBER", "ROWID", "STRING", "Statement",
                  "apilevel", "connect", "default_connection", "paramstyle", "set_default_connection", "sqltypes", "threadsafety", "tokenize", "value", "version"})


def __getattr__(name):
    if name == "value":
        return _import_module(".value.constant", __name__) and globals()[name]
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(_import_module(f".{_PLACES[name]}", __name__), name)
    return found


def __dir__():
    return sorted({*globals(), *__all__})
