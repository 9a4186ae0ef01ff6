"""Cutting rows of hashes into tiles: one way for the writer, who puts each tile, and for the checker, who compares each."""

from __future__ import annotations

from collections.abc import Callable

from callup.tlog.hashes import HASH_BYTES, subtree_roots
from callup.tlog.tiles import WIDTH

TILE_BYTES = WIDTH * HASH_BYTES
HEIGHT = WIDTH.bit_length() - 1

Before = Callable[[int, int, int], bytes]
"""Gives the first hashes of a tile: level, index, how many."""

Give = Callable[[int, int, bytes], None]
"""Takes a tile: level, index, hashes."""


class Tiling:
    """A tree that grows at its right edge; in memory there is one open tile a level, whatever the size.

    Args:
        start: how many hashes of level 0 are there already.
        before: gives what the open tiles hold already.
        give: is handed every tile as soon as it is full, and by ``finish`` the open ones that have grown.
    """

    def __init__(self, start: int, before: Before, give: Give) -> None:
        self._start, self._before, self._give = start, before, give
        self._rows: list[bytes] = []
        self._indexes: list[int] = []

    def feed(self, hashes: bytes) -> None:
        """Add leaf hashes; the root of each tile that becomes full is a hash of the level above."""
        level = 0
        while hashes:
            if level == len(self._rows):
                self._open(level)
            row, index = self._rows[level] + hashes, self._indexes[level]
            whole = len(row) // TILE_BYTES
            for number in range(whole):
                self._give(level, index + number, row[number * TILE_BYTES : (number + 1) * TILE_BYTES])
            hashes = subtree_roots(row[: whole * TILE_BYTES], HEIGHT)
            self._rows[level], self._indexes[level] = row[whole * TILE_BYTES :], index + whole
            level += 1

    def finish(self) -> None:
        """Hand on the open tiles."""
        for level, row in enumerate(self._rows):
            if row:
                self._give(level, self._indexes[level], row)

    def _open(self, level: int) -> None:
        index, kept = divmod(self._start >> (HEIGHT * level), WIDTH)
        self._rows.append(self._before(level, index, kept) if kept else b"")
        self._indexes.append(index)
