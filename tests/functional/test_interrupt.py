"""Ctrl-C, the time limit, and signals from outside."""

import os
import signal
import time
import unittest

from harness import SECONDS, Case, Running, Terminal, command

LOOP = "print('ready', flush=True)\nwhile True: pass"
SLEEP = "import time; print('ready', flush=True); time.sleep(1000)"
INPUT = "print('ready', flush=True); input()"
READ = "import sys; print('ready', flush=True); sys.stdin.buffer.read()"
PLACES = {"a loop": LOOP, "time.sleep": SLEEP, "input": INPUT, "read": READ,
          "a long operation": "print('ready', flush=True)\nwhile True: sorted(range(10**5))"}


class ControlC(Case):
    """KeyboardInterrupt inside, 130 outside."""

    def interrupted(self, code):
        with Running("-c", code, cwd=self.folder) as running:
            running.until(b"ready\n")
            time.sleep(0.2)
            start = time.monotonic()
            running.interrupt()
            result = running.finish()
            self.assertLess(time.monotonic() - start, 5)
            return result

    def test_uncaught(self):
        for place, code in PLACES.items():
            with self.subTest(place):
                result = self.interrupted(code)
                self.assertIn(result.code, (130, -signal.SIGINT), result)
                self.assertEqual(result.out, "ready\n")
                self.assertTrue(result.err.rstrip().endswith("KeyboardInterrupt"), result.err)
                self.assertIn("Traceback", result.err)

    def test_the_shell_sees_130(self):
        with Running(words=["/bin/sh", "-c", 'trap "" INT; (trap - INT; exec "$@"); echo "code $?"', "sh",
                            *command(["-c", LOOP])], cwd=self.folder) as running:
            running.until(b"ready\n")
            time.sleep(0.2)
            running.interrupt()
            self.assertEqual(running.finish().out, "ready\ncode 130\n")

    def test_caught(self):
        for place, code in PLACES.items():
            with self.subTest(place):
                lines = code.replace("\n", "\n    ")
                body = f"import sys\ntry:\n    {lines}\nexcept KeyboardInterrupt:\n    print('caught'); sys.exit(9)"
                result = self.interrupted(body)
                self.assertEqual((result.code, result.out, result.err), (9, "ready\ncaught\n", ""))

    def test_finally_and_atexit_run(self):
        result = self.interrupted("import atexit; atexit.register(print, 'atexit')\ntry:\n    " +
                                  LOOP.replace("\n", "\n    ") + "\nfinally: print('finally')")
        self.assertEqual(result.out, "ready\nfinally\natexit\n")

    def test_the_program_goes_on_after_it(self):
        code = """
import time
for turn in range(3):
    try:
        print("turn", turn, flush=True)
        time.sleep(1000)
    except KeyboardInterrupt:
        print("caught", turn, flush=True)
"""
        with Running("-c", code, cwd=self.folder) as running:
            for turn in range(3):
                running.until(f"turn {turn}\n".encode())
                time.sleep(0.1)
                running.interrupt()
            result = running.finish()
        self.assertEqual((result.code, result.err), (0, ""))
        self.assertEqual(result.out, "".join(f"turn {i}\ncaught {i}\n" for i in range(3)))

    def test_second_one_ends_a_program_that_does_not_listen(self):
        code = "print('ready', flush=True); sum(range(10**12))"
        with Running("-c", code, cwd=self.folder) as running:
            running.until(b"ready\n")
            time.sleep(0.2)
            running.interrupt()
            time.sleep(0.5)
            running.interrupt()
            start = time.monotonic()
            result = running.finish()
        self.assertLess(time.monotonic() - start, 5)
        self.assertIn(result.code, (130, -signal.SIGINT))

    def test_in_a_terminal(self):
        for place, code in PLACES.items():
            with self.subTest(place), Terminal("-c", code, cwd=self.folder) as terminal:
                terminal.until(b"ready")
                time.sleep(0.2)
                terminal.send(b"\x03")
                self.assertIn(terminal.finish(), (130, -signal.SIGINT))
                self.assertIn("KeyboardInterrupt", terminal.text())

    def test_asyncio(self):
        code = ("import asyncio\nasync def main():\n    print('ready', flush=True)\n    try:\n"
                "        await asyncio.sleep(1000)\n    finally:\n        print('cleaned')\nasyncio.run(main())")
        result = self.interrupted(code)
        self.assertIn(result.code, (130, -signal.SIGINT), result)
        self.assertEqual(result.out, "ready\ncleaned\n")


class TimeLimit(Case):
    """--timeout ends a run with 124 and says so."""

    def test_every_place(self):
        for place, code in PLACES.items():
            with self.subTest(place), Running("--timeout=0.5", "-c", code, cwd=self.folder) as running:
                start = time.monotonic()
                while running.process.poll() is None and time.monotonic() - start < SECONDS:
                    time.sleep(0.02)
                taken = time.monotonic() - start
                result = running.finish()
                self.assertEqual(result.code, 124, result)
                self.assertIn("--timeout", result.err)
                self.assertEqual(result.out, "ready\n")
                self.assertGreater(taken, 0.4)
                self.assertLess(taken, 5)

    def test_one_that_is_not_reached_changes_nothing(self):
        result = self.pylon("--timeout=60", "-c", "print('done'); import sys; sys.exit(3)")
        self.assertEqual((result.code, result.out, result.err), (3, "done\n", ""))

    def test_forms(self):
        for form in ("500ms", "0.5s", "0.5"):
            with self.subTest(form):
                self.assertEqual(self.pylon(f"--timeout={form}", "-c", "while True: pass").code, 124)
        self.assertEqual(self.pylon("--timeout", "0.5", "-c", "while True: pass").code, 124)


class Signals(Case):
    """Signals from outside end the process as they end any other."""

    def test_termination(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
            with self.subTest(number), Running("-c", SLEEP, cwd=self.folder) as running:
                running.until(b"ready\n")
                os.kill(running.process.pid, number)
                self.assertEqual(running.finish().code, -number)

    def test_stop_and_continue(self):
        code = "import time; print('ready', flush=True); time.sleep(1); print('slept')"
        with Running("-c", code, cwd=self.folder) as running:
            running.until(b"ready\n")
            os.kill(running.process.pid, signal.SIGTSTP)
            time.sleep(0.3)
            os.kill(running.process.pid, signal.SIGCONT)
            self.assertEqual(running.finish().out, "ready\nslept\n")


if __name__ == "__main__":
    unittest.main()
