"""Pancake flips of all permutations: list slices and indexing."""


def run():
    n = 8
    permutation, count = list(range(n)), list(range(1, n + 1))
    most, checksum, sign, r = 0, 0, 1, n
    while True:
        if permutation[0]:
            flips, current = 0, permutation[:]
            while first := current[0]:
                current[:first + 1] = current[first::-1]
                flips += 1
            most = max(most, flips)
            checksum += sign * flips
        sign = -sign
        for r in range(1, n):
            permutation.insert(r, permutation.pop(0))
            count[r] -= 1
            if count[r] > 0:
                break
            count[r] = r + 1
        else:
            return [checksum, most]
