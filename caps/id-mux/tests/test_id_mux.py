"""Published identifiers of each scheme, their times and binary forms, order and uniqueness."""

import time
import unittest
import uuid

import id_mux
import id_mux.ulid

TIMED = ("ulid", "ksuid", "uuid7", "tsid", "xid", "snowflake")


class IdMuxTest(unittest.TestCase):
    def test_published_identifiers(self):
        self.assertEqual(id_mux.ulid.timestamp_ms("01ARZ3NDEKTSV4RRFFQ69G5FAV"), 1469922850259)
        self.assertEqual(id_mux.ksuid.timestamp_ms("0ujtsYcgvSTl8PAuAdqWYSMnLOv"), 1507608047000)
        self.assertEqual(id_mux.ksuid.to_bytes("0ujtsYcgvSTl8PAuAdqWYSMnLOv").hex().upper(), "0669F7EFB5A1CD34B5F99D1154FB6853345C9735")
        self.assertEqual(id_mux.uuid7.timestamp_ms("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"), 1645557742000)
        self.assertEqual(id_mux.xid.timestamp_ms("9m4e2mr0ui3e8a215n4g"), 1300816219000)
        self.assertEqual(id_mux.xid.to_bytes("9m4e2mr0ui3e8a215n4g").hex(), "4d88e15b60f486e428412dc9")
        self.assertEqual(id_mux.snowflake.timestamp_ms("1541815603606036480"), 1656432460105)

    def test_new_ones_say_their_time(self):
        for scheme in TIMED:
            said = id_mux.timestamp_ms(scheme, id_mux.generate(scheme))
            self.assertLess(abs(said - time.time() * 1000), 5000, scheme)
            when = 1_700_000_000_000
            self.assertEqual(id_mux.timestamp_ms(scheme, id_mux.generate(scheme, time_ms=when)), when, scheme)

    def test_unique_and_valid(self):
        for scheme in id_mux.schemes:
            made = id_mux.generate_many(scheme, 2000, **({"node": 7} if scheme in ("tsid", "snowflake") else {}))
            self.assertEqual(len(set(made)), 2000, scheme)
            self.assertTrue(all(id_mux.is_valid(scheme, one) for one in made), scheme)
            self.assertEqual(len({len(one) for one in made}), 1, scheme)

    def test_order_within_a_millisecond(self):
        for scheme in ("ulid", "uuid7"):
            made = id_mux.generate_many(scheme, 1000, time_ms=1_700_000_000_000)
            self.assertEqual(made, sorted(made), scheme)

    def test_uuid7_is_one(self):
        made = uuid.UUID(id_mux.generate("uuid7"))
        self.assertEqual((made.version, made.variant), (7, uuid.RFC_4122))

    def test_options_and_errors(self):
        self.assertEqual(len(id_mux.nanoid.generate(length=64)), 64)
        self.assertLessEqual(set(id_mux.nanoid.generate(alphabet="ab", length=100)), {"a", "b"})
        self.assertEqual(len(id_mux.cuid2.generate(length=10)), 10)
        for call in (lambda: id_mux.generate("nope"), lambda: id_mux.generate("cuid2", length=1), lambda: id_mux.generate("tsid", node=1024),
                     lambda: id_mux.timestamp_ms("ulid", "short"), lambda: id_mux.to_bytes("xid", "!" * 20), lambda: id_mux.generate("ksuid", time_ms=0)):
            self.assertRaises(id_mux.IdError, call)


if __name__ == "__main__":
    unittest.main()
