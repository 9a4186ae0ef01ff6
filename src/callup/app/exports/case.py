"""One case as the exports read it: its facts and findings as plain values, gathered from a dossier once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from callup.app import sealed
from callup.app.course import Course
from callup.app.exports.held import address_of, found_by_law, register_row
from callup.app.logs import CallUpLogs
from callup.app.stages.noticing import notices_of, read_places
from callup.app.standing import moment_of, summons_of
from callup.cases import Moment, fold
from callup.terms.calendar import Calendar
from callup.terms.decree import Decree

SCOPED = ("stayed", "halted", "recalled")
"""Facts about nobody in particular that touch a case only if their ``ground`` names its call-up, unit or wave."""
_TOLLING = ("outage", "strike")
_LIFTS = "stay_lifted"
_AHEAD = timedelta(days=366)
"""How far ahead is looked for a presumption whose days still run."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and between which hours a place receives; hours are empty where the calendar of places does not know the day."""

    place_id: str
    address: str
    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class Act:
    """An entry of the acts log: its index, and the salt that opens its commitment."""

    index: int
    salt: str


@dataclass(frozen=True, slots=True)
class Held:
    """What the sealed tables hold on the person: the row of the register, the finding with every rule tried, name and address."""

    register: Mapping[str, Any]
    finding: Mapping[str, Any]
    address: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """What every export is made from.

    Args:
        decree: the legal order.
        law: version of the law folder.
        calendar: its days and its time zone.
        notice: the summons, a row of NOTICES with ``liable_until``.
        places: every place and hour by (place, day), as the decree's calendar has them.
        facts: rows of FACTS of this case that had happened and were known, and those about nobody that touch it, in order of recording.
        acts: the acts log's entries of these facts, by fact number; a fact that is no act, or is not entered yet, has none.
        standing: what `callup.cases.fold` found as of the day.
        running: presumptions of service whose days are not over yet: what will be found if nothing more happens.
        as_of: the legal day.
        known_at: the day up to which facts were known.
        held: what the sealed tables hold on the person.
        kept: how long the record is kept: the last day and the article, or nothing where the law names no time.
    """

    decree: Decree
    law: str
    calendar: Calendar
    notice: Mapping[str, Any]
    places: Mapping[tuple[str, date], Place]
    facts: tuple[Mapping[str, Any], ...]
    acts: Mapping[str, Act]
    standing: Any  # the value that fold gives; its type is no name of the face of cases
    running: tuple[Any, ...]
    as_of: date
    known_at: date
    held: Held
    kept: tuple[date, str] | None = None

    @property
    def own(self) -> tuple[Mapping[str, Any], ...]:
        """The facts of this case itself."""
        return tuple(fact for fact in self.facts if fact["case_id"] == self.notice["case_id"])

    def log_index(self, fact: Mapping[str, Any]) -> int | None:
        """Where the fact stands in the acts log; none if it is no act or is not entered yet."""
        act = self.acts.get(fact["fact_id"])
        return None if act is None else act.index

    def heading(self, form: str) -> dict[str, Any]:
        """What every export says first."""
        return {
            "format": form,
            "rehearsal": self.decree.rehearsal,
            "call_up": self.decree.id,
            "jurisdiction": self.decree.jurisdiction,
            "law": self.law,
            "case": self.notice["case_id"],
            "notice": self.notice["notice_id"],
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_at.isoformat(),
        }


def gather(course: Course, case_id: str, as_of: date, known_at: date) -> Case:
    """Gather one case. The caller has recorded who asks and why (safeguard G4).

    Raises:
        BadInput: there is no such case.
    """
    notice = summons_of(course, case_id)
    rows = touching(course.facts.rows_of_case(case_id), course.facts.rows_of_nobody(), notice)
    known = [row for row in rows if row["happened_on"] <= as_of and row["known_on"] <= known_at and not _silent(row, as_of)]
    moment = moment_of(course, as_of, known_at)
    standing = fold(*course.proceeding, rows, notice, moment)
    ahead = fold(*course.proceeding, rows, notice, Moment(as_of + _AHEAD, known_at, None))
    return Case(
        decree=course.decree,
        law=course.jurisdiction.version,
        calendar=course.jurisdiction.calendar,
        notice=notice,
        places=_places(course),
        facts=tuple(known),
        acts=_acts(course, notice, known),
        standing=standing,
        running=tuple(one for one in ahead.presumptions if one.holds_on > as_of and standing.served_on is None),
        as_of=as_of,
        known_at=known_at,
        held=_held(course, str(notice["person_id"]), int(notice["wave"])),
        kept=kept_until(course),
    )


def _held(course: Course, person: str, wave: int) -> Held:
    return Held(register_row(course, person), found_by_law(course, person)[0], address_of(course, person, wave))


def kept_until(course: Course) -> tuple[date, str] | None:
    """The last day on which the record of the call-up is kept, and by which article: the clock of storage, from closing on.

    Where the law names no time there is none, and whoever asks to be erased after closing is erased (design D5).
    """
    closing = course.decree.closes_on
    clock = course.jurisdiction.procedure.at(closing).clock("storage")
    return None if clock is None else (closing + timedelta(days=clock.days), str(clock.citation))


def _silent(fact: Mapping[str, Any], as_of: date) -> bool:
    """A disclosure of which a court forbade to tell before a day (safeguard G12); on that day the person sees it."""
    return fact["kind"] == "disclosure" and fact["until"] is not None and fact["until"] > as_of


def touching(own: list[dict[str, Any]], of_nobody: list[dict[str, Any]], notice: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A case's facts with those about nobody that may touch it: outages, strikes, and stays, halts and recalls in whose scope it lies.

    Args:
        own: rows of FACTS of the case.
        of_nobody: rows of FACTS without a case.
        notice: its summons.
    """
    scopes = {"call-up", f"unit {str(notice['stratum']).partition('+')[0]}", f"wave {notice['wave']}"}
    scoped = [row for row in of_nobody if row["kind"] in SCOPED and row["ground"] in scopes]
    stays = {row["fact_id"] for row in scoped}
    rest = [row for row in of_nobody if row["kind"] in _TOLLING or (row["kind"] == _LIFTS and row["ref"] in stays)]
    return sorted([*own, *scoped, *rest], key=lambda row: int(row["seq"]))


def _places(course: Course) -> dict[tuple[str, date], Place]:
    rows = read_places(course).to_pylist()
    return {(row["place_id"], row["day"]): Place(row["place_id"], row["address"], row["opens"], row["closes"]) for row in rows}


def place_of(case: Case, day: date) -> Place:
    """Where a notice asks one to come, with the hours of that day."""
    name = str(case.notice["place_id"])
    found = case.places.get((name, day))
    if found is not None:
        return found
    address = next((one.address for (place, _), one in case.places.items() if place == name), "")
    return Place(name, address, "", "")


def _acts(course: Course, notice: Mapping[str, Any], facts: Sequence[Mapping[str, Any]]) -> dict[str, Act]:
    """The entries of these facts: a call stands where its wave was entered, all others in their batches."""
    calls = [fact["fact_id"] for fact in facts if fact["kind"] == "called" and fact["notice_id"] == notice["notice_id"]]
    return entered(course, facts) | dict.fromkeys(calls, Act(call_index(course, notice), notice["salt"]))


def entered(course: Course, facts: Sequence[Mapping[str, Any]]) -> dict[str, Act]:
    """The entries of these facts in the batches of acts, by fact number; what is not entered yet is not there."""
    wanted = pa.array([fact["fact_id"] for fact in facts], pa.string())
    found: dict[str, Act] = {}
    for path in batches_of(course, [int(fact["seq"]) for fact in facts]):
        batch = sealed.read_sealed(path, course.dossier.key).read_all()
        for row in batch.filter(pc.is_in(batch.column("fact_id"), value_set=wanted)).to_pylist():
            found[row["fact_id"]] = Act(row["index"], row["salt"])
    return found


def batches_of(course: Course, numbers: Sequence[int]) -> Iterator[Path]:
    """The batches of acts that hold these facts: a batch is named by the numbers of its first fact and its last."""
    for path in sorted((course.dossier.sealed / "60-facts" / "acts").glob("*.parquet")):
        first, _, last = path.stem.partition("-")
        if any(int(first) <= number <= int(last) for number in numbers):
            yield path


def call_index(course: Course, notice: Mapping[str, Any]) -> int:
    """Where the call act of a notice stands in the acts log."""
    wave = int(notice["wave"])
    at = notices_of(course, wave).column("notice_id").to_pylist().index(notice["notice_id"])
    return CallUpLogs(course).first_act(f"enter-{wave}") + int(at)
