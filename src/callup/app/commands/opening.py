"""How commands open a dossier, and one person's file in it."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

from callup.app.acts import record_reading
from callup.app.commands.check import key_beside
from callup.app.course import Course
from callup.app.dossier import Dossier
from callup.app.engines.opening import DUCKDB
from callup.app.keys import read_dossier_key
from callup.app.standing import summons_of
from callup.app.voice import Voice
from callup.app.wire import SPILL, course_of


def course_at(path: Path, key: Path | None, seed: int = 2025, engine: str = DUCKDB, spill: str = SPILL) -> Course:
    """The run of a dossier, under the key beside it or the one given; ``engine`` and ``spill`` as in `course_of`."""
    dossier = Dossier.at(path, read_dossier_key(key_beside(path, key)))
    return course_of(dossier, Voice(quiet=True), seed=seed, engine=engine, spill=spill)


def own_spill(path: Path, role: str) -> str:
    """A folder for what the engine of one of several processes spills; those of processes that are gone are removed."""
    for left in path.glob(f"{SPILL}-{role}-*"):
        if not Path("/proc", left.name.rpartition("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    return f"{SPILL}-{role}-{os.getpid()}"


def opened(path: Path, key: Path | None, person: str, clerk: str, reason: str, day: datetime | None) -> Course:
    """One file opened: who looks and why is recorded, and the person sees it (safeguard G4)."""
    course = course_at(path, key)
    summons_of(course, person)
    record_reading(course, person, clerk, reason, day.date() if day is not None else course.decree.closes_on)
    return course
