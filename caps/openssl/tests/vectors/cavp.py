"""NIST's CAVP vectors of digests and block ciphers against the component: `cavp.py FOLDER` prints JSON as wycheproof.py does.

FOLDER is that of the PyPI package cryptography-vectors."""

import json
import pathlib
import sys

from _openssl_cap import cipher, digest

DIGESTS = {"SHA512_224": "SHA2-512/224", "SHA512_256": "SHA2-512/256"}
MODES = {"CBC": "cbc", "CFB8": "cfb8", "CFB128": "cfb", "OFB": "ofb", "ECB": "ecb"}


def records(file):
    """The records of a file: its assignments, with those in brackets before it."""
    header, record = {}, {}
    for line in [*file.read_text().splitlines(), ""]:
        line = line.strip()
        if line.startswith("["):
            name, _, value = line.strip("[]").partition("=")
            header = {**(header if value else {}), name.strip(): value.strip()}
        elif "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            record[name.strip()] = value.strip()
        elif not line and record:
            yield header | record
            record = {}


def check_digest(file, record):
    name = file.name.removesuffix(".rsp").removesuffix("Msg").removesuffix("Short").removesuffix("Long").removesuffix("VariableOut")
    name = DIGESTS.get(name, name.replace("_", "-"))
    if "Msg" not in record:
        return None
    bits = record.get("Len") or record.get("Inputlen") or str(len(record["Msg"]) * 4)
    want = bytes.fromhex(record["MD"] if "MD" in record else record["Output"])
    data = bytes.fromhex(record["Msg"])[:int(bits) // 8]
    return digest.hash(name, data, len(want) if name.startswith("SHAKE") else None) == want


def check_cipher(file, record):
    mode = next((MODES[mode] for mode in MODES if file.name.startswith(mode)), None)
    if mode is None or "PLAINTEXT" not in record:
        return None
    key = bytes.fromhex(record["KEY"])
    iv, text, secret = (bytes.fromhex(record.get(name, "")) for name in ("IV", "PLAINTEXT", "CIPHERTEXT"))
    name, encrypts = f"aes-{len(key) * 8}-{mode}", "ENCRYPT" in record
    under_way = cipher.Transformer.open(name, cipher.Direction.ENCRYPT if encrypts else cipher.Direction.DECRYPT, key, iv, False)
    return under_way.update(text if encrypts else secret) + under_way.finish() == (secret if encrypts else text)


def main(folder):
    results = {"passed": {}, "failed": {}, "not_offered": {}}
    files = [(file, check_digest) for family in ("SHA1", "SHA2", "SHA3", "SHAKE") for file in sorted((folder / "hashes" / family).glob("*.rsp"))]
    files += [(file, check_cipher) for file in sorted((folder / "ciphers/AES").glob("*/*.rsp"))]
    for file, check in files:
        name = file.relative_to(folder).as_posix().removesuffix(".rsp")
        if "Monte" in name or "MCT" in name:
            continue
        outcomes = [check(file, record) for record in records(file)]
        if True in outcomes:
            results["passed"][name] = outcomes.count(True)
        if False in outcomes:
            results["failed"][name] = [[position, "valid", False, ""] for position, outcome in enumerate(outcomes) if outcome is False]
    print(json.dumps(results))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
