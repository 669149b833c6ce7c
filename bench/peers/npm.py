"""Packages from the npm registry, as a package-lock.json names them with their hashes, in the cache."""

import pathlib
import shutil
import subprocess

from . import cache

NAMES = ("package.json", "package-lock.json")


def install(project: pathlib.Path, label: str, log=print) -> pathlib.Path:
    """A folder whose `node_modules` holds what the lock of `project` names; no package's script runs."""
    def build(folder: pathlib.Path) -> None:
        log(f"installing the packages of {project.name}")
        for name in NAMES:
            shutil.copy(project / name, folder)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--cache", cache.downloads("npm")]
        done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            said = [line for line in done.stdout.splitlines() if "error" in line] or ["npm said nothing"]
            raise cache.FetchError(f"npm ci failed: {said[0]}")

    return cache.tree(label, cache.digest(*((project / name).read_text() for name in NAMES)), build)
