"""What the functional tests share: running the built `pylon` on real files, in pipes and in terminals.

The environment variable PYLON names the launcher (default: build/bin/pylon). Native CPython 3.14 is used for
comparison where an earlier `bench/run` or `make test-cpython` has fetched it; nothing here downloads it.
"""

import dataclasses
import fcntl
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import textwrap
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "bench"))

from peers import native as peer  # noqa: E402 (found through the line above)

PYLON = pathlib.Path(os.environ.get("PYLON") or ROOT / "build" / "bin" / "pylon").resolve()
SECONDS = int(os.environ.get("PYLON_TEST_SECONDS") or 60)  # no single step of a test may take longer


@dataclasses.dataclass(frozen=True)
class Result:
    """How a process ended."""

    code: int
    output: bytes
    error: bytes

    @property
    def out(self) -> str:
        return self.output.decode(errors="surrogateescape")

    @property
    def err(self) -> str:
        return self.error.decode(errors="surrogateescape")


def environment(**extra: str) -> dict[str, str]:
    """A small, fixed environment, with a locale of UTF-8 and the caller's additions."""
    return {"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8", **extra}


def needs_launcher(cap: pathlib.Path) -> bool:
    """Whether a cap's contract has callbacks, or its component imports what only the launcher has: no file can hold it."""
    worlds = "".join(path.read_text() for path in (cap / "wit").glob("*.wit"))
    return re.search(r"^ *import (?!wasi:|compose:dynlink/linker)", worlds, re.M) is not None


def command(arguments) -> list[str]:
    """Pylon's command line."""
    return [str(PYLON), *map(str, arguments)]


def native_command(arguments) -> list[str]:
    """Native CPython's command line; skips the test where that interpreter has not been fetched."""
    folder = peer.folder_if_present()
    if folder is None:
        raise unittest.SkipTest("native CPython 3.14 is not in the cache; bench/run fetches it")
    return [*peer.command(folder), *map(str, arguments)]


def execute(words, stdin=b"", cwd=None, env=None, timeout=SECONDS) -> Result:
    """Runs a command to its end."""
    if isinstance(stdin, str):
        stdin = stdin.encode()
    done = subprocess.run([os.fsencode(word) for word in words], input=stdin, cwd=cwd, timeout=timeout,
                          env=environment() if env is None else env, capture_output=True)
    return Result(done.returncode, done.stdout, done.stderr)


def pylon(*arguments, **options) -> Result:
    """Runs pylon to its end."""
    return execute(command(arguments), **options)


class Case(unittest.TestCase):
    """A test with a folder of its own and shorthands; every run starts in that folder."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if not PYLON.is_file():
            raise AssertionError(f"{PYLON} is not there: build it, or name another in the variable PYLON")

    def setUp(self):
        made = pathlib.Path(tempfile.mkdtemp(prefix="pylon-test-")).resolve()
        self.addCleanup(shutil.rmtree, made, ignore_errors=True)
        self.outside = made / "outside"
        self.folder = made / "folder"
        self.outside.mkdir()
        self.folder.mkdir()

    def write(self, name, text, folder=None) -> pathlib.Path:
        """Writes a file (text dedented) below the test's folder."""
        path = (folder or self.folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
        return path

    def pylon(self, *arguments, **options) -> Result:
        """Runs pylon in the test's folder."""
        options.setdefault("cwd", self.folder)
        return pylon(*arguments, **options)

    def code(self, text, *arguments, before=(), **options) -> Result:
        """Runs `pylon BEFORE -c TEXT ARGUMENTS`."""
        return self.pylon(*before, "-c", textwrap.dedent(text), *arguments, **options)

    def output(self, *arguments, **options) -> str:
        """The standard output of a run that has to succeed and to say nothing on standard error."""
        result = self.pylon(*arguments, **options)
        self.assertEqual((result.code, result.err), (0, ""), result)
        return result.out

    def assert_refused(self, result, flag, message="Operation not permitted"):
        """The program got the exception, and the launcher named the flag that would allow it."""
        self.assertEqual(result.code, 1, result)
        self.assertIn("PermissionError", result.err)
        self.assertIn(message, result.err)
        self.assertIn(flag, result.err)

    def assert_like_native(self, *arguments, **options):
        """Pylon and native CPython give the same standard output and exit code."""
        options.setdefault("cwd", self.folder)
        expected = execute(native_command(arguments), **options)
        found = execute(command(arguments), **options)
        self.assertEqual((found.out, found.code), (expected.out, expected.code), (found.err, expected.err))
        return found, expected


class Running:
    """A process whose streams are pipes, spoken to while it runs."""

    def __init__(self, *arguments, cwd=None, env=None, words=None):
        self.process = subprocess.Popen(words or command(arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, cwd=cwd, env=environment() if env is None else env,
                                        start_new_session=True)
        self.seen = b""
        self.position = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()

    def send(self, data: bytes):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def until(self, wanted: bytes) -> bytes:
        """Reads standard output until `wanted` has come; returns what is new up to it."""
        return read_until(self.process.stdout.fileno(), self, wanted)

    def interrupt(self):
        """What a terminal's Ctrl-C does: SIGINT to the whole group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def finish(self) -> Result:
        """The end: remaining output, standard error, exit code (negative for a signal)."""
        output, error = self.process.communicate(timeout=SECONDS)
        return Result(self.process.returncode, self.seen + output, error)


class Terminal:
    """A process in a terminal of its own."""

    def __init__(self, *arguments, cwd=None, env=None, words=None, size=(40, 200)):
        self.seen = b""
        self.position = 0
        self.pid, self.descriptor = pty.fork()
        words = words or command(arguments)
        if self.pid == 0:
            try:
                os.chdir(cwd or "/")
                os.execve(words[0], words, environment(TERM="xterm") if env is None else env)
            finally:
                os._exit(127)
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        self.code = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.descriptor)

    def send(self, data: bytes):
        os.write(self.descriptor, data)

    def until(self, wanted: bytes) -> bytes:
        """Reads the screen until `wanted` has come; returns what is new up to it."""
        return read_until(self.descriptor, self, wanted)

    def settle(self):
        """Reads until nothing has come for a moment; `until` goes on from there."""
        while readable(self.descriptor, 0.15):
            data = os.read(self.descriptor, 65536)
            if not data:
                break
            self.seen += data
        self.position = len(self.seen)

    def text(self) -> str:
        """All that has come, without the terminal's escape sequences."""
        return plain(self.seen)

    def finish(self) -> int:
        """Reads to the end; the exit code, negative for a signal."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                data = os.read(self.descriptor, 65536) if readable(self.descriptor, 0.1) else None
            except OSError:
                data = b""
            if data == b"":
                break
            self.seen += data or b""
        while self.code is None and time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
            else:
                time.sleep(0.01)
        if self.code is None:
            raise AssertionError(f"the process did not end; the screen says {self.text()!r}")
        return self.code


SEQUENCE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\x1b\][^\x07]*\x07|\x1b[()=>][A-Z0-9]?|([\r\n\x07\x08])|([^\x1b\r\n\x07\x08]+)")


def plain(screen: bytes) -> str:
    """The lines that a terminal shows for these bytes: carriage returns, backspaces and a line editor's moves done."""
    lines, column = [""], 0
    for parameters, final, control, text in SEQUENCE.findall(screen.decode(errors="replace")):
        count = int(parameters or 1) if (parameters or "1").isdigit() else 1
        line = lines[-1]
        if text:
            lines[-1] = line[:column].ljust(column) + text + line[column + len(text):]
            column += len(text)
        elif control == "\n":
            lines.append("")
        elif control == "\r":
            column = 0
        elif control == "\x08":
            column = max(0, column - 1)
        elif final == "G":
            column = count - 1
        elif final == "C":
            column += count
        elif final == "D":
            column = max(0, column - count)
        elif final == "K":
            lines[-1] = line[:column]
        elif final == "P":
            lines[-1] = line[:column] + line[column + count:]
        elif final == "@":
            lines[-1] = line[:column] + " " * count + line[column:]
    return "\n".join(lines)


def readable(descriptor: int, seconds: float) -> bool:
    """True if reading would not block."""
    return bool(select.select([descriptor], [], [], seconds)[0])


def read_until(descriptor: int, reader, wanted: bytes) -> bytes:
    """Reads until `wanted` comes after what the last call returned; returns everything from there to its end."""
    start, end = reader.position, time.monotonic() + SECONDS
    while (found := reader.seen.find(wanted, start)) < 0:
        if time.monotonic() > end:
            raise AssertionError(f"{wanted!r} did not come within {SECONDS} s; got {reader.seen!r}")
        if not readable(descriptor, 0.2):
            continue
        try:
            data = os.read(descriptor, 65536)
        except OSError:
            data = b""
        if not data:
            raise AssertionError(f"{wanted!r} did not come before the end; got {reader.seen!r}")
        reader.seen += data
    reader.position = found + len(wanted)
    return reader.seen[start:reader.position]


def peak_kilobytes(pid: int) -> int:
    """The most memory that a running process has had."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.M)[1])


def anonymous_kilobytes(pid: int) -> int:
    """The memory that a running process has now, without what it maps from files, which comes and goes by its own rules."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^RssAnon:\s+(\d+) kB", status, re.M)[1])
