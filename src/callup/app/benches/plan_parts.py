"""The other plans at the size of a country: notices, waves, regions, weeks; each beside what it is held to."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.app.benches.plan_model import draws, model_text
from callup.app.outlook.notices import funnel_of
from callup.planning import forecast, read_model
from callup.planning.learning import belief, known_beforehand, rehearse, settle
from callup.planning.notices import AIMS, Counts, assess_plan, plan_notices
from callup.planning.truths import truths
from callup.planning.weeks import Places, WeekPlan, plan_weeks
from callup.planning.yields import Floats, Funnel, draw_odds, usual, yields_of

UNITS, PERSONS, WEEKS, DISTRICTS = 85, 160_000, 15, 8
DRAWS, FRESH, CALL_UPS, CHANCE = 4_000, 20_000, 1_000, 0.95
CATEGORIES, RUNS = 5, 1_000
TEAM_SLOTS, OWN, SPARE, TAKEN = 60, 0.055, 1.25, 1.05


def spent(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds, and what the work gave."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def country(seed: int) -> tuple[Counts, Funnel, Floats]:
    """A made-up country: quotas by largest remainders, and what each unit's stages usually are."""
    generator = np.random.default_rng(seed)
    weights = np.exp(0.9 * generator.standard_normal(UNITS))
    exact = PERSONS * weights / weights.sum()
    quota = np.floor(exact).astype(np.int64)
    quota[np.argsort(-(exact - quota), kind="stable")[: PERSONS - int(quota.sum())]] += 1
    funnel = funnel_of("ru", None)
    return quota, funnel, usual(funnel, generator, UNITS)


def notice_figures(seed: int) -> list[Figure]:
    """Plans of one mailing, tested on draws that they were not planned with; waves; truths that the planner does not know."""
    quota, funnel, known = country(seed)
    odds = draw_odds(funnel, known, np.random.default_rng([seed, 1]), DRAWS)
    yields, fresh = yields_of(odds), yields_of(draw_odds(funnel, known, np.random.default_rng([seed, 2]), FRESH))
    figures = []
    for aim in AIMS:
        seconds, plan = spent(partial(plan_notices, quota, yields, aim, CHANCE, np.random.default_rng([seed, 3])))
        tested = assess_plan(quota, fresh, aim, CHANCE, plan.notices, np.random.default_rng([seed, 4]))
        kept = {"total": tested.total, "each": tested.worst, "all": tested.every}[aim]
        figures += [
            Figure(f"{UNITS} units, one mailing for {aim}: notices", float(plan.notices.sum()), "notices"),
            Figure(f"the same: kept of {100 * CHANCE:.0f}, on fresh draws", 100 * kept, "of 100", "at least 94", kept >= CHANCE - 0.01),
            Figure("the same: to plan", seconds, "s of CPU"),
        ]
    return figures + _wave_figures(quota, funnel, known, odds, seed)


def _wave_figures(quota: Counts, funnel: Funnel, known: Floats, odds: Floats, seed: int) -> list[Figure]:
    believed = belief(funnel, odds, np.random.default_rng([seed, 5]))
    real = truths(funnel, known, np.random.default_rng([seed, 6]), CALL_UPS)
    right = real["as believed"]
    best = known_beforehand(quota, right)
    rows = [rehearse(quota, believed, funnel, right, waves, np.random.default_rng([seed, 7])) for waves in (1, 3)]
    over, vain = rows[1].notices / best - 1, rows[1].unneeded / PERSONS
    asked = settle(quota, believed, funnel, odds[:CALL_UPS], 3, seed, chance=CHANCE)
    kept = {name: rehearse(quota, believed, funnel, one, 3, np.random.default_rng([seed, 8]), chance=asked) for name, one in real.items()}
    return [
        Figure("one mailing above yields known beforehand", 100 * (rows[0].notices / best - 1), "of 100"),
        Figure("three waves above yields known beforehand", 100 * over, "of 100", "at most 2.5", over <= 0.025),
        Figure("three waves: worst unit", 100 * rows[1].worst, "of 100", "at least 95", rows[1].worst >= CHANCE),
        Figure("three waves: found fit in vain", 100 * vain, "of 100 persons", "at most 2", vain <= 0.02),
        *(
            Figure(f"kept of 95 in three waves, {name}", 100 * row.mean, "of 100", "94 to 96", abs(row.mean - CHANCE) <= 0.01)
            for name, row in kept.items()
        ),
    ]  # fmt: skip


def region_figures(seed: int) -> list[Figure]:
    """Regions and categories of the model of stocks and flows, one region at a time, quantiles of each kept."""
    model = read_model(model_text())

    def whole() -> list[Floats]:
        found = []
        for region in range(UNITS):
            drawn = draws(CATEGORIES * RUNS, seed + region)
            course = forecast(model, drawn, CATEGORIES * RUNS, keep=("contract",)).stocks["contract"]
            summed = course.reshape(-1, CATEGORIES, RUNS).sum(axis=1)
            found.append(np.quantile(summed[::52], (0.05, 0.5, 0.95), axis=1))
        return found

    seconds, _ = spent(whole)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Figure(f"{UNITS} regions, {CATEGORIES} categories, {RUNS:,} runs", seconds, "s of CPU", "under 10", seconds < 10),
        Figure("memory of the whole process at its height", memory, "MB", "under 1,000", memory < 1000),
    ]


def week_figures(seed: int) -> list[Figure]:
    """The week plan of the country."""
    quota, funnel, known = country(seed)
    odds = draw_odds(funnel, known, np.random.default_rng([seed, 1]), DRAWS)
    yields = yields_of(odds)
    notices = plan_notices(quota, yields, "each", CHANCE, np.random.default_rng([seed, 3])).notices
    appear = np.quantile(yields_of(odds[..., :2]), 0.9, axis=0)
    slots, district = np.ceil(OWN * notices * appear), np.arange(UNITS) % DISTRICTS
    beyond = np.maximum(notices * appear - WEEKS * slots, 0)
    teams = np.array([int(np.ceil(SPARE * beyond[district == one].sum() / TEAM_SLOTS / WEEKS)) + 1 for one in range(DISTRICTS)])
    names = [f"unit {number}" for number in range(UNITS)], [f"district {number}" for number in range(DISTRICTS)]
    places = Places(
        names[0],
        district,
        notices,
        appear,
        yields.mean(axis=0),
        slots,
        names[1],
        teams,
        TEAM_SLOTS,
        TAKEN * float(notices @ yields.mean(axis=0)) / WEEKS,
        WEEKS,
    )
    plan_weeks(places)  # SciPy is loaded here, and not measured
    start = time.perf_counter()
    plan: WeekPlan = plan_weeks(places)
    clock = time.perf_counter() - start
    return [
        Figure(f"week plan, {UNITS} units, {WEEKS} weeks, by the clock", clock, "s", "under 1", clock < 1),
        Figure("the same: above the bound of the linear programme", 100 * plan.gap, "of 100", "at most 1", plan.gap <= 0.01),
    ]


def run(setting: Setting, folder: Path) -> Measured:
    """Plan a made-up country, and test the plans where the planner is wrong."""
    figures = (*week_figures(setting.seed), *notice_figures(setting.seed))
    return Measured(figures, ("a made-up country of 160,000 persons; stages from notice to call-up as carried for Russia",))


BENCH = Bench("notices", "do plans of notices and weeks keep what they promise?", run)
