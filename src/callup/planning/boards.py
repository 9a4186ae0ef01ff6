"""A day at a board: how many to invite for its slots, how long they wait, how many are through when it closes.

Stations in a row, each with one desk or several, first come first served. With one desk a station, person ``i`` leaves station ``k`` at::

    left[i,k] = max(left[i,k-1], left[i-1,k]) + minutes[i,k]

All days are computed at once. Nobody is turned away and nobody leaves: whoever came is seen, if need be after closing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from callup.planning.yields import Floats
from callup.terms.errors import BadInput

HIGH, LEAST_SENT_HOME = 0.95, 0.01


@dataclass(frozen=True, slots=True)
class Board:
    """A board and its rules.

    Args:
        slots: persons it means to see in a day.
        day_minutes: from opening to closing.
        minutes: that a person takes at each station in the mean, ``[stations]``.
        desks: at each station, ``[stations]``.
        spread: deviation of the logarithm of a person's minutes.
        unpunctual: deviation of coming from the time appointed, minutes.
        sent_home: what a person invited in excess counts, in slots left empty.
    """

    slots: int
    day_minutes: float
    minutes: Sequence[float]
    desks: Sequence[int]
    spread: float
    unpunctual: float
    sent_home: float


@dataclass(frozen=True, slots=True)
class BoardDay:
    """What a day brings; minutes and shares over many days.

    Args:
        invited: persons.
        wait: of a person, at all stations together, in the mean.
        long_wait: that 95 in 100 do not exceed.
        seen: share of those who came who are through when the board closes.
        overtime: from closing until the last has left, in the mean.
        error: standard error of ``wait``: days are drawn.
    """

    invited: int
    wait: float
    long_wait: float
    seen: float
    overtime: float
    error: float


def board_day(board: Board, appear: float, days: int, generator: np.random.Generator) -> BoardDay:
    """Draw days; appointments stand evenly from the opening until the last one would just be through without waiting.

    Args:
        board: see there.
        appear: share of the invited who come.
        days: how many, at least 2.
        generator: for who comes, when, and how long each takes.

    Raises:
        BadInput: ``board-numbers``: stations and desks differ in number, a number makes no sense, or the day is too short for one person.
    """
    _must_make_sense(board, appear)
    invited = to_invite(board.slots, appear, board.sent_home)
    last = board.day_minutes - sum(board.minutes)
    shape = (days, invited)
    due = np.linspace(0.0, last, invited) + board.unpunctual * generator.standard_normal(shape)
    came = generator.random(shape) < appear
    arrive = np.where(came, np.maximum(due, 0.0), np.inf)
    longer = generator.lognormal(-(board.spread**2) / 2, board.spread, (*shape, len(board.minutes)))
    minutes = np.asarray(board.minutes) * longer
    left = leave_times(arrive, minutes, board.desks)
    with np.errstate(invalid="ignore"):
        wait = np.where(came, left - arrive - minutes.sum(axis=-1), 0.0)
    persons = came.sum(axis=1)
    mean = float(wait.sum() / max(persons.sum(), 1))
    out = np.where(came, left, 0.0).max(axis=1)
    error = float(np.std(wait.sum(axis=1) - mean * persons) / max(persons.mean(), 1) / np.sqrt(days))
    seen = float((left <= board.day_minutes).sum() / max(persons.sum(), 1))
    high = float(np.quantile(wait[came], HIGH)) if came.any() else 0.0
    return BoardDay(invited, mean, high, seen, float(np.maximum(out - board.day_minutes, 0.0).mean()), error)


def leave_times(arrive: Floats, minutes: Floats, desks: Sequence[int]) -> Floats:
    """When each person has left the last station; at each station in the order of coming there, at the desk that is free first.

    Args:
        arrive: minutes since the opening, ``inf`` for who does not come, ``[days, persons]``.
        minutes: that each takes at each station, ``[days, persons, stations]``.
        desks: at each station, ``[stations]``.

    Returns:
        minutes since the opening, ``inf`` for who did not come, ``[days, persons]``.
    """
    each, now = np.arange(len(arrive)), arrive
    for station, number in enumerate(desks):
        order = np.argsort(now, axis=1, kind="stable")
        come, takes = (np.take_along_axis(one, order, axis=1) for one in (now, minutes[..., station]))
        free, left = np.zeros((len(arrive), number)), np.empty_like(come)
        for person in range(arrive.shape[1]):
            desk = free.argmin(axis=1)
            left[:, person] = np.maximum(come[:, person], free[each, desk]) + takes[:, person]
            free[each, desk] = left[:, person]
        now = np.empty_like(left)
        np.put_along_axis(now, order, left, axis=1)
    return now


def critical_share(excess: float) -> float:
    """The chance of having enough up to which one more is worth having: the critical ratio of the newsvendor.

    Args:
        excess: what one too many costs, in what one too few costs.

    Source: K. Arrow, T. Harris, J. Marschak, Optimal Inventory Policy, Econometrica 19 (1951): shortage over shortage and excess.
    """
    return 1 / (1 + excess)


def to_invite(slots: int, appear: float, sent_home: float) -> int:
    """How many to invite for so many slots: one more as long as it fills a slot more often than it brings a person too many, as weighed.

    The next invited person finds all slots taken with chance ``P(Bin(n, appear) >= slots)``; it pays while that is below
    `critical_share`: the rule of the newsvendor, and of seats sold twice.

    Args:
        slots: persons who can be seen, at least 1.
        appear: share of the invited who come, above 0.
        sent_home: what a person in excess counts, in slots left empty, 0.01 or more: at 0 there is no end.

    Raises:
        BadInput: ``board-numbers``.
    """
    from scipy.special import bdtrc

    if sent_home < LEAST_SENT_HOME or not 0 < appear <= 1:
        raise BadInput("board-numbers", {"sent_home": sent_home, "appear": appear}, "sent_home from 0.01, appear above 0 and up to 1")
    number = slots
    while appear < 1 and bdtrc(slots - 1, number, appear) < critical_share(sent_home):
        number += 1
    return number


def _must_make_sense(board: Board, appear: float) -> None:
    numbers = (board.spread, board.unpunctual, board.sent_home - LEAST_SENT_HOME)
    if len(board.minutes) != len(board.desks) or not board.minutes or min(numbers) < 0:
        raise BadInput(
            "board-numbers",
            {"stations": len(board.minutes)},
            "give minutes and desks of each station; none is below 0, sent_home not below 0.01",
        )
    if board.slots < 1 or min(board.minutes) <= 0 or min(board.desks) < 1 or not 0 < appear <= 1:
        raise BadInput("board-numbers", {"slots": board.slots}, "slots, minutes and desks are above 0, the share who appear up to 1")
    if board.day_minutes <= sum(board.minutes):
        raise BadInput("board-numbers", {"day_minutes": board.day_minutes}, "a day is longer than what one person takes")
