"""Relations: queries that are built step by step and executed when their rows are asked for."""

from . import _aggregates, _engine, _errors, _names, _refused, _types, _values
from ._lazy import _enums, _expressions, _files
from ._result import Result

LARGEST_DRAWN = 10000
JOINS = {"left": "LEFT", "right": "RIGHT", "outer": "FULL", "semi": "SEMI", "inner": "INNER", "anti": "ANTI"}


class DuckDBPyRelation(_aggregates.Aggregates):
    """A query of a connection. Columns are attributes and items of it: `relation.a`, `relation["a"]`."""

    def __init__(self, connection, query, alias, kind, source=None, kept=(), columns=None):
        self._connection = connection
        # The SQL of it, and what other queries name in their FROM to read it.
        self._query = query
        self._source = source or f"({query}\n) AS {_names.quoted(alias)}"
        self._kept = kept
        self._result = None
        self._executed = False
        self.alias = alias
        self.type = kind
        if columns is None:
            columns, found = _engine.call_finding(connection, self._open().describe, query)
            if found:
                self._capture(found)
        self._columns = [(column.name, _types.of_column(column)) for column in columns]

    def _open(self):
        """The cap's connection."""
        if self._connection._handle is None:
            raise _errors.make(_errors.ConnectionException, "Connection has already been closed")
        return self._connection._handle

    def _do(self, statement, parameters=None):
        """Executes a statement whose result nobody asks for."""
        self._open()
        self._connection._do(statement, parameters)

    def _capture(self, found):
        """Objects of Python's become part of the query, whatever their variables refer to later."""
        parts = {name: query for name, query, _ in found}
        written = ", ".join(f'{_names.quoted(name)} AS NOT MATERIALIZED ({query})' for name, query in parts.items())
        self._query = f"WITH {written} SELECT * FROM ({self._query}\n)"
        self._source = f"({self._query}\n) AS {_names.quoted(self.alias)}"
        self._kept = (*self._kept, *(kept for _, _, kept in found))

    def _make(self, query, kind, alias=None, source=None, other=None):
        """A relation over this one (and another one)."""
        kept = self._kept if other is None else (*self._kept, *other._kept)
        return DuckDBPyRelation(self._connection, query, alias or self.alias, kind, source, kept)

    # What it is.

    @property
    def columns(self):
        """The names of the columns."""
        return [name for name, _ in self._columns]

    @property
    def types(self):
        """The types of the columns."""
        return [kind for _, kind in self._columns]

    dtypes = types

    @property
    def description(self):
        """The columns as DB-API describes them."""
        return [(name, kind, None, None, None, None, None) for name, kind in self._columns]

    @property
    def shape(self):
        """The number of rows, and of columns."""
        return len(self), len(self._columns)

    def __len__(self):
        self._open()
        return self._connection._fetch(f"SELECT count(*) FROM {self._source}")[0][0]

    def __bool__(self):
        return True

    def __contains__(self, name):
        return any(column.lower() == name.lower() for column, _ in self._columns)

    def sql_query(self):
        """The SQL that it stands for."""
        return self._query

    # Other relations made of it.

    def set_alias(self, alias):
        """The same under another name."""
        return self._make(self._query, "SUBQUERY_RELATION", alias)

    def filter(self, filter_expr):
        """The rows for which a condition holds."""
        if not isinstance(filter_expr, (str, _expressions.Expression)):
            raise _errors.make(_errors.InvalidInputException, "Please provide either a string or a DuckDBPyExpression object to 'filter'")
        return self._make(f"SELECT * FROM {self._source} WHERE ({filter_expr}\n)", "FILTER_RELATION")

    def project(self, *args, groups=""):
        """Columns calculated from each row."""
        if not args:
            return None
        items = args[0] if len(args) == 1 and isinstance(args[0], str) else _listed(args)
        grouped = f" GROUP BY {groups}" if groups else ""
        return self._make(f"SELECT {items}\nFROM {self._source}{grouped}", "AGGREGATE_RELATION" if groups else "PROJECTION_RELATION")

    select = project

    def select_types(self, types):
        """The columns of some types."""
        if not isinstance(types, list):
            raise _errors.make(_errors.InvalidInputException, "'columns_by_type' expects a list containing types")
        for kind in types:
            if not isinstance(kind, (str, _types.DuckDBPyType)):
                raise _errors.make(_errors.InvalidInputException, f"Can only project on objects of type DuckDBPyType or str, not '{type(kind)}'")
        if not types:
            raise _errors.make(_errors.InvalidInputException, "List of types can not be empty!")
        wanted = {_types.of(kind, self._connection) for kind in types}
        names = [_names.quoted(name) for name, kind in self._columns if kind in wanted]
        if not names:
            raise _errors.make(_errors.InvalidInputException, "None of the columns matched the provided type filter!")
        return self.project(", ".join(names))

    select_dtypes = select_types

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        columns = self.__dict__.get("_columns", ())
        if len(columns) == 1 and columns[0][1].id == "struct" and any(part.lower() == name.lower() for part, _ in columns[0][1].children):
            item = f"{_names.quoted(columns[0][0])}.{_names.quoted(name)}"
        elif any(column.lower() == name.lower() for column, _ in columns):
            item = _names.quoted(name)
        else:
            raise AttributeError(f"This relation does not contain a column by the name of '{name}'")
        return self.project(f"{item} AS {_names.quoted(name)}")

    def __getitem__(self, name):
        return self.__getattr__(name)

    def aggregate(self, aggr_expr, group_expr=""):
        """Aggregates, by groups or of all rows."""
        if isinstance(aggr_expr, str):
            items = aggr_expr
        elif _values.is_list(aggr_expr):
            items = _listed(aggr_expr)
        else:
            raise _errors.make(_errors.InvalidInputException, f"Please provide either a string or list of Expression objects, not {type(aggr_expr)}")
        import re

        # An order of the groups is no part of them; DuckDB's own client passes over it.
        groups = re.split(r"\border\s+by\b", group_expr, maxsplit=1, flags=re.IGNORECASE)[0].strip()
        return self._make(f"SELECT {items}\nFROM {self._source} GROUP BY {groups or 'ALL'}", "AGGREGATE_RELATION")

    def order(self, order_expr):
        """The rows in an order."""
        return self._make(f"SELECT * FROM {self._source} ORDER BY {order_expr}", "ORDER_RELATION")

    def sort(self, *args):
        """The rows sorted by expressions (`asc()`, `desc()`, `nulls_first()`, `nulls_last()`)."""
        if not args:
            raise _errors.make(_errors.InvalidInputException, "Please provide at least one expression to sort on")
        return self.order(", ".join(_expressions.sorted_by(_expressions.argument(item)) for item in args))

    def limit(self, n, offset=0):
        """At most n rows, after so many that are left out."""
        bounds = f"LIMIT {int(n)}" + (f" OFFSET {int(offset)}" if offset else "")
        if self.type == "ORDER_RELATION":
            return self._make(f"{self._query}\n{bounds}", "LIMIT_RELATION")
        return self._make(f"SELECT * FROM {self._source} {bounds}", "LIMIT_RELATION")

    def distinct(self):
        """Each row once."""
        return self._make(f"SELECT DISTINCT * FROM {self._source}", "DISTINCT_RELATION")

    def unique(self, unique_aggr):
        """The distinct values of columns."""
        return self._make(f"SELECT DISTINCT {unique_aggr}\nFROM {self._source}", "DISTINCT_RELATION")

    def union(self, union_rel):
        """The rows of both."""
        return self._set_operation("UNION", union_rel)

    def except_(self, other_rel):
        """The rows that the other one does not have."""
        return self._set_operation("EXCEPT", other_rel)

    def intersect(self, other_rel):
        """The rows that both have."""
        return self._set_operation("INTERSECT", other_rel)

    def _set_operation(self, operation, other):
        self._same_connection(other)
        return self._make(f"({self._query}\n) {operation} ALL ({other._query}\n)", "SET_OPERATION_RELATION", other=other)

    def join(self, other_rel, condition, how="inner"):
        """Rows of both side by side, where a condition holds or the columns of a list are equal."""
        if (join := JOINS.get(how.strip().lower())) is None:
            raise _errors.make(_errors.InvalidInputException, f"Unsupported join type {how}, try one of: " + ", ".join(f"'{name}'" for name in JOINS))
        self._same_connection(other_rel)
        if self.alias.lower() == other_rel.alias.lower():
            raise _errors.make(_errors.InvalidInputException, "Both relations have the same alias, please change the alias of one or both relations using "
                               "'rel = rel.set_alias(<new alias>)'")
        return self._joined(other_rel, f"{join} JOIN", self._join_condition(condition))

    @staticmethod
    def _join_condition(condition):
        """What follows the second table of a join."""
        if isinstance(condition, str):
            # A single name, or a list of them, is a column of both.
            names = [part.strip() for part in condition.split(",")]
            if all(name.isidentifier() for name in names):
                return f"USING ({', '.join(names)})"
            return f"ON ({condition}\n)"
        if isinstance(condition, _expressions.Expression):
            return f"USING ({condition})" if condition._kind == "column" and len(condition._parts) == 1 else f"ON ({condition})"
        if not _values.is_list(condition):
            raise _errors.make(_errors.InvalidInputException, "Please provide condition as an expression either in string form or as an Expression object")
        for name in condition:
            if not isinstance(name, str):
                raise _errors.make(_errors.InvalidInputException, f"Using clause should be a list of strings, not {type(name)}")
        if not condition:
            raise _errors.make(_errors.InvalidInputException, "Please provide at least one string in the condition to create a USING clause")
        return f"USING ({', '.join(map(_names.quoted, condition))})"

    def cross(self, other_rel):
        """Each row of the one beside each row of the other."""
        self._same_connection(other_rel)
        return self._joined(other_rel, "CROSS JOIN", "", "CROSS_PRODUCT_RELATION")

    def _joined(self, other, join, condition, kind="JOIN_RELATION"):
        source = f"({self._source} {join} {other._source} {condition})"
        return self._make(f"SELECT * FROM {source}", kind, _names.unnamed(kind), source, other)

    def _same_connection(self, other):
        self._open()
        if not isinstance(other, DuckDBPyRelation):
            raise TypeError(f"a DuckDBPyRelation is needed, not {type(other).__name__}")
        other._open()
        if other._connection is not self._connection:
            raise _errors.make(_errors.InvalidInputException, "Cannot combine LEFT and RIGHT relations of different connections!")

    def map(self, map_function, *, schema=None):
        """Refused: it is a function on data frames of pandas."""
        self._open()
        raise _errors.make(_errors.NotImplementedException, "map() needs pandas, which is not available; use create_function()")

    def query(self, virtual_table_name, sql_query):
        """The result of a query in which the relation is a view of that name."""
        self.create_view(virtual_table_name)
        statements = self._connection.extract_statements(sql_query)
        if len(statements) != 1:
            raise _errors.make(_errors.InvalidInputException, "'DuckDBPyRelation.query' only accepts a single statement")
        return self._connection.sql(sql_query, alias="query_relation")

    # Its rows.

    def execute(self):
        """Executes it; the rows are kept to be fetched."""
        self._run("WHOLE")
        return self

    def _run(self, delivery):
        connection = self._connection
        self._executed = True
        delivery = getattr(_engine.cap().Delivery, delivery)
        result, found = _engine.call_finding(connection, self._open().run, self._query, _values.parameters(None), delivery)
        self._result = Result(connection, result, (self._kept, found))
        return self._result

    def fetchone(self):
        """The next row as a tuple, or None."""
        return (self._result or self._run("STREAMED")).fetchone()

    def fetchmany(self, size=1):
        """At most so many of the next rows."""
        return (self._result or self._run("STREAMED")).fetchmany(size)

    def fetchall(self):
        """All rows, or all that are left; the next call executes it again."""
        result = self._result or self._run("STREAMED")
        if result.closed:
            return []
        try:
            return result.fetchall()
        finally:
            self._result = None

    def close(self):
        """Gives the rows up that are left. What was never executed is executed."""
        if not self._executed:
            self._run("WHOLE")
        if self._result is not None:
            self._result.close()

    def __arrow_ipc__(self, max_rows=None):
        """The rows as messages of the Arrow IPC stream."""
        result, self._result = self._result or self._run("STREAMED"), None
        return result.messages(max_rows)

    def fetch_arrow_table(self, batch_size=1000000):
        """All rows as a table of Arrow's."""
        self._open()
        import arrow

        return arrow.table(self)

    to_arrow_table = fetch_arrow_table

    def fetch_record_batch(self, rows_per_batch=1000000):
        """A reader of batches of Arrow's; a batch is fetched when it is asked for."""
        self._open()
        import arrow

        return arrow.RecordBatchReader.from_stream(self)

    arrow = fetch_arrow_reader = fetch_record_batch

    def record_batch(self, batch_size=1000000):
        """Deprecated: fetch_record_batch()."""
        import warnings

        warnings.warn("record_batch() is deprecated, use fetch_record_batch() instead.", DeprecationWarning, stacklevel=2)
        return self.fetch_record_batch(batch_size)

    def _drawn(self, max_width=None, max_rows=None, max_col_width=None, null_value=None, render_mode=None):
        by_columns = render_mode is not None and _enums.RenderMode(render_mode) is _enums.RenderMode.COLUMNS
        shown = self.limit(LARGEST_DRAWN)._run("WHOLE")
        return shown.draw(max_width or 0, max_rows or 0, max_col_width or 0, "NULL" if null_value is None else null_value, by_columns, LARGEST_DRAWN)

    def __repr__(self):
        return self._drawn()

    def show(self, *, max_width=None, max_rows=None, max_col_width=None, null_value=None, render_mode=None):
        """Prints the first rows as a table."""
        print(self._drawn(max_width, max_rows, max_col_width, null_value, render_mode))

    def explain(self, type="standard"):  # noqa: A002 (the name is DuckDB's)
        """How it is, or was, executed."""
        analyze = "ANALYZE " if _enums.ExplainType(type) is _enums.ExplainType.ANALYZE else ""
        return "".join(f"{row[1]}\n" for row in self._connection._fetch(f"EXPLAIN {analyze}{self._query}"))

    def describe(self):
        """Count, mean, deviation, least, largest and median of the columns."""
        aggregates = {"count": False, "mean": True, "stddev": True, "min": False, "max": False, "median": True}
        items = ["UNNEST([{}]) AS aggr".format(", ".join(map(_names.text, aggregates)))]
        for name, kind in self._columns:
            column, numeric = _names.quoted(name), kind._document[0] in _types.NUMERIC
            values = ["NULL" if needs and not numeric else f"{function}({column})::{'DOUBLE' if numeric else 'VARCHAR'}" for function, needs in aggregates.items()]
            items.append(f"UNNEST([{', '.join(values)}]) AS {column}")
        return self.aggregate(", ".join(items))

    # What is made of it in the database and in files.

    def create(self, table_name):
        """A table of its rows."""
        self._do(f"CREATE TABLE {_names.qualified(table_name)} AS {self._query}")

    to_table = create

    def create_view(self, view_name, replace=True):
        """A view; gives the relation."""
        self._connection._views += self._kept
        self._do(f"CREATE {'OR REPLACE ' if replace else ''}VIEW {_names.quoted(view_name)} AS {self._query}")
        return self

    to_view = create_view

    def insert_into(self, table_name):
        """Appends its rows to a table."""
        self._do(f"INSERT INTO {_names.qualified(table_name)} {self._query}")

    def insert(self, values):
        """Appends a row to the table that this is."""
        self._table("insert")
        self._do(f"INSERT INTO {self._table_name} VALUES ({', '.join('?' * len(values))})", values)

    def update(self, set, *, condition=None):  # noqa: A002 (the name is DuckDB's)
        """Changes columns of the table that this is: {name: Expression}."""
        if condition is not None and not isinstance(condition, _expressions.Expression):
            raise _errors.make(_errors.InvalidInputException, "Please provide an Expression to 'condition'")
        if not isinstance(set, dict):
            raise _errors.make(_errors.InvalidInputException, "Please provide 'set' as a dictionary of column name to Expression")
        if not set:
            raise _errors.make(_errors.InvalidInputException, "Please provide at least one set expression")
        for name, value in set.items():
            if not isinstance(name, str):
                raise _errors.make(_errors.InvalidInputException, "Please provide the column name as the key of the dictionary")
        self._table("update")
        changes = ", ".join(f"{_names.quoted(name)} = {self._new_value(value)}" for name, value in set.items())
        where = "" if condition is None else f" WHERE {condition}"
        self._do(f"UPDATE {self._table_name} SET {changes}{where}")

    @staticmethod
    def _new_value(value):
        try:
            return _expressions.Expression(value) if not isinstance(value, _expressions.Expression) else value
        except _errors.NotImplementedException:
            raise _errors.make(_errors.InvalidInputException, f"Please provide an object of type Expression as the value, not {type(value)}") from None

    def _table(self, method):
        if self.type != "TABLE_RELATION":
            raise _errors.make(_errors.InvalidInputException, f"'DuckDBPyRelation.{method}' can only be used on a table relation")

    def to_csv(self, file_name, **options):
        """Writes its rows to a CSV file."""
        self._do(f"COPY ({self._query}\n) TO {_names.text(_files.path(file_name))} ({_files.csv_written(**options)})")

    write_csv = to_csv

    def to_parquet(self, file_name, **options):
        """Writes its rows to a Parquet file."""
        self._do(f"COPY ({self._query}\n) TO {_names.text(_files.path(file_name))} ({_files.parquet_written(**options)})")

    write_parquet = to_parquet

    def _live(self):
        self._open()
        if self._result is not None:
            self._result.check_open()

    df, fetchdf, to_df, fetch_df_chunk, fetchnumpy, pl, torch, tf = _refused.methods("df fetchdf to_df fetch_df_chunk fetchnumpy pl torch tf")


def _listed(expressions):
    """Expressions as the items of a SELECT list."""
    return ", ".join(_expressions.projected(_expressions.argument(expression)) for expression in expressions)
