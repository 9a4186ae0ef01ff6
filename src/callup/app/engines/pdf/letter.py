"""The front of ``notice/letter.typ`` once more, without a layout engine: the same places and words, thousands a second (ADR 0026).

Measures are those of the Typst template, which stays the truth: a test compares both. What does not fit here is left to it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from callup.app.engines.pdf.back import back_page
from callup.app.engines.pdf.document import Objects, Page, marked, put_about, put_font, put_pages, text
from callup.app.engines.pdf.faces import Face
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


def fits_back(batch: PrintBatch, faces: Mapping[str, Face]) -> bool:
    """Whether the fixed text fits on one page in some size."""
    return back_page(json.loads(batch.fixed)["sections"], Setter(faces)) is not None


def write_letters(batch: PrintBatch, stamp: Stamp, faces: Mapping[str, Face]) -> bytes:
    """Write a print file: a front each, and the back that all share as the last page; the same letters give the same bytes.

    Args:
        batch: what is printed, with ``shared_back``.
        stamp: gives the date of the document.
        faces: the fonts; they must cover every text.

    Returns:
        The PDF, or nothing where a letter or the back does not fit.
    """
    fixed, letters = json.loads(batch.fixed), json.loads(batch.letters)
    front = _Front(fixed, Setter(faces))
    codes = _masks(batch.codes, len(letters), fixed["mail_side"], fixed["check_side"])
    pages = [front.page(letter, *code) for letter, code in zip(letters, codes, strict=True)]
    back = back_page(fixed["sections"], front.setter)
    if back is None or None in pages:
        return b""
    into = Objects()
    told, about = put_about(into, fixed["title"], fixed["authority"], stamp.decree_day)
    fonts = "".join(f"/{name} {put_font(into, face)} 0 R" for name, face in faces.items())
    drawn = {name: _shared(into, content, fonts) for name, content in (("S0", front.head), ("S1", front.closing))}
    held = "".join(f"/{name} {number} 0 R" for name, number in drawn.items())
    resources = into.put(f"<</Font<<{fonts}>>/XObject<<{held}>>>>")
    tree, structure = put_pages(into, [page for page in pages if page is not None] + [back], resources)
    root = into.put(
        f"<</Type/Catalog/Pages {tree} 0 R/StructTreeRoot {structure} 0 R/Metadata {about} 0 R/Lang({fixed['language']})"
        f"/MarkInfo<</Marked true>>/ViewerPreferences<</DisplayDocTitle true>>>>"
    )
    return into.whole(root, told)


def _shared(into: Objects, content: str, fonts: str) -> int:
    """A part that stands on every front, written once."""
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
    return f"q {matrix} cm BI /W {side}/H {side}/BPC 1/IM true/F/AHx ID {code}> EI Q\n"


def _figure(words: str, place: tuple[float, float, float]) -> str:
    left, top, size = place
    box = f"{left:.2f} {PAGE_HEIGHT - top - size:.2f} {left + size:.2f} {PAGE_HEIGHT - top:.2f}"
    return f"/Alt {text(words)}/A<</O/Layout/Placement/Block/BBox[{box}]>>"


class _Front:
    """Fronts that share their fixed words: made once, drawn by name."""

    def __init__(self, fixed: Mapping[str, Any], setter: Setter) -> None:
        self.fixed, self.setter = fixed, setter
        self.sides = (fixed["mail_side"], fixed["check_side"])
        self.head = self._head()
        self.closing, self.end = self._closing()
        self.more = {2: _figure(fixed["mail_alt"], MAIL), 3: _figure(fixed["check_alt"], CHECK)}
        self.roles = ("P", "P", "Figure", "Figure", "P", "H1", *("P" for _ in fixed["asks"]), "P", "P")

    def page(self, letter: Mapping[str, Any], mail: str, check: str) -> Page | None:
        """One front; none where the address or the facts do not fit."""
        address = self._set(letter["address"], BODY, ADDRESS_WIDTH)
        issued = self._set([self.fixed["issued"]], 8, 22 * MM)
        number = (("F1", self.fixed["number_label"]), ("F2", letter["number"]))
        named = self.setter.block([number, (("F1", self.fixed["check_words"]),)], 8, 65 * MM, 4)
        parts = [
            "/S0 Do\n",
            address.at(LEFT, ADDRESS_TOP),
            _picture(mail, self.sides[0], MAIL),
            _picture(check, self.sides[1], CHECK),
            issued.at(125 * MM, 66 * MM) + named.at(125 * MM, 90.5 * MM),
        ]
        running, end = self._running(letter)
        if ADDRESS_TOP + address.height > ADDRESS_END or end > self.end:
            return None
        parts += [*running, "/S1 Do\n"]
        return Page(marked(self.roles, parts), self.roles, self.more)

    def _set(self, lines: Sequence[str], size: float, width: float, face: str = "F1") -> Block:
        return self.setter.block([((face, line),) for line in lines], size, width, size / 2)

    def _running(self, letter: Mapping[str, Any]) -> tuple[list[str], float]:
        """Title, the five answers and the facts, each under the one before; and where they end."""
        title = self._set([letter["title"]], 14, WIDTH, "F2")
        parts, top = [title.at(LEFT, 103 * MM)], 103 * MM + title.height + 0.8 * 15.4
        for ask, answer in zip(self.fixed["asks"], letter["answers"], strict=True):
            block = self.setter.block([(("F2", ask), ("F1", answer))], BODY, WIDTH, LEADING)
            parts.append(block.at(LEFT, top))
            top += block.height + SPACING
        top += 1.2 * BODY - SPACING
        drawn = ""
        for words, fact in zip(self.fixed["labels"], letter["facts"], strict=True):
            label = self.setter.block([(("F1", words),)], 10, LABEL_WIDTH, 5)
            said = self.setter.block([(("F2", fact),)], BODY, WIDTH - LABEL_WIDTH, 0.72 * BODY)
            drawn += "0.235 g " + label.at(LEFT, top + said.capital - label.capital) + "0 g " + said.at(LEFT + LABEL_WIDTH, top)
            top += max(label.height, said.height) + 0.72 * BODY
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
