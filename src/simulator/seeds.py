"""Named random streams: the same seed and purpose always give the same numbers, in any process."""

import random
from zlib import crc32


def stream(seed: int, *purpose: object) -> random.Random:
    """A private generator for one purpose, independent of how many numbers other purposes drew."""
    return random.Random(":".join([str(seed), *map(str, purpose)]))


def numeric_seed(seed: int, *purpose: object) -> list[int]:
    """The same idea for NumPy generators."""
    return [seed, crc32(":".join(map(str, purpose)).encode())]
