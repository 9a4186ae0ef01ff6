"""Where a call-up stands, what was done when, and what comes next: read from the dossier, never stored."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

import pyarrow.compute as pc

from callup.app.course import Course
from callup.app.exports.case import kept_until
from callup.app.logs import CallUpLogs
from callup.app.pipeline import line
from callup.cases.callup_state import CALL_UP, DRAW, Dates, find_call_up

_ACTS = ("publish", "freeze", "commit", "cast", "close", "void")
_OF_NOBODY = ("stayed", "stay_lifted", "halted", "recalled")


def status(course: Course, as_of: date) -> dict[str, Any]:
    """How the call-up and its draw stand on a day, in words too, and the next step of the line; nothing of any person."""
    dossier, decree = course.dossier, course.decree
    objection = course.jurisdiction.procedure.at(decree.opens_on).clock("objection")
    kept = kept_until(course)
    dates = Dates(decree.opens_on, decree.closes_on, objection.days if objection else 0, kept[0] if kept else None)
    acts = [*_ACTS, *(f"enter-{wave}" for wave in range(1, decree.waves + 1))]
    done = {act: _day(course, act) for act in acts if dossier.finished(act)}
    facts = course.facts.all(as_of).filter(pc.field("kind").isin(_OF_NOBODY)).to_pylist()
    found = asdict(find_call_up(dates, done, facts, as_of))
    following = "" if "void" in done else _next(course)
    words = {"call_up_means": CALL_UP[found["call_up"]], "draw_means": DRAW[found["draw"]]}
    return {"id": decree.id, "as_of": as_of.isoformat(), **found, **words, "waves_of": decree.waves, "next": following}


def _next(course: Course) -> str:
    """The first step of the line that is not finished. A dossier whose logs were never opened is not begun: looking opens nothing."""
    if not (course.dossier.open / "log" / "policy").exists():
        return "publish"
    return next((name for name, _ in line(course, CallUpLogs(course)) if not _finished(course, name)), "")


def _finished(course: Course, name: str) -> bool:
    """Steps that only wait (signatures, days, facts) leave no line of their own: they are over when what follows them is."""
    after = {"sign-freeze": "freeze", "objections": "size-1"} | {
        f"size-{wave}": f"compose-{wave}" for wave in range(1, course.decree.waves + 1)
    }
    return bool(course.dossier.finished(after.get(name, name)))


def _day(course: Course, act: str) -> date:
    """The day of an act as it was written down, else as the clock has it; looking writes nothing."""
    stage = act.replace("enter-", "wave-")
    said = next((row["day"] for row in course.dossier.lines() if row.get("intent") == f"day {stage}"), None)
    return date.fromisoformat(said) if said else course.clock.day(stage)
