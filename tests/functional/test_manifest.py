"""composectl manifest and sbom: what a build consists of, where two differ, and what is in the components of a plan."""

import json
import re
import shutil
import unittest

from harness import ROOT, Case, environment, execute
from plans import BUILD, COMPOSECTL, LIBRARY

MANIFEST = LIBRARY / "caps-manifest.toml"
OF_A_COMPONENT = {"type", "bom-ref", "name", "version", "description", "hashes", "licenses", "purl", "properties", "components"}
TYPES = {"application", "framework", "library", "container", "platform", "operating-system", "device", "device-driver", "firmware", "file",
         "machine-learning-model", "data", "cryptographic-asset"}


class Manifest(Case):
    """The build's own manifest, and changed copies of it."""

    def composectl(self, *words, code=0):
        result = execute([COMPOSECTL, *words, "--json", f"--install={BUILD}"], cwd=self.folder, env=environment())
        self.assertEqual(result.code, code, result)
        return json.loads(result.out if result.out else result.err)

    def changed(self, *replacements):
        """A copy in which a pattern's first match is something else."""
        text = MANIFEST.read_text()
        for pattern, new in replacements:
            text, count = re.subn(pattern, new, text, count=1)
            self.assertEqual(count, 1, pattern)
        return self.write("changed.toml", text)

    def differences(self, *replacements, code=1):
        return self.composectl("manifest", "diff", MANIFEST, self.changed(*replacements), code=code)

    def test_what_was_built_is_what_it_says(self):
        self.assertEqual(self.composectl("manifest", "verify"), {"ok": True, "problems": []})
        shown = {one["id"]: one for one in self.composectl("manifest", "show")["artifacts"]}
        self.assertLessEqual({"python.wasm", "library", *(path.parent.name for path in ROOT.glob("caps/*/cap.toml"))}, set(shown))

    def test_the_first_input_that_differs_is_named(self):
        artifact = ('(id = "python.wasm"[^[]*sha256 = ")[0-9a-f]{8}', r"\g<1>00000000")
        found = self.differences(artifact, ('("python/world.wit" = ")[0-9a-f]{8}', r"\g<1>00000000"), ('("src/wasm/module.cc" = ")[0-9a-f]{8}', r"\g<1>00000000"))
        self.assertEqual([(one["name"], one["first_input"]["name"]) for one in found["artifacts"]], [("python.wasm", "python/world.wit")])
        self.assertEqual([one["name"] for one in found["inputs"]], ["src/wasm/module.cc", "python/world.wit"])

    def test_an_artifact_may_be_the_input_of_another(self):
        found = self.differences(('(id = "python.wasm"[^[]*sha256 = ")[0-9a-f]{8}', r"\g<1>00000000"), ('(id = "library"[^[]*sha256 = ")[0-9a-f]{8}', r"\g<1>00000000"))
        self.assertIsNone(found["artifacts"][0]["first_input"], "the same inputs, other bytes")
        self.assertEqual(found["artifacts"][1]["first_input"]["name"], "python.wasm")

    def test_inputs_alone_are_no_difference_of_the_build(self):
        found = self.differences(('("python/world.wit" = ")[0-9a-f]{8}', r"\g<1>00000000"), code=0)
        self.assertEqual((found["artifacts"], len(found["inputs"])), ([], 1))

    def test_an_artifact_that_is_not_there(self):
        found = self.differences(('id = "zlib"', 'id = "zlob"'))
        self.assertEqual([(one["name"], bool(one["before"]), bool(one["after"])) for one in found["artifacts"]], [("zlob", False, True), ("zlib", True, False)])

    def test_damage_is_found(self):
        copy = self.folder / "install"
        manifest = copy / "lib/pylon/caps-manifest.toml"
        manifest.parent.mkdir(parents=True)
        shutil.copy(MANIFEST, manifest)
        for one in self.composectl("manifest", "show")["artifacts"]:
            if one["kind"] != "folder":
                (copy / one["file"]).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(BUILD / one["file"], copy / one["file"])
        words = [COMPOSECTL, "manifest", "verify", "--json", f"--install={copy}"]
        self.assertEqual(execute(words).code, 0)
        with (copy / "lib/pylon/python.wasm").open("ab") as file:
            file.write(b"\0")
        result = execute(words)
        self.assertEqual((result.code, [one["artifact"] for one in json.loads(result.out)["problems"]]), (1, ["python.wasm"]))

    def test_malformed_manifests_are_refused(self):
        for pattern, new in (("version = 1", "version = 2"), (r"\[inputs\.", "[outputs."), ('id = "python.wasm"', "id = 5"), ('sha256 = "', 'sha256 = "x'),
                             (r"\[\[artifact\]\]", "[artifact]"), ("profile = ", "profile ")):
            with self.subTest(pattern):
                text = MANIFEST.read_text()
                path = self.write("bad.toml", text.replace("[inputs.", "[outputs.") if "inputs" in pattern else re.sub(pattern, new, text, count=1))
                error = self.composectl("manifest", "show", path, code=2)["error"]
                self.assertIn("bad.toml", error["message"])


class Bill(Case):
    """The bill of materials: the rules of CycloneDX 1.6's schema that concern what is written."""

    def bill(self, plan, *options):
        result = execute([COMPOSECTL, "sbom", plan, f"--install={BUILD}", *options], cwd=self.folder, env=environment())
        self.assertEqual((result.code, result.err), (0, ""))
        return json.loads(result.out)

    def check(self, bill):
        self.assertEqual((bill["bomFormat"], bill["specVersion"], bill["version"]), ("CycloneDX", "1.6", 1))
        self.assertLessEqual(set(bill), {"bomFormat", "specVersion", "serialNumber", "version", "metadata", "components", "dependencies"})
        self.assertRegex(bill["serialNumber"], "^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
        seen = []
        self.check_component(bill["metadata"]["component"], seen)
        for tool in bill["metadata"]["tools"]["components"]:
            self.assertLessEqual({"type", "name"}, set(tool))
        for component in bill["components"]:
            self.check_component(component, seen)
        self.assertEqual(len(seen), len(set(seen)), "each bom-ref is there once")
        references = [one["ref"] for one in bill["dependencies"]]
        self.assertEqual(len(references), len(set(references)))
        for dependency in bill["dependencies"]:
            self.assertLessEqual({dependency["ref"], *dependency["dependsOn"]}, set(seen))
            self.assertEqual(len(dependency["dependsOn"]), len(set(dependency["dependsOn"])))

    def check_component(self, component, seen):
        self.assertLessEqual(set(component), OF_A_COMPONENT)
        self.assertIn(component["type"], TYPES)
        self.assertTrue(component["name"])
        seen.append(component["bom-ref"])
        for one in component.get("hashes", ()):
            self.assertEqual(set(one), {"alg", "content"})
            self.assertEqual(one["alg"], "SHA-256")
            self.assertRegex(one["content"], "^[0-9a-f]{64}$")
        for one in component.get("licenses", ()):
            self.assertEqual(set(one), {"expression"})
        self.assertLessEqual(len(component.get("licenses", ())), 1, "an expression stands alone")
        if "purl" in component:
            self.assertRegex(component["purl"], r"^pkg:[a-z]+/[\w./%+~:-]+@[\w.%+~:-]+(\?[\w=&]+)?$")
        for one in component.get("components", ()):
            self.check_component(one, seen)

    def test_stock_plans(self):
        for plan in sorted((LIBRARY / "plans").glob("*.json")):
            with self.subTest(plan.name):
                bill = self.bill(plan)
                self.check(bill)
                self.assertEqual([one["name"] for one in bill["components"]], [one["id"] for one in json.loads(plan.read_text())["components"]])
                self.assertEqual(bill, self.bill(plan), "the same each time")

    def test_vendored_sources_are_in_it(self):
        zlib = next(one for one in self.bill(LIBRARY / "plan.json")["components"] if one["name"] == "zlib")
        source = next(one for one in zlib["components"] if one["name"] == "zlib")
        self.assertEqual((zlib["licenses"], source["purl"].partition("@")[0]), ([{"expression": "Zlib"}], "pkg:deb/debian/zlib"))

    def test_what_nobody_knows(self):
        plan = json.loads((LIBRARY / "plan.json").read_text())
        plan["components"][0]["digest"] = "sha256:" + "0" * 64
        bill = self.bill(self.write("plan.json", json.dumps(plan)))
        self.check(bill)
        self.assertEqual(bill["components"][0]["properties"][0]["name"], "pylon:unknown")
        self.assertNotIn("licenses", bill["components"][0])

    def test_into_a_file(self):
        result = execute([COMPOSECTL, "sbom", f"--install={BUILD}", "--output=bom.json", "--json"], cwd=self.folder, env=environment())
        self.assertEqual(json.loads(result.out)["output"], "bom.json")
        self.check(json.loads((self.folder / "bom.json").read_text()))


class StockPlans(Case):
    """lib/pylon/plans."""

    def linkages(self, name):
        plan = json.loads((LIBRARY / f"plans/{name}.json").read_text())
        return {one["provider_id"]: one["linkage"] for one in plan["bindings"]}, plan

    def test_what_is_in_them(self):
        caps = {file.parent.name: re.search('^linkage = "(.*)"', file.read_text(), re.M) for file in ROOT.glob("caps/*/cap.toml")}
        self.assertEqual(self.linkages("minimal")[0], {})
        self.assertEqual(self.linkages("default")[0], dict.fromkeys(caps, "dynlink"))
        self.assertEqual(self.linkages("embed")[0], {name: "embed" for name, found in caps.items() if found and found[1] == "embed"})
        self.assertEqual((LIBRARY / "plan.json").read_bytes(), (LIBRARY / "plans/default.json").read_bytes())

    def test_only_plans_with_dynlink_ask_the_host_for_it(self):
        asks = {name: [one["name"] for one in self.linkages(name)[1]["policy"]["capabilities"]] for name in ("minimal", "default", "embed")}
        self.assertEqual(asks, {"minimal": [], "default": ["dynlink:invoke", "dynlink:resolve"], "embed": []})

    def test_python_alone_runs(self):
        self.assertEqual(self.output(f"--plan={LIBRARY / 'plans/minimal.json'}", "-c", "import zlib; print(zlib.__name__, type(zlib).__name__)"), "zlib module\n")

    def test_a_linkage_that_is_none(self):
        result = execute([COMPOSECTL, "plan", "build", f"--root={LIBRARY / 'python.wasm'}", "--linkage=shared", "--dry-run", "--unsigned"], cwd=self.folder)
        self.assertEqual(result.code, 2)
        self.assertIn("--linkage=shared is no linkage", result.err)


if __name__ == "__main__":
    unittest.main()
