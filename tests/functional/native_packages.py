"""Native CPython with a package of PyPI, which is what a cap's module is compared with."""

import harness
from peers import cache, pypi


def environment(case, lock, package, kept_as=None):
    """The environment in which native CPython has the locked package, which the cache keeps under its own name or that one;
    skips the test where it cannot be had."""
    try:
        site = pypi.install(lock, [package], kept_as or package, lambda text: None)
    except cache.FetchError as error:
        case.skipTest(f"the package index is not reached: {error}")
    return harness.environment(PYTHONPATH=str(site))


def run(case, lock, package, *words, kept_as=None):
    """The result of native CPython with these words and the package; skips the test where either cannot be had."""
    line = harness.native_command(words)
    return harness.execute(line, env=environment(case, lock, package, kept_as))
