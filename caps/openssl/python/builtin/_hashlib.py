"""OpenSSL's digests as the standard library's hashlib and hmac expect them.

Nothing here asks for the component before a digest is needed: an object keeps what it is given, up to a bound, and the
digest of that much is one call. What is known of the algorithms is written down; tests compare it with what OpenSSL says."""

from _operator import _compare_digest as compare_digest

# Digests that the interpreter has, too: it makes those of short data in less time than it takes to hand them over.
_SHORT = 4096
_INSIDE = {"md5": "_md5", "sha1": "_sha1", "sha224": "_sha2", "sha256": "_sha2", "sha384": "_sha2", "sha512": "_sha2",
           "sha3_224": "_sha3", "sha3_256": "_sha3", "sha3_384": "_sha3", "sha3_512": "_sha3"}
_inside = {}  # Python's name: the interpreter's function, once it was needed

_GIL_MINSIZE = 2048
_KEPT = 1 << 16  # bytes that wait in an object before the component takes them
_INT_MAX = 2**31 - 1
_LARGEST_OUTPUT = 1 << 29
_SCRYPT_MEMORY = 32 << 20  # unless more is allowed

# Python's name: OpenSSL's name, size of the digest (0: any length), size of a block.
_KNOWN = {
    "md5": ("MD5", 16, 64), "sha1": ("SHA1", 20, 64), "sha224": ("SHA2-224", 28, 64), "sha256": ("SHA2-256", 32, 64),
    "sha384": ("SHA2-384", 48, 128), "sha512": ("SHA2-512", 64, 128), "sha512_224": ("SHA2-512/224", 28, 128),
    "sha512_256": ("SHA2-512/256", 32, 128), "sha3_224": ("SHA3-224", 28, 144), "sha3_256": ("SHA3-256", 32, 136),
    "sha3_384": ("SHA3-384", 48, 104), "sha3_512": ("SHA3-512", 64, 72), "shake_128": ("SHAKE-128", 0, 168),
    "shake_256": ("SHAKE-256", 0, 136), "blake2b": ("BLAKE2B-512", 64, 128), "blake2s": ("BLAKE2S-256", 32, 64),
    "md5-sha1": ("MD5-SHA1", 36, 64), "ripemd160": ("RIPEMD-160", 20, 64), "sm3": ("SM3", 32, 64),
}

openssl_md_meth_names = frozenset(_KNOWN)


class UnsupportedDigestmodError(ValueError):
    """The digest is not one of OpenSSL's."""


class _Missing:
    """An argument that was not given."""

    def __repr__(self):
        return "b''"


_MISSING = _Missing()


def _provider():
    """The bindings of the component, from the first call on."""
    global _provider
    import _openssl_cap

    def _provider():
        return _openssl_cap

    return _openssl_cap


def _call(function, *arguments):
    """Calls into the component; what OpenSSL refuses is a ValueError."""
    try:
        return function(*arguments)
    except _provider().error.ProblemError as problem:
        value = problem.value
    if value.reason == "out of memory":
        raise MemoryError
    kind = UnsupportedDigestmodError if value.reason == "unsupported" else ValueError
    raise kind(f"[{value.library}] {value.reason}" if value.library else value.reason)


def _algorithm(name):
    """Python's name, OpenSSL's name, digest size and block size of an algorithm by any of its names."""
    known = _KNOWN.get(name)
    if known is not None:
        return name, *known
    about = _call(_provider().digest.describe, name)
    names = [python for python, entry in _KNOWN.items() if entry[0].lower() == about.name]
    return names[0] if names else "undefined", about.name, about.size, about.block_size


def _hashable(data):
    """What can be hashed: bytes, or a view of another buffer."""
    if type(data) is bytes:
        return data
    if isinstance(data, str):
        raise TypeError("Strings must be encoded before hashing")
    try:
        view = memoryview(data)
    except TypeError:
        raise TypeError("object supporting the buffer API required") from None
    if not view.c_contiguous:
        raise BufferError("memoryview: underlying buffer is not C-contiguous")
    return view.cast("B") if view.ndim == 1 or view.nbytes else b""


def _octets(data):
    """A bytes-like object as what the component takes."""
    if type(data) is bytes:
        return data
    try:
        return bytes(memoryview(data))
    except TypeError:
        raise TypeError(f"a bytes-like object is required, not '{type(data).__name__}'") from None


class _Immutable(type):
    """The type of types that look as if they were written in C."""

    def __setattr__(cls, name, value):
        raise TypeError(f"cannot set '{name}' attribute of immutable type '_hashlib.{cls.__name__}'")


class _Pending(metaclass=_Immutable):
    """What hashes and codes have in common: pieces that wait, and the object in the component that has taken those before
    them, if there is one. `_open()` makes that, `_one_shot(data)` does without."""

    __slots__ = ("_pieces", "_waiting", "_state")

    def __new__(cls, *args, **kwargs):
        raise TypeError(f"cannot create '_hashlib.{cls.__name__}' instances")

    def update(self, obj, /):
        """Update this object's state with the provided string."""
        data = _hashable(obj)
        size = len(data)
        if self._waiting + size <= _KEPT:
            self._pieces.append(bytes(data))
            self._waiting += size
            return
        self._hand_over()
        _call(self._state.update, data)

    def _hand_over(self):
        """The component takes what waits."""
        if self._state is None:
            self._state = self._open()
        if self._pieces:
            _call(self._state.update, b"".join(self._pieces))
            self._pieces, self._waiting = [], 0

    def _result(self, *length):
        if self._state is None:
            if len(self._pieces) > 1:
                self._pieces = [b"".join(self._pieces)]
            return self._one_shot(self._pieces[0] if self._pieces else b"", *length)
        self._hand_over()
        return _call(self._state.digest, *length)

    def _copy_to(self, other):
        other._pieces, other._waiting = self._pieces[:], self._waiting
        other._state = None if self._state is None else _call(self._state.copy)
        return other

    def __reduce_ex__(self, protocol):
        raise TypeError(f"cannot pickle '_hashlib.{type(self).__name__}' object")


def _interpreters(name):
    """The interpreter's own function for a digest."""
    function = _inside.get(name)
    if function is None:
        function = _inside[name] = getattr(__import__(_INSIDE[name]), name)
    return function


class HASH(_Pending):
    """A hash is an object used to calculate a checksum of a string of information."""

    __slots__ = ("_about",)

    name = property(lambda self: self._about[0], doc="algorithm name.")
    digest_size = property(lambda self: self._about[2], doc="Digest size.")
    block_size = property(lambda self: self._about[3], doc="Block size.")

    def _open(self):
        return _call(_provider().digest.Hasher.open, self._about[1])

    def _one_shot(self, data, length):
        if len(data) <= _SHORT and self._about[0] in _INSIDE:
            return _interpreters(self._about[0])(data).digest()
        return _call(_provider().digest.hash, self._about[1], data, length)

    def digest(self):
        """Return the digest value as a bytes object."""
        return self._result(None)

    def hexdigest(self):
        """Return the digest value as a string of hexadecimal digits."""
        return self._result(None).hex()

    def copy(self):
        """Return a copy of the hash object."""
        other = object.__new__(type(self))
        other._about = self._about
        return self._copy_to(other)

    def __repr__(self):
        return f"<{self.name} _hashlib.{type(self).__name__} object @ {id(self):#x}>"


class HASHXOF(HASH):
    """A hash whose digest has any length."""

    __slots__ = ()

    def digest(self, length):
        """Return the digest value as a bytes object."""
        return self._result(_output_length(length))

    def hexdigest(self, length):
        """Return the digest value as a string of hexadecimal digits."""
        return self._result(_output_length(length)).hex()


class HMAC(_Pending):
    """The object used to calculate HMAC of a message."""

    __slots__ = ("_about", "_key")

    def __init_subclass__(cls):
        raise TypeError("type '_hashlib.HMAC' is not an acceptable base type")

    name = property(lambda self: f"hmac-{self._about[0]}")
    digest_size = property(lambda self: self._about[2])
    block_size = property(lambda self: self._about[3])

    def _open(self):
        return _call(_provider().mac.Authenticator.open, "HMAC", self._key, [_text("digest", self._about[1])])

    def _one_shot(self, data):
        return _call(_provider().mac.compute, "HMAC", self._key, [_text("digest", self._about[1])], data)

    def digest(self):
        """Return the digest of the bytes passed to the update() method so far."""
        return self._result()

    def hexdigest(self):
        """Return hexadecimal digest of the bytes passed to the update() method so far."""
        return self._result().hex()

    def copy(self):
        """Return a copy ("clone") of the HMAC object."""
        other = object.__new__(HMAC)
        other._about, other._key = self._about, self._key
        return self._copy_to(other)

    def __repr__(self):
        return f"<{self._about[0]} HMAC object @ {id(self):#x}>"


def _output_length(length):
    if not hasattr(length, "__index__"):
        raise TypeError(f"'{type(length).__name__}' object cannot be interpreted as an integer")
    length = length.__index__()
    if length < 0:
        raise ValueError("value must be positive")
    if length >= _LARGEST_OUTPUT:
        raise (ValueError if length <= _INT_MAX else OverflowError)("length is too large")
    return length


def _text(name, value):
    return name, _provider().parameters.Value.Text(value)


def _octet(name, value):
    return name, _provider().parameters.Value.Octets(value)


def _number(name, value):
    return name, _provider().parameters.Value.Number(value)


def _hash(function, about, data, string, named):
    if named:
        data = _named_data(function, data, named)
    made = object.__new__(HASH if about[2] else HASHXOF)
    made._about, made._pieces, made._waiting, made._state = about, [], 0, None
    if data is _MISSING:
        data = string
        if data is None:
            return made
    elif string is not None:
        raise TypeError("'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for "
                        "removal in a future version.")
    made.update(data)
    return made


def _named_data(function, data, named):
    """The argument `data` where it comes by name; any other name is an error, after that of an argument that comes twice."""
    if "data" in named and data is not _MISSING:
        raise TypeError(f"argument for {function}() given by name ('data') and position (1)")
    for name in named:
        if name != "data":
            raise TypeError(f"{function}() got an unexpected keyword argument '{name}'")
    return named["data"]


def new(name, *data, usedforsecurity=True, string=None, **named):
    """Return a new hash object using the named algorithm.

    An optional string argument may be provided and will be
    automatically hashed.

    The MD5 and SHA1 algorithms are always supported."""
    if not isinstance(name, str):
        raise TypeError(f"new() argument 'name' must be str, not {type(name).__name__}")
    if len(data) > 1:
        raise TypeError(f"new() takes at most 2 positional arguments ({len(data) + 1} given)")
    return _hash("new", _algorithm(name), data[0] if data else _MISSING, string, named)


def _constructor(name):
    about, function = (name, *_KNOWN[name]), f"openssl_{name}"

    def construct(data=_MISSING, /, *, usedforsecurity=True, string=None, **named):
        return _hash(function, about, data, string, named)

    construct.__name__ = construct.__qualname__ = function
    construct.__doc__ = f"Returns a {name} hash object; optionally initialized with a string"
    return construct


openssl_md5 = _constructor("md5")
openssl_sha1 = _constructor("sha1")
openssl_sha224 = _constructor("sha224")
openssl_sha256 = _constructor("sha256")
openssl_sha384 = _constructor("sha384")
openssl_sha512 = _constructor("sha512")
openssl_sha3_224 = _constructor("sha3_224")
openssl_sha3_256 = _constructor("sha3_256")
openssl_sha3_384 = _constructor("sha3_384")
openssl_sha3_512 = _constructor("sha3_512")
openssl_shake_128 = _constructor("shake_128")
openssl_shake_256 = _constructor("shake_256")

_constructors = {value: name.removeprefix("openssl_") for name, value in list(globals().items())
                 if name.startswith("openssl_") and callable(value)}


def _digest_of_hmac(digestmod):
    if isinstance(digestmod, str):
        about = _algorithm(digestmod)
    else:
        try:
            name = _constructors.get(digestmod)
        except TypeError:
            name = None
        if name is None:
            raise UnsupportedDigestmodError(f"Unsupported digestmod {digestmod}")
        about = name, *_KNOWN[name]
    if not about[2]:
        raise ValueError("HMAC does not take a digest of any length")
    return about


def hmac_new(key, msg=b"", digestmod=None):
    """Return a new hmac object."""
    key = _octets(key)
    if digestmod is None:
        raise TypeError("Missing required parameter 'digestmod'.")
    made = object.__new__(HMAC)
    made._about, made._key = _digest_of_hmac(digestmod), key
    made._pieces, made._waiting, made._state = [], 0, None
    if msg is not None:
        made.update(msg)
    return made


def hmac_digest(key, msg, digest):
    """Single-shot HMAC."""
    about, key = _digest_of_hmac(digest), _octets(key)
    return _call(_provider().mac.compute, "HMAC", key, [_text("digest", about[1])], _octets(msg))


def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
    """Password based key derivation function 2 (PKCS #5 v2.0) with HMAC as pseudorandom function."""
    if not isinstance(hash_name, str):
        raise TypeError(f"pbkdf2_hmac() argument 'hash_name' must be str, not {type(hash_name).__name__}")
    password, salt, iterations = _octets(password), _octets(salt), _integer(iterations)
    about = _algorithm(hash_name)
    if iterations < 1:
        raise ValueError("iteration value must be greater than 0.")
    if iterations > _INT_MAX:
        raise OverflowError("iteration value is too great.")
    dklen = about[2] if dklen is None else _integer(dklen)
    if dklen < 1:
        raise ValueError("key length must be greater than 0.")
    if dklen > _INT_MAX:
        raise OverflowError("key length is too great.")
    parameters = [_text("digest", about[1]), _octet("pass", password), _octet("salt", salt), _number("iter", iterations), _number("pkcs5", 1)]
    return _call(_provider().kdf.derive, "PBKDF2", parameters, dklen)


def scrypt(password, *, salt, n, r, p, maxmem=0, dklen=64):
    """scrypt password-based key derivation function."""
    password, salt = _octets(password), _octets(salt)
    n, r, p, maxmem, dklen = map(_integer, (n, r, p, maxmem, dklen))
    if min(n, r, p) < 0:
        raise ValueError("Cannot convert negative int")
    if max(n, r, p) >= 1 << 64 or max(maxmem, dklen) >= 1 << 63:
        raise OverflowError("int too large to convert")
    if n < 2 or n & n - 1:
        raise ValueError("n must be a power of 2.")
    if not 0 <= maxmem <= _INT_MAX:
        raise ValueError(f"maxmem must be positive and smaller than {_INT_MAX}")
    if not 1 <= dklen <= _INT_MAX:
        raise ValueError(f"dklen must be greater than 0 and smaller than {_INT_MAX}")
    if not (r and p):
        raise ValueError("Invalid parameter combination for n, r, p, maxmem.")
    parameters = [_octet("pass", password), _octet("salt", salt), _number("n", n), _number("r", r), _number("p", p),
                  _number("maxmem_bytes", maxmem or _SCRYPT_MEMORY)]
    return _call(_provider().kdf.derive, "SCRYPT", parameters, dklen)


def _integer(value):
    if not hasattr(value, "__index__"):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    return value.__index__()


def get_fips_mode():
    """Determine the OpenSSL FIPS mode of operation: it is off."""
    return 0
