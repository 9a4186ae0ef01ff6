"""Working days of a jurisdiction, and which legal day a moment belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from callup.terms.errors import BadInput


@dataclass(frozen=True, slots=True)
class Calendar:
    """Weekend (ISO weekdays), holidays and working days that lie in a weekend, each day with its name.

    Args:
        zone: the time zone in which a day begins and ends, e.g. ``Europe/Vilnius``.
        cutoff: hour from which what the authority does counts for the next working day; 24: none. What a person files
            counts on its day until midnight.
    """

    weekend: frozenset[int]
    holidays: Mapping[date, str]
    working: Mapping[date, str]
    source: str
    zone: str = "UTC"
    cutoff: int = 24

    def __hash__(self) -> int:
        """Equal calendars have one source; their days are compared where it matters."""
        return hash((self.source, self.zone, self.cutoff))

    def is_working(self, day: date) -> bool:
        """Whether offices work on that day."""
        return day in self.working or (day.isoweekday() not in self.weekend and day not in self.holidays)

    def add_working(self, day: date, days: int) -> date:
        """The day that lies so many working days after ``day``."""
        while days > 0:
            day += timedelta(days=1)
            days -= self.is_working(day)
        return day

    def day_of(self, moment: datetime, *, by_person: bool) -> date:
        """The legal day of a moment.

        Args:
            moment: with its zone; the calendar's own zone says which day it was.
            by_person: what a person does counts until midnight; what the authority does only until the cut-off.

        Raises:
            BadInput: the moment has no zone.
        """
        if moment.tzinfo is None:
            raise BadInput("moment-without-zone", {"moment": moment.isoformat()}, "give the offset, e.g. 2025-04-01T23:30:00+03:00")
        here = moment.astimezone(ZoneInfo(self.zone))
        late = not by_person and here.hour >= self.cutoff
        return self.add_working(here.date(), 1) if late else here.date()
