"""os.pipe() and os.dup2(): inside of the interpreter, as programs know them."""

import unittest

from harness import PYLON, Case

THREADS = (PYLON.parent.parent / "lib/pylon/python.native").exists()


class Pipes(Case):
    def good(self, text, *before):
        """Runs a program that has to end well and say nothing."""
        result = self.code(text, before=before)
        self.assertEqual((result.code, result.out, result.err), (0, "", ""))

    def test_reading_and_writing(self):
        self.good("""
            import errno, os, stat
            r, w = os.pipe()
            assert os.write(w, b"hello") == 5 and os.read(r, 3) == b"hel" and os.read(r, 10) == b"lo"
            assert stat.S_ISFIFO(os.fstat(r).st_mode) and not os.isatty(r)
            for fd, function in ((r, lambda: os.write(r, b"x")), (w, lambda: os.read(w, 1)), (r, lambda: os.lseek(r, 0, 0))):
                try:
                    function()
                except OSError as error:
                    assert error.errno in (errno.EBADF, errno.ESPIPE), error
                else:
                    raise AssertionError
            assert os.get_blocking(r)
            os.set_blocking(r, False)
            os.set_blocking(w, False)
            assert not os.get_blocking(r)
            try:
                os.read(r, 1)
            except BlockingIOError:
                pass
            sent = 0
            try:
                while True:
                    sent += os.write(w, bytes(5000))
            except BlockingIOError:
                pass
            assert sent == 65536 and len(os.read(r, 100_000)) == sent, sent
            os.close(w)
            assert os.read(r, 1) == b""
            r2, w2 = os.pipe()
            os.close(r2)
            try:
                os.write(w2, b"x")
            except BrokenPipeError:
                pass
            else:
                raise AssertionError
        """)

    def test_files_over_a_pipe(self):
        self.good("""
            import os
            r, w = os.pipe()
            with open(w, "w") as out:
                assert not out.seekable()
                out.write("one\\ntwo\\n")
            with open(r) as lines:
                assert list(lines) == ["one\\n", "two\\n"]
        """)

    def test_waiting(self):
        self.good("""
            import os, select, socket, time
            r, w = os.pipe()
            assert select.select([r], [w], [], 0) == ([], [w], [])
            began = time.monotonic()
            assert select.select([r], [], [], 0.05) == ([], [], []) and time.monotonic() - began > 0.04
            os.write(w, b"x")
            assert select.select([r], [], [r]) == ([r], [], [])
            poll = select.poll()
            poll.register(r, select.POLLIN)
            poll.register(w, select.POLLOUT)
            assert sorted(poll.poll()) == [(r, select.POLLIN), (w, select.POLLOUT)]
            a, b = socket.socketpair()
            assert select.select([r, a], [], []) == ([r], [], [])
            os.read(r, 1)
            b.send(b"y")
            assert select.select([r, a], [], [], 5) == ([a], [], [])
            a.recv(1)
            assert select.select([r, a], [], [], 0.01) == ([], [], [])
            os.close(w)
            assert select.select([r], [], [])[0] == [r] and poll.poll(0)[0] == (r, select.POLLHUP)
        """, "--allow-net=localhost")

    def test_closed_descriptors(self):
        self.good("""
            import errno, os, select
            r, w = os.pipe()
            os.close(w)
            for sets in (([w], [], []), ([], [w], []), ([r], [], [w])):
                try:
                    select.select(*sets, 0)
                except OSError as error:
                    assert error.errno == errno.EBADF, error
                else:
                    raise AssertionError(sets)
        """)

    def test_second_descriptors(self):
        self.good("""
            import os
            r, w = os.pipe()
            kept = os.dup(1)
            assert os.dup2(w, 1) == 1
            print("into the pipe", flush=True)
            os.dup2(kept, 1)
            assert os.read(r, 100) == b"into the pipe\\n"
            assert os.dup2(w, 40) == 40 and os.dup2(w, w) == w
            os.close(w)
            low, high = os.pipe()
            os.close(low)
            os.close(high)
            assert os.dup2(40, low) == low
            os.close(low)
            os.write(40, b"still")
            assert os.read(r, 9) == b"still"
            os.close(40)
            assert os.read(r, 9) == b""
            for wrong in ((99, 5), (r, -1), (-1, 5)):
                try:
                    os.dup2(*wrong)
                except OSError:
                    continue
                raise AssertionError(wrong)
            with open("file", "w") as file:
                number = os.dup2(file.fileno(), 50)
            os.write(number, b"in the file")
            os.close(number)
            assert open("file").read() == "in the file"
        """, "--allow-write=.")

    @unittest.skipUnless(THREADS, "this build has no native code, and so no threads")
    def test_threads(self):
        self.good("""
            import os, select, socket, threading, time
            r, w = os.pipe()
            got = []
            def reads():
                while data := os.read(r, 1000):
                    got.append(len(data))
            thread = threading.Thread(target=reads)
            thread.start()
            for _ in range(50):
                os.write(w, bytes(10_000))
            os.close(w)
            thread.join(10)
            assert sum(got) == 500_000, sum(got)
            r, w = os.pipe()
            a, b = socket.socketpair()
            for wakes in (lambda: os.write(w, b"x"), lambda: b.send(b"x")):
                def later():
                    time.sleep(0.05)
                    wakes()
                threading.Thread(target=later).start()
                began = time.monotonic()
                ready, _, _ = select.select([r, a], [], [], 20)
                assert len(ready) == 1 and 0.02 < time.monotonic() - began < 10, ready
                os.read(r, 1) if ready == [r] else a.recv(1)
            threading.Timer(0.05, os.close, (w,)).start()
            assert os.read(r, 1) == b""
        """, "--allow-net=localhost")

    @unittest.skipUnless(THREADS, "this build has no native code, and so no threads")
    def test_asyncio(self):
        self.good("""
            import asyncio, os, threading
            async def main():
                r, w = os.pipe()
                loop = asyncio.get_running_loop()
                reader = asyncio.StreamReader()
                await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), open(r, "rb", 0))
                transport, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, open(w, "wb", 0))
                transport.write(bytes(300_000) + b"end")
                transport.close()
                data = await asyncio.wait_for(reader.read(), 20)
                assert len(data) == 300_003 and data.endswith(b"end")
            asyncio.run(main())
        """, "--allow-net=localhost")


if __name__ == "__main__":
    unittest.main()
