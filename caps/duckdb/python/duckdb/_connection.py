"""Connections: statements and their results, relations, objects of Python as tables, types and functions."""

import os
import weakref

from . import _engine, _errors, _names, _refused, _types, _values
from ._lazy import _enums, _expressions, _files, _functions, _objects, _relation
from ._result import Result

_default = None


class Statement:
    """A parsed statement."""

    def __init__(self, statement):
        self._statement = statement
        self.query = statement.text()

    @property
    def type(self):
        """What kind of statement it is."""
        return _enums.StatementType(self._statement.kind())

    @property
    def named_parameters(self):
        """The names of its parameters."""
        return set(self._statement.parameters())

    @property
    def expected_result_type(self):
        """What it may return."""
        return [_enums.ExpectedResultType(name) for name in self._statement.returns()]


class DuckDBPyConnection:
    """A connection to a database; as a context manager it is closed at the end."""

    def __init__(self, handle):
        self._handle = handle
        self._result = None
        self._interrupted = False
        self._progress = -1.0
        self._cursors = []
        self._registered = {}
        self._functions = {}
        # Objects of Python that views read, as long as the connection is open.
        self._views = []

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc, traceback):
        self.close()

    def __del__(self):
        try:
            self.close()
        except (AttributeError, ValueError, RuntimeError):
            pass  # at the interpreter's end

    def _open(self):
        """The cap's connection."""
        if self._handle is None:
            raise _errors.make(_errors.ConnectionException, "Connection already closed!")
        return self._handle

    def close(self):
        """Closes the connection and its cursors."""
        if self._handle is None:
            return
        for cursor in self._cursors:
            if (cursor := cursor()) is not None:
                cursor.close()
        self._forget_result()
        handle, self._handle = self._handle, None
        self._cursors, self._views, self._registered = [], [], {}
        for number in self._functions.values():
            _functions.forget(number)
        handle.close()

    def cursor(self):
        """Another connection to the same database."""
        cursor = DuckDBPyConnection(_engine.call(self, self._open().duplicate))
        self._cursors = [other for other in self._cursors if other() is not None] + [weakref.ref(cursor)]
        return cursor

    duplicate = cursor

    def interrupt(self):
        """Ends the statement that is being executed, by another thread or around a function of Python's."""
        self._open()
        self._interrupted = True

    def query_progress(self):
        """How much of the statement is done: 0 to 100, or -1 if that is not known."""
        self._open()
        return self._progress

    # Statements.

    def execute(self, query, parameters=None):
        """Executes a statement, or several of which the last one takes the parameters; the rows are fetched from the connection."""
        self._forget_result()
        result, found = self._run(query, parameters, "STREAMED")
        if result is None:
            return None
        self._result = Result(self, result, found)
        return self

    def _run(self, query, parameters, delivery):
        handle, values = self._open(), _values.parameters(parameters)
        delivery = getattr(_engine.cap().Delivery, delivery)
        if isinstance(query, Statement):
            return _engine.call_finding(self, handle.run_statement, query._statement, values, delivery)
        if isinstance(query, str):
            return _engine.call_finding(self, handle.run, query, values, delivery)
        raise _errors.make(_errors.InvalidInputException, "Please provide either a DuckDBPyStatement or a string representing the query")

    def _do(self, query, parameters=None):
        """Executes a statement whose result nobody asks for."""
        self._run(query, parameters, "WHOLE")

    def _fetch(self, query):
        """All rows of a query, aside from the connection's own result."""
        result, found = self._run(query, None, "WHOLE")
        return Result(self, result, found).fetchall()

    def executemany(self, query, parameters=None):
        """Executes a statement once for each set of parameters."""
        self._forget_result()
        if parameters is not None and not _values.is_list(parameters) and not hasattr(parameters, "__iter__"):
            raise _errors.make(_errors.InvalidInputException, "executemany requires a list of parameter sets to be provided")
        statements = [query] if isinstance(query, Statement) else self.extract_statements(query)
        if not statements:
            return None
        for statement in statements[:-1]:
            self._do(statement)
        rows = parameters if isinstance(parameters, list) else list(parameters or ())
        if not rows:
            raise _errors.make(_errors.InvalidInputException, "executemany requires a non-empty list of parameter sets to be provided")
        prepared = _engine.call(self, self._open().prepare, statements[-1]._statement)
        if all(type(row) in (tuple, list) for row in rows):
            _engine.call(self, prepared.run_many, _values.rows_document(rows))
            return self
        for row in rows:
            result, found = _engine.call_finding(self, prepared.run, _values.parameters(row), _engine.cap().Delivery.WHOLE)
        self._result = Result(self, result, found)
        return self

    def extract_statements(self, query):
        """The statements of a text."""
        if not isinstance(query, str):
            raise _errors.make(_errors.InvalidInputException, "Please provide either a DuckDBPyStatement or a string representing the query")
        return list(map(Statement, _engine.call(self, self._open().parse, query)))

    def get_table_names(self, query, *, qualified=False):
        """The names of the tables that a query reads."""
        return set(_engine.call(self, self._open().table_names, query, qualified))

    def begin(self):
        """Begins a transaction."""
        return self.execute("BEGIN TRANSACTION")

    def commit(self):
        """Makes a transaction's changes last; without one there is nothing to do."""
        return self.execute("COMMIT") if self._open().in_transaction() else self

    def rollback(self):
        """Takes a transaction's changes back."""
        return self.execute("ROLLBACK")

    def checkpoint(self):
        """Writes what is in the write-ahead log to the database file."""
        return self.execute("CHECKPOINT")

    # Rows of the last statement.

    def _forget_result(self):
        if self._result is not None:
            self._result.close()
            self._result = None

    def _last(self):
        if self._result is None:
            raise _errors.make(_errors.InvalidInputException, "No open result set")
        return self._result

    @property
    def description(self):
        """The columns of the last statement as DB-API describes them."""
        return None if self._result is None else self._result.description

    @property
    def rowcount(self):
        """-1: not known."""
        return -1

    def fetchone(self):
        """The next row as a tuple, or None."""
        return self._last().fetchone()

    def fetchmany(self, size=1):
        """At most so many of the next rows."""
        return self._last().fetchmany(size)

    def fetchall(self):
        """All rows that are left."""
        return self._last().fetchall()

    def __arrow_ipc__(self, max_rows=None):
        """The rows that are left as messages of the Arrow IPC stream."""
        return self._last().messages(max_rows)

    def fetch_arrow_table(self, rows_per_batch=1000000):
        """The rows that are left as a table of Arrow's."""
        import arrow

        self._last()
        return arrow.table(self)

    def fetch_record_batch(self, rows_per_batch=1000000):
        """A reader of batches of Arrow's."""
        import arrow

        self._last()
        return arrow.RecordBatchReader.from_stream(self)

    arrow = fetch_record_batch

    def _live(self):
        self._last()

    df, fetchdf, fetch_df, fetch_df_chunk, fetchnumpy, pl, torch, tf = _refused.methods("df fetchdf fetch_df fetch_df_chunk fetchnumpy pl torch tf")

    # Relations.

    def sql(self, query, *, alias="", params=None):
        """A relation of a query; any other statement is executed, and what it returns is a relation, too."""
        statements = [query] if isinstance(query, Statement) else self.extract_statements(query)
        if not statements:
            return None
        for statement in statements[:-1]:
            self._do(statement)
        statement = statements[-1]
        alias = alias or _names.unnamed()
        query = statement.query.strip().rstrip(";")
        # A PIVOT is executed at once: it is parsed into statements of which the last one has no text of its own.
        if params is None and statement.type is _enums.StatementType.SELECT and query:
            return _relation.DuckDBPyRelation(self, query, alias, "QUERY_RELATION")
        result, found = self._run(statement, params, "WHOLE")
        result = Result(self, result, found)
        return self._kept_result(result, alias) if result.returns_rows else None

    query = from_query = sql

    def _kept_result(self, result, alias):
        """A relation of rows that were fetched."""
        name = _names.unnamed("python_object")
        result.keep(name)
        return _relation.DuckDBPyRelation(self, f"FROM {name}", alias, "MATERIALIZED_RELATION", kept=(_objects.Kept(self, name),))

    def table(self, table_name):
        """A relation of a table; or of a view, or of an object of Python."""
        name = _names.qualified(table_name)
        try:
            kind = self._table_kind(table_name)
        except _errors.CatalogException:
            kind = None
        if kind is None:
            return self.sql(f"FROM {name}", alias=table_name)
        return self._named(name, "TABLE_RELATION")

    def view(self, view_name):
        """A relation of a view."""
        return self._named(_names.qualified(view_name), "VIEW_RELATION")

    def _named(self, name, kind):
        last = _names.parts(name)[-1]
        relation = _relation.DuckDBPyRelation(self, f"SELECT * FROM {name}", last, kind, name)
        relation._table_name = name
        return relation

    def _table_kind(self, name):
        """Whether there is a table of that name."""
        *qualifiers, last = _names.parts(name)
        conditions = [f"lower(table_name) = lower({_names.text(last)})"]
        conditions += [f"lower({column}) = lower({_names.text(part)})" for column, part in zip(("schema_name", "database_name"), reversed(qualifiers))]
        if len(qualifiers) == 1:
            conditions[1] = f"({conditions[1]} OR lower(database_name) = lower({_names.text(qualifiers[0])}))"
        return (self._fetch(f"SELECT 'TABLE' FROM duckdb_tables() WHERE {' AND '.join(conditions)}") or [None])[0]

    def values(self, *args):
        """A relation of values: one row as a list, or of expressions; several rows as tuples of expressions."""
        if not args:
            raise _errors.make(_errors.InvalidInputException, "Could not create a ValueRelation without any inputs")
        if len(args) == 1 and isinstance(args[0], list):
            rows = [[_expressions.ConstantExpression(value) for value in args[0]]]
        elif isinstance(args[0], tuple):
            rows = list(args)
            for row in rows:
                if not isinstance(row, tuple):
                    raise _errors.make(_errors.InvalidInputException, f"Expected objects of type tuple, not {type(row)}")
        else:
            rows = [args]
        for row in rows:
            if not row:
                raise _errors.make(_errors.InvalidInputException, "Please provide a non-empty tuple")
            if len(row) != len(rows[0]):
                raise _errors.make(_errors.InvalidInputException, "Mismatch between length of tuples in input, expected "
                                   f"{len(rows[0])} but found {len(row)}")
        written = ", ".join(f"({_expressions._listed(row)})" for row in rows)
        return _relation.DuckDBPyRelation(self, f"SELECT * FROM (VALUES {written})", "values", "VALUE_LIST_RELATION")

    def table_function(self, name, parameters=None):
        """A relation of a table function's result."""
        if parameters is not None and not _values.is_list(parameters):
            raise _errors.make(_errors.InvalidInputException, "'params' has to be a list of parameters")
        written = ", ".join(str(_expressions.ConstantExpression(value)) for value in parameters or ())
        return _relation.DuckDBPyRelation(self, f"SELECT * FROM {_names.quoted(name)}({written})", name, "TABLE_FUNCTION_RELATION")

    def read_csv(self, path_or_buffer, **options):
        """A relation of CSV files."""
        return self._of_files(_files.csv_read, path_or_buffer, options, "READ_CSV_RELATION")

    from_csv_auto = read_csv

    def read_json(self, path_or_buffer, **options):
        """A relation of JSON files."""
        return self._of_files(_files.json_read, path_or_buffer, options, "READ_JSON_RELATION")

    def read_parquet(self, file_glob=None, binary_as_string=False, **options):
        """A relation of Parquet files."""
        files = options.pop("file_globs", file_glob)
        return self._of_files(_files.parquet_read, files, {"binary_as_string": binary_as_string, **options}, "TABLE_FUNCTION_RELATION")

    from_parquet = read_parquet

    def _of_files(self, function, files, options, kind):
        if hasattr(files, "read") or (isinstance(files, (list, tuple)) and any(hasattr(file, "read") for file in files)):
            raise _errors.make(_errors.NotImplementedException, "Only files can be read, not objects that are like files")
        alias = os.path.basename(os.fspath(files)).partition(".")[0] if isinstance(files, (str, os.PathLike)) else ""
        return _relation.DuckDBPyRelation(self, f"SELECT * FROM {function(files, options)}", alias or _names.unnamed(), kind)

    # Objects of Python as tables.

    def _kept(self, value, name):
        found = _objects.keep(self, value)
        if found is None:
            raise _errors.make(_errors.InvalidInputException, f'Python Object "{name}" of type "{type(value).__name__}" not suitable for replacement scans.\n'
                               f'Make sure that "{name}" is either a duckdb.DuckDBPyRelation, a list or dictionary of columns or rows, or an Arrow object')
        return found

    def register(self, view_name, python_object):
        """Makes a view of an object: a dictionary of columns, a list of rows, an object of Arrow's, a relation."""
        query, kept = self._kept(python_object, view_name)
        replace = "OR REPLACE " if view_name in self._registered else ""
        self._do(f"CREATE {replace}TEMPORARY VIEW {_names.quoted(view_name)} AS {query}")
        self._registered[view_name] = kept
        return self

    def unregister(self, view_name):
        """Takes the view of an object away."""
        if view_name in self._registered:
            self._do(f"DROP VIEW IF EXISTS temp.{_names.quoted(view_name)}")
            del self._registered[view_name]
        return self

    def from_arrow(self, arrow_object):
        """A relation of an object of Arrow's."""
        if not any(hasattr(arrow_object, name) for name in ("__arrow_ipc__", "__arrow_c_stream__")) or isinstance(arrow_object, _relation.DuckDBPyRelation):
            raise _errors.make(_errors.InvalidInputException, f"Python Object Type {type(arrow_object).__name__} is not an accepted Arrow Object.")
        return self.from_df(arrow_object)

    def from_df(self, df):
        """A relation of an object of Python: a dictionary of columns, a list of rows."""
        query, kept = self._kept(df, "df")
        return _relation.DuckDBPyRelation(self, query, _names.unnamed("df"), "VIEW_RELATION", kept=(kept,))

    def append(self, table_name, df, *, by_name=False):
        """Appends the rows of an object of Python to a table."""
        query, kept = self._kept(df, "df")
        columns = f" ({', '.join(map(_names.quoted, _relation.DuckDBPyRelation(self, query, 'df', '').columns))})" if by_name else ""
        return self.execute(f"INSERT INTO {_names.qualified(table_name)}{columns} {query}")

    def appender(self, table_name, columns=None):
        """Appends rows to a table past SQL: `append_rows`, `flush`, `finish`."""
        from ._appender import Appender

        return Appender(self, table_name, columns)

    # Functions and types.

    def create_function(self, name, function, parameters=None, return_type=None, *, type="native", null_handling="default",  # noqa: A002
                        exception_handling="default", side_effects=False):
        """Makes a function of Python a function of SQL; its annotations say the types, if they are not given."""
        self._open()
        if name in self._functions:
            raise _errors.make(_errors.NotImplementedException, f"A function by the name of '{name}' is already created, creating multiple functions with the "
                               "same name is not supported yet, please remove it first")
        self._functions[name] = _functions.create(self, name, function, parameters, return_type, type, null_handling, exception_handling, side_effects)
        return self

    def remove_function(self, name):
        """Takes a function of Python away again."""
        if name not in self._functions:
            raise _errors.make(_errors.InvalidInputException, f"No function by the name of '{name}' was found in the list of registered functions")
        _engine.call(self, self._open().remove_function, name)
        _functions.forget(self._functions.pop(name))
        return self

    def type(self, type_str):
        """The type that SQL names."""
        return _types.of_column(_engine.call(self, self._open().parse_type, type_str))

    dtype = sqltype = type

    def list_type(self, type):  # noqa: A002
        """LIST of a type."""
        return _types.list_of(_types.of(type, self))

    def array_type(self, type, size):  # noqa: A002
        """ARRAY of so many of a type."""
        return _types.array_of(_types.of(type, self), size)

    def map_type(self, key, value):
        """MAP of a type to a type."""
        return _types.map_of(_types.of(key, self), _types.of(value, self))

    def struct_type(self, fields):
        """STRUCT of {name: type}, or of types."""
        return _types.struct(self._members(fields, "struct"))

    row_type = struct_type

    def union_type(self, members):
        """UNION of {name: type}, or of types."""
        return _types.union(self._members(members, "union"))

    def _members(self, members, kind):
        if isinstance(members, list):
            members = {f"v{number}": member for number, member in enumerate(members, 1)}
        if not isinstance(members, dict):
            raise _errors.make(_errors.InvalidInputException, f"Can not construct a child list from object of type '{members.__class__}', only dict/list is "
                               "supported")
        if not members:
            raise _errors.make(_errors.InvalidInputException, f"Can not create an empty {kind} type!")
        return {str(name): _types.of(member, self) for name, member in members.items()}

    def decimal_type(self, width, scale):
        """DECIMAL of so many digits, so many of them behind the point."""
        return _types.decimal(width, scale)

    def string_type(self, collation=""):
        """VARCHAR."""
        return _types.of("VARCHAR")

    def enum_type(self, name, type, values):  # noqa: A002
        """Refused, as by DuckDB's own client."""
        raise _errors.make(_errors.NotImplementedException, "enum_type creation method is not implemented yet")

    # What is not there.

    def load_extension(self, extension):
        """Loads an extension that is built in."""
        self._do(f"LOAD {_names.quoted(extension)}")

    def install_extension(self, extension, *, force_install=False, repository=None, repository_url=None, version=None):
        """Refused: extensions are native code."""
        self._do(f"INSTALL {_names.quoted(extension)}")

    def list_filesystems(self):
        """Names of file systems besides the files themselves: none."""
        self._open()
        return []

    def filesystem_is_registered(self, name):
        """False: none can be."""
        return name in self.list_filesystems()

    def register_filesystem(self, filesystem):
        """Refused: files are read under the grants of the run only."""
        raise _errors.make(_errors.NotImplementedException, "Other file systems cannot be registered")

    def unregister_filesystem(self, name):
        """Refused: there is none."""
        raise _errors.make(_errors.InvalidInputException, f'Cannot unregister filesystem "{name}": it is not registered')


def connect(database=":memory:", read_only=False, config=None):
    """Opens a database: a file, ":memory:" a new one in memory, ":memory:name" one that is shared under a name, ":default:" the module's own."""
    if not isinstance(database, (str, os.PathLike)):
        raise _errors.make(_errors.InvalidInputException, f"Please provide either a str or a pathlib.Path, not {type(database)}")
    name, settings = os.fspath(database), [(str(key), _setting(value)) for key, value in (config or {}).items()]
    if name.lower() == ":default:":
        if read_only or config:
            raise _errors.make(_errors.InvalidInputException, "Default connection fetching is only allowed without additional options")
        return default_connection()
    settings.append(("duckdb_api", "python/3.14"))
    if read_only:
        settings.append(("access_mode", "READ_ONLY"))
    return DuckDBPyConnection(_engine.call(None, _engine.cap().Connection.open, name or ":memory:", settings))


def _setting(value):
    """The value of a setting as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def default_connection():
    """The connection that the module's functions use."""
    global _default
    if _default is None or _default._handle is None:
        _default = connect()
    return _default


def set_default_connection(connection):
    """Makes a connection the one that the module's functions use."""
    global _default
    if not isinstance(connection, DuckDBPyConnection):
        raise TypeError(f"a DuckDBPyConnection is needed. Invoked with: {connection!r}")
    _default = connection
