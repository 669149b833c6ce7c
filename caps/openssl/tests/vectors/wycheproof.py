"""Project Wycheproof's vectors against the component: `wycheproof.py FOLDER` prints JSON with what passed, what did not, and what is not offered.

A vector of result "valid" has to come out exactly so; one of "invalid" has to be refused, or to come out as something else; of
"acceptable" either will do, but no failure of another kind."""

import json
import pathlib
import sys

from _openssl_cap import bignum, cipher, error, kdf, mac, parameters, pkey

Text, Octets, Number, Integer = parameters.Value.Text, parameters.Value.Octets, parameters.Value.Number, parameters.Value.Integer
PUBLIC, PRIVATE, MESSAGE = pkey.Part.PUBLIC, pkey.Part.PRIVATE, pkey.Subject.MESSAGE
AEADS = {"AES-GCM": "aes-{}-gcm", "AES-CCM": "aes-{}-ccm", "AES-GCM-SIV": "aes-{}-gcm-siv", "ARIA-GCM": "aria-{}-gcm", "ARIA-CCM": "aria-{}-ccm",
         "SM4-GCM": "sm4-gcm", "SM4-CCM": "sm4-ccm", "CHACHA20-POLY1305": "chacha20-poly1305", "AEAD-AES-SIV-CMAC": "siv"}
BLOCK_CIPHERS = {"AES-CBC-PKCS5": "aes-{}-cbc", "ARIA-CBC-PKCS5": "aria-{}-cbc", "CAMELLIA-CBC-PKCS5": "camellia-{}-cbc", "AES-XTS": "aes-{}-xts"}
WRAPS = {"AES-WRAP": ("aes-{}-wrap", b"\xa6" * 8), "AES-KWP": ("aes-{}-wrap-pad", b"\xa6\x59\x59\xa6")}
DIGESTS = {"SHA-1": "SHA1", "SHA-224": "SHA2-224", "SHA-256": "SHA2-256", "SHA-384": "SHA2-384", "SHA-512": "SHA2-512",
           "SHA-512/224": "SHA2-512/224", "SHA-512/256": "SHA2-512/256"}


class NotOffered(Exception):
    """OpenSSL has nothing like it."""


def octets(text):
    return bytes.fromhex(text)


def digest(name):
    if name.startswith("SHAKE"):
        raise NotOffered
    return DIGESTS.get(name, name)


def transform(name, direction, key, iv, padding, data):
    under_way = cipher.Transformer.open(name, direction, key, iv, padding)
    return under_way.update(data) + under_way.finish()


def aead(document, group):
    name = AEADS.get(document["algorithm"])
    if name is None:
        raise NotOffered
    key_size, siv = group["keySize"], name == "siv"
    name = f"aes-{key_size // 2}-siv" if siv else name.format(key_size)

    def check(test):
        sealer = cipher.Sealer.open(name, octets(test["key"]), group["tagSize"] // 8)
        iv, aad, text, sealed = octets(test["iv"]), octets(test["aad"]), octets(test["msg"]), octets(test["ct"]) + octets(test["tag"])
        nonce, additional = (b"", [aad, iv]) if siv else (iv, [aad])
        return sealer.unseal(nonce, additional, sealed) == text and sealer.seal(nonce, additional, text) == sealed

    return check


def block_cipher(document, group):
    pattern = BLOCK_CIPHERS[document["algorithm"]]
    padding = "xts" not in pattern

    def check(test):
        key, iv = octets(test["key"]), octets(test["iv"])
        name = pattern.format(len(key) * (8 if padding else 4))
        iv = iv.ljust(16, b"\0")  # XTS counts sectors, the lowest byte first
        return (transform(name, cipher.Direction.DECRYPT, key, iv, padding, octets(test["ct"])) == octets(test["msg"])
                and transform(name, cipher.Direction.ENCRYPT, key, iv, padding, octets(test["msg"])) == octets(test["ct"]))

    return check


def key_wrap(document, group):
    if document["algorithm"] not in WRAPS:
        raise NotOffered
    name, iv = WRAPS[document["algorithm"]]

    def check(test):
        key = octets(test["key"])
        whole = name.format(len(key) * 8)
        return (transform(whole, cipher.Direction.DECRYPT, key, iv, False, octets(test["ct"])) == octets(test["msg"])
                and transform(whole, cipher.Direction.ENCRYPT, key, iv, False, octets(test["msg"])) == octets(test["ct"]))

    return check


def code(document, group):
    name, size = document["algorithm"], group["tagSize"] // 8

    def parameters_of(test):
        if name.startswith("HMAC"):
            sha = name.removeprefix("HMAC")
            sha = sha if sha.startswith("SHA3-") or sha == "SM3" else digest(sha.replace("SHA", "SHA-", 1))
            return "HMAC", [("digest", Text(sha))]
        if name.endswith("-CMAC"):
            return "CMAC", [("cipher", Text(f"{name.removesuffix('-CMAC')}-{len(test['key']) * 4}-CBC"))]
        if name.startswith("KMAC"):
            return f"KMAC-{name[4:7]}", [("size", Number(size))]
        if name.startswith("SipHash"):
            rounds = name.replace("SipHashX", "SipHash").removeprefix("SipHash-").split("-")
            return "SIPHASH", [("size", Number(size)), ("c-rounds", Number(int(rounds[0]))), ("d-rounds", Number(int(rounds[1])))]
        if name == "AES-GMAC":
            return "GMAC", [("cipher", Text(f"AES-{len(test['key']) * 4}-GCM")), ("iv", Octets(octets(test["iv"])))]
        raise NotOffered

    def check(test):
        kind, told = parameters_of(test)
        return mac.compute(kind, octets(test["key"]), told, octets(test["msg"]))[:size] == octets(test["tag"])

    return check


def hkdf(document, group):
    sha = digest(document["algorithm"].removeprefix("HKDF-"))

    def check(test):
        told = [("digest", Text(sha)), *((name, Octets(octets(test[field]))) for name, field in (("key", "ikm"), ("salt", "salt"), ("info", "info")))]
        return kdf.derive("HKDF", told, test["size"]) == octets(test["okm"])

    return check


def pbkdf2(sha, test, size):
    return kdf.derive("PBKDF2", [("digest", Text(sha)), ("pass", Octets(octets(test["password"]))), ("salt", Octets(octets(test["salt"]))),
                                 ("iter", Number(test["iterationCount"])), ("pkcs5", Number(1))], size)


def password_key(document, group):
    sha = digest("SHA-" + document["algorithm"].removeprefix("PBKDF2-HMACSHA"))
    return lambda test: pbkdf2(sha, test, test["dkLen"]) == octets(test["dk"])


def password_encryption(document, group):
    hash_name, bits = document["algorithm"].removeprefix("PbeWithHmacSha").split("AndAes_")
    sha, bits = digest(f"SHA-{hash_name}"), int(bits)

    def check(test):
        key = pbkdf2(sha, test, bits // 8)
        return transform(f"aes-{bits}-cbc", cipher.Direction.DECRYPT, key, octets(test["iv"]), True, octets(test["ct"])) == octets(test["msg"])

    return check


def signature(document, group, told=(), der=lambda sig, group: sig):
    public = pkey.Key.load(octets(group["publicKeyDer"]), None)
    sha = digest(group["sha"]) if "sha" in group else None
    return lambda test: public.verify(MESSAGE, sha, list(told), octets(test["msg"]), der(octets(test["sig"]), group))


def der_integer(number):
    content = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return bytes([2, len(content)]) + content


def der_of_pair(pair, group):
    """r and s, each as long as the order, as what OpenSSL reads."""
    order = "order" if "curve" in group["publicKey"] else "q"
    size = len(pkey.Key.load(octets(group["publicKeyDer"]), None).component(order).value)
    if len(pair) != 2 * size:
        raise ValueError("wrong length")
    body = der_integer(int.from_bytes(pair[:size], "big")) + der_integer(int.from_bytes(pair[size:], "big"))
    return b"\x30" + (bytes([len(body)]) if len(body) < 128 else bytes([0x81, len(body)])) + body


def signature_of_pair(document, group):
    return signature(document, group, der=der_of_pair)


def pss(document, group):
    if group["sha"].startswith("SHAKE"):
        raise NotOffered
    return signature(document, group, [("pad-mode", Text("pss")), ("saltlen", Number(group["sLen"])), ("mgf1-digest", Text(digest(group["mgfSha"])))])


def private_rsa(group):
    return pkey.Key.load(octets(group["privateKeyPkcs8"]), None)


def oaep(document, group):
    key = private_rsa(group)
    told = [("pad-mode", Text("oaep")), ("digest", Text(digest(group["sha"]))), ("mgf1-digest", Text(digest(group["mgfSha"])))]

    def check(test):
        label = [("oaep-label", Octets(octets(test["label"])))] if test["label"] else []
        return key.decrypt([*told, *label], octets(test["ct"])) == octets(test["msg"])

    return check


def pkcs1_decryption(document, group):
    key = private_rsa(group)
    return lambda test: key.decrypt([("pad-mode", Text("pkcs1"))], octets(test["ct"])) == octets(test["msg"])


def ecdh(document, group):
    curve = {"secp256r1": "P-256"}.get(group["curve"], group["curve"])

    def check(test):
        private = pkey.Key.from_parts("EC", PRIVATE, [("group", Text(curve)), ("priv", Integer(octets("0" * (len(test["private"]) % 2) + test["private"])))])
        if group["encoding"] == "ecpoint":
            public = pkey.Key.from_parts("EC", PUBLIC, [("group", Text(curve)), ("pub", Octets(octets(test["public"])))])
        else:
            public = pkey.Key.load(octets(test["public"]), None)
        return private.derive(public, []) == octets(test["shared"])

    return check


def xdh(document, group):
    name = {"curve25519": "X25519", "curve448": "X448"}[group["curve"]]

    def check(test):
        private, public = pkey.Key.from_raw(name, PRIVATE, octets(test["private"])), pkey.Key.from_raw(name, PUBLIC, octets(test["public"]))
        return private.derive(public, []) == octets(test["shared"])

    return check


def ml_dsa_context(test):
    return [("context-string", Octets(octets(test["ctx"])))] if "ctx" in test else []


def ml_dsa_verify(document, group):
    name = document["algorithm"]

    def check(test):
        public = pkey.Key.from_raw(name, PUBLIC, octets(group["publicKey"]))
        return public.verify(MESSAGE, None, ml_dsa_context(test), octets(test["msg"]), octets(test["sig"]))

    return check


def ml_dsa_sign(document, group):
    name = document["algorithm"]

    def check(test):
        if "privateSeed" in group:
            private = pkey.Key.from_parts(name, PRIVATE, [("seed", Octets(octets(group["privateSeed"])))])
        else:
            private = pkey.Key.from_raw(name, PRIVATE, octets(group["privateKey"]))
        told = [("deterministic", Number(1)), *ml_dsa_context(test)]
        if "msg" not in test:
            return private.sign(MESSAGE, None, [*told, ("mu", Number(1))], octets(test["mu"])) == octets(test["sig"])
        return private.sign(MESSAGE, None, told, octets(test["msg"])) == octets(test["sig"])

    return check


def ml_kem(document, group):
    name = group["parameterSet"]

    def check(test):
        private = pkey.Key.from_parts(name, PRIVATE, [("seed", Octets(octets(test["seed"])))])
        return private.raw(PUBLIC) == octets(test["ek"]) and private.decapsulate([], octets(test["c"])) == octets(test["K"])

    return check


def ml_kem_encapsulation(document, group):
    name = group["parameterSet"]

    def check(test):
        made = pkey.Key.from_raw(name, PUBLIC, octets(test["ek"])).encapsulate([("ikme", Octets(octets(test["m"])))])
        return (made.ciphertext, made.secret) == (octets(test["c"]), octets(test["K"]))

    return check


def ml_kem_generation(document, group):
    name = group["parameterSet"]

    def check(test):
        private = pkey.Key.from_parts(name, PRIVATE, [("seed", Octets(octets(test["seed"])))])
        return private.raw(PUBLIC) == octets(test["ek"]) and private.raw(PRIVATE) == octets(test["dk"])

    return check


def ml_kem_expanded(document, group):
    name = group["parameterSet"]

    def check(test):
        return pkey.Key.from_raw(name, PRIVATE, octets(test["dk"])).decapsulate([], octets(test["c"])) == octets(test["K"])

    return check


def primality(document, group):
    # A first bit that is set means a negative number.
    return lambda test: test["value"] != "" and octets(test["value"])[0] < 0x80 and bignum.is_prime(octets(test["value"]))


def not_offered(document, group):
    raise NotOffered


HANDLERS = {
    "aead_test_schema_v1.json": aead, "ind_cpa_test_schema_v1.json": block_cipher, "keywrap_test_schema_v1.json": key_wrap, "mac_test_schema_v1.json": code,
    "mac_with_iv_test_schema_v1.json": code, "hkdf_test_schema_v1.json": hkdf, "pbkdf_test_schema.json": password_key, "pbe_test_schema.json": password_encryption,
    "ecdsa_verify_schema_v1.json": signature, "ecdsa_p1363_verify_schema_v1.json": signature_of_pair, "dsa_verify_schema_v1.json": signature,
    "dsa_p1363_verify_schema_v1.json": signature_of_pair, "eddsa_verify_schema_v1.json": signature, "rsassa_pkcs1_verify_schema_v1.json": signature,
    "rsassa_pss_verify_schema_v1.json": pss, "rsassa_pss_with_parameters_verify_schema.json": pss, "rsaes_oaep_decrypt_schema_v1.json": oaep,
    "rsaes_pkcs1_decrypt_schema_v1.json": pkcs1_decryption, "ecdh_test_schema_v1.json": ecdh, "ecdh_ecpoint_test_schema_v1.json": ecdh,
    "xdh_comp_schema_v1.json": xdh, "mldsa_verify_schema.json": ml_dsa_verify, "mldsa_sign_seed_schema.json": ml_dsa_sign,
    "mldsa_sign_noseed_schema.json": ml_dsa_sign, "mlkem_test_schema.json": ml_kem, "mlkem_encaps_test_schema.json": ml_kem_encapsulation,
    "mlkem_keygen_seed_test_schema.json": ml_kem_generation, "mlkem_semi_expanded_decaps_test_schema.json": ml_kem_expanded,
    "primality_test_schema_v1.json": primality, "fpe_str_test_schema.json": not_offered, "fpe_list_test_schema.json": not_offered,
    "c2sp_chunked_encryption_schema.json": not_offered, "ec_curve_test_schema.json": not_offered, "ecdsa_bitcoin_verify_schema.json": not_offered,
}


def comes_out(check, test):
    """Whether a vector comes out as it says; refused is None."""
    try:
        return check(test)
    except (error.ProblemError, ValueError):
        return None


def run(document):
    """Number of vectors that passed, and the others: [tcId, result, what came out, comment]."""
    passed, others = 0, []
    handler = HANDLERS[document["schema"]]
    for group in document["testGroups"]:
        try:
            check = handler(document, group)
        except error.ProblemError:
            check = lambda test: None  # noqa: E731 (the group's key is refused)
        for test in group["tests"]:
            came = comes_out(check, test)
            if test["result"] == "acceptable" or bool(came) == (test["result"] == "valid"):
                passed += 1
            else:
                others.append([test["tcId"], test["result"], came, test.get("comment", "")])
    return passed, others


def main(folder, *patterns):
    results = {"passed": {}, "failed": {}, "not_offered": {}}
    for file in sorted(path for pattern in patterns or ["*.json"] for path in folder.glob(pattern)):
        document, name = json.loads(file.read_text()), file.name.removesuffix("_test.json")
        try:
            results["passed"][name], others = run(document)
        except NotOffered:
            results["not_offered"][name] = sum(len(group["tests"]) for group in document["testGroups"])
            continue
        if others:
            results["failed"][name] = others
    print(json.dumps(results))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), *sys.argv[2:])
