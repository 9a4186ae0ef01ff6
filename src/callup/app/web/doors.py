"""Lays what the portal needs of each case once, so that a page costs no reading of sealed tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from callup.app import sealed
from callup.app.course import Course
from callup.app.personal import read_addresses
from callup.app.stages.noticing import read_places
from callup.app.standing import summonses
from callup.app.supplements import supplements, whole_snapshot
from callup.app.web.seats import SeatBook, read_ground
from callup.app.web.store import PortalStore
from callup.notice.codes import letter_number
from callup.notice.compose import slot_times

_DAYS = ("appear_on", "liable_until")
_AT_ONCE = 1000


def lay_doors(course: Course, store: PortalStore) -> int:
    """Make every summons of every entered wave one that its person can open; gives how many are new."""
    notices = summonses(course)
    if store.doors() == notices.num_rows:
        return 0
    new = store.lay_doors(_rows(course))
    _lay_seats(course, store.seats, notices)
    return new


def _lay_seats(course: Course, seats: SeatBook, notices: pa.Table) -> None:
    """Make the calendar's seats, and give each notice the one of its letter, or the one to which its person has moved since."""
    places = read_places(course).to_pylist()
    moved = course.facts.all().filter((pc.field("kind") == "appointment_moved") & pc.field("ground").is_valid()).to_pylist()
    last = {row["case_id"]: (row["appear_on"], *read_ground(row["ground"])) for row in moved}
    given = []
    for row in notices.select(["case_id", "place_id", "appear_on", "appear_at"]).to_pylist():
        day, at, _, place = last.get(row["case_id"], (row["appear_on"], row["appear_at"], 0, row["place_id"]))
        if day is not None:
            given.append((row["case_id"], place, day.isoformat(), at))
    seats.lay(
        {(row["place_id"], row["unit"], row["address"]) for row in places},
        ((row["place_id"], row["day"].isoformat(), n, at) for row in places for n, at in enumerate(slot_times(row))),
        given,
    )


def _rows(course: Course) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """One row a summons, joined by the engine and turned into plain values by thousands."""
    course.engine.register("called", summonses(course).drop_columns(["salt"]))
    course.engine.register("snapshot", whole_snapshot(course))
    course.engine.register("found", _findings(course))
    course.engine.register("named", _names(course))
    joined = course.engine.table(
        "SELECT c AS notice, s AS register, f AS finding, a AS address FROM called c JOIN snapshot s ON s.person_id = c.person_id "
        "LEFT JOIN found f ON f.person_id = c.person_id LEFT JOIN named a ON a.person_id = c.person_id ORDER BY c.notice_id"
    )
    places = {row["place_id"]: row["address"] for row in read_places(course).to_pylist()}
    for batch in joined.to_batches(max_chunksize=_AT_ONCE):
        for row in batch.to_pylist():
            held = {name: _plain(row[name] or {}) for name in ("notice", "register", "finding", "address")}
            notice = row["notice"]
            held["place"] = places.get(notice["place_id"], "")
            yield course.ring.letter_code(notice["notice_id"]), notice["case_id"], letter_number(notice["notice_id"]), held


def _findings(course: Course) -> pa.Table:
    lies = [course.table_path("20-findings", "findings.parquet")]
    lies += [one.sealed_folder(course.dossier) / "findings.parquet" for one in supplements(course.dossier)]
    parts = []
    for path in lies:
        course.engine.register("findings", sealed.read_sealed(path, course.dossier.key))
        parts.append(course.engine.table("SELECT f.* FROM findings f JOIN called c ON c.person_id = f.person_id"))
    return pa.concat_tables(parts)


def _names(course: Course) -> pa.Table:
    parts = []
    for wave in range(1, course.decree.waves + 1):
        folder = course.table_path("10-snapshot", "addresses", f"wave-{wave}")
        if course.dossier.finished(f"enter-{wave}"):
            parts.append(read_addresses(folder / "addresses.parquet", folder / "keys.parquet", course.dossier.key))
    return pa.concat_tables(parts)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}


def notice_of(held: Mapping[str, Any]) -> dict[str, Any]:
    """The notice of a case as ``callup.cases.fold`` takes it."""
    notice = dict(held["notice"])
    return notice | {name: date.fromisoformat(notice[name]) if notice.get(name) else None for name in _DAYS}


def unit_of(held: Mapping[str, Any]) -> str:
    """The unit whose case this is."""
    return str(held["notice"]["stratum"]).partition("+")[0]
