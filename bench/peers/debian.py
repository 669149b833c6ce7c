"""Debian packages named by a lock, downloaded by apt with a private configuration, unpacked by dpkg-deb.

A lock's line is `suite package version sha256`; `#` starts a comment. Nothing is installed and no root is
needed; the mirror is the one that the machine's own apt sources name.
"""

import dataclasses
import os
import pathlib
import re
import shutil
import subprocess

from . import cache


@dataclasses.dataclass(frozen=True)
class Package:
    """One line of a lock."""

    suite: str
    name: str
    version: str
    sha256: str


def read_lock(path: pathlib.Path) -> list[Package]:
    """The packages of a lock, in its order."""
    packages = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        fields = line.split("#")[0].split()
        if fields and len(fields) != 4:
            raise cache.FetchError(f"{path}:{number}: expected `suite package version sha256`")
        if fields:
            packages.append(Package(*fields))
    return packages


def mirror() -> str:
    """The Debian mirror of the machine's own apt configuration."""
    listed = [pathlib.Path("/etc/apt/sources.list"), *pathlib.Path("/etc/apt/sources.list.d").glob("*")]
    for path in listed:
        text = path.read_text(errors="replace") if path.is_file() else ""
        for uri in re.findall(r"^(?:URIs:\s*|deb\s+(?:\[[^]]*\]\s+)?)(\S+)", text, re.M):
            if uri.rstrip("/").endswith("/debian"):
                return uri
    raise cache.FetchError("no Debian mirror in the apt sources; add one, then run this again")


def apt_environment(suites: list[str]) -> dict[str, str]:
    """An environment in which apt knows only `suites`, and keeps its state in the cache."""
    home = cache.downloads("apt")
    for folder in ("etc/apt.conf.d", "etc/preferences.d", "etc/sources.list.d", "state/lists/partial",
                   "cache/archives/partial"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    (home / "state/status").touch()
    uri = mirror()
    (home / "etc/sources.list.d/suites.sources").write_text("".join(
        f"Types: deb\nURIs: {uri}\nSuites: {suite}\nComponents: main\nArchitectures: amd64\n"
        "Check-Valid-Until: no\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n"
        for suite in suites))
    (home / "apt.conf").write_text(
        f'Dir::Etc "{home}/etc"; Dir::State "{home}/state"; Dir::State::status "{home}/state/status";\n'
        f'Dir::Cache "{home}/cache"; APT::Architecture "amd64"; Acquire::Languages "none";\n'
        'APT::Sandbox::User ""; Acquire::Retries "3";\n')
    return {**os.environ, "APT_CONFIG": str(home / "apt.conf")}


def fetch(packages: list[Package], log=print) -> list[pathlib.Path]:
    """The .deb file of each package, from the cache or downloaded and checked against the lock."""
    folder = cache.downloads("deb")
    paths = {package: folder / f"{package.sha256[:16]}.deb" for package in packages}
    missing = [package for package, path in paths.items() if not path.exists()]
    if not missing:
        return list(paths.values())
    if not shutil.which("apt-get"):
        raise cache.FetchError("apt-get is needed to download Debian packages, and is not here")
    with cache.locked("deb"):
        environment = apt_environment(sorted({package.suite for package in packages}))
        run_apt(["update"], environment, folder)
        for number, package in enumerate(missing, 1):
            log(f"fetching {package.name} {package.version} ({number} of {len(missing)})")
            download(package, paths[package], environment)
    return list(paths.values())


def download(package: Package, path: pathlib.Path, environment: dict[str, str]) -> None:
    """Downloads one package to `path`, which appears only when its hash is the lock's."""
    folder = path.with_suffix(".part")
    folder.mkdir(exist_ok=True)
    run_apt(["download", f"{package.name}={package.version}"], environment, folder)
    for file in folder.glob("*.deb"):
        found = cache.file_digest(file)
        if found != package.sha256:
            shutil.rmtree(folder)
            raise cache.FetchError(f"{package.name} {package.version} has sha256 {found}, its lock says "
                                   f"{package.sha256}; nothing of it was kept")
        file.rename(path)
    shutil.rmtree(folder)


def run_apt(arguments: list[str], environment: dict[str, str], folder: pathlib.Path) -> None:
    """Runs apt-get quietly; a failure is a FetchError with apt's own words."""
    done = subprocess.run(["apt-get", "-qq", *arguments], env=environment, cwd=folder, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        words = done.stdout.strip().splitlines()[-1:] or ["it said nothing"]
        raise cache.FetchError(f"apt-get {' '.join(arguments)} failed: {words[0]}; check the network, or renew "
                               "the lock where the suite has moved on, and run this again: what was fetched is kept")


def unpack(files: list[pathlib.Path], folder: pathlib.Path) -> None:
    """Unpacks packages over one another into `folder`."""
    for file in files:
        subprocess.run(["dpkg-deb", "-x", file, folder], check=True)
