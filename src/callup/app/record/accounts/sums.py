"""Sums inside a table: totals of rows and columns, stocks and flows side by side or below each other, shares of a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from callup.app.record.accounts.reading import LABELS
from callup.app.record.accounts.shapes import Account, Line, Mismatch, shown, slack

TOTALS = {"total", "totals", "all", "sum", "together", "altogether", "whole", "both", "grand total", "итого", "всего"}

Row = dict[str, Line]


def totals_of_rows(account: Account) -> Iterator[Mismatch]:
    """A row that calls itself a total, against the rows that differ from it in that one label."""
    for column in account.columns:
        lines = account.of(column)
        for place in range(max((len(line.labels) for line in lines), default=0)):
            yield from _totals(lines, place, account.units[column])


def _totals(lines: Sequence[Line], place: int, unit: Fraction) -> Iterator[Mismatch]:
    groups: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        rest = (*line.labels[:place], *line.labels[place + 1 :])
        groups.setdefault((rest, line.span, line.kind), []).append(line)
    for group in groups.values():
        whole = [line for line in group if line.labels[place][1].lower() in TOTALS]
        parts = [line for line in group if line not in whole]
        if len(whole) == 1 and len(parts) > 1:
            yield from compared("total of rows", whole[0], parts, [1] * len(parts), unit)


def compared(rule: str, whole: Line, parts: Sequence[Line], signs: Sequence[int], unit: Fraction) -> Iterator[Mismatch]:
    """A number against others added and taken away, each with its range.

    Args:
        rule: how the sum is called.
        whole: the number that they should make.
        parts: the others.
        signs: +1 or -1 for each.
        unit: how finely all are printed; 1 and less is a count, which is not rounded.
    """
    low = sum((one.low if sign > 0 else -one.high for sign, one in zip(signs, parts, strict=True)), Fraction(0))
    high = sum((one.high if sign > 0 else -one.low for sign, one in zip(signs, parts, strict=True)), Fraction(0))
    apart = max(low - whole.high, whole.low - high)
    if apart > 0:
        rounding = apart <= slack(unit, len(parts) + 1)
        made = shown(low) if low == high else f"{shown(low)} to {shown(high)}"
        summed = _sum_words(parts, signs)
        said = f"{shown(whole.point)} ({_called(whole)}): {summed} make {made}, {shown(apart)} {'more' if low > whole.high else 'less'}"
        yield Mismatch(rule, tuple(sorted({whole.row, *(one.row for one in parts)})), said, apart, rounding)


def _sum_words(parts: Sequence[Line], signs: Sequence[int]) -> str:
    if len(parts) > 9:
        return f"{len(parts)} rows"
    words = "".join(f" {'+' if sign > 0 else '-'} {shown(one.point)} ({_called(one)})" for sign, one in zip(signs, parts, strict=True))
    return words.removeprefix(" + ").strip()


def _called(line: Line) -> str:
    label = ", ".join(value for _, value in line.labels if value)
    return f"{label}, {line.column}" if label else f"{line.column}, row {line.row}"


OPENING = {"opening", "start", "at_start", "begin", "beginning", "initial", "previous", "opening_strength", "opening_stock"}
CLOSING = {"closing", "end", "at_end", "final", "closing_strength", "closing_stock"}
INTO = {
    "in",
    "inflow",
    "inflows",
    "intake",
    "joined",
    "joiners",
    "gains",
    "gained",
    "recruited",
    "recruits",
    "added",
    "entered",
    "arrivals",
    "births",
}
OUT_OF = {"out", "outflow", "outflows", "left", "leavers", "losses", "lost", "discharged", "departures", "deaths", "removed"}


def named_columns(account: Account) -> Iterator[Mismatch]:
    """Opening, in, out and closing by their names, however few the rows; and each opening against the closing before it."""
    opening, closing, into, out_of = ([name for name in account.columns if name in words] for words in (OPENING, CLOSING, INTO, OUT_OF))
    if len(opening) != 1 or len(closing) != 1:
        return
    rows = [row for _, row in sorted(account.by_row().items())]
    for row in rows:
        if opening[0] in row and closing[0] in row and into + out_of and all(name in row for name in into + out_of):
            parts = [row[name] for name in (opening[0], *into, *out_of)]
            signs = [1] * (1 + len(into)) + [-1] * len(out_of)
            yield from compared("opening, in and out against closing", row[closing[0]], parts, signs, account.units[closing[0]])
    for before, row in pairwise(rows):
        if closing[0] in before and opening[0] in row and _others(before) == _others(row):
            yield from compared("opening against the closing before", row[opening[0]], [before[closing[0]]], [1], account.units[opening[0]])


def _others(row: Row) -> tuple[tuple[str, str], ...]:
    return next(iter(row.values())).labels


def ledger(account: Account) -> Iterator[Mismatch]:
    """Rows marked stock, in and out: from each stock to the next, by what flowed between."""
    stocks = sorted((line for line in account.lines if line.kind == "stock"), key=_when)
    flows = [line for line in account.lines if line.kind in ("in", "out")]
    places = _shared(stocks, flows)
    for group in dict.fromkeys(_key(line, places) for line in stocks):
        mine = [line for line in stocks if _key(line, places) == group]
        for before, after in pairwise(mine):
            between = [line for line in flows if _key(line, places) == group and _between(line, before, after)]
            if between:
                yield from _points(
                    "from stock to stock", after, [before, *between], [1, *(1 if one.kind == "in" else -1 for one in between)]
                )


def _shared(stocks: Sequence[Line], flows: Sequence[Line]) -> list[str]:
    """Labels that stocks and flows have in common, such as a country: each is an account of its own; the others name the flow."""
    names = dict.fromkeys(name for line in stocks for name, _ in line.labels)
    return [name for name in names if {dict(line.labels).get(name) for line in stocks} == {dict(line.labels).get(name) for line in flows}]


def _key(line: Line, places: Sequence[str]) -> tuple[str, ...]:
    return (line.column, *(dict(line.labels).get(name, "") for name in places))


def _points(rule: str, whole: Line, parts: Sequence[Line], signs: Sequence[int]) -> Iterator[Mismatch]:
    """The same by points, with what the ends of all ranges could make of it."""
    made = sum((sign * one.point for sign, one in zip(signs, parts, strict=True)), Fraction(0))
    low = sum((one.low if sign > 0 else -one.high for sign, one in zip(signs, parts, strict=True)), Fraction(0))
    high = sum((one.high if sign > 0 else -one.low for sign, one in zip(signs, parts, strict=True)), Fraction(0))
    apart = abs(made - whole.point)
    if not apart:
        return
    ranged = "" if low == high else f"; by the ends of all ranges {shown(low)} to {shown(high)}"
    side = "more" if made > whole.point else "fewer"
    against = f"{shown(apart)} {side} than the {shown(whole.point)} printed ({_called(whole)})"
    said = f"{_sum_words(parts, signs)} make {shown(made)}, {against}{ranged}"
    yield Mismatch(rule, tuple(sorted({whole.row, *(one.row for one in parts)})), said, apart)


def _when(line: Line) -> tuple[int, int]:
    return (line.span.last, line.row) if line.span else (0, line.row)


def _between(flow: Line, before: Line, after: Line) -> bool:
    if not (flow.span and before.span and after.span):
        return True
    return before.span.first <= flow.span.first and flow.span.last <= after.span.last


def shares(account: Account) -> Iterator[Mismatch]:
    """Shares of one whole, rows that differ in one label, that print more than all of it, where no run of them makes the whole."""
    lines = [line for line in account.lines if _is_share(line)]
    for place in range(max((len(line.labels) for line in lines), default=0)):
        groups: dict[tuple[object, ...], list[Line]] = {}
        for line in lines:
            groups.setdefault((line.column, line.labels[:place], line.labels[place + 1 :], line.span), []).append(line)
        for group in (group for group in groups.values() if _together(group, place)):
            yield from _more_than_all(group, account.units[group[0].column])


def _together(lines: Sequence[Line], place: int) -> bool:
    """Parts of one whole are printed below each other, and are no ages."""
    rows = [line.row for line in lines]
    return rows[-1] - rows[0] == len(rows) - 1 and lines[0].labels[place][0] not in LABELS


def _is_share(line: Line) -> bool:
    counted = " ".join(value for name, value in line.labels if name == "unit").lower()
    named = counted.startswith(("share", "percent", "%")) or "share" in line.column or "percent" in line.column
    return (named or line.printed.endswith("%")) and 0 <= line.point <= 100


def _more_than_all(lines: Sequence[Line], unit: Fraction) -> Iterator[Mismatch]:
    whole = Fraction(100) if max(line.point for line in lines) > 1 else Fraction(1)
    summed = sum((line.point for line in lines), Fraction(0))
    if len(lines) > 2 and summed > whole + unit * len(lines) / 2 and not _run_makes(lines, whole, unit):
        said = f"{len(lines)} shares of one whole ({lines[0].name}, ...) make {shown(summed)}, and no run of them makes {shown(whole)}"
        yield Mismatch("shares of a whole", tuple(line.row for line in lines), said, summed - whole)


def _run_makes(lines: Sequence[Line], whole: Fraction, unit: Fraction) -> bool:
    for first in range(len(lines)):
        for last in range(first + 2, len(lines) + 1):
            run = lines[first:last]
            if abs(sum((line.point for line in run), Fraction(0)) - whole) <= unit * len(run) / 2:
                return True
    return False
