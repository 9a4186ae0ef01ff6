"""Letters and portal pages of a wave: joins notices with names, places and the log, and hands them to the printer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from callup.app.course import Course
from callup.app.engines.mass import PrintFile, render_wave
from callup.app.engines.records import record_wave
from callup.app.lead import answer_time
from callup.app.promises import promises_digest
from callup.notice import Ground, Imprint, LetterTexts, Portal, Stamp, letter_texts
from callup.terms.tables import LETTERS

_ARROW = {"text": pa.string(), "int": pa.int64(), "date": pa.date32()}


def imprint(course: Course) -> Imprint:
    """What every document of this call-up carries."""
    procedure = course.jurisdiction.procedure.at(course.decree.key_date)
    days = next((remedy.days for remedy in procedure.remedies if remedy.against == "notice"), 0)
    answer = answer_time(course.jurisdiction, course.decree)
    return Imprint(course.decree.id, course.decree.jurisdiction, course.jurisdiction.version, promises_digest(), days, answer)


def mirror(course: Course) -> str:
    """The host that the log's origin names."""
    return course.decree.log_origin.partition("/")[0]


def texts_of(course: Course, unit: str = "") -> dict[str, LetterTexts]:
    """The words of each language of the decree, for the people of a unit; where it has no advice of its own the same as for all."""
    jurisdiction = course.jurisdiction
    procedure = jurisdiction.procedure.at(course.decree.key_date)
    unverified = tuple(dict.fromkeys((*jurisdiction.law.unverified, *procedure.unverified)))
    ground = Ground(course.decree, procedure, imprint(course), mirror(course), unverified, unit if unit in procedure.advised_units else "")
    return {language: letter_texts(jurisdiction.forms, ground, language) for language in course.decree.languages}


def editions_of(course: Course) -> tuple[LetterTexts, ...]:
    """The words of each language, for each unit that has advice of its own and for all others."""
    units = course.jurisdiction.procedure.at(course.decree.key_date).advised_units
    return tuple(words for unit in ("", *units) for words in texts_of(course, unit).values())


def stamp_of(course: Course, size: int) -> Stamp:
    """What all letters of a wave share; ``size`` is that of the acts checkpoint that covers the wave."""
    return Stamp(mirror(course), size, course.ring.keys["mail-piece"], course.decree.signed_on)


def letters_of(course: Course, notices: pa.Table, addresses: pa.Table, places: Mapping[str, str]) -> pa.Table:
    """LETTERS of the summonses of a wave, in postal order.

    Args:
        course: the run.
        notices: NOTICES of kind summons, with ``act``: the index of the call act.
        addresses: ADDRESSES of the called.
        places: address of each place, by its code; a notice that asks for an answer has the code "" and no address.
    """
    joined = notices.join(addresses, "person_id", join_type="inner").sort_by(
        [("stratum", "ascending"), ("postal_code", "ascending"), ("rank", "ascending")]
    )
    where = pa.array([places[place] if place else "" for place in joined.column("place_id").to_pylist()], pa.string())
    codes = pa.array([course.ring.letter_code(notice) for notice in joined.column("notice_id").to_pylist()], pa.string())
    made = {**{name: joined.column(name) for name in joined.column_names}, "place": where, "entry": joined.column("act"), "sign_in": codes}
    schema = pa.schema([(column.name, _ARROW[column.type]) for column in LETTERS.columns])
    return pa.table([made[name].cast(schema.field(name).type) for name in LETTERS.names], schema=schema)


def print_wave(course: Course, letters: pa.Table, size: int) -> Iterator[PrintFile]:
    """The files for the printer as the decree asks for them, each read back before it is given out."""
    make = record_wave if course.decree.printed_as == "records" else render_wave
    yield from make(letters, editions_of(course), stamp_of(course, size))


def portal_rows(course: Course, letters: pa.Table, size: int, at_once: int = 250) -> Iterator[list[dict[str, Any]]]:
    """The portal's copy of each notice, some at a time: its page and its JSON in all languages of the decree."""
    words = editions_of(course)
    portals = {
        unit: Portal([one for one in words if one.unit == unit], stamp_of(course, size))
        for unit in dict.fromkeys(one.unit for one in words)
    }
    for batch in letters.to_batches(max_chunksize=at_once):
        made = ((row, portals.get(unit_of(row["stratum"]), portals[""])) for row in batch.to_pylist())
        yield [{"notice_id": row["notice_id"], "html": portal.html(row), "json": portal.json(row)} for row, portal in made]


def unit_of(stratum: str) -> str:
    """The unit of a stratum of the roll."""
    return stratum.partition("+")[0]
