"""The beacon in the line: what the plan says of it, and its value once the round has come."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from callup.app.beacon import CHAIN, checked_value, read_round, require_lead, round_at
from callup.app.course import Course
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


def beacon_value(course: Course) -> str:
    """The beacon's value: from the round's file, or from the seed document that an earlier run wrote; checked either way.

    Raises:
        NotLawful: the round came before the plan had stood for its lead time.
        OutOfOrder: no file was given.
        Tampered: the file has another round or a wrong signature.
    """
    decree = course.decree
    if decree.beacon == "rehearsal":
        return rehearsal_beacon(decree.id, decree.beacon_round)
    _require_lead(course)
    if course.beacon_file is not None:
        return read_round(course.beacon_file, decree.beacon_round)
    stored = (course.source or course.dossier).open / "40-seed" / "seed.txt"
    if stored.exists():
        return checked_value(decree.beacon_round, decree.beacon_round, _in_seed(stored))
    words = {"round": decree.beacon_round, "round's time": round_at(decree.beacon_round).isoformat()}
    raise OutOfOrder("beacon-not-given", words, "fetch this round of quicknet when its time has come, then: callup run --beacon FILE")


def _require_lead(course: Course) -> None:
    """The day on which the plan was committed counts as a whole: its hour is not kept."""
    day_over = datetime.combine(course.day_kept("commit"), time(), UTC) + timedelta(days=1)
    require_lead(course.decree.beacon_round, day_over, course.decree.lead_hours)


def _in_seed(path: Path) -> str:
    try:
        found = re.findall("^beacon: ([0-9a-f]+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    except (OSError, UnicodeDecodeError) as failure:
        raise Tampered("seed-not-readable", {"path": str(path)}, "restore the seed document from the public log") from failure
    return found[0] if len(found) == 1 else ""
