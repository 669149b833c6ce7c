"""RSA keys (PKCS #1)."""

from . import biginteger, der as _der
from ..constants import Attribute, ObjectClass
from ..mechanisms import KeyType

_PRIVATE = (Attribute.MODULUS, Attribute.PUBLIC_EXPONENT, Attribute.PRIVATE_EXPONENT, Attribute.PRIME_1, Attribute.PRIME_2, Attribute.EXPONENT_1,
            Attribute.EXPONENT_2, Attribute.COEFFICIENT)


def decode_rsa_private_key(data):
    """RSAPrivateKey as attributes for create_object()."""
    _, *numbers = _der.integers(data)
    return {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.KEY_TYPE: KeyType.RSA, **dict(zip(_PRIVATE, map(biginteger, numbers))),
            Attribute.DECRYPT: True, Attribute.SIGN: True, Attribute.UNWRAP: True}


def decode_rsa_public_key(data):
    """RSAPublicKey as attributes for create_object()."""
    modulus, exponent = map(biginteger, _der.integers(data))
    return {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.KEY_TYPE: KeyType.RSA, Attribute.MODULUS: modulus, Attribute.PUBLIC_EXPONENT: exponent,
            Attribute.ENCRYPT: True, Attribute.VERIFY: True, Attribute.WRAP: True}


def encode_rsa_public_key(key):
    """A public key as RSAPublicKey."""
    return _der.element(_der.SEQUENCE, *(_der.integer(int.from_bytes(key[kind], "big")) for kind in (Attribute.MODULUS, Attribute.PUBLIC_EXPONENT)))
