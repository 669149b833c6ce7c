"""Attribute access, method calls, properties and inheritance."""


class Shape:
    def __init__(self, size):
        self.size = size
        self.count = 0

    def grow(self, by):
        self.count += 1
        self.size += by
        return self

    def area(self):
        raise NotImplementedError

    @property
    def label(self):
        return self.count & 7


class Square(Shape):
    def area(self):
        return self.size * self.size


class Rectangle(Shape):
    __slots__ = ("other",)

    def __init__(self, size, other):
        super().__init__(size)
        self.other = other

    def area(self):
        return self.size * self.other


def run():
    shapes = [Square(i) if i % 2 else Rectangle(i, i + 1) for i in range(100)]
    total = 0
    for turn in range(900):
        for shape in shapes:
            total += shape.grow(turn & 1).area() + shape.label
    return total
