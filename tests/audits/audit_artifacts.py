"""Manifests, plans, blobs and the files of the build name the same artifacts, and each is what its digest says."""

import json
import tomllib

from context import SOURCE, Outcome, sha256


# What of a component in a plan is named by digest.
BLOBS = ("digest", "schema", "facade", "extension", "static_extension")


def blob(context, digest):
    """Where a blob of the install lies."""
    hexadecimal = digest.removeprefix("sha256:")
    return context.library / "blobs" / hexadecimal[:2] / hexadecimal[2:]


def problems_of_manifest(context, manifest):
    done = context.run("composectl", "manifest", "verify", f"--install={context.build}")
    problems = [] if done.returncode == 0 else (done.stdout + done.stderr).strip().splitlines()
    installed = json.loads((context.library / "manifest.json").read_text())
    by_id = {one["id"]: one for one in manifest["artifact"]}
    for name, record in installed["files"].items():
        if name in by_id and by_id[name]["sha256"] != record["sha256"]:
            problems.append(f"{name}: manifest.json and caps-manifest.toml say different digests")
    if by_id["library"]["sha256"] != installed["library"]["sha256"]:
        problems.append("the standard library: manifest.json and caps-manifest.toml say different digests")
    return problems


def problems_of_plan(context, file, known):
    """The components of a plan against the manifest and the store."""
    plan, problems = json.loads(file.read_text()), []
    for one in plan["components"]:
        for kind in BLOBS:
            if kind not in one:
                continue
            digest = one[kind].removeprefix("sha256:")
            if digest not in known:
                problems.append(f"{file.name}: the {kind} of {one['id']} is none of the build's artifacts")
            path = context.library / "python.wasm" if one["id"] == plan["root"] else blob(context, digest)
            if not path.is_file() or sha256(path) != digest:
                problems.append(f"{file.name}: the {kind} of {one['id']} is not in the store, or is damaged there")
    signed = context.run("composectl", "plan", "verify", file, f"--install={context.build}")
    return problems + ([] if signed.returncode == 0 else [f"{file.name}: {signed.stderr.strip()}"])


def problems_of_caps(context, manifest, default):
    """Each cap of the tree is built, in the manifest, and in the plan."""
    problems = []
    in_plan = {one["id"]: one for one in json.loads(default.read_text())["components"]}
    artifacts = {one["file"]: one for one in manifest["artifact"]}
    for cap in context.caps():
        named = {"digest": cap.about["providers"][0]["component"], **{kind: cap.about[kind] for kind in BLOBS if cap.about.get(kind)}}
        for kind, name in named.items():
            artifact = artifacts.get(f"caps/{cap.name}/{name}")
            if artifact is None:
                problems.append(f"{cap.name}: cap.json names {name}, the manifest does not")
            elif in_plan.get(cap.name, {}).get(kind) != f"sha256:{artifact['sha256']}":
                problems.append(f"{cap.name}: the plan has another {kind} than the build")
        component = in_plan.get(cap.name, {}).get("digest", "").removeprefix("sha256:")
        if not list((context.library / "code").glob(f"*{component}*")):
            problems.append(f"{cap.name}: lib/pylon/code has no machine code of its component")
    return problems


def audit(context):
    manifest = tomllib.loads((context.library / "caps-manifest.toml").read_text())
    known = {one["sha256"] for one in manifest["artifact"]}
    plans = [context.library / "plan.json", *sorted((context.library / "plans").glob("*.json"))]
    problems = problems_of_manifest(context, manifest)
    for file in plans:
        problems += problems_of_plan(context, file, known)
    problems += problems_of_caps(context, manifest, context.library / "plan.json")
    absent = [name for group in manifest["inputs"].values() for name in group if "/" in name and not (SOURCE / name).is_file()]
    problems += [f"the manifest names {name}, which is not in the tree: build again" for name in absent]
    return Outcome(problems, f"{len(known)} artifacts, {len(plans)} plans, {len(context.caps())} caps")
