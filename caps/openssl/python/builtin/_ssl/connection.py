"""One connection: the cap's, between the two ends of a socket or of two MemoryBIO.

A call of the cap takes what came from the peer and answers with what is to be sent; what the network has to do in
between, and what Python's functions are asked, is here."""

from _operator import index
from _thread import allocate_lock
from _weakref import ref

import _socket
from _pylon_caps import seal
from _ssl import cap
from _ssl.certificate import Certificate, described
from _ssl.constants import CERT_NONE, PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER, SSL_ERROR_EOF, SSL_ERROR_SSL, SSL_ERROR_ZERO_RETURN
from _ssl.errors import SSLCertVerificationError, SSLEOFError, SSLWantWriteError, SSLZeroReturnError, checked, failure, report, said
from _ssl.native import kept, not_made, not_pickled

_HANDSHAKE_FAILURE, _INTERNAL_ERROR = 40, 80  # alerts
_HOST_MISMATCH, _ADDRESS_MISMATCH = 62, 64  # X509_V_ERR_*
_LIBRARY_SSL, _CERTIFICATE_VERIFY_FAILED = 20, 134


@seal
class SSLSession:
    """What a client can take up again."""

    __module__ = "_ssl"
    __slots__ = ("_session", "_context", "__weakref__")
    __new__, __reduce__ = not_made, not_pickled

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


@seal
class _SSLSocket:
    """One connection: the cap's, between the two ends of a socket or of two MemoryBIO."""

    __module__ = "_ssl"
    __slots__ = ("_cap", "_context", "_end", "_server", "_name", "_owner", "_lock", "_receiving", "_established", "_pending", "_wanted", "_over", "_said_goodbye",
                 "_claimed", "_description", "__weakref__")
    __new__, __reduce__ = not_made, not_pickled

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
            raise said(SSL_ERROR_SSL, "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context")
        if not server_side and context._protocol == PROTOCOL_TLS_SERVER:
            raise said(SSL_ERROR_SSL, "Cannot create a client socket with a PROTOCOL_TLS_SERVER context")
        if context._folders:
            context._read_folders()
        self = object.__new__(cls)
        self._context, self._end, self._server, self._name = context, end, bool(server_side), name
        self._owner = None if owner is None else ref(owner)
        self._lock, self._receiving = allocate_lock(), allocate_lock()
        self._established = self._over = self._said_goodbye = False
        self._pending = self._wanted = self._claimed = 0
        self._description = None
        kind = None if name is None else cap.tls.NameKind.ADDRESS if _is_address(name) else cap.tls.NameKind.HOST
        peer = (kind, name) if name is not None and context._check_hostname else None
        self._cap = checked(cap.tls.Connection.open, context._cap, self._server, name if kind == cap.tls.NameKind.HOST else None, peer)
        if session is not None:
            self.session = session
        return self

    server_side = property(lambda self: self._server, doc="Whether this is a server-side socket.")
    server_hostname = property(lambda self: self._name, doc="The currently set server hostname (for SNI).")

    def _set_context(self, context):
        from _ssl.context import _SSLContext  # which imports this module

        if not isinstance(context, _SSLContext):
            raise TypeError("The value must be a SSLContext")
        self._cap.set_context(context._cap)
        self._context = context

    context = property(lambda self: self._context, _set_context, kept)

    def _set_owner(self, owner):
        self._owner = None if owner is None else ref(owner)

    owner = property(lambda self: None if self._owner is None else self._owner(), _set_owner, kept)

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
        checked(self._cap.set_session, session._session)

    session = property(_get_session, _set_session, kept)
    session_reused = property(lambda self: self._facts().session_reused, None, kept)

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
            if status == cap.CLIENT_HELLO:
                self._answer_hello()
                continue
            if status == cap.KEY_WANTED:
                self._answer_key()
                continue
            if status in (cap.DONE, cap.WANTS_INPUT):
                end.flush(deadline)
            if status != cap.WANTS_INPUT:
                return answer if status == cap.DONE else self._fail(answer, deadline)
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
        if answer.status == cap.CLOSED:
            return answer
        if answer.status == cap.BROKEN:
            raise failure(answer.problem, SSLEOFError, SSL_ERROR_EOF, "EOF occurred in violation of protocol") if answer.problem else said(
                SSL_ERROR_EOF, "EOF occurred in violation of protocol", SSLEOFError)
        problem = answer.problem
        if problem.code >> 23 & 0xFF != _LIBRARY_SSL or problem.code & 0x7FFFFF != _CERTIFICATE_VERIFY_FAILED:
            raise failure(problem)
        code = answer.verification
        text = (f"Hostname mismatch, certificate is not valid for '{self._name}'." if code == _HOST_MISMATCH
                else f"IP address mismatch, certificate is not valid for '{self._name}'." if code == _ADDRESS_MISMATCH else cap.tls.verification_message(code))
        error = failure(problem, SSLCertVerificationError, extra=text)
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
                report(error)
                alert = _HANDSHAKE_FAILURE
            else:
                if answer is not None:
                    try:
                        alert = index(answer) & 0xFF
                    except Exception as error:
                        report(error)
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
            report(error)
            identity, key = request if self._server and request else b"", None
        self._cap.pre_shared_key(identity, key)

    def do_handshake(self):
        """Perform the TLS handshake."""
        if self._run("handshake", self._cap.handshake).status == cap.CLOSED:
            raise said(SSL_ERROR_ZERO_RETURN, "TLS/SSL connection has been closed (EOF)", SSLZeroReturnError)

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
        if answer.status == cap.CLOSED and self._said_goodbye:
            raise said(SSL_ERROR_ZERO_RETURN, "TLS/SSL connection has been closed (EOF)", SSLZeroReturnError)
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
                while answer.status == cap.WANTS_INPUT:
                    end.flush(deadline)
                    self._fill(deadline)
                    answer = self._step(self._write, piece)
                if answer.status != cap.DONE:
                    self._fail(answer, deadline)
                    raise said(SSL_ERROR_ZERO_RETURN, "TLS/SSL connection has been closed (EOF)", SSLZeroReturnError)
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
        if answer.status == cap.CLOSED:
            raise said(SSL_ERROR_ZERO_RETURN, "TLS/SSL connection has been closed (EOF)", SSLZeroReturnError)
        return sock

    def verify_client_post_handshake(self):
        """Initiate TLS 1.3 post-handshake authentication."""
        answer = self._step(self._cap.request_certificate, offers=False)
        if answer.status != cap.DONE:
            raise failure(answer.problem)
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
        return described(der) if self._context._verify != CERT_NONE else {}

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
