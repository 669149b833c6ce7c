"""Parts of the package that are imported when something of them is first used: most programs use few of them, and start sooner so."""

import importlib


class _Part:
    """Stands for a module; keeps what was asked of it."""

    def __init__(self, module):
        self.__module = module

    def __getattr__(self, name):
        found = getattr(importlib.import_module(f".{self.__module}", __package__), name)
        setattr(self, name, found)
        return found


_enums = _Part("_enums")
_expressions = _Part("_expressions")
_files = _Part("_files")
_functions = _Part("_functions")
_objects = _Part("_objects")
_relation = _Part("_relation")
