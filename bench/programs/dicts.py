"""Dictionaries and sets: building, lookup, deletion, grouping."""

import collections


def run():
    table = {}
    for i in range(20_000):
        table[f"key{i * 7919 % 20_011}"] = i
    hits = sum(1 for i in range(20_000) if f"key{i}" in table)
    for i in range(0, 20_000, 3):
        table.pop(f"key{i}", None)
    groups = collections.defaultdict(list)
    for key, value in table.items():
        groups[value % 97].append(key)
    small = {(i % 50, i % 7): i for i in range(20_000)}
    common = set(range(0, 30_000, 2)) & set(range(0, 30_000, 3))
    counts = collections.Counter(len(key) for key in table)
    return [hits, len(table), len(groups), sum(small.values()), len(common), sorted(counts.items())]
