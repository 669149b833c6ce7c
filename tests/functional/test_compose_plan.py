"""composectl compose PLAN: one file with the interpreter, its library and caps inside. What it does when it runs is tested
by test_hosts_*.py, under hosts that we did not write."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from harness import ROOT, Case, environment, execute, needs_launcher

BUILD = pathlib.Path(os.environ.get("PYLON_BUILD") or ROOT / "build")
COMPOSECTL = BUILD / "bin" / "composectl"
PLAN = BUILD / "lib" / "pylon" / "plan.json"


def wasm_tools():
    """The path of the toolchain's wasm-tools."""
    return subprocess.run([ROOT / "toolchain" / "install", "--print", "PYLON_WASM_TOOLS"], capture_output=True, text=True, check=True).stdout.strip()


def has_functions(wit, interface):
    """Whether an import needs somebody to provide it; of types alone, it does not."""
    package, _, name = interface.partition("@")[0].partition("/")
    inside = wit.partition(f"\npackage {package}@")[2].partition("\n}")[0]
    return "func(" in inside.partition(f"\n  interface {name} {{")[2].partition("\n  }")[0]


def compose(*arguments, plan=PLAN, **variables):
    return execute([COMPOSECTL, "compose", plan, f"--install={BUILD}", "--json", *arguments], env=environment(**variables))


class ComposePlan(Case):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def composed(self, *arguments, name="out.wasm", **variables):
        file = self.folder / name
        result = compose(*arguments, f"--output={file}", **variables)
        self.assertEqual(result.code, 0, result.err)
        return file, json.loads(result.out)

    def refused(self, *arguments, **variables):
        file = self.folder / "refused.wasm"
        result = compose(*arguments, f"--output={file}", **variables)
        self.assertEqual(result.code, 2, result.out)
        self.assertFalse(file.exists())
        return result.err + result.out

    def caps(self):
        plan = json.loads(PLAN.read_text())
        return sorted({binding["provider_id"] for binding in plan["bindings"]})

    def test_the_same_plan_gives_the_same_bytes(self):
        one, first = self.composed("--small", name="one.wasm")
        two, second = self.composed("--small", name="two.wasm")
        self.assertEqual(first["digest"], second["digest"])
        self.assertEqual(one.read_bytes(), two.read_bytes())

    def test_another_seed_gives_another_file_and_a_random_one_never_the_same(self):
        digests = {self.composed("--small", f"--hash-seed={seed}")[1]["digest"] for seed in ("0", "1", "random", "random")}
        self.assertEqual(len(digests), 4)

    def test_every_linkage_that_is_asked_for_is_what_is_reported(self):
        first, second, *others = self.caps()
        variable = "WITH_" + second.upper().replace("-", "_")
        _, report = self.composed("--small", "--linkage=dynlink", f"--with={first}", **{variable: "0"})
        self.assertEqual(report["caps"], {first: "embed", **dict.fromkeys(others, "dynlink")})

    def test_a_cap_left_out_leaves_its_modules_out(self):
        without = [f"--without={cap}" for cap in self.caps()]
        _, all_of_them = self.composed("--small", "--linkage=dynlink")
        _, none_of_them = self.composed("--small", *without)
        self.assertEqual(none_of_them["caps"], {})
        self.assertLess(none_of_them["library"], all_of_them["library"])

    def test_a_file_without_dynlink_needs_nothing_but_wasi(self):
        imports = {}
        beside = [cap for cap in self.caps() if needs_launcher(ROOT / "caps" / cap)]
        for name, linkage, left_out in (("plain", "embed", beside), ("loading", "dynlink", [])):
            file, report = self.composed("--small", f"--linkage={linkage}", name=f"{name}.wasm")
            self.assertEqual(report["left_out"], left_out)
            self.assertEqual(sorted(report["caps"]), sorted(set(self.caps()) - set(left_out)))
            tool = subprocess.run([wasm_tools(), "component", "wit", file], capture_output=True, text=True)
            self.assertEqual(tool.returncode, 0, tool.stderr)
            world = tool.stdout.partition("world root {")[2].partition("}")[0]
            self.assertEqual(re.findall(r"export (\S+);", world), ["wasi:cli/run@0.2.0"])
            needed = [interface for interface in re.findall(r"import (\S+);", world) if has_functions(tool.stdout, interface)]
            imports[name] = {interface.partition("/")[0] for interface in needed}
        self.assertEqual({package for package in imports["plain"] if not package.startswith("wasi:")}, set())
        self.assertIn("compose:dynlink", imports["loading"])

    def test_nothing_is_written_by_a_dry_run(self):
        file = self.folder / "dry.wasm"
        self.assertEqual(compose("--small", f"--output={file}", "--dry-run").code, 0)
        self.assertFalse(file.exists())

    def test_mistakes_are_told(self):
        self.assertIn("the plan has no cap 'nosuch'", self.refused("--with=nosuch"))
        self.assertIn("'sideways' is no linkage", self.refused("--linkage=sideways"))
        self.assertIn("--hash-seed -1 is no number", self.refused("--hash-seed=-1"))
        first = self.caps()[0]
        self.assertIn("'1' is no linkage", self.refused(**{"WITH_" + first.upper().replace("-", "_"): "1"}))
        self.assertIn("No module named 'nosuch'", self.refused_inside("--preload=nosuch"))

    def refused_inside(self, *arguments):
        result = compose(*arguments, f"--output={self.folder / 'refused.wasm'}")
        self.assertNotEqual(result.code, 0)
        return result.err + result.out

    def test_a_plan_that_nobody_vouches_for_is_refused(self):
        plan = self.folder / "plan.json"
        plan.write_text(PLAN.read_text().replace('"serial"', '"tenant_note": 1, "serial"', 1))
        result = compose(f"--output={self.folder / 'x.wasm'}", plan=plan)
        self.assertNotEqual(result.code, 0)
        plan.write_text(PLAN.read_text() + "\n")
        result = compose(f"--output={self.folder / 'x.wasm'}", plan=plan, XDG_DATA_HOME=str(self.folder / "home"))
        self.assertNotEqual(result.code, 0)
        self.assertFalse((self.folder / "x.wasm").exists())


if __name__ == "__main__":
    unittest.main()
