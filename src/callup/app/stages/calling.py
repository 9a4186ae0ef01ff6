"""Who is called in a wave: its size by unit, the next ranks of each stratum, and their names and addresses, read once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from callup.app.course import Course
from callup.app.intake import read_register
from callup.app.personal import read_addresses
from callup.app.supplements import order_file, whole_roll, whole_snapshot
from callup.draw import read_plan, seed_of
from callup.draw.panels import panel_of, picked
from callup.planning import wave_size
from callup.register import rekey
from callup.terms.decree import CLASSES
from callup.terms.errors import BadInput, OutOfOrder
from callup.terms.tables import ADDRESSES

SUMMONS = "summons"
_NOBODY = pa.schema([("stratum", pa.string()), ("rank", pa.int64()), ("position", pa.int64())]).empty_table()
"""A wave in which nobody is left to call, or nobody needs to be."""


def first_ranks(course: Course, wave: int) -> dict[str, int]:
    """The first rank of each stratum that no earlier wave has entered."""
    next_rank: dict[str, int] = {}
    for number in range(1, wave):
        line = course.dossier.finished(f"size-{number}")
        if line is None:
            raise OutOfOrder("wave-missing", {"wave": number}, "run the waves in order")
        for unit, size in line["sizes"].items():
            next_rank[unit] = next_rank.get(unit, 1) + size
    return next_rank


def propose_sizes(course: Course, wave: int, so_far: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """How many notices each unit's wave has: from its quota, the decree's yield and the outcomes so far (design D12).

    A class of the roll is called whole before the next one is begun; a panel is called whole at once.
    """
    quotas = {str(row["unit"]): int(row["quota"]) for row in read_quotas(course)}
    sizes = roll_sizes(course)
    next_rank = first_ranks(course, wave)
    if course.decree.order_method == "panels":
        panel = picked(seed_of((course.dossier.open / "40-seed" / "seed.txt").read_text(encoding="utf-8")), sizes)
        return {stratum: size - next_rank.get(stratum, 1) + 1 for stratum, size in sizes.items() if panel_of(stratum) == panel}
    proposed = wave_size(
        quotas,
        so_far["enlisted"],
        so_far["closed"],
        so_far["open"],
        course.decree.notice_yield,
        course.decree.waves - wave + 1,
    )
    found: dict[str, int] = {}
    for unit in sorted(quotas):
        wanted = proposed.get(unit, 0)
        for name in CLASSES[course.decree.order_method]:
            stratum = f"{unit}+{name}" if name else unit
            taken = max(0, min(wanted, sizes.get(stratum, 0) - next_rank.get(stratum, 1) + 1))
            wanted -= taken
            if taken or not name:
                found[stratum] = taken
    return found


def outcomes_so_far(course: Course, wave: int) -> Mapping[str, Mapping[str, int]]:
    """Notices by unit: enlisted, closed otherwise, and still open."""
    counts: dict[str, dict[str, int]] = {"enlisted": {}, "closed": {}, "open": {}}
    if wave == 1:
        return counts
    from callup.app.standing import count_by_unit  # the standing of all cases, counted

    # a replay counts as of the day on which the wave was signed, not as of today
    return count_by_unit(course, course.clock.day(f"wave-{wave}") if course.source is None else course.day_of(wave))


def read_quotas(course: Course) -> list[dict[str, int | str]]:
    """The published quotas."""
    rows: list[dict[str, int | str]] = pacsv.read_csv(course.dossier.open / "35-quotas" / "quotas.csv").to_pylist()
    return rows


def roll_sizes(course: Course) -> dict[str, int]:
    """How many stand in the roll of each stratum, from the published plan."""
    plan = read_plan((course.dossier.open / "40-seed" / "plan.txt").read_text(encoding="utf-8"))
    return {stratum: size for stratum, (size, _) in plan.rolls.items()}


def called_persons(course: Course, sizes: Mapping[str, int], wave: int) -> pa.Table:
    """The roll rows of the ranks that this wave calls, in stratum and rank order.

    Columns:
        those of ROLL, and ``rank``, ``languages``, ``portal``.
    """
    next_rank = first_ranks(course, wave)
    parts = []
    for stratum, size in sorted(sizes.items()):
        if not size:
            continue
        order = pacsv.read_csv(order_file(course, stratum))
        first = next_rank.get(stratum, 1)
        ranks = np.arange(first, first + size, dtype=np.int64)
        by_rank = order.slice(first - 1, size)
        assert by_rank.column("rank").to_numpy().tolist() == ranks.tolist(), "the order file is sorted by rank"
        parts.append(pa.table({"stratum": pa.array([stratum] * size), "rank": ranks, "position": by_rank.column("position").to_numpy()}))
    called = pa.concat_tables(parts) if parts else _NOBODY
    course.engine.register("called", called)
    course.engine.register("roll", whole_roll(course))
    course.engine.register("snapshot", whole_snapshot(course, ["person_id", "languages", "portal"]))
    course.engine.register("struck", _struck(course))
    sql = (
        "SELECT r.* REPLACE (least(r.liable_until, k.day) AS liable_until), c.rank, s.languages, s.portal FROM called c "
        "JOIN roll r ON r.stratum = c.stratum AND r.position = c.position JOIN snapshot s ON s.person_id = r.person_id "
        "LEFT JOIN struck k ON k.person_id = r.person_id ORDER BY r.stratum, c.rank"
    )
    return course.engine.table(sql)


def _struck(course: Course) -> pa.Table:
    """Whose last ruling is that they are not liable after all, and since when: they keep their rank, and a decision stands there."""
    rulings = course.facts.all().filter(pc.field("kind") == "ruled").to_pylist()
    last = {row["ground"]: row for row in rulings}
    struck = [row for row in last.values() if row["outcome"] == "not-liable"]
    days = pa.array([row["happened_on"] for row in struck], pa.date32())
    return pa.table({"person_id": pa.array([row["ground"] for row in struck], pa.string()), "day": days})


def addresses_of(course: Course, persons: pa.Array, wave: int) -> pa.Table:
    """Names and addresses of the called, read once from the register and stored row by row under a key each (design D5).

    Args:
        course: the run.
        persons: re-keyed ids.
        wave: which wave.
    """
    if course.source is not None:
        folder = course.source.sealed / "10-snapshot" / "addresses" / f"wave-{wave}"
        return read_addresses(folder / "addresses.parquet", folder / "keys.parquet", course.dossier.key)
    if course.register is None:
        raise OutOfOrder("register-missing", {}, "name the register: callup run DOSSIER --register FILE")
    key, wanted = course.ring.keys["id"], pa.array(persons, pa.string())
    found = _marked_rows(course.register, key, _marks(course, wanted))
    if found.num_rows != len(wanted) or pc.sum(pc.is_in(found.column("person_id"), value_set=wanted)).as_py() != len(wanted):
        found = _rows_of(course.register, key, wanted)
    if found.num_rows != len(wanted):
        words = {"called": len(wanted), "found in the register": found.num_rows}
        raise BadInput("address-missing", words, "give the register in which everyone called stands, also those of supplementary rolls")
    return found


def _marks(course: Course, wanted: pa.Array) -> npt.NDArray[np.bool_]:
    """Which persons of the snapshot are called, in its order, which is that of the register it was made from."""
    found = [pc.is_in(batch.column(0), value_set=wanted).to_numpy(zero_copy_only=False) for batch in whole_snapshot(course, ["person_id"])]
    return np.concatenate(found)


def _marked_rows(register: Path, key: bytes, marks: npt.NDArray[np.bool_]) -> pa.Table:
    """The register's rows at the marked places: only these get their new ids once more, which says whether it is that register."""
    parts, at = [], 0
    for batch in read_register(register, ADDRESSES):
        mine = np.zeros(batch.num_rows, np.bool_)
        some = marks[at : at + batch.num_rows]
        mine[: len(some)] = some
        parts.append(_renamed(batch.filter(pa.array(mine)), key))
        at += batch.num_rows
    return _by_person(parts)


def _rows_of(register: Path, key: bytes, wanted: pa.Array) -> pa.Table:
    """The register's rows of the called, wherever they stand: it may hold others than the one that was frozen."""
    renamed = (_renamed(batch, key) for batch in read_register(register, ADDRESSES))
    return _by_person([batch.filter(pc.is_in(batch.column("person_id"), value_set=wanted)) for batch in renamed])


def _renamed(batch: pa.RecordBatch, key: bytes) -> pa.RecordBatch:
    ids = rekey(batch.column("person_id"), key)
    return pa.record_batch([ids if name == "person_id" else batch.column(name) for name in ADDRESSES.names], names=list(ADDRESSES.names))


def _by_person(parts: list[pa.RecordBatch]) -> pa.Table:
    return pa.Table.from_batches(parts, pa.schema([(name, pa.string()) for name in ADDRESSES.names])).sort_by("person_id")


def sizes_text(wave: int, sizes: Mapping[str, int]) -> bytes:
    """A wave's number and its size in each unit: the sheet that two people sign says the digest of it."""
    return json.dumps({"wave": wave, "sizes": dict(sorted(sizes.items()))}, separators=(",", ":")).encode()
