"""Where things live: the user's cache, its verified downloads, and the folder of one toolchain."""

import fcntl
import hashlib
import os
import pathlib
import shutil
import time

from kit.report import Failure, say

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
TOOLCHAIN_SOURCE = REPOSITORY / "toolchain"
UNUSED_SECONDS = 30 * 24 * 3600


def root():
    """The cache folder: $PYLON_CACHE, or pylon/ in the user's cache folder."""
    chosen = os.environ.get("PYLON_CACHE")
    if chosen:
        return pathlib.Path(chosen).absolute()
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache").absolute() / "pylon"


def sha256_file(path):
    """The SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_hash(path, expected, name, relock):
    """Removes the file and fails if its contents are not what the lock says."""
    actual = sha256_file(path)
    if actual == expected:
        return
    os.unlink(path)
    raise Failure(f"wrong hash: {name}\n    file      {path} (removed)\n    expected  sha256 {expected}\n    actual    sha256 {actual}",
                  f"run it again, in case the download was damaged; if it stays wrong, the registry now serves other bytes "
                  f"than those this source was tested with: do not use them, or review them and run `{relock}`")


class Downloads:
    """Verified downloads, kept by hash, so that an interrupted run goes on where it stopped."""

    def __init__(self):
        self.folder = root() / "downloads"
        self.folder.mkdir(parents=True, exist_ok=True)

    def find(self, sha256):
        """The file with this hash, or None. The hash is checked again; a damaged file is dropped."""
        path = self.folder / sha256
        if not path.exists():
            return None
        if sha256_file(path) == sha256:
            os.utime(path)
            return path
        say(f"dropping a damaged download: {path}")
        path.unlink()
        return None

    def add(self, path, sha256, name, relock):
        """Checks a fresh download against the lock and keeps it."""
        check_hash(path, sha256, name, relock)
        kept = self.folder / sha256
        with open(path, "rb") as stream:
            os.fsync(stream.fileno())
        os.replace(path, kept)
        return kept


class Lock:
    """One process at a time works on a folder; others wait."""

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / ".lock"

    def __enter__(self):
        self.stream = open(self.path, "w")
        try:
            fcntl.flock(self.stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another process works on {self.path.parent}; waiting for it")
            fcntl.flock(self.stream, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_):
        self.stream.close()


def prune(keep):
    """Marks these folders as used now, and removes toolchains, profiles and downloads that nothing has used for a long time."""
    for path in keep:
        os.utime(path)
    for path in [*root().glob("toolchain-*"), *root().glob("profile-*"), *root().glob("downloads/*")]:
        if path.stat().st_mtime > time.time() - UNUSED_SECONDS:
            continue
        say(f"removing {path}: unused for 30 days")
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def fresh(folder):
    """Empties or makes a folder."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder
