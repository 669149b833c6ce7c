"""The gate: what the trust store does not vouch for is refused before anything runs, whatever was found good before."""

import hashlib
import json
import pathlib
import shutil
import unittest

from harness import environment, execute
from plans import BUILD, LIBRARY, PlanCase, settle, tamper

BROKEN, REFUSED = 125, 126


class Refused(PlanCase):
    """Changes after the plan ran and was noted."""

    def setUp(self):
        super().setUp()
        for _ in range(3):  # the first two remember the serial and the files; the third believes the note
            self.says("import _echo_cap; print(_echo_cap.values.echo_string('ran'))", "ran")
            settle()

    def refused(self, *parts):
        result = self.with_plan("print('instantiated')")
        self.assertEqual((result.code, result.out), (REFUSED, ""), result.err)
        for part in parts:
            self.assertIn(part, result.err)

    def test_unsigned(self):
        pathlib.Path(f"{self.plan}.minisig").unlink()
        self.refused(str(self.plan), "is not signed", "composectl plan sign")

    def test_untrusted(self):
        shutil.rmtree(self.home / "trust")
        self.refused(str(self.plan), "not trusted", "composectl trust add")

    def test_trusting_the_plan_is_one_command(self):
        shutil.rmtree(self.home / "trust")
        self.composectl("trust", "add", self.plan)
        self.says("print('ran')", "ran")

    def test_revoked_component(self):
        digest = "sha256:" + hashlib.sha256((BUILD / "tests/components/echo/echo.component.wasm").read_bytes()).hexdigest()
        self.composectl("trust", "revoke", digest)
        self.refused("'echo'", digest, "composectl trust remove")

    def test_revoked_root(self):
        digest = "sha256:" + hashlib.sha256((LIBRARY / "python.wasm").read_bytes()).hexdigest()
        self.composectl("trust", "revoke", digest)
        self.refused("'python'", digest, "composectl trust remove")

    def test_revoked_key(self):
        self.composectl("trust", "revoke", f"{self.key}.pub")
        self.refused("key", "revoked", "composectl trust remove")

    def test_expired(self):
        self.build_plan(serial=2, expires="2020-01-01T00:00:00Z")
        self.refused(str(self.plan), "expired", "composectl plan set --expires")

    def test_rolled_back(self):
        old = self.plan.read_bytes(), pathlib.Path(f"{self.plan}.minisig").read_bytes()
        self.build_plan(serial=1000)
        self.says("print('newer')", "newer")
        self.plan.write_bytes(old[0])
        pathlib.Path(f"{self.plan}.minisig").write_bytes(old[1])
        self.refused("serial 1000", "composectl trust add")

    def test_tampered_plan(self):
        self.plan.write_text(self.plan.read_text().replace('"test"', '"Test"'))
        self.refused("minisig", "composectl plan sign")

    def test_tampered_in_place(self):
        tamper(self.plan)
        self.refused(str(self.plan))

    def test_tampered_signature(self):
        tamper(pathlib.Path(f"{self.plan}.minisig"))
        self.refused("minisig")

    def test_tampered_trust_file(self):
        tamper(self.home / "trust" / "trust.json")
        self.refused("trust.json")

    def test_forged_note(self):
        """Notes in a directory that others may write are not believed."""
        (self.home / "checked").chmod(0o777)
        pathlib.Path(f"{self.plan}.minisig").unlink()
        self.refused("is not signed")

    def test_another_root(self):
        plan = json.loads(self.plan.read_text())
        root = next(one for one in plan["components"] if one["id"] == "python")
        root["digest"] = "sha256:" + "1" * 64
        self.plan.write_text(json.dumps(plan))
        self.sign()
        self.refused("root 'python'", "composectl plan set")


class RefusedProvider(PlanCase):
    """What is checked when a provider is first used: the program gets an exception that names the object."""

    def setUp(self):
        super().setUp()
        for _ in range(2):
            self.says("import _echo_cap; print(_echo_cap.values.echo_u8(7))", "7")
            settle()

    def fails(self, *parts):
        result = self.with_plan("""
            try:
                import _echo_cap
            except ImportError as error:
                print(type(error).__name__, error)
            else:
                print("imported", _echo_cap.values.echo_u8(7))
            """)
        self.assertEqual(result.code, 0, result.err)
        self.assertNotIn("imported", result.out)
        for part in parts:
            self.assertIn(part, result.out)

    def digest(self):
        return hashlib.sha256((BUILD / "tests/components/echo/echo.component.wasm").read_bytes()).hexdigest()

    def test_tampered_blob(self):
        tamper(self.home / "blobs" / self.digest()[:2] / self.digest()[2:])
        self.fails("'echo'", "composectl blob repair")

    def test_missing_blob(self):
        (self.home / "blobs" / self.digest()[:2] / self.digest()[2:]).unlink()
        self.fails("'echo'", "composectl blob")

    def test_tampered_schema(self):
        digest = hashlib.sha256((BUILD / "tests/components/echo/echo.schema").read_bytes()).hexdigest()
        tamper(self.home / "blobs" / digest[:2] / digest[2:])
        self.fails("'echo'")

    def test_tampered_code(self):
        (code,) = (self.home / "code").glob(f"{self.digest()}-*.cwasm")
        tamper(code)
        self.fails("'echo'", f"rm {code}")

    def test_exchanged_record(self):
        (code,) = (self.home / "code").glob(f"{self.digest()}-*.cwasm")
        pathlib.Path(f"{code}.sha256").write_text("0" * 64 + "\n")
        self.fails("'echo'", str(code))

    def test_code_that_others_can_write(self):
        (self.home / "code").chmod(0o775)
        self.fails("chmod go-w")

    def test_missing_code_is_compiled(self):
        shutil.rmtree(self.home / "code")
        self.says("import _echo_cap; print(_echo_cap.values.echo_u8(7))", "7")
        self.assertEqual(len(list((self.home / "code").glob("*.cwasm"))), 1)


class Installed(PlanCase):
    """The install's own plan, in a copy of the install whose large files are links."""

    def setUp(self):
        super().setUp()
        self.root = self.outside / "install"
        library = self.root / "lib" / "pylon"
        (self.root / "bin").mkdir(parents=True)
        library.mkdir(parents=True)
        shutil.copy(BUILD / "bin" / "pylon", self.root / "bin")
        for entry in LIBRARY.iterdir():
            if entry.name in ("plan.json", "plan.json.minisig", "manifest.json"):
                shutil.copy(entry, library)
            elif entry.name in ("trust", "code", "facades"):
                shutil.copytree(entry, library / entry.name)
            else:
                (library / entry.name).symlink_to(entry)
        self.library = library

    def run_installed(self, text="print('ran')"):
        return execute([self.root / "bin" / "pylon", "-c", text], env=environment(XDG_DATA_HOME=str(self.outside / "other")))

    def refused(self, *parts, code=REFUSED):
        result = self.run_installed()
        self.assertEqual((result.code, result.out), (code, ""), result.err)
        for part in parts:
            self.assertIn(part, result.err)

    def test_runs_as_built(self):
        for _ in range(2):
            result = self.run_installed()
            self.assertEqual((result.code, result.out), (0, "ran\n"), result.err)
            settle()

    def test_its_plan_cannot_go_missing(self):
        self.run_installed()
        (self.library / "plan.json").unlink()
        self.refused("plan is gone")

    def test_its_plan_cannot_change(self):
        self.run_installed()
        settle()
        tamper(self.library / "plan.json")
        self.refused("plan.json")

    def test_its_interpreter_cannot_change(self):
        self.run_installed()
        settle()
        image = self.library / "python.snapshot.cwasm"
        image.unlink()
        shutil.copy(LIBRARY / image.name, image)
        tamper(image)
        self.refused("python.snapshot.cwasm", code=BROKEN)

    def test_another_interpreter_is_not_the_plans(self):
        manifest = json.loads((self.library / "manifest.json").read_text())
        manifest["files"]["python.wasm"]["sha256"] = "1" * 64
        (self.library / "manifest.json").write_text(json.dumps(manifest))
        self.refused("root 'python'")


if __name__ == "__main__":
    unittest.main()
