"""libc++, libc++abi and libunwind for wasm32-wasip2 with exceptions, for components written in C++.

Debian's libc++ for WebAssembly has no exceptions and no wasip2 folder; this builds the same release from its source.
"""

import os
import shutil

from kit import cache, debian
from kit.llvm import LLVM
from kit.report import run, say

TARGET = "wasm32-wasip2"
WANTED = ("*/libcxx/*", "*/libcxxabi/*", "*/libunwind/*", "*/runtimes/*", "*/cmake/*", "*/libc/*", "*/llvm/utils/llvm-lit/*")
# std::filesystem takes musl for Linux and reaches for calls that WASI has not.
OPERATIONS = "src/filesystem/operations.cpp"
MUSL = "|| _LIBCPP_HAS_MUSL_LIBC || defined(__FreeBSD__)"
MUSL_NOT_WASI = "|| (_LIBCPP_HAS_MUSL_LIBC && !defined(__wasi__)) || defined(__FreeBSD__)"
# LLVM 22 refers to this tag and defines it nowhere.
TAG = "\t.tagtype\t__cpp_exception i32\n\t.globl\t__cpp_exception\n__cpp_exception:\n"


def install(toolchain, downloads):
    """Builds the three libraries into the sysroot."""
    package = next(package for package in debian.read_lock() if package.group == "cxx")
    archive = debian.fetch([package], downloads)[package.name]
    work = cache.fresh(toolchain / "cxx")
    say("unpacking the source of libc++")
    run(["tar", "--xz", "-xf", archive, "--strip-components=1", "--exclude", "*/test", "--wildcards", *WANTED], "unpacking the source of libc++", cwd=work)
    prepare(work)
    say("building libc++, libc++abi and libunwind with exceptions (about two minutes)")
    build = work / "build"
    run(["cmake", "-G", "Ninja", "-S", work / "runtimes", "-B", build, *definitions(toolchain, work)], "configuring libc++", log=work / "configure.log")
    run(["ninja", "-C", build, f"-j{os.environ.get('JOBS') or os.cpu_count() or 2}", "install-cxx", "install-cxxabi", "install-unwind"],
        "building libc++", log=work / "build.log")
    add_tag(toolchain, work)
    shutil.rmtree(work)


def prepare(work):
    """The one correction of the source, and the platform file that CMake lacks."""
    path = work / "libcxx" / OPERATIONS
    path.write_text(path.read_text().replace(MUSL, MUSL_NOT_WASI))
    platform = work / "modules/Platform"
    platform.mkdir(parents=True)
    (platform / "WASI.cmake").write_text("set(WASI 1)\nset_property(GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS TRUE)\n")


def definitions(toolchain, work):
    """CMake's settings."""
    tools, include = toolchain / LLVM, toolchain / "usr/include" / TARGET
    flags = f"-fwasm-exceptions -mllvm -wasm-use-legacy-eh=false -ffile-prefix-map={work}=/llvm"
    values = {
        "CMAKE_BUILD_TYPE": "Release", "CMAKE_SYSTEM_NAME": "WASI", "CMAKE_SYSTEM_PROCESSOR": "wasm32", "UNIX": "ON",
        "CMAKE_MODULE_PATH": work / "modules", "CMAKE_INSTALL_PREFIX": toolchain / "usr", "CMAKE_TRY_COMPILE_TARGET_TYPE": "STATIC_LIBRARY",
        "CMAKE_C_COMPILER": tools / "clang", "CMAKE_CXX_COMPILER": tools / "clang++", "CMAKE_ASM_COMPILER": tools / "clang",
        "CMAKE_AR": tools / "llvm-ar", "CMAKE_RANLIB": tools / "llvm-ranlib", "CMAKE_C_FLAGS": flags, "CMAKE_CXX_FLAGS": flags,
        "LLVM_ENABLE_RUNTIMES": "libunwind;libcxxabi;libcxx", "LLVM_INCLUDE_TESTS": "OFF", "LLVM_INCLUDE_DOCS": "OFF",
        "LIBCXX_HAS_EXTERNAL_THREAD_API": "OFF", "LIBCXX_HAS_WIN32_THREAD_API": "OFF", "LIBCXX_HAS_MUSL_LIBC": "ON", "LIBCXX_ABI_VERSION": "2",
        "LIBCXX_CXX_ABI": "libcxxabi", "LIBCXX_INCLUDE_BENCHMARKS": "OFF", "LIBCXX_ENABLE_ABI_LINKER_SCRIPT": "OFF",
        "LIBCXXABI_HAS_CXA_THREAD_ATEXIT_IMPL": "OFF", "LIBCXXABI_SILENT_TERMINATE": "ON", "LIBCXXABI_USE_LLVM_UNWINDER": "ON",
        "LIBUNWIND_HIDE_SYMBOLS": "ON", "LIBUNWIND_INSTALL_INCLUDE_DIR": include, "LIBCXX_INSTALL_INCLUDE_TARGET_DIR": include / "c++/v1",
    }
    for language in ("C", "CXX", "ASM"):
        values[f"CMAKE_{language}_COMPILER_TARGET"] = TARGET
        values[f"CMAKE_{language}_COMPILER_WORKS"] = "ON"
    for library in ("LIBCXX", "LIBCXXABI", "LIBUNWIND"):
        values |= {f"{library}_ENABLE_SHARED": "OFF", f"{library}_INCLUDE_TESTS": "OFF", f"{library}_USE_COMPILER_RT": "ON",
                   f"{library}_ENABLE_THREADS": "ON", f"{library}_LIBDIR_SUFFIX": f"/{TARGET}"}
    for library in ("LIBCXX", "LIBCXXABI"):
        values |= {f"{library}_ENABLE_EXCEPTIONS": "ON", f"{library}_HAS_PTHREAD_API": "ON", f"{library}_INSTALL_INCLUDE_DIR": include / "c++/v1"}
    return [f"-D{name}={value}" for name, value in values.items()]


def add_tag(toolchain, work):
    """Adds the exception tag to libunwind.a."""
    (work / "tag.s").write_text(TAG)
    run([toolchain / LLVM / "clang", f"--target={TARGET}", "-mexception-handling", "-c", "tag.s", "-o", "tag.o"], "assembling the exception tag", cwd=work)
    run([toolchain / LLVM / "llvm-ar", "rsD", toolchain / "usr/lib" / TARGET / "libunwind.a", "tag.o"], "adding the exception tag", cwd=work)
