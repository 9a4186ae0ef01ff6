"""Compiles letters and other papers with Typst, the layout engine that knows every script."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Literal

import pyarrow as pa
import typst

from callup.app.engines.window import fit_windows
from callup.notice import LetterTexts, PrintBatch, Stamp, print_batch
from callup.terms.errors import BadInput, Unavailable

FEW_LETTERS = 500
"""Letters in one print file (notices.md, risks: the memory of one Typst document): half a gigabyte for a worker."""
STANDARDS: list[Literal["ua-1", "a-2a"]] = ["ua-1", "a-2a"]


def one_letter(letters: pa.Table, texts: LetterTexts, stamp: Stamp) -> bytes:
    """Render one letter in this process, for the portal, a reprint or a sample; the bytes are the same on every run."""
    return compile_batch(print_batch(letters, texts, stamp, windows=fit_windows(letters, texts)), stamp)


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
    with _compiler(batch.source, batch.rasters, inputs) as compiler:
        made = compiler.compile(format="pdf", pdf_standards=[*STANDARDS], timestamp=moment)
    assert isinstance(made, bytes)
    return made


def compiled(source: bytes, inputs: dict[str, str], day: date, rasters: bytes = b"") -> bytes:
    """A document of its own, tagged (PDF/UA-1), in the fonts that callup carries.

    Args:
        source: Typst source; it reads ``sys.inputs`` and no file but that of the rasters.
        inputs: what it reads.
        day: what the PDF gives as its date, so that the same record gives the same bytes.
        rasters: of codes, as the source reads them from ``codes.bin``.

    Raises:
        Unavailable: Typst failed.
    """
    try:
        with _compiler(source, rasters, inputs) as compiler:
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
