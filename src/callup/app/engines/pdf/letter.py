"""The front of ``notice/letter.typ`` once more, without a layout engine: the same places and words, thousands a second (ADR 0026).

Measures are those of the Typst template, which stays the truth: a test compares both. What does not fit here is left to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from callup.app.engines.pdf.back import back_page
from callup.app.engines.pdf.document import Objects, put_about, put_font, text
from callup.app.engines.pdf.faces import Face
from callup.app.engines.pdf.pages import Pages, marked, put_pages
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
_OFTEN, _LONG = 20, 60
"""How many fronts say a text, and how many characters its operators have, before it is written once: a reader spends as long on
drawing by name as on some thirty letters of text."""


def fits_back(batch: PrintBatch, faces: Mapping[str, Face]) -> bool:
    """Whether the fixed text fits on one page in some size."""
    return back_page(batch.words["sections"], Setter(faces)) is not None


def unfit_letters(batch: PrintBatch, faces: Mapping[str, Face]) -> tuple[str, ...]:
    """The notices whose address or facts do not fit in their place."""
    front = _Front(batch, Setter(faces))
    return tuple(piece.notice_id for piece, letter in zip(batch.pieces, batch.fields, strict=True) if not front.drawn(letter))


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
    front = _Front(batch, Setter(faces))
    fronts = [front.drawn(letter) for letter in batch.fields]
    back = back_page(words["sections"], front.setter)
    if back is None or not all(fronts):
        return b""
    into = Objects()
    told, about = put_about(into, words["title"], words["authority"], stamp.decree_day)
    fonts = "".join(f"/{name} {put_font(into, face)} 0 R" for name, face in faces.items())
    held = "".join(f"/{name} {_shared(into, content, fonts)} 0 R" for content, name in front.names.items())
    resources = into.put(f"<</Font<<{fonts}>>/XObject<<{held}>>>>")
    more = {mark: f"/Alt {into.put(alt)} 0 R/A {into.put(place)} 0 R" for mark, (alt, place) in front.figures.items()}
    contents = [(pictures, drawn.encode("latin-1")) for pictures, drawn in zip(_pictures(batch), fronts, strict=True)]
    tree, structure = put_pages(into, [Pages(contents, front.roles, more), back], resources)
    root = into.put(
        f"<</Type/Catalog/Pages {tree} 0 R/StructTreeRoot {structure} 0 R/Metadata {about} 0 R/Lang({words['language']})"
        f"/MarkInfo<</Marked true>>/ViewerPreferences<</DisplayDocTitle true>>>>"
    )
    return into.whole(root, told)


def _shared(into: Objects, content: str, fonts: str) -> int:
    """A part that stands on many fronts, written once."""
    words = f"/Type/XObject/Subtype/Form/BBox[0 0 595.276 841.89]/Resources<</Font<<{fonts}>>>>"
    return into.stream(content.encode("latin-1"), words)


def _pictures(batch: PrintBatch) -> list[bytes]:
    """Both codes of each letter as pictures of black and white, each in its marked sequence: drawn first, read in their place."""
    mail = _drawn_codes(2, batch.mail_codes, batch.words["mail_side"], MAIL)
    check = _drawn_codes(3, batch.check_codes, batch.words["check_side"], CHECK)
    return [first + second for first, second in zip(mail, check, strict=True)]


def _drawn_codes(mark: int, codes: npt.NDArray[np.uint8], side: int, place: tuple[float, float, float]) -> Iterator[bytes]:
    """Pictures between operators; where the bytes of one could be taken for the operator that ends it, it is written in hex digits."""
    left, top, size = place
    head = f"/Figure<</MCID {mark}>>BDC\nq {size:.2f} 0 0 {size:.2f} {left:.2f} {PAGE_HEIGHT - top - size:.2f} cm "
    before = f"{head}BI /W {side}/H {side}/BPC 1/CS/G".encode("ascii")
    whole, wide = codes.tobytes(), codes.shape[1]
    for at in range(0, len(whole), wide):
        code = whole[at : at + wide]
        yield b"%b%b EI Q\nEMC\n" % (before, b"/F/AHx ID %b>" % code.hex().encode() if b"EI" in code else b" ID " + code)


def _figure(words: str, place: tuple[float, float, float]) -> tuple[str, str]:
    """What a picture says to whoever hears it, and where it stands."""
    left, top, size = place
    box = f"{left:.2f} {PAGE_HEIGHT - top - size:.2f} {left + size:.2f} {PAGE_HEIGHT - top:.2f}"
    return text(words), f"<</O/Layout/Placement/Block/BBox[{box}]>>"


def _often(letters: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Texts that many fronts say."""
    counts = Counter(text for letter in letters for text in (letter["title"], *letter["answers"], *letter["facts"]))
    return frozenset(text for text, count in counts.items() if count >= _OFTEN)


class _Front:
    """Fronts that share their fixed words: made once, drawn by name.

    Most texts that one letter alone says are short. They are measured all at once, and stand on a line of their own.
    """

    def __init__(self, batch: PrintBatch, setter: Setter) -> None:
        fixed = batch.words
        self.fixed, self.setter = fixed, setter
        self.names: dict[str, str] = {}
        self.figures = {2: _figure(fixed["mail_alt"], MAIL), 3: _figure(fixed["check_alt"], CHECK)}
        self.roles = ("P", "P", "Figure", "Figure", "P", "H1", *("P" for _ in fixed["asks"]), "P", "P")
        self._begin = marked("P", 0, self._named(self._head()))
        closing, self.end = self._closing()
        self._last = marked("P", len(self.roles) - 1, self._named(closing))
        self._issued = self._named(self._set([fixed["issued"]], 8, 22 * MM).at(125 * MM, 66 * MM))
        self._labels = [setter.block([(("F1", words),)], 10, LABEL_WIDTH, 5) for words in fixed["labels"]]
        self._openings: dict[tuple[int, float], tuple[str, str, float]] = {}
        self._running: dict[tuple[str, tuple[str, ...]], tuple[str, float]] = {}
        self._facts: dict[tuple[int, str, float], tuple[str, float]] = {}
        self._often = _often(batch.fields)
        self._number_room = 65 * MM - setter.wide("F1", fixed["number_label"] + " ", 8)
        self._around_number: tuple[str, ...] = ()
        setter.learn("F1", (line for letter in batch.fields for line in letter["address"]))
        setter.learn("F2", (text for letter in batch.fields for text in (letter["number"], *letter["facts"])))

    def drawn(self, letter: Mapping[str, Any]) -> str:
        """Operators of one front but for its pictures; nothing where the address or the facts do not fit."""
        address, bottom = self._address(letter["address"], letter.get("address_size", BODY))
        key = (letter["title"], letter["answers"])
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = self._answers(*key)
        parts, top = [self._begin, "/P<</MCID 1>>BDC\n", address, "EMC\n", self._beside(letter["number"]), running[0]], running[1]
        for place, fact in enumerate(letter["facts"]):
            said, top = self._fact(place, fact, top)
            parts.append(said)
        parts += ["EMC\n", self._last]
        return "" if bottom > ADDRESS_END or top > self.end else "".join(parts)

    def _named(self, drawn: str) -> str:
        """Draw by name what many fronts share, if it is long enough to be worth it."""
        return drawn if len(drawn) < _LONG else f"/{self.names.setdefault(drawn, f'S{len(self.names)}')} Do\n"

    def _set(self, lines: Sequence[str], size: float, width: float, face: str = "F1", leading: float = 0.0) -> Block:
        return self.setter.block([((face, line),) for line in lines], size, width, leading or size / 2)

    def _address(self, lines: Sequence[str], size: float) -> tuple[str, float]:
        """An address, and where it ends."""
        coded = [self.setter.line("F1", line, size, ADDRESS_WIDTH) for line in lines]
        known = [line for line in coded if line is not None]
        block = self.setter.short("F1", known, size) if len(known) == len(lines) else self._set(lines, size, ADDRESS_WIDTH)
        return block.at(LEFT, ADDRESS_TOP), ADDRESS_TOP + block.height

    def _beside(self, number: str) -> str:
        """What stands around the code for the reader: all of it is the same but for the number, which stands on one line."""
        runs: Runs = (("F1", self.fixed["number_label"]), ("F2", number))
        coded = self.setter.line("F2", number, 8, self._number_room)
        if coded is not None and self._around_number:
            return coded.join(self._around_number)
        block = self.setter.block([runs], 8, 65 * MM, 4)
        under = 90.5 * MM + block.height + block.pitch - block.capital
        checking = self._named(self._set([self.fixed["check_words"]], 8, 65 * MM).at(125 * MM, under))
        drawn = marked("P", 4, self._issued + block.at(125 * MM, 90.5 * MM) + checking)
        if coded is not None and block.lines == 1:
            self._around_number = tuple(drawn.split(coded))
        return drawn

    def _answers(self, title: str, answers: Sequence[str]) -> tuple[str, float]:
        """Title and the five answers, each under the one before, and the beginning of the facts; and where those begin."""
        block = self._set([title], 14, WIDTH, "F2")
        parts, top = [("H1", title, block.at(LEFT, 103 * MM))], 103 * MM + block.height + 0.8 * 15.4
        for ask, answer in zip(self.fixed["asks"], answers, strict=True):
            block = self.setter.block([(("F2", ask), ("F1", answer))], BODY, WIDTH, LEADING)
            parts.append(("P", answer, block.at(LEFT, top)))
            top += block.height + SPACING
        numbered = enumerate(parts, 5)
        drawn = "".join(marked(role, mark, self._named(said) if text in self._often else said) for mark, (role, text, said) in numbered)
        return f"{drawn}/P<</MCID {5 + len(parts)}>>BDC\n", top + 1.2 * BODY - SPACING

    def _fact(self, place: int, text: str, top: float) -> tuple[str, float]:
        """A fact with its label, and where the next begins."""
        found = self._facts.get((place, text, top))
        if found is None:
            label, opening, under = self._openings.get((place, top)) or self._opening(place, top)
            coded = self.setter.line("F2", text, BODY, WIDTH - LABEL_WIDTH)
            if coded is None:
                block = self._set([text], BODY, WIDTH - LABEL_WIDTH, "F2", FACT_LEADING)
                said, under = block.at(LEFT + LABEL_WIDTH, top), max(under, top + block.height + FACT_LEADING)
            else:
                said = f"{opening}{coded}) Tj ET\n"
            if text not in self._often:
                return label + said, under
            found = self._facts[place, text, top] = self._named(label + said), under
        return found

    def _opening(self, place: int, top: float) -> tuple[str, str, float]:
        """A label, what begins a fact of one line beside it, and where the next fact begins."""
        label, capital = self._labels[place], self.setter.capital(BODY)
        drawn = f"0.235 g {label.at(LEFT, top + capital - label.capital)}0 g\n"
        opening = self.setter.short("F2", [""], BODY).at(LEFT + LABEL_WIDTH, top).partition(")")[0]
        made = self._openings[place, top] = drawn, opening, top + max(label.height, capital) + FACT_LEADING
        return made

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
