"""`mmap` behaves as native CPython's wherever it can keep what a map promises, and refuses what it cannot."""

import unittest

from harness import Case

# Prints what each operation gives or raises. A number of errno is the system's own.
SCRIPT = """\
import mmap, re

def of(operation, *words):
    try:
        return operation(*words)
    except OSError as error:
        return type(error).__name__, error.strerror
    except Exception as error:
        return type(error).__name__, str(error)

def walk(map):
    view = memoryview(map)
    yield view.readonly, len(view), bytes(view[:5]), of(map.close)
    view.release()
    for place in (5, -1, slice(3, 9), slice(9, 3, -2), slice(None, None, -1000), slice(5, 5), 10**6, "a"):
        yield place, of(map.__getitem__, place)
    for place, value in ((0, 5), (0, 500), (slice(0, 3), b"abc"), (slice(0, 3), b"ab"), (slice(8, 2, -2), b"xyz")):
        yield place, value, of(map.__setitem__, place, value)
    yield map[:10], of(map.__delitem__, 0)
    for place in ((5,), (-1,), (0, 2), (1, 2), (-2, 1), (0, 9), (10,)):
        yield place, of(map.seek, *place), map.tell(), of(map.read, 3), of(map.read_byte), map.tell()
    map.seek(0)
    yield map.readline(), map.tell(), of(map.write, b"x"), of(map.write_byte, 1), of(map.write_byte, 256)
    for what in ((b"cd", 0), (b"cd", 1, 3), (b"cd", -300), (b"",), (b"zz",)):
        yield what, of(map.find, *what), of(map.rfind, *what)
    yield of(map.move, 0, 5, 3), of(map.move, 0, 5, 10**6), map.flush(), of(map.flush, 0, 10**6), of(map.size)
    yield len(map), b"c" in map, 5 in map, list(map)[:2], repr(map), bool(re.search(rb"cd", map))
    map.close()
    yield repr(map), map.closed, of(map.read), of(len, map), of(map.__enter__)

with open("data", "rb") as file:
    for access in (mmap.ACCESS_READ, mmap.ACCESS_COPY):
        for line in walk(mmap.mmap(file.fileno(), 0, access=access)):
            print(line)
    for length, offset in ((10, 0), (10, 65536), (0, 65536), (0, 131072), (10**6, 0), (-1, 0), (5, -1)):
        print(length, offset, of(lambda: mmap.mmap(file.fileno(), length, access=mmap.ACCESS_READ, offset=offset)[:3]))
    for options in ({"access": 7}, {"access": 1, "prot": 1}, {"prot": mmap.PROT_READ}, {"flags": mmap.MAP_PRIVATE}):
        print(options, of(lambda: len(mmap.mmap(file.fileno(), 0, **options))))
for line in walk(mmap.mmap(-1, 100)):
    print(line)
print(open("data", "rb").read(5))
"""


class MemoryMaps(Case):
    def test_like_native(self):
        self.write("data", b"abcdefgh\n" * 10_000)
        self.write("script.py", SCRIPT)
        found, _ = self.assert_like_native("script.py")
        self.assertGreater(len(found.out.splitlines()), 100)

    def test_nothing_looks_written_that_is_not(self):
        self.write("data", b"abc")
        result = self.code("import mmap; file = open('data', 'r+b'); mmap.mmap(file.fileno(), 0)", before=["--allow-write=."])
        self.assertEqual(result.code, 1)
        self.assertIn("WebAssembly has no shared writable maps of files; use access=mmap.ACCESS_COPY", result.err)


if __name__ == "__main__":
    unittest.main()
