"""The model that callup and its peers run: ten years of weeks, a term of a year, a policy that recruits after a gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

WEEKS, YEAR = 520, 52
SPRING, AUTUMN = range(13, 29), range(36, 52)
POSTS_BEFORE, POSTS_AFTER, POSTS_WEEKS = 1_320_000, 1_500_000, 150

PRIORS: Mapping[str, tuple[float, float, str]] = {
    "achieved": (0.985, 0.01, "1"),
    "spring_quota": (155_000, 6_000, "persons"),
    "autumn_quota": (132_000, 5_000, "persons"),
    "signs": (0.004, 0.0008, "1/week"),
    "lost": (0.0003, 0.00005, "1/week"),
    "recruits": (7_700, 600, "persons/week"),
    "most_recruits": (9_600, 700, "persons/week"),
    "answer": (0.5, 0.05, "1/year"),
    "exits": (0.0009, 0.0002, "1/week"),
    "losses": (5_200, 500, "persons/week"),
    "soldiers": (850_000, 30_000, "persons"),
}
"""Mean, deviation and unit of each constant that is drawn. They are made up for the measurement."""

STOCKS = ("conscripts", "contract", "civilians")


def model_text() -> str:
    """The model as a file."""
    constants = [f"{{ name = '{name}', value = {mean}, unit = '{unit}' }}" for name, (mean, _, unit) in PRIORS.items()]
    posts = [(week, POSTS_BEFORE + (POSTS_AFTER - POSTS_BEFORE) * min(1, week / POSTS_WEEKS)) for week in range(POSTS_WEEKS + 1)]
    return f"""
title = "ten years of call-ups"
time = {{ unit = "week", steps = {WEEKS} }}
constant = [
  {{ name = "weeks", value = {YEAR}, unit = "week/year" }}, {{ name = "conscripts_before", value = 250000, unit = "persons" }},
  {{ name = "posts_of_civilians", value = 889130, unit = "persons" }}, {{ name = "civilians_before", value = 880000, unit = "persons" }},
  {{ name = "one_year", value = {YEAR}, unit = "week" }},
  {", ".join(constants)},
]
decree = [
  {{ name = "spring", unit = "1/week", values = {_season(SPRING)} }}, {{ name = "autumn", unit = "1/week", values = {_season(AUTUMN)} }},
  {{ name = "posts", unit = "persons", values = {_pairs(posts)} }},
]
stock = [
  {{ name = "conscripts", unit = "persons", starts = "conscripts_before", term = {YEAR} }},
  {{ name = "contract", unit = "persons", starts = "soldiers" }},
  {{ name = "civilians", unit = "persons", starts = "civilians_before" }},
]
formula = [
  {{ name = "gap", unit = "persons", is = "max(0, posts - conscripts - contract)" }},
  {{ name = "recruited", unit = "persons/week", is = "min(most_recruits, recruits + answer * gap / weeks)" }},
]
flow = [
  {{ name = "called_up", into = "conscripts", rate = "achieved * (spring_quota * spring + autumn_quota * autumn)" }},
  {{ name = "discharged", from = "conscripts" }},
  {{ name = "signing", from = "conscripts", into = "contract", leak = "signs" }},
  {{ name = "lost_conscripts", from = "conscripts", leak = "lost" }},
  {{ name = "recruiting", into = "contract", rate = "recruited" }},
  {{ name = "leaving", from = "contract", rate = "exits * contract" }},
  {{ name = "lost_soldiers", from = "contract", rate = "losses" }},
  {{ name = "hiring", into = "civilians", rate = "(posts_of_civilians - civilians) / one_year" }},
]
"""


def _season(weeks: range) -> str:
    """A season's share of its quota in each of its weeks, every year."""
    values = [(0, "0")]
    for year in range(WEEKS // YEAR):
        values += [(year * YEAR + weeks.start, f"1/{len(weeks)}"), (year * YEAR + weeks.stop, "0")]
    return _pairs([(week, f'"{value}"') for week, value in values if week < WEEKS])


def _pairs(values: Sequence[tuple[int, object]]) -> str:
    return f"[{', '.join(f'[{when}, {value}]' for when, value in values)}]"


def draws(runs: int, seed: int) -> dict[str, npt.NDArray[np.float64]]:
    """Each constant drawn for each run, ``[runs]``."""
    generator = np.random.default_rng(seed)
    return {name: generator.normal(mean, deviation, runs) for name, (mean, deviation, _) in PRIORS.items()}
