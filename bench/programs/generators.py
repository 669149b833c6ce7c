"""Generators: pipelines, delegation by yield from, coroutines with send."""

import itertools


class Node:
    def __init__(self, left, value, right):
        self.left = left
        self.value = value
        self.right = right

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.value
        if self.right:
            yield from self.right


def tree(values):
    if not values:
        return None
    middle = len(values) // 2
    return Node(tree(values[:middle]), values[middle], tree(values[middle + 1:]))


def averager():
    total, count, average = 0, 0, 0
    while True:
        total += yield average
        count += 1
        average = total // count


def run():
    root = tree(range(14_000))
    total = sum(itertools.islice((x * 3 for x in root if x % 2), 6000))
    machine = averager()
    next(machine)
    averages = sum(machine.send(x) for x in itertools.chain(root, range(9000)))
    return [total, averages]
