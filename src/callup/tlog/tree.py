"""A tree that lies in a store as tiles: writing it, and reading roots, proofs and entries back from the files alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from callup.terms.errors import Tampered
from callup.tlog.hashes import EMPTY_ROOT, HASH_BYTES, fold, leaf_hashes, node_hash
from callup.tlog.store import TileFiles, TileStore
from callup.tlog.tiles import WIDTH, bundle, tile_name, unbundle
from callup.tlog.tiling import Tiling

_CHUNK = 64 * WIDTH
_MOST_KEPT = 64


class Tree:
    """The first ``size`` entries of a tree in a store; keeps the last tiles that it has read, a bounded number.

    Args:
        store: where the files lie; they are only read.
        prefix: folder of the tree in the store, e.g. ``acts``; no slash at the end.
        size: number of entries.
    """

    def __init__(self, store: TileFiles, prefix: str, size: int) -> None:
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
        return [entry for part in self.bundles(first) for entry in part]

    def bundles(self, first: int = 0) -> Iterator[Sequence[bytes]]:
        """The entries from ``first`` on, bundle by bundle."""
        skipped = first % WIDTH
        for index in range(first // WIDTH, -(-self.size // WIDTH)):
            width = min(WIDTH, self.size - index * WIDTH)
            name = self.name("entries", index, width)
            yield unbundle(self._file(name), width, name)[skipped:]
            skipped = 0

    def check(self, first: int = 0) -> bytes:
        """Read the bundles and tiles from entry ``first`` on, hash them up anew, and give the root.

        Raises:
            Tampered: a bundle does not hash to its tile, or a tile to the one above it.
        """
        start = first // WIDTH * WIDTH
        tiling = Tiling(start, self._tile, self._compare)
        for part in self.bundles(start):
            tiling.feed(leaf_hashes(part))
        tiling.finish()
        return self.root()

    def _compare(self, level: int, index: int, hashes: bytes) -> None:
        width = len(hashes) // HASH_BYTES
        if self._tile(level, index, width) != hashes:
            name = self.name(level, index, width)
            raise Tampered("tile-does-not-hold", {"file": name}, "forget memory and start again from what is under the last head")

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
        name = self.name(level, index, width)
        try:
            tile = self._file(name)
        except Tampered:
            tile = self._file(self.name(level, index, WIDTH))[: width * HASH_BYTES]
        if len(tile) != width * HASH_BYTES:
            raise Tampered("tile-malformed", {"file": name, "bytes": len(tile)}, "restore the file from a mirror")
        return tile

    def name(self, level: int | str, index: int, width: int) -> str:
        """The file of a tile, or of an entry bundle where ``level`` is ``entries``."""
        return f"{self.prefix}/{tile_name(level, index, width)}"

    def _file(self, name: str) -> bytes:
        found = self._read.get(name)
        if found is None:
            try:
                found = self._read[name] = self.store.read(name)
            except KeyError:
                raise Tampered("tile-missing", {"file": name}, "restore the file from a mirror") from None
            if len(self._read) > _MOST_KEPT:
                del self._read[next(iter(self._read))]
        return found


def write_tree(store: TileStore, prefix: str, entries: Iterable[bytes], *, after: int = 0) -> int:
    """Put the bundles and tiles of further entries; the caller syncs, once for as many trees as it likes.

    The entries are taken a few thousand at a time, so the memory needed does not grow with their number.

    Args:
        store: where the files go.
        prefix: folder of the tree.
        entries: the further entries, in order.
        after: how many entries the tree has already; the open right-hand tiles are read back from the store.

    Returns:
        The number of entries now. The root is ``Tree(store, prefix, size).root()``.
    """
    there, size, source = Tree(store, prefix, after), after, iter(entries)
    index = after // WIDTH
    kept = there.entries(index * WIDTH)
    tiling = Tiling(
        after,
        lambda level, number, width: there._hashes(level, number * WIDTH, width),
        lambda level, number, hashes: store.put(f"{prefix}/{tile_name(level, number, len(hashes) // HASH_BYTES)}", hashes),
    )
    while fresh := list(islice(source, _CHUNK - len(kept))):
        size += len(fresh)
        whole = [*kept, *fresh] if kept else fresh
        for at in range(0, len(whole), WIDTH):
            part = whole[at : at + WIDTH]
            store.put(f"{prefix}/{tile_name('entries', index, len(part))}", bundle(part))
            index += 1
        tiling.feed(leaf_hashes(fresh))
        kept = []
    tiling.finish()
    return size


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)
