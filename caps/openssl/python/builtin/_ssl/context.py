"""What connections have in common."""

import os

import _socket
from _pylon_caps import seal
from _ssl import cap
from _ssl.buffer import MemoryBIO
from _ssl.certificate import described
from _ssl.connection import _SSLSocket
from _ssl.constants import *
from _ssl.constants import _PROTOCOL_NAMES, _VERSION_NAMES
from _ssl.ends import BufferEnd, SocketEnd
from _ssl.errors import SSLError, checked, said
from _ssl.host import content, default_paths, key_content, path_of
from _ssl.native import kept, not_pickled, warn

_LONGEST_PASSWORD = 1024
_VERIFY_PEER, _VERIFY_FAIL_IF_NO_CERTIFICATE = 1, 2
_NO_PROTOCOL = OP_NO_SSLv3 | OP_NO_TLSv1 | OP_NO_TLSv1_1 | OP_NO_TLSv1_2 | OP_NO_TLSv1_3


def _setting(name, read=None, doc=None):
    """A property that only the cap has, a number."""
    def get(self):
        value = self._cap.get(getattr(cap.Setting, name))
        return read(value) if read else value

    return property(get, doc=doc)


@seal
class _SSLContext:
    """What connections have in common."""

    __module__ = "_ssl"
    __slots__ = ("_cap", "_protocol", "_check_hostname", "_verify", "_later", "_sni", "_message", "_keylog", "_keylog_name", "_folders",
                 "_client_key", "_server_key")
    __reduce__ = not_pickled

    def __new__(cls, protocol, /):
        methods = {PROTOCOL_TLS: "ANY", PROTOCOL_TLS_CLIENT: "CLIENT", PROTOCOL_TLS_SERVER: "SERVER", PROTOCOL_TLSv1: "TLS1",
                   PROTOCOL_TLSv1_1: "TLS1_1", PROTOCOL_TLSv1_2: "TLS1_2"}
        if protocol not in methods:
            raise ValueError("invalid or unsupported protocol version")
        if protocol not in (PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER):
            warn(f"ssl.{_PROTOCOL_NAMES[protocol]} is deprecated")
        cap.load()
        self = object.__new__(cls)
        self._cap = checked(cap.tls.Context.open, cap.tls.Method[methods[protocol]])
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
        checked(self._cap.set, cap.Setting[name], value)

    def _get_options(self):
        return self._cap.get(cap.Setting.OPTIONS)

    def _set_options(self, value):
        if not isinstance(value, int):
            raise TypeError(f"argument must be int, not {type(value).__name__}")
        if value < 0:
            raise ValueError("options must be non-negative")
        if value >> 63:
            raise OverflowError("Python int too large to convert to C unsigned long long")
        if value & ~self._get_options() & _NO_PROTOCOL:
            warn("ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated")
        self._set("OPTIONS", int(value))

    options = property(_get_options, _set_options, kept)

    def _set_check_hostname(self, value):
        self._check_hostname = bool(value)
        if self._check_hostname and self._verify == CERT_NONE:
            _SSLContext.verify_mode.__set__(self, CERT_REQUIRED)

    check_hostname = property(lambda self: self._check_hostname, _set_check_hostname, kept)

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

    verify_mode = property(lambda self: self._verify, _set_verify_mode, kept)

    def _set_verify_flags(self, value):
        if not isinstance(value, int):
            raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
        self._set("VERIFY_FLAGS", int(value))

    verify_flags = property(lambda self: self._cap.get(cap.Setting.VERIFY_FLAGS), _set_verify_flags, kept)
    _host_flags = property(lambda self: self._cap.get(cap.Setting.HOST_FLAGS), lambda self, value: self._set("HOST_FLAGS", int(value)), kept)

    def _set_version(self, name, value, special):
        if not isinstance(value, int):
            raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
        if self._protocol not in (PROTOCOL_TLS, PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER):
            raise ValueError("The context's protocol doesn't support modification of highest and lowest version.")
        if value not in special:
            if value not in _VERSION_NAMES:
                raise ValueError(f"Unsupported TLS/SSL version {value:#x}")
            if value < PROTO_TLSv1_2:
                warn(f"ssl.TLSVersion.{_VERSION_NAMES[value]} is deprecated")
        try:
            self._cap.set(cap.Setting[name], special.get(value, int(value)))
        except cap.Problem:
            raise ValueError(f"Unsupported protocol version {value:#x}") from None

    minimum_version = property(
        lambda self: self._cap.get(cap.Setting.MINIMUM_VERSION) or PROTO_MINIMUM_SUPPORTED,
        lambda self, value: self._set_version("MINIMUM_VERSION", value, {PROTO_MINIMUM_SUPPORTED: 0, PROTO_MAXIMUM_SUPPORTED: PROTO_TLSv1_3}), kept)
    maximum_version = property(
        lambda self: self._cap.get(cap.Setting.MAXIMUM_VERSION) or PROTO_MAXIMUM_SUPPORTED,
        lambda self, value: self._set_version("MAXIMUM_VERSION", value, {PROTO_MINIMUM_SUPPORTED: PROTO_TLSv1, PROTO_MAXIMUM_SUPPORTED: 0}), kept)

    def _set_num_tickets(self, value):
        if not isinstance(value, int):
            raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
        if value < 0:
            raise ValueError("value must be non-negative")
        if self._protocol != PROTOCOL_TLS_SERVER:
            raise ValueError("SSLContext is not a server context.")
        self._set("TICKETS", int(value))

    num_tickets = property(lambda self: self._cap.get(cap.Setting.TICKETS), _set_num_tickets, kept, "Control the number of TLSv1.3 session tickets.")

    def _set_later(self, value):
        self._set("POST_HANDSHAKE_AUTHENTICATION", bool(value))
        self._later = bool(value)

    post_handshake_auth = property(lambda self: self._later, _set_later, kept)

    def _set_sni(self, callback):
        if self._protocol == PROTOCOL_TLS_CLIENT:
            raise ValueError("sni_callback cannot be set on TLS_CLIENT context")
        if callback is not None and not callable(callback):
            raise TypeError("not a callable object")
        self._sni = callback
        self._set("CLIENT_HELLO_STOPS", callback is not None)

    sni_callback = property(
        lambda self: self._sni, _set_sni, kept,
        """Set a callback that will be called when a server name is provided by the SSL/TLS client in the SNI extension.

If the argument is None then the callback is disabled. The method is called
with the SSLSocket, the server name as a string, and the SSLContext object.

See RFC 6066 for details of the SNI extension.""")

    def _set_message(self, callback):
        if callback is not None and not callable(callback):
            raise TypeError(f"{callback} is not callable.")
        self._message = callback
        self._set("MESSAGES", callback is not None)

    _msg_callback = property(lambda self: self._message, _set_message, kept)

    def _set_keylog(self, name):
        if self._keylog is not None:
            self._keylog.close()
        self._keylog = self._keylog_name = None
        if name is None:
            self._set("KEY_LOG", False)
            return
        os.fspath(name)
        self._keylog = open(name, "ab")
        if self._keylog.tell() == 0:
            self._keylog.write(b"# TLS secrets log file, generated by OpenSSL / Python\n")
            self._keylog.flush()
        self._keylog_name = name
        self._set("KEY_LOG", True)

    keylog_filename = property(lambda self: self._keylog_name, _set_keylog, kept)

    def set_ciphers(self, cipherlist, /):
        if not isinstance(cipherlist, str):
            raise TypeError(f"set_ciphers() argument must be str, not {type(cipherlist).__name__}")
        try:
            self._cap.set_ciphers(cipherlist)
        except cap.Problem:
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
        except cap.Problem:
            raise ValueError(f"unknown elliptic curve name {name!r}") from None

    def _set_alpn_protocols(self, protos, /):
        checked(self._cap.set_application_protocols, protos)

    def load_cert_chain(self, certfile, keyfile=None, password=None):
        chain = path_of(certfile, "certfile")
        key = chain if keyfile is None else path_of(keyfile, "keyfile")
        if password is not None and not callable(password) and not isinstance(password, (str, bytes, bytearray)):
            raise TypeError("password should be a string or callable")
        same, chain = key is chain, content(chain)
        key = chain if same else key_content(key)
        if checked(self._cap.load_certificate, chain, key, None) == cap.tls.Loaded.DONE:
            return
        if password is None:
            raise said(SSL_ERROR_SSL, "the private key is encrypted, and there is no password")
        checked(self._cap.load_certificate, chain, key, _asked(password))

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        if cafile is None and capath is None and cadata is None:
            raise TypeError("cafile, capath and cadata cannot be all omitted")
        if cafile is not None:
            cafile = path_of(cafile, "cafile")
        if capath is not None:
            capath = path_of(capath, "capath")
        if cadata is not None:
            self._trust_data(cadata)
        if cafile is not None and not checked(self._cap.trust, content(cafile), cap.tls.Encoding.PEM):
            raise said(SSL_ERROR_SSL, "[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found")
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
            raise said(SSL_ERROR_SSL, "not enough data: cadata does not contain a certificate")
        if not checked(self._cap.trust, data, cap.tls.Encoding.PEM if text else cap.tls.Encoding.DER):
            raise said(SSL_ERROR_SSL, "no start line: cadata does not contain a certificate")

    def set_default_verify_paths(self):
        """The authorities of the host, where it lets them be read, or else those that come with the cap."""
        file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
        if folder:
            self._folders.append(folder)
        found = self._trust_file(file or default_paths()[1])
        if not found and not file and not folder:
            self._cap.trust_own()

    def _trust_file(self, path):
        """How many certificates were found in a file that need not be there."""
        try:
            return self._cap.trust(content(path), cap.tls.Encoding.PEM)
        except (OSError, cap.Problem):
            return 0

    def _read_folders(self):
        """Hands the cap what lies in the folders of authorities. It reads from it what it needs."""
        folders, self._folders = self._folders, []
        for folder in folders:
            files = []
            try:
                names = os.listdir(folder)
            except OSError:
                continue
            for name in map(os.fsdecode, names):
                stem, _, number = name.partition(".")
                if len(stem) == 8 and number.removeprefix("r").isdecimal():
                    try:
                        files.append((name, content(os.path.join(os.fsdecode(folder), name))))
                    except OSError:
                        continue
            self._cap.trust_folder(files)

    def load_dh_params(self, path, /):
        checked(self._cap.load_parameters, content(os.fspath(path)))

    def cert_store_stats(self):
        found = self._cap.store_statistics()
        return {"x509": found.certificates, "crl": found.revocation_lists, "x509_ca": found.authorities}

    def get_ca_certs(self, binary_form=False):
        found = self._cap.authorities()
        return found if binary_form else [described(der) for der in found]

    def session_stats(self):
        return {name: getattr(self._cap.session_statistics(), name) for name in (
            "number", "connect", "connect_good", "connect_renegotiate", "accept", "accept_good", "accept_renegotiate", "hits", "misses", "timeouts", "cache_full")}

    def set_psk_client_callback(self, callback):
        if self._protocol == PROTOCOL_TLS_SERVER:
            raise said(SSL_ERROR_SSL, "Cannot add PSK client callback to a PROTOCOL_TLS_SERVER context")
        if callback is not None and not callable(callback):
            raise TypeError("callback must be callable")
        self._client_key = callback
        self._set("CLIENT_KEYS", callback is not None)

    def set_psk_server_callback(self, callback, identity_hint=None):
        if self._protocol == PROTOCOL_TLS_CLIENT:
            raise said(SSL_ERROR_SSL, "Cannot add PSK server callback to a PROTOCOL_TLS_CLIENT context")
        if callback is not None and not callable(callback):
            raise TypeError("callback must be callable")
        checked(self._cap.set_key_hint, identity_hint if callback is not None else None)
        self._server_key = callback
        self._set("SERVER_KEYS", callback is not None)

    def _wrap_socket(self, sock, server_side, server_hostname=None, *, owner=None, session=None):
        if not isinstance(sock, _socket.socket):
            raise TypeError(f"_wrap_socket() argument 1 must be _socket.socket, not {type(sock).__name__}")
        return _SSLSocket._of(self, SocketEnd(sock), server_side, server_hostname, owner, session)

    def _wrap_bio(self, incoming, outgoing, server_side, server_hostname=None, *, owner=None, session=None):
        for bio in (incoming, outgoing):
            if not isinstance(bio, MemoryBIO):
                raise TypeError(f"_wrap_bio() argument must be _ssl.MemoryBIO, not {type(bio).__name__}")
        return _SSLSocket._of(self, BufferEnd(incoming, outgoing), server_side, server_hostname, owner, session)

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
