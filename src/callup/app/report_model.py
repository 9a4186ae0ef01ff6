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
from callup.app.report_words import words_in
from callup.app.sealed import sealed_dataset
from callup.app.signing import signed_until
from callup.app.stages.calling import read_quotas
from callup.app.stages.listing import read_order
from callup.app.stages.noticing import notices_of
from callup.app.standing import due_table, followup_table, lay_tables, roll_by_unit, summonses
from callup.app.undertakings import sheet
from callup.cases import Moment, account, standing
from callup.cases.desk import FEW, account_of_day, states_of, states_query
from callup.jurisdictions import resource
from callup.law import DuckDB
from callup.law.comparing import called
from callup.terms.errors import BadInput
from callup.terms.tables import FACTS

_BEFORE_AGE_CHANGE, _AFTER_AGE_CHANGE = date(2023, 12, 31), date(2024, 1, 1)
_FUNNEL = """
SELECT step, persons FROM (
  SELECT 1 AS turn, 'called' AS step, count(*) AS persons FROM notices
  UNION ALL SELECT 2, 'served', count(*) FROM standings WHERE served_on IS NOT NULL
  UNION ALL SELECT 3, 'answered', count(DISTINCT case_id) FROM facts WHERE kind IN ('responded', 'claimed', 'appointment_moved', 'appeared')
  UNION ALL SELECT 4, 'appeared', count(DISTINCT case_id) FROM facts WHERE kind = 'appeared'
  UNION ALL SELECT 5, 'fit', count(DISTINCT case_id) FROM facts WHERE kind = 'assessed' AND outcome = 'fit'
  UNION ALL SELECT 6, 'enlisted', count(*) FROM standings WHERE state = 'enlisted'
) ORDER BY turn"""
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
_EQUALITY = """
WITH people AS (
  SELECT DISTINCT ON (r.person_id) CAST(date_diff('year', r.born_on, DATE '{key}') AS VARCHAR) AS age,
    coalesce(nullif(split_part(s.languages, ' ', 1), ''), 'not known') AS language, n.person_id IS NOT NULL AS called
  FROM roll r JOIN snapshot s ON s.person_id = r.person_id LEFT JOIN notices n ON n.person_id = r.person_id ORDER BY r.person_id
), kinds AS (SELECT 'age' AS kind, coalesce(age, 'not known') AS grp, called FROM people
  UNION ALL SELECT 'language', language, called FROM people)
SELECT kind AS "by", grp AS "group", count(*) AS in_roll, count(*) FILTER (WHERE called) AS called
FROM kinds GROUP BY kind, grp ORDER BY 1, 2"""
_HARSHER = "SELECT count(*) FROM standings WHERE deemed_on < coalesce(served_on, DATE '9999-12-31')"
_SERVICE = """
SELECT coalesce(service_channel, '') AS channel, service AS finding, count(*) AS cases FROM standings GROUP BY 1, 2 ORDER BY 1, 2"""
_UNDETERMINED = """
SELECT coalesce(missing, 'no lawful answer') AS reason, count(*) AS persons
FROM findings WHERE finding = 'UNDETERMINED' GROUP BY 1 ORDER BY 1"""
_LISTING = """
WITH let_go AS (SELECT DISTINCT ground AS person_id FROM facts WHERE kind = 'ruled' AND outcome = 'not-liable'),
outside AS (SELECT f.person_id, f.finding = 'LIABLE' AND g.person_id IS NULL AS bound,
    f.finding = 'NOT_LIABLE' OR g.person_id IS NOT NULL AS free
  FROM findings f LEFT JOIN let_go g ON g.person_id = f.person_id LEFT JOIN roll r ON r.person_id = f.person_id WHERE r.person_id IS NULL)
SELECT 'no place in the order' AS reason, count(*) AS persons FROM outside WHERE bound
UNION ALL SELECT 'in the list but not liable', count(*) FROM outside JOIN listed USING (person_id) WHERE free"""
_MONTHS = """
WITH register AS (
  SELECT coalesce(unit, '') AS unit, CAST(month(born_on) AS BIGINT) AS month, count(*) AS register FROM findings GROUP BY 1, 2
), listed AS (
  SELECT split_part(r.stratum, '+', 1) AS unit, CAST(month(r.born_on) AS BIGINT) AS month, count(*) AS roll, count(n.person_id) AS called
  FROM roll r LEFT JOIN notices n ON n.person_id = r.person_id GROUP BY 1, 2
)
SELECT coalesce(g.unit, l.unit) AS unit, coalesce(g.month, l.month) AS month,
  coalesce(register, 0) AS register, coalesce(roll, 0) AS roll, coalesce(called, 0) AS called
FROM register g FULL JOIN listed l ON g.unit = l.unit AND g.month IS NOT DISTINCT FROM l.month ORDER BY 1, 2"""


def report_model(course: Course, logs: CallUpLogs) -> ReportModel:
    """All numbers of the report, before suppression."""
    closing, eve = course.decree.closes_on, course.decree.closes_on - timedelta(days=1)
    run = course.engine.table
    by_day = _states_by_day(course)
    due, followup = due_table(course, eve, eve), followup_table(course, eve, eve)
    kinds = lay_tables(course, closing)
    funnel = reached(course, Moment(closing, closing, closing, kinds))
    _lay_roll(course)
    outcomes = course.read("80-outcomes", "outcomes.parquet")
    return ReportModel(
        decree=course.decree,
        digests=_digests(course),
        register=run("SELECT finding, count(*) AS persons FROM findings GROUP BY finding ORDER BY finding"),
        roll=run("SELECT split_part(stratum, '+', 1) AS unit, count(*) AS persons FROM roll GROUP BY 1 ORDER BY 1"),
        quotas=pa.Table.from_pylist(read_quotas(course)),
        account=account(roll_by_unit(course), _called(outcomes), outcomes),
        funnel=funnel,
        states_by_day=by_day,
        service=run(_SERVICE),
        due=due,
        followup=followup,
        claims=run(_CLAIMS),
        clocks=decision_clocks(course),
        equality=called_by_group(course),
        waves=_waves(course),
        acts=dict(sorted(Counter(entry.split(b" ")[1].decode() for entry in logs.acts.tree().entries()).items())),
        panel=_panel(course),
        undetermined=run(_UNDETERMINED),
        listing=_listing(course),
        months=run(_MONTHS),
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
    return course.engine.table(_FUNNEL)


def called_by_group(course: Course, notices: pa.Table | None = None) -> pa.Table:
    """Everyone of the roll and those called, by age and by language.

    Args:
        course: the run.
        notices: of these; those that the engine holds where none are given.
    """
    _lay_roll(course)
    if notices is not None:
        course.engine.register("notices", notices)
    return course.engine.table(_EQUALITY.format(key=course.decree.key_date))


def waiting_ages(course: Course, day: date) -> pa.Table:
    """How old on a day is what waits for a decision, of the facts that the engine holds."""
    return course.engine.table(_WAITING.format(day=day))


def _lay_roll(course: Course) -> None:
    """What stood before the first notice."""
    for folder, name in (("30-roll", "roll"), ("20-findings", "findings"), ("10-snapshot", "snapshot")):
        course.engine.register(name, sealed_dataset(course.table_path(folder, f"{name}.parquet"), course.dossier.key))


def _signed(course: Course) -> dict[str, object]:
    """The signatures that stood when the report was first written; it binds these, and later ones may follow them."""
    now = signed_until(course.dossier)
    return signed_until(course.dossier, course.kept("signatures of the report", lines=now["lines"])["lines"])


def _listing(course: Course) -> pa.Table | None:
    """Under an order by list, why its people and the liable are not the same; the engine holds findings, roll and facts."""
    if not course.decree.listed:
        return None
    course.engine.register("listed", read_order(course))
    return course.engine.table(_LISTING)


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
    kinds, facts = lay_tables(course, last), course.facts.all(last)
    notices = summonses(course)
    rows: list[dict[str, object]] = []
    for day in dict.fromkeys((*days, last)):
        closed = last if day == last else None
        called = sum((units for entered, units in waves if entered <= day), Counter[str]())
        later = pa.array([wave for wave, (entered, _) in enumerate(waves, 1) if entered > day], pa.int64())
        mine = notices.filter(pc.invert(pc.is_in(notices.column("wave"), value_set=later)))  # the others have no case yet
        course.engine.register("notices", mine)
        course.engine.register("facts", facts.filter(pc.field("known_on") <= day))
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


def _panel(course: Course) -> pa.Table:
    """Men liable by single age on the day before and the day of the new age limit: a law impact study, synthetic registers only (G2)."""
    shape = pa.schema([("age", pa.int64()), ("law_2023", pa.int64()), ("law_2024", pa.int64())])
    if not course.decree.rehearsal or course.decree.jurisdiction != "ru":
        return shape.empty_table()
    by_age: dict[int, dict[str, int]] = {}
    for name, day in (("law_2023", _BEFORE_AGE_CHANGE), ("law_2024", _AFTER_AGE_CHANGE)):
        course.engine.register("snapshot", sealed_dataset(course.table_path("10-snapshot", "snapshot.parquet"), course.dossier.key))
        liable = called(course.jurisdiction.law, day, DuckDB())
        sql = f"SELECT born_on, count(*) AS persons FROM ({liable.sql}) GROUP BY born_on"
        for row in course.engine.table(sql).to_pylist():
            born = row["born_on"]
            age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
            counts = by_age.setdefault(age, {"law_2023": 0, "law_2024": 0})
            counts[name] += row["persons"]
    return pa.Table.from_pylist([{"age": age, **counts} for age, counts in sorted(by_age.items())], shape)


def unit_names(course: Course) -> dict[str, tuple[str, str]]:
    """Each unit's name in English and its district, where the jurisdiction has such a list."""
    try:
        text = resource(course.decree.jurisdiction, "data/subjects.csv").decode()
    except BadInput:
        return {}
    return {row["iso_code"]: (row["name_en"], row["district"]) for row in csv.DictReader(io.StringIO(text))}
