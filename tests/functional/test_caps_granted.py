"""What a cap does with a directory: caps/<name>/tests/granted_*.py are run twice, with a plan that grants the cap, and the caps that
load it, a directory for writing. It is empty at first and named as the first argument."""

import json
import unittest

import harness
from harness import Case, environment, execute
from plans import BUILD, COMPOSECTL

CAPS = harness.ROOT / "caps"


class GrantedTest(Case):
    """One subtest a file."""

    def setUp(self):
        super().setUp()
        self.environment = environment(XDG_DATA_HOME=str(self.outside / "home"))

    def plan_for(self, cap, directory):
        """The install's plan with that grant, signed with the build's key."""
        plan = self.outside / f"{cap}.json"
        content = json.loads((BUILD / "lib/pylon/plan.json").read_text())
        loaders = {binding["consumer_id"] for binding in content["bindings"] if binding["provider_id"] == cap}
        for component in content["components"]:
            if component["id"] in {cap, *loaders} - {content["root"]}:
                component["grants"] = {"write": [str(directory)]}
        plan.write_text(json.dumps(content))
        signed = execute([COMPOSECTL, "plan", "sign", plan, f"--key={BUILD / 'keys/plan.key'}"], env=self.environment)
        self.assertEqual(signed.code, 0, signed.err)
        return plan

    def test_with_a_directory(self):
        files = sorted(CAPS.glob("*/tests/granted_*.py"))
        self.assertGreater(len(files), 0)
        for file in files:
            cap = file.parent.parent.name
            directory = self.outside / f"{cap}-{file.stem}"
            directory.mkdir()
            plan = self.plan_for(cap, directory)
            for run in ("first", "second"):
                with self.subTest(cap=cap, file=file.name, run=run):
                    done = self.pylon(f"--plan={plan}", f"--allow-write={directory}", file, directory, env=self.environment)
                    self.assertEqual(done.code, 0, done.err)

    def test_without_the_programs_grant_there_is_none(self):
        """A plan gives a provider nothing that the program was not given."""
        for file in sorted(CAPS.glob("*/tests/granted_*.py")):
            cap = file.parent.parent.name
            directory = self.outside / f"{cap}-{file.stem}-refused"
            directory.mkdir()
            done = self.pylon(f"--plan={self.plan_for(cap, directory)}", f"--allow-read={directory}", file, directory, env=self.environment)
            self.assertNotEqual(done.code, 0, done.err)
            self.assertEqual(list(directory.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
