"""The back of a letter: the fixed text in two columns, in the largest size that fits on one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from callup.app.engines.pdf.pages import Pages, marked
from callup.app.engines.pdf.setting import MM, Block, Setter, Word

SIZES = (9.6, 9.2, 8.8, 8.4, 8.0, 7.6, 7.2, 6.8)
LEFT, TOP, BOTTOM = 25 * MM, 12 * MM, 285 * MM
COLUMN, GUTTER, COLUMNS = 79 * MM, 7 * MM, 2
LEADING, SPACING, ABOVE, BELOW = 0.42, 0.68, 0.95, 0.5
"""In sizes of the text: between lines, between paragraphs, above and below a heading."""


def back_page(sections: Sequence[Mapping[str, Any]], setter: Setter) -> Pages | None:
    """The back with every heading and line, or none where no size lets them fit."""
    return next((page for page in (_set(sections, setter, size) for size in SIZES) if page is not None), None)


@dataclass(slots=True)
class _Place:
    """Where the next line goes."""

    column: int = 0
    top: float = TOP
    drawn: list[str] = field(default_factory=list)

    def next_column(self) -> None:
        self.column, self.top = self.column + 1, TOP

    @property
    def left(self) -> float:
        return LEFT + self.column * (COLUMN + GUTTER)


def _set(sections: Sequence[Mapping[str, Any]], setter: Setter, size: float) -> Pages | None:
    """Fill the first column, then the second: a heading stays with what follows, no line of a paragraph stands alone."""
    place, roles = _Place(), []
    above = 0.0
    for role, words in _parts(sections):
        big = size + 1 if role == "H2" else size
        if place.top > TOP:
            place.top += max(above, ABOVE * big) if role == "H2" else above
        place.drawn.append("")
        if not _flow(place, setter.lines((("F2" if role == "H2" else "F1", words),), big, COLUMN), setter, (role, big, size)):
            return None
        above = BELOW * big if role == "H2" else SPACING * size
        roles.append(role)
    drawn = "".join(marked(role, mark, part) for mark, (role, part) in enumerate(zip(roles, place.drawn, strict=True)))
    return Pages([(b"", drawn.encode("latin-1"))], roles)


def _parts(sections: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for section in sections:
        yield "H2", section["heading"]
        yield from (("P", line) for line in section["lines"])


def _flow(place: _Place, lines: list[list[Word]], setter: Setter, how: tuple[str, float, float]) -> bool:
    """Draw the lines of one paragraph, over the end of a column where need be; false where the last column is full."""
    role, big, size = how
    capital = setter.capital(big)
    pitch = capital + LEADING * size
    while lines:
        room = BOTTOM - place.top - (2 * pitch if role == "H2" else 0.0)
        count = min(len(lines), int((room - capital) // pitch) + 1) if room >= capital else 0
        if count == 1 and len(lines) > 1 and place.top > TOP:
            count = 0
        if count == 0:
            place.next_column()
            if place.column == COLUMNS:
                return False
            continue
        place.drawn[-1] += Block(setter.drawn(lines[:count], big), count, capital, pitch).at(place.left, place.top)
        place.top += capital + (count - 1) * pitch
        lines = lines[count:]
        if lines:
            place.next_column()
    return place.column < COLUMNS
