"""Keys held by a token, through PKCS #11, in the shape of the package python-pkcs11.

    token = pkcs11.lib().init_token("demo", so_pin="1234", user_pin="4321")
    with token.open(rw=True, user_pin="4321") as session:
        public, private = session.generate_keypair(pkcs11.KeyType.RSA, 2048, label="key", store=True)
        signature = private.sign(b"data", mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS)

The tokens are kept in the directory that lib() is given, which the plan has to grant to the cap for writing; without one, in memory
until the run ends.
"""

import os as _os

from .constants import Attribute, CertificateType, MechanismFlag, ObjectClass, SlotFlag, TokenFlag, UserType
from .exceptions import *
from .exceptions import __all__ as _exceptions
from .mechanisms import CTRParams, GCMParams, KDF, KeyType, MGF, Mechanism
from .types import Certificate, DomainParameters, Key, Lib, MechanismInfo, Object, PrivateKey, PublicKey, SecretKey, Session, Slot, Token

__all__ = [
    "lib", "Attribute", "CertificateType", "MechanismFlag", "ObjectClass", "SlotFlag", "TokenFlag", "UserType", "CTRParams", "GCMParams", "KDF", "KeyType",
    "MGF", "Mechanism", "Certificate", "DomainParameters", "Key", "Lib", "MechanismInfo", "Object", "PrivateKey", "PublicKey", "SecretKey", "Session",
    "Slot", "Token", *_exceptions,
]

_lib = None


def lib(directory=None):
    """The library, with the tokens in that directory. There is one."""
    global _lib
    if directory is not None:
        directory = _os.path.abspath(_os.fsdecode(directory))
    if _lib is None or directory not in (None, _lib.token_directory):
        _lib = Lib(directory)
    return _lib
