"""A profile names one CPython: its libraries, standard library and headers. This makes a folder of them."""

import fnmatch
import hashlib
import pathlib
import shutil
import subprocess
import sys
import tomllib

from kit import cache, crates, debian, llvm
from kit.report import Failure, run, say

FOLDER = cache.TOOLCHAIN_SOURCE / "profiles"
BUILDER = cache.TOOLCHAIN_SOURCE / "python-from-source"
KINDS = {"shared-library", "source"}


def read(name):
    """The profile of this name, as a dictionary."""
    known = sorted(path.stem for path in FOLDER.glob("*.toml"))
    if name not in known:
        raise Failure(f"unknown profile '{name}'; known: {', '.join(known)}", f"choose one of them, or add {FOLDER / name}.toml")
    path = FOLDER / f"{name}.toml"
    try:
        profile = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as problem:
        raise Failure(f"{path}: {problem}") from None
    if profile.get("kind") not in KINDS:
        raise Failure(f"{path}: kind is '{profile.get('kind')}'; known: {', '.join(sorted(KINDS))}")
    return profile


def packages(profile):
    """The Debian packages that a profile needs."""
    sections = [profile[name] for name in ("headers", "source") if name in profile]
    sections += profile.get("source", {}).get("needs", [])
    return [package for section in sections if "package" in section for package in packages_of(section)]


def packages_of(section):
    """The package that a section names, from the lock."""
    found = [package for package in debian.read_lock() if package.name == section["package"]]
    if not found:
        raise Failure(f"{debian.LOCK} has no package {section['package']}", "add a line for it and run `toolchain/lock debian`")
    return found


def folder(name, toolchain_key):
    """Where the files of a profile are unpacked or built. A build from source is redone only for what decides its contents."""
    chosen = read(name)
    inputs = [toolchain_key]
    if chosen["kind"] == "source":
        inputs = [BUILDER.read_text(), llvm.sdk(), llvm.packages(), packages(chosen), crates.pins()[chosen["libraries"]["crate"]]]
    key = hashlib.sha256(repr(inputs).encode() + (FOLDER / f"{name}.toml").read_bytes())
    return cache.root() / f"profile-{name}-{key.hexdigest()[:16]}"


def install(name, profile, target, toolchain, downloads):
    """lib/ (shared libraries), stdlib/ (sources only), include/ (headers with the right pyconfig.h)."""
    try:
        if profile["kind"] == "source":
            build_from_source(name, profile, target, toolchain, downloads)
            return
        libraries(profile["libraries"], profile["libraries"]["names"], target, downloads)
        standard_library(profile["stdlib"], target, downloads)
        headers(profile["headers"], target, downloads, profile["stdlib"]["sysconfig"])
    except KeyError as missing:
        raise Failure(f"the profile lacks the entry {missing}", f"compare it with {FOLDER / 'default.toml'}") from None


def build_from_source(name, profile, target, toolchain, downloads):
    """Unpacks the C library and builds CPython over it (toolchain/python-from-source). What is finished is kept for the next try."""
    made = profile["source"]["library"]
    libraries(profile["libraries"], [library for library in profile["libraries"]["names"] if library != made], target, downloads)
    status = subprocess.run([sys.executable, BUILDER, "--profile", FOLDER / f"{name}.toml", "--toolchain", toolchain, "--libraries", target / "lib",
                             "--work", target / "work", "--output", target], stdout=sys.stderr).returncode
    if status != 0:
        raise Failure(f"CPython {profile['python']['version']} could not be built from source; the lines above say why",
                      "run the same command again to go on from the last finished part")
    shutil.rmtree(target / "work")


def tarball(source, downloads):
    """The source tarball: of a Debian source package, or a file of the user's with its hash."""
    if "package" in source:
        package, = packages_of(source)
        return debian.fetch([package], downloads)[package.name]
    file = pathlib.Path(source["file"]).expanduser()
    actual = cache.sha256_file(file)
    if actual != source["sha256"]:
        raise Failure(f"wrong hash: {file}\n    expected  sha256 {source['sha256']} (of the profile)\n    actual    sha256 {actual}",
                      "get the file again, or correct the profile if these are the bytes you trust")
    return file


def libraries(section, names, target, downloads):
    """Unpacks shared libraries of the crate."""
    archive = crates.fetch(section["crate"], downloads)
    unpacked, lib = cache.fresh(target / "unpacked"), cache.fresh(target / "lib")
    crates.unpack(archive, lambda path: path.startswith(section["folder"] + "/"), unpacked)
    for name in names:
        packed = unpacked / section["folder"] / f"{name}.zst"
        run(["zstd", "-q", "-d", "-f", packed, "-o", lib / name], f"unpacking {name}")
    shutil.rmtree(unpacked)


def standard_library(section, target, downloads):
    """Unpacks the standard library without what is not part of it."""
    archive = crates.fetch(section["crate"], downloads)
    unpacked = cache.fresh(target / "unpacked")
    crates.unpack(archive, lambda path: path == section["archive"], unpacked)
    run(["tar", "--zstd", "-xf", section["archive"]], "unpacking the standard library", cwd=unpacked)
    root = unpacked / section["root"]
    for path in sorted(root.rglob("*"), reverse=True):
        name = path.relative_to(root).as_posix()
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in section["without"]):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.rmtree(target / "stdlib", ignore_errors=True)
    root.rename(target / "stdlib")
    shutil.rmtree(unpacked)


def headers(section, target, downloads, sysconfig):
    """Unpacks the headers and writes pyconfig.h beside them."""
    package, = packages_of(section)
    unpacked = cache.fresh(target / "unpacked")
    debian.unpack(debian.fetch([package], downloads)[package.name], unpacked)
    shutil.rmtree(target / "include", ignore_errors=True)
    (unpacked / section["include"]).rename(target / "include")
    text = run([sys.executable, cache.TOOLCHAIN_SOURCE / "pyconfig.py", target / "stdlib" / sysconfig, unpacked / section["pyconfig"]], "writing pyconfig.h")
    (target / "include/pyconfig.h").write_text(text)
    shutil.rmtree(unpacked)


def settings(name, profile, target):
    """Names for CMake and their values."""
    return {
        "PYLON_PROFILE": name,
        "PYLON_PYTHON_VERSION": profile["python"]["version"], "PYLON_PYTHON_SHORT": profile["python"]["short"],
        "PYLON_PYTHON_INCLUDE": target / "include", "PYLON_PYTHON_STDLIB": target / "stdlib",
        "PYLON_PYTHON_LIBRARIES": ";".join(str(target / "lib" / library) for library in profile["libraries"]["names"]),
        "PYLON_PYTHON_SYSCONFIG": profile["stdlib"]["sysconfig"],
    }
