"""Supplementary rolls (docs/formats.md): someone left out is taken in, committed, and enters the order by a ticket of their own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from callup.app import durable, sealed
from callup.app.beacon import checked_value, read_round, require_lead
from callup.app.course import Course, run_stage
from callup.app.dossier import Entry
from callup.app.intake import read_register
from callup.app.logs import CallUpLogs
from callup.app.signing import require_two
from callup.app.stages.calling import first_ranks
from callup.app.stages.deciding import decided
from callup.app.stages.rolling import PlanParts, make_plan, refuse_second_plan
from callup.app.supplements import Supplement, cast_supplements, order_file, supplements, whole_roll
from callup.draw import commitment, ranks, rehearsal_beacon, seal_roll, seed_document, seed_of, tickets
from callup.draw.supplements import places, reached, supplement_id, supplement_stratum
from callup.law import register_schema
from callup.register import rekey, snapshot_schema
from callup.terms.decree import CLASSES
from callup.terms.errors import BadInput, NotLawful, OutOfOrder, Tampered
from callup.terms.tables import FINDINGS, ROLL

_LIST = "a ruling before the freeze gives the missing a place; after it only the body that makes the list can make another"
NO_SUPPLEMENT = {
    "list": _LIST,
    "list-with-objections": _LIST,
    "panels": "a panel is called whole as it was published: of a new list of panels a new decree must tell",
}
"""Orders in which nobody can be taken in without moving somebody else, and what to do instead (ADR 0040)."""

# ---- taking in


def take_in(course: Course, path: Path | None, supplement: Supplement) -> None:
    """Decide by law about those who were left out, and seal their roll; done once for each number.

    Args:
        course: the run; a replay reads what the first run sealed.
        path: Parquet register of those left out, as ``callup register check`` writes it.
        supplement: its number, round, reason and the two who sign.

    Raises:
        BadInput: nobody, someone who is on the roll already, or someone whom the law does not bind or leaves open.
        NotLawful: the call-up's order is not drawn.
    """
    name = f"supplement-{supplement.number}"
    if course.dossier.finished(name):
        return
    if hint := NO_SUPPLEMENT.get(course.decree.order_method):
        raise NotLawful("order-not-drawn", {"order": course.decree.order_method}, hint)
    final = supplement.sealed_folder(course.dossier)
    with course.voice.stage(name, "taking in those who were left out"), course.dossier.folders(final) as (folder,):
        schema = snapshot_schema(register_schema(course.jurisdiction.law))
        snapshot = _snapshot(course, path, supplement)
        sealed.write_sealed(folder / "snapshot.parquet", schema, snapshot.to_batches(), course.dossier.key)
        findings = _assessed(course, snapshot)
        sealed.write_sealed(folder / "findings.parquet", FINDINGS, findings.to_batches(), course.dossier.key)
        roll = _sealed_roll(course, findings, supplement)
        sealed.write_sealed(folder / "roll.parquet", ROLL, roll.to_batches(), course.dossier.key)
    entries = [
        course.digest(snapshot, schema, (), f"snapshot-s{supplement.number}"),
        course.digest(findings, FINDINGS, (), f"findings-s{supplement.number}"),
        course.digest(roll, ROLL, (), f"roll-s{supplement.number}"),
    ]
    about = {"round": supplement.round, "reason": supplement.reason, "by": list(supplement.by), "day": supplement.day}
    course.dossier.finish(name, entries, facts=course.facts.last_seq(), **about)


def _snapshot(course: Course, path: Path | None, supplement: Supplement) -> pa.Table:
    if course.source is not None:
        lies = supplement.sealed_folder(course.source) / "snapshot.parquet"
        return sealed.read_sealed(lies, course.dossier.key).read_all()
    if path is None:
        raise OutOfOrder("supplement-file-missing", {}, "name the file: callup supplement DOSSIER FILE")
    schema = snapshot_schema(register_schema(course.jurisdiction.law))
    table = pa.Table.from_batches(read_register(path, schema))
    place = table.column_names.index("person_id")
    return table.set_column(
        place, "person_id", pa.chunked_array([rekey(table.column("person_id").combine_chunks(), course.ring.keys["id"])])
    )


def _assessed(course: Course, snapshot: pa.Table) -> pa.Table:
    """What the law says of each; all must be bound, and none may be on a roll already."""
    reader = pa.RecordBatchReader.from_batches(snapshot.schema, snapshot.to_batches())
    findings = pa.Table.from_batches(decided(course, reader, "assess"))
    others = findings.filter(pc.not_equal(findings.column("finding"), "LIABLE")).num_rows
    if not findings.num_rows or others:
        words = {"persons": findings.num_rows, "not liable or undetermined": others}
        raise BadInput("supplement-not-liable", words, "a supplementary roll takes in those only whom the law binds without a ruling")
    standing = pa.Table.from_batches(whole_roll(course, ["person_id"]))
    ids = findings.column("person_id").combine_chunks()
    there = pc.sum(pc.is_in(ids, value_set=standing.column("person_id").combine_chunks())).as_py()
    if there or len(ids.unique()) < len(ids):
        words = {"persons": len(ids), "on a roll already": there}
        raise BadInput("supplement-person-twice", words, "leave out who stands on the roll: nobody gets two tickets")
    return findings


def _sealed_roll(course: Course, findings: pa.Table, supplement: Supplement) -> pa.Table:
    units = findings.column("unit").to_pylist()
    known = set(_planned(course, "45-draw"))
    if unknown := sorted({str(unit) for unit in units} - known):
        raise BadInput("unit-unknown", {"units": ", ".join(unknown)[:200]}, "each person needs a unit that the plan has a quota for")
    strata = [supplement_stratum(unit, supplement.number) for unit in units]
    salts = course.randomness.salts("roll", findings.column("person_id").to_pylist())
    columns = {name: findings.column(name) for name in ("person_id", "born_on", "liable_from", "liable_until")}
    return seal_roll(pa.table({**columns, "stratum": pa.array(strata, pa.string()), "salt": pa.array(salts, pa.string())}))


def _planned(course: Course, folder: str) -> list[str]:
    return sorted(path.stem for path in (course.dossier.open / folder).glob("*.csv"))


# ---- plan and seed


def commit_supplement(course: Course, logs: CallUpLogs, supplement: Supplement) -> None:
    """Two people sign the supplementary roll; then its plan stands in the public log, before its own round (design section 4)."""
    roll = course.dossier.entry(f"roll-s{supplement.number}")
    require_two(course.dossier, course.randomness, f"supplement-{supplement.number}", roll.digest, supplement.by)
    course.dossier.intend(f"day commit-s{supplement.number}", day=supplement.day)
    _add_secrets(course, supplement)
    final = supplement.open_folder(course.dossier)

    def make(run: Course, folder: Path) -> list[Entry]:
        rows = run.read("31-supplements", f"s{supplement.number}", "roll.parquet")
        roots = logs.write_roll_trees(run.engine, rows.select(["stratum", "position", "commitment"]))
        counted = rows.column("stratum").value_counts().to_pylist()
        rolls = {row["values"]: (row["counts"], roots[row["values"]]) for row in counted}
        parts = PlanParts(
            supplement_id(run.decree.id, supplement.number), {}, rolls, _secrets(run, supplement), _planned_beacon(run, supplement)
        )
        plan = make_plan(run, parts)
        refuse_second_plan(logs, plan)
        logs.publish(f"commit-s{supplement.number}", [("plan", plan.encode())], date.fromisoformat(str(supplement.day)))
        (folder / "plan.txt").write_text(plan, encoding="utf-8")
        return [Entry(f"plan-s{supplement.number}", hashlib.sha256(plan.encode()).hexdigest(), len(rolls), (roll.digest,))]

    run_stage(course, f"commit-s{supplement.number}", f"committing supplementary roll {supplement.number}", [final], make)


def _secret_name(supplement: Supplement, holder: str) -> str:
    return f"secret-s{supplement.number}-{holder}"


def _add_secrets(course: Course, supplement: Supplement) -> None:
    """New secrets: those of the main plan have been opened, and everybody knows them."""
    names = [_secret_name(supplement, holder) for holder in course.decree.secret_holders]
    missing = [name for name in names if name not in course.ring.keys]
    if missing:
        course.ring.keys.update((name, course.randomness.key(name)) for name in missing)
        course.ring.wrap(course.dossier.sealed / "keys" / "ring.json", course.dossier.key)


def _secrets(course: Course, supplement: Supplement) -> dict[str, str]:
    opened = _opened(course, supplement)
    return {holder: commitment("secret", "", secret) for holder, secret in opened.items()}


def _opened(course: Course, supplement: Supplement) -> dict[str, str]:
    return {holder: course.ring.keys[_secret_name(supplement, holder)].hex() for holder in course.decree.secret_holders}


def _planned_beacon(course: Course, supplement: Supplement) -> str:
    words = (course.dossier.open / "40-seed" / "plan.txt").read_text(encoding="utf-8").rstrip("\n").rpartition("\nbeacon: ")[2].split()
    if words[0] == "rehearsal":
        return f"rehearsal {supplement_id(course.decree.id, supplement.number)} {supplement.round}"
    day_over = datetime.fromisoformat(f"{supplement.day}T23:59:59+00:00")
    require_lead(supplement.round, day_over, course.decree.lead_hours)
    return f"{words[0]} {words[1]} {supplement.round}"


def cast_supplement(course: Course, logs: CallUpLogs, supplement: Supplement) -> None:
    """Open the new secrets after the round; give each line its ticket, its own rank and its place in the main order."""
    folder = supplement.open_folder(course.dossier)
    plan = (folder / "plan.txt").read_text(encoding="utf-8")
    _require_seen(course, logs, supplement)
    document = seed_document(plan, _opened(course, supplement), _beacon_value(course, supplement))

    def make(run: Course) -> list[Entry]:
        logs.publish(f"cast-s{supplement.number}", [("seed", document.encode())], run.day_kept(f"cast-s{supplement.number}"))
        durable.write_bytes(folder / "seed.txt", document.encode())
        rows = run.read("31-supplements", f"s{supplement.number}", "roll.parquet").column("stratum").value_counts().to_pylist()
        for row in rows:
            durable.write_bytes(order_file(run, row["values"]), _order(run, seed_of(document), row["values"], row["counts"]))
        made_from = (run.dossier.entry(f"plan-s{supplement.number}").digest,)
        digest = hashlib.sha256(document.encode()).hexdigest()
        return [Entry(f"draw-s{supplement.number}", digest, sum(row["counts"] for row in rows), made_from)]

    run_stage(course, f"cast-s{supplement.number}", f"casting supplementary roll {supplement.number}", [], make)


def _require_seen(course: Course, logs: CallUpLogs, supplement: Supplement) -> None:
    """A quorum of witnesses must have seen this plan for its lead time before the round; a rehearsal's round has no time."""
    seen_since = datetime.fromtimestamp(logs.plan_seen_since(f"commit-s{supplement.number}"), UTC)
    if _planned_beacon(course, supplement).startswith("drand"):
        require_lead(supplement.round, seen_since, course.decree.lead_hours)


def _order(course: Course, seed: str, stratum: str, size: int) -> bytes:
    own = tickets(seed, stratum, size)
    unit = stratum.partition("+")[0]
    main_seed = seed_of((course.dossier.open / "40-seed" / "seed.txt").read_text(encoding="utf-8"))
    main = tickets(main_seed, unit, pacsv.read_csv(order_file(course, unit)).num_rows)
    place, by_rank = places(own, main), np.argsort(ranks(own))
    lines = (f"{rank},{position},{place[position]}\n" for rank, position in enumerate(by_rank.tolist(), 1))
    return ("rank,position,place\n" + "".join(lines)).encode()


def _beacon_value(course: Course, supplement: Supplement) -> str:
    plan = (supplement.open_folder(course.dossier) / "plan.txt").read_text(encoding="utf-8")
    kind, name, _ = plan.rstrip("\n").rpartition("\nbeacon: ")[2].split()
    if kind == "rehearsal":
        return rehearsal_beacon(name, supplement.round)
    stored = supplement.open_folder(course.source or course.dossier) / "seed.txt"
    if stored.exists():
        found = re.findall("^beacon: ([0-9a-f]+)$", stored.read_text(encoding="utf-8"), re.MULTILINE)
        if len(found) != 1:
            raise Tampered("seed-not-readable", {"path": str(stored)}, "restore the seed document from the public log")
        return checked_value(supplement.round, supplement.round, found[0])
    if not course.beacon:
        words = {"round": supplement.round, "supplementary roll": supplement.number}
        raise OutOfOrder(
            "beacon-not-given", words, "fetch this round of quicknet, then: callup run --beacon FILE; or void the supplementary plan"
        )
    return read_round(course.beacon, supplement.round)


# ---- who is called


def supplement_sizes(course: Course, wave: int, sizes: dict[str, int]) -> dict[str, int]:
    """How many of each supplementary stratum a wave calls: all whose place its main ranks reach, or passed before.

    Args:
        course: the run.
        wave: which.
        sizes: how many main ranks of each unit the wave calls.
    """
    next_rank, found = first_ranks(course, wave), {}
    for supplement in cast_supplements(course.dossier):
        for path in sorted(supplement.open_folder(course.dossier).glob("*.csv")):
            unit = path.stem.partition("+")[0]
            by_rank = pacsv.read_csv(path).column("place").to_numpy()
            last = _passed(course, unit, next_rank, sizes)
            new = reached(by_rank, last) - (next_rank.get(path.stem, 1) - 1)
            if new:
                found[path.stem] = new
    return found


def _passed(course: Course, unit: str, next_rank: Mapping[str, int], sizes: Mapping[str, int]) -> int:
    """The last main rank that a wave reaches in a unit's roll; behind all of them once a class after it has been begun.

    Nobody of a later class is called before somebody of an earlier one, whoever came late among them.
    """
    classes = CLASSES[course.decree.order_method]
    later = [f"{unit}+{name}" for name in classes[classes.index("") + 1 :]]
    reach = {one: next_rank.get(one, 1) - 1 + sizes.get(one, 0) for one in (unit, *later)}
    return reach[unit] + any(reach[one] for one in later)


# ---- a new one


def next_supplement(course: Course, round_: int, reason: str, by: tuple[str, str]) -> Supplement:
    """The supplement that is being made: one that waits for its signatures, or a new one behind the last.

    Raises:
        OutOfOrder: the main draw is not cast yet, or no wave is left.
    """
    dossier = course.dossier
    if not dossier.finished("cast"):
        raise OutOfOrder("draw-not-cast", {}, "before the draw, mend the register and begin a new call-up; the roll itself is committed")
    waiting = [one for one in supplements(dossier) if not dossier.finished(f"commit-s{one.number}")]
    if waiting:
        return waiting[0]
    last = max((n for n in range(1, course.decree.waves + 1) if dossier.finished(f"size-{n}")), default=0)
    if last == course.decree.waves:
        raise OutOfOrder("no-wave-left", {"waves": last}, "whoever was left out can only be called by a new decree")
    number = len(supplements(dossier)) + 1
    before = max([course.decree.beacon_round, *(one.round for one in supplements(dossier))])
    if round_ and round_ <= before:
        raise BadInput("round-not-later", {"round": round_, "after": before}, "name a round later than that of the plan before")
    if not round_ and course.decree.beacon != "rehearsal":
        raise BadInput("round-missing", {}, "name a future round of the beacon: --round N")
    return Supplement(number, round_ or before + 1, reason, by, _day(course, number, last).isoformat())


def _day(course: Course, number: int, last: int) -> date:
    """The clock's day; in a rehearsal, whose clock knows no supplements, not before the last wave."""
    today = course.clock.day(f"commit-s{number}")
    return max(today, course.day_of(last)) if last else today
