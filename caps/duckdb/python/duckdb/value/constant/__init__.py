"""Values with a type of SQL, to be passed as parameters and constants where the engine's choice of a type is not the right one."""

from ... import _types
from ..._values import Value
from ...sqltypes import (
    BIGINT,
    BIT,
    BLOB,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    HUGEINT,
    INTEGER,
    INTERVAL,
    SMALLINT,
    SQLNULL,
    TIME,
    TIME_TZ,
    TIMESTAMP,
    TIMESTAMP_MS,
    TIMESTAMP_NS,
    TIMESTAMP_S,
    TIMESTAMP_TZ,
    TINYINT,
    UBIGINT,
    UHUGEINT,
    UINTEGER,
    USMALLINT,
    UTINYINT,
    UUID,
    VARCHAR,
)


class NullValue(Value):
    def __init__(self):
        super().__init__(None, SQLNULL)


class DecimalValue(Value):
    def __init__(self, object, width, scale):  # noqa: A002
        super().__init__(object, _types.decimal(width, scale))


class ListValue(Value):
    def __init__(self, object, child_type):  # noqa: A002
        super().__init__(object, _types.list_of(_types.of(child_type)))


class StructValue(Value):
    def __init__(self, object, children):  # noqa: A002
        super().__init__(object, _types.struct({name: _types.of(part) for name, part in children.items()}))


class MapValue(Value):
    def __init__(self, object, key_type, value_type):  # noqa: A002
        super().__init__(object, _types.map_of(_types.of(key_type), _types.of(value_type)))


class UnionType(Value):
    def __init__(self, object, members):  # noqa: A002
        super().__init__(object, _types.union({name: _types.of(part) for name, part in members.items()}))


def _of(name, kind):
    """The class of values of a type without parameters."""
    def __init__(self, object):  # noqa: A002
        Value.__init__(self, object, kind)

    return type(name, (Value,), {"__init__": __init__, "__module__": __name__})


BooleanValue = _of("BooleanValue", BOOLEAN)
UnsignedBinaryValue = _of("UnsignedBinaryValue", UTINYINT)
UnsignedShortValue = _of("UnsignedShortValue", USMALLINT)
UnsignedIntegerValue = _of("UnsignedIntegerValue", UINTEGER)
UnsignedLongValue = _of("UnsignedLongValue", UBIGINT)
UnsignedHugeIntegerValue = _of("UnsignedHugeIntegerValue", UHUGEINT)
BinaryValue = _of("BinaryValue", TINYINT)
ShortValue = _of("ShortValue", SMALLINT)
IntegerValue = _of("IntegerValue", INTEGER)
LongValue = _of("LongValue", BIGINT)
HugeIntegerValue = _of("HugeIntegerValue", HUGEINT)
FloatValue = _of("FloatValue", FLOAT)
DoubleValue = _of("DoubleValue", DOUBLE)
StringValue = _of("StringValue", VARCHAR)
UUIDValue = _of("UUIDValue", UUID)
BitValue = _of("BitValue", BIT)
BlobValue = _of("BlobValue", BLOB)
DateValue = _of("DateValue", DATE)
IntervalValue = _of("IntervalValue", INTERVAL)
TimestampValue = _of("TimestampValue", TIMESTAMP)
TimestampSecondValue = _of("TimestampSecondValue", TIMESTAMP_S)
TimestampMilisecondValue = _of("TimestampMilisecondValue", TIMESTAMP_MS)
TimestampNanosecondValue = _of("TimestampNanosecondValue", TIMESTAMP_NS)
TimestampTimeZoneValue = _of("TimestampTimeZoneValue", TIMESTAMP_TZ)
TimeValue = _of("TimeValue", TIME)
TimeTimeZoneValue = _of("TimeTimeZoneValue", TIME_TZ)

__all__ = sorted(name for name, value in globals().items() if isinstance(value, type) and issubclass(value, Value))
