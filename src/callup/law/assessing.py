"""The law over a whole register as one query (design D1, D3; safeguard G18).

Whoever cannot change in the window is judged once, with constants. Whoever can (a birthday at an age of the law, a date
of a ground in the window, a change of the law) is judged on each day on which the answer can change, through the small
table ``calendar``; the first interval of liability is read from those days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from callup.law.dialects import Dialect, DuckDB
from callup.law.folding import Folding, Series
from callup.law.logic import check_day, needs
from callup.law.tree import Law, Rule, Window
from callup.law.writing import Writer
from callup.terms.query import Query
from callup.terms.tables import FINDINGS

_ARROW = {"date": pa.date32(), "text": pa.string(), "flag": pa.bool_(), "number": pa.int64()}
_KEPT = ("person_id", "born_on", "unit")


def assess(law: Law, window: Window, dialect: Dialect) -> Query:
    """Write the query that gives the findings of everyone in the snapshot.

    Args:
        law: the law.
        window: first day, last day, key date.
        dialect: the engine's words.

    Returns:
        A query over ``snapshot`` and ``calendar`` (see ``calendar_rows``) giving ``terms.tables.FINDINGS``.

    Raises:
        BadInput: the window begins before the law.
    """
    check_day(law, window.first)
    folded = _Moving.of(law, window, dialect)
    still = Judgement(Writer(law, dialect, Folding((window.key,), dialect)))
    parts = [folded.findings(window)]
    if not folded.folding.changes:
        parts.append(_still(still, folded.movers(), window))
    return Query("\nUNION ALL\n".join(parts), FINDINGS, ("snapshot", "calendar"), dialect.name)


def calendar_rows(law: Law, window: Window) -> pa.Table:
    """The table ``calendar``: one row a day of the window with the day's folded constants.

    Columns:
        day, before (the day before; null on the first), opens (everyone who can change is judged on it), and ``k1`` ...
        with, for birth-date cuts, the band passed over since the day before (``k1_low``, ``k1_high``).
    """
    check_day(law, window.first)
    folding = _Moving.of(law, window, DuckDB()).folding
    days = window.days
    opens = {window.first, window.key, *folding.changes}
    columns: dict[str, Any] = {
        "day": pa.array(days, pa.date32()),
        "before": pa.array([None, *days[:-1]], pa.date32()),
        "opens": pa.array([day in opens for day in days], pa.bool_()),
    }
    for series in folding.series.values():
        columns[series.name] = pa.array(series.values, _ARROW[series.type])
    for _, series in folding.bands.values():
        low, high = _band(series)
        columns[f"{series.name}_low"] = pa.array(low, pa.date32())
        columns[f"{series.name}_high"] = pa.array(high, pa.date32())
    return pa.table(columns)


def _band(series: Series) -> tuple[list[date], list[date]]:
    dates = [held for held in series.values if isinstance(held, date)]
    pairs = list(zip([dates[0], *dates[:-1]], dates, strict=True))
    return [min(pair) for pair in pairs], [max(pair) for pair in pairs]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judged row a person (and day): finding, rule, mask, until, missing, beside the columns that are ``kept``."""

    writer: Writer
    kept: tuple[str, ...] = _KEPT

    @property
    def law(self) -> Law:
        return self.writer.law

    def text(self, source: str, day: str) -> str:
        """Judge the rows of ``source``: answers first, then what follows from them."""
        written = f"{self._mask()} AS mask,\n{self._until()} AS until, {self._missing()} AS missing"
        shown = [*map(self.writer.dialect.quoted, self.kept), "day", f"{self._finding()} AS finding", f"{self._rule()} AS rule", written]
        return f"SELECT {', '.join(shown)} FROM ({self.followed(self.answers(source, [f'{day} AS day']))}) d"

    def answers(self, source: str, more: Sequence[str]) -> str:
        """The answer of each rule ``r1``, ``r2`` ..., beside what is kept and the columns of grounds."""
        written = self.writer
        columns = [f"{written.column(name)} AS {written.dialect.quoted(name)}" for name in self.kept] + [*more]
        columns += [f"{written.column(name)} AS {self._column(name)}" for name in self.grounds()]
        columns += [f"{written.blank(name)} AS {written.dialect.quoted('b_' + name)}" for name in sorted(self._blanks())]
        columns += [f"{written.rule(rule)} AS r{rule.number}" for rule in self.law.rules]
        return f"SELECT {', '.join(columns)} FROM {source}"

    def followed(self, answers: str) -> str:
        """With whether a rule of liability holds, whether a ground does, and the latest end of a deferral."""
        joined = f"SELECT *, {self._any(liable=True)} AS bound, {self._any(liable=False)} AS ground FROM ({answers}) a"
        return f"SELECT *, {self._latest()} AS latest FROM ({joined}) b"

    def decided(self) -> tuple[str, str]:
        """Finding and deciding rule, over what ``followed`` gives."""
        return self._finding(), self._rule()

    def grounds(self) -> list[str]:
        """The columns that a finding names, as an end or as missing."""
        return sorted({rule.until for rule in self.law.rules if rule.until} | self._doubtful())

    def _doubtful(self) -> set[str]:
        return {name for rule in self.law.rules for name in needs(self.law, rule) if name in self.law.columns}

    def _blanks(self) -> set[str]:
        return {name for rule in self.law.rules for name in needs(self.law, rule) if name in self.law.parameters}

    def _of(self, *effects: str) -> list[Rule]:
        return [rule for rule in self.law.rules if rule.effect in effects]

    def _any(self, *, liable: bool) -> str:
        rules = [rule for rule in self.law.rules if (rule.effect == "liable") == liable]
        return f"({' OR '.join(f'r{rule.number}' for rule in rules)})" if rules else "false"

    def _finding(self) -> str:
        return "CASE WHEN NOT bound OR ground THEN 'NOT_LIABLE' WHEN bound IS NULL OR ground IS NULL THEN 'UNDETERMINED' ELSE 'LIABLE' END"

    def _end(self, rule: Rule) -> str:
        forever = self.writer.dialect.literal(date.max, "date")
        return f"coalesce({self._column(rule.until)}, {forever})" if rule.until else forever

    def _column(self, name: str) -> str:
        return self.writer.dialect.quoted("v_" + name)

    def _latest(self) -> str:
        never = self.writer.dialect.literal(date.min, "date")
        ends = [f"CASE WHEN r{rule.number} THEN {self._end(rule)} ELSE {never} END" for rule in self._of("defer")]
        return self.writer.dialect.latest(ends) if ends else never

    def _first(self, condition: str, rules: list[Rule]) -> str:
        return " ".join(f"WHEN {condition.format(r=f'r{rule.number}')} THEN {rule.number}" for rule in rules)

    def _rule(self) -> str:
        deferred = " ".join(f"WHEN r{rule.number} AND {self._end(rule)} = latest THEN {rule.number}" for rule in self._of("defer"))
        grounds = self._of("disqualify", "exempt", "defer")
        pieces = [
            "CASE WHEN NOT bound THEN 0",
            f"WHEN ground THEN CASE {self._first('{r}', [*self._of('disqualify'), *self._of('exempt')])} {deferred} END" if grounds else "",
            f"WHEN bound AND ground IS NULL THEN CASE {self._first('{r} IS NULL', grounds_in_order(self.law))} END" if grounds else "",
            f"WHEN bound IS NULL THEN CASE {self._first('{r} IS NULL', self._of('liable'))} END",
            f"ELSE CASE {self._first('{r}', self._of('liable'))} END END",
        ]
        return f"CAST({' '.join(piece for piece in pieces if piece)} AS BIGINT)"

    def _mask(self) -> str:
        bits = [f"CASE WHEN r{rule.number} THEN {1 << (rule.number - 1)} ELSE 0 END" for rule in self.law.rules]
        return f"CAST({' + '.join(bits)} AS BIGINT)"

    def _until(self) -> str:
        """The end of the ground that decided; the classes go first, as in ``_rule``."""
        firm = [*self._of("disqualify"), *self._of("exempt")]
        unknown = self.writer.dialect.literal(None, "date")
        ends = [f"WHEN r{rule.number} THEN {self._column(rule.until) if rule.until else unknown}" for rule in firm]
        forever = self.writer.dialect.literal(date.max, "date")
        ends.append(f"ELSE nullif(latest, {forever})" if self._of("defer") else f"ELSE {unknown}")
        inner = f"CASE {' '.join(ends)} END" if firm else ends[-1].removeprefix("ELSE ")
        return f"CASE WHEN coalesce(bound, true) AND ground THEN {inner} ELSE {unknown} END"

    def _missing(self) -> str:
        unknown = self.writer.dialect.literal(None, "text")
        parts = []
        for name in sorted({name for rule in self.law.rules for name in needs(self.law, rule)}):
            asked = [self._asked(rule) for rule in self.law.rules if name in needs(self.law, rule)]
            empty = f"{self._column(name)} IS NULL" if name in self.law.columns else self.writer.dialect.quoted("b_" + name)
            parts.append(f"CASE WHEN {empty} AND ({' OR '.join(asked)}) THEN {self.writer.dialect.literal(name, 'text')} END")
        if not parts:
            return unknown
        return f"CASE WHEN {self._finding()} = 'UNDETERMINED' THEN {self.writer.dialect.joined(parts)} ELSE {unknown} END"

    def _asked(self, rule: Rule) -> str:
        return f"(r{rule.number} IS NULL AND bound IS NULL)" if rule.effect == "liable" else f"r{rule.number} IS NULL"


def grounds_in_order(law: Law) -> list[Rule]:
    """The rules that are no rules of liability, in the law's order."""
    return [rule for rule in law.rules if rule.effect != "liable"]


@dataclass(frozen=True, slots=True)
class _Moving:
    """Those whose answer can change in the window."""

    judgement: Judgement
    folding: Folding

    @classmethod
    def of(cls, law: Law, window: Window, dialect: Dialect) -> _Moving:
        folding = Folding(window.days, dialect)
        made = cls(Judgement(Writer(law, dialect, folding)), folding)
        made.judgement.text("", "")
        return made

    def movers(self) -> str:
        """Whether a person is one of them; false where unknown, for unknown never changes."""
        dialect, tests = self.folding.dialect, []
        for born, series in self.folding.bands.values():
            dates = [held for held in series.values if isinstance(held, date)]
            low, high = (dialect.literal(edge, "date") for edge in (min(dates), max(dates)))
            column = f"s.{dialect.quoted(born)}"
            tests.append(f"({column} > {low} AND {column} <= {high})")
        first, last = (dialect.literal(day, "date") for day in (self.folding.days[0], self.folding.days[-1]))
        tests += [f"s.{dialect.quoted(name)} BETWEEN {first} AND {last}" for name in sorted(self.folding.dated)]
        return f"coalesce({' OR '.join(tests)}, false)" if tests else "false"

    def turning(self) -> str:
        """Whether the answer of a person can change on a day of the calendar."""
        quoted, tests = self.folding.dialect.quoted, ["c.opens"]
        for born, series in self.folding.bands.values():
            column = f"s.{quoted(born)}"
            tests.append(f"({column} > c.{series.name}_low AND {column} <= c.{series.name}_high)")
        for name in sorted(self.folding.dated):
            tests.append(f"s.{quoted(name)} = c.day OR s.{quoted(name)} = c.before")
        return f"({' OR '.join(tests)})"

    def findings(self, window: Window) -> str:
        """Judge on each turning day, then read the first interval of liability and the finding."""
        source = f"snapshot s, calendar c WHERE {self.movers()} AND {self.turning()}"
        judged = self.judgement.text(source, "c.day")
        if self.folding.changes:
            others = self.judgement.text(f"snapshot s, calendar c WHERE NOT {self.movers()} AND c.opens", "c.day")
            judged = f"{judged}\nUNION ALL\n{others}"
        key = self.folding.dialect.literal(window.key, "date")
        over = "OVER (PARTITION BY person_id)"
        marked = (
            f"SELECT *, min(CASE WHEN finding = 'LIABLE' THEN day END) {over} AS liable_on,\n"
            f"min(CASE WHEN finding = 'UNDETERMINED' THEN day END) {over} AS doubt_on,\n"
            f"min(CASE WHEN finding = 'UNDETERMINED' AND day = {key} THEN day END) {over} AS key_doubt FROM ({judged}) j"
        )
        ended = f"SELECT *, min(CASE WHEN finding <> 'LIABLE' AND day > liable_on THEN day END) {over} AS ended_on FROM ({marked}) m"
        shown = ", ".join(_KEPT)
        return (
            f"SELECT {shown}, finding, rule, mask, until, missing, liable_on AS liable_from, ended_on AS liable_until FROM ({ended}) e\n"
            f"WHERE day = coalesce(liable_on, key_doubt, doubt_on, {key})"
        )


def _still(judgement: Judgement, movers: str, window: Window) -> str:
    dialect = judgement.writer.dialect
    first, unknown = dialect.literal(window.first, "date"), dialect.literal(None, "date")
    judged = judgement.text(f"snapshot s WHERE NOT {movers}", dialect.literal(window.key, "date"))
    shown = ", ".join(_KEPT)
    return (
        f"SELECT {shown}, finding, rule, mask, until, missing,\n"
        f"CASE WHEN finding = 'LIABLE' THEN {first} ELSE {unknown} END AS liable_from, {unknown} AS liable_until FROM ({judged}) n"
    )
