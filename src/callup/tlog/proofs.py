"""Checking RFC 6962 proofs without the tree."""

from __future__ import annotations

from collections.abc import Sequence

from callup.tlog.hashes import EMPTY_ROOT, HASH_BYTES, node_hash
from callup.tlog.store import Head


def verify_inclusion(leaf: bytes, index: int, head: Head, path: Sequence[bytes]) -> bool:
    """Whether the path shows that the leaf hash stands at ``index`` of the tree with this head."""
    if not 0 <= index < head.size or any(len(step) != HASH_BYTES for step in (leaf, *path)):
        return False
    here, last = index, head.size - 1
    for step in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            leaf = node_hash(step, leaf)
            here, last = _climb(here, last)
        else:
            leaf = node_hash(leaf, step)
        here, last = here >> 1, last >> 1
    return last == 0 and leaf == head.root


def verify_consistency(old: Head, new: Head, path: Sequence[bytes]) -> bool:
    """Whether the path shows that the old tree is a beginning of the new one.

    RFC 6962 has no proof from the empty tree: everything begins with nothing, so there is nothing to show, and a path from
    size zero is refused, the empty one too. Equal trees need no path.
    """
    if not 0 < old.size < new.size:
        return not path and old == new and (old.size > 0 or old.root == EMPTY_ROOT)
    steps = [old.root, *path] if old.size & (old.size - 1) == 0 else list(path)
    if not path or any(len(step) != HASH_BYTES for step in steps):
        return False
    here, last = old.size - 1, new.size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            first, second = node_hash(step, first), node_hash(step, second)
            here, last = _climb(here, last)
        else:
            second = node_hash(second, step)
        here, last = here >> 1, last >> 1
    return last == 0 and (first, second) == (old.root, new.root)


def _climb(here: int, last: int) -> tuple[int, int]:
    """Up to the level where this node is a right child again (or the root is reached)."""
    while here and not here & 1:
        here, last = here >> 1, last >> 1
    return here, last
