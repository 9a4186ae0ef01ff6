"""How long a whole call-up takes, stage by stage, and how much memory all of its processes together take."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.app.demo import LIMITS
from callup.app.watch import Watch
from callup.terms.errors import Unavailable

PERSONS = 200_000
LARGE = 1_000_000

_HOW = "seconds include the start of Python; memory is the sum of all processes' proportional sets, looked at four times a second"

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
print(json.dumps({name: [spent.seconds, spent.cpu] for name, spent in voice.stages.items()}))
"""


def run(setting: Setting, folder: Path) -> Measured:
    """Run the demo at its default size, and at 1,000,000 rows where large runs are wanted; 10,000,000 are asked for by ``--persons``."""
    sizes = [setting.persons or PERSONS, *([LARGE] if setting.large else [])]
    figures: list[Figure] = []
    for persons in sizes:
        figures += one_demo(persons, setting.seed, folder / str(persons))
    return Measured(tuple(figures), (_HOW,))


def one_demo(persons: int, seed: int, out: Path) -> list[Figure]:
    """One demo in a process of its own.

    Raises:
        Unavailable: the demo failed.
    """
    start = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-c", PROGRAM, str(persons), str(seed), str(out)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    watch = Watch(child.pid)
    said = child.stdout.read()
    status = child.wait()
    memory = watch.end()
    spent = time.perf_counter() - start
    if status != 0:
        raise Unavailable("demo-failed", {"persons": persons, "status": status}, "run it by itself: callup demo")
    most, megabytes = LIMITS.get(persons, (0, 0))
    label = f"{persons:,} rows"
    figures = [
        Figure(f"{label}: whole run", spent, "s", f"under {most}" if most else "", not most or spent < most),
        Figure(f"{label}: largest memory", memory, "MB", f"under {megabytes:,}" if most else "", not most or memory < megabytes),
    ]
    return figures + _by_stage(label, json.loads(said.splitlines()[-1]))


def _by_stage(label: str, stages: dict[str, tuple[float, float]]) -> list[Figure]:
    """Seconds and CPU of each stage; the waves of one are added up."""
    figures = [Figure(f"{label}: all stages", sum(cpu for _, cpu in stages.values()), "CPU-s")]
    names = {name: re.sub(r"-\d+$", "", name) for name in stages}
    for stage in dict.fromkeys(names.values()):
        waves = [stages[name] for name in stages if names[name] == stage]
        said = f"{label}: {stage}" + (f", {len(waves)} waves" if len(waves) > 1 else "")
        seconds, cpu = (sum(wave[which] for wave in waves) for which in (0, 1))
        figures += [Figure(said, seconds, "s"), Figure(f"{said}, CPU", cpu, "CPU-s")]
    return figures


BENCH = Bench("demo", "how long does a whole call-up take, from register to report?", run)
