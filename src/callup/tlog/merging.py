"""Trees whose bottom was hashed elsewhere, part by part: what is left is to merge the roots of aligned parts."""

from __future__ import annotations

from collections.abc import Iterable

from callup.tlog.hashes import HASH_BYTES
from callup.tlog.hashes import fold as fold
from callup.tlog.store import TileStore
from callup.tlog.tiles import WIDTH, tile_name
from callup.tlog.tiling import TILE_BYTES, Tiling


def write_tiles(store: TileStore, prefix: str, bottom: Iterable[tuple[bytes, bytes, bytes]]) -> int:
    """Put a whole tree of which the bottom is made already; the same files as `callup.tlog.write_tree` puts.

    Args:
        store: where the files go; the caller syncs.
        prefix: folder of the tree.
        bottom: for each tile of level 0, left to right, its entry bundle, its leaf hashes, and the root over them; only the last
            may have fewer than 256 hashes.

    Returns:
        The number of entries.
    """
    size = 0
    above = Tiling(
        0,
        lambda level, number, width: b"",
        lambda level, number, hashes: store.put(f"{prefix}/{tile_name(level + 1, number, len(hashes) // HASH_BYTES)}", hashes),
    )
    for index, (bundled, hashes, root) in enumerate(bottom):
        width = len(hashes) // HASH_BYTES
        assert size == index * WIDTH, "a tile that is not full is the last"
        store.put(f"{prefix}/{tile_name('entries', index, width)}", bundled)
        store.put(f"{prefix}/{tile_name(0, index, width)}", hashes)
        if len(hashes) == TILE_BYTES:
            above.feed(root)
        size += width
    above.finish()
    return size
