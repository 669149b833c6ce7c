"""Fetching peers: nothing enters the cache whose hash is not the lock's, and what was fetched is kept."""

import hashlib
import os
import pathlib
import tempfile
import unittest
from unittest import mock

from harness import ROOT  # noqa: F401 (puts bench/ on the path)
from peers import cache, debian, measure, pypi

APT = """#!/bin/sh
# Stands for apt-get: "downloads" a package by writing its name, unless its name says that the network is down.
for word; do last=$word; done
case "$last" in
  update) exit 0 ;;
  broken*) echo "E: Failed to fetch" >&2; exit 100 ;;
esac
echo "$last" >>"$PYLON_TEST_LOG"
printf %s "$last" >"package.deb"
"""


class Debian(unittest.TestCase):
    """Packages by hash, with a stand-in for apt-get."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pylon-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "apt-get").write_text(APT)
        (self.folder / "apt-get").chmod(0o755)
        self.log = self.folder / "log"
        patched = mock.patch.dict(os.environ, {"PATH": f"{self.folder}:{os.environ['PATH']}", "PYLON_TEST_LOG": str(self.log),
                                               "PYLON_CACHE": str(self.folder / "cache")})
        patched.start()
        self.addCleanup(patched.stop)
        mirror = mock.patch.object(debian, "mirror", return_value="http://mirror.invalid/debian")
        mirror.start()
        self.addCleanup(mirror.stop)

    def package(self, name, text=None):
        """A package whose content is `text`, by default what the stand-in writes."""
        content = f"{name}=1" if text is None else text
        return debian.Package("sid", name, "1", hashlib.sha256(content.encode()).hexdigest())

    def fetch(self, *packages):
        return debian.fetch(list(packages), log=lambda text: None)

    def test_downloads_once(self):
        for _ in range(2):
            paths = self.fetch(self.package("one"), self.package("two"))
            self.assertEqual([path.read_text() for path in paths], ["one=1", "two=1"])
        self.assertEqual(self.log.read_text(), "one=1\ntwo=1\n")

    def test_wrong_hash_is_refused_and_not_kept(self):
        with self.assertRaisesRegex(cache.FetchError, "its lock says"):
            self.fetch(self.package("one", "something else"))
        self.assertEqual(list(cache.downloads("deb").iterdir()), [])

    def test_what_came_before_a_failure_is_kept(self):
        with self.assertRaisesRegex(cache.FetchError, "Failed to fetch"):
            self.fetch(self.package("one"), self.package("broken"))
        self.fetch(self.package("one"))
        self.assertEqual(self.log.read_text(), "one=1\n")

    def test_a_malformed_lock_names_its_line(self):
        path = self.folder / "bad.lock"
        path.write_text("# comment\nsid one 1 abc\nsid two\n")
        with self.assertRaisesRegex(cache.FetchError, "bad.lock:3"):
            debian.read_lock(path)

    def test_a_tree_appears_whole_or_not_at_all(self):
        def fails(folder):
            (folder / "half").touch()
            raise cache.FetchError("interrupted")

        with self.assertRaises(cache.FetchError):
            cache.tree("thing", "key", fails)
        self.assertFalse((cache.root() / "thing-key").exists())
        made = cache.tree("thing", "key", lambda folder: (folder / "whole").touch())
        self.assertEqual(os.listdir(made), ["whole"])

    def test_locks_of_the_repository(self):
        for package in debian.read_lock(ROOT / "bench" / "debian.lock"):
            self.assertRegex(package.sha256, "^[0-9a-f]{64}$")
        for lock in ("bench/pypi.lock", "tests/functional/pypi.lock"):
            for line in pypi.read_lock(ROOT / lock).values():
                self.assertRegex(line, r"^[\w.-]+==[\w.]+ --hash=sha256:[0-9a-f]{64}$")


class Measuring(unittest.TestCase):
    """The process that measures others."""

    def test_output_status_and_peak(self):
        with measure.Runner() as runner:
            run = runner.run(["/bin/sh", "-c", "cat; echo problem >&2; exit 3"], {"A": "b"}, input_path=__file__)
            self.assertEqual((run.status, run.output, run.error), (3, pathlib.Path(__file__).read_bytes(), b"problem\n"))
            small = runner.run(["/bin/sh", "-c", ":"], {}, "memory").peak_kilobytes
            large = runner.run(["/bin/sh", "-c", "x=$(head -c 30000000 /dev/zero | tr '\\0' x); :"], {}, "memory").peak_kilobytes
            self.assertGreater(large - small, 20_000)


if __name__ == "__main__":
    unittest.main()
