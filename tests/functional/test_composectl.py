"""composectl: plans, blobs, trust and keys, as an operator uses them."""

import hashlib
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import unittest

from harness import ROOT, Case, environment, execute

BUILD = pathlib.Path(os.environ.get("PYLON_BUILD") or pathlib.Path(__file__).resolve().parents[2] / "build")
COMPOSECTL = BUILD / "bin" / "composectl"
INTERFACE = "crc32c:checksum/checksum@0.1.0"


def component(imports=(), exports=(), mark=b"") -> bytes:
    """A component with these names in its import and export sections, and a custom section that tells it apart."""
    def vector(entries, tail):
        body = bytes([len(entries)]) + b"".join(b"\0" + bytes([len(name)]) + name.encode() + tail for name in entries)
        return bytes([len(body)]) + body
    custom = b"\x01m" + mark
    return (b"\0asm\x0d\0\x01\0" + b"\0" + bytes([len(custom)]) + custom
            + b"\x0a" + vector(imports, b"\x05\x00") + b"\x0b" + vector(exports, b"\x05\x00\x00"))


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Composectl(Case):
    """A person's directory, an install tree with a root and one cap of two providers, a key."""

    @classmethod
    def setUpClass(cls):
        if not COMPOSECTL.is_file():
            raise AssertionError(f"{COMPOSECTL} is not there: build it")

    def setUp(self):
        super().setUp()
        self.home = self.folder / "home"
        self.plan = self.folder / "install" / "lib" / "pylon" / "plan.json"
        self.one, self.two = component(exports=[INTERFACE], mark=b"1"), component(exports=[INTERFACE], mark=b"2")
        self.write("install/lib/pylon/python.wasm", component(imports=["wasi:cli/run@0.2.6", "compose:dynlink/linker@0.1.0"]))
        self.write("cap/one.wasm", self.one)
        self.write("cap/two.wasm", self.two)
        self.write("cap/schema", b"schema")
        for blob in ("facade", "extension", "static"):
            self.write(f"cap/{blob}", blob.encode())
        self.write("cap/cap.json", json.dumps({
            "name": "crc32c", "version": "0.1.0", "grants": {}, "schema": "schema", "facade": "facade", "extension": "extension", "static_extension": "static",
            "providers": [{"name": "one", "component": "one.wasm"}, {"name": "two", "component": "two.wasm"}]}))

    def run_it(self, *words):
        return execute([COMPOSECTL, *words, f"--home={self.home}", f"--install={self.folder / 'install'}"],
                       cwd=self.folder, env=environment())

    def ok(self, *words):
        """The JSON of a command that has to succeed."""
        result = self.run_it(*words, "--json")
        self.assertEqual((result.code, result.err), (0, ""), (words, result))
        return json.loads(result.out)

    def no(self, *words, code=1):
        """The error of a command that has to fail."""
        result = self.run_it(*words, "--json")
        self.assertEqual(result.code, code, (words, result))
        return json.loads(result.err)["error"]

    def build(self, *options):
        return self.ok("plan", "build", "--root=install/lib/pylon/python.wasm", "--cap=cap/cap.json",
                       f"--output={self.plan}", "--name=test", *options)

    def make(self):
        self.ok("key", "new", "--trust")
        return self.build()

    def tree(self):
        return {str(path): path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file()}


class Plans(Composectl):
    def test_built_signed_verified(self):
        self.assertEqual(self.make()["serial"], 1)
        self.assertEqual(self.ok("plan", "verify")["trusted"][:13], "signed by key")
        plan = self.ok("plan", "show")["plan"]
        crc = next(one for one in plan["components"] if one["id"] == "crc32c")
        self.assertEqual(crc, {"id": "crc32c", "digest": digest(self.one), "schema": digest(b"schema"), "facade": digest(b"facade"),
                               "extension": digest(b"extension"), "static_extension": digest(b"static")})
        self.assertEqual(plan["bindings"], [{"consumer_id": "python", "import_name": INTERFACE, "provider_id": "crc32c",
                                             "export_name": INTERFACE, "linkage": "dynlink"}])

    def test_a_cap_may_load_others(self):
        """One that it requires has to be there; `name?` is bound if it is."""
        words = ["plan", "build", "--root=install/lib/pylon/python.wasm", f"--output={self.plan}", "--unsigned", "--cap=loads/cap.json"]
        self.write("loads/one.wasm", component(imports=["compose:dynlink/linker@0.1.0"], exports=["compose:dynlink/endpoint@0.1.0"], mark=b"3"))
        for required, others, loads in (("crc32c?", [], []), ("crc32c?", ["--cap=cap/cap.json"], ["crc32c"]), ("crc32c", ["--cap=cap/cap.json"], ["crc32c"])):
            self.write("loads/cap.json", json.dumps({"name": "loads", "grants": {}, "requires": [required], "providers": [{"name": "loads", "component": "one.wasm"}]}))
            self.ok(*words, *others)
            bindings = json.loads(self.plan.read_text())["bindings"]
            self.assertEqual([one["provider_id"] for one in bindings if one["consumer_id"] == "loads"], loads)
        self.assertIn("'loads' requires the cap 'crc32c'", self.no(*words, code=2)["message"])

    def test_built_again_is_the_same(self):
        self.make()
        before = self.plan.read_bytes()
        self.assertEqual(self.build()["serial"], 1)
        self.assertEqual(self.plan.read_bytes(), before)
        self.write("cap/schema", b"another")
        self.assertEqual(self.build()["serial"], 2)

    def test_swap_is_an_edit(self):
        self.make()
        shutil.copy(self.plan, self.folder / "old.json")
        for spelling in (digest(self.two), digest(self.two)[7:15], "cap/two.wasm"):
            self.ok("plan", "set", f"crc32c={digest(self.one)}")
            self.ok("plan", "set", f"crc32c={spelling}")
            self.ok("plan", "verify")
        different = self.run_it("plan", "diff", "old.json", str(self.plan), "--json")
        self.assertEqual(different.code, 1)
        changes = {one["what"]: (one["before"], one["after"]) for one in json.loads(different.out)["changes"]}
        # What is linked statically has the other provider's code in it.
        self.assertEqual(changes, {"serial": ("1", "6"), "component crc32c: digest": (digest(self.one), digest(self.two)),
                                   "component crc32c: static_extension": (digest(b"static"), "")})

    def test_a_stranger_is_not_taken(self):
        self.make()
        self.write("other.wasm", component(exports=["other:api/x@1.0.0"]))
        before = self.plan.read_bytes()
        error = self.no("plan", "set", "crc32c=other.wasm", code=2)
        self.assertIn(f"'crc32c' does not export {INTERFACE}", error["message"])
        self.assertEqual(self.plan.read_bytes(), before)
        self.assertIn("did you mean crc32c?", self.no("plan", "set", "crc32=other.wasm", code=2)["hint"])

    def test_unmet_import_fails_when_built(self):
        self.ok("key", "new", "--trust")
        self.write("cap/one.wasm", component(imports=["crc32c:checksum/tables@0.1.0"], exports=[INTERFACE]))
        error = self.no("plan", "build", "--root=install/lib/pylon/python.wasm", "--cap=cap/cap.json", "--output=p.json", code=2)
        self.assertIn("'crc32c' imports crc32c:checksum/tables@0.1.0", error["message"])
        self.assertFalse((self.folder / "p.json").exists())

    def test_bindings_and_removal(self):
        self.make()
        self.ok("plan", "set", "--unbind=python:crc32c")
        self.assertEqual(self.ok("graph")["edges"], [])
        self.ok("plan", "set", "--bind=python:crc32c")
        self.ok("plan", "set", "--remove=crc32c")
        self.assertEqual([one["id"] for one in self.ok("graph")["nodes"]], ["python"])

    def test_without_a_key(self):
        error = self.no("plan", "build", "--root=install/lib/pylon/python.wasm", "--output=p.json", code=2)
        self.assertIn("composectl key new", error["hint"])
        self.ok("plan", "build", "--root=install/lib/pylon/python.wasm", "--output=p.json", "--unsigned")
        self.assertIn("composectl trust add p.json", self.no("plan", "verify", "p.json")["hint"])

    def test_graph(self):
        self.make()
        self.assertIn('"python" -> "crc32c"', self.run_it("graph", "--format=dot").out)
        self.assertEqual(self.run_it("graph").out, f"python\n  crc32c  {INTERFACE} (dynlink)\n")


class Trust(Composectl):
    def test_each_refusal_names_the_way_out_and_it_works(self):
        self.ok("key", "new")
        self.build()
        error = self.no("plan", "verify")
        self.assertIn("which is not trusted", error["message"])
        self.ok("trust", "add", "home/keys/default.pub")
        self.ok("plan", "verify")
        self.ok("plan", "set", "--expires=2020-01-01")
        self.assertIn(f"composectl plan set --expires=DATE --plan={self.plan}", self.no("plan", "verify")["hint"])
        self.ok("plan", "set", "--expires=never", f"--plan={self.plan}")
        self.ok("plan", "verify")
        self.ok("trust", "revoke", digest(self.one), "--comment=bad")
        error = self.no("plan", "verify")
        self.assertIn(digest(self.one), error["message"])
        self.assertIn(f"composectl trust remove {digest(self.one)}", error["hint"])
        self.ok("trust", "remove", digest(self.one))
        self.ok("plan", "verify")

    def test_a_plan_of_somebody_else(self):
        self.ok("key", "new")
        self.build()
        self.no("plan", "verify")
        self.ok("trust", "add", str(self.plan))
        self.assertEqual(self.ok("plan", "verify")["trusted"], "its digest is trusted")
        self.ok("plan", "set", "--name=changed")
        self.no("plan", "verify")

    def test_each_digest(self):
        self.build("--unsigned")
        self.ok("trust", "add", "--parts", str(self.plan))
        self.assertEqual(self.ok("plan", "verify")["trusted"], "each digest in it is trusted")

    def test_tampering(self):
        self.make()
        good = self.plan.read_bytes()
        signature = self.plan.with_name("plan.json.minisig")
        self.plan.write_bytes(good.replace(b'"serial": 1', b'"serial": 2'))
        self.assertEqual(self.no("plan", "verify")["kind"], "corrupt")
        self.plan.write_bytes(good)
        signature.write_text(signature.read_text().replace("timestamp:", "timestamp:1"))
        self.assertEqual(self.no("plan", "verify")["kind"], "corrupt")
        self.ok("plan", "sign", str(self.plan))
        trust = self.home / "trust" / "trust.json"
        trust.write_text(trust.read_text().replace("keys", "keyz", 1))
        self.assertEqual(self.no("plan", "verify")["kind"], "corrupt")

    def test_log(self):
        self.make()
        self.ok("trust", "revoke", "sha256:" + "ab" * 32)
        self.assertEqual([one["action"] for one in self.ok("trust", "log")["changes"]], ["trust", "revoke"])
        log = self.home / "trust" / "trust.log"
        log.write_text(log.read_text().replace("revoke", "remove"))
        self.assertEqual(self.no("trust", "log")["kind"], "corrupt")

    @unittest.skipUnless(shutil.which("minisign"), "minisign is not installed")
    def test_minisign_verifies_and_signs(self):
        self.make()
        def minisign(*words):
            return subprocess.run(["minisign", *words], cwd=self.folder, capture_output=True, stdin=subprocess.DEVNULL).returncode
        self.assertEqual(minisign("-V", "-p", "home/keys/default.pub", "-m", str(self.plan)), 0)
        self.assertEqual(minisign("-G", "-W", "-p", "mini.pub", "-s", "mini.key"), 0)
        self.assertEqual(minisign("-S", "-W", "-s", "mini.key", "-m", str(self.plan)), 0)
        self.no("plan", "verify")
        self.ok("trust", "add", "mini.pub")
        self.ok("plan", "verify")
        self.ok("plan", "sign", "--key=mini.key", str(self.plan))
        self.assertEqual(minisign("-V", "-p", "mini.pub", "-m", str(self.plan)), 0)


class Blobs(Composectl):
    def stored(self, data: bytes) -> pathlib.Path:
        name = digest(data)[7:]
        return self.home / "blobs" / name[:2] / name[2:]

    def test_damage_is_found_and_mended(self):
        self.make()
        self.stored(self.one).chmod(0o644)
        self.stored(self.one).write_bytes(b"?")
        self.stored(b"facade").unlink()
        self.assertEqual(self.run_it("blob", "verify").code, 1)
        self.assertIn("composectl blob repair", self.no("plan", "verify")["hint"])
        self.ok("blob", "repair", "--from=cap", f"--plan={self.plan}")
        self.ok("blob", "verify")
        self.ok("plan", "verify")

    def test_collection_keeps_what_plans_name(self):
        self.make()
        for path in (self.home / "blobs").glob("??/*"):
            os.utime(path, (1, 1))
        before = self.tree()
        self.assertIn("name every plan", self.no("blob", "gc", "--grace=0", code=2)["hint"])
        self.assertEqual(self.tree(), before)
        self.assertEqual(self.ok("blob", "gc", "--grace=0", "--dry-run")["removed"], [digest(self.two)])
        self.assertEqual(self.ok("blob", "gc", "--grace=0", f"--plan={self.plan}")["removed"], [digest(self.two)])
        self.ok("plan", "verify")

    def test_put_and_get(self):
        self.write("file", b"some \0 bytes")
        self.ok("blob", "put", "file")
        got = self.run_it("blob", "get", digest(b"some \0 bytes")[7:17])
        self.assertEqual(got.output, b"some \0 bytes")
        self.assertEqual(self.no("blob", "get", "sha256:" + "0" * 64, code=2)["kind"], "input")

    def test_oci_layout(self):
        self.make()
        self.ok("blob", "put", "install/lib/pylon/python.wasm")
        self.ok("blob", "export-oci", "layout", f"--plan={self.plan}")
        self.ok("blob", "import-oci", "layout", "--store=other", "--plan=copy.json")
        self.assertEqual((self.folder / "copy.json").read_bytes(), self.plan.read_bytes())
        self.ok("plan", "verify", "copy.json")
        self.assertEqual(len(self.ok("blob", "list", "--store=other")["blobs"]), 6)
        index = json.loads((self.folder / "layout/index.json").read_text())
        blob = self.folder / "layout/blobs/sha256" / digest(self.one)[7:]
        blob.write_bytes(b"exchanged")
        self.assertEqual(self.no("blob", "import-oci", "layout", "--store=third")["kind"], "corrupt")
        self.assertEqual(index["schemaVersion"], 2)


class CommandLine(Composectl):
    def test_dry_runs_change_nothing(self):
        self.make()
        before = self.tree()
        for words in (["plan", "build", "--root=install/lib/pylon/python.wasm", f"--output={self.plan}"],
                      ["plan", "set", "crc32c=cap/two.wasm"], ["plan", "sign", str(self.plan)],
                      ["blob", "put", "cap/cap.json"], ["blob", "repair", "--from=cap"], ["blob", "gc", "--grace=0"],
                      ["blob", "export-oci", "layout"], ["trust", "add", "cap/one.wasm"],
                      ["trust", "revoke", "cap/one.wasm"], ["trust", "remove", "home/keys/default.pub"],
                      ["key", "new", "another"]):
            self.ok(*words, "--dry-run")
            self.assertEqual(self.tree(), before, words)

    def test_mistakes(self):
        for words, hint in ((["plam"], "did you mean plan?"), (["plan", "bild"], "did you mean build?"),
                            (["plan", "build", "--rot=x"], "did you mean --root?"), (["plan"], "`composectl plan --help` lists all"),
                            (["trust", "add"], "`composectl trust add --help` tells more"), ([], "`composectl --help` lists all")):
            error = self.no(*words, code=2)
            self.assertEqual((error["kind"], error["hint"]), ("usage", hint), words)

    def test_help_manual_and_completion_know_every_command(self):
        text = self.run_it("--help").out
        commands = [line.split("  ")[1] for line in text.splitlines() if line.startswith("  ") and line[2:3].islower()]
        self.assertGreater(len(commands), 20)
        manual = (BUILD / "share/man/man1/composectl.1").read_text().replace("\\-", "-")
        scripts = {shell: self.run_it("completion", shell).out for shell in ("bash", "zsh", "fish")}
        for command in commands:
            words = [word for word in command.split() if word.islower() and word.isalpha() or "-oci" in word]
            self.assertEqual(self.run_it(*words, "--help").code, 0, words)
            self.assertIn("composectl " + " ".join(words), manual)
            for shell, script in scripts.items():
                for word in words:
                    self.assertIn(word, script, shell)

    def test_bash_completes(self):
        script = self.write("composectl.bash", self.run_it("completion", "bash").out)
        def complete(*words):
            line = " ".join(f"'{word}'" for word in ("composectl", *words))
            code = f"source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words)}; _composectl 2>/dev/null; echo ${{COMPREPLY[@]}}"
            return execute(["bash", "-c", code]).out.split()
        self.assertEqual(complete("pl"), ["plan"])
        self.assertEqual(complete("plan", "va"), ["validate"])
        self.assertEqual(complete("blob", "gc", "--gr"), ["--grace="])
        self.assertEqual(complete("trust", "add", "--dr"), ["--dry-run"])

    def test_documented_commands_exist(self):
        found = 0
        for page in ("plans.md", "trust.md", "composing.md", "profiles.md"):
            for line in (ROOT / "docs" / page).read_text().splitlines():
                if not line.startswith("    composectl "):
                    continue
                found += 1
                result = self.run_it(*shlex.split(line, comments=True)[1:], "--help")
                self.assertEqual(result.code, 0, (line, result.err))
        self.assertGreater(found, 15)

    def test_compose_says_what_is_wired_and_what_is_missing(self):
        folder = BUILD / "tests" / "components" / "plain"
        python, plain = BUILD / "lib" / "pylon" / "python.wasm", folder / "plain.component.wasm"
        more = (f"--extension={folder / 'plain.extension.wasm'}", "--host=wasi:", "--host=compose:")
        answer = self.ok("compose", python, plain, *more, "--output=both.wasm")
        self.assertEqual({(wire["consumer"], wire["provider"]) for wire in answer["wires"]}, {("python", "plain")})
        both = (self.folder / "both.wasm").read_bytes()
        self.assertEqual(answer["digest"], digest(both))
        self.assertIn(plain.read_bytes(), both)
        again = self.ok("compose", python, plain, *more, "--output=again.wasm", "--dry-run")
        self.assertEqual(again["digest"], answer["digest"])
        self.assertFalse((self.folder / "again.wasm").exists())
        error = self.no("compose", python, *more, "--output=alone.wasm", code=2)
        self.assertRegex(error["message"], "^python imports pylon:echo/[a-z]+@0.1.0, which no component provides$")
        self.assertFalse((self.folder / "alone.wasm").exists())

    def test_the_audit_log_of_nobody(self):
        self.assertEqual(self.ok("audit", "verify"), {"runs": 0, "ok": True, "problem": ""})


class Build(unittest.TestCase):
    """The plan of the build itself."""

    @unittest.skipUnless((BUILD / "lib/pylon/plan.json").is_file(), "this build has no plan")
    def test_may_run(self):
        result = execute([COMPOSECTL, "plan", "verify", "--home=/nonexistent", "--json"])
        self.assertEqual(result.code, 0, result)
        self.assertEqual(os.stat(BUILD / "keys/plan.key").st_mode & 0o777, 0o600)


if __name__ == "__main__":
    unittest.main()
