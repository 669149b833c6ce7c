"""Progress lines, clear failures, and running other programs."""

import errno
import os
import shutil
import subprocess
import sys
import time

START = time.monotonic()
LOW_DISK = 64 << 20


class Failure(Exception):
    """What ended the work: one sentence, and the next step for the person who reads it."""

    def __init__(self, what, hint=""):
        super().__init__(what)
        self.hint = hint


def say(text):
    """One progress line on standard error, with the seconds since the start."""
    print(f"toolchain [{time.monotonic() - START:5.1f} s] {text}", file=sys.stderr, flush=True)


def disk_hint(where, said=""):
    """A hint if a program said that the disk is full, or the file system at `where` is; else nothing."""
    while not os.path.exists(where):
        where = os.path.dirname(where) or "/"
    if os.strerror(errno.ENOSPC) not in said and shutil.disk_usage(where).free > LOW_DISK:
        return ""
    return (f"the disk that holds {where} is full: make room (the toolchain needs about 1.5 GB) or set "
            "PYLON_CACHE to a folder on another disk, then run the same command again; verified downloads are kept")


def run(command, doing, cwd=None, env=None, hint="", log=None):
    """Runs a program and returns its standard output; a failure carries the end of what it said."""
    command = [str(word) for word in command]
    if shutil.which(command[0]) is None:
        raise Failure(f"{doing}: the program '{command[0]}' is not installed", "run `make check` for the packages to install")
    done = subprocess.run(command, cwd=cwd, env=env, text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if log is not None:
        log.write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        tail = "\n".join("    " + line for line in (done.stderr.strip() or done.stdout.strip()).splitlines()[-12:])
        where = f"\n    (whole output: {log})" if log is not None else ""
        raise Failure(f"{doing}: {os.path.basename(command[0])} ended with status {done.returncode}\n{tail}{where}",
                      disk_hint(str(cwd or os.getcwd()), done.stderr) or hint)
    return done.stdout


def guarded(main):
    """Runs `main()`; turns every expected failure into a message and an exit status. Returns the status."""
    try:
        return main() or 0
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        if failure.hint:
            print(f"  next: {failure.hint}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"error: {problem}", file=sys.stderr)
        if problem.errno == errno.ENOSPC:
            print(f"  next: {disk_hint(problem.filename or os.getcwd()) or 'make room, then run it again'}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; run the same command again to go on from here", file=sys.stderr)
        return 130
