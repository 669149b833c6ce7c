"""Passwords: hashes to keep (PHC strings), and keys from them.

    kept = kdf.hash("correct horse")                 # $argon2id$v=19$m=19456,t=2,p=1$...
    kdf.verify(kept, "correct horse")                # True
    key = kdf.derive("correct horse", salt, 32, scheme="scrypt")

Costs are what OWASP recommends unless others are given; `needs_rehash()` says of a kept hash whether it was made with less."""

import base64 as _base64
import hmac as _hmac

__all__ = ["SCHEMES", "derive", "hash", "identify", "needs_rehash", "verify"]

# The costs of each scheme, by the names in a PHC string.
SCHEMES = {
    "argon2id": {"m": 19456, "t": 2, "p": 1},
    "argon2i": {"m": 19456, "t": 3, "p": 1},
    "argon2d": {"m": 19456, "t": 2, "p": 1},
    "scrypt": {"ln": 17, "r": 8, "p": 1},
    "pbkdf2-sha256": {"i": 600_000},
    "pbkdf2-sha512": {"i": 210_000},
}
_ARGON2_VERSION = 19
# A kept hash may come from anywhere: one that asks for more is not computed.
_LARGEST = {"m": 1 << 20, "t": 1 << 10, "p": 64, "ln": 20, "r": 32, "i": 10_000_000}
_LONGEST = 1024


def _octets(value):
    return value.encode() if isinstance(value, str) else bytes(value)


def _checked(scheme, costs):
    if scheme not in SCHEMES:
        raise ValueError(f"unknown scheme {scheme!r}: there are {', '.join(SCHEMES)}")
    if unknown := set(costs) - set(SCHEMES[scheme]):
        raise TypeError(f"{scheme} has no cost {', '.join(sorted(unknown))}: it has {', '.join(SCHEMES[scheme])}")
    costs = SCHEMES[scheme] | costs
    for name, value in costs.items():
        if not 1 <= value <= _LARGEST[name]:
            raise ValueError(f"{name} must be from 1 to {_LARGEST[name]}")
    return costs


def derive(password, salt, length, *, scheme="argon2id", **costs):
    """A key of that many bytes."""
    import _openssl_cap
    costs, value = _checked(scheme, costs), _openssl_cap.parameters.Value
    told = [("pass", value.Octets(_octets(password))), ("salt", value.Octets(_octets(salt)))]
    if scheme == "scrypt":
        n, r, p = 1 << costs["ln"], costs["r"], costs["p"]
        numbers = {"n": n, "r": r, "p": p, "maxmem_bytes": 128 * r * (n + p + 2) + (1 << 20)}
    elif scheme.startswith("argon2"):
        numbers = {"memcost": costs["m"], "iter": costs["t"], "lanes": costs["p"], "version": _ARGON2_VERSION}
    else:
        numbers = {"iter": costs["i"], "pkcs5": 1}
        told.append(("digest", value.Text(scheme.removeprefix("pbkdf2-"))))
    told += ((name, value.Number(number)) for name, number in numbers.items())
    try:
        return _openssl_cap.kdf.derive(scheme.partition("-")[0].upper(), told, length)
    except _openssl_cap.error.ProblemError as problem:
        raise ValueError(problem.value.reason) from None


def hash(password, *, scheme="argon2id", salt=None, length=32, **costs):
    """A PHC string to keep, with a new salt unless one is given."""
    costs = _checked(scheme, costs)
    if salt is None:
        import _openssl_cap
        salt = _openssl_cap.random.bytes(16)
    key = derive(password, salt, length, scheme=scheme, **costs)
    version = f"v={_ARGON2_VERSION}$" if scheme.startswith("argon2") else ""
    return f"${scheme}${version}{','.join(f'{name}={value}' for name, value in costs.items())}${_to_base64(salt)}${_to_base64(key)}"


def verify(kept, password):
    """Whether the password is that of a PHC string; the comparison takes the same time for every wrong one."""
    scheme, costs, salt, key = _parsed(kept)
    return _hmac.compare_digest(key, derive(password, salt, len(key), scheme=scheme, **costs))


def identify(kept):
    """The scheme of a PHC string, or None if it is none that this module knows."""
    try:
        return _parsed(kept)[0]
    except ValueError:
        return None


def needs_rehash(kept, *, scheme="argon2id", **costs):
    """Whether a PHC string is of another scheme, or was made with lower costs, than one that is made now."""
    was, had, _, _ = _parsed(kept)
    return was != scheme or any(had[name] < value for name, value in _checked(scheme, costs).items())


def _parsed(kept):
    """Scheme, costs, salt and key of a PHC string."""
    words = kept.split("$")
    if len(words) == 6 and words[1].startswith("argon2") and words[2] == f"v={_ARGON2_VERSION}":
        del words[2]
    if len(words) != 5 or words[0] or words[1] not in SCHEMES:
        raise ValueError("not the PHC string of a known scheme")
    pairs = [pair.partition("=") for pair in words[2].split(",")]
    if [name for name, _, _ in pairs] != list(SCHEMES[words[1]]) or not all(value.isascii() and value.isdecimal() and len(value) < 10 for _, _, value in pairs):
        raise ValueError(f"the costs of this string are not those of {words[1]}")
    salt, key = map(_from_base64, words[3:])
    if not 1 <= len(key) <= _LONGEST:
        raise ValueError("no hash is of that length")
    return words[1], _checked(words[1], {name: int(value) for name, _, value in pairs}), salt, key


def _to_base64(data):
    return _base64.b64encode(data).decode().rstrip("=")


def _from_base64(text):
    return _base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
