"""Patterns counted and replaced in a long sequence of letters."""

import re

VARIANTS = ["agggt|ttacc", "[cgt]gggt|taccc[acg]", "a[act]ggt|tacc[agt]t", "ag[act]gt|ttac[agt]ct",
            "agg[act]ta|ta[agt]cct", "ggt[cgt]aa|tt[acg]acc"]
CODES = {"tHa[Nt]": "<4>", "aND|caN|Ha[DS]|WaS": "<3>", "a[NSt]|BY": "<2>", "\\|[^|][^|]*\\|": "|"}


def sequence(length, seed=42):
    letters = "acgt" * 12 + "NBDHSWY"
    made = []
    for _ in range(length):
        seed = (seed * 3877 + 29573) % 139968
        made.append(letters[seed * len(letters) // 139968])
    return "".join(made)


def run():
    text = sequence(60_000)
    counts = [len(re.findall(pattern, text)) for pattern in VARIANTS]
    for pattern, replacement in CODES.items():
        text = re.sub(pattern, replacement, text)
    return [counts, len(text)]
