"""Every cap: its own tests, run in the sandbox with each of its providers, and what the build left of it."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
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

    def test_a_plan_takes_another_provider_of_a_contract(self):
        """Every provider passes the cap's tests; python.wasm is the same one, and what is swapped is one digest."""
        build = harness.PYLON.parent.parent
        python = hashlib.sha256((build / "lib/pylon/python.wasm").read_bytes()).hexdigest()
        swapped = 0
        for folder in folders():
            about = json.loads((BUILT / folder.name / "cap.json").read_text())
            for provider in about["providers"][1:]:
                digest = hashlib.sha256((BUILT / folder.name / provider["component"]).read_bytes()).hexdigest()
                with tempfile.TemporaryDirectory() as home:
                    plan = pathlib.Path(home) / "plan.json"
                    shutil.copy(build / "lib/pylon/plan.json", plan)
                    environment = {**os.environ, "XDG_DATA_HOME": home}
                    for words in ([build / "bin/composectl", "plan", "set", f"{folder.name}=sha256:{digest}", f"--plan={plan}", f"--key={build / 'keys/plan.key'}"],
                                  *([harness.PYLON, "--plan", plan, file] for file in sorted(folder.glob("tests/test_*.py")))):
                        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=120)
                        self.assertEqual(done.returncode, 0, f"{provider['name']}: {done.stdout}{done.stderr}")
                    chosen = {one["id"]: one["digest"] for one in json.loads(plan.read_text())["components"]}
                    self.assertEqual((chosen[folder.name], chosen["python"]), (f"sha256:{digest}", f"sha256:{python}"))
                    swapped += 1
        self.assertGreater(swapped, 0)

    def test_each_cap_has_tests(self):
        self.assertEqual([folder.name for folder in folders() if not list(folder.glob("tests/test_*.py"))], [])

    def test_what_the_build_left_is_described(self):
        for folder in folders():
            with self.subTest(cap=folder.name):
                built = BUILT / folder.name
                about = json.loads((built / "cap.json").read_text())
                files = [about["schema"], about["facade"], about["extension"], *([about["static_extension"]] if "static_extension" in about else []), *(provider["component"] for provider in about["providers"])]
                self.assertEqual([name for name in files if not (built / name).is_file()], [])

    def test_the_modules_of_the_install_have_bytecode(self):
        (unpacked,) = (harness.PYLON.parent.parent / "lib/pylon/facades").iterdir()
        modules = list(unpacked.rglob("*.py"))
        self.assertGreater(len(modules), 0)
        self.assertEqual([path for path in modules if not list(path.parent.glob(f"__pycache__/{path.stem}.*.pyc"))], [])

    def test_modules_of_caps_come_from_caps(self):
        # Names are looked up, because a replaced built-in turns into the cap's module at its first use.
        program = ("import importlib, sys\nfor name in sys.argv[1:]:\n  module = importlib.import_module(name)\n"
                   "  [getattr(module, one) for one in dir(module)]\n  assert module.__spec__.origin.startswith('/pylon/caps/'), module")
        for folder in folders():
            modules = json.loads((BUILT / folder.name / "cap.json").read_text())["modules"]
            done = subprocess.run([harness.PYLON, "-c", program, *modules], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, f"{folder.name}: {done.stderr}")


if __name__ == "__main__":
    unittest.main()
