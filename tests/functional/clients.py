"""HTTP clients and servers of PyPI, unchanged, as the tests install them for programs in the sandbox."""

import pathlib
import unittest

from harness import HERE
from peers import cache, pypi

LOCK = HERE / "clients.lock"
FROM_SOURCE = "aiohttp"  # its wheels have compiled parts, which its sources do without


def folders() -> list[pathlib.Path]:
    """The entries of PYTHONPATH that hold all projects of the lock."""
    requirements = pypi.read_lock(LOCK)
    try:
        wheels = pypi.install(LOCK, sorted(requirements.keys() - {FROM_SOURCE}), "clients")
        return [wheels, pypi.source(requirements[FROM_SOURCE])]
    except cache.FetchError as error:
        raise unittest.SkipTest(f"the package index is not reached: {error}") from error


def variables() -> dict[str, str]:
    """The environment in which programs find them."""
    return {"PYTHONPATH": ":".join(map(str, folders())), "AIOHTTP_NO_EXTENSIONS": "1"}
