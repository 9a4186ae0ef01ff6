"""The only place that reads a clock. A rehearsal never does: its days come from the decree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from callup.terms.calendar import Calendar
from callup.terms.decree import Decree


class Clock(Protocol):
    """Says which day it is for a stage."""

    def day(self, stage: str) -> date:
        """The legal day on which the stage runs."""


class WallClock:
    """The legal day on which the authority acts, for a real call-up: the country's own, after its cut-off the next working day.

    Args:
        calendar: the country's; without one a day is UTC's.
        now: which moment it is.
    """

    def __init__(self, calendar: Calendar | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:  # noqa: TID251 - the one clock
        self.calendar, self.now = calendar, now

    def day(self, stage: str) -> date:
        return self.calendar.day_of(self.now(), by_person=False) if self.calendar else self.now().date()


class RehearsalClock:
    """Days that follow from the decree: the plan on the key date, the seed after the lead time, waves spread over the window."""

    def __init__(self, decree: Decree, objection_days: int = 0) -> None:
        self.decree = decree
        self.objection_days = objection_days

    def day(self, stage: str) -> date:
        decree = self.decree
        if stage.startswith("wave-"):
            return wave_day(decree, int(stage.removeprefix("wave-")), self.objection_days)
        if stage == "cast":
            return decree.key_date + timedelta(days=max(1, -(-decree.lead_hours // 24)))
        if stage in ("close", "report"):
            return decree.closes_on
        return decree.key_date


def seconds() -> int:
    """Now, in seconds since 1970: for sessions, never for a deadline."""
    return int(datetime.now(UTC).timestamp())  # noqa: TID251 - the one clock


def day_in(zone: str) -> date:
    """The day that it is in a country's time zone: what a person sends there arrives on it."""
    return datetime.now(ZoneInfo(zone)).date()  # noqa: TID251 - the one clock


def wave_day(decree: Decree, number: int, objection_days: int = 0) -> date:
    """The day of a wave in a rehearsal: the first two days after the key date, the last so that its appointments fit.

    Args:
        decree: the decree.
        number: the wave, from 1.
        objection_days: how long a published list may be objected to before anyone is called from it.
    """
    first = decree.key_date + timedelta(days=max(2, -(-decree.lead_hours // 24) + 1 + objection_days))
    room = (decree.closes_on - first).days - (decree.lead_days if decree.appoints else 0) - 21
    step = max(1, room // max(1, decree.waves - 1)) if decree.waves > 1 else 0
    return first + timedelta(days=min(step, 30) * (number - 1))
