"""The exceptions, and how they are made of what OpenSSL says."""

from _weakref import ref

from _pylon_caps import seal
from _ssl import cap
from _ssl.constants import _LIBRARIES, _MESSAGES, SSL_ERROR_SSL, SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE


@seal
class SSLError(OSError):
    """An error occurred in the SSL implementation."""

    __module__ = "ssl"

    def __str__(self):
        return self.strerror if isinstance(self.strerror, str) else str(self.args)


class SSLZeroReturnError(SSLError):
    """SSL/TLS session closed cleanly."""

    __module__ = "ssl"


class SSLWantReadError(SSLError):
    """Non-blocking SSL socket needs to read more data
    before the requested operation can be completed."""

    __module__ = "ssl"


class SSLWantWriteError(SSLError):
    """Non-blocking SSL socket needs to write more data
    before the requested operation can be completed."""

    __module__ = "ssl"


class SSLSyscallError(SSLError):
    """System error when attempting SSL operation."""

    __module__ = "ssl"


class SSLEOFError(SSLError):
    """SSL/TLS connection terminated abruptly."""

    __module__ = "ssl"


class SSLCertVerificationError(SSLError, ValueError):
    """A certificate could not be verified."""

    __module__ = "ssl"


def mnemonic(library, reason, message):
    """OpenSSL's symbol for a reason, which its text is made from, mostly."""
    if not message or reason >> 18:  # a reason that all libraries share
        return None
    known = _MESSAGES.get((library, reason))
    if known is None:
        known = "".join(letter if letter.isalnum() else "_" for letter in message.upper())
    return known.replace("SSL_TLS_ALERT_", "SSLV3_ALERT_", 1) if known.startswith("SSL_TLS_ALERT_") else known


def failure(problem, kind=SSLError, number=SSL_ERROR_SSL, text=None, extra=None):
    """The exception for what OpenSSL said."""
    library, reason, message = problem.code >> 23 & 0xFF, problem.code & 0x7FFFFF, problem.reason
    name, symbol = _LIBRARIES.get(library), mnemonic(library, reason, message)
    text = text or message or "unknown error"
    if extra:
        text = f"{text}: {extra}"
    if name:
        text = f"[{name}: {symbol}] {text}" if symbol else f"[{name}] {text}"
    error = kind(number, f"{text} (_ssl)")
    error.library, error.reason = name, symbol
    return error


def said(number, text, kind=SSLError):
    """An exception that OpenSSL says nothing about."""
    error = kind(number, f"{text} (_ssl)")
    error.library = error.reason = None
    return error


def wants_read():
    return said(SSL_ERROR_WANT_READ, "The operation did not complete (read)", SSLWantReadError)


def wants_write():
    return said(SSL_ERROR_WANT_WRITE, "The operation did not complete (write)", SSLWantWriteError)


def checked(function, *arguments):
    """A call of the cap whose failure is an SSLError."""
    try:
        return function(*arguments)
    except cap.Problem as problem:
        raise failure(problem.value) from None


def report(error):
    """Tells sys.unraisablehook of an exception that has nobody to be raised to, as one in a weak reference's function has."""
    class Gone:
        pass

    def tell(_):
        raise error

    gone = Gone()
    watch = ref(gone, tell)
    del gone
