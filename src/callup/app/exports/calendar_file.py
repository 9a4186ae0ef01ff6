"""The appointment of a notice as an iCalendar file that says nothing about the person, and that a later file corrects or cancels.

Source: RFC 5545 (iCalendar), RFC 5546 (PUBLISH and CANCEL, sequence numbers), RFC 7986 (unique ids that tell nothing).
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from callup.app.exports.case import Case, place_of
from callup.notice.codes import letter_number
from callup.terms.errors import OutOfOrder

PRODUCT = "-//callup//appointment 1//EN"
GONE = (
    "withdrawn", "released", "exempt", "unfit", "deferred", "alternative service", "fulfilled", "liability ended",
    "lapsed (never served)", "lapsed (no answer, not referred)",
)  # fmt: skip
"""States in which nobody need come on that day any more. Whoever came already has an appointment that took place."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """What a calendar file is made from.

    Args:
        notice: the summons, a row of NOTICES.
        standing: what `callup.cases.fold` found as of the day.
        facts: the case's facts that are known, and those about nobody that touch it.
        as_of: the legal day.
        zone: the time zone of the jurisdiction.
        place: address of the place.
        at: the hour on the day of appearance, HH:MM; empty where nobody recorded one.
    """

    notice: Mapping[str, Any]
    standing: Any
    facts: Sequence[Mapping[str, Any]]
    as_of: date
    zone: str
    place: str
    at: str


def calendar_file(case: Case, forms: Mapping[str, Mapping[str, str]]) -> bytes:
    """The appointment of a gathered case, see `calendar_of`.

    Raises:
        OutOfOrder: ``no-appointment``: the notice asks for an answer and names no day.
    """
    if case.notice["appear_on"] is None:
        raise OutOfOrder("no-appointment", {"notice": case.notice["notice_id"]}, "the notice asks for an answer and names no day")
    day = case.standing.appear_on or case.notice["appear_on"]
    at = str(case.notice["appear_at"]) if day == case.notice["appear_on"] else ""
    place = place_of(case, day).address
    return calendar_of(Meeting(case.notice, case.standing, case.facts, case.as_of, case.calendar.zone, place, at), forms)


def calendar_of(case: Meeting, forms: Mapping[str, Mapping[str, str]]) -> bytes:
    """Write the appointment of a notice, as it stands on the case's day.

    The id is the same in every file of a notice and tells nothing of it. The sequence number grows with what is known, so that a
    later file replaces an earlier one. The title is the letter's number: whoever looks over a shoulder learns nothing else.

    Args:
        case: what is known of it; its notice names the language.
        forms: the jurisdiction's forms by language and name.

    Returns:
        One VEVENT, ``METHOD:PUBLISH``, or ``CANCEL`` where nobody need come. The status is TENTATIVE while no duty to come is
        found: the notice is not served yet, or a claim lets the duty rest.
    """
    words = tomllib.loads(forms[case.notice["language"]]["letter.toml"])["facts"]
    day = case.standing.appear_on or case.notice["appear_on"]
    cancelled = case.standing.state in GONE or _stopped(case)
    event = Event()
    event.add("uid", hashlib.sha256(f"callup/appointment/1\n{case.notice['notice_id']}\n".encode()).hexdigest()[:32])
    event.add("sequence", len(case.facts))
    event.add("dtstamp", datetime.combine(case.as_of, time(), UTC))
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED" if _owed(case.standing) else "TENTATIVE")
    event.add("summary", f"{words['number']} {letter_number(case.notice['notice_id'])}")
    event.add("location", case.place)
    _when(event, case, day)
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", "CANCEL" if cancelled else "PUBLISH")
    made.add_component(event)
    made.add_missing_timezones(first_date=date(day.year, 1, 1), last_date=date(day.year + 1, 1, 1))
    return bytes(made.to_ical())


def _owed(standing: Any) -> bool:
    return standing.served_on is not None and not standing.suspended


def _stopped(case: Meeting) -> bool:
    """Whether a court's stay or a halt holds (safeguards G13, G14)."""
    lifted = {fact["ref"] for fact in case.facts if fact["kind"] in ("stay_lifted", "case_stay_lifted")}
    stays = (fact for fact in case.facts if fact["kind"] in ("stayed", "case_stayed"))
    return any(fact["kind"] == "halted" for fact in case.facts) or any(fact["fact_id"] not in lifted for fact in stays)


def _when(event: Event, case: Meeting, day: date) -> None:
    """The hour of the appointment; where the day was moved and nobody recorded an hour, the whole day."""
    if not case.at:
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        return
    start = datetime.combine(day, time.fromisoformat(case.at), ZoneInfo(case.zone))
    event.add("dtstart", start)
    event.add("duration", timedelta(hours=1))
