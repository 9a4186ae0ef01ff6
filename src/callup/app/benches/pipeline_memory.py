"""Does memory stay flat from register to findings? Each step runs in a process of its own, as a call-up runs it (design D1).

The steps: make a synthetic register, freeze its snapshot under new ids, digest it, assess it under the law, digest the
findings. Each step reads what the one before it left on disk. The peak is what the system saw, not what Python counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from callup.app import sealed
from callup.app.benches import Bench, Figure, Measured, Setting
from callup.app.commands.register import write_register
from callup.app.engines.duckdb import DuckDBEngine
from callup.jurisdictions import load
from callup.law import DuckDB, Window, assess, calendar_rows, register_schema
from callup.register import rekey, snapshot_schema
from callup.terms.errors import OutOfOrder, Unavailable
from callup.terms.schema import Schema
from callup.terms.tables import FINDINGS

PERSONS = 1_000_000
LARGE = 10_000_000
MEGABYTES = 2_048.0
MEMORY_LIMIT = "1GB"
WINDOW = Window(date(2025, 4, 1), date(2025, 7, 15), date(2025, 4, 1))
KEY = bytes(range(32))
BATCH_ROWS = 122_880

PROGRAM = "import sys; from callup.app.benches.pipeline_memory import main; main(*sys.argv[1:])"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: wall and processor seconds, largest resident memory in MB, rows that it gave, digest where it makes one."""

    seconds: float
    cpu_seconds: float
    megabytes: float
    rows: int
    digest: str = ""


def pipeline_memory(persons: int, seed: int, folder: Path) -> dict[str, Step]:
    """Run all steps on one register, each in a process of its own.

    Args:
        persons: rows of the register.
        seed: of the synthetic persons.
        folder: where the tables go; sealed, but for the synthetic register.

    Returns:
        What each step took, by its name, in the order run.

    Raises:
        Unavailable: a step failed.
        OutOfOrder: a step lost rows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Step] = {}
    for name in STEPS:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, name, str(persons), str(seed), str(folder)], stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode != 0:
            raise Unavailable("bench-step-failed", {"step": name, "status": done.returncode}, "read what it printed above")
        found[name] = Step(**json.loads(done.stdout.splitlines()[-1]))
        if found[name].rows != persons:
            raise OutOfOrder("bench-step-lost-rows", {"step": name, "rows": found[name].rows, "persons": persons}, "report this")
    return found


def run(setting: Setting, folder: Path) -> Measured:
    """All steps at 1,000,000 rows, and at 10,000,000 where large runs are wanted: then the peaks are compared."""
    small = setting.persons or PERSONS
    found = {
        persons: pipeline_memory(persons, setting.seed, folder / str(persons)) for persons in [small, *([LARGE] if setting.large else [])]
    }
    figures = [figure for persons, steps in found.items() for figure in _figures(persons, steps)]
    if LARGE in found:
        for name, step in found[LARGE].items():
            growth = step.megabytes / found[small][name].megabytes
            figures.append(Figure(f"{name}: peak at {LARGE:,} rows over peak at {small:,}", growth, "x", "", True))
    limit = f"the engine may take {MEMORY_LIMIT} and spills beyond; Python and its libraries take some 200 MB of each peak"
    return Measured(tuple(figures), (limit,))


def _figures(persons: int, steps: Mapping[str, Step]) -> Iterator[Figure]:
    peak = max(step.megabytes for step in steps.values())
    yield Figure(f"{persons:,} rows: largest memory of any step", peak, "MB", f"under {MEGABYTES:,.0f}", peak < MEGABYTES)
    for name, step in steps.items():
        yield Figure(f"{persons:,} rows: {name}", step.seconds, "s")
        yield Figure(f"{persons:,} rows: {name}", step.megabytes, "MB")


def main(name: str, persons: str, seed: str, folder: str) -> None:
    """One step, in this process; prints a `Step` as JSON."""
    start, cpu = time.perf_counter(), time.process_time()
    rows, digest = STEPS[name](int(persons), int(seed), Path(folder))
    step = Step(time.perf_counter() - start, time.process_time() - cpu, _peak_megabytes(), rows, digest)
    sys.stdout.write(json.dumps(asdict(step)) + "\n")


def _synth(persons: int, seed: int, folder: Path) -> tuple[int, str]:
    write_register("ru", persons, seed, folder / "register.parquet")
    return pq.ParquetFile(folder / "register.parquet").metadata.num_rows, ""


def _snapshot(_persons: int, _seed: int, folder: Path) -> tuple[int, str]:
    schema = _snapshot_schema()
    source = pq.ParquetFile(folder / "register.parquet")

    def rekeyed() -> Iterator[pa.RecordBatch]:
        for batch in source.iter_batches(batch_size=BATCH_ROWS, columns=list(schema.names)):
            columns = [rekey(batch.column(name), KEY) if name == "person_id" else batch.column(name) for name in schema.names]
            yield pa.record_batch(columns, names=list(schema.names))

    return sealed.write_sealed(folder / "snapshot.parquet", schema, rekeyed(), KEY), ""


def _assess(_persons: int, _seed: int, folder: Path) -> tuple[int, str]:
    law = load("ru").law
    engine = _engine(folder)
    engine.register("calendar", calendar_rows(law, WINDOW))
    snapshot = sealed.read_sealed(folder / "snapshot.parquet", KEY)
    found = engine.run_in_parts(assess(law, WINDOW, DuckDB()), "snapshot", snapshot)
    rows = sealed.write_sealed(folder / "findings.parquet", FINDINGS, found, KEY)
    engine.close()
    return rows, ""


def _digest_of(table: str, schema: Callable[[], Schema]) -> Callable[[int, int, Path], tuple[int, str]]:
    def digest(_persons: int, _seed: int, folder: Path) -> tuple[int, str]:
        engine = _engine(folder)
        found, rows = engine.digest(sealed.read_sealed(folder / table, KEY), schema())
        engine.close()
        return rows, found

    return digest


def _engine(folder: Path) -> DuckDBEngine:
    return DuckDBEngine(folder / "engine", MEMORY_LIMIT)


def _snapshot_schema() -> Schema:
    return snapshot_schema(register_schema(load("ru").law))


def _peak_megabytes() -> float:
    """Largest resident memory of this process, from the system; a child's own, without what it was forked from."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


STEPS: dict[str, Callable[[int, int, Path], tuple[int, str]]] = {
    "synth": _synth,
    "snapshot": _snapshot,
    "digest the snapshot": _digest_of("snapshot.parquet", _snapshot_schema),
    "assess": _assess,
    "digest the findings": _digest_of("findings.parquet", lambda: FINDINGS),
}

BENCH = Bench("pipeline-memory", "does memory stay flat from register to findings?", run)
