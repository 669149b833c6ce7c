"""Standard streams: streamed and never collected, terminals told from pipes, closed pipes quiet."""

import os
import subprocess
import threading
import unittest

from harness import SECONDS, Case, Running, Terminal, command, environment, peak_kilobytes

COPY = """
import sys
while data := sys.stdin.buffer.read1(1 << 16):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
"""


class Pipes(Case):
    """Streams that are pipes or files."""

    def test_output_arrives_before_the_end(self):
        code = "import sys; print('now', flush=True); sys.stdin.readline(); print('then')"
        with Running("-c", code, cwd=self.folder) as running:
            self.assertEqual(running.until(b"\n"), b"now\n")
            running.send(b"go\n")
            self.assertEqual(running.finish().output, b"now\nthen\n")

    def test_unbuffered_output_arrives_at_once(self):
        with Running("-u", "-c", "import sys; print('a', end=''); sys.stdin.read()", cwd=self.folder) as running:
            self.assertEqual(running.until(b"a"), b"a")
            self.assertEqual(running.finish().code, 0)

    def test_standard_error_arrives_at_once(self):
        with Running("-c", "import sys; print('problem', file=sys.stderr); sys.stdin.read()", cwd=self.folder) as running:
            self.assertEqual(os.read(running.process.stderr.fileno(), 100), b"problem\n")
            self.assertEqual(running.finish().code, 0)

    def test_prompt_comes_before_the_answer(self):
        code = "name = input('name? '); print('hello', name); n = int(input('age? ')); print(n + 1)"
        with Running("-c", code, cwd=self.folder) as running:
            self.assertEqual(running.until(b"? "), b"name? ")
            running.send(b"Ada\n")
            self.assertEqual(running.until(b"? "), b"hello Ada\nage? ")
            running.send(b"36\n")
            self.assertEqual(running.finish().output, b"name? hello Ada\nage? 37\n")

    def test_lines_are_seen_one_by_one(self):
        with Running("-c", "import sys\nfor line in sys.stdin: print(line.strip(), flush=True)", cwd=self.folder) as running:
            for word in (b"one", b"two", b"three"):
                running.send(word + b"\n")
                self.assertEqual(running.until(b"\n"), word + b"\n")
            self.assertEqual(running.finish().code, 0)

    def test_large_pipe_in_constant_memory(self):
        block, count = os.urandom(1 << 20), 64
        with Running("-c", COPY, cwd=self.folder) as running:
            peaks = []
            for _ in range(count):
                writer = threading.Thread(target=running.send, args=(block,))
                writer.start()
                self.assertEqual(self.read_exactly(running, len(block)), block)
                writer.join()
                peaks.append(peak_kilobytes(running.process.pid))
            self.assertEqual(running.finish().code, 0)
        self.assertLess(peaks[-1] - peaks[0], 4096, "memory grew with what passed through")

    def test_binary_data_passes_unchanged(self):
        data = bytes(range(256)) * 5000
        result = self.pylon("-c", COPY, stdin=data)
        self.assertEqual((result.code, result.output == data), (0, True))

    def test_head_ends_quietly(self):
        code = "for i in range(10**7): print('line', i)"
        for ending in ("", "import sys; sys.stdout.flush()"):
            with self.subTest(ending):
                writer = subprocess.Popen(command(["-c", code]), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                          env=environment(), cwd=self.folder)
                head = subprocess.run(["head", "-n", "2"], stdin=writer.stdout, capture_output=True, timeout=SECONDS)
                writer.stdout.close()
                error = writer.stderr.read()
                code_of_writer = writer.wait(SECONDS)
                writer.stderr.close()
                self.assertEqual(head.stdout, b"line 0\nline 1\n")
                self.assertEqual((code_of_writer, error), (141, b""))

    def test_a_program_may_handle_the_closed_pipe(self):
        code = """
import os, sys
try:
    while True:
        sys.stdout.write("x" * 100000)
        sys.stdout.flush()
except BrokenPipeError as error:
    os.write(2, b"handled\\n")
    os._exit(7)
"""
        writer = subprocess.Popen(command(["-c", code]), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env=environment(), cwd=self.folder)
        writer.stdout.read(10)
        writer.stdout.close()
        error = writer.stderr.read()
        writer.stderr.close()
        self.assertEqual((writer.wait(SECONDS), error), (7, b"handled\n"))

    def test_redirected_to_files(self):
        source = self.write("in.txt", "text of the file\n")
        target = self.folder / "out.txt"
        with open(source) as standard_input, open(target, "w") as standard_output:
            done = subprocess.run(command(["-c", COPY]), stdin=standard_input, stdout=standard_output,
                                  env=environment(), cwd=self.folder, timeout=SECONDS)
        self.assertEqual((done.returncode, target.read_text()), (0, "text of the file\n"))

    def test_appending_redirection_appends(self):
        target = self.write("out.txt", "first\n")
        with open(target, "a") as standard_output:
            subprocess.run(command(["-c", "print('second')"]), stdout=standard_output, env=environment(),
                           cwd=self.folder, timeout=SECONDS, check=True)
        self.assertEqual(target.read_text(), "first\nsecond\n")

    def test_closed_standard_streams(self):
        script = self.write("closed.py", "import sys; print(sys.stdin)\nsys.exit(3)")
        done = subprocess.run(["sh", "-c", '"$@" <&-', "sh", *command([script])], capture_output=True, env=environment(),
                              cwd=self.folder, timeout=SECONDS)
        self.assertEqual(done.returncode, 3, done)
        done = subprocess.run(["sh", "-c", '"$@" >&-', "sh", *command(["-c", "import sys; sys.exit(4)"])],
                              capture_output=True, env=environment(), cwd=self.folder, timeout=SECONDS)
        self.assertEqual(done.returncode, 4, done)

    def test_end_of_input(self):
        result = self.pylon("-c", "input()")
        self.assertEqual(result.code, 1)
        self.assertIn("EOFError", result.err)

    def test_streams_are_utf_8(self):
        self.assertEqual(self.output("-c", "print(input())", stdin="Grüße 😀 \u4e16\n"), "Grüße 😀 \u4e16\n")

    def test_bad_utf_8_on_standard_input_is_kept(self):
        self.assertEqual(self.output("-c", "print(ascii(input()))", stdin=b"a\xff\xfe\n"), "'a\\udcff\\udcfe'\n")

    def test_two_writers_keep_their_order(self):
        code = "import os, sys\nfor i in range(50):\n    print(i, flush=True)\n    os.write(1, b'-\\n')"
        self.assertEqual(self.output("-c", code), "".join(f"{i}\n-\n" for i in range(50)))

    def read_exactly(self, running, count):
        """`count` bytes of what the process writes."""
        received = b""
        while len(received) < count:
            data = os.read(running.process.stdout.fileno(), min(1 << 16, count - len(received)))
            self.assertTrue(data, "the pipe ended early")
            received += data
        return received


class Terminals(Case):
    """Streams that are terminals."""

    SHOW = "import sys, os; print([os.isatty(i) for i in range(3)], sys.stdin.isatty(), sys.stdout.isatty())"

    def test_isatty_is_false_for_pipes_and_files(self):
        self.assertEqual(self.output("-c", self.SHOW), "[False, False, False] False False\n")

    def test_isatty_is_true_in_a_terminal(self):
        with Terminal("-c", self.SHOW, cwd=self.folder) as terminal:
            self.assertEqual(terminal.finish(), 0)
            self.assertEqual(terminal.text(), "[True, True, True] True True\n")

    def test_isatty_when_only_one_stream_is_redirected(self):
        words = ["/bin/sh", "-c", '"$@" | cat', "sh", *command(["-c", self.SHOW])]
        with Terminal(words=words, cwd=self.folder) as terminal:
            self.assertEqual(terminal.finish(), 0)
            self.assertEqual(terminal.text(), "[True, False, True] True False\n")

    def test_output_to_a_terminal_is_line_buffered(self):
        with Terminal("-c", "import sys; print('line'); sys.stdin.readline(); print('end')", cwd=self.folder) as terminal:
            terminal.until(b"line\r\n")
            terminal.send(b"\n")
            self.assertEqual(terminal.finish(), 0)

    def test_input_in_a_terminal(self):
        with Terminal("-c", "print('hello', input('name? '))", cwd=self.folder) as terminal:
            terminal.until(b"name? ")
            terminal.send(b"Ada\n")
            self.assertEqual(terminal.finish(), 0)
            self.assertIn("hello Ada\n", terminal.text())

    def test_end_of_input_in_a_terminal(self):
        with Terminal("-c", "import sys; print(repr(sys.stdin.read()))", cwd=self.folder) as terminal:
            terminal.send(b"typed\n\x04")
            self.assertEqual(terminal.finish(), 0)
            self.assertIn("'typed\\n'", terminal.text())

    def test_traceback_is_coloured_only_in_a_terminal(self):
        with Terminal("-c", "1/0", cwd=self.folder) as terminal:
            self.assertEqual(terminal.finish(), 1)
            self.assertIn(b"\x1b[", terminal.seen)
        self.assertNotIn("\x1b[", self.pylon("-c", "1/0").err)


if __name__ == "__main__":
    unittest.main()
