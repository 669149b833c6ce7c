"""pylon.wasm in Node: transpiled by jco, run by docs/hosts/node.mjs."""

import unittest

from hosts import CapsInside, HostCase, Promises, scripts, transpile


class Node(Promises, CapsInside, HostCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.programs = scripts(cls.work)
        cls.made = transpile(cls.programs, cls.file, cls.work / "made")

    def command(self, options, arguments):
        return ["node", self.programs / "node.mjs", self.made, *options, *arguments]


if __name__ == "__main__":
    unittest.main()
