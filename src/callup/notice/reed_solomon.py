"""Check bytes for many codes at once: they are linear in the data, so each byte adds one row of a table (Reed and Solomon, 1960)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

_WORDS = 4
"""64-bit words that hold the check bytes of one block; codes have at most 30."""
_WORD = 8


@lru_cache(maxsize=16)
def check_rows(field: int, first: int, checks: int, places: int) -> npt.NDArray[np.uint64]:
    """What each value of each data byte of a block adds to its check bytes.

    Args:
        field: the polynomial that makes GF(256), with its highest bit.
        first: exponent of the first root of the generator: 0 in QR, 1 in Data Matrix.
        checks: check bytes of a block.
        places: data bytes of a block.

    Returns:
        [places, 256, 4]: check bytes from the first on, packed into words to be added as a whole.
    """
    times = _products(field)
    generator = np.array([1], np.uint8)
    root = 1
    for power in range(first + checks):
        if power >= first:
            generator = np.append(generator, np.uint8(0)) ^ np.append(np.uint8(0), times[root][generator])
        root = int(times[root, 2])
    row = np.zeros((256, _WORDS * _WORD), np.uint8)
    row[:, :checks] = times[:, generator[1:]]
    rows = np.empty((places, 256, _WORDS * _WORD), np.uint8)
    for place in range(places - 1, -1, -1):
        rows[place] = row
        carried = row[:, 0]
        row = np.roll(row, -1, axis=1)
        row[:, checks - 1 :] = 0
        row[:, :checks] ^= times[carried][:, generator[1:]]
    return rows.view(np.uint64)


def check_bytes(said: npt.NDArray[np.uint8], rows: npt.NDArray[np.uint64], checks: int) -> npt.NDArray[np.uint8]:
    """Check bytes of many blocks.

    Args:
        said: [places, blocks].
        rows: of ``check_rows``.
        checks: check bytes of a block.

    Returns:
        [checks, blocks].
    """
    total = rows[0].take(said[0], axis=0)
    added = np.empty_like(total)
    for row, column in zip(rows[1:], said[1:], strict=True):
        np.take(row, column, axis=0, out=added, mode="clip")
        total ^= added
    made: npt.NDArray[np.uint8] = total.view(np.uint8).T
    return made[:checks]


def _products(field: int) -> npt.NDArray[np.uint8]:
    """All products of GF(256)."""
    numbers = np.arange(256)
    product = np.zeros((256, 256), np.int64)
    power = numbers.copy()
    for bit in range(8):
        product ^= np.where(numbers[:, None] >> bit & 1, power[None, :], 0)
        power = power << 1
        power ^= np.where(power & 256, field, 0)
    return product.astype(np.uint8)
