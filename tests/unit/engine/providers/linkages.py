"""Calls every function of the test component plain in both linkages, with the same random values, and compares."""

import random
import sys

sys.path.insert(0, "/test/functional")

import wire  # noqa: E402
import _dynamic_cap as dynamic  # noqa: E402
import _plain_cap as typed  # noqa: E402

schema = wire.Schema(open(sys.argv[1] + "/plain/plain.schema", "rb").read())


def camel(name):
    return "".join(word[:1].upper() + word[1:].lower() for word in name.split("-"))


def class_of(module, entry):
    """The class of a named type."""
    space = getattr(module, schema.interfaces[entry[1]][1].replace("-", "_"))
    return getattr(space, camel(entry[2]) + "Value", None) or getattr(space, camel(entry[2]))


class Side:
    """Values of wire.py as this module has them, and back."""

    def __init__(self, module):
        self.module = module

    def to(self, ref, value):
        if ref < 16:
            return value
        entry = schema.types[ref - 16]
        kind, *of = entry
        if kind == wire.LIST:
            return [self.to(of[0], one) for one in value]
        if kind == wire.OPTION:
            if value is None:
                return None
            return (self.to(of[0], value[0]),) if schema.kind(of[0]) == wire.OPTION else self.to(of[0], value)
        if kind == wire.TUPLE:
            return tuple(self.to(field, one) for field, one in zip(of[0], value))
        if kind == wire.RECORD:
            return class_of(self.module, entry)([self.to(field[1], one) for field, one in zip(of[3], value)])
        if kind == wire.RESULT:
            case, payload = value
            make = self.module.Err if case else self.module.Ok
            return make() if of[case] is None else make(self.to(of[case], payload))
        if kind == wire.VARIANT:
            case, payload = value
            name, payload_type, _ = of[3][case]
            make = getattr(class_of(self.module, entry), camel(name))
            return make() if payload_type is None else make(self.to(payload_type, payload))
        return class_of(self.module, entry)(value)

    def back(self, ref, value):
        """A value without this module's classes, which it must have where the contract says so."""
        if ref < 16:
            return value
        entry = schema.types[ref - 16]
        kind, *of = entry
        if kind == wire.LIST:
            assert type(value) is list
            return [self.back(of[0], one) for one in value]
        if kind == wire.OPTION:
            if value is None:
                return None
            return (self.back(of[0], value[0]),) if schema.kind(of[0]) == wire.OPTION else self.back(of[0], value)
        if kind == wire.TUPLE:
            return tuple(self.back(field, one) for field, one in zip(of[0], value, strict=True))
        if kind == wire.RECORD:
            assert isinstance(value, class_of(self.module, entry))
            return tuple(self.back(field[1], one) for field, one in zip(of[3], value, strict=True))
        if kind == wire.RESULT:
            case = int(isinstance(value, self.module.Err))
            return case, None if of[case] is None else self.back(of[case], value.value)
        if kind == wire.VARIANT:
            assert isinstance(value, class_of(self.module, entry))
            case = [name for name, _, _ in of[3]].index(value.tag)
            return case, None if of[3][case][1] is None else self.back(of[3][case][1], value.value)
        assert type(value) is class_of(self.module, entry), (type(value), entry)
        return int(value)


def outcome(side, function, arguments):
    """What a call comes to: its plain value, or the exception's name and text."""
    space, name = function[2].split(".")
    call = getattr(getattr(side.module, space.replace("-", "_")), name.replace("-", "_"))
    result = function[5]
    if result is not None and schema.kind(result) == wire.RESULT:
        result = schema.types[result - 16][1]
    try:
        value = call(*[side.to(ref, one) for (_, ref), one in zip(function[4], arguments)])
    except Exception as error:
        name = side.module.__name__
        return type(error).__qualname__, str(error).replace(name, ""), repr(getattr(error, "value", None)).replace(name, "")
    return None if result is None else side.back(result, value)


def compare_values(rng):
    calls = 0
    sides = Side(typed), Side(dynamic)
    for interface in schema.interfaces:
        for function in interface[5] if interface[1] in ("values", "errors") else []:
            for _ in range(60):
                arguments = [schema.random(ref, rng) for _, ref in function[4]]
                if function[2] == "values.fill":
                    arguments = [rng.randrange(100000)]
                one, other = (outcome(side, function, arguments) for side in sides)
                assert one == other, (function[2], repr(one)[:300], repr(other)[:300])
                if function[2].startswith("values.echo-"):
                    given = arguments[0] if len(arguments) == 1 else tuple(arguments)
                    assert one == given, (function[2], repr(given)[:300], repr(one)[:300])
                calls += 2
    return calls


def use_things(module):
    """A life of objects; everything that can be seen of it."""
    things, seen = module.things, []
    with things.Counter(5) as counter, things.Counter(-(2**62)) as other:
        seen += [counter.add(3), counter.value(), counter.add_other(other), things.alive()]
        clone = counter.clone()
        seen += [clone.merge(other), things.sum([clone, counter]), len(things.split(counter, 7)), things.alive()]
        for use in (other.value, lambda: things.Counter.checked(-1), lambda: counter.add("x"), lambda: counter.add(2**63)):
            try:
                seen.append(use())
            except Exception as error:
                seen.append((type(error).__qualname__, str(error).replace(module.__name__, "")))
        seen += [things.Counter.checked(1).value(), things.maybe(None), things.maybe(clone).value()]
        seen.append(things.sum_owned([things.Counter(i) for i in range(100)]))
    del counter, clone, other
    seen.append(things.alive())
    buffer = things.Buffer(bytearray(b"ab"))
    seen += [buffer.append(memoryview(b"xyz"), 3), buffer.read()]
    buffer.close()
    seen.append(things.alive())
    return seen


def describe(module):
    """Names and docstrings, without the module's own name."""
    text = []
    for space in sorted(name for name in dir(module) if not name.startswith("_")):
        part = getattr(module, space)
        text += [f"{space}.{name}: {getattr(getattr(part, name), '__doc__', None)}" for name in sorted(dir(part)) if not name.startswith("__")]
    return text


def main():
    assert describe(typed) == describe(dynamic)
    one, other = use_things(typed), use_things(dynamic)
    assert one == other, (one, other)
    calls = compare_values(random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 20261121))
    print(f"{calls} calls in both linkages, equal: done")


main()
