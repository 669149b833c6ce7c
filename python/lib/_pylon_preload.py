"""The modules that the snapshot holds ready, and the ends of a run that needs to be told apart from them.

Importing the common modules happens once, when the snapshot is made. They then leave sys.modules, so that a program
finds there what a fresh interpreter has, and a module of its own still shadows the library's. When a program imports
one, the finder of the library's own path entry hands out the ready module instead of executing its source.
"""

import sys
import builtins
import _pylon_finder as finder


def _look():
    return {*sys.modules}, {*vars(builtins)}, {*vars(sys)}, {*sys.path}


# What `import site` brings: modules, built-in names, attributes of sys, entries of sys.path. A run with -S is without it.
_bare = _look()
import site

_from_site = [after - before for after, before in zip(_look(), _bare)]

# What a fresh interpreter has. CPython imports linecache itself before it runs a program given with -c.
_before = {*sys.modules, "linecache"}

# Importing anything goes through these, so they tell nothing about who needs whom.
_import_system = {"importlib._bootstrap", "importlib._bootstrap_external"}

import atexit
import functools
import gc
import io
import weakref
from _frozen_importlib import BuiltinImporter, module_from_spec
from _frozen_importlib_external import (
    FileFinder,
    PathFinder,
    SourceFileLoader,
    _get_supported_file_loaders,
    spec_from_file_location,
)
from posixpath import normpath

# What programs import most. Each name costs space in the snapshot only, and time only when it is used.
MODULES = """
    __future__ _colorize _pydatetime _strptime abc argparse ast asyncio base64 bdb bisect
    calendar cmd code codecs codeop collections.abc colorsys concurrent.futures.thread configparser contextlib contextvars
    copy copyreg csv dataclasses datetime decimal difflib dis email.message email.mime.multipart email.mime.text
    email.parser email.policy email.utils encodings.ascii encodings.idna encodings.latin_1 encodings.utf_8_sig enum
    errno fileinput fnmatch fractions functools genericpath getopt getpass gettext glob graphlib gzip hashlib heapq
    hmac html html.entities html.parser http http.client http.cookies http.server importlib.metadata
    importlib.resources importlib.util inspect io ipaddress itertools json json.tool keyword linecache locale logging
    logging.config logging.handlers mimetypes ntpath numbers opcode operator optparse os pathlib pdb pickle pickletools
    pkgutil platform posixpath pprint queue quopri random re reprlib rlcompleter runpy sched secrets selectors shelve
    shlex shutil signal socket socketserver ssl stat statistics string stringprep struct
    subprocess symtable sysconfig tarfile tempfile textwrap threading time timeit token tokenize tomllib traceback
    types typing unittest unittest.mock urllib.error urllib.parse urllib.request uuid warnings wave weakref
    xml.dom.minidom xml.etree.ElementTree xmlrpc.client zipfile zipimport zoneinfo
""".split()
if sys.version_info >= (3, 14):
    MODULES += ["_py_warnings", "string.templatelib"]


def _above(facades):
    """The library's modules that have their part in C in one of these facades, as sqlite3 has it in _sqlite3."""
    names = [name[1:] for name in facades if name[0] == "_"]
    return [name for name in names if name not in sys.modules and PathFinder.find_spec(name)]


def _renew_logging(module):
    module._startTime = module.time.time_ns()


# What a module computed at import and must not share between runs.
RENEW = {
    "random": lambda module: module.seed(),
    "logging": _renew_logging,
}

# The same in a snapshot that has to be reproducible.
FIX = {
    "random": lambda module: module.seed(0),
    "logging": lambda module: setattr(module, "_startTime", 0),
}


def _fix_state():
    for name, fix in FIX.items():
        if name in _library:
            fix(_library[name])


_ready = {}  # name -> module: imported, and not in sys.modules
_imports = {}  # name -> the names that it imported
_children = {}  # name -> True if its package had it as an attribute
_library = {}  # name -> module: everything that was imported when the snapshot was made
_exit_functions = {}  # name -> what the module registered with atexit: (function, arguments, keywords)
_missing = {}  # name that no finder knew -> the modules that noticed
_lazy = {}  # name of a facade that the snapshot expects -> the modules that wait for it
_expected = {}  # the facades for modules in C that the snapshot was made for, as the host tells them apart
_facades_inside = False  # they are part of this file, as the library is


class _HandsOut:
    """What a loader does with a module of the snapshot: it hands it out. Its base answers what is asked of the source."""

    def create_module(self, spec):
        module = _ready.get(spec.name)
        self._spec = module.__spec__ if module is not None else None
        return module

    def exec_module(self, module):
        if self._spec is None:
            return super().exec_module(module)
        module.__spec__, self._spec = self._spec, None
        _hand_out(module.__spec__.name)


class ReadyLoader(_HandsOut, SourceFileLoader):
    """Loads from a directory that the host mounts."""


class _KnowsReady:
    """What a finder of a library directory does: it knows the modules of the snapshot before it looks at files."""

    def find_spec(self, fullname, target=None):
        module = _ready.get(fullname)
        if module is None or target is not None or _finds_another(fullname):
            return super().find_spec(fullname, target)
        spec = module.__spec__
        return spec_from_file_location(
            fullname,
            spec.origin,
            loader=self.loader(fullname, spec.origin),
            submodule_search_locations=spec.submodule_search_locations,
        )


class ReadyFinder(_KnowsReady, FileFinder):
    """Finds in a directory that the host mounts."""

    loader = ReadyLoader


def _finds_another(name):
    """Whether the module would now import something else than it did: a module of the program, or None in its place."""
    for wanted in _imports.get(name, ()):
        if wanted in sys.modules and sys.modules[wanted] is not _library.get(wanted, sys.modules[wanted]):
            return True
    return False


class HeldLoader:
    """Loads a frozen module that the interpreter had before -S took it away."""

    @staticmethod
    def create_module(spec):
        module = _ready[spec.name]
        spec.loader_state = module.__spec__
        return module

    @staticmethod
    def exec_module(module):
        module.__spec__ = module.__spec__.loader_state
        _hand_out(module.__name__)


def _hand_out(name):
    """Puts a ready module and all that it imported back into sys.modules."""
    pending = [name]
    while pending:
        name = pending.pop()
        module = _ready.pop(name, None)
        if module is None:
            continue
        finder.held.pop(name, None)
        sys.modules.setdefault(name, module)
        if name in _children:
            parent, _, child = name.rpartition(".")
            setattr(_library[parent], child, module)
        if name in RENEW:
            RENEW[name](module)
        if name in _borrowers:
            for built_in in _borrowers.pop(name):
                finder.load(sys.modules[built_in])
        for function, arguments, keywords in _exit_functions.pop(name, ()):
            atexit.register(function, *arguments, **keywords)
        pending.extend(_imports.get(name, ()))


class _FacadeLoader:
    """Hands out a facade that the finder executed in order to know that it can be."""

    @staticmethod
    def create_module(spec):
        module, spec.loader_state = spec.loader_state, None
        return module

    @staticmethod
    def exec_module(module):
        module.__spec__.loader = module.__loader__


class _FacadeFinder:
    """Finds the facades for modules in C while the snapshot is made. One that needs its cap at once is as if it was not
    there: where the interpreter has the module in C, that one is taken, and becomes the facade in a run that uses it.
    """

    @staticmethod
    def find_spec(name, path=None, target=None):
        spec = PathFinder.find_spec(name, [finder.BUILTIN]) if name in _expected else None
        if spec is None:
            return None
        module = sys.modules[name] = module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except ModuleNotFoundError as error:
            if not error.name.endswith("_cap"):
                raise
            return None
        finally:
            sys.modules.pop(name, None)
        spec.loader, spec.loader_state = _FacadeLoader, module
        return spec


def _put_off(error, importer):
    """Whether a module that failed to import was made lazy, because the plan has the facade that it lacks."""
    _missing.setdefault(error.name, set()).add(importer)
    failed = getattr(error, "importer", None)  # the module whose execution ended with the error
    error.importer = importer
    if error.name not in _expected or failed is None:
        return False
    parent, _, child = failed.rpartition(".")
    spec = PathFinder.find_spec(failed, sys.modules[parent].__path__ if parent else None)
    module = sys.modules[failed] = module_from_spec(spec)
    if parent:
        setattr(sys.modules[parent], child, module)
    module.__class__ = finder.LazyModule
    _lazy.setdefault(error.name, set()).add(failed)
    return True


def _under_execution():
    """The name of the innermost module that is being executed, and so the reason of whatever is imported now."""
    frame = sys._getframe(2)
    while frame is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    return frame.f_globals.get("__name__") if frame is not None else None


def _import_recording(modules, may_lack):
    """Imports modules while noting which one asked for which, and for what to be done at exit.

    With `may_lack`, those that need a module which this plan does not bring are left out.
    """
    original = builtins.__import__
    register = atexit.register

    def recording_register(function, /, *arguments, **keywords):
        _exit_functions.setdefault(function.__module__, []).append((function, arguments, keywords))
        return function

    def recording(name, globals=None, locals=None, fromlist=(), level=0):
        importer = globals.get("__name__") if globals else None
        try:
            result = original(name, globals, locals, fromlist, level)
        except ModuleNotFoundError as error:
            if not _put_off(error, importer):
                raise
            result = original(name, globals, locals, fromlist, level)
        user = _under_execution()
        if user and importer not in _import_system:
            if level:
                package = globals.get("__package__") or importer.rpartition(".")[0]
                base = package.split(".")
                base = ".".join(base[: len(base) - level + 1])
                name = f"{base}.{name}" if name else base
            wanted = _imports.setdefault(user, {})
            parts = name.split(".")
            for i in range(len(parts)):
                wanted[".".join(parts[: i + 1])] = True
            for item in fromlist or ():
                if f"{name}.{item}" in sys.modules:
                    wanted[f"{name}.{item}"] = True
        return result

    builtins.__import__, atexit.register = recording, recording_register
    sys.meta_path.insert(0, _FacadeFinder)
    try:
        for name in modules:
            try:
                original(name)
            except ModuleNotFoundError as error:
                if not may_lack or error.name == name:
                    raise
    finally:
        sys.meta_path.remove(_FacadeFinder)
        builtins.__import__, atexit.register = original, register


def _note_borrowed():
    """Notes what modules took over from built-in ones, which a facade may replace."""
    origins = {}
    for name, module in _library.items():
        if getattr(module, "__loader__", None) is BuiltinImporter and name not in _before:
            for attribute, value in vars(module).items():
                if callable(value) and getattr(value, "__module__", None) == name:
                    origins[id(value)] = name, attribute
    for name, module in _library.items():
        if name in sys.builtin_module_names or type(module) is finder.LazyModule:
            continue
        for key, value in vars(module).items():
            if id(value) in origins:
                built_in, attribute = origins[id(value)]
                finder.borrowed.setdefault(built_in, []).append((vars(module), key, attribute))


_borrowers = {}  # name of a ready module -> the replaced built-in modules that it took something over from


def _stale(names):
    """The ready modules that depend on what facades of these names there are."""
    found = {name for name in names if name in _ready}
    for name in names:
        found |= _missing.get(name, set()) | _lazy.get(name, set())
    while found:
        more = {user for user, used in _imports.items() if user not in found and not found.isdisjoint(used)}
        if not more:
            break
        found |= more
    return found


def provide(text):
    """Tells which facades for modules in C the plan has, as the finder reads it. If they are inside, no host can say."""
    global _expected
    if _facades_inside:
        return
    facades = finder.parse(text)
    for name in _stale({name for name, _ in facades.items() ^ _expected.items()}):
        if name in _ready:
            del _ready[name], _library[name]
    _expected = facades
    finder.provide(facades)
    _borrowers.clear()
    for built_in in facades:
        for namespace, _, _ in finder.borrowed.get(built_in, ()):
            _borrowers.setdefault(namespace["__name__"], []).append(built_in)


def _take_library_inside(directories):
    """From now on the library comes from the archive in memory, under the same paths."""
    import linecache
    import _pylon_library as library

    class ReadyLibraryLoader(_HandsOut, library.LibraryLoader):
        def __init__(self, fullname, path):
            super().__init__(path)

    class ReadyLibraryFinder(_KnowsReady, library.LibraryFinder):
        loader = ReadyLibraryLoader

    sys.path_hooks.insert(0, library.hook)
    for directory in [entry for entry in sys.path_importer_cache if entry.startswith(library.ROOTS)]:
        del sys.path_importer_cache[directory]
    for directory in directories:
        sys.path_importer_cache[directory] = ReadyLibraryFinder(directory)
    for name, module in _library.items():
        spec = getattr(module, "__spec__", None)
        if isinstance(getattr(spec, "loader", None), SourceFileLoader):
            module.__loader__ = spec.loader = library.LibraryLoader(spec.origin)
        elif isinstance(file := getattr(module, "__file__", None), str):  # frozen: its loader has no source
            lines = (functools.partial(library.LibraryLoader(file).get_source, name),)
            linecache.cache[file] = linecache.cache[f"<frozen {name}>"] = lines
    for name in [library.__name__, library.archive.__name__]:
        sys.modules.pop(name, None)


def prepare(facades, preload, inside):
    """Imports the modules and hides them; the last thing that runs before the objects are frozen and memory becomes the
    snapshot.

    `preload` names the modules, with spaces between them; None means MODULES. `inside` says that this run's library will
    be in memory.
    """
    global _expected
    _expected = finder.parse(facades)
    finder.add_user()
    _import_recording(MODULES + _above(_expected) if preload is None else preload.split(), preload is None)
    del sys.modules["__main__"]  # each run makes its own, which the garbage collector can see
    _library.update(sys.modules)
    for name, module in _library.items():
        spec = getattr(module, "__spec__", None)
        if name in _before or name == __name__ or not isinstance(getattr(spec, "loader", None), SourceFileLoader):
            continue
        _ready[name] = sys.modules.pop(name)
        parent, _, child = name.rpartition(".")
        if parent:
            _imports.setdefault(name, {})[parent] = True
            if vars(_library[parent]).get(child) is module:
                delattr(_library[parent], child)
                _children[name] = True
    for name, module in _library.items():
        # What a module put into sys.modules itself, below its own name (xml.parsers.expat.errors), goes with it.
        parent = name.rpartition(".")[0]
        if name in sys.modules and parent in _ready and getattr(module, "__spec__", module) is None:
            _ready[name] = sys.modules.pop(name)
            _imports.setdefault(parent, {})[name] = True
    directories = {entry for entry in sys.path if entry in sys.path_importer_cache}
    for module in _ready.values():
        directories.update(getattr(module, "__path__", ()))
    if any(name in _ready for name in _expected):
        directories.add(finder.BUILTIN)
    directories = {entry for entry in directories if isinstance(sys.path_importer_cache.get(entry), FileFinder)}
    details = _get_supported_file_loaders()
    for directory in directories:
        if not inside:
            ready = sys.path_importer_cache[directory] = ReadyFinder(directory, *details)
            ready.find_spec("_pylon_nothing")  # reads the folder, which no run does again unless it has changed
    if inside:
        _take_library_inside(directories)
    if not sys.flags.hash_randomization:  # whoever fixes the hashes wants the same memory each time
        _fix_state()
    sys.modules.pop(__name__)
    sys.modules.pop(finder.__name__)
    _note_borrowed()
    finder.install()
    provide(facades)
    global _facades_inside
    _facades_inside = inside
    global _last
    _last = next(reversed(sys.modules))
    for name in ("stdout", "stderr"):
        _replaced.append(getattr(sys, name))
        _unbuffered[name] = _open_stream(name, "utf-8", getattr(sys, name).errors, buffered=False, interactive=False)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    gc.collect()


# What a program that runs with -S finds executed anew when it imports it, as site looks for -S in sys.flags.
ANEW = {"site", "_sitebuiltins"}


def without_site():
    """Makes of this interpreter what -S asks for. Its modules in C stay, as all of the snapshot's do."""
    modules, names, attributes, entries = _from_site
    for name in names:
        delattr(builtins, name)
    for name in attributes:
        delattr(sys, name)
    sys.path[:] = [entry for entry in sys.path if entry not in entries]
    held = [name for name in modules if sys.modules[name].__loader__ is not BuiltinImporter]
    for name in held:
        module = sys.modules.pop(name)
        if name not in ANEW:
            _ready[name] = module
            _imports[name] = dict.fromkeys(held)
            finder.held[name] = HeldLoader


def add_python_path(text, directory, with_site):
    """Puts the entries of PYTHONPATH first on sys.path, as getpath.py does it and site after it."""
    for at, entry in enumerate(text.split(":")):
        entry = normpath(entry)
        if entry[0] != "/":
            entry = directory if entry == "." else f"{directory}/{entry}"
        sys.path.insert(at, entry)
    if with_site:
        site.removeduppaths()


_STREAMS = {"stdin": (0, "r"), "stdout": (1, "w"), "stderr": (2, "w")}
_unbuffered = {}  # name -> the stream that -u and PYTHONUNBUFFERED ask for, if nothing else is unusual
_replaced = []  # the streams in whose place those come: taking them apart would touch them


def _open_stream(name, encoding, errors, buffered, interactive):
    """One of sys.stdin, sys.stdout and sys.stderr, as CPython opens it at start."""
    fd, mode = _STREAMS[name]
    write_through = not buffered and mode == "w"
    raw = io.open(fd, mode + "b", buffering=0, closefd=False)
    terminal = raw.isatty()
    buffer = raw if write_through else io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
    raw.name = f"<{name}>"
    stream = io.TextIOWrapper(
        buffer,
        encoding=encoding,
        errors="backslashreplace" if name == "stderr" else errors,
        newline="\n",
        line_buffering=not write_through and (terminal or interactive or name == "stderr"),
        write_through=write_through,
    )
    stream.mode = mode
    return stream


def _set_stream(name, stream):
    setattr(sys, name, stream)
    setattr(sys, f"__{name}__", stream)


def reopen_streams(encoding, errors, buffered, interactive):
    """Opens sys.stdin, sys.stdout and sys.stderr anew, now that it is known what they are."""
    for name in _STREAMS:
        _set_stream(name, _open_stream(name, encoding, errors, buffered, interactive))


def unbuffer_streams():
    """The same where only buffers are unwanted: these streams are open already."""
    for name in _unbuffered:
        _set_stream(name, _unbuffered[name])


def run_exit_functions():
    """What CPython does before it takes modules apart: threads' exit functions, then atexit's."""
    threading = sys.modules.get("threading")
    if threading is not None and threading is _library.get("threading"):
        threading._shutdown()
    atexit._run_exitfuncs()


def _clear(namespace):
    """Empties a module that something still refers to, private names first, as CPython does."""
    for private in (True, False):
        for name in list(namespace):
            if name != "__builtins__" and isinstance(name, str) and private == (name[:1] == "_" and name[1:2] != "_"):
                namespace[name] = None


def drop_program():
    """Releases the program's modules, so that its objects are finalised and its files flushed.

    The library's modules stay: nothing of theirs waits to be written, and their memory goes with the process.
    """
    for name in ("last_exc", "last_type", "last_value", "last_traceback", "ps1", "ps2", "argv"):
        if hasattr(sys, name):
            setattr(sys, name, None)
    for name in ("stdin", "stdout", "stderr"):
        setattr(sys, name, getattr(sys, f"__{name}__", None))
    left = []
    for name, module in list(_added_modules()):
        if _library.get(name) is not module:
            del sys.modules[name]
            if isinstance(module, type(sys)):
                left.append(weakref.ref(module))
    module = None
    gc.collect()
    left = [module for reference in left if (module := reference()) is not None]
    for module in left:
        _clear(vars(module))
    if left:
        module = left = None
        gc.collect()


def _added_modules():
    """What is in sys.modules behind that which the snapshot put there; nothing before it is touched, not even counted."""
    for item in reversed(sys.modules.items()):
        if item[0] == _last:
            return
        yield item
