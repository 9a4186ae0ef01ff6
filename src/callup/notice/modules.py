"""Modules of many codes at once: one index says which bit of which codeword each module shows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

DARK, LIGHT = -1, -2
"""In an index: modules that are the same in every code."""


def byte_index(modules: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The index of a code's modules for rows of whole bytes, light beyond the edge.

    Args:
        modules: [side, side], each eight times its codeword plus its bit from the highest on, or ``DARK`` or ``LIGHT``.

    Returns:
        [side * bytes a row, 8].
    """
    side = len(modules)
    padded = np.full((side, -(-side // 8) * 8), LIGHT)
    padded[:, :side] = modules
    return padded.reshape(-1, 8)


def packed_rows(codewords: npt.NDArray[np.uint8], index: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Rows of bits as a picture of black and white takes them: 0 is dark.

    Args:
        codewords: [codewords, codes].
        index: of ``byte_index``.

    Returns:
        [codes, side * bytes a row].
    """
    count, codes = codewords.shape
    bits = np.empty((count * 8 + 2, codes), np.uint8)
    shifts = np.arange(7, -1, -1, dtype=np.uint8)[None, :, None]
    np.bitwise_and(codewords[:, None, :] >> shifts, 1, out=bits[: count * 8].reshape(count, 8, codes))
    bits[DARK], bits[LIGHT] = 1, 0
    rows = bits[index[:, 0]]
    for column in range(1, 8):
        rows <<= 1
        rows |= bits[index[:, column]]
    return np.ascontiguousarray(~rows.T)
