"""The openssl cap's interfaces, once something needs them."""

tls = None


def load():
    """Makes sure that the names of this module are there."""
    global tls, x509, Problem, Setting, DONE, WANTS_INPUT, CLOSED, BROKEN, CLIENT_HELLO, KEY_WANTED
    if tls is None:
        import _openssl_cap as cap

        x509, Problem, Setting = cap.x509, cap.error.ProblemError, cap.tls.Setting
        status = cap.tls.Status
        DONE, WANTS_INPUT, CLOSED, BROKEN = status.DONE, status.WANTS_INPUT, status.CLOSED, status.BROKEN
        CLIENT_HELLO, KEY_WANTED = status.CLIENT_HELLO, status.KEY_WANTED
        tls = cap.tls
