"""The functions of the module: methods of a connection, the default one unless `connection` says another."""

from . import _engine
from ._connection import DuckDBPyConnection, default_connection
from ._lazy import _enums

__version__ = __duckdb_version__ = "1.4.4"
_METHODS = """append array_type arrow begin checkpoint close commit create_function cursor decimal_type dtype duplicate enum_type execute executemany
    extract_statements fetch_arrow_table fetch_df fetch_df_chunk fetch_record_batch fetchall fetchdf fetchmany fetchnumpy fetchone filesystem_is_registered
    from_arrow from_csv_auto from_df from_parquet from_query get_table_names install_extension interrupt list_filesystems list_type load_extension map_type pl
    query query_progress read_csv read_json read_parquet register register_filesystem remove_function rollback row_type sql sqltype string_type struct_type
    table table_function tf torch type union_type unregister unregister_filesystem values view""".split()
_OF_OBJECTS = "aggregate distinct filter limit order project write_csv".split()
__all__ = [*_METHODS, *_OF_OBJECTS, "alias", "description", "df", "query_df", "rowcount"]


def _method(name):
    """A method as a function."""
    method = getattr(DuckDBPyConnection, name)

    def function(*args, connection=None, **options):
        return method(connection or default_connection(), *args, **options)

    return _named(function, name, method.__doc__)


def _of_object(name):
    """A relation's method as a function whose first argument is an object of Python's."""
    def function(df, *args, connection=None, **options):
        return getattr((connection or default_connection()).from_df(df), name)(*args, **options)

    return _named(function, name, f"`DuckDBPyRelation.{name}` of an object of Python.")


def _named(function, name, doc):
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return function


for _name in _METHODS:
    globals()[_name] = _method(_name)
for _name in _OF_OBJECTS:
    globals()[_name] = _of_object(_name)


def alias(df, alias, *, connection=None):
    """A relation of an object of Python, under a name."""
    return (connection or default_connection()).from_df(df).set_alias(alias)


def query_df(df, virtual_table_name, sql_query, *, connection=None):
    """The result of a query in which an object of Python is a view of that name."""
    return (connection or default_connection()).from_df(df).query(virtual_table_name, sql_query)


def df(*args, connection=None, **options):
    """A relation of an object of Python; without one, refused: there is no pandas."""
    connection = connection or default_connection()
    return connection.from_df(*args) if args else connection.df(**options)


def description(*, connection=None):
    """The columns of the last statement."""
    return (connection or default_connection()).description


def rowcount(*, connection=None):
    """-1: not known."""
    return (connection or default_connection()).rowcount


def tokenize(query):
    """The parts of a text of SQL, for those who colour it: (position, kind)."""
    kinds = list(_enums.token_type)
    return [(position, kinds[kind]) for position, kind in _engine.cap().tokens(query)]


def version():
    """The version for people."""
    return f"{__version__} (with duckdb {__duckdb_version__})"
