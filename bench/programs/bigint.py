"""Integers of thousands of bits: digits of pi, powers modulo, factorials."""

import math


def pi_digits(count):
    digits = []
    q, r, t, k, m, x = 1, 0, 1, 1, 3, 3
    while len(digits) < count:
        if 4 * q + r - t < m * t:
            digits.append(m)
            q, r, m = 10 * q, 10 * (r - m * t), 10 * (3 * q + r) // t - 10 * m
        else:
            q, r, t, k, m, x = (q * k, (2 * q + r) * x, t * x, k + 1,
                                (q * (7 * k + 2) + r * x) // (t * x), x + 2)
    return digits


def run():
    prime = 2**521 - 1
    power = 1
    for base in range(3, 9):
        power = power * pow(base, prime // 3, prime) % prime
    text = str(math.factorial(600) // 3**200)
    return [sum(pi_digits(400)), power % 1_000_003, len(text), int(text[:50])]
