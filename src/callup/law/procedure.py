"""Procedure as notation beside the law (design D2): how a notice is served, what runs when, what stops what, who helps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar


@dataclass(frozen=True, slots=True)
class Provision:
    """What every provision has: its article, its period (``ended`` is the first day no longer in force), its line."""

    citation: str
    unverified: bool
    since: date
    ended: date
    line: int

    def in_force(self, day: date) -> bool:
        """Whether it is law on that day."""
        return self.since <= day < self.ended


@dataclass(frozen=True, slots=True)
class Duty(Provision):
    """What kind of duty it is: military, jury, polling, civil-protection or civil."""

    kind: str


@dataclass(frozen=True, slots=True)
class Channel(Provision):
    """A way of notice that counts."""

    name: str


@dataclass(frozen=True, slots=True)
class ServiceRule(Provision):
    """When a notice by a channel is served: so many (working) days after a fact, presumed, failed or confirmed.

    With ``acts=False`` it is only what the law deems: counted in public, never acted on (safeguard G16).
    """

    channel: str
    start: str
    days: int
    on_expiry: str
    rebuttable: str | int
    working: bool
    acts: bool


@dataclass(frozen=True, slots=True)
class Clock(Provision):
    """A time limit: its name, what starts it, how many (working) days."""

    name: str
    starts: str
    days: int
    working: bool


@dataclass(frozen=True, slots=True)
class Claim(Provision):
    """A kind of claim that one may file, the papers it wants, and by when.

    ``within`` days from service, ``before`` days ahead of the day of appearance; 0: at any time. A late claim is received,
    marked late, and a human decides it.
    """

    kind: str
    papers: tuple[str, ...]
    within: int
    before: int
    working: bool


@dataclass(frozen=True, slots=True)
class Suspension(Provision):
    """A claim that stops the duty until it is decided, or until the decision is final."""

    claim: str
    what: str
    until: str


@dataclass(frozen=True, slots=True)
class Toll(Provision):
    """A ground on which clocks stand still for the person, and which of them."""

    ground: str
    clocks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remedy(Provision):
    """Who hears a challenge against a notice, a decision or a finding, and in how many days it must be brought."""

    against: str
    body: str
    days: int


@dataclass(frozen=True, slots=True)
class Consequence(Provision):
    """What others may do if the person does not answer (G17); callup takes no part in it."""

    key: str
    imposed_by: str
    from_clock: str
    days: int
    fight: str


EVERYWHERE = "*"
"""Every unit of the country."""


@dataclass(frozen=True, slots=True)
class Advice(Provision):
    """Independent advice: the key of an address block of the forms, for a unit or, with ``*``, for the country."""

    unit: str
    key: str


@dataclass(frozen=True, slots=True)
class Term(Provision):
    """The greatest length of service."""

    months: int


@dataclass(frozen=True, slots=True)
class Conscience(Provision):
    """The conscience route; ``until_days_before`` opening must the claim be filed (0: at any time)."""

    until_days_before: int


@dataclass(frozen=True, slots=True)
class Order(Provision):
    """An order of call that the law allows."""

    method: str


@dataclass(frozen=True, slots=True)
class Blank(Provision):
    """A value that nobody sourced: whoever needs it is UNDETERMINED, it never falls to a default (G20)."""

    name: str


_P = TypeVar("_P", bound=Provision)


@dataclass(frozen=True, slots=True)
class Procedure:
    """The procedure as parsed and checked against the floor. ``digest`` is over the tree."""

    title: str
    digest: str
    path: str
    duties: tuple[Duty, ...] = ()
    channels: tuple[Channel, ...] = ()
    services: tuple[ServiceRule, ...] = ()
    clocks: tuple[Clock, ...] = ()
    claims: tuple[Claim, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    tolls: tuple[Toll, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    advice: tuple[Advice, ...] = ()
    terms: tuple[Term, ...] = ()
    conscience: tuple[Conscience, ...] = ()
    orders: tuple[Order, ...] = ()
    blanks: tuple[Blank, ...] = ()

    def __hash__(self) -> int:
        """Equal procedures have one digest: what is laid out from a procedure is found again without reading all of it."""
        return hash(self.digest)

    @property
    def unverified(self) -> tuple[str, ...]:
        """Citations not yet checked against the official text, each once."""
        return tuple(dict.fromkeys(one.citation for one in self.provisions if one.unverified))

    @property
    def provisions(self) -> tuple[Provision, ...]:
        """Every provision, by kind."""
        found: list[Provision] = []
        for name in KINDS:
            found += getattr(self, name)
        return tuple(found)

    @property
    def military(self) -> bool:
        """Whether the floor for military service applies; it does unless the folder names another duty."""
        return not self.duties or any(duty.kind == "military" for duty in self.duties)

    def at(self, day: date) -> Procedure:
        """The procedure in force on a day."""
        return _on(self, day)

    def advice_for(self, unit: str = "") -> tuple[Advice, ...]:
        """Who advises somebody of a unit: those of the unit first, then those of the country. Take ``at(day)`` first."""
        own = tuple(one for one in self.advice if unit and one.unit == unit)
        return own + tuple(one for one in self.advice if one.unit == EVERYWHERE)

    @property
    def advised_units(self) -> tuple[str, ...]:
        """The units that have advice of their own."""
        return tuple(sorted({one.unit for one in self.advice} - {EVERYWHERE}))

    def clock(self, name: str) -> Clock | None:
        """The clock of that name; ``None`` if the procedure has none. Take ``at(day)`` first."""
        return next((clock for clock in self.clocks if clock.name == name), None)


KINDS = tuple(field.name for field in fields(Procedure) if field.name not in ("title", "digest", "path"))
"""The lists of provisions in a procedure."""


def in_force(provisions: Iterable[_P], day: date) -> tuple[_P, ...]:
    """Those in force on a day."""
    return tuple(one for one in provisions if one.in_force(day))


@lru_cache(maxsize=1024)
def _on(procedure: Procedure, day: date) -> Procedure:
    """The procedure in force on a day: every page asks for that of today."""
    kept: dict[str, Any] = {name: in_force(getattr(procedure, name), day) for name in KINDS}
    return replace(procedure, **kept)
