"""The scenarios whose size is their point, at full size: seconds, against the limit that each names."""

from __future__ import annotations

from pathlib import Path

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.app.simulate.running import simulate
from callup.app.simulate.scenario import read_scenario

LIMITS = {"S3": 60.0, "S4": 120.0, "S6": 30.0}
"""Seconds on two cores: the Spanish burst, the Mexican draw, the mail of Harris County."""


def run(setting: Setting, folder: Path) -> Measured:
    """Run each at its published size, or at ``--persons``."""
    figures = []
    for name, most in LIMITS.items():
        scenario = read_scenario(name)
        found = simulate(scenario, max(setting.persons or scenario.cases, scenario.few), setting.seed)
        held = sum(one.held for one in found.held)
        said = f"{name}, {found.size:,} cases: {held} of {len(found.held)} hold"
        figures.append(Figure(said, found.seconds, "s", f"under {most:.0f}", found.seconds < most and found.right))
    return Measured(tuple(figures), ("seconds from start to end; the world is made in the same time",))


BENCH = Bench("scenarios", "do the published cases run at their own size?", run)
