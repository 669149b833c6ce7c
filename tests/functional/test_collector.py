"""The collector of cycles, on types that it clears in a way of its own."""

import unittest

from harness import Case


class Collector(Case):
    def test_method_callers(self):
        """A cycle of which a methodcaller is cleared before anything else lets go of it."""
        program = """
import gc, operator
first = []
caller = operator.methodcaller("f", first)
second = [caller]
second.append(second)
first.append(second)
del first, caller, second
print(gc.collect())
"""
        for options in ((), ("--cold",)):
            with self.subTest(options=options):
                done = self.pylon(*options, "-c", program)
                self.assertEqual((done.code, done.err), (0, ""))
                self.assertGreaterEqual(int(done.out), 3)


if __name__ == "__main__":
    unittest.main()
