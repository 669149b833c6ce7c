"""A small process that starts others and measures them; run as `python3 -I -S spawn.py`.

It reads marshalled requests (arguments, environment, input path, output path, error path, measure) from standard
input and answers (seconds, peak resident kilobytes, exit status). It is a process of its own because a child's peak
counts its parent's memory at the moment of the exec: this one is smaller than everything that is measured.
"""

import marshal
import os
import sys
import time


def start(arguments, environment, streams, measure):
    """The child's process id; by fork where the peak is wanted, by posix_spawn (faster) where the time is."""
    read, write = os.O_RDONLY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    flags = (read, write, write)
    if measure == "time":
        actions = [(os.POSIX_SPAWN_OPEN, number, path, flags[number], 0o644) for number, path in enumerate(streams)]
        return os.posix_spawn(arguments[0], arguments, environment, file_actions=actions)
    child = os.fork()
    if child == 0:
        for number, path in enumerate(streams):
            os.dup2(os.open(path, flags[number], 0o644), number)
        os.execve(arguments[0], arguments, environment)
    return child


def serve(requests, answers):
    """Answers requests until there are no more."""
    while True:
        try:
            arguments, environment, streams, measure = marshal.load(requests)
        except EOFError:
            return
        begin = time.perf_counter()
        child = start(arguments, environment, streams, measure)
        _, status, usage = os.wait4(child, 0)
        marshal.dump((time.perf_counter() - begin, usage.ru_maxrss, os.waitstatus_to_exitcode(status)), answers)
        answers.flush()


serve(sys.stdin.buffer, sys.stdout.buffer)
