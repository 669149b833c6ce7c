"""Caps that stand for a PyPI package pass that package's own tests, in the sandbox, with pytest.

caps/<name>/tests/package.toml names the package's source archive, the folder of the tests in it, how many of them pass, and
why each other one does not: by the beginning of its name, since parameters may contain paths. Files and tests that are not run
at all have their reasons under `ignore` and `deselect`; `stand_ins` are files in place of modules that tests import."""

import shutil
import tomllib
import unittest
import xml.etree.ElementTree as xml

import harness
from peers import cache, pypi

CAPS = harness.ROOT / "caps"
LOCK = harness.HERE / "pytest.lock"
# What pytest does by duplicating descriptors, with signals, and through /dev/null; nothing is written but the report.
PLUGINS = ("--capture=sys", "-p", "no:faulthandler", "-p", "no:logging", "-p", "no:cacheprovider")


class PackagesTest(harness.Case):
    """One subtest a package."""

    def test_packages_pass_their_own_tests(self):
        files = sorted(CAPS.glob("*/tests/package.toml"))
        self.assertGreater(len(files), 0)
        for file in files:
            with self.subTest(cap=file.parent.parent.name):
                about = tomllib.loads(file.read_text())
                passed, others = self.outcomes(about)
                reasons = about["not_passed"]
                self.assertEqual([name for name in others if not name.startswith(tuple(reasons))], [], others)
                self.assertEqual([name for name in reasons if not any(other.startswith(name) for other in others)], [], "these pass now")
                self.assertEqual(len(passed), about["passed"])
                print(f"{about['requirement'].split()[0]}: {len(passed)} passed, {len(others)} not", flush=True)

    def outcomes(self, about):
        """The names of the tests that passed; the names of the others with what was said."""
        try:
            tests = pypi.source(about["requirement"]) / about["folder"]
            site = pypi.install(LOCK, sorted(pypi.read_lock(LOCK)), "functional-pytest")
        except cache.FetchError as error:
            self.skipTest(f"the package index is not reached: {error}")
        folder = self.folder / about["requirement"].partition("==")[0]
        shutil.copytree(tests, folder / "tests")
        (folder / "pytest.ini").write_text("[pytest]\npython_files = test*.py\n")
        (folder / "tmp").mkdir()
        for name, text in about.get("stand_ins", {}).items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        result = self.pylon(f"--allow-write={folder}", "--allow-read=/", "--allow-env", "-m", "pytest", "-q", *PLUGINS, "--continue-on-collection-errors",
                            *(f"--{option}=tests/{name}" for option in ("ignore", "deselect") for name in about.get(option, {})),
                            f"--junitxml={folder / 'report.xml'}", f"--rootdir={folder}", "-c", folder / "pytest.ini", "tests", cwd=folder,
                            env=harness.environment(PYTHONDONTWRITEBYTECODE="1", PYTHONPATH=f"{site}:{folder}", TMPDIR=str(folder / "tmp")), timeout=300)
        self.assertIn(result.code, (0, 1), result)
        passed, others = [], {}
        for case in xml.parse(folder / "report.xml").iter("testcase"):
            name = f"{case.get('classname')}.{case.get('name')}".strip(".").removeprefix("tests.")
            if len(case):
                others[name] = case[0].get("message")
            else:
                passed.append(name)
        return passed, others


if __name__ == "__main__":
    unittest.main()
