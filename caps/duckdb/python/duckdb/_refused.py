"""Methods of DuckDB's own package that need a package which is not available: they say so."""

from . import _errors

_PACKAGES = {"fetchnumpy": "numpy", "pl": "polars", "tf": "tensorflow", "torch": "torch"}


def methods(names):
    """The methods of these names, for a class whose `_live()` raises if there is nothing to fetch."""
    return [_method(name, _PACKAGES.get(name, "pandas")) for name in names.split()]


def _method(name, package):
    def method(self, *args, **options):
        self._live()
        raise _errors.make(_errors.InvalidInputException, f"'{package}' is required for this operation but it was not installed; fetch_arrow_table() needs none")

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"Refused: there is no {package}."
    return method
