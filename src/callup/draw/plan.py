"""The plan: what is fixed before anyone can know the seed. One text for one plan, so its hash means one thing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NotRequired, TypedDict, Unpack

from callup.terms.errors import BadInput, Tampered

_WORD = r"[^\s]+"
_LINES = (
    ("call-up", rf"({_WORD})"),
    ("law", r"([0-9a-f]{64})"),
    ("promises", r"([0-9a-f]{64})"),
    ("merge", r"([^\n]*[^\s])"),
    ("lead-hours", r"(0|[1-9][0-9]*)"),
    ("order", r"(draw|list|volunteers-then-draw|agreed-then-lot|panels)"),
)
_BEACON = re.compile(rf"none|rehearsal {_WORD} (0|[1-9][0-9]*)|drand [0-9a-f]{{64}} [1-9][0-9]*")


class PlanFields(TypedDict):
    """The fields of a plan by name."""

    call_up: str
    law: str
    promises: str
    merge: str
    lead_hours: int
    order: str
    quotas: Mapping[str, int]
    rolls: Mapping[str, tuple[int, str]]
    secrets: Mapping[str, str]
    beacon: str
    asks: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as a value.

    Args:
        call_up: the call-up's id.
        law: digest of the jurisdiction's folder, 64 hex digits.
        promises: digest of the promises (safeguard G22), 64 hex digits.
        merge: the rule by which small cells are merged (safeguard G5), one line.
        lead_hours: hours by which the plan must be cosigned before the beacon's round.
        order: ``draw``, ``list``, ``volunteers-then-draw``, ``agreed-then-lot`` or ``panels``.
        quotas: persons to enlist by unit.
        rolls: (size, root in hex) by stratum: a unit, or a unit and its class or panel: ``+volunteers``, ``+p17``.
        secrets: commitments by holder.
        beacon: ``drand CHAIN ROUND``, ``rehearsal NAME ROUND``, or ``none`` for an order by list.
        asks: ``answer`` where the notices name no day; its line is written only then.
    """

    call_up: str
    law: str
    promises: str
    merge: str
    lead_hours: int
    order: str
    quotas: Mapping[str, int]
    rolls: Mapping[str, tuple[int, str]]
    secrets: Mapping[str, str]
    beacon: str
    asks: str = "appearance"

    def text(self) -> str:
        """The plan's lines in their fixed order; lists are sorted bytewise."""
        lines = [
            "callup/plan/1",
            f"call-up: {self.call_up}",
            f"law: {self.law}",
            f"promises: {self.promises}",
            f"merge: {self.merge}",
            f"lead-hours: {self.lead_hours}",
            f"order: {self.order}",
            *([f"asks: {self.asks}"] if self.asks != "appearance" else []),
            *_sorted(f"quota: {unit} {quota}" for unit, quota in self.quotas.items()),
            *_sorted(f"roll: {stratum} {size} {root}" for stratum, (size, root) in self.rolls.items()),
            *_sorted(f"secret: {holder} {committed}" for holder, committed in self.secrets.items()),
            f"beacon: {self.beacon}",
        ]
        return "\n".join([*lines, ""])


def plan_text(**fields: Unpack[PlanFields]) -> str:
    """Write a plan; the fields are those of ``Plan``.

    Raises:
        BadInput: a field does not fit its line.
    """
    text = Plan(**fields).text()
    try:
        read_plan(text)
    except Tampered as refusal:
        raise BadInput("plan-field-malformed", refusal.params, "ids hold no space; digests are 64 lowercase hex digits") from refusal
    return text


def read_plan(text: str) -> Plan:
    """Read a plan; whatever is not exactly a plan is refused.

    Raises:
        Tampered: a line is missing, doubled, out of order or malformed; ``params["line"]`` says which.
    """
    reader = _Reader(text)
    reader.fixed("callup/plan/1")
    single = {name: reader.one(name, form)[0] for name, form in _LINES}
    asks = "".join(reader.match("asks: (answer)")) or "appearance"
    quotas = {unit: int(quota) for unit, quota in reader.many("quota", rf"({_WORD}) (0|[1-9][0-9]*)")}
    rolls = {name: (int(size), root) for name, size, root in reader.many("roll", rf"({_WORD}) (0|[1-9][0-9]*) ([0-9a-f]{{64}})")}
    secrets = {row[0]: row[1] for row in reader.many("secret", rf"({_WORD}) ([0-9a-f]{{64}})")}
    beacon = reader.one("beacon", f"({_BEACON.pattern})")[0]
    plan = Plan(
        single["call-up"], single["law"], single["promises"], single["merge"], int(single["lead-hours"]), single["order"],
        quotas, rolls, secrets, beacon, asks,
    )  # fmt: skip
    if plan.text() != text or (plan.order == "list") != (plan.beacon == "none"):
        raise Tampered("plan-malformed", {"line": reader.at}, "lists are sorted bytewise, names stand once, only a list needs no beacon")
    return plan


class _Reader:
    """Reads the lines of a plan one after the other."""

    def __init__(self, text: str) -> None:
        self.lines, self.at = text.split("\n"), 0

    def match(self, form: str) -> tuple[str, ...]:
        """The groups of the line if it has this form, and go on; else nothing."""
        found = re.fullmatch(form, self.lines[self.at]) if self.at < len(self.lines) else None
        self.at += found is not None
        return found.groups() if found else ()

    def fixed(self, line: str) -> None:
        self.at += 1
        if self.lines[0] != line:
            raise Tampered("plan-malformed", {"line": 1, "expected": line}, "this is no plan of a version that is known here")

    def one(self, name: str, form: str) -> tuple[str, ...]:
        found = self.match(f"{name}: {form}")
        if not found:
            raise Tampered("plan-malformed", {"line": self.at + 1, "expected": name}, "the lines of a plan stand in one order")
        return found

    def many(self, name: str, form: str) -> list[tuple[str, ...]]:
        found = []
        while groups := self.match(f"{name}: {form}"):
            found.append(groups)
        return found


def _sorted(lines: Iterable[str]) -> list[str]:
    return sorted(lines, key=str.encode)
