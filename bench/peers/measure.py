"""Runs commands one at a time and measures them from outside."""

import dataclasses
import marshal
import pathlib
import subprocess
import sys
import tempfile


@dataclasses.dataclass(frozen=True)
class Run:
    """What one process did."""

    seconds: float
    peak_kilobytes: int
    status: int
    output: bytes
    error: bytes


class Runner:
    """Starts commands through spawn.py; use as a context manager."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="pylon-bench-")
        self.folder = pathlib.Path(self._folder.name)
        spawner = pathlib.Path(__file__).with_name("spawn.py")
        self._process = subprocess.Popen([sys.executable, "-I", "-S", str(spawner)], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE)
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()
        self._folder.cleanup()

    def run(self, command, environment, measure="time", input_path="/dev/null", discard=False) -> Run:
        """Runs `command` (its first word a path); `measure` is "time" or "memory"."""
        output, error = self.folder / "output", self.folder / "error"
        streams = (str(input_path), "/dev/null" if discard else str(output), str(error))
        marshal.dump((list(command), dict(environment), streams, measure), self._process.stdin)
        self._process.stdin.flush()
        seconds, peak, status = marshal.load(self._process.stdout)
        return Run(seconds, peak, status, b"" if discard else output.read_bytes(), error.read_bytes())
