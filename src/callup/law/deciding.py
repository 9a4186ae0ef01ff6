"""Which rule decides about a person, as one number (design D3): asked in the law's order, and only of those whom no earlier rule decided.

An engine that reads ``CASE`` as written asks a rule only where it still matters, so a rule costs what it decides; the ends of deferrals
are compared only among those whom a deferral helps. One number also groups and compares faster than a finding and a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from callup.law.dialects import Dialect
from callup.law.logic import needs
from callup.law.tree import Law, Rule
from callup.law.writing import Writer

UNDETERMINED, LIABLE = 64, 128
"""Added to the number of the rule: from 64 it is not known whether the rule holds, from 128 it binds; below, it frees, and 0 is no rule."""
_DEFERRED = -1


@dataclass(frozen=True, slots=True)
class Deciding:
    """Writes the deciding rule.

    Args:
        writer: the law in an engine's words.
        answer: how the answer of a rule is written.
        end: how a column that ends a ground is written.
        name: the columns that ``place`` and ``latest`` stand in, one behind the other.
    """

    writer: Writer
    answer: Callable[[Rule], str]
    end: Callable[[str], str]
    names: tuple[str, str] = ("place", "latest")

    @property
    def law(self) -> Law:
        return self.writer.law

    @property
    def dialect(self) -> Dialect:
        return self.writer.dialect

    def place(self) -> str:
        """The decision where no deferral decides; -1 where one does."""
        liable, grounds = rules_of(self.law, "liable"), grounds_in_order(self.law)
        bound = _any([self.answer(rule) for rule in liable])
        pieces = [f"CASE WHEN NOT {bound} THEN 0"]
        pieces += [f"WHEN {self.answer(rule)} THEN {rule.number}" for rule in firm(self.law) if not self.writer.never(rule)]
        if deferring := rules_of(self.law, "defer"):
            pieces.append(f"WHEN {_any([self.answer(rule) for rule in deferring])} THEN {_DEFERRED}")
        pieces.append(f"WHEN {bound} IS NULL THEN CASE {' '.join(map(self._open, liable))} END")
        pieces += [self._open(rule) for rule in grounds if needs(self.law, rule)]
        binding = " ".join(f"WHEN {self.answer(rule)} THEN {LIABLE + rule.number}" for rule in liable)
        pieces.append(f"ELSE {LIABLE + liable[0].number} END" if len(liable) == 1 else f"ELSE CASE {binding} END END")
        return " ".join(pieces)

    def _open(self, rule: Rule) -> str:
        return f"WHEN {self.answer(rule)} IS NULL THEN {UNDETERMINED + rule.number}"

    def latest(self, place: str) -> str:
        """The latest end of a deferral, where one decides."""
        unknown, never = self.dialect.literal(None, "date"), self.dialect.literal(date.min, "date")
        ends = [f"CASE WHEN {self.answer(rule)} THEN {self._end(rule)} ELSE {never} END" for rule in rules_of(self.law, "defer")]
        return f"CASE WHEN {place} = {_DEFERRED} THEN {self.dialect.latest(ends)} ELSE {unknown} END" if ends else unknown

    def decided(self, place: str, latest: str) -> str:
        """The decision: the first of the deferrals that end last, or what ``place`` says."""
        first = [f"WHEN {self.answer(rule)} AND {self._end(rule)} = {latest} THEN {rule.number}" for rule in rules_of(self.law, "defer")]
        return f"CASE WHEN {place} = {_DEFERRED} THEN CASE {' '.join(first)} END ELSE {place} END" if first else place

    def until(self, place: str, latest: str) -> str:
        """The end of the ground that decides; unknown without a ground or an end."""
        unknown, forever = self.dialect.literal(None, "date"), self.dialect.literal(date.max, "date")
        ends = [f"WHEN {place} = {rule.number} THEN {self.end(rule.until)}" for rule in firm(self.law) if rule.until]
        ends.append(f"WHEN {place} = {_DEFERRED} THEN nullif({latest}, {forever})")
        return f"CASE {' '.join(ends)} ELSE {unknown} END"

    def _end(self, rule: Rule) -> str:
        forever = self.dialect.literal(date.max, "date")
        return f"coalesce({self.end(rule.until)}, {forever})" if rule.until else forever


def finding_of(decided: str) -> str:
    """The finding of a decision."""
    return f"CASE WHEN {decided} >= {LIABLE} THEN 'LIABLE' WHEN {decided} >= {UNDETERMINED} THEN 'UNDETERMINED' ELSE 'NOT_LIABLE' END"


def rule_of(decided: str) -> str:
    """The rule of a decision; 0 where no rule of liability holds."""
    shifted = f"WHEN {decided} >= {LIABLE} THEN {decided} - {LIABLE} WHEN {decided} >= {UNDETERMINED} THEN {decided} - {UNDETERMINED}"
    return f"CAST(CASE {shifted} ELSE {decided} END AS BIGINT)"


def differs(one: str, other: str) -> str:
    """Whether two answers differ; unknown is like unknown."""
    return f"NOT coalesce({one} = {other}, {one} IS NULL AND {other} IS NULL)"


def rules_of(law: Law, *effects: str) -> list[Rule]:
    """The rules of some effects, in the law's order."""
    return [rule for rule in law.rules if rule.effect in effects]


def grounds_in_order(law: Law) -> list[Rule]:
    """The rules that are no rules of liability, in the law's order."""
    return [rule for rule in law.rules if rule.effect != "liable"]


def firm(law: Law) -> list[Rule]:
    """The grounds that decide before any deferral: disqualifying first, then exempting."""
    return [*rules_of(law, "disqualify"), *rules_of(law, "exempt")]


def _any(answers: Sequence[str]) -> str:
    return f"({' OR '.join(answers)})"
