"""Native CPython 3.14: Debian's packages, unpacked into the cache and run through their own dynamic linker."""

import pathlib
import shutil
import subprocess

from . import cache, debian

LOCK = pathlib.Path(__file__).resolve().parent.parent / "debian.lock"
SUITE = "libpython3.14-testsuite"
STDLIB = "libpython3.14-stdlib"  # carries test.support, which the suite's own package lacks


def folder_if_present() -> pathlib.Path | None:
    """The unpacked tree, if an earlier run has fetched it; never downloads."""
    folder = cache.root() / f"native-{key()}"
    return folder if folder.is_dir() else None


def packages() -> list[debian.Package]:
    """The packages of the interpreter: the lock without the test suite."""
    return [package for package in debian.read_lock(LOCK) if package.name != SUITE]


def key() -> str:
    """The digest of what the tree is made from."""
    return cache.digest(*(package.sha256 for package in packages()))


def fetch(log=print) -> pathlib.Path:
    """The unpacked tree, downloaded where it is absent, its standard library byte-compiled as an installation's is."""

    def build(folder: pathlib.Path) -> None:
        debian.unpack(debian.fetch(packages(), log), folder)
        library = folder / "usr/lib/python3.14"
        log("compiling native CPython's standard library")
        subprocess.run([*command(folder), "-I", "-m", "compileall", "-q", "-s", str(folder), library], check=True)

    return cache.tree("native", key(), build)


def command(folder: pathlib.Path) -> list[str]:
    """The words that start the interpreter; its arguments follow. It needs no environment."""
    libraries = folder / "usr/lib/x86_64-linux-gnu"
    program = str(folder / "usr/bin/python3.14")
    return [str(libraries / "ld-linux-x86-64.so.2"), "--argv0", program, "--library-path", str(libraries), program]


def fetch_test_suite(log=print) -> pathlib.Path:
    """The folder that holds the `test` package of CPython's own test suite and nothing else."""
    suite = [package for package in debian.read_lock(LOCK) if package.name in (SUITE, STDLIB)]

    def build(folder: pathlib.Path) -> None:
        unpacked = folder / "unpacked"
        unpacked.mkdir()
        debian.unpack(debian.fetch(suite, log), unpacked)
        (unpacked / "usr/lib/python3.14/test").rename(folder / "test")
        shutil.rmtree(unpacked)

    return cache.tree("testsuite", cache.digest("test only", *(package.sha256 for package in suite)), build)
