"""Nothing gets out: what a program without a grant tries, and what a grant must not give besides."""

import os
import threading
import unittest

from harness import Case, environment


class Escape(Case):
    """A secret outside and a program that wants it."""

    def setUp(self):
        super().setUp()
        self.secret = self.write("secret.txt", "the secret", self.outside)
        self.inside = self.write("inside.txt", "inside")

    def attempt(self, code, *before, **options):
        """Runs code that must raise an OSError (or say that it cannot), and must not show the secret."""
        indented = "\n    ".join(code.strip().split("\n"))
        script = (f"import os, sys, pathlib, shutil\nSECRET = {str(self.secret)!r}\nOUTSIDE = {str(self.outside)!r}\n"
                  f"INSIDE = {str(self.folder)!r}\ntry:\n    {indented}\n"
                  "except (OSError, NotImplementedError, AttributeError, ValueError, ImportError) as error:\n"
                  "    print('refused', type(error).__name__)\nelse:\n    print('GOT THROUGH')\n")
        result = self.pylon(*before, "-c", script, **options)
        self.assertIn("refused", result.out, (code, result))
        self.assertNotIn("GOT THROUGH", result.out)
        self.assertNotIn("the secret", result.out)
        self.assertEqual(result.code, 0)
        self.assertEqual(self.secret.read_text(), "the secret")
        return result


class Reading(Escape):
    """Ways to read what was not granted."""

    def test_spellings_of_the_path(self):
        for path in ("SECRET", "'../outside/secret.txt'", "'./../outside/secret.txt'", "INSIDE + '/../outside/secret.txt'",
                     "'/' + SECRET", "'//' + SECRET", "'/.' + SECRET", "'/../../..' + SECRET", "SECRET + '/'",
                     "'/pylon/../' + SECRET", "'/pylon/lib/python3.14/../../..' + SECRET", "os.path.join('..', 'outside', "
                     "'secret.txt')", "SECRET.encode()", "SECRET.replace('/', '/./')", "'sub/../../outside/secret.txt'",
                     "'inside.txt/../../outside/secret.txt'"):
            with self.subTest(path):
                self.attempt(f"print(open({path}).read())")

    def test_ways_of_reading(self):
        for code in ("print(os.read(os.open(SECRET, os.O_RDONLY), 100))", "print(pathlib.Path(SECRET).read_text())",
                     "print(os.stat(SECRET).st_size)", "print(os.listdir(OUTSIDE))", "print(os.scandir(OUTSIDE))",
                     "print(os.readlink(SECRET))", "shutil.copy(SECRET, 'copy')", "os.chdir(OUTSIDE)",
                     "os.open(OUTSIDE, os.O_RDONLY | os.O_DIRECTORY)", "import linecache, io; open(SECRET, 'rb', 0)",
                     "os.access(SECRET, os.R_OK) or os.stat(SECRET)", "os.lstat(SECRET)", "os.statvfs(OUTSIDE)",
                     "import importlib.util as u; s = u.spec_from_file_location('x', SECRET + '.py'); "
                     "s.loader.exec_module(u.module_from_spec(s))", "import runpy; runpy.run_path(SECRET)",
                     "import _io; _io.FileIO(SECRET).read()", "import posix; posix.open(SECRET, 0)"):
            with self.subTest(code):
                self.attempt(code)

    def test_the_systems_files(self):
        for path in ("/etc/passwd", "/etc/hostname", "/proc/self/environ", "/proc/self/maps", "/proc/1/cmdline",
                     "/proc/self/root/etc/passwd", "/proc/self/cwd/inside.txt", "/proc/self/fd/0", "/dev/mem", "/dev/zero",
                     "/dev/stdin", "/sys/kernel", "/var/log/dpkg.log", "~/.ssh/id_rsa", "/bin/sh"):
            with self.subTest(path):
                self.attempt(f"open(os.path.expanduser({path!r}), 'rb').read(10)", env=environment(HOME="/"))

    def test_listing_the_root(self):
        for path in ("/", "/..", "/../..", "/home", "/proc", "/etc"):
            with self.subTest(path):
                self.attempt(f"print(os.listdir({path!r}))")

    def test_symbolic_links_out(self):
        (self.folder / "file").symlink_to(self.secret)
        (self.folder / "directory").symlink_to(self.outside)
        (self.folder / "relative").symlink_to("../outside")
        (self.folder / "root").symlink_to("/")
        (self.folder / "twice").symlink_to("directory")
        (self.folder / "proc").symlink_to("/proc/self/root")
        for path in ("file", "directory/secret.txt", "relative/secret.txt", f"root{self.secret}", "twice/secret.txt",
                     f"proc{self.secret}", "directory/../outside/secret.txt", "file/"):
            with self.subTest(path):
                self.attempt(f"print(open({path!r}).read())")
                self.attempt(f"print(os.stat({path!r}).st_size)")

    def test_symbolic_links_that_stay_inside_work(self):
        (self.folder / "sub").mkdir()
        (self.folder / "sub/up").symlink_to("../inside.txt")
        (self.folder / "here").symlink_to("inside.txt")
        self.assertEqual(self.output("-c", "print(open('sub/up').read(), open('here').read())"), "inside inside\n")

    def test_a_link_made_by_the_program(self):
        for code in ("os.symlink(SECRET, 'made'); print(open('made').read())",
                     "os.symlink('../outside', 'made2'); print(os.listdir('made2'))",
                     "os.link(SECRET, 'made3'); print(open('made3').read())",
                     "os.symlink('/', 'made4'); print(os.listdir('made4'))",
                     "os.mkdir('d'); os.symlink('..', 'd/made5'); print(open('d/made5/../outside/secret.txt').read())"):
            with self.subTest(code):
                self.attempt(code, "--allow-write=.")

    def test_directory_descriptors(self):
        for code in ("d = os.open('.', os.O_RDONLY); print(os.open('../outside/secret.txt', os.O_RDONLY, dir_fd=d))",
                     "d = os.open('.', os.O_RDONLY); print(os.open(SECRET, os.O_RDONLY, dir_fd=d))",
                     "d = os.open('.', os.O_RDONLY); print(os.stat('../outside', dir_fd=d))",
                     "d = os.open('..', os.O_RDONLY); print(os.listdir(d))",
                     "d = os.open('.', os.O_RDONLY); os.fchdir(d); print(open('../outside/secret.txt').read())"):
            with self.subTest(code):
                self.attempt(code)

    def test_guessed_descriptors(self):
        code = """
            import os
            found = []
            for number in range(3, 200):
                for way in (lambda: os.read(number, 1), lambda: os.listdir(number),
                            lambda: os.open('secret.txt', os.O_RDONLY, dir_fd=number),
                            lambda: os.open('outside/secret.txt', os.O_RDONLY, dir_fd=number),
                            lambda: os.open(SECRET[1:], os.O_RDONLY, dir_fd=number)):
                    try:
                        found.append(way())
                    except (OSError, NotImplementedError, TypeError, ValueError):
                        pass
            print([x for x in found if isinstance(x, int)], any('secret.txt' in x for x in found if isinstance(x, list)))
            """.replace("SECRET", repr(str(self.secret)))
        result = self.code(code)
        self.assertEqual((result.code, result.out), (0, "[] False\n"), result.err)

    def test_changing_directory_gives_no_rights(self):
        code = "os.chdir('/'); print(open('etc/passwd').read())"
        self.attempt(code)
        self.attempt("os.chdir('..'); print(open('outside/secret.txt').read())")

    def test_a_granted_file_does_not_grant_its_neighbours(self):
        other = self.write("other.txt", "granted", self.outside)
        self.assertEqual(self.output(f"--allow-read={other}", "-c", f"print(open({str(other)!r}).read())"), "granted\n")
        self.attempt("print(open(SECRET).read())", f"--allow-read={other}")
        self.attempt("print(os.listdir(OUTSIDE))", f"--allow-read={other}")
        self.attempt("print(open(OUTSIDE + '/other.txt/../secret.txt').read())", f"--allow-read={other}")

    def test_a_granted_name_is_not_a_prefix(self):
        twin = self.outside.with_name("outside-twin")
        twin.mkdir()
        (twin / "secret.txt").write_text("the secret")
        self.attempt(f"print(open({str(twin / 'secret.txt')!r}).read())", f"--allow-read={self.outside}")

    def test_exchanging_a_directory_for_a_link_during_the_run(self):
        (self.folder / "flip").mkdir()
        self.write("flip/secret.txt", "harmless")
        code = """
            import os
            seen = set()
            for _ in range(3000):
                try:
                    seen.add(open('flip/secret.txt').read())
                except OSError:
                    pass
            print(sorted(seen))
            """
        stop = threading.Event()

        def flip():
            target, link = self.folder / "flip", self.folder / "link"
            link.symlink_to(self.outside)
            while not stop.is_set():
                os.rename(target, self.folder / "aside")
                os.rename(link, target)
                os.rename(target, link)
                os.rename(self.folder / "aside", target)

        thread = threading.Thread(target=flip)
        thread.start()
        try:
            result = self.code(code)
        finally:
            stop.set()
            thread.join()
        self.assertEqual(result.code, 0, result)
        self.assertNotIn("the secret", result.out)


class Writing(Escape):
    """Ways to change what was not granted."""

    def test_without_a_grant_nothing_is_written(self):
        before = sorted(path.name for path in self.folder.rglob("*"))
        for code in ("open('new.txt', 'w')", "open('inside.txt', 'a')", "open('inside.txt', 'r+')", "os.mkdir('new')",
                     "os.remove('inside.txt')", "os.rename('inside.txt', 'moved')", "os.symlink('a', 'b')",
                     "os.link('inside.txt', 'hard')", "os.truncate('inside.txt', 0)", "os.utime('inside.txt', (0, 0))",
                     "shutil.rmtree('.')", "os.rmdir('.')", "os.replace('inside.txt', 'x')",
                     "import tempfile; tempfile.TemporaryFile()", "import tempfile; tempfile.mkdtemp(dir='.')",
                     "os.open('new2', os.O_CREAT | os.O_WRONLY)", "os.open('inside.txt', os.O_WRONLY | os.O_TRUNC)",
                     "os.mkfifo('pipe')", "import sqlite3; "
                     "sqlite3.connect('db').execute('create table t(a)')"):
            with self.subTest(code):
                indented = code
                result = self.pylon("-c", "import os, shutil, sqlite3\ntry:\n    " + indented +
                                    "\nexcept (OSError, NotImplementedError, AttributeError, sqlite3.Error) as e:\n"
                                    "    print('refused')\nelse: print('GOT THROUGH')")
                self.assertEqual(result.out, "refused\n", result)
        self.assertEqual(sorted(path.name for path in self.folder.rglob("*")), before)
        self.assertEqual(self.inside.read_text(), "inside")

    def test_modes_and_owners_do_not_change(self):
        before = self.inside.stat()
        for options in ((), ("--allow-write=.",)):
            for code in ("os.chmod('inside.txt', 0o777)", "os.chmod('inside.txt', 0)", "os.chown('inside.txt', 1, 1)"):
                with self.subTest(options=options, code=code):
                    self.assertNotEqual(self.pylon(*options, "-c", f"import os; {code}").code, 134)
                    after = self.inside.stat()
                    self.assertEqual((after.st_mode, after.st_uid), (before.st_mode, before.st_uid))

    def test_users_and_masks_fit_what_stat_says(self):
        code = "import os; print(os.getuid() == os.stat('.').st_uid, [f'{os.umask(mask):o}' for mask in (0o77, 0)], {'getuid', 'umask'} < {*os.__all__})"
        for before in ((), ("--cold",)):
            self.assertEqual(self.output(*before, "-c", code), "True ['22', '77'] True\n")

    def test_a_grant_to_read_does_not_allow_writing(self):
        for code in ("open(SECRET, 'w')", "os.remove(SECRET)", "os.mkdir(OUTSIDE + '/new')", "open(SECRET, 'r+')",
                     "os.utime(SECRET, (0, 0))", "os.truncate(SECRET, 0)"):
            with self.subTest(code):
                self.attempt(code, f"--allow-read={self.outside}")

    def test_renaming_and_linking_across_grants(self):
        for code in ("os.rename(SECRET, INSIDE + '/stolen')", "os.link(SECRET, INSIDE + '/stolen')",
                     "os.rename(INSIDE + '/inside.txt', OUTSIDE + '/planted')",
                     "os.link(INSIDE + '/inside.txt', OUTSIDE + '/planted')",
                     "os.replace(SECRET, INSIDE + '/stolen')", "os.symlink(INSIDE, OUTSIDE + '/planted')"):
            with self.subTest(code):
                self.attempt(code, "--allow-write=.", f"--allow-read={self.outside}")
                self.attempt(code, "--allow-write=.")
        self.assertEqual(os.listdir(self.outside), ["secret.txt"])

    def test_writing_through_a_link(self):
        (self.folder / "link").symlink_to(self.secret)
        (self.folder / "door").symlink_to(self.outside)
        for code in ("open('link', 'w').write('x')", "open('door/new', 'w')", "os.remove('door/secret.txt')",
                     "os.truncate('link', 0)", "os.rename('inside.txt', 'door/planted')"):
            with self.subTest(code):
                self.attempt(code, "--allow-write=.")
        self.assertEqual(os.listdir(self.outside), ["secret.txt"])

    def test_the_standard_library_is_never_writable(self):
        for options in ((), ("-A",), ("--allow-write",), ("--allow-write=/pylon",), ("--allow-write=/",)):
            for code in ("open(os.__file__, 'a')", "os.remove(os.__file__)",
                         "open(os.path.dirname(os.__file__) + '/planted.py', 'w')",
                         "os.rename(os.__file__, os.__file__ + 'x')", "os.mkdir(os.path.dirname(os.__file__) + '/d')",
                         "os.utime(os.__file__, (0, 0))", "os.rmdir(os.path.dirname(os.__file__) + '/json')"):
                with self.subTest(options=options, code=code):
                    result = self.pylon(*options, "-c", f"import os\ntry:\n    {code}\nexcept OSError: print('refused')\n"
                                        "else: print('GOT THROUGH')")
                    if result.code == 2 and "/pylon" in str(options):
                        continue
                    self.assertEqual(result.out, "refused\n", result)
        self.assertEqual(self.output("-c", "import os, json; print(json.loads('1'))"), "1\n")


class Environment(Case):
    """The user's variables stay outside."""

    SHOW = "import os; print(sorted(n for n in os.environ if n in ('SECRET_TOKEN', 'HOME', 'PATH', 'USER', 'LD_PRELOAD')))"

    def test_nothing_without_a_grant(self):
        env = environment(SECRET_TOKEN="x", USER="me")
        self.assertEqual(self.output("-c", self.SHOW, env=env), "[]\n")
        for code in ("os.getenv('SECRET_TOKEN')", "os.environb.get(b'SECRET_TOKEN')",
                     "__import__('posix').environ.get(b'SECRET_TOKEN')", "os.reload_environ() or os.getenv('SECRET_TOKEN')"):
            with self.subTest(code):
                self.assertEqual(self.output("-c", f"import os; print({code})", env=env), "None\n")

    def test_one_name(self):
        env = environment(SECRET_TOKEN="x", USER="me")
        self.assertEqual(self.output("--allow-env=USER", "-c", self.SHOW, env=env), "['USER']\n")
        self.assertEqual(self.output("--allow-env=USER", "--allow-env=HOME", "-c", self.SHOW, env=env), "['HOME', 'USER']\n")
        self.assertEqual(self.output("--allow-env=NOT_SET", "-c", self.SHOW, env=env), "[]\n")

    def test_all(self):
        env = environment(SECRET_TOKEN="x y=z", USER="me")
        self.assertEqual(self.output("--allow-env", "-c", "import os; print(os.environ['SECRET_TOKEN'], os.environ['USER'])",
                                     env=env), "x y=z me\n")

    def test_changes_stay_inside_and_work(self):
        code = "import os; os.environ['A'] = 'b'; print(os.getenv('A')); del os.environ['A']; print(os.getenv('A'))"
        self.assertEqual(self.output("-c", code), "b\nNone\n")

    def test_a_missing_variable_names_the_flag(self):
        result = self.pylon("-c", "import os; os.environ['SECRET_TOKEN']", env=environment(SECRET_TOKEN="x"))
        self.assertEqual(result.code, 1)
        self.assertIn("KeyError: 'SECRET_TOKEN'", result.err)


class Processes(Case):
    """There are no other processes and no other machine."""

    def test_starting_programs(self):
        for code in ("import os; os.system('id')", "import subprocess; subprocess.run(['id'])",
                     "import os; os.fork()", "import os; os.execv('/bin/sh', ['sh'])", "import os; os.popen('id').read()",
                     "import os; os.posix_spawn('/bin/sh', ['sh'], {})", "import os; os.kill(1, 9)",
                     "import ctypes; ctypes.CDLL(None).system(b'id')", "import multiprocessing as m; m.Process().start()",
                     "import pty; pty.spawn('sh')", "import os; os.ptrace"):
            with self.subTest(code):
                result = self.pylon("-A", "-c", f"try:\n    {code}\nexcept Exception as e:\n    print('refused')\n"
                                    "else: print('GOT THROUGH')")
                self.assertEqual((result.code, result.out), (0, "refused\n"), result)

    def test_identity_of_the_machine_is_not_told(self):
        code = "import os, platform, socket\nprint(platform.node(), os.cpu_count(), getattr(os, 'getlogin', None))"
        result = self.pylon("-c", code)
        self.assertEqual(result.code, 0, result)
        self.assertNotIn(os.uname().nodename, result.out)


if __name__ == "__main__":
    unittest.main()
