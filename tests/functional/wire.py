"""The wire format and the schema of docs/bindings.md, written a second time and plainly, to check the others against.

Values: None for none, a 1-tuple for some of a nested option, tuples for records and tuples, an int for enums, flags and
handles, (case, payload) for variants and results, bytes for list<u8>.
"""

import math
import random
import struct

BOOL, U8, U16, U32, U64, S8, S16, S32, S64, F32, F64, CHAR, STRING, BYTES = range(14)
LIST, OPTION, RESULT, TUPLE, RECORD, VARIANT, ENUM, FLAGS, RESOURCE, OWN, BORROW = range(11)
WIDTH = {U8: 8, U16: 16, U32: 32, U64: 64, S8: 8, S16: 16, S32: 32, S64: 64}
BLOCKS = {U16: (69, "H"), U32: (70, "I"), U64: (71, "Q"), S8: (72, "b"), S16: (77, "h"), S32: (78, "i"), S64: (79, "q"), F32: (85, "f"), F64: (86, "d")}


class BadPayload(Exception):
    """Not what the contract says."""


def head(major, value):
    for low, (limit, form) in enumerate(((24, None), (1 << 8, ">B"), (1 << 16, ">H"), (1 << 32, ">I"), (1 << 64, ">Q")), 23):
        if value < limit:
            return bytes([major << 5 | value]) if form is None else bytes([major << 5 | low]) + struct.pack(form, value)
    raise OverflowError(value)


class Reader:
    """A cursor over CBOR."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        if size > len(self.data) - self.at:
            raise BadPayload(f"cut short at {self.at}")
        self.at += size
        return self.data[self.at - size : self.at]

    def peek(self):
        return self.data[self.at] if self.at < len(self.data) else 0xFF

    def head(self, major):
        first = self.take(1)[0]
        if first >> 5 != major or first & 31 > 27:
            raise BadPayload(f"byte {first:#x} at {self.at - 1}")
        low = first & 31
        if low < 24:
            return low
        value = int.from_bytes(self.take(1 << (low - 24)), "big")
        if len(head(major, value)) != 1 + (1 << (low - 24)):
            raise BadPayload("not the shortest form")
        return value


class Schema:
    """A schema document, as Python lists."""

    def __init__(self, data):
        reader = Reader(data)
        self.version, self.package, self.docs, self.interfaces, self.types = self.document(reader)
        assert reader.at == len(data) and self.version == 1
        self.functions = {}
        for interface in self.interfaces:
            for function in interface[5]:
                self.functions[function[2]] = function
        for kind in self.types:
            for function in kind[5] if kind[0] == RESOURCE else []:
                self.functions[function[2]] = function

    def document(self, reader):
        major = reader.peek() >> 5
        if major == 4:
            return [self.document(reader) for _ in range(reader.head(4))]
        if major == 3:
            return reader.take(reader.head(3)).decode()
        if reader.peek() == 0xF6:
            reader.take(1)
            return None
        return reader.head(0)

    def kind(self, ref):
        return self.types[ref - 16][0] if ref >= 16 else None

    # --- values

    def encode(self, ref, value):
        if ref < 16:
            return self.encode_primitive(ref, value)
        kind, *of = self.types[ref - 16]
        if kind == LIST:
            if of[0] in BLOCKS:
                tag, form = BLOCKS[of[0]]
                block = struct.pack(f"<{len(value)}{form}", *value)
                return head(6, tag) + head(2, len(block)) + block
            return head(4, len(value)) + b"".join(self.encode(of[0], one) for one in value)
        if kind == OPTION:
            if value is None:
                return b"\xf6"
            return head(4, 1) + self.encode(of[0], value[0]) if self.kind(of[0]) == OPTION else self.encode(of[0], value)
        if kind in (TUPLE, RECORD):
            fields = self.fields(kind, of)
            return head(4, len(fields)) + b"".join(self.encode(field, one) for field, one in zip(fields, value, strict=True))
        if kind in (VARIANT, RESULT):
            case, payload = value
            ref = self.cases(kind, of)[case]
            return head(0, case) if ref is None else head(4, 2) + head(0, case) + self.encode(ref, payload)
        return head(0, value)

    def encode_primitive(self, ref, value):
        if ref == BOOL:
            return b"\xf5" if value else b"\xf4"
        if ref == F32:
            return b"\xfa\x7f\xc0\0\0" if math.isnan(value) else b"\xfa" + struct.pack(">f", value)
        if ref == F64:
            return b"\xfb\x7f\xf8\0\0\0\0\0\0" if math.isnan(value) else b"\xfb" + struct.pack(">d", value)
        if ref == CHAR:
            return head(0, ord(value))
        if ref == STRING:
            data = value.encode()
            return head(3, len(data)) + data
        if ref == BYTES:
            return head(2, len(value)) + bytes(value)
        return head(0, value) if value >= 0 else head(1, -1 - value)

    def fields(self, kind, of):
        return of[0] if kind == TUPLE else [field[1] for field in of[3]]

    def cases(self, kind, of):
        return of if kind == RESULT else [case[1] for case in of[3]]

    def decode(self, ref, reader):
        if ref < 16:
            return self.decode_primitive(ref, reader)
        kind, *of = self.types[ref - 16]
        if kind == LIST:
            if of[0] in BLOCKS:
                tag, form = BLOCKS[of[0]]
                if reader.head(6) != tag:
                    raise BadPayload("another tag")
                block = reader.take(reader.head(2))
                return [one for (one,) in struct.iter_unpack("<" + form, block)]
            return [self.decode(of[0], reader) for _ in range(reader.head(4))]
        if kind == OPTION:
            if reader.peek() == 0xF6:
                reader.take(1)
                return None
            if self.kind(of[0]) != OPTION:
                return self.decode(of[0], reader)
            self.expect(reader, 1)
            return (self.decode(of[0], reader),)
        if kind in (TUPLE, RECORD):
            fields = self.fields(kind, of)
            self.expect(reader, len(fields))
            return tuple(self.decode(field, reader) for field in fields)
        if kind in (VARIANT, RESULT):
            cases = self.cases(kind, of)
            payload = reader.peek() >> 5 == 4
            if payload:
                self.expect(reader, 2)
            case = reader.head(0)
            if case >= len(cases) or payload != (cases[case] is not None):
                raise BadPayload(f"no case {case}")
            return case, self.decode(cases[case], reader) if payload else None
        value = reader.head(0)
        if (kind == ENUM and value >= len(of[3])) or (kind == FLAGS and value >> len(of[3])):
            raise BadPayload(f"no case {value}")
        return value

    def expect(self, reader, count):
        if reader.head(4) != count:
            raise BadPayload("another count")

    def decode_primitive(self, ref, reader):
        if ref == BOOL:
            byte = reader.take(1)[0]
            if byte not in (0xF4, 0xF5):
                raise BadPayload("no bool")
            return byte == 0xF5
        if ref in (F32, F64):
            if reader.take(1)[0] != (0xFA if ref == F32 else 0xFB):
                raise BadPayload("no float")
            return struct.unpack(">f" if ref == F32 else ">d", reader.take(4 if ref == F32 else 8))[0]
        if ref == CHAR:
            return chr(reader.head(0))
        if ref == STRING:
            return reader.take(reader.head(3)).decode()
        if ref == BYTES:
            return reader.take(reader.head(2))
        negative = ref in (S8, S16, S32, S64) and reader.peek() >> 5 == 1
        value = -1 - reader.head(1) if negative else reader.head(0)
        low, high = self.range(ref)
        if not low <= value <= high:
            raise BadPayload(f"{value} is out of range")
        return value

    def range(self, ref):
        bits = WIDTH[ref]
        return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if ref >= S8 else (0, (1 << bits) - 1)

    # --- payloads

    def payload(self, method, arguments):
        params = self.functions[method][4]
        if len(params) == 1 and params[0][1] == BYTES:
            return bytes(arguments[0])
        return head(4, len(params)) + b"".join(self.encode(ref, one) for (_, ref), one in zip(params, arguments, strict=True))

    def answer(self, method, data):
        """The value that an ok answer stands for."""
        ref = self.functions[method][5]
        if ref is not None and self.kind(ref) == RESULT:
            ref = self.types[ref - 16][1]
        return self.value(ref, data, raw=True)

    def error(self, method, data):
        """The value that a returned error stands for."""
        return self.value(self.types[self.functions[method][5] - 16][2], data, raw=False)

    def value(self, ref, data, raw):
        if ref is None:
            assert data == b"", data
            return None
        if raw and ref == BYTES:
            return data
        reader = Reader(data)
        value = self.decode(ref, reader)
        if reader.at != len(data):
            raise BadPayload("superfluous bytes")
        return value

    # --- random values

    def random(self, ref, rng, depth=0):
        if ref < 16:
            return self.random_primitive(ref, rng)
        kind, *of = self.types[ref - 16]
        if kind == LIST:
            return [self.random(of[0], rng, depth + 1) for _ in range(rng.choice((0, 1, 2, 3, 30 if depth == 0 else 4)))]
        if kind == OPTION:
            if rng.random() < 0.3:
                return None
            inner = self.random(of[0], rng, depth + 1)
            return (inner,) if self.kind(of[0]) == OPTION else inner
        if kind in (TUPLE, RECORD):
            return tuple(self.random(field, rng, depth + 1) for field in self.fields(kind, of))
        if kind in (VARIANT, RESULT):
            cases = self.cases(kind, of)
            case = rng.randrange(len(cases))
            return case, None if cases[case] is None else self.random(cases[case], rng, depth + 1)
        return rng.randrange(len(of[3])) if kind == ENUM else rng.randrange(1 << len(of[3]))

    def random_primitive(self, ref, rng):
        if ref == BOOL:
            return rng.random() < 0.5
        if ref in (F32, F64):
            value = rng.choice((0.0, -0.0, 1.5, math.inf, -math.inf, rng.uniform(-1e9, 1e9), rng.gauss(0, 1e-30)))
            return struct.unpack("f", struct.pack("f", value))[0] if ref == F32 else value
        if ref == CHAR:
            return chr(rng.choice((0, 65, 0xE9, 0xD7FF, 0xE000, 0x1F600, 0x10FFFF, rng.randrange(0xD800))))
        if ref == STRING:
            return "".join(self.random_primitive(CHAR, rng) for _ in range(rng.choice((0, 1, 5, 23, 24, 100))))
        if ref == BYTES:
            return rng.randbytes(rng.choice((0, 1, 23, 24, 255, 256, 1000)))
        low, high = self.range(ref)
        return rng.choice((low, high, 0, rng.randint(low, high), max(low, -24), max(low, -25), 23, 24, min(high, 255), min(high, 256), min(high, 65536)))


# ---- documents: values without a schema

TAGS = {tag: form for tag, form in BLOCKS.values()}


def write_document(value):
    """A document as _pylon_caps.dumps() has to write it."""
    if value is None or value is True or value is False:
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, int):
        return head(1, ~value) if value < 0 else head(0, value)
    if isinstance(value, float):
        return b"\xfb\x7f\xf8" + bytes(6) if math.isnan(value) else b"\xfb" + struct.pack(">d", value)
    if isinstance(value, str):
        text = value.encode()
        return head(3, len(text)) + text
    if isinstance(value, (list, tuple)):
        return head(4, len(value)) + b"".join(map(write_document, value))
    return head(2, memoryview(value).nbytes) + bytes(value)


def read_document(data):
    """The value of a document, as _pylon_caps.loads() has to read it; BadPayload if it is none."""
    reader = Reader(data)
    value = _read_item(reader, 0)
    if reader.at != len(data):
        raise BadPayload(f"{len(data) - reader.at} bytes too many")
    return value


def _read_item(reader, depth):
    first = reader.peek()
    if first >> 5 == 7:
        return _read_simple(reader)
    major = first >> 5
    value = reader.head(major)
    if major == 0 or (major == 1 and value < 1 << 63):
        return ~value if major else value
    if major == 2:
        return bytes(reader.take(value))
    if major == 3:
        try:
            return reader.take(value).decode()
        except UnicodeDecodeError as error:
            raise BadPayload(str(error)) from None
    if major == 4 and depth < 64:
        if value > len(reader.data) - reader.at:
            raise BadPayload("more than there is")
        items = [_read_item(reader, depth + 1) for _ in range(value)]
        return tuple(items) if depth else items
    if major == 6 and value in TAGS:
        block = reader.take(reader.head(2))
        if len(block) % struct.calcsize(TAGS[value]):
            raise BadPayload("part of a number")
        return [number for number, in struct.iter_unpack("<" + TAGS[value], block)]
    raise BadPayload(f"major type {major}")


def _read_simple(reader):
    first = reader.take(1)[0]
    known = {0xF6: None, 0xF5: True, 0xF4: False}
    if first in known:
        return known[first]
    if first != 0xFB:
        raise BadPayload(f"simple value {first:#x}")
    bits = reader.take(8)
    number = struct.unpack(">d", bits)[0]
    if math.isnan(number) and bits != b"\x7f\xf8" + bytes(6):
        raise BadPayload("another NaN")
    return number
