"""The test component echo calls back: arguments, results, errors, nesting three deep, exceptions both ways."""

import _echo_cap as echo

calling, events = echo.calling, echo.events


class Events:
    """What the consumer offers; `plan` says how it behaves."""

    def __init__(self):
        self.seen, self.plan = [], {}

    def act(self, name, *arguments):
        self.seen.append((name, *arguments))
        action = self.plan.get(name)
        if isinstance(action, BaseException):
            raise action
        return action(*arguments) if action else None

    def progress(self, done, total):
        self.act("progress", done, total)

    def transform(self, data):
        return self.act("transform", data)

    def ask(self, question, at):
        return self.act("ask", question, at)

    def again(self, depth):
        return self.act("again", depth)

    def keep_going(self):
        return self.act("keep_going")


offered = Events()
echo.set_callbacks("events", offered)


def raised_by(call, *arguments):
    try:
        call(*arguments)
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def values():
    assert calling.run(4) == 4 and offered.seen == [("progress", i, 4) for i in range(4)]
    offered.plan["transform"] = lambda data: bytes(reversed(data))
    big = bytes(range(256)) * 4096
    assert calling.transform(b"abc") == b"cba" and calling.transform(big) == big[::-1] and calling.transform(b"") == b""
    assert calling.hold(big) == big
    point = echo.types.Point([3, -4])
    offered.plan["ask"] = lambda question, at: echo.types.Shape.At(at)
    shape = calling.ask("where", point)
    assert shape.tag == "at" and shape.value == point and offered.seen[-1] == ("ask", "where", point)


def errors():
    offered.plan["ask"] = events.RefusalError(events.Refusal.TIRED)
    error = raised_by(calling.ask, "again?", echo.types.Point([0, 0]))
    assert type(error) is events.RefusalError and error.value is events.Refusal.TIRED, error


def exceptions():
    own = LookupError("mine")
    offered.plan["progress"] = own
    assert raised_by(calling.run, 3) is own
    assert raised_by(calling.hold, b"x") is own
    offered.plan["keep_going"] = own
    assert calling.try_it() is False  # the provider forgets it
    offered.plan["keep_going"] = lambda: True
    assert calling.try_it() is True
    stop = KeyboardInterrupt()
    offered.plan["progress"] = stop
    assert raised_by(calling.run, 3) is stop
    offered.plan["transform"] = lambda data: "not bytes"
    assert isinstance(raised_by(calling.transform, b""), TypeError)
    del offered.plan["progress"]
    assert calling.run(2) == 2


def nesting():
    offered.plan["again"] = calling.nest
    assert calling.nest(0) == 0 and calling.nest(1) == 1 and calling.nest(3) == 3 and calling.nest(20) == 20
    bottom = OSError("at the bottom")

    def deep(depth):
        if depth == 0:
            raise bottom
        return calling.nest(depth)

    offered.plan["again"] = deep
    assert raised_by(calling.nest, 3) is bottom

    def caught(depth):
        try:
            return deep(depth)
        except OSError:
            return 100

    offered.plan["again"] = caught
    assert calling.nest(3) == 103, calling.nest(3)
    offered.plan["again"] = lambda depth: calling.nest(depth + 2)
    error = raised_by(calling.nest, 1)  # without end
    assert isinstance(error, RecursionError) or error.kind in ("limit", "trapped"), repr(error)
    offered.plan["again"] = calling.nest
    assert calling.nest(3) == 3


def missing():
    echo.set_callbacks("events", object())
    error = raised_by(calling.run, 1)
    assert isinstance(error, AttributeError), repr(error)
    echo.set_callbacks("events", offered)


for part in (values, errors, exceptions, nesting, missing):
    part()
print("done")
