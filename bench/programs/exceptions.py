"""Raising, catching, cleaning up: try, with, finally."""

import contextlib


class Refused(Exception):
    def __init__(self, code):
        super().__init__(f"code {code}")
        self.code = code


def check(value):
    if value % 3 == 0:
        raise Refused(value)
    if value % 5 == 0:
        raise KeyError(value)
    return value


@contextlib.contextmanager
def counted(log):
    log[0] += 1
    try:
        yield log
    finally:
        log[1] += 1


def run():
    total, log = 0, [0, 0]
    for i in range(20_000):
        try:
            total += check(i)
        except Refused as refused:
            total -= refused.code & 3
        except KeyError:
            total += 1
        finally:
            total ^= 1
    for i in range(4000):
        with contextlib.suppress(Refused, KeyError), counted(log):
            check(i)
    return [total, log]
