"""HKDF, RFC 5869: the names of the PyPI package `hkdf`, with OpenSSL behind them."""

import hashlib as _hashlib

__all__ = ["Hkdf", "hkdf_expand", "hkdf_extract"]


def _derive(hash_function, mode, length, **octets):
    import _openssl_cap
    value = _openssl_cap.parameters.Value
    told = [("digest", value.Text(_digest_name(hash_function))), ("mode", value.Text(mode)),
            *((name, value.Octets(bytes(data))) for name, data in octets.items())]
    return _openssl_cap.kdf.derive("HKDF", told, length)


def _digest_name(hash_function):
    return hash_function if isinstance(hash_function, str) else hash_function().name.replace("_", "-")


def _size(hash_function):
    return _hashlib.new(hash_function).digest_size if isinstance(hash_function, str) else hash_function().digest_size


def hkdf_extract(salt, input_key_material, hash=_hashlib.sha512):
    """A pseudorandom key as long as a digest. `salt` is public; None or b"" stands for zeros."""
    return _derive(hash, "EXTRACT_ONLY", _size(hash), salt=salt or bytes(_size(hash)), key=input_key_material)


def hkdf_expand(pseudo_random_key, info=b"", length=32, hash=_hashlib.sha512):
    """`length` bytes for the purpose `info`, at most 255 times as many as a digest has."""
    if length > 255 * _size(hash):
        raise Exception(f"Cannot expand to more than 255 * {_size(hash)} = {255 * _size(hash)} bytes using the specified hash function")
    return _derive(hash, "EXPAND_ONLY", length, key=pseudo_random_key, info=info) if length else b""


class Hkdf:
    """Extracts once and expands as often as there are purposes."""

    def __init__(self, salt, input_key_material, hash=_hashlib.sha256):
        self._hash = hash
        self._prk = hkdf_extract(salt, input_key_material, hash)

    def expand(self, info=b"", length=32):
        """`length` bytes for the purpose `info`."""
        return hkdf_expand(self._prk, info, length, self._hash)
