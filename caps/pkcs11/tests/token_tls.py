"""What tests of TLS with a token's key share: certificates that the token signs itself, and handshakes in memory."""

import base64
import hashlib
import ssl

from pkcs11 import Attribute, KeyType, Mechanism
from pkcs11.util import der, ec, rsa

_ALGORITHMS = {KeyType.RSA: "1.2.840.113549.1.1.11", KeyType.EC: "1.2.840.10045.4.3.2"}  # with SHA-256
_COMMON_NAME, _ALTERNATIVE_NAME, _RSA = "2.5.4.3", "2.5.29.17", "1.2.840.113549.1.1.1"
_BIT_STRING, _UTC_TIME, _GENERALIZED_TIME, _UTF8 = 0x03, 0x17, 0x18, 0x0c


def _sequence(*parts):
    return der.element(der.SEQUENCE, *parts)


def _public_key_info(public):
    if public.key_type == KeyType.EC:
        return ec.encode_ec_public_key(public)
    algorithm = _sequence(der.identifier(_RSA), der.element(der.NULL))
    return _sequence(algorithm, der.element(_BIT_STRING, b"\0", rsa.encode_rsa_public_key(public)))


def _signature(private, data):
    if private.key_type == KeyType.RSA:
        return private.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS)
    return ec.encode_ecdsa_signature(private.sign(hashlib.sha256(data).digest()))


def certificate(public, private, host="localhost"):
    """A certificate of the key pair for that host, signed with the key itself: PEM."""
    algorithm = _sequence(der.identifier(_ALGORITHMS[private.key_type]), *([der.element(der.NULL)] if private.key_type == KeyType.RSA else []))
    name = _sequence(der.element(0x31, _sequence(der.identifier(_COMMON_NAME), der.element(_UTF8, host.encode()))))
    validity = _sequence(der.element(_UTC_TIME, b"200101000000Z"), der.element(_GENERALIZED_TIME, b"20991231235959Z"))
    names = _sequence(der.element(0x82, host.encode()))
    extensions = _sequence(_sequence(der.identifier(_ALTERNATIVE_NAME), der.element(der.OCTET_STRING, names)))
    content = _sequence(der.element(0xa0, der.integer(2)), der.integer(1), algorithm, name, validity, name, _public_key_info(public), der.element(0xa3, extensions))
    whole = _sequence(content, algorithm, der.element(_BIT_STRING, b"\0", _signature(private, content)))
    return "-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(whole).decode() + "-----END CERTIFICATE-----\n"


def client(trusted, version):
    """The context of a client that trusts that certificate (PEM) and speaks that version alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=trusted)
    context.minimum_version = context.maximum_version = version
    return context


def talk(server_context, client_context):
    """A handshake and a message each way; what both sides say about it."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    client = client_context.wrap_bio(to_client, to_server, server_hostname="localhost")
    waiting = [client, server]
    for _ in range(10):
        for side in list(waiting):
            try:
                side.do_handshake()
                waiting.remove(side)
            except ssl.SSLWantReadError:
                pass
    if waiting:
        raise AssertionError("the handshake comes to no end")
    client.write(b"question")
    question = server.read()
    server.write(b"answer")
    return client.version(), client.cipher(), question, client.read(), client.getpeercert()


def curve(session, name="secp256r1"):
    """What generates key pairs on that curve."""
    return session.create_domain_parameters(KeyType.EC, {Attribute.EC_PARAMS: ec.encode_named_curve_parameters(name)}, local=True)
