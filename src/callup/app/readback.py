"""Every letter is read back before release, text and codes, with engines that did not write it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pypdfium2
import zxingcpp

from callup.notice import Piece, PrintBatch
from callup.terms.errors import Tampered

_POINTS_A_MM = 72 / 25.4
_HYPHEN_AT_LINE_END = "\ufffe"
"""What pdfium gives for a hyphen after which the line was broken."""
_SCALE = 150 / 72


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
    document = pypdfium2.PdfDocument(pdf)
    try:
        step = 1 if batch.shared_back else 2
        if len(document) != step * len(batch.pieces) + int(batch.shared_back):
            return (Mismatch("", len(document), "pages"),)
        found: list[Mismatch] = []
        for at, piece in enumerate(batch.pieces):
            found += _front(document[at * step], at * step + 1, piece, batch)
        found += _backs(document, batch)
        return tuple(found)
    finally:
        document.close()


def require_same(mismatches: Sequence[Mismatch], name: str) -> None:
    """Stop the release of a print file that differs.

    Raises:
        Tampered: ``letter-differs``, with the first difference.
    """
    if mismatches:
        first = mismatches[0]
        where = {"file": name, "page": first.page, "what": first.what, "notice": first.notice_id, "differences": len(mismatches)}
        raise Tampered("letter-differs", where, "release nothing of this wave; render it again and compare")


def _front(page: pypdfium2.PdfPage, number: int, piece: Piece, batch: PrintBatch) -> list[Mismatch]:
    text = _text(page)
    wrong = [f"text {at}" for at, said in enumerate(piece.said) if squeeze(said) not in text]
    for what, read, meant in zip(("mail code", "check code"), _codes(page, batch), (piece.mail, piece.check), strict=True):
        if read != meant:
            wrong.append(what)
    return [Mismatch(piece.notice_id, number, what) for what in wrong]


def _backs(document: pypdfium2.PdfDocument, batch: PrintBatch) -> list[Mismatch]:
    """Every fixed line on each back, or on the one that all share."""
    wanted = [squeeze(line) for line in batch.back]
    pages = [len(document) - 1] if batch.shared_back else range(1, len(document), 2)
    found = []
    for page, piece in zip(pages, batch.pieces, strict=False):
        text = _text(document[page]).replace(squeeze(piece.number), "")
        if not all(line in text for line in wanted):
            found.append(Mismatch(piece.notice_id, page + 1, "back"))
    return found


def squeeze(text: str) -> str:
    """Text without white space: where a line is broken says nothing."""
    return "".join(text.split())


def _text(page: pypdfium2.PdfPage) -> str:
    textpage = page.get_textpage()
    try:
        return squeeze(textpage.get_text_range().replace(_HYPHEN_AT_LINE_END, "-"))
    finally:
        textpage.close()


def _codes(page: pypdfium2.PdfPage, batch: PrintBatch) -> tuple[str, str]:
    """What both codes say, each read from its own part of the front; empty where nothing was read."""
    left, top, width, height = (_POINTS_A_MM * side for side in batch.code_area_mm)
    across, down = page.get_size()
    crop = (left, down - top - height, across - left - width, top)
    bitmap = page.render(scale=_SCALE, grayscale=True, crop=crop, may_draw_forms=False)
    pixels = bitmap.to_numpy().reshape(bitmap.height, bitmap.width)
    dots = bitmap.width / batch.code_area_mm[2]
    upto, start = (round(dots * edge) for edge in batch.split_mm)
    return _read(pixels[:upto, :upto], zxingcpp.BarcodeFormat.DataMatrix), _read(pixels[:, start:], zxingcpp.BarcodeFormat.QRCode)


def _read(pixels: npt.NDArray[np.uint8], kind: zxingcpp.BarcodeFormat) -> str:
    """Look at the part as nothing but one upright code, which takes half the time; only if that fails, search it."""
    dots, kinds = np.ascontiguousarray(pixels), zxingcpp.BarcodeFormats([kind])
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
