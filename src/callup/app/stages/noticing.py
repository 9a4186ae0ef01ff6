"""Compose, enter, render, dispatch: log first, print after (design D12)."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from callup.app import sealed
from callup.app.course import Course
from callup.app.dossier import Entry
from callup.app.known import jurisdiction
from callup.app.lead import latest_appearance
from callup.app.personal import write_addresses
from callup.app.printing import imprint
from callup.app.sheets import sign_sheet, wave_sheet
from callup.app.stages.calling import addresses_of, called_persons, outcomes_so_far, propose_sizes, sizes_text
from callup.app.stages.supplementing import supplement_sizes
from callup.app.web.seats import read_ground
from callup.notice import Wave, compose
from callup.terms.tables import ADDRESSES, NOTICES


def size_wave(course: Course, wave: int) -> None:
    """Propose the wave's size by unit and wait for two signatures on the sheet that says it (safeguard G7)."""
    stage = f"size-{wave}"
    if course.dossier.finished(stage):
        return
    so_far = outcomes_so_far(course, wave)
    sizes = propose_sizes(course, wave, so_far)
    sizes |= supplement_sizes(course, wave, sizes)
    course.let_go()
    digest = hashlib.sha256(sizes_text(wave, sizes)).hexdigest()
    sheet = Entry(f"sheet-{stage}", sign_sheet(course, stage, wave_sheet(course, wave, sizes, so_far)), 1, (digest,))
    course.dossier.finish(stage, [Entry(f"sizes-{wave}", digest, len(sizes)), sheet], sizes=sizes, facts=course.facts.last_seq())


def wave_sizes(course: Course, wave: int) -> dict[str, int]:
    """The signed sizes of a wave."""
    line = course.dossier.finished(f"size-{wave}")
    assert line is not None, "a wave is composed after its size was signed"
    return dict(line["sizes"])


def read_places(course: Course) -> pa.Table:
    """The decree's calendar of places; empty where its notices name none."""
    types = {"place_id": pa.string(), "unit": pa.string(), "address": pa.string(), "opens": pa.string(), "closes": pa.string()}
    types |= {"day": pa.date32(), "capacity": pa.int64()}
    if not course.decree.appoints:
        return pa.schema(list(types.items())).empty_table()
    return pacsv.read_csv(course.dossier.root / course.decree.places_file, convert_options=pacsv.ConvertOptions(column_types=types))


def notices_of(course: Course, wave: int) -> pa.Table:
    """The NOTICES of one wave."""
    return course.read("50-notices", f"wave-{wave}", "notices.parquet")


def compose_wave(course: Course, wave: int, folder: Path, snapshot_folder: Path) -> list[Entry]:
    """Give every called rank its appointment, its document and its salt; read names and addresses once."""
    called = called_persons(course, wave_sizes(course, wave), wave)
    called = _with_ids(course, called)
    earlier = [notices_of(course, number) for number in range(1, wave)]
    posted = course.day_of(wave)
    earliest = posted + timedelta(days=course.decree.lead_days if course.decree.appoints else 0)
    latest = latest_appearance(jurisdiction(course.decree.jurisdiction), posted)
    shared = Wave(wave, earliest, imprint(course), tuple(earlier), moved_seats(course, wave), latest)
    notices = compose(called, read_places(course), shared)
    sealed.write_sealed(folder / "notices.parquet", NOTICES, notices.to_batches(), course.dossier.key)
    addresses = addresses_of(course, called.column("person_id"), wave)
    write_addresses(snapshot_folder / "addresses.parquet", snapshot_folder / "keys.parquet", addresses, course.dossier.key)
    roll = course.dossier.entry("roll")
    return [
        course.digest(notices, NOTICES, (roll.digest,), f"notices-{wave}"),
        course.digest(addresses, ADDRESSES, (), f"addresses-{wave}"),
    ]


def moved_seats(course: Course, wave: int) -> dict[tuple[str, date], frozenset[int]]:
    """The slots to which people had moved when the wave's size was signed, by place and day: they are not given again."""
    line = course.dossier.finished(f"size-{wave}")
    facts = course.facts.all().filter((pc.field("kind") == "appointment_moved") & (pc.field("seq") <= (line["facts"] if line else 0)))
    last = {row["case_id"]: row for row in facts.to_pylist() if row["ground"]}
    found: dict[tuple[str, date], set[int]] = {}
    for row in last.values():
        _, number, place = read_ground(row["ground"])
        found.setdefault((place, row["appear_on"]), set()).add(number)
    return {key: frozenset(numbers) for key, numbers in found.items()}


def _with_ids(course: Course, called: pa.Table) -> pa.Table:
    """Notice and case numbers, language, channels and the salt of each open commitment."""
    persons = called.column("person_id").to_pylist()
    notice_ids = [course.ring.name_for("notice", course.decree.id, person, "summons", "1") for person in persons]
    cases = [course.ring.name_for("case", course.decree.id, person, digits=24) for person in persons]
    languages = [_language(course, wanted) for wanted in called.column("languages").to_pylist()]
    ways = [_ways(course, portal) for portal in called.column("portal").to_pylist()]
    salts = course.randomness.salts("open", notice_ids)
    for name, values in (("notice_id", notice_ids), ("case_id", cases), ("language", languages), ("channels", ways), ("open_salt", salts)):
        called = called.append_column(name, pa.array(values, pa.string()))
    return called


def _language(course: Course, wanted: str | None) -> str:
    offered = course.decree.languages
    return next((one for one in (wanted or "").split() if one in offered), offered[0])


def _ways(course: Course, portal: bool | None) -> str:
    return " ".join(way for way in course.decree.channels if way != "portal" or portal)
