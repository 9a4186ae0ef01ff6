"""The check of one letter by the page in Chromium at the size of a large country: files, bytes, and all ranks of a roll in a worker."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path
from statistics import median

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.app.benches.browser import Browser, served
from callup.app.benches.sparse import STRATUM, LargeCallUp, large_call_up
from callup.draw import ranks, tickets
from callup.terms.errors import Tampered

ACTS, LINES, RUNS = 10_000_000, 1_000_000, 5
MOST_FILES, MOST_BYTES, MOST_SECONDS, MOST_RATIO = 20, 150_000, 3.0, 3.0
WAVES = (1, 2, 4)


def run(setting: Setting, folder: Path) -> Measured:
    """Check a letter of an early and of a late wave, then rank a whole roll in the page's worker and in Python by turns."""
    lines = setting.persons or LINES
    figures: list[Figure] = []
    browser = Browser()
    try:
        for wave in WAVES:
            made = large_call_up(ACTS, lines, wave)
            figures += _read_by_a_check(browser, made, folder / f"wave-{wave}", wave)
        figures += _ranked(browser, made, folder / f"wave-{WAVES[-1]}", lines)
    finally:
        browser.close()
    remarks = (
        f"a log of {ACTS:,} acts and a roll of {lines:,}; only the files that these checks read were made, the rest are made-up hashes",
        "files and bytes as the loopback server gave them, uncompressed, without the page itself, which comes first and once",
        "a check reads one call document for each wave up to the letter's own, so that no rank before it was passed over",
        "the worker's seconds are wall seconds of Chromium on this machine, Python's are CPU seconds; by turns, medians of 5",
    )
    return Measured(tuple(figures), remarks)


def _read_by_a_check(browser: Browser, made: LargeCallUp, folder: Path, wave: int) -> list[Figure]:
    for name, content in made.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with served(folder) as (address, given):
        browser.visit(f"{address}/v#{made.fragment}")
        verdict = browser.until("document.querySelector('#verdict h2')?.parentNode.className", 120)
    if verdict != "genuine":
        raise Tampered("page-disagrees", {"verdict": verdict, "wave": wave}, "the page and the log's own code do not agree")
    read = [size for name, size in given if name != "/v"]
    (page,) = [size for name, size in given if name == "/v"]
    files, size, packed = len(read), sum(read), len(gzip.compress(made.files["v"]))
    return [
        Figure(f"letter of wave {wave}: files read", files, "files", f"at most {MOST_FILES}", files <= MOST_FILES),
        Figure(f"letter of wave {wave}: bytes read", size / 1000, "kB", f"at most {MOST_BYTES // 1000}", size <= MOST_BYTES),
        *([Figure("the page itself", page / 1000, "kB"), Figure("the page compressed", packed / 1000, "kB")] if wave == WAVES[0] else []),
    ]


def _ranked(browser: Browser, made: LargeCallUp, folder: Path, lines: int) -> list[Figure]:
    asked = json.dumps([made.seed, STRATUM, lines, made.position])
    timed = (
        f"(async () => {{ const start = performance.now(), found = await rank(...{asked}); return [found, performance.now() - start]; }})()"
    )
    in_page, in_python = [], []
    with served(folder) as (address, _):
        browser.visit(f"{address}/v")
        browser.until("document.querySelector('#form button')?.textContent")
        for _run in range(RUNS):
            found, spent = browser.value(timed)
            in_page.append(spent / 1000)
            start = time.process_time()
            mine = int(ranks(tickets(made.seed, STRATUM, lines))[made.position])
            in_python.append(time.process_time() - start)
            if mine != found:
                raise Tampered("page-disagrees", {"python": mine, "page": found}, "ranks differ: neither may be believed")
    page, python = median(in_page), median(in_python)
    return [
        Figure(f"{lines:,} ranks in the page's worker", page, "s", f"under {MOST_SECONDS:g}", page < MOST_SECONDS),
        Figure("the same in Python", python, "s of CPU"),
        Figure("worker's seconds of Python's", page / python, "x", f"at most {MOST_RATIO:g}", page / python <= MOST_RATIO),
    ]


BENCH = Bench("page", "what does the check of one letter cost the reader at ten million acts?", run)
