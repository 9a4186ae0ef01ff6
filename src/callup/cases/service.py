"""Is the notice served, since when, on what ground? A finding with its rule and its facts, open to contest (promise 3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from callup.cases.clocks import Ledger
from callup.cases.rules import CONDUCT, CONTESTS, LOSSES, RECEIPTS, STARTS, Rules, ServiceLine


class Fact(NamedTuple):
    """A fact of one case, as the fold reads it; ``day`` is the day it happened."""

    fact_id: str
    seq: int
    kind: str
    case_id: str | None
    notice_id: str | None
    day: date
    channel: str | None
    ref: str | None
    ground: str | None
    outcome: str | None
    until: date | None
    appear_on: date | None

    @property
    def said(self) -> str:
        """Its kind as people read it."""
        return self.kind.replace("_", " ")

    @property
    def order(self) -> tuple[date, int]:
        """Later facts hold over earlier ones: by the day it happened, then by the order of recording."""
        return (self.day, self.seq)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a finding: what follows, by which article, from which facts."""

    words: str
    citation: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Presumption:
    """A presumption of service: its rule, its evidence, from when to when, and how it is rebutted.

    Args:
        runs_from: the day of the fact from which the rule counts.
        holds_on: the day from which the notice counts as served.
        evidence: numbers of the facts on which it rests.
        rebutted_by: who may rebut it.
        rebutted_on: what that takes. The burden of proof is the authority's.
    """

    citation: str
    channel: str
    runs_from: date
    holds_on: date
    evidence: tuple[str, ...]
    rebutted_by: tuple[str, ...] = ("person", "agent")
    rebutted_on: str = "a statement that it did not arrive; nothing more is required"


@dataclass(frozen=True, slots=True)
class ServiceFound:
    """The finding of service, and what the other readers need of it.

    Args:
        deemed_on: the day from which the law deems it served by a rule on which callup does not act (safeguard G16).
        presumptions: every presumption that stands, the earliest first.
    """

    finding: str
    served_on: date | None
    confirmed_on: date | None
    channel: str | None
    citation: str | None
    conduct_on: date | None
    contest_open: bool
    tried: frozenset[str]
    came_back: bool
    standing: frozenset[str]
    last_start_on: date | None
    deemed_on: date | None
    presumptions: tuple[Presumption, ...]
    steps: tuple[Step, ...]


def latest(facts: Iterable[Fact], kind: str, ref: str) -> Fact | None:
    """The latest fact of a kind that answers the fact ``ref``."""
    return max((fact for fact in facts if fact.kind == kind and fact.ref == ref), key=lambda fact: fact.order, default=None)


@dataclass(frozen=True, slots=True)
class _Counted:
    """A start fact, the rule that speaks of it, and the day on which that rule's days are over."""

    start: Fact
    line: ServiceLine
    ends: date


def find_service(rules: Rules, ledger: Ledger, facts: list[Fact], as_of: date) -> ServiceFound:
    """Find service as of a day. Nothing counts from posting alone; what came back or is contested counts no longer.

    Args:
        rules: the procedure.
        ledger: what makes clocks stand still.
        facts: the case's own facts and recalls of its wave, in order.
        as_of: the legal day.
    """
    contests = [(fact, latest(facts, "decided", fact.fact_id)) for fact in facts if fact.kind in CONTESTS]
    upheld = [fact for fact, ruling in contests if ruling is None or ruling.outcome != "refused"]
    undone = max((fact.day for fact in [*upheld, *taken_back(facts)]), default=date.min)
    starts = [fact for fact in facts if fact.kind in STARTS]
    standing = [start for start in starts if start.day > _void_on(start, facts, upheld)]
    counted = _counted(rules, ledger, standing, as_of)
    found = [one for one in counted if one.line.acts]
    served = sorted((one.ends, rules.service.index(one.line)) for one in found if one.line.expiry != "fail")
    conduct_on = min((fact.day for fact in facts if fact.kind in CONDUCT and fact.day > undone), default=None)
    served_on = min((day for day in (served[0][0] if served else None, conduct_on) if day is not None), default=None)
    by_rule = rules.service[served[0][1]] if served and served[0][0] == served_on else None
    certain = [one.ends for one in found if one.line.expiry == "confirm"]
    certain += [start.day for start in standing if start.kind in RECEIPTS]
    certain += [] if conduct_on is None else [conduct_on]
    expired = [one.start for one in found if one.line.expiry == "fail"]
    live = frozenset(start.channel or "" for start in standing if start not in expired)
    open_contest = any(ruling is None for _, ruling in contests)
    tried = frozenset(fact.channel or "" for fact in facts if fact.kind in STARTS + LOSSES)
    confirmed_on = min(certain) if certain and served_on is not None else None
    finding = _finding(served_on, confirmed_on, tried, live, contested=open_contest)
    return ServiceFound(
        finding=finding,
        served_on=served_on,
        confirmed_on=confirmed_on,
        channel=by_rule.channel if by_rule else None,
        citation=by_rule.citation if by_rule else None,
        conduct_on=conduct_on,
        contest_open=open_contest,
        tried=tried,
        came_back=any(fact.kind == "returned" for fact in facts),
        standing=frozenset(start.kind for start in standing),
        last_start_on=max((start.day for start in standing), default=None),
        deemed_on=min((one.ends for one in counted if not one.line.acts), default=None),
        presumptions=_presumptions(found),
        steps=(*_history(starts, standing, upheld), *_found(counted, finding, served_on)),
    )


def taken_back(facts: list[Fact]) -> list[Fact]:
    """What took the notice back, alone or with its wave: nothing that was said of it before counts for a new one."""
    return [fact for fact in facts if fact.kind in ("withdrawn", "recalled")]


def _counted(rules: Rules, ledger: Ledger, standing: list[Fact], as_of: date) -> list[_Counted]:
    """What each rule makes of each start fact whose days are over by the day."""
    fits = [(start, line) for start in standing for line in rules.service if _fits(start, line)]
    ends = (
        _Counted(start, line, ledger.end(f"service:{line.channel}", start.day, line.days, working=line.working)) for start, line in fits
    )
    return [one for one in ends if one.ends <= as_of]


def _void_on(start: Fact, facts: list[Fact], contests: list[Fact]) -> date:
    """The last day on which something undid this attempt: its letter came back, it was contested, the notice was taken back."""
    days = [fact.day for fact in facts if fact.kind == "recalled"]
    same = [fact for fact in facts if (fact.notice_id or "") == (start.notice_id or "")]
    days += [fact.day for fact in same if fact.kind in LOSSES and (fact.channel or "") == (start.channel or "")]
    days += [fact.day for fact in same if fact.kind == "withdrawn" or fact in contests]
    return max(days, default=date.min)


def _fits(start: Fact, line: ServiceLine) -> bool:
    """Whether the rule speaks of this fact; each fact is read under the law of its own day (safeguard G19)."""
    return (start.channel, start.kind) == (line.channel, line.start) and line.since <= start.day < line.ended


def _presumptions(found: list[_Counted]) -> tuple[Presumption, ...]:
    presumed = sorted((one for one in found if one.line.expiry == "presume"), key=lambda one: (one.ends, one.start.order))
    return tuple(Presumption(one.line.citation, one.line.channel, one.start.day, one.ends, (one.start.fact_id,)) for one in presumed)


def _finding(served_on: date | None, confirmed_on: date | None, tried: frozenset[str], live: frozenset[str], *, contested: bool) -> str:
    if served_on is not None:
        return "presumed" if confirmed_on is None else "confirmed"
    if contested:
        return "contested"
    if tried and not live:
        return "unreachable" if len(tried) > 1 else "failed"
    return "none"


def _history(starts: list[Fact], standing: list[Fact], contests: list[Fact]) -> list[Step]:
    """The attempts in words, and what undid them."""
    steps = [Step(f"{start.said} by {start.channel} on {start.day}", "", (start.fact_id,)) for start in starts]
    steps += [Step(f"{start.said} of {start.day} no longer counts", "", (start.fact_id,)) for start in starts if start not in standing]
    return steps + [Step(f"contested on {fact.day}: nothing earlier counts", "", (fact.fact_id,)) for fact in contests]


def _found(counted: list[_Counted], finding: str, served_on: date | None) -> list[Step]:
    """What the rules make of the attempts, and the finding."""
    steps = []
    for one in counted:
        effect = {"presume": "presumed served", "confirm": "served", "fail": "not served this way"}[one.line.expiry]
        said = f"{effect}, {one.line.days} days after {one.start.day}: {one.ends}"
        if not one.line.acts:
            said = f"the law deems it {effect} on {one.ends}; callup does not act on that"
        steps.append(Step(said, one.line.citation, (one.start.fact_id,)))
    return [*steps, Step(f"service: {finding}" + (f" since {served_on}" if served_on else ""), "", ())]
