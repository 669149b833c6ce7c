import datetime
import hashlib
import hmac
import unittest

import pkcs11
from pkcs11 import Attribute, KeyType, MGF, Mechanism, ObjectClass, TokenFlag
from pkcs11.util import biginteger, der, ec, rsa

SO_PIN, PIN = "12345678", "87654321"


class TokenCase(unittest.TestCase):
    """One token for all tests of a class, in memory."""

    @classmethod
    def setUpClass(cls):
        cls.token = pkcs11.lib().init_token(cls.__name__, SO_PIN, PIN)

    def open(self, rw=True):
        session = self.token.open(rw=rw, user_pin=PIN)
        self.addCleanup(session.close)
        return session


class TokensTest(unittest.TestCase):
    def test_library(self):
        lib = pkcs11.lib()
        self.assertIs(lib, pkcs11.lib())
        self.assertEqual((lib.manufacturer_id, lib.cryptoki_version), ("SoftHSM", (2, 40)))
        self.assertIsNone(lib.token_directory)
        self.assertRaises(pkcs11.CryptokiAlreadyInitialized, pkcs11.lib, "/tmp")

    def test_tokens(self):
        token = pkcs11.lib().init_token("One of two: é", SO_PIN)
        other = pkcs11.lib().init_token("Two of two", SO_PIN, PIN)
        self.assertEqual(token.label, "One of two: é")
        self.assertTrue(token.flags & TokenFlag.TOKEN_INITIALIZED)
        self.assertFalse(token.flags & TokenFlag.USER_PIN_INITIALIZED)
        self.assertTrue(other.flags & TokenFlag.USER_PIN_INITIALIZED)
        self.assertEqual(pkcs11.lib().get_token(token_label="Two of two"), other)
        self.assertEqual(pkcs11.lib().get_token(token_serial=token.serial), token)
        self.assertNotEqual(token, other)
        self.assertRaises(pkcs11.NoSuchToken, pkcs11.lib().get_token, token_label="three")
        self.assertRaises(pkcs11.MultipleTokensReturned, pkcs11.lib().get_token, token_flags=TokenFlag.TOKEN_INITIALIZED)
        self.assertRaises(pkcs11.ArgumentsBad, pkcs11.lib().init_token, "x" * 33, SO_PIN)

    def test_mechanisms(self):
        slot = pkcs11.lib().get_slots()[0]
        self.assertLessEqual({Mechanism.RSA_PKCS_PSS, Mechanism.ECDSA, Mechanism.EDDSA, Mechanism.AES_GCM}, slot.get_mechanisms())
        info = slot.get_mechanism_info(Mechanism.RSA_PKCS_KEY_PAIR_GEN)
        self.assertTrue(info.flags & pkcs11.MechanismFlag.GENERATE_KEY_PAIR)
        self.assertLessEqual(info.min_key_length, 2048)
        self.assertGreaterEqual(info.max_key_length, 4096)

    def test_pins(self):
        token = pkcs11.lib().init_token("pins", SO_PIN, PIN)
        for wrong in ("00000000", b"", "x" * 300):
            with self.assertRaises(pkcs11.PKCS11Error) as caught:
                token.open(user_pin=wrong)
            self.assertIn(caught.exception.code, (0xa0, 0xa2))
        self.assertRaises(pkcs11.PinIncorrect, token.open, so_pin=PIN, rw=True)
        self.assertRaises(pkcs11.ArgumentsBad, token.open, so_pin=SO_PIN, user_pin=PIN)
        with token.open(rw=True, user_pin=PIN) as session:
            self.assertRaises(pkcs11.UserAlreadyLoggedIn, token.open, user_pin=PIN)
            session.set_pin(PIN, "new-pin-0")
        self.assertRaises(pkcs11.PinIncorrect, token.open, user_pin=PIN)
        with token.open(rw=True, so_pin=SO_PIN) as session:
            session.init_pin(PIN)
        token.open(user_pin=PIN).close()
        self.assertRaises(pkcs11.PinIncorrect, token.slot.init_token, "again", PIN)

    def test_a_slot_without_a_token(self):
        self.assertRaises(pkcs11.SlotIDInvalid, pkcs11.types.Slot, 1 << 20)


class ObjectsTest(TokenCase):
    def test_create_find_change_destroy(self):
        session = self.open()
        attributes = {Attribute.CLASS: ObjectClass.DATA, Attribute.LABEL: "Ünïcode", Attribute.APPLICATION: "tests", Attribute.VALUE: b"\0data", Attribute.TOKEN: True}
        made = session.create_object(attributes)
        self.assertEqual([made], list(session.get_objects({Attribute.LABEL: "Ünïcode"})))
        self.assertEqual((made[Attribute.CLASS], made[Attribute.LABEL], made[Attribute.VALUE], made[Attribute.PRIVATE]), (ObjectClass.DATA, "Ünïcode", b"\0data", True))
        made[Attribute.LABEL] = "other"
        self.assertEqual(made[Attribute.LABEL], "other")
        with self.assertRaises(pkcs11.AttributeReadOnly):
            made[Attribute.CLASS] = ObjectClass.CERTIFICATE
        copy = made.copy({Attribute.LABEL: "copy"})
        self.assertEqual((copy[Attribute.LABEL], copy[Attribute.VALUE]), ("copy", b"\0data"))
        made.destroy()
        self.assertRaises(pkcs11.ObjectHandleInvalid, lambda: made[Attribute.VALUE])
        self.assertEqual(list(session.get_objects({Attribute.LABEL: "other"})), [])
        copy.destroy()

    def test_what_is_private_is_for_the_user(self):
        with self.token.open(rw=True, user_pin=PIN) as session:
            for private in (True, False):
                session.create_object({Attribute.CLASS: ObjectClass.DATA, Attribute.LABEL: "seen", Attribute.PRIVATE: private, Attribute.TOKEN: True})
            self.assertEqual(len(list(session.get_objects({Attribute.LABEL: "seen"}))), 2)
        with self.token.open() as session:
            self.assertEqual([data[Attribute.PRIVATE] for data in session.get_objects({Attribute.LABEL: "seen"})], [False])
            self.assertRaises(pkcs11.UserNotLoggedIn, session.generate_key, KeyType.AES, 128)

    def test_session_objects_end_with_their_session(self):
        first, second = self.token.open(rw=True, user_pin=PIN), self.token.open()
        first.create_object({Attribute.CLASS: ObjectClass.DATA, Attribute.LABEL: "short-lived", Attribute.PRIVATE: False})
        self.assertEqual(len(list(second.get_objects({Attribute.LABEL: "short-lived"}))), 1)
        first.close()
        self.assertEqual(list(second.get_objects({Attribute.LABEL: "short-lived"})), [])
        second.close()
        self.assertRaises(ValueError, second.generate_random, 8)

    def test_a_session_for_reading_writes_nothing(self):
        session = self.open(rw=False)
        self.assertRaises(pkcs11.SessionReadOnly, session.generate_key, KeyType.AES, 128, store=True)

    def test_get_key(self):
        session = self.open()
        key = session.generate_key(KeyType.AES, 256, label="named", id=b"\1\2")
        self.assertEqual(session.get_key(label="named"), key)
        self.assertEqual(session.get_key(id=b"\1\2", key_type=KeyType.AES, object_class=ObjectClass.SECRET_KEY), key)
        self.assertEqual((key.label, key.id, key.key_type, key.key_length), ("named", b"\1\2", KeyType.AES, 256))
        session.generate_key(KeyType.AES, 256, label="named")
        self.assertRaises(pkcs11.MultipleObjectsReturned, session.get_key, label="named")
        self.assertRaises(pkcs11.NoSuchKey, session.get_key, label="nobody")
        self.assertRaises(pkcs11.ArgumentsBad, session.get_key)

    def test_more_objects_than_are_fetched_at_once(self):
        session = self.open()
        for number in range(150):
            session.create_object({Attribute.CLASS: ObjectClass.DATA, Attribute.LABEL: "many", Attribute.VALUE: bytes([number])})
        self.assertEqual({made[Attribute.VALUE][0] for made in session.get_objects({Attribute.LABEL: "many"})}, set(range(150)))

    def test_dates_and_certificates(self):
        session = self.open()
        day = datetime.date(2026, 11, 21)
        made = session.create_object({Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509, Attribute.SUBJECT: b"0\0",
                                      Attribute.VALUE: b"0\0", Attribute.START_DATE: day, Attribute.ID: b"\1"})
        self.assertEqual((made[Attribute.CERTIFICATE_TYPE], made[Attribute.START_DATE], made[Attribute.TRUSTED]), (pkcs11.CertificateType.X_509, day, False))

    def test_random_and_digest(self):
        session = self.open()
        session.seed_random(b"seed")
        self.assertEqual(len(session.generate_random(256)), 32)
        self.assertNotEqual(session.generate_random(256), session.generate_random(256))
        self.assertRaises(pkcs11.ArgumentsBad, session.generate_random, 8 << 30)
        self.assertEqual(session.digest("abc", mechanism=Mechanism.SHA256), hashlib.sha256(b"abc").digest())
        self.assertEqual(session.digest([b"a", b"", b"bc"], mechanism=Mechanism.SHA512), hashlib.sha512(b"abc").digest())
        self.assertRaises(pkcs11.MechanismInvalid, session.digest, b"", mechanism=Mechanism.RSA_PKCS)


class RsaTest(TokenCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.session = cls.token.open(rw=True, user_pin=PIN)
        cls.public, cls.private = cls.session.generate_keypair(KeyType.RSA, 2048, label="rsa", id=b"\7", store=True)

    @classmethod
    def tearDownClass(cls):
        cls.session.close()

    def test_the_pair(self):
        self.assertEqual((self.public.key_length, self.private.key_length), (2048, 2048))
        self.assertEqual(self.public[Attribute.MODULUS], self.private[Attribute.MODULUS])
        self.assertEqual(self.public[Attribute.PUBLIC_EXPONENT], b"\1\0\1")
        self.assertTrue(self.private[Attribute.LOCAL])
        self.assertEqual(self.private[Attribute.KEY_GEN_MECHANISM], Mechanism.RSA_PKCS_KEY_PAIR_GEN)

    def test_signatures(self):
        pss = (Mechanism.SHA256, MGF.SHA256, 32)
        for mechanism, parameter in ((None, None), (Mechanism.SHA256_RSA_PKCS, None), (Mechanism.SHA1_RSA_PKCS, None), (Mechanism.SHA256_RSA_PKCS_PSS, pss),
                                     (Mechanism.SHA384_RSA_PKCS_PSS, (Mechanism.SHA384, MGF.SHA384, 48))):
            signature = self.private.sign("data", mechanism=mechanism, mechanism_param=parameter)
            self.assertTrue(self.public.verify("data", signature, mechanism=mechanism, mechanism_param=parameter))
            self.assertFalse(self.public.verify("date", signature, mechanism=mechanism, mechanism_param=parameter))
            self.assertFalse(self.public.verify("data", signature[:-1], mechanism=mechanism, mechanism_param=parameter))

    def test_a_signature_is_that_of_rfc_8017(self):
        """Raised to the public exponent, it is the padded digest."""
        signature = self.private.sign(b"abc", mechanism=Mechanism.SHA256_RSA_PKCS)
        modulus, exponent = (int.from_bytes(self.public[kind], "big") for kind in (Attribute.MODULUS, Attribute.PUBLIC_EXPONENT))
        block = pow(int.from_bytes(signature, "big"), exponent, modulus).to_bytes(256, "big")
        info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(b"abc").digest()
        self.assertEqual(block, b"\0\1" + b"\xff" * (256 - 3 - len(info)) + b"\0" + info)
        raw = self.private.sign(block, mechanism=Mechanism.RSA_X_509)
        self.assertEqual(raw, signature)

    def test_encryption(self):
        for mechanism, parameter in ((None, None), (Mechanism.RSA_PKCS, None), (Mechanism.RSA_PKCS_OAEP, (Mechanism.SHA_1, MGF.SHA1, b""))):
            secret = self.public.encrypt(b"secret", mechanism=mechanism, mechanism_param=parameter)
            self.assertEqual(self.private.decrypt(secret, mechanism=mechanism, mechanism_param=parameter), b"secret")
        with self.assertRaises(pkcs11.PKCS11Error):
            self.private.decrypt(bytes(256))

    def test_the_private_key_stays_in_the_token(self):
        for kind in (Attribute.PRIVATE_EXPONENT, Attribute.PRIME_1, Attribute.PRIME_2, Attribute.EXPONENT_1, Attribute.EXPONENT_2, Attribute.COEFFICIENT):
            with self.subTest(kind), self.assertRaises(pkcs11.AttributeSensitive):
                self.private[kind]
        for kind, value in ((Attribute.SENSITIVE, False), (Attribute.EXTRACTABLE, True)):
            with self.subTest(kind), self.assertRaises(pkcs11.AttributeReadOnly):
                self.private[kind] = value
        self.assertEqual([self.private[kind] for kind in (Attribute.SENSITIVE, Attribute.ALWAYS_SENSITIVE, Attribute.EXTRACTABLE, Attribute.NEVER_EXTRACTABLE)],
                         [True, True, False, True])
        wrapping = self.session.generate_key(KeyType.AES, 256)
        self.assertRaises(pkcs11.KeyUnextractable, wrapping.wrap_key, self.private, mechanism=Mechanism.AES_KEY_WRAP_PAD)
        self.assertRaises(pkcs11.PKCS11Error, self.private.copy, {Attribute.SENSITIVE: False})

    def test_import(self):
        numbers = [0, *RSA_KEY]
        private = self.session.create_object(rsa.decode_rsa_private_key(der.element(der.SEQUENCE, *map(der.integer, numbers))))
        public = self.session.create_object(rsa.decode_rsa_public_key(der.element(der.SEQUENCE, *map(der.integer, RSA_KEY[:2]))))
        signature = private.sign(b"data", mechanism=Mechanism.SHA256_RSA_PKCS)
        self.assertTrue(public.verify(b"data", signature, mechanism=Mechanism.SHA256_RSA_PKCS))
        self.assertFalse(private[Attribute.LOCAL])
        self.assertEqual(rsa.encode_rsa_public_key(public), der.element(der.SEQUENCE, *map(der.integer, RSA_KEY[:2])))

    def test_uses_are_kept_to(self):
        public, private = self.session.generate_keypair(KeyType.RSA, 1024, capabilities=pkcs11.MechanismFlag.SIGN | pkcs11.MechanismFlag.VERIFY)
        self.assertRaises(pkcs11.KeyFunctionNotPermitted, public.encrypt, b"x")
        self.assertRaises(pkcs11.KeyFunctionNotPermitted, private.decrypt, bytes(128))
        self.assertTrue(public.verify(b"x", private.sign(b"x")))


class CurvesTest(TokenCase):
    def pair(self, session, curve="secp256r1", **options):
        return session.create_domain_parameters(KeyType.EC, {Attribute.EC_PARAMS: ec.encode_named_curve_parameters(curve)}, local=True).generate_keypair(**options)

    def test_ecdsa(self):
        session = self.open()
        for curve, size in (("secp256r1", 64), ("secp384r1", 96), ("secp521r1", 132)):
            public, private = self.pair(session, curve)
            digest = hashlib.sha256(b"data").digest()
            signature = private.sign(digest)
            self.assertEqual(len(signature), size)
            self.assertTrue(public.verify(digest, signature))
            self.assertFalse(public.verify(digest[::-1], signature))
            self.assertEqual(ec.decode_ecdsa_signature(ec.encode_ecdsa_signature(signature), size // 2), signature)
            again = session.create_object(ec.decode_ec_public_key(ec.encode_ec_public_key(public)))
            self.assertTrue(again.verify(digest, signature))
            with self.assertRaises(pkcs11.AttributeSensitive):
                private[Attribute.VALUE]

    def test_ecdh(self):
        session = self.open()
        (one, one_private), (two, two_private) = self.pair(session), self.pair(session)
        readable = {Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True}
        keys = [private.derive_key(KeyType.GENERIC_SECRET, 256, mechanism_param=(pkcs11.KDF.NULL, None, public[Attribute.EC_POINT]), template=readable)
                for private, public in ((one_private, two), (two_private, one))]
        self.assertEqual(keys[0][Attribute.VALUE], keys[1][Attribute.VALUE])
        self.assertEqual(len(keys[0][Attribute.VALUE]), 32)

    def test_eddsa(self):
        session = self.open()
        parameters = session.create_domain_parameters(KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: ec.encode_named_curve_parameters("1.3.101.112")}, local=True)
        public, private = parameters.generate_keypair()
        signature = private.sign(b"data")
        self.assertEqual(len(signature), 64)
        self.assertTrue(public.verify(b"data", signature))
        self.assertFalse(public.verify(b"date", signature))

    def test_an_unknown_curve(self):
        self.assertRaises(ValueError, ec.encode_named_curve_parameters, "secp1")
        with self.assertRaises(pkcs11.PKCS11Error):
            self.pair(self.open(), "1.2.3.4")


class SecretKeysTest(TokenCase):
    KEY = bytes.fromhex("feffe9928665731c6d6a8f9467308308")

    def imported(self, session, key, key_type=KeyType.AES, **more):
        return session.create_object({Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: key_type, Attribute.VALUE: key, Attribute.ENCRYPT: True,
                                      Attribute.DECRYPT: True, Attribute.SIGN: True, Attribute.VERIFY: True, Attribute.WRAP: True, Attribute.UNWRAP: True,
                                      **{Attribute[name]: value for name, value in more.items()}})

    def test_aes(self):
        session = self.open()
        key = session.generate_key(KeyType.AES, 256)
        iv = session.generate_random(128)
        for mechanism, parameter in ((None, iv), (Mechanism.AES_CBC_PAD, iv), (Mechanism.AES_CTR, pkcs11.CTRParams(iv[:12])), (Mechanism.AES_GCM, pkcs11.GCMParams(iv[:12], b"aad"))):
            secret = key.encrypt(b"data" * 5, mechanism=mechanism, mechanism_param=parameter)
            self.assertEqual(key.decrypt(secret, mechanism=mechanism, mechanism_param=parameter), b"data" * 5)
        with self.assertRaises(pkcs11.AttributeSensitive):
            key[Attribute.VALUE]

    def test_gcm_of_the_standard(self):
        """Test case 4 of McGrew and Viega, "The Galois/Counter Mode of Operation"."""
        key = self.imported(self.open(), self.KEY)
        text = bytes.fromhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
        how = {"mechanism": Mechanism.AES_GCM,
               "mechanism_param": pkcs11.GCMParams(bytes.fromhex("cafebabefacedbaddecaf888"), bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"))}
        secret = key.encrypt(text, **how)
        self.assertEqual(secret.hex(), "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
                                       "5bc94fbc3221a5db94fae95ae7121a47")
        self.assertEqual(key.decrypt(secret, **how), text)
        with self.assertRaises(pkcs11.PKCS11Error):
            key.decrypt(secret[:-1] + bytes([secret[-1] ^ 1]), **how)

    def test_cmac_and_hmac(self):
        session = self.open()
        key = self.imported(session, bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"))
        self.assertEqual(key.sign(bytes.fromhex("6bc1bee22e409f96e93d7e117393172a"), mechanism=Mechanism.AES_CMAC).hex(), "070a16b46b4d4144f79bdd9dd04a287c")
        key = self.imported(session, b"k" * 32, KeyType.GENERIC_SECRET)
        mac = key.sign(b"data", mechanism=Mechanism.SHA256_HMAC)
        self.assertEqual(mac, hmac.digest(b"k" * 32, b"data", "sha256"))
        self.assertTrue(key.verify(b"data", mac, mechanism=Mechanism.SHA256_HMAC))
        self.assertFalse(key.verify(b"date", mac, mechanism=Mechanism.SHA256_HMAC))

    def test_wrapping(self):
        session = self.open()
        wrapping = self.imported(session, bytes(range(16)))
        key = self.imported(session, bytes.fromhex("00112233445566778899aabbccddeeff"), SENSITIVE=True, EXTRACTABLE=True)
        wrapped = wrapping.wrap_key(key)
        self.assertEqual(wrapped.hex(), "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5")  # RFC 3394, 4.1
        again = wrapping.unwrap_key(ObjectClass.SECRET_KEY, KeyType.AES, wrapped, template={Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True})
        self.assertEqual(again[Attribute.VALUE].hex(), "00112233445566778899aabbccddeeff")
        with self.assertRaises(pkcs11.PKCS11Error):
            wrapping.unwrap_key(ObjectClass.SECRET_KEY, KeyType.AES, bytes(24))

    def test_wrong_calls(self):
        session = self.open()
        key = session.generate_key(KeyType.AES, 128)
        self.assertRaises(pkcs11.MechanismInvalid, key.encrypt, b"x", mechanism=Mechanism.ECDSA)
        self.assertRaises(pkcs11.ArgumentsBad, key.encrypt, b"x", mechanism=1)
        self.assertRaises(pkcs11.ArgumentsBad, key.encrypt, b"x", mechanism_param=object())
        with self.assertRaises(pkcs11.PKCS11Error):
            key.encrypt(b"x", mechanism_param=b"short")
        with self.assertRaises(pkcs11.PKCS11Error):
            session.generate_key(KeyType.AES, 77)
        self.assertRaises(pkcs11.ArgumentsBad, session.generate_keypair, KeyType.EC, 256)
        self.assertEqual(biginteger(65537), b"\1\0\1")
        self.assertEqual(len(key.encrypt(b"still good", mechanism_param=bytes(16))), 16)


def _rsa_key():
    """An RSA key of the primes next above two powers of two."""
    p, q, e = 2**512 + 75, 2**511 + 111, 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    return p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p)


RSA_KEY = _rsa_key()


if __name__ == "__main__":
    unittest.main()
