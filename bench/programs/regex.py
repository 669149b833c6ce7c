"""re: the kinds of search that a log reader and a tokenizer do."""

import re

WORDS = ["alpha", "beta42", "gamma_delta", "0x1F", "3.1415", "'quoted text'", "==", "(", ")", "user@example.org",
         "2026-11-21T08:15:00Z", "192.168.0.1"]
TOKEN = re.compile(r"(?P<number>0[xX][0-9a-fA-F]+|\d+\.\d+|\d+)|(?P<name>[A-Za-z_]\w*)|(?P<text>'[^']*')"
                   r"|(?P<operator>==|[-+*/()@.:])|(?P<space>\s+)")
DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)")
ADDRESS = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")
MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")


def run():
    text = " ".join(WORDS[i * 7 % len(WORDS)] for i in range(10_000))
    counts = {}
    for match in TOKEN.finditer(text):
        counts[match.lastgroup] = counts.get(match.lastgroup, 0) + 1
    dates = sum(int(year) for year, *_ in DATE.findall(text))
    changed = MAIL.sub(lambda match: match[0].upper(), text)
    pieces = re.split(r"[()\s]+", changed)
    return [sorted(counts.items()), dates, len(ADDRESS.findall(text)), len(pieces), changed.count("USER")]
