"""Divisor methods: each further place goes to the unit with the highest claim; they differ in what a claim is."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from callup.terms.errors import BadInput


@dataclass(frozen=True, slots=True)
class Divisor:
    """A divisor method.

    Args:
        name: as it stands in the decree.
        claim: a unit's claim to one more place, from its persons and the places it has; falls as places grow.
        least: places each unit has before claims are compared (1 where the claim at 0 would be infinite).
        power: the claim is of this power of persons per place (2 where a square root is squared away).
    """

    name: str
    claim: Callable[[int, int], Fraction]
    least: int = 0
    power: int = 1

    def share(self, total: int, units: Mapping[str, int]) -> dict[str, int]:
        """Share ``total`` out: begin at the usual divisor, then give or take back places one by one.

        Places above any one claim are the same set that counting from zero would give, so the start changes nothing.
        """
        if not total:
            return dict.fromkeys(units, 0)
        if total < self.least * len(units):
            params = {"method": self.name, "total": total, "units": len(units)}
            raise BadInput("quota-too-small", params, "this method gives every unit at least one: take hamilton, webster or jefferson")
        bar = Fraction(sum(units.values()), total) ** self.power
        places = {unit: self._above(persons, bar) for unit, persons in units.items()}
        missing = total - sum(places.values())
        if missing > 0:
            self._give(places, units, missing)
        elif missing < 0:
            self._take(places, units, -missing)
        return places

    def _above(self, persons: int, bar: Fraction) -> int:
        """How many places of a unit have a claim at or above the bar, found by doubling and halving."""
        low, high = self.least, self.least + 1
        if self.claim(persons, low) < bar:
            return low
        while self.claim(persons, high) >= bar:
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.claim(persons, middle) >= bar else (low, middle)
        return high

    def _give(self, places: dict[str, int], units: Mapping[str, int], count: int) -> None:
        codes = list(units)
        heap = [(-self.claim(units[unit], places[unit]), number) for number, unit in enumerate(codes)]
        heapq.heapify(heap)
        for _ in range(count):
            unit = codes[heap[0][1]]
            places[unit] += 1
            heapq.heapreplace(heap, (-self.claim(units[unit], places[unit]), heap[0][1]))

    def _take(self, places: dict[str, int], units: Mapping[str, int], count: int) -> None:
        codes = list(units)
        heap = [(self.claim(units[unit], places[unit] - 1), -number) for number, unit in enumerate(codes) if places[unit] > self.least]
        heapq.heapify(heap)
        for _ in range(count):
            _, number = heapq.heappop(heap)
            unit = codes[-number]
            places[unit] -= 1
            if places[unit] > self.least:
                heapq.heappush(heap, (self.claim(units[unit], places[unit] - 1), number))
