"""Wheels from PyPI named by a lock of `name==version --hash=sha256:...` lines, installed into the cache."""

import os
import pathlib
import re
import subprocess
import sys

from . import cache

PLATFORMS = ("manylinux_2_34_x86_64", "manylinux_2_28_x86_64", "manylinux2014_x86_64", "manylinux1_x86_64")


def read_lock(path: pathlib.Path) -> dict[str, str]:
    """Requirement lines by project name."""
    lines = path.read_text().replace("\\\n", " ").splitlines()
    return {match[1]: line.strip() for line in lines if (match := re.match(r"\s*([A-Za-z0-9_.-]+)==", line))}


def install(lock: pathlib.Path, names: list[str], label: str, log=print) -> pathlib.Path:
    """A folder for PYTHONPATH that holds exactly the named projects of the lock."""
    requirements = read_lock(lock)
    if absent := [name for name in names if name not in requirements]:
        raise cache.FetchError(f"{lock} does not name {', '.join(absent)}")
    lines = [requirements[name] for name in names]

    def build(folder: pathlib.Path) -> None:
        log(f"installing {', '.join(names)}")
        wanted = folder.with_name(folder.name + ".txt")
        wanted.write_text("\n".join(lines) + "\n")
        try:
            pip_install(wanted, folder)
        finally:
            wanted.unlink()

    return cache.tree(label, cache.digest(*lines), build)


def pip_install(requirements: pathlib.Path, folder: pathlib.Path) -> None:
    """`pip install --target`, hashes required, wheels for CPython 3.14 only."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes",
               "--only-binary", ":all:", "--python-version", "3.14", "--implementation", "cp",
               "--abi", "cp314", "--abi", "abi3", "--abi", "none", "--disable-pip-version-check",
               "--cache-dir", str(cache.downloads("pip")), "--target", str(folder), "-r", str(requirements)]
    for platform in (*PLATFORMS, "any"):
        command += ["--platform", platform]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        words = [line for line in done.stdout.splitlines() if "ERROR" in line] or ["pip said nothing"]
        raise cache.FetchError(f"pip could not install {requirements.name}: {words[0]}")
