"""Packages from Debian: fetched with apt through a private configuration (no root, no change to the system), checked against debian.lock."""

import dataclasses
import os
import pathlib
import re

from kit import cache
from kit.report import Failure, run, say

LOCK = cache.TOOLCHAIN_SOURCE / "debian.lock"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
RELOCK = "toolchain/lock debian PACKAGE"


@dataclasses.dataclass
class Package:
    """One line of debian.lock. `src:NAME` is the upstream tarball of a source package."""

    group: str
    suite: str
    name: str
    version: str
    size: int
    sha256: str

    @property
    def is_source(self):
        return self.name.startswith("src:")


def read_lock():
    """All packages of debian.lock, in its order."""
    packages = []
    for number, line in enumerate(LOCK.read_text().splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 6 or not words[4].isdigit():
            raise Failure(f"{LOCK}:{number}: expected `group suite package version size sha256`, found: {line}")
        packages.append(Package(*words[:4], int(words[4]), words[5]))
    return packages


def mirror():
    """The Debian mirror: $PYLON_DEBIAN_MIRROR, or the first one in the system's own sources."""
    chosen = os.environ.get("PYLON_DEBIAN_MIRROR")
    if chosen:
        return chosen
    etc = pathlib.Path("/etc/apt")
    for path in sorted([*etc.glob("sources.list.d/*.sources"), *etc.glob("sources.list.d/*.list"), *etc.glob("sources.list")]):
        for match in re.finditer(r"^(?:URIs:|deb(?:\s+\[[^]]*\])?)\s+(\S+/debian/?)(?:\s|$)", path.read_text(), re.M):
            return match[1]
    raise Failure("no Debian mirror is configured in the system's apt sources",
                  "set PYLON_DEBIAN_MIRROR to the address of one and install the package debian-archive-keyring")


class Apt:
    """apt with its configuration, lists and state in a folder of the cache."""

    def __init__(self, suites, sources):
        self.folder = cache.root() / "apt"
        for name in ("etc/apt.conf.d", "etc/preferences.d", "etc/sources.list.d", "state/lists/partial", "cache/archives/partial", "new"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "state/status").write_text("")
        types = "deb deb-src" if sources else "deb"
        (self.folder / "etc/sources.list.d/pylon.sources").write_text("\n".join(
            f"Types: {types}\nURIs: {mirror()}\nSuites: {suite}\nComponents: main\nArchitectures: amd64\n"
            f"Check-Valid-Until: no\nSigned-By: {KEYRING}\n" for suite in suites))
        conf = self.folder / "apt.conf"
        conf.write_text(f'Dir::Etc "{self.folder}/etc"; Dir::State "{self.folder}/state"; Dir::State::status "{self.folder}/state/status";\n'
                        f'Dir::Cache "{self.folder}/cache"; APT::Architecture "amd64"; APT::Sandbox::User ""; Acquire::Languages "none";\n'
                        'Acquire::Retries "3"; Acquire::GzipIndexes "true"; Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";\n')
        self.environment = {**os.environ, "APT_CONFIG": str(conf), "LC_ALL": "C"}

    def __call__(self, program, *words, doing, cwd=None, hint=""):
        return run([program, *words], doing, cwd=cwd or self.folder, env=self.environment, hint=hint)

    def update(self):
        """Reads the signed package lists of the mirror."""
        say(f"reading the package lists of {mirror()}")
        self("apt-get", "-qq", "-o", "APT::Update::Error-Mode=any", "update", doing="reading Debian's package lists",
             hint="is the network up? Is the mirror the right one (PYLON_DEBIAN_MIRROR)? Then run it again")


def fetch(packages, downloads):
    """Downloads what is missing, each file checked; returns {package name: file}."""
    files = {package.name: downloads.find(package.sha256) for package in packages}
    missing = [package for package in packages if files[package.name] is None]
    if not missing:
        return files
    suites = list(dict.fromkeys(package.suite for package in missing))
    with cache.Lock(cache.root() / "apt"):
        apt = Apt(suites, any(package.is_source for package in missing))
        apt.update()
        for suite in suites:
            batch = [package for package in missing if package.suite == suite]
            say(f"fetching {len(batch)} packages of {suite}, {sum(package.size for package in batch) / 1e6:.0f} MB")
            for package in batch:
                files[package.name] = fetch_one(apt, package, downloads)
    return files


def fetch_one(apt, package, downloads):
    """One package in exactly the version of the lock."""
    new = cache.fresh(apt.folder / "new")
    name = package.name.removeprefix("src:")
    words = ["source", "--tar-only", "--download-only"] if package.is_source else ["download"]
    apt("apt-get", "-qq", *words, f"{name}={package.version}", doing=f"fetching {name} {package.version}", cwd=new,
        hint=f"if the mirror no longer carries this version, run `toolchain/lock debian {package.name}`, review the change, and build again")
    found = [path for path in new.iterdir() if path.is_file() and ".asc" not in path.name]
    if len(found) != 1:
        raise Failure(f"fetching {name} {package.version}: expected one file, found {sorted(path.name for path in found)}")
    return downloads.add(found[0], package.sha256, f"{name} {package.version} ({package.suite})", RELOCK)


def unpack(deb, into):
    """Unpacks a binary package below a folder."""
    run(["dpkg-deb", "-x", deb, into], f"unpacking {deb}", cwd=into)
