"""Finds what caps bring: the modules `_<name>_cap`, and the facades that the plan of this run has.

Facades lie in two folders that the host mounts. Those in SITE are on sys.path. Those in BUILTIN stand for modules that
CPython has in C: some of them this library lacks (_bz2), others are built in (zlib), and the facade takes their place. The
host says which ones there are (`provide`), so that nothing has to be looked for.
"""

import sys
from _frozen_importlib import ModuleSpec, _init_module_attrs
from _frozen_importlib_external import PathFinder

BUILTIN = "/pylon/caps/builtin"
SITE = "/pylon/caps/site"

_Module = type(sys)
_provided = {}  # name of a facade for a module in C -> what tells its content from another's
held = {}  # name -> loader of a module that the snapshot holds, though CPython would find it frozen
_refusals = {}  # name of a cap's module -> why there is none


class CapLoader:
    """Hands out the module of a cap, which the finder had to make in order to know that there is one."""

    @staticmethod
    def create_module(spec):
        module, spec.loader_state = spec.loader_state, None
        return module

    @staticmethod
    def exec_module(module):
        pass


class CapFinder:
    """Stands first on sys.meta_path: what it knows is not looked for in folders."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in held:
            return ModuleSpec(name, held[name])
        if name in _provided:
            return PathFinder.find_spec(name, [BUILTIN])
        if name[:1] == "_" and name[-4:] == "_cap" and path is None:
            return _cap_spec(name)
        return None


def _cap_spec(name):
    import _pylon_caps

    cap = name[1:-4].replace("_", "-")
    try:
        module = _pylon_caps.load(name, cap)
    except _pylon_caps.CapImportError as error:
        if error.kind != "not-found":
            error.name = name
            raise
        _refusals[name] = str(error)
        return None
    return ModuleSpec(name, CapLoader, origin=f"cap {cap}", loader_state=module)


class AbsentFinder:
    """Stands last on sys.meta_path: says why there is no module of a cap if nothing else has the name."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in _refusals:
            raise ModuleNotFoundError(f"No module named {name!r}: {_refusals.pop(name)}", name=name)


# What the import system asks of a module before anybody uses it.
_BEFORE_USE = {"__class__", "__file__", "__loader__", "__name__", "__package__", "__path__", "__spec__"}


class LazyModule(_Module):
    """A module whose source is executed when something in it is used."""

    def __getattribute__(self, name):
        if name not in _BEFORE_USE:
            load(self)
        return _Module.__getattribute__(self, name)

    def __setattr__(self, name, value):
        if name not in _BEFORE_USE:
            load(self)
        _Module.__setattr__(self, name, value)


def load(module):
    """Executes a lazy module. Its object stays the same, so whoever has imported it sees the new content."""
    if type(module) is not LazyModule:
        return
    module.__class__ = _Module
    namespace = vars(module)
    name = module.__name__
    before = namespace.copy()
    try:
        if name in sys.builtin_module_names:
            _become_facade(module)
        else:
            module.__spec__.loader.exec_module(module)
    except BaseException:
        namespace.clear()
        namespace.update(before)
        module.__class__ = LazyModule
        raise


def _become_facade(module):
    name = module.__name__
    spec = PathFinder.find_spec(name, [BUILTIN])
    if spec is None:
        raise ImportError(f"the plan's facade for the module {name!r} is not in {BUILTIN}", name=name)
    namespace = vars(module)
    before = namespace.copy()
    namespace.clear()
    module.__name__ = name
    _init_module_attrs(spec, module, override=True)
    spec.loader.exec_module(module)
    for users, key, attribute in borrowed.get(name, ()):
        if users.get(key) is before[attribute] and attribute in namespace:
            users[key] = namespace[attribute]


# name of a built-in module -> [(a module's namespace, name in it, name in the built-in module)]: what modules of the
# snapshot took over from it when they were imported.
borrowed = {}


def parse(text):
    """What the host says of the facades for modules in C: NAME=STATE with colons between them."""
    return {name: state for name, _, state in (entry.partition("=") for entry in text.split(":")) if name}


def provide(facades):
    """Tells which modules BUILTIN holds in this run."""
    global _provided
    before, _provided = _provided, facades
    for name in before.keys() ^ facades.keys():
        module = sys.modules.get(name)
        if name in facades and type(module) is _Module and name in sys.builtin_module_names:
            module.__class__ = LazyModule
        elif name in before and type(module) is LazyModule:
            module.__class__ = _Module


def getuid():
    """The user that every file here belongs to, as os.stat says."""
    return 0


def umask(mask, /):
    """Takes the rights that new files shall lack, and returns what was said before. Files have no modes here: all look as if made with 0o022."""
    global _mask
    before, _mask = _mask, mask & 0o777
    return before


_mask = 0o022


def add_user():
    """Gives `os` what programs expect of everything but Windows, and what WebAssembly's C library lacks."""
    import posix

    os = sys.modules.get("os")
    for function in (getuid, umask):
        name = function.__name__
        function.__module__ = "posix"
        setattr(posix, name, function)
        if os and not hasattr(os, name):  # else it takes everything over when it is imported
            setattr(os, name, function)
            os.__all__.append(name)


def install(facades=""):
    """Once, when the interpreter has been initialised; `facades` is what parse() reads."""
    add_user()
    sys.meta_path.insert(0, CapFinder)
    sys.meta_path.append(AbsentFinder)
    sys.path.append(SITE)
    provide(parse(facades))
