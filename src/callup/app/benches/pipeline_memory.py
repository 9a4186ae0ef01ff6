"""Does memory stay flat from register to findings? The line itself is run, each step in a process of its own (design D1).

The steps: make a synthetic register and lay its rehearsal, freeze and digest the snapshot, assess it and digest the
findings. The peak is what the system saw of the process, not what Python counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.app.demo import lay_demo
from callup.app.pipeline import run_line
from callup.app.voice import Voice
from callup.app.wire import course_of
from callup.terms.errors import OutOfOrder, Unavailable

PERSONS = 1_000_000
LARGE = 10_000_000
MEGABYTES = 4_096.0
STEPS = ("synth", "snapshot", "assess")
LEAVES = {"snapshot": "snapshot", "assess": "findings"}
"""The artefact of the line that a step leaves."""

PROGRAM = "import sys; from callup.app.benches.pipeline_memory import main; main(*sys.argv[1:])"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: wall and processor seconds, largest resident memory in MB, rows that it gave, digest where it makes one."""

    seconds: float
    cpu_seconds: float
    megabytes: float
    rows: int
    digest: str = ""


def pipeline_memory(persons: int, seed: int, folder: Path) -> dict[str, Step]:
    """Run all steps on one register, each in a process of its own.

    Args:
        persons: rows of the register.
        seed: of the rehearsal.
        folder: where register, key and dossier go.

    Returns:
        What each step took, by its name, in the order run.

    Raises:
        Unavailable: a step failed.
        OutOfOrder: a step lost rows.
    """
    found: dict[str, Step] = {}
    for name in STEPS:
        given = [name, str(persons), str(seed), str(folder)]
        done = subprocess.run([sys.executable, "-c", PROGRAM, *given], stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise Unavailable("bench-step-failed", {"step": name, "status": done.returncode}, "read what it printed above")
        found[name] = Step(**json.loads(done.stdout.splitlines()[-1]))
        if found[name].rows != persons:
            raise OutOfOrder("bench-step-lost-rows", {"step": name, "rows": found[name].rows, "persons": persons}, "report this")
    return found


def main(name: str, persons: str, seed: str, folder: str) -> None:
    """One step, in this process; prints a `Step` as JSON."""
    start, cpu = time.perf_counter(), time.process_time()
    voice = Voice(quiet=True)
    dossier, register = lay_demo("ru", int(persons), int(seed), Path(folder), voice)
    rows, digest = int(persons), ""
    if name in LEAVES:
        course = course_of(dossier, voice, register, int(seed))
        run_line(course, name)
        course.engine.close()
        left = dossier.entry(LEAVES[name])
        rows, digest = left.rows, left.digest
    step = Step(time.perf_counter() - start, time.process_time() - cpu, _peak_megabytes(), rows, digest)
    sys.stdout.write(json.dumps(asdict(step)) + "\n")


def _peak_megabytes() -> float:
    """Largest resident memory of this process, from the system; a child's own, without what it was forked from."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def run(setting: Setting, folder: Path) -> Measured:
    """All steps at 1,000,000 rows, and at 10,000,000 where large runs are wanted: then the peaks are compared."""
    small = setting.persons or PERSONS
    sizes = [small, *([LARGE] if setting.large else [])]
    found = {persons: pipeline_memory(persons, setting.seed, folder / str(persons)) for persons in sizes}
    figures = [figure for persons, steps in found.items() for figure in _figures(persons, steps)]
    for name, step in found.get(LARGE, {}).items():
        growth = step.megabytes / found[small][name].megabytes
        figures.append(Figure(f"{name}: peak at {LARGE:,} rows over peak at {small:,}", growth, "x"))
    return Measured(tuple(figures), ("each step is a process of its own; some 200 MB of each peak are Python and its libraries",))


def _figures(persons: int, steps: Mapping[str, Step]) -> Iterator[Figure]:
    peak = max(step.megabytes for step in steps.values())
    yield Figure(f"{persons:,} rows: largest memory of any step", peak, "MB", f"under {MEGABYTES:,.0f}", peak < MEGABYTES)
    for name, step in steps.items():
        yield Figure(f"{persons:,} rows: {name}", step.seconds, "s")
        yield Figure(f"{persons:,} rows: {name}", step.megabytes, "MB")


BENCH = Bench("pipeline-memory", "does memory stay flat from register to findings?", run)
