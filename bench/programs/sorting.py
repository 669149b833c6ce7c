"""Sorting: numbers, strings, keys, tuples; heap and bisection."""

import bisect
import heapq


def numbers(count, seed=42):
    for _ in range(count):
        seed = (seed * 1103515245 + 12345) % 2147483648
        yield seed


def run():
    values = list(numbers(15_000))
    ordered = sorted(values)
    words = sorted(str(value) for value in values)
    pairs = sorted(((value % 100, value) for value in values), key=lambda pair: (pair[0], -pair[1]))
    heap = []
    for value in values[:5000]:
        heapq.heappush(heap, value)
    smallest = [heapq.heappop(heap) for _ in range(2000)]
    places = sum(bisect.bisect(ordered, value) for value in values[:5000])
    return [ordered[77], words[77], pairs[77], smallest[-1], places]
