"""The beacon in the line: what the plan says of it, and its value once the round has come."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from callup.app.beacon import CHAIN, checked_value, read_round, require_lead, round_at
from callup.app.course import Course
from callup.app.logs import CallUpLogs
from callup.draw import rehearsal_beacon
from callup.terms.errors import OutOfOrder, Tampered


def planned_beacon(course: Course) -> str:
    """The words of the plan's beacon line; a round that comes too soon is refused before the plan is published.

    Raises:
        NotLawful: the round comes before the plan will have stood for its lead time.
    """
    decree = course.decree
    if decree.beacon == "rehearsal":
        return f"rehearsal {decree.id} {decree.beacon_round}"
    _require_lead(course)
    return f"drand {CHAIN} {decree.beacon_round}"


def beacon_value(course: Course, logs: CallUpLogs) -> str:
    """The beacon's value: from the round's file or address, or from the seed document that an earlier run wrote; checked either way.

    Raises:
        NotLawful: the round came before a quorum of witnesses had seen the plan for its lead time.
        OutOfOrder: no file was given.
        Tampered: the file has another round or a wrong signature.
        Unavailable: the plan was not cosigned by a quorum.
    """
    decree = course.decree
    seen_since = datetime.fromtimestamp(logs.plan_seen_since(), UTC)
    if decree.beacon == "rehearsal":
        return rehearsal_beacon(decree.id, decree.beacon_round)
    require_lead(decree.beacon_round, seen_since, decree.lead_hours)
    if course.beacon:
        return read_round(course.beacon, decree.beacon_round)
    stored = _seed_document(course, logs)
    if stored:
        return checked_value(decree.beacon_round, decree.beacon_round, _in_seed(stored))
    words = {"round": decree.beacon_round, "round's time": round_at(decree.beacon_round).isoformat()}
    hint = f"when the round's time has come: callup run {course.dossier.root} --beacon FILE (its JSON, or the address of a relay)"
    raise OutOfOrder("beacon-not-given", words, hint)


def await_objections(course: Course) -> None:
    """Nobody is called from a published list before the time to object to it is over.

    Raises:
        OutOfOrder: it runs still.
    """
    until = objections_until(course)
    if course.clock.day("wave-1") <= until:
        hint = "run again after that day; strike whoever objected with reason: callup rule --outcome not-liable"
        raise OutOfOrder("objections-open", {"until": until}, hint)


def objections_until(course: Course) -> date:
    """The last day on which a published list may be objected to, by the law of the day on which it was published."""
    begun = course.day_kept("cast")
    term = course.jurisdiction.procedure.at(begun).clock("objection")
    assert term is not None, "an order with objections is lawful only where the law gives time for them: checked when a dossier opens"
    left, day = term.days, begun
    while left > 0:
        day += timedelta(days=1)
        left -= not term.working or course.jurisdiction.calendar.is_working(day)
    return day


def _require_lead(course: Course) -> None:
    """Before the plan is published: the day on which it is committed counts as a whole."""
    day_over = datetime.combine(course.day_kept("commit"), time(), UTC) + timedelta(days=1)
    require_lead(course.decree.beacon_round, day_over, course.decree.lead_hours)


def _seed_document(course: Course, logs: CallUpLogs) -> str:
    """The seed document of an earlier run, from its file or from the public log; empty where there is none."""
    stored = (course.source or course.dossier).open / "40-seed" / "seed.txt"
    try:
        if stored.exists():
            return stored.read_text(encoding="utf-8")
        return next((content.decode() for content in logs.logged("seed")), "")
    except (OSError, UnicodeDecodeError) as failure:
        raise Tampered("seed-not-readable", {"path": str(stored)}, "restore the seed document from the public log") from failure


def _in_seed(document: str) -> str:
    found = re.findall("^beacon: ([0-9a-f]+)$", document, re.MULTILINE)
    return found[0] if len(found) == 1 else ""
