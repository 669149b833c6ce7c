"""What a process does to its files, seen from the kernel's side (ptrace), and what a disk holds of it when the power fails.

Nothing in the process takes part in it: a write that was not followed by a sync may be missing, whatever the process believes.
"""

import ctypes
import os
import platform
import re
import signal
import struct
import subprocess

_NUMBERS = {
    "x86_64": {1: "write", 18: "pwrite", 74: "sync", 75: "sync", 77: "truncate", 87: "unlink", 257: "open", 263: "unlink", 437: "open",
               20: "other", 76: "other", 82: "other", 83: "other", 264: "other", 285: "other", 296: "other", 316: "other", 328: "other"},
    "aarch64": {64: "write", 68: "pwrite", 82: "sync", 83: "sync", 46: "truncate", 35: "unlink", 56: "open", 437: "open",
                34: "other", 38: "other", 45: "other", 47: "other", 66: "other", 70: "other", 276: "other", 287: "other"},
}.get(platform.machine())
_TRACEME, _SYSCALL, _SETOPTIONS, _GET_SYSCALL_INFO = 0, 24, 0x4200, 0x420E
_OPTIONS = 1 | 2 | 4 | 8 | 16 | 0x100000  # mark stops at system calls, follow children and threads, and kill them if this process ends
_ALL_THREADS = 0x40000000
_AT_SYSCALL, _ENTRY = signal.SIGTRAP | 0x80, 1
_HERE = -100  # AT_FDCWD

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


class Unavailable(Exception):
    """This machine does not let processes be watched."""


def _ptrace(request, thread, address=0, data=0):
    if _libc.ptrace(request, thread, address, data) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


class Recorder:
    """Runs a command and keeps, in their order, what it did below a folder, and the lines that it wrote to its standard output.

    `events` are (what, path, ...): ("create", path), ("write", path, offset, data), ("truncate", path, size), ("sync", path),
    ("unlink", path), ("sync names", folder), ("line", text).
    """

    def __init__(self, command, folder, **options):
        if _NUMBERS is None:
            raise Unavailable(platform.machine())
        self.folder, self.events = str(folder), []
        self._known = {entry.path for entry in os.scandir(folder)}
        self._before = {}  # thread -> the system call that it is in
        try:
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=lambda: _ptrace(_TRACEME, 0), **options) as process:
                self.code = self._watch(process)
        except (subprocess.SubprocessError, PermissionError) as error:
            raise Unavailable(str(error)) from error

    def _watch(self, process):
        os.waitpid(process.pid, _ALL_THREADS)
        _ptrace(_SETOPTIONS, process.pid, 0, _OPTIONS)
        _ptrace(_SYSCALL, process.pid)
        while True:
            thread, status = os.waitpid(-1, _ALL_THREADS)
            if not os.WIFSTOPPED(status):
                if thread == process.pid:
                    process.returncode = os.waitstatus_to_exitcode(status)
                    return process.returncode
                continue
            stopped_by = os.WSTOPSIG(status)
            if stopped_by == _AT_SYSCALL:
                self._system_call(thread)
            passed_on = stopped_by if stopped_by not in (_AT_SYSCALL, signal.SIGTRAP, signal.SIGSTOP) else 0
            try:
                _ptrace(_SYSCALL, thread, 0, passed_on)
            except ProcessLookupError:
                pass  # it ended meanwhile

    def _system_call(self, thread):
        info = ctypes.create_string_buffer(88)
        _ptrace(_GET_SYSCALL_INFO, thread, len(info), ctypes.addressof(info))
        if info[0][0] == _ENTRY:
            number, *arguments = struct.unpack_from("<7Q", info, 24)
            name = _NUMBERS.get(number)
            self._before[thread] = name and (name, arguments, self._look(thread, name, arguments))
        elif (call := self._before.pop(thread, None)) is not None:
            result, = struct.unpack_from("<q", info, 24)
            if result >= 0:
                self._done(thread, *call, result)

    def _look(self, thread, name, arguments):
        """What has to be seen before the call: the bytes that are written, the path that goes away."""
        if name in ("write", "pwrite"):
            return self._memory(thread, arguments[1], arguments[2])
        if name == "unlink":
            folder, at = (_HERE, 0) if len(arguments) and platform.machine() == "x86_64" and arguments[0] > 1 << 31 else (arguments[0], 1)
            text = self._memory(thread, arguments[at], 4096).partition(b"\0")[0].decode()
            return os.path.normpath(os.path.join(self._path(thread, folder), text))
        return None

    def _done(self, thread, name, arguments, seen, result):
        if name == "unlink":
            if self._is_here(seen):
                self._known.discard(seen)
                self.events.append(("unlink", seen))
            return
        path = self._path(thread, result if name == "open" else arguments[0])
        if name == "write" and arguments[0] == 1:
            self.events += [("line", line) for line in seen.decode().splitlines()]
        elif not self._is_here(path):
            return
        elif name == "open":
            if path not in self._known and not os.path.isdir(path):
                self._known.add(path)
                self.events.append(("create", path))
        elif name == "pwrite":
            self.events.append(("write", path, arguments[3], seen[:result]))
        elif name == "truncate":
            self.events.append(("truncate", path, arguments[1]))
        elif name == "sync":
            self.events.append(("sync names" if os.path.isdir(path) else "sync", path))
        else:
            raise AssertionError(f"{path} is changed in a way that is not recorded: {name} {arguments}")

    def _is_here(self, path):
        return path == self.folder or path.startswith(self.folder + "/")

    @staticmethod
    def _path(thread, descriptor):
        if descriptor & 0xFFFFFFFF == _HERE & 0xFFFFFFFF:
            return os.readlink(f"/proc/{thread}/cwd")
        try:
            return re.sub(r" \(deleted\)$", "", os.readlink(f"/proc/{thread}/fd/{descriptor}"))
        except FileNotFoundError:
            return ""

    @staticmethod
    def _memory(thread, address, size):
        with open(f"/proc/{thread}/mem", "rb", buffering=0) as memory:
            memory.seek(address)
            return memory.read(size)


class Disk:
    """Files as a disk has them that need not write anything before a sync asks for it."""

    def __init__(self):
        self._files = {}  # path -> [what is certain, changes since]
        self._certain_names, self._name_changes = {}, []

    def apply(self, event):
        what, path, *rest = event
        if what == "create":
            self._files[path] = [b"", []]
            self._name_changes.append((path, self._files[path]))
        elif what == "unlink":
            self._files.pop(path, None)
            self._name_changes.append((path, None))
        elif what in ("write", "truncate"):
            self._files[path][1].append((what, *rest))
        elif what == "sync":
            file = self._files[path]
            file[0], file[1] = _changed(file[0], file[1]), []
        elif what == "sync names":
            self._certain_names, self._name_changes = self._names(len(self._name_changes)), []

    def after_power_loss(self, kept, names):
        """The files that are found: `kept(changes)` says which of those that no sync followed, `names(count)` how many of the
        changes of names were written."""
        return {path: _changed(certain, kept(changes)) for path, (certain, changes) in self._names(names(len(self._name_changes))).items()}

    def _names(self, count):
        found = dict(self._certain_names)
        for path, file in self._name_changes[:count]:
            if file is None:
                found.pop(path, None)
            else:
                found[path] = file
        return found


def _changed(content, changes):
    content = bytearray(content)
    for what, position, *data in changes:
        if what == "truncate":
            content[position:] = bytes(max(0, position - len(content)))
        else:
            content[len(content):] = bytes(max(0, position - len(content)))
            content[position:position + len(data[0])] = data[0]
    return bytes(content)
