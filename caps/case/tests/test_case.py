"""Every style, the borders of words, and letters beyond ASCII."""

import unittest

import case

STYLES = {
    "camel": "parseHttpResponse2", "pascal": "ParseHttpResponse2", "snake": "parse_http_response2", "constant": "PARSE_HTTP_RESPONSE2",
    "kebab": "parse-http-response2", "cobol": "PARSE-HTTP-RESPONSE2", "train": "Parse-Http-Response2", "title": "Parse Http Response2",
    "sentence": "Parse http response2", "dot": "parse.http.response2", "path": "parse/http/response2", "flat": "parsehttpresponse2",
    "lower": "parse http response2", "upper": "PARSE HTTP RESPONSE2"}


class CaseTest(unittest.TestCase):
    def test_every_style(self):
        self.assertEqual(set(case.styles), set(STYLES))
        for style, expected in STYLES.items():
            self.assertEqual(case.convert("parseHTTPResponse2", style), expected)
            self.assertEqual(getattr(case, style)("parse_HTTP-response2"), expected)

    def test_words(self):
        for text, expected in (("XMLHttpRequest", ["XML", "Http", "Request"]), ("ABC123DEF456", ["ABC123DEF456"]), ("abc123DEF456", ["abc123", "DEF456"]),
                               ("  a--b__c ", ["a", "b", "c"]), ("", []), ("!?", []), ("aB", ["a", "B"]), ("don't", ["don", "t"])):
            self.assertEqual(case.words(text), expected, text)

    def test_beyond_ascii(self):
        self.assertEqual(case.constant("straßenBahn"), "STRASSEN_BAHN")
        self.assertEqual(case.snake("ÉcoleÀParis"), "école_à_paris")
        self.assertEqual(case.snake("ΦΙΛΟΣ ΦΙΛΟΣ"), "φιλος_φιλος")
        self.assertEqual(case.title("ǆungla"), "ǅungla")
        self.assertEqual(case.pascal("привет-мир 世界"), "ПриветМир世界")

    def test_bad_arguments(self):
        self.assertRaises(ValueError, case.convert, "x", "nope")
        self.assertRaises(TypeError, case.snake, b"x")


if __name__ == "__main__":
    unittest.main()
