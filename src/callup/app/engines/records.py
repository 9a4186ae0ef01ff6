"""The letters of a wave as rows of words, for a printer that composes them itself.

A package has the layout that we would print (``layout.typ``), the words that all letters of a language share (``words-en.json``; for the
people of a unit that has advice of its own ``words-en-2.json`` and so on), and files of rows (``records-0001.csv``), each naming its words.
A notice has the same digest as in a print file: the SHA-256 of two lines, the digest of the shared words in hex digits, and what the row
says as JSON without spaces, but for the sign-in code. So a printer can check every row before setting it, and the letter that is printed
here on demand is the same document. Each file is read again before release, and its digests are made anew by another writer of JSON.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from callup.app.engines.mass import MOST_LETTERS, ManifestRow, PrintFile, shares_of
from callup.app.engines.window import fit_windows
from callup.app.readback import Mismatch, require_same
from callup.notice import LetterTexts, PrintBatch, Stamp, print_batch

_PLAIN = ("number", "title")
_MANY = ("answers", "facts")


def record_wave(letters: pa.Table, texts: Sequence[LetterTexts], stamp: Stamp, *, most: int = MOST_LETTERS) -> Iterator[PrintFile]:
    """Write the records of a wave: layout, and for those who share their words these and then the rows, in postal order.

    Args:
        letters: LETTERS rows of notices that are already entered in the acts log, in postal order.
        texts: the words of each language that occurs, for everybody and for each unit that has words of its own.
        stamp: what all letters share.
        most: rows in a file.

    Raises:
        BadInput: a language without words, or an address that fits no window (``letters-need-a-person``).
        Tampered: ``letter-differs``: a row does not say what it was to say.
    """
    number, made = 0, Counter[str]()
    for words, mine in shares_of(letters, texts):
        made[words.language] += 1
        named = f"words-{words.language}{f'-{made[words.language]}' if made[words.language] > 1 else ''}.json"
        windows = fit_windows(mine, words)
        for start in range(0, mine.num_rows, most):
            batch = print_batch(mine.slice(start, most), words, stamp, windows=windows)
            if not number:
                yield PrintFile("layout.typ", batch.source, ())
            if not start:
                yield PrintFile(named, batch.said_by_all.encode(), ())
            number += 1
            yield _file(f"records-{number:04}.csv", batch, (words.language, named))


def _file(name: str, batch: PrintBatch, shared: tuple[str, str]) -> PrintFile:
    content = _rows(batch, shared)
    require_same(_misread(content, batch), name)
    rows = (ManifestRow(one.notice_id, name, at, 1, one.content, one.mail) for at, one in enumerate(batch.pieces, 1))
    return PrintFile(name, content, tuple(rows))


def _rows(batch: PrintBatch, shared: tuple[str, str]) -> bytes:
    """A table (RFC 4180, UTF-8): what a letter says, and the payloads of its codes. The lines of an address are parted by line feeds."""
    numbered = [f"{name.removesuffix('s')}_{at}" for name in _MANY for at in range(1, len(batch.fields[0][name]) + 1)]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["notice_id", "language", "words", "hash", "mail_code", "check_code", "address_size", "address", *_PLAIN, *numbered])
    for piece, said in zip(batch.pieces, batch.fields, strict=True):
        codes = (piece.notice_id, *shared, piece.content, piece.mail, piece.check)
        words = [*(said[name] for name in _PLAIN), *(text for name in _MANY for text in said[name])]
        writer.writerow([*codes, said.get("address_size", ""), "\n".join(said["address"]), *words])
    return out.getvalue().encode()


def _misread(content: bytes, batch: PrintBatch) -> Sequence[Mismatch]:
    """The rows whose digest, made from the file alone, is not that of the manifest, or whose sign-in code is another."""
    rows = csv.DictReader(io.StringIO(content.decode(), newline=""))
    shared = hashlib.sha256(batch.said_by_all.encode()).hexdigest()
    found = []
    for at, (row, piece, said) in enumerate(zip(rows, batch.pieces, batch.fields, strict=True), 1):
        if (row["notice_id"], digest_of(row, shared), _many(row, "fact")[-1]) != (piece.notice_id, piece.content, said["facts"][-1]):
            found.append(Mismatch(piece.notice_id, at, "record"))
    return found


def digest_of(row: Mapping[str, str], shared: str) -> str:
    """The digest of one record, as a printer makes it from the row and the digest of the shared words."""
    size = {"address_size": int(row["address_size"])} if row["address_size"] else {}
    said: dict[str, Any] = {**size, "address": row["address"].split("\n"), **{name: row[name] for name in _PLAIN}}
    said |= {"answers": _many(row, "answer"), "facts": _many(row, "fact")[:-1], "mail": row["mail_code"], "check": row["check_code"]}
    return hashlib.sha256(f"{shared}\n{json.dumps(said, ensure_ascii=False, separators=(',', ':'))}\n".encode()).hexdigest()


def _many(row: Mapping[str, str], name: str) -> list[str]:
    return [value for key, value in row.items() if key.startswith(f"{name}_")]
