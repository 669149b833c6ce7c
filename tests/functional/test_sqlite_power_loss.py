"""The power fails at any moment of a program's transactions: each commit that was told is there, and the database is whole."""

import contextlib
import os
import pathlib
import random
import shutil
import sqlite3
import tempfile
import unittest

from harness import Case, command, environment
from recorded_disk import Disk, Recorder, Unavailable

COMMITS, ROWS = 8, 5
PROGRAM = """\
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("pragma synchronous = " + sys.argv[3])
database.execute("pragma journal_mode = " + sys.argv[2])
database.execute("create table t(commit_number integer, part integer, pad blob)")
database.execute("create index i on t(pad)")
print(0, flush=True)
for number in range(1, int(sys.argv[4]) + 1):
    database.execute("begin")
    for part in range(int(sys.argv[5])):
        database.execute("insert into t values(?, ?, randomblob(700))", (number, part))
    database.execute("update t set pad = randomblob(700) where commit_number = ?", (number // 2,))
    database.execute("commit")
    print(number, flush=True)
"""


class PowerLoss(Case):
    def setUp(self):
        super().setUp()
        memory = pathlib.Path("/dev/shm")  # native SQLite syncs what it repairs, a thousand times
        self.found = pathlib.Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
        self.addCleanup(shutil.rmtree, self.found)

    def record(self, *arguments):
        program, folder = self.write("program.py", PROGRAM, folder=self.outside), self.folder / "-".join(arguments)
        folder.mkdir()
        words = command([f"--allow-write={folder}", program, folder / "data.db", *arguments, COMMITS, ROWS])
        try:
            recorded = Recorder(words, folder, cwd=folder, env=environment())
        except Unavailable as why:
            raise unittest.SkipTest(f"a process cannot be watched here: {why}") from why
        self.assertEqual(recorded.code, 0)
        return recorded.events

    def check(self, files, told):
        """Native SQLite finds the files whole, with all commits that were told, and at most the one under way besides."""
        for file in self.found.iterdir():
            file.unlink()
        for path, content in files.items():
            (self.found / pathlib.Path(path).name).write_bytes(content)
        with contextlib.closing(sqlite3.connect(self.found / "data.db")) as database:
            self.assertEqual(database.execute("pragma integrity_check").fetchall(), [("ok",)])
            if told < 0:
                return
            commits = database.execute("select commit_number, count(*) from t group by 1 order by 1").fetchall()
        self.assertEqual(commits, [(number + 1, ROWS) for number in range(len(commits))])
        self.assertIn(len(commits), (told, told + 1))

    def check_all_moments(self, events, names=None):
        """All moments, with nothing, everything and parts of what no sync followed; of names, too, unless `names` says which of their changes."""
        chance, disk, told = random.Random(1), Disk(), -1
        choices = [(lambda changes: [], lambda count: 0), (lambda changes: changes, lambda count: count), (lambda changes: [], lambda count: count),
                   *[(lambda changes: [change for change in changes if chance.random() < 0.5], lambda count: chance.randint(0, count))] * 3]
        for moment, event in enumerate(events):
            if event[0] == "line":
                told = int(event[1])
            else:
                disk.apply(event)
            for number, (kept, some) in enumerate(choices):
                with self.subTest(moment=moment, event=event[:2], choice=number):
                    self.check(disk.after_power_loss(kept, names or some), told)
        self.assertEqual(told, COMMITS)

    def test_rollback_journal(self):
        """`extra` has the directory synced when the journal was removed, which is the commit; `full`, the default, leaves that to the file system."""
        for level, names in (("extra", None), ("full", lambda count: count)):
            with self.subTest(level):
                events = self.record("delete", level)
                self.assertGreater(sum(event[0] == "sync" for event in events), 2 * COMMITS)
                self.check_all_moments(events, names)

    def test_write_ahead_log(self):
        events = self.record("wal", "full")
        self.assertGreater(sum(event[0] == "sync" for event in events), COMMITS)
        self.check_all_moments(events)

    def test_what_syncs_are_for(self):
        """Without any sync, the same check fails: it would see what is lost."""
        events = self.record("wal", "off")
        self.assertNotIn("sync", {event[0] for event in events})
        disk = Disk()
        for event in events:
            disk.apply(event)
        with self.assertRaises((AssertionError, sqlite3.DatabaseError)):
            self.check(disk.after_power_loss(lambda changes: [], lambda count: count), COMMITS)


if __name__ == "__main__":
    unittest.main()
