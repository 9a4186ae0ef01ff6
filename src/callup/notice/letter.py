"""A print file's source: the Typst template, the fixed texts, the fields of each letter and the rasters of its codes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

import pyarrow as pa

from callup.notice.codes import MAIL_SIDE, check_codes, check_url, letter_number, mail_codes, mail_payload
from callup.notice.wording import LetterTexts, day_words
from callup.terms.errors import BadInput

CODE_AREA_MM = (123, 45, 69, 45)
"""Where both codes lie on the front: left, top, width, height in millimetres of the page."""
SPLIT_MM = (20, 24)
"""From the left edge of that area: the square for the post ends before the first, the code for the reader begins after the second."""


Windows = Mapping[str, tuple[int, tuple[str, ...]]]
"""By notice id: the size of the address in points, and its lines."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What all letters of a wave share besides words.

    Args:
        mirror: host under which the check page is printed.
        size: size of the acts checkpoint that covers all entries of the wave.
        mail_key: key of the mail piece codes.
        decree_day: the date of the document; a rendering has no other clock.
    """

    mirror: str
    size: int
    mail_key: bytes
    decree_day: date


@dataclass(frozen=True, slots=True)
class Piece:
    """One letter as it must read: the texts on its front and the payloads of its codes."""

    notice_id: str
    number: str
    said: tuple[str, ...]
    mail: str
    check: str
    content: str


@dataclass(frozen=True, slots=True)
class PrintBatch:
    """One print file before it is compiled, and what it must read like after.

    Args:
        source: the Typst template.
        words: what all letters share.
        fields: what each letter says of its own.
        codes: the rasters of both codes of each letter, the only part that the compiler needs as a file.
        pieces: each letter as it must read.
        back: the lines of every back.
        shared_back: the back stands once, as the last page, and is printed on the reverse of every sheet.
        code_area_mm: where both codes lie on the front: left, top, width, height.
        split_mm: see ``SPLIT_MM``.
    """

    source: bytes
    words: Mapping[str, Any]
    fields: tuple[Mapping[str, Any], ...]
    codes: bytes
    pieces: tuple[Piece, ...]
    back: tuple[str, ...]
    shared_back: bool
    code_area_mm: tuple[int, int, int, int] = CODE_AREA_MM
    split_mm: tuple[int, int] = SPLIT_MM

    @property
    def fixed(self) -> str:
        """What all letters share, as JSON for the template."""
        return json.dumps(self.words, ensure_ascii=False)

    @property
    def letters(self) -> str:
        """The fields of each letter, as JSON for the template."""
        return json.dumps(self.fields, ensure_ascii=False)


def print_batch(
    letters: pa.Table, texts: LetterTexts, stamp: Stamp, *, shared_back: bool = False, windows: Windows | None = None
) -> PrintBatch:
    """Write the source of one print file.

    Args:
        letters: LETTERS rows, all in the language of ``texts``.
        texts: the words of that language.
        stamp: what all letters share.
        shared_back: put the fixed back once at the end, for a print shop that prints it on every sheet.
        windows: the letters whose address must be set otherwise than in its usual size, to fit the window.

    Raises:
        BadInput: a letter in another language, or a payload too long for its code.
    """
    rows = letters.to_pylist()
    if any(row["language"] != texts.language for row in rows):
        raise BadInput("language-mixed", {"language": texts.language}, "render one language a print file")
    checks = [check_url(stamp.mirror, stamp.size, row["entry"], row["salt"], row["document"]) for row in rows]
    mails = [mail_payload(row["notice_id"], stamp.mail_key) for row in rows]
    side, check_rasters = check_codes(checks)
    words = _fixed(texts, stamp, side)
    parts = [_fields(row, texts, windows or {}) for row in rows]
    codes = b"".join(part for pair in zip(mail_codes(mails), check_rasters, strict=True) for part in pair)
    shared = hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()
    pieces = [_piece(*row, shared) for row in zip(rows, parts, mails, checks, strict=True)]
    back = tuple(line for section in texts.fixed["sections"] for line in (section["heading"], *section["lines"]))
    printed = {**words, "backs": "once" if shared_back else "each"}
    return PrintBatch(source(), printed, tuple(parts), codes, tuple(pieces), back, shared_back)


def source() -> bytes:
    """The Typst template, the same for every country and language."""
    return files("callup.notice").joinpath("letter.typ").read_bytes()


def _fixed(texts: LetterTexts, stamp: Stamp, side: int) -> dict[str, Any]:
    day = stamp.decree_day
    return {**texts.fixed, "mail_side": MAIL_SIDE, "check_side": side, "year": day.year, "month": day.month, "day": day.day}


def _fields(row: Mapping[str, Any], texts: LetterTexts, windows: Windows) -> dict[str, Any]:
    values = {
        **row,
        "date": day_words(row["appear_on"], texts.language),
        "time": row["appear_at"],
        "number": letter_number(row["notice_id"]),
    }
    size, lines = windows.get(row["notice_id"], (0, ()))
    return {
        **({"address_size": size} if lines else {}),
        "address": list(lines) or texts.address_lines(row),
        "number": values["number"],
        "title": texts.title.format_map(values),
        "answers": [answer.format_map(values) for answer in texts.answers],
        "facts": [fact.format_map(values) for fact in texts.facts],
    }


def _piece(row: Mapping[str, Any], part: Mapping[str, Any], mail: str, check: str, shared: str) -> Piece:
    said = (*part["address"], part["number"], part["title"], *part["answers"], *part["facts"])
    shown = {**part, "facts": part["facts"][:-1], "mail": mail, "check": check}
    content = hashlib.sha256(f"{shared}\n{json.dumps(shown, ensure_ascii=False)}\n".encode()).hexdigest()
    return Piece(row["notice_id"], part["number"], said, mail, check, content)
