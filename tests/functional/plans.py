"""Plans for tests: test components (tests/components), bound and signed with composectl, run by pylon."""

import hashlib
import json
import os
import pathlib
import shutil
import tempfile
import time
import zipfile

from harness import PYLON, Case, environment, execute

BUILD = PYLON.parent.parent
LIBRARY = BUILD / "lib" / "pylon"
COMPOSECTL = BUILD / "bin" / "composectl"
COMPONENTS = BUILD / "tests" / "components"


def settle():
    """Waits until a change of a file shows in its times."""
    time.sleep(0.06)


def tamper(path):
    """Changes one byte in place; the size and the time of the content stay."""
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(before.st_size // 2)
        byte = file.read(1)
        file.seek(before.st_size // 2)
        file.write(bytes([byte[0] ^ 1]))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


class PlanCase(Case):
    """A test with a person's directory of its own (`home`), a key, and a plan of test components (`plan`)."""

    components = ("echo",)
    facades = {}  # component -> {path: text}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for path in (COMPOSECTL, *(COMPONENTS / name / f"{name}.component.wasm" for name in cls.components)):
            if not path.is_file():
                raise AssertionError(f"{path} is not there: build it")
        # The code of the components is compiled once; each test gets a copy.
        cls.kept_code = pathlib.Path(tempfile.mkdtemp(prefix="pylon-code-"))
        cls.addClassCleanup(shutil.rmtree, cls.kept_code, ignore_errors=True)
        for name in cls.components:
            done = execute([BUILD / "bin" / "pylon-build", "component", COMPONENTS / name / f"{name}.component.wasm", "--output", cls.kept_code])
            assert done.code == 0, done.err

    def setUp(self):
        super().setUp()
        self.home = self.outside / "home" / "pylon"
        self.environment = environment(XDG_DATA_HOME=str(self.home.parent))
        self.home.mkdir(parents=True)
        shutil.copytree(self.kept_code, self.home / "code")
        self.key = self.outside / "test"
        self.composectl("key", "new", f"--output={self.key}", "--trust")
        self.plan = self.outside / "plan.json"
        self.build_plan()

    def composectl(self, *arguments, code=0):
        result = execute([COMPOSECTL, *arguments], env=self.environment, cwd=self.outside)
        self.assertEqual(result.code, code, result.err)
        return result

    def put(self, path):
        """Puts a file into the person's blob store; its digest."""
        self.composectl("blob", "put", path)
        return "sha256:" + hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()

    def component(self, name):
        """A plan's entry for a test component."""
        source = COMPONENTS / name
        entry = {"id": name, "digest": self.put(source / f"{name}.component.wasm"), "schema": self.put(source / f"{name}.schema")}
        if name in self.facades:
            facade = self.outside / f"{name}.zip"
            with zipfile.ZipFile(facade, "w") as archive:
                for path, text in self.facades[name].items():
                    archive.writestr(zipfile.ZipInfo(path), text)
            entry["facade"] = self.put(facade)
        return entry

    def build_plan(self, **head):
        """Writes and signs a plan in which the program may load the test components."""
        root = "sha256:" + hashlib.sha256((LIBRARY / "python.wasm").read_bytes()).hexdigest()
        bindings = [{"consumer_id": "python", "import_name": name, "provider_id": name, "export_name": "compose:dynlink/endpoint@0.1.0",
                     "linkage": "dynlink"} for name in self.components]
        plan = {"version": "1", "name": "test", "serial": 1, **head, "root": "python", "bindings": bindings,
                "components": [{"id": "python", "digest": root}, *map(self.component, self.components)]}
        self.plan.write_text(json.dumps(plan))
        self.sign()

    def sign(self):
        self.composectl("plan", "sign", self.plan, f"--key={self.key}.key")

    def with_plan(self, text, *arguments, before=(), **options):
        """Runs code with the plan."""
        options.setdefault("env", self.environment)
        return self.code(text, *arguments, before=(f"--plan={self.plan}", *before), **options)

    def says(self, text, expected, **options):
        """The code runs well and prints that."""
        result = self.with_plan(text, **options)
        self.assertEqual((result.code, result.err), (0, ""))
        self.assertEqual(result.out.strip(), expected)

