"""The men of call-up age year by year: who could be called, who is deferred, unfit, has served or is abroad; and when they run short.

Men are counted by single year of age on 1 January; a law's band from one age to another holds whoever reached the first birthday and
not yet the second. Each year of birth is divided by shares, drawn from priors; the shares of a year of birth change by what happens in
a year, its size by deaths alone. Persons who left are a claim about a total, divided over the ages of the band by nothing but size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from callup.terms.errors import BadInput

Floats = npt.NDArray[np.float64]

STATES = ("free", "deferred", "unfit", "served", "abroad")
"""Where the men of the band stand; a man is in one of them. Who is excused for good counts with the deferred."""

PRIORS = ("fit", "deferred", "freed", "excused", "achieved", "left", "of_age", "returned")
"""What is drawn, by name; see the carried ``pool.toml`` for what each means."""

ENOUGH = 1.2
"""The free fall short in a year when they are fewer than so many times the quota: not everybody free can be found in time."""

LEFT_IN = (2022, 2023)
"""Years in which the claimed departures are set, in equal parts."""


@dataclass(frozen=True, slots=True)
class Band:
    """Ages that a law binds, from a day on.

    Args:
        since: first day.
        age_from: bound from this birthday.
        age_to: no longer bound from this birthday.
        citation: of the law.
        stays_out: citation of the rule by which whoever had reached the upper age before this day is not bound again; empty where none.
    """

    since: date
    age_from: int
    age_to: int
    citation: str
    stays_out: str = ""


@dataclass(frozen=True, slots=True)
class Prior:
    """A share or number that is drawn uniformly between two ends."""

    name: str
    low: float
    high: float
    means: str
    source: str


@dataclass(frozen=True, slots=True)
class PoolYear:
    """One year of the outlook; persons on 1 January over runs, ``[runs]``.

    Args:
        year: of the outlook.
        ages: first age bound and first age no longer bound.
        men: in the band.
        coming: men who turn the first age in the year.
        quota: to be called up in the year, persons.
        states: men of the band by where they stand, ``[runs]`` each.
        short: share of runs in which the free are fewer than `ENOUGH` times the quota.
    """

    year: int
    ages: tuple[int, int]
    men: float
    coming: float
    quota: float
    states: Mapping[str, Floats]
    short: float


@dataclass(frozen=True, slots=True)
class Pool:
    """The outlook.

    Args:
        years: in order.
        drawn: the priors as drawn, ``[runs]`` by name.
        first_short: first year short in each run, ``[runs]``; 0 where none is in the outlook.
        share_served: by year in which a year of birth leaves the band, the share of it that was called up, ``[runs]``.
    """

    years: tuple[PoolYear, ...]
    drawn: Mapping[str, Floats]
    first_short: npt.NDArray[np.int64]
    share_served: Mapping[int, Floats]


def single_ages(groups: Sequence[float], width: int = 5) -> Floats:
    """Divide groups of ages into single ages: of all curves with the groups' sums the one that bends least.

    Args:
        groups: persons, ``[groups]``.
        width: ages in a group.

    Returns:
        persons, ``[groups * width]``; none below 0.

    Example:
        >>> single_ages([10.0, 10.0]).round(6).tolist()
        [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    """
    ages = len(groups) * width
    bends = np.diff(np.eye(ages), 2, axis=0)
    sums = np.repeat(np.eye(len(groups)), width, axis=1)
    system = np.block([[bends.T @ bends, sums.T], [sums, np.zeros((len(groups), len(groups)))]])
    found = np.linalg.solve(system, np.concatenate([np.zeros(ages), np.asarray(groups, dtype=np.float64)]))
    return np.maximum(found[:ages], 0.0)


def project(base: Floats, death_rates: Floats, years: int) -> Floats:
    """Age men year by year with nobody born: what is asked are ages that are alive already.

    Args:
        base: men by age, ``[ages]``.
        death_rates: deaths a man a year, ``[ages]``.
        years: how many.

    Returns:
        ``[years + 1, ages]``; an age that nobody alive can have is 0.
    """
    rows = np.zeros((years + 1, len(base)))
    rows[0] = base
    for year in range(years):
        rows[year + 1, 1:] = rows[year, :-1] * np.exp(-death_rates[:-1])
    return rows


def project_back(base: Floats, death_rates: Floats, years: int) -> Floats:
    """Make men younger year by year, those who died since added back at the rate of each age.

    Args:
        base: men by age, ``[ages]``.
        death_rates: deaths a man a year, ``[ages]``.
        years: how many.

    Returns:
        ``[years + 1, ages]``, row ``k`` of ``k`` years before; an age whose men are older than the table is 0.

    Example:
        >>> project_back(np.array([0.0, 6.0, 3.0]), np.zeros(3), 1).tolist()
        [[0.0, 6.0, 3.0], [6.0, 3.0, 0.0]]
    """
    rows = np.zeros((years + 1, len(base)))
    rows[0] = base
    for year in range(years):
        rows[year + 1, :-1] = rows[year, 1:] * np.exp(death_rates[:-1])
    return rows


def band_at(bands: Sequence[Band], day: date) -> Band:
    """The band in force.

    Raises:
        BadInput: ``pool-no-band``.
    """
    held = [band for band in bands if band.since <= day]
    if not held:
        raise BadInput("pool-no-band", {"day": day}, "the law has no ages for so early a day")
    return max(held, key=lambda band: band.since)


def bound_ages(bands: Sequence[Band], year: int) -> tuple[int, int]:
    """Ages bound on 1 January of a year, where the law says so without those who had reached the upper age before it rose.

    Args:
        bands: of the law.
        year: of the outlook.

    Example:
        >>> bands = [Band(date(1998, 1, 1), 18, 27, ""), Band(date(2024, 1, 1), 18, 30, "", "a rule")]
        >>> [bound_ages(bands, year) for year in (2023, 2024, 2025, 2027)]
        [(18, 27), (18, 27), (18, 28), (18, 30)]
    """
    now = band_at(bands, date(year, 1, 1))
    upper = now.age_to
    for before in bands:
        if now.stays_out and before.since < now.since and before.age_to < now.age_to:
            upper = min(upper, before.age_to + year - now.since.year)
    return now.age_from, upper


def draw_priors(priors: Sequence[Prior], generator: np.random.Generator, runs: int) -> Mapping[str, Floats]:
    """Draw each prior, in the order of the file.

    Raises:
        BadInput: ``pool-priors``: one is lacking, unknown, or its ends are out of order.
    """
    names = [prior.name for prior in priors]
    wrong = [prior.name for prior in priors if not 0 <= prior.low <= prior.high]
    if sorted(names) != sorted(PRIORS) or wrong:
        raise BadInput("pool-priors", {"given": ", ".join(names), "out_of_order": ", ".join(wrong)}, f"give each once: {', '.join(PRIORS)}")
    return {prior.name: generator.uniform(prior.low, prior.high, runs) for prior in priors}


def outlook(
    men: Mapping[int, Floats],
    bands: Sequence[Band],
    quotas: Mapping[int, float],
    drawn: Mapping[str, Floats],
    *,
    asked_from: int,
    departures: bool = True,
) -> Pool:
    """Follow the years of birth through the band.

    Args:
        men: by age on 1 January, ``[ages]`` by year; every year of the outlook and the one after.
        bands: of the law.
        quotas: persons to be called up by year; the first years only fill the states.
        drawn: the priors, ``[runs]`` by name.
        asked_from: first year that may be found short; a band's width after the first year, for the states to be filled.
        departures: whether the claimed departures are taken off.

    Raises:
        BadInput: ``pool-years``: a year lacks men.
    """
    years = sorted(quotas)
    if lacking := [year for year in years if year not in men]:
        raise BadInput("pool-years", {"years": ", ".join(map(str, lacking))}, "give men by age for every year of the outlook")
    runs, ages = len(drawn["fit"]), len(men[years[0]])
    shares = np.zeros((len(STATES), ages, runs))
    rows, first, served = [], np.zeros(runs, dtype=np.int64), {}
    for year in years:
        low, high = bound_ages(bands, year)
        shares[:, low] = _coming(drawn)
        free = men[year][low:high, None] * shares[0, low:high]
        rows.append(_row(year, (low, high), men[year], shares, quotas[year]))
        first[(first == 0) & (year >= asked_from) & (free.sum(axis=0) < ENOUGH * quotas[year])] = year
        served[year] = shares[3, high - 1].copy()
        _call_up(shares, free, slice(low, high), drawn["achieved"] * quotas[year])
        if departures and year in LEFT_IN:
            _depart(shares, men[year], slice(low, high), drawn)
        _pass(shares, slice(low, high), drawn)
        shares[:, 1:] = shares[:, :-1].copy()
    return Pool(tuple(rows), drawn, first, served)


def _coming(drawn: Mapping[str, Floats]) -> Floats:
    """Where those stand who are new in the band, ``[states, runs]``."""
    fit, nobody = drawn["fit"], np.zeros_like(drawn["fit"])
    return np.array([fit * (1 - drawn["deferred"]), fit * drawn["deferred"], 1 - fit, nobody, nobody])


def _row(year: int, ages: tuple[int, int], men: Floats, shares: Floats, quota: float) -> PoolYear:
    band = slice(*ages)
    states = {name: men[band] @ shares[number, band] for number, name in enumerate(STATES)}
    short = float(np.mean(states["free"] < ENOUGH * quota))
    return PoolYear(year, ages, float(men[band].sum()), float(men[ages[0] - 1]), quota, states, short)


def _call_up(shares: Floats, free: Floats, band: slice, wanted: Floats) -> None:
    """Take the quota from the free of every age alike, never more than are there."""
    part = np.minimum(1.0, wanted / np.maximum(free.sum(axis=0), 1.0))
    taken = shares[0, band] * part
    shares[0, band] -= taken
    shares[3, band] += taken


def _depart(shares: Floats, men: Floats, band: slice, drawn: Mapping[str, Floats]) -> None:
    """Take half of the claimed departures from the free, deferred and unfit of every age alike."""
    stays = shares[:3, band]
    there = (men[band, None] * stays.sum(axis=0)).sum(axis=0)
    part = np.minimum(1.0, drawn["left"] * drawn["of_age"] * (1 - drawn["returned"]) / len(LEFT_IN) / np.maximum(there, 1.0))
    shares[4, band] += stays.sum(axis=0) * part
    shares[:3, band] = stays * (1 - part)


def _pass(shares: Floats, band: slice, drawn: Mapping[str, Floats]) -> None:
    """A year's end: deferrals that end, and the free who pass into another ground for good for good."""
    freed, excused = shares[1, band] * drawn["freed"], shares[0, band] * drawn["excused"]
    shares[0, band] += freed - excused
    shares[1, band] += excused - freed


def largest_quota(
    men: Mapping[int, Floats],
    bands: Sequence[Band],
    quotas: Mapping[int, float],
    drawn: Mapping[str, Floats],
    *,
    asked_from: int,
    chance: float = 0.95,
) -> int:
    """The largest yearly quota, in thousands of persons, with which no year asked for is short in so many of the runs.

    Args:
        men: as `outlook`.
        bands: as `outlook`.
        quotas: as `outlook`; those from ``asked_from`` on are tried.
        drawn: as `outlook`.
        asked_from: first year of the quota that is looked for.
        chance: share of runs.
    """
    low, high = 0, 4000
    while high - low > 1:
        middle = (low + high) // 2
        tried = {year: 1000.0 * middle if year >= asked_from else quota for year, quota in quotas.items()}
        enough = np.mean(outlook(men, bands, tried, drawn, asked_from=asked_from).first_short == 0) >= chance
        low, high = (middle, high) if enough else (low, middle)
    return low


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Of 100 notices that nobody answered, how many have a cause that is nobody's choice; low, middle, high.

    Args:
        never_served: the notice did not reach the person.
        abroad: of these the person has left, by claims about totals.
        unknown: the notice was served and nothing is known of the cause.
    """

    never_served: tuple[float, float, float]
    abroad: tuple[float, float, float]
    unknown: tuple[float, float, float]


def unanswered(served: Floats, appears: Floats, abroad: Floats) -> Unanswered:
    """Divide the notices that nobody answered.

    Args:
        served: share of notices that reach the person, ``[runs]``.
        appears: share of those who come, ``[runs]``.
        abroad: share of the men of the band who have left, ``[runs]``.

    Example:
        >>> one = np.ones(3)
        >>> unanswered(0.8 * one, 0.75 * one, 0.1 * one).never_served
        (50.0, 50.0, 50.0)
    """
    silent = 1 - served * appears
    missed = (1 - served) / silent
    gone = np.minimum(abroad / silent, missed)
    low_middle_high = [
        tuple(round(float(value), 1) for value in 100 * np.quantile(part, (0.05, 0.5, 0.95))) for part in (missed, gone, 1 - missed)
    ]
    return Unanswered(*low_middle_high)  # type: ignore[arg-type] # three quantiles each
