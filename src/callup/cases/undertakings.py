"""A sheet for each undertaking of a decree: what was reported after enlistment, what was answered, and what nobody can say.

Undertakings speak of what comes after enlistment, which callup does not see. It holds what the authority, the person, their agent
or a watchdog reports, and counts it; without such reports an undertaking is "not verifiable", never "kept" (safeguard G21).
"""

from __future__ import annotations

from collections.abc import Sequence

from callup.cases.fold import Moment
from callup.cases.sql_words import text, values, words
from callup.terms.decree import Undertaking
from callup.terms.facts import UNDERTAKEN
from callup.terms.query import Query
from callup.terms.schema import Column, Schema

OUTLIVES_MONTHS = 12
"""How long the clock of an undertaking runs on after the term of service (safeguard G21)."""
VERDICTS = {
    "kept": "everyone's service was reported to its end, nothing that breaks it was reported, and its clock has run out",
    "reported broken": "a report that breaks it stands: confirmed, or not answered",
    "answered": "each report that breaks it was answered and denied by two people with reasons",
    "not verifiable": "no data says that it was kept, and none that it was broken",
}

SHEET = Schema(
    "undertakings",
    (
        Column("id", "text", "number of the undertaking in the decree"),
        Column("enlisted", "int", "persons enlisted", "persons"),
        Column("told", "int", "of these, persons whose service was reported to its end", "persons"),
        Column("reports", "int", "reports that it was broken", "reports"),
        Column("open", "int", "of these, not answered", "reports"),
        Column("overdue", "int", "of these, not answered in the days that the decree names", "reports"),
        Column("confirmed", "int", "of the reports, confirmed by the authority", "reports"),
        Column("denied", "int", "of the reports, denied by the authority", "reports"),
        Column("contracts", "int", "contracts signed within the term of service", "contracts"),
        Column("contract_days", "int", "days from enlistment to such a contract: the median", "days", nullable=True),
        Column("verdict", "text", "a word of VERDICTS"),
    ),
    ("id",),
)


def undertaking_sheet(undertakings: Sequence[Undertaking], months: int, moment: Moment) -> Query:
    """What became of each undertaking, one row each; reads the table ``facts``. Counts only: nobody is named.

    Enlisted is here whoever was entered as enlisted, whether the law reads the case so or not: who was taken wrongly was promised the same.

    Args:
        undertakings: those of the decree.
        months: the term of service.
        moment: as of when, and as known when.

    Columns:
        those of SHEET.
    """
    promises = [(one.id, bool(one.forbids_postings), one.forbids_extension, one.answer_days) for one in undertakings]
    forbidden = [(one.id, category) for one in undertakings for category in one.forbids_postings]
    clock = f"INTERVAL {months + OUTLIVES_MONTHS} MONTH"
    sql = f"""WITH {values("promises", "id, posting, extension, answer_days", promises, "('', false, false, 0)").in_with},
{values("forbidden", "id, category", forbidden, "('', '')").in_with},
held AS MATERIALIZED (SELECT fact_id, seq, kind, case_id, happened_on, known_on, ref, ground, outcome FROM facts
  WHERE kind IN {words(("enlisted", *UNDERTAKEN))} AND happened_on <= {text(moment.as_of)} AND known_on <= {text(moment.known_at)}),
service AS MATERIALIZED (SELECT case_id, min(happened_on) AS since, (min(happened_on) + INTERVAL {months} MONTH)::DATE AS term,
  (min(happened_on) + {clock})::DATE AS until FROM held WHERE kind = 'enlisted' GROUP BY case_id),
later AS MATERIALIZED (SELECT h.*, s.since, s.term FROM held h JOIN service s USING (case_id)
  WHERE h.kind <> 'enlisted' AND h.happened_on BETWEEN date_trunc('month', s.since) AND s.until),
answered AS (SELECT ref, max_by(outcome, seq) AS outcome FROM later WHERE kind = 'breach_answered' GROUP BY ref),
reports AS (SELECT f.id, l.fact_id, l.known_on FROM later l JOIN forbidden f ON f.category = l.ground WHERE l.kind = 'posted'
  UNION ALL SELECT p.id, l.fact_id, l.known_on FROM later l, promises p WHERE l.kind = 'term_extended' AND p.extension),
reported AS (SELECT p.id, count(*) AS reports, count(*) FILTER (a.outcome IS NULL) AS open,
  count(*) FILTER (a.outcome IS NULL AND p.answer_days > 0 AND r.known_on + p.answer_days::INTEGER < {text(moment.as_of)}) AS overdue,
  count(*) FILTER (a.outcome = 'confirmed') AS confirmed, count(*) FILTER (a.outcome = 'denied') AS denied
  FROM reports r JOIN promises p USING (id) LEFT JOIN answered a ON a.ref = r.fact_id GROUP BY p.id),
told AS (SELECT s.case_id, s.until, bool_or(l.kind = 'posted') AS posted, bool_or(l.kind = 'discharged') AS ended
  FROM service s LEFT JOIN later l USING (case_id) GROUP BY s.case_id, s.until),
whole AS (SELECT count(*) AS enlisted, count(*) FILTER (ended) AS ended, count(*) FILTER (ended AND posted) AS posted,
  coalesce(max(until) <= {text(moment.as_of)}, false) AS over FROM told),
contracts AS (SELECT count(*) AS contracts, median(datediff('day', since, happened_on))::BIGINT AS contract_days
  FROM later WHERE kind = 'contract_signed' AND happened_on < term),
sheet AS (SELECT p.id, w.enlisted, CASE WHEN p.posting THEN w.posted WHEN p.extension THEN w.ended ELSE 0 END AS told,
  coalesce(r.reports, 0) AS reports, coalesce(r.open, 0) AS open, coalesce(r.overdue, 0) AS overdue,
  coalesce(r.confirmed, 0) AS confirmed, coalesce(r.denied, 0) AS denied, c.contracts, c.contract_days, w.over
  FROM promises p CROSS JOIN whole w CROSS JOIN contracts c LEFT JOIN reported r USING (id) WHERE p.id <> '')
SELECT id, enlisted, told, reports, open, overdue, confirmed, denied, contracts, contract_days,
  CASE WHEN open + confirmed > 0 THEN 'reported broken' WHEN denied > 0 THEN 'answered'
    WHEN over AND enlisted > 0 AND told = enlisted THEN 'kept' ELSE 'not verifiable' END AS verdict
FROM sheet ORDER BY id"""
    return Query(sql, SHEET, ("facts",), "duckdb")
