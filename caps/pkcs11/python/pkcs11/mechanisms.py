"""Kinds of keys, mechanisms and their parameters."""

from enum import IntEnum

from .exceptions import ArgumentsBad


class KeyType(IntEnum):
    RSA = 0x00
    DSA = 0x01
    DH = 0x02
    EC = 0x03
    X9_42_DH = 0x04
    GENERIC_SECRET = 0x10
    DES2 = 0x14
    DES3 = 0x15
    AES = 0x1f
    SHA_1_HMAC = 0x28
    SHA256_HMAC = 0x2b
    SHA384_HMAC = 0x2c
    SHA512_HMAC = 0x2d
    SHA224_HMAC = 0x2e
    EC_EDWARDS = 0x40


class Mechanism(IntEnum):
    RSA_PKCS_KEY_PAIR_GEN = 0x000
    RSA_PKCS = 0x001
    RSA_X_509 = 0x003
    SHA1_RSA_PKCS = 0x006
    RSA_PKCS_OAEP = 0x009
    RSA_PKCS_PSS = 0x00d
    SHA1_RSA_PKCS_PSS = 0x00e
    DSA_KEY_PAIR_GEN = 0x010
    DSA = 0x011
    DSA_SHA1 = 0x012
    DSA_SHA224 = 0x013
    DSA_SHA256 = 0x014
    DSA_SHA384 = 0x015
    DSA_SHA512 = 0x016
    DH_PKCS_KEY_PAIR_GEN = 0x020
    DH_PKCS_DERIVE = 0x021
    SHA256_RSA_PKCS = 0x040
    SHA384_RSA_PKCS = 0x041
    SHA512_RSA_PKCS = 0x042
    SHA256_RSA_PKCS_PSS = 0x043
    SHA384_RSA_PKCS_PSS = 0x044
    SHA512_RSA_PKCS_PSS = 0x045
    SHA224_RSA_PKCS = 0x046
    SHA224_RSA_PKCS_PSS = 0x047
    DES2_KEY_GEN = 0x130
    DES3_KEY_GEN = 0x131
    DES3_ECB = 0x132
    DES3_CBC = 0x133
    DES3_CBC_PAD = 0x136
    DES3_CMAC = 0x138
    MD5 = 0x210
    SHA_1 = 0x220
    SHA_1_HMAC = 0x221
    SHA256 = 0x250
    SHA256_HMAC = 0x251
    SHA224 = 0x255
    SHA224_HMAC = 0x256
    SHA384 = 0x260
    SHA384_HMAC = 0x261
    SHA512 = 0x270
    SHA512_HMAC = 0x271
    GENERIC_SECRET_KEY_GEN = 0x350
    EC_KEY_PAIR_GEN = 0x1040
    ECDSA = 0x1041
    ECDSA_SHA1 = 0x1042
    ECDSA_SHA224 = 0x1043
    ECDSA_SHA256 = 0x1044
    ECDSA_SHA384 = 0x1045
    ECDSA_SHA512 = 0x1046
    ECDH1_DERIVE = 0x1050
    EC_EDWARDS_KEY_PAIR_GEN = 0x1055
    EDDSA = 0x1057
    AES_KEY_GEN = 0x1080
    AES_ECB = 0x1081
    AES_CBC = 0x1082
    AES_CBC_PAD = 0x1085
    AES_CTR = 0x1086
    AES_GCM = 0x1087
    AES_CMAC = 0x108a
    DSA_PARAMETER_GEN = 0x2000
    DH_PKCS_PARAMETER_GEN = 0x2001
    AES_KEY_WRAP = 0x2109
    AES_KEY_WRAP_PAD = 0x210a


class MGF(IntEnum):
    SHA1 = 1
    SHA256 = 2
    SHA384 = 3
    SHA512 = 4
    SHA224 = 5


class KDF(IntEnum):
    NULL = 1


class GCMParams:
    """Parameters of AES_GCM."""

    def __init__(self, nonce, aad=None, tag_bits=128):
        if len(nonce) > 12:
            raise ArgumentsBad("a nonce has at most 12 bytes")
        self.nonce, self.aad, self.tag_bits = nonce, aad, tag_bits


class CTRParams:
    """Parameters of AES_CTR: the part of the block before the counter, which begins at 1."""

    def __init__(self, nonce):
        if len(nonce) >= 16:
            raise ArgumentsBad("a nonce has at most 15 bytes, so that there is room for the counter")
        self.nonce = nonce
