"""The officials of a rehearsal, and what people do in answer to them: each due step on each working day, deterministic.

Stand-ins sign by two and give reasons; nothing here falls on a person who was not confirmed to have the notice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from callup.channels.receipts import FACT_FIELDS
from callup.channels.rehearsal.chance import digest, happens
from callup.channels.rehearsal.world import CLASSES, classes

FIRST, SECOND = "Stand-in 1 (rehearsal)", "Stand-in 2 (rehearsal)"
REASONS = {
    ("deferral", "granted"): "the papers show the ground until the date given",
    ("deferral", "refused"): "the papers do not show the ground on the day of appearance",
    ("exemption", "granted"): "the papers show the ground",
    ("exemption", "refused"): "the papers do not show the ground",
    ("alternative-service", "granted"): "the statement and the hearing show the conviction",
    ("alternative-service", "refused"): "the hearing did not show the conviction",
}
_Row = dict[str, Any]
_LOOKED_AT = ["case_id", "notice_id", "unit", "rank", "step", "ref", "ground", "service", "service_channel", "appear_on", "absent"]
"""What an official looks at in a due."""


@dataclass(slots=True)
class Desk:
    """One working day: the seed, the day, the last day of the call-up, rates, and the places left in each unit."""

    seed: int
    day: date
    closing: date
    rates: Mapping[str, Fraction]
    left: dict[str, int]

    def chance(self, row: _Row, label: str, share: Fraction) -> bool:
        """A draw for this case, step and day."""
        return happens(self.seed, label, f"{row['case_id']} {row['ref'] or ''} {self.day}", share)

    def days(self, key: str) -> timedelta:
        """So many days of the rates."""
        return timedelta(days=int(self.rates[key]))

    def fact(self, row: _Row, kind: str, actor: str, **more: object) -> _Row:
        """A fact of today about this case."""
        made: _Row = {"kind": kind, "case_id": row["case_id"], "notice_id": row["notice_id"], "actor": actor}
        made |= {"happened_on": self.day, "known_on": self.day, **more}
        return made | {"evidence": digest(self.seed, kind, row["case_id"], row["ref"] or "", self.day)}

    def by_two(self, row: _Row, kind: str, role: str = "official", **more: object) -> _Row:
        """A fact that two named people sign."""
        return self.fact(row, kind, f"{role}: {FIRST}", second=SECOND, **more)

    def new_date(self, row: _Row) -> date | None:
        """A weekday some weeks on, if the call-up is still open then; none where the notice names no day."""
        if row["appear_on"] is None:
            return None
        day = self.day + self.days("new-date")
        day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
        return day if day <= self.closing else None


def officials(seed: int, dues: pa.Table, day: date, *, closing: date, left: Mapping[str, int], rates: Mapping[str, Fraction]) -> pa.Table:
    """What officials and people do on one working day about what has fallen due.

    Args:
        seed: the rehearsal's seed.
        dues: rows of the dues of that morning.
        day: the day.
        closing: last day of the call-up.
        left: persons still to be enlisted in each unit.
        rates: see ``rates.csv``.

    Returns:
        FACTS without ``fact_id`` and ``seq``; all known on ``day``.
    """
    desk = Desk(seed, day, closing, rates, dict(left))
    rows = sorted(
        _to_look_at(dues, day, left, int(rates["second-way"])).to_pylist(), key=lambda row: (row["unit"], row["rank"], row["case_id"])
    )
    kinds = classes(seed, [row["case_id"] for row in rows], rates).tolist() if rows else []
    made: list[_Row] = []
    for row, kind in zip(rows, kinds, strict=True):
        row["class"] = CLASSES[kind]
        made += _STEPS[row["step"]](desk, row)
    return pa.Table.from_pylist(made, FACT_FIELDS)


def _to_look_at(dues: pa.Table, day: date, left: Mapping[str, int], second_way: int) -> pa.Table:
    """The rows of which something can come today: most of those who wait for their day of appearance are left in peace."""
    step, appear_on = dues.column("step"), dues.column("appear_on")
    enlisting = dues.filter(pc.equal(step, "enlist-or-release")).column("unit").value_counts().to_pylist()
    to_enlist = {row["values"]: row["counts"] for row in enlisting}
    filled = pa.array([unit for unit, places in left.items() if places <= to_enlist.get(unit, 0)], pa.string())
    known = pc.is_in(dues.column("unit"), value_set=pa.array(list(left), pa.string()))
    room = pc.and_(known, pc.invert(pc.is_in(dues.column("unit"), value_set=filled)))
    not_today = pc.fill_null(pc.not_equal(appear_on, pa.scalar(day, pa.date32())), True)
    waits = pc.and_(pc.and_(pc.equal(step, "await-appearance"), room), pc.and_(not_today, pc.invert(dues.column("absent"))))
    near = pc.fill_null(pc.less(appear_on, pa.scalar(day + timedelta(days=second_way), pa.date32())), False)
    too_late = pc.and_(pc.equal(step, "try-other-channel"), near)
    idle = pc.or_(pc.or_(waits, too_late), pc.invert(pc.is_in(step, value_set=pa.array(sorted(_STEPS)))))
    return dues.select(_LOOKED_AT).filter(pc.invert(idle))


def _decide(desk: Desk, row: _Row) -> list[_Row]:
    if desk.chance(row, "withdraw", desk.rates["claim-withdrawn"] * desk.rates["decides"]):
        return [desk.fact(row, "claim_withdrawn", "person", ref=row["ref"])]
    if not desk.chance(row, "decide", desk.rates["decides"]):
        return []
    outcome = "granted" if desk.chance(row, "outcome", desk.rates["granted"]) else "refused"
    until = desk.closing + desk.days("deferred") if (row["ground"], outcome) == ("deferral", "granted") else None
    reason = REASONS.get((row["ground"], outcome), "decided on the papers")
    appear_on = desk.new_date(row) if outcome == "refused" else None
    return [desk.by_two(row, "decided", ref=row["ref"], outcome=outcome, reason=reason, until=until, appear_on=appear_on)]


def _serve(desk: Desk, row: _Row) -> list[_Row]:
    channel = row["service_channel"] or "mail"
    actor = {"portal": "portal", "mail": "carrier"}.get(channel, "desk")
    return (
        [desk.fact(row, "decision_served", actor, ref=row["ref"], channel=channel)]
        if desk.chance(row, "serve", desk.rates["decision-served"])
        else []
    )


def _appeal(desk: Desk, row: _Row) -> list[_Row]:
    if row["ground"] == "refused":
        return [desk.fact(row, "appealed", "person", ref=row["ref"])] if desk.chance(row, "appeal", desk.rates["appeals"]) else []
    if not desk.chance(row, "hear", desk.rates["appeal-heard"]):
        return []
    outcome = "changed" if desk.chance(row, "ruling", desk.rates["appeal-changed"]) else "upheld"
    reason = "the higher body read the file anew"
    appear_on = desk.new_date(row)
    return [desk.fact(row, "appeal_decided", "court", ref=row["ref"], outcome=outcome, reason=reason, appear_on=appear_on)]


def _contest(desk: Desk, row: _Row) -> list[_Row]:
    if not desk.chance(row, "look", desk.rates["contest-looked-at"]):
        return []
    granted = desk.chance(row, "contest", desk.rates["contest-upheld"])
    reason = "no receipt names the addressee" if granted else "the receipt names the addressee"
    return [desk.by_two(row, "decided", ref=row["ref"], outcome="granted" if granted else "refused", reason=reason)]


def _attempt(desk: Desk, row: _Row) -> list[_Row]:
    """A second way: by hand, only where the day of appearance, or with none the end of the call-up, is still far enough off."""
    early = (row["appear_on"] or desk.closing) >= desk.day + desk.days("second-way")
    if not early or not desk.chance(row, "attempt", desk.rates["second-attempt"] * desk.rates["tries-again"]):
        return []
    return [desk.fact(row, "delivered", "desk", channel="counter")]


def _appear(desk: Desk, row: _Row) -> list[_Row]:
    """The day of appearance: whoever surely has the notice comes or not; the day after, two people may say so."""
    if row["absent"]:
        said = desk.chance({**row, "ref": "absent"}, "absent", desk.rates["absence-recorded"])
        return [desk.by_two(row, "did_not_come", "desk", appear_on=row["appear_on"])] if said else []
    if desk.left.get(row["unit"], 0) <= 0 and row["step"] == "await-appearance":
        return [desk.by_two(row, "released", reason="the unit's quota is full")]
    due_today = row["appear_on"] == desk.day and row["service"] == "confirmed" and row["class"] != "silent"
    if due_today and not desk.chance(row, "comes", desk.rates["absent"]):
        return [desk.fact(row, "appeared", "desk")]
    if row["step"] == "remind" and desk.chance(row, "remind", desk.rates["reminded"]):
        return [desk.fact(row, "courtesy_sent", "desk")]
    return []


def _ask(desk: Desk, row: _Row) -> list[_Row]:
    if not desk.chance(row, "ask", desk.rates["asked-why"]):
        return []
    excused = happens(desk.seed, "excuse", row["case_id"], desk.rates["excused"])
    reason = "ill that day, with a doctor's paper"
    return [desk.by_two(row, "excused", reason=reason, appear_on=desk.new_date(row))] if excused else []


def _assess(desk: Desk, row: _Row) -> list[_Row]:
    fit = happens(desk.seed, "board", row["case_id"], desk.rates["board-fit"])
    unfit = not fit and happens(desk.seed, "board", row["case_id"], desk.rates["board-fit"] + desk.rates["board-unfit"])
    outcome = "fit" if fit else "unfit" if unfit else "deferred"
    until = desk.closing + desk.days("deferred") if outcome == "deferred" else None
    return [desk.by_two(row, "assessed", "board", outcome=outcome, until=until)]


def _enlist(desk: Desk, row: _Row) -> list[_Row]:
    """In rank order while the unit has places; then the rest is released."""
    if desk.left.get(row["unit"], 0) <= 0:
        return [desk.by_two(row, "released", reason="the unit's quota is full")]
    desk.left[row["unit"]] -= 1
    return [desk.by_two(row, "enlisted")]


_STEPS: Mapping[str, Callable[[Desk, _Row], list[_Row]]] = {
    "decide-claim": _decide,
    "serve-decision": _serve,
    "await-appeal": _appeal,
    "resolve-contest": _contest,
    "try-other-channel": _attempt,
    "await-appearance": _appear,
    "remind": _appear,
    "ask-why": _ask,
    "assess": _assess,
    "enlist-or-release": _enlist,
}
