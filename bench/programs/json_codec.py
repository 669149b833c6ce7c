"""json: encoding and decoding of nested documents."""

import json

DOCUMENT = {
    "users": [
        {"id": i, "name": f"name {i}", "mail": f"user{i}@example.org", "score": i / 7, "tags": ["a", "b", str(i)],
         "address": {"street": "Rue de l'\u00c9t\u00e9 %d" % i, "zip": None, "valid": i % 3 == 0}}
        for i in range(900)
    ]
}


def run():
    size = 0
    for turn in range(6):
        text = json.dumps(DOCUMENT, ensure_ascii=bool(turn % 2), sort_keys=True, indent=2 if turn == 5 else None)
        size += len(text) + len(json.loads(text)["users"])
    return size
