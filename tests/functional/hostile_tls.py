"""Runs inside the sandbox: handshakes and connections whose bytes a hostile peer has changed on the way.

usage: hostile_tls.py CERTIFICATES SEED COUNT. Whatever the bytes, each side either goes on or ends with an SSLError, delivers
nothing that was not sent, and never asks for ever. The last line says how many there were of each outcome."""

import collections
import contextlib
import pathlib
import random
import ssl
import sys

folder, seed, count = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
chance = random.Random(seed)
SENT = b"what was sent" * 20
MOST_STEPS = 40  # of a connection's two sides in turn


def contexts(version):
    client, host = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client.load_verify_locations(folder / "authority.pem")
    client.load_cert_chain(folder / "client.pem")
    host.load_cert_chain(folder / "server-ecdsa.pem")
    host.load_verify_locations(folder / "authority.pem")
    host.verify_mode = ssl.CERT_OPTIONAL
    for context in (client, host):
        context.minimum_version = context.maximum_version = version
        if version == ssl.TLSVersion.TLSv1_3:
            context.set_ecdh_curve("X25519")  # the cheapest
        context.set_alpn_protocols(["h2", "http/1.1"])
    host.sni_callback = lambda end, name, context: None
    return client, host


def keyed_contexts(version):
    client, host = (ssl.SSLContext(protocol) for protocol in (ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER))
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    for context in (client, host):
        context.minimum_version = context.maximum_version = version
        context.set_ciphers("PSK")
    client.set_psk_client_callback(lambda hint: ("me", b"sesame"))
    host.set_psk_server_callback(lambda identity: b"sesame", "hint")
    return client, host


def records(data):
    """The records of a flight; what is left over is the last one."""
    found = []
    while data:
        size = 5 + int.from_bytes(data[3:5]) if len(data) >= 5 else len(data)
        found.append(data[:size])
        data = data[size:]
    return found


def flip(data):
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1:]


def overwrite(data):
    at, new = chance.randrange(len(data)), chance.randbytes(chance.randrange(1, 9))
    return data[:at] + new + data[at + len(new):]


def cut(data):
    return data[:chance.randrange(len(data))]


def drop(data):
    at = chance.randrange(len(data))
    return data[:at] + data[at + chance.randrange(1, 40):]


def insert(data):
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.randbytes(chance.randrange(1, 40)) + data[at:]


def swap(data):
    found = records(data)
    chance.shuffle(found)
    return b"".join(found)


def repeat(data):
    found = records(data)
    at = chance.randrange(len(found))
    return b"".join(found[:at + 1] + found[at:])


def lengthen(data):
    """A record that says another length, up to the largest."""
    found = records(data)
    at, size = chance.randrange(len(found)), chance.choice((0, 1, 16384, 16385, 18432, 18433, 65535, chance.randrange(65536)))
    found[at] = found[at][:3] + size.to_bytes(2) + found[at][5:]
    return b"".join(found) + chance.choice((b"", bytes(size)))


def retype(data):
    found = records(data)
    at = chance.randrange(len(found))
    found[at] = bytes([chance.choice((20, 21, 22, 23, 24, 0, 0x80, 255))]) + found[at][1:]
    return b"".join(found)


def split(data):
    """The same handshake in records of few bytes, and empty ones: only where it is in the clear this changes nothing."""
    out = b""
    for record in records(data):
        body = record[5:]
        while body:
            size = min(len(body), chance.randrange(1, 20))
            out, body = out + record[:3] + size.to_bytes(2) + body[:size], body[size:]
        if not chance.randrange(4):
            out += record[:3] + bytes(2)
    return out


def message_size(data):
    """A handshake message that says another length."""
    if len(data) < 9:
        return data
    return data[:6] + chance.choice((0, 1, 0xFFFF, 0xFFFFFF, chance.randrange(1 << 24))).to_bytes(3) + data[9:]


def garbage(data):
    return chance.randbytes(len(data))


def plain(data):
    return chance.choice((b"GET / HTTP/1.1\r\n\r\n", b"\x80\x2e\x01\x00\x02" + bytes(50), b"\x16\x03\x01\x40\x00" + bytes(16384), b"\x15\x03\x03\x00\x02\x02\x28"))


CHANGES = (flip, overwrite, cut, drop, insert, swap, repeat, lengthen, retype, split, message_size, garbage, plain)


class Side:
    """One end, and what it has come to."""

    def __init__(self, end, outgoing):
        self.end, self.outgoing, self.shaken, self.over, self.read = end, outgoing, False, None, b""

    def step(self):
        """As far as it goes with what there is."""
        try:
            if not self.shaken:
                self.end.do_handshake()
                self.shaken = True
                self.end.write(SENT)
            while data := self.end.read(4096):
                self.read += data
            self.over = "closed"
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self.over = error.reason or "end"
        assert SENT.startswith(self.read), "something was read that was not sent"


def attack(client_context, host_context):
    """One connection, in which one flight is changed; the outcome."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    up_wire, down_wire = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = (Side(client_context.wrap_bio(down, up_wire, server_hostname="localhost"), (up_wire, up)),
             Side(host_context.wrap_bio(up, down_wire, server_side=True), (down_wire, down)))
    change, flight, seen = chance.choice(CHANGES), chance.randrange(5), 0
    for _ in range(MOST_STEPS):
        moved = False
        for side in sides:
            if side.over is None:
                side.step()
            wire, bio = side.outgoing
            if data := wire.read():
                moved = True
                changed = change(data) if seen == flight else data
                seen += 1
                bio.write(changed)
            if side.over is not None:
                with contextlib.suppress(ssl.SSLError):
                    bio.write_eof()
        if not moved:
            break
    else:
        raise AssertionError(f"{change.__name__} of flight {flight}: the two talk for ever")
    return " ".join(str(side.over or ("open" if side.shaken else "waits")) for side in sides)


VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
kinds = [make(version) for make in (contexts, keyed_contexts) for version in VERSIONS]
outcomes = collections.Counter(attack(*chance.choice(kinds)) for _ in range(count))
for outcome, times in outcomes.most_common(12):
    print(times, outcome)
print("total", outcomes.total(), "outcomes", len(outcomes))
