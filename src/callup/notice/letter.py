"""A print file's source: the Typst template, the fixed texts, the fields of each letter and the rasters of its codes."""

from __future__ import annotations

import hashlib
import json
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from callup.notice.codes import MAIL_SIDE, check_codes, check_url, letter_number, mail_codes, mail_payloads
from callup.notice.wording import LetterTexts, day_words
from callup.terms.errors import BadInput

_SETTING = ("backs", "check_side")
"""Of the shared words, what says how a file is set: it depends on the other letters in it, so no letter's digest holds it."""
_FIELDS = ("address", "number", "title", "answers", "facts")
_JSON = msgspec.json.Encoder().encode

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
        mail_codes: [letters, bytes], the modules of the codes for the post, a bit each, 0 for dark, rows of whole bytes.
        check_codes: the same for the codes for the reader.
        pieces: each letter as it must read.
        back: the lines of every back.
        shared_back: the back stands once, as the last page, and is printed on the reverse of every sheet.
    """

    source: bytes
    words: Mapping[str, Any]
    fields: tuple[Mapping[str, Any], ...]
    mail_codes: npt.NDArray[np.uint8]
    check_codes: npt.NDArray[np.uint8]
    pieces: tuple[Piece, ...]
    back: tuple[str, ...]
    shared_back: bool

    @property
    def fixed(self) -> str:
        """What all letters share, as JSON for the template."""
        return json.dumps(self.words, ensure_ascii=False)

    @property
    def said_by_all(self) -> str:
        """What all letters of the language say, as JSON; its digest is in the digest of each."""
        return _said_by_all(self.words)

    @property
    def letters(self) -> str:
        """The fields of each letter, as JSON for the template."""
        return json.dumps(self.fields, ensure_ascii=False)

    @property
    def rasters(self) -> bytes:
        """Both codes of each letter, a byte a module, 0 for dark: the only part that the template needs as a file."""
        sides = ((self.mail_codes, self.words["mail_side"]), (self.check_codes, self.words["check_side"]))
        wide = [np.unpackbits(code.reshape(len(code), side, -1), axis=2)[:, :, :side].reshape(len(code), -1) for code, side in sides]
        return (np.concatenate(wide, axis=1) * np.uint8(255)).tobytes()


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
    columns = {name: letters.column(name).to_pylist() for name in letters.column_names}
    if set(columns["language"]) - {texts.language}:
        raise BadInput("language-mixed", {"language": texts.language}, "render one language a print file")
    checks = [
        check_url(stamp.mirror, stamp.size, *row) for row in zip(*(columns[name] for name in ("entry", "salt", "document")), strict=True)
    ]
    mails = mail_payloads(columns["notice_id"], stamp.mail_key)
    side, check_rows = check_codes(checks)
    words = _fixed(texts, stamp, side)
    fields = _fields(columns, texts, windows or {})
    shared = hashlib.sha256(_said_by_all(words).encode()).hexdigest().encode()
    pieces = [_piece(*row, shared) for row in zip(columns["notice_id"], fields, mails, checks, strict=True)]
    back = tuple(line for section in texts.fixed["sections"] for line in (section["heading"], *section["lines"]))
    printed = {**words, "backs": "once" if shared_back else "each"}
    return PrintBatch(source(), printed, tuple(fields), mail_codes(mails), check_rows, tuple(pieces), back, shared_back)


def _said_by_all(words: Mapping[str, Any]) -> str:
    return json.dumps({key: value for key, value in words.items() if key not in _SETTING}, ensure_ascii=False)


def source() -> bytes:
    """The Typst template, the same for every country and language."""
    return files("callup.notice").joinpath("letter.typ").read_bytes()


def _fixed(texts: LetterTexts, stamp: Stamp, side: int) -> dict[str, Any]:
    day = stamp.decree_day
    return {**texts.fixed, "mail_side": MAIL_SIDE, "check_side": side, "year": day.year, "month": day.month, "day": day.day}


def _fields(columns: Mapping[str, Sequence[Any]], texts: LetterTexts, windows: Windows) -> list[dict[str, Any]]:
    """What each letter says of its own, by columns: a text with the same words in every letter is made once."""
    said = {
        **columns,
        "date": ["" if day is None else day_words(day, texts.language) for day in columns["appear_on"]],
        "time": columns["appear_at"],
        "number": [letter_number(notice_id) for notice_id in columns["notice_id"]],
    }
    titles = _filled(texts.title, said)
    answers, facts = ([_filled(text, said) for text in some] for some in (texts.answers, texts.facts))
    rows = zip(texts.addresses(said), said["number"], titles, zip(*answers, strict=True), zip(*facts, strict=True), strict=True)
    fields = [dict(zip(_FIELDS, row, strict=True)) for row in rows]
    for at, notice_id in enumerate(columns["notice_id"] if windows else ()):
        if notice_id in windows:
            size, lines = windows[notice_id]
            fields[at] = {"address_size": size, **fields[at], "address": list(lines)}
    return fields


def _filled(text: str, columns: Mapping[str, Sequence[Any]]) -> list[str]:
    """A text with its braces filled in for every letter; the same words are put together once."""
    names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    if not names:
        return [text.format()] * len(columns["notice_id"])
    if text == f"{{{names[0]}}}":
        return [*map(str, columns[names[0]])]
    rows = [*zip(*(columns[name] for name in names), strict=True)]
    made = {row: text.format_map(dict(zip(names, row, strict=True))) for row in {*rows}}
    return [made[row] for row in rows]


def _piece(notice_id: str, part: Mapping[str, Any], mail: str, check: str, shared: bytes) -> Piece:
    said = (*part["address"], part["number"], part["title"], *part["answers"], *part["facts"])
    shown = {**part, "facts": part["facts"][:-1], "mail": mail, "check": check}
    content = hashlib.sha256(b"%b\n%b\n" % (shared, _JSON(shown))).hexdigest()
    return Piece(notice_id, part["number"], said, mail, check, content)
