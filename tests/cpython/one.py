"""Runs one file of CPython's test suite inside the interpreter under test and reports the counts.

usage: one.py MODULE. The last line on standard output is `@result ` and a JSON object:
{"ran", "failed", "errors", "skipped", "skip": reason or null, "first": the first failure's name and last line}.
"""

import json
import sys
import traceback
import unittest


def last_line(text):
    """The line that says what went wrong."""
    lines = [line.strip() for line in str(text).splitlines() if line.strip()]
    return lines[-1][:200] if lines else "no message"


def load(name):
    """The suite of one test module, as regrtest loads it."""
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromName(f"test.{name}")
    if loader.errors:
        raise ImportError(loader.errors[0])
    return suite


def prepare():
    """What regrtest sets before a test runs."""
    from test import support

    support.use_resources = {}
    support.verbose = False
    support.failfast = False
    sys.unraisablehook = sys.__unraisablehook__
    sys.argv = sys.argv[:1]


def run(name):
    """The report of one module."""
    report = {"ran": 0, "failed": 0, "errors": 0, "skipped": 0, "skip": None, "first": None}
    try:
        prepare()
        __import__(f"test.{name}")
        suite = load(name)
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
    report.update(ran=result.testsRun, failed=len(result.failures) + len(result.unexpectedSuccesses),
                  errors=len(result.errors), skipped=len(result.skipped))
    if bad:
        report["first"] = f"{bad[0][0]}: {last_line(bad[0][1])}"
    if result.skipped and not bad and result.testsRun in (0, len(result.skipped)):
        report["skip"] = last_line(result.skipped[0][1])
    return report


report = run(sys.argv[1])
sys.stdout.flush()
sys.stdout.write("\n@result " + json.dumps(report) + "\n")
sys.stdout.flush()
