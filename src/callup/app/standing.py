"""Runs the room ``cases`` over a dossier: standings, counts and outcomes as of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from callup.app.course import Course
from callup.app.engines.engine import Engine
from callup.app.supplements import whole_roll
from callup.cases import Moment, due, due_counts, fold, followup, standing, with_liability
from callup.cases.desk import TASKS, article_of, states_query
from callup.terms.errors import BadInput
from callup.terms.facts import DUES, TERMINAL
from callup.terms.tables import NOTICES

_ROLL = ["person_id", "liable_until"]
PLAIN = [name for name in NOTICES.names if name not in ("salt", "document")]
"""The columns of notices without the document and its salt, which are two thirds of their bytes and which no standing rests on."""


def summonses(course: Course, columns: Sequence[str] = NOTICES.names) -> pa.Table:
    """NOTICES of kind summons of every wave entered, with ``liable_until``: all columns, or some, `PLAIN` or at least kind and person."""
    waves = [n for n in range(1, course.decree.waves + 1) if course.dossier.finished(f"enter-{n}")]
    if not waves:
        raise BadInput("nothing-entered", {"path": str(course.dossier.root)}, "no wave has been entered yet: callup run DOSSIER")
    notices = pa.concat_tables([course.read("50-notices", f"wave-{n}", "notices.parquet", columns=columns) for n in waves])
    notices = notices.filter(pc.equal(notices.column("kind"), "summons"))
    roll = whole_roll(course, _ROLL).read_all()
    return with_liability(notices, roll.filter(pc.is_in(roll.column("person_id"), value_set=notices.column("person_id").combine_chunks())))


def lay_tables(course: Course, known_at: date, engine: Engine | None = None) -> frozenset[str]:
    """Hand the engine what the queries of ``cases`` read; gives the kinds of facts that there are.

    Args:
        course: the run.
        known_at: facts recorded later are left out.
        engine: the one that will read them; ``None``: that of the course for what is about the called.
    """
    return _lay(course, course.facts.all(known_at), engine)


def _lay(course: Course, facts: pa.Table, engine: Engine | None = None) -> frozenset[str]:
    reads: Engine = engine or course.engine
    reads.register("notices", summonses(course, PLAIN))
    reads.register("facts", facts)
    return frozenset(facts.column("kind").unique().to_pylist())


def standings(course: Course, as_of: date, known_at: date) -> pa.Table:
    """STANDINGS of all cases; for officials at work and the pipeline, never printed (safeguard G4)."""
    kinds = _lay(course, course.facts.all())  # the query itself leaves out what was recorded later, without a copy of the rest
    return course.engine.table(standing(*course.proceeding, moment_of(course, as_of, known_at, kinds)))


def moment_of(course: Course, as_of: date, known_at: date, kinds: frozenset[str] | None = None) -> Moment:
    """As of when the facts are read; from its closing on, the call-up is closed once the stage has run."""
    closed = as_of >= course.decree.closes_on and course.dossier.finished("close")
    return Moment(as_of, known_at, course.decree.closes_on if closed else None, kinds)


def state_counts(course: Course, as_of: date, known_at: date) -> dict[str, int]:
    """How many cases are in each state; whoever is not called by that day has none: counts only."""
    counted = standings(course, as_of, known_at).column("state").value_counts().to_pylist()
    return {row["values"]: row["counts"] for row in sorted(counted, key=lambda row: -row["counts"]) if row["values"] != "not called"}


def states_by_unit(course: Course, as_of: date, known_at: date, engine: Engine) -> pa.Table:
    """How many cases of each unit are in each state: unit, state, cases."""
    kinds = _lay(course, course.facts.all(), engine)
    return engine.table(states_query(*course.proceeding, moment_of(course, as_of, known_at, kinds), engine.dialect.name))


def due_table(course: Course, as_of: date, known_at: date, engine: Engine | None = None) -> pa.Table:
    """What has fallen due: unit, step, cases, and in how many the authority broke its own clock."""
    reads: Engine = engine or course.engine
    kinds = _lay(course, course.facts.all(), reads)
    return reads.table(due_counts(*course.proceeding, moment_of(course, as_of, known_at, kinds), reads.dialect.name))


def due_cases(course: Course, as_of: date, known_at: date) -> pa.Table:
    """What has fallen due, one row a case: for officials at work, never printed (safeguard G4)."""
    kinds = _lay(course, course.facts.all())
    return course.engine.table(due(*course.proceeding, moment_of(course, as_of, known_at, kinds)))


def desk_queue(course: Course, unit: str, as_of: date, known_at: date, limit: int) -> list[dict[str, Any]]:
    """What waits at the desk of one unit, what is overdue first: a case number, what to do, by when; never a name (safeguard G4).

    Raises:
        BadInput: no such unit.
    """
    found = due_cases(course, as_of, known_at)
    if unit not in roll_by_unit(course):
        raise BadInput("unit-unknown", {"unit": unit}, f"take one of {', '.join(sorted(roll_by_unit(course)))}")
    rows = [row for row in found.to_pylist() if row["unit"] == unit and row["step"] in TASKS]
    rows.sort(key=lambda row: (not row["overdue"], row["by_on"] or date.max, row["case_id"]))
    return [_task(course, row, as_of) for row in rows[:limit]]


def _task(course: Course, row: dict[str, Any], as_of: date) -> dict[str, Any]:
    task = TASKS[row["step"]]
    return {
        "case": row["case_id"],
        "what": DUES[row["step"]],
        "by": row["by_on"],
        "overdue": row["overdue"],
        "late": row["late"],
        "article": article_of(course.jurisdiction.procedure, row["step"], as_of),
        "who": " or ".join(task.by) + (f", {task.people} people" if task.people > 1 else ""),
        "needs": task.needs,
    }


def followup_table(course: Course, as_of: date, known_at: date, engine: Engine | None = None) -> pa.Table:
    """The unanswered by diagnosis with the next lawful step: counts only."""
    reads: Engine = engine or course.engine
    kinds = _lay(course, course.facts.all(), reads)
    return reads.table(followup(*course.proceeding, moment_of(course, as_of, known_at, kinds), reads.dialect.name))


def roll_by_unit(course: Course) -> dict[str, int]:
    """How many stand in the roll of each unit."""
    counts: dict[str, int] = {}
    roll = whole_roll(course, ["stratum"]).read_all()
    for row in roll.column("stratum").value_counts().to_pylist():
        unit = row["values"].partition("+")[0]
        counts[unit] = counts.get(unit, 0) + row["counts"]
    return counts


def count_by_unit(course: Course, day: date) -> dict[str, dict[str, int]]:
    """Cases by unit: enlisted, or answered where no more is asked; ended otherwise; and still open."""
    reached = "enlisted" if course.decree.appoints else "answered"
    found = (
        standings(course, day, day).select(["case_id", "state"]).join(summonses(course, PLAIN).select(["case_id", "stratum"]), "case_id")
    )
    counts: dict[str, dict[str, int]] = {"enlisted": {}, "closed": {}, "open": {}}
    for row in found.group_by(["stratum", "state"]).aggregate([([], "count_all")]).to_pylist():
        unit, state = row["stratum"].partition("+")[0], row["state"]
        if state == "not called":
            continue
        kind = "enlisted" if state == reached else "closed" if state in TERMINAL else "open"
        counts[kind][unit] = counts[kind].get(unit, 0) + row["count_all"]
    return counts


def summons_of(course: Course, case_id: str) -> dict[str, Any]:
    """The summons of one case.

    Raises:
        BadInput: there is no such case; nothing has been read then, and no reading is recorded.
    """
    notices = summonses(course)
    mine: list[dict[str, Any]] = notices.filter(pc.equal(notices.column("case_id"), case_id)).to_pylist()
    if not mine:
        raise BadInput("case-unknown", {"case": case_id}, "give the number of the case as it stands on the letter or the desk's list")
    return mine[0]


def one_case(course: Course, case_id: str, as_of: date, known_at: date) -> dict[str, Any]:
    """One case with every step explained, articles that nobody compared with the official text marked (design D3).

    The caller has recorded who looks and why (safeguard G4).
    """
    notice = summons_of(course, case_id)
    facts = course.facts.of_case(case_id)
    found = fold(*course.proceeding, facts, notice, moment_of(course, as_of, known_at))
    marked = frozenset(course.jurisdiction.procedure.unverified)

    def cited(article: str | None) -> str | None:
        return f"{article} (unverified)" if article in marked else article

    return {
        "case": found.case_id,
        "state": found.state,
        "service": found.service,
        "served_on": found.served_on,
        "rule": cited(found.service_rule),
        "confirmed_on": found.confirmed_on,
        "deemed_by_law_on": found.deemed_on,
        "presumptions": [asdict(one) | {"citation": cited(one.citation)} for one in found.presumptions],
        "clocks": [asdict(one) | {"citation": cited(one.citation)} for one in found.clocks],
        "respond_by": found.respond_by,
        "appear_on": found.appear_on,
        "claim": found.claim,
        "suspended": found.suspended,
        "late_claims": list(found.late),
        "decide_by": found.decide_by,
        "overdue": found.overdue,
        "next_step": found.next_step,
        "steps": [f"{step.words} ({cited(step.citation)})" if step.citation else step.words for step in found.steps],
    }
