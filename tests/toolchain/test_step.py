"""toolchain/step: what is a hit, what is a miss, and what happens to damaged entries."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

STEP = pathlib.Path(__file__).resolve().parents[2] / "toolchain/step"


class Step(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.write("build/input", "one")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def step(self, *, build="build", script="cp input output; mkdir -p tree/sub; cp input tree/sub/leaf; echo run >> ../runs", inputs=("input",)):
        """Runs a step in a build folder; returns the process."""
        folder = self.folder / build
        return subprocess.run([sys.executable, STEP, "--cache", self.folder / "cache", "--map", f"{folder}=build",
                               "--inputs", *[folder / name for name in inputs], "--outputs", folder / "output", folder / "tree",
                               "--", "sh", "-c", script], cwd=folder, capture_output=True, text=True)

    def runs(self):
        path = self.folder / "runs"
        return path.read_text().count("run") if path.exists() else 0

    def test_a_second_time_restores_without_running(self):
        self.assertEqual(self.step().returncode, 0)
        (self.folder / "build/output").unlink()
        (self.folder / "build/tree/sub/leaf").write_text("changed")
        self.assertEqual(self.step().returncode, 0)
        self.assertEqual((self.folder / "build/output").read_text(), "one")
        self.assertEqual((self.folder / "build/tree/sub/leaf").read_text(), "one")
        self.assertEqual(self.runs(), 1)

    def test_another_folder_with_the_same_inputs_is_a_hit(self):
        self.step()
        self.write("other/input", "one")
        self.assertEqual(self.step(build="other").returncode, 0)
        self.assertEqual((self.folder / "other/tree/sub/leaf").read_text(), "one")
        self.assertEqual(self.runs(), 1)

    def test_other_contents_and_other_commands_are_misses(self):
        self.step()
        self.write("build/input", "two")
        self.step()
        self.assertEqual((self.folder / "build/output").read_text(), "two")
        self.step(script="cp input output; mkdir -p tree; echo run >> ../runs; true")
        self.assertEqual(self.runs(), 3)

    def test_a_file_more_in_an_input_folder_is_a_miss(self):
        self.write("build/in/a", "a")
        self.step(inputs=("in", "input"))
        self.write("build/in/b", "b")
        self.step(inputs=("in", "input"))
        self.assertEqual(self.runs(), 2)

    def test_a_damaged_entry_is_dropped_and_made_again(self):
        self.step()
        entry, = (self.folder / "cache").iterdir()
        (entry / "0").write_text("damaged")
        done = self.step()
        self.assertIn("damaged", done.stderr)
        self.assertEqual((self.folder / "build/output").read_text(), "one")
        self.assertEqual(self.runs(), 2)

    def test_a_failed_command_is_not_kept_and_its_status_is_passed_on(self):
        self.assertEqual(self.step(script="exit 7").returncode, 7)
        self.assertEqual(self.step(script="cp input output").returncode, 1)
        self.assertFalse((self.folder / "cache").exists() and os.listdir(self.folder / "cache"))

    def test_an_input_that_changes_while_the_command_runs_is_not_kept(self):
        done = self.step(script="cp input output; mkdir -p tree; echo two > input; echo run >> ../runs")
        self.assertEqual(done.returncode, 0)
        self.assertIn("changed meanwhile", done.stderr)
        self.assertFalse((self.folder / "cache").exists())

    def test_a_missing_input_is_named(self):
        done = self.step(inputs=("nowhere",))
        self.assertEqual(done.returncode, 1)
        self.assertIn("nowhere", done.stderr)

    def test_an_entry_that_cannot_be_kept_costs_only_the_cache(self):
        self.write("cache", "a file where the folder should be")
        done = self.step()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.folder / "build/output").read_text(), "one")
        self.assertIn("not kept", done.stderr)


if __name__ == "__main__":
    unittest.main()
