"""The audits (tests/audits) find what they look for: each is run on a copy of the build in which something is out of step."""

import json
import pathlib
import shutil
import sys
import unittest

import harness

sys.path.insert(0, str(harness.ROOT / "tests/audits"))

import audit_artifacts  # noqa: E402 (found through the line above)
import audit_bindings  # noqa: E402
import audit_licences  # noqa: E402
import audit_modules  # noqa: E402
import audit_names  # noqa: E402
from context import Context  # noqa: E402

BUILD = harness.PYLON.parent.parent
LEFT_OUT = ("facades", "python3.*", "python.snapshot.cwasm", "python.cold.cwasm*", "python.native")


class Audits(harness.Case):
    """A copy of what audits look at; its programs are those of the build."""

    def setUp(self):
        super().setUp()
        self.copy = self.folder / "build"
        shutil.copytree(BUILD / "lib/pylon", self.copy / "lib/pylon", ignore=shutil.ignore_patterns(*LEFT_OUT))
        shutil.copytree(BUILD / "caps", self.copy / "caps")
        shutil.copy(BUILD / "THIRD-PARTY-NOTICES.txt", self.copy)
        (self.copy / "bin").symlink_to(BUILD / "bin")
        self.context = Context(self.copy)

    def problems(self, audit):
        return audit.audit(self.context).problems

    def finds(self, audit, *words):
        """One of the problems says all of these words."""
        problems = self.problems(audit)
        self.assertTrue(any(all(word in problem for word in words) for problem in problems), problems)

    def replace(self, path, old, new, count=1):
        file = self.copy / path
        text = file.read_text()
        self.assertIn(old, text)
        file.write_text(text.replace(old, new, count))

    def cap(self):
        return self.context.caps()[0]

    def test_artifacts(self):
        self.assertEqual(self.problems(audit_artifacts), [])
        cap, plan = self.cap(), json.loads((BUILD / "lib/pylon/plan.json").read_text())
        component = next(one for one in plan["components"] if one["id"] == cap.name)
        blob = audit_artifacts.blob(self.context, component["facade"])
        with self.subTest("a damaged blob"):
            blob.chmod(0o644)
            blob.write_bytes(b"damaged")
            self.finds(audit_artifacts, "plan.json", f"facade of {cap.name}", "damaged")
        with self.subTest("a changed file of the build"):
            (self.copy / "caps" / cap.name / cap.about["schema"]).write_bytes(b"changed")
            self.finds(audit_artifacts, f"{cap.name}.schema", "sha256:")
        with self.subTest("a cap that the plan does not have"):
            self.replace("lib/pylon/plan.json", component["digest"], "sha256:" + "0" * 64)
            self.finds(audit_artifacts, cap.name, "the plan has another digest")
        with self.subTest("code that was not made"):
            for file in (self.copy / "lib/pylon/code").iterdir():
                file.unlink()
            self.finds(audit_artifacts, cap.name, "no machine code")

    def test_bindings(self):
        self.assertEqual(self.problems(audit_bindings), [])
        one, other = self.context.caps()[:2]
        shutil.copy(other.built / other.about["providers"][0]["component"], self.copy / "caps" / one.name / one.about["providers"][0]["component"])
        self.finds(audit_bindings, one.about["providers"][0]["component"], "not what wit/ says")
        with (one.built / f"{one.binding}.pyi").open("a") as stub:
            stub.write("def more() -> None: ...\n")
        self.finds(audit_bindings, f"{one.binding}.pyi", "build again")

    def test_licences(self):
        self.assertEqual(self.problems(audit_licences), [])
        cap = next(cap for cap in self.context.caps() if list(cap.built.glob("*.vendor/licences/*")))
        text = next(cap.built.glob("*.vendor/licences/*")).read_text().strip()
        self.replace("THIRD-PARTY-NOTICES.txt", text, "see elsewhere", count=-1)
        self.finds(audit_licences, cap.name, "THIRD-PARTY-NOTICES.txt does not hold")
        self.replace(f"caps/{cap.name}/cap.json", f'"licence": "{cap.about["licence"]}"', '"licence": "free, I think"')
        self.finds(audit_licences, cap.name, "no SPDX expression")

    def test_names(self):
        self.assertEqual(self.problems(audit_names), [])
        cap = self.cap()
        with (cap.built / f"{cap.binding}.pyi").open("a") as stub:
            stub.write("def more() -> None: ...\n")
        self.finds(audit_names, f"{cap.binding} lacks more")

    def test_modules(self):
        self.assertEqual(audit_modules.names_below(["a.py", "b/__init__.py", "b/c.py", "b/__main__.py", "d-1/e.py"]), {"a", "b", "b.c"})
        self.assertEqual(audit_modules.failure(self.context, "json.decoder"), "")
        self.assertIn("No module named 'no_such_module'", audit_modules.failure(self.context, "no_such_module"))
        self.assertTrue(audit_modules.failure(self.context, "this").startswith(audit_modules.WRITES))
        page = audit_modules.page({"some": {"a": "", "b": "ModuleNotFoundError: No module named 'c'", "d": f"{audit_modules.WRITES}something"}})
        self.assertIn("| some | 3 | 2 | 1 |", page)
        self.assertIn("| needs `c`, which is not there | `b` |", page)
        self.assertIn("| `something` | `d` |", page)

    def test_generated_documents(self):
        document = pathlib.Path("docs/modules.md")
        self.assertEqual(len(self.context.document(document, "another text")), 1)
        self.assertEqual(self.context.document(document, (harness.ROOT / document).read_text()), [])


if __name__ == "__main__":
    unittest.main()
