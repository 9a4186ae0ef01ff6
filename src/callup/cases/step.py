"""The next lawful step of a case: a new attempt, a reminder, a decision by humans; never anything against a person."""

from __future__ import annotations

from datetime import date, timedelta

from callup.cases.claims import ClaimsFound
from callup.cases.course import Course
from callup.cases.rules import Rules
from callup.cases.service import ServiceFound
from callup.terms.facts import TERMINAL

ENDED = ("enlisted", "withdrawn", "released", "liability ended")
_BY_STATE = {"did not come": "ask-why", "appeared": "assess", "fit": "enlist-or-release", "answered": "await-appearance"}


def next_step(
    rules: Rules,
    state: str,
    service: ServiceFound,
    claims: ClaimsFound,
    course: Course,
    as_of: date,
    respond_by: date | None,
) -> str:
    """The next step, a word of DUES."""
    if state in ENDED:
        return "nothing"
    order = (
        (service.contest_open, "resolve-contest"),
        (claims.unserved, "serve-decision"),
        (state in TERMINAL, "nothing"),
        (claims.summary == "pending", "decide-claim"),
        (claims.summary == "appealed" or claims.resting, "await-appeal"),
    )
    step = next((step for holds, step in order if holds), None) or _BY_STATE.get(state)
    if step is not None:
        return step
    if state == "served":
        reminded = course.reminded_on is not None and respond_by is not None and course.reminded_on > respond_by
        return "remind" if respond_by is not None and respond_by < as_of and not reminded else "await-appearance"
    return _attempt(rules, service, as_of)


def _attempt(rules: Rules, service: ServiceFound, as_of: date) -> str:
    """What to try for a notice that is not served."""
    if not service.tried:
        return "enter-notice"
    if service.finding == "failed":
        return "try-other-channel"
    waited = rules.second_attempt_days > 0 and service.last_start_on is not None
    if waited and service.last_start_on is not None and service.last_start_on + timedelta(days=rules.second_attempt_days) <= as_of:
        return "try-other-channel"
    return "nothing"
