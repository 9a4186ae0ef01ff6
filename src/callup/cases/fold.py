"""One case read step by step: the oracle. The query for all cases must agree with it on any facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from callup.cases.claims import ClaimsFound, find_claims
from callup.cases.clocks import Clock, Ledger, unit_of
from callup.cases.course import Course, Read, find_course
from callup.cases.rules import Rules, rules_of
from callup.cases.service import Fact, Presumption, ServiceFound, Step, find_service
from callup.cases.step import next_step
from callup.terms.facts import TERMINAL

if TYPE_CHECKING:
    from callup.law import Procedure
    from callup.terms.calendar import Calendar

_FIELDS = itemgetter(*("happened_on" if name == "day" else name for name in Fact._fields))
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
        presumptions: every presumption of service that stands, with its evidence and how it is rebutted.
        clocks: every clock of the case that has started, with what made it stand still.
        late: numbers of the claims that were filed after their time; a human decides them all the same.
        steps: how it was found, one step after another, each with its facts and its article.
    """

    case_id: str
    state: str
    served_on: date | None
    service: str
    service_channel: str | None
    service_rule: str | None
    confirmed_on: date | None
    deemed_on: date | None
    respond_by: date | None
    appear_on: date | None
    claim: str
    suspended: bool
    decide_by: date | None
    overdue: bool
    diagnosis: str | None
    next_step: str
    since: date | None
    presumptions: tuple[Presumption, ...]
    clocks: tuple[Clock, ...]
    late: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """As of which day the facts are read, and up to which day of recording; ``closing`` ends the call-up.

    Args:
        as_of: the legal day.
        known_at: facts recorded later are left out.
        closing: last day of the call-up; from it on every open obligation lapses (safeguard G10).
        kinds: the kinds of facts that there are, where that is known: the query for all leaves out what speaks of others.
    """

    as_of: date
    known_at: date
    closing: date | None = None
    kinds: frozenset[str] | None = None

    @property
    def over(self) -> bool:
        """Whether the call-up is closed."""
        return self.closing is not None and self.as_of >= self.closing


def fold(
    procedure: Procedure,
    calendar: Calendar,
    facts_of_case: pa.Table | list[dict[str, Any]],
    notice: Mapping[str, Any],
    moment: Moment,
) -> Standing:
    """Read one case: what the law makes of its facts on a date.

    Args:
        procedure: the law's procedure.
        calendar: the jurisdiction's calendar.
        facts_of_case: FACTS rows of the case, and those about no person that may stop it, as a table or as rows.
        notice: its summons, a row of NOTICES with ``liable_until`` (safeguard G18).
        moment: as of when.

    Law:
        The procedure's articles, cited in each step.
    """
    rows = facts_of_case if isinstance(facts_of_case, list) else facts_of_case.to_pylist()
    return fold_rules(rules_of(procedure, calendar), rows, notice, moment)


def fold_rules(rules: Rules, rows: list[dict[str, Any]], notice: Mapping[str, Any], moment: Moment) -> Standing:
    """As `fold`, with the procedure and the rows already laid out."""
    facts, as_of = _known(rows, moment), moment.as_of
    ledger = Ledger(rules, facts, notice, as_of)
    recall = f"wave {notice['wave']}"
    own = [fact for fact in facts if fact.case_id == notice["case_id"] or (fact.kind == "recalled" and fact.ground == recall)]
    service = find_service(rules, ledger, own, as_of)
    claims = find_claims(rules, ledger, own, as_of)
    halted_on = _halted_on(facts, notice)
    read = Read(rules, ledger, service, claims, halted_on)
    course = find_course(read, own, notice)
    open_state, since = _state(read, course, own, notice.get("liable_until"), as_of)
    closed = moment.over and open_state not in TERMINAL
    state = _AFTER.get(open_state, "released") if closed else open_state
    clocks = _clocks(read, course, own, as_of)
    respond_by = next((clock.ends_on for clock in clocks if clock.name == "response"), None)
    stopped = ledger.stayed or halted_on is not None
    decide_by = min((claim.decide_by for claim in claims.claims if claim.status == "pending" and claim.decide_by), default=None)
    said = Step(f"so the case is: {state}", "closing" if closed else "", ())
    return Standing(
        case_id=notice["case_id"],
        state=state,
        served_on=service.served_on,
        service=service.finding,
        service_channel=service.channel,
        service_rule=service.citation,
        confirmed_on=service.confirmed_on,
        deemed_on=service.deemed_on,
        respond_by=respond_by,
        appear_on=course.appear_on,
        claim=claims.summary,
        suspended=claims.resting or stopped,
        decide_by=decide_by,
        overdue=decide_by is not None and decide_by < as_of,
        diagnosis=_diagnosis(open_state, service, claims),
        next_step="nothing" if stopped or moment.over else next_step(read, open_state, course, as_of, respond_by),
        since=moment.closing if closed else since,
        presumptions=service.presumptions,
        clocks=clocks,
        late=tuple(claim.fact_id for claim in course.late),
        steps=(*service.steps, *claims.steps, *course.steps, *_stood_still(clocks), said),
    )


def _known(rows: Iterable[Mapping[str, Any]], moment: Moment) -> list[Fact]:
    kept = [row for row in rows if row["happened_on"] <= moment.as_of and row["known_on"] <= moment.known_at]
    return sorted(map(Fact._make, map(_FIELDS, kept)), key=lambda fact: fact.order)


def _halted_on(facts: list[Fact], notice: Mapping[str, Any]) -> date | None:
    """The day on which the wave or the unit of the notice was stopped (safeguard G14)."""
    scope = (f"wave {notice['wave']}", f"unit {unit_of(notice)}")
    return min((fact.day for fact in facts if fact.kind == "halted" and fact.ground in scope), default=None)


def _clocks(read: Read, course: Course, own: list[Fact], as_of: date) -> tuple[Clock, ...]:
    """Every clock that has started. Those of the person run afresh after a stay (safeguard G13)."""
    ledger, service = read.ledger, read.service
    found: list[Clock | None] = []
    if service.served_on is not None:
        start = max(service.served_on, ledger.fresh_on or service.served_on)
        found.append(_response(read, start, as_of))
        found.append(ledger.clock("lead", start, as_of))
    if service.last_start_on is not None and service.served_on is None:
        found.append(ledger.clock("second_attempt", service.last_start_on, as_of))
    for fact in own:
        if fact.kind in ("claimed", "service_contested", "not_for_me"):
            found.append(ledger.clock("decision", fact.day, as_of, f"decision:{fact.fact_id}"))
    for claim in read.claims.claims:
        told = min((fact.day for fact in own if fact.kind == "decision_served" and claim.decision == fact.ref), default=None)
        found += [] if told is None else [ledger.clock("appeal", told, as_of)]
    ended = course.fulfilled_on or course.enlisted_on
    found += [] if ended is None else [ledger.clock("rest", ended, as_of)]
    return tuple(clock for clock in found if clock is not None)


def _response(read: Read, start: date, as_of: date) -> Clock:
    """The time to answer; where the law names none, it ends on the day of service."""
    return read.ledger.clock("response", start, as_of) or Clock("response", start, start, 0, False, "", (), start < as_of)


def _stood_still(clocks: tuple[Clock, ...]) -> list[Step]:
    found = {(clock.name, one): clock for clock in clocks for one in clock.stood_still}
    return [
        Step(f"the clock {name} stood still from {one.since} to {one.until}: {one.ground}", one.citation, (one.fact_id,))
        for name, one in found
    ]


def _state(read: Read, course: Course, own: list[Fact], liable_until: date | None, as_of: date) -> tuple[str, date | None]:
    """The first of these that holds, in this order, with the day from which it stands; not called: its wave was not entered by then."""
    service, claims = read.service, read.claims
    ended = liable_until is not None and as_of >= liable_until
    deferred_by_board = course.board == "deferred" and (course.board_until is None or as_of <= course.board_until)
    order = (
        (course.enlisted_on is not None and (liable_until is None or course.enlisted_on < liable_until), "enlisted", course.enlisted_on),
        (course.fulfilled_on is not None, "fulfilled", course.fulfilled_on),
        (course.withdrawn_on is not None, "withdrawn", course.withdrawn_on),
        (course.released_on is not None, "released", course.released_on),
        (ended, "liability ended", liable_until),
        (course.alternative_on is not None, "alternative service", course.alternative_on),
        (claims.exempt_on is not None, "exempt", claims.exempt_on),
        (claims.deferred_on is not None, "deferred", claims.deferred_on),
        (course.board == "unfit", "unfit", course.board_on),
        (deferred_by_board, "deferred", course.board_on),
        (claims.resting, "claim pending", None),
        (course.board == "fit", "fit", course.board_on),
        (course.appeared_on is not None, "appeared", course.appeared_on),
        (course.referred_on is not None, "referred outside", course.referred_on),
        (course.absent_on is not None, "did not come", course.absent_on),
        (claims.summary in ("pending", "appealed"), "claim pending", None),
        (service.conduct_on is not None, "answered", service.conduct_on),
        (service.served_on is not None, "served", service.served_on),
    )
    return next(((state, since) for holds, state, since in order if holds), (_entered(own), None))


def _entered(own: list[Fact]) -> str:
    return "called" if any(fact.kind == "called" for fact in own) else "not called"


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
        ("receipt_refused" in service.standing, "receipt refused"),
        ("delivered" in service.standing or "available" in service.standing, "delivered, not known to be opened"),
    )
    return next((words for holds, words in order if holds), "not known to be delivered")
