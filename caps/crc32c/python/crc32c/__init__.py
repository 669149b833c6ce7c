"""CRC-32C (Castagnoli), with the interface of the PyPI package crc32c."""

import sys as _sys
import warnings as _warnings

from _crc32c_cap import update as _update

__all__ = ["CRC32CHash", "big_endian", "crc32", "crc32c", "hardware_based"]
__version__ = "2.9"

big_endian = int(_sys.byteorder == "big")
hardware_based = False


def crc32c(data, value=0, gil_release_mode=-1):
    """The CRC-32C of data, going on from value."""
    return _update(data, value & 0xFFFFFFFF)


def crc32(data, value=0, gil_release_mode=-1):
    """The old name of crc32c()."""
    _warnings.warn("crc32c.crc32 will be eventually removed, use crc32c.crc32c instead", DeprecationWarning, 2)
    return _update(data, value & 0xFFFFFFFF)


class CRC32CHash:
    """A CRC-32C as an object with the interface of hashlib."""

    def __init__(self, data=b"", gil_release_mode=-1):
        self._checksum = _update(data, 0)

    @property
    def digest_size(self):
        """The length of the digest in bytes."""
        return 4

    @property
    def block_size(self):
        """The size of the blocks that are worked on at a time."""
        return 1

    @property
    def name(self):
        """The name of the algorithm."""
        return "crc32c"

    @property
    def checksum(self):
        """The checksum so far, as an integer."""
        return self._checksum

    def update(self, data):
        """Adds data."""
        self._checksum = _update(data, self._checksum)

    def digest(self):
        """The checksum so far, as four bytes, the highest first."""
        return self._checksum.to_bytes(4, "big")

    def hexdigest(self):
        """The digest in hexadecimal."""
        return self.digest().hex()

    def copy(self):
        """A copy that goes on by itself."""
        other = type(self)()
        other._checksum = self._checksum
        return other
