"""Who appears where and when: slots given out in rank order, or the whole wave refused before anything is entered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from callup.notice.document import Imprint, Slot, document
from callup.terms.errors import BadInput
from callup.terms.schema import Schema
from callup.terms.tables import NOTICES

SUMMONS, DECISION = "summons", "decision"
_ARROW: dict[str, Any] = {"text": pa.string(), "int": pa.int64(), "date": pa.date32(), "flag": pa.bool_()}


@dataclass(frozen=True, slots=True)
class Wave:
    """What all notices of one wave share.

    Args:
        number: the wave, from 1.
        earliest: the first day on which anyone of this wave may be asked to appear.
        imprint: what every document of the call-up carries.
        earlier: NOTICES of the earlier waves; their appointments stay taken.
        moved: by place and day the numbers of the slots that people have moved to since.
        latest: the last day on which anyone of this wave may be asked to appear, where the law sets one.
    """

    number: int
    earliest: date
    imprint: Imprint
    earlier: tuple[pa.Table, ...] = ()
    moved: Mapping[tuple[str, date], frozenset[int]] = field(default_factory=dict)
    latest: date | None = None


@dataclass(slots=True)
class _Day:
    """The slots of one unit on one day, in order of time; ``given`` counts those already used up."""

    day: date
    slots: list[tuple[str, str]]
    given: int = 0


def arrow_schema(schema: Schema) -> pa.Schema:
    """The Arrow form of a declared table."""
    return pa.schema([pa.field(column.name, _ARROW[column.type], column.nullable) for column in schema.columns])


def _slots_taken(notices: tuple[pa.Table, ...]) -> Counter[tuple[str, date, str]]:
    """Appointments that earlier waves have given, by place, day and time."""
    counts = Counter[tuple[str, date, str]]()
    for table in notices:
        columns: Any = (table.column(name).to_pylist() for name in ("place_id", "appear_on", "appear_at"))
        counts.update(zip(*columns, strict=True))
    return counts


def compose(called: pa.Table, places: pa.Table, wave: Wave) -> pa.Table:
    """Give each called rank an appointment and write its document.

    Where the imprint names a time to answer, nobody gets an appointment: a row of kind ``summons`` then has neither place nor day.

    A rank whose liability holds on no day on which its unit receives (it ends before ``earliest``, say) gets a row of kind
    ``decision``: it is not called, its document says until when it was liable, it has no place. A rank is never passed over in silence.

    Args:
        called: rows of ROLL with rank, language, channels, notice_id, case_id and open_salt, by stratum and rank.
        places: PLACES rows; none where an answer is asked for.
        wave: what all notices of the wave share.

    Returns:
        NOTICES, in the order of ``called``.

    Raises:
        BadInput: ``no-free-slot``, naming unit, place and day; nothing has been given out then.

    Law: safeguard G18 (no appearance outside the interval of liability); decision D20.
    """
    columns = [called.column(name).to_pylist() for name in ("stratum", "rank", "liable_from", "liable_until")]
    slots = _answers(wave, *columns[2:]) if wave.imprint.answer else _appointments(_calendar(places, wave), wave, columns)
    summoned = [bool(place) or day is None for place, day, _ in slots]
    texts = document(called, slots, wave.imprint)
    made: dict[str, Any] = {
        name: called.column(name) for name in ("notice_id", "case_id", "person_id", "stratum", "rank", "position", "language")
    }
    made["kind"] = pa.array([SUMMONS if one else DECISION for one in summoned], pa.string())
    made["wave"] = pa.array([wave.number] * len(slots), pa.int64())
    ways = called.column("channels").to_pylist()
    made["channels"] = pa.array([way if one else "" for way, one in zip(ways, summoned, strict=True)], pa.string())
    made["place_id"] = pa.array([place for place, _, _ in slots], pa.string())
    made["appear_on"] = pa.array([day for _, day, _ in slots], pa.date32())
    made["appear_at"] = pa.array([at for _, _, at in slots], pa.string())
    made["salt"] = called.column("open_salt")
    made["document"] = pa.array(texts, pa.string())
    schema = arrow_schema(NOTICES)
    return pa.table([made[name].cast(schema.field(name).type) for name in NOTICES.names], schema=schema)


def _appointments(calendar: Mapping[str, list[_Day]], wave: Wave, columns: list[list[Any]]) -> list[Slot]:
    return [_slot(calendar, wave, row) for row in zip(*columns, strict=True)]


def _answers(wave: Wave, first: list[date], until: list[date | None]) -> list[Slot]:
    """Nobody's day; whoever is not liable on the day of posting is not asked, and the day says until when or from when they are."""
    here = [(since <= wave.earliest, end is None or end > wave.earliest, since, end) for since, end in zip(first, until, strict=True)]
    return [("", None if begun and holds else end if end is not None else since, "") for begun, holds, since, end in here]


def _calendar(places: pa.Table, wave: Wave) -> dict[str, list[_Day]]:
    """For each unit its days from ``earliest`` to ``latest``, each with the slots that are still free."""
    taken = _slots_taken(wave.earlier)
    by_unit: dict[str, dict[date, list[tuple[str, str]]]] = {}
    for row in places.to_pylist():
        if row["day"] < wave.earliest or (wave.latest is not None and row["day"] > wave.latest):
            continue
        moved = wave.moved.get((row["place_id"], row["day"]), ())
        free = [(at, row["place_id"]) for n, at in enumerate(slot_times(row)) if n not in moved and not _used(taken, row, at)]
        by_unit.setdefault(row["unit"], {}).setdefault(row["day"], []).extend(free)
    return {unit: [_Day(day, sorted(slots)) for day, slots in sorted(days.items())] for unit, days in by_unit.items()}


def _used(taken: Counter[tuple[str, date, str]], row: Mapping[str, Any], at: str) -> bool:
    """Whether a slot was given by an earlier wave; each of its appointments uses up one slot of that time."""
    key = (row["place_id"], row["day"], at)
    taken[key] -= 1
    return taken[key] >= 0


def slot_times(row: Mapping[str, object]) -> list[str]:
    """Slots of equal length between opening and closing, as HH:MM."""
    opens, closes = (_minutes(str(row[name]), row) for name in ("opens", "closes"))
    capacity = int(str(row["capacity"]))
    if closes <= opens or capacity < 0:
        raise BadInput(
            "place-hours", {"place": row["place_id"], "day": row["day"]}, "a place must open before it closes and hold 0 or more"
        )
    length = closes - opens
    return ["{:02}:{:02}".format(*divmod(opens + n * length // capacity, 60)) for n in range(capacity)]


def _minutes(text: str, row: Mapping[str, object]) -> int:
    hours, _, minutes = text.partition(":")
    if not (len(text) == 5 and hours.isdigit() and minutes.isdigit() and int(hours) < 24 and int(minutes) < 60):
        raise BadInput("place-hours", {"place": row["place_id"], "day": row["day"], "value": text}, "write opening hours as HH:MM")
    return int(hours) * 60 + int(minutes)


def _slot(calendar: Mapping[str, list[_Day]], wave: Wave, row: tuple[str, int, date, date | None]) -> tuple[str, date, str]:
    """The first free slot inside the person's liability: place, day, time; place empty if no day there receives."""
    stratum, rank, first, until = row
    unit = stratum.partition("+")[0]
    days = calendar.get(unit, [])
    if not days and (until is None or until > wave.earliest):
        raise _refusal(unit, rank, "none", wave.earliest)
    full: _Day | None = None
    for day in _within(days, first, until):
        if day.given < len(day.slots):
            at, place = day.slots[day.given]
            day.given += 1
            return place, day.day, at
        full = day
    if full is not None:
        raise _refusal(unit, rank, full.slots[-1][1] if full.slots else "all", full.day)
    return "", until if until is not None else first, ""


def _within(days: list[_Day], first: date, until: date | None) -> Iterator[_Day]:
    for day in days:
        if until is not None and day.day >= until:
            return
        if day.day >= first:
            yield day


def _refusal(unit: str, rank: int, place: str, day: date) -> BadInput:
    where: dict[str, object] = {"unit": unit, "rank": rank, "place": place, "day": day.isoformat()}
    return BadInput("no-free-slot", where, "add days or capacity to places.csv, or propose a smaller wave")
