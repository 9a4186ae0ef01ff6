"""C2SP tlog-tiles: how files are named and how entries stand in a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from struct import iter_unpack

from callup.terms.errors import BadInput, Tampered

WIDTH = 256
_LONGEST_ENTRY = 65535


def tile_name(level: int | str, index: int, width: int = WIDTH) -> str:
    """The name of a tile, or of an entry bundle where ``level`` is ``entries``.

    Example:
        >>> tile_name(0, 1234067), tile_name("entries", 5, 17)
        ('tile/0/x001/x234/067', 'tile/entries/005.p/17')
    """
    index, last = divmod(index, 1000)
    name = f"{last:03d}"
    while index:
        index, group = divmod(index, 1000)
        name = f"x{group:03d}/{name}"
    return f"tile/{level}/{name}" + ("" if width == WIDTH else f".p/{width}")


def bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as a bundle: each behind its length in two bytes, big-endian."""
    lengths = sorted(set(map(len, entries)))
    if lengths and lengths[-1] > _LONGEST_ENTRY:
        raise BadInput("entry-too-long", {"bytes": lengths[-1]}, f"an entry holds at most {_LONGEST_ENTRY} bytes")
    heads = {length: length.to_bytes(2, "big") for length in lengths}
    if len(lengths) == 1:
        head = heads[lengths[0]]
        return head + head.join(entries)
    return b"".join([part for entry in entries for part in (heads[len(entry)], entry)])


def unbundle(content: bytes, width: int, name: str) -> Sequence[bytes]:
    """The entries of a bundle that must hold exactly ``width`` of them.

    Raises:
        Tampered: the lengths do not add up.
    """
    length = int.from_bytes(content[:2], "big")
    if len(content) == width * (length + 2):
        heads, alike = zip(*iter_unpack(f"2s{length}s", content), strict=True)
        if heads.count(content[:2]) == width:
            return alike
    return _one_by_one(content, width, name)


def _one_by_one(content: bytes, width: int, name: str) -> Sequence[bytes]:
    """The entries of a bundle in which they differ in length."""
    entries, at = [], 0
    while at < len(content):
        start = at + 2
        at = start + int.from_bytes(content[at:start], "big")
        entries.append(content[start:at])
    if at != len(content) or len(entries) != width:
        raise Tampered("bundle-malformed", {"file": name, "entries": len(entries), "expected": width}, "restore the file from a mirror")
    return entries
