"""The front of ``notice/letter.typ`` once more, without a layout engine: the same places and words, thousands a second (ADR 0026).

Measures are those of the Typst template, which stays the truth: a test compares both. What does not fit here is left to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from callup.app.engines.pdf.back import back_page
from callup.app.engines.pdf.document import Objects, put_about, put_font, text
from callup.app.engines.pdf.faces import Face
from callup.app.engines.pdf.pages import Page, marked, put_pages
from callup.app.engines.pdf.setting import MM, PAGE_HEIGHT, Block, Runs, Setter
from callup.notice import PrintBatch, Stamp

LEFT, WIDTH = 25 * MM, 165 * MM
TOP, BOTTOM = 12 * MM, 285 * MM
BODY, LEADING, SPACING = 11.0, 5.5, 0.62 * 11
ADDRESS_TOP, ADDRESS_END, ADDRESS_WIDTH = 54.5 * MM, 88 * MM, 80 * MM
MAIL = (125 * MM, 47 * MM, 16 * MM)
CHECK = (149 * MM, 47 * MM, 41 * MM)
"""Left, top and side of the two codes."""
LABEL_WIDTH = 34 * MM
FACT_LEADING = 0.72 * BODY
_OFTEN, _LONG = 20, 160
"""How many fronts draw a piece, and how many characters its operators have, before it is written once: a reader spends as long on
drawing by name as on some thirty letters of text."""
_Parts = list[list[str]]
"""The parts of a front in the order of reading, each in pieces."""


def fits_back(batch: PrintBatch, faces: Mapping[str, Face]) -> bool:
    """Whether the fixed text fits on one page in some size."""
    return back_page(batch.words["sections"], Setter(faces)) is not None


def unfit_letters(batch: PrintBatch, faces: Mapping[str, Face]) -> tuple[str, ...]:
    """The notices whose address or facts do not fit in their place."""
    front = _Front(batch.words, Setter(faces))
    parted = zip(batch.pieces, batch.fields, strict=True)
    return tuple(piece.notice_id for piece, letter in parted if not front.parts(letter, "", ""))


def write_letters(batch: PrintBatch, stamp: Stamp, faces: Mapping[str, Face]) -> bytes:
    """Write a print file: a front each, and the back that all share as the last page; the same letters give the same bytes.

    What stands on many fronts in the same place is written once in the file and drawn by name.

    Args:
        batch: what is printed, with ``shared_back``.
        stamp: gives the date of the document.
        faces: the fonts; they must cover every text.

    Returns:
        The PDF, or nothing where a letter or the back does not fit.
    """
    words = batch.words
    front = _Front(words, Setter(faces))
    codes = _masks(batch.codes, len(batch.fields), words["mail_side"], words["check_side"])
    fronts = [front.parts(letter, *code) for letter, code in zip(batch.fields, codes, strict=True)]
    back = back_page(words["sections"], front.setter)
    if back is None or not all(fronts):
        return b""
    into = Objects()
    told, about = put_about(into, words["title"], words["authority"], stamp.decree_day)
    fonts = "".join(f"/{name} {put_font(into, face)} 0 R" for name, face in faces.items())
    names = _names(fronts, (front.head, front.closing))
    held = "".join(f"/{name} {_shared(into, content, fonts)} 0 R" for content, name in names.items())
    resources = into.put(f"<</Font<<{fonts}>>/XObject<<{held}>>>>")
    drawn = {content: f"/{name} Do\n" for content, name in names.items()}
    more = {mark: f"/Alt {into.put(alt)} 0 R/A {into.put(place)} 0 R" for mark, (alt, place) in front.figures.items()}
    pages = [Page(marked(front.roles, _joined(parts, drawn)), front.roles, more) for parts in fronts]
    tree, structure = put_pages(into, [*pages, back], resources)
    root = into.put(
        f"<</Type/Catalog/Pages {tree} 0 R/StructTreeRoot {structure} 0 R/Metadata {about} 0 R/Lang({words['language']})"
        f"/MarkInfo<</Marked true>>/ViewerPreferences<</DisplayDocTitle true>>>>"
    )
    return into.whole(root, told)


def _names(fronts: Sequence[_Parts], always: Sequence[str]) -> dict[str, str]:
    """A name for each piece that is written once: it is drawn on many fronts and long enough to be worth it."""
    counts = Counter(chain.from_iterable(chain.from_iterable(fronts)))
    often = [piece for piece, count in counts.items() if count >= _OFTEN and len(piece) >= _LONG and piece not in always]
    return {piece: f"S{number}" for number, piece in enumerate([*always, *often])}


def _joined(parts: _Parts, drawn: Mapping[str, str]) -> list[str]:
    return ["".join([drawn.get(piece, piece) for piece in pieces]) for pieces in parts]


def _shared(into: Objects, content: str, fonts: str) -> int:
    """A part that stands on many fronts, written once."""
    words = f"/Type/XObject/Subtype/Form/BBox[0 0 595.276 841.89]/Resources<</Font<<{fonts}>>>>"
    return into.stream(content.encode("ascii"), words)


def _masks(codes: bytes, letters: int, mail: int, check: int) -> list[tuple[str, str]]:
    """Both codes of each letter as rows of bits in hex digits, 0 for black."""
    whole = np.frombuffer(codes, dtype=np.uint8).reshape(letters, mail * mail + check * check)
    parts = []
    for raster, side in ((whole[:, : mail * mail], mail), (whole[:, mail * mail :], check)):
        bits = np.packbits(raster.reshape(letters, side, side) > 127, axis=2)
        parts.append([row.tobytes().hex() for row in bits])
    return list(zip(*parts, strict=True))


def _picture(code: str, side: int, place: tuple[float, float, float]) -> str:
    left, top, size = place
    matrix = f"{size:.2f} 0 0 {size:.2f} {left:.2f} {PAGE_HEIGHT - top - size:.2f}"
    return f"q {matrix} cm BI /W {side}/H {side}/BPC 1/CS/G/F/AHx ID {code}> EI Q\n"


def _figure(words: str, place: tuple[float, float, float]) -> tuple[str, str]:
    """What a picture says to whoever hears it, and where it stands."""
    left, top, size = place
    box = f"{left:.2f} {PAGE_HEIGHT - top - size:.2f} {left + size:.2f} {PAGE_HEIGHT - top:.2f}"
    return text(words), f"<</O/Layout/Placement/Block/BBox[{box}]>>"


class _Front:
    """Fronts that share their fixed words: made once, drawn by name."""

    def __init__(self, fixed: Mapping[str, Any], setter: Setter) -> None:
        self.fixed, self.setter = fixed, setter
        self.sides = (fixed["mail_side"], fixed["check_side"])
        self.head = self._head()
        self.closing, self.end = self._closing()
        self.figures = {2: _figure(fixed["mail_alt"], MAIL), 3: _figure(fixed["check_alt"], CHECK)}
        self.roles = ("P", "P", "Figure", "Figure", "P", "H1", *("P" for _ in fixed["asks"]), "P", "P")
        self.issued = self._set([fixed["issued"]], 8, 22 * MM).at(125 * MM, 66 * MM)
        self.checking = self._set([fixed["check_words"]], 8, 65 * MM)
        labels = [setter.block([(("F1", words),)], 10, LABEL_WIDTH, 5) for words in fixed["labels"]]
        self.labels = [(label.capital, label.height, label) for label in labels]

    def parts(self, letter: Mapping[str, Any], mail: str, check: str) -> _Parts:
        """The pieces of each part of one front; nothing where the address or the facts do not fit."""
        address = self._set(letter["address"], letter.get("address_size", BODY), ADDRESS_WIDTH)
        number = self.setter.block([(("F1", self.fixed["number_label"]), ("F2", letter["number"]))], 8, 65 * MM, 4)
        under = 90.5 * MM + number.height + number.pitch - number.capital
        running, end = self._running(letter)
        if ADDRESS_TOP + address.height > ADDRESS_END or end > self.end:
            return []
        return [
            [self.head],
            [address.at(LEFT, ADDRESS_TOP)],
            [_picture(mail, self.sides[0], MAIL)],
            [_picture(check, self.sides[1], CHECK)],
            [self.issued, number.at(125 * MM, 90.5 * MM), self.checking.at(125 * MM, under)],
            *running,
            [self.closing],
        ]

    def _set(self, lines: Sequence[str], size: float, width: float, face: str = "F1", leading: float = 0.0) -> Block:
        return self.setter.block([((face, line),) for line in lines], size, width, leading or size / 2)

    def _running(self, letter: Mapping[str, Any]) -> tuple[_Parts, float]:
        """Title, the five answers and the facts, each under the one before; and where they end."""
        title = self._set([letter["title"]], 14, WIDTH, "F2")
        parts, top = [[title.at(LEFT, 103 * MM)]], 103 * MM + title.height + 0.8 * 15.4
        for ask, answer in zip(self.fixed["asks"], letter["answers"], strict=True):
            block = self.setter.block([(("F2", ask), ("F1", answer))], BODY, WIDTH, LEADING)
            parts.append([block.at(LEFT, top)])
            top += block.height + SPACING
        top += 1.2 * BODY - SPACING
        drawn = []
        for (capital, height, label), fact in zip(self.labels, letter["facts"], strict=True):
            said = self._set([fact], BODY, WIDTH - LABEL_WIDTH, "F2", FACT_LEADING)
            drawn.append("0.235 g " + label.at(LEFT, top + said.capital - capital))
            drawn.append("0 g " + said.at(LEFT + LABEL_WIDTH, top))
            top += max(height, said.height) + FACT_LEADING
        return [*parts, drawn], top

    def _head(self) -> str:
        """Letterhead, marks and the sender's line."""
        fixed = self.fixed
        name = self.setter.block([(("F2", fixed["authority"]),)], 12, WIDTH, LEADING)
        basis = self.setter.block([(("F1", fixed["legal_basis"]),)], 9, WIDTH, LEADING)
        drawn = name.at(LEFT, TOP) + basis.at(LEFT, TOP + name.height + LEADING)
        drawn += self._marks(fixed["marks"], TOP + 14 * MM) if fixed["marks"] else ""
        sender = self._set([fixed["sender"]], 7, ADDRESS_WIDTH)
        under = TOP + 35 * MM + sender.height + 0.8 * MM
        line = f"0.471 G 0.4 w {LEFT:.2f} {PAGE_HEIGHT - under:.2f} m {LEFT + ADDRESS_WIDTH:.2f} {PAGE_HEIGHT - under:.2f} l S\n"
        return drawn + sender.at(LEFT, TOP + 35 * MM) + line

    def _marks(self, marks: Sequence[str], top: float) -> str:
        drawn, at, inner = "", top + 1.6 * MM, WIDTH - 5 * MM
        for number, mark in enumerate(marks):
            block = self.setter.block([(("F1" if number else "F2", mark),)], 9 if number else 10.5, inner, 4.4)
            drawn += block.at(LEFT + 2.5 * MM, at)
            at += block.height + 5.5
        height = at - 5.5 + 1.6 * MM - top
        return drawn + f"0 G 0.8 w {LEFT:.2f} {PAGE_HEIGHT - top - height:.2f} {WIDTH:.2f} {height:.2f} re S\n"

    def _closing(self) -> tuple[str, float]:
        """The last words of every front, standing on its foot; and where the facts must end."""
        lines: list[Runs] = [(("F1", self.fixed["closing"]),), (("F2", self.fixed["continued"]),)]
        block = self.setter.block(lines, 9.5, WIDTH, LEADING)
        top = BOTTOM - block.height - 1.6 * MM
        rule = f"0.471 G 0.4 w {LEFT:.2f} {PAGE_HEIGHT - top:.2f} m {LEFT + WIDTH:.2f} {PAGE_HEIGHT - top:.2f} l S\n"
        return rule + block.at(LEFT, top + 1.6 * MM), top
