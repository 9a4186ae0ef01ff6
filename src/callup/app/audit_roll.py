"""An auditor with the register and the dossier key opens the roll and the acts: who is missing, who is too many, what does not open.

Counts only, small cells merged; never a name, an id or a place in an order (safeguards G4, G5).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from callup.app import sealed
from callup.app.course import Course
from callup.app.erased import erased_rows, lines_kept
from callup.app.intake import read_register
from callup.app.logs import CallUpLogs
from callup.app.stages.deciding import decided
from callup.app.stages.dispatching import ACTS
from callup.app.supplements import supplements, whole_roll, whole_snapshot
from callup.draw import commitment, entry, read_plan
from callup.draw.panels import panel_of
from callup.law import register_schema
from callup.register import rekey, snapshot_schema
from callup.statistics import counts
from callup.terms.canonical import row_text
from callup.terms.errors import OutOfOrder
from callup.terms.tables import FACTS
from callup.tlog import Tree, merkle_root

SHOWN_FROM = 10
"""Smaller counts of persons are said as a range (safeguard G5)."""


@dataclass(slots=True)
class RollAudit:
    """What an audit found.

    Args:
        looked_at: what was read, and how much of it.
        found: what is wrong, in words, each with its count; empty where nothing is.
        omitted: liable persons who are on no roll, by unit and birth years, small cells merged.
    """

    looked_at: dict[str, int] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    omitted: list[dict[str, Any]] = field(default_factory=list)

    def note(self, what: str, count: int) -> None:
        """Keep a finding if there is one."""
        if count:
            self.found[what] = self.found.get(what, 0) + count


def said(count: int) -> str:
    """A count of persons as it may be said.

    Example:
        >>> said(3), said(1200)
        ('1 to 9', '1,200')
    """
    return f"{count:,}" if count >= SHOWN_FROM else f"1 to {SHOWN_FROM - 1}"


def audit_roll(course: Course, register: Path) -> RollAudit:
    """Compare the committed roll with the register and the law, and the acts log with what the dossier keeps sealed.

    Args:
        course: a call-up whose plan is committed.
        register: Parquet register as of the key date, as ``callup register check`` writes it.

    Raises:
        OutOfOrder: nothing is committed yet.
    """
    if not course.dossier.finished("commit"):
        raise OutOfOrder("nothing-committed", {}, "an audit opens a committed roll: callup run DOSSIER --to commit")
    audit = RollAudit()
    _open_roll(course, audit)
    _compare_register(course, register, audit)
    _open_acts(course, CallUpLogs(course), audit)
    return audit


# ---- the roll


def _open_roll(course: Course, audit: RollAudit) -> None:
    """Every line opens, stands in order, and gives the plan's root; nobody stands twice."""
    dossier, persons = course.dossier, Counter[str]()
    many = course.decree.order_method == "panels"
    folders = [(dossier.sealed / "30-roll", dossier.open / "40-seed" / "plan.txt")]
    for one in supplements(dossier):
        if dossier.finished(f"commit-s{one.number}"):
            folders.append((one.sealed_folder(dossier), one.open_folder(dossier) / "plan.txt"))
    for folder, plan in folders:
        leaves = _leaves(course, folder / "roll.parquet", persons, audit, many)
        rolls = read_plan(plan.read_text(encoding="utf-8")).rolls
        wrong = sum((len(leaves.get(stratum, [])), merkle_root(_in_order(leaves, stratum)).hex()) != rolls[stratum] for stratum in rolls)
        audit.note("strata whose size or root is not the plan's", wrong + len(set(leaves) - set(rolls)))
    audit.looked_at["lines of the roll"] = persons.total()
    audit.note("persons who stand on the roll more than once", sum(count - 1 for count in persons.values()))


def _in_order(leaves: dict[str, dict[int, bytes]], stratum: str) -> list[bytes]:
    return [leaf for _, leaf in sorted(leaves.get(stratum, {}).items())]


def _leaves(course: Course, path: Path, persons: Counter[str], audit: RollAudit, many: bool) -> dict[str, dict[int, bytes]]:
    """The commitment of each line by stratum and position, made again from the record; of erased lines, as published.

    Where the roll is a list of panels (``many``), a person may stand in many of them, and is counted once in each.
    """
    found: dict[str, dict[int, bytes]] = {}
    names = ("stratum", "position", "person_id", "born_on", "salt", "commitment")
    for batch in sealed.read_sealed(path, course.dossier.key):
        for stratum, position, person, born, salt, committed in zip(*(batch.column(name).to_pylist() for name in names), strict=True):
            record = f"{person}\n{born.isoformat() if born else ''}\n{stratum}\n"
            made = commitment("roll", salt, record)
            audit.note("lines of the roll that do not open", int(made != committed))
            found.setdefault(stratum, {})[position] = bytes.fromhex(made)
            persons[f"{panel_of(stratum)} {person}" if many else person] += 1
    _fill_erased(course, found, len(erased_rows(path, course.dossier.key)), audit)
    return found


def _fill_erased(course: Course, found: dict[str, dict[int, bytes]], erased: int, audit: RollAudit) -> None:
    """Erased lines are holes in a stratum: there the published commitment is taken."""
    if not erased:
        return
    audit.looked_at["lines of the roll erased by law"] = audit.looked_at.get("lines of the roll erased by law", 0) + erased
    logs = CallUpLogs(course)
    for path in sorted((course.dossier.open / "log" / "roll").iterdir()):
        lines, size = found.setdefault(path.name, {}), _planned_size(course, path.name)
        if len(lines) < size:
            published = Tree(logs.store, f"roll/{path.name}", size).entries()
            lines |= {position: published[position] for position in range(size) if position not in lines}


def _planned_size(course: Course, stratum: str) -> int:
    suffix = stratum.partition("+")[2]
    folder = f"46-supplements/{suffix}" if re.fullmatch(r"s\d+", suffix) else "40-seed"
    return read_plan((course.dossier.open / folder / "plan.txt").read_text(encoding="utf-8")).rolls[stratum][0]


# ---- the register


def _compare_register(course: Course, register: Path, audit: RollAudit) -> None:
    on_roll = _ids(whole_roll(course, ["person_id"])).unique()
    frozen = _ids(whole_snapshot(course, ["person_id"]))
    spared = _spared(course)
    seen: list[pa.Array] = []
    cells: Counter[tuple[str, int | None]] = Counter()
    persons = 0
    for batch in _judged(course, register):
        ids = batch.column("person_id")
        persons += batch.num_rows
        there = pc.is_in(ids, value_set=on_roll)
        seen.append(ids.filter(there))
        audit.note("persons of the register whom the snapshot does not hold", batch.num_rows - pc.is_in(ids, value_set=frozen).true_count)
        liable = pc.and_(pc.equal(batch.column("finding"), "LIABLE"), pc.invert(pc.or_(there, pc.is_in(ids, value_set=spared))))
        for unit, born in zip(*(batch.filter(liable).column(name).to_pylist() for name in ("unit", "born_on")), strict=True):
            cells[unit or "no unit", born.year if born else None] += 1
    audit.looked_at["persons of the register"] = persons
    if course.decree.order_method == "panels":
        audit.looked_at["liable persons in no panel"] = cells.total()
        cells.clear()
    audit.note("liable persons who are on no roll", cells.total())
    audit.note(
        "lines of the roll whom the register does not hold", len(on_roll) - len(pa.concat_arrays(seen).unique()) if seen else len(on_roll)
    )
    audit.omitted = _published(cells, course.decree.merge_below)


def _ids(reader: pa.RecordBatchReader) -> pa.Array:
    found = [batch.column("person_id") for batch in reader]
    return pa.concat_arrays(found) if found else pa.array([], pa.string())


def _spared(course: Course) -> pa.Array:
    """Whom a ruling of two officials has let go."""
    facts = course.facts.all().filter((pc.field("kind") == "ruled") & (pc.field("outcome") == "not-liable"))
    return facts.column("ground").drop_null().combine_chunks()


def _judged(course: Course, register: Path) -> Iterator[pa.RecordBatch]:
    """FINDINGS of the register under its ids of this call-up; once the window is over, the stored ones of whom the snapshot holds.

    Safeguard G2: a register is judged under an open decree only.
    """
    schema = snapshot_schema(register_schema(course.jurisdiction.law))
    rows = (_rekeyed(course, batch) for batch in read_register(register, schema))
    first = next(rows)
    reader = pa.RecordBatchReader.from_batches(first.schema, _chained(first, rows))
    if course.decree.opens_on <= course.clock.day("audit") <= course.decree.closes_on:
        yield from decided(course, reader, "audit")
        return
    course.engine.register("audited", pa.Table.from_batches(batch.select(["person_id", "born_on", "unit"]) for batch in reader))
    course.engine.register("findings", sealed.read_sealed(course.table_path("20-findings", "findings.parquet"), course.dossier.key))
    sql = "SELECT a.*, coalesce(f.finding, 'NOT_LIABLE') AS finding FROM audited a LEFT JOIN findings f ON f.person_id = a.person_id"
    yield from course.engine.run(sql)


def _chained(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from rest


def _rekeyed(course: Course, batch: pa.RecordBatch) -> pa.RecordBatch:
    place = batch.schema.get_field_index("person_id")
    columns = batch.columns
    columns[place] = rekey(batch.column(place), course.ring.keys["id"])
    return pa.record_batch(columns, names=batch.schema.names)


def _published(cells: Counter[tuple[str, int | None]], below: int) -> list[dict[str, Any]]:
    """Omissions by unit and birth years, merged until no line is small; a unit that stays small is not shown."""
    rows = [{"unit": unit, "born_year": year, "persons": count} for (unit, year), count in sorted(cells.items(), key=str)]
    if not rows:
        return []
    shape = pa.schema([("unit", pa.string()), ("born_year", pa.int64()), ("persons", pa.int64())])
    return [row for row in counts(pa.Table.from_pylist(rows, shape), below).to_pylist() if row["persons"] >= below]


# ---- the acts


def _open_acts(course: Course, logs: CallUpLogs, audit: RollAudit) -> None:
    """Every called rank has its act, every act opens, and no entry stands there that nothing sealed explains."""
    entries = logs.acts.tree().entries()
    explained: set[int] = set()
    for wave in range(1, course.decree.waves + 1):
        if course.dossier.finished(f"enter-{wave}"):
            _open_wave(course, logs, wave, entries, explained, audit)
    _open_facts(course, entries, explained, audit)
    audit.looked_at["entries of the acts log"] = len(entries)
    audit.note("entries of the acts log that nothing sealed explains", len(entries) - len(explained))


def _open_wave(course: Course, logs: CallUpLogs, wave: int, entries: list[bytes], explained: set[int], audit: RollAudit) -> None:
    path = course.table_path("50-notices", f"wave-{wave}", "notices.parquet")
    notices, erased = sealed.read_sealed(path, course.dossier.key).read_all(), erased_rows(path, course.dossier.key)
    first = logs.first_act(f"enter-{wave}")
    rows = zip(
        lines_kept(notices.num_rows, erased), *(notices.column(name).to_pylist() for name in ("kind", "salt", "document")), strict=True
    )
    wrong = 0
    for line, kind, salt, document in rows:
        made = entry(ACTS[kind], commitment("open", salt, document))
        explained.add(first + line)
        wrong += first + line >= len(entries) or entries[first + line] != made
    explained |= {first + row.line for row in erased}
    audit.note("acts that do not open", wrong)
    line = course.dossier.finished(f"size-{wave}")
    called = sum(line["sizes"].values()) if line else 0
    audit.looked_at["called ranks"] = audit.looked_at.get("called ranks", 0) + called
    audit.note("called ranks without an act", max(0, called - notices.num_rows - len(erased)))


def _open_facts(course: Course, entries: list[bytes], explained: set[int], audit: RollAudit) -> None:
    facts = {row["fact_id"]: row for row in course.facts.all().to_pylist()}
    for path in sorted((course.dossier.sealed / "60-facts" / "acts").glob("*.parquet")):
        explained |= {row.line for row in erased_rows(path, course.dossier.key)}
        for act in sealed.read_sealed(path, course.dossier.key).read_all().to_pylist():
            fact = facts.get(act["fact_id"])
            text = row_text([fact[name] for name in FACTS.names], FACTS) if fact else ""
            opens = fact is not None and commitment("open", act["salt"], text) == act["commitment"]
            there = act["index"] < len(entries) and entries[act["index"]].split()[2].decode() == act["commitment"]
            audit.note("acts that do not open", int(not (opens and there)))
            explained.add(act["index"])
