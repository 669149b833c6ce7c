"""OpenSSL as the openssl cap has it, but built for this machine: the same release and options, without assembly, by the
same clang. `program()` is crypto_work.c over it."""

import os
import pathlib
import subprocess
import sys
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
CAP = HERE.parent
REPOSITORY = CAP.parent.parent
OPTIONS = "linux-x86_64 no-asm"
LIBRARIES = ("libssl.a", "libcrypto.a")

sys.path[:0] = [str(REPOSITORY / "toolchain"), str(REPOSITORY / "bench")]
from kit import crates, report  # noqa: E402 (found through the line above)
from peers import cache  # noqa: E402


def compiler(settings: pathlib.Path) -> str:
    """The words for the toolchain's clang, with this machine's headers and libraries."""
    words = dict(line.removeprefix("set(").removesuffix(")").split(" ", 1) for line in settings.read_text().splitlines() if line.startswith("set("))
    return f"{words['PYLON_CLANG'].strip(chr(34))} --target=x86_64-linux-gnu --sysroot=/"


def library(clang: str, log) -> pathlib.Path:
    """The folder with the libraries and their headers."""
    sources = tomllib.loads((CAP / "cap.toml").read_text())["source"]
    script = CAP / "build"

    def build(folder: pathlib.Path) -> None:
        log("building OpenSSL for this machine: some 3 minutes, once")
        for source in sources:
            archive = crates.download(source["crate"], source["version"])
            if cache.file_digest(archive) != source["sha256"]:
                raise cache.FetchError(f"{archive} is not the crate that {CAP / 'cap.toml'} pins")
            crates.unpack(archive, lambda path: True, folder / source["crate"])
        tools = str(pathlib.Path(clang.split()[0]).parent)
        environment = {**os.environ, "CC": clang, "AR": f"{tools}/llvm-ar", "RANLIB": f"{tools}/llvm-ranlib", "OPENSSL_TARGET": OPTIONS,
                       "OUTPUT": str(folder), "JOBS": os.environ.get("JOBS") or str(os.cpu_count() or 2)}
        report.run([script], f"running {script}", cwd=folder, env=environment)
        subprocess.run(["find", folder, "-name", "*.o", "-delete"], check=True)

    key = cache.digest(*(source["sha256"] for source in sources), script.read_text(), OPTIONS, clang)
    return cache.tree("openssl-native", key, build)


def program(settings: pathlib.Path, log) -> pathlib.Path:
    """The native side of `crypto`."""
    clang, source = compiler(settings), HERE / "crypto_work.c"
    libraries = library(clang, log)

    def build(folder: pathlib.Path) -> None:
        subprocess.run([*clang.split(), "-O2", "-w", "-I", libraries / "openssl-src/openssl/include", source, *(libraries / name for name in LIBRARIES),
                        "-o", folder / "crypto_work"], check=True)

    return cache.tree("crypto-work", cache.digest(source.read_text(), str(libraries), clang), build) / "crypto_work"
