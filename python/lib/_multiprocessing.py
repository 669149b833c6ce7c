"""What multiprocessing is made of where there are no processes: its modules can be imported, and to make a semaphore that
processes share fails as it does on systems that do not implement sem_open(). Programs fall back on threads then."""

import errno as _errno
import os as _os

flags = {}  # none of the functions that it could be built upon is there


def _not_implemented():
    return OSError(_errno.ENOSYS, _os.strerror(_errno.ENOSYS))


class SemLock:
    """Semaphore/Mutex type"""

    SEM_VALUE_MAX = 0x7FFFFFFF

    def __new__(cls, kind, value, maxvalue, name, unlink):
        raise _not_implemented()


def sem_unlink(name, /):
    raise _not_implemented()
