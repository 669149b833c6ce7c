"""Does what `crypto` asks for, under Pylon, over what a Python program would use.

Prints the rows that there are, as JSON; then reads names of rows and prints for each the seconds of one operation. The rows
are those of crypto_work.c."""

import hashlib
import json
import pathlib
import ssl
import sys
import time

from _openssl_cap import cipher, parameters, pkey

MIB, RECORD, MESSAGE = 1 << 20, 1 << 14, bytes(64)
LEAST_SECONDS = 0.002
DATA = bytes(i * 7 % 256 for i in range(MIB))
Text, Number = parameters.Value.Text, parameters.Value.Number


def sealing(name, size):
    sealer, nonce, text = cipher.Sealer.open(name, DATA[:32], 16), bytes(12), DATA[:size]
    return lambda: sealer.seal(nonce, [], text)


def signing(key, digest):
    signature = key.sign(pkey.Subject.MESSAGE, digest, [], MESSAGE)
    return (lambda: key.sign(pkey.Subject.MESSAGE, digest, [], MESSAGE)), (lambda: key.verify(pkey.Subject.MESSAGE, digest, [], MESSAGE, signature))


def rows():
    """What there is to do, by name."""
    keys = {"ed25519": (pkey.Key.generate("ED25519", []), None), "p-256": (pkey.Key.generate("EC", [("group", Text("P-256"))]), "SHA256"),
            "rsa-2048": (pkey.Key.generate("RSA", [("bits", Number(2048))]), "SHA256")}
    x25519, ml_kem = pkey.Key.generate("X25519", []), pkey.Key.generate("ML-KEM-768", [])
    ciphertext = ml_kem.encapsulate([]).ciphertext
    found = {f"{name}, 1 MiB": (lambda function=getattr(hashlib, name.replace("-", "_")): function(DATA).digest()) for name in ("sha256", "sha512", "sha3-256")}
    found |= {"aes-256-gcm, 1 MiB": sealing("AES-256-GCM", MIB), "aes-256-gcm, 16 KiB": sealing("AES-256-GCM", RECORD),
              "chacha20-poly1305, 1 MiB": sealing("ChaCha20-Poly1305", MIB)}
    for name, (key, digest) in keys.items():
        found[f"{name} sign"], found[f"{name} verify"] = signing(key, digest)
    found |= {"x25519 derive": lambda: x25519.derive(x25519, []), "ml-kem-768 decapsulate": lambda: ml_kem.decapsulate([], ciphertext)}
    return found


class Pair:
    """Both ends of a connection in this process, handshake done."""

    def __init__(self, server_context, client_context):
        self.to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.server = server_context.wrap_bio(self.to_server, to_client, server_side=True)
        self.client = client_context.wrap_bio(to_client, self.to_server, server_hostname="localhost")
        waiting = [self.client, self.server]
        while waiting:
            for end in waiting[:]:
                try:
                    end.do_handshake()
                    waiting.remove(end)
                except ssl.SSLWantReadError:
                    pass

    def write(self):
        self.client.write(DATA)
        self.to_server.read()

    def write_and_read(self):
        self.client.write(DATA)
        left = MIB
        while left:
            left -= len(self.server.read(left))


def tls_rows():
    certificate = pathlib.Path(__file__).resolve().with_name("localhost.pem")
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(certificate)
    client_context = ssl.create_default_context(cafile=certificate)
    one_way, both_ways = Pair(server_context, client_context), Pair(server_context, client_context)
    return {"tls 1.3 handshake": lambda: Pair(server_context, client_context), "tls write, 1 MiB": one_way.write, "tls write and read, 1 MiB": both_ways.write_and_read}


def timed(work):
    """Seconds of one operation: the mean of as many as take some milliseconds."""
    start, count, taken = time.perf_counter(), 0, 0
    while taken < LEAST_SECONDS:
        work()
        count += 1
        taken = time.perf_counter() - start
    return taken / count


def main():
    work = rows() | tls_rows()
    print(json.dumps(list(work)), flush=True)
    for line in sys.stdin:
        print(timed(work[line.rstrip("\n")]), flush=True)


if __name__ == "__main__":
    main()
