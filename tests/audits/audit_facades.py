"""Every module of a facade can be imported by name and as an attribute, and is one object in all ways."""

import facades
from context import Outcome


def problems_of(context, cap, name):
    shown = facades.look(context, name)
    if "error" in shown:
        return [f"{name} ({cap.name}) does not import: {shown['error']}"]
    return [f"{name} ({cap.name}): another object by {way}" for way in shown["differ"]]


def audit(context):
    pairs = [(cap, name) for cap in context.caps() for name in facades.modules(cap)]
    problems = [problem for found in context.each(lambda pair: problems_of(context, *pair), pairs) for problem in found]
    for cap in context.caps():
        there = {name.partition(".")[0] for name in facades.modules(cap)}
        problems += [f"{cap.name}: cap.toml promises the module {name}, the facade has none" for name in cap.about["modules"] if name.partition(".")[0] not in there]
        problems += [f"{cap.name}: the facade has the module {name}, which cap.toml does not name" for name in sorted(there - {promised.partition(".")[0] for promised in cap.about["modules"]})
                     if not name.startswith("_")]
    return Outcome(problems, f"{len(pairs)} modules of {len(context.caps())} caps")
