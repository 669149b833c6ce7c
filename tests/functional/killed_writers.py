"""A program that commits and tells so, killed at any moment, again and again."""

import random
import signal
import time

from harness import SECONDS, Running


def check(case, writer, file, commits, kills, found):
    """Kills runs of `writer`, which prints the number of each commit in `file`, until so many commits were told and so many
    runs killed. After each, `found()` gives the last number that is there and how many there are."""
    chance, told, done = random.Random(1), 0, 0
    deadline = time.monotonic() + SECONDS
    while told < commits or done < kills:
        with Running(f"--allow-write={case.folder}", writer, file, cwd=case.folder) as running:
            running.until(b"\n")
            time.sleep(chance.uniform(0.05, 0.6))
            running.process.send_signal(signal.SIGKILL)
            told = int(running.finish().out.rpartition("\n")[0].splitlines()[-1])
        done += 1
        last, count = found()
        case.assertEqual(last, count)
        case.assertIn(last, (told, told + 1))
        case.assertLess(time.monotonic(), deadline, f"{told} commits in {done} runs")
