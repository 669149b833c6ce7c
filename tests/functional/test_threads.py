"""Threads: they take turns, wait without stopping each other, and end as CPython's do."""

import signal
import subprocess
import time
import unittest

from harness import PYLON, command, environment, execute, native_command, pylon


def setUpModule():
    """Threads are stacks of native code."""
    if not (PYLON.parent.parent / "lib/pylon/python.native").exists():
        raise unittest.SkipTest("this build has no native code, and so no threads")


def lines(text, *arguments, **options):
    """The lines a program prints that ends well."""
    done = pylon(*arguments, "-c", text, **options)
    assert done.code == 0 and not done.err, (done.code, done.err)
    return done.out.splitlines()


class Threads(unittest.TestCase):
    def test_one_thread_and_a_lock(self):
        self.assertEqual(lines("""
import _thread
lock = _thread.allocate_lock()
lock.acquire()
def work():
    print("in it")
    lock.release()
_thread.start_new_thread(work, ())
lock.acquire()
print("after it")
"""), ["in it", "after it"])

    def test_two_hundred_threads(self):
        self.assertEqual(lines("""
import threading
done = []
gate = threading.Barrier(201)
def work(number):
    gate.wait()
    done.append(number)
threads = [threading.Thread(target=work, args=(i,)) for i in range(200)]
for thread in threads: thread.start()
print(threading.active_count())
gate.wait()
for thread in threads: thread.join()
print(len(done), sorted(done) == list(range(200)), threading.active_count())
"""), ["201", "200 True 1"])

    def test_a_thousand_threads_after_each_other_leave_nothing(self):
        self.assertEqual(lines("""
import threading
total = 0
def work():
    global total
    total += 1
for i in range(1000):
    thread = threading.Thread(target=work); thread.start(); thread.join()
print(total)
""", "--max-memory=128M"), ["1000"])

    def test_turns_end_in_work_without_the_gil(self):
        """Threads that are without the GIL nearly all the time, and take it again each time the host may have rung."""
        self.assertEqual(lines("""
import hashlib, threading, time
stop = threading.Event()
gate = threading.Barrier(5)
turns = [0] * 4
def work(number):
    state, block = hashlib.sha3_256(usedforsecurity=False), bytes(65536)
    gate.wait()
    while not stop.is_set():
        state.update(block)
        turns[number] += 1
threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
for thread in threads: thread.start()
gate.wait()
began = time.process_time()
time.sleep(0.2)
waited = time.process_time() - began
stop.set()
for thread in threads: thread.join()
print(waited < 1.0, min(turns) > 0)
"""), ["True True"])

    def test_switch_interval(self):
        """With a longer interval there are fewer turns."""
        self.assertEqual(lines("""
import sys, threading, time
def turns(interval):
    sys.setswitchinterval(interval)
    order, stop = [], time.process_time() + 0.6
    def work(number):
        while time.process_time() < stop:
            if not order or order[-1] != number:
                order.append(number)
    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return len(order)
often, seldom = turns(0.005), turns(0.15)
print(often > 2 * seldom, sys.getswitchinterval())
"""), ["True 0.15"])

    def test_turns_end_in_the_middle_of_work(self):
        """Neither thread waits for anything: only the host's bell lets the other one run."""
        self.assertEqual(lines("""
import threading, time
stop = False
counts = [0, 0, 0]
def work(number):
    while not stop:
        counts[number] += 1
threads = [threading.Thread(target=work, args=(i,)) for i in range(3)]
for thread in threads: thread.start()
time.sleep(0.3)
stop = True
for thread in threads: thread.join()
print(min(counts) * 4 > max(counts))
"""), ["True"])

    def test_sleepers_wake_beside_work(self):
        self.assertEqual(lines("""
import threading, time
woken = []
def sleep(seconds):
    time.sleep(seconds)
    woken.append(seconds)
threads = [threading.Thread(target=sleep, args=(i / 4,)) for i in (3, 1, 2)]
for thread in threads: thread.start()
start = time.monotonic()
while len(woken) < 3 and time.monotonic() - start < 20: pass
print(woken)
"""), ["[0.25, 0.5, 0.75]"])

    def test_sleeping_is_side_by_side(self):
        start = time.monotonic()
        self.assertEqual(lines("""
import threading, time
threads = [threading.Thread(target=time.sleep, args=(0.5,)) for i in range(20)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""), [])
        self.assertLess(time.monotonic() - start, 5)

    def test_waiting_ends_in_time(self):
        self.assertEqual(lines("""
import queue, threading, time
lock = threading.Lock()
lock.acquire()
start = time.monotonic()
print(lock.acquire(timeout=0.1), 0.1 <= time.monotonic() - start < 5)
start = time.monotonic()
try: queue.Queue().get(timeout=0.1)
except queue.Empty: print("empty", 0.1 <= time.monotonic() - start < 5)
threading.Timer(0.1, lock.release).start()
print(lock.acquire(timeout=20))
event = threading.Event()
print(event.wait(0.01))
"""), ["False True", "empty True", "True", "False"])

    def test_input_is_waited_for_beside_work(self):
        process = subprocess.Popen(command(["-c", """
import sys, threading
count = 0
def work():
    global count
    while not ended: count += 1
ended = False
thread = threading.Thread(target=work); thread.start()
print("ready", flush=True)
line = sys.stdin.readline()
ended = True
thread.join()
print(line.strip(), count > 1000)
"""]), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(), text=True)
        self.assertEqual(process.stdout.readline(), "ready\n")
        time.sleep(0.2)
        output, _ = process.communicate("hello\n", timeout=30)
        self.assertEqual(output, "hello True\n")

    def test_pools_and_queues(self):
        self.assertEqual(lines("""
import concurrent.futures, queue, threading
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    print(sum(pool.map(lambda n: n * n, range(500))))
    try: pool.submit(lambda: 1 // 0).result()
    except ZeroDivisionError as error: print(error)
items = queue.Queue(3)
def produce():
    for i in range(100): items.put(i)
    items.put(None)
threading.Thread(target=produce).start()
print(sum(iter(items.get, None)))
"""), ["41541750", "division by zero", "4950"])

    def test_each_has_values_of_its_own(self):
        self.assertEqual(lines("""
import contextvars, decimal, threading
local = threading.local()
local.name = "main"
variable = contextvars.ContextVar("variable", default="none")
variable.set("main")
def work():
    print(hasattr(local, "name"), variable.get(), threading.current_thread() is threading.main_thread())
    decimal.getcontext().prec = 3
    local.name = "other"
thread = threading.Thread(target=work); thread.start(); thread.join()
print(local.name, decimal.getcontext().prec, thread.ident != threading.main_thread().ident)
"""), ["False none False", "main 28 True"])

    def test_exceptions_go_to_the_hook(self):
        done = pylon("-c", "import threading\nthread = threading.Thread(target=lambda: 1 // 0, name='one')\n"
                           "thread.start(); thread.join(); print('on')")
        self.assertEqual((done.code, done.out), (0, "on\n"))
        self.assertIn("Exception in thread one", done.err)
        self.assertIn("ZeroDivisionError: division by zero", done.err)

    def test_recursion_ends_in_an_error_in_each(self):
        self.assertEqual(lines("""
import threading
def nested():
    value = []
    for i in range(1000000): value = [value]
    try: repr(value)
    except RecursionError: print("deep", flush=True)
def endless(): endless()
def work():
    nested()
    try: endless()
    except RecursionError: print("endless", flush=True)
threads = [threading.Thread(target=work) for i in range(3)]
for thread in threads: thread.start(); thread.join()
threading.stack_size(4 << 20)
thread = threading.Thread(target=work); thread.start(); thread.join()
"""), ["deep", "endless"] * 4)

    def test_the_last_thread_is_waited_for(self):
        self.assertEqual(lines("""
import atexit, threading, time
atexit.register(print, "exit")
def work():
    time.sleep(0.2)
    print("thread")
threading.Thread(target=work).start()
print("main")
"""), ["main", "thread", "exit"])

    def test_daemons_are_not(self):
        for options in [], ["--cold"]:
            start = time.monotonic()
            self.assertEqual(lines("""
import threading, time
def work():
    while True: time.sleep(0.01)
def spin():
    while True: pass
threading.Thread(target=work, daemon=True).start()
threading.Thread(target=spin, daemon=True).start()
threading.Thread(target=threading.Lock().__enter__, daemon=True).start()
time.sleep(0.1)
print("main")
""", *options), ["main"])
            self.assertLess(time.monotonic() - start, 10)

    def test_exit_status_from_a_thread(self):
        self.assertEqual(pylon("-c", "import os, threading\nthreading.Thread(target=os._exit, args=(7,)).start()\n"
                                     "threading.Lock().acquire(); threading.Event().wait()").code, 7)

    def test_generators_and_files_from_several(self):
        self.assertEqual(lines("""
import io, logging, threading
stream = io.StringIO()
logging.basicConfig(stream=stream, format="%(threadName)s %(message)s")
def work():
    for i in range(200): logging.warning("%d", i)
threads = [threading.Thread(target=work) for i in range(10)]
for thread in threads: thread.start()
for thread in threads: thread.join()
written = stream.getvalue().splitlines()
print(len(written), len(set(written)))
"""), ["2000 2000"])


class Interrupts(unittest.TestCase):
    def interrupted(self, text, ready="ready\n"):
        process = subprocess.Popen(command(["-c", text]), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=environment(), text=True)
        try:
            self.assertEqual(process.stdout.readline(), ready)
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            output, error = process.communicate(timeout=30)
        finally:
            process.kill()
            process.communicate()
        return output, error

    def test_the_main_thread_waits_for_a_lock(self):
        output, _ = self.interrupted("""
import threading
def work():
    while not ended: pass
ended = False
thread = threading.Thread(target=work); thread.start()
lock = threading.Lock(); lock.acquire()
print("ready", flush=True)
try: lock.acquire()
except KeyboardInterrupt: print("interrupted", threading.current_thread().name)
ended = True
thread.join()
""")
        self.assertEqual(output, "interrupted MainThread\n")

    def test_nobody_can_run(self):
        output, _ = self.interrupted("""
import threading
first, second = threading.Lock(), threading.Lock()
first.acquire()
def work():
    with second: first.acquire()
threading.Thread(target=work, daemon=True).start()
print("ready", flush=True)
try: second.acquire()
except KeyboardInterrupt: print("interrupted")
""")
        self.assertEqual(output, "interrupted\n")

    def test_all_of_them_work(self):
        output, _ = self.interrupted("""
import threading
def work():
    while not ended: pass
ended = False
threads = [threading.Thread(target=work) for i in range(3)]
for thread in threads: thread.start()
print("ready", flush=True)
try:
    while True: pass
except KeyboardInterrupt: print("interrupted")
ended = True
""")
        self.assertEqual(output, "interrupted\n")

    def test_interrupt_main(self):
        self.assertEqual(lines("""
import _thread, threading, time
threading.Timer(0.1, _thread.interrupt_main).start()
try: time.sleep(30)
except KeyboardInterrupt: print("interrupted")
"""), ["interrupted"])

    def test_a_time_limit_ends_a_deadlock(self):
        done = pylon("--timeout=1", "-c", "import threading\nlock = threading.Lock(); lock.acquire(); lock.acquire()")
        self.assertEqual(done.code, 124)


class AsNative(unittest.TestCase):
    def test_programs_print_the_same(self):
        program = """
import collections, threading, time
condition = threading.Condition()
turns = collections.deque()
def work(number):
    for i in range(5):
        with condition:
            condition.wait_for(lambda: len(turns) % 4 == number, timeout=20)
            turns.append(number)
            condition.notify_all()
threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(list(turns))
semaphore = threading.BoundedSemaphore(2)
most = now = 0
def limited():
    global most, now
    with semaphore:
        now += 1; most = max(most, now); time.sleep(0.01); now -= 1
threads = [threading.Thread(target=limited) for i in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(most, threading.enumerate() == [threading.main_thread()])
"""
        self.assertEqual(pylon("-c", program).out, execute(native_command(["-c", program])).out)


if __name__ == "__main__":
    unittest.main()
