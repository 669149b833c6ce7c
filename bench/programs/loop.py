"""Integer arithmetic in while and for loops."""


def run():
    total = 0
    for i in range(300_000):
        if i & 3:
            total += i * 7 % 13
        else:
            total ^= i
    while total > 1:
        total = total // 3 if total % 3 == 0 else total - 1
    return total + sum(i * i for i in range(1000))
