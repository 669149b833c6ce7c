"""Keys as other libraries write them."""


def biginteger(value):
    """A number as attributes have it: its bytes, the first first."""
    value = int(value)
    return value.to_bytes((value.bit_length() + 7) // 8, "big")
