"""The standing of all obligations beside a plain scan and group-by of the same facts, of those whom one day touched, and of one person."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.app.stores.facts import FactStore
from callup.cases import Moment, fold, standing
from callup.jurisdictions import load

CASES = 1_000_000
FACTS_A_CASE = 10
RUNS = 3
CODE = "freedonia"
AS_OF = date(2025, 5, 20)
_FIRST = "DATE '2025-04-01'"
TOUCHED = 100
"""On the day asked about, one obligation in so many had a new fact."""

_FACTS = f"""
SELECT substr(sha256(c || '/' || n), 1, 32) AS fact_id, c * {FACTS_A_CASE} + n AS seq, kind, printf('%024x', c) AS case_id,
  printf('%032x', c) AS notice_id, {_FIRST} + (d + (c * 7 + n) % 3)::INTEGER AS happened_on,
  {_FIRST} + (d + (c * 7 + n) % 3 + (c + n) % 2)::INTEGER AS known_on, actor,
  CASE kind WHEN 'decided' THEN 'Second' END AS second, channel,
  CASE kind WHEN 'decided' THEN substr(sha256(c || '/5'), 1, 32) WHEN 'decision_served' THEN substr(sha256(c || '/6'), 1, 32) END AS ref,
  ground, CASE WHEN kind = 'decided' THEN CASE c % 3 WHEN 0 THEN 'granted' ELSE 'refused' END WHEN kind = 'assessed' THEN 'fit'
    WHEN kind = 'returned' THEN 'moved' END AS outcome,
  NULL::DATE AS until,
  CASE WHEN kind IN ('called', 'did_not_come') THEN DATE '2025-05-05' END AS appear_on, repeat('0', 64) AS evidence,
  CASE WHEN kind IN ('decided', 'read') THEN 'a reason' END AS reason
FROM range({{cases}}) cs(c), (VALUES
  (0, 'called', 0, NULL, NULL, 'authority'), (1, 'handed_over', 1, 'mail', NULL, 'carrier'), (2, 'available', 1, 'portal', NULL, 'portal'),
  (3, 'opened', 4, 'portal', NULL, 'portal'), (4, 'courtesy_sent', 6, NULL, NULL, 'portal'),
  (5, 'claimed', 9, NULL, 'deferral:student', 'person'), (6, 'decided', 14, NULL, NULL, 'official: First'),
  (7, 'decision_served', 17, 'mail', NULL, 'carrier'), (8, 'appeared', 33, NULL, NULL, 'desk'), (9, 'read', 34, NULL, NULL, 'clerk: Name')
) AS k(n, kind, d, channel, ground, actor)
"""
_NOTICES = """
SELECT printf('%032x', c) AS notice_id, printf('%024x', c) AS case_id, 'summons' AS kind, 1 AS wave, 'unit-' || c % 80 AS stratum,
  c AS rank, DATE '2025-05-05' AS appear_on, NULL::DATE AS liable_until FROM range({cases}) cs(c)
"""
_PLAIN = "SELECT case_id, kind, count(*), max(happened_on), max(seq) FROM facts WHERE happened_on <= DATE '2025-05-20' GROUP BY ALL"


def run(setting: Setting, folder: Path) -> Measured:
    """Measure both on the same table, each run in turn: a plain group-by by case and kind is what any reading must do."""
    cases = setting.persons or CASES
    folk = load(CODE)
    with duckdb.connect() as base:
        base.execute("SET threads = 2; SET memory_limit = '3500MB'; SET temp_directory = '" + str(folder) + "'")
        base.execute(f"CREATE TABLE facts AS {_FACTS.format(cases=cases)}")
        base.execute(f"CREATE TABLE notices AS {_NOTICES.format(cases=cases)}")
        plain, read, wall = _whole(base, folk)
        picked, again = _one_day(base, folk)
    ratio, one = read / plain, _one(folder, folk)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(
        (
            Figure(f"{cases:,} obligations from {cases * FACTS_A_CASE:,} facts", read, "s of CPU"),
            Figure("the same, by the clock", wall, "s", "at most 1 for 1,000,000", wall <= cases / CASES),
            Figure("plain scan and group-by of the same table", plain, "s of CPU"),
            Figure("standing, of the plain scan and group-by", ratio, "x", "at most 5", ratio <= 5),
            Figure(f"the {cases // TOUCHED:,} whom one day touched, read again", again, "s of CPU", "at most 0.1", again <= 0.1),
            Figure("their facts and notices picked out of all", picked, "s of CPU"),
            Figure("largest memory", peak, "MB", "under 4,096", peak < 4096),
            Figure("one person's standing from the store", one, "ms", "under 1", one < 1),
        ),
        ("CPU seconds of user and system together; medians of runs that take turns; the facts lie in the engine's own table",),
    )


def _whole(base: duckdb.DuckDBPyConnection, folk: Any) -> tuple[float, float, float]:
    """CPU seconds of the plain group-by, of all standings, and what these took by the clock."""
    runs = [(_spent(_drained, base, _PLAIN)[0], *_spent(_standing, base, folk)) for _ in range(RUNS)]
    plain, read, wall = (median(one) for one in zip(*runs, strict=True))
    return plain, read, wall


def _one_day(base: duckdb.DuckDBPyConnection, folk: Any) -> tuple[float, float]:
    """CPU seconds of picking out whom one day touched, and of reading them again."""
    base.execute(f"CREATE TABLE day AS SELECT case_id FROM notices WHERE rank % {TOUCHED} = 0")
    runs = [(_spent(_pick_touched, base)[0], _spent(_standing, base, folk, "touched_")[0]) for _ in range(RUNS)]
    picked, again = (median(one) for one in zip(*runs, strict=True))
    return picked, again


def _pick_touched(base: duckdb.DuckDBPyConnection) -> None:
    """All facts of whom the day touched, and their notices, in tables of their own."""
    for name in ("facts", "notices"):
        base.execute(f"CREATE OR REPLACE TEMP TABLE touched_{name} AS SELECT * FROM {name} WHERE case_id IN (SELECT case_id FROM day)")


def _drained(base: duckdb.DuckDBPyConnection, sql: str) -> None:
    reader = base.sql(sql).to_arrow_reader(100_000)
    for _ in reader:
        pass


def _standing(base: duckdb.DuckDBPyConnection, folk: Any, of: str = "") -> None:
    """As a dossier asks: which kinds of facts there are, then the query; ``of`` some begins the names of their tables."""
    kinds = frozenset(row[0] for row in base.execute(f"SELECT DISTINCT kind FROM {of}facts").fetchall())
    sql = standing(folk.procedure, folk.calendar, Moment(AS_OF, AS_OF, kinds=kinds)).sql
    _drained(base, sql.replace("FROM facts", f"FROM {of}facts").replace("FROM notices", f"FROM {of}notices"))


def _spent(work: Callable[..., Any], *words: Any) -> tuple[float, float]:
    """CPU seconds, and seconds by the clock."""
    cpu, clock = time.process_time(), time.perf_counter()
    work(*words)
    return time.process_time() - cpu, time.perf_counter() - clock


def _one(folder: Path, folk: Any) -> float:
    """Milliseconds of one case read from the store and folded, the median of a thousand."""
    with duckdb.connect() as base:
        facts = base.sql(_FACTS.format(cases=1000)).to_arrow_table()
    pq.write_table(facts, folder / "facts.parquet")
    store = FactStore(folder / "facts.db", bytes(32))
    store.record(_as_recorded(facts))
    notice = {"wave": 1, "stratum": "unit-1", "appear_on": date(2025, 5, 5), "liable_until": None}
    moment, spent = Moment(AS_OF, AS_OF + timedelta(days=1)), []
    for number in range(1000):
        case = f"{number:024x}"
        start = time.perf_counter()
        fold(folk.procedure, folk.calendar, store.of_case(case), notice | {"case_id": case}, moment)
        spent.append(1000 * (time.perf_counter() - start))
    store.close()
    return median(spent)


def _as_recorded(facts: pa.Table) -> pa.Table:
    return facts.drop_columns(["seq", "fact_id"]).append_column("fact_id", facts.column("fact_id"))


BENCH = Bench("standing", "what does it cost to say where every obligation stands?", run)
