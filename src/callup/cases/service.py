"""Is the notice served, since when, on what ground? A finding with its rule and its facts, open to contest (promise 3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from callup.cases.rules import CONDUCT, CONTESTS, LOSSES, RECEIPTS, STARTS, Rules, ServiceLine


@dataclass(frozen=True, slots=True)
class Fact:
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
class ServiceFound:
    """The finding of service, and what the other readers need of it."""

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
    steps: tuple[Step, ...]


def latest(facts: Iterable[Fact], kind: str, ref: str) -> Fact | None:
    """The latest fact of a kind that answers the fact ``ref``."""
    return max((fact for fact in facts if fact.kind == kind and fact.ref == ref), key=lambda fact: fact.order, default=None)


def find_service(rules: Rules, facts: list[Fact], as_of: date) -> ServiceFound:
    """Find service as of a day. Nothing counts from posting alone; what came back or is contested counts no longer."""
    contests = [(fact, latest(facts, "decided", fact.fact_id)) for fact in facts if fact.kind in CONTESTS]
    upheld = [fact for fact, ruling in contests if ruling is None or ruling.outcome != "refused"]
    undone = max((fact.day for fact in upheld), default=date.min)
    starts = [fact for fact in facts if fact.kind in STARTS]
    standing = [start for start in starts if start.day > _void_on(start, facts, upheld)]
    found = [(start, line) for start in standing for line in rules.service if _fits(start, line) and _over(start, line, as_of)]
    served = sorted(
        ((_end(start, line), rules.service.index(line), line) for start, line in found if line.expiry != "fail"), key=lambda it: it[:2]
    )
    conduct_on = min((fact.day for fact in facts if fact.kind in CONDUCT and fact.day > undone), default=None)
    served_on = min((day for day in (served[0][0] if served else None, conduct_on) if day is not None), default=None)
    by_rule = served[0][2] if served and served[0][0] == served_on else None
    certain = [_end(start, line) for start, line in found if line.expiry == "confirm"]
    certain += [start.day for start in standing if start.kind in RECEIPTS]
    certain += [] if conduct_on is None else [conduct_on]
    live = [start for start in standing if not any(start is one and line.expiry == "fail" for one, line in found)]
    open_contest = any(ruling is None for _, ruling in contests)
    tried = frozenset(fact.channel or "" for fact in facts if fact.kind in STARTS + LOSSES)
    confirmed_on = min(certain) if certain and served_on is not None else None
    finding = _finding(served_on, confirmed_on, tried, frozenset(start.channel or "" for start in live), contested=open_contest)
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
        steps=_steps(starts, standing, upheld, found, finding, served_on),
    )


def _void_on(start: Fact, facts: list[Fact], contests: list[Fact]) -> date:
    """The last day on which something undid this attempt: its letter came back, it was contested, the notice was taken back."""
    same = [fact for fact in facts if (fact.notice_id or "") == (start.notice_id or "")]
    days = [fact.day for fact in same if fact.kind in LOSSES and (fact.channel or "") == (start.channel or "")]
    days += [fact.day for fact in same if fact.kind == "withdrawn" or fact in contests]
    return max(days, default=date.min)


def _fits(start: Fact, line: ServiceLine) -> bool:
    """Whether the rule speaks of this fact; each fact is read under the law of its own day (safeguard G19)."""
    return (start.channel, start.kind) == (line.channel, line.start) and line.since <= start.day < line.ended


def _end(start: Fact, line: ServiceLine) -> date:
    return start.day + timedelta(days=line.days)


def _over(start: Fact, line: ServiceLine, as_of: date) -> bool:
    return _end(start, line) <= as_of


def _finding(served_on: date | None, confirmed_on: date | None, tried: frozenset[str], live: frozenset[str], *, contested: bool) -> str:
    if served_on is not None:
        return "presumed" if confirmed_on is None else "confirmed"
    if contested:
        return "contested"
    if tried and not live:
        return "unreachable" if len(tried) > 1 else "failed"
    return "none"


def _steps(
    starts: list[Fact],
    standing: list[Fact],
    contests: list[Fact],
    found: list[tuple[Fact, ServiceLine]],
    finding: str,
    served_on: date | None,
) -> tuple[Step, ...]:
    """The finding in words, one step after another."""
    steps = [Step(f"{start.kind} by {start.channel} on {start.day}", "", (start.fact_id,)) for start in starts]
    steps += [Step(f"{start.kind} of {start.day} no longer counts", "", (start.fact_id,)) for start in starts if start not in standing]
    steps += [Step(f"contested on {fact.day}: nothing earlier counts", "", (fact.fact_id,)) for fact in contests]
    for start, line in found:
        effect = {"presume": "presumed served", "confirm": "served", "fail": "not served this way"}[line.expiry]
        steps.append(Step(f"{effect}, {line.days} days after {start.day}: {_end(start, line)}", line.citation, (start.fact_id,)))
    steps.append(Step(f"service: {finding}" + (f" since {served_on}" if served_on else ""), "", ()))
    return tuple(steps)
