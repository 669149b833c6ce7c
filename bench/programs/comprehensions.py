"""List, set and dictionary comprehensions, nested and filtered."""


def run():
    rows = [[(x * y) % 17 for x in range(280)] for y in range(280)]
    columns = [[row[i] for row in rows] for i in range(280)]
    flat = [value for row in rows for value in row if value & 1]
    seen = {value * value for row in columns for value in row}
    index = {(i, j): value for i, row in enumerate(rows) for j, value in enumerate(row) if value > 8}
    pairs = [(a, b) for a in range(100) for b in range(a) if (a + b) % 7 == 0]
    return [sum(flat), sorted(seen), sum(index.values()), len(pairs), sum(map(sum, columns))]
