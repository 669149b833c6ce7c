"""Everything vendored has a licence and its text: the notices, the caps' sources, the bill of materials of each stock plan."""

import json
import re

from context import Outcome

NOTICES = "THIRD-PARTY-NOTICES.txt"
ENTRY = re.compile(r"^={100}\n([^\n]+)\nLicence: ([^\n]+)\n={100}\n\n(.*?)(?=^={100}\n[^\n]+\nLicence: |\Z)", re.M | re.S)
# Identifiers of SPDX with their operators; the list itself is not kept here.
TERM = r"[A-Za-z0-9][A-Za-z0-9.+-]*(?: WITH [A-Za-z0-9.+-]+)?"
EXPRESSION = re.compile(rf"\(?{TERM}\)?(?: (?:AND|OR) \(?{TERM}\)?)*")
SHORTEST = 200  # characters of a licence's text


def problems_of_notices(context):
    text = (context.build / NOTICES).read_text()
    entries = ENTRY.findall(text)
    problems = [f"{NOTICES}: {title[:80]} has no licence text" for title, _, body in entries if len(body.strip()) < SHORTEST or "There is no licence text" in body]
    return problems, len(entries), text


def problems_of_caps(context, notices):
    """Each source of a cap brought its licence, and the notices hold it."""
    problems = []
    for cap in context.caps():
        if not EXPRESSION.fullmatch(cap.about["licence"]):
            problems.append(f"{cap.name}: {cap.about['licence']!r} is no SPDX expression")
        for provider in cap.about["providers"]:
            folder = cap.built / provider["component"].replace(".component.wasm", ".vendor") / "licences"
            texts = [path.read_text(errors="replace").strip() for path in sorted(folder.glob("*"))]
            problems += [f"{cap.name}: an empty licence text in {folder.name}" for text in texts if not text]
            problems += [f"{cap.name}: a licence text that {NOTICES} does not hold" for text in texts if text not in notices]
            named = (cap.folder / "cap.toml").read_text().count("licence_files")
            if len(texts) < named:
                problems.append(f"{cap.name}: {named} sources, {len(texts)} licence texts")
    return problems


def problems_of_bills(context):
    """Of each component in a stock plan, and of what is in it, it is known under which licence."""
    problems, count = [], 0
    for plan in sorted((context.library / "plans").glob("*.json")):
        done = context.run("composectl", "sbom", plan, f"--install={context.build}")
        if done.returncode != 0:
            return [done.stderr.strip()], 0
        for one in json.loads(done.stdout)["components"]:
            count += 1
            if not one.get("licenses"):
                problems.append(f"{plan.name}: the licence of {one['name']} is not known")
            elif not EXPRESSION.fullmatch(one["licenses"][0]["expression"]):
                problems.append(f"{plan.name}: {one['licenses'][0]['expression']!r} of {one['name']} is no SPDX expression")
    return problems, count


def audit(context):
    problems, entries, notices = problems_of_notices(context)
    from_bills, components = problems_of_bills(context)
    problems += problems_of_caps(context, notices) + from_bills
    return Outcome(problems, f"{entries} entries of {NOTICES}, {components} components of stock plans")
