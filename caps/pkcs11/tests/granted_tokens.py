"""Tokens in a directory that the plan grants: what the first run makes, the second one finds."""

import os
import pathlib
import sys
import unittest

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass

DIRECTORY = pathlib.Path(sys.argv.pop(1))
PIN = "87654321"
IS_FIRST = not list(DIRECTORY.iterdir())


def files():
    """All files of the tokens, with their contents."""
    return {path.relative_to(DIRECTORY): path.read_bytes() for path in sorted(DIRECTORY.rglob("*")) if path.is_file()}


@unittest.skipUnless(IS_FIRST, "the second run")
class FirstRun(unittest.TestCase):
    def test_make(self):
        lib = pkcs11.lib(DIRECTORY)
        self.assertEqual(lib.token_directory, str(DIRECTORY))
        token = lib.init_token("main", "12345678", PIN)
        with token.open(rw=True, user_pin=PIN) as session:
            public, private = session.generate_keypair(KeyType.RSA, 2048, label="key", store=True)
            session.generate_keypair(KeyType.RSA, 1024, label="not stored")
            data = session.create_object({Attribute.CLASS: ObjectClass.DATA, Attribute.LABEL: "signed", Attribute.VALUE: private.sign(b"data"),
                                          Attribute.TOKEN: True, Attribute.PRIVATE: False})
            gone = data.copy({Attribute.LABEL: "gone", Attribute.TOKEN: True})
            gone.destroy()
            modulus = public[Attribute.MODULUS]
        kept = files()
        self.assertEqual([path for path in kept if path.suffix not in ("", ".object", ".lock")], [])
        self.assertTrue(any(modulus in content for content in kept.values()))
        self.assertFalse(any(PIN.encode() in content for content in kept.values()))


@unittest.skipIf(IS_FIRST, "the first run")
class SecondRun(unittest.TestCase):
    def test_find(self):
        before = files()
        # As a run leaves it that ends while it writes.
        (object_file,) = [DIRECTORY / path for path, content in before.items() if path.suffix == ".object" and b"signed" in content]
        aside = object_file.with_name(object_file.name + ".new")
        aside.write_bytes(before[object_file.relative_to(DIRECTORY)][:20])
        lib = pkcs11.lib(DIRECTORY)
        with lib.get_token(token_label="main").open(user_pin=PIN) as session:
            private = session.get_key(object_class=ObjectClass.PRIVATE_KEY)
            public = session.get_key(object_class=ObjectClass.PUBLIC_KEY)
            (data,) = session.get_objects({Attribute.CLASS: ObjectClass.DATA})
            self.assertEqual((private.label, data[Attribute.LABEL]), ("key", "signed"))
            self.assertTrue(public.verify(b"data", data[Attribute.VALUE]))
            self.assertEqual(private.sign(b"data"), data[Attribute.VALUE])
        aside.unlink()
        # A login is noted in the token's own file.
        self.assertEqual([path for path, content in files().items() if content != before.get(path) and path.name != "token.object"], [])
        self.assertEqual(set(files()), set(before))

    def test_the_directory_stays(self):
        self.assertRaises(pkcs11.CryptokiAlreadyInitialized, pkcs11.lib, os.path.dirname(DIRECTORY))
        self.assertIs(pkcs11.lib(), pkcs11.lib(DIRECTORY))


if __name__ == "__main__":
    unittest.main()
