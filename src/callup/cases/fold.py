"""One case read step by step: the oracle. The query for all cases must agree with it on any facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from callup.cases.claims import ClaimsFound, find_claims
from callup.cases.course import Course, find_course
from callup.cases.rules import Rules, rules_of
from callup.cases.service import Fact, ServiceFound, Step, find_service
from callup.cases.step import next_step
from callup.terms.facts import TERMINAL

if TYPE_CHECKING:
    from callup.law import Procedure

_AFTER = {
    "called": "lapsed (never served)",
    "served": "lapsed (no answer, not referred)",
    "did not come": "lapsed (no answer, not referred)",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What the law makes of one case on a date. The fields up to ``next_step`` are those of STANDINGS.

    Args:
        since: day from which the state stands, where it can be said.
        steps: how it was found, one step after another, each with its facts and its article.
    """

    case_id: str
    state: str
    served_on: date | None
    service: str
    service_channel: str | None
    service_rule: str | None
    respond_by: date | None
    appear_on: date | None
    claim: str
    suspended: bool
    diagnosis: str | None
    next_step: str
    since: date | None
    steps: tuple[Step, ...]


def fold(
    procedure: Procedure, facts_of_case: pa.Table, notice: Mapping[str, Any], as_of: date, known_at: date, closing: date | None = None
) -> Standing:
    """Read one case: what the law makes of its facts on a date.

    Args:
        procedure: the law's procedure.
        facts_of_case: FACTS rows of the case, and those about no person that may stop it.
        notice: its summons, a row of NOTICES with ``liable_until`` (safeguard G18).
        as_of: the legal day.
        known_at: facts recorded later are left out.
        closing: last day of the call-up; from it on every open obligation lapses (safeguard G10).

    Law:
        The procedure's articles, cited in each step.
    """
    return fold_rules(rules_of(procedure, as_of), facts_of_case.to_pylist(), notice, as_of, known_at, closing)


def fold_rules(
    rules: Rules, rows: list[dict[str, Any]], notice: Mapping[str, Any], as_of: date, known_at: date, closing: date | None = None
) -> Standing:
    """As `fold`, with the procedure and the rows already laid out."""
    facts = _known(rows, as_of, known_at)
    halted = _halted(facts, notice)
    own = [fact for fact in facts if fact.case_id == notice["case_id"]]
    service = find_service(rules, own, as_of)
    claims = find_claims(rules, own, as_of)
    course = find_course(rules, own, notice, service, claims)
    open_state, since = _state(course, service, claims, notice.get("liable_until"), as_of)
    closed = closing is not None and as_of >= closing and open_state not in TERMINAL
    state = _AFTER.get(open_state, "released") if closed else open_state
    respond_by = None if service.served_on is None else _add(service.served_on, rules.response_days, working=rules.response_working)
    over = closing is not None and as_of >= closing
    said = Step(f"so the case is: {state}", "closing" if closed else "", ())
    return Standing(
        case_id=notice["case_id"],
        state=state,
        served_on=service.served_on,
        service=service.finding,
        service_channel=service.channel,
        service_rule=service.citation,
        respond_by=respond_by,
        appear_on=course.appear_on,
        claim=claims.summary,
        suspended=claims.resting or halted,
        diagnosis=_diagnosis(open_state, service, claims),
        next_step="nothing" if halted or over else next_step(rules, open_state, service, claims, course, as_of, respond_by),
        since=closing if closed else since,
        steps=(*service.steps, *claims.steps, *course.steps, said),
    )


def _known(rows: Iterable[Mapping[str, Any]], as_of: date, known_at: date) -> list[Fact]:
    names = Fact.__slots__
    kept = [row for row in rows if row["happened_on"] <= as_of and row["known_on"] <= known_at]
    facts = [Fact(*(row["happened_on"] if name == "day" else row[name] for name in names)) for row in kept]
    return sorted(facts, key=lambda fact: fact.order)


def _halted(facts: list[Fact], notice: Mapping[str, Any]) -> bool:
    """Whether the wave or the unit of the notice was stopped (safeguard G14)."""
    scope = (f"wave {notice['wave']}", f"unit {str(notice['stratum']).split('+')[0]}")
    return any(fact.kind == "halted" and fact.ground in scope for fact in facts)


def _add(day: date, days: int, *, working: bool) -> date:
    """The last day of a term: calendar days, or Mondays to Fridays."""
    if not working:
        return day + timedelta(days=days)
    weekday = day.isoweekday() - 1
    if weekday > 4:
        day, weekday = day - timedelta(days=weekday - 4), 4
    return day + timedelta(days=days + 2 * ((weekday + days) // 5))


def _state(course: Course, service: ServiceFound, claims: ClaimsFound, liable_until: date | None, as_of: date) -> tuple[str, date | None]:
    """The first of these that holds, in this order, with the day from which it stands."""
    ended = liable_until is not None and as_of >= liable_until
    deferred_by_board = course.board == "deferred" and (course.board_until is None or as_of <= course.board_until)
    order = (
        (course.enlisted_on is not None and (liable_until is None or course.enlisted_on < liable_until), "enlisted", course.enlisted_on),
        (course.withdrawn_on is not None, "withdrawn", course.withdrawn_on),
        (course.released_on is not None, "released", course.released_on),
        (ended, "liability ended", liable_until),
        (claims.exempt_on is not None, "exempt", claims.exempt_on),
        (claims.deferred_on is not None, "deferred", claims.deferred_on),
        (course.board == "unfit", "unfit", course.board_on),
        (deferred_by_board, "deferred", course.board_on),
        (claims.resting, "claim pending", None),
        (course.board == "fit", "fit", course.board_on),
        (course.appeared_on is not None, "appeared", course.appeared_on),
        (course.absent_on is not None, "did not come", course.absent_on),
        (claims.summary in ("pending", "appealed"), "claim pending", None),
        (service.conduct_on is not None, "answered", service.conduct_on),
        (service.served_on is not None, "served", service.served_on),
    )
    return next(((state, since) for holds, state, since in order if holds), ("called", None))


def _diagnosis(state: str, service: ServiceFound, claims: ClaimsFound) -> str | None:
    """Why there is no answer yet."""
    if state == "claim pending":
        return "claim pending"
    if state not in ("called", "served"):
        return None
    order = (
        (not service.tried, "never handed over"),
        (service.finding == "unreachable", "unreachable"),
        (service.finding == "failed" and service.came_back, "returned"),
        ("opened" in service.standing, "opened, no answer"),
        ("delivered" in service.standing or "available" in service.standing, "delivered, not known to be opened"),
    )
    return next((words for holds, words in order if holds), "not known to be delivered")
