"""Modules made from a cap's schema (python/binding), over a provider in Python that answers whatever a test wants.

What is tested here holds for every linkage; test_caps_dynlink.py does it with the provider as a component.
"""

import unittest

from harness import PYLON, Running, anonymous_kilobytes
from providers import ProgramCase

ECHO = PYLON.parent.parent / "tests" / "components" / "echo"

PRELUDE = """
import gc, inspect, sys
import _pylon_caps
from _pylon_caps import CapError, Returned, module as make_module
answers = {}

def failed(kind, text):
    error = CapError(text)
    error.kind = kind
    return error

def handler(method, payload):
    if method in answers:
        answer = answers[method]
        answer = answer(payload) if callable(answer) else answer
        if isinstance(answer, Exception):
            raise answer
        return answer
    if method in ("values.echo-bytes", "values.echo-many"):
        return payload
    if method.startswith("values.echo-"):
        return payload[1:]
    raise failed("not-found", method)

with open(SCHEMA, "rb") as file:
    schema = file.read()
echo = sys.modules["_echo_cap"] = _pylon_caps.module("_echo_cap", schema, handler)
values, errors, things, calling = echo.values, echo.errors, echo.things, echo.calling
"""


class BindingCase(ProgramCase):
    """Runs programs that have the module of the test provider as `echo`."""

    prelude = PRELUDE.replace("SCHEMA", repr(str(ECHO / "echo.schema")))
    flags = [f"--allow-read={ECHO}"]


class Values(BindingCase):
    """Values cross in both directions and are checked."""

    def test_round_trips(self):
        """The provider gives the request's bytes back, so what Python writes is read again."""
        found = self.run_program("""
            import echo_values
            functions = [name for name in dir(values) if name.startswith("echo_")]
            print(echo_values.round_trips(echo, 20261121, 60) == 60 * len(functions))
        """)
        self.assertEqual(found, "True\n")

    def test_ranges(self):
        self.assert_says("""
            for bits in (8, 16, 32, 64):
                for value in (-1, 1 << bits, 1 << 200):
                    says(getattr(values, f"echo_u{bits}"), value)
                for value in (1 << bits - 1, -(1 << bits - 1) - 1, -(1 << 200)):
                    says(getattr(values, f"echo_s{bits}"), value)
            says(values.echo_f32, 3.5e38)
            says(values.echo_list_u16, [1, 65536])
        """, "\n".join(
            [f"OverflowError: echo_{kind}{bits}() argument 'v': out of range for {kind}{bits} ({low} to {high})"
             for bits in (8, 16, 32, 64)
             for kind, low, high in (("u", 0, 2**bits - 1), ("s", -(2**(bits - 1)), 2**(bits - 1) - 1))
             for _ in range(3)] +
            ["OverflowError: echo_f32() argument 'v': too large for f32",
             "OverflowError: echo_list_u16() argument 'v': out of range for u16 (0 to 65535)"]))

    def test_wrong_types_name_function_and_parameter(self):
        self.assert_says("""
            says(values.echo_bool, 1)
            says(values.echo_u8, 1.0)
            says(values.echo_f64, "1")
            says(values.echo_char, "ab")
            says(values.echo_char, "\\ud800")
            says(values.echo_string, b"")
            says(values.echo_bytes, "text")
            says(values.echo_list_string, "text")
            says(values.echo_list_string, 5)
            says(values.echo_list_u16, ["x"])
            says(values.echo_point, (1,))
            says(values.echo_point, [1, 2])
            says(values.echo_color, 3)
            says(values.echo_permissions, 8)
            says(values.echo_shape, None)
            says(values.echo_nested_option, 1)
            says(values.echo_results, [1])
            says(values.mix, chunk=b"", level=256, more=True)
            says(things.Counter.add, 1, 2)
            says(things.Counter, "x")
        """, """
            TypeError: echo_bool() argument 'v': expected a bool, not int
            TypeError: echo_u8() argument 'v': expected an integer, not float
            TypeError: echo_f64() argument 'v': expected a float, not str
            TypeError: echo_char() argument 'v': expected a str of one character, not str
            ValueError: echo_char() argument 'v': a surrogate is not a character
            TypeError: echo_string() argument 'v': expected a str, not bytes
            TypeError: echo_bytes() argument 'v': expected a bytes-like object, not str
            TypeError: echo_list_string() argument 'v': expected a list or another iterable, not str
            TypeError: echo_list_string() argument 'v': expected a list or another iterable, not int
            TypeError: echo_list_u16() argument 'v': expected an integer, not str
            TypeError: echo_point() argument 'v': expected 2 values, not 1
            TypeError: echo_point() argument 'v': expected _echo_cap.types.Point, not list
            ValueError: echo_color() argument 'v': not a valid _echo_cap.types.Color
            ValueError: echo_permissions() argument 'v': not a valid _echo_cap.types.Permissions
            TypeError: echo_shape() argument 'v': expected _echo_cap.types.Shape, not NoneType
            TypeError: echo_nested_option() argument 'v': expected None or a tuple of one, not int
            TypeError: echo_results() argument 'v': expected Ok or Err, not int
            OverflowError: mix() argument 'level': out of range for u8 (0 to 255)
            TypeError: add() argument 'self': expected _echo_cap.things.Counter, not int
            TypeError: Counter() argument 'start': expected an integer, not str
        """)

    def test_arguments(self):
        self.assert_says("""
            answers["values.mix"] = lambda payload: payload
            print(values.mix(b"ab", 7, more=False), values.mix(more=True, level=1, chunk=bytearray(b"x")))
            print(inspect.signature(values.mix), inspect.signature(values.echo_option), values.echo_bool.__doc__)
            print(values.echo_option(), values.echo_bool, values.echo_bool.__module__)
            says(values.mix)
            says(values.mix, b"", 1, True, 4)
            says(values.mix, b"", 1, more=True, level=1)
            says(values.mix, b"", 1, less=True)
            says(values.nothing, 1)
        """, """
            b'\\x83Bab\\x07\\xf4' b'\\x83Ax\\x01\\xf5'
            (chunk, level, more) (v=None) Truth.
            None <function echo_bool of _echo_cap.values> _echo_cap.values
            TypeError: mix() missing required argument: 'chunk'
            TypeError: mix() takes 3 positional arguments but 4 were given
            TypeError: mix() got multiple values for argument 'level'
            TypeError: mix() got an unexpected keyword argument 'less'
            TypeError: nothing() takes 0 positional arguments but 1 was given
        """)

    def test_buffers(self):
        self.assert_says("""
            import array
            for data in (bytearray(b"abc"), memoryview(b"xabcx")[1:4], array.array("B", b"abc")):
                print(values.echo_bytes(data), end=" ")
            print(values.echo_list_u16(array.array("H", [1, 65535])), values.echo_list_u32(array.array("B", [1, 2])))
            print(values.echo_list_f64(array.array("d", [0.5])), values.echo_list_f64(array.array("f", [0.5])))
            print(values.echo_list_s32(range(3)), values.echo_list_string(word for word in ("a", "b")))
        """, """
            b'abc' b'abc' b'abc' [1, 65535] [1, 2]
            [0.5] [0.5]
            [0, 1, 2] ['a', 'b']
        """)

    def test_classes(self):
        self.assert_says("""
            import copy, pickle
            Point, Shape, Colour = values.Point, values.Shape, values.Colour
            point = Point(x=1, y=-2)
            print(point, point == Point((1, -2)) == (1, -2), copy.replace(point, y=0).y, Point.__doc__, Point.y.__doc__)
            print(echo.types.Point is Point, echo.types.Color is Colour, list(Colour))
            for value in (point, Colour.DEEP_BLUE, values.Permissions.READ, Shape.Nothing(), Shape.At(point), echo.Err("x")):
                assert pickle.loads(pickle.dumps(value)) == value == copy.deepcopy(value), value
            assert pickle.loads(pickle.dumps(values.echo_bool)) is values.echo_bool
            match values.echo_shape(Shape.At(point)):
                case Shape.Circle(radius):
                    print("circle", radius)
                case Shape.At(Point(x, y)):
                    print("at", x, y)
            print(Shape.Circle(1.0), Shape.Nothing(), Shape.Circle.tag, isinstance(Shape.Nothing(), Shape))
            print(Shape.Circle(1) == Shape.Circle(1), Shape.Circle(1) == Shape.Named(1), len({Shape.Nothing(), Shape.Nothing()}))
            says(Shape)
            says(Point, x=1)
            says(Point, x=1, z=2, y=1)
            says(Shape.Nothing, 1)
        """, """
            _echo_cap.types.Point(x=1, y=-2) True 0 A point of the plane. upwards
            True True [<Color.RED: 0>, <Color.GREEN: 1>, <Color.DEEP_BLUE: 2>]
            at 1 -2
            Shape.Circle(1.0) Shape.Nothing() circle True
            True False 1
            TypeError: _echo_cap.types.Shape has no objects of its own; use one of its cases
            TypeError: _echo_cap.types.Point() missing required field: 'y'
            TypeError: _echo_cap.types.Point() got an unexpected field 'z'
            TypeError: _echo_cap.types.Shape.Nothing() takes no arguments
        """)


class Errors(BindingCase):
    """A function's own errors, and calls that come to nothing."""

    def test_own_errors(self):
        self.assert_says("""
            def returned(data):
                return lambda payload: Returned(data)
            answers["errors.code-of"] = returned(b"\\1")
            answers["errors.io"] = returned(b"\\x82\\1\\x20")
            answers["errors.problem-at"] = returned(b"\\x82\\5\\x63abc")
            answers["errors.text"] = returned(b"\\x63abc")
            answers["errors.bytes"] = returned(b"\\x43abc")
            answers["errors.nothing"] = answers["errors.only-ok"] = returned(b"")
            says(errors.code_of)
            says(errors.io)
            says(errors.problem_at)
            says(errors.text, True)
            says(errors.bytes, True)
            says(errors.nothing, True)
            try:
                errors.io()
            except errors.IoError as error:
                print(error.value, repr(error.value.value), isinstance(error.value, errors.IoErrorValue))
            print(*sorted(name for name in dir(errors) if name[0].isupper()))
        """, """
            CodeError: TOO_LARGE
            IoError: system: -1
            ProblemError: _echo_cap.errors.Problem(line=5, reason='abc')
            Error: abc
            Error: b'abc'
            Error:
            IoErrorValue.System(-1) -1 True
            Code CodeError Error IoError IoErrorValue Point Problem ProblemError
        """)

    def test_failures(self):
        self.assert_says("""
            for kind, base in (("not-found", RuntimeError), ("denied", PermissionError), ("corrupt", RuntimeError),
                               ("schema-mismatch", RuntimeError), ("bad-payload", RuntimeError), ("limit", MemoryError),
                               ("trapped", RuntimeError), ("raised", RuntimeError), ("internal", RuntimeError)):
                answers["things.alive"] = failed(kind, "why")
                try:
                    things.alive()
                except base as error:
                    print(type(error).__name__, error, error.kind == kind, isinstance(error, CapError))
        """, "\n".join(f"{name} why True True" for name in
                       ("CapError", "CapPermissionError", "CapError", "CapError", "CapError", "CapLimitError",
                        "CapError", "CapError", "CapError")))

    def test_answers_that_the_contract_does_not_know(self):
        """Every answer is a value of the type or a CapError; memory is never taken on a count's word."""
        found = self.run_program("""
            import random
            import echo_values
            random.seed(7)
            makers = echo_values.makers(echo)
            count = {"value": 0, "refused": 0}
            heads = [b"\\x9b\\x7f" + b"\\xff" * 7, b"\\x9a\\xff\\xff\\xff\\xff", b"\\x5b" + b"\\xff" * 8, b"\\x7a\\xff\\xff\\xff\\xff",
                     b"\\xd8\\x45\\x5a\\xff\\xff\\xff\\xff", b"\\xbf", b"\\x9f", b"\\x5f", b"\\x18\\x01", b"", b"\\xf7", b"\\xf6\\xf6"]
            for name, make in makers.items():
                good = []
                answers["values." + name.replace("_", "-")] = lambda payload: good.append(payload) or b""
                for _ in range(12):
                    arguments = make()
                    says = getattr(values, name)
                    try:
                        says(*arguments)
                    except CapError:
                        pass
                for payload in list(good):
                    body = payload if name in ("echo_bytes", "echo_many") else payload[1:]
                    for k in range(30):
                        bad = bytearray(body)
                        for _ in range(random.randrange(3)):
                            if bad:
                                bad[random.randrange(len(bad))] = random.randrange(256)
                        if k % 5 == 0:
                            bad = bad[: random.randrange(len(bad) + 1)] + random.choice(heads) + bad[:3]
                        answers["values." + name.replace("_", "-")] = bytes(bad)
                        try:
                            says(*make())
                            count["value"] += 1
                        except CapError as error:
                            assert error.kind == "bad-payload", error
                            count["refused"] += 1
            print(count["value"] > 2000, count["refused"] > 5000)
        """, "--max-memory=256M")
        self.assertEqual(found, "True True\n")

    def test_schemas_that_are_none(self):
        found = self.run_program("""
            import random
            random.seed(3)
            refused = 0
            for k in range(1500):
                bad = bytearray(schema)
                for _ in range(random.randrange(1, 4)):
                    bad[random.randrange(len(bad))] = random.randrange(256)
                if k % 3 == 0:
                    bad = bad[: random.randrange(len(bad))]
                try:
                    make_module("_bad_cap", bytes(bad), handler)
                except ImportError as error:
                    assert isinstance(error, CapError) and error.kind == "corrupt", error
                    refused += 1
            print(refused > 700)
        """, "--max-memory=1G")
        self.assertEqual(found, "True\n")


class Resources(BindingCase):
    """Objects that live in the provider."""

    before = """
        alive = {}
        def counter(payload):
            alive[len(alive) + 1 + counter.made] = True
            counter.made += 1
            return bytes([max(alive)])
        counter.made = 0
        def drop(payload):
            print("drop", payload[1])
            del alive[payload[1]]
            return b""
        answers |= {"things.counter.new": counter, "things.counter.drop": drop, "things.counter.value": b"\\5",
                    "things.counter.clone": counter, "things.counter.merge": lambda payload: alive.pop(payload[2]) and b"\\1",
                    "things.counter.add": b"\\7", "things.alive": lambda payload: bytes([len(alive)])}
        Counter = things.Counter
    """

    def test_life(self):
        self.assert_says("""
            one = Counter(5)
            print(one.value(), one.closed, inspect.signature(Counter), inspect.signature(Counter.add), Counter.__doc__)
            del one
            with Counter(start=6) as two:
                three = two.clone()
            print(two.closed, three.closed, things.alive())
            says(two.value)
            two.close()
            three.close()
            three = None
            print(things.alive())
            says(Counter.__new__, int, 1)
        """, """
            5 False (start) (self, /, n) Adds up.
            drop 1
            drop 2
            True False 1
            ValueError: _echo_cap.things.Counter is closed
            drop 4
            0
            TypeError: _echo_cap.things.Counter.__new__() needs a subclass of it
        """)

    def test_given_away(self):
        self.assert_says("""
            one, two = Counter(1), Counter(2)
            print(one.merge(two), two.closed)
            says(two.value)
            says(one.merge, one)
            answers["things.counter.merge"] = failed("bad-payload", "no")
            three = Counter(3)
            says(one.merge, three)
            print(three.closed)
            answers["things.counter.merge"] = lambda payload: says(one.close) or b"\\2"
            print(one.merge(three), three.closed)
            one.close()
        """, """
            1 True
            ValueError: _echo_cap.things.Counter is closed
            ValueError: merge() argument 'other': _echo_cap.things.Counter is in use and cannot be given away
            CapError: no
            False
            ValueError: _echo_cap.things.Counter is in use and cannot be closed
            2 True
            drop 1
        """)

    def test_subclasses_and_weak_references(self):
        self.assert_says("""
            import weakref
            class Twice(Counter):
                def twice(self):
                    return 2 * self.value()
            one = Twice(1)
            one.note = one  # a cycle
            seen = weakref.ref(one)
            print(one.twice(), type(one.clone()) is Counter)
            del one
            gc.collect()
            print(seen())
        """, """
            drop 3
            10 True
            drop 1
            None
        """)

    def test_lost_with_the_provider(self):
        self.assert_says("""
            one = Counter(1)
            answers["things.counter.value"] = failed("trapped", "unreachable")
            says(one.value)
            says(one.value)
            one.close()
            two = Counter(2)
            answers["things.counter.value"] = b"\\6"
            print(two.value())
            two.close()
        """, """
            CapError: unreachable
            ValueError: _echo_cap.things.Counter was lost when its provider failed; make a new one
            6
            drop 3
        """)


class Callbacks(BindingCase):
    """The provider calls Python back."""

    before = """
        from _pylon_caps import callback
        class Events:
            def progress(self, done, total):
                print("progress", done, total)
            def transform(self, data):
                return bytearray(data[::-1])
            def ask(self, question, at):
                if question == "no":
                    raise echo.events.RefusalError(echo.events.Refusal.TIRED)
                return echo.types.Shape.At(at) if question == "yes" else 5
            def again(self, depth):
                if depth == 0:
                    raise LookupError("at the bottom")
                return calling.nest(depth) + 1
            def keep_going(self):
                raise KeyboardInterrupt
        def nest(payload):
            return callback("events.again", b"\\x81" + bytes([payload[1] - 1]))
        def forget(payload):
            try:
                callback(*payload)
            except CapError as error:
                print("provider:", error.kind, error)
        answers |= {"calling.transform": lambda payload: callback("events.transform", payload),
                    "calling.ask": lambda payload: callback("events.ask", payload), "calling.nest": nest,
                    "calling.run": lambda payload: callback("events.progress", b"\\x82\\1\\2") or b"\\1"}
        echo.set_callbacks("events", Events())
    """

    def test_values(self):
        self.assert_says("""
            print(calling.run(1), calling.transform(b"abc"), calling.ask("yes", (1, 2)))
            says(calling.ask, "no", (1, 2))
            says(calling.ask, "what", (1, 2))
        """, """
            progress 1 2
            1 b'cba' Shape.At(_echo_cap.types.Point(x=1, y=2))
            RefusalError: TIRED
            TypeError: result of the callback ask(): expected _echo_cap.types.Shape, not int
        """)

    def test_exceptions_come_back_as_themselves(self):
        self.assert_says("""
            import traceback
            try:
                calling.nest(3)
            except LookupError as error:
                frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
                print(error, frames)
            raised = LookupError("mine")
            class Mine(Events):
                def again(self, depth):
                    raise raised
            print(type(echo.set_callbacks("events", Mine())).__name__)
            try:
                calling.nest(3)
            except LookupError as error:
                print(error is raised)
        """, """
            at the bottom ['<module>', 'again', 'again', 'again']
            Events
            True
        """)

    def test_what_the_provider_makes_of_it(self):
        self.assert_says("""
            answers["calling.try-it"] = lambda payload: forget(("events.again", b"\\x81\\0")) or b"\\xf4"
            print(calling.try_it())
            answers["calling.try-it"] = lambda payload: forget(("events.keep-going", b"\\x80")) or b"\\xf4"
            says(calling.try_it)
            answers["calling.try-it"] = lambda payload: forget(("events.again", b"\\x81\\0")) or failed("trapped", "gone")
            try:
                calling.try_it()
            except CapError as error:
                print(error, repr(error.__cause__))
            answers["calling.ask"] = lambda payload: forget(("events.again", b"\\x81\\0")) or Returned(b"\\0")
            try:
                calling.ask("yes", (1, 2))
            except echo.events.RefusalError as error:
                print(error, repr(error.__cause__))
        """, """
            provider: raised LookupError: at the bottom
            False
            provider: raised KeyboardInterrupt
            KeyboardInterrupt:
            provider: raised LookupError: at the bottom
            gone LookupError('at the bottom')
            provider: raised LookupError: at the bottom
            BUSY LookupError('at the bottom')
        """)

    def test_refusals(self):
        self.assert_says("""
            answers["calling.nest"] = lambda payload: callback("events.again", b"\\x81\\5")
            says(calling.nest, 1)
            answers["calling.nest"] = lambda payload: callback("events.again", b"\\x82\\5\\5")
            says(calling.nest, 1)
            answers["calling.nest"] = lambda payload: callback("events.other", b"\\x80")
            says(calling.nest, 1)
            says(callback, "events.again", b"\\x81\\5")
            says(echo.set_callbacks, "other", None)
            echo.set_callbacks("events", None)
            says(calling.transform, b"")
        """, """
            RecursionError: too many nested calls between a cap and its callbacks
            CapError: the arguments of the callback again() are not what the contract says
            CapError: the contract has no such callback
            CapError: the contract has no such callback
            ValueError: _echo_cap has no callback interface 'other'
            CapError: no object serves the callbacks of 'events': call _echo_cap.set_callbacks('events', object)
        """)


class Memory(BindingCase):
    """A hundred thousand calls leave nothing behind."""

    PROGRAM = """
        import echo_values
        echo_values.random.seed(5)
        makers = echo_values.makers(echo)
        samples = [(getattr(values, name), make()) for name, make in makers.items() for _ in range(3)]
        answers["things.counter.new"] = answers["things.counter.clone"] = b"\\1"
        answers["things.counter.drop"] = answers["values.nothing"] = b""
        answers["errors.text"] = lambda payload: Returned(b"\\x63abc")
        answers["things.alive"] = b"\\xff"
        wrong = ((errors.text, (True,)), (things.alive, ()), (values.echo_u8, (256,)),
                 (values.echo_list_string, (["a", 5],)), (things.Counter, ("x",)))
        def again(rounds):
            for _ in range(rounds):
                for function, arguments in samples:
                    function(*arguments)
                with things.Counter(1) as counter:
                    counter.clone()
                for function, arguments in wrong:
                    try:
                        function(*arguments)
                    except (CapError, errors.Error, OverflowError, TypeError):
                        pass
            gc.collect()
        again(50)
        print("ready", flush=True)
        sys.stdin.readline()
        again(700)
        print("done", len(samples) * 700, flush=True)
        sys.stdin.readline()
    """

    def test_no_leaks(self):
        with Running(*self.words(self.PROGRAM), cwd=self.folder) as running:
            running.until(b"ready\n")
            before = anonymous_kilobytes(running.process.pid)
            running.send(b"\n")
            running.until(b"\n")
            after = anonymous_kilobytes(running.process.pid)
            running.send(b"\n")
            self.assertEqual(running.finish().code, 0)
        self.assertLess(after - before, 1024)


if __name__ == "__main__":
    unittest.main()
