"""The procedure's values that cases reads, laid out for both readers: the fold of one case and the query for all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callup.law import Procedure

FIRST, LAST = date(1, 1, 1), date(9999, 12, 31)

STARTS = ("handed_over", "available", "delivered", "opened", "receipt_refused")
"""Kinds of facts from which a service rule may count."""
RECEIPTS = ("delivered", "opened")
"""Actual receipt: it confirms a presumption."""
LOSSES = ("returned", "attempt_failed")
"""What undoes an attempt, and all that rested on it."""
CONTESTS = ("service_contested", "not_for_me")
"""What pauses all consequences until the authority has proved service or taken it back."""
CONDUCT = ("responded", "claimed", "claim_withdrawn", "appealed", "appointment_moved", "appeared")
"""What only a person who has the notice can do: it confirms service."""
APPOINTS = ("called", "appointment_moved", "decided", "excused")
"""What may set the day of appearance; the latest holds."""
EXEMPTING = ("exemption", "alternative-service")
"""Kinds of claim whose grant frees from this call-up; ``deferral`` frees until a date."""


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One way in which a notice counts as served: from a start fact of a channel, after days, with an effect.

    It speaks of start facts from ``since`` on and before ``ended``.
    """

    channel: str
    start: str
    days: int
    expiry: str
    since: date
    ended: date
    citation: str


@dataclass(frozen=True, slots=True)
class Rest:
    """A kind of claim that stops the duty, until it is decided or final, if filed from ``since`` on and before ``ended``."""

    claim: str
    until: str
    since: date
    ended: date
    citation: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What the procedure says, as cases needs it. Days are whole days."""

    service: tuple[ServiceLine, ...]
    rests: tuple[Rest, ...]
    lead_days: int
    response_days: int
    response_working: bool
    second_attempt_days: int
    appeal_days: int


def rules_of(procedure: Procedure, as_of: date) -> Rules:
    """Lay out a procedure as of a day.

    A service rule counts only while its channel counts, and reads each fact under the law of the fact's day (safeguard
    G19). A clock that the law does not name has no days.
    Where an appeal suspends, every suspending claim rests the duty until it is final.
    """
    lines = []
    for rule in procedure.services:
        for channel in procedure.channels:
            since, ended = max(rule.since, channel.since), min(rule.ended, channel.ended)
            if channel.name == rule.channel and since < ended:
                lines.append(ServiceLine(rule.channel, rule.start, rule.days, rule.on_expiry, since, ended, rule.citation))
    clocks = {clock.name: clock for clock in procedure.clocks if clock.in_force(as_of)}

    def days(name: str) -> int:
        return clocks[name].days if name in clocks else 0

    working = clocks["response"].working if "response" in clocks else False
    appeals = any(one.claim == "appeal" and one.in_force(as_of) for one in procedure.suspensions)
    rests = tuple(Rest(one.claim, "final" if appeals else one.until, one.since, one.ended, one.citation) for one in procedure.suspensions)
    return Rules(tuple(lines), rests, days("lead"), days("response"), working, days("second_attempt"), days("appeal"))
