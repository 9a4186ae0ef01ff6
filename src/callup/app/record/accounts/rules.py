"""Columns that make another one in most rows: the rule is found from the table, and the rows that break it are said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product

import numpy as np

from callup.app.record.accounts.shapes import Account, Line, Mismatch, slack
from callup.app.record.accounts.sums import Row, compared

MOST_COLUMNS, LEAST_ROWS, FEW_ROWS, TELLING = 12, 3, 6, 10


@dataclass(frozen=True, slots=True)
class Rule:
    """One column as a sum of others.

    Args:
        target: the column made.
        terms: the columns that make it.
        signs: +1 or -1 for each.
        carried: whether the row before's target is added: a stock and its flows.
    """

    target: str
    terms: tuple[str, ...]
    signs: tuple[int, ...]
    carried: bool

    @property
    def words(self) -> str:
        """The rule as a sum."""
        first = [f"{self.target} of the row before"] if self.carried else []
        said = [f"{'+' if sign > 0 else '-'} {name}" for sign, name in zip(self.signs, self.terms, strict=True)]
        return f"{self.target} = {' '.join([*first, *said]).removeprefix('+ ')}"


def columns(account: Account) -> Iterator[Mismatch]:
    """Columns that make another one, in the same row or with that of the row before: the rows where they do not.

    Tried are sums and differences of up to four columns (three, where there are more than eight), and all others together. A rule counts
    where it holds in at least three rows that tell something (no term is 0, not all alike, numbers of 10 and more) and in at least two
    thirds of all, four fifths of more than six. The rule with the fewest exceptions is the one of the table, of these the simplest.
    """
    rows = [row for _, row in sorted(account.by_row().items()) if len(row) > 1]
    names = [name for name in account.columns if all(name in row for row in rows)]
    if len(rows) < LEAST_ROWS or not 2 <= len(names) <= MOST_COLUMNS:
        return
    table = {name: np.array([float(row[name].point) for row in rows]) for name in names}
    best: tuple[Rule, list[int]] | None = None
    for rule in (rule for target in names for rule in _tried(target, [name for name in names if name != target])):
        unit = min(account.units[name] for name in (rule.target, *rule.terms))
        broken = _broken(table, rule, slack(unit, len(rule.terms) + 2))
        if broken is not None and (best is None or (len(broken), len(rule.terms)) < (len(best[1]), len(best[0].terms))):
            best = rule, broken
    if best:
        for place in best[1]:
            yield from _said(rows, place, best[0])


def _tried(target: str, others: list[str]) -> Iterator[Rule]:
    most = 4 if len(others) < 8 else 3
    for size in range(1, min(most, len(others)) + 1):
        for terms in combinations(others, size):
            for signs in product((1, -1), repeat=size):
                if size > 1 and max(signs) > 0:
                    yield Rule(target, terms, signs, False)
                yield Rule(target, terms, signs, True)
    if len(others) > most:
        yield Rule(target, tuple(others), (1,) * len(others), False)


def _broken(table: dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]], rule: Rule, allowed: Fraction) -> list[int] | None:
    """The rows that break a rule; None where it is no rule of this table."""
    terms = [table[name] for name in rule.terms]
    made = np.sum([sign * term for sign, term in zip(rule.signs, terms, strict=True)], axis=0)
    wanted = table[rule.target]
    if rule.carried:
        made, wanted, terms = made[1:] + wanted[:-1], wanted[1:], [term[1:] for term in terms]
    apart = made - wanted
    off = np.abs(apart) > float(allowed) + 1e-9
    if rule.carried:  # one wrong stock breaks its row and, the other way round, the next
        off[1:] &= ~(off[:-1] & (np.abs(apart[1:] + apart[:-1]) <= float(allowed) + 1e-9))
    telling = ~off & np.all([term != 0 for term in terms], axis=0) & (np.abs(made) >= TELLING)
    few = 3 * int(off.sum()) > len(off) if len(off) <= FEW_ROWS else 5 * int(off.sum()) > len(off)
    if len(off) < LEAST_ROWS or few or len(np.unique(made[telling])) < LEAST_ROWS:
        return None
    return [int(place) + rule.carried for place in np.flatnonzero(off)]


def _said(rows: Sequence[Row], place: int, rule: Rule) -> Iterator[Mismatch]:
    parts: list[Line] = [rows[place - 1][rule.target]] if rule.carried else []
    signs = [*([1] if rule.carried else []), *rule.signs]
    yield from compared(rule.words, rows[place][rule.target], [*parts, *(rows[place][name] for name in rule.terms)], signs, Fraction(1))
