"""Erasing one person from a closed call-up (design D5): their rows go, the digests of the rows stay, every proof of all others holds.

What goes: the row of the snapshot, the finding, the roll line with its salt, notices with theirs, name and address with their key, facts
and the salts of their acts, the outcome, and the print files or records that hold a letter. What stays in public: 32-byte values that
nobody can link to anyone any more but the holder of the letter.

Each table is written aside and must give the digest it had, with the digests of the erased rows in their places, before it takes the
old one's place. A crash between two tables is mended by the same command again.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
from calendar import monthrange
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from callup.app import durable, sealed
from callup.app.acts import add_fact
from callup.app.course import Course
from callup.app.erased import ErasedRow, digest_with, erased_rows, lines_kept, without, write_erased
from callup.app.logs import ACTS
from callup.app.personal import ROW_KEYS, read_addresses
from callup.app.signing import require_two
from callup.app.stages.dispatching import PORTAL
from callup.app.stages.telling import FOLDER as DECISIONS
from callup.app.stages.telling import drop_unfinished, printing_alone
from callup.app.stores.facts import FactStore
from callup.app.supplements import supplements
from callup.app.web.desk.store import DeskStore
from callup.app.web.storage import Embedded, Storage, portal_key
from callup.app.web.store import PortalStore
from callup.app.wire import own_facts, store_named
from callup.cases.undertakings import OUTLIVES_MONTHS
from callup.law import register_schema
from callup.register import snapshot_schema
from callup.terms.canonical import row_text
from callup.terms.decree import Decree
from callup.terms.errors import BadInput, OutOfOrder, Tampered
from callup.terms.facts import UNDERTAKEN
from callup.terms.schema import Schema
from callup.terms.tables import ADDRESSES, FACTS, FINDINGS, NOTICES, OUTCOMES, ROLL


@dataclass(frozen=True, slots=True)
class _Person:
    """Whom to erase: the person's id, the number of their case, those of their notices."""

    person: str
    case: str
    notices: tuple[str, ...]


def erase(course: Course, case: str, *, by: tuple[str, str], reason: str, day: date, store: Storage | None = None) -> int:
    """Erase the person of one case; gives how many rows went.

    Args:
        course: a call-up whose cases are closed: until then the law needs the record.
        case: the number of the case; of someone who was never called, what ``name_for("case", ...)`` gives.
        by: the two officials who sign.
        reason: why, in words that name nobody: it stays.
        day: the day of the erasure.
        store: a PostgreSQL beside the dossier that holds the facts and the portal's tables too, by its owner.

    Raises:
        OutOfOrder: the call-up is not closed.
        BadInput: no reason, or nobody of that case.
        WaitsForSignatures: the two have not both signed yet.
    """
    if not course.dossier.finished("close"):
        raise OutOfOrder("call-up-open", {}, "while the call-up is open the law needs the record: erase after it is closed")
    if not reason.strip():
        raise BadInput("erasure-needs-a-reason", {"case": case}, "say why in words that name nobody: --reason TEXT")
    if store is None and store_named(course.dossier):
        raise BadInput(
            "erasure-needs-the-store", {"case": case}, "the portal keeps it in a PostgreSQL: name it by its owner, --store postgresql://..."
        )
    person = _person(course, case)
    evidence = course.ring.name_for("erasure", case, reason, digits=64)
    require_two(course.dossier, course.randomness, "erasure", evidence, by)
    # the fact comes first: it is the highest number, so that no number of an erased fact is ever given out again
    said = {"reason": reason, "second": by[1], "evidence": evidence}
    with printing_alone(course.dossier):  # taken before the dossier's own lock, as whoever prints does
        if store is None:
            add_fact(course.facts, "erased", f"official: {by[0]}", (day, day), said)
            return _erased(course, person, day, None, None)
        with closing(store.facts()) as beside, closing(own_facts(course.dossier)) as own, course.dossier.alone():
            add_fact(beside, "erased", f"official: {by[0]}", (day, day), said)
            own.take_over(beside)  # the same facts under the same numbers in both
            return _erased(replace(course, facts=own), person, day, store, beside)


def _erased(course: Course, person: _Person, day: date, store: Storage | None, beside: FactStore | None) -> int:
    gone = 0
    for wave in range(1, course.decree.waves + 1):
        gone += _erase_prints(course, course.table_path("50-notices", f"wave-{wave}-print"), person)
        gone += _erase_copies(course, wave, person)
        gone += _erase_address(course, wave, person.person)
    gone += _erase_facts(course, person, day, beside)
    gone += _erase_decisions(course, person)
    gone += _erase_portal(course, person.case, store)
    for path, schema, column, value in _tables(course, person):
        if path.exists():
            gone += erase_rows(course, path, schema, _matching(course, path, column, {value}))
    return gone


def _erase_portal(course: Course, case: str, store: Storage | None) -> int:
    """What the portal keeps; one that runs lets go of what it has in memory within a second of this."""
    path, key, gone = course.dossier.sealed / "70-portal" / "portal.db", portal_key(course), 0
    for storage in (Embedded(course) if path.exists() else None, store):
        if storage is None:
            continue
        base = storage.portal()
        try:
            for kept in (DeskStore(base, key), PortalStore(base, key)):  # the portal's own comes last: it writes the whole file anew
                gone += kept.forget(case)
        finally:
            base.close()
    return gone


def _person(course: Course, case: str) -> _Person:
    """Finds whose case it is by making every number again: there is no list that leads from a case to a person."""
    rows: list[str] = []
    folders = [course.table_path("10-snapshot"), *(one.sealed_folder(course.dossier) for one in supplements(course.dossier))]
    for folder in folders:
        for batch in sealed.read_sealed(folder / "snapshot.parquet", course.dossier.key):
            ids = batch.column("person_id").to_pylist()
            rows += [one for one in ids if course.ring.name_for("case", course.decree.id, one, digits=24) == case]
    if not rows and course.facts.of_case(case).num_rows:
        return _Person("", case, ())  # erased before, but for what an undertaking still needed
    if not rows:
        raise BadInput("case-unknown", {"case": case}, "there is nobody of that case: the number is wrong, or the person is erased already")
    notices: list[str] = []
    for wave in range(1, course.decree.waves + 1):
        table = course.read("50-notices", f"wave-{wave}", "notices.parquet").select(["notice_id", "person_id"])
        notices += table.filter(pc.equal(table.column("person_id"), rows[0])).column("notice_id").to_pylist()
    return _Person(rows[0], case, tuple(notices))


def _tables(course: Course, person: _Person) -> Iterator[tuple[Path, Schema, str, str]]:
    """Sealed tables with a row of the person; the snapshots last, by which the person is found after a crash."""
    snapshot = snapshot_schema(register_schema(course.jurisdiction.law))
    yield course.table_path("80-outcomes", "outcomes.parquet"), OUTCOMES, "case_id", person.case
    for wave in range(1, course.decree.waves + 1):
        yield course.table_path("50-notices", f"wave-{wave}", "notices.parquet"), NOTICES, "person_id", person.person
    folders = [course.table_path("30-roll"), course.table_path("20-findings"), course.table_path("10-snapshot")]
    folders += [one.sealed_folder(course.dossier) for one in supplements(course.dossier)]
    for name, schema in (("roll", ROLL), ("findings", FINDINGS), ("snapshot", snapshot)):
        for folder in folders:
            yield folder / f"{name}.parquet", schema, "person_id", person.person


# ---- one sealed table


def _matching(course: Course, path: Path, column: str, values: set[str]) -> list[int]:
    """The lines of a table that hold one of the values."""
    found, at = [], 0
    for batch in sealed.read_sealed(path, course.dossier.key):
        cells = batch.column(column).to_pylist()
        found += [at + number for number, cell in enumerate(cells) if cell in values]
        at += len(cells)
    return found


def erase_rows(course: Course, path: Path, schema: Schema, lines: list[int]) -> int:
    """Write a sealed table without some lines, their digests kept; the table's digest stays what it was.

    Raises:
        Tampered: it does not; the table is as it was.
    """
    if not lines:
        return 0
    key = course.dossier.key
    table = sealed.read_sealed(path, key).read_all()
    digests = {line: _row_digest(table, line, schema) for line in lines}
    earlier = [row for row in erased_rows(path, key) if row.digest not in digests.values()]
    before = digest_with(course.engine, table, schema, earlier)
    order = table.append_column("at", pa.array(range(table.num_rows))).sort_by([(name, "ascending") for name in schema.key])
    place_of = {line: place for place, line in enumerate(order.column("at").to_pylist())}
    places, as_made = _places_kept(table.num_rows, earlier), lines_kept(table.num_rows, earlier)
    gone = [*earlier, *(ErasedRow(places[place_of[line]], as_made[line], digest) for line, digest in digests.items())]
    rest = without(table, lines)
    if digest_with(course.engine, rest, schema, gone) != before:
        raise Tampered("erasure-changes-digest", {"path": str(path)}, "nothing was changed; report this")
    part = path.with_name(path.name + ".part")
    sealed.write_sealed(part, schema, rest.to_batches(), key)
    write_erased(path, gone, key)
    _replace(part, path)
    return len(lines)


def _row_digest(table: pa.Table, line: int, schema: Schema) -> str:
    row = table.slice(line, 1).to_pylist()[0]
    return hashlib.sha256(row_text([row[name] for name in schema.names], schema).encode()).hexdigest()


def _places_kept(count: int, erased: list[ErasedRow]) -> list[int]:
    gone = {row.place for row in erased}
    return [place for place in range(count + len(erased)) if place not in gone]


def _replace(part: Path, path: Path) -> None:
    part.replace(path)
    durable.sync_folder(path.parent)
    durable.after_write(str(path))


# ---- what is no table of rows alone


def _erase_facts(course: Course, person: _Person, day: date, beside: FactStore | None) -> int:
    """The person's facts, and the salts by which their acts could be opened.

    While the clock of an undertaking runs, enlistment and what was reported after it stay: a case number, a month and a category
    each, without which a broken promise could be erased with the person (safeguard G21). The same command takes them later.
    """
    mine = pc.or_kleene(
        pc.equal(course.facts.all().column("case_id"), person.case), pc.equal(course.facts.all().column("ground"), person.person)
    )
    facts = course.facts.all().filter(pc.fill_null(mine, False))
    facts = facts.filter(pc.invert(_still_needed(course.decree, facts, day)))
    ids = set(facts.column("fact_id").to_pylist())
    for path in sorted((course.dossier.sealed / "60-facts" / "acts").glob("*.parquet")):
        _erase_acts(course, path, ids)
    rows = zip(*(facts.column(name).to_pylist() for name in FACTS.names), strict=True)
    digests = [hashlib.sha256(row_text(row, FACTS).encode()).hexdigest() for row in rows]
    numbers = facts.column("seq").to_pylist()
    gone = [ErasedRow(number, number, digest) for number, digest in zip(numbers, digests, strict=True)]
    kept = [row for row in erased_rows(course.facts.path, course.dossier.key) if row.digest not in digests]
    if gone:
        write_erased(course.facts.path, [*kept, *gone], course.dossier.key)
        if beside is not None:
            beside.erase(numbers)  # the dossier's own come last: by them the person is found again after a crash
        course.facts.erase(numbers)
    return len(gone)


def _still_needed(decree: Decree, facts: pa.Table, day: date) -> pa.Array:
    """Which facts an undertaking still needs on that day."""
    enlisted = facts.filter(pc.equal(facts.column("kind"), "enlisted")).column("happened_on").to_pylist()
    months = decree.service_months + OUTLIVES_MONTHS
    runs = bool(decree.undertakings) and any(day <= _months_after(one, months) for one in enlisted)
    return pc.and_(pc.is_in(facts.column("kind"), value_set=pa.array(["enlisted", *UNDERTAKEN])), pa.scalar(runs))


def _months_after(day: date, months: int) -> date:
    """That many months later, on the month's last day where it has no such day: as the query of the sheet counts.

    Example:
        >>> _months_after(date(2025, 3, 31), 23), _months_after(date(2025, 5, 20), 24)
        (datetime.date(2027, 2, 28), datetime.date(2027, 5, 20))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _erase_acts(course: Course, path: Path, facts: set[str]) -> None:
    """Salts of acts: the entry stays in the log, at its index."""
    table = sealed.read_sealed(path, course.dossier.key).read_all()
    lines = [line for line, fact in enumerate(table.column("fact_id").to_pylist()) if fact in facts]
    if not lines:
        return
    indexes = [table.column("index")[line].as_py() for line in lines]
    part = path.with_name(path.name + ".part")
    sealed.write_sealed(part, ACTS, without(table, lines).to_batches(), course.dossier.key)
    known = {row.line: row for row in erased_rows(path, course.dossier.key)}
    known |= {index: ErasedRow(index, index, table.column("commitment")[line].as_py()) for index, line in zip(indexes, lines, strict=True)}
    write_erased(path, known.values(), course.dossier.key)
    _replace(part, path)


def _erase_address(course: Course, wave: int, person: str) -> int:
    """Name and address: their key is dropped, and the encrypted row with it; the row's digest stands in its place."""
    folder = course.table_path("10-snapshot", "addresses", f"wave-{wave}")
    rows, keys, key = folder / "addresses.parquet", folder / "keys.parquet", course.dossier.key
    if not rows.exists():
        return 0
    held = sealed.read_sealed(keys, key).read_all()
    lines = [line for line, one in enumerate(held.column("person_id").to_pylist()) if one == person]
    if not lines:
        return 0
    plain = read_addresses(rows, keys, key)
    for place in (line for line, one in enumerate(plain.column("person_id").to_pylist()) if one == person):  # none: a crash came after
        earlier = erased_rows(rows, key)
        digest = _row_digest(plain, place, ADDRESSES)
        if digest not in {row.digest for row in earlier}:
            as_made = _places_kept(plain.num_rows, earlier)[place]
            write_erased(rows, [*earlier, ErasedRow(as_made, as_made, digest)], key)
    part = rows.with_name(rows.name + ".part")
    sealed_rows = pq.read_table(rows)
    pq.write_table(sealed_rows.filter(pc.not_equal(sealed_rows.column("person_id"), person)), part)
    _synced(part)
    _replace(part, rows)
    part = keys.with_name(keys.name + ".part")
    sealed.write_sealed(part, ROW_KEYS, without(held, lines).to_batches(), key)
    _replace(part, keys)
    return 1


def _synced(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _erase_prints(course: Course, folder: Path, person: _Person) -> int:
    """The files for the printer with the person's letter or record go whole, as all do once the carrier has them; the manifest stays."""
    key, gone = course.dossier.key, 0
    path = folder / "manifest.csv.sealed"
    if not path.exists():
        return 0
    rows = list(csv.DictReader(io.StringIO(sealed.open_bytes(path.read_bytes(), key, b"manifest.csv").decode())))
    for name in sorted({row["file"] for row in rows if row["notice_id"] in person.notices}):
        for lies in folder.glob(f"{name}*.sealed"):
            lies.unlink()
            gone += 1
    if any(row["notice_id"] in person.notices for row in rows):
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in rows if row["notice_id"] not in person.notices)
        durable.write_bytes(path, sealed.seal_bytes(out.getvalue().encode(), key, b"manifest.csv"), mode=0o600)
    return gone


def _erase_decisions(course: Course, person: _Person) -> int:
    """Letters of decisions, once the facts are gone: what no fact tells is not printed again."""
    drop_unfinished(course.dossier)
    return sum(_erase_prints(course, folder, person) for folder in sorted(course.table_path(DECISIONS).glob("print-*")))


def _erase_copies(course: Course, wave: int, person: _Person) -> int:
    """The portal's copy of the person's notice."""
    copies, key = course.table_path("50-notices", f"wave-{wave}-print") / "portal.parquet", course.dossier.key
    if not copies.exists():
        return 0
    table = sealed.read_sealed(copies, key).read_all()
    lines = [line for line, one in enumerate(table.column("notice_id").to_pylist()) if one in person.notices]
    if lines:
        part = copies.with_name(copies.name + ".part")
        sealed.write_sealed(part, PORTAL, without(table, lines).to_batches(), key)
        _replace(part, copies)
    return len(lines)
