"""The shapes of an account: spans of time or age, lines of a table, and what does not add up."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Span:
    """Days or ages from ``first`` up to and not including ``last``.

    Args:
        first: first day (proleptic ordinal) or age.
        last: the day or age after the last.
        short: where a band of ages may end one earlier ("18-30" up to the 30th birthday), that end; else ``last``.
        of: ``time`` or ``age``.
    """

    first: int
    last: int
    short: int
    of: str = "time"

    def holds(self, other: Span) -> bool:
        """Whether the other lies inside and is not the same."""
        return self.first <= other.first and other.last <= self.last and (self.first, self.last) != (other.first, other.last)


@dataclass(frozen=True, slots=True)
class Line:
    """One number of a table.

    Args:
        row: number of its row, the first after the header being 1.
        column: its column.
        labels: what else the row says, by column: what makes it part of a series.
        span: what time or ages it is about; None where the table does not say.
        kind: ``stock``, ``in`` or ``out``; empty where the table does not say.
        voice: who says it, or where it was read.
        low: lower end.
        point: the number.
        high: upper end.
        printed: as it stands in the table.
    """

    row: int
    column: str
    labels: tuple[tuple[str, str], ...]
    span: Span | None
    kind: str
    voice: str
    low: Fraction
    point: Fraction
    high: Fraction
    printed: str

    @property
    def name(self) -> str:
        """What it is about, in the words of the table."""
        return ", ".join(value for _, value in self.labels if value) or self.column


@dataclass(frozen=True, slots=True)
class Account:
    """A table as it was read.

    Args:
        lines: every number of it, in order.
        columns: its columns of numbers.
        units: power of ten that every number of a column is a multiple of: how finely it is printed.
    """

    lines: tuple[Line, ...]
    columns: tuple[str, ...]
    units: dict[str, Fraction]

    def of(self, column: str) -> list[Line]:
        """The lines of one column."""
        return [line for line in self.lines if line.column == column]

    def by_row(self) -> dict[int, dict[str, Line]]:
        """Lines by row and column."""
        found: dict[int, dict[str, Line]] = {}
        for line in self.lines:
            found.setdefault(line.row, {})[line.column] = line
        return found


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Something that does not add up.

    Args:
        rule: which sum was tried.
        rows: the rows it is about.
        sentence: what does not fit what, and by how much.
        apart: by how much.
        rounding: whether the way the numbers are rounded can explain it; then it is a remark and no finding.
    """

    rule: str
    rows: tuple[int, ...]
    sentence: str
    apart: Fraction
    rounding: bool = False


def shown(value: Fraction) -> str:
    """A number for people.

    Example:
        >>> shown(Fraction(1857304)), shown(Fraction(1, 8))
        ('1,857,304', '0.125')
    """
    return f"{int(value):,}" if value.denominator == 1 else f"{float(value):,.6g}"


def own_unit(value: Fraction) -> Fraction:
    """The power of ten that a single number is printed to: 10,000 for 9,130,000.

    Example:
        >>> int(own_unit(Fraction(9_130_000))), own_unit(Fraction(21, 100))
        (10000, Fraction(1, 100))
    """
    return shared_unit([value])


def shared_unit(values: list[Fraction]) -> Fraction:
    """The largest power of ten that divides all values; 1 where they are all 0."""
    some = [value for value in values if value]
    if not some:
        return Fraction(1)
    unit = Fraction(1)
    while any((value / unit).denominator != 1 for value in some) and unit > Fraction(1, 10**9):
        unit /= 10
    while all((value / (10 * unit)).denominator == 1 for value in some):
        unit *= 10
    return unit


ROUND = 1000
"""From this unit on, numbers that are all its multiples may have been rounded to it; smaller ones are counts."""


def slack(unit: Fraction, numbers: int) -> Fraction:
    """What rounding of so many numbers to a unit can make of a sum.

    Example:
        >>> int(slack(Fraction(1000), 3)), int(slack(Fraction(10), 3)), slack(Fraction(1, 10), 3)
        (1500, 0, Fraction(3, 20))
    """
    return unit * numbers / 2 if unit < 1 or unit >= ROUND else Fraction(0)
