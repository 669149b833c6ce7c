"""Providers that misbehave in every way: each ends in an exception, and the run goes on."""

import random
import sys

sys.path.insert(0, "/test/functional")

import wire  # noqa: E402
import _hostile_cap as hostile  # noqa: E402
import _pylon_caps  # noqa: E402

sys.unraisablehook = lambda failure: None  # objects with handles that the provider made up cannot be dropped
schema = wire.Schema(open(sys.argv[1] + "/hostile/hostile.schema", "rb").read())


def raised_by(call, *arguments):
    try:
        call(*arguments)
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def kind_of(call, *arguments):
    error = raised_by(call, *arguments)
    assert isinstance(error, _pylon_caps.CapError), repr(error)
    return error.kind


def strangers():
    import _impostor_cap
    import _stillborn_cap

    assert kind_of(_impostor_cap.greet, "you") == "schema-mismatch"
    assert kind_of(_stillborn_cap.greet, "you") in ("trapped", "internal")
    assert isinstance(raised_by(__import__, "_absent_cap"), ModuleNotFoundError)


def answers(rng):
    """Whatever bytes an answer has: a value of its type, or an exception."""
    counts = [0, 0]
    for name, function in schema.functions.items():
        if not name.startswith("tricks.") and not name.startswith("answer-"):
            continue
        short = name.rpartition(".")[2]
        if not short.startswith("answer-") or short == "answer-memory":
            continue
        call = getattr(hostile, short.replace("-", "_"), None) or getattr(hostile.tricks, short.replace("-", "_"))
        result = function[5]
        for _ in range(300):
            data = rng.randbytes(rng.randrange(20))
            if result is not None and rng.random() < 0.5 and schema.kind(result) not in (wire.OWN, wire.RESULT):
                data = bytearray(schema.encode(result, schema.random(result, rng)))
                for _ in range(rng.randrange(3)):
                    data[rng.randrange(len(data))] = rng.randrange(256)
            try:
                call(rng.choice((0, 0, 0, 1, 2)), rng.randrange(9), bytes(data))
                counts[0] += 1
            except Exception:
                counts[1] += 1
    assert min(counts) > 500, counts
    return counts


def main():
    strangers()
    tricks = getattr(hostile, "tricks", hostile)
    assert tricks.answer_string(0, 0, b"\x63abc") == "abc"
    assert kind_of(tricks.answer_string, 2, 5, b"enough") == "limit"
    assert kind_of(tricks.answer_string, 0, 0, b"\x7b\xff\xff\xff\xff\xff\xff\xff\xff") == "bad-payload"
    counts = answers(random.Random(20261121))
    assert kind_of(tricks.answer_memory, 0xFFFFFFF0, 100) == "trapped"
    assert tricks.touched() == 0  # another instance
    assert kind_of(tricks.trap) == "trapped"
    assert kind_of(tricks.recurse, 1) in ("trapped", "limit")
    assert kind_of(tricks.grow) in ("trapped", "limit")
    assert tricks.touched() == 0  # another instance, whatever ended the one before
    assert tricks.answer_u8(0, 0, b"\x07") == 7
    status, kind, data = tricks.call_back("no.such", b"\xff")
    assert status == 2, (status, kind, data)

    class Back:
        action = None

        def again(self, depth):
            return Back.action(depth) if Back.action else 0

    hostile.set_callbacks("back", Back())
    assert tricks.call_back("back.again", b"\xff\xff")[0] == 2
    Back.action = tricks.nest
    error = raised_by(tricks.nest, 0)  # without end
    assert isinstance(error, RecursionError) or error.kind in ("limit", "trapped"), repr(error)
    thing = tricks.Thing()
    Back.action = lambda depth: thing.close() or 0
    try:
        thing.touch()
    except Exception as error:
        assert isinstance(error, (ValueError, RuntimeError, _pylon_caps.CapError)), repr(error)
    assert tricks.answer_bool(0, 0, b"\xf5") is True
    print(f"{counts[0]} answers had a value, {counts[1]} an exception: done")


main()
