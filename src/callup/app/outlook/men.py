"""The men of call-up age year by year, the share called, and when they run short: figures and sentences."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from callup.app.record import men_by_age, model_text, past_call_ups
from callup.app.record.carrying import Where, opened, table
from callup.jurisdictions import load
from callup.planning.pool import (
    ENOUGH,
    STATES,
    Band,
    Floats,
    Pool,
    Prior,
    Unanswered,
    draw_priors,
    largest_quota,
    outlook,
    project,
    single_ages,
    unanswered,
)  # fmt: skip
from callup.terms.errors import BadInput

if TYPE_CHECKING:
    from callup.app.outlook.regions import UnitPool

FIRST, BASE, WIDTH = 2010, 2025, 5
"""First year that states are filled from; the year of the carried population; ages in its groups."""

FEW = 400
"""Runs in which the largest quota is looked for, and the units are followed."""

STAYS_OUT = {"ru": "turned_27_before_2024"}
"""The rule of a law by which whoever had reached the upper age before it rose is not bound again."""

UNIT_HEADS = ("unit", "men bound", "free", "free, low", "turn 18", "quota", "of 100 turning 18", "called by the oldest age", "short in 100")

SERVED, APPEARS = (0.815, 0.894), (0.90, 0.97)
"""Shares of notices that reach the person (Voronezh; St Petersburg, spring 2019) and of those who come (assumed), as in ``funnel.toml``."""


@dataclass(frozen=True, slots=True)
class Looked:
    """An outlook with and without departures, and what it was made of.

    Args:
        after: with the claimed departures.
        without: as if nobody had left.
        silent: causes of 100 unanswered notices, in the year after the carried decrees.
        largest: yearly quota that is not short in any year in 95 of 100 runs, to the thousand.
        priors: what was drawn.
        bands: of the law.
        quota: of each year after the carried decrees.
        until: last year.
        totals: of those who are said not to have come, as printed: claims about totals.
        seed: of the draws.
    """

    after: Pool
    without: Pool
    silent: Unanswered
    largest: int
    priors: tuple[Prior, ...]
    bands: tuple[Band, ...]
    quota: int
    until: int
    totals: tuple[dict[str, str], ...]
    seed: int


def looked(where: Where, quota: int, until: int, *, runs: int, seed: int) -> Looked:
    """Look ahead.

    Raises:
        BadInput: ``no-record``: no population or no priors are carried for the jurisdiction.
    """
    text, code = model_text(where, "pool.toml"), opened(where).code
    if not text:
        raise BadInput("no-record", {"jurisdiction": code}, "no priors of a pool are carried for it")
    priors = tuple(Prior(**row) for row in tomllib.loads(text)["prior"])
    drawn = draw_priors(priors, np.random.default_rng([seed, 1]), runs)
    bands, men = bands_of(code), men_of(where, until)
    quotas = quotas_of(where, quota, until)
    after, without = (outlook(men, bands, quotas, drawn, asked_from=BASE + 1, departures=departures) for departures in (True, False))
    now = next(row for row in after.years if row.year == BASE + 1)
    generator = np.random.default_rng([seed, 2])
    served, appears = (generator.uniform(*ends, runs) for ends in (SERVED, APPEARS))
    silent = unanswered(served, appears, now.states["abroad"] / now.men)
    few = {name: values[:FEW] for name, values in drawn.items()}
    largest = largest_quota(men, bands, quotas, few, asked_from=BASE + 1)
    return Looked(after, without, silent, 1000 * largest, priors, bands, quota, until, tuple(table(where, "not_come.csv")), seed)


def bands_of(jurisdiction: str) -> tuple[Band, ...]:
    """The ages that the law binds, as dated in the law's own file: planning sees these numbers and no law (design D9).

    Raises:
        BadInput: ``pool-no-band``: the law does not name its ages so.
    """
    law = load(jurisdiction).law
    if not {"age_from", "age_to"} <= set(law.parameters):
        raise BadInput("pool-no-band", {"jurisdiction": jurisdiction}, "its law has no dated age_from and age_to")
    lower, upper = law.parameters["age_from"], law.parameters["age_to"]
    days = sorted({dated.since for parameter in (lower, upper) for dated in parameter.values})
    acts = {dated.since: dated.act for dated in (*lower.values, *upper.values)}
    out = law.rule(STAYS_OUT[jurisdiction]).citation if jurisdiction in STAYS_OUT else ""
    return tuple(Band(day, _whole(lower.at(day)), _whole(upper.at(day)), acts[day], out) for day in days)


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise BadInput("pool-no-band", {"value": value}, "the law's ages are not known on that day")
    return value


def quotas_of(where: Where, quota: int, until: int) -> dict[int, float]:
    """Persons to be called up by year: the carried decrees, then the same number every year."""
    found = dict.fromkeys(range(FIRST, until + 1), 0.0)
    for one in past_call_ups(where):
        if one.year in found:
            found[one.year] += one.persons
    return {year: number or float(quota) for year, number in found.items()}


def men_of(where: Where, until: int) -> dict[int, Floats]:
    """Men by single age on 1 January: the mean of the middles of both years, groups divided, later years aged from the last."""
    rows = list(table(where, "men_2025.csv"))
    base = single_ages([float(row["men_2025"]) for row in rows], WIDTH)
    middles = dict(enumerate(project(base, np.repeat([float(row["death_rate"]) for row in rows], WIDTH), until - BASE), BASE))
    for year, groups in _groups(where):
        if year < BASE:
            first = min(groups)
            middles[year] = np.zeros(len(base))
            middles[year][first : first + WIDTH * len(groups)] = single_ages([groups[age] for age in sorted(groups)], WIDTH)
    return {year: (middles[year - 1] + middles[year]) / 2 for year in range(FIRST, until + 1)}


def _groups(where: Where) -> Iterator[tuple[int, Mapping[int, float]]]:
    years: dict[int, dict[int, float]] = {}
    for (year, age), men in men_by_age(where).items():
        years.setdefault(year, {})[age] = men
    yield from years.items()


def prior_row(prior: Prior) -> dict[str, str]:
    """A prior in words, by column."""
    return {"prior": prior.name, "low": f"{prior.low:,.10g}", "high": f"{prior.high:,.10g}", "means": prior.means, "source": prior.source}


def unit_rows(units: Sequence[UnitPool]) -> list[tuple[str, ...]]:
    """Units in words, in the columns of `UNIT_HEADS`, those with the largest quota a man who turns 18 first."""
    return [
        (one.unit, f"{one.men:,.0f}", f"{one.free[1]:,.0f}", f"{one.free[0]:,.0f}", f"{one.coming:,.0f}",
         f"{one.quota:,.0f}", f"{100 * one.quota / one.coming:.1f}", f"{one.called[1]:.0f}", f"{100 * one.short:.0f}")
        for one in sorted(units, key=lambda one: -one.quota / one.coming)
    ]  # fmt: skip


def beside_country(units: Sequence[UnitPool], found: Looked, year: int) -> str:
    """The units' sum beside the country's men, which another source counts."""
    whole = next(row.men for row in found.after.years if row.year == year)
    there = sum(one.men for one in units)
    return (
        f"The units have {there:,.0f} men bound (Russian Fertility and Mortality Database, cohorts of 2022; deaths as in the country, "
        f"nobody moves), the country {whole:,.0f} (World Population Prospects): {100 * (there / whole - 1):+.1f} in 100, two sources "
        "that are not mixed. Shares of fit and deferred are taken as the same in every unit: nothing is published unit by unit."
    )


def sentences(found: Looked) -> tuple[str, ...]:
    """What follows, in words."""
    year = min(found.until, 2037)
    (low, middle, high), (_, without, _) = (thirds(one.share_served[year]) for one in (found.after, found.without))
    missed, abroad, unknown = found.silent.never_served, found.silent.abroad, found.silent.unknown
    return (
        f"Short means: fewer free men on 1 January than {ENOUGH:g} times the year's quota. {_short(found.after, found.until)}",
        f"As if nobody had left: {_short(found.without, found.until)}",
        f"The largest yearly quota that is not short until {found.until} in 95 of 100 runs: {found.largest:,}.",
        f"Of the men who leave the band in {year}, {100 * middle:.0f} of 100 will have been called up (90 of 100 runs: {100 * low:.0f} to "
        f"{100 * high:.0f}); as if nobody had left, {100 * without:.0f}.",
        f"Of 100 notices that nobody answers {missed[1]:.0f} never reached the person ({missed[0]:.0f} to {missed[2]:.0f}), "
        f"some {abroad[1]:.0f} of these because the person has left; of {unknown[1]:.0f} nothing is known.",
        "Nothing follows for any person.",
    )


def thirds(values: Floats) -> tuple[float, float, float]:
    """5, 50 and 95 of 100 runs lie below."""
    low, middle, high = (float(value) for value in np.quantile(values, (0.05, 0.5, 0.95)))
    return low, middle, high


def _short(pool_: Pool, until: int) -> str:
    years = sorted({int(year) for year in pool_.first_short if year})
    parts = [f"{100 * np.mean(pool_.first_short == year):.0f} of 100 runs are first short in {year}" for year in years]
    return "; ".join([*parts, f"{100 * np.mean(pool_.first_short == 0):.0f} of 100 never until {until}"]) + "."


def figures(found: Looked) -> dict[str, object]:
    """The figures as plain values."""
    return {
        "seed": found.seed, "quota": found.quota, "largest": found.largest, "until": found.until, "runs": len(found.after.first_short),
        "bands": [asdict(band) | {"since": band.since.isoformat()} for band in found.bands],
        "priors": [prior_row(prior) for prior in found.priors],
        "years": [
            {"year": row.year, "ages": list(row.ages), "men": round(row.men), "coming": round(row.coming), "quota": row.quota,
             "short": row.short, "states": {name: [round(value) for value in thirds(row.states[name])] for name in STATES}}
            for row in found.after.years
        ],
        "first_short": {str(int(year)): float(np.mean(found.after.first_short == year)) for year in np.unique(found.after.first_short)},
        "first_short_without_departures": {
            str(int(year)): float(np.mean(found.without.first_short == year)) for year in np.unique(found.without.first_short)
        },
        "sentences": list(sentences(found)),
    }  # fmt: skip
