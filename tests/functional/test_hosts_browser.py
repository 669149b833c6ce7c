"""pylon.wasm in a page: docs/hosts/browser in headless Chromium, from the first byte of output to Stop."""

import json
import os
import shutil
import subprocess
import unittest

from harness import HERE, SECONDS
from hosts import PROGRAMS, HostCase, absent, scripts, transpile

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")


class Browser(HostCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not CHROMIUM:
            raise absent("Chromium is not here")
        programs = scripts(cls.work)
        site = transpile(programs, cls.file, cls.work / "site", "--page")
        shutil.copy(HERE / "browser.mjs", programs)
        server = subprocess.Popen(["node", programs / "serve.mjs", site, "0"], stdout=subprocess.PIPE, text=True)
        try:
            address = server.stdout.readline().strip()
            cls.picture = cls.work / "page.png"
            done = subprocess.run(["node", programs / "browser.mjs", address, CHROMIUM, cls.picture], stdout=subprocess.PIPE, timeout=3 * SECONDS)
        finally:
            server.kill()
            server.communicate()
        if done.returncode != 0:
            raise AssertionError(f"browser.mjs ended with {done.returncode}")
        cls.saw = json.loads(done.stdout)

    def test_nothing_went_wrong(self):
        self.assertEqual(self.saw["problems"], [])

    def test_output_comes_while_the_program_runs(self):
        self.assertEqual(self.saw["early"]["state"], "running")
        self.assertNotIn("name?", self.saw["early"]["output"])
        self.assertTrue(self.saw["waiting"]["output"].startswith("Python 3.14"))
        self.assertEqual(self.saw["waiting"]["state"], "running")

    def test_a_line_of_input_arrives(self):
        self.assertTrue(self.saw["answered"]["output"].endswith("What is your name? Ada\nHello, Ada\n"))
        self.assertRegex(self.saw["answered"]["state"], "^ended with code 0 after ")

    def test_the_page_stays_responsive(self):
        self.assertLess(self.saw["busyPause"], 500)
        self.assertLess(self.saw["floodPause"], 500)

    def test_stop_ends_a_busy_program(self):
        self.assertEqual(self.saw["stopped"]["output"], "busy\n")
        self.assertRegex(self.saw["stopped"]["state"], "^stopped after ")

    def test_a_flood_is_bounded(self):
        self.assertLess(self.saw["flood"]["length"], 300_000)

    def test_an_error_shows_its_traceback(self):
        self.assertIn('File "<string>", line 2, in <module>\n', self.saw["error"]["output"])
        self.assertIn("json.decoder.JSONDecodeError: Expecting value", self.saw["error"]["output"])
        self.assertRegex(self.saw["error"]["state"], "^ended with code 1 ")

    def test_files_input_to_its_end_and_exit_code(self):
        self.assertEqual(self.saw["files"]["output"], "grüße\nkept 6\n")
        self.assertRegex(self.saw["files"]["state"], "^ended with code 1 ")

    def test_picture(self):
        self.assertEqual(self.picture.read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
        if os.environ.get("PYLON_GOLDEN") == "write":
            shutil.copy(self.picture, PROGRAMS / "browser.png")


if __name__ == "__main__":
    unittest.main()
