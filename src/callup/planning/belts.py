"""Conveyors: who enters leaves when a fixed term is over, unless a leak takes them before.

Two ways of keeping the same belt, cohort by cohort in order of leaving: whole persons, and expected persons over many runs.
Within a step all leaks are taken from what lay on the belt when the step began, then the cohort whose term is over leaves, then
those who enter are laid on: who enters at a step meets a leak at each step after it, that of leaving included.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

import numpy as np

from callup.planning.expressions import Value
from callup.planning.models import Model, Stock, months_on

CARRY = 10**9
"""The part of a person that is carried over is kept to a billionth; whole persons are never rounded away."""


@dataclass(frozen=True, slots=True)
class Term:
    """When a cohort leaves a conveyor.

    Args:
        slats: steps that a term takes from the start.
        leaves: step at which who enters at each step leaves, ``[steps]``.
    """

    slats: int
    leaves: tuple[int, ...]


def term_of(model: Model, stock: Stock) -> Term:
    """The term of a conveyor in steps: on a calendar to the anniversary, else rounded to the nearest step, halves up.

    Args:
        model: its clock.
        stock: a stock with a term.
    """
    assert stock.term is not None
    if not model.days:
        slats = max(1, floor(stock.term / model.step + Fraction(1, 2)))
        return Term(slats, tuple(step + slats for step in range(model.steps)))
    ends = [months_on(day, int(stock.term)) for day in model.days[: model.steps]]
    leaves = [next((step for step, day in enumerate(model.days) if day >= end), model.steps + 1) for end in ends]
    length = (ends[0] - model.days[0]).days
    return Term(max(1, round(length / (model.days[1] - model.days[0]).days)), tuple(leaves))


@dataclass(slots=True)
class _Cohort:
    """Persons who leave a counted conveyor at the same step, and the part of a person that each leak has still to take of them."""

    leaves: int
    entered: int
    content: int
    began: int = 0
    owed: dict[str, Fraction] = field(default_factory=dict)


class CountedBelt:
    """A conveyor of whole persons.

    A leak takes of each cohort what it should have taken so far, rounded to the nearest person and never more than are there: a cohort
    stays within about a person a leak of its exact course, whatever its size.
    """

    def __init__(self, term: Term, starts: int) -> None:
        self._term = term
        share, more = divmod(starts, term.slats)
        self._cohorts = [_Cohort(step, share + (step < more), share + (step < more)) for step in range(term.slats)]

    def total(self) -> int:
        """Persons on the belt."""
        return sum(cohort.content for cohort in self._cohorts)

    def begin(self) -> None:
        """Remember what lies on the belt as a step begins: all its leaks are taken of that."""
        for cohort in self._cohorts:
            cohort.began = cohort.content

    def leak(self, name: str, share: Fraction, of_entry: bool) -> int:
        """Take a leak.

        Args:
            name: of the leak.
            share: of the content in this step; with ``of_entry`` of those who entered, over the whole term.
            of_entry: which of the two.

        Returns:
            persons taken.
        """
        taken = 0
        for cohort in self._cohorts:
            asked = share * cohort.entered / self._term.slats if of_entry else share * cohort.began
            owed = cohort.owed.get(name, Fraction(1, 2)) + asked
            persons = min(floor(owed), cohort.content)
            cohort.content -= persons
            cohort.owed[name] = (owed - floor(owed)).limit_denominator(CARRY)
            taken += persons
        return taken

    def finish(self, step: int) -> int:
        """Persons whose term is over leave."""
        out = sum(cohort.content for cohort in self._cohorts if cohort.leaves == step)
        self._cohorts = [cohort for cohort in self._cohorts if cohort.leaves != step]
        return out

    def enter(self, step: int, persons: int) -> None:
        """Persons enter."""
        self._cohorts.append(_Cohort(self._term.leaves[step], persons, persons))


class ExpectedBelt:
    """A conveyor of expected persons, over runs: what lies on it is kept cohort by cohort."""

    def __init__(self, term: Term, starts: Value, runs: int) -> None:
        self._term = term
        self._leaves = np.array([*range(term.slats), *term.leaves])
        self._content = np.zeros((len(self._leaves), runs))
        self._content[: term.slats] = np.broadcast_to(starts, (runs,)) / term.slats
        self._entered = self._content.copy()
        self._first, self._next = 0, term.slats
        self._began = self._content[:0]

    def total(self) -> Value:
        """Expected persons on the belt, ``[runs]``."""
        return self._content[self._first : self._next].sum(axis=0)

    def begin(self) -> None:
        """Remember what lies on the belt as a step begins."""
        self._began = self._content[self._first : self._next].copy()

    def leak(self, share: Value, of_entry: bool) -> Value:
        """Take a leak; see `CountedBelt.leak`. Returns expected persons, ``[runs]``."""
        content = self._content[self._first : self._next]
        asked = self._entered[self._first : self._next] * share / self._term.slats if of_entry else self._began * share
        taken = np.minimum(content, asked)
        content -= taken
        return taken.sum(axis=0)

    def finish(self, step: int) -> Value:
        """Expected persons whose term is over leave, ``[runs]``."""
        last = self._first + int((self._leaves[self._first : self._next] <= step).sum())
        out = self._content[self._first : last].sum(axis=0)
        self._first = last
        return out

    def enter(self, step: int, persons: Value) -> None:
        """Expected persons enter, ``[runs]``."""
        self._content[self._next] = self._entered[self._next] = persons
        self._next += 1


LEAST = 1e-100
"""Below this what has faded is written out, so that no cohort is divided by a number that is lost to rounding."""


class FadingBelt:
    """A conveyor of expected persons all of whose leaks are shares of its content: every cohort fades alike.

    One number says how much of each cohort is left since the start, so that a step costs the same however long the term is. A cohort
    is kept as what it would have been at the start: with ``P`` the product of all that stayed step by step, content = laid * P.
    """

    def __init__(self, term: Term, starts: Value, runs: int) -> None:
        self._leaves = deque([*range(term.slats), *term.leaves])
        share = np.broadcast_to(starts, (runs,)) / term.slats
        self._laid = deque([share] * term.slats)
        self._total = np.broadcast_to(starts, (runs,)).astype(np.float64)
        self._faded: Value = 1.0
        self._stays: Value = 1.0

    def total(self) -> Value:
        """Expected persons on the belt, ``[runs]``."""
        return self._total

    def begin(self) -> None:
        """A step begins: nothing has leaked in it yet."""
        self._stays = 1.0

    def leak(self, share: Value, of_entry: bool) -> Value:
        """Take a share of what lay there as the step began, at most what is left of it. Returns expected persons, ``[runs]``."""
        assert not of_entry
        first = isinstance(self._stays, float) and self._stays == 1.0
        taken = share if first else np.minimum(share, self._stays)
        self._stays = self._stays - taken
        return self._total * taken

    def finish(self, step: int) -> Value:
        """Expected persons whose term is over leave, ``[runs]``."""
        self._faded = self._faded * self._stays
        if np.min(self._faded) < LEAST:
            self._laid = deque(laid * self._faded for laid in self._laid)
            self._faded = 1.0
        out: Value = 0.0
        while self._laid and self._leaves[0] <= step:
            self._leaves.popleft()
            out = out + self._laid.popleft() * self._faded
        self._total = self._total * self._stays
        self._total -= out
        np.maximum(self._total, 0.0, out=self._total)
        if not self._laid:
            self._total[:] = 0.0
        return out

    def enter(self, step: int, persons: Value) -> None:
        """Expected persons enter, ``[runs]``."""
        self._laid.append(persons / self._faded + np.zeros_like(self._total))
        self._total = self._total + persons
