"""Totals over time and over ages: a whole is at least its parts, and at most what covers it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

from callup.app.record.accounts.shapes import Account, Line, Mismatch, Span, own_unit, shown, slack

LEVELS = (
    "stock",
    "strength",
    "population",
    "level",
    "balance",
    "opening",
    "closing",
    "posts",
    "on_strength",
    "rate",
    "share",
    "per_",
    "median",
)
"""What is there at a time, or is no number of things: its times do not add up."""


def series(account: Account) -> Iterator[tuple[str, list[Line]]]:
    """Lines of one column that say the same of themselves but for time or age, kind of flow and voice."""
    groups: dict[tuple[str, tuple[tuple[str, str], ...], str], list[Line]] = {}
    for line in account.lines:
        if line.span and line.kind != "stock" and not _is_level(line):
            groups.setdefault((line.column, line.labels, line.kind), []).append(line)
    for (column, _, _), lines in groups.items():
        if all(line.low >= 0 for line in lines):
            yield column, lines


def _is_level(line: Line) -> bool:
    said = " ".join([line.column, *(value for _, value in line.labels)]).lower().replace(" ", "_")
    return any(word in said for word in LEVELS)


def over_time(account: Account) -> Iterator[Mismatch]:
    """Periods that hold others, against the sum of those inside and of those that cover them.

    Flows only: what flowed in a period is at least what flowed in disjoint parts of it, and at most what flowed in periods that together
    cover it. Both ends are exact where the parts fill the period.
    """
    for column, lines in series(account):
        timed = [line for line in lines if line.span and line.span.of == "time" and line.span.last - line.span.first > 1]
        for line in timed:
            assert line.span is not None
            others = [other for other in timed if other.span != line.span]
            parts = [other for other in timed if other.span and line.span.holds(other.span)]
            if len(parts) > 1 or len(_least_cover(line.span, others)[1]) > 1:
                yield from _bounded(line, others, account.units[column])


def _bounded(line: Line, others: Sequence[Line], unit: Fraction) -> Iterator[Mismatch]:
    assert line.span is not None
    least, inside = _most_inside(line.span, others)
    most, covering = _least_cover(line.span, others)
    what = f"{shown(line.point)} {_about(line)}"
    if line.high < least:
        apart = least - line.high
        yield _mismatch(
            line, inside, apart, unit, f"{what} is less than the {shown(least)} of {_named(inside)} inside it, by {shown(apart)}"
        )
    elif covering and line.low > most:
        apart = line.low - most
        yield _mismatch(
            line, covering, apart, unit, f"{what} is more than the {shown(most)} of {_named(covering)} that cover it, by {shown(apart)}"
        )


def _mismatch(line: Line, used: Sequence[Line], apart: Fraction, unit: Fraction, said: str) -> Mismatch:
    rows = (line.row, *sorted({one.row for one in used}))
    return Mismatch("whole and parts over time", rows, said, apart, apart <= slack(unit, len(used) + 1))


def _most_inside(span: Span, others: Sequence[Line]) -> tuple[Fraction, list[Line]]:
    """The largest sum of disjoint lines inside a span: the classical choice of weighted intervals."""
    inside = sorted((one for one in others if one.span and span.holds(one.span)), key=_last)
    best: list[tuple[int, Fraction, list[Line]]] = [(span.first, Fraction(0), [])]
    for one in inside:
        assert one.span is not None
        before = max((state for state in best if state[0] <= one.span.first), key=lambda state: state[1])
        value = before[1] + one.low
        if value > max(state[1] for state in best):
            best.append((one.span.last, value, [*before[2], one]))
    _, value, used = max(best, key=lambda state: state[1])
    return value, used


def _least_cover(span: Span, others: Sequence[Line]) -> tuple[Fraction, list[Line]]:
    """The smallest sum of lines that together cover a span; no line where none do."""
    best: dict[int, tuple[Fraction, list[Line]]] = {span.first: (Fraction(0), [])}
    for one in sorted((one for one in others if one.span and one.span.last > span.first and one.span.first < span.last), key=_last):
        assert one.span is not None
        reached = [state for end, state in best.items() if one.span.first <= end < one.span.last]
        if reached:
            value, used = min(reached, key=lambda state: state[0])
            if one.span.last not in best or value + one.high < best[one.span.last][0]:
                best[one.span.last] = (value + one.high, [*used, one])
    ends = [state for end, state in best.items() if end >= span.last]
    return min(ends, key=lambda state: state[0]) if ends else (Fraction(0), [])


def _last(line: Line) -> int:
    return line.span.last if line.span else 0


def over_ages(account: Account) -> Iterator[Mismatch]:
    """A band of ages against the single ages inside it, read to its last age and up to its last birthday."""
    for _, lines in series(account):
        aged = [line for line in lines if line.span and line.span.of == "age"]
        single = {line.span.first: line for line in aged if line.span and line.span.last == line.span.first + 1}
        for line in aged:
            span = line.span
            if span and span.last > span.first + 1 and all(age in single for age in range(span.first, span.short)):
                yield from _edge(line, single)


def _edge(line: Line, single: dict[int, Line]) -> Iterator[Mismatch]:
    span = line.span
    assert span is not None
    below = sum((single[age].point for age in range(span.first, span.short)), Fraction(0))
    through = below + single[span.last - 1].point if span.last - 1 in single else None
    other_voice = any(line.voice != one.voice for one in single.values())
    allowed = own_unit(line.point) / 2 if other_voice else Fraction(0)
    readings = [below, *([] if through is None else [through])]
    if any(line.low - allowed <= reading <= line.high + allowed for reading in readings) or not below:
        return
    nearest = min(readings, key=lambda reading: abs(reading - line.point))
    edge = "" if through is None else (
        f"; to {span.last - 1} inclusive {shown(through)} ({_percent(line.point, through)}): the edge of the band alone is "
        f"{float(100 * (through - below) / below):.0f} %, so say which is meant"
    )  # fmt: skip
    what = f"{shown(line.point)} for ages {span.first}-{span.last - 1} ({line.voice or 'as printed'})"
    said = f"{what}: the single ages to {span.short - 1} make {shown(below)} ({_percent(line.point, below)}){edge}"
    rows = (line.row, *(single[age].row for age in sorted(single) if span.first <= age < span.last))
    yield Mismatch("edge of an age band", rows, said, abs(nearest - line.point))


def _percent(value: Fraction, of: Fraction) -> str:
    return f"what is printed is {float(100 * (value - of) / of):+.1f} %"


def voices(account: Account) -> Iterator[Mismatch]:
    """The same thing in the same period, said by two, with numbers that do not meet."""
    groups: dict[tuple[object, ...], list[Line]] = {}
    for line in account.lines:
        if line.voice and line.span:
            groups.setdefault((line.column, line.labels, line.span, line.kind), []).append(line)
    for lines in groups.values():
        for one, other in combinations(lines, 2):
            apart = max(one.low, other.low) - min(one.high, other.high)
            allowed = slack(max(own_unit(one.point), own_unit(other.point)), 1) if one.low == one.high and other.low == other.high else 0
            if apart > 0 and one.voice != other.voice:
                said = f"{one.name}: {shown(one.point)} ({one.voice}) and {shown(other.point)} ({other.voice}) are {shown(apart)} apart"
                yield Mismatch("two voices", (one.row, other.row), said, apart, apart <= allowed)


def _about(line: Line) -> str:
    voice = f" ({line.voice})" if line.voice else ""
    return f"for {line.name}{voice}" if line.labels else f"in row {line.row}{voice}"


def _named(lines: Sequence[Line]) -> str:
    rows = sorted(line.row for line in lines)
    if len(rows) == 1:
        return f"row {rows[0]}"
    together = len(rows) > 2 and rows == list(range(rows[0], rows[-1] + 1))
    return f"rows {rows[0]} to {rows[-1]}" if together else f"rows {', '.join(map(str, rows))}"
