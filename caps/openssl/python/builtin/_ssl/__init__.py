"""What the standard library's ssl is made of: sockets and buffers of Python, TLS by the openssl cap.

The cap sees bytes only. A connection's call takes what came from the peer and answers with what is to be sent;
this package waits for the network, as the socket's timeout says, and calls back into Python. Importing it does not
touch the cap: what it has to know of OpenSSL is in `constants`, and tests/test_ssl_constants.py compares."""

from _ssl.buffer import MemoryBIO
from _ssl.certificate import Certificate, _test_decode_cert, nid2obj, txt2obj
from _ssl.connection import SSLSession, _SSLSocket
from _ssl.constants import *
from _ssl.constants import _DEFAULT_CIPHERS, _OPENSSL_API_VERSION
from _ssl.context import _SSLContext
from _ssl.errors import (
    SSLCertVerificationError,
    SSLEOFError,
    SSLError,
    SSLSyscallError,
    SSLWantReadError,
    SSLWantWriteError,
    SSLZeroReturnError,
)
from _ssl.host import RAND_add, RAND_bytes, RAND_status, get_default_verify_paths
