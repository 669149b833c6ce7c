"""Caps linked to the interpreter, as components composed with it and statically: each passes its own tests in one file with all of
them, under the stock `wasmtime` package of PyPI."""

import json
import pathlib
import shutil
import sys
import tempfile
import tomllib
import unittest

from harness import PYLON, ROOT, Case, environment, execute, needs_launcher
from hosts import PROGRAMS, wheel

BUILD = PYLON.parent.parent

ALL = sorted(path.parent for path in (ROOT / "caps").glob("*/cap.toml"))
CAPS = [cap for cap in ALL if not needs_launcher(cap)]


def links_statically(cap):
    return not tomllib.loads((cap / "cap.toml").read_text()).get("uses_wasi", False)


def compose(output, *words):
    return execute([BUILD / "bin/composectl", "compose", BUILD / "lib/pylon/plan.json", f"--install={BUILD}", *words, f"--output={output}", "--json"],
                   env=environment())


class LinkedCaps:
    """Tests of one composed file; `linkage` tells a cap's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.packages = wheel()
        cls.work = pathlib.Path(tempfile.mkdtemp(prefix="pylon-linked-")).resolve()
        cls.addClassCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        cls.component = cls.work / "pylon.wasm"
        made = compose(cls.component, *(f"--with={cap.name}={cls.linkage(cap)}" for cap in CAPS),
                       *(f"--without={cap.name}" for cap in ALL if cap not in CAPS))
        assert made.code == 0, made.err
        cls.report = json.loads(made.out)

    def run_python(self, *arguments, options=()):
        env = {**environment(), "PYTHONPATH": str(self.packages)}
        return execute([sys.executable, PROGRAMS / "wheel.py", *options, self.component, *arguments], cwd=self.folder, env=env)

    def test_each_cap_is_there_as_it_was_asked_for(self):
        self.assertEqual(self.report["caps"], {cap.name: self.linkage(cap) for cap in CAPS})
        providers = {wire["provider"] for wire in self.report["wires"]}
        self.assertEqual([cap.name for cap in CAPS if cap.name in providers], [cap.name for cap in CAPS if self.linkage(cap) == "embed"])

    def test_each_cap_passes_its_own_tests(self):
        for cap in CAPS:
            for file in sorted(cap.glob("tests/test_*.py")):
                with self.subTest(cap=cap.name, file=file.name):
                    done = self.run_python(f"/tests/{file.name}", options=[f"--dir={file.parent}::/tests"])
                    self.assertEqual(done.code, 0, done.err)


class Embedded(LinkedCaps, Case):
    @staticmethod
    def linkage(cap):
        return "embed"


    def test_one_that_needs_the_launcher_is_refused(self):
        for cap in (cap for cap in ALL if needs_launcher(cap)):
            refused = compose(self.folder / "out.wasm", f"--with={cap.name}=embed")
            self.assertEqual(refused.code, 2, refused.out)
            self.assertIn("which only the launcher has", refused.err)
            self.assertIn(f"--with={cap.name}=dynlink", refused.err)


class Static(LinkedCaps, Case):
    @staticmethod
    def linkage(cap):
        return "static" if links_statically(cap) else "embed"

    def test_one_that_uses_wasi_is_refused(self):
        for cap in (cap for cap in CAPS if not links_statically(cap)):
            refused = compose(self.folder / "out.wasm", f"--with={cap.name}=static")
            self.assertEqual(refused.code, 2, refused.out)
            self.assertIn(f"the plan names no static extension of '{cap.name}'", refused.err)


if __name__ == "__main__":
    unittest.main()
