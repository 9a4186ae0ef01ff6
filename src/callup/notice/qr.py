"""QR codes of level M, all of one version and one mask, a whole print file at once (ISO/IEC 18004)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from callup.notice.modules import DARK, LIGHT, byte_index, packed_rows
from callup.notice.reed_solomon import check_bytes, check_rows

MASK = 3
"""One data mask for all: choosing the best of eight costs many times the rest, and every code is read back before release."""
_FIELD = 0b100011101
_CHECKS = (0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, *(28,) * 19)
"""Check codewords of a block by version, level M (table 9)."""
_BLOCKS = (
    *(0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16),
    *(17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49),
)
"""Blocks by version, level M (table 9)."""
_VERSIONS = range(1, 41)
_LONG_COUNTS = 10
"""From this version on the length of the text takes two bytes."""
_LEVEL_M = 0
_FREE = -9
_AT_ONCE = 512
"""Codes in one step: few enough that their modules stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """What all codes of one version share.

    Args:
        room: data codewords.
        checks: check codewords of a block.
        blocks: how many.
        index: which bit each module shows, as ``byte_index`` gives it.
        flipped: [bytes]: modules that the mask turns over.
    """

    room: int
    checks: int
    blocks: int
    index: npt.NDArray[np.int64]
    flipped: npt.NDArray[np.uint8]


def version_for(longest: int) -> int:
    """The smallest version that holds so many bytes at level M; 0 if none does."""
    return next((version for version in _VERSIONS if longest + _overhead(version) <= _room(version)), 0)


def qr_rows(payloads: Sequence[bytes], version: int) -> npt.NDArray[np.uint8]:
    """Codes of payloads in byte mode.

    Returns:
        [codes, side * bytes a row]: 0 is dark.
    """
    parts = [code_rows(_codewords(payloads[start : start + _AT_ONCE], version), version) for start in range(0, len(payloads), _AT_ONCE)]
    return np.concatenate(parts)


def code_rows(said: npt.NDArray[np.uint8], version: int) -> npt.NDArray[np.uint8]:
    """Codes of data codewords, [data codewords of the version, codes]."""
    layout = _layout(version)
    codes = said.shape[1]
    short, longer = divmod(layout.room, layout.blocks)
    early = layout.blocks - longer
    blocks = np.zeros((short + 1, layout.blocks, codes), np.uint8)
    blocks[1:, :early] = said[: early * short].reshape(early, short, codes).swapaxes(0, 1)
    blocks[:, early:] = said[early * short :].reshape(longer, short + 1, codes).swapaxes(0, 1)
    rows = check_rows(_FIELD, 0, layout.checks, short + 1)
    checks = check_bytes(blocks.reshape(short + 1, -1), rows, layout.checks)
    # Longer blocks have one codeword more at their end: the shorter ones were put one place later for the sums.
    spread = [blocks[1:, :early], blocks[:-1, early:]]
    first = np.concatenate(spread, axis=1).reshape(-1, codes)
    whole = np.concatenate((first, blocks[-1, early:], checks.reshape(-1, codes)))
    return packed_rows(whole, layout.index) ^ layout.flipped


def _codewords(payloads: Sequence[bytes], version: int) -> npt.NDArray[np.uint8]:
    """Data codewords: mode, length, bytes, end, padding; [data codewords, codes]."""
    count, head = _room(version), _overhead(version) - 1
    lengths = np.array([len(payload) for payload in payloads])
    said = np.zeros((len(payloads), count + 1), np.uint8)
    wide = count + 1 - head
    said[:, head:] = np.frombuffer(b"".join([payload.ljust(wide, b"\0") for payload in payloads]), np.uint8).reshape(-1, wide)
    said[:, head - 1] = lengths & 255
    said[:, 0] |= (lengths >> 8).astype(np.uint8) if head > 1 else np.uint8(0)
    whole = np.ascontiguousarray(said.T)
    shifted = whole[:-1] >> 4
    shifted[0] |= 0b0100 << 4
    shifted[1:] |= whole[:-2] << 4
    full = int(lengths.min()) + _overhead(version)
    place = np.arange(full, count)[:, None] - (lengths + _overhead(version))
    shifted[full:] = np.where(place < 0, shifted[full:], np.where(place & 1, 0b00010001, 0b11101100))
    return shifted.astype(np.uint8)


def side_of(version: int) -> int:
    """Modules on a side."""
    return 17 + 4 * version


def _overhead(version: int) -> int:
    """Codewords that mode, length and end take together."""
    return 2 if version < _LONG_COUNTS else 3


@lru_cache(maxsize=64)
def _room(version: int) -> int:
    """Data codewords of a version: what is left of the modules that no pattern takes."""
    return int((_patterns(version) == _FREE).sum()) // 8 - _CHECKS[version] * _BLOCKS[version]


@lru_cache(maxsize=4)
def _layout(version: int) -> _Layout:
    modules = _patterns(version).copy()
    side = len(modules)
    free = modules == _FREE
    count = int(free.sum()) // 8 * 8
    rows, columns = _course(free)
    modules[rows, columns] = LIGHT
    modules[rows[:count], columns[:count]] = np.arange(count)
    down, across = np.indices((side, side))
    flipped = np.zeros((side, -(-side // 8) * 8), np.uint8)
    flipped[:, :side] = free & ((down + across) % 3 == 0)
    return _Layout(_room(version), _CHECKS[version], _BLOCKS[version], byte_index(modules), np.packbits(flipped, axis=1).reshape(-1))


def _course(free: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The modules for codewords in their order: two columns at a time from the right, up and down in turns, past the timing column."""
    side = len(free)
    order = []
    rights = [*range(side - 1, 6, -2), *range(5, 0, -2)]
    for turn, right in enumerate(rights):
        rows = range(side - 1, -1, -1) if turn % 2 == 0 else range(side)
        order += [(row, column) for row in rows for column in (right, right - 1) if free[row, column]]
    found = np.array(order)
    return found[:, 0], found[:, 1]


@lru_cache(maxsize=64)
def _patterns(version: int) -> npt.NDArray[np.int64]:
    """All that is no codeword: finders, timing, alignment, format and version; the rest is free."""
    side = side_of(version)
    modules = np.full((side, side), _FREE)
    modules[6, :] = modules[:, 6] = np.where(np.arange(side) % 2 == 0, DARK, LIGHT)
    for row, column in ((3, 3), (3, side - 4), (side - 4, 3)):
        _square(modules, row, column, 4)
    centres = _centres(version)
    for row in centres:
        for column in centres:
            if (row, column) not in ((6, 6), (6, centres[-1]), (centres[-1], 6)):
                _square(modules, row, column, 2)
    _put_format(modules)
    if version >= 7:
        _put_version(modules, version)
    return modules


def _square(modules: npt.NDArray[np.int64], row: int, column: int, reach: int) -> None:
    """Rings around a centre, dark and light in turns: 4 for a finder with its light edge, 2 for an alignment pattern."""
    for down in range(max(0, row - reach), min(len(modules), row + reach + 1)):
        for across in range(max(0, column - reach), min(len(modules), column + reach + 1)):
            ring = max(abs(down - row), abs(across - column))
            light = ring in (2, 4) if reach == 4 else ring == 1
            modules[down, across] = LIGHT if light else DARK


def _centres(version: int) -> list[int]:
    """Rows and columns of alignment patterns: even steps back from the far edge, and 6 (annex E)."""
    if version == 1:
        return []
    last, count = side_of(version) - 7, version // 7 + 1
    step = -(-(last - 6) // count)
    step += step % 2
    step = 26 if version == 32 else step
    return [6, *(last - step * back for back in range(count - 1, -1, -1))]


def _put_format(modules: npt.NDArray[np.int64]) -> None:
    """Level and mask, twice, and the module that is always dark (annex C)."""
    said = _LEVEL_M << 3 | MASK
    bits = (said << 10 | _remainder(said, 10, 0b10100110111)) ^ 0b101010000010010
    side = len(modules)
    rows = [*range(6), 7, 8, *range(side - 7, side)]
    columns = [*range(side - 1, side - 9, -1), 7, *range(5, -1, -1)]
    for bit, (row, column) in enumerate(zip(rows, columns, strict=True)):
        modules[row, 8] = modules[8, column] = DARK if bits >> bit & 1 else LIGHT
    modules[side - 8, 8] = DARK


def _put_version(modules: npt.NDArray[np.int64], version: int) -> None:
    """The version, twice (annex D)."""
    bits = version << 12 | _remainder(version, 12, 0b1111100100101)
    far = len(modules) - 11
    for bit in range(18):
        near, away = bit // 3, far + bit % 3
        modules[near, away] = modules[away, near] = DARK if bits >> bit & 1 else LIGHT


def _remainder(value: int, checks: int, divisor: int) -> int:
    """Check bits of a Bose-Chaudhuri-Hocquenghem code."""
    rest = value << checks
    while rest.bit_length() > checks:
        rest ^= divisor << (rest.bit_length() - checks - 1)
    return rest
