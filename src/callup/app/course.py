"""One run of the line on one dossier: what every stage is handed, and how a stage is run once and only once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from callup.app import sealed
from callup.app.clock import Clock
from callup.app.dossier import Dossier, Entry
from callup.app.engines.duckdb import DuckDBEngine
from callup.app.engines.engine import Engine
from callup.app.keys import KeyRing
from callup.app.randomness import Randomness
from callup.app.stores.facts import FactStore
from callup.app.voice import Voice
from callup.app.watch import give_back
from callup.app.witnesses import NoWitnesses, Witnesses
from callup.jurisdictions import Jurisdiction
from callup.law import Procedure, Window
from callup.terms.calendar import Calendar
from callup.terms.decree import Decree
from callup.terms.schema import Schema


def nobody_listens() -> None:
    """Told of each day that was recorded whole, where nobody wants to know."""


class FactSupply(Protocol):
    """Where facts come from between two stages: a rehearsal's world, an earlier run (replay), or people at their desks."""

    cuts: Sequence[int]
    """In a replay: the numbers of the facts at which the first run cut its batches; else empty."""

    def until(self, course: Course, stage: str, first: date, last: date, recorded: Callable[[], None] = nobody_listens) -> bool:
        """Record what became known from ``first`` to ``last``; false where the run must wait for people.

        Args:
            course: the run.
            stage: whose facts.
            first: the first day.
            last: the last day.
            recorded: to be called after each day that was recorded whole, by whoever records day by day.
        """


@dataclass(slots=True)
class Course:
    """What the stages work with.

    Args:
        engine: DuckDB in this process, for what is about the called only.
        register_engine: the engine of the stages over a whole register: snapshot, assess, freeze, commit, cast; the same one unless
            ``--engine`` names another (ADR 0032).
        source: the dossier that a replay reads its inputs from; else none.
    """

    dossier: Dossier
    decree: Decree
    jurisdiction: Jurisdiction
    ring: KeyRing
    randomness: Randomness
    clock: Clock
    engine: DuckDBEngine
    register_engine: Engine
    facts: FactStore
    supply: FactSupply
    voice: Voice
    register: Path | None = None
    source: Dossier | None = None
    beacon: str = ""
    witnesses: Witnesses = field(default_factory=NoWitnesses)
    read_back: bool = True
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def proceeding(self) -> tuple[Procedure, Calendar]:
        """What `callup.cases` reads facts by: the procedure and the calendar of the jurisdiction."""
        return self.jurisdiction.procedure, self.jurisdiction.calendar

    @property
    def window(self) -> Window:
        """The window of the call-up with its key date."""
        return Window(self.decree.opens_on, self.decree.closes_on, self.decree.key_date)

    def day_of(self, wave: int) -> date:
        """The legal day of a wave: fixed when it is composed, the same after a crash and in a replay."""
        return self.day_kept(f"wave-{wave}")

    def day_kept(self, stage: str) -> date:
        """The legal day of a stage, written down the first time it is asked for."""
        return date.fromisoformat(self.kept(f"day {stage}", day=self.clock.day(stage).isoformat())["day"])

    def kept(self, what: str, **now: object) -> Mapping[str, Any]:
        """What was said of something the first time it was asked for; a replay says what the original said."""
        known = self.source.lines() if self.source is not None else ()
        first = next((line for line in known if line.get("intent") == what), now)
        return self.dossier.intend(what, **{name: first[name] for name in now})

    def table_path(self, *parts: str) -> Path:
        """Where a sealed table lies."""
        return self.dossier.sealed.joinpath(*parts)

    def close(self) -> None:
        """Close store and engines, and remove what they spilled."""
        self.facts.close()
        if self.register_engine is not self.engine:
            self.register_engine.close()
        self.engine.close()

    def let_go(self) -> None:
        """Forget what a stage laid before the engine, and give back the memory that it used and nobody holds."""
        self.engine.begin_anew()
        give_back()

    def read(self, *parts: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A sealed table, whole. Only for tables of the called or narrower columns of the roll."""
        return sealed.read_sealed(self.table_path(*parts), self.dossier.key, columns).read_all()

    def digest(self, table: pa.Table, schema: Schema, made_from: tuple[str, ...] = (), name: str = "") -> Entry:
        """The artefact line of a table."""
        digest, rows = self.engine.digest(table, schema)
        return Entry(name or schema.name, digest, rows, made_from)


Make = Callable[..., list[Entry]]


def run_stage(course: Course, name: str, words: str, finals: list[Path], make: Make) -> bool:
    """Run a stage unless the log says that it is finished.

    Args:
        course: the run.
        name: the stage's name in ``dossier.log``.
        words: what it does, for the person who waits.
        finals: the folders that it makes, whole or not at all.
        make: called with the course and one ``.part`` folder for each final; gives the artefacts' entries.

    Returns:
        True if it ran now.
    """
    if course.dossier.finished(name):
        return False
    start = time.perf_counter()
    with course.voice.stage(name, words) as spent:
        if finals:
            with course.dossier.folders(*finals) as parts:
                entries = make(course, *parts)
        else:
            entries = make(course)
        spent.rows = max((entry.rows for entry in entries), default=0)
    course.dossier.finish(name, entries, facts=course.facts.last_seq())
    course.let_go()
    course.seconds[name] = time.perf_counter() - start
    return True
