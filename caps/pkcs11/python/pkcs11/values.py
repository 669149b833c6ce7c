"""Python's values as those of the cap, and back."""

import datetime as _datetime

import _pkcs11_cap as _cap

from . import defaults as _defaults
from .constants import Attribute, CertificateType, ObjectClass
from .exceptions import ArgumentsBad
from .mechanisms import CTRParams, GCMParams, KeyType, Mechanism

_ENUMS = {Attribute.CLASS: ObjectClass, Attribute.KEY_TYPE: KeyType, Attribute.CERTIFICATE_TYPE: CertificateType, Attribute.KEY_GEN_MECHANISM: Mechanism}
_TEXTS = {Attribute.LABEL, Attribute.APPLICATION, Attribute.URL}
_DATES = {Attribute.START_DATE, Attribute.END_DATE}
_FLAGS = {
    Attribute.TOKEN, Attribute.PRIVATE, Attribute.TRUSTED, Attribute.SENSITIVE, Attribute.ENCRYPT, Attribute.DECRYPT, Attribute.WRAP, Attribute.UNWRAP,
    Attribute.SIGN, Attribute.SIGN_RECOVER, Attribute.VERIFY, Attribute.VERIFY_RECOVER, Attribute.DERIVE, Attribute.EXTRACTABLE, Attribute.LOCAL,
    Attribute.NEVER_EXTRACTABLE, Attribute.ALWAYS_SENSITIVE, Attribute.MODIFIABLE, Attribute.COPYABLE, Attribute.DESTROYABLE,
    Attribute.ALWAYS_AUTHENTICATE, Attribute.WRAP_WITH_TRUSTED,
}
_PSS = {
    Mechanism.RSA_PKCS_PSS, Mechanism.SHA1_RSA_PKCS_PSS, Mechanism.SHA224_RSA_PKCS_PSS, Mechanism.SHA256_RSA_PKCS_PSS, Mechanism.SHA384_RSA_PKCS_PSS,
    Mechanism.SHA512_RSA_PKCS_PSS,
}


def to_cap(kind, value):
    """The value of an attribute as the cap takes it."""
    if kind in _FLAGS:
        return _cap.Value.Boolean(bool(value))
    if kind == Attribute.ALLOWED_MECHANISMS:
        return _cap.Value.Mechanisms([int(mechanism) for mechanism in value])
    if isinstance(value, int):
        return _cap.Value.Number(value)
    if isinstance(value, str):
        value = value.encode()
    elif isinstance(value, _datetime.date):
        value = value.strftime("%Y%m%d").encode()
    return _cap.Value.Bytes(bytes(value))


def from_cap(kind, value):
    """The value of an attribute as Python's."""
    value = value.value
    if kind in _ENUMS:
        try:
            return _ENUMS[kind](value)
        except ValueError:
            return value
    if kind in _TEXTS:
        return value.decode()
    if kind in _DATES and value:
        return _datetime.datetime.strptime(value.decode(), "%Y%m%d").date()
    if kind == Attribute.ALLOWED_MECHANISMS:
        return [Mechanism(number) for number in value]
    return value


def template(*parts):
    """Attributes, of which a later one takes the place of an earlier one, and None takes it out."""
    merged = {}
    for part in parts:
        merged.update(part or {})
    return [_cap.Attribute((kind, to_cap(kind, value))) for kind, value in merged.items() if value is not None]


def mechanism(kind, parameter, choices=None, key_type=None):
    """A mechanism with its parameter; without one, what `choices` has for that type of key."""
    if kind is None:
        kind = (choices or {}).get(key_type)
    if not isinstance(kind, Mechanism):
        raise ArgumentsBad("there is no default for this type of key: name a mechanism" if kind is None else "`mechanism` must be a Mechanism")
    return _cap.Mechanism((kind, _parameter(kind, parameter)))


def _parameter(kind, given):
    if isinstance(given, (bytes, bytearray, memoryview)):
        return _cap.Parameter.Bytes(bytes(given))
    if kind in _PSS:
        return _cap.Parameter.Pss(_cap.PssParameters(given or _defaults.PSS_PARAMETERS))
    if kind == Mechanism.RSA_PKCS_OAEP:
        digest, generator, label = given or _defaults.OAEP_PARAMETERS
        return _cap.Parameter.Oaep(_cap.OaepParameters((digest, generator, label or b"")))
    if kind == Mechanism.ECDH1_DERIVE and given is not None:
        derivation, shared, point = given
        return _cap.Parameter.Ecdh(_cap.EcdhParameters((derivation, shared or b"", point)))
    if isinstance(given, GCMParams):
        return _cap.Parameter.Gcm(_cap.GcmParameters((given.nonce, given.aad or b"", given.tag_bits)))
    if isinstance(given, CTRParams):
        nonce = bytes(given.nonce)
        return _cap.Parameter.Ctr(_cap.CtrParameters(((16 - len(nonce)) * 8, nonce + bytes(15 - len(nonce)) + b"\1")))
    if given is None:
        return _cap.Parameter.None_()
    raise ArgumentsBad("this mechanism takes no such mechanism_param")
