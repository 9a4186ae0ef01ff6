"""What happened after service: the appointment, who came, what the board found, how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from callup.cases.claims import ClaimsFound
from callup.cases.rules import APPOINTS, Rules
from callup.cases.service import Fact, ServiceFound, Step


@dataclass(frozen=True, slots=True)
class Course:
    """The later steps that count. A step entered while the duty rested, or without what it rests on, does not."""

    appear_on: date | None
    appeared_on: date | None
    board: str | None
    board_on: date | None
    board_until: date | None
    enlisted_on: date | None
    released_on: date | None
    withdrawn_on: date | None
    absent_on: date | None
    reminded_on: date | None
    steps: tuple[Step, ...]


def _last(facts: list[Fact]) -> Fact | None:
    return max(facts, key=lambda fact: fact.order, default=None)


def _first_day(facts: list[Fact], kind: str) -> date | None:
    return min((fact.day for fact in facts if fact.kind == kind), default=None)


def find_course(rules: Rules, facts: list[Fact], notice: Mapping[str, Any], service: ServiceFound, claims: ClaimsFound) -> Course:
    """Find the later steps of a case."""
    appoints = _last([fact for fact in facts if fact.kind in APPOINTS and fact.appear_on is not None])
    appear_on = appoints.appear_on if appoints else notice["appear_on"]
    appeared_on = _first_day(facts, "appeared")
    free = [fact for fact in facts if not claims.rested_on(fact.day)]
    board = _last([fact for fact in free if fact.kind == "assessed" and appeared_on is not None and appeared_on <= fact.day])
    fit_on = board.day if board and board.outcome == "fit" else None
    enlisted = [fact.day for fact in free if fact.kind == "enlisted" and fit_on is not None and fit_on <= fact.day]
    taken_back = _last([fact for fact in facts if fact.kind == "withdrawn"])
    called = _last([fact for fact in facts if fact.kind == "called"])
    withdrawn = taken_back if taken_back and (called is None or taken_back.order > called.order) else None
    absent = [fact for fact in free if fact.kind == "did_not_come" and _absent(rules, fact, facts, appear_on, service)]
    absent_on = min((fact.day for fact in absent), default=None)
    steps = [Step(f"{fact.kind} on {fact.day}" + (f": {fact.outcome}" if fact.outcome else ""), "", (fact.fact_id,)) for fact in facts]
    ignored = [fact for fact in facts if fact.kind == "did_not_come" and fact not in absent]
    steps += [Step(f"did not come on {fact.appear_on} is not said", "", (fact.fact_id,)) for fact in ignored]
    return Course(
        appear_on=appear_on,
        appeared_on=appeared_on,
        board=board.outcome if board else None,
        board_on=board.day if board else None,
        board_until=board.until if board else None,
        enlisted_on=min(enlisted, default=None),
        released_on=_first_day(facts, "released"),
        withdrawn_on=withdrawn.day if withdrawn else None,
        absent_on=absent_on,
        reminded_on=max((fact.day for fact in facts if fact.kind == "courtesy_sent"), default=None),
        steps=tuple(steps),
    )


def _absent(rules: Rules, fact: Fact, facts: list[Fact], appear_on: date | None, service: ServiceFound) -> bool:
    """Whether "did not come" may be said: confirmed service with lead time, the day in force passed, nobody came or was excused."""
    day = fact.appear_on
    if day is None or day != appear_on or fact.day <= day:
        return False
    if service.served_on is None or service.confirmed_on is None:
        return False
    if service.served_on + timedelta(days=rules.lead_days) > day or service.confirmed_on > day:
        return False
    return not any(one.kind == "excused" and one.day > day for one in facts)
