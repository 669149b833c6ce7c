"""The constants of the module, by their kinds."""

import enum


class _Named(enum.Enum):
    """Members that are also taken by their names, in any case, or by their numbers."""

    @classmethod
    def _missing_(cls, value):
        if isinstance(value, str):
            for name, member in cls.__members__.items():
                if name.lower() == value.lower():
                    return member
        return None

    def __int__(self):
        return self.value

    __index__ = __int__


class ExplainType(_Named):
    STANDARD = 0
    ANALYZE = 1


class RenderMode(_Named):
    ROWS = 0
    COLUMNS = 1


class CSVLineTerminator(_Named):
    LINE_FEED = 0
    CARRIAGE_RETURN_LINE_FEED = 1


class PythonExceptionHandling(_Named):
    """What becomes of an exception in a function of Python's: an error of the statement, or NULL."""

    DEFAULT = 0
    RETURN_NULL = 1


class FunctionNullHandling(_Named):
    """Whether NULL is passed to a function of Python's, or is its result without a call."""

    DEFAULT = 0
    SPECIAL = 1


class PythonUDFType(_Named):
    """Whether a function of Python's takes values, or columns."""

    NATIVE = 0
    ARROW = 1


class ExpectedResultType(_Named):
    QUERY_RESULT = 0
    CHANGED_ROWS = 1
    NOTHING = 2


class token_type(_Named):  # noqa: N801 (DuckDB's name)
    """The kinds of what a statement is made of."""

    identifier = 0
    numeric_const = 1
    string_const = 2
    operator = 3
    keyword = 4
    comment = 5


StatementType = _Named("StatementType", {name: number for number, name in enumerate(
    "INVALID SELECT INSERT UPDATE CREATE DELETE PREPARE EXECUTE ALTER TRANSACTION COPY ANALYZE VARIABLE_SET CREATE_FUNC EXPLAIN DROP EXPORT PRAGMA VACUUM "
    "CALL SET LOAD RELATION EXTENSION LOGICAL_PLAN ATTACH DETACH MULTI COPY_DATABASE UPDATE_EXTENSIONS MERGE_INTO".split())}, module=__name__)
StatementType.__doc__ = "The kinds of statements."

NATIVE, ARROW = PythonUDFType
DEFAULT, SPECIAL = FunctionNullHandling
