"""Hamilton (largest remainder): each unit its whole quota, what is left to the largest remainders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LargestRemainder:
    """The method of largest remainders; it stays within quota, and can take a place from a unit when the total grows."""

    name: str = "hamilton"

    def share(self, total: int, units: Mapping[str, int]) -> dict[str, int]:
        """Share ``total`` out; equal remainders go to the earlier code."""
        whole = sum(units.values())
        places = {unit: total * persons // whole for unit, persons in units.items()}
        by_remainder = sorted(units, key=lambda unit: -(total * units[unit] % whole))
        for unit in by_remainder[: total - sum(places.values())]:
            places[unit] += 1
        return places


METHOD = LargestRemainder()
