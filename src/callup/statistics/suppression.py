"""Small counts are merged, never printed, and no sum of printed lines opens one (safeguard G5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One published line: a count, or several merged into one.

    Args:
        labels: what it counts; more than one where cells were merged.
        count: persons or cases; None where even the whole is too small to print.
    """

    labels: tuple[str, ...]
    count: int | None


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit, or several merged, with its counts by class.

    Args:
        units: unit codes, sorted.
        counts: one count for each class; None where even the whole country is too small to print.
    """

    units: tuple[str, ...]
    counts: tuple[int, ...] | None


def merge_small(cells: Iterable[tuple[str, int]], below: int) -> tuple[Line, ...]:
    """A partition of the cells in which every count is 0 or at least ``below``; the order is that of the cells.

    Small cells go into one line; where that line is still small, or its sum tells what is in it, the next larger cell joins. Where
    even the whole is too small, nothing is printed, zeros neither: they would say that the rest is all in one cell.

    Args:
        cells: labels and counts; together a whole whose sum may be public.
        below: the smallest count that is published.

    Example:
        >>> [(line.labels, line.count) for line in merge_small([("a", 50), ("b", 3), ("c", 12), ("d", 0)], 10)]
        [(('a',), 50), (('b', 'c'), 15), (('d',), 0)]
    """
    known = list(cells)
    by_size = sorted((cell for cell in known if cell[1]), key=lambda cell: cell[1])
    small = sum(1 for _, count in by_size if count < below)
    taken = small
    while 0 < taken < len(by_size) and _tells([count for _, count in by_size[:taken]], small, below):
        taken += 1
    merged = {label for label, _ in by_size[:taken]}
    whole = sum(count for _, count in by_size[:taken])
    if small and _tells([count for _, count in by_size[:taken]], small, below):
        return (Line(tuple(label for label, _ in known), None),)
    lines, together = [], tuple(label for label, _ in known if label in merged)
    for label, count in known:
        if label not in merged:
            lines.append(Line((label,), count))
        elif label == together[0]:
            lines.append(Line(together, whole))
    return tuple(lines)


def _tells(counts: Sequence[int], small: int, below: int) -> bool:
    """Whether the sum is small itself, or whoever knows the rule could read the small cells from it."""
    total, large = sum(counts), len(counts) - small
    least = small + large * below
    most = small * (below - 1)
    return total < below or len(counts) < 2 or total <= least or (not large and total >= most)


def merge_nested(cells: Sequence[tuple[str, str, int]], below: int) -> tuple[Line, ...]:
    """Merge inside each class first, so that a public total of a class opens nothing; small classes join into one.

    Args:
        cells: class, label and count.
        below: the smallest count that is published.
    """
    totals: dict[str, int] = {}
    for group, _, count in cells:
        totals[group] = totals.get(group, 0) + count
    joined = {label: line.labels for line in merge_small(totals.items(), below) for label in line.labels}
    lines: list[Line] = []
    for labels in dict.fromkeys(joined.values()):
        inside = [(label, count) for group, label, count in cells if group in labels]
        together = len(labels) > 1
        whole = sum(count for _, count in inside)
        lines += [Line(tuple(label for label, _ in inside), whole if whole >= below else None)] if together else merge_small(inside, below)
    return tuple(lines)


def merge_units(counts: Mapping[str, tuple[int, ...]], district: Mapping[str, str], below: int) -> tuple[UnitLine, ...]:
    """Merge units upward, first in their district, until no class of a line is small.

    The sum of each unit over its classes is taken as public; a line of several units therefore keeps at least two classes.

    Args:
        counts: each unit's count by class.
        district: each unit's district.
        below: the smallest count that is published.
    """
    groups: list[tuple[tuple[str, ...], tuple[int, ...]]] = [((unit,), counts[unit]) for unit in sorted(counts)]
    while len(groups) > 1:
        bad = [group for group in groups if _open_to_view(*group, below)]
        if not bad:
            break
        one = min(bad, key=lambda group: (sum(group[1]), group[0]))
        groups.remove(one)
        homes = {district.get(unit, "") for unit in one[0]}
        near = [group for group in groups if homes & {district.get(unit, "") for unit in group[0]}]
        other = min(near or groups, key=lambda group: (sum(group[1]), group[0]))
        groups.remove(other)
        total = tuple(mine + theirs for mine, theirs in zip(one[1], other[1], strict=True))
        groups.append((tuple(sorted(one[0] + other[0])), total))
    return tuple(UnitLine(units, None if _open_to_view(units, total, below) else total) for units, total in sorted(groups))


def _open_to_view(units: tuple[str, ...], total: tuple[int, ...], below: int) -> bool:
    if any(0 < count < below for count in total):
        return True
    return len(units) > 1 and len(total) > 1 and any(total) and sum(1 for count in total if count) < 2


def steps(cells: Sequence[tuple[str, int]], below: int) -> tuple[Line, ...]:
    """The steps of a funnel; one is left out where it, or what was lost between it and the next printed one, is small.

    The last step is printed before those between, because the account of outcomes has it too.

    Example:
        >>> [line.count for line in steps([("called", 100), ("served", 95), ("came", 66), ("fit", 62), ("enlisted", 60)], 10)]
        [100, None, None, None, 60]
    """
    counts = [count for _, count in cells]
    kept: list[int] = []
    for place, count in enumerate(counts):
        if 0 < count < below:
            continue
        while len(kept) > 1 and place == len(counts) - 1 and 0 < abs(counts[kept[-1]] - count) < below:
            kept.pop()
        if not kept or not 0 < abs(counts[kept[-1]] - count) < below:
            kept.append(place)
    return tuple(Line((label,), count if place in kept else None) for place, (label, count) in enumerate(cells))
