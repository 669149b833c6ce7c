"""Calls what caps offer, under Pylon and under native CPython, whenever bench/caps asks for it.

Prints the rows that there are, with their bytes of plain data, as JSON; then reads names of rows and prints for each the
seconds that one call took."""

import json
import random
import sys
import time

import lzma
import zlib
from compression import zstd

try:
    import blake3
    import xxhash
except ImportError:
    blake3 = xxhash = None


def text(size):
    """Text-like data, the same everywhere."""
    chosen = random.Random(1)
    words = ["".join(chosen.choices("etaoinshrdlu", k=chosen.randint(2, 9))) for _ in range(2000)]
    return " ".join(chosen.choices(words, k=size // 6)).encode()[:size]


DATA = text(4 << 20)
SMALL = DATA[:1 << 20]
WORK = {
    "zlib compress (6)": (DATA, lambda data: zlib.compress(data, 6)),
    "zlib decompress": (DATA, lambda data, packed=zlib.compress(DATA): zlib.decompress(packed)),
    "zlib crc32": (DATA, zlib.crc32),
    "zstd compress (3)": (DATA, lambda data: zstd.compress(data, 3)),
    "zstd decompress": (DATA, lambda data, packed=zstd.compress(DATA): zstd.decompress(packed)),
    "lzma compress (1)": (SMALL, lambda data: lzma.compress(data, preset=1)),
    "lzma decompress": (DATA, lambda data, packed=lzma.compress(DATA, preset=1): lzma.decompress(packed)),
}
if xxhash:
    WORK |= {"xxh64": (DATA, xxhash.xxh64_digest), "xxh3 64": (DATA, xxhash.xxh3_64_digest), "xxh3 128": (DATA, xxhash.xxh3_128_digest),
             "blake3": (DATA, lambda data: blake3.blake3(data).digest())}


print(json.dumps({name: len(data) for name, (data, _) in WORK.items()}), flush=True)
for line in sys.stdin:
    data, function = WORK[line.rstrip("\n")]
    start = time.perf_counter()
    function(data)
    print(time.perf_counter() - start, flush=True)
