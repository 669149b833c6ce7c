"""Every cap's own tests, run in the sandbox, and what all caps have to keep: names, grants, and one run's memory."""

import json
import subprocess
import unittest

import harness

CAPS = harness.ROOT / "caps"
BUILT = harness.PYLON.parent.parent / "caps"


def folders():
    """The folders of all caps."""
    return sorted(path.parent for path in CAPS.glob("*/cap.toml"))


class CapsTest(unittest.TestCase):
    def test_each_cap_passes_its_own_tests(self):
        for folder in folders():
            for file in sorted(folder.glob("tests/test_*.py")):
                with self.subTest(cap=folder.name, file=file.name):
                    done = subprocess.run([harness.PYLON, file], capture_output=True, text=True, timeout=300)
                    self.assertEqual(done.returncode, 0, done.stderr)

    def test_each_cap_has_tests(self):
        self.assertEqual([folder.name for folder in folders() if not list(folder.glob("tests/test_*.py"))], [])

    def test_what_the_build_left_is_described(self):
        for folder in folders():
            with self.subTest(cap=folder.name):
                built = BUILT / folder.name
                about = json.loads((built / "cap.json").read_text())
                files = [about["schema"], about["facade"], *(provider["component"] for provider in about["providers"])]
                self.assertEqual([name for name in files if not (built / name).is_file()], [])

    def test_modules_of_caps_come_from_caps(self):
        # Names are looked up, because a replaced built-in turns into the cap's module at its first use.
        program = ("import importlib, sys\nfor name in sys.argv[2:]:\n  module = importlib.import_module(name)\n"
                   "  [getattr(module, one) for one in dir(module)]\nsys.exit(sys.argv[1] not in sys.modules)")
        for folder in folders():
            modules = json.loads((BUILT / folder.name / "cap.json").read_text())["modules"]
            binding = f"_{folder.name.replace('-', '_')}_cap"
            done = subprocess.run([harness.PYLON, "-c", program, binding, *modules], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, f"{folder.name}: {done.stderr}")


if __name__ == "__main__":
    unittest.main()
