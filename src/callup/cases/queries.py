"""The queries that the other rooms' callers run: standings, what has fallen due, the unanswered by diagnosis, outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callup.cases.fold import Moment
from callup.cases.rules import Rules, rules_of
from callup.cases.sql import reading, turning
from callup.cases.sql_clocks import Asked
from callup.cases.sql_words import shared, text, words, words_of
from callup.terms.facts import TERMINAL
from callup.terms.query import Query
from callup.terms.schema import Column, Schema
from callup.terms.tables import OUTCOMES, STANDINGS

if TYPE_CHECKING:
    from callup.law import Procedure
    from callup.terms.calendar import Calendar

READS = ("facts", "notices")

DUE_ROWS = Schema(
    "dues",
    (
        Column("case_id", "text", "the case"),
        Column("notice_id", "text", "its summons"),
        Column("unit", "text", "unit"),
        Column("wave", "int", "wave"),
        Column("rank", "int", "rank in the stratum"),
        Column("step", "text", "next lawful step, a word of terms.facts.DUES"),
        Column("ref", "text", "the fact that waits: a claim, a decision to serve or not appealed, an appeal, a contest", nullable=True),
        Column("ground", "text", "kind of the claim that waits; refused or appealed, where an appeal is awaited", nullable=True),
        Column("service", "text", "finding of service"),
        Column("service_channel", "text", "channel that served", nullable=True),
        Column("served_on", "date", "day of service", nullable=True),
        Column("appear_on", "date", "day of appearance in force", nullable=True),
        Column("absent", "flag", "whether the day passed after confirmed service with lead time: two people may ask why"),
        Column("by_on", "date", "by when", nullable=True),
        Column("overdue", "flag", "whether the authority broke its own clock"),
        Column("late", "flag", "whether the claim that waits was filed after its time; it is decided all the same"),
    ),
    ("case_id",),
)

DUE_UNTIL = Schema(
    "dues until",
    (
        *DUE_ROWS.columns,
        Column("waits", "flag", "whether the case is open or has a next step"),
        Column("turns_on", "date", "the first day on which that may be another, with no new fact", nullable=True),
    ),
    ("case_id",),
)

DUE_COUNTS = Schema(
    "due counts",
    (
        Column("unit", "text", "unit"),
        Column("step", "text", "a word of terms.facts.DUES"),
        Column("cases", "int", "cases", "cases"),
        Column("overdue", "int", "of these, cases in which the authority broke its own clock", "cases"),
    ),
    ("unit", "step"),
)

STATE_COUNTS = Schema(
    "state counts",
    (
        Column("unit", "text", "unit"),
        Column("state", "text", "a word of terms.facts.STATES"),
        Column("cases", "int", "cases", "cases"),
    ),
    ("unit", "state"),
)

FOLLOWUP = Schema(
    "followup",
    (
        Column("diagnosis", "text", "why there is no answer yet, a word of terms.facts.DIAGNOSES"),
        Column("next_step", "text", "next lawful step, a word of terms.facts.DUES"),
        Column("cases", "int", "cases", "cases"),
    ),
    ("diagnosis", "next_step"),
)


def standing(procedure: Procedure, calendar: Calendar, moment: Moment, dialect: str = "duckdb") -> Query:
    """What the law makes of the facts of all cases on a date, one row a case; reads tables ``facts`` and ``notices``.

    Args:
        procedure: the law's procedure.
        calendar: the jurisdiction's calendar.
        moment: as of when.
        dialect: ``duckdb`` or ``spark``.

    Columns:
        those of STANDINGS, sorted by case. ``notices`` is NOTICES with ``liable_until`` (see `with_liability`).
    """
    return _query(rules_of(procedure, calendar), moment, ", ".join(STANDINGS.names), STANDINGS, dialect)


def due(procedure: Procedure, calendar: Calendar, moment: Moment, dialect: str = "duckdb") -> Query:
    """What has fallen due, one row for each case that is open or has a next step. For officials at work, never printed (G4)."""
    return due_rows(rules_of(procedure, calendar), moment, dialect)


_BY_ON = """CASE next_step WHEN 'decide-claim' THEN decide_by WHEN 'resolve-contest' THEN contest_by WHEN 'remind' THEN respond_by
    WHEN 'await-appearance' THEN appear_on WHEN 'try-other-channel' THEN again_on END"""


_WAITS = f"(next_step <> 'nothing' OR state NOT IN {words(TERMINAL)})"
"""Whether a case is open or has a next step."""


def _overdue(moment: Moment) -> str:
    """Whether a clock of the authority itself has run out."""
    return f"coalesce(next_step IN ('decide-claim', 'resolve-contest') AND {_BY_ON} < {text(moment.as_of)}, false)"


def due_rows(rules: Rules, moment: Moment, dialect: str = "duckdb") -> Query:
    """As `due`, with the procedure already laid out."""
    return _query(rules, moment, _due_shown(moment), DUE_ROWS, dialect, f"WHERE {_WAITS} ORDER BY case_id")


def due_until_rows(rules: Rules, moment: Moment) -> Query:
    """As `desk.due_until`, with the procedure already laid out."""
    shown = f"{_due_shown(moment)}, {_WAITS} AS waits, turns_on"
    return _query(rules, moment, shown, DUE_UNTIL, "duckdb", f"{turning(moment.as_of, moment.known_at)} ORDER BY case_id")


def _due_shown(moment: Moment) -> str:
    ref = """CASE next_step WHEN 'decide-claim' THEN pending_ref WHEN 'serve-decision' THEN untold_ref
    WHEN 'resolve-contest' THEN contest_ref WHEN 'await-appeal' THEN coalesce(appeal_ref, refused_ref) END AS ref"""
    ground = """CASE next_step WHEN 'decide-claim' THEN pending_kind WHEN 'await-appeal' THEN
    CASE WHEN appeal_ref IS NULL THEN 'refused' ELSE 'appealed' END END AS ground"""
    absent = f"""coalesce(next_step IN ('await-appearance', 'remind') AND appear_on < {text(moment.as_of)} AND bound
    AND (back_on IS NULL OR back_on < {text(moment.as_of)}), false) AS absent"""
    return f"""case_id, notice_id, unit, wave, rank, next_step AS step, {ref}, {ground}, service,
    service_channel, served_on, appear_on, {absent}, {_BY_ON} AS by_on, {_overdue(moment)} AS overdue,
    next_step = 'decide-claim' AND late AS late"""


def due_counts(procedure: Procedure, calendar: Calendar, moment: Moment, dialect: str = "duckdb") -> Query:
    """What has fallen due as counts by unit and step: what may be shown (safeguard G4)."""
    tail = "WHERE next_step <> 'nothing' GROUP BY ALL ORDER BY ALL"
    shown = f"unit, next_step AS step, count(*)::BIGINT AS cases, (count(*) FILTER (WHERE {_overdue(moment)}))::BIGINT AS overdue"
    return _query(rules_of(procedure, calendar), moment, shown, DUE_COUNTS, dialect, tail)


def followup(procedure: Procedure, calendar: Calendar, moment: Moment, dialect: str = "duckdb") -> Query:
    """The unanswered split by diagnosis with the next lawful step: counts only (safeguard G4)."""
    tail = "WHERE diagnosis IS NOT NULL GROUP BY ALL ORDER BY ALL"
    shown = "diagnosis, next_step, count(*)::BIGINT AS cases"
    return _query(rules_of(procedure, calendar), moment, shown, FOLLOWUP, dialect, tail)


def close(procedure: Procedure, calendar: Calendar, moment: Moment, dialect: str = "duckdb") -> Query:
    """How each case ended at the closing of the call-up; silence lapses, and nothing follows from it (safeguard G10).

    Args:
        procedure: the law's procedure.
        calendar: the jurisdiction's calendar.
        moment: the day of closing, as ``as_of`` and as ``closing``.
        dialect: ``duckdb`` or ``spark``.

    Columns:
        those of OUTCOMES; every outcome is one of TERMINAL.
    """
    shown = "case_id, unit, wave, state AS outcome, since AS closed_on"
    return _query(rules_of(procedure, calendar), moment, shown, OUTCOMES, dialect)


def standing_rows(rules: Rules, moment: Moment, dialect: str = "duckdb") -> Query:
    """As `standing`, with the procedure already laid out."""
    return _query(rules, moment, ", ".join(STANDINGS.names), STANDINGS, dialect)


def state_rows(rules: Rules, moment: Moment, dialect: str = "duckdb") -> Query:
    """The states of all cases as counts by unit."""
    return _query(rules, moment, "unit, state, count(*)::BIGINT AS cases", STATE_COUNTS, dialect, "GROUP BY ALL ORDER BY ALL")


def _query(rules: Rules, moment: Moment, shown: str, gives: Schema, dialect: str, tail: str = "ORDER BY case_id") -> Query:
    asked = Asked(rules, moment.as_of, moment.known_at, moment.closing, moment.kinds, words_of(dialect))
    tables, select = reading(asked), f"SELECT {shown} FROM judged {tail}"
    if dialect == "duckdb":
        steps = ",\n".join(table.in_with for table in tables)
        return Query(f"WITH {steps}\n{select}", gives, READS, dialect)
    return Query(select, gives, READS, dialect, shared(tables))
