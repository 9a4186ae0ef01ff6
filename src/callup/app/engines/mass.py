"""Makes the print files of a wave in worker processes, reads every letter back, and hands each file on.

Most letters are written by the writer of ``engines/pdf``; Typst sets those with characters that its font lacks. What fits neither is
refused before anything is printed. Which of both made a file shows nowhere but in its bytes: both follow one template, both are read back.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import string
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain, islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import typst

from callup.app.engines.pdf.faces import Face, faces_for
from callup.app.engines.pdf.letter import fits_back, unfit_letters, write_letters
from callup.app.engines.typst import FEW_LETTERS, compile_batch, measure_back
from callup.app.engines.window import fit_windows, require_none
from callup.app.readback import Mismatch, read_back, require_same
from callup.notice import LetterTexts, Stamp, print_batch
from callup.terms.errors import BadInput, Unavailable

MOST_LETTERS = 10_000
"""Letters in one print file."""
_LETTERS = 5_000
"""Letters in one print file unless told otherwise: a third of a gigabyte for a worker."""
_SHARES, _WORTH_SHARING = 2, 100
"""A language's letters are cut into a multiple of so many even files, so that no worker waits for the last file of another;
the cut must not depend on the machine."""
_IN_FLIGHT = 2
_GLIBC = ((-8, 1), (-3, 2**25), (-1, 2**31 - 1), (-2, 2**26))
"""mallopt(3): one arena; from the heap up to 32 MiB; never trimmed; 64 MiB at a time."""
_BEHIND = 5
"""Workers stand behind the process that hands out the letters and writes the portal's copies meanwhile: else both cores would wait for
that one process at the end."""
Windows = Mapping[str, tuple[int, tuple[str, ...]]]
_TEXTS = ["name", "address_line", "locality", "postal_code", "place", "stratum"]
"""Columns of LETTERS that may hold any script."""


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One line of manifest.csv; in a file of records each row counts as a page."""

    notice_id: str
    file: str
    first_page: int
    pages: int
    hash: str
    payload: str


@dataclass(frozen=True, slots=True)
class PrintFile:
    """One file for the printer, read back and found right, with its manifest.

    In a PDF each letter is one page; the last page is the fixed back, which the print shop puts on the reverse of every sheet.
    """

    name: str
    content: bytes
    rows: tuple[ManifestRow, ...]


@dataclass(frozen=True, slots=True)
class _Made:
    """What a worker hands back; ``failure`` says why there is no PDF, ``unfit`` which notices do not fit on a page."""

    pdf: bytes
    rows: tuple[tuple[str, str, str], ...]
    mismatches: tuple[Mismatch, ...]
    failure: str
    unfit: tuple[str, ...] = ()


def render_wave(
    letters: pa.Table, texts: Sequence[LetterTexts], stamp: Stamp, *, workers: int = 2, most: int = _LETTERS
) -> Iterator[PrintFile]:
    """Render the letters of a wave, read every one back, and give the print files in order.

    Args:
        letters: LETTERS rows of notices that are already entered in the acts log, in postal order.
        texts: the words of each language that occurs, for everybody and for each unit that has words of its own.
        stamp: what all letters share.
        workers: processes; each is ended after one print file, because Typst keeps what it has laid out.
        most: letters in a print file, at most 10,000; where Typst makes it never more than 500, half a gigabyte for a worker.

    Raises:
        BadInput: a language without words, ``most`` out of range, or letters that cannot be printed whole (``letters-need-a-person``).
        Tampered: ``letter-differs``: a letter does not say what it was to say.
        Unavailable: Typst failed.
    """
    if not 1 <= most <= MOST_LETTERS:
        raise BadInput("print-file-size", {"letters": most}, f"choose from 1 to {MOST_LETTERS}")
    orders = [order for words, mine in shares_of(letters, texts) for order in _orders(mine, words, stamp, most)]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", __name__])
    waiting: deque[tuple[str, Future[_Made]]] = deque()
    with ProcessPoolExecutor(workers, mp_context=context, max_tasks_per_child=1) as pool:
        rest = iter(enumerate(orders, 1))
        while True:
            for number, order in islice(rest, workers * _IN_FLIGHT - len(waiting)):
                waiting.append((f"letters-{number:04}.pdf", pool.submit(_make, _packed(order.letters), _bare(order), stamp)))
            if not waiting:
                return
            name, future = waiting.popleft()
            yield _print_file(name, future.result())


def shares_of(letters: pa.Table, texts: Sequence[LetterTexts]) -> Iterator[tuple[LetterTexts, pa.Table]]:
    """The letters that share their words, language by language: those of all units first, then those of each with words of its own.

    Raises:
        BadInput: ``language-without-form``.
    """
    known = {(one.language, one.unit): one for one in texts}
    units = {one.unit for one in texts}
    strata = (str(stratum).partition("+")[0] for stratum in letters.column("stratum").to_pylist())
    read = [
        (language, unit if unit in units else "") for language, unit in zip(letters.column("language").to_pylist(), strata, strict=True)
    ]
    if lacking := set(read) - set(known):
        named = ", ".join(sorted({language for language, _ in lacking}))
        raise BadInput("language-without-form", {"languages": named}, "add forms for it or choose another language")
    for share in sorted(set(read)):
        yield known[share], letters.filter(pa.array([one == share for one in read]))


@dataclass(frozen=True, slots=True)
class _Order:
    """One print file to be made; without faces, Typst makes it."""

    letters: pa.Table
    texts: LetterTexts
    faces: Mapping[str, Face]
    windows: Windows


def _orders(mine: pa.Table, texts: LetterTexts, stamp: Stamp, most: int) -> list[_Order]:
    """The print files of letters that share their words: first those of our own writer, then those with characters that its fonts lack.

    Raises:
        BadInput: ``back-too-long``: the fixed text does not fit on one page.
    """
    days = mine.column("appear_on").to_pylist()
    sample = print_batch(mine.take([days.index(day) for day in sorted(set(days))]), texts, stamp, shared_back=True)
    columns = [mine.column(name).cast(pa.string()).unique().drop_null().to_pylist() for name in _TEXTS]
    fixed = [*_strings(sample.words), *texts.answers, *texts.facts, texts.title]
    faces = faces_for([string.printable[:95], *fixed, *_strings(sample.fields), *chain(*columns)])
    strange = {text for text in chain(fixed, *columns) if not all(face.covers(text) for face in faces.values())}
    measured = not strange.isdisjoint(fixed) or not fits_back(sample, faces)
    if measured:
        measure_back(sample)
    lacking = pa.array(sorted(strange), pa.string())
    apart = reduce(pc.or_, [pc.is_in(mine.column(name).cast(pa.string()), value_set=lacking) for name in _TEXTS], pa.scalar(measured))
    windows = fit_windows(mine, texts)
    made = [_Order(part, texts, faces, windows) for part in _cut(mine.filter(pc.invert(apart)), most)]
    others = _cut(mine.filter(apart), min(most, FEW_LETTERS))
    return made + [_Order(part, texts, {}, windows) for part in others]


def _strings(found: Any) -> Iterator[str]:
    """Every text in some words, however deep."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, Mapping | list | tuple):
        for one in found.values() if isinstance(found, Mapping) else found:
            yield from _strings(one)


def _cut(rows: pa.Table, most: int) -> list[pa.Table]:
    """At most ``most`` letters a file, in the order given, cut evenly."""
    size = _even(rows.num_rows, most) if rows.num_rows else 1
    return [rows.slice(start, size) for start in range(0, rows.num_rows, size)]


def _even(letters: int, most: int) -> int:
    """Letters a file, so that all files of a language are about as long.

    Example:
        >>> [_even(letters, 500) for letters in (40, 560, 5019)]
        [40, 280, 419]
    """
    shares = _SHARES if letters >= _WORTH_SHARING else 1
    return -(-letters // (shares * -(-letters // (shares * most))))


def _packed(part: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, part.schema) as writer:
        writer.write_table(part)
    return bytes(sink.getvalue())


def _bare(order: _Order) -> _Order:
    """An order without its letters, which travel packed: a slice would take the whole table with it."""
    return replace(order, letters=order.letters.schema.empty_table())


def _make(packed: bytes, order: _Order, stamp: Stamp) -> _Made:
    """In a worker: make the file, read it back. It ends after, so nothing need be collected: looking for it took a tenth of its time."""
    gc.disable()
    os.nice(_BEHIND)
    letters = pa.ipc.open_stream(packed).read_all()
    batch = print_batch(letters, order.texts, stamp, shared_back=True, windows=order.windows)
    pdf = write_letters(batch, stamp, order.faces) if order.faces else b""
    if order.faces and not pdf:
        return _Made(b"", (), (), "", unfit_letters(batch, order.faces))
    if not pdf:
        os.environ["RAYON_NUM_THREADS"] = "1"
        _hoard()
        try:
            pdf = compile_batch(batch, stamp)
        except (typst.TypstError, OSError) as failure:
            return _Made(b"", (), (), str(failure)[:300])
    rows = tuple((piece.notice_id, piece.content, piece.mail) for piece in batch.pieces)
    return _Made(pdf, rows, read_back(pdf, batch), "")


def _hoard() -> None:
    """Tell glibc to give nothing back before the worker ends: a tenth of its time went into asking the kernel again."""
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        for setting, size in _GLIBC:
            tune(setting, size)


def _print_file(name: str, made: _Made) -> PrintFile:
    require_none([f"{notice}: words too long for the page" for notice in made.unfit])
    if made.failure:
        raise Unavailable("typst-failed", {"file": name, "why": made.failure}, "mend the forms or the fonts and run again")
    require_same(made.mismatches, name)
    rows = (ManifestRow(one, name, at + 1, 1, content, mail) for at, (one, content, mail) in enumerate(made.rows))
    return PrintFile(name, made.pdf, tuple(rows))
