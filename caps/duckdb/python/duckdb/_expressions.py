"""Expressions of SQL as objects: operators of Python make larger ones of them."""

from . import _engine, _errors, _names, _types, _values


class Expression:
    """An expression: a column by its name (`Expression("a")`), or any other object as a constant. The functions of the module make more."""

    __slots__ = ("_alias", "_kind", "_nulls", "_order", "_parts", "_sql")

    def __new__(cls, value):
        return ColumnExpression(value) if isinstance(value, str) else ConstantExpression(value)

    @classmethod
    def _make(cls, sql, kind="", alias="", parts=None):
        """An expression of SQL; `kind` and `parts` say what it is made of where that matters."""
        self = object.__new__(cls)
        self._sql, self._kind, self._alias, self._parts, self._order, self._nulls = sql, kind, alias, parts, "", ""
        return self

    def __repr__(self):
        return self._sql

    def show(self):
        """Prints it."""
        print(self._sql)

    def get_name(self):
        """What a column that it makes is called."""
        return self._alias or (self._parts[-1] if self._kind == "column" else self._sql)

    def alias(self, name):
        """The same under another name."""
        return Expression._make(self._sql, self._kind, name, self._parts)

    def cast(self, type):  # noqa: A002 (the name is DuckDB's)
        """The same as another type."""
        return Expression._make(f"CAST({self} AS {_types.of(type)})")

    def between(self, lower, upper):
        return Expression._make(f"({self} BETWEEN {_expression(lower)} AND {_expression(upper)})")

    def collate(self, collation):
        return Expression._make(f"{self} COLLATE {_names.quoted(collation)}")

    def isnull(self):
        return Expression._make(f"({self} IS NULL)")

    def isnotnull(self):
        return Expression._make(f"({self} IS NOT NULL)")

    def isin(self, *args):
        return self._within("IN", "isin", args)

    def isnotin(self, *args):
        return self._within("NOT IN", "isnotin", args)

    def _within(self, operator, name, choices):
        if not choices:
            raise _errors.make(_errors.InvalidInputException, f"Incorrect amount of parameters to '{name}', needs at least 1 parameter")
        return Expression._make(f"({self} {operator} ({_listed(choices)}))")

    def asc(self):
        """To sort by, ascending."""
        return self._sorted(" ASC", self._nulls)

    def desc(self):
        """To sort by, descending."""
        return self._sorted(" DESC", self._nulls)

    def nulls_first(self):
        """To sort by, nulls before all values."""
        return self._sorted(self._order, " NULLS FIRST")

    def nulls_last(self):
        """To sort by, nulls after all values."""
        return self._sorted(self._order, " NULLS LAST")

    def _sorted(self, order, nulls):
        copy = Expression._make(self._sql, self._kind, self._alias, self._parts)
        copy._order, copy._nulls = order, nulls
        return copy

    def when(self, condition, value):
        """One more case of a CaseExpression."""
        return _case([*self._cases(), (_expression(condition), _expression(value))], self._parts[1])

    def otherwise(self, value):
        """The value of a CaseExpression where no case holds."""
        return _case(self._cases(), _expression(value))

    def _cases(self):
        if self._kind != "case":
            raise ValueError("This method can only be used on a Expression resulting from CaseExpression or When")
        return self._parts[0]

    def _compared(self, operator, other):
        return Expression._make(f"({self} {operator} {_expression(other)})")

    def __eq__(self, other):
        return self._compared("=", other)

    def __ne__(self, other):
        return self._compared("!=", other)

    def __lt__(self, other):
        return self._compared("<", other)

    def __le__(self, other):
        return self._compared("<=", other)

    def __gt__(self, other):
        return self._compared(">", other)

    def __ge__(self, other):
        return self._compared(">=", other)

    __hash__ = None

    def __and__(self, other):
        return self._compared("AND", other)

    def __or__(self, other):
        return self._compared("OR", other)

    def __rand__(self, other):
        return _expression(other)._compared("AND", self)

    def __ror__(self, other):
        return _expression(other)._compared("OR", self)

    def __invert__(self):
        return Expression._make(f"(NOT {self})")

    def __neg__(self):
        return Expression._make(f"-({self})")


def _operator(symbol):
    """The two methods of an operator of arithmetic."""
    def forward(self, other):
        return Expression._make(f"({self} {symbol} {_expression(other)})")

    def backward(self, other):
        return Expression._make(f"({_expression(other)} {symbol} {self})")

    return forward, backward


for _name, _symbol in {"add": "+", "sub": "-", "mul": "*", "div": "/", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**"}.items():
    _forward, _backward = _operator(_symbol)
    setattr(Expression, f"__{_name}__", _forward)
    setattr(Expression, f"__r{_name}__", _backward)


def _expression(value):
    """An argument of an operator: an expression, a column by its name, or a constant."""
    return value if isinstance(value, Expression) else Expression(value)


def _listed(values):
    """Arguments that have to be expressions, as SQL."""
    return ", ".join(str(argument(value)) for value in values)


def argument(value):
    """An argument that is, or can be made, an expression."""
    try:
        return _expression(value)
    except _errors.NotImplementedException:
        raise _errors.make(_errors.InvalidInputException, "Please provide arguments of type Expression!") from None


def projected(value):
    """An expression as an item of a SELECT list."""
    return f"{value} AS {_names.quoted(value._alias)}" if value._alias else str(value)


def sorted_by(value):
    """An expression as an item of an ORDER BY list."""
    return f"{value}{value._order}{value._nulls}"


def ColumnExpression(*names):  # noqa: N802 (the names are DuckDB's)
    """A column: `ColumnExpression("a")`, `ColumnExpression("table", "a")`; "*" is all of them."""
    if len(names) == 1:
        if names[0] == "*":
            return StarExpression()
        names = _names.parts(str(names[0]))
    return Expression._make(".".join(map(_names.quoted, names)), "column", parts=[str(name) for name in names])


def ConstantExpression(value):  # noqa: N802
    """A constant."""
    written = _engine.call(None, _engine.cap().literal, _values.document(value))
    if isinstance(value, float):
        return Expression._make(f"{written}::DOUBLE")
    return Expression._make(f"CAST({written} AS {value.type})" if isinstance(value, _values.Value) else written)


def DefaultExpression():  # noqa: N802
    """The default of a column."""
    return Expression._make("DEFAULT")


def StarExpression(*, exclude=None):  # noqa: N802
    """All columns, but for some."""
    left_out = []
    for item in exclude or ():
        if isinstance(item, str):
            left_out.append(_names.qualified(item))
        elif not isinstance(item, Expression):
            raise ValueError("Items in the exclude list should either be 'str' or Expression")
        elif item._kind != "column":
            raise ValueError("Only ColumnExpressions are accepted Expression types here")
        else:
            left_out.append(str(item))
    return Expression._make(f"* EXCLUDE ({', '.join(left_out)})" if left_out else "*", "star")


def CaseExpression(condition, value):  # noqa: N802
    """CASE WHEN condition THEN value; `when()` and `otherwise()` add to it."""
    return _case([(_expression(condition), _expression(value))], Expression._make("NULL"))


def _case(cases, otherwise):
    checks = " ".join(f" WHEN ({condition}) THEN ({value})" for condition, value in cases).replace("  WHEN", " WHEN")
    return Expression._make(f"CASE {checks} ELSE {otherwise} END", "case", parts=(cases, otherwise))


def FunctionExpression(function_name, *args):  # noqa: N802
    """The call of a function."""
    return Expression._make(f"{_names.quoted(function_name)}({_listed(args)})")


def CoalesceOperator(*args):  # noqa: N802
    """The first argument that is not NULL."""
    if not args:
        raise _errors.make(_errors.InvalidInputException, "Please provide at least one argument")
    return Expression._make(f"COALESCE({_listed(args)})")


def LambdaExpression(lhs, rhs):  # noqa: N802
    """A function of one or more columns, for functions that take functions."""
    if isinstance(lhs, tuple):
        columns = [item if isinstance(item, Expression) else ColumnExpression(*(item if isinstance(item, tuple) else (item,))) for item in lhs]
        complaint = "'lhs' was provided as a tuple of columns, but one of the columns is not of type ColumnExpression"
    elif isinstance(lhs, str):
        columns, complaint = [ColumnExpression(lhs)], "'lhs' should be a valid ColumnExpression (or be used to create one)"
    elif isinstance(lhs, Expression):
        columns, complaint = [lhs], "'lhs' was an Expression, but is not of type ColumnExpression"
    else:
        raise ValueError("Please provide 'lhs' as either a tuple containing strings, or a single string")
    if any(column._kind != "column" for column in columns):
        raise ValueError(complaint)
    return Expression._make(f"LAMBDA {', '.join(map(str, columns))}: {_expression(rhs)}")


def SQLExpression(expression):  # noqa: N802
    """The expression that a text of SQL is."""
    found = _engine.call(None, _engine.cap().expressions, expression)
    if len(found) != 1:
        raise _errors.make(_errors.InvalidInputException, "Please provide only a single expression to SQLExpression, found "
                           f"{len(found)} expressions in the parsed string")
    sql, alias, column = found[0]
    return Expression._make(sql, "column" if column else "", alias, _names.parts(sql) if column else None)
