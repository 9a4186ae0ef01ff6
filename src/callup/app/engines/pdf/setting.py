"""Sets words into lines of a width, first fit, and gives the operators that draw them (ISO 32000-1, 9.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from callup.app.engines.pdf.faces import Face

MM = 72 / 25.4
PAGE_HEIGHT = 297 * MM
Runs = tuple[tuple[str, str], ...]
"""Texts one after the other with a space between them, each with the name of its face."""
Word = tuple[str, float, str]
"""The name of its face, its width at size 1,000, and its codes."""
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
        pitch = f"{self.pitch:.2f} TL " if self.lines > 1 else ""
        return f"BT {left:.2f} {PAGE_HEIGHT - top - self.capital:.2f} Td {pitch}{self.body}ET\n"


class Setter:
    """Sets texts; what was set once is kept, since most sentences of a wave are the same on every letter."""

    def __init__(self, faces: Mapping[str, Face]) -> None:
        self._faces = faces
        self._kept: dict[tuple[tuple[Runs, ...], float, float, float], Block] = {}
        self._known: dict[tuple[str, str], Word] = {}
        self._whole: dict[tuple[str, str], Word] = {}
        self._spaces = {name: self._measured(name, " ") for name in faces}

    def learn(self, name: str, texts: Iterable[str]) -> None:
        """Measure many texts at once that may stand on one line, before they are set."""
        some = [*dict.fromkeys(texts)]
        self._whole.update(((name, text), (name, *found)) for text, found in zip(some, self._faces[name].measured(some), strict=True))

    def line(self, name: str, text: str, size: float, width: float) -> str | None:
        """The codes of a text that was measured and fits on one line; none otherwise."""
        found = self._whole.get((name, text))
        return found[2] if found is not None and found[1] * size <= width * 1000 else None

    def wide(self, name: str, text: str, size: float) -> float:
        """How wide a text is, in points."""
        return self._faces[name].width(text) * size / 1000

    def short(self, name: str, coded: Sequence[str], size: float) -> Block:
        """Lines that ``line`` found to fit, one under the other, half their size apart."""
        capital = self.capital(size)
        end = f"{self._spaces[name][2]}) Tj T* ("
        return Block(f"/{name} {size:g} Tf ({end.join(coded)}) Tj ", len(coded), capital, capital + size / 2)

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

    def lines(self, runs: Runs, size: float, width: float) -> list[list[Word]]:
        """Words of each line with their faces: as many as fit, and a word too wide for a line is cut."""
        most = width * 1000 / size
        line: list[Word] = []
        lines = [line]
        taken = 0.0
        for word in self._words(runs, most):
            space = self._spaces[word[0]][1] if line else 0.0
            if line and taken + space + word[1] > most:
                line = []
                lines.append(line)
                taken = space = 0.0
            line.append(word)
            taken += space + word[1]
        return lines

    def _words(self, runs: Runs, most: float) -> Iterator[Word]:
        for name, text in runs:
            for word in text.split(" "):
                known = self._known.get((name, word)) or self._measured(name, word)
                if known[1] <= most or len(word) == 1:
                    yield known
                else:
                    yield from (self._measured(name, part) for part in self._pieces(name, word, most))

    def _measured(self, name: str, word: str) -> Word:
        face = self._faces[name]
        found = (name, face.width(word), face.coded(word))
        if len(self._known) < _KEPT:
            self._known[name, word] = found
        return found

    def _pieces(self, name: str, word: str, most: float) -> Iterator[str]:
        """A word too wide for a line, cut where the line ends; each piece has at least one character."""
        width = self._faces[name].width
        while len(word) > 1 and width(word) > most:
            upto = next(count for count in range(len(word) - 1, 0, -1) if count == 1 or width(word[:count]) <= most)
            yield word[:upto]
            word = word[upto:]
        yield word

    def drawn(self, lines: Sequence[Sequence[Word]], size: float) -> str:
        """Operators of some lines. A line that goes on ends with a space, so that no reader runs two words together."""
        parts, now, last = [], "", len(lines) - 1
        for number, line in enumerate(lines):
            if number:
                parts.append("T* ")
            start = 0
            while start < len(line):
                name = line[start][0]
                end = next((at for at in range(start + 1, len(line)) if line[at][0] != name), len(line))
                if name != now:
                    parts.append(f"/{name} {size:g} Tf ")
                    now = name
                space = self._spaces[name][2]
                goes_on = space if end < len(line) or number < last else ""
                parts.append(f"({space.join([word[2] for word in line[start:end]])}{goes_on}) Tj ")
                start = end
        return "".join(parts)
