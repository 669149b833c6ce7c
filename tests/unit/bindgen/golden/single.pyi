# Made by pylon-bindgen from demo:single@1.2.0.
"""One interface: short method names, everything on the module itself."""
from collections import abc
from enum import IntEnum, IntFlag
from typing import Generic, Self, TypeVar

class Error(Exception):
    value: object

def set_callbacks(interface: str, implementation: object) -> None: ...

Range = shared.Span
class KeyErrorValue(IntEnum):
    """Why a key is refused \\"""
    SHORT = 0
    LONG = 1

class KeyError(Exception):
    value: KeyErrorValue

class Source:
    tag: str
    class Empty(Source):
        def __init__(self) -> None: ...
    class Whole(Source):
        @property
        def value(self) -> bytes: ...
        def __init__(self, value: bytes) -> None: ...
    class Part(Source):
        @property
        def value(self) -> shared.Span: ...
        def __init__(self, value: shared.Span) -> None: ...

class Options(IntFlag):
    FAST = 1
    SEEDED = 2

class State:
    """Hashes piece by piece."""
    def __init__(self, key: abc.Buffer | None = None) -> None: ...
    def update(self, chunk: abc.Buffer) -> None: ...
    def finish(self, length: int) -> bytes:
        """As many bytes as wanted."""
    @staticmethod
    def restore(all: abc.Iterable[State]) -> State: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exception: object) -> None: ...

def hash(data: abc.Buffer) -> bytes:
    """Hashes at once.
    \"Quickly\", as they say."""
def keyed(data: abc.Buffer, key: abc.Buffer, options: Options) -> bytes: ...
def from_(source: Source) -> tuple[int | None] | None: ...

class progress:
    ...

class shared:
    class Span(tuple):
        """Where something lies."""
        @property
        def start(self) -> int: ...
        @property
        def length(self) -> int: ...
        def __new__(cls, fields: abc.Iterable[object] = ..., /, *, start: int = ..., length: int = ...) -> Self: ...
