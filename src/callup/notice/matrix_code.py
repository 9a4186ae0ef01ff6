"""Data Matrix ECC 200, 24 x 24 modules, a whole print file at once (ISO/IEC 16022)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from callup.notice.modules import DARK, LIGHT, byte_index, packed_rows
from callup.notice.reed_solomon import check_bytes, check_rows

SIDE = 24
"""Modules on a side."""
_INNER = SIDE - 2
_DATA, _CHECKS = 36, 24
_FIELD, _FIRST_ROOT = 0b100101101, 1
_PAD = 129
_SHAPE = ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0))
"""Where the bits of a codeword stand, from its last module: rows and columns (figure F.1)."""
_CORNER = ((-3, 0), (-2, 0), (-1, 0), (0, -4), (0, -3), (0, -2), (0, -1), (1, -1))
"""The same for the one codeword of this size that lies over a corner (figure F.4)."""


def matrix_rows(payloads: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Codes of payloads in ASCII, all of one length, one codeword a character.

    Returns:
        [codes, 24 rows of 3 bytes]: 0 is dark.
    """
    length = len(payloads[0])
    letters = np.frombuffer("".join(payloads).encode("ascii"), np.uint8).reshape(len(payloads), length)
    said = np.empty((_DATA, len(payloads)), np.uint8)
    said[:length] = letters.T + 1
    said[length:] = _padding(length)[:, None]
    return code_rows(said)


def code_rows(said: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Codes of data codewords, [36, codes]."""
    checks = check_bytes(said, check_rows(_FIELD, _FIRST_ROOT, _CHECKS, _DATA), _CHECKS)
    return packed_rows(np.concatenate((said, checks)), byte_index(placement()))


def _padding(length: int) -> npt.NDArray[np.uint8]:
    """Padding codewords after ``length`` codewords, scrambled but for the first (annex B.1)."""
    scrambled = [_PAD + 149 * place % 253 + 1 for place in range(length + 2, _DATA + 1)]
    return np.array([_PAD, *(one if one <= 254 else one - 254 for one in scrambled)][: _DATA - length], np.uint8)


@lru_cache(maxsize=1)
def placement() -> npt.NDArray[np.int64]:
    """Which bit each module shows, [24, 24], with the edge around them."""
    modules = np.full((SIDE, SIDE), LIGHT)
    modules[0, ::2] = modules[1::2, -1] = DARK
    modules[:, 0] = modules[-1, :] = DARK
    modules[1:-1, 1:-1] = _inner()
    return modules


def _inner() -> npt.NDArray[np.int64]:
    """Codewords along diagonals, up and down in turns (annex F); two dark modules where the last corner stays empty."""
    side = _INNER
    free = -9
    modules = np.full((side, side), free)
    count, row, column, up = 0, 4, 0, True
    while row < side or column < side:
        if (row, column) == (side - 2, 0):
            count = _put(modules, count, [(down % side, across % side) for down, across in _CORNER])
        if 0 <= row < side and 0 <= column < side and modules[row, column] == free:
            count = _put(modules, count, [_wrapped(row + down, column + across) for down, across in _SHAPE])
        row, column = (row - 2, column + 2) if up else (row + 2, column - 2)
        if (up and (row < 0 or column >= side)) or (not up and (row >= side or column < 0)):
            row, column = (row + 1, column + 3) if up else (row + 3, column + 1)
            up = not up
    modules[-2:, -2:] = [[DARK, LIGHT], [LIGHT, DARK]]
    return modules


def _put(modules: npt.NDArray[np.int64], codeword: int, places: Sequence[tuple[int, int]]) -> int:
    for bit, place in enumerate(places):
        modules[place] = 8 * codeword + bit
    return codeword + 1


def _wrapped(row: int, column: int) -> tuple[int, int]:
    """A place beyond the first row or column goes on at the other end, shifted."""
    shift = 4 - (_INNER + 4) % 8
    if row < 0:
        row, column = row + _INNER, column + shift
    if column < 0:
        row, column = row + shift, column + _INNER
    return row, column
