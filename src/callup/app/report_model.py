"""Gathers the numbers of the public report from a closed dossier: queries over sealed tables, counts out."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from callup.app.course import Course
from callup.app.doors import door_counts
from callup.app.logs import CallUpLogs
from callup.app.report import ReportModel
from callup.app.report_tables import everyone
from callup.app.report_words import words_in
from callup.app.signing import signed_until
from callup.app.stages.calling import read_quotas
from callup.app.stages.noticing import notices_of
from callup.app.standing import PLAIN, due_table, followup_table, lay_tables, roll_by_unit, summonses
from callup.app.undertakings import sheet
from callup.cases import Moment, account, standing
from callup.cases.desk import FEW, account_of_day, states_of, states_query
from callup.jurisdictions import resource
from callup.terms.errors import BadInput
from callup.terms.tables import FACTS

_FUNNEL = """
SELECT step, persons FROM (
  SELECT 1 AS turn, 'called' AS step, count(*) AS persons FROM notices
  UNION ALL SELECT 2, 'served', count(*) FROM standings WHERE served_on IS NOT NULL
  UNION ALL SELECT 3, 'answered', count(DISTINCT case_id) FROM facts WHERE kind IN ('responded', 'claimed', 'appointment_moved', 'appeared')
  UNION ALL SELECT 4, 'appeared', count(DISTINCT case_id) FROM facts WHERE kind = 'appeared'
  UNION ALL SELECT 5, 'fit', count(DISTINCT case_id) FROM facts WHERE kind = 'assessed' AND outcome = 'fit'
  UNION ALL SELECT 6, 'enlisted', count(*) FROM standings WHERE state = 'enlisted'
) ORDER BY turn"""
_TO_THE_ANSWER = 3
"""So many steps of the funnel has a call-up that asks for an answer; those after it speak of an appearance."""
_CLAIMS = """
SELECT split_part(c.ground, ':', 1) AS kind, coalesce(d.outcome, w.outcome, 'open') AS outcome, count(*) AS cases
FROM facts c
LEFT JOIN (SELECT ref, max(outcome) AS outcome FROM facts WHERE kind = 'decided' GROUP BY ref) d ON d.ref = c.fact_id
LEFT JOIN (SELECT DISTINCT ref, 'withdrawn' AS outcome FROM facts WHERE kind = 'claim_withdrawn') w ON w.ref = c.fact_id
WHERE c.kind = 'claimed' GROUP BY 1, 2 ORDER BY 1, 2"""
_WAITED = """
SELECT CASE c.kind WHEN 'claimed' THEN 'claims' ELSE 'statements that it did not arrive' END AS what, c.happened_on AS came,
  min(d.happened_on) AS decided
FROM facts c JOIN facts d ON d.kind = 'decided' AND d.ref = c.fact_id
WHERE c.kind IN ('claimed', 'service_contested', 'not_for_me') GROUP BY c.fact_id, c.kind, c.happened_on"""
_CLOCKS = f"""
SELECT what, count(*) AS decided, CAST(median(decided - came) AS BIGINT) AS median_days,
  CAST(quantile_cont(decided - came, 0.9) AS BIGINT) AS nine_in_ten_days FROM ({_WAITED}) GROUP BY 1 ORDER BY 1"""
_WAITING = """
SELECT what, count(*) AS waiting, CAST(median(age) AS BIGINT) AS median_age, CAST(quantile_cont(age, 0.9) AS BIGINT) AS nine_in_ten_age
FROM (
  SELECT CASE c.kind WHEN 'claimed' THEN 'claims' ELSE 'statements that it did not arrive' END AS what, DATE '{day}' - c.happened_on AS age
  FROM facts c WHERE c.kind IN ('claimed', 'service_contested', 'not_for_me')
  AND NOT EXISTS (SELECT 1 FROM facts d WHERE d.kind IN ('decided', 'claim_withdrawn') AND d.ref = c.fact_id)
) GROUP BY 1 ORDER BY 1"""
_HARSHER = "SELECT count(*) FROM standings WHERE deemed_on < coalesce(served_on, DATE '9999-12-31')"
_SERVICE = """
SELECT coalesce(service_channel, '') AS channel, service AS finding, count(*) AS cases FROM standings GROUP BY 1, 2 ORDER BY 1, 2"""


def report_model(course: Course, logs: CallUpLogs) -> ReportModel:
    """All numbers of the report, before suppression."""
    closing, eve = course.decree.closes_on, course.decree.closes_on - timedelta(days=1)
    run = course.engine.table
    by_day = _states_by_day(course)
    due, followup = due_table(course, eve, eve), followup_table(course, eve, eve)
    kinds = lay_tables(course, closing)
    funnel = reached(course, Moment(closing, closing, closing, kinds))
    outcomes = course.read("80-outcomes", "outcomes.parquet")
    return ReportModel(
        **everyone(course, summonses(course, PLAIN), course.facts.all(closing)),
        decree=course.decree,
        digests=_digests(course),
        quotas=pa.Table.from_pylist(read_quotas(course)),
        account=account(roll_by_unit(course), _called(outcomes), outcomes),
        funnel=funnel,
        states_by_day=by_day,
        service=run(_SERVICE),
        due=due,
        followup=followup,
        claims=run(_CLAIMS),
        clocks=decision_clocks(course),
        waves=_waves(course),
        acts=dict(sorted(Counter(entry.split(b" ")[1].decode() for entry in logs.acts.tree().entries()).items())),
        unverified=tuple(dict.fromkeys((*course.jurisdiction.law.unverified, *course.jurisdiction.procedure.unverified))),
        unit_names=unit_names(course),
        words_in=words_in(course.jurisdiction, unit_names(course), course.decree),
        law=f"{course.jurisdiction.law.title} (version {course.jurisdiction.version[:16]})",
        harsher=run(_HARSHER).column(0)[0].as_py(),
        doors=door_counts(course.facts.all(closing)),
        undertakings=sheet(course, closing, closing),
        pressure=pc.sum(pc.equal(course.facts.all(closing).column("kind"), "pressure_reported")).as_py() or 0,
        log_sizes={"public": logs.public.size, "acts": logs.acts.size},
        signed=_signed(course),
    )


def reached(course: Course, moment: Moment) -> pa.Table:
    """How many had reached each step; the engine holds the facts and the summonses, and from now on the standings too."""
    course.engine.register("standings", course.engine.table(standing(*course.proceeding, moment)))
    steps = course.engine.table(_FUNNEL)
    return steps if course.decree.appoints else steps.slice(0, _TO_THE_ANSWER)


def waiting_ages(course: Course, day: date) -> pa.Table:
    """How old on a day is what waits for a decision, of the facts that the engine holds."""
    return course.engine.table(_WAITING.format(day=day))


def _signed(course: Course) -> dict[str, object]:
    """The signatures that stood when the report was first written; it binds these, and later ones may follow them."""
    now = signed_until(course.dossier)
    return signed_until(course.dossier, course.kept("signatures of the report", lines=now["lines"])["lines"])


def _called(outcomes: pa.Table) -> dict[str, int]:
    """How many were called, by unit."""
    return {row["values"]: row["counts"] for row in outcomes.column("unit").value_counts().to_pylist()}


def _digests(course: Course) -> dict[str, str]:
    """The six inputs and what they are here."""
    inputs = {entry["name"]: entry["digest"] for line in course.dossier.lines() for entry in line.get("artefacts", ())}
    facts, _ = course.engine.digest(course.facts.all(), FACTS)
    seed = course.dossier.open / "40-seed" / "seed.txt"
    return {
        "decree": inputs["decree"],
        "law": inputs["law"],
        "register snapshot": inputs["snapshot"],
        "seed": hashlib.sha256(seed.read_bytes()).hexdigest() if seed.exists() else "",
        "facts": facts,
        "as of": course.decree.closes_on.isoformat(),
    }


def decision_clocks(course: Course) -> pa.Table:
    """How long decisions took, of the facts that the engine holds, beside the days that the law gives on the day of closing."""
    clock = course.jurisdiction.procedure.at(course.decree.closes_on).clock("decision")
    rows = course.engine.table(_CLOCKS).to_pylist()
    shape = [("what", pa.string()), *((name, pa.int64()) for name in ("decided", "median_days", "nine_in_ten_days", "law_days"))]
    return pa.Table.from_pylist([{**row, "law_days": clock.days if clock else 0} for row in rows], pa.schema(shape))


def _states_by_day(course: Course) -> pa.Table:
    """States of the cases once a week and on the last day; on each of these days the account of every unit closes."""
    first, last, roll, waves = course.day_of(1), course.decree.closes_on, roll_by_unit(course), _summoned(course)
    days = [first + timedelta(days=7 * week) for week in range((last - first).days // 7 + 1)]
    kinds, notices = lay_tables(course, last), summonses(course, PLAIN)
    rows: list[dict[str, object]] = []
    for day in dict.fromkeys((*days, last)):
        closed = last if day == last else None
        called = sum((units for entered, units in waves if entered <= day), Counter[str]())
        later = pa.array([wave for wave, (entered, _) in enumerate(waves, 1) if entered > day], pa.int64())
        mine = notices.filter(pc.invert(pc.is_in(notices.column("wave"), value_set=later)))  # the others have no case yet
        course.engine.register("notices", mine)
        found = account_of_day(roll, called, states_on(course, Moment(day, day, closed, kinds), mine))
        rows += [{"day": day, "state": state, "cases": cases} for state, cases in states_alone(found).items()]
    return pa.Table.from_pylist(rows, pa.schema([("day", pa.date32()), ("state", pa.string()), ("cases", pa.int64())]))


def _summoned(course: Course) -> list[tuple[date, Counter[str]]]:
    """The day of each wave, and how many summonses it has in each unit."""
    found = []
    for wave in range(1, course.decree.waves + 1):
        notices = notices_of(course, wave)
        strata = notices.filter(pc.equal(notices.column("kind"), "summons")).column("stratum").to_pylist()
        found.append((course.day_of(wave), Counter(stratum.partition("+")[0] for stratum in strata)))
    return found


def states_alone(found: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """States of the whole country; whoever is not called has no case."""
    states: Counter[str] = Counter()
    for (_, state), cases in sorted(found.items(), key=lambda one: one[0][1]):
        if state != "not called":
            states[state] += cases
    return dict(states)


def states_on(course: Course, moment: Moment, notices: pa.Table) -> dict[tuple[str, str], int]:
    """The cases by unit and state, counted; the engine holds the facts and these summonses."""
    if notices.num_rows <= FEW:
        return states_of(*course.proceeding, notices, course.engine.table("SELECT * FROM facts"), moment)
    found = course.engine.table(states_query(*course.proceeding, moment)).to_pylist()
    return {(row["unit"], row["state"]): row["cases"] for row in found}


def _waves(course: Course) -> pa.Table:
    rows = []
    for wave in range(1, course.decree.waves + 1):
        kinds = course.read("50-notices", f"wave-{wave}", "notices.parquet").column("kind")
        rows.append({"wave": wave, "day": course.day_of(wave), "notices": pc.sum(pc.equal(kinds, "summons")).as_py() or 0})
    return pa.Table.from_pylist(rows)


def unit_names(course: Course) -> dict[str, tuple[str, str]]:
    """Each unit's name in English and its district, where the jurisdiction has such a list."""
    try:
        text = resource(course.decree.jurisdiction, "data/subjects.csv").decode()
    except BadInput:
        return {}
    return {row["iso_code"]: (row["name_en"], row["district"]) for row in csv.DictReader(io.StringIO(text))}
