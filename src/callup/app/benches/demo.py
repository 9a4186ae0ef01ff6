"""How long a whole call-up takes, stage by stage, and how much memory all of its processes together take."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.terms.errors import Unavailable

PERSONS = 200_000
LARGE = 1_000_000
SECONDS = {PERSONS: 60.0, LARGE: 300.0}
MEGABYTES = 4_096.0

_HOW = "seconds include the start of Python; memory is the sum of all processes' proportional sets, looked at four times a second"
_EVERY = 0.25

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
    return Measured(tuple(figures), (_HOW,))


def one_demo(persons: int, seed: int, out: Path) -> list[Figure]:
    """One demo in a process of its own.

    Raises:
        Unavailable: the demo failed.
    """
    start = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-c", PROGRAM, str(persons), str(seed), str(out)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    watch = _Watch(child.pid)
    said = child.stdout.read()
    status = child.wait()
    memory = watch.end()
    spent = time.perf_counter() - start
    if status != 0:
        raise Unavailable("demo-failed", {"persons": persons, "status": status}, "run it by itself: callup demo")
    limit = SECONDS.get(persons)
    label = f"{persons:,} rows"
    figures = [
        Figure(f"{label}: whole run", spent, "s", f"under {limit:.0f}" if limit else "", limit is None or spent < limit),
        Figure(f"{label}: largest memory", memory, "MB", f"under {MEGABYTES:,.0f}", memory < MEGABYTES),
    ]
    stages: dict[str, float] = json.loads(said.splitlines()[-1])
    return figures + [Figure(f"{label}: {name}", seconds, "s") for name, seconds in stages.items()]


class _Watch(threading.Thread):
    """Looks at the memory of a process and all its descendants until it is told to end."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._over, self._most = pid, threading.Event(), 0
        self.start()

    def run(self) -> None:
        while not self._over.wait(_EVERY):
            self._most = max(self._most, sum(map(_kilobytes, _family(self._pid))))

    def end(self) -> float:
        """The largest sum seen, in MB."""
        self._over.set()
        self.join()
        return self._most / 1024


class Workers(threading.Thread):
    """Looks at the workers of this process until it is told to end; they are children of a server of its own, which reaps them."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._over, self._most = threading.Event(), 0
        self._before = self._spent()
        self.start()

    def run(self) -> None:
        while not self._over.wait(_EVERY):
            self._most = max([self._most, *(_peak(pid) for pid in _family(os.getpid())[1:])])

    def end(self) -> tuple[float, float]:
        """CPU seconds of all workers, and the memory of the largest, in MiB."""
        self._over.set()
        self.join()
        return self._spent() - self._before, self._most / 1024

    def _spent(self) -> float:
        ticks = 0
        for pid in _family(os.getpid())[1:]:
            with suppress(OSError):  # it has ended meanwhile: its parent counts it
                fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
                ticks += sum(map(int, fields[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")


def _peak(pid: int) -> int:
    """The largest resident set that a process has had, in kB."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text(errors="replace").splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)
    return 0


def _family(pid: int) -> list[int]:
    """A process and its descendants, from /proc (proc(5))."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text(errors="replace").rpartition(")")[2].split()[1])
        except OSError:  # it has ended meanwhile
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def _kilobytes(pid: int) -> int:
    """Proportional set size: what several processes share is counted once in all."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


BENCH = Bench("demo", "how long does a whole call-up take, from register to report?", run)
