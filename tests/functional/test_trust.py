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


class Facades(PlanCase):
    """A plan's Python modules: unpacked by the first run, with bytecode; noticed if they change."""

    facades = {"echo": {"site/echo_facade/__init__.py": "from _echo_cap import values\nechoed = values.echo_u8(7)\n",
                        "site/echo_facade/broken.py": "def\n", "site/text.txt": "no module"}}
    USE = "import echo_facade; print(echo_facade.echoed)"

    def setUp(self):
        super().setUp()
        for _ in range(3):
            self.says(self.USE, "7")
            settle()
        (self.unpacked,) = (self.home / "facades").iterdir()

    def refused(self, path):
        result = self.with_plan("print('instantiated')")
        self.assertEqual((result.code, result.out), (REFUSED, ""), result.err)
        self.assertIn(str(path), result.err)
        self.assertIn(f"rm -r {self.unpacked}", result.err)
        shutil.rmtree(self.unpacked)  # what the message says
        self.says(self.USE, "7")

    def test_bytecode_is_what_runs(self):
        found = sorted(str(path.relative_to(self.unpacked)) for path in self.unpacked.rglob("*.pyc"))
        self.assertEqual(len(found), 1, found)  # none of a module that does not compile
        self.assertRegex(found[0], r"^site/echo_facade/__pycache__/__init__\.cpython-3\d+\.pyc$")
        result = self.pylon("-v", f"--plan={self.plan}", "-c", self.USE, env=self.environment)
        self.assertIn(f"/pylon/caps/{found[0]} matches", result.err)
        self.says("import echo_facade; print(echo_facade.__spec__.loader.get_code('echo_facade').co_filename)",
                  "/pylon/caps/site/echo_facade/__init__.py")

    def test_the_program_cannot_write_them(self):
        result = self.with_plan("""
            import pathlib
            for name in ("site/new.py", "site/echo_facade/__init__.py", "site/echo_facade/__pycache__/__init__.cpython-314.pyc"):
                try:
                    pathlib.Path("/pylon/caps", name).write_text("x")
                except OSError as error:
                    print(type(error).__name__)
            """)
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual(len(result.out.split()), 3, result.out)

    def test_a_changed_module(self):
        path = self.unpacked / "site/echo_facade/__init__.py"
        tamper(path)
        self.refused(path)

    def test_changed_bytecode(self):
        (path,) = self.unpacked.rglob("*.pyc")
        tamper(path)
        self.refused(path)

    def test_an_added_module(self):
        path = self.unpacked / "site/echo_facade/os.py"
        path.write_text("print('mine')")
        self.refused(path)

    def test_a_removed_module(self):
        path = self.unpacked / "site/echo_facade/broken.py"
        path.unlink()
        self.refused(path)

    def test_a_tampered_blob(self):
        digest = hashlib.sha256((self.outside / "echo.zip").read_bytes()).hexdigest()
        shutil.rmtree(self.unpacked)
        tamper(self.home / "blobs" / digest[:2] / digest[2:])
        result = self.with_plan("print('instantiated')")
        self.assertEqual((result.code, result.out), (REFUSED, ""), result.err)
        self.assertIn("the facade of 'echo'", result.err)
        self.assertIn("composectl blob repair", result.err)

    def test_unpack_makes_them_anew(self):
        tamper(self.unpacked / "site/echo_facade/__init__.py")
        self.composectl("plan", "unpack", self.plan)
        self.says(self.USE, "7")
        self.assertEqual(len(list(self.unpacked.rglob("*.pyc"))), 1)
        self.assertEqual([path.name for path in (self.home / "facades").iterdir()], [self.unpacked.name])

    def test_without_a_home(self):
        """Containers and cron jobs: modules and code go to a temporary directory of the user's own."""
        beside = self.plan.parent / "blobs"
        shutil.copytree(self.home / "blobs", beside)
        temporary = self.outside / "tmp"
        temporary.mkdir()
        install = self.outside / "install"
        shutil.copytree(BUILD / "lib/pylon/trust", install / "lib/pylon/trust")
        (install / "bin").mkdir()
        for name in ("pylon", "pylon-build"):
            shutil.copy(BUILD / "bin" / name, install / "bin")
        for entry in LIBRARY.iterdir():
            if entry.name != "trust":
                (install / "lib/pylon" / entry.name).symlink_to(entry)
        self.composectl("trust", "add", f"{self.key}.pub", f"--store={install / 'lib/pylon/trust'}")
        words = [install / "bin/pylon", f"--plan={self.plan}", "-c", self.USE]
        bare = {"TMPDIR": str(temporary)}
        for _ in range(2):
            result = execute(words, env=bare)
            self.assertEqual((result.code, result.out), (0, "7\n"), result.err)
        (own,) = temporary.iterdir()
        self.assertEqual(own.stat().st_mode & 0o777, 0o700)
        self.assertEqual(sorted(path.name for path in own.iterdir()), ["code", "facades"])
        own.chmod(0o777)
        result = execute(words, env=bare)
        self.assertEqual(result.code, REFUSED, result.err)
        self.assertIn(str(own), result.err)
        self.assertIn("set HOME or XDG_DATA_HOME", result.err)


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
        components = json.loads((library / "plan.json").read_text())["components"]
        self.cap = next(one for one in components if "schema" in one)
        self.binding = f"_{self.cap['id'].replace('-', '_')}_cap"

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

    def test_runs_without_a_home(self):
        result = execute([self.root / "bin" / "pylon", "-c", f"import {self.binding}; print('ran')"], env={})
        self.assertEqual((result.code, result.out, result.err), (0, "ran\n", ""))

    def test_its_facades_cannot_change(self):
        self.run_installed()
        settle()
        path = next((self.library / "facades").rglob("*.pyc"))
        tamper(path)
        self.refused(str(path), "rm -r")

    def test_its_code_cannot_change(self):
        """Whether it was noted as good or is looked at for the first time."""
        text = f"try:\n  import {self.binding}\nexcept ImportError as error:\n  print(error)"
        for _ in range(2):
            self.assertEqual(self.run_installed(text).out, "")
            settle()
        digest = self.cap["digest"].removeprefix("sha256:")
        (code,) = (self.library / "code").glob(f"{digest}-*.cwasm")
        tamper(code)
        for home in ("other", "another"):
            result = execute([self.root / "bin" / "pylon", "-c", text], env=environment(XDG_DATA_HOME=str(self.outside / home)))
            self.assertIn(f"rm {code}", result.out)

    def test_its_manifest_cannot_be_damaged(self):
        manifest = self.library / "manifest.json"
        text = manifest.read_text()
        for damaged in ("", text[:-9], text.replace('"sha256": "', '"sha256": "0', 1), text.replace('"version": 1', '"version": 99')):
            manifest.write_text(damaged)
            self.refused("manifest.json", code=BROKEN)

    def test_forged_stamps_do_not_hide_a_changed_image(self):
        """A stamp is only believed with the size and time of the file that the manifest's digest belongs to."""
        self.run_installed()
        image = self.library / "python.snapshot.cwasm"
        image.unlink()
        shutil.copy(LIBRARY / image.name, image)
        tamper(image)
        stamps = self.library / "stamps"
        if stamps.is_symlink():
            stamps.unlink()
        status = image.stat()
        actual = hashlib.sha256(image.read_bytes()).hexdigest()
        seconds, nanoseconds = divmod(status.st_mtime_ns, 10**9)
        stamps.write_text(f"{image.name} {status.st_size} {seconds} {nanoseconds} {actual}\n")
        self.refused("python.snapshot.cwasm", code=BROKEN)

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
