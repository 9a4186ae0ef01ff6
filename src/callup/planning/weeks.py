"""Which unit sends how many notices in which week: slots of boards, mobile teams of a district, places at reception.

A linear programme says the least; its answer is made whole and repaired, and stays compared with it: the programme's optimum is a bound
that no plan of whole notices and whole teams can beat. What binds is said in words, and where no plan fits, what is lacking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from callup.planning.notices import Counts
from callup.planning.yields import Floats
from callup.terms.errors import BadInput

LATER = 0.001
"""What a notice a week later costs in weeks of a team: teams are saved first, then time."""

LACKING = 1_000.0
"""What a lacking slot, team or place costs where the programme is asked what is lacking."""

SHOWN, LEAST, ROUNDS = 8, 1e-6, 4


@dataclass(frozen=True, slots=True)
class Places:
    """What the weeks have to offer, and what is to be sent.

    Args:
        units: codes, ``[units]``.
        district: number of each unit's district, ``[units]``.
        notices: to be sent, ``[units]``.
        appear: persons who appear a notice, taken high so that slots do not overrun, ``[units]``.
        arrive: persons called up a notice, expected, ``[units]``.
        slots: of the unit's own board in a week, ``[units]``.
        districts: names, ``[districts]``.
        teams: of a district in a week, ``[districts]``.
        team_slots: of one team in a week.
        reception: persons taken in a week.
        weeks: of the call-up.
    """

    units: Sequence[str]
    district: Counts
    notices: Counts
    appear: Floats
    arrive: Floats
    slots: Floats
    districts: Sequence[str]
    teams: Counts
    team_slots: int
    reception: float
    weeks: int


@dataclass(frozen=True, slots=True)
class Binding:
    """A row that binds: what, where, in which week (0: any), and by how much the plan would be cheaper for one more, in weeks of a team."""

    what: str
    where: str
    week: int
    worth: float


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """A plan of whole notices and teams.

    Args:
        notices: ``[units, weeks]``.
        teams: ``[units, weeks]``.
        cost: of the plan, in weeks of a team.
        bound: of the linear programme: no plan costs less.
        binding: rows that bind, dearest first.
    """

    notices: Counts
    teams: Counts
    cost: float
    bound: float
    binding: tuple[Binding, ...]

    @property
    def gap(self) -> float:
        """How far the plan may be from the best one, as a share of the bound."""
        return self.cost / self.bound - 1 if self.bound else 0.0


def plan_weeks(places: Places) -> WeekPlan:
    """Plan the weeks.

    Args:
        places: see there.

    Raises:
        BadInput: ``weeks-places``: shapes or numbers are wrong; ``weeks-no-plan``: nothing fits, with what is lacking.
    """
    _must_fit(places)
    bound = _solve(_Programme(places, 0.0))
    if bound is None:
        raise BadInput("weeks-no-plan", {"lacking": "; ".join(lacking(places))}, "give more of what is lacking, or send fewer notices")
    roomy = _solve(_Programme(places, 1.0)) or bound
    teams = _whole_teams(places, roomy[1])
    for _ in range(ROUNDS):
        more = _solve(_Programme(places, 1.0, teams))
        if more is None or more[1].max() < LEAST:
            break
        teams = _added(places, teams, more[1])
    notices = _whole_notices(places, teams)
    cost = float(teams.sum() + LATER * (notices * np.arange(places.weeks)).sum())
    return WeekPlan(notices, teams, cost, bound[2], bound[3])


def lacking(places: Places) -> tuple[str, ...]:
    """What would have to be added for a plan to fit, the least of it, in words.

    Args:
        places: for which no plan fits.
    """
    programme = _Programme(places, 0.0)
    more: dict[tuple[str, str], list[float]] = {}
    for (what, where, _), amount in zip(programme.rows, _elastic(programme), strict=True):
        if amount > LEAST:
            more.setdefault((what, where), []).append(float(amount))
    ordered = sorted(more.items(), key=lambda pair: -sum(pair[1]))
    words = [f"{what} {where}: {np.ceil(sum(found)):,.0f} more over {len(found)} weeks" for (what, where), found in ordered]
    return (*words[:SHOWN], *([f"and {len(words) - SHOWN} more rows"] if len(words) > SHOWN else []))


def _must_fit(places: Places) -> None:
    units = len(places.units)
    arrays = (places.district, places.notices, places.appear, places.arrive, places.slots)
    shaped = all(one.shape == (units,) for one in arrays) and places.teams.shape == (len(places.districts),)
    if not shaped or not units or places.weeks < 1 or places.team_slots < 1:
        raise BadInput("weeks-places", {"units": units, "weeks": places.weeks}, "give each number once for each unit and district")
    numbers = (places.notices, places.slots, places.teams)
    if min(float(one.min()) for one in numbers) < 0 or not 0 < float(places.appear.min()) <= float(places.appear.max()) <= 1:
        raise BadInput("weeks-places", {"units": units, "weeks": places.weeks}, "numbers are 0 or more, shares above 0 and at most 1")


class _Programme:
    """The linear programme: notices and teams of each unit and week, at the least cost."""

    def __init__(self, places: Places, room: float, given: Counts | None = None) -> None:
        """Lay the rows down; with ``room`` 1 slots and places leave room for one notice more a unit and week, for rounding.

        Teams that are ``given`` already cost nothing more; those asked for come on top, as far as their district has any left.
        """
        from scipy import sparse

        self.places = places
        units, weeks, districts = len(places.units), places.weeks, len(places.districts)
        size = units * weeks
        each, week_of = sparse.identity(size, format="csr"), sparse.identity(weeks, format="csr")
        member = sparse.csr_matrix((np.ones(units), (places.district, np.arange(units))), shape=(districts, units))
        appear = sparse.diags(np.repeat(places.appear, weeks))
        slots = sparse.hstack([appear, -places.team_slots * each])
        teams = sparse.hstack([sparse.csr_matrix((districts * weeks, size)), sparse.kron(member, week_of)])
        arrive = sparse.hstack([sparse.kron(places.arrive[None, :], week_of), sparse.csr_matrix((weeks, size))])
        self.matrix = sparse.vstack([slots, teams, arrive], format="csr")
        already = np.zeros((units, weeks), dtype=np.int64) if given is None else given
        own = np.maximum(places.slots - room * places.appear, 0)[:, None] + places.team_slots * already
        left = np.maximum(places.teams[:, None] - member @ already, 0)
        reception = max(places.reception - room * float(places.arrive.sum()), 0.0)
        self.limits = np.concatenate([own.ravel(), left.ravel(), np.full(weeks, reception)])
        self.sums = sparse.hstack(
            [sparse.kron(sparse.identity(units), np.ones((1, weeks))), sparse.csr_matrix((units, size))], format="csr"
        )
        self.costs = np.concatenate([np.tile(LATER * np.arange(weeks), units), np.ones(size)])

    @property
    def rows(self) -> list[tuple[str, str, int]]:
        """What each row is, in the order of the limits."""
        weeks = range(1, self.places.weeks + 1)
        slots = [("slots of", unit, week) for unit in self.places.units for week in weeks]
        teams = [("teams of", district, week) for district in self.places.districts for week in weeks]
        return [*slots, *teams, *(("places at", "reception", week) for week in weeks)]


Solved = tuple[Floats, Floats, float, tuple[Binding, ...]]


def _solve(programme: _Programme) -> Solved | None:
    """Notices and teams of each unit and week, the cost, the rows that bind; None where nothing fits."""
    from scipy.optimize import linprog

    places = programme.places
    found = linprog(programme.costs, programme.matrix, programme.limits, programme.sums, places.notices, method="highs")
    if found.status != 0:
        return None
    shape = (len(places.units), places.weeks)
    notices, teams = found.x.reshape(2, *shape)
    worth = -np.asarray(found.ineqlin.marginals)
    order = [int(row) for row in np.argsort(-worth, kind="stable")[:SHOWN] if worth[row] > LEAST]
    binding = tuple(Binding(*programme.rows[row], float(worth[row])) for row in order)
    return notices, teams, float(found.fun), binding


def _elastic(programme: _Programme) -> Floats:
    """How much each row would have to give more, all together as little as can be."""
    from scipy import sparse
    from scipy.optimize import linprog

    rows = len(programme.limits)
    weights = np.array([programme.places.team_slots if what == "teams of" else 1.0 for what, _, _ in programme.rows])
    matrix = sparse.hstack([programme.matrix, -sparse.identity(rows)], format="csr")
    sums = sparse.hstack([programme.sums, sparse.csr_matrix((programme.sums.shape[0], rows))], format="csr")
    costs = np.concatenate([programme.costs, LACKING * weights])
    found: Any = linprog(costs, matrix, programme.limits, sums, programme.places.notices, method="highs")
    return np.asarray(found.x[-rows:])


def _whole_teams(places: Places, asked: Floats) -> Counts:
    """Whole teams: each unit keeps its weeks' whole ones; what is left of it is gathered into whole weeks where its district has a team."""
    teams = np.floor(asked + LEAST).astype(np.int64)
    spare = np.repeat(places.teams[:, None], places.weeks, axis=1)
    for unit, row in enumerate(teams):
        spare[places.district[unit]] -= row
    for unit in np.argsort(-(asked - teams).sum(axis=1), kind="stable"):
        rest = asked[unit] - teams[unit]
        for _ in range(int(np.ceil(rest.sum() - LEAST))):
            free = spare[places.district[unit]] > 0
            week = int(np.argmax(np.where(free, rest, -1.0)))
            if not free.any():
                break
            teams[unit, week] += 1
            spare[places.district[unit], week] -= 1
            rest[week] -= 1
    return teams


def _added(places: Places, teams: Counts, asked: Floats) -> Counts:
    """Whole teams more where parts of teams are asked for, as far as their district has any left in that week."""
    teams = teams.copy()
    for unit, week in np.argwhere(asked > LEAST):
        beside = teams[places.district == places.district[unit], week].sum()
        left = int(places.teams[places.district[unit]] - beside)
        teams[unit, week] += min(int(np.ceil(asked[unit, week] - LEAST)), max(left, 0))
    return teams


def _whole_notices(places: Places, teams: Counts) -> Counts:
    """Whole notices with these teams, as early as slots and reception allow.

    Raises:
        BadInput: ``weeks-no-whole-plan``: whole teams do not fit where parts of teams did.
    """
    from scipy import sparse
    from scipy.optimize import linprog

    units, weeks = teams.shape
    most = np.floor((places.slots[:, None] + places.team_slots * teams) / places.appear[:, None] + LEAST)
    room = places.reception - float(places.arrive.sum())
    arrive = sparse.kron(places.arrive[None, :], sparse.identity(weeks), format="csr")
    sums = sparse.kron(sparse.identity(units), np.ones((1, weeks)), format="csr")
    bounds = np.stack([np.zeros(units * weeks), most.ravel()], axis=1)
    costs = np.tile(LATER * np.arange(weeks), units)
    found = linprog(costs, arrive, np.full(weeks, max(room, 0.0)), sums, places.notices, bounds=bounds, method="highs")
    if found.status != 0:
        raise BadInput(
            "weeks-no-whole-plan", {"units": units}, "give one team or some slots more: parts of teams would fit, whole ones do not"
        )
    notices: Counts = np.floor(found.x.reshape(units, weeks) + LEAST).astype(np.int64)
    for unit in range(units):
        for _ in range(int(places.notices[unit] - notices[unit].sum())):
            part = np.where(notices[unit] < most[unit], found.x.reshape(units, weeks)[unit] - notices[unit], -np.inf)
            notices[unit, int(np.argmax(part))] += 1
    return notices
