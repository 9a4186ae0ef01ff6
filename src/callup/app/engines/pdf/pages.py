"""Pages and the tree of their structure, which says what each part is and in which order it is read (ISO 32000-1, 14.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from callup.app.engines.pdf.document import Objects

_KIDS = 100
"""Pages, and rows of the parents' tree, that one node holds."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Args:
        content: its operators; every piece stands in a marked sequence numbered from 0.
        roles: the role of each such piece, in the order of reading.
        more: what a role's element says besides, by the piece's number, e.g. the words for a picture.
    """

    content: bytes
    roles: Sequence[str]
    more: Mapping[int, str] = field(default_factory=dict)


def marked(roles: Sequence[str], parts: Sequence[str]) -> bytes:
    """Operators of a page, each part in a marked sequence of its own."""
    pieces = enumerate(zip(roles, parts, strict=True))
    return "".join([f"/{role}<</MCID {at}>>BDC\n{part}EMC\n" for at, (role, part) in pieces]).encode("ascii")


def put_pages(into: Objects, pages: Sequence[Page], resources: int) -> tuple[int, int]:
    """Write the pages and the tree of their structure, a section for each page; gives the numbers of both trees."""
    tree, structure, whole, first = into.new(), into.new(), into.new(), into.new(-(-len(pages) // _KIDS))
    numbers, sections, parents = [], [], []
    for place, page in enumerate(pages):
        content = into.stream(page.content)
        number = into.new(2 + len(page.roles))
        section, marks = number + 1, range(number + 2, number + 2 + len(page.roles))
        into.small(
            f"<</Type/Page/Parent {first + place // _KIDS} 0 R/MediaBox[0 0 595.276 841.89]/Resources {resources} 0 R"
            f"/Contents {content} 0 R/StructParents {place}/Tabs/S>>",
            number,
        )
        listed = " ".join([f"{mark} 0 R" for mark in marks])
        into.small(f"<</Type/StructElem/S/Sect/P {whole} 0 R/K[{listed}]>>", section)
        for mark, (head, tail) in zip(marks, _elements(page), strict=True):
            into.small(f"{head}{section} 0 R/Pg {number} 0 R{tail}", mark)
        numbers.append(f"{number} 0 R")
        sections.append(f"{section} 0 R")
        parents.append(f"{place}[{listed}]")
    nodes = []
    for node, start in enumerate(range(0, len(pages), _KIDS)):
        some = numbers[start : start + _KIDS]
        into.small(f"<</Type/Pages/Parent {tree} 0 R/Count {len(some)}/Kids[{' '.join(some)}]>>", first + node)
        last = start + len(some) - 1
        nodes.append(into.small(f"<</Limits[{start} {last}]/Nums[{' '.join(parents[start : last + 1])}]>>"))
    into.small(f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(f'{first + node} 0 R' for node in range(len(nodes)))}]>>", tree)
    into.small(f"<</Type/StructElem/S/Document/P {structure} 0 R/K[{' '.join(sections)}]>>", whole)
    rows = into.small(f"<</Kids[{' '.join(f'{node} 0 R' for node in nodes)}]>>")
    into.small(f"<</Type/StructTreeRoot/K[{whole} 0 R]/ParentTree {rows} 0 R/ParentTreeNextKey {len(pages)}>>", structure)
    return tree, structure


def _elements(page: Page) -> list[tuple[str, str]]:
    """What stands before and after the numbers of section and page in the element of each part."""
    roles = enumerate(page.roles)
    return [(f"<</Type/StructElem/S/{role}/P ", f"/K {mark}{page.more.get(mark, '')}>>") for mark, role in roles]
