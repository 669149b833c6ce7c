"""The cache folder: downloads and unpacked trees, each complete or absent."""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import tempfile


class FetchError(Exception):
    """Something could not be fetched or is not what its lock says; the text says what to do."""


def root() -> pathlib.Path:
    """$PYLON_CACHE/bench, or ~/.cache/pylon/bench (XDG_CACHE_HOME is honoured)."""
    if configured := os.environ.get("PYLON_CACHE"):
        return pathlib.Path(configured) / "bench"
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "pylon" / "bench"


def digest(*parts: str) -> str:
    """The key of a tree: sixteen hexadecimal digits over everything it is made from."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def file_digest(path: pathlib.Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def locked(name: str):
    """Holds the cache's lock of that name, so that two runs never fetch the same thing at once."""
    root().mkdir(parents=True, exist_ok=True)
    with open(root() / f".{name}.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def tree(name: str, key: str, build) -> pathlib.Path:
    """The folder `name-key`; where it is absent, `build(folder)` makes it and it appears whole."""
    final = root() / f"{name}-{key}"
    if final.is_dir():
        return final
    with locked(name):
        if final.is_dir():
            return final
        partial = pathlib.Path(tempfile.mkdtemp(prefix=f".{name}-", dir=root()))
        try:
            build(partial)
            partial.chmod(0o755)
            partial.rename(final)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return final


def downloads(kind: str) -> pathlib.Path:
    """The folder that keeps downloaded files of one kind between runs."""
    folder = root() / "downloads" / kind
    folder.mkdir(parents=True, exist_ok=True)
    return folder
