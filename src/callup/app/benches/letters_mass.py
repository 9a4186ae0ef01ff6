"""Whole waves of letters: written, sealed and signed without the read-back; written and read back as the line does it; and as records."""

from __future__ import annotations

import csv
import gc
import hashlib
import multiprocessing
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from pathlib import Path

import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from callup.app.benches import Figure
from callup.app.engines import mass
from callup.app.engines.mass import ManifestRow, PrintFile, render_wave
from callup.app.engines.pdf.letter import write_letters
from callup.app.engines.records import record_wave
from callup.app.sealed import seal_bytes
from callup.app.watch import Watch, Workers
from callup.notice import LetterTexts, Stamp, print_batch
from callup.terms.errors import Tampered

MEBIBYTES, FIELD_FORM = 400, 60_000
MILLION, WRITTEN, READ_BACK = 1_000_000, 30, 360
"""Seconds on two cores that a million letters may take to be written, and to be read back."""
_KEY, _FILES, _WORKERS = bytes(32), 5_000, 2


def read_back_figures(letters: pa.Table, texts: LetterTexts, stamp: Stamp, folder: Path, *, aimed: bool) -> list[Figure]:
    """A wave as the line makes it, each letter read back; two workers. ``aimed``: large enough to be held to the target of a million."""
    count = letters.num_rows
    clock, cpu, worker, whole = _watched(render_wave(letters, [texts], stamp), folder, count)
    most = (WRITTEN + READ_BACK) * count / MILLION
    what = f"a wave of {count:,}, read back"
    return [
        Figure(what, clock, "s on the clock", f"at most {most:g}" if aimed else "", not aimed or clock <= most),
        Figure(what, cpu, "us of CPU a letter"),
        Figure(f"{what}: largest worker", worker, "MiB", f"at most {MEBIBYTES}", worker <= MEBIBYTES),
        Figure(f"{what}: all processes together", whole, "MB"),
    ]


def written_figures(letters: pa.Table, texts: LetterTexts, stamp: Stamp, folder: Path) -> list[Figure]:
    """From columns to sealed print files and a signed manifest by two workers, nothing read back; the line never does this."""
    count = letters.num_rows
    clock, cpu, _, whole = _watched(_written(letters, texts, stamp), folder, count)
    most, what = WRITTEN * count / MILLION, f"{count:,} letters from columns to signed print files"
    return [
        Figure(what, clock, "s on the clock", f"at most {most:g}", clock <= most),
        Figure(what, cpu, "us of CPU a letter"),
        Figure(f"{what}: all processes together", whole, "MB"),
    ]


def record_figures(letters: pa.Table, texts: LetterTexts, stamp: Stamp, folder: Path) -> list[Figure]:
    """The same wave as records for printers that compose letters themselves, each row read back; one process."""
    count, own, start = letters.num_rows, time.process_time(), time.perf_counter()
    _laid(record_wave(letters, [texts], stamp), folder, count)
    rate = count / (time.process_time() - own)
    what = f"{count:,} letters as records, read back, sealed and signed"
    return [
        Figure(what, rate, "letters a CPU s", f"at least {FIELD_FORM:,}", rate >= FIELD_FORM),
        Figure(what, time.perf_counter() - start, "s on the clock"),
    ]


def _written(letters: pa.Table, texts: LetterTexts, stamp: Stamp) -> Iterator[PrintFile]:
    """The print files of the writer, in order; few wait at a time."""
    orders = iter(mass._orders(letters, texts, stamp, _FILES))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", __name__])
    waiting: deque[Future[tuple[bytes, list[tuple[str, str, str]]]]] = deque()
    with ProcessPoolExecutor(_WORKERS, mp_context=context, max_tasks_per_child=1) as pool:
        for number in range(1, letters.num_rows + 1):
            for order in islice(orders, 2 * _WORKERS - len(waiting)):
                waiting.append(pool.submit(_write, mass._packed(order.letters), mass._bare(order), stamp))
            if not waiting:
                return
            pdf, rows = waiting.popleft().result()
            name = f"letters-{number:04}.pdf"
            yield PrintFile(
                name, pdf, tuple(ManifestRow(one, name, at, 1, content, mail) for at, (one, content, mail) in enumerate(rows, 1))
            )


def _write(packed: bytes, order: mass._Order, stamp: Stamp) -> tuple[bytes, list[tuple[str, str, str]]]:
    """In a worker, which ends after it: one file."""
    gc.disable()
    batch = print_batch(pa.ipc.open_stream(packed).read_all(), order.texts, stamp, shared_back=True, windows=order.windows)
    return write_letters(batch, stamp, order.faces), [(piece.notice_id, piece.content, piece.mail) for piece in batch.pieces]


def _watched(files: Iterable[PrintFile], folder: Path, count: int) -> tuple[float, float, float, float]:
    """Lay the files; gives seconds by the clock, microseconds of CPU a letter, MiB of the largest worker, MB of all processes together."""
    workers, watch = Workers(), Watch()
    own, start = time.process_time(), time.perf_counter()
    _laid(files, folder, count)
    clock = time.perf_counter() - start
    theirs, worker = workers.end()
    return clock, 1e6 * (theirs + time.process_time() - own) / count, worker, watch.end()


def _laid(files: Iterable[PrintFile], folder: Path, count: int) -> None:
    """Seal each file and write it, write the manifest row by row, sign the digests; a file is let go of as soon as it lies there."""
    made, digests = 0, hashlib.sha256()
    with (folder / "manifest.csv").open("w", encoding="utf-8") as out:
        manifest = csv.writer(out, lineterminator="\n")
        for one in files:
            (folder / f"{one.name}.sealed").write_bytes(seal_bytes(one.content, _KEY, one.name.encode()))
            digests.update(hashlib.sha256(one.content).digest())
            made += len(one.rows)
            manifest.writerows([row.notice_id, row.file, row.first_page, row.pages, row.hash, row.payload] for row in one.rows)
    (folder / "manifest.sig").write_bytes(Ed25519PrivateKey.from_private_bytes(_KEY).sign(digests.digest()))
    if made != count:
        raise Tampered("letters-missing", {"made": made, "wanted": count}, "a wave lost letters: this is a defect")
