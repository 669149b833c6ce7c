"""Providers of a plan at work: calls, callbacks, grants, limits, and what hostile ones cannot do."""

import hashlib
import json
import unittest

from harness import execute
from plans import BUILD, LIBRARY, PlanCase


class Calls(PlanCase):
    components = ("echo",)
    facades = {"echo": {"site/hello.py": "import _echo_cap\ndef hello(name):\n    return _echo_cap.values.echo_string('hello ' + name)\n"}}

    def test_a_facade_is_there(self):
        self.says("import hello; print(hello.hello('you'), hello.__file__)", "hello you /pylon/caps/site/hello.py")

    def test_facades_are_read_only(self):
        result = self.with_plan("open('/pylon/caps/site/more.py', 'w')", before=["-A"])
        self.assertIn("PermissionError", result.err)

    def test_a_mebibyte_there_and_back(self):
        self.says("""
            import _echo_cap
            data = bytes(range(256)) * 4096
            print(_echo_cap.values.echo_bytes(data) == data)
            """, "True")

    def test_without_a_plan_the_import_says_so(self):
        result = self.with_plan("import _nothing_cap")
        self.assertIn("ModuleNotFoundError", result.err)
        self.assertIn("'nothing'", result.err)

    def test_pylon_launch(self):
        (self.folder / "x.py").write_text("import _echo_cap; print(_echo_cap.values.echo_u8(3))")
        result = execute([BUILD / "bin" / "pylon-launch", self.plan, "x.py"], cwd=self.folder, env=self.environment)
        self.assertEqual((result.code, result.out), (0, "3\n"), result.err)

    def test_callbacks_nest(self):
        self.says("""
            import _echo_cap
            class Events:
                def again(self, depth):
                    return _echo_cap.calling.nest(depth) if depth else 0
                def transform(self, data):
                    return data[::-1]
            _echo_cap.set_callbacks("events", Events())
            print(_echo_cap.calling.nest(5), _echo_cap.calling.transform(b"abc"))
            """, "5 b'cba'")

    def test_exit_from_a_callback_ends_the_run(self):
        result = self.with_plan("""
            import os, _echo_cap
            class Events:
                def again(self, depth):
                    os._exit(7)
            _echo_cap.set_callbacks("events", Events())
            _echo_cap.calling.nest(3)
            print("not reached")
            """)
        self.assertEqual((result.code, result.out), (7, ""), result.err)

    def test_audit(self):
        log = self.outside / "audit"
        self.says("import _echo_cap; print(_echo_cap.values.echo_u8(3))", "3", before=[f"--audit={log}"])
        self.with_plan("raise SystemExit(3)", before=[f"--audit={log}"])
        (log_file,) = [path for path in log.iterdir() if path.name == "audit.log"]
        first, second = [json.loads(line) for line in log_file.read_text().splitlines()]
        text = json.dumps(first)
        self.assertIn("python", text)
        self.assertIn("echo", text)
        self.assertIn("3", json.dumps(second))

    def test_no_record_without_the_flag(self):
        self.says("print(1)", "1")
        self.assertFalse((self.home / "audit").exists())


class Grants(PlanCase):
    components = ("echo",)

    def test_the_users_variable_is_not_taken_for_ours(self):
        self.says("import os; print(os.environ.get('PYLON_CAPS_BUILTIN'))", "None", before=["--allow-env"],
                  env={**self.environment, "PYLON_CAPS_BUILTIN": "zlib"})


class Swap(PlanCase):
    components = ("hostile",)

    def test_a_swap_is_a_plan_edit(self):
        """Another provider under the same name; python.wasm and the images stay what they were."""
        files = ["python.wasm", "python.cold.cwasm", "python.snapshot.cwasm"]
        before = [hashlib.sha256((LIBRARY / name).read_bytes()).digest() for name in files]
        component = BUILD / "tests/components/hostile/hostile.component.wasm"
        other = self.outside / "other.component.wasm"
        # The same component with one more custom section is another digest.
        other.write_bytes(component.read_bytes() + b"\x00\x06\x05other")
        self.says("import _hostile_cap; print(_hostile_cap.touched())", "0")
        self.composectl("plan", "set", f"hostile={other}", f"--plan={self.plan}", f"--key={self.key}.key")
        digest = "sha256:" + hashlib.sha256(other.read_bytes()).hexdigest()
        self.assertIn(digest, self.plan.read_text())
        self.says("import _hostile_cap; print(_hostile_cap.touched())", "0")
        self.assertEqual(before, [hashlib.sha256((LIBRARY / name).read_bytes()).digest() for name in files])


class Hostile(PlanCase):
    components = ("hostile", "impostor", "stillborn")

    def test_a_trap_is_an_exception_and_the_run_goes_on(self):
        self.says("""
            import _hostile_cap
            for trick in _hostile_cap.trap, lambda: _hostile_cap.recurse(0), lambda: _hostile_cap.answer_memory(0, 0xfffffff0):
                try:
                    trick()
                except RuntimeError as error:
                    print(error.kind, end=" ")
            print(_hostile_cap.touched())
            """, "trapped trapped trapped 0")

    def test_endless_loop_is_ended_by_the_time_limit(self):
        result = self.with_plan("import _hostile_cap; _hostile_cap.spin()", before=["--timeout=1"], timeout=20)
        self.assertEqual(result.code, 124, result.err)

    def test_memory_is_limited_together(self):
        result = self.with_plan("""
            import _hostile_cap
            try:
                _hostile_cap.grow()
            except MemoryError as error:
                print(error.kind)
            """, before=["--max-memory=128M"])
        self.assertEqual((result.code, result.out), (0, "limit\n"), result.err)

    def test_a_large_answer_is_an_exception(self):
        result = self.with_plan("""
            import _hostile_cap
            try:
                _hostile_cap.answer_bytes(0, 0, bytes(1000))
                print(len(_hostile_cap.answer_memory(0, 100)))
            except RuntimeError as error:
                print(error.kind)
            """)
        self.assertEqual((result.code, result.out), (0, "100\n"), result.err)

    def test_endless_nesting_is_an_exception(self):
        result = self.with_plan("""
            import _hostile_cap
            class Back:
                def again(self, depth):
                    return _hostile_cap.nest(depth)
            _hostile_cap.set_callbacks("back", Back())
            try:
                print(_hostile_cap.nest(0))
            except RuntimeError as error:
                print("RuntimeError")
            """)
        self.assertEqual((result.code, result.out), (0, "RuntimeError\n"), result.err)

    def test_another_contract_is_refused(self):
        self.says("""
            import _impostor_cap
            try:
                _impostor_cap.greet("you")
            except RuntimeError as error:
                print(error.kind)
            """, "schema-mismatch")

    def test_one_that_traps_when_it_starts(self):
        self.says("""
            import _stillborn_cap
            for _ in range(2):
                try:
                    _stillborn_cap.greet("you")
                except RuntimeError as error:
                    print(error.kind, end=" ")
            """, "trapped trapped")


if __name__ == "__main__":
    unittest.main()
