"""TLS with a peer that changes the bytes on the way: nothing traps, hangs or leaks, and nothing is read that was not sent."""

import os
import pathlib
import unittest

from harness import ROOT, Case, pylon

SCRIPT = pathlib.Path(__file__).resolve().with_name("hostile_tls.py")
CERTIFICATES = ROOT / "caps/openssl/tests/certificates"
# 10,000 take some minutes.
HANDSHAKES = int(os.environ.get("PYLON_HOSTILE_HANDSHAKES") or 600)


class HostileTest(Case):
    def test_changed_handshakes(self):
        """The interpreter and the cap need some 50 MB at the start; a connection that leaked something would go beyond the limit."""
        done = pylon("--max-memory=64M", f"--allow-read={CERTIFICATES}", "--timeout=550", SCRIPT, CERTIFICATES, 2026, HANDSHAKES, timeout=600)
        self.assertEqual((done.code, done.err), (0, ""))
        self.assertIn(f"total {HANDSHAKES} ", done.out)
        self.assertGreater(int(done.out.split()[-1]), 20, "the changes lead to hardly any different outcome")


if __name__ == "__main__":
    unittest.main()
