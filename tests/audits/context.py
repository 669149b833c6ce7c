"""What audits share: where things are, and how they are run."""

import concurrent.futures
import dataclasses
import hashlib
import json
import os
import pathlib
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SECONDS = 60  # no program that an audit starts may take longer


@dataclasses.dataclass
class Outcome:
    """What an audit found."""

    problems: list[str]
    summary: str  # what was looked at, with numbers


@dataclasses.dataclass(frozen=True)
class Cap:
    """A cap: its folder in the tree, what the build left of it, and its cap.json."""

    folder: pathlib.Path
    built: pathlib.Path
    about: dict

    @property
    def name(self):
        return self.folder.name

    @property
    def binding(self):
        """The name of the module that its facade takes its functions from."""
        return f"_{self.name.replace('-', '_')}_cap"


@dataclasses.dataclass(frozen=True)
class Context:
    """A build folder to be audited."""

    build: pathlib.Path
    update: bool = False  # write generated documents anew instead of comparing them

    @property
    def library(self):
        return self.build / "lib/pylon"

    def caps(self):
        """All caps of the tree."""
        return [Cap(file.parent, self.build / "caps" / file.parent.name, json.loads((self.build / "caps" / file.parent.name / "cap.json").read_text()))
                for file in sorted(SOURCE.glob("caps/*/cap.toml"))]

    def setting(self, name):
        """A setting of the build."""
        for line in (self.build / "CMakeCache.txt").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return line.partition("=")[2]
        raise KeyError(name)

    def run(self, program, *arguments, **environment):
        """Runs a program of the build."""
        words = [self.build / "bin" / program, *arguments]
        return subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS, cwd="/",
                              env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8", **environment})

    def each(self, work, items):
        """work(item) for each item, some at a time; the answers in order."""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            return list(pool.map(work, items))

    def document(self, path, text):
        """A generated document of the tree: compared, or written anew. The problem, if there is one."""
        file = SOURCE / path
        if self.update:
            file.write_text(text)
        return [] if file.is_file() and file.read_text() == text else [f"{path} is not what this build gives: make audit UPDATE=1 writes it anew"]


def sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()
