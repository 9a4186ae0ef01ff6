"""The tables of a report that look at everyone: register, roll, findings and snapshot, counted by one text on either engine (ADR 0061)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from callup.app.sealed import read_sealed, sealed_dataset
from callup.app.stages.listing import read_order
from callup.law.comparing import called

if TYPE_CHECKING:
    from callup.app.course import Course
    from callup.app.engines.engine import Engine
    from callup.law import Law

_BEFORE_AGE_CHANGE, _AFTER_AGE_CHANGE = date(2023, 12, 31), date(2024, 1, 1)
_READ = (
    ("30-roll", "roll", ("stratum", "person_id", "born_on")),
    ("20-findings", "findings", ("person_id", "born_on", "unit", "finding", "missing")),
    ("10-snapshot", "snapshot", ("person_id", "languages")),
)
_REGISTER = "SELECT finding, count(*) AS persons FROM findings GROUP BY finding ORDER BY finding"
_ROLL = "SELECT split_part(stratum, '+', 1) AS unit, count(*) AS persons FROM roll GROUP BY 1 ORDER BY 1"
_EQUALITY = """
WITH listed AS (SELECT person_id, min(born_on) AS born_on FROM roll GROUP BY person_id), people AS (
  SELECT
    CAST({year} - year(l.born_on) - CASE WHEN 100 * month(l.born_on) + day(l.born_on) > {turned} THEN 1 ELSE 0 END AS STRING) AS age,
    coalesce(nullif(split_part(s.languages, ' ', 1), ''), 'not known') AS language,
    c.person_id IS NOT NULL AS called
  FROM listed l JOIN snapshot s ON s.person_id = l.person_id LEFT JOIN called c ON c.person_id = l.person_id
), kinds AS (SELECT 'age' AS kind, coalesce(age, 'not known') AS grp, called FROM people
  UNION ALL SELECT 'language', language, called FROM people)
SELECT kind AS "by", grp AS "group", count(*) AS in_roll, count(*) FILTER (WHERE called) AS called
FROM kinds GROUP BY kind, grp ORDER BY 1, 2"""
_UNDETERMINED = """
SELECT coalesce(missing, 'no lawful answer') AS reason, count(*) AS persons
FROM findings WHERE finding = 'UNDETERMINED' GROUP BY 1 ORDER BY 1"""
LISTING = """
WITH outside AS (
  SELECT f.person_id, f.finding = 'LIABLE' AND g.person_id IS NULL AS bound, f.finding = 'NOT_LIABLE' OR g.person_id IS NOT NULL AS free
  FROM findings f LEFT JOIN let_go g ON g.person_id = f.person_id LEFT JOIN roll r ON r.person_id = f.person_id WHERE r.person_id IS NULL)
SELECT reason, persons FROM (
  SELECT 1 AS turn, 'no place in the order' AS reason, count(*) AS persons FROM outside WHERE bound
  UNION ALL SELECT 2, 'in the list but not liable', count(*) FROM outside JOIN listed USING (person_id) WHERE free
) ORDER BY turn"""
_MONTHS = """
WITH register AS (
  SELECT coalesce(unit, '') AS unit, CAST(month(born_on) AS BIGINT) AS month, count(*) AS register FROM findings GROUP BY 1, 2
), listed AS (
  SELECT split_part(r.stratum, '+', 1) AS unit, CAST(month(r.born_on) AS BIGINT) AS month, count(*) AS roll, count(c.person_id) AS called
  FROM roll r LEFT JOIN called c ON c.person_id = r.person_id GROUP BY 1, 2
)
SELECT coalesce(g.unit, l.unit) AS unit, coalesce(g.month, l.month) AS month,
  coalesce(register, 0) AS register, coalesce(roll, 0) AS roll, coalesce(called, 0) AS called
FROM register g FULL JOIN listed l ON g.unit = l.unit AND g.month IS NOT DISTINCT FROM l.month ORDER BY 1, 2 NULLS LAST"""


def everyone(course: Course, notices: pa.Table, facts: pa.Table) -> dict[str, pa.Table | None]:
    """The tables of `callup.app.report.ReportModel` that look at everyone, by field, from the engine of the register.

    Args:
        course: the run, its roll frozen.
        notices: the summonses of those called.
        facts: those known at closing.
    """
    engine = course.register_engine
    _lay(course, engine, notices)
    return {
        "register": engine.table(_REGISTER),
        "roll": engine.table(_ROLL),
        "equality": engine.table(_equality(course)),
        "undetermined": engine.table(_UNDETERMINED),
        "months": engine.table(_MONTHS),
        "listing": _listing(course, engine, facts),
        "panel": _panel(course, engine),
    }


def called_by_group(course: Course, notices: pa.Table) -> pa.Table:
    """Everyone of the roll and those called by these notices, by age and by language; from DuckDB, for the public pages."""
    _lay(course, course.engine, notices)
    return course.engine.table(_equality(course))


def liable_by_birth(engine: Engine, law: Law, day: date) -> pa.Table:
    """``born_on``, ``persons``: those of the table ``snapshot`` whom a law binds on a day."""
    return engine.table(f"SELECT born_on, count(*) AS persons FROM ({called(law, day, engine.dialect).sql}) f GROUP BY born_on")


def _equality(course: Course) -> str:
    day = course.decree.key_date
    return _EQUALITY.format(year=day.year, turned=100 * day.month + day.day)


def _lay(course: Course, engine: Engine, notices: pa.Table) -> None:
    """What stood before the first notice, and who was called; the engine here reads the columns it needs, another is handed them."""
    for folder, name, columns in _READ:
        path = course.table_path(folder, f"{name}.parquet")
        if engine is course.engine:
            course.engine.register(name, sealed_dataset(path, course.dossier.key))
        else:
            engine.register(name, read_sealed(path, course.dossier.key, columns))
    engine.register("called", _persons(notices.column("person_id")))


def _persons(ids: pa.ChunkedArray) -> pa.Table:
    return pa.table({"person_id": ids.unique()})


def _listing(course: Course, engine: Engine, facts: pa.Table) -> pa.Table | None:
    """Under an order by list, why its people and the liable are not the same; the engine holds findings and roll."""
    if not course.decree.listed:
        return None
    ruled = pc.and_(pc.equal(facts.column("kind"), "ruled"), pc.equal(facts.column("outcome"), "not-liable"))
    engine.register("let_go", _persons(facts.filter(ruled).column("ground")))
    engine.register("listed", read_order(course).select(["person_id"]))
    return engine.table(LISTING)


def _panel(course: Course, engine: Engine) -> pa.Table:
    """Men liable by single age on the day before and the day of the new age limit: a law impact study, synthetic registers only (G2)."""
    shape = pa.schema([("age", pa.int64()), ("law_2023", pa.int64()), ("law_2024", pa.int64())])
    if not course.decree.rehearsal or course.decree.jurisdiction != "ru":
        return shape.empty_table()
    if engine is not course.engine:
        engine.register("snapshot", read_sealed(course.table_path("10-snapshot", "snapshot.parquet"), course.dossier.key))
    by_age: dict[int, dict[str, int]] = {}
    for name, day in (("law_2023", _BEFORE_AGE_CHANGE), ("law_2024", _AFTER_AGE_CHANGE)):
        for row in liable_by_birth(engine, course.jurisdiction.law, day).to_pylist():
            born = row["born_on"]
            age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
            counts = by_age.setdefault(age, {"law_2023": 0, "law_2024": 0})
            counts[name] += row["persons"]
    return pa.Table.from_pylist([{"age": age, **counts} for age, counts in sorted(by_age.items())], shape)
