"""Source archives of crates: fetched with cargo into a cargo home of our own, checked against crates.lock, never built."""

import os
import pathlib
import tarfile

from kit import cache
from kit.report import Failure, run, say

LOCK = cache.TOOLCHAIN_SOURCE / "crates.lock"


def cargo_environment():
    """The environment for cargo: its home is a folder of our cache, with the user's own settings linked in."""
    home = cache.root() / "cargo"
    home.mkdir(parents=True, exist_ok=True)
    users = pathlib.Path(os.environ.get("CARGO_HOME") or pathlib.Path.home() / ".cargo")
    for name in ("config.toml", "credentials.toml"):
        if (users / name).is_file() and users != home and not (home / name).exists():
            (home / name).symlink_to(users / name)
    return {**os.environ, "CARGO_HOME": str(home)}


def pins():
    """{crate: (version, sha256)} of crates.lock."""
    lines = [line.split() for line in LOCK.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return {name: (version, sha256) for name, version, sha256 in lines}


def fetch(name, downloads):
    """The archive of one crate, in exactly the version of the lock."""
    version, sha256 = pins()[name]
    kept = downloads.find(sha256)
    if kept is not None:
        return kept
    say(f"fetching crate {name} {version}")
    return downloads.add(download(name, version), sha256, f"crate {name} {version}", "toolchain/lock crates")


def download(name, version):
    """`cargo info` downloads exactly one archive and nothing that it depends on."""
    environment = cargo_environment()
    home = pathlib.Path(environment["CARGO_HOME"])
    run(["cargo", "info", "--quiet", f"{name}@{version}"], f"fetching crate {name} {version}", cwd=home, env=environment,
        hint="is the network up? cargo must be 1.82 or newer")
    found = list(home.glob(f"registry/cache/*/{name}-{version}.crate"))
    if len(found) != 1:
        raise Failure(f"fetching crate {name} {version}: cargo kept {len(found)} archives below {home}")
    return found[0]


def unpack(archive, wanted, into):
    """Unpacks the members below `name-version/` for which wanted(path) holds."""
    with tarfile.open(archive) as tar:
        for member in tar:
            inner = member.name.partition("/")[2]
            if member.isfile() and wanted(inner):
                member.name = inner
                tar.extract(member, into, filter="data")


def lock(names):
    """Renews the hashes of crates.lock."""
    lines = []
    for line in LOCK.read_text().splitlines():
        words = line.split()
        if words and not line.startswith("#") and (not names or words[0] in names):
            words[2:] = [cache.sha256_file(download(words[0], words[1]))]
            say(" ".join(words))
            line = " ".join(words)
        lines.append(line)
    LOCK.write_text("\n".join(lines) + "\n")
