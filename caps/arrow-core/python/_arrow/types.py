"""Types, fields and schemas. A type is a format of the Arrow C data interface with its children."""

from .errors import ArrowIndexError, ArrowInvalid, ArrowKeyError, ArrowNotImplementedError, ArrowTypeError

__all__ = [
    "DataType", "Field", "Schema", "binary", "bool_", "date32", "date64", "decimal128", "decimal256", "decimal32", "decimal64", "dense_union", "dictionary", "duration",
    "field", "fixed_size_binary", "float16", "float32", "float64", "int16", "int32", "int64", "int8", "large_binary", "large_list", "large_string", "large_utf8", "list_",
    "map_", "month_day_nano_interval", "null", "schema", "sparse_union", "string", "struct", "time32", "time64", "timestamp", "uint16", "uint32", "uint64", "uint8", "utf8",
]

UNITS = {"s": "s", "m": "ms", "u": "us", "n": "ns"}
_UNIT_LETTERS = {unit: letter for letter, unit in UNITS.items()}

# format: name, kind of layout, width in bytes, code for memoryview.cast
_FIXED = {
    "c": ("int8", 1, "b"), "C": ("uint8", 1, "B"), "s": ("int16", 2, "h"), "S": ("uint16", 2, "H"), "i": ("int32", 4, "i"), "I": ("uint32", 4, "I"),
    "l": ("int64", 8, "q"), "L": ("uint64", 8, "Q"), "e": ("halffloat", 2, None), "f": ("float", 4, "f"), "g": ("double", 8, "d"),
    "tdD": ("date32[day]", 4, "i"), "tdm": ("date64[ms]", 8, "q"), "tts": ("time32[s]", 4, "i"), "ttm": ("time32[ms]", 4, "i"), "ttu": ("time64[us]", 8, "q"),
    "ttn": ("time64[ns]", 8, "q"), "tDs": ("duration[s]", 8, "q"), "tDm": ("duration[ms]", 8, "q"), "tDu": ("duration[us]", 8, "q"), "tDn": ("duration[ns]", 8, "q"),
    "tiM": ("month_interval", 4, "i"), "tiD": ("day_time_interval", 8, None), "tin": ("month_day_nano_interval", 16, None),
}
_VARIABLE = {"u": ("string", "i"), "U": ("large_string", "q"), "z": ("binary", "i"), "Z": ("large_binary", "q")}
_NESTED = {"+l": ("list", "i"), "+L": ("large_list", "q"), "+s": ("struct", None), "+m": ("map", "i")}


class DataType:
    """A type. Equal types have the same format, children and dictionary."""

    __slots__ = ("format", "fields", "value_type", "ordered", "keys_sorted", "kind", "width", "code", "_text")

    def __init__(self, format, fields=(), value_type=None, ordered=False, keys_sorted=False):
        self.format, self.fields, self.value_type, self.ordered, self.keys_sorted = format, tuple(fields), value_type, ordered, keys_sorted
        self.width = self.code = None
        self.kind, self._text = self._layout()

    def _layout(self):
        """The kind of layout and the name; sets width and code."""
        form = self.format
        if form in _FIXED:
            text, self.width, self.code = _FIXED[form]
            return "fixed", text
        if form in _VARIABLE:
            text, self.code = _VARIABLE[form]
            return "variable", text
        if form in _NESTED:
            return self._nested(*_NESTED[form])
        head, _, rest = form.partition(":")
        if form == "n":
            return "null", "null"
        if form == "b":
            return "bool", "bool"
        if head == "w":
            self.width = number(rest)
            return "fixed", f"fixed_size_binary[{rest}]"
        if head == "d":
            return "fixed", self._decimal(rest)
        if len(head) == 3 and head.startswith("ts") and head[2] in UNITS and ":" in form:
            self.width, self.code = 8, "q"
            return "fixed", f"timestamp[{UNITS[head[2]]}{f', tz={rest}' if rest else ''}]"
        if head == "+w":
            self.width = number(rest)
            return self._nested("fixed_size_list", None)
        if head in ("+ud", "+us"):
            return ("dense_union" if head == "+ud" else "sparse_union"), self._union(head, rest)
        raise ArrowNotImplementedError(f"arrays of the format {form!r} are not offered")

    def _nested(self, kind, code):
        self.code = code
        if kind == "struct":
            return kind, f"struct<{', '.join(map(str, self.fields))}>"
        if len(self.fields) != 1:
            raise ArrowInvalid(f"a type of the format {self.format!r} has one child, not {len(self.fields)}")
        child = self.fields[0]
        if kind == "map":
            if child.type.kind != "struct" or len(child.type.fields) != 2:
                raise ArrowInvalid("the child of a map is a struct of key and value")
            key, item = child.type.fields
            return kind, f"map<{key.type}, {item.type}{', keys_sorted' if self.keys_sorted else ''}>"
        return ("list" if kind == "large_list" else kind), f"{kind}<{child}>{f'[{self.width}]' if kind == 'fixed_size_list' else ''}"

    def _decimal(self, rest):
        parts = [number(part, lowest=-1000) for part in rest.split(",")]
        bits = parts[2] if len(parts) == 3 else 128
        most = {32: 9, 64: 18, 128: 38, 256: 76}.get(bits)
        if len(parts) not in (2, 3) or most is None or not 1 <= parts[0] <= most:
            raise ArrowInvalid(f"{self.format!r} is no format of decimals")
        self.width = bits // 8
        return f"decimal{bits}({parts[0]}, {parts[1]})"

    def _union(self, head, rest):
        codes = self.type_codes
        if len(codes) != len(self.fields) or len(set(codes)) != len(codes):
            raise ArrowInvalid("a union has one type code for each child")
        inner = ", ".join(f"{child}={code}" for child, code in zip(self.fields, codes))
        return f"{'dense' if head == '+ud' else 'sparse'}_union<{inner}>"

    @property
    def type_codes(self):
        """Of a union, in the order of its children."""
        return [number(word) for word in self.format.partition(":")[2].split(",") if word]

    @property
    def index_type(self):
        """Of a dictionary."""
        return DataType(self.format)

    @property
    def unit(self):
        """Of a time, timestamp or duration."""
        return UNITS[self.format[2]]

    @property
    def tz(self):
        """Of a timestamp, or None."""
        return self.format[4:] or None

    @property
    def precision(self):
        """Of a decimal."""
        return int(self.format[2:].split(",")[0])

    @property
    def scale(self):
        """Of a decimal."""
        return int(self.format[2:].split(",")[1])

    @property
    def list_size(self):
        """Of a list of fixed size."""
        return self.width

    @property
    def byte_width(self):
        """Of a value of fixed size."""
        if self.kind != "fixed" or self.value_type:
            raise ValueError(f"values of the type {self} have no fixed width")
        return self.width

    @property
    def bit_width(self):
        """Of a value of fixed size."""
        return 1 if self.kind == "bool" else self.byte_width * 8

    @property
    def num_fields(self):
        """How many children it has."""
        return len(self.fields)

    def field(self, at):
        """A child by place or, of a struct, by name."""
        if isinstance(at, str):
            return next((child for child in self.fields if child.name == at), None) or _no_name(at)
        return self.fields[at]

    @property
    def value_field(self):
        """Of a list."""
        return self.fields[0]

    @property
    def key_type(self):
        """Of a map."""
        return self.fields[0].type.fields[0].type

    @property
    def item_type(self):
        """Of a map."""
        return self.fields[0].type.fields[1].type

    def equals(self, other):
        """True if it is the same type."""
        return self == other

    def __eq__(self, other):
        if isinstance(other, str):
            other = named(other)
        if not isinstance(other, DataType):
            return NotImplemented
        return ((self.format, self.fields, self.value_type, self.ordered, self.keys_sorted) ==
                (other.format, other.fields, other.value_type, other.ordered, other.keys_sorted))

    def __hash__(self):
        return hash((self.format, self.fields, self.value_type))

    def __str__(self):
        if self.value_type is not None:
            return f"dictionary<values={self.value_type}, indices={self._text}, ordered={int(self.ordered)}>"
        return self._text

    def __repr__(self):
        return f"DataType({self})"

    def __reduce__(self):
        return DataType, (self.format, self.fields, self.value_type, self.ordered, self.keys_sorted)


def number(text, lowest=0):
    """A number inside of a format."""
    try:
        value = int(text)
    except ValueError:
        value = lowest - 1
    if not lowest <= value < 2**31:
        raise ArrowInvalid(f"a number in a format is {text!r}")
    return value


def _no_name(name):
    raise ArrowKeyError(f"there is no field {name!r}")


class Field:
    """A name and a type."""

    __slots__ = ("name", "type", "nullable", "metadata")

    def __init__(self, name, type, nullable=True, metadata=None):
        self.name, self.type, self.nullable, self.metadata = name, as_type(type), bool(nullable), as_metadata(metadata)

    def with_name(self, name):
        """The same under another name."""
        return Field(name, self.type, self.nullable, self.metadata)

    def with_type(self, type):
        """The same of another type."""
        return Field(self.name, type, self.nullable, self.metadata)

    def with_nullable(self, nullable):
        """The same, nullable or not."""
        return Field(self.name, self.type, nullable, self.metadata)

    def with_metadata(self, metadata):
        """The same with other metadata."""
        return Field(self.name, self.type, self.nullable, metadata)

    def equals(self, other, check_metadata=False):
        """True if it is the same field; its metadata count only if asked for."""
        return self == other and (not check_metadata or self.metadata == other.metadata)

    def __eq__(self, other):
        return isinstance(other, Field) and (self.name, self.type, self.nullable) == (other.name, other.type, other.nullable)

    def __hash__(self):
        return hash((self.name, self.type, self.nullable))

    def __str__(self):
        return f"{self.name}: {self.type}{'' if self.nullable else ' not null'}"

    def __repr__(self):
        return f"arrow.Field<{self}>"

    def __reduce__(self):
        return Field, (self.name, self.type, self.nullable, self.metadata)


class Schema:
    """The fields of a batch or table, and metadata."""

    __slots__ = ("_fields", "metadata", "_message")

    def __init__(self, fields, metadata=None):
        self._fields, self.metadata, self._message = tuple(fields), as_metadata(metadata), None

    names = property(lambda self: [one.name for one in self._fields], doc="The names of the fields.")
    types = property(lambda self: [one.type for one in self._fields], doc="The types of the fields.")

    def field(self, at):
        """A field by name or place."""
        return self._fields[self.place(at)]

    def place(self, at):
        """The place of a field that is given by name or place."""
        if isinstance(at, int):
            if not -len(self) <= at < len(self):
                raise ArrowIndexError(f"column {at} of {len(self)}")
            return at % len(self)
        found = self.get_all_field_indices(at)
        if len(found) != 1:
            raise ArrowKeyError(f"{'several fields' if found else 'no field'} named {at!r}; there are {', '.join(map(repr, self.names)) or 'none'}")
        return found[0]

    def get_field_index(self, name):
        """The place of the one field of this name, or -1."""
        found = self.get_all_field_indices(name)
        return found[0] if len(found) == 1 else -1

    def get_all_field_indices(self, name):
        """The places of the fields of this name."""
        return [i for i, one in enumerate(self._fields) if one.name == name]

    def append(self, one):
        """The same with a field more."""
        return Schema([*self._fields, one], self.metadata)

    def set(self, at, one):
        """The same with another field in this place."""
        return Schema([*self._fields[:at], one, *self._fields[at + 1:]], self.metadata)

    def remove(self, at):
        """The same without the field in this place."""
        return Schema([*self._fields[:at], *self._fields[at + 1:]], self.metadata)

    def with_metadata(self, metadata):
        """The same with other metadata."""
        return Schema(self._fields, metadata)

    def equals(self, other, check_metadata=False):
        """True if it has the same fields; metadata count only if asked for."""
        return self == other and (not check_metadata or (self.metadata == other.metadata and all(a.metadata == b.metadata for a, b in zip(self, other))))

    def __eq__(self, other):
        return isinstance(other, Schema) and self._fields == other._fields

    def __hash__(self):
        return hash(self._fields)

    def __len__(self):
        return len(self._fields)

    def __iter__(self):
        return iter(self._fields)

    def __getitem__(self, at):
        return self.field(at)

    def __str__(self):
        return "\n".join(map(str, self._fields))

    __repr__ = __str__

    def __reduce__(self):
        return Schema, (self._fields, self.metadata)


def as_metadata(metadata):
    """Metadata as a dict of bytes, or None."""
    if not metadata:
        return None
    items = metadata.items() if hasattr(metadata, "items") else metadata
    return {key.encode() if isinstance(key, str) else bytes(key): value.encode() if isinstance(value, str) else bytes(value) for key, value in items}


def as_type(type):
    """A type given as such or by its name."""
    if isinstance(type, DataType):
        return type
    if isinstance(type, str):
        return named(type)
    raise ArrowTypeError(f"a DataType is wanted, not {type!r}")


def _simple(format, doc):
    made = DataType(format)

    def make():
        return made
    make.__doc__ = f"{doc}."
    return make


null = _simple("n", "The type of which all values are null")
bool_ = _simple("b", "Truth values, a bit each")
int8, uint8 = _simple("c", "Integers of 8 bits"), _simple("C", "Natural numbers of 8 bits")
int16, uint16 = _simple("s", "Integers of 16 bits"), _simple("S", "Natural numbers of 16 bits")
int32, uint32 = _simple("i", "Integers of 32 bits"), _simple("I", "Natural numbers of 32 bits")
int64, uint64 = _simple("l", "Integers of 64 bits"), _simple("L", "Natural numbers of 64 bits")
float16, float32, float64 = _simple("e", "Numbers of 16 bits"), _simple("f", "Numbers of 32 bits"), _simple("g", "Numbers of 64 bits")
string = utf8 = _simple("u", "Texts, up to 2 GiB in one array")
large_string = large_utf8 = _simple("U", "Texts")
large_binary = _simple("Z", "Byte strings")
date32, date64 = _simple("tdD", "Days"), _simple("tdm", "Days, in milliseconds")
month_day_nano_interval = _simple("tin", "Months, days and nanoseconds")


def binary(length=-1):
    """Byte strings, of the same length if one is given."""
    return DataType("z") if length == -1 else fixed_size_binary(length)


def fixed_size_binary(length):
    """Byte strings of one length."""
    return DataType(f"w:{length}")


def _unit(unit, allowed):
    if unit not in allowed:
        raise ValueError(f"the unit is one of {', '.join(allowed)}, not {unit!r}")
    return _UNIT_LETTERS[unit]


def timestamp(unit, tz=None):
    """Points in time."""
    return DataType(f"ts{_unit(unit, ('s', 'ms', 'us', 'ns'))}:{tz or ''}")


def time32(unit):
    """Times of a day in s or ms."""
    return DataType(f"tt{_unit(unit, ('s', 'ms'))}")


def time64(unit):
    """Times of a day in us or ns."""
    return DataType(f"tt{_unit(unit, ('us', 'ns'))}")


def duration(unit):
    """Spans of time."""
    return DataType(f"tD{_unit(unit, ('s', 'ms', 'us', 'ns'))}")


def _decimal(bits, precision, scale):
    return DataType(f"d:{precision},{scale}{'' if bits == 128 else f',{bits}'}")


def decimal32(precision, scale=0):
    """Decimal numbers of up to 9 digits."""
    return _decimal(32, precision, scale)


def decimal64(precision, scale=0):
    """Decimal numbers of up to 18 digits."""
    return _decimal(64, precision, scale)


def decimal128(precision, scale=0):
    """Decimal numbers of up to 38 digits."""
    return _decimal(128, precision, scale)


def decimal256(precision, scale=0):
    """Decimal numbers of up to 76 digits."""
    return _decimal(256, precision, scale)


def _item(type):
    return type if isinstance(type, Field) else Field("item", type)


def list_(value_type, list_size=-1):
    """Lists, of the same size if one is given."""
    return DataType("+l" if list_size == -1 else f"+w:{list_size}", [_item(value_type)])


def large_list(value_type):
    """Lists whose values together may be more than 2**31."""
    return DataType("+L", [_item(value_type)])


def struct(fields):
    """Values of several types together; fields are Fields or pairs of name and type."""
    return DataType("+s", _fields(fields))


def map_(key_type, item_type, keys_sorted=False):
    """Pairs of key and value."""
    key = key_type.with_nullable(False) if isinstance(key_type, Field) else Field("key", key_type, False)
    item = item_type if isinstance(item_type, Field) else Field("value", item_type)
    return DataType("+m", [Field("entries", struct([key, item]), False)], keys_sorted=bool(keys_sorted))


def dictionary(index_type, value_type, ordered=False):
    """Places of values in an array of values."""
    index_type = as_type(index_type)
    if index_type.format not in tuple("cCsSiIlL"):
        raise ArrowTypeError(f"the index of a dictionary is an integer, not {index_type}")
    return DataType(index_type.format, (), as_type(value_type), bool(ordered))


def dense_union(child_fields, type_codes=None):
    """One of several types each, with only the values that there are."""
    return _union("+ud", child_fields, type_codes)


def sparse_union(child_fields, type_codes=None):
    """One of several types each, all children of the same length."""
    return _union("+us", child_fields, type_codes)


def _union(head, fields, codes):
    fields = _fields(fields)
    return DataType(f"{head}:{','.join(map(str, range(len(fields)) if codes is None else codes))}", fields)


def field(name, type=None, nullable=True, metadata=None):
    """A field."""
    return name if isinstance(name, Field) else Field(name, type, nullable, metadata)


def _fields(fields):
    items = fields.items() if hasattr(fields, "items") else fields
    return [one if isinstance(one, Field) else Field(*one) for one in items]


def schema(fields, metadata=None):
    """A schema of Fields, of pairs of name and type, or of a dict of types."""
    return Schema(_fields(fields), metadata)


_NAMED = {"null": null(), "bool": bool_(), "boolean": bool_(), "i1": int8(), "int8": int8(), "i2": int16(), "int16": int16(), "i4": int32(), "int32": int32(), "i8": int64(),
          "int64": int64(), "u1": uint8(), "uint8": uint8(), "u2": uint16(), "uint16": uint16(), "u4": uint32(), "uint32": uint32(), "u8": uint64(), "uint64": uint64(),
          "f2": float16(), "halffloat": float16(), "float16": float16(), "f4": float32(), "float": float32(), "float32": float32(), "f8": float64(), "double": float64(),
          "float64": float64(), "string": string(), "str": string(), "utf8": string(), "binary": binary(), "large_string": large_string(), "large_str": large_string(),
          "large_utf8": large_string(), "large_binary": large_binary(), "date32": date32(), "date64": date64(), "date32[day]": date32(), "date64[ms]": date64(),
          "month_day_nano_interval": month_day_nano_interval(),
          **{f"time32[{unit}]": time32(unit) for unit in ("s", "ms")}, **{f"time64[{unit}]": time64(unit) for unit in ("us", "ns")},
          **{f"timestamp[{unit}]": timestamp(unit) for unit in _UNIT_LETTERS}, **{f"duration[{unit}]": duration(unit) for unit in _UNIT_LETTERS}}


def named(name):
    """A type by its name."""
    if name.startswith("timestamp[") and ", tz=" in name and name.endswith("]"):
        return timestamp(*name[len("timestamp["):-1].split(", tz=", 1))
    if name not in _NAMED:
        raise ValueError(f"no type is named {name!r}")
    return _NAMED[name]
