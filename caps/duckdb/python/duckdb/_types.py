"""Types of SQL as objects."""

from . import _errors

# The types without parameters, by DuckDB's names of them.
PLAIN = ("BIGINT", "BIGNUM", "BIT", "BLOB", "BOOLEAN", "DATE", "DOUBLE", "FLOAT", "HUGEINT", "INTEGER", "INTERVAL", "SMALLINT", "TIME", "TIME_NS",
         "TIME WITH TIME ZONE", "TIMESTAMP", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP_S", "TIMESTAMP WITH TIME ZONE", "TINYINT", "UBIGINT",
         "UHUGEINT", "UINTEGER", "USMALLINT", "UTINYINT", "UUID", "VARCHAR")
NUMERIC = {"BIGINT", "BIGNUM", "DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "INTEGER", "SMALLINT", "TINYINT", "UBIGINT", "UHUGEINT", "UINTEGER", "USMALLINT",
           "UTINYINT"}
PYTHON = {str: "VARCHAR", int: "BIGINT", bytes: "BLOB", bytearray: "BLOB", float: "DOUBLE", bool: "BOOLEAN"}


class DuckDBPyType:
    """A type of SQL: made of its SQL, of a type of Python (`int`, `list[str]`, `dict[str, int]`, `int | str`), or of {name: type} for a STRUCT."""

    __slots__ = ("_document", "_text")

    def __new__(cls, type_str, connection=None):
        return of(type_str, connection)

    @classmethod
    def _make(cls, document, text=None):
        """The type that a document of the cap's contract says; its SQL if that is known already."""
        self = object.__new__(cls)
        self._document = document
        self._text = text or _text(document)
        return self

    @property
    def id(self):
        """The kind of type, without parameters: 'decimal', 'list'..."""
        return self._document[0].lower()

    @property
    def children(self):
        """The parts of a nested or parametrised type, as a list of (name, part)."""
        kind, *parts = self._document
        make = DuckDBPyType._make
        match kind:
            case "LIST":
                return [("child", make(parts[0]))]
            case "ARRAY":
                return [("child", make(parts[0])), ("size", parts[1])]
            case "ENUM":
                return [("values", list(parts[0]))]
            case "STRUCT":
                return [(name, make(part)) for name, part in parts[0]]
            case "UNION":
                return [("", UTINYINT), *((name, make(part)) for name, part in parts[0])]
            case "MAP":
                return [("key", make(parts[0])), ("value", make(parts[1]))]
            case "DECIMAL":
                return [("precision", parts[0]), ("scale", parts[1])]
        raise _errors.make(_errors.InvalidInputException, "This type is not nested so it doesn't have children")

    def __repr__(self):
        return self._text

    def __eq__(self, other):
        if isinstance(other, DuckDBPyType):
            return self._text == other._text
        return self._text.upper() == other.upper() if isinstance(other, str) else NotImplemented

    def __hash__(self):
        return hash(self._text)

    def __getattr__(self, name):
        kind = self._document[0]
        if kind in ("STRUCT", "UNION", "LIST", "MAP"):
            for child, part in self.children:
                if child.lower() == name.lower():
                    return part
        if kind == "MAP":
            raise AttributeError(f"Tried to get a child from a map by the name of '{name}', but this type only has 'key' and 'value' children")
        raise AttributeError(f"Tried to get child type by the name of '{name}', but this type either isn't nested, or it doesn't have a child by that name")

    __getitem__ = __getattr__

    def __reduce__(self):
        return DuckDBPyType._make, (self._document, self._text)


def of(value, connection=None):
    """The type that a value names."""
    if isinstance(value, DuckDBPyType):
        return value
    if isinstance(value, str):
        return parse(value, connection)
    if isinstance(value, dict):
        if not value:
            raise _errors.make(_errors.InvalidInputException, "Could not convert empty dictionary to a duckdb STRUCT type")
        return struct({str(name): of(part) for name, part in value.items()})
    if isinstance(value, type) and not hasattr(value, "__args__"):
        if (name := PYTHON.get(value)) is None:
            raise RuntimeError("Could not convert from unknown 'type' to DuckDBPyType")
        return DuckDBPyType._make([name])
    return _of_annotation(value)


def _of_annotation(value):
    """The type of `list[...]`, `dict[...]`, `... | ...`."""
    import types
    import typing

    origin, arguments = typing.get_origin(value), typing.get_args(value)
    if origin in (types.UnionType, typing.Union):
        members = [of(member) for member in arguments if member is not type(None)]
        return members[0] if len(members) == 1 else union({f"u{number}": member for number, member in enumerate(members, 1)})
    if origin is list:
        if len(arguments) != 1:
            raise _errors.make(_errors.NotImplementedException, "Can only create a LIST from a single type")
        return list_of(of(arguments[0]))
    if origin is dict:
        if len(arguments) != 2:
            raise _errors.make(_errors.NotImplementedException, "Can only create a MAP from a dict if args is formed correctly")
        return map_of(of(arguments[0]), of(arguments[1]))
    if origin is not None:
        raise _errors.make(_errors.InvalidInputException, f"Could not convert from '{origin}' to DuckDBPyType")
    raise _errors.make(_errors.NotImplementedException, f"Could not convert from object of type '{type(value)}' to DuckDBPyType")


def parse(text, connection=None):
    """The type that SQL names; what is more than a simple name is asked of a connection (the default one if None is given)."""
    if (name := text.upper()) in PLAIN:
        return DuckDBPyType._make([name])
    from . import _connection

    return (connection or _connection.default_connection()).type(text)


def of_column(column):
    """The type of a column as the cap describes it."""
    from _pylon_caps import loads

    return DuckDBPyType._make(loads(column.type_document), column.sql_type)


def list_of(part):
    return DuckDBPyType._make(["LIST", part._document], f"{part}[]")


def array_of(part, size):
    return DuckDBPyType._make(["ARRAY", part._document, size], f"{part}[{size}]")


def map_of(key, value):
    return DuckDBPyType._make(["MAP", key._document, value._document], f"MAP({key}, {value})")


def struct(parts):
    return DuckDBPyType._make(["STRUCT", [[name, part._document] for name, part in parts.items()]], f"STRUCT({_members(parts)})")


def union(parts):
    return DuckDBPyType._make(["UNION", [[name, part._document] for name, part in parts.items()]], f"UNION({_members(parts)})")


def decimal(width, scale):
    return DuckDBPyType._make(["DECIMAL", width, scale])


def _members(parts):
    from . import _names

    return ", ".join(f"{_names.quoted(name)} {part}" if name else str(part) for name, part in parts.items())


def _text(document):
    """A type's SQL, of its document."""
    kind, *parts = document
    make = DuckDBPyType._make
    match kind:
        case "LIST":
            return f"{_text(parts[0])}[]"
        case "ARRAY":
            return f"{_text(parts[0])}[{parts[1]}]"
        case "DECIMAL":
            return f"DECIMAL({parts[0]},{parts[1]})"
        case "MAP":
            return f"MAP({_text(parts[0])}, {_text(parts[1])})"
        case "ENUM":
            return "ENUM({})".format(", ".join("'" + text.replace("'", "''") + "'" for text in parts[0]))
        case "STRUCT" | "UNION":
            if parts[0] and not parts[0][0][0]:
                return f"{kind}({', '.join(_text(part) for _, part in parts[0])})"
            return f"{kind}({_members({name: make(part) for name, part in parts[0]})})"
        case "NULL":
            return '"NULL"'
    return kind


UTINYINT = DuckDBPyType._make(["UTINYINT"])
