"""Byte work in Python and in C: checksums, zlib, base64, struct."""

import base64
import hashlib
import struct
import zlib


def fletcher(data):
    low = high = 0
    for byte in data:
        low = (low + byte) % 255
        high = (high + low) % 255
    return high << 8 | low


def run():
    data = b"".join(struct.pack("<IHd", i, i % 65536, i / 3) for i in range(12_000))
    packed = zlib.compress(data, 6)
    text = base64.b64encode(data)
    fields = sum(number for number, _, _ in struct.iter_unpack("<IHd", zlib.decompress(packed)))
    return [fletcher(data[:100_000]), fields, zlib.crc32(text), hashlib.sha256(data).hexdigest()[:16]]
