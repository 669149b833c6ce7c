"""The exceptions of the module: those of DB-API 2.0, and under each of them DuckDB's own kinds."""


class Warning(Exception):  # noqa: A001 (the name is DB-API's)
    """Something to take note of; nothing raises it."""


class Error(Exception):
    """What every exception of the module is."""


class DatabaseError(Error):
    """What every exception of the database is."""


class DataError(DatabaseError):
    """A value is wrong for what is done with it."""


class OperationalError(DatabaseError):
    """Something that the program does not have in its hands: files, memory, transactions."""


class IntegrityError(DatabaseError):
    """A constraint does not hold."""


class InternalError(DatabaseError):
    """The database is at odds with itself."""


class ProgrammingError(DatabaseError):
    """The statement, or the way in which something was called, is wrong."""


class NotSupportedError(DatabaseError):
    """DuckDB does not have this."""


class FatalException(DatabaseError):
    """The database cannot be used any more."""


class InterruptException(DatabaseError):
    """A statement was interrupted."""


class PermissionException(DatabaseError):
    """The settings, or the grants of the run, do not allow it."""


class SequenceException(DatabaseError):
    """A sequence has no next value."""


class DependencyException(DatabaseError):
    """Something else in the catalogue depends on it."""


class OutOfRangeException(DataError):
    """A number is too large or too small."""


class ConversionException(DataError):
    """A value cannot be converted."""


class TypeMismatchException(DataError):
    """A value has another type."""


class TransactionException(OperationalError):
    """A transaction cannot go on."""


class OutOfMemoryException(OperationalError):
    """The memory limit is reached."""


class ConnectionException(OperationalError):
    """A connection is closed, or cannot be made."""


class SerializationException(OperationalError):
    """What is stored cannot be read."""


class IOException(OperationalError):
    """A file cannot be read or written."""


class HTTPException(IOException):
    """A download failed."""

    status_code: int
    body: str
    reason: str
    headers: dict[str, str]


class ConstraintException(IntegrityError):
    """A constraint of a table does not hold."""


class InternalException(InternalError):
    """An assertion inside of DuckDB failed."""


class ParserException(ProgrammingError):
    """The text is no SQL."""


class SyntaxException(ProgrammingError):
    """The text is no SQL."""


class BinderException(ProgrammingError):
    """A name or a type in the statement does not fit."""


class InvalidInputException(ProgrammingError):
    """An argument does not fit."""


class InvalidTypeException(ProgrammingError):
    """A type does not fit."""


class CatalogException(ProgrammingError):
    """Something that is named does not exist, or exists already."""


class NotImplementedException(NotSupportedError):
    """DuckDB does not have this yet."""


# By DuckDB's names of its kinds of errors; any other kind is an Error.
KINDS = {
    "Binder": BinderException,
    "Catalog": CatalogException,
    "Connection": ConnectionException,
    "Constraint": ConstraintException,
    "Conversion": ConversionException,
    "Dependency": DependencyException,
    "FATAL": FatalException,
    "HTTP": HTTPException,
    "INTERNAL": InternalException,
    "INTERRUPT": InterruptException,
    "IO": IOException,
    "Invalid Input": InvalidInputException,
    "Invalid type": InvalidTypeException,
    "Mismatch Type": TypeMismatchException,
    "Not implemented": NotImplementedException,
    "Out of Memory": OutOfMemoryException,
    "Out of Range": OutOfRangeException,
    "Parser": ParserException,
    "Permission": PermissionException,
    "Sequence": SequenceException,
    "Serialization": SerializationException,
    "Syntax": SyntaxException,
    "TransactionContext": TransactionException,
}
# What stands before the message of one that is raised here, as the engine writes it before its own.
TITLES = {kind: title for title, kind in KINDS.items()} | {InvalidTypeException: "Invalid Type"}


def make(kind, message):
    """An exception of a kind, its message as DuckDB writes it."""
    return kind(f"{TITLES[kind]} Error: {message}")


def of(value):
    """The exception of what the cap says (its record `error`)."""
    return KINDS.get(value.kind, Error)(value.message)


__all__ = [name for name, value in globals().items() if isinstance(value, type)]
