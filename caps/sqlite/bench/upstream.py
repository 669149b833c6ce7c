"""SQLite's own benchmark and fuzz corpora, of Debian's source archive: the crate has the library alone."""

import pathlib
import sys
import tarfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY / "bench"), str(REPOSITORY / "toolchain")]

from kit import cache as build_cache, debian, report  # noqa: E402 (found through the line above)
from peers import cache  # noqa: E402

SUITE, VERSION = "trixie", "3.46.1-7+deb13u2"
ARCHIVE, SHA256 = "sqlite3_3.46.1.orig.tar.xz", "d0cdd2ece271b29e7ce18095745d892517ee26d0f270065b3a25c2e9eb11639c"


def folder() -> pathlib.Path:
    """Its folder `test`, fetched where it is absent."""

    def build(target):
        try:
            with build_cache.Lock(build_cache.root() / "apt"):
                apt = debian.Apt([SUITE], True)
                apt.update()
                apt("apt-get", "-qq", "source", "--download-only", "--tar-only", f"sqlite3={VERSION}", doing=f"fetching sqlite3 {VERSION}", cwd=target)
        except report.Failure as failure:
            raise cache.FetchError(str(failure)) from failure
        archive = target / ARCHIVE
        if cache.file_digest(archive) != SHA256:
            raise cache.FetchError(f"{ARCHIVE} of Debian's sqlite3 {VERSION} is not the one that was pinned")
        with tarfile.open(archive) as tar:
            for member in tar:
                member.name = member.name.partition("/")[2]
                if member.isfile() and (member.name == "test/speedtest1.c" or member.name.startswith("test/fuzzdata")):
                    tar.extract(member, target, filter="data")
        for path in target.glob("*.tar.*"):
            path.unlink()

    return cache.tree("sqlite-upstream", SHA256[:16], build) / "test"
