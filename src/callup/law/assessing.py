"""The law over a whole register as one query (design D1, D3; safeguard G18).

Whoever cannot change in the window is judged once, with constants. Whoever can (a birthday at an age of the law, a date
of a ground in the window, a rule that a change of the law answers otherwise) is judged on each day on which the answer can
change, through the small table ``calendar``; the first interval of liability is read from those days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from callup.law.deciding import LIABLE, UNDETERMINED, Deciding, differs, finding_of, rule_of, rules_of
from callup.law.dialects import Dialect, DuckDB
from callup.law.folding import Folding, Series
from callup.law.logic import check_day, needs
from callup.law.tree import Law, Rule, Window
from callup.law.writing import Writer
from callup.terms.query import Query
from callup.terms.tables import FINDINGS

_ARROW = {"date": pa.date32(), "text": pa.string(), "flag": pa.bool_(), "number": pa.int64()}
_ONE_DAY = timedelta(days=1)
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
    parts = [folded.findings(window), _still(still, folded.movers(), window)]
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
    """One judged row a person (and day): finding, rule, mask, until, missing."""

    writer: Writer

    @property
    def law(self) -> Law:
        return self.writer.law

    def text(self, source: str, day: str) -> str:
        """Judge the rows of ``source``: answers first, then what follows from them."""
        told = Deciding(self.writer, lambda rule: f"r{rule.number}", self._column)
        placed = f"SELECT *, {told.place()} AS place FROM ({self._answers(source, day)}) a"
        ended = f"SELECT *, {told.latest('place')} AS latest FROM ({placed}) b"
        decided = f"SELECT *, {told.decided('place', 'latest')} AS decided FROM ({ended}) c"
        written = f"{self._mask()} AS mask,\n{told.until('place', 'latest')} AS until, {self._missing()} AS missing"
        shown = [*map(self.writer.dialect.quoted, _KEPT), "day", f"{finding_of('decided')} AS finding", f"{rule_of('decided')} AS rule"]
        return f"SELECT {', '.join([*shown, written])} FROM ({decided}) d"

    def amended(self, folding: Folding) -> list[str]:
        """On each day on which the law changes: whether a rule that reads what changed answers otherwise than the day before."""
        changing = [f"c.{folding.dialect.quoted(one.name)}" for key, one in folding.series.items() if key not in folding.bands]
        read = [rule for rule in self.law.rules if any(name in self.writer.rule(rule) for name in changing)]
        tests: dict[str, None] = {}
        for day in sorted(folding.changes):
            before, after = (Writer(self.law, folding.dialect, Folding((one,), folding.dialect)) for one in (day - _ONE_DAY, day))
            pairs = [(before.rule(rule), after.rule(rule)) for rule in read]
            tests |= {differs(one, other): None for one, other in pairs if one != other}
        return list(tests)

    def _answers(self, source: str, day: str) -> str:
        """The answer of each rule ``r1``, ``r2`` ..., beside what is kept and the columns of grounds."""
        written = self.writer
        columns = [f"{written.column(name)} AS {written.dialect.quoted(name)}" for name in _KEPT] + [f"{day} AS day"]
        columns += [f"{written.column(name)} AS {self._column(name)}" for name in self._grounds()]
        columns += [f"{written.blank(name)} AS {written.dialect.quoted('b_' + name)}" for name in sorted(self._blanks())]
        columns += [f"{written.rule(rule)} AS r{rule.number}" for rule in self.law.rules]
        return f"SELECT {', '.join(columns)} FROM {source}"

    def _grounds(self) -> list[str]:
        """The columns that a finding names, as an end or as missing."""
        return sorted({rule.until for rule in self.law.rules if rule.until} | self._doubtful())

    def _doubtful(self) -> set[str]:
        return {name for rule in self.law.rules for name in needs(self.law, rule) if name in self.law.columns}

    def _blanks(self) -> set[str]:
        return {name for rule in self.law.rules for name in needs(self.law, rule) if name in self.law.parameters}

    def _column(self, name: str) -> str:
        return self.writer.dialect.quoted("v_" + name)

    def _mask(self) -> str:
        bits = [f"CASE WHEN r{rule.number} THEN {1 << (rule.number - 1)} ELSE 0 END" for rule in self.law.rules]
        return f"CAST({' + '.join(bits)} AS BIGINT)"

    def _missing(self) -> str:
        unknown = self.writer.dialect.literal(None, "text")
        parts = []
        for name in sorted({name for rule in self.law.rules for name in needs(self.law, rule)}):
            asked = [self._asked(rule) for rule in self.law.rules if name in needs(self.law, rule)]
            empty = f"{self._column(name)} IS NULL" if name in self.law.columns else self.writer.dialect.quoted("b_" + name)
            parts.append(f"CASE WHEN {empty} AND ({' OR '.join(asked)}) THEN {self.writer.dialect.literal(name, 'text')} END")
        if not parts:
            return unknown
        open_ = f"decided >= {UNDETERMINED} AND decided < {LIABLE}"
        return f"CASE WHEN {open_} THEN {self.writer.dialect.joined(parts)} ELSE {unknown} END"

    def _asked(self, rule: Rule) -> str:
        """Whether a rule is open; one of liability counts only where none is known to bind, so that an open one decides."""
        deciding = ", ".join(str(UNDETERMINED + one.number) for one in rules_of(self.law, "liable"))
        return f"(r{rule.number} IS NULL AND decided IN ({deciding}))" if rule.effect == "liable" else f"r{rule.number} IS NULL"


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
        known = [f"coalesce({test}, false)" for test in tests]
        known += self.judgement.amended(self.folding)
        return f"({' OR '.join(known)})" if known else "false"

    def turning(self) -> str:
        """Whether the answer of a person can change on a day of the calendar."""
        dialect, tests = self.folding.dialect, ["c.opens"]
        for born, series in self.folding.bands.values():
            column = f"s.{dialect.quoted(born)}"
            tests.append(f"({column} > c.{series.name}_low AND {column} <= c.{series.name}_high)")
        for name in sorted(self.folding.dated):
            tests.append(f"s.{dialect.quoted(name)} = c.day OR s.{dialect.quoted(name)} = c.before")
        return f"({' OR '.join(tests)})"

    def findings(self, window: Window) -> str:
        """Judge on each turning day, then read the first interval of liability and the finding."""
        source = f"snapshot s, calendar c WHERE {self.movers()} AND {self.turning()}"
        judged = self.judgement.text(source, "c.day")
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
