"""Letters in mass: from columns to print files with their manifest, every letter read back, beside layout engines on the same letters."""

from __future__ import annotations

import gc
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.app.benches.letters_mass import read_back_figures, record_figures, written_figures
from callup.app.benches.log import ask_peer
from callup.app.demo import scaled_decree
from callup.app.dossier import parse_decree
from callup.app.engines.pdf.faces import faces_for
from callup.app.engines.pdf.letter import write_letters
from callup.app.engines.typst import compile_batch
from callup.app.readback import read_back
from callup.jurisdictions import load
from callup.notice import Ground, Imprint, LetterTexts, PrintBatch, Stamp, letter_texts, print_batch
from callup.terms.errors import Tampered

LETTERS, LARGE, LANGUAGE = 10_000, 100, "ru"
"""With ``--large`` a wave of a hundred times as many: a million."""
BESIDE = {"weasyprint": 20, "reportlab": 200}
TYPST = 200
A_CPU_SECOND, KILOBYTES, TIMES = 20_000, 1.4, 1_000
READING = 720e-6
"""CPU seconds a letter: 1,000,000 in six minutes on two cores."""
_WARM = 20
_AT_ONCE = 50_000


def run(setting: Setting, folder: Path) -> Measured:
    """Write and read back in this process, then whole waves with two workers, then the peers."""
    count = setting.persons or LETTERS
    texts, stamp = _words()
    letters = letters_table(count)
    some = print_batch(letters.slice(0, _WARM), texts, stamp, shared_back=True)
    faces = faces_for([*"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", *_all_texts(print_batch(letters, texts, stamp, shared_back=True))])
    read_back(write_letters(some, stamp, faces), some)
    batch, composing = _timed(lambda: print_batch(letters, texts, stamp, shared_back=True))
    pdf, writing = _timed(lambda: write_letters(batch, stamp, faces))
    wrong, reading = _timed(lambda: read_back(pdf, batch))
    if wrong:
        raise Tampered("letter-differs", {"what": wrong[0].what, "differences": len(wrong)}, "the writer or the reader is wrong")
    mine = (composing + writing) / count
    size = len(pdf) / count / 1000
    figures = [
        Figure(
            "written, words and codes included",
            1 / mine,
            "letters a CPU s",
            f"at least {A_CPU_SECOND:,}",
            1 / mine >= A_CPU_SECOND,
        ),
        Figure("of that: words and codes", 1e6 * composing / count, "us of CPU a letter"),
        Figure("of that: the pages", 1e6 * writing / count, "us of CPU a letter"),
        Figure("size", size, "kB a letter", f"at most {KILOBYTES}", size <= KILOBYTES),
        Figure("read back, text and both codes", 1e6 * reading / count, "us of CPU a letter", "at most 720", reading / count <= READING),
    ]
    figures += _waves(count, texts, stamp, folder, large=False)
    if setting.large:
        figures += _waves(LARGE * count, texts, stamp, folder, large=True)
    figures += _beside(batch, stamp, folder, mine)
    return Measured(
        tuple(figures),
        (
            "letters of the reference decree of ru, in Russian: a front each, one back a file; each with a QR of the whole committed text",
            "a wave: columns to sealed print files and a manifest whose digests are signed; every letter read back; two workers",
            "records: what a printer needs that composes letters itself; one process; each row's digest made again from the file",
            "Typst writes the same letters from the same template; WeasyPrint and ReportLab the same words and codes without the places",
        ),
    )


def letters_table(count: int) -> pa.Table:
    """LETTERS of made-up people; the same count gives the same columns."""
    return pa.concat_tables([_rows(range(first, min(count, first + _AT_ONCE)), count) for first in range(0, count, _AT_ONCE)])


def _rows(numbers: range, count: int) -> pa.Table:
    digests = [hashlib.sha256(b"%d" % number).hexdigest() for number in numbers]
    day = parse_decree(scaled_decree("ru", 200_000), Path("decree.toml")).opens_on
    given, family = ("Анна", "Иван", "Юрий", "Ольга", "Пётр"), ("Щербаков", "Иванова", "Ёлкин", "Кузнецова")
    documents = [
        f"callup/notice/1\ncall-up: ru-2025\nroll: RU-MOW {number} {text[:32]}\nrank: {number}\nperson: {text[32:]}\nborn: 2004-05-06\n"
        f"report: 2025-04-20 09:30 m-1\nlaw: ru {'ab' * 16}\nobject-by: 30 days from service\npromises: {'cd' * 16}\n"
        for number, text in zip(numbers, digests, strict=True)
    ]
    return pa.table(
        {
            "notice_id": [text[:32] for text in digests],
            "language": [LANGUAGE] * len(numbers),
            "name": [f"{family[n % 4]} {given[n % 5]} {given[n // 5 % 5]}ович" for n in numbers],
            "address_line": [f"ул. Лесная, д. {n % 180 + 1}, кв. {n // 7 % 90 + 1}" for n in numbers],
            "locality": [f"Посёлок № {n // 500 + 1}" for n in numbers],
            "postal_code": [f"{100_000 + n % 899_999}" for n in numbers],
            "stratum": [f"RU-{n // 4000:03}" for n in numbers],
            "rank": [n + 1 for n in numbers],
            "position": [n * 7 % count for n in numbers],
            "place_id": [f"m-{n // 1000 % 50}" for n in numbers],
            "place": [f"Москва, ул. Примерная, {n // 1000 % 50 + 1}" for n in numbers],
            "appear_on": [day + timedelta(days=n // 60 % 60) for n in numbers],
            "appear_at": [f"{9 + n % 8:02}:{n % 4 * 15:02}" for n in numbers],
            "salt": [text[32:] for text in digests],
            "document": documents,
            "entry": list(numbers),
            "sign_in": [text[:12].upper() for text in digests],
        }
    )


def _words() -> tuple[LetterTexts, Stamp]:
    decree = parse_decree(scaled_decree("ru", 200_000), Path("decree.toml"))
    folder = load("ru")
    procedure = folder.procedure.at(decree.key_date)
    ground = Ground(decree, procedure, Imprint(decree.id, "ru", folder.version, "cd" * 32, 30), "callup.example", ())
    return letter_texts(folder.forms, ground, LANGUAGE), Stamp("callup.example", 17_012, bytes(32), decree.signed_on)


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """As in a worker, which ends after its file: nothing is looked for that could be collected."""
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        made = work()
        return made, time.process_time() - start
    finally:
        gc.enable()


def _all_texts(batch: PrintBatch) -> Iterator[str]:
    yield batch.fixed
    yield batch.letters


def _waves(count: int, texts: LetterTexts, stamp: Stamp, folder: Path, *, large: bool) -> list[Figure]:
    """Whole waves: as the line makes them and as records; a large one also without the read-back."""
    letters = letters_table(count)
    figures = written_figures(letters, texts, stamp, folder) if large else []
    figures += read_back_figures(letters, texts, stamp, folder, aimed=large)
    return figures + record_figures(letters, texts, stamp, folder)


def _beside(batch: PrintBatch, stamp: Stamp, folder: Path, mine: float) -> list[Figure]:
    few = replace(
        batch,
        fields=batch.fields[:TYPST],
        mail_codes=batch.mail_codes[:TYPST],
        check_codes=batch.check_codes[:TYPST],
        pieces=batch.pieces[:TYPST],
    )
    made, spent = _timed(lambda: compile_batch(few, stamp))
    figures = [
        Figure("Typst alone", 1e6 * spent / TYPST, "us of CPU a letter"),
        Figure("Typst alone, size", len(made) / TYPST / 1000, "kB a letter"),
        Figure("times the speed of Typst alone", spent / TYPST / mine, "x"),
    ]
    for peer, count in BESIDE.items():
        (folder / f"{peer}.json").write_text(json.dumps([_plain(batch, at) for at in range(count)]), encoding="utf-8")
        with as_file(files("callup.app").joinpath("fonts/PTS55F.ttf")) as font:
            answer = ask_peer(peer, f"{peer}_letter.py", [str(folder / f"{peer}.json"), str(font)])
        each = answer["seconds"] / count
        name, target = f"{peer} {answer['version']}", TIMES if peer == "weasyprint" else 0
        figures += [
            Figure(name, 1e6 * each, "us of CPU a letter"),
            Figure(f"{name}, size", answer["bytes"] / count / 1000, "kB a letter"),
            Figure(f"times the speed of {name}", each / mine, "x", f"at least {target:,}" if target else "", each / mine >= target),
        ]
    return figures


def _plain(batch: PrintBatch, at: int) -> dict[str, Any]:
    """What a peer is given of one letter: its words, and its codes as dark runs, in points and as a drawing."""
    words, letter = batch.words, batch.fields[at]
    pairs = zip((*words["asks"], *words["labels"]), (*letter["answers"], *letter["facts"]), strict=True)
    texts = [
        words["authority"],
        words["legal_basis"],
        *words["marks"],
        words["sender"],
        *letter["address"],
        words["issued"],
        letter["number"],
    ]
    texts += [letter["title"], *(f"{ask} {answer}" for ask, answer in pairs), words["closing"], words["continued"]]
    mail, check = words["mail_side"], words["check_side"]
    runs = _runs(batch.mail_codes[at].reshape(mail, -1), 1.5, 0) + _runs(batch.check_codes[at].reshape(check, -1), 1.3, 60)
    path = "".join(f"M{left:g} {up:g}h{wide:g}v{high:g}h-{wide:g}z" for left, up, wide, high in runs)
    drawing = f'<svg role="img" aria-label="codes" width="200pt" height="120pt" viewBox="0 0 200 120"><path d="{path}"/></svg>'
    return {"texts": texts, "runs": runs, "codes": drawing}


def _runs(rows: npt.NDArray[np.uint8], side: float, left: float) -> list[tuple[float, float, float, float]]:
    """Dark runs of a code, whose rows of bits have 0 for dark and are light beyond its edge."""
    found = []
    for row, line in enumerate(np.unpackbits(rows, axis=1)):
        edges = np.flatnonzero(np.diff(np.concatenate(([1], line, [1]))))
        found += [
            (round(left + side * int(start), 2), round(side * row, 2), round(side * int(end - start), 2), side)
            for start, end in zip(edges[::2], edges[1::2], strict=True)
        ]
    return found


BENCH = Bench("letters", "how many letters a second are written and read back?", run)
