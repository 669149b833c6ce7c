"""What the openssl cap gives back of its memory keeps no secrets: the process's memory is searched for them."""

import os
import unittest

import harness

# Of the component's constant data; nothing else in the process says so.
COMPONENT = b"OpenSSL generic opaque secret key"

# Makes objects that hold secrets, tells them, and waits; lets go of the objects, and waits again.
PROGRAM = """
import gc, pathlib, secrets, ssl, sys
from _openssl_cap import kdf, mac, parameters, pkey

def tell(stage, **known):
    print(stage, *(f"{name}={value.hex()}" for name, value in known.items()), flush=True)
    sys.stdin.readline()

text, octets, number = parameters.Value.Text, parameters.Value.Octets, parameters.Value.Number
ed25519 = pkey.Key.generate("ED25519", [])
rsa = pkey.Key.generate("RSA", [("bits", number(2048))])
hmac_key, password = secrets.token_bytes(48), secrets.token_bytes(40)
hmac = mac.Authenticator.open("HMAC", hmac_key, [("digest", text("SHA256"))])
hmac.update(b"message")
kdf.derive("PBKDF2", [("pass", octets(password)), ("salt", octets(b"salt" * 4)), ("digest", text("SHA256")), ("iter", number(1000))], 32)

pem = ed25519.save(pkey.Part.PRIVATE, pkey.Format.STANDARD, pkey.Encoding.PEM, ("AES-256-CBC", password))
assert pkey.Key.load(pem, password).equals(ed25519)

server_context, client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=sys.argv[1])
server_context.load_cert_chain(sys.argv[1])
client_context.keylog_filename = sys.argv[2]
up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
client, server = client_context.wrap_bio(down, up, server_hostname="localhost"), server_context.wrap_bio(up, down, server_side=True)
for turn in range(4):
    for end in (client, server):
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            pass
said = secrets.token_bytes(5000)
client.write(said)
assert server.read(10000) == said
logged = {line.split()[0].lower(): bytes.fromhex(line.split()[2]) for line in pathlib.Path(sys.argv[2]).read_text().splitlines()[1:]}
held = dict(ed25519=ed25519.raw(pkey.Part.PRIVATE), rsa=bytes(rsa.component("rsa-factor1").value), hmac=hmac_key,
            client=logged["client_traffic_secret_0"], server=logged["server_traffic_secret_0"])
tell("held", **held)
del ed25519, rsa, hmac, client, server, end, server_context, client_context
gc.collect()
tell("gone", password=password, plaintext=said[2000:2032], **held)
"""


class Region:
    """Memory that lies together, as what a program and its data are."""

    def __init__(self, start):
        self.start = self.end = start
        self.content = b""


def regions(process):
    """The memory of a process that can be written, mappings that touch each other as one."""
    found = []
    with open(f"/proc/{process}/maps") as maps, open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            start, end = (int(word, 16) for word in span.split("-"))
            if not rights.startswith("rw"):
                continue
            if not found or found[-1].end != start:
                found.append(Region(start))
            memory.seek(start)
            found[-1].content += memory.read(end - start)
            found[-1].end = end
    return found


class ClearedMemoryTest(harness.Case):
    def memory_of_component(self, process):
        found = [region.content for region in regions(process) if COMPONENT in region.content]
        self.assertEqual(len(found), 1, "what tells the component's memory does not tell it any more")
        return found[0]

    def test_secrets_go_with_their_objects(self):
        certificate, log = harness.ROOT / "caps/openssl/bench/localhost.pem", self.folder / "keys.log"
        with harness.Running(f"--allow-read={certificate}", f"--allow-write={self.folder}", "-c", PROGRAM, certificate, log) as running:
            def told():
                """What the program tells, as what lies in memory: numbers begin with their last octet there."""
                words = running.until(b"\n").decode().split()[1:]
                known = {name: bytes.fromhex(value) for name, value in (word.split("=") for word in words)}
                return known | {"rsa": known["rsa"][::-1]}

            secrets = told()
            memory = self.memory_of_component(running.process.pid)
            self.assertEqual([name for name, value in secrets.items() if value not in memory], [], "held, and not to be seen: the test is blind")
            running.send(b"\n")
            secrets = told()
            memory = self.memory_of_component(running.process.pid)
            self.assertEqual([name for name, value in secrets.items() if value in memory], [])
            running.send(b"\n")
            self.assertEqual(running.finish().code, 0)


if __name__ == "__main__":
    unittest.main()
