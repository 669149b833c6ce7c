#!/usr/bin/env python3
"""Runs pylon.wasm under the stock `wasmtime` package of PyPI.

    wheel.py [--dir=HOST[::GUEST]]... [--env=NAME=VALUE]... pylon.wasm [ARGUMENT]...

The machine code is kept beside the component (pylon.cwasm), so that only the first run compiles. It runs unchecked: the folder
should be writable to nobody else.
"""

import os
import pathlib
import sys
import threading

import wasmtime
from wasmtime import component

STACK = 2 << 20  # bytes of the machine's stack that Python may use; the package allows no more
RUN = "wasi:cli/run@0.2.0"


def engine() -> wasmtime.Engine:
    """The settings are part of the machine code: the same ones compile and load."""
    config = wasmtime.Config()
    config.max_wasm_stack = STACK
    return wasmtime.Engine(config)


def load(engine: wasmtime.Engine, path: pathlib.Path) -> component.Component:
    """The component, from its machine code where that is newer and fits this engine."""
    code = path.with_suffix(".cwasm")
    if code.exists() and code.stat().st_mtime_ns >= path.stat().st_mtime_ns:
        try:
            return component.Component.deserialize_file(engine, str(code))
        except wasmtime.WasmtimeError:
            pass  # of another version, or another processor
    made = component.Component.from_file(engine, path)
    aside = code.with_suffix(f".{os.getpid()}")
    aside.write_bytes(made.serialize())
    aside.replace(code)
    return component.Component.deserialize_file(engine, str(code))


def run(engine: wasmtime.Engine, python: component.Component, wasi: wasmtime.WasiConfig) -> int:
    """Runs Python to its end; the exit code."""
    linker = component.Linker(engine)
    linker.add_wasip2()
    with wasmtime.Store(engine) as store:
        store.set_wasi(wasi)
        instance = linker.instantiate(store, python)
        main = instance.get_func(store, python.get_export_index("run", python.get_export_index(RUN)))
        try:
            main(store)
            return 0
        except wasmtime.ExitTrap as end:
            return end.code


def main() -> int:
    words = sys.argv[1:]
    wasi = wasmtime.WasiConfig()
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    variables = []
    while words and words[0].startswith("--"):
        option, _, value = words.pop(0).partition("=")
        if option == "--dir":
            host, _, guest = value.partition("::")
            wasi.preopen_dir(host, guest or host)
        elif option == "--env":
            variables.append(value.split("=", 1))
        else:
            sys.exit(__doc__)
    if not words:
        sys.exit(__doc__)
    wasi.env = variables
    wasi.argv = ["python", *words[1:]]
    made = engine()
    return run(made, load(made, pathlib.Path(words[0])), wasi)


if __name__ == "__main__":
    codes = []
    threading.stack_size(8 * STACK)
    guest = threading.Thread(target=lambda: codes.append(main()), daemon=True)
    guest.start()
    guest.join()
    sys.exit(codes[0] if codes else 1)
