"""Return values of PKCS #11 as exceptions."""


class PKCS11Error(RuntimeError):
    """Any of them. `code` is the return value, if it was one."""

    code = None


class NoSuchKey(PKCS11Error):
    """No key matches."""


class NoSuchToken(PKCS11Error):
    """No token matches."""


class MultipleObjectsReturned(PKCS11Error):
    """More than one key matches."""


class MultipleTokensReturned(PKCS11Error):
    """More than one token matches."""


_NAMES = {
    0x002: "HostMemory", 0x003: "SlotIDInvalid", 0x005: "GeneralError", 0x006: "FunctionFailed", 0x007: "ArgumentsBad",
    0x010: "AttributeReadOnly", 0x011: "AttributeSensitive", 0x012: "AttributeTypeInvalid", 0x013: "AttributeValueInvalid",
    0x01b: "ActionProhibited", 0x020: "DataInvalid", 0x021: "DataLenRange", 0x030: "DeviceError", 0x031: "DeviceMemory", 0x032: "DeviceRemoved",
    0x040: "EncryptedDataInvalid", 0x041: "EncryptedDataLenRange", 0x050: "FunctionCancelled", 0x054: "FunctionNotSupported",
    0x060: "KeyHandleInvalid", 0x062: "KeySizeRange", 0x063: "KeyTypeInconsistent", 0x064: "KeyNotNeeded", 0x066: "KeyNeeded",
    0x067: "KeyIndigestible", 0x068: "KeyFunctionNotPermitted", 0x069: "KeyNotWrappable", 0x06a: "KeyUnextractable",
    0x070: "MechanismInvalid", 0x071: "MechanismParamInvalid", 0x082: "ObjectHandleInvalid", 0x090: "OperationActive", 0x091: "OperationNotInitialized",
    0x0a0: "PinIncorrect", 0x0a1: "PinInvalid", 0x0a2: "PinLenRange", 0x0a3: "PinExpired", 0x0a4: "PinLocked",
    0x0b0: "SessionClosed", 0x0b1: "SessionCount", 0x0b3: "SessionHandleInvalid", 0x0b5: "SessionReadOnly", 0x0b6: "SessionExists",
    0x0b7: "SessionReadOnlyExists", 0x0b8: "SessionReadWriteSOExists", 0x0c0: "SignatureInvalid", 0x0c1: "SignatureLenRange",
    0x0d0: "TemplateIncomplete", 0x0d1: "TemplateInconsistent", 0x0e0: "TokenNotPresent", 0x0e1: "TokenNotRecognised", 0x0e2: "TokenWriteProtected",
    0x0f0: "UnwrappingKeyHandleInvalid", 0x0f1: "UnwrappingKeySizeRange", 0x0f2: "UnwrappingKeyTypeInconsistent",
    0x100: "UserAlreadyLoggedIn", 0x101: "UserNotLoggedIn", 0x102: "UserPinNotInitialized", 0x103: "UserTypeInvalid",
    0x104: "AnotherUserAlreadyLoggedIn", 0x105: "UserTooManyTypes", 0x110: "WrappedKeyInvalid", 0x112: "WrappedKeyLenRange",
    0x113: "WrappingKeyHandleInvalid", 0x114: "WrappingKeySizeRange", 0x115: "WrappingKeyTypeInconsistent",
    0x120: "RandomSeedNotSupported", 0x121: "RandomNoRNG", 0x130: "DomainParamsInvalid", 0x140: "CurveNotSupported",
    0x191: "CryptokiAlreadyInitialized",
}

_BY_CODE = {code: type(name, (PKCS11Error,), {"code": code, "__module__": __name__}) for code, name in _NAMES.items()}
globals().update({kind.__name__: kind for kind in _BY_CODE.values()})

__all__ = ["PKCS11Error", "NoSuchKey", "NoSuchToken", "MultipleObjectsReturned", "MultipleTokensReturned", *_NAMES.values()]


def _exception_of(error):
    """The exception of a return value, which the cap's own tells."""
    kind = _BY_CODE.get(error.code, PKCS11Error)
    exception = kind(f"{error.function}: {error.message}" if error.message else f"{error.function} failed with CKR 0x{error.code:x}")
    exception.code = error.code
    return exception
