"""Caps of a plan called from Python: the test providers (tests/components) as components of a plan that a test makes."""

import pathlib
import shutil
import tempfile
import unittest

from harness import PYLON, Running, anonymous_kilobytes
from providers import ProgramCase, make_plan, surroundings


class ProviderCase(ProgramCase):
    """Runs programs under a plan that has the test providers."""

    prelude = "import gc, sys, time\nfrom _pylon_caps import CapError\n"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = pathlib.Path(tempfile.mkdtemp(prefix="pylon-plan-"))
        cls.addClassCleanup(shutil.rmtree, made, ignore_errors=True)
        cls.flags = [f"--plan={make_plan(made)}"]
        cls.env = surroundings(made)


class Echo(ProviderCase):
    """A well-behaved provider of every type."""

    def test_round_trips(self):
        found = self.run_program("""
            import _echo_cap, echo_values
            print(echo_values.round_trips(_echo_cap, 20261121, 60) >= 2700)
        """)
        self.assertEqual(found, "True\n")

    def test_bulk(self):
        found = self.run_program("""
            from _echo_cap import values
            data = bytes(range(256)) * 4096 * 16
            for view in (data, bytearray(data), memoryview(data)):
                assert values.echo_bytes(view) == data
            assert values.echo_list_bytes([data, b""]) == [data, b""]
            print(len(values.fill(100_000_000)), len(values.echo_list_u32(range(1000))))
        """)
        self.assertEqual(found, "100000000 1000\n")

    def test_errors(self):
        self.assert_says("""
            from _echo_cap import errors, types
            print(errors.text(False), errors.code_of(), len(errors.io(None)), errors.problem_at(), errors.nothing(False))
            says(errors.text, True)
            says(errors.code_of, errors.Code.TOO_LARGE)
            for case in (errors.IoErrorValue.Closed(), errors.IoErrorValue.System(-5), errors.IoErrorValue.Refused("no")):
                try:
                    errors.io(case)
                except errors.IoError as error:
                    print(error, error.value == case)
            try:
                errors.problem_at(errors.Problem(line=3, reason="odd"))
            except errors.ProblemError as error:
                print(error.value)
            says(errors.nothing, True)
            says(errors.only_ok, True)
            says(errors.bytes, True)
        """, """
            fine 7 3 _echo_cap.types.Point(x=1, y=-1) None
            Error: as you asked
            CodeError: TOO_LARGE
            closed True
            system: -5 True
            refused: no True
            _echo_cap.errors.Problem(line=3, reason='odd')
            Error:
            Error:
            Error: b'\\x01\\x01\\x01\\x01'
        """)

    def test_resources(self):
        self.assert_says("""
            from _echo_cap import things
            Counter = things.Counter
            one, two = Counter(5), Counter.checked(7)
            print(one.add(3), one.add_other(two), two.value(), things.alive())
            print(one.merge(two), two.closed, things.alive())
            says(two.value)
            says(Counter.checked, -1)
            parts = things.split(one, 4)
            print(things.sum(parts), things.alive(), things.sum_owned(parts), things.alive())
            print([part.closed for part in parts], things.maybe(None), things.maybe(Counter(9)).value())
            del parts, one
            gc.collect()
            print(things.alive())
            with things.Buffer(b"ab") as buffer:
                print(buffer.append(b"cd", 2), buffer.read())
            print(things.alive())
        """, """
            8 15 7 2
            22 True 1
            ValueError: _echo_cap.things.Counter is closed
            Error: below zero
            20 5 20 1
            [True, True, True, True] None 9
            0
            6 b'abcdcd'
            0
        """)

    def test_callbacks_three_deep(self):
        self.assert_says("""
            import traceback
            import _echo_cap
            from _echo_cap import calling, events, types
            class Events:
                seen = 0
                def progress(self, done, total):
                    self.seen += 1
                def transform(self, data):
                    return data[::-1]
                def ask(self, question, at):
                    if question == "no":
                        raise events.RefusalError(events.Refusal.TIRED)
                    return types.Shape.At(at)
                def again(self, depth):
                    if depth == 0 and self.bottom:
                        raise self.bottom
                    return calling.nest(depth) if depth else 0
                def keep_going(self):
                    raise LookupError("never mind")
                bottom = None
            served = Events()
            print(_echo_cap.set_callbacks("events", served))
            print(calling.run(5), served.seen, calling.transform(b"abc"), calling.hold(b"held"))
            print(calling.ask("yes", (1, 2)), calling.nest(3), calling.try_it())
            says(calling.ask, "no", (1, 2))
            served.bottom = ValueError("at the bottom")
            try:
                calling.nest(3)
            except ValueError as error:
                names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
                print(error is served.bottom, names)
            served.bottom = None
            print(calling.nest(3))
        """, """
            None
            5 5 b'cba' b'held'
            Shape.At(_echo_cap.types.Point(x=1, y=2)) 3 False
            RefusalError: TIRED
            True ['<module>', 'again', 'again', 'again']
            3
        """)

    def test_callbacks_of_two_threads(self):
        """Calls that may call back end in the opposite order of beginning: another thread's waits until the outermost has ended."""
        if not (PYLON.parent.parent / "lib/pylon/python.native").exists():
            self.skipTest("this build has no native code, and so no threads")
        self.assert_says("""
            import threading, time
            import _echo_cap
            gate = threading.Barrier(4)
            log = []
            class Events:
                def transform(self, data):
                    log.append(threading.get_ident())
                    time.sleep(0.001)
                    if len(data) > 1000:
                        assert _echo_cap.calling.transform(data[:100]) == data[:100][::-1]
                    log.append(threading.get_ident())
                    return data[::-1]
            _echo_cap.set_callbacks("events", Events())
            wrong = []
            def work(number):
                gate.wait()
                for i in range(25):
                    data = bytes([number, i]) * (600 if i % 2 else 5)
                    if _echo_cap.calling.transform(data) != data[::-1]:
                        wrong.append(i)
                    if _echo_cap.values.echo_bytes(data) != data:
                        wrong.append(i)
            threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            print(wrong, len(log), all(log[i] == log[i + 1] for i in range(0, len(log), 2)))
        """, """
            [] 296 True
        """)

    def test_an_interrupt_ends_the_wait_for_another_threads_call(self):
        if not (PYLON.parent.parent / "lib/pylon/python.native").exists():
            self.skipTest("this build has no native code, and so no threads")
        self.assert_says("""
            import _thread, threading, time
            import _echo_cap
            inside = threading.Event()
            kept = _echo_cap.things.Counter(1)  # to be dropped at the end
            class Events:
                def transform(self, data):
                    inside.set()
                    time.sleep(1000)
            _echo_cap.set_callbacks("events", Events())
            threading.Thread(target=_echo_cap.calling.transform, args=(b"long",), daemon=True).start()
            inside.wait()
            threading.Timer(0.1, _thread.interrupt_main).start()
            try:
                _echo_cap.calling.transform(b"short")
            except KeyboardInterrupt:
                print("interrupted")
        """, """
            interrupted
        """)

    def test_no_callbacks(self):
        found = self.run_program("""
            from _echo_cap import calling
            says(calling.run, 1)
        """)
        self.assertIn("set_callbacks('events', object)", found)

    def test_leaves_nothing_behind(self):
        words = self.words("""
            import _echo_cap, echo_values
            echo_values.random.seed(5)
            values, things = _echo_cap.values, _echo_cap.things
            samples = [(getattr(values, name), make()) for name, make in echo_values.makers(_echo_cap).items()]
            class Events:
                def again(self, depth):
                    return 0 if depth == 0 else _echo_cap.calling.nest(depth)
                def transform(self, data):
                    return data
            _echo_cap.set_callbacks("events", Events())
            def again(rounds):
                for _ in range(rounds):
                    for function, arguments in samples:
                        function(*arguments)
                    things.Counter(1).clone()
                    _echo_cap.calling.nest(3)
                    _echo_cap.calling.transform(b"x" * 10_000)
                gc.collect()
            again(100)
            print("ready", flush=True)
            sys.stdin.readline()
            again(2200)
            print("done", things.alive(), flush=True)
            sys.stdin.readline()
        """)
        with Running(*words, cwd=self.folder, env=self.env) as running:
            running.until(b"ready\n")
            before = anonymous_kilobytes(running.process.pid)
            running.send(b"\n")
            running.until(b"done 0\n")
            after = anonymous_kilobytes(running.process.pid)
            running.send(b"\n")
            self.assertEqual(running.finish().code, 0)
        self.assertLess(after - before, 1024)


class Finding(ProviderCase):
    """Importing what is and what is not there."""

    def test_cap_that_the_plan_lacks(self):
        found = self.run_program("""
            import importlib.util
            for name in ("_nothing_like_it_cap", "_echo_cap"):
                try:
                    module = __import__(name)
                    print(module.__name__, module.__spec__.origin, module.__doc__[:20])
                except ModuleNotFoundError as error:
                    print(error.name, "nothing-like-it" in str(error))
        """)
        self.assertEqual(found, "_nothing_like_it_cap True\n_echo_cap cap echo A component for test\n")

    def test_without_a_snapshot(self):
        found = self.run_program("import _echo_cap\nprint(_echo_cap.values.echo_u8(5))", "--cold")
        self.assertEqual(found, "5\n")


class Hostile(ProviderCase):
    """Providers that lie, trap and run wild: a Python exception, and the run goes on."""

    def test_made_up_answers(self):
        found = self.run_program("""
            import random
            import _hostile_cap as tricks
            random.seed(11)
            sys.unraisablehook = lambda unraisable: None  # things that never were cannot be dropped
            names = [name for name in dir(tricks) if name.startswith("answer_") and name != "answer_memory"]
            heads = [b"", b"\\xf6", b"\\xf4", b"\\x00", b"\\x18\\x18", b"\\x9b\\x7f" + b"\\xff" * 7, b"\\x9a\\xff\\xff\\xff\\xff",
                     b"\\x5b" + b"\\xff" * 8, b"\\x7a\\xff\\xff\\xff\\xff", b"\\xd8\\x46\\x5a\\xff\\xff\\xff\\xff", b"\\x82\\x01\\x41a", b"\\x61\\xff",
                     b"\\xfa\\x7f\\xc0\\x00\\x01", b"\\x9f\\xff", b"\\xa0", b"\\x81\\xf6", b"\\x81\\x81\\x01"]
            values = refused = 0
            for name in names:
                for k in range(400):
                    data = heads[k] if k < len(heads) else random.choice(heads) + random.randbytes(random.randrange(9))
                    status = 0 if k < 300 else random.randrange(3)
                    try:
                        getattr(tricks, name)(status, random.randrange(9), data)
                        values += 1
                    except CapError:
                        refused += 1
                    except tricks.LevelError:
                        values += 1
            print(len(names), values > 100, refused > 3000)
        """)
        self.assertEqual(found, "18 True True\n")

    def test_memory_that_is_not_its_own(self):
        found = self.run_program("""
            import _hostile_cap as tricks
            for address, size in ((0xffff0000, 0x20000), (0, 0xffffffff), (0xffffffff, 1)):
                try:
                    tricks.answer_memory(address, size)
                except CapError as error:
                    print(error.kind)
            import _echo_cap
            print(_echo_cap.values.echo_u8(1))
        """)
        self.assertTrue(found.endswith("\n1\n"), found)
        self.assertEqual(len(found.splitlines()), 4)

    def test_traps(self):
        self.assert_says("""
            import _hostile_cap as tricks
            for trick, arguments in ((tricks.trap, ()), (tricks.recurse, (0,))):
                thing = tricks.Thing()
                try:
                    trick(*arguments)
                except CapError as error:
                    print(error.kind)
                says(thing.touch)
                thing.close()
                print(tricks.answer_u8(0, 0, b"\\x07"))
        """, """
            trapped
            ValueError: _hostile_cap.Thing was lost when its provider failed; make a new one
            7
            trapped
            ValueError: _hostile_cap.Thing was lost when its provider failed; make a new one
            7
        """)

    def test_takes_all_memory(self):
        found = self.run_program("""
            import _hostile_cap as tricks
            try:
                tricks.grow()
            except CapError as error:
                print(error.kind in ("trapped", "limit"))
            print(tricks.answer_u8(0, 0, b"\\x07"))
        """, "--max-memory=256M")
        self.assertEqual(found, "True\n7\n")

    def test_never_returns(self):
        result = self.pylon(*self.words("import _hostile_cap as tricks\ntricks.spin()", "--timeout=1s"),
                            env=self.env)
        self.assertEqual(result.code, 124, result)

    def test_calls_back_with_anything(self):
        self.assert_says("""
            import _hostile_cap
            import _hostile_cap as tricks
            class Back:
                def again(self, depth):
                    return tricks.nest(depth) if depth < 1000 else depth
            print(tricks.call_back("back.again", b"\\x81\\0")[:2])
            _hostile_cap.set_callbacks("back", Back())
            print(tricks.call_back("back.other", b"\\x81\\0")[:2], tricks.call_back("", b"")[:2])
            print(tricks.call_back("back.again", b"\\x81")[:2], tricks.call_back("back.again", b"\\x81\\x19\\4\\0"))
            says(tricks.nest, 0)
            print(tricks.answer_u8(0, 0, b"\\x07"))
        """, """
            (2, 0)
            (2, 0) (2, 0)
            (2, 4) (0, 0, b'\\x19\\x04\\x00')
            CapLimitError: calls between components are nested more than 64 deep
            7
        """)

    def test_another_contract(self):
        found = self.run_program("""
            from _impostor_cap import greet
            try:
                greet("x")
            except CapError as error:
                print(error.kind)
        """)
        self.assertEqual(found, "schema-mismatch\n")

    def test_stillborn(self):
        found = self.run_program("""
            from _stillborn_cap import greet
            for _ in range(2):
                try:
                    greet("x")
                except CapError as error:
                    print(error.kind)
        """)
        self.assertEqual(len(found.splitlines()), 2, found)


if __name__ == "__main__":
    unittest.main()
