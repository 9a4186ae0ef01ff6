"""How the decisions grow with the register: 1, 10 and 100 million persons on one machine, and the same register on a cluster."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.app.synthetic import write_register
from callup.terms.errors import Tampered, Unavailable

PERSONS = 1_000_000
MILLION = 1_000_000
LARGE = (10, 10)
"""With ``--large``: a register of ten millions, then the same one read ten times over, as one of a hundred."""

CODE = "ru"
NATION = 1_400 * MILLION
"""The largest nations, for the extrapolation: a round number between India and China (UN World Population Prospects 2024)."""

MEGABYTES = 1_000.0
DRIVER_GB, EXECUTOR_GB = 3, 2
"""Memory of the driver's Java and of each executor."""
_HOW = (
    "decided on each day of a call-up's window, unknowns kept, whole findings written to Parquet; each size in a process of its own; "
    "the made-up register is not counted; CPU seconds are those of the whole process, its start included"
)
_SPARK = (
    "Spark: a master and two workers of one core and 2 GB each, from the pip package, on this machine; parts of 2,000,000 rows through the "
    "driver"
)

PROGRAM = """
import json, resource, sys, time
from pathlib import Path
from callup.app.benches.scaling import decided
started = time.perf_counter()
found = decided(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps(found | {"cpu": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss / 1024}))
"""


@dataclass(frozen=True, slots=True)
class _Run:
    """One run: persons, seconds to decide and to digest, CPU seconds, peak memory, the digest of the findings."""

    persons: int
    decide: float
    digest_seconds: float
    cpu: float
    megabytes: float
    digest: str


def run(setting: Setting, folder: Path) -> Measured:
    """Decide the register, larger and larger; the first two sizes on a cluster too: the same digest, so the same set of findings.

    Raises:
        Unavailable: a run failed.
        Tampered: the cluster gives other findings.
    """
    persons = setting.persons or PERSONS
    register = folder / "register.parquet"
    write_register(CODE, persons, setting.seed, register)
    runs = [_one(register, folder, 1)]
    figures = _figures(runs[0])
    remarks = [_HOW]
    figures += _on_spark(register, folder, runs[0])
    remarks.append(_SPARK if shutil.which("java") else "Spark: not run, no Java here")
    if setting.large:
        write_register(CODE, persons * LARGE[0], setting.seed, register)
        runs += [_one(register, folder, 1), _one(register, folder, LARGE[1])]
        figures += [figure for one in runs[1:] for figure in _figures(one)]
        figures += _on_spark(register, folder, runs[1])
    return Measured((*figures, *_extrapolated(runs)), tuple(remarks))


def _figures(one: _Run) -> list[Figure]:
    name = f"{one.persons:,} persons"
    figures = [
        Figure(f"{name}: decided", one.decide, "s"),
        Figure(f"{name}: persons decided a second", one.persons / one.decide, "persons/s"),
        Figure(f"{name}: CPU of all", one.cpu, "CPU-s"),
        Figure(f"{name}: peak memory", one.megabytes, "MB", f"at most {MEGABYTES:,.0f}", one.megabytes <= MEGABYTES),
    ]
    if one.digest_seconds:
        figures.insert(2, Figure(f"{name}: findings digested in key order", one.digest_seconds, "s"))
    return figures


def _extrapolated(runs: list[_Run]) -> list[Figure]:
    """What a person more costs between the smallest and the largest run, times the nation."""
    last, first = runs[-1], runs[0] if len(runs) > 1 else _Run(0, 0.0, 0.0, 0.0, 0.0, "")
    rate = (last.decide - first.decide) / (last.persons - first.persons)
    return [Figure(f"{NATION:,} persons, if linear: decided [calculated]", rate * NATION, "s")]


def _one(register: Path, folder: Path, times: int) -> _Run:
    """DuckDB in a process of its own; findings are digested where the register is read once."""
    command = [sys.executable, "-c", PROGRAM, str(register), str(folder / "findings.parquet"), str(times), "duckdb"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable("bench-failed", {"what": "scaling", "why": done.stderr[-300:]}, "mend what it says and run the bench again")
    return _Run(**json.loads(done.stdout))


def _on_spark(register: Path, folder: Path, other: _Run) -> list[Figure]:
    """The same register on a cluster of this machine, if there is Java: the digest of all findings in key order must be the same."""
    from callup.app.benches.spark_cluster import spark_cluster

    if not shutil.which("java"):
        return []
    with spark_cluster(memory=f"{EXECUTOR_GB}g") as made, _settings(folder / "conf"):
        found = _Run(**decided(register, folder / "spark.parquet", 1, made.address), cpu=0.0, megabytes=0.0)
    if (found.digest, found.persons) != (other.digest, other.persons):
        words = {"DuckDB": other.digest, "Spark": found.digest}
        raise Tampered("engines-disagree", words, "find the person on whom they differ: the law is the same for both")
    name = f"{found.persons:,} persons on Spark, same digest of findings"
    return [
        Figure(f"{name}: decided, the cluster's start left out", found.decide, "s"),
        Figure(f"{name}: digested", found.digest_seconds, "s"),
        Figure(f"{found.persons:,} persons: Spark on this machine, in times of DuckDB", found.decide / other.decide, "x"),
    ]


@contextlib.contextmanager
def _settings(folder: Path) -> Iterator[None]:
    """Memory for ten millions, said to Spark as an operator does: the folder of ``spark-defaults.conf``."""
    folder.mkdir(exist_ok=True)
    said = f"spark.driver.memory {DRIVER_GB}g\nspark.executor.memory {EXECUTOR_GB}g\n"
    (folder / "spark-defaults.conf").write_text(said, encoding="utf-8")
    before = os.environ.get("SPARK_CONF_DIR")
    os.environ["SPARK_CONF_DIR"] = str(folder)
    try:
        yield
    finally:
        del os.environ["SPARK_CONF_DIR"]
        os.environ |= {} if before is None else {"SPARK_CONF_DIR": before}


def decided(register: Path, out: Path, times: int, engine: str) -> dict[str, Any]:
    """Read a register so many times over, decide everyone, write the findings; digest them where it is read once.

    Args:
        register: Parquet.
        out: where the findings go.
        times: how often the register is read.
        engine: duckdb, or the address of a cluster.

    Returns:
        persons, decide (s), digest_seconds, digest.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from callup.app.benches.assess import WINDOW
    from callup.app.engines.duckdb import DuckDBEngine
    from callup.app.engines.spark.engine import SparkEngine
    from callup.app.intake import read_register
    from callup.jurisdictions import load
    from callup.law import assess, calendar_rows, register_schema
    from callup.register import arrow_schema, snapshot_schema
    from callup.terms.tables import FINDINGS

    law = load(CODE).law
    schema, shape = snapshot_schema(register_schema(law)), arrow_schema(FINDINGS)
    spill = out.with_name("engine")
    made = DuckDBEngine(spill, memory_limit="600MB") if engine == "duckdb" else SparkEngine(engine, spill)
    try:
        start = time.perf_counter()
        made.register("calendar", calendar_rows(law, WINDOW))
        batches = (batch for _ in range(times) for batch in read_register(register, schema))
        rows = pa.RecordBatchReader.from_batches(arrow_schema(schema), batches)
        persons = 0
        with pq.ParquetWriter(out, shape, compression="zstd") as writer:
            for batch in made.run_in_parts(assess(law, WINDOW, made.dialect), "snapshot", rows):
                writer.write_batch(batch.cast(shape))
                persons += batch.num_rows
        decide = time.perf_counter() - start
        found: dict[str, Any] = {"persons": persons, "decide": decide, "digest_seconds": 0.0, "digest": ""}
        if times == 1:
            start = time.perf_counter()
            file = pq.ParquetFile(out)
            found["digest"], _ = made.digest(pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches()), FINDINGS)
            found["digest_seconds"] = time.perf_counter() - start
        return found
    finally:
        made.close()


BENCH = Bench("scaling", "how do the decisions grow with the register, on one machine and on a cluster?", run)
