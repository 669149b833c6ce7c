"""Runs differ where they should and agree where they are told to."""

import shutil
import subprocess
import time
import unittest

from harness import PYLON, SECONDS, Case, environment, execute, native_command

HASH_OF_PYLON_WITH_SEED_0 = 6290765714804504952  # native CPython 3.14, 64 bit


class Hashes(Case):
    """String hashes."""

    CODE = "print(hash('pylon'), hash(b'pylon'), hash('\u00e9\u4e16'))"

    def copy_of_install(self):
        """The install tree, copied: a second install."""
        root = PYLON.parent.parent
        copied = self.folder / "install"
        (copied / "bin").mkdir(parents=True)
        shutil.copy2(PYLON, copied / "bin" / "pylon")
        shutil.copytree(root / "lib" / "pylon", copied / "lib" / "pylon", symlinks=True)
        return copied / "bin" / "pylon"

    def test_seed_0_is_honoured(self):
        env = environment(PYTHONHASHSEED="0")
        found = {self.output("-c", self.CODE, env=env) for _ in range(3)}
        self.assertEqual(len(found), 1)

    def test_seeds_give_different_repeatable_hashes(self):
        found = {seed: {self.output("-c", self.CODE, env=environment(PYTHONHASHSEED=seed)) for _ in range(2)}
                 for seed in ("0", "1", "42")}
        self.assertEqual([len(values) for values in found.values()], [1, 1, 1])
        self.assertEqual(len(set.union(*found.values())), 3)

    def test_order_of_a_set_with_seed_0_repeats(self):
        env = environment(PYTHONHASHSEED="0")
        code = "print({f'name{i}' for i in range(100)})"
        self.assertEqual(self.output("-c", code, env=env), self.output("-c", code, env=env))

    def test_random_seed_differs_between_runs(self):
        env = environment(PYTHONHASHSEED="random")
        self.assertEqual(self.pylon("-c", self.CODE, env=env).code, 0)

    def test_bad_seed(self):
        result = self.pylon("-c", "print('ran')", env=environment(PYTHONHASHSEED="many"))
        self.assertEqual(result.out, "")
        self.assertNotEqual(result.code, 0)
        self.assertIn("PYTHONHASHSEED", result.err)

    def test_two_installs_have_different_secrets(self):
        other = self.copy_of_install()
        renewed = execute([other, "renew"])
        self.assertEqual(renewed.code, 0, renewed)
        self.assertNotEqual(self.output("-c", self.CODE), execute([other, "-c", self.CODE]).out)

    def test_renewing_changes_the_secret(self):
        other = self.copy_of_install()
        seen = set()
        for _ in range(3):
            self.assertEqual(execute([other, "renew"]).code, 0)
            result = execute([other, "-c", self.CODE])
            self.assertEqual(result.code, 0, result)
            seen.add(result.out)
        self.assertEqual(len(seen), 3)

    def test_seed_0_gives_the_known_value(self):
        """With a 64-bit word that of native CPython, with the 32-bit word of WebAssembly that of CPython's FNV."""
        code = "import sys; print(sys.hash_info.width, sys.hash_info.algorithm, hash('pylon'))"
        width, algorithm, value = self.output("-c", code, env=environment(PYTHONHASHSEED="0")).split()
        known = {("64", "siphash13"): HASH_OF_PYLON_WITH_SEED_0, ("32", "fnv"): fnv_32(b"pylon"),
                 ("32", "siphash13"): signed_32(HASH_OF_PYLON_WITH_SEED_0)}
        self.assertEqual(int(value), known[width, algorithm])

    def test_native_cpython_has_the_known_value(self):
        result = execute(native_command(["-c", "print(hash('pylon'))"]), env=environment(PYTHONHASHSEED="0"))
        self.assertEqual(int(result.out), HASH_OF_PYLON_WITH_SEED_0)


def signed_32(value: int) -> int:
    """The low 32 bits as a signed number: what a 32-bit Py_hash_t keeps."""
    low = value & 0xFFFFFFFF
    return low - (1 << 32) if low >= 1 << 31 else low


def fnv_32(data: bytes) -> int:
    """CPython's FNV hash (Python/pyhash.c) with a secret of zeros: words of four bytes, then the one to four left."""
    head = (len(data) - 1) // 4 * 4
    value = data[0] << 7
    for start in range(0, head, 4):
        value = (value * 1000003 & 0xFFFFFFFF) ^ int.from_bytes(data[start:start + 4], "little")
    for byte in data[head:]:
        value = (value * 1000003 & 0xFFFFFFFF) ^ byte
    return signed_32(value ^ len(data))


class Sources(Case):
    """Sources of chance give something else in every run."""

    def test_every_source(self):
        for name, code in {
            "random": "import random; print(random.random())",
            "random before a seed": "import random; print(random.getrandbits(128), random.sample(range(10**9), 3))",
            "SystemRandom": "import random; print(random.SystemRandom().random())",
            "uuid4": "import uuid; print(uuid.uuid4())",
            "uuid1": "import uuid; print(uuid.uuid1())",
            "secrets": "import secrets; print(secrets.token_hex())",
            "urandom": "import os; print(os.urandom(16))",
            "getrandom": "import os; print(getattr(os, 'getrandom', os.urandom)(16))",
            "tempfile": "import tempfile; print(next(tempfile._get_candidate_names()))",
            "shuffle": "import random; x = list(range(60)); random.shuffle(x); print(x)",
            "clock": "import time; print(time.time_ns())",
            "choice": "import secrets; print(secrets.choice(range(10**9)))",
        }.items():
            with self.subTest(name):
                self.assertEqual(len({self.output("-c", code) for _ in range(5)}), 5)

    def test_a_seed_repeats(self):
        code = "import random; random.seed(1234); print(random.random(), random.choice('abcdef'), random.getrandbits(70))"
        self.assertEqual(self.output("-c", code), "0.9664535356921388 d 92371913673397627494\n")

    def test_time_goes_on(self):
        code = "import time, datetime; print(time.time(), datetime.datetime.now(datetime.UTC).timestamp())"
        before = time.time()
        first, second = map(float, self.output("-c", code).split())
        after = time.time()
        self.assertTrue(before - 1 <= first <= second + 1 <= after + 2, (before, first, second, after))

    def test_monotonic_clocks(self):
        code = ("import time; a = time.monotonic(), time.perf_counter(), time.process_time(); time.sleep(0.2); "
                "b = time.monotonic(), time.perf_counter(), time.process_time(); "
                "print([round(y - x, 1) for x, y in zip(a, b)][:2])")
        self.assertIn(self.output("-c", code), ("[0.2, 0.2]\n", "[0.2, 0.3]\n", "[0.3, 0.3]\n", "[0.3, 0.2]\n"))


class AtOnce(Case):
    """Many runs at the same time do not disturb one another."""

    def test_concurrent_runs(self):
        script = self.write("work.py", "import sys, random, json\nn = int(sys.argv[1])\n"
                            "print(n, sum(range(n * 1000)), random.random(), len(sys.stdin.read()))\nsys.exit(n)")
        running = []
        for number in range(24):
            process = subprocess.Popen([PYLON, script, str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=environment(), cwd=self.folder)
            self.addCleanup(process.__exit__, None, None, None)
            running.append(process)
        chances = set()
        for number, process in enumerate(running):
            output, error = process.communicate(b"x" * (number * 1000), timeout=SECONDS)
            first, total, chance, length = output.split()
            chances.add(chance)
            self.assertEqual((process.returncode, int(first), int(total), int(length), error),
                             (number, number, sum(range(number * 1000)), number * 1000, b""))
        self.assertEqual(len(chances), 24)

    def test_concurrent_writers_of_one_file(self):
        code = "import sys; f = open('log.txt', 'a'); f.write(sys.argv[1] * 50 + '\\n'); f.close()"
        running = [subprocess.Popen([PYLON, "--allow-write=.", "-c", code, letter], env=environment(), cwd=self.folder)
                   for letter in "abcdefgh"]
        self.assertEqual([process.wait(SECONDS) for process in running], [0] * 8)
        self.assertEqual(sorted((self.folder / "log.txt").read_text().split()), [letter * 50 for letter in "abcdefgh"])


if __name__ == "__main__":
    unittest.main()
