"""The methods of a relation that are one function of SQL over one of its columns."""

from . import _engine, _errors, _names

_PLAIN = {
    "any_value": "the first value that is not NULL",
    "avg": "the average",
    "bit_and": "all bits that all values have",
    "bit_or": "all bits that any value has",
    "bit_xor": "the exclusive or of all values",
    "bool_and": "whether all values are true",
    "bool_or": "whether any value is true",
    "count": "the number of values",
    "favg": "the average, by a more exact sum",
    "fsum": "the sum, more exact",
    "histogram": "how often each value occurs",
    "list": "the values as a list",
    "max": "the largest value",
    "median": "the value in the middle",
    "min": "the smallest value",
    "mode": "the value that occurs most often",
    "product": "the product",
    "stddev_pop": "the standard deviation of a population",
    "stddev_samp": "the standard deviation of a sample",
    "sum": "the sum",
    "var_pop": "the variance of a population",
    "var_samp": "the variance of a sample",
}
_WITHOUT_WINDOW = {"first": "the first value", "geomean": "the geometric mean", "last": "the last value"}
_RANKS = {
    "cume_dist": "the cumulative distribution",
    "dense_rank": "the rank, without gaps",
    "percent_rank": "the rank as a part of 1",
    "rank": "the rank, with gaps",
    "row_number": "the number of the row",
}
_ALSO = {"mean": "avg", "rank_dense": "dense_rank", "std": "stddev_samp", "stddev": "stddev_samp", "var": "var_samp", "variance": "var_samp"}


class Aggregates:
    """Each takes the name of a column, or several with commas between them, and either groups or a window; `projected_columns` stand before it."""

    def apply(self, function_name, function_aggr, group_expr="", function_parameter="", projected_columns=""):
        """A function of a column, or of each of several, by groups."""
        items = self._items(function_name, function_aggr, function_parameter, False, projected_columns, "")
        return self.aggregate(items, group_expr)

    def _over(self, function, columns, parameter, window_spec, projected_columns, ignore_nulls=False):
        return self.project(self._items(function, columns, parameter, ignore_nulls, projected_columns, window_spec))

    def _of(self, function, column, parameter, groups, window_spec, projected_columns):
        """Of groups or over a window."""
        if groups and window_spec:
            raise _errors.make(_errors.InvalidInputException, "Either groups or window must be set (can't be both at the same time)")
        if window_spec:
            return self._over(function, column, parameter, window_spec, projected_columns)
        return self.apply(function, column, groups, parameter, projected_columns)

    @staticmethod
    def _items(function, columns, parameter, ignore_nulls, projected_columns, window):
        """The function of each of the columns as items of a SELECT list."""
        nulls = " ignore nulls" if ignore_nulls else ""
        names = [name.strip() for name in columns.split(",")] if columns else ["*"] if function.lower() == "count" else []
        if not names:
            items = [f"{function}({parameter}{nulls}) {window}"]
        else:
            tail = f",{parameter}" if parameter else ""
            items = [f"{function}({_column(name)}{tail}{nulls}) {window}" for name in names]
        return ", ".join([projected_columns, *items] if projected_columns else items)

    def value_counts(self, column, groups=""):
        """How often each value of a column occurs."""
        return self.count(column, groups, "", column)

    def arg_max(self, arg_column, value_column, groups="", window_spec="", projected_columns=""):
        """A column's value of the row in which another one is largest."""
        return self._of("arg_max", arg_column, value_column, groups, window_spec, projected_columns)

    def arg_min(self, arg_column, value_column, groups="", window_spec="", projected_columns=""):
        """A column's value of the row in which another one is smallest."""
        return self._of("arg_min", arg_column, value_column, groups, window_spec, projected_columns)

    def bitstring_agg(self, column, min=None, max=None, groups="", window_spec="", projected_columns=""):  # noqa: A002
        """A bit for each value between two."""
        if (min is None) != (max is None):
            raise _errors.make(_errors.InvalidInputException, "Both min and max values must be set")
        if min is not None and not (isinstance(min, int) and isinstance(max, int)):
            raise _errors.make(_errors.InvalidTypeException, "min and max must be of type int")
        return self._of("bitstring_agg", column, "" if min is None else f"{min},{max}", groups, window_spec, projected_columns)

    def string_agg(self, column, sep=",", groups="", window_spec="", projected_columns=""):
        """The values as one text, with a separator between them."""
        return self._of("string_agg", column, _names.text(sep), groups, window_spec, projected_columns)

    def quantile_cont(self, column, q=0.5, groups="", window_spec="", projected_columns=""):
        """The value below which a part of all values lies, interpolated."""
        return self._of("quantile_cont", column, _quantiles(q), groups, window_spec, projected_columns)

    def quantile_disc(self, column, q=0.5, groups="", window_spec="", projected_columns=""):
        """The value below which a part of all values lies."""
        return self._of("quantile_disc", column, _quantiles(q), groups, window_spec, projected_columns)

    quantile = quantile_disc

    def n_tile(self, window_spec, num_buckets, projected_columns=""):
        """The number of the part, of so many of equal size, that the row is in."""
        return self._over("ntile", "", str(num_buckets), window_spec, projected_columns)

    def first_value(self, column, window_spec="", projected_columns=""):
        """The first value of the window."""
        return self._over("first_value", column, "", window_spec, projected_columns)

    def last_value(self, column, window_spec="", projected_columns=""):
        """The last value of the window."""
        return self._over("last_value", column, "", window_spec, projected_columns)

    def nth_value(self, column, window_spec, offset, ignore_nulls=False, projected_columns=""):
        """The value of so many rows from the window's begin."""
        return self._over("nth_value", column, str(offset), window_spec, projected_columns, ignore_nulls)

    def lag(self, column, window_spec, offset=1, default_value="NULL", ignore_nulls=False, projected_columns=""):
        """The value of so many rows before."""
        return self._over("lag", column, _shift(offset, default_value), window_spec, projected_columns, ignore_nulls)

    def lead(self, column, window_spec, offset=1, default_value="NULL", ignore_nulls=False, projected_columns=""):
        """The value of so many rows after."""
        return self._over("lead", column, _shift(offset, default_value), window_spec, projected_columns, ignore_nulls)


def _column(text):
    """What a function is applied to: an expression, or a name that needs quotes."""
    try:
        found = _engine.call(None, _engine.cap().expressions, text)
    except _errors.ParserException:
        found = [(_names.quoted(text), "", True)]
    if len(found) != 1:
        raise _errors.make(_errors.ParserException, f"Invalid column expression: {text}")
    return found[0][0]


def _quantiles(q):
    if isinstance(q, float):
        return f"{q:f}"
    if isinstance(q, list):
        return f"[{','.join(f'{part:f}' for part in q)}]"
    raise _errors.make(_errors.InvalidTypeException, "Unsupported type for quantile")


def _shift(offset, default):
    return (str(offset) if offset else "") + (f",{default}" if default else "")


def _plain(function):
    def method(self, column, groups="", window_spec="", projected_columns=""):
        return self._of(function, column, "", groups, window_spec, projected_columns)

    return method


def _grouped(function):
    def method(self, column, groups="", projected_columns=""):
        return self.apply(function, column, groups, "", projected_columns)

    return method


def _ranked(function):
    def method(self, window_spec, projected_columns=""):
        return self._over(function, "", "", window_spec, projected_columns)

    return method


def _add(make, names):
    for name, doc in names.items():
        method = make(name)
        method.__name__, method.__qualname__ = name, f"Aggregates.{name}"
        method.__doc__ = f"{doc[0].upper()}{doc[1:]} of a column." if make is not _ranked else f"{doc[0].upper()}{doc[1:]} within the window."
        setattr(Aggregates, name, method)


_add(_plain, _PLAIN)
_add(_grouped, _WITHOUT_WINDOW)
_add(_ranked, _RANKS)
for _name, _other in _ALSO.items():
    setattr(Aggregates, _name, getattr(Aggregates, _other))
