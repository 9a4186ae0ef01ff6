"""Enter the acts, print what was entered, hand it over, and log what came back."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from callup.app import sealed
from callup.app.course import Course
from callup.app.dossier import Entry
from callup.app.engines.mass import ManifestRow
from callup.app.halting import publish_halts
from callup.app.logs import CallUpLogs
from callup.app.personal import read_addresses
from callup.app.printing import letters_of, portal_rows, print_wave
from callup.app.signing import WaitsForSignatures
from callup.app.stages.calling import first_ranks
from callup.app.stages.listing import NO_SEED
from callup.app.stages.noticing import notices_of, read_places, wave_sizes
from callup.app.supplements import cast_supplements
from callup.draw import call_document, commitment, entry, seed_of
from callup.terms.schema import Column, Schema

PORTAL = Schema(
    "portal copies",
    (Column("notice_id", "text", "notice"), Column("html", "text", "the page"), Column("json", "text", "the notice for programs")),
    ("notice_id",),
)
ACTS = {"summons": "call", "decision": "decision"}


def enter(course: Course, logs: CallUpLogs, wave: int) -> list[Entry]:
    """One sealed act for each called rank, in rank order, then the call document that says where they start."""
    notices = notices_of(course, wave)
    rows = zip(*(notices.column(name).to_pylist() for name in ("kind", "salt", "document")), strict=True)
    commitments = [(kind, commitment("open", salt, document)) for kind, salt, document in rows]
    first = logs.append_acts(f"enter-{wave}", [entry(ACTS[kind], value) for kind, value in commitments], course.day_of(wave))
    documents = [("call", document) for document in _call_documents(course, _ranges(course, wave, first))]
    logs.publish(f"call-{wave}", documents, course.day_of(wave))
    called = notices.append_column("evidence", pa.array([value for _, value in commitments], pa.string()))
    called = called.filter(pc.equal(called.column("kind"), "summons"))
    course.facts.record(_facts(course, called, "called", "authority", course.day_of(wave), appear=True))
    return [Entry(f"entered-{wave}", logs.acts_root(), notices.num_rows, (course.dossier.entry(f"notices-{wave}").digest,))]


def _call_documents(course: Course, ranges: list[tuple[str, int, int, int]]) -> list[bytes]:
    """The calls of supplementary rolls, each under its own seed, then those of the main order."""
    opened, documents = course.dossier.open, []
    for supplement in cast_supplements(course.dossier):
        mine = [one for one in ranges if one[0].endswith(supplement.suffix)]
        if mine:
            seed = seed_of((supplement.open_folder(course.dossier) / "seed.txt").read_text(encoding="utf-8"))
            documents.append(call_document(seed, mine).encode())
    listed = course.decree.listed
    seed = NO_SEED if listed else seed_of((opened / "40-seed" / "seed.txt").read_text(encoding="utf-8"))
    suffixes = tuple(one.suffix for one in cast_supplements(course.dossier))
    main = [one for one in ranges if not one[0].endswith(suffixes)] if suffixes else ranges
    return [*documents, *([call_document(seed, main).encode()] if main else [])]


def _ranges(course: Course, wave: int, first: int) -> list[tuple[str, int, int, int]]:
    """(stratum, first rank, last rank, index of the first act), strata in order."""
    next_rank, index, ranges = first_ranks(course, wave), first, []
    for stratum, size in sorted(wave_sizes(course, wave).items()):
        if size:
            start = next_rank.get(stratum, 1)
            ranges.append((stratum, start, start + size - 1, index))
            index += size
    return ranges


def _facts(course: Course, notices: pa.Table, kind: str, actor: str, day: date, appear: bool = False) -> pa.Table:
    """One fact of that kind for each notice, with the notice's own evidence."""
    count = notices.num_rows
    days = pa.array([day] * count, pa.date32())
    channel = {"handed_over": "mail", "available": "portal"}.get(kind)
    table = {
        "kind": pa.array([kind] * count, pa.string()),
        "case_id": notices.column("case_id"),
        "notice_id": notices.column("notice_id"),
        "happened_on": days,
        "known_on": days,
        "actor": pa.array([actor] * count, pa.string()),
        "channel": pa.array([channel] * count, pa.string()),
        "evidence": notices.column("evidence"),
    }
    if appear:
        table["appear_on"] = notices.column("appear_on")
    return pa.table(table)


def render(course: Course, logs: CallUpLogs, wave: int, folder: Path) -> list[Entry]:
    """Print every entered notice, read every letter back, and seal the print files; a mismatch stops the release."""
    letters = wave_letters(course, logs, wave)
    size = logs.size_after(f"enter-{wave}")
    hashes: list[str] = []
    manifest: list[ManifestRow] = []
    done = course.voice.part(f"printing and reading back wave {wave}", letters.num_rows, "letters")
    with ThreadPoolExecutor(1) as beside:
        copies = beside.submit(_seal_portal, course, wave, letters, size, folder)  # while workers print, this process only waits
        for made in print_wave(course, letters, size):
            done(len(made.rows))
            (folder / f"{made.name}.sealed").write_bytes(sealed.seal_bytes(made.content, course.dossier.key, made.name.encode()))
            hashes.append(f"{made.name} {hashlib.sha256(made.content).hexdigest()}")
            manifest += made.rows
        course.voice.pause(f"writing the portal's copies of wave {wave}")
        portal = copies.result()
    content = _manifest(manifest)
    (folder / "manifest.csv.sealed").write_bytes(sealed.seal_bytes(content, course.dossier.key, b"manifest.csv"))
    made_from = (course.dossier.entry(f"entered-{wave}").digest,)
    prints = Entry(f"prints-{wave}", hashlib.sha256("\n".join(hashes).encode()).hexdigest(), len(hashes), made_from)
    return [prints, Entry(f"manifest-{wave}", hashlib.sha256(content).hexdigest(), len(manifest), made_from), portal]


def wave_letters(course: Course, logs: CallUpLogs, wave: int) -> pa.Table:
    """LETTERS of a wave whose acts are entered."""
    notices = notices_of(course, wave)
    first = logs.first_act(f"enter-{wave}")
    notices = notices.append_column("act", pa.array(range(first, first + notices.num_rows), pa.int64()))
    notices = notices.filter(pc.equal(notices.column("kind"), "summons"))
    lies = course.table_path("10-snapshot", "addresses", f"wave-{wave}")
    addresses = read_addresses(lies / "addresses.parquet", lies / "keys.parquet", course.dossier.key)
    places = read_places(course)
    where = dict(zip(places.column("place_id").to_pylist(), places.column("address").to_pylist(), strict=True))
    return letters_of(course, notices, addresses, where)


def _manifest(rows: list[ManifestRow]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["notice_id", "file", "first_page", "pages", "hash", "payload"])
    writer.writerows([row.notice_id, row.file, row.first_page, row.pages, row.hash, row.payload] for row in rows)
    return out.getvalue().encode()


def _seal_portal(course: Course, wave: int, letters: pa.Table, size: int, folder: Path) -> Entry:
    """The portal's copies of those who have an account."""
    notices = notices_of(course, wave)
    account_holders = notices.filter(pc.match_substring(notices.column("channels"), "portal")).column("notice_id")
    with_account = letters.filter(pc.is_in(letters.column("notice_id"), value_set=account_holders.combine_chunks()))
    digest = hashlib.sha256()

    def copies() -> Iterator[pa.RecordBatch]:
        for rows in portal_rows(course, with_account, size):
            for row in rows:
                digest.update(f"{row['notice_id']}\n{row['html']}\n{row['json']}\n".encode())
            yield pa.RecordBatch.from_pylist(rows, sealed.arrow_schema(PORTAL))

    sealed.write_sealed(folder / "portal.parquet", PORTAL, copies(), course.dossier.key)
    return Entry(f"portal-{wave}", digest.hexdigest(), with_account.num_rows)


def dispatch(course: Course, logs: CallUpLogs, wave: int) -> list[Entry]:
    """Hand the print files to the carrier and the notices to the portal: intent first, then the facts with their evidence."""
    day = course.day_of(wave)
    prints = course.dossier.entry(f"prints-{wave}")
    course.dossier.intend(f"dispatch-{wave}", prints=prints.digest)
    notices = notices_of(course, wave)
    notices = notices.filter(pc.equal(notices.column("kind"), "summons"))
    proof = pa.array([prints.digest] * notices.num_rows, pa.string())
    notices = notices.append_column("evidence", proof)
    stopped = course.facts.all().filter(pc.field("kind") == "withdrawn").column("notice_id")
    notices = notices.filter(pc.invert(pc.is_in(notices.column("notice_id"), value_set=stopped.combine_chunks())))
    for channel, kind, actor in (("mail", "handed_over", "carrier"), ("portal", "available", "portal")):
        mask = pc.match_substring(notices.column("channels"), channel)
        course.facts.record(_facts(course, notices.filter(mask), kind, actor, day))
    logs.log_facts(course)
    return [Entry(f"dispatched-{wave}", prints.digest, notices.num_rows, (prints.digest,))]


def await_facts(course: Course, logs: CallUpLogs, stage: str, first: date, last: date) -> None:
    """Take in what happened since; in a real call-up stop here until the day has come.

    Raises:
        WaitsForSignatures: the day has not come yet; the run goes on later, nothing is lost.
    """
    if course.dossier.finished(stage):
        return
    with course.voice.stage("world", f"what happened until {last}") as spent:
        before = course.facts.last_seq()
        with logs.beside(course) as recorded:
            known = course.supply.until(course, stage, first, last, recorded)
        if not known:
            raise WaitsForSignatures("waits-for-facts", {"until": last}, "record what happens with: callup fact import; then run again")
        course.let_go()
        publish_halts(course, logs, before)
        logs.log_facts(course)
        course.let_go()
        spent.rows = course.facts.last_seq() - before
    course.dossier.finish(stage, [], facts=course.facts.last_seq())
