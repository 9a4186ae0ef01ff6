"""Letters that others made: does a PDF fit our envelopes, windows and presses? Every reason against it, in code and words.

Looks at the file with qpdf and at each page as pdfium draws it. Says nothing about what a letter says, and shows no address.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pypdfium2

from callup.terms.errors import BadInput

if TYPE_CHECKING:
    import pikepdf

PAGE_MM, NEAR_MM = (210.0, 297.0), 1.0
MARGIN_MM = 5.0
"""What a press cannot print on along each edge."""
WINDOW_MM = (20, 45, 105, 90)
"""DIN 5008 form B: left, top, right and bottom of the address field."""
QUIET_MM = 3
"""White around the window, so that nothing else shows through it when the sheet moves in its envelope."""
LINES = (3, 7)
_DOTS_A_MM = 4
_DARK, _COLOURED = 200, 24
WORDS = {
    "damaged": "the file is damaged: {what}",
    "pages": "{pages} pages; at most {most} go into one envelope",
    "page-size": "{wide:.0f} mm x {high:.0f} mm; a letter is A4, upright: 210 mm x 297 mm",
    "margin": "something is printed nearer than 5 mm to an edge, where a press cannot print",
    "colour": "something is in colour; letters are printed in black",
    "font-not-embedded": "the font {font} is not in the file, so it would be printed in another",
    "window-empty": "{lines} lines in the address window (20 mm from the left, 45 mm from the top, 85 mm x 45 mm); an address has 3 to 7",
    "window-crowded": "something stands within 3 mm of the address window and could show through it",
    "active-content": "the file holds {what}; a letter for print has none",
}
"""Each verdict in words."""


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason why a letter cannot be printed and posted as it is; ``page`` is 0 where it is the whole file."""

    code: str
    page: int
    words: str


def check_outside(pdf: bytes, most_pages: int) -> tuple[list[Objection], int]:
    """Look at a PDF that others made.

    Args:
        pdf: the file.
        most_pages: pages that go into one envelope.

    Returns:
        Every reason against it, none if it can be printed and posted; and how many pages it has.

    Raises:
        BadInput: ``letter-not-readable``: it is no PDF, or it asks for a password.
    """
    import pikepdf

    if not pdf.startswith(b"%PDF-"):
        raise BadInput("letter-not-readable", {"why": "it does not begin as a PDF does"}, "give a PDF")
    try:
        with pikepdf.open(io.BytesIO(pdf), attempt_recovery=False) as file:
            pages = len(file.pages)
            found = [*_file(file, most_pages), *(one for at, page in enumerate(file.pages, 1) for one in _page(page, at))]
    except pikepdf.PasswordError as failure:
        raise BadInput("letter-not-readable", {"why": "it asks for a password"}, "give a PDF that opens without one") from failure
    except pikepdf.PdfError as failure:
        return [_objection("damaged", 0, what=failure)], 0
    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as failure:
        return [*found, _objection("damaged", 0, what=failure)], pages
    try:
        found += [one for at in range(pages) for one in _drawn(document[at], at + 1)]
    finally:
        document.close()
    return sorted(found, key=lambda one: one.page), pages


def _objection(code: str, page: int, **params: object) -> Objection:
    return Objection(code, page, WORDS[code].format(**params))


def _file(file: pikepdf.Pdf, most_pages: int) -> Iterator[Objection]:
    for what in file.check_pdf_syntax()[:3]:
        yield _objection("damaged", 0, what=what)
    if len(file.pages) > most_pages:
        yield _objection("pages", 0, pages=len(file.pages), most=most_pages)
    names: Any = file.Root.get("/Names", {})
    held = {"a script": "/JavaScript" in names, "an action on opening": "/OpenAction" in file.Root, "a form": "/AcroForm" in file.Root}
    held["attachments"] = bool(file.attachments)
    yield from (_objection("active-content", 0, what=what) for what, holds in held.items() if holds)


def _page(page: pikepdf.Page, at: int) -> Iterator[Objection]:
    left, bottom, right, top = (float(side) for side in page.mediabox)
    wide, high = ((right - left) * 25.4 / 72, (top - bottom) * 25.4 / 72)
    if int(page.obj.get("/Rotate", 0)) % 180:
        wide, high = high, wide
    if max(abs(wide - PAGE_MM[0]), abs(high - PAGE_MM[1])) > NEAR_MM:
        yield _objection("page-size", at, wide=wide, high=high)
    for font in sorted(set(_bare_fonts(page.obj.get("/Resources", {}), 0))):
        yield _objection("font-not-embedded", at, font=font)


def _bare_fonts(resources: Any, depth: int) -> Iterator[str]:
    """Fonts without a file, also those of drawings inside drawings."""
    for font in resources.get("/Font", {}).values():
        inner = font.DescendantFonts[0] if "/DescendantFonts" in font else font
        described = inner.get("/FontDescriptor", {})
        if font.get("/Subtype") != "/Type3" and not any(file in described for file in ("/FontFile", "/FontFile2", "/FontFile3")):
            yield str(font.get("/BaseFont", "/unnamed"))[1:]
    for drawing in resources.get("/XObject", {}).values() if depth < 5 else ():
        yield from _bare_fonts(drawing.get("/Resources", {}), depth + 1)


def _drawn(page: pypdfium2.PdfPage, at: int) -> Iterator[Objection]:
    """What only shows when the page is drawn."""
    scale = _DOTS_A_MM * 25.4 / 72
    pixels = page.render(scale=scale).to_numpy()[:, :, :3].astype(np.int16)
    dark = pixels.min(axis=2) < _DARK
    if (pixels.max(axis=2) - pixels.min(axis=2) > _COLOURED).any():
        yield _objection("colour", at)
    edge = round(MARGIN_MM * _DOTS_A_MM)
    if dark.sum() != dark[edge:-edge, edge:-edge].sum():
        yield _objection("margin", at)
    if at == 1:
        yield from _window(page, dark)


def _window(page: pypdfium2.PdfPage, dark: npt.NDArray[np.bool_]) -> Iterator[Objection]:
    left, top, right, bottom = WINDOW_MM
    textpage = page.get_textpage()
    points, high = 72 / 25.4, page.get_height()
    inside = textpage.get_text_bounded(left * points, high - bottom * points, right * points, high - top * points)
    textpage.close()
    lines = sum(bool(line.strip()) for line in inside.splitlines())
    if not LINES[0] <= lines <= LINES[1]:
        yield _objection("window-empty", 1, lines=lines)
    outer = dark[_dots(top - QUIET_MM) : _dots(bottom + QUIET_MM), _dots(left - QUIET_MM) : _dots(right + QUIET_MM)]
    if outer.sum() != dark[_dots(top) : _dots(bottom), _dots(left) : _dots(right)].sum():
        yield _objection("window-crowded", 1)


def _dots(millimetres: float) -> int:
    return round(millimetres * _DOTS_A_MM)
