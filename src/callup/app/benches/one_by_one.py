"""What the law costs a person in one scan, beside a rule engine that is handed one person after the other."""

from __future__ import annotations

import json
import subprocess
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.app.benches.lawscan import CODE, DAY
from callup.app.synthetic import write_register
from callup.jurisdictions import load
from callup.law import DuckDB, Law
from callup.law.comparing import count
from callup.terms.errors import Tampered, Unavailable

PERSONS = 1_000_000
SAMPLE = 20_000
"""As many persons, spread over all births, are decided by the peer."""

PEER = Path(".venv-bench-rule-engine/bin/python")
TIMES = 150
RUNS = 3
_HOW = "the peer is handed dictionaries with dates made ready, which is not counted; persons whom the law leaves undetermined are left out"


def run(setting: Setting, folder: Path) -> Measured:
    """Decide a register in one scan, and a sample of it by the peer.

    Raises:
        Unavailable: the peer's environment is missing, or the peer failed.
        Tampered: the peer counts otherwise by deciding rule.
    """
    if not PEER.exists():
        raise Unavailable("peer-missing", {"peer": "rule-engine", "where": str(PEER)}, "run: make bench")
    persons, law = setting.persons or PERSONS, load(CODE).law
    path = folder / "register.parquet"
    write_register(CODE, persons, setting.seed, path)
    query = count(law, DAY, DuckDB()).sql
    with duckdb.connect(config={"threads": "2"}) as base:
        names = ", ".join(dict.fromkeys(("person_id", "unit", *law.columns)))
        base.execute(f"CREATE TABLE snapshot AS SELECT {names} FROM read_parquet('{path}')")
        seconds = min(_seconds(base, query) for _ in range(RUNS))
        rows = _sample(base, law, persons)
        base.execute("CREATE OR REPLACE TABLE snapshot AS SELECT * FROM sample")
        expected: dict[str, int] = {}
        for _, finding, rule, many in base.execute(query).fetchall():
            name = str(-rule if finding == "LIABLE" else rule)
            expected[name] = expected.get(name, 0) + many
    peer = _ask(rows, folder)
    if peer["deciding"] != expected:
        raise Tampered(
            "peer-disagrees", {"what": "rule-engine", "callup": str(expected), "peer": str(peer["deciding"])}, "one of them errs"
        )
    return _measured(persons / seconds, len(rows) / peer["seconds"], f"rule-engine {peer['version']}")


def _measured(ours: float, theirs: float, name: str) -> Measured:
    ratio = ours / theirs
    return Measured(
        (
            Figure("one scan, counted by unit, finding and deciding rule", ours, "persons a CPU-s"),
            Figure(f"{name}, person by person, deciding rule", theirs, "persons a CPU-s"),
            Figure(f"times the speed of {name}", ratio, "x", f"at least {TIMES}", ratio >= TIMES),
        ),
        (_HOW,),
    )


def _seconds(base: duckdb.DuckDBPyConnection, query: str) -> float:
    start = time.process_time()
    base.execute(query).fetchall()
    return time.process_time() - start


def _sample(base: duckdb.DuckDBPyConnection, law: Law, persons: int) -> list[dict[str, Any]]:
    """Persons of all births whom the law decides: the table ``sample`` and the same as dictionaries; an empty flag is no."""
    spread = f"CAST(substr(person_id, 2) AS BIGINT) % {max(1, persons // SAMPLE)} = 0"
    filled = " AND ".join(f"{name} IS NOT NULL" for name in ("unit", "born_on", "sex", "citizenship", "is_resident"))
    known = f"{filled} AND health_category IN ('A', 'B', 'V', 'G', 'D')"
    dated = "(health_category <> 'G' OR health_until IS NOT NULL)"
    base.execute(f"CREATE TABLE sample AS SELECT * FROM snapshot WHERE {spread} AND {known} AND {dated}")
    flags = {name for name, column in law.columns.items() if column.type == "flag"}
    shown = [f"coalesce({name}, false) AS {name}" if name in flags else name for name in law.columns]
    found = base.execute(f"SELECT {', '.join(shown)} FROM sample")
    names = [one[0] for one in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _ask(rows: list[dict[str, Any]], folder: Path) -> dict[str, Any]:
    """Run the peer in its own environment."""
    path = folder / "persons.jsonl"
    path.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), encoding="utf-8")
    program = files("callup.app.benches").joinpath("peers/rule_engine_law.py")
    done = subprocess.run([str(PEER), str(program), str(path)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(
            "peer-failed", {"peer": "rule-engine", "why": done.stderr[-300:]}, "mend the peer's environment: make clean bench"
        )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


BENCH = Bench("one-by-one", "what does the law cost a person, beside a rule engine that is handed one after the other?", run)
