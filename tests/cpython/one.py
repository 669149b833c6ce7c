"""Runs one file of CPython's test suite inside the interpreter under test and reports the counts.

usage: one.py MODULE [LEFT_OUT...]; LEFT_OUT is Class.test or test, to be left out. The last line on standard output is `@result ` and a JSON object:
{"ran", "failed", "errors", "skipped", "left_out", "skip": reason or null, "first": the first failure's name and last
line, "bad": the ids of all failures}.
"""

import json
import sys
import sysconfig
import traceback
import unittest


# Tests that ask for the network and mean this machine's.
OVER_LOOPBACK = {"test_socketserver"}

# Packages of which CPython runs each file by itself.
APART = {"test_asyncio"}

# Tests that take for granted that WASI has no sockets.
NOT_WASI = {"test_selectors"}


def last_line(text):
    """The line that says what went wrong."""
    lines = [line.strip() for line in str(text).splitlines() if line.strip()]
    return lines[-1][:200] if lines else "no message"


def load(name):
    """The suite of one test module, as regrtest loads it."""
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromName(f"test.{name}")
    if name in APART:
        return suite  # each file that cannot be imported is one error among the results
    if loader.errors:
        raise ImportError(loader.errors[0])
    return suite


def mend_configuration():
    """Closes the quotation that the build's configure arguments end in: test.support splits them as a shell does."""
    variables = sysconfig.get_config_vars()
    arguments = variables.get("CONFIG_ARGS") or ""
    if arguments.count("'") % 2:
        variables["CONFIG_ARGS"] = arguments + "'"


def can_start_thread():
    """Whether the host has threads."""
    import _thread

    try:
        _thread.start_joinable_thread(int).join()
    except RuntimeError:
        return False
    return True


def skip_without_semaphores():
    """Skips where processes cannot share a semaphore, which the suite asks on Linux only."""
    import multiprocessing

    try:
        multiprocessing.Lock()
    except OSError as error:
        raise unittest.SkipTest(f"broken multiprocessing SemLock: {error!r}") from None


def prepare(name):
    """What regrtest sets before a test runs."""
    mend_configuration()
    sys.executable = ""  # a virtual path that nothing stands behind; the suite would read or start it
    from test import support
    from test.support import socket_helper, threading_helper

    support.use_resources = {"network": None} if name in OVER_LOOPBACK else {}
    # The suite knows WASI before it had sockets and threads.
    support.has_socket_support = socket_helper.has_gethostname = True
    support.skip_if_broken_multiprocessing_synchronize = skip_without_semaphores
    # One file's threads wait for signals that os.kill() would send.
    threading_helper.can_start_thread = name != "test_threadsignals" and can_start_thread()
    if name in NOT_WASI:
        support.is_wasi = False
    support.verbose = False
    support.failfast = False
    sys.unraisablehook = sys.__unraisablehook__
    sys.argv = sys.argv[:1]


def without(suite, names, dropped):
    """The suite without the named tests, whose ids are appended to `dropped`."""
    kept = unittest.TestSuite()
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            kept.addTest(without(test, names, dropped))
        elif any(test.id().endswith(f".{name}") for name in names):
            dropped.append(test.id())
        else:
            kept.addTest(test)
    return kept


def run(name, left_out):
    """The report of one module."""
    report = {"ran": 0, "failed": 0, "errors": 0, "skipped": 0, "left_out": 0, "skip": None, "first": None, "bad": []}
    dropped = []
    try:
        prepare(name)
        __import__(f"test.{name}")
        suite = without(load(name), left_out, dropped) if left_out else load(name)
    except unittest.SkipTest as reason:
        report["skip"] = last_line(reason)
        return report
    except BaseException as error:
        report["errors"] = 1
        report["first"] = f"import: {type(error).__name__}: {last_line(error)}"
        traceback.print_exc()
        return report
    result = unittest.TextTestRunner(stream=sys.stderr, verbosity=2).run(suite)
    bad = result.failures + result.errors + [(test, "unexpected success") for test in result.unexpectedSuccesses]
    report.update(ran=result.testsRun, left_out=len(dropped), failed=len(result.failures) + len(result.unexpectedSuccesses),
                  errors=len(result.errors), skipped=len(result.skipped))
    report["bad"] = sorted({getattr(test, "test_case", test).id() for test, _ in bad})
    if bad:
        report["first"] = f"{bad[0][0]}: {last_line(bad[0][1])}"
    if result.skipped and not bad and result.testsRun in (0, len(result.skipped)):
        report["skip"] = last_line(result.skipped[0][1])
    return report


report = run(sys.argv[1], sys.argv[2:])
sys.stdout.flush()
sys.stdout.write("\n@result " + json.dumps(report) + "\n")
sys.stdout.flush()
