"""The procedure's values that cases reads, laid out for both readers: the fold of one case and the query for all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from callup.terms.calendar import Calendar

if TYPE_CHECKING:
    from callup.law import Procedure

FIRST, LAST = date(1, 1, 1), date(9999, 12, 31)

STARTS = ("handed_over", "available", "delivered", "opened", "receipt_refused")
"""Kinds of facts from which a service rule may count."""
RECEIPTS = ("delivered", "opened")
"""Actual receipt: it confirms a presumption."""
LOSSES = ("returned", "attempt_failed", "misdelivered")
"""What undoes an attempt, and all that rested on it."""
CONTESTS = ("service_contested", "not_for_me")
"""What pauses all consequences until the authority has proved service or taken it back."""
CONDUCT = ("responded", "claimed", "claim_withdrawn", "appealed", "appointment_moved", "papers_given", "appeared")
"""What only a person who has the notice can do: it confirms service."""
APPOINTS = ("called", "appointment_moved", "decided", "excused", "appeal_decided")
"""What may set the day of appearance; the latest holds."""
RULINGS = ("decided", "excused", "appeal_decided")
"""Of these, what the person must first be told."""
EXEMPTING = ("exemption", "alternative-service", "liability")
"""Kinds of claim whose grant frees from this call-up; ``deferral`` frees until a date."""
DOWN = ("outage", "strike")
"""What keeps a channel from everybody: clocks stand still, whatever the law says (invariant 9)."""
STAYS = ("stayed", "case_stayed")
"""What a court says to stop a call-up, a unit or a case (safeguard G13)."""
TOLLED = ("response", "filing", "appeal")
"""Clocks of the person that stand still while any channel is down; the fiction of service does so for its own channel."""

_WEEK = Calendar(frozenset({6, 7}), {}, {}, "Monday to Friday")
_FLOOR = "callup, invariant 9: an outage never costs the person time"
_LIABILITY = "callup safeguard G8: liability may be contested as such"


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One way in which a notice counts as served: from a start fact of a channel, after days, with an effect.

    It speaks of start facts from ``since`` on and before ``ended``. With ``acts`` false it is only what the law deems
    (safeguard G16).
    """

    channel: str
    start: str
    days: int
    expiry: str
    since: date
    ended: date
    citation: str
    working: bool = False
    acts: bool = True


@dataclass(frozen=True, slots=True)
class Rest:
    """A kind of claim that stops the duty, until it is decided or final, if filed from ``since`` on and before ``ended``."""

    claim: str
    until: str
    since: date
    ended: date
    citation: str


@dataclass(frozen=True, slots=True)
class Term:
    """A clock that starts from ``since`` on and before ``ended``: how many (working) days it runs."""

    clock: str
    days: int
    working: bool
    since: date
    ended: date
    citation: str


@dataclass(frozen=True, slots=True)
class Filing:
    """By when a kind of claim is filed in time: ``within`` days from service, ``before`` days ahead of the appearance; 0: no limit."""

    claim: str
    within: int
    before: int
    working: bool
    since: date
    ended: date
    citation: str


@dataclass(frozen=True, slots=True)
class TollLine:
    """A ground on which a clock stands still for one person, if it began from ``since`` on and before ``ended``."""

    ground: str
    clock: str
    since: date
    ended: date
    citation: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What the procedure says, as cases needs it. Each fact is read under the law of its own day (safeguard G19)."""

    service: tuple[ServiceLine, ...]
    rests: tuple[Rest, ...] = ()
    terms: tuple[Term, ...] = ()
    filings: tuple[Filing, ...] = ()
    tolls: tuple[TollLine, ...] = ()
    calendar: Calendar = _WEEK

    def term(self, clock: str, day: date) -> Term:
        """The term of a clock that starts on a day; one of no days where the law names none."""
        found = (term for term in self.terms if term.clock == clock and term.since <= day < term.ended)
        return next(found, Term(clock, 0, False, FIRST, LAST, ""))

    @property
    def working(self) -> bool:
        """Whether any clock counts working days."""
        found = [*(one.working for one in self.service), *(one.working for one in self.terms), *(one.working for one in self.filings)]
        return any(found)


@lru_cache(maxsize=16)
def rules_of(procedure: Procedure, calendar: Calendar = _WEEK) -> Rules:
    """Lay out a procedure.

    A service rule counts only while its channel counts. Where an appeal suspends, every suspending claim rests the duty until
    it is final. Liability may always be contested as such, and that always rests the duty (safeguard G8).
    """
    lines = []
    for rule in procedure.services:
        for channel in procedure.channels:
            since, ended = max(rule.since, channel.since), min(rule.ended, channel.ended)
            if channel.name == rule.channel and since < ended:
                held = (rule.channel, rule.start, rule.days, rule.on_expiry, since, ended, str(rule.citation), rule.working, rule.acts)
                lines.append(ServiceLine(*held))
    final = any(one.claim == "appeal" for one in procedure.suspensions)
    rests = [
        Rest(one.claim, "final" if final else one.until, one.since, one.ended, str(one.citation))
        for one in procedure.suspensions
        if one.claim != "liability"
    ]
    rests.append(Rest("liability", "final" if final else "decided", FIRST, LAST, _LIABILITY))
    return Rules(
        service=tuple(lines),
        rests=tuple(rests),
        terms=tuple(Term(one.name, one.days, one.working, one.since, one.ended, str(one.citation)) for one in procedure.clocks),
        filings=tuple(
            Filing(one.kind, one.within, one.before, one.working, one.since, one.ended, str(one.citation))
            for one in procedure.claims
            if one.within or one.before
        ),
        tolls=tuple(
            TollLine(one.ground, clock, one.since, one.ended, str(one.citation)) for one in procedure.tolls for clock in one.clocks
        ),
        calendar=calendar,
    )


def floor_citation() -> str:
    """What an interval rests on that no article names."""
    return _FLOOR
