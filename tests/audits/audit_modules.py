"""Every module of the standard library and of every facade is imported in an interpreter of its own: docs/modules.md."""

import re
import zipfile

from context import Outcome

# Imported for what they do, which is to write or to open a browser.
NOT_IMPORTED = {"antigravity", "this", "__phello__", "__hello__"}
FOLDED = 4  # more modules than this of one package stand on the page as one entry
WRITES = "writes "
DOCUMENT = "docs/modules.md"
HEAD = """# Modules

Each module of the standard library and of the caps, imported as the first one of an interpreter of its own, with the
install's plan. `make audit UPDATE=1` writes this page; the audit `modules` fails when it no longer holds, or when a module of a cap does not
import.

"""


def names_below(paths):
    """The names of the modules that relative paths of .py files stand for."""
    names = set()
    for path in paths:
        parts = path.removesuffix(".py").split("/")
        if parts[-1] == "__init__":
            parts.pop()
        if parts and parts[-1] != "__main__" and all(part.isidentifier() for part in parts):
            names.add(".".join(parts))
    return names


def modules(context):
    """{kind: names}"""
    (library,) = (path for path in context.library.glob("python3.*") if path.is_dir())
    builtin = context.run("pylon", "-c", "import sys; print(*sys.builtin_module_names)").stdout.split()
    facades = set()
    for cap in context.caps():
        with zipfile.ZipFile(cap.built / cap.about["facade"]) as archive:
            facades |= names_below(name.partition("/")[2] for name in archive.namelist() if name.endswith(".py"))
        facades.add(cap.binding)
    in_python = names_below(path.relative_to(library).as_posix() for path in library.rglob("*.py"))
    ours = {name for name in [*in_python, *builtin] if name.startswith("_pylon")}
    return {"standard library, in Python": in_python - NOT_IMPORTED - facades - ours, "standard library, in C": {*builtin} - facades - ours, "caps": facades}


def failure(context, name):
    """What is said of a module that does not import; empty if it does."""
    done = context.run("pylon", "-c", f"import {name}, sys; sys.modules[{name!r}]")
    if done.returncode == 0:
        return f"{WRITES}{(done.stdout + done.stderr).strip()}" if done.stdout or done.stderr else ""
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


def reason(said):
    """A failure in the words of the page, without paths and guesses."""
    missing = re.fullmatch(r"ModuleNotFoundError: No module named '([\w.]+)'.*", said)
    return f"needs `{missing[1]}`, which is not there" if missing else said.partition(" (")[0].replace("|", "\\|")


def folded(names):
    """Names for the page; many of one package as one entry with their number."""
    packages = {}
    for name in sorted(names):
        packages.setdefault(name.partition(".")[0], []).append(name)
    return ", ".join(f"`{package}.*` ({len(members)})" if len(members) > FOLDED else ", ".join(f"`{name}`" for name in members)
                     for package, members in packages.items())


def table(heading, results):
    """Modules by what is said of them."""
    said_of = {}
    for name, said in results:
        said_of.setdefault(said, []).append(name)
    return ["", f"| {heading} | which |", "|---|---|", *(f"| {said} | {folded(names)} |" for said, names in sorted(said_of.items()))]


def page(found):
    """The document: counts, the modules that do not import, those that say something when they do."""
    lines = ["| | modules | import | do not |", "|---|---|---|---|"]
    for kind, results in [*found.items(), ("all", {name: said for results in found.values() for name, said in results.items()})]:
        failed = sum(1 for said in results.values() if said and not said.startswith(WRITES))
        lines.append(f"| {kind} | {len(results)} | {len(results) - failed} | {failed} |")
    said_of = [(name, said) for results in found.values() for name, said in results.items() if said]
    lines += table("why not", [(name, reason(said)) for name, said in said_of if not said.startswith(WRITES)])
    lines += table("imports, and writes", [(name, f"`{said.removeprefix(WRITES)}`") for name, said in said_of if said.startswith(WRITES)])
    lines += ["", f"Left out, since they write or open a browser: {', '.join(f'`{name}`' for name in sorted(NOT_IMPORTED))}."]
    return HEAD + "\n".join(lines) + "\n"


def audit(context):
    found = {}
    for kind, names in modules(context).items():
        ordered = sorted(names)
        found[kind] = dict(zip(ordered, context.each(lambda name: failure(context, name), ordered)))
    problems = [f"{name}, of a cap: {said}" for name, said in found["caps"].items() if said]
    if context.setting("PYLON_PROFILE") == "default":
        problems += context.document(DOCUMENT, page(found))
    return Outcome(problems, f"{sum(map(len, found.values()))} modules, each imported in an interpreter of its own")
