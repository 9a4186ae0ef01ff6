"""Columns that make another one in most rows: the rule is found from the table, and the rows that break it are said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product

import numpy as np

from callup.app.record.accounts.shapes import Account, Line, Mismatch, slack
from callup.app.record.accounts.sums import Row, compared

Column = np.ndarray[tuple[int], np.dtype[np.float64]]
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

    Tried are sums and differences of up to four columns (three, where there are more than eight), and all others together. A rule
    counts where it holds in at least three rows that tell something (no term is 0 or makes it alone, not all alike, numbers of 10 and
    more) and in at least two thirds of all, four fifths of more than six. Rules with fewer exceptions come first, of these the
    simpler. A row with an empty cell says nothing, and one that a column explains which is 0 in all others is no exception.
    """
    rows = [row for _, row in sorted(account.by_row().items())]
    names = [name for name in account.columns if sum(name in row for row in rows) >= LEAST_ROWS]
    if len(rows) < LEAST_ROWS or not 2 <= len(names) <= MOST_COLUMNS:
        return
    table = {name: np.array([float(row[name].point) if name in row else np.nan for row in rows]) for name in names}
    held: list[tuple[int, int, bool, Rule, list[int]]] = []
    for rule in (rule for target in names for rule in _tried(target, [name for name in names if name != target])):
        unit = min(account.units[name] for name in (rule.target, *rule.terms))
        broken = _broken(table, rule, slack(unit, len(rule.terms) + 2))
        if broken is not None:
            held.append((len(broken), len(rule.terms), rule.carried, rule, broken))
    for rule, places in _own(sorted(held, key=lambda one: one[:3])):
        for place in places:
            if _rare(table, rule, places, place):
                continue
            yield from _said(rows, place, rule)


def _own(held: Sequence[tuple[int, int, bool, Rule, list[int]]]) -> Iterator[tuple[Rule, list[int]]]:
    """The rules that are not others in disguise: none among columns of one rule taken before, none broken only where one was."""
    taken: list[set[str]] = []
    said: set[int] = set()
    for *_, rule, broken in held:
        mine = {rule.target, *rule.terms}
        if not any(mine <= other for other in taken) and not (broken and set(broken) <= said):
            taken.append(mine)
            said |= set(broken)
            yield rule, broken


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


def _broken(table: Mapping[str, Column], rule: Rule, allowed: Fraction) -> list[int] | None:
    """The rows that break a rule; None where it is no rule of this table."""
    terms = [table[name] for name in rule.terms]
    moved = np.sum([sign * term for sign, term in zip(rule.signs, terms, strict=True)], axis=0)
    made, wanted = moved, table[rule.target]
    if rule.carried:
        moved, terms = moved[1:], [term[1:] for term in terms]
        made, wanted = moved + wanted[:-1], wanted[1:]
    apart = made - wanted
    known = np.isfinite(apart)
    off = known & (np.abs(apart) > float(allowed) + 1e-9)
    if rule.carried:  # one wrong stock breaks its row and, the other way round, the next
        off[1:] &= ~(off[:-1] & (np.abs(apart[1:] + apart[:-1]) <= float(allowed) + 1e-9))
    signed = [sign * term for sign, term in zip(rule.signs, terms, strict=True)] + ([made - moved] if rule.carried else [])
    telling = known & ~off & np.all([(term != 0) & (term != made) for term in signed], axis=0) & (np.abs(made) >= TELLING)
    rows, wrong = int(known.sum()), int(off.sum())
    few = 3 * wrong > rows if rows <= FEW_ROWS else 5 * wrong > rows
    if rows < LEAST_ROWS or few or len(np.unique(made[telling])) < LEAST_ROWS:
        return None
    return [int(place) + rule.carried for place in np.flatnonzero(off)]


def _rare(table: Mapping[str, Column], rule: Rule, broken: Sequence[int], place: int) -> bool:
    """Whether a broken row is short by just what one more column has, which is 0 wherever the rule holds: a flow that was rare."""
    made = sum(sign * table[name][place] for sign, name in zip(rule.signs, rule.terms, strict=True))
    apart = made + (table[rule.target][place - 1] if rule.carried else 0) - table[rule.target][place]
    apart_from = [*broken, 0] if rule.carried else list(broken)
    others = (table[name] for name in table.keys() - {rule.target, *rule.terms})
    return any(abs(more[place]) == abs(apart) and not np.any(np.nan_to_num(np.delete(more, apart_from), nan=1)) for more in others)


def _said(rows: Sequence[Row], place: int, rule: Rule) -> Iterator[Mismatch]:
    parts: list[Line] = [rows[place - 1][rule.target]] if rule.carried else []
    signs = [*([1] if rule.carried else []), *rule.signs]
    yield from compared(rule.words, rows[place][rule.target], [*parts, *(rows[place][name] for name in rule.terms)], signs, Fraction(1))
