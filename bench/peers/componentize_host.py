"""Runs the component that componentize-py built: `compile WASM CWASM`, `code CWASM TEXT`, `file CWASM PATH`."""

import pathlib
import sys

import wasmtime
from wasmtime import component


def compile_component(source: str, target: str) -> None:
    """Compiles ahead of time, so that a measured run only loads."""
    pathlib.Path(target).write_bytes(component.Component.from_file(wasmtime.Engine(), source).serialize())


def execute(compiled: str, code: str) -> str:
    """What the program printed."""
    engine = wasmtime.Engine()
    linker = component.Linker(engine)
    linker.add_wasip2()
    store = wasmtime.Store(engine)
    wasi = wasmtime.WasiConfig()
    wasi.inherit_stderr()
    store.set_wasi(wasi)
    instance = linker.instantiate(store, component.Component.deserialize_file(engine, compiled))
    return instance.get_func(store, "run")(store, code)


command, first, second = sys.argv[1:]
if command == "compile":
    compile_component(first, second)
else:
    sys.stdout.write(execute(first, second if command == "code" else pathlib.Path(second).read_text()))
