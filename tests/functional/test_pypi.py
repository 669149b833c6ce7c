"""Programs from PyPI run unchanged: installed with pip into a folder and found through PYTHONPATH or beside a script."""

import shutil
import unittest

from harness import HERE, SECONDS, Case, Terminal, environment, execute, native_command
from peers import cache, pypi

LOCK = HERE / "pypi.lock"


class Programs(Case):
    """One test for each program; compared with native CPython where that is in the cache."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            cls.site = pypi.install(LOCK, sorted(pypi.read_lock(LOCK)), "functional")
        except cache.FetchError as error:
            raise unittest.SkipTest(f"the package index is not reached: {error}") from error
        cls.env = environment(PYTHONPATH=str(cls.site))

    def same_as_native(self, *arguments, before=(), minimum=1, **options):
        """Runs a program, and natively too where that is possible; returns its output."""
        result = self.pylon(*before, *arguments, env=self.env, **options)
        self.assertEqual((result.code, result.err), (0, ""), result.err)
        self.assertGreaterEqual(len(result.out), minimum)
        try:
            words = native_command(arguments)
        except unittest.SkipTest:
            return result.out
        expected = execute(words, env={**self.env, "PYTHONDONTWRITEBYTECODE": "1"}, cwd=self.folder, **options)
        self.assertEqual(result.out, expected.out)
        return result.out

    def test_pygments_on_a_large_file(self):
        source = "".join(path.read_text() for path in sorted((self.site / "pygments").glob("*.py")))
        self.write("large.py", source.encode())
        self.assertGreater(len(source), 100_000)
        out = self.same_as_native("-m", "pygments", "-f", "html", "-l", "python", "large.py", minimum=len(source))
        self.assertIn('<span class="k">def</span>', out)
        self.same_as_native("-m", "pygments", "-f", "terminal256", "-l", "python", "large.py", minimum=len(source))

    def test_pygments_writes_its_output(self):
        self.write("a.c", "int main(void) { return 0; }\n")
        self.assertEqual(self.pylon("--allow-write=.", "-m", "pygments", "-o", "a.html", "a.c", env=self.env).code, 0)
        self.assertIn("<span", (self.folder / "a.html").read_text())

    def test_sqlparse(self):
        self.write("q.sql", "select a,b from t where x=1 and y in (select z from u) order by 1;" * 200)
        out = self.same_as_native("-m", "sqlparse", "-r", "-k", "upper", "q.sql")
        self.assertIn("SELECT a,\n       b\nFROM t\nWHERE x=1\n  AND y IN", out)

    def test_jinja2_with_markupsafe(self):
        self.write("page.html", "{% extends 'base.html' %}{% block body %}{% for r in rows %}<li>{{ r|upper|e }}</li>"
                   "{% endfor %}{{ markup }}{% endblock %}")
        self.write("base.html", "<ul>{% block body %}{% endblock %}</ul>")
        self.write("render.py", """\
            import jinja2, markupsafe
            environment = jinja2.Environment(loader=jinja2.FileSystemLoader("."), autoescape=True)
            page = environment.get_template("page.html")
            print(page.render(rows=["a<b", "c&d"] * 3, markup=markupsafe.Markup("<hr>")))
            """)
        out = self.same_as_native("render.py")
        self.assertEqual(out, "<ul>" + "<li>A&lt;B</li><li>C&amp;D</li>" * 3 + "<hr></ul>\n")

    def test_rich_without_a_terminal(self):
        self.write("show.py", """\
            from rich.console import Console
            from rich.markdown import Markdown
            from rich.table import Table
            table = Table(title="Planets")
            table.add_column("name"); table.add_column("moons", justify="right")
            table.add_row("Earth", "1"); table.add_row("[bold]Mars[/]", "2")
            console = Console(width=60)
            console.print(table)
            console.print(Markdown("# Title\\n\\n- one\\n- *two*\\n"))
            """)
        out = self.same_as_native("show.py")
        self.assertIn("Planets", out)
        self.assertNotIn("\x1b[", out)

    def test_rich_with_colours_in_a_terminal(self):
        self.write("show.py", "from rich import print\nprint('[bold red]warning[/] :smiley:', {'a': [1, None]})")
        with Terminal("show.py", cwd=self.folder, env={**self.env, "TERM": "xterm-256color"}) as terminal:
            self.assertEqual(terminal.finish(), 0)
            self.assertIn(b"\x1b[1;31mwarning\x1b[0m", terminal.seen)

    def test_docutils(self):
        self.write("text.rst", "Title\n=====\n\nSome *emphasis* and ``code``.\n\n- one\n- two\n\n.. note:: A note.\n\n"
                   "======  =====\nname    count\n======  =====\na       1\n======  =====\n" + "\nText of a paragraph.\n" * 300)
        out = self.same_as_native("-m", "docutils", "--writer=html5", "text.rst", timeout=SECONDS)
        self.assertIn("<em>emphasis</em>", out)

    def test_beside_the_script(self):
        shutil.copytree(self.site / "sqlparse", self.folder / "app" / "sqlparse")
        self.write("app/script.py", "import sqlparse, sys; print(sqlparse.format(sys.stdin.read(), keyword_case='upper'))")
        result = self.pylon(self.folder / "app/script.py", stdin="select 1", cwd=self.outside)
        self.assertEqual((result.code, result.out), (0, "SELECT 1\n"), result.err)

    def test_entry_of_the_package_metadata(self):
        self.assertEqual(self.output("-c", "import importlib.metadata as m; print(m.version('rich'), m.version('Jinja2'))",
                                     env=self.env), "15.0.0 3.1.6\n")


if __name__ == "__main__":
    unittest.main()
