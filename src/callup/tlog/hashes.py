"""RFC 6962 hashes over byte strings: a level of a tree is one string of 32-byte hashes, so a loop slices and never boxes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import islice
from operator import itemgetter
from struct import iter_unpack

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
_CHUNK_LEAVES = 1 << 14
_LEAF, _NODE = sha256(b"\0"), sha256(b"\1")


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one leaf: SHA-256 of a zero byte and the entry."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256 of a one byte and both children."""
    return sha256(b"\1" + left + right).digest()


def leaf_hashes(entries: Iterable[bytes]) -> bytes:
    """The leaf hashes of many entries, joined."""
    begin, found = _LEAF.copy, []
    for entry in entries:
        hashed = begin()  # copying a hash that has its prefix costs less than joining prefix and entry
        hashed.update(entry)
        found.append(hashed.digest())
    return b"".join(found)


def digest_leaf_hashes(digests: bytes) -> bytes:
    """The leaf hashes of 32-byte entries that lie one behind the other."""
    return leaf_hashes(map(itemgetter(0), iter_unpack("32s", digests)))


def parents(level: bytes) -> bytes:
    """The parents of every whole pair of a level; an odd last hash is left out."""
    begin, found = _NODE.copy, []
    for (pair,) in iter_unpack("64s", memoryview(level)[: len(level) // 64 * 64]):
        hashed = begin()
        hashed.update(pair)
        found.append(hashed.digest())
    return b"".join(found)


def subtree_roots(level: bytes, height: int) -> bytes:
    """The roots of the complete subtrees of ``2**height`` hashes each that lie one behind the other, joined."""
    for _ in range(height):
        level = parents(level)
    return level


def fold(level: bytes) -> bytes:
    """The root over the hashes of one level, RFC 6962 section 2.1; a last hash without a partner moves up unchanged.

    Args:
        level: leaf hashes, or the roots of complete subtrees of one size, joined.
    """
    if not level:
        return EMPTY_ROOT
    while len(level) > HASH_BYTES:
        odd = level[-HASH_BYTES:] if len(level) % 64 else b""
        level = parents(level) + odd
    return level


def merkle_root(digests: Iterable[bytes] | bytes) -> bytes:
    """The RFC 6962 root whose leaves are 32-byte digests in the order given; memory grows with the logarithm of their number.

    Args:
        digests: an iterable of 32-byte digests, or all of them joined in one ``bytes``.

    Example:
        >>> merkle_root([]).hex()[:16], merkle_root(bytes(64)) == merkle_root([bytes(32), bytes(32)])
        ('e3b0c44298fc1c14', True)
    """
    spine: list[tuple[int, bytes]] = []  # (height, root) of complete subtrees, heights falling from left to right
    last = b""
    for chunk in _chunks(digests):
        top = fold(digest_leaf_hashes(chunk))
        if len(chunk) < _CHUNK_LEAVES * HASH_BYTES:
            last = top
            break
        height = 0
        while spine and spine[-1][0] == height:
            top = node_hash(spine.pop()[1], top)
            height += 1
        spine.append((height, top))
    return _join_spine(spine, last)


def _join_spine(spine: list[tuple[int, bytes]], last: bytes) -> bytes:
    for _, left in reversed(spine):
        last = node_hash(left, last) if last else left
    return last or EMPTY_ROOT


def _chunks(digests: Iterable[bytes] | bytes) -> Iterator[bytes]:
    """Runs of ``_CHUNK_LEAVES`` digests joined; only the last may be shorter, and it is never empty."""
    if isinstance(digests, bytes):
        if len(digests) % HASH_BYTES:
            raise ValueError("the digests' length is no multiple of 32 bytes")
        step = _CHUNK_LEAVES * HASH_BYTES
        yield from (digests[start : start + step] for start in range(0, len(digests), step))
        return
    source = iter(digests)
    while taken := list(islice(source, _CHUNK_LEAVES)):
        if any(len(digest) != HASH_BYTES for digest in taken):
            raise ValueError("a digest is not 32 bytes long")
        yield b"".join(taken)
