"""A tree that lies in a store as tiles: writing it, and reading roots, proofs and entries back from the files alone."""

from __future__ import annotations

from collections.abc import Sequence

from callup.terms.errors import Tampered
from callup.tlog.hashes import EMPTY_ROOT, HASH_BYTES, fold, leaf_hashes, node_hash
from callup.tlog.store import TileStore
from callup.tlog.tiles import WIDTH, bundle, tile_name, unbundle

_TILE_BYTES = WIDTH * HASH_BYTES


class Tree:
    """The first ``size`` entries of a tree in a store; keeps nothing but the tiles it has read.

    Args:
        store: where the files lie.
        prefix: folder of the tree in the store, e.g. ``acts``; no slash at the end.
        size: number of entries.
    """

    def __init__(self, store: TileStore, prefix: str, size: int) -> None:
        self.store, self.prefix, self.size = store, prefix, size
        self._read: dict[str, bytes] = {}

    def root(self, size: int = -1) -> bytes:
        """The root over the first ``size`` entries, all of them if not said, from hash tiles."""
        return self._subtree(0, self.size if size < 0 else size)

    def inclusion(self, index: int) -> list[bytes]:
        """The RFC 6962 audit path of one entry, from the leaf upwards."""
        if not 0 <= index < self.size:
            raise IndexError(index)
        low, high = 0, self.size
        path: list[bytes] = []
        while high - low > 1:
            middle = low + _split(high - low)
            if index < middle:
                path.append(self._subtree(middle, high))
                high = middle
            else:
                path.append(self._subtree(low, middle))
                low = middle
        return path[::-1]

    def consistency(self, old: int) -> list[bytes]:
        """The RFC 6962 proof that the first ``old`` entries are a beginning of this tree."""
        if not 0 <= old <= self.size:
            raise IndexError(old)
        if old in (0, self.size):
            return []
        low, high, leftmost = 0, self.size, True
        path: list[bytes] = []
        while old != high:
            middle = low + _split(high - low)
            if old <= middle:
                path.append(self._subtree(middle, high))
                high = middle
            else:
                path.append(self._subtree(low, middle))
                low, leftmost = middle, False
        if not leftmost:
            path.append(self._subtree(low, high))
        return path[::-1]

    def entries(self, first: int = 0) -> list[bytes]:
        """The entries from ``first`` on, from their bundles."""
        found: list[bytes] = []
        for index in range(first // WIDTH, -(-self.size // WIDTH)):
            width = min(WIDTH, self.size - index * WIDTH)
            name = self._name("entries", index, width)
            found += unbundle(self._file(name), width, name)
        return found[first % WIDTH :]

    def check(self, first: int = 0) -> bytes:
        """Read the bundles and tiles from entry ``first`` on, hash them up anew, and give the root.

        Raises:
            Tampered: a bundle does not hash to its tile, or a tile to the one above it.
        """
        level, count, start = 0, self.size, first
        hashes = leaf_hashes(self.entries(first // WIDTH * WIDTH))
        while count > 0:
            low = start // WIDTH * WIDTH
            above = []
            for index in range(low // WIDTH, -(-count // WIDTH)):
                width = min(WIDTH, count - index * WIDTH)
                cut = (index * WIDTH - low) * HASH_BYTES
                tile = self._tile(level, index, width)
                if tile != hashes[cut : cut + width * HASH_BYTES]:
                    name = self._name(level, index, width)
                    raise Tampered("tile-does-not-hold", {"file": name}, "forget memory and start again from what is under the last head")
                if width == WIDTH:
                    above.append(fold(tile))
            level, start, count = level + 1, start // WIDTH, count // WIDTH
            hashes = self._before(level, start) + b"".join(above)
        return self.root()

    def _before(self, level: int, start: int) -> bytes:
        """The hashes of a tile that stand before position ``start`` of its level."""
        kept = start % WIDTH
        return self._tile(level, start // WIDTH, kept)[: kept * HASH_BYTES] if kept else b""

    def _subtree(self, low: int, high: int) -> bytes:
        size = high - low
        if size == 0:
            return EMPTY_ROOT
        if size & (size - 1) == 0 and low % size == 0:
            height = size.bit_length() - 1
            level, within = divmod(height, 8)
            return fold(self._hashes(level, low >> (8 * level), 1 << within))
        middle = low + _split(size)
        return node_hash(self._subtree(low, middle), self._subtree(middle, high))

    def _hashes(self, level: int, start: int, count: int) -> bytes:
        index, offset = divmod(start, WIDTH)
        there = (self.size >> (8 * level)) - index * WIDTH
        tile = self._tile(level, index, min(WIDTH, there))
        return tile[offset * HASH_BYTES : (offset + count) * HASH_BYTES]

    def _tile(self, level: int, index: int, width: int) -> bytes:
        """The first ``width`` hashes of a tile; a fuller tile serves where the narrow one is gone."""
        name = self._name(level, index, width)
        try:
            tile = self._file(name)
        except Tampered:
            tile = self._file(self._name(level, index, WIDTH))[: width * HASH_BYTES]
        if len(tile) != width * HASH_BYTES:
            raise Tampered("tile-malformed", {"file": name, "bytes": len(tile)}, "restore the file from a mirror")
        return tile

    def _name(self, level: int | str, index: int, width: int) -> str:
        return f"{self.prefix}/{tile_name(level, index, width)}"

    def _file(self, name: str) -> bytes:
        if name not in self._read:
            try:
                self._read[name] = self.store.read(name)
            except KeyError:
                raise Tampered("tile-missing", {"file": name}, "restore the file from a mirror") from None
        return self._read[name]


def write_tree(store: TileStore, prefix: str, entries: Sequence[bytes], *, after: int = 0) -> int:
    """Put the bundles and tiles of further entries; the caller syncs, once for as many trees as it likes.

    Args:
        store: where the files go.
        prefix: folder of the tree.
        entries: the further entries, in order.
        after: how many entries the tree has already; the open right-hand tiles are read back from the store.

    Returns:
        The number of entries now. The root is ``Tree(store, prefix, size).root()``.
    """
    there, size = Tree(store, prefix, after), after + len(entries)
    if not entries:
        return size
    start = after // WIDTH * WIDTH
    whole = [*there.entries(start), *entries] if after % WIDTH else entries
    for at in range(0, len(whole), WIDTH):
        part = whole[at : at + WIDTH]
        store.put(f"{prefix}/{tile_name('entries', (start + at) // WIDTH, len(part))}", bundle(part))
    _write_level(store, prefix, there, leaf_hashes(entries))
    return size


def _write_level(store: TileStore, prefix: str, there: Tree, fresh: bytes) -> None:
    """Write the tiles that new leaf hashes touch, level by level; a full tile's root is the next level's hash."""
    level = 0
    while fresh:
        old = there.size >> (8 * level)
        first, kept = divmod(old, WIDTH)
        row = (there._hashes(level, first * WIDTH, kept) if kept else b"") + fresh
        above = []
        for at in range(0, len(row), _TILE_BYTES):
            tile = row[at : at + _TILE_BYTES]
            store.put(f"{prefix}/{tile_name(level, first + at // _TILE_BYTES, len(tile) // HASH_BYTES)}", tile)
            if len(tile) == _TILE_BYTES:
                above.append(fold(tile))
        fresh, level = b"".join(above), level + 1


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)
