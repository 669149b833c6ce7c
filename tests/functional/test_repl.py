"""The interactive interpreter in a terminal."""

import time
import unittest

from harness import SECONDS, Case, Running, Terminal


class Repl(Case):
    """A person at the prompt."""

    def session(self, *arguments):
        terminal = Terminal(*arguments, cwd=self.folder)
        self.addCleanup(terminal.__exit__)
        terminal.until(b">>> ")
        return terminal

    def ask(self, terminal, line, prompt=">>> "):
        """Types a line and returns what the screen has between it and the next prompt."""
        terminal.settle()
        start = len(terminal.text())
        terminal.send(line.encode() + b"\n")
        terminal.until(b"\n")
        end = time.monotonic() + SECONDS
        while not terminal.text()[start:].endswith("\n" + prompt):
            self.assertLess(time.monotonic(), end, terminal.text())
            terminal.settle()
        lines = terminal.text().split("\n")[:-1]
        typed = max(number for number, text in enumerate(lines) if text.startswith((">>> ", "... ", "who? ")))
        return "".join(text + "\n" for text in lines[typed + 1:])

    def test_banner_and_end(self):
        terminal = self.session()
        self.assertIn("Python 3.14", terminal.text())
        terminal.send(b"\x04")
        self.assertEqual(terminal.finish(), 0)

    def test_quiet(self):
        terminal = self.session("-q")
        self.assertNotIn("Python 3.14", terminal.text())
        terminal.send(b"exit(3)\n")
        self.assertEqual(terminal.finish(), 3)

    def test_values_and_names(self):
        terminal = self.session()
        self.assertEqual(self.ask(terminal, "6 * 7"), "42\n")
        self.assertEqual(self.ask(terminal, "x = 'text'"), "")
        self.assertEqual(self.ask(terminal, "x"), "'text'\n")
        self.assertEqual(self.ask(terminal, "_"), "'text'\n")
        self.assertEqual(self.ask(terminal, "print('shown')"), "shown\n")
        self.assertEqual(self.ask(terminal, "None"), "")

    def test_several_lines(self):
        terminal = self.session()
        self.ask(terminal, "def double(value):", "... ")
        self.ask(terminal, "    return value * 2", "... ")
        self.ask(terminal, "")
        self.assertEqual(self.ask(terminal, "double(21)"), "42\n")

    def test_traceback_and_going_on(self):
        terminal = self.session()
        text = self.ask(terminal, "1 / 0")
        self.assertIn("Traceback (most recent call last):", text)
        self.assertIn("ZeroDivisionError: division by zero", text)
        self.assertEqual(self.ask(terminal, "'still here'"), "'still here'\n")

    def test_syntax_error(self):
        terminal = self.session()
        self.assertIn("SyntaxError: invalid syntax", self.ask(terminal, "x = = 1"))

    def test_history_with_the_arrow(self):
        terminal = self.session()
        self.assertEqual(self.ask(terminal, "1000 + 234"), "1234\n")
        self.assertEqual(self.ask(terminal, "\x1b[A"), "1234\n")
        self.assertEqual(self.ask(terminal, "\x1b[A + 1"), "1235\n")

    def test_editing_the_line(self):
        terminal = self.session()
        self.assertEqual(self.ask(terminal, "12x\x7f3"), "123\n")
        self.assertEqual(self.ask(terminal, "24\x1b[D\x1b[D1\x05"), "124\n")

    def test_control_c_at_the_prompt(self):
        terminal = self.session()
        terminal.send(b"abandoned + ")
        terminal.until(b"abandoned")
        terminal.send(b"\x03")
        terminal.until(b"KeyboardInterrupt")
        terminal.until(b">>> ")
        self.assertEqual(self.ask(terminal, "1 + 1"), "2\n")

    def test_control_c_in_a_loop(self):
        terminal = self.session()
        terminal.send(b"while True: pass\n\n")
        terminal.until(b"... ")
        terminal.send(b"")
        import time
        time.sleep(0.5)
        terminal.send(b"\x03")
        terminal.until(b"KeyboardInterrupt")
        terminal.until(b">>> ")
        self.assertEqual(self.ask(terminal, "2 + 2"), "4\n")

    def test_input_at_the_prompt(self):
        terminal = self.session()
        terminal.send(b"name = input('who? ')\n")
        terminal.until(b"\n")
        terminal.until(b"who? ")
        self.assertEqual(self.ask(terminal, "Ada"), "")
        self.assertEqual(self.ask(terminal, "name"), "'Ada'\n")

    def test_reads_modules_of_the_working_directory(self):
        self.write("local.py", "NAME = 'local'")
        terminal = self.session()
        self.assertEqual(self.ask(terminal, "import local; local.NAME"), "'local'\n")

    def test_help_and_exit(self):
        terminal = self.session()
        self.assertIn("Return the number of items in a container.", self.ask(terminal, "help(len)"))
        terminal.send(b"quit()\n")
        self.assertEqual(terminal.finish(), 0)

    def test_unicode(self):
        terminal = self.session()
        self.assertEqual(self.ask(terminal, "'Gr\u00fc\u00dfe \u4e16'.upper()"), "'GR\u00dcSSE \u4e16'\n")

    def test_interactive_after_a_script(self):
        self.write("start.py", "value = 11")
        terminal = self.session("-i", "start.py")
        self.assertEqual(self.ask(terminal, "value"), "11\n")

    def test_interactive_by_a_pipe(self):
        with Running("-i", "-q", cwd=self.folder) as running:
            running.send(b"1 + 1\n")
            running.until(b"2\n")
            running.send(b"print('next')\n")
            running.until(b"next\n")
            result = running.finish()
        self.assertEqual(result.code, 0)
        self.assertIn(">>> ", result.err)


if __name__ == "__main__":
    unittest.main()
