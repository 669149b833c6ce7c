"""pickle and copy: structures of lists, dictionaries and dates, out and back."""

import copy
import datetime
import pickle

RECORDS = [
    {"id": i, "when": datetime.datetime(2026, 1 + i % 12, 1 + i % 28, i % 24), "values": list(range(i % 30)),
     "pair": (i, str(i)), "nested": {"key": [None, True, i / 3, b"bytes" * (i % 5)]}}
    for i in range(2000)
]


def run():
    size = 0
    for protocol in (2, 4, 5):
        data = pickle.dumps(RECORDS, protocol)
        size += len(data) + pickle.loads(data)[-1]["id"]
    copies = copy.deepcopy(RECORDS[:400])
    return [size, copies == RECORDS[:400], copies[3] is RECORDS[3]]
