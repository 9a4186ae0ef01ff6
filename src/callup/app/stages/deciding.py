"""Snapshot and assess: the register frozen at the key date, then what the law says of everyone in it."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from callup.app import sealed
from callup.app.course import Course
from callup.app.dossier import Entry
from callup.app.intake import read_register
from callup.app.signing import signatures_path
from callup.app.stages.listing import sealed_order_name
from callup.law import assess, calendar_rows, page, register_schema
from callup.notice.law_words import words_there
from callup.register import rekey, snapshot_schema
from callup.terms.errors import BadInput, NotLawful, OutOfOrder
from callup.terms.schema import Schema
from callup.terms.tables import FINDINGS

REHEARSAL_MARK = "<p><strong>REHEARSAL: nobody is called by this decree.</strong></p>"
"""Stands at the head of the law's page in a rehearsal's dossier, as on every other page (safeguard G7)."""


def input_digests(course: Course) -> dict[str, str]:
    """Digests of the inputs that are there before the first stage: decree, law, places."""
    decree = hashlib.sha256(course.decree.source.encode()).hexdigest()
    appoints = course.decree.appoints
    places = {"places": hashlib.sha256((course.dossier.root / course.decree.places_file).read_bytes()).hexdigest()} if appoints else {}
    order = course.dossier.root / sealed_order_name(course.decree)
    listed = {"order": hashlib.sha256(order.read_bytes()).hexdigest()} if order.exists() else {}
    return {"decree": decree, "law": course.jurisdiction.version, **places, **listed}


def publish_inputs(course: Course, folder: Path) -> list[Entry]:
    """Put decree, places and the law as a jurist reads it where everyone can read them."""
    jurisdiction, decree = course.jurisdiction, course.decree
    (folder / "decree.toml").write_text(decree.source, encoding="utf-8")
    if decree.appoints:
        (folder / "places.csv").write_bytes((course.dossier.root / decree.places_file).read_bytes())
    facts = words_there(jurisdiction.law, jurisdiction.forms).facts
    html = page(jurisdiction.law, jurisdiction.procedure, decree.key_date, jurisdiction.examples, facts=facts)
    if decree.rehearsal:
        html = html.replace("<main>\n", f"<main>\n{REHEARSAL_MARK}\n", 1)
    (folder / "law.html").write_text(html, encoding="utf-8")
    (folder / "SOURCES.md").write_text(jurisdiction.sources, encoding="utf-8")
    if course.source is not None:
        signatures = signatures_path(course.source)
        if signatures.exists():
            (folder / signatures.name).write_bytes(signatures.read_bytes())
    return [Entry(name, digest, 1) for name, digest in input_digests(course).items()]


def take_snapshot(course: Course, folder: Path) -> list[Entry]:
    """Freeze the law's columns of the register under new ids; names and addresses stay where they are (design D5)."""
    schema = snapshot_schema(register_schema(course.jurisdiction.law))
    path = folder / "snapshot.parquet"
    persons = course.voice.counted(_rekeyed(course, schema), "freezing the register", _register_rows(course), "persons")
    rows = sealed.write_sealed(path, schema, persons, course.dossier.key)
    if not rows:
        raise BadInput("register-empty", {"path": str(course.register)}, "give a register with at least one person")
    _require_each_once(course, path)
    digest, rows = course.register_engine.digest(sealed.read_sealed(path, course.dossier.key), schema)
    return [Entry("snapshot", digest, rows)]


def _register_rows(course: Course) -> int:
    """How many persons will be frozen, for whoever waits; 0 where the file does not say, which `read_register` then refuses."""
    if course.source is not None:
        return course.source.entry("snapshot").rows
    with contextlib.suppress(OSError, pa.ArrowException):
        return int(pq.ParquetFile(course.register).metadata.num_rows) if course.register is not None else 0
    return 0


def _require_each_once(course: Course, path: Path) -> None:
    """A person who stands twice would have two chances of being called."""
    course.register_engine.register("snapshot", sealed.read_sealed(path, course.dossier.key, ["person_id"]))
    twice = course.register_engine.table("SELECT count(*) - count(DISTINCT person_id) AS rows FROM snapshot").column("rows")[0].as_py()
    if twice:
        raise BadInput("persons-twice", {"path": str(course.register), "rows too many": twice}, "see which: callup register check FILE")


def _rekeyed(course: Course, schema: Schema) -> Iterator[pa.RecordBatch]:
    if course.source is not None:
        yield from sealed.read_sealed(course.source.sealed / "10-snapshot" / "snapshot.parquet", course.dossier.key)
        return
    if course.register is None:
        raise OutOfOrder("register-missing", {}, "name the register: callup run DOSSIER --register FILE")
    key, names = course.ring.keys["id"], list(schema.names)
    for batch in read_register(course.register, schema):
        columns = [rekey(batch.column("person_id"), key) if name == "person_id" else batch.column(name) for name in names]
        yield pa.record_batch(columns, names=names)


def decided(course: Course, rows: pa.RecordBatchReader, stage: str) -> Iterator[pa.RecordBatch]:
    """FINDINGS of persons of a snapshot, under this decree while it is open (safeguard G2).

    Args:
        course: the run.
        rows: the persons.
        stage: whose day it is.
    """
    law = course.jurisdiction.law
    day = course.clock.day(stage)
    if not course.decree.opens_on <= day <= course.decree.closes_on:
        window = f"{course.decree.opens_on} to {course.decree.closes_on}"
        raise NotLawful(
            "decree-not-open", {"day": day, "window": window, "law": "safeguard G2"}, "assess a register only under an open decree"
        )
    engine = course.register_engine
    engine.register("calendar", calendar_rows(law, course.window))
    return engine.run_in_parts(assess(law, course.window, engine.dialect), "snapshot", rows)


def assess_register(course: Course, folder: Path) -> list[Entry]:
    """What the law says of each person in the snapshot, with the interval of liability (safeguards G2, G18)."""
    snapshot = course.dossier.entry("snapshot")
    snapshot_rows = sealed.read_sealed(course.table_path("10-snapshot", "snapshot.parquet"), course.dossier.key)
    path = folder / "findings.parquet"
    found = course.voice.counted(decided(course, snapshot_rows, "assess"), "deciding by law", snapshot.rows, "persons")
    sealed.write_sealed(path, FINDINGS, found, course.dossier.key)
    digest, rows = course.register_engine.digest(sealed.read_sealed(path, course.dossier.key), FINDINGS)
    if rows != snapshot.rows:
        raise OutOfOrder(
            "findings-incomplete", {"snapshot": snapshot.rows, "findings": rows}, "report this: each person must have a finding"
        )
    return [Entry("findings", digest, rows, (snapshot.digest, course.jurisdiction.version))]
