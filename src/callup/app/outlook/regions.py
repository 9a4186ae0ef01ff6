"""The pool unit by unit: the same cohorts and shares as for the country, on the men of each federal subject by single age."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from callup.app.outlook.men import BASE, WIDTH, bands_of, quotas_of, thirds
from callup.app.record.carrying import Where, opened, table
from callup.jurisdictions import resource
from callup.planning.pool import Band, Floats, PoolYear, bound_ages, outlook, project, project_back
from callup.terms.errors import BadInput

MEN = "data/men_by_subject_age.csv"
FIRST, LAST = 2012, 2026
"""Years on whose 1 January the table, ages 16 to 40 in the middle of 2025, has every age that was bound, and in the last who turns 18."""

FILLED = 2021
"""The first year asked for: nine years after the first, so that every age bound then has passed through the years before."""


@dataclass(frozen=True, slots=True)
class UnitPool:
    """One unit on 1 January of a year.

    Args:
        unit: its code.
        men: in the band.
        coming: men who turn the first age in the year.
        quota: to be called up in the year.
        free: men who could be called: 5, 50 and 95 of 100 runs lie below.
        called: of 100 men of the oldest age bound, called up so far: 5, 50 and 95 of 100 runs.
        short: share of runs in which the free are too few.
    """

    unit: str
    men: float
    coming: float
    quota: float
    free: tuple[float, float, float]
    called: tuple[float, float, float]
    short: float


def by_unit(where: Where, year: int, drawn: Mapping[str, Floats], quota: int, own: Mapping[str, int] | None = None) -> tuple[UnitPool, ...]:
    """Follow the men of every unit until a year.

    Quotas by unit are published nowhere as a whole: each year's number is divided by the men bound, but in the year asked where ``own``
    has it. Shares of fit and deferred are the same everywhere, since nothing is published unit by unit; who left is taken off by size.

    Args:
        where: a jurisdiction, or a record.
        year: from `FILLED` to `LAST`.
        drawn: the priors, ``[runs]`` by name.
        quota: of years after the carried decrees.
        own: quotas by unit of the year asked.

    Raises:
        BadInput: ``pool-unit-year``; ``pool-unit``: a unit of ``own`` is none of the table.
    """
    if not FILLED <= year <= LAST:
        raise BadInput("pool-unit-year", {"year": year}, f"the men by unit and single age allow the years {FILLED} to {LAST}")
    men, bands, national = men_of_units(where), bands_of(opened(where).code), quotas_of(where, quota, LAST)
    if unknown := sorted(set(own or ()) - men.keys()):
        raise BadInput("pool-unit", {"units": ", ".join(unknown)}, f"the units are named as in {MEN}: {', '.join(sorted(men)[:3])} ...")
    years = range(FIRST, year + 1)
    weights = {one: _weights(men, bands, one) for one in years}
    found = []
    for at, unit in enumerate(men):
        quotas = {one: national[one] * weights[one][at] for one in years}
        if own:
            quotas[year] = float(own.get(unit, 0))
        here = dict(drawn) | {"left": drawn["left"] * weights[2022][at]}
        pool = outlook(men[unit], bands, quotas, here, asked_from=year)
        found.append(_unit(unit, pool.years[-1], pool.share_served[year]))
    return tuple(found)


def _unit(unit: str, row: PoolYear, called: Floats) -> UnitPool:
    low, middle, high = thirds(100 * called)
    return UnitPool(unit, row.men, row.coming, row.quota, thirds(row.states["free"]), (low, middle, high), row.short)


def _weights(men: Mapping[str, Mapping[int, Floats]], bands: Sequence[Band], year: int) -> Floats:
    """Each unit's part of the men bound in a year, ``[units]``."""
    band = slice(*bound_ages(bands, year))
    there = np.array([float(rows[year][band].sum()) for rows in men.values()])
    return np.asarray(there / there.sum())


def men_of_units(where: Where) -> dict[str, dict[int, Floats]]:
    """Men by unit, year and single age on 1 January: the mean of the middles of both years, made from the table's one year by age.

    Deaths are those of the country, for age 40 those of the ages before; nobody moves.
    """
    rates = np.repeat([float(row["death_rate"]) for row in table(where, "men_2025.csv")], WIDTH)
    rates = np.append(rates, rates[-1])
    base: dict[str, Floats] = {}
    for row in csv.DictReader(resource(opened(where).code, MEN).decode().splitlines()):
        base.setdefault(row["iso_code"], np.zeros(len(rates)))[int(row["age"])] = float(row["men"])
    return {unit: _years(men, rates) for unit, men in base.items()}


def _years(men: Floats, rates: Floats) -> dict[int, Floats]:
    before, after = project_back(men, rates, BASE - FIRST + 1), project(men, rates, LAST - BASE)
    middles = {BASE - back: row for back, row in enumerate(before)} | {BASE + ahead: row for ahead, row in enumerate(after)}
    return {year: (middles[year - 1] + middles[year]) / 2 for year in range(FIRST, LAST + 1)}
