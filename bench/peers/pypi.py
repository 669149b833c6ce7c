"""Packages from PyPI named by `name==version --hash=sha256:...` lines, in the cache: wheels installed, source archives unpacked."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

from . import cache

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "toolchain"))

from sdists import BACKEND  # noqa: E402 (found through the line above)

PLATFORMS = ("manylinux_2_34_x86_64", "manylinux_2_28_x86_64", "manylinux2014_x86_64", "manylinux1_x86_64")

# Where the stand-in for the packages' build systems (toolchain/sdists.py) is put.
BACKENDS = ("setuptools/__init__.py", "setuptools/build_meta.py", "maturin.py")


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


def source(requirement: str, log=print) -> pathlib.Path:
    """The unpacked source archive of one requirement line, without its first folder."""
    def build(folder: pathlib.Path) -> None:
        log(f"fetching the source of {requirement.split()[0]}")
        work = folder / ".work"
        for name in BACKENDS:
            (work / "backend" / name).parent.mkdir(parents=True, exist_ok=True)
            (work / "backend" / name).write_text(BACKEND)
        (work / "wanted.txt").write_text(requirement + "\n")
        pip(["download", "--no-binary", ":all:", "--no-build-isolation", "-d", work, "-r", work / "wanted.txt"], PYTHONPATH=str(work / "backend"))
        with tarfile.open(*work.glob("*.tar.gz")) as archive:
            for member in archive:
                member.name = member.name.partition("/")[2]
                if member.isfile() and member.name:
                    archive.extract(member, folder, filter="data")
        shutil.rmtree(work)

    return cache.tree(f"source-{requirement.partition('==')[0]}", cache.digest(requirement, BACKEND), build)


def pip_install(requirements: pathlib.Path, folder: pathlib.Path) -> None:
    """`pip install --target`, hashes required, wheels for CPython 3.14 only."""
    platforms = [word for platform in (*PLATFORMS, "any") for word in ("--platform", platform)]
    pip(["install", "--only-binary", ":all:", "--python-version", "3.14", "--implementation", "cp", "--abi", "cp314", "--abi", "abi3", "--abi", "none",
         "--target", folder, "-r", requirements, *platforms])


def pip(words: list, **variables: str) -> None:
    """A command of pip for exactly what is named, hashes required."""
    command = [sys.executable, "-m", "pip", words[0], "--quiet", "--no-deps", "--require-hashes", "--disable-pip-version-check",
               "--cache-dir", cache.downloads("pip"), *words[1:]]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **variables}
    done = subprocess.run(list(map(str, command)), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        said = [line for line in done.stdout.splitlines() if "ERROR" in line] or ["pip said nothing"]
        raise cache.FetchError(f"pip {words[0]} failed: {said[0]}")
