"""The libraries of the programs that run on the host: Debian's headers and archives in one prefix of our own."""

import shutil

from kit import cache, debian
from kit.report import Failure, say


def packages():
    """The Debian packages of this part."""
    return [package for package in debian.read_lock() if package.group == "host"]


def install(toolchain, downloads):
    """Headers into host/include, archives into host/lib, licences into host/licences."""
    files = debian.fetch(packages(), downloads)
    host = cache.fresh(toolchain / "host")
    say("unpacking host libraries")
    for package in packages():
        unpacked = cache.fresh(toolchain / "unpacked")
        debian.unpack(files[package.name], unpacked)
        collect(unpacked, host)
        shutil.copy2(licence(unpacked, package.name, toolchain), host / "licences" / package.name)
    shutil.rmtree(toolchain / "unpacked")


def collect(unpacked, host):
    """Takes what a build needs out of one unpacked package."""
    for folder in ("lib", "licences"):
        (host / folder).mkdir(parents=True, exist_ok=True)
    shutil.copytree(unpacked / "usr/include", host / "include", dirs_exist_ok=True, symlinks=True)
    multiarch = host / "include/x86_64-linux-gnu"
    if multiarch.exists():
        shutil.copytree(multiarch, host / "include", dirs_exist_ok=True)
        shutil.rmtree(multiarch)
    for archive in unpacked.glob("usr/lib/x86_64-linux-gnu/*.a"):
        if archive.is_file():
            shutil.copy2(archive, host / "lib", follow_symlinks=True)


def licence(unpacked, name, toolchain):
    """A package's copyright file; some packages point to the one of a sister package, which the compiler part has."""
    documents = unpacked / "usr/share/doc" / name
    if documents.is_symlink():
        documents = toolchain / "usr/share/doc" / documents.readlink().name
    if not (documents / "copyright").exists():
        raise Failure(f"the package {name} has no copyright file at {documents}")
    return documents / "copyright"


def settings(toolchain):
    """Names for CMake and their values."""
    return {"PYLON_HOST_INCLUDE": toolchain / "host/include", "PYLON_HOST_LIB": toolchain / "host/lib",
            "PYLON_HOST_LICENCES": toolchain / "host/licences"}
