"""Pages and the tree of their structure, which says what each part is and in which order it is read (ISO 32000-1, 14.7).

What belongs to one page differs from page to page by numbers only. It is written for all pages at once, as rows of bytes of one width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from callup.app.engines.pdf.document import Objects

_KIDS = 100
"""Pages, and rows of the parents' tree, that one node holds."""
_DIGITS = 7
"""Every number takes so many; zeros before it do not change it (ISO 32000-1, 7.3.3)."""
_Numbers = npt.NDArray[np.int64]
_Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages with the same parts.

    Args:
        contents: of each page, operators that nothing makes smaller and all others; every part stands in a marked sequence of its own.
        roles: the role of each part, by the number of its marked sequence from 0 on, in the order of reading.
        more: what a role's element says besides, by the part's number, e.g. the words for a picture.
    """

    contents: Sequence[tuple[bytes, bytes]]
    roles: Sequence[str]
    more: Mapping[int, str] = field(default_factory=dict)


def marked(role: str, mark: int, drawn: str) -> str:
    """Operators of one part in its marked sequence."""
    return f"/{role}<</MCID {mark}>>BDC\n{drawn}EMC\n"


def put_pages(into: Objects, kinds: Sequence[Pages], resources: int) -> tuple[int, int]:
    """Write pages, kind after kind, and the tree of their structure, a section for each page; gives the numbers of both trees."""
    tree, structure, whole = into.new(), into.new(), into.new()
    nodes, sections, parents, start = [], [], [], 0
    for pages in kinds:
        count = len(pages.contents)
        places = np.arange(start, start + count)
        first = into.new(-(-count // _KIDS))
        numbers, rows = _put_parts(into, pages, places, (first + np.arange(count) // _KIDS, whole, resources))
        for node, at in enumerate(range(0, count, _KIDS)):
            some = slice(at, at + _KIDS)
            kids = numbers[some, 0]
            into.small(f"<</Type/Pages/Parent {tree} 0 R/Count {len(kids)}/Kids[{_said(_references(kids))}]>>", first + node)
            nodes.append(first + node)
            limits = f"{places[some][0]} {places[some][-1]}"
            parents.append(into.small(f"<</Limits[{limits}]/Nums[{_said(rows[some])}]>>"))
        sections.append(_said(_references(numbers[:, 1])))
        start += count
    into.small(f"<</Type/Pages/Count {start}/Kids[{_listed(nodes)}]>>", tree)
    into.small(f"<</Type/StructElem/S/Document/P {structure} 0 R/K[{''.join(sections)}]>>", whole)
    held = into.small(f"<</Kids[{_listed(parents)}]>>")
    into.small(f"<</Type/StructTreeRoot/K[{whole} 0 R]/ParentTree {held} 0 R/ParentTreeNextKey {start}>>", structure)
    return tree, structure


def _put_parts(into: Objects, pages: Pages, places: _Numbers, around: tuple[_Numbers, int, int]) -> tuple[_Numbers, _Bytes]:
    """Write what belongs to each page alone.

    Returns:
        [pages, objects]: the numbers of page, section and elements; and each page's row of the parents' tree.
    """
    nodes, whole, resources = around
    contents = np.array([into.stream(drawn, before=pictures) for pictures, drawn in pages.contents])
    objects = 2 + len(pages.roles)
    numbers = into.new(len(places) * objects) + np.arange(len(places) * objects).reshape(-1, objects)
    page, section, *elements = (digits(column) for column in numbers.T)
    kids = [part for element in elements for part in (element, " 0 R ")]
    node, content, place = digits(nodes), digits(contents), digits(places)
    shared = f"<</Type/Page/MediaBox[0 0 595.276 841.89]/Tabs/S/Resources {resources} 0 R/Parent "
    bodies = [
        rows([shared, node, " 0 R/Contents ", content, " 0 R/StructParents ", place, ">>\n"]),
        rows([f"<</Type/StructElem/S/Sect/P {whole} 0 R/K[", *kids, "]>>\n"]),
    ]
    for mark, role in enumerate(pages.roles):
        more = pages.more.get(mark, "")
        bodies.append(rows([f"<</Type/StructElem/S/{role}/P ", section, " 0 R/Pg ", page, f" 0 R/K {mark}{more}>>\n"]))
    into.alike(numbers, bodies)
    return numbers, rows([place, "[", *kids, "]"])


def rows(parts: Sequence[str | _Bytes]) -> _Bytes:
    """Rows of bytes: what is the same in all, and the digits of numbers.

    Returns:
        [rows, width].
    """
    count = next(len(part) for part in parts if not isinstance(part, str))
    columns = [
        np.broadcast_to(np.frombuffer(part.encode("ascii"), np.uint8), (count, len(part))) if isinstance(part, str) else part
        for part in parts
    ]
    return np.concatenate(columns, axis=1)


def digits(numbers: _Numbers) -> _Bytes:
    """Seven digits of each number: [numbers, 7]."""
    powers = 10 ** np.arange(_DIGITS - 1, -1, -1, dtype=np.int32)
    return (numbers.astype(np.int32)[:, None] // powers % 10 + ord("0")).astype(np.uint8)


def _references(numbers: _Numbers) -> _Bytes:
    return rows([digits(numbers), " 0 R "])


def _said(written: _Bytes) -> str:
    return written.tobytes().decode("ascii")


def _listed(numbers: Sequence[int]) -> str:
    return " ".join(f"{number} 0 R" for number in numbers)
