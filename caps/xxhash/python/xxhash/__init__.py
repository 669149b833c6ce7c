"""xxHash, with the interface of the PyPI package xxhash."""

from operator import index as _index

import _xxhash_cap as _cap
from _xxhash_cap import State as _State, digest as _digest

from .version import VERSION

XXHASH_VERSION = _cap.version()
algorithms_available = {"xxh32", "xxh64", "xxh3_64", "xxh128", "xxh3_128"}
algorithms_guaranteed = algorithms_available


_NOTHING = b""


def _checked(data):
    """The data, or the error that says what is wrong with it."""
    if type(data) is bytes:
        return data
    if isinstance(data, str):
        raise TypeError("Strings must be encoded before hashing")
    try:
        return memoryview(data)
    except TypeError:
        raise TypeError("object supporting the buffer API required") from None


class _Hasher:
    """A hash whose data comes in pieces."""

    __slots__ = ("_state", "_seed")

    def __init__(self, data=_NOTHING, seed=0):
        self._seed = _index(seed) & self._mask
        self._state = _State(self._algorithm, self._seed)
        if data is not _NOTHING:
            self._state.update(_checked(data))

    def update(self, data):
        """Adds data."""
        self._state.update(_checked(data))

    def digest(self):
        """The digest of the data so far as bytes."""
        return self._state.digest()

    def hexdigest(self):
        """The digest of the data so far in hexadecimal."""
        return self._state.digest().hex()

    def intdigest(self):
        """The digest of the data so far as an integer."""
        return int.from_bytes(self._state.digest(), "big")

    def copy(self):
        """A copy that goes on by itself."""
        other = object.__new__(type(self))
        other._seed, other._state = self._seed, self._state.copy()
        return other

    def reset(self):
        """Forgets all data."""
        self._state.reset()

    seed = property(lambda self: self._seed, doc="The seed.")
    name = property(lambda self: type(self).__name__.upper(), doc="The name of the algorithm.")
    digest_size = digestsize = property(lambda self: self._digest_size, doc="The length of the digest in bytes.")
    block_size = property(lambda self: self._block_size, doc="The size of the blocks that are worked on at a time.")


def _define(name, algorithm, bits, block, seed_bits):
    """The class of an algorithm and its functions of one call."""
    mask = (1 << seed_bits) - 1

    def digest(data, seed=0):
        return _digest(algorithm, _checked(data), _index(seed) & mask)

    def hexdigest(data, seed=0):
        return _digest(algorithm, _checked(data), _index(seed) & mask).hex()

    def intdigest(data, seed=0):
        return int.from_bytes(_digest(algorithm, _checked(data), _index(seed) & mask), "big")

    def __init_subclass__(cls):
        raise TypeError(f"type 'xxhash.{name}' is not an acceptable base type")

    members = {"__slots__": (), "__module__": "xxhash", "_algorithm": algorithm, "_mask": mask, "_digest_size": bits // 8, "_block_size": block,
               "__init_subclass__": classmethod(__init_subclass__), "__doc__": f"An {name.upper()} hash."}
    made = {name: type(name, (_Hasher,), members)}
    for function in (digest, hexdigest, intdigest):
        function.__name__ = function.__qualname__ = f"{name}_{function.__name__}"
        function.__doc__ = f"The {name.upper()} of data in one call."
        made[function.__name__] = function
    return made


globals().update(_define("xxh32", _cap.Algorithm.XXH32, 32, 16, 32))
globals().update(_define("xxh64", _cap.Algorithm.XXH64, 64, 32, 64))
globals().update(_define("xxh3_64", _cap.Algorithm.XXH3_64, 64, 32, 64))
globals().update(_define("xxh3_128", _cap.Algorithm.XXH3_128, 128, 64, 64))
globals().update({name.replace("xxh3_128", "xxh128"): value for name, value in list(globals().items()) if name.startswith("xxh3_128")})

__all__ = sorted(name for name in globals() if name.startswith("xxh")) + ["VERSION", "XXHASH_VERSION", "algorithms_available", "algorithms_guaranteed"]
