"""Every letter is read back before release, text and codes, with engines that did not write it."""

from __future__ import annotations

import ctypes
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2
import zxingcpp
from pypdfium2 import raw

from callup.app.shared_parts import OPEN, put_back, shared_parts
from callup.notice import PrintBatch
from callup.notice.codes import CODE_AREA_MM, SPLIT_MM
from callup.terms.errors import Tampered

_HYPHEN_AT_LINE_END = "\ufffe"
"""What pdfium gives for a hyphen after which the line was broken."""
_DOTS_A_MM = 150 / 25.4
_PAGE_MM = (210, 297)
_WHITE = 255
_MATRIX = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.DataMatrix])
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
CODES = ("mail code", "check code")
_WORTH_NUMBERING = 20
"""Letters in a file from which on it pays to read shared parts apart."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that a letter does not say as it must; it names no person and quotes nothing."""

    notice_id: str
    page: int
    what: str


def read_back(pdf: bytes, batch: PrintBatch) -> tuple[Mismatch, ...]:
    """Compare a print file with what it was to say.

    Args:
        pdf: the file: front and back of each letter in order, or all fronts and then the back that they share.
        batch: what it was made from.

    Returns:
        What differs; empty if every letter is right.
    """
    parts = shared_parts(pdf) if len(batch.pieces) >= _WORTH_NUMBERING and not _daggers(batch) else None
    if parts is not None:
        with opened_pages(parts.alone) as alone:
            words = [_alone(alone, at) for at in range(alone.pages)]
        known = [one for one in words if one is not None]
        if len(known) == len(words):
            with opened_pages(parts.numbered(_asked(known, batch))) as numbered:
                return _compared(numbered, batch, known)
    with opened_pages(pdf) as whole:
        return _compared(whole, batch, ())


def _alone(reader: PageReader, at: int) -> str | None:
    """The words of a part that is shared; nothing where it draws over the codes, so that no page can be read without it."""
    with reader.page(at) as page:
        return reader.text(page) if min(part.min() for part in reader.code_parts(page)) == _WHITE else None


def _asked(words: Sequence[str], batch: PrintBatch) -> list[bool]:
    """Which shared parts have something that many letters must say: any other is not looked for, so it can hide no difference."""
    counts = Counter(said for piece in batch.pieces for said in piece.said)
    often = [squeeze(said) for said, count in counts.items() if count >= _WORTH_NUMBERING]
    return [any(said in one for said in often) for one in words]


def _daggers(batch: PrintBatch) -> bool:
    """Whether a letter has the mark by which parts are numbered in its own words."""
    return any(OPEN in said for piece in batch.pieces for said in piece.said)


def _compared(reader: PageReader, batch: PrintBatch, words: Sequence[str]) -> tuple[Mismatch, ...]:
    step = 1 if batch.shared_back else 2
    if reader.pages != step * len(batch.pieces) + int(batch.shared_back):
        return (Mismatch("", reader.pages, "pages"),)
    found: list[Mismatch] = []
    for at, piece in enumerate(batch.pieces):
        with reader.page(at * step) as page:
            text = put_back(reader.text(page), words)
            read = reader.codes(page)
        wanted = squeeze("\0".join(piece.said)).split("\0")
        wrong = [f"text {number}" for number, said in enumerate(wanted) if said not in text]
        wrong += ["number"] if text.count(squeeze(piece.number)) < piece.said.count(piece.number) else []
        wrong += [what for what, seen, meant in zip(CODES, read, (piece.mail, piece.check), strict=True) if seen != meant]
        found += [Mismatch(piece.notice_id, at * step + 1, what) for what in wrong]
    return (*found, *_backs(reader, batch, words))


def require_same(mismatches: Sequence[Mismatch], name: str) -> None:
    """Stop the release of a print file that differs.

    Raises:
        Tampered: ``letter-differs``, with the first difference.
    """
    if mismatches:
        first = mismatches[0]
        where = {"file": name, "page": first.page, "what": first.what, "notice": first.notice_id, "differences": len(mismatches)}
        raise Tampered("letter-differs", where, "release nothing of this wave; render it again and compare")


def _backs(reader: PageReader, batch: PrintBatch, words: Sequence[str]) -> list[Mismatch]:
    """Every fixed line on each back, or on the one that all share."""
    wanted = [squeeze(line) for line in batch.back]
    pages = [reader.pages - 1] if batch.shared_back else range(1, reader.pages, 2)
    found = []
    for at, piece in zip(pages, batch.pieces, strict=False):
        with reader.page(at) as page:
            text = put_back(reader.text(page), words).replace(squeeze(piece.number), "")
        if not all(line in text for line in wanted):
            found.append(Mismatch(piece.notice_id, at + 1, "back"))
    return found


def squeeze(text: str) -> str:
    """Text without white space: where a line is broken says nothing."""
    return "".join(text.split())


class PageReader:
    """A PDF that is open, and one bitmap of the area of the codes, drawn into again for every page."""

    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        self._raw, self.pages = document.raw, len(document)
        self._left, self._top, width, height = (round(_DOTS_A_MM * side) for side in CODE_AREA_MM)
        self._pixels: npt.NDArray[np.uint8] = np.full((height, width), _WHITE, np.uint8)
        self._split = [round(_DOTS_A_MM * edge) for edge in SPLIT_MM]
        where = self._pixels.ctypes.data_as(ctypes.c_void_p)
        self._bitmap = raw.FPDFBitmap_CreateEx(width, height, raw.FPDFBitmap_Gray, where, width)
        self._letters = ctypes.create_string_buffer(0)

    def close(self) -> None:
        """Give the bitmap back."""
        raw.FPDFBitmap_Destroy(self._bitmap)

    @contextmanager
    def page(self, at: int) -> Iterator[Any]:
        """One page, read into memory and let go after.

        Raises:
            Tampered: ``letter-unreadable``.
        """
        page = raw.FPDF_LoadPage(self._raw, at)
        if not page:
            raise Tampered("letter-unreadable", {"page": at + 1}, "release nothing of this wave; render it again and compare")
        try:
            yield page
        finally:
            raw.FPDF_ClosePage(page)

    def text(self, page: Any) -> str:
        """All that a page says, without white space."""
        textpage = raw.FPDFText_LoadPage(page)
        try:
            count = raw.FPDFText_CountChars(textpage)
            if 2 * count + 2 > len(self._letters):
                self._letters = ctypes.create_string_buffer(4 * count + 2)
            into = ctypes.cast(self._letters, ctypes.POINTER(ctypes.c_ushort))
            written = raw.FPDFText_GetText(textpage, 0, count, into)
            return squeeze(ctypes.string_at(self._letters, 2 * written - 2).decode("utf-16-le").replace(_HYPHEN_AT_LINE_END, "-"))
        finally:
            raw.FPDFText_ClosePage(textpage)

    def code_parts(self, page: Any) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """The parts of a page in which the two codes lie, as they would be printed."""
        self._pixels.fill(_WHITE)
        across, down = (round(_DOTS_A_MM * side) for side in _PAGE_MM)
        raw.FPDF_RenderPageBitmap(self._bitmap, page, -self._left, -self._top, across, down, 0, 0)
        upto, start = self._split
        return self._pixels[:upto, :upto], self._pixels[:, start:]

    def codes(self, page: Any) -> tuple[str, str]:
        """What both codes say, each read from its own part of the front; empty where nothing was read."""
        mail, check = self.code_parts(page)
        return _read(mail, _MATRIX), _read(check, _QR)


@contextmanager
def opened_pages(pdf: bytes) -> Iterator[PageReader]:
    """A PDF, opened to be read page by page and closed after."""
    document = pypdfium2.PdfDocument(pdf)
    reader = PageReader(document)
    try:
        yield reader
    finally:
        reader.close()
        document.close()


def _read(pixels: npt.NDArray[np.uint8], kinds: zxingcpp.BarcodeFormats) -> str:
    """Look at the part as nothing but one upright code, which takes half the time; only if that fails, search it."""
    dots = np.ascontiguousarray(pixels)
    for alone in (True, False):
        found = zxingcpp.read_barcodes(
            dots,
            formats=kinds,
            try_rotate=False,
            try_downscale=False,
            try_invert=False,
            is_pure=alone,
            binarizer=zxingcpp.Binarizer.FixedThreshold,
        )
        if found:
            return found[0].text
    return ""


def letter_picture(pdf: bytes, page: int = 0, dots_an_inch: int = 110) -> bytes:
    """One page of a letter as PNG, for people and for the README.

    Args:
        pdf: the letter.
        page: 0 for the front.
        dots_an_inch: resolution.
    """
    document = pypdfium2.PdfDocument(pdf)
    try:
        sink = io.BytesIO()
        document[page].render(scale=dots_an_inch / 72).to_pil().save(sink, format="PNG", optimize=True)
        return sink.getvalue()
    finally:
        document.close()
