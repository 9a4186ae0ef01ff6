"""The call-up and its draw, read from what was done and when: two folds, as of a day; no status is stored (cases.md 7.2).

The machines of one person's case (attempt, finding, obligation, request, appeal) are read by `callup.cases.fold`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

CALL_UP = {
    "drafted": "the decree is not published yet",
    "published": "decree and law are in the public log; the window is not open yet",
    "open": "the window of the call-up is open",
    "closing": "the window is over, and cases have no end yet",
    "closed": "every case has ended",
    "archived": "closed, and the time of keeping the record is over",
    "annulled": "its plan was declared void in public; nobody may be called by it",
}
"""The states of a call-up, in their order."""

DRAW = {
    "no list": "no roll is frozen",
    "list frozen": "two people signed the roll; nobody can be added or taken out any more",
    "list published": "the hash of the roll, the plan and the source of the random number are in the public log",
    "drawn": "the order is public and anyone can compute it again",
    "open to objection": "drawn, and the time to object runs",
    "final": "drawn, and the time to object is over",
    "void": "the plan was declared dead before anything was drawn by it",
}
"""The states of a draw, in their order."""


@dataclass(frozen=True, slots=True)
class Dates:
    """What the decree and the law set: the window, the days to object to the order, and how long the record is kept."""

    opens_on: date
    closes_on: date
    objection_days: int = 0
    kept_until: date | None = None


@dataclass(frozen=True, slots=True)
class CallUpStanding:
    """How a call-up stands on a day.

    Args:
        call_up: a word of CALL_UP.
        draw: a word of DRAW.
        waves: waves whose notices are in the log.
        stays: scopes in which a court's stay holds: ``call-up``, ``unit X``.
        halts: scopes that were halted, and waves that were taken back.
    """

    call_up: str
    draw: str
    waves: int
    stays: tuple[str, ...]
    halts: tuple[str, ...]


def find_call_up(dates: Dates, done: Mapping[str, date], facts: Iterable[Mapping[str, Any]], as_of: date) -> CallUpStanding:
    """Read the call-up as of a day.

    Args:
        dates: what the decree and the law set.
        done: what was done, and on which day: ``publish``, ``freeze``, ``commit``, ``cast``, ``enter-N``, ``close``, ``void``.
        facts: FACTS rows about nobody: stays, halts, recalls.
        as_of: the day.
    """
    acts = {act for act, day in done.items() if day <= as_of}
    known = sorted((row for row in facts if row["happened_on"] <= as_of), key=lambda row: row["seq"])
    lifted = {row["ref"] for row in known if row["kind"] == "stay_lifted"}
    stays = (row["ground"] for row in known if row["kind"] == "stayed" and row["fact_id"] not in lifted)
    halts = (row["ground"] for row in known if row["kind"] in ("halted", "recalled"))
    waves = sum(act.startswith("enter-") for act in acts)
    found = (_call_up(dates, acts, as_of), _draw(dates, done, acts, as_of), waves)
    return CallUpStanding(*found, tuple(dict.fromkeys(stays)), tuple(dict.fromkeys(halts)))


def _call_up(dates: Dates, acts: set[str], as_of: date) -> str:
    if "void" in acts:
        return "annulled"
    if "close" in acts:
        return "archived" if dates.kept_until is not None and as_of > dates.kept_until else "closed"
    if "publish" not in acts:
        return "drafted"
    if as_of < dates.opens_on:
        return "published"
    return "open" if as_of <= dates.closes_on else "closing"


def _draw(dates: Dates, done: Mapping[str, date], acts: set[str], as_of: date) -> str:
    if "void" in acts and "cast" not in acts:
        return "void"
    if "cast" in acts:
        if not dates.objection_days:
            return "drawn"
        return "open to objection" if (as_of - done["cast"]).days <= dates.objection_days else "final"
    return "list published" if "commit" in acts else "list frozen" if "freeze" in acts else "no list"
