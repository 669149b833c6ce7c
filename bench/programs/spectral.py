"""The spectral norm of an infinite matrix, by generator expressions."""


def element(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(vector):
    return [sum(element(i, j) * x for j, x in enumerate(vector)) for i in range(len(vector))]


def times_transposed(vector):
    return [sum(element(j, i) * x for j, x in enumerate(vector)) for i in range(len(vector))]


def run():
    u = [1.0] * 60
    for _ in range(5):
        v = times_transposed(times(u))
        u = times_transposed(times(v))
    numerator = sum(a * b for a, b in zip(u, v))
    return round((numerator / sum(b * b for b in v)) ** 0.5, 9)
