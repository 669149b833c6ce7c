"""docs/adding-a-cap.md, run literally: its files are written, its commands are run."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import harness

PAGE = harness.ROOT / "docs" / "adding-a-cap.md"
BUILD = harness.PYLON.parent.parent


class AddingACapTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pylon-cap-")).resolve()
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "tree").mkdir()
        for name in ("toolchain", "src", "caps"):
            (self.folder / "tree" / name).symlink_to(harness.ROOT / name)
        (self.folder / "tree" / "build").symlink_to(BUILD)

    def run_words(self, script):
        environment = {**os.environ, "PYLON": str(self.folder / "tree"), "XDG_DATA_HOME": str(self.folder / "home")}
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=600)
        self.assertEqual(done.returncode, 0, f"{script}\n{done.stdout}\n{done.stderr}")
        return done.stdout + done.stderr

    def test_every_step(self):
        path = "PATH=$PYLON/build/bin:$PATH\n"
        blocks = re.findall(r"^```(\S+) ?(\S*)\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
        self.assertEqual([block[0] for block in blocks], ["sh", "c++", "python", "python", "sh"])
        said = ""
        for kind, file, text in blocks:
            if kind == "sh":
                said = self.run_words(path + text)
            else:
                self.assertTrue((self.folder / file).is_file(), f"{file} is not in the new folder")
                (self.folder / file).write_text(text)
        self.assertIn("Ran 2 tests", said)
        self.assertIn("OK", said)

    def test_a_new_cap_passes_as_it_is(self):
        last = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.M | re.S)[1]
        said = self.run_words("PATH=$PYLON/build/bin:$PATH\ncomposectl cap new byte-count --function 'count(data: list<u8>, byte: u8) -> u32'\n" + last)
        self.assertIn("Ran 1 test", said)


if __name__ == "__main__":
    unittest.main()
