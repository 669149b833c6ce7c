"""Keys on elliptic curves."""

from . import der as _der
from ..constants import Attribute, ObjectClass
from ..mechanisms import KeyType

_CURVES = {
    "secp192r1": "1.2.840.10045.3.1.1", "secp224r1": "1.3.132.0.33", "secp256r1": "1.2.840.10045.3.1.7", "prime256v1": "1.2.840.10045.3.1.7",
    "secp384r1": "1.3.132.0.34", "secp521r1": "1.3.132.0.35", "secp256k1": "1.3.132.0.10", "brainpoolP256r1": "1.3.36.3.3.2.8.1.1.7",
}
_EC_PUBLIC_KEY = "1.2.840.10045.2.1"


def encode_named_curve_parameters(name):
    """EC_PARAMS of a curve: its name, or the dotted number of it."""
    number = _CURVES.get(name, name)
    if not number.replace(".", "").isdecimal():
        raise ValueError(f"no such curve: {name}")
    return _der.identifier(number)


def encode_ec_public_key(key):
    """A public key as SubjectPublicKeyInfo."""
    point, _ = _der.read(key[Attribute.EC_POINT], _der.OCTET_STRING)
    algorithm = _der.element(_der.SEQUENCE, _der.identifier(_EC_PUBLIC_KEY), key[Attribute.EC_PARAMS])
    return _der.element(_der.SEQUENCE, algorithm, _der.element(_der.BIT_STRING, b"\0", point))


def decode_ec_public_key(data):
    """SubjectPublicKeyInfo as attributes for create_object()."""
    content, _ = _der.read(data, _der.SEQUENCE)
    algorithm, rest = _der.read(content, _der.SEQUENCE)
    _, parameters = _der.read(algorithm, _der.OBJECT_IDENTIFIER)
    bits, _ = _der.read(rest, _der.BIT_STRING)
    return {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.KEY_TYPE: KeyType.EC, Attribute.EC_PARAMS: parameters,
            Attribute.EC_POINT: _der.element(_der.OCTET_STRING, bits[1:])}


def encode_ecdsa_signature(signature):
    """A signature of the token as other libraries have it: r and s in DER."""
    half = len(signature) // 2
    return _der.element(_der.SEQUENCE, *(_der.integer(int.from_bytes(part, "big")) for part in (signature[:half], signature[half:])))


def decode_ecdsa_signature(data, length=None):
    """r and s in DER as the token has it: two numbers of the curve's length in bytes, or as short as they both are."""
    numbers = _der.integers(data)
    length = length or max((number.bit_length() + 7) // 8 for number in numbers)
    return b"".join(number.to_bytes(length, "big") for number in numbers)
