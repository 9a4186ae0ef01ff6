"""How long a whole call-up takes, stage by stage, in a process of its own, so that its memory can be told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.terms.errors import Unavailable

PERSONS = 200_000
LARGE = 1_000_000
SECONDS = {PERSONS: 60.0, LARGE: 300.0}
MEGABYTES = 4_096.0

PROGRAM = """
import json, sys, time
from pathlib import Path
from callup.app.demo import lay_demo
from callup.app.pipeline import run_line
from callup.app.voice import Voice
from callup.app.wire import course_of
persons, seed, out = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
voice = Voice(quiet=True)
dossier, register = lay_demo("ru", persons, seed, out, voice)
run_line(course_of(dossier, voice, register, seed))
print(json.dumps(voice.seconds))
"""


def run(setting: Setting, folder: Path) -> Measured:
    """Run the demo at its default size, and at 1,000,000 rows where large runs are wanted."""
    sizes = [setting.persons or PERSONS, *([LARGE] if setting.large else [])]
    figures: list[Figure] = []
    for persons in sizes:
        figures += one_demo(persons, setting.seed, folder / str(persons))
    return Measured(tuple(figures), ("seconds include the start of Python; memory is that of the main process and its largest child",))


def one_demo(persons: int, seed: int, out: Path) -> list[Figure]:
    """One demo in a process of its own.

    Raises:
        Unavailable: the demo failed.
    """
    start = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-c", PROGRAM, str(persons), str(seed), str(out)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    said = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    spent = time.perf_counter() - start
    if child.returncode != 0:
        raise Unavailable("demo-failed", {"persons": persons, "status": child.returncode}, "run it by itself: callup demo")
    limit = SECONDS.get(persons)
    label = f"{persons:,} rows"
    memory = usage.ru_maxrss / 1024
    figures = [
        Figure(f"{label}: whole run", spent, "s", f"under {limit:.0f}" if limit else "", limit is None or spent < limit),
        Figure(f"{label}: largest memory", memory, "MB", f"under {MEGABYTES:,.0f}", memory < MEGABYTES),
    ]
    stages: dict[str, float] = json.loads(said.splitlines()[-1])
    return figures + [Figure(f"{label}: {name}", seconds, "s") for name, seconds in stages.items()]


BENCH = Bench("demo", "how long does a whole call-up take, from register to report?", run)
