"""Counts of a roll by unit and birth year, with no small cell in them and none that subtraction opens (design D15)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from callup.terms.errors import BadInput

THREE = 3
"""Birth years are merged in threes first; the rule stands in the plan (safeguard G5)."""

_SCHEMA = pa.schema([("unit", pa.string()), ("born_year_from", pa.int64()), ("born_year_to", pa.int64()), ("persons", pa.int64())])


def counts(cells: pa.Table, merge_below: int) -> pa.Table:
    """Merge small cells upward: birth years in threes, then wider, then the whole unit.

    Each unit's lines are a partition of its roll, so they sum to its size exactly, and no line is small unless the whole unit is
    (its size is public in the plan). Where a merged cell could be opened by the nation's count of a birth year, a second
    unit is merged in the same years.

    Args:
        cells: ``unit``, ``born_year`` (null: unknown) and ``persons``; one line a cell.
        merge_below: the smallest count that is published.

    Returns:
        ``unit``, ``born_year_from``, ``born_year_to``, ``persons``, sorted. Empty years mean unknown, or all years of the unit.

    Raises:
        BadInput: a negative count.

    Example:
        >>> cells = pa.table({"unit": ["A"] * 3, "born_year": [1999, 2000, 2001], "persons": [4, 20, 30]})
        >>> counts(cells, 10).to_pylist()
        [{'unit': 'A', 'born_year_from': 1999, 'born_year_to': 2001, 'persons': 54}]
    """
    units, years = _read(cells)
    if not years:
        return _written(units, [], merge_below)
    threes = _threes(min(years), max(years))
    for unit in units.values():
        unit.merge_small(threes, merge_below)
    while (weak := _weakest(units, threes, merge_below)) is not None:
        unit, block = weak
        unit.forced.add(block)
        unit.merge_small(threes, merge_below)
    return _written(units, threes, merge_below)


@dataclass(slots=True)
class _Unit:
    """One unit's counts, and how its blocks of three years are joined."""

    by_year: dict[int, int] = field(default_factory=dict)
    unknown: int = 0
    forced: set[int] = field(default_factory=set)
    joined: list[list[int]] = field(default_factory=list)
    whole: bool = False

    def persons(self, blocks: list[int], threes: list[range]) -> int:
        return sum(self.by_year.get(year, 0) for block in blocks for year in threes[block])

    def split(self, blocks: list[int], threes: list[range], merge_below: int) -> bool:
        """Whether the years of these blocks may stand alone."""
        alone = [self.by_year.get(year, 0) for block in blocks for year in threes[block]]
        return len(blocks) == 1 and blocks[0] not in self.forced and all(not count or count >= merge_below for count in alone)

    def merge_small(self, threes: list[range], merge_below: int) -> None:
        self.joined = [[block] for block in range(len(threes))]
        while (small := self._small(threes, merge_below)) is not None and len(self.joined) > 1:
            beside = small - 1 if small and (small + 1 == len(self.joined) or self._lighter(small, threes)) else small + 1
            first, second = sorted((small, beside))
            self.joined[first : second + 1] = [self.joined[first] + self.joined[second]]
        self.whole = 0 < self.unknown < merge_below or (self.unknown > 0 and self._small(threes, merge_below) is not None)

    def _small(self, threes: list[range], merge_below: int) -> int | None:
        for place, blocks in enumerate(self.joined):
            if 0 < self.persons(blocks, threes) < merge_below and not self.split(blocks, threes, merge_below):
                return place
        return None

    def _lighter(self, place: int, threes: list[range]) -> bool:
        before, after = self.joined[place - 1], self.joined[place + 1]
        return self.persons(before, threes) < self.persons(after, threes)

    def hides(self, block: int, threes: list[range], merge_below: int) -> bool:
        if self.whole:
            return True
        (blocks,) = (blocks for blocks in self.joined if block in blocks)
        return not self.split(blocks, threes, merge_below)


def _threes(first: int, last: int) -> list[range]:
    """Blocks of three years from the first; the last one takes what is left over, so that none is shorter."""
    starts = list(range(first, last + 1, THREE))
    if len(starts) > 1 and last - starts[-1] + 1 < THREE:
        starts.pop()
    ends = [*starts[1:], last + 1]
    return [range(start, end) for start, end in zip(starts, ends, strict=True)]


def _read(cells: pa.Table) -> tuple[dict[str, _Unit], set[int]]:
    units: dict[str, _Unit] = {}
    years: set[int] = set()
    for row in cells.to_pylist():
        if row["persons"] < 0:
            raise BadInput("count-negative", {"unit": row["unit"], "persons": row["persons"]}, "count again: a count is 0 or more")
        unit, year = units.setdefault(row["unit"], _Unit()), row["born_year"]
        if year is None:
            unit.unknown += row["persons"]
        else:
            unit.by_year[year] = unit.by_year.get(year, 0) + row["persons"]
            years.add(year)
    return dict(sorted(units.items())), years


def _weakest(units: Mapping[str, _Unit], threes: list[range], merge_below: int) -> tuple[_Unit, int] | None:
    """The smallest unit to merge next, where the nation's count of a year would leave too little behind the merged cells."""
    for block, years in enumerate(threes):
        hiding = [unit for unit in units.values() if unit.hides(block, threes, merge_below)]
        left = [sum(unit.by_year.get(year, 0) for unit in hiding) for year in years]
        behind = sum(1 for unit in hiding if unit.persons([block], threes))
        shown = [unit for unit in units.values() if unit not in hiding and unit.persons([block], threes)]
        exposed = behind == 1 or any(0 < count < merge_below for count in left)
        if behind and exposed and shown:
            return min(shown, key=lambda unit: unit.persons([block], threes)), block
    return None


def _lines(unit: _Unit, threes: list[range], merge_below: int) -> Iterator[tuple[int | None, int | None, int]]:
    everyone = sum(unit.by_year.values()) + unit.unknown
    if unit.whole or not unit.by_year:
        yield None, None, everyone
        return
    for blocks in unit.joined:
        if unit.split(blocks, threes, merge_below):
            yield from ((year, year, unit.by_year[year]) for year in threes[blocks[0]] if unit.by_year.get(year))
        elif unit.persons(blocks, threes):
            yield threes[blocks[0]][0], threes[blocks[-1]][-1], unit.persons(blocks, threes)
    if unit.unknown:
        yield None, None, unit.unknown


def _written(units: Mapping[str, _Unit], threes: list[range], merge_below: int) -> pa.Table:
    lines = [(name, *line) for name, unit in units.items() for line in _lines(unit, threes, merge_below)]
    columns = list(zip(*lines, strict=True)) if lines else [(), (), (), ()]
    return pa.table({name: list(column) for name, column in zip(_SCHEMA.names, columns, strict=True)}, schema=_SCHEMA)
