"""What the registries have now: the newest versions of packages, crates and distributions."""

import re
import subprocess
import sys

from kit import crates, debian
from kit.report import Failure, run


def newest(apt, package):
    """(version, size, sha256) of the newest version of a package in its suite."""
    name = package.name.removeprefix("src:")
    kind = "Sources" if package.is_source else "Packages"
    rows = [[cell.strip() for cell in line.split("|")] for line in apt("apt-cache", "madison", name, doing=f"looking up {name}").splitlines()]
    versions = [row[1] for row in rows if f" {package.suite}/main " in f" {row[2]} " and row[2].endswith(kind)]
    if not versions:
        raise Failure(f"{package.suite} has no package {name}", f"correct its line in {debian.LOCK}")
    version = versions[0]
    for other in versions[1:]:
        if subprocess.run(["dpkg", "--compare-versions", other, "gt", version]).returncode == 0:
            version = other
    return (version, *(source_facts if package.is_source else binary_facts)(apt, name, version))


def binary_facts(apt, name, version):
    fields = dict(line.split(": ", 1) for line in apt("apt-cache", "show", f"{name}={version}", doing=f"looking up {name}").split("\n\n")[0].splitlines()
                  if ": " in line and not line.startswith(" "))
    return int(fields["Size"]), fields["SHA256"]


def source_facts(apt, name, version):
    for record in apt("apt-cache", "showsrc", "--only-source", name, doing=f"looking up {name}").split("\n\n"):
        if f"\nVersion: {version}\n" not in f"\n{record}\n":
            continue
        sums = record.split("\nChecksums-Sha256:", 1)[1].splitlines()[1:]
        for line in sums:
            words = line.split()
            if not line.startswith(" ") or len(words) != 3:
                break
            if ".orig.tar." in words[2] and not words[2].endswith(".asc"):
                return int(words[1]), words[0]
    raise Failure(f"no upstream tarball of {name} {version} is listed")


def newest_crate(name):
    """The newest version of a crate."""
    environment = crates.cargo_environment()
    text = run(["cargo", "info", "--quiet", name], f"looking up the crate {name}", cwd=environment["CARGO_HOME"], env=environment, hint="is the network up?")
    return re.search(r"^version: (\S+)(?: \(latest (\S+)\))?", text, re.M).expand(r"\2") or re.search(r"^version: (\S+)", text, re.M)[1]


def newest_distribution(name):
    """The newest version of a distribution on PyPI."""
    text = run([sys.executable, "-m", "pip", "index", "versions", name], f"looking up {name}", hint="is the network up?")
    return re.search(r"\((\S+)\)", text)[1]
