"""Random values of every type of the test provider `echo` (tests/components/echo): runs inside the sandbox."""

import math
import random
import struct

TEXT = "a b\0\x7fäß€中\ud7ff\ue000\uffff𝄞\U0010ffff"


def integer(bits, signed):
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    edges = [low, high, 0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, -1, -24, -25, -256, -257]
    value = random.choice(edges) if random.random() < 0.5 else random.randint(low, high)
    return min(max(value, low), high)


def f32():
    return struct.unpack("<f", struct.pack("<I", random.getrandbits(32)))[0] if random.random() < 0.8 else math.inf


def f64():
    return struct.unpack("<d", random.randbytes(8))[0] if random.random() < 0.8 else -0.0


def text():
    return "".join(random.choices(TEXT, k=random.choice((0, 1, 5, 23, 24, 300))))


def some(make, longest=30):
    return [make() for _ in range(random.choice((0, 1, 2, longest)))]


def data():
    return random.randbytes(random.choice((0, 1, 23, 24, 255, 256, 5000)))


def option(make):
    return None if random.random() < 0.3 else make()


def nested(make):
    return None if random.random() < 0.3 else (make(),)


def makers(echo):
    """Function of `values` -> a maker of its arguments."""
    values = echo.values
    point = lambda: values.Point((integer(32, True), integer(32, True)))  # noqa: E731
    colour = lambda: random.choice(list(values.Colour))  # noqa: E731
    permissions = lambda: values.Permissions(random.randrange(8))  # noqa: E731

    def shape():
        case = random.choice(("Nothing", "Circle", "Named", "At", "Blob"))
        payload = {"Circle": f64, "Named": text, "At": point, "Blob": data}.get(case)
        return getattr(values.Shape, case)(*[payload()] if payload else [])

    def result(ok, err):
        return echo.Ok(ok()) if random.random() < 0.5 else echo.Err(err())

    def everything():
        return values.Everything(
            flag=random.random() < 0.5, small=integer(8, False), wide=integer(64, True), ratio=f32(),
            letter=random.choice(TEXT), text=text(), data=data(), words=some(text),
            maybe=option(lambda: integer(16, False)), pair=(integer(8, True), text()),
            outcome=result(lambda: integer(32, False), text), paint=colour(), allowed=permissions(), outline=shape(),
            route=some(point))

    made = {f"echo_{kind}{bits}": lambda bits=bits, kind=kind: integer(bits, kind == "s")
            for kind in "us" for bits in (8, 16, 32, 64)}
    made |= {f"echo_list_{name}": lambda make=made[f"echo_{name}"]: some(make)
             for name in ("s8", "u16", "s16", "u32", "s32", "u64", "s64")}
    made |= {
        "echo_bool": lambda: random.random() < 0.5, "echo_f32": f32, "echo_f64": f64,
        "echo_char": lambda: random.choice(TEXT), "echo_string": text, "echo_bytes": data,
        "echo_list_bool": lambda: some(lambda: random.random() < 0.5), "echo_list_f32": lambda: some(f32),
        "echo_list_f64": lambda: some(f64), "echo_list_char": lambda: some(lambda: random.choice(TEXT)),
        "echo_list_string": lambda: some(text), "echo_list_bytes": lambda: some(data),
        "echo_list_list": lambda: some(lambda: some(lambda: integer(16, False))),
        "echo_list_color": lambda: some(colour), "echo_option": lambda: option(lambda: integer(32, True)),
        "echo_option_string": lambda: option(text), "echo_option_bytes": lambda: option(data),
        "echo_option_list": lambda: option(lambda: some(lambda: integer(32, False))),
        "echo_nested_option": lambda: nested(lambda: option(lambda: integer(8, False))),
        "echo_deep_option": lambda: nested(lambda: nested(lambda: option(text))),
        "echo_tuple": lambda: (integer(8, False), text(), data()), "echo_point": point, "echo_path": lambda: some(point),
        "echo_color": colour, "echo_permissions": permissions, "echo_shape": shape, "echo_everything": everything,
        "echo_results": lambda: some(lambda: result(lambda: integer(8, False), text)),
        "echo_bare_results": lambda: some(lambda: random.choice((echo.Ok(), echo.Err()))),
    }
    many = (lambda: integer(8, False), text, data, f32, lambda: integer(64, True), lambda: option(f64), point, shape,
            lambda: random.random() < 0.5)
    return {name: lambda make=make: (make(),) for name, make in made.items()} | {
        "echo_many": lambda: tuple(make() for make in many)}


def exact(value):
    """What has to be equal: types too, NaN is NaN, -0.0 is not 0.0."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else struct.pack("<d", value)
    if isinstance(value, (tuple, list)):
        return type(value).__name__, [exact(item) for item in value]
    if hasattr(type(value), "tag"):
        return type(value).__qualname__, exact(getattr(value, "value", None))
    return type(value).__name__, value


def round_trips(echo, seed, rounds):
    """Calls every function with random values and says how many calls there were."""
    random.seed(seed)
    calls = 0
    for name, make in makers(echo).items():
        function = getattr(echo.values, name)
        for _ in range(rounds):
            arguments = make()
            found = function(*arguments)
            expected = arguments if name == "echo_many" else arguments[0]
            assert exact(found) == exact(expected), (seed, name, arguments, found)
            calls += 1
    return calls
