"""Close and report: each case ends, the account closes, and the public sees numbers."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from callup.app import durable, sealed
from callup.app.course import Course
from callup.app.dossier import Entry
from callup.app.logs import CallUpLogs
from callup.app.report import write_report
from callup.app.report_model import report_model
from callup.app.stages.calling import read_quotas
from callup.app.standing import lay_tables, roll_by_unit
from callup.cases import Moment, account
from callup.cases import close as close_cases
from callup.terms.tables import OUTCOMES


def close(course: Course, folder: Path) -> list[Entry]:
    """Every obligation ends; silence lapses and nothing follows from it; roll = sum of states in each unit (G10)."""
    closing = course.decree.closes_on
    kinds = lay_tables(course, closing)
    outcomes = course.engine.table(close_cases(*course.proceeding, Moment(closing, closing, closing, kinds)))
    outcomes = pa.concat_tables([outcomes, _not_called_in_turn(course)]).sort_by("case_id")
    account(roll_by_unit(course), _called_by_unit(outcomes), outcomes)
    sealed.write_sealed(folder / "outcomes.parquet", OUTCOMES, outcomes.to_batches(), course.dossier.key)
    return [course.digest(outcomes, OUTCOMES, (course.dossier.entry("roll").digest,), "outcomes")]


def _not_called_in_turn(course: Course) -> pa.Table:
    """Ranks whose liability ended before any appointment: a decision not to call stands at their rank."""
    parts = []
    for wave in range(1, course.decree.waves + 1):
        notices = course.read("50-notices", f"wave-{wave}", "notices.parquet")
        notices = notices.filter(pc.equal(notices.column("kind"), "decision"))
        units = pa.array([stratum.partition("+")[0] for stratum in notices.column("stratum").to_pylist()], pa.string())
        ended = pa.array(["liability ended"] * notices.num_rows, pa.string())
        columns = [notices.column("case_id"), units, notices.column("wave"), ended, notices.column("appear_on")]
        parts.append(pa.table(dict(zip(OUTCOMES.names, columns, strict=True)), schema=sealed.arrow_schema(OUTCOMES)))
    return pa.concat_tables(parts)


def _called_by_unit(outcomes: pa.Table) -> dict[str, int]:
    counted = outcomes.column("unit").value_counts().to_pylist()
    return {row["values"]: row["counts"] for row in counted}


def report(course: Course, logs: CallUpLogs, folder: Path) -> list[Entry]:
    """Write the public report; its numbers, and the digest of each of its files and of the page ``v``, go into the public log."""
    write_report(folder, report_model(course, logs))
    content = (folder / "report.json").read_bytes()
    files = {f"90-report/{path.name}": path for path in folder.iterdir()} | {"log/v": course.dossier.open / "log" / "v"}
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n" for name, path in sorted(files.items())]
    manifest = "".join(lines).encode()
    durable.write_bytes(folder / "manifest.txt", manifest)
    logs.publish("report", [("statistics", content), ("statistics", manifest)], course.day_kept("report"))
    made_from = (course.dossier.entry("outcomes").digest,)
    return [Entry("report", hashlib.sha256(content).hexdigest(), len(read_quotas(course)), made_from)]
