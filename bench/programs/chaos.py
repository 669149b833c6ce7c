"""Floating point in objects: points of a fractal drawn along a spline."""

import math


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor)

    def __abs__(self):
        return math.hypot(self.x, self.y)


def curve(points, t):
    while len(points) > 1:
        points = [a * (1 - t) + b * t for a, b in zip(points, points[1:])]
    return points[0]


def run():
    control = [Vector(math.cos(i) * (i + 1), math.sin(i * 2) * (i + 2)) for i in range(8)]
    place, hits, length = Vector(0.3, 0.3), [0] * 64, 0.0
    for i in range(700):
        target = curve(control, (i * 0.618033988749895) % 1.0)
        step = (target - place) * 0.5
        place = place + step
        length += abs(step)
        hits[int(abs(place) * 7) % 64] += 1
    return [round(length, 6), hits]
