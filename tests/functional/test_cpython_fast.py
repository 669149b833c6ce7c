"""The fast part of CPython's own test suite: tests/cpython/run --subset fast."""

import subprocess
import sys
import unittest

from harness import PYLON, ROOT, Case

SUITE_WAS_NOT_FETCHED = 2


class Fast(Case):
    """All files of tests/cpython/fast.txt do what tests/cpython/expected.toml says."""

    def test_fast_subset(self):
        done = subprocess.run([sys.executable, ROOT / "tests/cpython/run", "--subset", "fast", "--again", "--pylon",
                               PYLON],
                              capture_output=True, text=True, timeout=840)
        if done.returncode == SUITE_WAS_NOT_FETCHED:
            self.skipTest(done.stderr.strip().splitlines()[-1])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
