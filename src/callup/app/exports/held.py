"""What the sealed tables hold on one person: the row of the register, the finding with every rule tried, name and address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from callup.app import sealed
from callup.app.course import Course
from callup.app.personal import read_addresses
from callup.app.supplements import supplements
from callup.law import explain
from callup.terms.decree import Decree
from callup.terms.errors import Tampered


def register_row(course: Course, person: str) -> dict[str, Any]:
    """The person's row of the frozen register."""
    return _row(course, "10-snapshot", "snapshot.parquet", person)


def found_by_law(course: Course, person: str) -> tuple[dict[str, Any], str]:
    """What was found about a person by law, with every rule tried, and the deciding rule in words."""
    finding = _row(course, "20-findings", "findings.parquet", person)
    day = explained_on(course.decree, finding)
    told = explain(course.jurisdiction.law, register_row(course, person), day)
    steps: list[dict[str, str]] = [{"rule": step.name, "article": str(step.citation), "answer": str(step.answer)} for step in told.steps]
    shown: dict[str, Any] = {name: str(finding[name]) for name in ("finding", "liable_from", "liable_until", "missing") if name in finding}
    whole: dict[str, Any] = {"on": day.isoformat(), "law": course.jurisdiction.version, **shown, "rules": steps}
    deciding = next((step for number, step in enumerate(told.steps, 1) if number == told.rule), None)
    words = f"{deciding.citation}: {deciding.words}" if deciding is not None else str(told.finding)
    return whole, words


def explained_on(decree: Decree, finding: Mapping[str, Any]) -> date:
    """The day for which the rules are explained: the key date, or the first day on which the person is liable, if that is later.

    Somebody whose birthday lies in the window is liable from then on; on the key date no rule would show it (safeguard G18).
    """
    since = finding.get("liable_from")
    since = date.fromisoformat(since) if isinstance(since, str) else since
    return max(decree.key_date, since) if since else decree.key_date


def address_of(course: Course, person: str, wave: int) -> dict[str, Any]:
    """Name and address as they were read for the person's wave; empty where they were erased."""
    folder = course.table_path("10-snapshot", "addresses", f"wave-{wave}")
    plain = read_addresses(folder / "addresses.parquet", folder / "keys.parquet", course.dossier.key)
    rows: list[dict[str, Any]] = plain.filter(pc.equal(plain.column("person_id"), person)).to_pylist()
    return rows[0] if rows else {}


def _row(course: Course, folder: str, name: str, person: str) -> dict[str, Any]:
    """The person's row of a sealed table; whoever came by a supplementary roll stands in its tables."""
    course.engine.register("asked", pa.table({"person_id": [person]}))
    for lies in (course.table_path(folder), *(one.sealed_folder(course.dossier) for one in supplements(course.dossier))):
        course.engine.register("searched", sealed.read_sealed(lies / name, course.dossier.key))
        query = "SELECT s.* FROM searched s JOIN asked a ON a.person_id = s.person_id"
        rows: list[dict[str, Any]] = course.engine.table(query).to_pylist()
        if rows:
            return rows[0]
    raise Tampered("person-without-row", {"table": name}, "the sealed tables do not belong together: callup replay names what changed")
