"""What comes from the host: files, the places of authorities, randomness."""

import os


def path_of(value, name):
    """The file's name as a string or bytes."""
    try:
        return os.fspath(value)
    except TypeError:
        raise TypeError(f"{name} should be a valid filesystem path") from None


def content(path):
    with open(path, "rb") as file:
        return file.read()


def key_content(path):
    """A private key's file, or the URI of a key that a token keeps (RFC 7512)."""
    name = os.fsencode(path)
    return name if name.startswith(b"pkcs11:") else content(path)


def RAND_bytes(n, /):
    """Generate n cryptographically strong pseudo-random bytes."""
    if n < 0:
        raise ValueError("num must be positive")
    return os.urandom(n)


def RAND_add(string, entropy, /):
    """Nothing: the host's randomness, which is used, takes no advice."""
    if not isinstance(string, str):
        memoryview(string).release()
    float(entropy)


def RAND_status():
    """Always True: the host has randomness."""
    return True


def default_paths():
    """The file and the folder of authorities of this host."""
    files = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem")
    file = next((name for name in files if os.path.isfile(name)), files[-1])
    return "SSL_CERT_FILE", file, "SSL_CERT_DIR", "/etc/ssl/certs"


def get_default_verify_paths():
    """Return search paths and environment vars that are used by SSLContext's set_default_verify_paths() to load default CAs.

    The values are 'cert_file_env', 'cert_file', 'cert_dir_env', 'cert_dir'."""
    return default_paths()
