"""As much of DER as keys and signatures need."""

INTEGER, BIT_STRING, OCTET_STRING, NULL, OBJECT_IDENTIFIER, SEQUENCE = 0x02, 0x03, 0x04, 0x05, 0x06, 0x30


def element(tag, *parts):
    """An element of these contents."""
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(digits))) + digits + content


def integer(value):
    return element(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def identifier(dotted):
    first, second, *rest = map(int, dotted.split("."))
    out = bytearray([first * 40 + second])
    for number in rest:
        digits = [number & 0x7f]
        while number := number >> 7:
            digits.append(0x80 | number & 0x7f)
        out += bytes(reversed(digits))
    return element(OBJECT_IDENTIFIER, bytes(out))


def read(data, tag):
    """The content of the element that data begins with, and what follows it."""
    if len(data) < 2 or data[0] != tag:
        raise ValueError(f"this is no DER: an element of type 0x{tag:02x} was expected")
    size, start = data[1], 2
    if size & 0x80:
        start += size & 0x7f
        size = int.from_bytes(data[2:start], "big")
    if len(data) < start + size:
        raise ValueError("this is no DER: it ends too early")
    return data[start:start + size], data[start + size:]


def integers(data):
    """The numbers of a sequence of nothing else."""
    content, _ = read(data, SEQUENCE)
    numbers = []
    while content:
        number, content = read(content, INTEGER)
        numbers.append(int.from_bytes(number, "big"))
    return numbers
