"""The official test vectors (a selection), the extendable output and the keyed modes."""

import unittest

from blake3 import blake3

# test_vectors.json of BLAKE3: input length, hash, keyed hash, derived key; 32 bytes of each.
KEY = b"whats the Elvish word for friend"
CONTEXT = "BLAKE3 2019-12-27 16:29:52 test vectors context"
VECTORS = (
    (0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
     "92b2b75604ed3c761f9d6f62392c8a9227ad0ea3f09573e783f1498a4ed60d26",
     "2cc39783c223154fea8dfb7c1b1660f2ac2dcbd1c1de8277b0b0dd39b7e50d7d"),
    (1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
     "6d7878dfff2f485635d39013278ae14f1454b8c0a3a2d34bc1ab38228a80c95b",
     "b3e2e340a117a499c6cf2398a19ee0d29cca2bb7404c73063382693bf66cb06c"),
    (1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
     "75c46f6f3d9eb4f55ecaaee480db732e6c2105546f1e675003687c31719c7ba4",
     "7356cd7720d5b66b6d0697eb3177d9f8d73a4a5c5e968896eb6a689684302706"),
    (1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
     "357dc55de0c7e382c900fd6e320acc04146be01db6a8ce7210b7189bd664ea69",
     "effaa245f065fbf82ac186839a249707c3bddf6d3fdda22d1b95a3c970379bcb"),
    (4097, "9b4052b38f1c5fc8b1f9ff7ac7b27cd242487b3d890d15c96a1c25b8aa0fb995",
     "00df940cd36bb9fa7cbbc3556744e0dbc8191401afe70520ba292ee3ca80abbc",
     "aca51029626b55fda7117b42a7c211f8c6e9ba4fe5b7a8ca922f34299500ead8"),
    (102400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085",
     "1c35d1a5811083fd7119f5d5d1ba027b4d01c0c6c49fb6ff2cf75393ea5db4a7",
     "4652cff7a3f385a6103b5c260fc1593e13c778dbe608efb092fe7ee69df6e9c6"),
)


class Blake3Test(unittest.TestCase):
    def test_official_vectors(self):
        for length, plain, keyed, derived in VECTORS:
            data = bytes(i % 251 for i in range(length))
            self.assertEqual(blake3(data).hexdigest(), plain)
            self.assertEqual(blake3(data, key=KEY).hexdigest(), keyed)
            self.assertEqual(blake3(data, derive_key_context=CONTEXT).hexdigest(), derived)

    def test_pieces_make_the_whole(self):
        data = bytes(i % 251 for i in range(102400))
        state = blake3()
        for start in range(0, len(data), 1023):
            state.update(memoryview(data)[start:start + 1023])
        self.assertEqual(state.digest(), blake3(data).digest())

    def test_output_of_any_length(self):
        whole = blake3(b"x").digest(1000)
        self.assertEqual(blake3(b"x").digest(100, seek=777), whole[777:877])
        self.assertEqual(blake3(b"x").digest(0), b"")
        self.assertRaises((OverflowError, ValueError, MemoryError), blake3(b"x").digest, -1)


if __name__ == "__main__":
    unittest.main()
