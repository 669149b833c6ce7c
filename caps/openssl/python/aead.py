"""Authenticated encryption: the classes of `cryptography.hazmat.primitives.ciphers.aead`, with OpenSSL behind them.

    key = aead.AESGCM.generate_key(256)
    sealed = aead.AESGCM(key).encrypt(nonce, data, associated_data)
    data = aead.AESGCM(key).decrypt(nonce, sealed, associated_data)

A nonce must not be used twice with a key, but for AESSIV and AESGCMSIV, which only show then that a message was repeated."""

__all__ = ["AESCCM", "AESGCM", "AESGCMSIV", "AESOCB3", "AESSIV", "ChaCha20Poly1305", "InvalidTag"]


class InvalidTag(Exception):
    """The message is not what was sealed with this key, nonce and associated data."""


def _octets(name, value):
    try:
        return bytes(memoryview(value))
    except TypeError:
        raise TypeError(f"{name} must be bytes-like") from None


class _Cipher:
    """One key for one cipher. Subclasses say what keys, nonces and tags it takes."""

    _pattern, _bits, _nonce, _tags = "", (), (), (16,)

    def __init__(self, key, tag_length=16):
        import _openssl_cap
        key = _octets("key", key)
        if len(key) * 8 not in self._bits:
            raise ValueError(f"{type(self).__name__} key must be {' or '.join(map(str, self._bits))} bits.")
        if tag_length not in self._tags:
            raise ValueError("Invalid tag_length")
        self._problem = _openssl_cap.error.ProblemError
        self._sealer = _openssl_cap.cipher.Sealer.open(self._name(key), key, tag_length)

    @classmethod
    def _name(cls, key):
        return cls._pattern.format(len(key) * 8)

    @classmethod
    def generate_key(cls, bit_length):
        """A new key of that many bits."""
        if bit_length not in cls._bits:
            raise ValueError(f"bit_length must be {' or '.join(map(str, cls._bits))}")
        import _openssl_cap
        return _openssl_cap.random.private_bytes(bit_length // 8)

    def encrypt(self, nonce, data, associated_data):
        """The ciphertext with its tag behind it."""
        return self._seal(self._checked(nonce), _octets("data", data), self._pieces(associated_data))

    def decrypt(self, nonce, data, associated_data):
        """The text, if it is genuine; else InvalidTag."""
        return self._unseal(self._checked(nonce), _octets("data", data), self._pieces(associated_data))

    def _seal(self, nonce, data, pieces):
        try:
            return self._sealer.seal(nonce, pieces, data)
        except self._problem as problem:
            raise ValueError(problem.value.reason) from None

    def _unseal(self, nonce, data, pieces):
        try:
            return self._sealer.unseal(nonce, pieces, data)
        except self._problem as problem:
            kind = InvalidTag if problem.value.reason == "authentication failed" else ValueError
            raise kind(problem.value.reason) from None

    def _checked(self, nonce):
        nonce = _octets("nonce", nonce)
        shortest, longest = self._nonce
        if not shortest <= len(nonce) <= longest:
            raise ValueError(f"Nonce must be {shortest} bytes" if shortest == longest else f"Nonce must be between {shortest} and {longest} bytes")
        return nonce

    @staticmethod
    def _pieces(associated_data):
        return [] if associated_data is None else [_octets("associated_data", associated_data)]


class AESGCM(_Cipher):
    """AES in Galois/counter mode."""

    _pattern, _bits, _nonce = "aes-{}-gcm", (128, 192, 256), (8, 128)

    def __init__(self, key):
        super().__init__(key)


class AESCCM(_Cipher):
    """AES in counter mode with CBC-MAC; the tag may be shorter."""

    _pattern, _bits, _nonce, _tags = "aes-{}-ccm", (128, 192, 256), (7, 13), (4, 6, 8, 10, 12, 14, 16)

    def encrypt(self, nonce, data, associated_data):
        self._check_length(nonce, len(data))
        return super().encrypt(nonce, data, associated_data)

    @staticmethod
    def _check_length(nonce, size):
        # The longer the nonce, the fewer bytes there are for the length of the message.
        if size >= 1 << 8 * (15 - len(nonce)):
            raise ValueError("Data too long for nonce")


class AESOCB3(_Cipher):
    """AES in offset codebook mode, RFC 7253."""

    _pattern, _bits, _nonce = "aes-{}-ocb", (128, 192, 256), (12, 15)

    def __init__(self, key):
        super().__init__(key)


class AESGCMSIV(_Cipher):
    """AES-GCM-SIV, RFC 8452: it keeps its word when a nonce comes again."""

    _pattern, _bits, _nonce = "aes-{}-gcm-siv", (128, 192, 256), (12, 12)

    def __init__(self, key):
        super().__init__(key)


class ChaCha20Poly1305(_Cipher):
    """ChaCha20 with Poly1305, RFC 8439."""

    _pattern, _bits, _nonce = "chacha20-poly1305", (256,), (12, 12)

    def __init__(self, key):
        super().__init__(key)

    @classmethod
    def generate_key(cls):
        """A new key."""
        return super().generate_key(256)


class AESSIV(_Cipher):
    """AES-SIV, RFC 5297: it takes any number of pieces of associated data, of which the last may be a nonce. The tag comes first."""

    _bits = (256, 384, 512)

    def __init__(self, key):
        super().__init__(key)

    @classmethod
    def _name(cls, key):
        return f"aes-{len(key) * 4}-siv"

    def encrypt(self, data, associated_data):
        """The tag with the ciphertext behind it."""
        sealed = self._seal(b"", _octets("data", data), self._pieces(associated_data))
        return sealed[-16:] + sealed[:-16]

    def decrypt(self, data, associated_data):
        """The text, if it is genuine; else InvalidTag."""
        data = _octets("data", data)
        return self._unseal(b"", data[16:] + data[:16], self._pieces(associated_data))

    @staticmethod
    def _pieces(associated_data):
        return [_octets("associated_data", piece) for piece in associated_data or ()]
