"""Compiles letters with Typst in worker processes of their own, reads each print file back, and hands it on."""

from __future__ import annotations

import ctypes
import json
import multiprocessing
import os
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from importlib.resources import as_file, files
from itertools import islice
from typing import Any, Literal

import pyarrow as pa
import typst

from callup.app.readback import Mismatch, read_back, require_same
from callup.notice import LetterTexts, PrintBatch, Stamp, print_batch
from callup.terms.errors import BadInput, Unavailable

MOST_LETTERS = 1000
"""Letters in one print file (notices.md, risks: the memory of one Typst document)."""
_LETTERS = 500
"""Letters in one print file unless told otherwise: half a gigabyte for a worker."""
_SHARES, _WORTH_SHARING = 2, 100
"""A language's letters are cut into a multiple of so many even files, so that no worker waits for the last file of another;
the cut must not depend on the machine."""
STANDARDS: list[Literal["ua-1", "a-2a"]] = ["ua-1", "a-2a"]
_IN_FLIGHT = 2
_GLIBC = ((-8, 1), (-3, 2**25), (-1, 2**31 - 1), (-2, 2**26))
"""mallopt(3): one arena; from the heap up to 32 MiB; never trimmed; 64 MiB at a time."""


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One line of manifest.csv."""

    notice_id: str
    file: str
    first_page: int
    pages: int
    hash: str
    payload: str


@dataclass(frozen=True, slots=True)
class PrintFile:
    """One print file, read back and found right, with its manifest.

    Each letter is one page; the last page is the fixed back, which the print shop puts on the reverse of every sheet.
    """

    name: str
    pdf: bytes
    rows: tuple[ManifestRow, ...]


@dataclass(frozen=True, slots=True)
class _Made:
    """What a worker hands back; ``failure`` says why there is no PDF."""

    pdf: bytes
    rows: tuple[tuple[str, str, str], ...]
    mismatches: tuple[Mismatch, ...]
    failure: str


def render_wave(
    letters: pa.Table, texts: Mapping[str, LetterTexts], stamp: Stamp, *, workers: int = 2, most: int = _LETTERS
) -> Iterator[PrintFile]:
    """Render the letters of a wave, read every one back, and give the print files in order.

    Args:
        letters: LETTERS rows of notices that are already entered in the acts log, in postal order.
        texts: the words of each language that occurs.
        stamp: what all letters share.
        workers: processes; each is ended after one print file, because Typst keeps what it has laid out.
        most: letters in a print file, at most 1,000.

    Raises:
        BadInput: a language without words, or ``most`` out of range.
        Tampered: ``letter-differs``: a letter does not say what it was to say.
        Unavailable: Typst failed.
    """
    if not 1 <= most <= MOST_LETTERS:
        raise BadInput("print-file-size", {"letters": most}, f"choose from 1 to {MOST_LETTERS}")
    cuts = list(enumerate(_by_language(letters, most), 1))
    lacking = {language for _, (language, _) in cuts} - set(texts)
    if lacking:
        raise BadInput("language-without-form", {"languages": ", ".join(sorted(lacking))}, "add forms for it or choose another language")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", __name__])
    waiting: deque[tuple[str, Future[_Made]]] = deque()
    sizes = {language: measure_back(print_batch(part.slice(0, 1), texts[language], stamp)) for _, (language, part) in cuts}
    with ProcessPoolExecutor(workers, mp_context=context, max_tasks_per_child=1) as pool:
        rest = iter(cuts)
        while True:
            for number, (language, part) in islice(rest, workers * _IN_FLIGHT - len(waiting)):
                waiting.append((f"letters-{number:04}.pdf", pool.submit(_make, _packed(part), texts[language], stamp, sizes[language])))
            if not waiting:
                return
            name, future = waiting.popleft()
            yield _print_file(name, future.result())


def one_letter(letters: pa.Table, texts: LetterTexts, stamp: Stamp) -> bytes:
    """Render one letter in this process, for the portal, a reprint or a sample; the bytes are the same on every run."""
    return compile_batch(print_batch(letters, texts, stamp), stamp)


def compile_batch(batch: PrintBatch, stamp: Stamp, back_size: float = 0.0) -> bytes:
    """Compile one batch to PDF/UA-1 and PDF/A-2a with the carried fonts only.

    Names and addresses go to Typst in memory; only the rasters of the codes touch a temporary folder.

    Args:
        batch: what is printed.
        stamp: what all letters share.
        back_size: the size of the text on the back, in points; 0: measured here.

    Raises:
        BadInput: ``back-too-long``: the fixed text does not fit on one page.
    """
    moment = datetime.combine(stamp.decree_day, time(), UTC)
    inputs = {"fixed": batch.fixed, "letters": batch.letters, "back": str(back_size or measure_back(batch))}
    with _compiler(batch.source, batch.codes, inputs) as compiler:
        made = compiler.compile(format="pdf", pdf_standards=[*STANDARDS], timestamp=moment)
    assert isinstance(made, bytes)
    return made


def compiled(source: bytes, inputs: dict[str, str], day: date) -> bytes:
    """A document of its own, tagged (PDF/UA-1), in the fonts that callup carries.

    Args:
        source: Typst source; it reads ``sys.inputs`` and no file.
        inputs: what it reads.
        day: what the PDF gives as its date, so that the same record gives the same bytes.

    Raises:
        Unavailable: Typst failed.
    """
    try:
        with _compiler(source, b"", inputs) as compiler:
            made = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=datetime.combine(day, time(), UTC))
    except typst.TypstError as failure:
        raise Unavailable("typst-failed", {"why": str(failure)[:300]}, "mend the template or the fonts") from failure
    assert isinstance(made, bytes)
    return made


def measure_back(batch: PrintBatch) -> float:
    """The largest size, in points, in which the fixed text fits on the back.

    Raises:
        BadInput: ``back-too-long``.
    """
    return _measured(batch.source, batch.fixed)


@lru_cache(maxsize=64)
def _measured(source: bytes, fixed: str) -> float:
    with _compiler(source, b"", {"fixed": fixed, "letters": "[]", "measure": "back"}) as compiler:
        fitting = json.loads(compiler.query("<sizes>", field="value", one=True))
    if not fitting:
        raise BadInput("back-too-long", {}, "the fixed text of the letter does not fit on one page: shorten the forms")
    return float(fitting[0])


@contextmanager
def _compiler(source: bytes, codes: bytes, inputs: dict[str, str]) -> Iterator[typst.Compiler]:
    with tempfile.TemporaryDirectory(prefix="callup-") as folder, as_file(files("callup.app").joinpath("fonts")) as fonts:
        with open(os.path.join(folder, "codes.bin"), "wb") as file:
            file.write(codes)
        carried = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)])
        yield typst.Compiler(source, root=folder, font_paths=carried, sys_inputs=inputs)


def _by_language(letters: pa.Table, most: int) -> list[tuple[str, pa.Table]]:
    """One language a print file, at most ``most`` letters, in the order given, cut evenly."""
    parts = []
    languages: list[Any] = letters.column("language").to_pylist()
    for language in sorted(set(languages)):
        rows = letters.take([at for at, one in enumerate(languages) if one == language])
        size = _even(rows.num_rows, most)
        parts += [(language, rows.slice(start, size)) for start in range(0, rows.num_rows, size)]
    return parts


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


def _make(packed: bytes, texts: LetterTexts, stamp: Stamp, back_size: float) -> _Made:
    """In a worker: write the source, compile it, read it back."""
    os.environ["RAYON_NUM_THREADS"] = "1"
    _hoard()
    batch = print_batch(pa.ipc.open_stream(packed).read_all(), texts, stamp, shared_back=True)
    try:
        pdf = compile_batch(batch, stamp, back_size)
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
    if made.failure:
        raise Unavailable("typst-failed", {"file": name, "why": made.failure}, "mend the forms or the fonts and run again")
    require_same(made.mismatches, name)
    rows = (ManifestRow(one, name, at + 1, 1, content, mail) for at, (one, content, mail) in enumerate(made.rows))
    return PrintFile(name, made.pdf, tuple(rows))
