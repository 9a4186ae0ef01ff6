"""Tickets beside the hash function's floor, and ranking beside the tickets; in CPU seconds of one run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.draw import ranks, tickets

LINES = 1_000_000
RUNS = 5


def run(setting: Setting, folder: Path) -> Measured:
    """Draw tickets for a stratum and rank them; floor and draw take turns.

    The floor is one digest over a ready message of two blocks a line: a ticket's message is the seed's block and one more.
    """
    number = setting.persons or LINES
    seed = sha256(str(setting.seed).encode()).hexdigest()
    of_floor, ranking = [], []
    for _ in range(RUNS):
        least = floor(number)
        spent, drawn = _cpu(tickets, seed, "stratum", number)
        of_floor.append(least / spent)
        ranking.append(_cpu(ranks, drawn)[0] / spent)
    found, share = median(of_floor), median(ranking)
    return Measured(
        (
            Figure(f"{number:,} tickets, of the floor", found, "x", "at least 0.95", found >= 0.95),
            Figure(f"{number:,} lines: ranking, of the tickets' time", share, "x", "under 0.3", share < 0.3),
            Figure("tickets and ranks", number / spent / (1 + share), "lines/s"),
        ),
        ("CPU seconds of user and system together; medians of runs that take turns",),
    )


def floor(number: int) -> float:
    """CPU seconds of one digest a line over ready messages of the tickets' length."""
    messages = [os.urandom(80) for _ in range(20_000)]
    hashed = sha256

    def digests() -> None:
        for _ in range(10):
            np.frombuffer(b"".join([hashed(message).digest() for message in messages]), dtype=np.uint8)

    return _cpu(digests)[0] * number / (10 * len(messages))


def _cpu(work: Callable[..., Any], *words: Any) -> tuple[float, Any]:
    start = time.process_time()
    found = work(*words)
    return time.process_time() - start, found


BENCH = Bench("draw", "how many persons a second can be drawn and ranked?", run)
