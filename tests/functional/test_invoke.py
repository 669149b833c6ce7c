"""composectl invoke: JSON in and out, for every type that a contract may use."""

import base64
import json
import os
import shutil
import unittest

from harness import execute
from plans import BUILD, COMPOSECTL, PlanCase

BIG = 2**64 - 1
ROUND_TRIPS = {  # function of the interface values -> arguments that come back as they are
    "bool": [True, False],
    "u8": [0, 255], "u16": [65535], "u32": [4294967295], "u64": [BIG],
    "s8": [-128, 127], "s16": [-32768], "s32": [-(2**31)], "s64": [-(2**63), 2**63 - 1],
    "f32": [0.5, -3.25, "nan", "inf"], "f64": [0.1, 1e300, "-inf"],
    "char": ["a", "é", "€", "😀"],
    "string": ["", "grüße 😀"],
    "list-bool": [[], [True, False]], "list-s8": [[-1, 1]], "list-u16": [[0, 65535]], "list-s16": [[-32768]],
    "list-u32": [[1]], "list-s32": [[-(2**31)]], "list-u64": [[BIG]], "list-s64": [[-(2**63), 0]],
    "list-f32": [[0.5, "nan"]], "list-f64": [[0.1, "inf"]], "list-char": [["x", "😀"]], "list-string": [["a", ""]],
    "list-list": [[[1, 2], []]], "list-color": [["red", "deep-blue"]],
    "option": [None, -7], "option-string": [None, "", "x"], "option-list": [None, [], [1]],
    "nested-option": [None, [None], [5]], "deep-option": [None, [None], [[None]], [["x"]]],
    "point": [{"x": 1, "y": -2}], "path": [[{"x": 1, "y": 2}, {"x": 3, "y": 4}]],
    "color": ["green"], "permissions": [[], ["read", "execute"]],
    "shape": ["nothing", {"circle": 1.5}, {"named": "x"}, {"at": {"x": 1, "y": 2}}, {"blob": {"base64": "AP8="}}],
    "results": [[{"ok": 1}, {"err": "no"}]], "bare-results": [[{"ok": None}, {"err": None}]],
    "bytes": [{"base64": ""}, {"base64": "AAH/"}], "list-bytes": [[{"base64": "AA=="}, {"base64": ""}]],
    "option-bytes": [None, {"base64": "AA=="}], "tuple": [[1, "x", {"base64": "/w=="}]],
    "everything": [{"flag": True, "small": 1, "wide": -5, "ratio": 0.25, "letter": "é", "text": "t", "data": {"base64": "AQ=="},
                    "words": ["a", "b"], "maybe": 7, "pair": [-1, "x"], "outcome": {"err": "bad"}, "paint": "deep-blue",
                    "allowed": ["write"], "outline": {"at": {"x": 0, "y": 0}}, "route": [{"x": 9, "y": 8}]}],
}


class Invoke(PlanCase):
    def setUp(self):
        super().setUp()
        self.composectl("plan", "verify", self.plan)

    def invoke(self, method, arguments=None, *options, code=0, env=None):
        words = [] if arguments is None else [arguments if isinstance(arguments, str) else json.dumps(arguments)]
        done = execute([COMPOSECTL, "invoke", "echo", method, *words, f"--plan={self.plan}", "--json", *options],
                       env=env or self.environment)
        self.assertEqual(done.code, code, (method, arguments, done.out, done.err))
        return json.loads(done.out or done.err)

    def refuses(self, method, arguments, *parts, code=2):
        error = self.invoke(method, arguments, code=code)["error"]
        for part in parts:
            self.assertIn(part, error["message"] + " " + error.get("hint", ""))

    def test_every_type_comes_back(self):
        for name, values in ROUND_TRIPS.items():
            for value in values:
                with self.subTest(type=name, value=value):
                    self.assertEqual(self.invoke(f"values.echo-{name}", [value]), {"result": value})

    def test_each_way_to_write_bytes(self):
        for value in ("grüße", list("grüße".encode()), {"base64": base64.b64encode("grüße".encode()).decode()}):
            for method, wrap in (("echo-bytes", lambda v: v), ("echo-list-bytes", lambda v: [v])):
                self.assertEqual(self.invoke(f"values.{method}", [wrap(value)]),
                                 {"result": wrap({"base64": base64.b64encode("grüße".encode()).decode()})})

    def test_arguments_by_name_and_records_by_position(self):
        many = {"a": 1, "b": "two", "c": "three", "d": 4.0, "e": -5, "g": [6, 7], "h": "nothing", "i": True}
        expected = [1, "two", {"base64": "dGhyZWU="}, 4.0, -5, None, {"x": 6, "y": 7}, "nothing", True]
        self.assertEqual(self.invoke("values.echo-many", many), {"result": expected})
        self.assertEqual(self.invoke("values.mix", {"more": False, "level": 1, "chunk": "x"})["result"].keys(), {"base64"})
        self.assertEqual(self.invoke("values.nothing"), {"result": None})
        self.assertEqual(self.invoke("errors.code-of"), self.invoke("errors.code-of", [None]))

    def test_errors_are_values(self):
        for method, argument, error in (("text", True, None), ("code-of", "too-large", "too-large"), ("io", {"system": -3}, {"system": -3}),
                                        ("io", "closed", "closed"), ("problem-at", {"line": 1, "reason": "x"}, {"line": 1, "reason": "x"}),
                                        ("nothing", True, None), ("only-ok", True, None), ("bytes", True, None)):
            answer = self.invoke(f"errors.{method}", [argument], code=1)
            self.assertEqual(list(answer), ["error"], method)
            if error is not None:
                self.assertEqual(answer["error"], error)
        self.assertEqual(list(self.invoke("errors.bytes", [True], code=1)["error"]), ["base64"])
        self.assertEqual(list(self.invoke("errors.bytes", [False])["result"]), ["base64"])

    def test_what_does_not_fit_is_named(self):
        for method, arguments, *parts in (
                ("values.echo-u8", [256], "'v' is not a value of the type u8"), ("values.echo-u8", [-1], "u8"), ("values.echo-u8", [1.5], "u8"),
                ("values.echo-u8", ["1"], "u8"), ("values.echo-u8", [True], "u8"), ("values.echo-bool", [1], "bool"),
                ("values.echo-char", ["ab"], "char"), ("values.echo-char", [""], "char"), ("values.echo-string", [1], "string"),
                ("values.echo-bytes", [[256]], "list of bytes"), ("values.echo-bytes", [{"base64": "*"}], "base64"),
                ("values.echo-list-u16", [[1, 70000]], "'v'[1]"), ("values.echo-list-string", [["a", 2]], "'v'[1]"),
                ("values.echo-point", [{"x": 1}], "'v' has no y"), ("values.echo-point", [{"x": 1, "y": 2, "z": 3}], "x, y"),
                ("values.echo-point", [{"x": 1, "y": "2"}], "'v'.y"), ("values.echo-color", ["pink"], "red, green, deep-blue"),
                ("values.echo-permissions", [["fly"]], "read, write, execute"), ("values.echo-shape", ["square"], "circle"),
                ("values.echo-shape", [{"circle": "x"}], "'v'.circle"), ("values.echo-shape", [{"nothing": 1}], "holds nothing"),
                ("values.echo-shape", ["circle"], "'v'.circle"), ("values.echo-nested-option", [5], "option of an option"),
                ("values.echo-results", [[{"maybe": 1}]], "ok"), ("values.echo-tuple", [[1, "x"]], "a list of 3"),
                ("values.echo-u8", [], "'v' is missing"), ("values.echo-u8", [1, 2], "takes 1"), ("values.echo-u8", {"w": 1}, "'v' is missing"),
                ("values.mix", {"chunk": "", "level": 1, "more": True, "most": 1}, "4 arguments"), ("values.echo-u8", "5", "no JSON array or object"),
                ("values.echo-u8", "[", "no JSON array or object"), ("values.echo-nine", [1], "no method", "values.echo-u8")):
            with self.subTest(method=method, arguments=arguments):
                self.refuses(method, arguments, *parts)

    def test_objects_are_refused(self):
        for method, arguments in (("things.counter.new", [1]), ("things.counter.add", [1, 2]), ("things.counter.checked", [1]),
                                  ("things.sum", [[]]), ("things.maybe", [None]), ("things.split", [1, 2])):
            self.refuses(method, arguments, "live no longer than this one call", "from a program")
        self.assertEqual(self.invoke("things.alive"), {"result": 0})

    def test_callbacks_have_nobody_to_go_to(self):
        self.assertIn("error", self.invoke("calling.nest", [1], code=1))

    def test_bytes_as_they_are(self):
        payload, answer = self.write("payload", bytes(range(256))), self.folder / "answer"
        self.invoke("values.echo-bytes", None, f"--payload={payload}", f"--output={answer}")
        self.assertEqual(answer.read_bytes(), bytes(range(256)))
        self.assertEqual(self.invoke("values.echo-u8", None, f"--payload={payload}", code=1)["error"]["kind"], "refused")

    def test_home_is_honoured(self):
        moved = self.outside / "moved"
        shutil.move(self.home, moved)
        bare = {"PATH": os.environ["PATH"]}
        self.assertEqual(self.invoke("values.echo-u8", [7], f"--home={moved}", env=bare), {"result": 7})
        self.assertFalse(self.home.exists())
        self.invoke("values.echo-u8", [7], f"--home={self.outside / 'nobody'}", env=bare, code=1)

    def test_an_untrusted_plan_is_refused(self):
        shutil.rmtree(self.home / "trust")
        self.refuses("values.echo-u8", [7], "not trusted", "composectl trust add", code=1)

    def test_without_json_the_value_alone_is_printed(self):
        done = execute([COMPOSECTL, "invoke", "echo", "values.echo-point", '[{"x": 1, "y": 2}]', f"--plan={self.plan}"], env=self.environment)
        self.assertEqual((done.code, done.out), (0, '{"x":1,"y":2}\n'))
        done = execute([COMPOSECTL, "invoke", "echo", "errors.io", '["closed"]', f"--plan={self.plan}"], env=self.environment)
        self.assertEqual((done.code, done.out), (1, 'error: "closed"\n'))

    def test_the_installs_caps(self):
        """The plan of the build, by its own trust."""
        root = json.loads((BUILD / "lib/pylon/plan.json").read_text())["components"]
        cap = next(one["id"] for one in root if "schema" in one)
        done = execute([COMPOSECTL, "invoke", cap, "no-such-method", "--json"], env=self.environment)
        self.assertEqual(done.code, 2, done)
        self.assertIn("it has: ", json.loads(done.out or done.err)["error"]["hint"])


if __name__ == "__main__":
    unittest.main()
