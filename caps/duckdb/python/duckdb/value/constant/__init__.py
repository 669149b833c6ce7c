"""Values with a type of SQL, to be passed as parameters and constants where the engine's choice of a type is not the right one."""

from ... import _types
from ... import sqltypes as _sql
from ..._values import Value


class NullValue(Value):
    def __init__(self):
        super().__init__(None, _sql.SQLNULL)


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


BooleanValue = _of("BooleanValue", _sql.BOOLEAN)
UnsignedBinaryValue = _of("UnsignedBinaryValue", _sql.UTINYINT)
UnsignedShortValue = _of("UnsignedShortValue", _sql.USMALLINT)
UnsignedIntegerValue = _of("UnsignedIntegerValue", _sql.UINTEGER)
UnsignedLongValue = _of("UnsignedLongValue", _sql.UBIGINT)
UnsignedHugeIntegerValue = _of("UnsignedHugeIntegerValue", _sql.UHUGEINT)
BinaryValue = _of("BinaryValue", _sql.TINYINT)
ShortValue = _of("ShortValue", _sql.SMALLINT)
IntegerValue = _of("IntegerValue", _sql.INTEGER)
LongValue = _of("LongValue", _sql.BIGINT)
HugeIntegerValue = _of("HugeIntegerValue", _sql.HUGEINT)
FloatValue = _of("FloatValue", _sql.FLOAT)
DoubleValue = _of("DoubleValue", _sql.DOUBLE)
StringValue = _of("StringValue", _sql.VARCHAR)
UUIDValue = _of("UUIDValue", _sql.UUID)
BitValue = _of("BitValue", _sql.BIT)
BlobValue = _of("BlobValue", _sql.BLOB)
DateValue = _of("DateValue", _sql.DATE)
IntervalValue = _of("IntervalValue", _sql.INTERVAL)
TimestampValue = _of("TimestampValue", _sql.TIMESTAMP)
TimestampSecondValue = _of("TimestampSecondValue", _sql.TIMESTAMP_S)
TimestampMilisecondValue = _of("TimestampMilisecondValue", _sql.TIMESTAMP_MS)
TimestampNanosecondValue = _of("TimestampNanosecondValue", _sql.TIMESTAMP_NS)
TimestampTimeZoneValue = _of("TimestampTimeZoneValue", _sql.TIMESTAMP_TZ)
TimeValue = _of("TimeValue", _sql.TIME)
TimeTimeZoneValue = _of("TimeTimeZoneValue", _sql.TIME_TZ)

__all__ = sorted(name for name, value in globals().items() if isinstance(value, type) and issubclass(value, Value))
