"""Source archives of distributions on PyPI: fetched with pip, checked against a hash, never built."""

import os
import pathlib
import sys

from kit import cache
from kit.report import Failure, run

# pip wants the metadata even of an archive that it shall only download. This stands in for the packages' build systems: it
# gives what the archive says of itself, builds nothing, and runs nothing of the package.
BACKENDS = ("mesonpy.py", "hatchling/build.py", "scikit_build_core/build.py", "setuptools/build_meta.py")
BACKEND = """\
import pathlib, re

def get_requires_for_build_wheel(settings=None):
    return []

def prepare_metadata_for_build_wheel(folder, settings=None):
    text = pathlib.Path("PKG-INFO").read_text()
    name, version = (re.search(f"^{field}: (.*)$", text, re.M)[1] for field in ("Name", "Version"))
    info = pathlib.Path(folder, f"{name}-{version}.dist-info")
    info.mkdir()
    (info / "METADATA").write_text(text)
    return info.name
"""


def download(name, version):
    """The archive of one version, in a folder of the cache."""
    work = cache.fresh(cache.root() / "sdist" / f"{name}-{version}")
    for backend in BACKENDS:
        file = work / "backend" / backend
        file.parent.mkdir(parents=True, exist_ok=True)
        for package in (parent for parent in file.parents if parent.is_relative_to(work / "backend") and parent != work / "backend"):
            (package / "__init__.py").touch()
        file.write_text(BACKEND)
    environment = {**os.environ, "PIP_NO_CACHE_DIR": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONPATH": str(work / "backend"), "PYTHONDONTWRITEBYTECODE": "1"}
    run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "--no-build-isolation", f"{name}=={version}", "-d", work],
        f"fetching the source of {name} {version} from PyPI", cwd=work, env=environment, hint="is the network up?")
    found = list(pathlib.Path(work).glob("*.tar.gz"))
    if len(found) != 1:
        raise Failure(f"fetching the source of {name} {version}: pip left {len(found)} archives in {work}")
    return found[0]
