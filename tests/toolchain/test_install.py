"""toolchain/install: unhappy ways. Nothing here needs the network."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "toolchain"))

from kit import cache, debian, profile  # noqa: E402
from kit.report import Failure  # noqa: E402


class Install(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def install(self, *words, **environment):
        return subprocess.run([sys.executable, REPOSITORY / "toolchain/install", *words], capture_output=True, text=True,
                              env={**os.environ, "PYLON_CACHE": str(self.folder / "cache"), **environment})

    def test_an_unknown_profile_lists_the_known_ones(self):
        done = self.install("--profile", "defualt")
        self.assertEqual(done.returncode, 1)
        self.assertIn("unknown profile 'defualt'; known: 3.13-source, default", done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def test_a_folder_that_is_no_sdk_is_refused(self):
        done = self.install(WASI_SDK_PATH=str(self.folder))
        self.assertEqual(done.returncode, 1)
        self.assertIn("is not a WASI SDK", done.stderr)

    def test_an_old_sdk_is_refused(self):
        (self.folder / "bin").mkdir()
        (self.folder / "bin/clang").write_text("")
        (self.folder / "VERSION").write_text("27.0\nllvm-version: 20.1.8\n")
        done = self.install(WASI_SDK_PATH=str(self.folder))
        self.assertEqual(done.returncode, 1)
        self.assertIn("is WASI SDK 27; 33 or newer is needed", done.stderr)

    def test_without_network_it_says_what_it_could_not_reach(self):
        done = self.install(PYLON_DEBIAN_MIRROR="http://mirror.invalid/debian", http_proxy="", https_proxy="")
        self.assertEqual(done.returncode, 1)
        self.assertIn("reading Debian's package lists", done.stderr)
        self.assertIn("is the network up?", done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def test_a_cache_that_cannot_be_made_is_an_error_with_its_path(self):
        (self.folder / "cache").write_text("a file")
        done = self.install()
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.folder / "cache"), done.stderr)
        self.assertNotIn("Traceback", done.stderr)


class Downloads(unittest.TestCase):
    SHA = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"  # of "hello"

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        old = os.environ.get("PYLON_CACHE")
        os.environ["PYLON_CACHE"] = temporary.name
        self.addCleanup(lambda: os.environ.pop("PYLON_CACHE") if old is None else os.environ.update(PYLON_CACHE=old))
        self.downloads = cache.Downloads()

    def file(self, text):
        path = self.folder / "fresh"
        path.write_text(text)
        return path

    def test_a_good_download_is_kept(self):
        self.assertIsNone(self.downloads.find(self.SHA))
        self.downloads.add(self.file("hello"), self.SHA, "greeting 1.0", "toolchain/lock greeting")
        self.assertEqual(self.downloads.find(self.SHA).read_text(), "hello")

    def test_a_wrong_hash_names_file_expected_actual_and_the_next_step(self):
        path = self.file("hullo")
        with self.assertRaises(Failure) as caught:
            self.downloads.add(path, self.SHA, "greeting 1.0", "toolchain/lock greeting")
        text = f"{caught.exception}\n{caught.exception.hint}"
        for part in ("wrong hash: greeting 1.0", str(path), f"expected  sha256 {self.SHA}", "actual    sha256 ", "toolchain/lock greeting"):
            self.assertIn(part, text)
        self.assertFalse(path.exists())
        self.assertIsNone(self.downloads.find(self.SHA))

    def test_a_kept_download_that_was_damaged_is_dropped(self):
        kept = self.downloads.add(self.file("hello"), self.SHA, "greeting 1.0", "toolchain/lock greeting")
        kept.write_text("hell")
        self.assertIsNone(self.downloads.find(self.SHA))
        self.assertFalse(kept.exists())


class Locks(unittest.TestCase):
    def test_every_line_of_debian_lock_is_pinned(self):
        packages = debian.read_lock()
        self.assertGreater(len(packages), 30)
        for package in packages:
            self.assertRegex(package.sha256, r"^[0-9a-f]{64}$", package.name)

    def test_a_malformed_line_is_named_by_number(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(debian.LOCK, folder)
            path = pathlib.Path(folder) / debian.LOCK.name
            path.write_text("host bookworm nlohmann-json3-dev\n")
            old, debian.LOCK = debian.LOCK, path
            try:
                with self.assertRaisesRegex(Failure, "debian.lock:1: expected"):
                    debian.read_lock()
            finally:
                debian.LOCK = old

    def test_the_default_profile_has_what_the_build_reads(self):
        chosen = profile.read("default")
        self.assertEqual(chosen["python"]["short"], "3.14")
        self.assertIn("libpython3.14.so", chosen["libraries"]["names"])

    def test_the_source_profile_has_what_the_build_reads(self):
        chosen = profile.read("3.13-source")
        self.assertTrue(chosen["python"]["version"].startswith(chosen["python"]["short"] + "."))
        self.assertIn(chosen["source"]["library"], chosen["libraries"]["names"])
        package, *needed = profile.packages(chosen)
        self.assertEqual(len(needed), len(chosen["source"]["needs"]))
        self.assertTrue(package.version.startswith(chosen["python"]["version"] + "-"))


class Source(unittest.TestCase):
    def test_a_tarball_with_other_bytes_than_the_profile_says_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "Python.tar.xz"
            path.write_text("other bytes")
            with self.assertRaisesRegex(Failure, f"wrong hash: {path}"):
                profile.tarball({"file": str(path), "sha256": "0" * 64}, None)
            self.assertEqual(profile.tarball({"file": str(path), "sha256": cache.sha256_file(path)}, None), path)

    def build(self, version, patchlevel):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "Python/Include").mkdir(parents=True)
            (folder / "Python/Include/patchlevel.h").write_text(patchlevel)
            subprocess.run(["tar", "-cf", "python.tar", "Python"], cwd=folder, check=True)
            (folder / "profile.toml").write_text(f"""
                [python]
                version = "{version}"
                [source]
                file = "{folder / 'python.tar'}"
                sha256 = "{cache.sha256_file(folder / 'python.tar')}"
                library = "libpython.so"
            """)
            return subprocess.run([sys.executable, REPOSITORY / "toolchain/python-from-source", "--profile", folder / "profile.toml", "--toolchain", folder,
                                   "--libraries", folder, "--work", folder / "work", "--output", folder / "output"], capture_output=True, text=True,
                                  env={**os.environ, "PYLON_CACHE": str(folder / "cache")})

    def test_a_tarball_of_another_version_is_refused(self):
        done = self.build("3.13.5", '#define PY_VERSION "3.13.7"\n')
        self.assertEqual(done.returncode, 1)
        self.assertIn("holds CPython 3.13.7, not 3.13.5", done.stderr)

    def test_a_tarball_of_something_else_is_refused(self):
        done = self.build("3.13.5", "nothing of the kind\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("is not a source tarball of CPython", done.stderr)


if __name__ == "__main__":
    unittest.main()
