"""Makes a file of letters of decisions for the printer, and reads every letter back with engines that did not write it.

Typst sets the letters; pdfium reads the words of every page, and zxing the code for the post. A letter whose address fits no window, or
that has a character which no carried font has, needs a person: it is set aside and named, and stops no other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from callup.app.engines.pdf.faces import carried_widths
from callup.app.engines.window import fit_windows
from callup.app.exports.decision import letters_pdf
from callup.app.readback import CODES, Mismatch, PageReader, opened_pages, require_same, squeeze
from callup.notice import LetterTexts
from callup.notice.codes import MAIL_SIDE, check_code, mail_codes
from callup.notice.decisions import Decided, said_in
from callup.terms.errors import BadInput

MOST_LETTERS = 200
"""Letters in one file: Typst holds a whole document in memory."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One decision, ready to be told by a letter.

    Args:
        fact_id: of the decision.
        notice_id: of the summons of its case.
        told: what the letter says.
        decided: the decision.
        payload: what the code for the post says.
    """

    fact_id: str
    notice_id: str
    told: Mapping[str, Any]
    decided: Decided
    payload: str

    @property
    def content(self) -> str:
        """The digest of what the letter says, by which it is known."""
        text = json.dumps(self.told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(f"callup/decision-letter/1\n{self.payload}\n{text}\n".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One line of the manifest."""

    fact_id: str
    notice_id: str
    file: str
    first_page: int
    pages: int
    hash: str
    payload: str


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """One file for the printer, read back and found right."""

    name: str
    content: bytes
    rows: tuple[AnswerRow, ...]


def windowed(told: Mapping[str, Any], address: Mapping[str, Any], texts: LetterTexts) -> Mapping[str, Any] | str:
    """A letter with its address as it fits the window; else why it needs a person.

    Args:
        told: what the letter says.
        address: name and address of the person.
        texts: give the order of the lines.
    """
    if not carried_widths().covers("".join(said_in(told)).replace("\n", "").replace("\r", "")):
        return "a character that no carried font has"
    row = {"notice_id": "", **{name: address.get(name) for name in ("name", "address_line", "locality", "postal_code")}}
    try:
        found = fit_windows(pa.Table.from_pylist([row], pa.schema([(name, pa.string()) for name in row])), texts)
    except BadInput:
        return "an address that fits no window"
    size, lines = found.get("", (0, ()))
    return {**told, "address_size": size, "address": list(lines)} if size else told


def answer_files(answers: Sequence[Answer], prefix: str) -> Iterator[AnswerFile]:
    """The files for the printer, in the order given, each read back before it is given out.

    Args:
        answers: the letters, in postal order.
        prefix: of the names of the files.

    Raises:
        Tampered: ``letter-differs``: a letter does not say what it was to say.
        Unavailable: Typst failed.
    """
    for number, start in enumerate(range(0, len(answers), MOST_LETTERS), 1):
        share, name = answers[start : start + MOST_LETTERS], f"{prefix}-{number:04}.pdf"
        told = [{**one.told, "check_side": check_code(one.told["check"])[0]} for one in share]
        made = letters_pdf(told, [one.decided for one in share], [_raster(one) for one in share])
        rows = _read_back(made, share, name)
        yield AnswerFile(name, made, rows)


def _raster(one: Answer) -> bytes:
    """Both codes of a letter, a byte a module, 0 for dark."""
    rows = np.unpackbits(mail_codes([one.payload]).reshape(MAIL_SIDE, -1), axis=1)[:, :MAIL_SIDE]
    return (rows * np.uint8(255)).tobytes() + check_code(one.told["check"])[1]


def _read_back(pdf: bytes, answers: Sequence[Answer], name: str) -> tuple[AnswerRow, ...]:
    """Where each letter lies, after every page was read.

    Raises:
        Tampered: a word, a page or a code is missing or another's.
    """
    rows: list[AnswerRow] = []
    found: list[Mismatch] = []
    with opened_pages(pdf) as reader:
        at = 0
        for one in answers:
            pages = _pages_of(reader, one, at)
            found += _wrong(reader, one, at, pages)
            rows.append(AnswerRow(one.fact_id, one.notice_id, name, at + 1, pages, one.content, one.payload))
            at += pages
        found += [] if at == reader.pages else [Mismatch("", reader.pages, "pages")]
    require_same(found, name)
    return tuple(rows)


def _foot(one: Answer, page: int, pages: int) -> str:
    return squeeze(f"{one.told['number']}, {page}/{pages}")


def _pages_of(reader: PageReader, one: Answer, at: int) -> int:
    """How many pages a letter has, by what the foot of its first page says; 1 where it says nothing of the kind, which is found later."""
    if at >= reader.pages:
        return 1
    with reader.page(at) as page:
        _, _, after = reader.text(page).rpartition(squeeze(f"{one.told['number']}, 1/"))
    digits = after[: next((place for place, one in enumerate(after) if not one.isdigit()), len(after))]
    return int(digits or 1)


def _wrong(reader: PageReader, one: Answer, at: int, pages: int) -> list[Mismatch]:
    """What a letter does not say as it must."""
    texts: list[str] = []
    for number in range(1, pages + 1):
        if at + number > reader.pages:
            return [Mismatch(one.notice_id, at + number, "pages")]
        with reader.page(at + number - 1) as page:
            texts.append(reader.text(page))
            codes = reader.codes(page) if number == 1 else (one.payload, one.told["check"])
        foot = _foot(one, number, pages)
        if foot not in texts[-1]:
            return [Mismatch(one.notice_id, at + number, "foot")]
        for what, seen, meant in zip(CODES, codes, (one.payload, one.told["check"]), strict=True):
            if seen != meant:
                return [Mismatch(one.notice_id, at + number, what)]
        texts[-1] = texts[-1].replace(foot, "")
    said = "".join(texts)
    return [Mismatch(one.notice_id, at + 1, f"text {place}") for place, text in enumerate(said_in(one.told)) if squeeze(text) not in said]
