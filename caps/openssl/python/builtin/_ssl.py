"""What the standard library's ssl is made of: sockets and buffers of Python, TLS by the openssl cap.

The cap sees bytes only. A connection's call takes what came from the peer and answers with what is to be sent;
this module waits for the network, as the socket's timeout says, and calls back into Python. Importing it does not
touch the cap: what it has to know of OpenSSL is written here, and tests/test_ssl_constants.py compares."""

import os as _os
import select as _select
import time as _time
from _operator import index as _index
from _thread import allocate_lock as _allocate_lock
from _weakref import ref as _ref

import _socket
from _ssl_constants import *
from _ssl_constants import _DEFAULT_CIPHERS, _LIBRARIES, _MESSAGES, _OPENSSL_API_VERSION, _PROTOCOL_NAMES, _PURPOSES, _VERSION_NAMES

_RECEIVE, _SEND = _socket.socket.recv, _socket.socket.send
_HEADER = 5  # bytes of a record before its body
_LARGEST_BODY = 16384 + 2048
_PIECE = 16384  # what is encrypted at a time where sending may have to stop
_LARGE_PIECE = 131072  # the same where it may not
_WINDOW = 32768  # of a MemoryBIO, given to the cap at a time
_LONGEST_PASSWORD = 1024
_VERIFY_PEER, _VERIFY_FAIL_IF_NO_CERTIFICATE = 1, 2
_NO_PROTOCOL = OP_NO_SSLv3 | OP_NO_TLSv1 | OP_NO_TLSv1_1 | OP_NO_TLSv1_2 | OP_NO_TLSv1_3
_HANDSHAKE_FAILURE, _INTERNAL_ERROR = 40, 80  # alerts
_HOST_MISMATCH, _ADDRESS_MISMATCH = 62, 64  # X509_V_ERR_*
_LIBRARY_SSL, _CERTIFICATE_VERIFY_FAILED = 20, 134

_openssl = None  # the cap, once it is needed


def _load():
    """The cap's interfaces and what this module takes from them."""
    global _openssl, _tls, _x509, _Problem, _Setting, _DONE, _WANTS_INPUT, _CLOSED, _BROKEN, _CLIENT_HELLO, _KEY_WANTED
    if _openssl is None:
        import _openssl_cap as cap

        _tls, _x509, _Problem, _Setting = cap.tls, cap.x509, cap.error.ProblemError, cap.tls.Setting
        status = _tls.Status
        _DONE, _WANTS_INPUT, _CLOSED, _BROKEN = status.DONE, status.WANTS_INPUT, status.CLOSED, status.BROKEN
        _CLIENT_HELLO, _KEY_WANTED = status.CLIENT_HELLO, status.KEY_WANTED
        _openssl = cap
    return _tls


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


def _mnemonic(library, reason, message):
    """OpenSSL's symbol for a reason, which its text is made from, mostly."""
    if not message or reason >> 18:  # a reason that all libraries share
        return None
    known = _MESSAGES.get((library, reason))
    if known is None:
        known = "".join(letter if letter.isalnum() else "_" for letter in message.upper())
    return known.replace("SSL_TLS_ALERT_", "SSLV3_ALERT_", 1) if known.startswith("SSL_TLS_ALERT_") else known


def _failure(problem, kind=SSLError, number=SSL_ERROR_SSL, text=None, extra=None):
    """The exception for what OpenSSL said."""
    library, reason, message = problem.code >> 23 & 0xFF, problem.code & 0x7FFFFF, problem.reason
    name, symbol = _LIBRARIES.get(library), _mnemonic(library, reason, message)
    text = text or message or "unknown error"
    if extra:
        text = f"{text}: {extra}"
    if name:
        text = f"[{name}: {symbol}] {text}" if symbol else f"[{name}] {text}"
    error = kind(number, f"{text} (_ssl)")
    error.library, error.reason = name, symbol
    return error


def _said(number, text, kind=SSLError):
    """An exception that OpenSSL says nothing about."""
    error = kind(number, f"{text} (_ssl)")
    error.library = error.reason = None
    return error


def _wants_read():
    return _said(SSL_ERROR_WANT_READ, "The operation did not complete (read)", SSLWantReadError)


def _wants_write():
    return _said(SSL_ERROR_WANT_WRITE, "The operation did not complete (write)", SSLWantWriteError)


def _not_made(cls):
    raise TypeError(f"cannot create '_ssl.{cls.__name__}' instances")


def _not_pickled(self):
    raise TypeError(f"cannot pickle {type(self).__name__!r} object")


def _kept(self):
    raise AttributeError("attribute cannot be deleted")


def _warn(text):
    """A warning for the caller of ssl.py."""
    import warnings

    warnings.warn(text, DeprecationWarning, 4)


def _path(value, name):
    """The file's name as a string or bytes."""
    try:
        return _os.fspath(value)
    except TypeError:
        raise TypeError(f"{name} should be a valid filesystem path") from None


def _content(path):
    with open(path, "rb") as file:
        return file.read()


def _key_content(path):
    """A private key's file, or the URI of a key that a token keeps (RFC 7512)."""
    name = _os.fsencode(path)
    return name if name.startswith(b"pkcs11:") else _content(path)


class MemoryBIO:
    """A memory buffer that can be used to pass data between Python and an SSL protocol instance."""

    __slots__ = ("_data", "_ended", "__weakref__")

    def __init__(self):
        self._data, self._ended = bytearray(), False

    @property
    def pending(self):
        """The number of bytes pending in the memory BIO."""
        return len(self._data)

    @property
    def eof(self):
        """Whether the memory BIO is at EOF."""
        return self._ended and not self._data

    def read(self, size=-1, /):
        """Read up to size bytes from the memory BIO.

        If size is not specified, read the entire buffer.
        If the return value is an empty bytes instance, this means either
        EOF or that no data is available. Use the "eof" property to
        distinguish between the two."""
        data = self._data
        if size < 0 or size >= len(data):
            self._data = bytearray()
            return bytes(data)
        out = bytes(memoryview(data)[:size])
        del data[:size]
        return out

    def write(self, b, /):
        """Writes the bytes b into the memory BIO.

        Returns the number of bytes written."""
        with memoryview(b) as view:
            if not view.c_contiguous:
                raise BufferError("memoryview: underlying buffer is not C-contiguous")
            if self._ended:
                raise _said(SSL_ERROR_SSL, "cannot write() after write_eof()")
            self._data += view
            return view.nbytes

    def write_eof(self):
        """Write an EOF marker to the memory BIO.

        When all data has been read, the "eof" property will be True."""
        self._ended = True

    __reduce__ = _not_pickled


class Certificate:
    """A certificate of a chain."""

    __slots__ = ("_der",)
    __new__ = _not_made

    @classmethod
    def _of(cls, der):
        self = object.__new__(cls)
        self._der = der
        return self

    def public_bytes(self, format=ENCODING_PEM):
        """The certificate as text (ENCODING_PEM) or bytes (ENCODING_DER)."""
        if format == ENCODING_DER:
            return self._der
        if format != ENCODING_PEM:
            raise ValueError("Unsupported format")
        from binascii import b2a_base64

        lines = (b2a_base64(self._der[at:at + 48]).decode() for at in range(0, len(self._der), 48))
        return f"-----BEGIN CERTIFICATE-----\n{''.join(lines)}-----END CERTIFICATE-----\n"

    def get_info(self):
        """What getpeercert() says of a certificate."""
        return _described(self._der)

    def __repr__(self):
        return f"<_ssl.Certificate '{_x509.subject_line(self._der)}'>"

    def __eq__(self, other):
        return self._der == other._der if isinstance(other, Certificate) else NotImplemented

    def __hash__(self):
        return hash(self._der)


def _described(der):
    """A certificate as the dictionary of getpeercert()."""
    def name(sets):
        return tuple(tuple(tuple(pair) for pair in each) for each in sets)

    _load()
    try:
        found = _x509.describe(der)
    except _Problem as problem:
        raise _failure(problem.value) from None
    out = {"subject": name(found.subject), "issuer": name(found.issuer), "version": found.version, "serialNumber": found.serial_number,
           "notBefore": found.not_before, "notAfter": found.not_after}
    if found.alternative_names:
        out["subjectAltName"] = tuple(tuple(each.value) if each.tag == "text" else ("DirName", name(each.value)) for each in found.alternative_names)
    for key, values in (("OCSP", found.status_services), ("caIssuers", found.issuer_locations), ("crlDistributionPoints", found.revocation_lists)):
        if values:
            out[key] = tuple(values)
    return out


def _test_decode_cert(path, /):
    """The description of the certificate in a PEM file."""
    _load()
    try:
        return _described(_x509.from_pem(_content(path)))
    except _Problem as problem:
        raise _failure(problem.value) from None


class SSLSession:
    """What a client can take up again."""

    __slots__ = ("_session", "_context", "__weakref__")
    __new__, __reduce__ = _not_made, _not_pickled

    @classmethod
    def _of(cls, session, context):
        self = object.__new__(cls)
        self._session, self._context = session, context
        return self

    id = property(lambda self: self._session.id(), doc="Session ID.")
    time = property(lambda self: self._session.time(), doc="Session creation time (seconds since epoch).")
    timeout = property(lambda self: self._session.timeout(), doc="Session timeout (delta in seconds).")
    ticket_lifetime_hint = property(lambda self: self._session.ticket_lifetime(), doc="Ticket life time hint.")
    has_ticket = property(lambda self: self._session.has_ticket(), doc="Does the session contain a ticket?")

    def __eq__(self, other):
        return self.id == other.id if isinstance(other, SSLSession) else NotImplemented

    def __hash__(self):
        return hash(self.id)


def _checked(function, *arguments):
    """A call of the cap whose failure is an SSLError."""
    try:
        return function(*arguments)
    except _Problem as problem:
        raise _failure(problem.value) from None


def _setting(name, read=None, doc=None):
    """A property that only the cap has, a number."""
    def get(self):
        value = self._cap.get(getattr(_Setting, name))
        return read(value) if read else value

    return property(get, doc=doc)


class _SSLContext:
    """What connections have in common."""

    __slots__ = ("_cap", "_protocol", "_check_hostname", "_verify", "_later", "_sni", "_message", "_keylog", "_keylog_name", "_folders",
                 "_client_key", "_server_key")
    __reduce__ = _not_pickled

    def __new__(cls, protocol, /):
        methods = {PROTOCOL_TLS: "ANY", PROTOCOL_TLS_CLIENT: "CLIENT", PROTOCOL_TLS_SERVER: "SERVER", PROTOCOL_TLSv1: "TLS1",
                   PROTOCOL_TLSv1_1: "TLS1_1", PROTOCOL_TLSv1_2: "TLS1_2"}
        if protocol not in methods:
            raise ValueError("invalid or unsupported protocol version")
        if protocol not in (PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER):
            _warn(f"ssl.{_PROTOCOL_NAMES[protocol]} is deprecated")
        tls = _load()
        self = object.__new__(cls)
        self._cap = _checked(tls.Context.open, tls.Method[methods[protocol]])
        self._protocol, self._check_hostname, self._verify, self._later = int(protocol), False, CERT_NONE, False
        self._sni = self._message = self._keylog = self._keylog_name = self._client_key = self._server_key = None
        self._folders = []
        if protocol == PROTOCOL_TLS_CLIENT:
            _SSLContext.verify_mode.__set__(self, CERT_REQUIRED)
            self._check_hostname = True
        return self

    protocol = property(lambda self: self._protocol, doc="The protocol version of the context.")
    security_level = _setting("SECURITY_LEVEL", doc="The current security level.")

    def _set(self, name, value):
        _checked(self._cap.set, _Setting[name], value)

    def _get_options(self):
        return self._cap.get(_Setting.OPTIONS)

    def _set_options(self, value):
        if not isinstance(value, int):
            raise TypeError(f"argument must be int, not {type(value).__name__}")
        if value < 0:
            raise ValueError("options must be non-negative")
        if value >> 63:
            raise OverflowError("Python int too large to convert to C unsigned long long")
        if value & ~self._get_options() & _NO_PROTOCOL:
            _warn("ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated")
        self._set("OPTIONS", int(value))

    options = property(_get_options, _set_options, _kept)

    def _set_check_hostname(self, value):
        self._check_hostname = bool(value)
        if self._check_hostname and self._verify == CERT_NONE:
            _SSLContext.verify_mode.__set__(self, CERT_REQUIRED)

    check_hostname = property(lambda self: self._check_hostname, _set_check_hostname, _kept)

    def _set_verify_mode(self, value):
        if not isinstance(value, int):
            raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
        modes = {CERT_NONE: 0, CERT_OPTIONAL: _VERIFY_PEER, CERT_REQUIRED: _VERIFY_PEER | _VERIFY_FAIL_IF_NO_CERTIFICATE}
        if value not in modes:
            raise ValueError("invalid value for verify_mode")
        if value == CERT_NONE and self._check_hostname:
            raise ValueError("Cannot set verify_mode to CERT_NONE when check_hostname is enabled.")
        self._set("VERIFY_MODE", modes[value])
        self._verify = int(value)

    verify_mode = property(lambda self: self._verify, _set_verify_mode, _kept)

    def _set_verify_flags(self, value):
        if not isinstance(value, int):
            raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
        self._set("VERIFY_FLAGS", int(value))

    verify_flags = property(lambda self: self._cap.get(_Setting.VERIFY_FLAGS), _set_verify_flags, _kept)
    _host_flags = property(lambda self: self._cap.get(_Setting.HOST_FLAGS), lambda self, value: self._set("HOST_FLAGS", int(value)), _kept)

    def _set_version(self, name, value, special):
        if not isinstance(value, int):
            raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
        if self._protocol not in (PROTOCOL_TLS, PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER):
            raise ValueError("The context's protocol doesn't support modification of highest and lowest version.")
        if value not in special:
            if value not in _VERSION_NAMES:
                raise ValueError(f"Unsupported TLS/SSL version {value:#x}")
            if value < PROTO_TLSv1_2:
                _warn(f"ssl.TLSVersion.{_VERSION_NAMES[value]} is deprecated")
        try:
            self._cap.set(_Setting[name], special.get(value, int(value)))
        except _Problem:
            raise ValueError(f"Unsupported protocol version {value:#x}") from None

    minimum_version = property(
        lambda self: self._cap.get(_Setting.MINIMUM_VERSION) or PROTO_MINIMUM_SUPPORTED,
        lambda self, value: self._set_version("MINIMUM_VERSION", value, {PROTO_MINIMUM_SUPPORTED: 0, PROTO_MAXIMUM_SUPPORTED: PROTO_TLSv1_3}), _kept)
    maximum_version = property(
        lambda self: self._cap.get(_Setting.MAXIMUM_VERSION) or PROTO_MAXIMUM_SUPPORTED,
        lambda self, value: self._set_version("MAXIMUM_VERSION", value, {PROTO_MINIMUM_SUPPORTED: PROTO_TLSv1, PROTO_MAXIMUM_SUPPORTED: 0}), _kept)

    def _set_num_tickets(self, value):
        if not isinstance(value, int):
            raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
        if value < 0:
            raise ValueError("value must be non-negative")
        if self._protocol != PROTOCOL_TLS_SERVER:
            raise ValueError("SSLContext is not a server context.")
        self._set("TICKETS", int(value))

    num_tickets = property(lambda self: self._cap.get(_Setting.TICKETS), _set_num_tickets, _kept, "Control the number of TLSv1.3 session tickets.")

    def _set_later(self, value):
        self._set("POST_HANDSHAKE_AUTHENTICATION", bool(value))
        self._later = bool(value)

    post_handshake_auth = property(lambda self: self._later, _set_later, _kept)

    def _set_sni(self, callback):
        if self._protocol == PROTOCOL_TLS_CLIENT:
            raise ValueError("sni_callback cannot be set on TLS_CLIENT context")
        if callback is not None and not callable(callback):
            raise TypeError("not a callable object")
        self._sni = callback
        self._set("CLIENT_HELLO_STOPS", callback is not None)

    sni_callback = property(
        lambda self: self._sni, _set_sni, _kept,
        """Set a callback that will be called when a server name is provided by the SSL/TLS client in the SNI extension.

If the argument is None then the callback is disabled. The method is called
with the SSLSocket, the server name as a string, and the SSLContext object.

See RFC 6066 for details of the SNI extension.""")

    def _set_message(self, callback):
        if callback is not None and not callable(callback):
            raise TypeError(f"{callback} is not callable.")
        self._message = callback
        self._set("MESSAGES", callback is not None)

    _msg_callback = property(lambda self: self._message, _set_message, _kept)

    def _set_keylog(self, name):
        if self._keylog is not None:
            self._keylog.close()
        self._keylog = self._keylog_name = None
        if name is None:
            self._set("KEY_LOG", False)
            return
        _os.fspath(name)
        self._keylog = open(name, "ab")
        if self._keylog.tell() == 0:
            self._keylog.write(b"# TLS secrets log file, generated by OpenSSL / Python\n")
            self._keylog.flush()
        self._keylog_name = name
        self._set("KEY_LOG", True)

    keylog_filename = property(lambda self: self._keylog_name, _set_keylog, _kept)

    def set_ciphers(self, cipherlist, /):
        if not isinstance(cipherlist, str):
            raise TypeError(f"set_ciphers() argument must be str, not {type(cipherlist).__name__}")
        try:
            self._cap.set_ciphers(cipherlist)
        except _Problem:
            raise SSLError("No cipher can be selected.") from None

    def get_ciphers(self):
        return [{"id": each.id, "name": each.name, "protocol": each.protocol, "description": each.description, "strength_bits": each.strength_bits,
                 "alg_bits": each.algorithm_bits, "aead": each.aead, "symmetric": each.symmetric, "digest": each.digest, "kea": each.key_exchange,
                 "auth": each.authentication} for each in self._cap.ciphers()]

    def set_ecdh_curve(self, name, /):
        if not isinstance(name, (str, bytes)):
            raise TypeError(f"expected str, bytes or os.PathLike object, not {type(name).__name__}")
        try:
            self._cap.set_groups(name if isinstance(name, str) else name.decode())
        except _Problem:
            raise ValueError(f"unknown elliptic curve name {name!r}") from None

    def _set_alpn_protocols(self, protos, /):
        _checked(self._cap.set_application_protocols, protos)

    def load_cert_chain(self, certfile, keyfile=None, password=None):
        chain = _path(certfile, "certfile")
        key = chain if keyfile is None else _path(keyfile, "keyfile")
        if password is not None and not callable(password) and not isinstance(password, (str, bytes, bytearray)):
            raise TypeError("password should be a string or callable")
        same, chain = key is chain, _content(chain)
        key = chain if same else _key_content(key)
        if _checked(self._cap.load_certificate, chain, key, None) == _tls.Loaded.DONE:
            return
        if password is None:
            raise _said(SSL_ERROR_SSL, "the private key is encrypted, and there is no password")
        _checked(self._cap.load_certificate, chain, key, _asked(password))

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        if cafile is None and capath is None and cadata is None:
            raise TypeError("cafile, capath and cadata cannot be all omitted")
        if cafile is not None:
            cafile = _path(cafile, "cafile")
        if capath is not None:
            capath = _path(capath, "capath")
        if cadata is not None:
            self._trust_data(cadata)
        if cafile is not None and not _checked(self._cap.trust, _content(cafile), _tls.Encoding.PEM):
            raise _said(SSL_ERROR_SSL, "[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found")
        if capath is not None:
            self._folders.append(capath)

    def _trust_data(self, data):
        """Certificates as PEM text or DER bytes."""
        text = isinstance(data, str)
        if text:
            try:
                data = data.encode("ascii")
            except UnicodeEncodeError:
                raise TypeError("cadata should be an ASCII string or a bytes-like object") from None
        else:
            try:
                data = bytes(memoryview(data))
            except TypeError:
                raise TypeError("cadata should be an ASCII string or a bytes-like object") from None
        if not data:
            raise ValueError("Empty certificate data")
        if not text and data[:1] != b"\x30":
            raise _said(SSL_ERROR_SSL, "not enough data: cadata does not contain a certificate")
        if not _checked(self._cap.trust, data, _tls.Encoding.PEM if text else _tls.Encoding.DER):
            raise _said(SSL_ERROR_SSL, "no start line: cadata does not contain a certificate")

    def set_default_verify_paths(self):
        """The authorities of the host, where it lets them be read, or else those that come with the cap."""
        file, folder = _os.environ.get("SSL_CERT_FILE"), _os.environ.get("SSL_CERT_DIR")
        if folder:
            self._folders.append(folder)
        found = self._trust_file(file or _default_paths()[1])
        if not found and not file and not folder:
            self._cap.trust_own()

    def _trust_file(self, path):
        """How many certificates were found in a file that need not be there."""
        try:
            return self._cap.trust(_content(path), _tls.Encoding.PEM)
        except (OSError, _Problem):
            return 0

    def _read_folders(self):
        """Hands the cap what lies in the folders of authorities. It reads from it what it needs."""
        folders, self._folders = self._folders, []
        for folder in folders:
            files = []
            try:
                names = _os.listdir(folder)
            except OSError:
                continue
            for name in map(_os.fsdecode, names):
                stem, _, number = name.partition(".")
                if len(stem) == 8 and number.removeprefix("r").isdecimal():
                    try:
                        files.append((name, _content(_os.path.join(_os.fsdecode(folder), name))))
                    except OSError:
                        continue
            self._cap.trust_folder(files)

    def load_dh_params(self, path, /):
        _checked(self._cap.load_parameters, _content(_os.fspath(path)))

    def cert_store_stats(self):
        found = self._cap.store_statistics()
        return {"x509": found.certificates, "crl": found.revocation_lists, "x509_ca": found.authorities}

    def get_ca_certs(self, binary_form=False):
        found = self._cap.authorities()
        return found if binary_form else [_described(der) for der in found]

    def session_stats(self):
        return {name: getattr(self._cap.session_statistics(), name) for name in (
            "number", "connect", "connect_good", "connect_renegotiate", "accept", "accept_good", "accept_renegotiate", "hits", "misses", "timeouts", "cache_full")}

    def set_psk_client_callback(self, callback):
        if self._protocol == PROTOCOL_TLS_SERVER:
            raise _said(SSL_ERROR_SSL, "Cannot add PSK client callback to a PROTOCOL_TLS_SERVER context")
        if callback is not None and not callable(callback):
            raise TypeError("callback must be callable")
        self._client_key = callback
        self._set("CLIENT_KEYS", callback is not None)

    def set_psk_server_callback(self, callback, identity_hint=None):
        if self._protocol == PROTOCOL_TLS_CLIENT:
            raise _said(SSL_ERROR_SSL, "Cannot add PSK server callback to a PROTOCOL_TLS_CLIENT context")
        if callback is not None and not callable(callback):
            raise TypeError("callback must be callable")
        _checked(self._cap.set_key_hint, identity_hint if callback is not None else None)
        self._server_key = callback
        self._set("SERVER_KEYS", callback is not None)

    def _wrap_socket(self, sock, server_side, server_hostname=None, *, owner=None, session=None):
        if not isinstance(sock, _socket.socket):
            raise TypeError(f"_wrap_socket() argument 1 must be _socket.socket, not {type(sock).__name__}")
        return _SSLSocket._of(self, _SocketEnd(sock), server_side, server_hostname, owner, session)

    def _wrap_bio(self, incoming, outgoing, server_side, server_hostname=None, *, owner=None, session=None):
        for bio in (incoming, outgoing):
            if not isinstance(bio, MemoryBIO):
                raise TypeError(f"_wrap_bio() argument must be _ssl.MemoryBIO, not {type(bio).__name__}")
        return _SSLSocket._of(self, _BufferEnd(incoming, outgoing), server_side, server_hostname, owner, session)

    def _note(self, owner, event):
        """Serves what a connection handed out: a line of the key log, a protocol message."""
        if event.tag == "secret":
            if self._keylog is not None:
                self._keylog.write(event.value.encode() + b"\n")
                self._keylog.flush()
        elif self._message is not None:
            said = event.value
            self._message(owner, "write" if said.sent else "read", said.version, said.content_type, said.message_type, said.data)


def _asked(password):
    """The bytes of a password, or of what a function returns."""
    text = "password should be a string or callable"
    if callable(password):
        password, text = password(), "password callback must return a string"
    if isinstance(password, str):
        password = password.encode()
    if not isinstance(password, (bytes, bytearray)):
        raise TypeError(text)
    if len(password) > _LONGEST_PASSWORD:
        raise ValueError(f"password cannot be longer than {_LONGEST_PASSWORD} bytes")
    return bytes(password)


class _Deadline:
    """How long an operation may still wait: for ever, not at all, or for the rest of the socket's timeout."""

    __slots__ = ("timeout", "ends", "what")

    def __init__(self, timeout, what):
        self.timeout, self.ends, self.what = timeout, None, what

    def wait(self, sock, event):
        """Waits for the socket. At first its own timeout does: it ends an eighth too late at most."""
        if not self.timeout:
            return
        now = _time.monotonic()
        if self.ends is None:
            self.ends = now + self.timeout
        if now < self.ends - self.timeout * 0.875:
            return
        poll = _select.poll()
        poll.register(sock.fileno(), _select.POLLIN if event == "read" else _select.POLLOUT)
        if now >= self.ends or not poll.poll((self.ends - now) * 1000):
            raise self.expired()

    def expired(self):
        return TimeoutError(f"The {self.what} operation timed out")


class _SocketEnd:
    """The network side of a connection: a socket that somebody else owns. Never takes more from it than the record that is due."""

    __slots__ = ("_sock", "_inbox", "_outbox", "_ended", "_sending")
    chunk = property(lambda self: _PIECE if self.socket().gettimeout() is not None else _LARGE_PIECE)

    def __init__(self, sock):
        self._sock, self._inbox, self._outbox, self._ended, self._sending = _ref(sock), b"", bytearray(), False, _allocate_lock()

    def socket(self):
        """The socket, if its owner still has it."""
        sock = self._sock()
        if sock is None or sock.fileno() < 0:
            raise _said(SSL_ERROR_SYSCALL, "Underlying socket connection gone")
        return sock

    def deadline(self, what):
        return _Deadline(_socket.socket.gettimeout(self.socket()), what)

    def offer(self):
        return self._inbox, self._ended

    def taken(self, count):
        if count:
            self._inbox = self._inbox[count:]

    def put(self, data):
        self._outbox += data

    @property
    def empty(self):
        """Whether nothing can be had without the socket."""
        return not self._inbox and not self._ended

    def flush(self, deadline):
        """Sends what waits; raises SSLWantWriteError where the socket must not wait."""
        with self._sending:
            sock, outbox = self.socket(), self._outbox
            while outbox:
                deadline.wait(sock, "write")
                try:
                    count = _SEND(sock, outbox)
                except (BlockingIOError, InterruptedError):
                    raise _wants_write() from None
                except TimeoutError:
                    raise deadline.expired() from None
                del outbox[:count]

    def fill(self, wanted, deadline):
        """Receives what OpenSSL asked for. If that is a record's header, the body, too, if it is there."""
        sock = self.socket()
        first = not self._inbox and wanted in (0, _HEADER)
        data = self._receive(sock, wanted or _HEADER, deadline)
        self._inbox += data
        if not data:
            self._ended = True
        elif first and len(data) == _HEADER and 20 <= data[0] <= 24 and data[1] == 3:
            size = data[3] << 8 | data[4]
            if 0 < size <= _LARGEST_BODY:
                try:
                    self._inbox += self._receive(sock, size, deadline)
                except SSLWantReadError:
                    pass  # the header alone is something, too

    @staticmethod
    def _receive(sock, count, deadline):
        deadline.wait(sock, "read")
        try:
            return _RECEIVE(sock, count)
        except (BlockingIOError, InterruptedError):
            raise _wants_read() from None
        except TimeoutError:
            raise deadline.expired() from None


class _BufferEnd:
    """The same for two MemoryBIO, which never wait."""

    __slots__ = ("_incoming", "_outgoing", "_window", "_all", "_stuck")
    chunk, empty = _LARGE_PIECE, False  # what is there is looked at by OpenSSL

    def __init__(self, incoming, outgoing):
        self._incoming, self._outgoing, self._window, self._all, self._stuck = incoming, outgoing, _WINDOW, True, False

    def socket(self):
        return None

    def deadline(self, what):
        return None

    def offer(self):
        """What there is, but not so much that a large buffer is copied for each record in it."""
        data = self._incoming._data
        self._all = len(data) <= self._window
        return (bytes(data), self._incoming._ended) if self._all else (bytes(memoryview(data)[:self._window]), False)

    def taken(self, count):
        self._stuck = not count
        del self._incoming._data[:count]

    def put(self, data):
        self._outgoing._data += data

    def flush(self, deadline):
        pass

    def fill(self, wanted, deadline):
        """More of what is there, if not all of it was offered."""
        if self._all and not self._incoming.eof:
            raise _wants_read()
        if self._stuck:
            self._window *= 2


class _SSLSocket:
    """One connection: the cap's, between the two ends of a socket or of two MemoryBIO."""

    __slots__ = ("_cap", "_context", "_end", "_server", "_name", "_owner", "_lock", "_receiving", "_established", "_pending", "_wanted", "_over", "_said_goodbye",
                 "_claimed", "_description", "__weakref__")
    __new__, __reduce__ = _not_made, _not_pickled

    @classmethod
    def _of(cls, context, end, server_side, name, owner, session):
        if server_side and name is not None:
            raise ValueError("server_hostname can only be specified in client mode")
        if server_side and session is not None:
            raise ValueError("session can only be specified in client mode")
        if context._check_hostname and not server_side and not name:
            raise ValueError("check_hostname requires server_hostname")
        name = _host_name(name)
        if server_side and context._protocol == PROTOCOL_TLS_CLIENT:
            raise _said(SSL_ERROR_SSL, "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context")
        if not server_side and context._protocol == PROTOCOL_TLS_SERVER:
            raise _said(SSL_ERROR_SSL, "Cannot create a client socket with a PROTOCOL_TLS_SERVER context")
        if context._folders:
            context._read_folders()
        self = object.__new__(cls)
        self._context, self._end, self._server, self._name = context, end, bool(server_side), name
        self._owner = None if owner is None else _ref(owner)
        self._lock, self._receiving = _allocate_lock(), _allocate_lock()
        self._established = self._over = self._said_goodbye = False
        self._pending = self._wanted = self._claimed = 0
        self._description = None
        kind = None if name is None else _tls.NameKind.ADDRESS if _is_address(name) else _tls.NameKind.HOST
        peer = (kind, name) if name is not None and context._check_hostname else None
        self._cap = _checked(_tls.Connection.open, context._cap, self._server, name if kind == _tls.NameKind.HOST else None, peer)
        if session is not None:
            self.session = session
        return self

    server_side = property(lambda self: self._server, doc="Whether this is a server-side socket.")
    server_hostname = property(lambda self: self._name, doc="The currently set server hostname (for SNI).")

    def _set_context(self, context):
        if not isinstance(context, _SSLContext):
            raise TypeError("The value must be a SSLContext")
        self._cap.set_context(context._cap)
        self._context = context

    context = property(lambda self: self._context, _set_context, _kept)

    def _set_owner(self, owner):
        self._owner = None if owner is None else _ref(owner)

    owner = property(lambda self: None if self._owner is None else self._owner(), _set_owner, _kept)

    def _get_session(self):
        found = self._cap.session()
        return None if found is None else SSLSession._of(found, self._context)

    def _set_session(self, session):
        if not isinstance(session, SSLSession):
            raise TypeError("Value is not a SSLSession.")
        if session._context is not self._context:
            raise ValueError("Session refers to a different SSLContext.")
        if self._server:
            raise ValueError("Cannot set session for server-side SSLSocket.")
        if self._established:
            raise ValueError("Cannot set session after handshake.")
        _checked(self._cap.set_session, session._session)

    session = property(_get_session, _set_session, _kept)
    session_reused = property(lambda self: self._facts().session_reused, None, _kept)

    def _facts(self):
        """What was agreed on, which does not change any more after the handshake."""
        if self._description is not None:
            return self._description
        found = self._cap.describe()
        if self._established:
            self._description = found
        return found

    def _step(self, function, *arguments, offers=True):
        """One call of the cap with what the peer sent; what is to be sent is queued in the same order."""
        end = self._end
        with self._lock:
            answer = function(*end.offer(), *arguments) if offers else function(*arguments)
            end.put(answer.outgoing)
            if offers:
                end.taken(answer.taken)
            self._pending, self._wanted, self._established = answer.pending, answer.wanted, answer.established
        raised = None
        for event in answer.events:
            try:
                self._context._note(self._named(), event)
            except BaseException as error:
                raised = error
        if raised is not None:
            raise raised
        return answer

    def _named(self):
        """Whom callbacks get to see."""
        if self._owner is not None:
            return self._owner()
        sock = self._end.socket()
        return self if sock is None else sock

    def _run(self, what, function, *arguments):
        """Repeats a step until it has come to something; returns its answer."""
        end, deadline = self._end, self._end.deadline(what)
        end.flush(deadline)
        while True:
            answer = self._step(function, *arguments)
            status = answer.status
            if status == _CLIENT_HELLO:
                self._answer_hello()
                continue
            if status == _KEY_WANTED:
                self._answer_key()
                continue
            if status in (_DONE, _WANTS_INPUT):
                end.flush(deadline)
            if status != _WANTS_INPUT:
                return answer if status == _DONE else self._fail(answer, deadline)
            self._fill(deadline)

    def _fill(self, deadline):
        with self._receiving:
            self._end.fill(self._wanted, deadline)

    def _fail(self, answer, deadline):
        """Raises what an answer says, after the alert that it may hold has been sent; a connection that was closed has an answer."""
        self._over = True
        try:
            self._end.flush(deadline)
        except OSError:
            pass
        if answer.status == _CLOSED:
            return answer
        if answer.status == _BROKEN:
            raise _failure(answer.problem, SSLEOFError, SSL_ERROR_EOF, "EOF occurred in violation of protocol") if answer.problem else _said(
                SSL_ERROR_EOF, "EOF occurred in violation of protocol", SSLEOFError)
        problem = answer.problem
        if problem.code >> 23 & 0xFF != _LIBRARY_SSL or problem.code & 0x7FFFFF != _CERTIFICATE_VERIFY_FAILED:
            raise _failure(problem)
        code = answer.verification
        text = (f"Hostname mismatch, certificate is not valid for '{self._name}'." if code == _HOST_MISMATCH
                else f"IP address mismatch, certificate is not valid for '{self._name}'." if code == _ADDRESS_MISMATCH else _tls.verification_message(code))
        error = _failure(problem, SSLCertVerificationError, extra=text)
        error.verify_code, error.verify_message = code, text
        raise error

    def _answer_hello(self):
        """Asks the context's function what to do with the name that a client asks for."""
        alert, callback, context = None, self._context._sni, self._context
        owner = self._named()
        if callback is not None and owner is None:
            alert = _INTERNAL_ERROR
        elif callback is not None:
            try:
                answer = callback(owner, self._cap.client_hello_name(), context)
            except Exception as error:
                _report(error)
                alert = _HANDSHAKE_FAILURE
            else:
                if answer is not None:
                    try:
                        alert = _index(answer) & 0xFF
                    except Exception as error:
                        _report(error)
                        alert = _INTERNAL_ERROR
        self._cap.client_hello_answer(alert)

    def _answer_key(self):
        """Asks the context's function for the pre-shared key that the handshake needs."""
        request, identity, key = self._cap.key_request(), b"", None
        callback = self._context._server_key if self._server else self._context._client_key
        try:
            asked = None if request is None else request.decode(errors="replace")
            if callback is not None and self._server:
                identity, asked = request or b"", asked or None
                if "\N{REPLACEMENT CHARACTER}" not in (asked or ""):  # nobody has such a name: a ticket, or noise
                    key = callback(asked)
            elif callback is not None:
                identity, key = callback(asked)
                identity = (identity or "").encode()
            if key is not None:
                key = bytes(memoryview(key))
        except Exception as error:
            _report(error)
            identity, key = request if self._server and request else b"", None
        self._cap.pre_shared_key(identity, key)

    def do_handshake(self):
        """Perform the TLS handshake."""
        if self._run("handshake", self._cap.handshake).status == _CLOSED:
            raise _said(SSL_ERROR_ZERO_RETURN, "TLS/SSL connection has been closed (EOF)", SSLZeroReturnError)

    def read(self, size, buffer=None, /):
        """Read up to size bytes from the SSL socket."""
        if buffer is None:
            if size < 0:
                raise ValueError("size should not be negative")
            return self._read(size) if size else b""
        with memoryview(buffer) as view, view.cast("B") as octets:
            if size <= 0 or size > len(octets):
                size = len(octets)
            if not size:
                return 0
            data = self._read(size)
            octets[:len(data)] = data
            return len(data)

    def _read(self, size):
        end = self._end
        if self._established and not self._pending and not self._over and end.empty:
            deadline = end.deadline("read")
            end.flush(deadline)
            self._fill(deadline)  # nothing can be read before that
        answer = self._run("read", self._cap.read, min(size, 0xFFFFFFFF))
        if answer.status == _CLOSED and self._said_goodbye:
            raise _said(SSL_ERROR_ZERO_RETURN, "TLS/SSL connection has been closed (EOF)", SSLZeroReturnError)
        return answer.data

    def write(self, b, /):
        """Writes the bytes-like object b into the SSL object.

        Returns the number of bytes written."""
        end, deadline, done = self._end, self._end.deadline("write"), 0
        with memoryview(b) as view, view.cast("B") as data:
            end.flush(deadline)
            if self._claimed:  # what was asked for before is on its way now
                done, self._claimed = min(self._claimed, len(data)), 0
            step = end.chunk
            while done < len(data):
                piece = data[done:done + step]
                answer = self._step(self._write, piece)
                while answer.status == _WANTS_INPUT:
                    end.flush(deadline)
                    self._fill(deadline)
                    answer = self._step(self._write, piece)
                if answer.status != _DONE:
                    self._fail(answer, deadline)
                    raise _said(SSL_ERROR_ZERO_RETURN, "TLS/SSL connection has been closed (EOF)", SSLZeroReturnError)
                try:
                    end.flush(deadline)
                except (SSLWantWriteError, TimeoutError):
                    self._claimed = len(piece)
                    if done:
                        return done
                    raise
                done += len(piece)
        return done

    def _write(self, incoming, ended, data):
        return self._cap.write(data, incoming, ended)

    def pending(self):
        """Returns the number of already decrypted bytes available for read, pending on the connection."""
        return self._pending

    def shutdown(self):
        """Does the SSL shutdown handshake with the remote end."""
        sock = self._end.socket()
        self._said_goodbye = True
        deadline = self._end.deadline("read")
        self._end.flush(deadline)
        answer = self._run("read", self._cap.shutdown)
        if answer.status == _CLOSED:
            raise _said(SSL_ERROR_ZERO_RETURN, "TLS/SSL connection has been closed (EOF)", SSLZeroReturnError)
        return sock

    def verify_client_post_handshake(self):
        """Initiate TLS 1.3 post-handshake authentication."""
        answer = self._step(self._cap.request_certificate, offers=False)
        if answer.status != _DONE:
            raise _failure(answer.problem)
        return True

    def getpeercert(self, binary_form=False, /):
        """Returns the certificate for the peer.

        If no certificate was provided, returns None.  If a certificate was
        provided, but not validated, returns an empty dictionary.  Otherwise
        returns a dict containing information about the peer certificate.

        If the optional argument is True, returns a DER-encoded copy of the
        peer certificate, or None if no certificate was provided.  This will
        return the certificate even if it wasn't validated."""
        if not self._established:
            raise ValueError("handshake not done yet")
        der = self._cap.peer_certificate()
        if der is None or binary_form:
            return der
        return _described(der) if self._context._verify != CERT_NONE else {}

    def get_verified_chain(self):
        found = self._cap.verified_chain()
        return None if found is None else [Certificate._of(der) for der in found]

    def get_unverified_chain(self):
        found = self._cap.peer_chain()
        return None if found is None else [Certificate._of(der) for der in found]

    def cipher(self):
        found = self._facts().cipher
        return None if found is None else (found.name, found.protocol, found.strength_bits)

    def shared_ciphers(self):
        found = self._cap.shared_ciphers()
        return None if found is None else [(each.name, each.protocol, each.strength_bits) for each in found]

    def compression(self):
        return None

    def version(self):
        return self._facts().version if self._established else None

    def selected_alpn_protocol(self):
        found = self._facts().application_protocol
        return None if found is None else found.decode()

    def get_channel_binding(self, cb_type="tls-unique"):
        """Get channel binding data for current connection.

        Raise ValueError if the requested `cb_type` is not supported.  Return bytes
        of the data or None if the data is not available (e.g. before the handshake).
        Only 'tls-unique' channel binding data from RFC 5929 is supported."""
        if cb_type != "tls-unique":
            raise ValueError(f"'{cb_type}' channel binding type not implemented")
        return self._cap.channel_binding() or None


def _host_name(name):
    """The name of a peer, checked as far as Python does."""
    if name is None:
        return None
    if isinstance(name, (bytes, bytearray)):
        name = bytes(name).decode("ascii")
    if not isinstance(name, str):
        raise TypeError(f"server_hostname must be str, not {type(name).__name__}")
    name.encode("ascii")
    if "\0" in name:
        raise TypeError("embedded null byte in server_hostname")
    if not name or name.startswith("."):
        raise ValueError("server_hostname cannot be an empty string or start with a leading dot.")
    return name


def _is_address(name):
    for family in (_socket.AF_INET, _socket.AF_INET6):
        try:
            _socket.inet_pton(family, name)
            return True
        except OSError:
            continue
    return False


def _report(error):
    """Tells sys.unraisablehook of an exception that has nobody to be raised to, as one in a weak reference's function has."""
    class Gone:
        pass

    def tell(_):
        raise error

    gone = Gone()
    watch = _ref(gone, tell)
    del gone


def txt2obj(txt, name=False):
    """Lookup NID, short name, long name and OID of an ASN1_OBJECT.

    By default objects are looked up by OID. With name=True short and
    long name are also matched."""
    if txt in _PURPOSES and not name:
        return _PURPOSES[txt]
    _load()
    found = _x509.object_by_text(txt, name)
    if found is None:
        raise ValueError(f"unknown object '{txt:.100}'")
    return tuple(found)


def nid2obj(nid, /):
    """Lookup NID, short name, long name and OID of an ASN1_OBJECT by NID."""
    if nid < 0:
        raise ValueError("NID must be positive.")
    _load()
    found = _x509.object_by_number(nid)
    if found is None:
        raise ValueError(f"unknown NID {nid}")
    return tuple(found)


def RAND_bytes(n, /):
    """Generate n cryptographically strong pseudo-random bytes."""
    if n < 0:
        raise ValueError("num must be positive")
    return _os.urandom(n)


def RAND_add(string, entropy, /):
    """Nothing: the host's randomness, which is used, takes no advice."""
    if not isinstance(string, str):
        memoryview(string).release()
    float(entropy)


def RAND_status():
    """Always True: the host has randomness."""
    return True


def _default_paths():
    """The file and the folder of authorities of this host."""
    files = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem")
    file = next((name for name in files if _os.path.isfile(name)), files[-1])
    return "SSL_CERT_FILE", file, "SSL_CERT_DIR", "/etc/ssl/certs"


def get_default_verify_paths():
    """Return search paths and environment vars that are used by SSLContext's set_default_verify_paths() to load default CAs.

    The values are 'cert_file_env', 'cert_file', 'cert_dir_env', 'cert_dir'."""
    return _default_paths()
