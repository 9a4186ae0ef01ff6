"""Persons a second from law to findings, beside OpenFisca-core with the same law file, and beside reading the columns."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.app.engines.duckdb import DuckDBEngine
from callup.app.synthetic import write_register
from callup.jurisdictions import load, resource
from callup.law import DuckDB, Law, Window, assess, calendar_rows
from callup.law.comparing import count
from callup.terms.errors import Tampered, Unavailable

PERSONS = 1_000_000
CODE = "ru"
WINDOW = Window(date(2025, 4, 1), date(2025, 7, 15), date(2025, 4, 1))
PEER = Path(".venv-bench-openfisca/bin/python")
RUNS = 3
FILLED = (
    "OpenFisca has no unknown: for the comparison unknown values are filled with the commonest one, and whom a blank of the law leaves "
    "undecided is left out. The peer asked on each day is its one day times the days"
)


ALONE = "CPU and memory: each program in a process of its own; ours reads the register from Parquet, the peer's arrays are coded beforehand"
PROGRAM = "import json, sys; from callup.app.benches.assess import counted_once; print(json.dumps(counted_once(sys.argv[1])))"


def run(setting: Setting, folder: Path) -> Measured:
    """Decide one register three ways: as a call-up does, on one day, and by the peer on the same day.

    Raises:
        Unavailable: the peer's environment is missing, or the peer failed.
        Tampered: the peer gives other counts.
    """
    if not PEER.exists():
        raise Unavailable("peer-missing", {"peer": "OpenFisca-core", "where": str(PEER)}, "run: make bench")
    persons = setting.persons or PERSONS
    law = load(CODE).law
    register = folder / "register.parquet"
    write_register(CODE, persons, setting.seed, register)
    rows = pq.read_table(register)
    whole = best_of(lambda: decide(law, WINDOW, rows, folder))[0]
    day = Window(WINDOW.key, WINDOW.key, WINDOW.key)
    known = decidable(filled(rows, law), law, day, folder)
    one_day, findings = best_of(lambda: decide(law, day, known, folder))
    narrow = best_of(lambda: decide(law, day, known, folder, "rule, mask, finding = 'LIABLE'"))[0]
    scan = best_of(lambda: read_columns(list(law.columns), known, folder))[0]
    coding = best_of(lambda: peer_columns(known, law))[0]
    peer = ask_peer(known, law, folder)
    compare(counted(findings, len(law.rules)), peer)
    seconds = _Seconds(whole / persons, one_day / known.num_rows, narrow / known.num_rows, scan / known.num_rows)
    others = _Peer(peer["version"], peer["seconds"] / known.num_rows, coding / known.num_rows)
    alone = count_alone(known, folder)
    same = f"both find {peer['liable']:,} of {known.num_rows:,} liable; every count by rule and by deciding rule is the same"
    return Measured((*_figures(seconds, others), *_in_cpu_and_memory(alone, peer)), (same, FILLED, ALONE))


@dataclass(frozen=True, slots=True)
class _Seconds:
    """Seconds a person: the window, one day, one day with two numbers only, reading the columns."""

    window: float
    day: float
    narrow: float
    scan: float


@dataclass(frozen=True, slots=True)
class _Peer:
    """The peer's version, its seconds a person, and those of coding the register for it."""

    version: str
    day: float
    coding: float


def _figures(ours: _Seconds, peer: _Peer) -> tuple[Figure, ...]:
    days, name = len(WINDOW.days), f"OpenFisca-core {peer.version}"
    coded = peer.day + peer.coding
    return (
        Figure(f"a call-up: {days} days, unknowns kept, whole findings", 1 / ours.window, "persons/s"),
        Figure("one day, whole findings", 1 / ours.day, "persons/s"),
        Figure("one day, rule and mask only", 1 / ours.narrow, "persons/s"),
        Figure(f"{name}: one day, rule and mask, from coded arrays", 1 / peer.day, "persons/s"),
        Figure(f"{name}: the same from the register's table", 1 / coded, "persons/s"),
        Figure("ratio to the peer from coded arrays, one day", peer.day / ours.narrow, "x"),
        Figure("ratio to the peer from the table, one day", coded / ours.narrow, "x"),
        Figure(f"ratio to the peer asked on each of {days} days", (peer.day * days + peer.coding) / ours.window, "x"),
        Figure("limit: one day in readings of the law's columns", ours.day / ours.scan, "x"),
    )


def _in_cpu_and_memory(alone: Mapping[str, float], peer: Mapping[str, Any]) -> tuple[Figure, ...]:
    """The counts of one day, each program in a process of its own."""
    ratios = (peer["cpu"] / alone["cpu"], peer["megabytes"] / alone["megabytes"])
    return (
        Figure("counts of one day by unit, finding and rule, from Parquet", alone["cpu"], "CPU-s"),
        Figure("OpenFisca-core: rule and mask of one day, from coded arrays", peer["cpu"], "CPU-s"),
        Figure("times fewer CPU-seconds than the peer", ratios[0], "x", "at least 3.5", ratios[0] >= 3.5),
        Figure("peak memory of the process: ours", alone["megabytes"], "MB"),
        Figure("peak memory of the process: the peer", peer["megabytes"], "MB"),
        Figure("times less memory than the peer", ratios[1], "x", "at least 10", ratios[1] >= 10),
    )


def count_alone(rows: pa.Table, folder: Path) -> dict[str, float]:
    """CPU seconds (the best of some runs) and peak memory of a process that counts one day over the register as Parquet."""
    path = folder / "known.parquet"
    pq.write_table(rows, path, compression="zstd")
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable("bench-failed", {"what": "assess", "why": done.stderr[-300:]}, "mend what it says and run the bench again")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def counted_once(path: str) -> dict[str, float]:
    """What `count_alone` runs in its own process."""
    query = count(load(CODE).law, WINDOW.key, DuckDB()).sql
    best = float("inf")
    with duckdb.connect(config={"threads": "2"}) as base:
        base.execute("SET enable_progress_bar = false")  # it would stand in what this process says
        base.execute(f"CREATE VIEW snapshot AS SELECT * FROM read_parquet('{path}')")
        for _ in range(RUNS):
            start = time.process_time()
            base.execute(query).fetchall()
            best = min(best, time.process_time() - start)
    return {"cpu": best, "megabytes": peak_megabytes()}


def peak_megabytes() -> float:
    """The largest resident memory since this program began (Linux); what the program that started it used does not count."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def best_of(work: Callable[[], Any]) -> tuple[float, Any]:
    """The best of three runs in seconds, and what the last one gave."""
    best, gave = float("inf"), None
    for _ in range(RUNS):
        start = time.perf_counter()
        gave = work()
        best = min(best, time.perf_counter() - start)
    return best, gave


def decide(law: Law, window: Window, rows: pa.Table, folder: Path, columns: str = "*") -> pa.Table:
    """Run the law's query and read the findings, or some columns of them."""
    engine = DuckDBEngine(temp_dir=folder / "engine")
    try:
        engine.register("calendar", calendar_rows(law, window))
        engine.register("snapshot", rows)
        return engine.table(f"SELECT {columns} FROM ({assess(law, window, DuckDB()).sql})")
    finally:
        engine.close()


def read_columns(names: list[str], rows: pa.Table, folder: Path) -> pa.Table:
    """Touch every value of the columns once."""
    engine = DuckDBEngine(temp_dir=folder / "engine")
    try:
        engine.register("snapshot", rows)
        return engine.table("SELECT " + ", ".join(f'max("{name}")' for name in names) + " FROM snapshot")
    finally:
        engine.close()


def filled(rows: pa.Table, law: Law) -> pa.Table:
    """The register with every unknown that could leave a finding open replaced by the commonest value."""
    for name, column in law.columns.items():
        values = rows.column(name)
        if values.null_count and not column.absent_no:
            counted = pc.value_counts(values.drop_null().combine_chunks())
            commonest = counted.field("values")[pc.index(counted.field("counts"), pc.max(counted.field("counts"))).as_py()]
            rows = rows.set_column(rows.column_names.index(name), name, pc.fill_null(values, commonest))
    return rows


def decidable(rows: pa.Table, law: Law, day: Window, folder: Path) -> pa.Table:
    """Without those whom a blank parameter of the law leaves undetermined."""
    found = decide(law, day, rows, folder)
    open_ids = found.filter(pc.equal(found.column("finding"), "UNDETERMINED")).column("person_id")
    return rows.filter(pc.invert(pc.is_in(rows.column("person_id"), value_set=open_ids.combine_chunks())))


def peer_columns(rows: pa.Table, law: Law) -> tuple[dict[str, Any], list[str]]:
    """The law's columns as NumPy arrays: texts as codes of one list of words, and which optional values are there."""
    texts = [name for name, column in law.columns.items() if column.type == "text"]
    words = sorted({word for name in texts for word in pc.unique(rows.column(name)).to_pylist() if word is not None})
    found: dict[str, Any] = {}
    for name, column in law.columns.items():
        values = rows.column(name).combine_chunks()
        if column.absent_no and column.type != "flag":
            found[f"{name}__there"] = pc.is_valid(values).to_numpy(zero_copy_only=False)
        match column.type:
            case "text":
                coded = pc.fill_null(pc.index_in(values, value_set=pa.array(words, pa.string())), -1)
                found[name] = coded.to_numpy(zero_copy_only=False).astype(np.int32)
            case "date":
                found[name] = pc.fill_null(values, date(1970, 1, 1)).to_numpy(zero_copy_only=False).astype("datetime64[D]")
            case "flag":
                found[name] = pc.fill_null(values, False).to_numpy(zero_copy_only=False)
            case _:
                found[name] = pc.fill_null(values, 0).to_numpy(zero_copy_only=False).astype(np.int32)
    return found, words


def ask_peer(rows: pa.Table, law: Law, folder: Path) -> dict[str, Any]:
    """Run the peer in its own environment on the same persons and the same law file."""
    columns, words = peer_columns(rows, law)
    np.savez(folder / "columns.npz", **columns)
    (folder / "words.json").write_text(json.dumps(words), encoding="utf-8")
    (folder / "law.py").write_bytes(resource(CODE, "law.py"))
    program = files("callup.app.benches").joinpath("peers/openfisca_law.py")
    inputs = [str(folder / name) for name in ("law.py", "columns.npz", "words.json")]
    done = subprocess.run([str(PEER), str(program), *inputs, WINDOW.key.isoformat()], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(
            "peer-failed", {"peer": "OpenFisca-core", "why": done.stderr[-300:]}, "mend the peer's environment: make clean bench"
        )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def counted(findings: pa.Table, rules: int) -> dict[str, Any]:
    """What the findings say, in the peer's form."""
    mask = findings.column("mask").to_numpy()
    numbers, counts = np.unique(findings.column("rule").to_numpy(), return_counts=True)
    return {
        "liable": pc.sum(pc.equal(findings.column("finding"), "LIABLE")).as_py(),
        "rules": [int(np.count_nonzero(mask & (1 << number))) for number in range(rules)],
        "deciding": {str(number): int(many) for number, many in zip(numbers, counts, strict=True)},
    }


def compare(ours: Mapping[str, Any], peer: Mapping[str, Any]) -> None:
    """Refuse figures of two programs that do not answer alike.

    Raises:
        Tampered: a count differs.
    """
    for what, found in ours.items():
        if peer[what] != found:
            where = {"what": what, "callup": str(found), "OpenFisca-core": str(peer[what])}
            raise Tampered("peer-disagrees", where, "one of the two misreads the law: find the person on whom they differ")


BENCH = Bench("assess", "how many persons a second does a law decide?", run)
