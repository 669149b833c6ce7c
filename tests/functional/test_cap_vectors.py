"""Published vectors come out as they say, in the sandbox.

caps/<name>/tests/vectors.toml names the archives that hold them and the scripts that run them, and says how many vectors
pass, which do not and why, and which files are for what the cap does not offer. A script prints JSON: `passed` (count by
file), `failed` (a list by file) and `not_offered` (count by file)."""

import fnmatch
import json
import sys
import tarfile
import tomllib
import unittest

import harness
from peers import cache, pypi

sys.path.insert(0, str(harness.ROOT / "toolchain"))

from kit import cache as downloads, crates  # noqa: E402 (found through the line above)
from kit.report import Failure  # noqa: E402

SECONDS = 1800


def unpacked_crate(about):
    """The folder of a crate's sources."""
    def build(folder):
        kept = downloads.Downloads()
        archive = kept.find(about["sha256"]) or kept.add(crates.download(about["crate"], about["version"]), about["sha256"], about["crate"], "the pin in vectors.toml")
        with tarfile.open(archive) as tar:
            for member in tar:
                member.name = member.name.partition("/")[2]
                if member.isfile() and member.name:
                    tar.extract(member, folder, filter="data")

    return cache.tree(f"vectors-{about['crate']}", cache.digest(about["sha256"]), build)


class VectorsTest(harness.Case):
    """One subtest a set of vectors."""

    def test_vectors(self):
        files = sorted((harness.ROOT / "caps").glob("*/tests/vectors.toml"))
        self.assertGreater(len(files), 0)
        for file in files:
            for about in tomllib.loads(file.read_text())["vectors"]:
                with self.subTest(cap=file.parent.parent.name, script=about["script"]):
                    self.compare(about, self.run_script(file.parent, about))

    def run_script(self, tests, about):
        try:
            folder = unpacked_crate(about) if "crate" in about else pypi.install(tests / about["lock"], [about["package"]], "vectors")
        except (cache.FetchError, Failure) as error:
            self.skipTest(f"the vectors cannot be fetched: {error}")
        folder /= about["folder"]
        result = self.pylon(f"--allow-read={folder}", tests / about["script"], folder, timeout=SECONDS)
        self.assertEqual(result.code, 0, result)
        return json.loads(result.out)

    def compare(self, about, results):
        failed = {name: len(vectors) for name, vectors in results["failed"].items()}
        self.assertEqual(failed, {name: count for name, (count, reason) in about.get("not_passed", {}).items()}, results["failed"])
        reasons = about.get("not_offered", {})
        self.assertEqual([name for name in results["not_offered"] if not any(fnmatch.fnmatch(name, pattern) for pattern in reasons)], [])
        self.assertEqual([pattern for pattern in reasons if not fnmatch.filter(results["not_offered"], pattern)], [], "these are offered now")
        self.assertEqual(sum(results["passed"].values()), about["passed"])
        print(f"{about['script']}: {about['passed']} passed, {sum(failed.values())} not, {sum(results['not_offered'].values())} for what is not offered", flush=True)


if __name__ == "__main__":
    unittest.main()
