"""A tree whose bottom was hashed elsewhere is the tree that is written leaf by leaf, file by file."""

import hashlib

import pytest

from callup.tlog import MemoryStore, write_tree
from callup.tlog.hashes import fold, leaf_hashes
from callup.tlog.merging import write_tiles
from callup.tlog.tiles import bundle


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 600, 65_536, 65_793])
def test_the_same_files(size):
    entries = [hashlib.sha256(b"%d" % number).digest() for number in range(size)]
    parts = [entries[first : first + 256] for first in range(0, size, 256)]
    merged, whole = MemoryStore(), MemoryStore()
    bottom = [(bundle(part), leaf_hashes(part), fold(leaf_hashes(part))) for part in parts]
    assert write_tiles(merged, "t", bottom) == write_tree(whole, "t", entries) == size
    assert merged.files == whole.files


def test_only_the_last_tile_may_be_open():
    with pytest.raises(AssertionError):
        write_tiles(MemoryStore(), "t", [(b"", bytes(32), b""), (b"", bytes(32), b"")])
