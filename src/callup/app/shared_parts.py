"""Parts that the pages of a print file draw by name: read once each, so that ten thousand pages need not be read with them.

A form XObject that stands on every page says the same on every page. Its words are read once, on a page of its own. Before the letters are
read, an update at the end of the file (ISO 32000-1, 7.5.6) puts its number between two daggers in its place; wherever the reader then finds
that number, the words are put back. Parts with nothing that a letter must say, such as the letterhead, are left out. What was written on
the pages themselves is read as it stands, and which parts they draw as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

OPEN, CLOSE = "\u2020", "\u2021"
"""What stands around the number of a part: a single and a double dagger."""
_NUMBERED = re.compile(f"{OPEN}([0-9]+){CLOSE}")
_HELVETICA = "<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>>>>>"
_RESOURCES = re.compile(rb"\n([0-9]+) 0 obj\n<</Font<<[^<>]*>>/XObject<<((?:/S[0-9]+ [0-9]+ 0 R)+)>>>>\nendobj\n")
_NAMED = re.compile(rb"(/S[0-9]+) ([0-9]+) 0 R")
_TRAILER = re.compile(rb"/Type/XRef/Size ([0-9]+)/W[^>]*>>/Root ([0-9]+) 0 R")
_END = re.compile(rb"startxref\s+([0-9]+)\s+%%EOF\s*\Z")


@dataclass(frozen=True, slots=True)
class SharedParts:
    """A print file in two readings.

    Args:
        alone: the file with other pages: one for each part, which draws nothing else.
        pdf: the file as it is.
        before: where its last cross references begin.
        root: number of its root.
        parts: number of each part's object.
    """

    alone: bytes
    pdf: bytes
    before: int
    root: int
    parts: tuple[int, ...]

    def numbered(self, asked: Sequence[bool]) -> bytes:
        """The file in which each part that is asked for says nothing but its number, and every other part nothing at all."""
        said = [(part, _saying(place if asked[place] else None)) for place, part in enumerate(self.parts)]
        return _updated(self.pdf, self.before, said, self.root)


def shared_parts(pdf: bytes) -> SharedParts | None:
    """Find the parts that pages draw by name and write both readings; none where there is nothing to gain.

    Only a file that writes its resources as ``engines/pdf`` does is looked into: a library that opens any file took a tenth of all reading.
    """
    found, end = _RESOURCES.search(pdf), _END.search(pdf)
    named = _NAMED.findall(found[2]) if found else []
    parts = [(name.decode("ascii"), int(part)) for name, part in named]
    if found is None or end is None or not all(_is_form(pdf, part) for _, part in parts):
        return None
    before = int(end[1])
    told = _TRAILER.search(pdf, before)
    if told is None:
        return None
    size, root = int(told[1]), int(told[2])
    alone = _updated(pdf, before, _pages(parts, size, int(found[1])), size)
    return SharedParts(alone, pdf, before, root, tuple(part for _, part in parts))


def _is_form(pdf: bytes, part: int) -> bool:
    return b"\n%d 0 obj\n<</Type/XObject/Subtype/Form" % part in pdf


def put_back(text: str, words: Sequence[str]) -> str:
    """The words of each part in the place of its number; without parts the text as it is."""
    return _NUMBERED.sub(lambda found: words[int(found[1])], text) if words else text


def _pages(parts: Sequence[tuple[str, int]], first: int, resources: int) -> list[tuple[int, bytes]]:
    """A root, a tree and for each part a page that draws it."""
    tree, numbers = first + 1, range(first + 2, first + 2 + 2 * len(parts), 2)
    listed = " ".join(f"{number} 0 R" for number in numbers)
    made = [
        (first, f"<</Type/Catalog/Pages {tree} 0 R>>".encode()),
        (tree, f"<</Type/Pages/Count {len(parts)}/Kids[{listed}]>>".encode()),
    ]
    for number, (name, _) in zip(numbers, parts, strict=True):
        page = f"<</Type/Page/Parent {tree} 0 R/MediaBox[0 0 595.276 841.89]/Resources {resources} 0 R/Contents {number + 1} 0 R>>"
        made += [(number, page.encode()), (number + 1, _stream("", f"{name} Do".encode()))]
    return made


def _saying(place: int | None) -> bytes:
    """A part that says its number, each on a line of its own in the corner of the page; without a number, nothing."""
    if place is None:
        return _stream("/Type/XObject/Subtype/Form/BBox[0 0 1 1]", b"")
    words = f"/Type/XObject/Subtype/Form/BBox[0 0 595.276 841.89]/Resources{_HELVETICA}"
    return _stream(words, f"BT /F 1 Tf 2 {2 + 2 * place} Td (\\206{place}\\207) Tj ET".encode())


def _stream(words: str, content: bytes) -> bytes:
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (words.encode(), len(content), content)


def _updated(pdf: bytes, before: int, objects: Sequence[tuple[int, bytes]], root: int) -> bytes:
    """The file with objects put in the place of others or added, and ``root`` as its root."""
    parts, at, rows = [pdf], len(pdf), []
    for number, body in sorted(objects):
        whole = b"%d 0 obj\n%b\nendobj\n" % (number, body)
        rows.append((number, at))
        parts.append(whole)
        at += len(whole)
    table = max(before, rows[-1][0]) + 1
    index = " ".join(f"{number} 1" for number, _ in rows)
    where = b"".join(b"\x01" + place.to_bytes(4, "big") for _, place in rows)
    words = f"/Type/XRef/Size {table + 1}/Index[{index}]/W[1 4 0]/Root {root} 0 R/Prev {before}"
    return b"".join([*parts, b"%d 0 obj\n" % table, _stream(words, where), b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % at])
