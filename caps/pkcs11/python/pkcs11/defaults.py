"""What is taken where a caller does not say it; as python-pkcs11 has it, but for mechanisms that this token lacks."""

from .constants import Attribute, MechanismFlag
from .mechanisms import KeyType, MGF, Mechanism

GENERATE = {
    KeyType.AES: Mechanism.AES_KEY_GEN, KeyType.DES2: Mechanism.DES2_KEY_GEN, KeyType.DES3: Mechanism.DES3_KEY_GEN,
    KeyType.GENERIC_SECRET: Mechanism.GENERIC_SECRET_KEY_GEN, KeyType.RSA: Mechanism.RSA_PKCS_KEY_PAIR_GEN, KeyType.DSA: Mechanism.DSA_KEY_PAIR_GEN,
    KeyType.DH: Mechanism.DH_PKCS_KEY_PAIR_GEN, KeyType.EC: Mechanism.EC_KEY_PAIR_GEN, KeyType.EC_EDWARDS: Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
}
ENCRYPT = {KeyType.AES: Mechanism.AES_CBC_PAD, KeyType.DES2: Mechanism.DES3_CBC_PAD, KeyType.DES3: Mechanism.DES3_CBC_PAD, KeyType.RSA: Mechanism.RSA_PKCS_OAEP}
SIGN = {
    KeyType.AES: Mechanism.AES_CMAC, KeyType.DES2: Mechanism.DES3_CMAC, KeyType.DES3: Mechanism.DES3_CMAC, KeyType.DSA: Mechanism.DSA_SHA512,
    KeyType.EC: Mechanism.ECDSA, KeyType.RSA: Mechanism.SHA512_RSA_PKCS, KeyType.EC_EDWARDS: Mechanism.EDDSA,
}
WRAP = {KeyType.AES: Mechanism.AES_KEY_WRAP, KeyType.DES2: Mechanism.DES3_ECB, KeyType.DES3: Mechanism.DES3_ECB, KeyType.RSA: Mechanism.RSA_PKCS_OAEP}
DERIVE = {KeyType.DH: Mechanism.DH_PKCS_DERIVE, KeyType.EC: Mechanism.ECDH1_DERIVE}

PSS_PARAMETERS = (Mechanism.SHA_1, MGF.SHA1, 20)
OAEP_PARAMETERS = (Mechanism.SHA_1, MGF.SHA1, None)

_ENCRYPTION = MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT
_SIGNING = MechanismFlag.SIGN | MechanismFlag.VERIFY
_ALL = _ENCRYPTION | _SIGNING | MechanismFlag.WRAP | MechanismFlag.UNWRAP
CAPABILITIES = {
    KeyType.AES: _ALL, KeyType.DES2: _ALL, KeyType.DES3: _ALL, KeyType.RSA: _ALL, KeyType.DSA: _SIGNING, KeyType.DH: MechanismFlag.DERIVE,
    KeyType.EC: _SIGNING | MechanismFlag.DERIVE, KeyType.EC_EDWARDS: _SIGNING, KeyType.GENERIC_SECRET: MechanismFlag(0),
}

PUBLIC_USES = {Attribute.ENCRYPT: MechanismFlag.ENCRYPT, Attribute.WRAP: MechanismFlag.WRAP, Attribute.VERIFY: MechanismFlag.VERIFY}
PRIVATE_USES = {Attribute.DECRYPT: MechanismFlag.DECRYPT, Attribute.UNWRAP: MechanismFlag.UNWRAP, Attribute.SIGN: MechanismFlag.SIGN, Attribute.DERIVE: MechanismFlag.DERIVE}
SECRET_USES = PUBLIC_USES | PRIVATE_USES
