"""The next lawful step of a case: a new attempt, a reminder, a decision by humans; never anything against a person."""

from __future__ import annotations

from datetime import date, timedelta

from callup.cases.course import Course, Read
from callup.terms.facts import TERMINAL

ENDED = ("enlisted", "fulfilled", "withdrawn", "released", "liability ended", "referred outside")
_BY_STATE = {"appeared": "assess", "fit": "enlist-or-release"}


def next_step(read: Read, state: str, course: Course, as_of: date, respond_by: date | None) -> str:
    """The next step, a word of DUES. After an inquiry nothing falls due: no machine asks for a referral."""
    service, claims = read.service, read.claims
    if state in ENDED:
        return "nothing"
    order = (
        (service.contest_open, "resolve-contest"),
        (claims.unserved, "serve-decision"),
        (state in TERMINAL, "nothing"),
        (claims.summary == "pending", "decide-claim"),
        (claims.summary == "appealed" or claims.resting, "await-appeal"),
        (state == "did not come", "ask-why" if course.inquired_on is None else "nothing"),
    )
    step = next((step for holds, step in order if holds), None) or _BY_STATE.get(state)
    if step is not None:
        return step
    waits = "nothing" if course.appear_on is None else "await-appearance"
    if state == "answered":
        return waits
    if state == "served":
        reminded = course.reminded_on is not None and respond_by is not None and course.reminded_on > respond_by
        return "remind" if respond_by is not None and respond_by < as_of and not reminded else waits
    return _attempt(read, as_of)


def _attempt(read: Read, as_of: date) -> str:
    """What to try for a notice that is not served."""
    service = read.service
    if not service.tried:
        return "enter-notice"
    if service.finding == "failed":
        return "try-other-channel"
    if service.last_start_on is None:
        return "nothing"
    days = read.rules.term("second_attempt", service.last_start_on).days
    return "try-other-channel" if days and service.last_start_on + timedelta(days=days) <= as_of else "nothing"
