"""Sets words into lines of a width, first fit, and gives the operators that draw them (ISO 32000-1, 9.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from callup.app.engines.pdf.faces import Face

MM = 72 / 25.4
PAGE_HEIGHT = 297 * MM
Runs = tuple[tuple[str, str], ...]
"""Texts one after the other with a space between them, each with the name of its face."""
_KEPT = 200_000


@dataclass(frozen=True, slots=True)
class Block:
    """Lines one under the other, without a place yet.

    Args:
        body: operators of the lines, from the first font on.
        lines: how many.
        capital: height of a capital, in points: from the top of the block to its first baseline.
        pitch: from baseline to baseline, in points.
    """

    body: str
    lines: int
    capital: float
    pitch: float

    @property
    def height(self) -> float:
        """From the top of the first capital to the last baseline, in points."""
        return self.capital + (self.lines - 1) * self.pitch

    def at(self, left: float, top: float) -> str:
        """Draw it: points from the left and from the top of the page."""
        return f"BT {left:.2f} {PAGE_HEIGHT - top - self.capital:.2f} Td {self.pitch:.2f} TL {self.body}ET\n"


class Setter:
    """Sets texts; what was set once is kept, since most sentences of a wave are the same on every letter."""

    def __init__(self, faces: Mapping[str, Face]) -> None:
        self._faces = faces
        self._kept: dict[tuple[tuple[Runs, ...], float, float, float], Block] = {}

    def block(self, paragraphs: Sequence[Runs], size: float, width: float, leading: float) -> Block:
        """Set lines; each of ``paragraphs`` begins a new one.

        Args:
            paragraphs: their texts.
            size: of the text, in points.
            width: of the lines, in points.
            leading: between a baseline and the top of the capitals under it, in points.
        """
        key = (tuple(paragraphs), size, width, leading)
        found = self._kept.get(key)
        if found is None:
            lines = [line for runs in paragraphs for line in self.lines(runs, size, width)]
            capital = self.capital(size)
            found = Block(self.drawn(lines, size), len(lines), capital, capital + leading)
            if len(self._kept) < _KEPT:
                self._kept[key] = found
        return found

    def capital(self, size: float) -> float:
        """Height of a capital, in points."""
        return self._faces["F1"].capital * size / 1000

    def lines(self, runs: Runs, size: float, width: float) -> list[list[tuple[str, str]]]:
        """Words of each line with their faces: as many as fit, and a word too wide for a line is cut."""
        most = width * 1000 / size
        lines: list[list[tuple[str, str]]] = [[]]
        taken = 0.0
        for face, word, wide in self._words(runs, most):
            space = self._faces[face].widths[" "] if lines[-1] else 0.0
            if lines[-1] and taken + space + wide > most:
                lines.append([])
                taken, space = 0.0, 0.0
            lines[-1].append((face, word))
            taken += space + wide
        return lines

    def _words(self, runs: Runs, most: float) -> list[tuple[str, str, float]]:
        found = []
        for name, text in runs:
            face = self._faces[name]
            for word in text.split(" "):
                rest = word
                while len(rest) > 1 and face.width(rest) > most:
                    upto = next(count for count in range(len(rest) - 1, 0, -1) if count == 1 or face.width(rest[:count]) <= most)
                    found.append((name, rest[:upto], face.width(rest[:upto])))
                    rest = rest[upto:]
                found.append((name, rest, face.width(rest)))
        return found

    def drawn(self, lines: Sequence[Sequence[tuple[str, str]]], size: float) -> str:
        """Operators of some lines. A line that goes on ends with a space, so that no reader runs two words together."""
        parts, now = [], ""
        for number, line in enumerate(lines):
            if number:
                parts.append("T* ")
            runs = [(name, " ".join(word for _, word in words)) for name, words in groupby(line, key=lambda one: one[0])]
            for at, (name, text) in enumerate(runs):
                if name != now:
                    parts.append(f"/{name} {size:g} Tf ")
                    now = name
                goes_on = at + 1 < len(runs) or number + 1 < len(lines)
                parts.append(f"<{self._faces[name].hexed(text + ' ' if goes_on else text)}> Tj ")
        return "".join(parts)
