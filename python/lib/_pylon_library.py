"""Imports from the library inside a composed file (python/archive.c), under the paths that it would have when mounted."""

import marshal
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import _LoaderBasics, decode_source

import _pylon_archive as archive

ROOTS = ("/pylon/lib/", "/pylon/caps/")


class LibraryLoader(_LoaderBasics):
    """Loads a module from bytecode (the source's path with a c behind it) or, if there is none, from source."""

    def __init__(self, path):
        self.path = path

    def get_filename(self, fullname):
        return self.path

    def is_package(self, fullname):
        return self.path.endswith("/__init__.py")

    def get_data(self, path):
        data = archive.read(path)
        if data is None:
            raise FileNotFoundError(2, "No such file in the library", path)
        return data

    def get_source(self, fullname):
        data = archive.read(self.path)
        return None if data is None else decode_source(data)

    def get_code(self, fullname):
        code = archive.read(self.path + "c")
        if code is not None:
            return marshal.loads(code)
        return compile(self.get_data(self.path), self.path, "exec", dont_inherit=True)


class LibraryFinder:
    """Finds the modules of one directory of the library."""

    def __init__(self, directory):
        self.directory = directory

    def find_spec(self, fullname, target=None):
        path = f"{self.directory}/{fullname.rpartition('.')[2]}"
        for file, places in ((f"{path}/__init__.py", [path]), (f"{path}.py", None)):
            if archive.has(file) or archive.has(file + "c"):
                spec = ModuleSpec(fullname, LibraryLoader(file), origin=file, is_package=places is not None)
                spec._set_fileattr = True
                if places:
                    spec.submodule_search_locations[:] = places
                return spec
        return None

    def invalidate_caches(self):
        pass

    def iter_modules(self, prefix=""):
        """For pkgutil: (name, whether it is a package) of each module."""
        for name in sorted(archive.names(self.directory)):
            if name.endswith(".py"):
                if name != "__init__.py":
                    yield prefix + name[:-3], False
            elif archive.has(f"{self.directory}/{name}/__init__.py"):
                yield prefix + name, True


def hook(path):
    """For sys.path_hooks."""
    if not path.startswith(ROOTS):
        raise ImportError("not a directory of the library", path=path)
    return LibraryFinder(path)
