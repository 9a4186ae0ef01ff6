"""What happened after service: the appointment, who came, what the board found, how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from callup.cases.claims import Claim, ClaimsFound
from callup.cases.clocks import Ledger
from callup.cases.rules import APPOINTS, CONTESTS, LAST, RULINGS, Rules
from callup.cases.service import Fact, ServiceFound, Step, latest, taken_back
from callup.terms.facts import DOORS, UNDERTAKEN

_ASIDE = ("read", "recused", *UNDERTAKEN, *DOORS)
"""Kinds that change no standing: no step of it, and a court may have forbidden to tell of one of them yet (safeguard G12)."""


@dataclass(frozen=True, slots=True)
class Course:
    """The later steps that count. A step entered while the duty rested, or without what it rests on, does not.

    Args:
        inquired_on: day of an inquiry that found no innocent cause.
        referred_on: day on which two people handed the open question to a court; callup stops there.
        late: claims filed after their time; they are received and decided all the same.
    """

    appear_on: date | None
    appeared_on: date | None
    board: str | None
    board_on: date | None
    board_until: date | None
    enlisted_on: date | None
    released_on: date | None
    withdrawn_on: date | None
    absent_on: date | None
    inquired_on: date | None
    referred_on: date | None
    fulfilled_on: date | None
    alternative_on: date | None
    reminded_on: date | None
    late: tuple[Claim, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """What has been found of a case so far; the later steps rest on it."""

    rules: Rules
    ledger: Ledger
    service: ServiceFound
    claims: ClaimsFound
    halted_on: date | None = None
    """The day on which the wave or the unit was stopped (safeguard G14)."""

    def free_on(self, day: date) -> bool:
        """Whether a later step entered on that day counts: no claim, no court's stay and no halt stopped it (invariant 8)."""
        halted = self.halted_on is not None and self.halted_on <= day
        return not halted and not self.claims.rested_on(day) and not self.ledger.stayed_on(day)


def _last(facts: list[Fact]) -> Fact | None:
    return max(facts, key=lambda fact: fact.order, default=None)


def _first_day(facts: list[Fact], kind: str) -> date | None:
    return min((fact.day for fact in facts if fact.kind == kind), default=None)


def find_course(read: Read, facts: list[Fact], notice: Mapping[str, Any]) -> Course:
    """Find the later steps of a case.

    Args:
        read: what was found of service and claims.
        facts: the case's own facts and recalls of its wave, in order.
        notice: its summons; where it names no day it asks for an answer, and no later fact makes an appearance of it (ADR 0058).
    """
    appoints = _last([fact for fact in facts if fact.kind in APPOINTS and fact.appear_on is not None])
    appear_on = appoints.appear_on if appoints and notice["appear_on"] is not None else notice["appear_on"]
    appeared_on = _first_day(facts, "appeared")
    free = [fact for fact in facts if read.free_on(fact.day)]
    board = _last([fact for fact in free if fact.kind == "assessed" and appeared_on is not None and appeared_on <= fact.day])
    fit_on = board.day if board and board.outcome == "fit" else None
    enlisted = [fact.day for fact in free if fact.kind == "enlisted" and fit_on is not None and fit_on <= fact.day]
    bound = appear_on is not None and _set_in_time(read, facts, appoints, appear_on) and not _let_off(read, facts, appoints, appear_on)
    absent = [fact for fact in free if fact.kind == "did_not_come" and bound and _absent(read, fact, facts, appear_on)]
    absent_on = min((fact.day for fact in absent), default=None)
    inquired_on = _inquired(free, absent_on)
    granted = [one.settled_on for one in read.claims.claims if one.kind == "alternative-service" and one.granted]
    assigned = [fact.day for fact in facts if fact.kind == "alternative_assigned" and any(day and day <= fact.day for day in granted)]
    return Course(
        appear_on=appear_on,
        appeared_on=appeared_on,
        board=board.outcome if board else None,
        board_on=board.day if board else None,
        board_until=board.until if board else None,
        enlisted_on=min(enlisted, default=None),
        released_on=_first_day(facts, "released"),
        withdrawn_on=_withdrawn(facts),
        absent_on=absent_on,
        inquired_on=inquired_on,
        referred_on=_referred(read, free, inquired_on, appear_on),
        fulfilled_on=min(
            (fact.day for fact in facts if fact.kind == "fulfilled" and appeared_on is not None and appeared_on <= fact.day), default=None
        ),
        alternative_on=min(assigned, default=None),
        reminded_on=max((fact.day for fact in facts if fact.kind == "courtesy_sent"), default=None),
        late=tuple(claim for claim in read.claims.claims if _late(read, claim, appear_on)),
        steps=tuple(_steps(facts, absent)),
    )


def _withdrawn(facts: list[Fact]) -> date | None:
    """The day on which the authority took the notice back, alone or with its wave, if it has not called again since."""
    last = _last(taken_back(facts))
    called = _last([fact for fact in facts if fact.kind == "called"])
    return last.day if last and (called is None or last.order > called.order) else None


def _absent(read: Read, fact: Fact, facts: list[Fact], appear_on: date | None) -> bool:
    """Whether "did not come" may be said: confirmed service with lead time, the day in force passed, nobody came or was excused.

    A day that lay in a stay, or too soon after its end, is no day on which one had to come: time runs afresh (safeguard G13).
    """
    day, service, fresh_on = fact.appear_on, read.service, read.ledger.fresh_on
    if day is None or day != appear_on or fact.day <= day or read.ledger.stayed:
        return False
    if any(fact.day <= one.day for one in taken_back(facts)):
        return False
    if service.served_on is None or service.confirmed_on is None or service.confirmed_on > day:
        return False
    from_on = max(service.served_on, fresh_on or service.served_on)
    if from_on + timedelta(days=read.rules.term("lead", service.served_on).days) > day:
        return False
    return not any(_excuses(one) and one.day > day for one in facts)


def _told_on(facts: list[Fact], decision: str) -> date | None:
    """The day on which a decision reached the person."""
    return min((fact.day for fact in facts if fact.kind == "decision_served" and fact.ref == decision), default=None)


def _set_in_time(read: Read, facts: list[Fact], appoints: Fact | None, day: date) -> bool:
    """Whether the day of appearance was set before it passed, and where it was not set at the person's wish, known to them in time."""
    if appoints is None or appoints.day > day:
        return appoints is None
    if appoints.kind == "called":
        return read.service.confirmed_on is not None and appoints.day <= read.service.confirmed_on
    if appoints.kind not in RULINGS:
        return True
    told_on, served_on = _told_on(facts, appoints.fact_id), read.service.served_on
    if told_on is None or served_on is None:
        return False
    return told_on + timedelta(days=read.rules.term("lead", served_on).days) <= day


def _let_off(read: Read, facts: list[Fact], appoints: Fact | None, day: date) -> bool:
    """Whether one need not come on that day, as one could read it then: whoever relied on it missed nothing.

    The duty rested, a contest was not settled and told, the person's clocks stood still, a deferral covered the day, or another day
    was granted and none is set yet.
    """
    for fact in facts:
        if fact.kind in CONTESTS and fact.day <= day:
            ruling = latest(facts, "decided", fact.fact_id)
            if ruling is None or day < max(ruling.day, _told_on(facts, ruling.fact_id) or LAST):
                return True
        if fact.kind == "tolled" and fact.until is not None and fact.day <= day <= fact.until:
            return True
    granted = [one for one in read.claims.claims if one.granted and one.settled_on is not None]
    deferred = (one for one in granted if one.kind == "deferral" and one.filed_on <= day <= (one.until or LAST))
    moved = (one for one in granted if one.kind == "other-date" and (appoints is None or appoints.day < (one.settled_on or LAST)))
    return not read.free_on(day) or any(deferred) or any(moved)


def _excuses(fact: Fact) -> bool:
    return fact.kind == "excused" or (fact.kind == "inquired" and fact.outcome == "innocent-cause")


def _inquired(free: list[Fact], absent_on: date | None) -> date | None:
    """The day of an inquiry that found no innocent cause, after the absence was recorded."""
    found = [fact.day for fact in free if fact.kind == "inquired" and fact.outcome == "none-found"]
    return min((day for day in found if absent_on is not None and absent_on <= day), default=None)


def _referred(read: Read, free: list[Fact], inquired_on: date | None, appear_on: date | None) -> date | None:
    """A referral counts after an inquiry, if two ways of service were tried and receipt itself left the lead time (safeguard G9)."""
    served_on, confirmed_on = read.service.served_on, read.service.confirmed_on
    if inquired_on is None or served_on is None or confirmed_on is None or appear_on is None or len(read.service.tried) < 2:
        return None
    if confirmed_on + timedelta(days=read.rules.term("lead", served_on).days) > appear_on:
        return None
    return min((fact.day for fact in free if fact.kind == "referred" and inquired_on <= fact.day), default=None)


def _late(read: Read, claim: Claim, appear_on: date | None) -> bool:
    file_by = file_by_of(read, claim.kind, claim.filed_on, appear_on)
    return file_by is not None and claim.filed_on > file_by


def file_by_of(read: Read, kind: str, day: date, appear_on: date | None) -> date | None:
    """The last day to file a claim in time; ``None`` where the law sets none, or nothing is served yet."""
    ends: list[date] = []
    for filing in read.rules.filings:
        if filing.claim == kind and filing.since <= day < filing.ended:
            if filing.within and read.service.served_on is not None:
                ends.append(read.ledger.end("filing", read.service.served_on, filing.within, working=filing.working))
            if filing.before and appear_on is not None:
                ends.append(appear_on - timedelta(days=filing.before))
    return max(ends, default=None)


def _steps(facts: list[Fact], absent: list[Fact]) -> list[Step]:
    steps = [
        Step(f"{fact.said} on {fact.day}" + (f": {fact.outcome}" if fact.outcome else ""), "", (fact.fact_id,))
        for fact in facts
        if fact.kind not in _ASIDE
    ]
    ignored = [fact for fact in facts if fact.kind == "did_not_come" and fact not in absent]
    return steps + [Step(f"did not come on {fact.appear_on} is not said", "", (fact.fact_id,)) for fact in ignored]
