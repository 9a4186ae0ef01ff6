"""What the law costs over a whole register in memory: beside reading every column, beside SQL by hand, and two days beside one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.app.benches.called_loop import compiler, loop
from callup.app.synthetic import write_register
from callup.jurisdictions import load
from callup.law import DuckDB, Law, Window, assess, calendar_rows
from callup.law.comparing import called, compare, count, law_as_of
from callup.terms.errors import Tampered

PERSONS = 10_000_000
CODE, DAY, BEFORE = "ru", date(2025, 4, 1), date(2023, 12, 31)
BIRTHS = date(2007, 4, 1), date(1995, 4, 1), date(1996, 12, 31)
"""The latest births of those who are 18, and 30, on the day, and were 27 by the end of 2023."""
RUNS = 3
_SUMS = {"DATE": "epoch({0})", "BOOLEAN": "CAST({0} AS INT)", "VARCHAR": "strlen({0})", "BIGINT": "{0}"}
WHY = (
    "The sum of every column is one addition a value; the summary asks 29 rules over 33 columns, texts and flags that may be unknown, each "
    "only of those whom no earlier rule decided. The loop in C is handed flags packed into one number and dates as numbers; packing them "
    "is not counted"
)


@dataclass(frozen=True, slots=True)
class _Cost:
    """The best of some runs: seconds, and seconds of processor."""

    wall: float
    cpu: float
    gave: Any


def run(setting: Setting, folder: Path) -> Measured:
    """Summaries, decisions and two law days over one register in memory.

    Raises:
        Tampered: the SQL by hand, or the two days, count otherwise than the law file.
    """
    persons, law = setting.persons or PERSONS, load(CODE).law
    path = folder / "register.parquet"
    write_register(CODE, persons, setting.seed, path)
    with duckdb.connect(config={"threads": "2", "memory_limit": "6GB"}) as base:
        names = dict.fromkeys(("person_id", "born_on", "unit", *law.columns))
        base.execute(f"CREATE TABLE snapshot AS SELECT {', '.join(names)} FROM read_parquet('{path}')")
        return Measured(tuple(_figures(base, law, persons, folder)), (WHY,))


def _figures(base: duckdb.DuckDBPyConnection, law: Law, persons: int, folder: Path) -> list[Figure]:
    return [*_summaries(base, law, persons), *_two_days(base, law), *_called(base, law, folder), *_decisions(base, law, persons, folder)]


def _summaries(base: duckdb.DuckDBPyConnection, law: Law, persons: int) -> list[Figure]:
    scan = _best(base, _sum_of_every_column(base))
    summary = _best(base, count(law, DAY, DuckDB()).sql)
    hand = _best(base, _summary(_by_hand(law)))
    _require_same("the SQL by hand", summary, hand)
    ratios = (summary.cpu / scan.cpu, summary.cpu / hand.cpu)
    return [
        Figure(f"sum of every column of {persons:,} persons", scan.cpu, "CPU-s"),
        Figure("summary by unit, finding and deciding rule", summary.cpu, "CPU-s"),
        Figure("ratio of the summary to the sum of every column", ratios[0], "x", "at most 1.6", ratios[0] <= 1.6),
        Figure("the same summary in SQL by hand", hand.cpu, "CPU-s"),
        Figure("ratio of the law file to SQL by hand", ratios[1], "x", "at most 1.1", ratios[1] <= 1.1),
    ]


def _two_days(base: duckdb.DuckDBPyConnection, law: Law) -> list[Figure]:
    laws = (law_as_of(law, BEFORE), law_as_of(law, DAY))
    one = _best(base, compare((laws[1], laws[1]), (DAY, DAY), DuckDB()).sql)
    both = _best(base, compare(laws, (DAY, DAY), DuckDB()).sql)
    moved = sum(row[-1] for row in both.gave if row[1:3] != row[3:5])
    ratio = both.cpu / one.cpu
    return [
        Figure("counts by finding and rule, one law", one.cpu, "CPU-s"),
        Figure("the laws of two days in one scan, pairs counted", both.cpu, "CPU-s"),
        Figure("persons for whom they give another rule", moved, "persons"),
        Figure("ratio of two law days to one", ratio, "x", "at most 1.1", ratio <= 1.1),
    ]


def _called(base: duckdb.DuckDBPyConnection, law: Law, folder: Path) -> list[Figure]:
    """The called list beside a loop in C, which asks every rule of everyone; the register lies clustered by birth date."""
    liable = called(law, DAY, DuckDB()).sql
    ours = _best(base, f"SELECT count(*), max(person_id) FROM ({liable}) c")
    figures = [Figure("called list, conditions side by side", ours.cpu, "CPU-s")]
    if compiler() is None:
        return figures
    seconds, found = loop(base, law, (DAY, *BIRTHS), folder)
    if found != ours.gave[0][0]:
        where = {"what": "the loop in C", "callup": ours.gave[0][0], "loop": found}
        raise Tampered("peer-disagrees", where, "one of the two misreads the law: find the person on whom they differ")
    ratio = ours.cpu / seconds
    return [
        *figures,
        Figure("a loop in C over flat columns, one core", seconds, "CPU-s"),
        Figure("ratio of the called list to the loop", ratio, "x", "at most 1.5", ratio <= 1.5),
    ]


def _decisions(base: duckdb.DuckDBPyConnection, law: Law, persons: int, folder: Path) -> list[Figure]:
    base.register("calendar", calendar_rows(law, Window(DAY, DAY, DAY)))
    found = assess(law, Window(DAY, DAY, DAY), DuckDB()).sql
    shown = "SELECT person_id, finding, rule, mask, until, missing"
    written = _best(base, f"COPY ({shown} FROM ({found}) f) TO '{folder / 'decisions.parquet'}' (FORMAT parquet)")
    target = "at most 1 for 10,000,000"
    return [
        Figure("all decisions with reasons to Parquet", written.wall, "s", target, written.wall <= persons / 10_000_000),
        Figure("the same, of the processor", written.cpu, "CPU-s"),
    ]


def _summary(findings: str) -> str:
    return f"SELECT unit, finding, rule, count(*) AS persons FROM ({findings}) f GROUP BY unit, finding, rule"


def _sum_of_every_column(base: duckdb.DuckDBPyConnection) -> str:
    shape = base.execute("DESCRIBE snapshot").fetchall()
    return f"SELECT {', '.join(f'sum({_SUMS[kind].format(name)})' for name, kind, *_ in shape)} FROM snapshot"


def _by_hand(law: Law) -> str:
    units = law.parameters["recognised"].at(DAY)
    listed = ", ".join(f"'{unit}'" for unit in units) if isinstance(units, tuple) else ""
    return files("callup.app.benches").joinpath("peers/ru_by_hand.sql").read_text(encoding="utf-8").replace("$UNITS", listed)


def _best(base: duckdb.DuckDBPyConnection, sql: str) -> _Cost:
    found: list[_Cost] = []
    for _ in range(RUNS):
        wall, cpu = time.perf_counter(), time.process_time()
        gave = base.execute(sql).fetchall()
        found.append(_Cost(time.perf_counter() - wall, time.process_time() - cpu, gave))
    return _Cost(min(one.wall for one in found), min(one.cpu for one in found), found[-1].gave)


def _require_same(what: str, ours: _Cost, theirs: _Cost) -> None:
    differ = set(ours.gave) ^ set(theirs.gave)
    if differ:
        where = {"what": what, "groups that differ": len(differ), "first": str(min(differ, key=str))}
        raise Tampered("peer-disagrees", where, "one of the two misreads the law: find the person on whom they differ")


BENCH = Bench("lawscan", "what does the law cost over a whole register, beside reading it?", run)
