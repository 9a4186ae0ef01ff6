"""What a plan of weeks costs and who has to decide: postage, print, hours; and from which day claims are late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from callup.terms.errors import BadInput

WEEKDAYS, WEEK = 5, 7
MOST_DECIDERS = 100_000


@dataclass(frozen=True, slots=True)
class Staff:
    """Prices, people and the law's time.

    Args:
        postage_cents: a letter.
        print_cents: a letter.
        minutes: of work a notice, deciding claims apart.
        claims: share of notices that bring a claim.
        after_days: from posting to the claim.
        hours: to decide one claim.
        deciders: who decide.
        hours_a_week: of one of them, on five days.
        legal_days: from the claim to the decision.
    """

    postage_cents: int
    print_cents: int
    minutes: float
    claims: float
    after_days: int
    hours: float
    deciders: int
    hours_a_week: float
    legal_days: int


@dataclass(frozen=True, slots=True)
class Wave:
    """One week's notices: what they cost and the claims they bring."""

    opens_on: date
    notices: int
    cents: int
    hours: float
    claims: float


@dataclass(frozen=True, slots=True)
class StaffSheet:
    """The sheet.

    Args:
        waves: week by week.
        late_from: first day on which a claim is undecided past the law's time; None where there is none.
        latest_days: longest wait of a claim, days.
        needed: deciders with whom no claim is late.
    """

    waves: tuple[Wave, ...]
    late_from: date | None
    latest_days: int
    needed: int


def staff_sheet(notices: Sequence[int], opens_on: date, staff: Staff) -> StaffSheet:
    """Work the sheet out; claims come evenly over seven days and are decided in their order on weekdays.

    Args:
        notices: of each week.
        opens_on: first day of the first week.
        staff: prices, people, time.

    Raises:
        BadInput: ``staff-numbers``: a number is below 0, or nobody decides.
    """
    numbers = (staff.postage_cents, staff.print_cents, staff.minutes, staff.claims, staff.after_days, staff.legal_days)
    if min(numbers) < 0 or staff.claims > 1 or min(staff.hours, staff.deciders, staff.hours_a_week) <= 0:
        raise BadInput("staff-numbers", {"deciders": staff.deciders}, "numbers are 0 or more, a share at most 1, and somebody decides")
    waves = tuple(
        Wave(
            opens_on + timedelta(days=WEEK * week), sent, sent * (staff.postage_cents + staff.print_cents),
            sent * (staff.minutes / 60 + staff.claims * staff.hours), sent * staff.claims,
        )
        for week, sent in enumerate(notices)
    )  # fmt: skip
    late_from, latest = _waits(waves, staff)
    low, high = 0, MOST_DECIDERS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _waits(waves, replace(staff, deciders=middle))[0] else (low, middle)
    return StaffSheet(waves, late_from, latest, high)


def _waits(waves: Sequence[Wave], staff: Staff) -> tuple[date | None, int]:
    """The first day a claim is late, and the longest wait in days: first come, first decided, until none is left."""
    a_day = staff.deciders * staff.hours_a_week / WEEKDAYS / staff.hours
    comes = [wave.claims / WEEK for wave in waves for _ in range(WEEK)]
    first = waves[0].opens_on + timedelta(days=staff.after_days)
    came = decided = 0.0
    waiting: list[tuple[int, float]] = []
    late_from, latest, day = None, 0, 0
    while day < len(comes) or waiting:
        if day < len(comes):
            came += comes[day]
            waiting.append((day, came))
        if (first + timedelta(days=day)).weekday() < WEEKDAYS:
            decided = min(came, decided + a_day)
        while waiting and waiting[0][1] <= decided + 1e-9:
            latest = max(latest, day - waiting.pop(0)[0])
        if waiting and day - waiting[0][0] > staff.legal_days and late_from is None:
            late_from = first + timedelta(days=day)
        day += 1
    return late_from, latest
