"""Print the letters of decisions: those recorded and not printed yet, once each, read back before they may go (ADR 0059).

What two officials decide is recorded only when it can no longer be taken back; so whatever is recorded may be printed. Which decisions are
printed already, the manifests of the finished runs say, and nothing else: a crash before the line in ``dossier.log`` leaves a folder that
no line names, and the next run makes it anew. Nothing is handed out before that line.
"""

from __future__ import annotations

import contextlib
import csv
import fcntl
import hashlib
import io
import os
import shutil
import sys
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from callup.app import durable, sealed
from callup.app.course import Course
from callup.app.dossier import Dossier, Entry
from callup.app.engines.decisions import Answer, AnswerRow, answer_files, windowed
from callup.app.exports.case import batches_of, entered
from callup.app.exports.decision import basis_of, decisions_in
from callup.app.logs import CallUpLogs
from callup.app.personal import read_addresses
from callup.app.printing import mirror as mirror_of
from callup.app.printing import texts_of, unit_of
from callup.app.standing import summonses
from callup.notice.codes import check_code, check_url, decision_payload, letter_number
from callup.notice.decisions import TOLD, Decided, decision_words
from callup.terms.canonical import row_text
from callup.terms.tables import FACTS

FOLDER = "65-decisions"
_MANIFEST = "manifest.csv"
_STAGE = "decisions-"
_STAYS = {"stayed": "stay_lifted", "case_stayed": "case_stay_lifted"}


@dataclass(frozen=True, slots=True)
class Told:
    """What a run of the printing did, without a name.

    Args:
        number: of the run; 0 where there was nothing to print.
        letters: printed in it.
        files: for the printer.
        stayed: decisions that wait because a court stayed their case.
        set_aside: letters that need a person: the number on the letter, and why.
    """

    number: int
    letters: int
    files: tuple[str, ...]
    stayed: int
    set_aside: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The decisions of a run, and what was left out."""

    answers: list[Answer]
    stayed: int
    set_aside: list[tuple[str, str]]


def print_decisions(course: Course) -> Told:
    """Print every decision that is recorded, not printed yet, and not known to have reached the person.

    What is printed is entered in the log first, and a quorum of the witnesses has seen it. One run at a time: a second one waits, and then
    finds nothing that the first has printed.

    Raises:
        Tampered: ``letter-differs``: a letter does not say what it was to say; nothing of this run is released.
        Unavailable: Typst, the disk or the witnesses failed; the same command makes it anew.
    """
    with printing_alone(course.dossier):
        with course.dossier.alone():  # reads anew which runs are finished
            runs = runs_of(course.dossier)
        logs, number = CallUpLogs(course), len(runs) + 1
        logs.log_facts(course)
        upto = logs.last_entered()
        if not upto:
            return Told(0, 0, (), 0, ())
        facts = course.facts.cut_segment(0, upto)  # a portal may have recorded more meanwhile: that is for the next run
        chosen = _choose(course, logs, facts, {row.fact_id for run in runs for row in manifest_of(course.dossier, run)})
        if not chosen.answers:
            return Told(0, 0, (), chosen.stayed, tuple(chosen.set_aside))
        with course.dossier.folders(_folder(course.dossier, number)) as (part,):
            entries, names = _make(course, chosen.answers, number, part)
        with course.dossier.alone():
            course.dossier.finish(f"{_STAGE}{number}", entries, facts=upto)
    return Told(number, len(chosen.answers), names, chosen.stayed, tuple(chosen.set_aside))


@contextlib.contextmanager
def printing_alone(dossier: Dossier) -> Iterator[None]:
    """Inside, nobody else prints decisions or erases their files; a portal that runs may enter acts meanwhile."""
    path = dossier.sealed / f"{FOLDER}.lock"
    with durable.world_failures(path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def runs_of(dossier: Dossier) -> list[int]:
    """The finished runs, in order."""
    names = (str(line.get("stage", "")) for line in dossier.lines())
    return [int(name.removeprefix(_STAGE)) for name in names if name.startswith(_STAGE)]


def drop_unfinished(dossier: Dossier) -> None:
    """Remove what a run left that was killed before its line in the log: it was never released. Only inside `printing_alone`."""
    with dossier.alone():  # reads anew which runs are finished
        known = {f"print-{number}" for number in runs_of(dossier)}
    for left in (dossier.sealed / FOLDER).glob("print-*"):
        if left.name not in known:
            shutil.rmtree(left)


def _folder(dossier: Dossier, number: int) -> Path:
    return dossier.sealed / FOLDER / f"print-{number}"


def manifest_of(dossier: Dossier, number: int) -> list[AnswerRow]:
    """Which decision lies where in the files of a run.

    Raises:
        Tampered: another key, or changed bytes.
    """
    path = _folder(dossier, number) / f"{_MANIFEST}.sealed"
    rows = csv.DictReader(io.StringIO(sealed.open_bytes(path.read_bytes(), dossier.key, _MANIFEST.encode()).decode()))
    return [AnswerRow(**{**row, "first_page": int(row["first_page"]), "pages": int(row["pages"])}) for row in rows]  # type: ignore[arg-type]


def printed_file(dossier: Dossier, number: int, name: str) -> bytes:
    """A file of a finished run, as it was read back.

    Raises:
        Tampered: another key, or changed bytes.
        FileNotFoundError: it went with a person who was erased.
    """
    return sealed.open_bytes((_folder(dossier, number) / f"{name}.sealed").read_bytes(), dossier.key, name.encode())


# ---- which


def _choose(course: Course, logs: CallUpLogs, facts: pa.Table, printed: set[str]) -> _Chosen:
    told = facts.filter(pc.is_in(facts.column("kind"), value_set=pa.array(TOLD)))
    served = set(facts.filter(pc.equal(facts.column("kind"), "decision_served")).column("ref").to_pylist())
    ids = zip(told.column("fact_id").to_pylist(), told.column("case_id").to_pylist(), strict=True)
    wanted = {fact: case for fact, case in ids if fact not in printed and fact not in served}
    if not wanted:
        return _Chosen([], 0, [])
    cases = pa.array(sorted(set(wanted.values())), pa.string())
    own: dict[str, list[dict[str, Any]]] = {}
    for row in facts.filter(pc.is_in(facts.column("case_id"), value_set=cases)).to_pylist():
        own.setdefault(row["case_id"], []).append(row)
    notices = summonses(course)
    held = _held(course, notices.filter(pc.is_in(notices.column("case_id"), value_set=cases)))
    scopes = _stays(facts.filter(pc.is_in(facts.column("kind"), value_set=pa.array([*_STAYS, *_STAYS.values()]))).to_pylist())
    found = [
        (held[case], fact, one)
        for case in held
        for fact, one in decisions_in(own[case]).items()
        if fact in wanted and case == wanted[fact] and (one.kind != "withdrawn" or _went_out(own[case]))
    ]
    free = [one for one in found if scopes.isdisjoint(_scopes(one[0]["notice"]))]
    free.sort(key=lambda one: (one[0]["notice"]["stratum"], one[0]["address"]["postal_code"] or "", one[1]))
    chosen = {fact for _, fact, _ in free}
    checks = _checks(course, logs, [row for rows in own.values() for row in rows if row["fact_id"] in chosen])
    return _told(course, free, checks, len(found) - len(free))


def _went_out(own: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a notice has left the house: one that was taken back before that needs no letter."""
    return any(row["kind"] in ("handed_over", "available", "delivered", "opened") for row in own)


def _checks(course: Course, logs: CallUpLogs, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What the code for the reader says on the letter of each decision; empty where the text is too long for a code."""
    acts, mirror = entered(course, rows), mirror_of(course)
    sizes = {path.stem: logs.size_after(f"facts {path.stem}") for path in batches_of(course, [int(row["seq"]) for row in rows])}
    spans = sorted((int(stem.partition("-")[0]), size) for stem, size in sizes.items())
    found = {}
    for row in rows:
        act, size = acts[row["fact_id"]], spans[bisect_right(spans, (int(row["seq"]), sys.maxsize)) - 1][1]
        said = check_url(mirror, size, act.index, act.salt, row_text([row[name] for name in FACTS.names], FACTS))
        found[row["fact_id"]] = said if check_code(said)[0] else ""
    return found


def _held(course: Course, notices: pa.Table) -> dict[str, Mapping[str, Any]]:
    """Notice and address of each case; of somebody who was erased there is none."""
    rows, found = notices.to_pylist(), dict[str, Mapping[str, Any]]()
    for wave in sorted({row["wave"] for row in rows}):
        lies = course.table_path("10-snapshot", "addresses", f"wave-{wave}")
        table = read_addresses(lies / "addresses.parquet", lies / "keys.parquet", course.dossier.key)
        addresses = {row["person_id"]: row for row in table.to_pylist()}
        mine = [row for row in rows if row["wave"] == wave and row["person_id"] in addresses]
        found |= {row["case_id"]: {"notice": row, "address": addresses[row["person_id"]]} for row in mine}
    return found


def _stays(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """What a court has stayed and not let go: cases, units, waves, or the call-up (safeguard G13)."""
    lifted = {row["ref"] for row in rows if row["kind"] in _STAYS.values()}
    return {row["case_id"] or row["ground"] for row in rows if row["kind"] in _STAYS and row["fact_id"] not in lifted}


def _scopes(notice: Mapping[str, Any]) -> set[str]:
    return {notice["case_id"], "call-up", f"unit {unit_of(notice['stratum'])}", f"wave {notice['wave']}"}


def _told(course: Course, found: Sequence[tuple[Mapping[str, Any], str, Decided]], checks: Mapping[str, str], stayed: int) -> _Chosen:
    """The words of each letter, with its address as it fits the window."""
    texts, key = next(iter(texts_of(course).values())), course.ring.keys["mail-piece"]
    answers: list[Answer] = []
    aside: list[tuple[str, str]] = []
    for held, fact, one in found:
        fitted = windowed(decision_words(basis_of(course, held, one), held, one, checks[fact]), held["address"], texts)
        notice = str(held["notice"]["notice_id"])
        if isinstance(fitted, str):
            aside.append((letter_number(notice), fitted))
        else:
            answers.append(Answer(fact, notice, fitted, one, decision_payload(fact, key)))
    return _Chosen(answers, stayed, aside)


# ---- making


def _make(course: Course, answers: Sequence[Answer], number: int, folder: Path) -> tuple[list[Entry], tuple[str, ...]]:
    """Write the sealed files and the manifest; gives their lines for the log, and the names of the files."""
    rows: list[AnswerRow] = []
    hashes: list[str] = []
    for made in answer_files(answers, f"decisions-{number}"):
        (folder / f"{made.name}.sealed").write_bytes(sealed.seal_bytes(made.content, course.dossier.key, made.name.encode()))
        hashes.append(f"{made.name} {hashlib.sha256(made.content).hexdigest()}")
        rows += made.rows
    content = _csv([AnswerRow.__slots__, *(astuple(row) for row in rows)])
    (folder / f"{_MANIFEST}.sealed").write_bytes(sealed.seal_bytes(content, course.dossier.key, _MANIFEST.encode()))
    prints = Entry(f"decision-prints-{number}", hashlib.sha256("\n".join(hashes).encode()).hexdigest(), len(hashes))
    manifest = Entry(f"decision-manifest-{number}", hashlib.sha256(content).hexdigest(), len(rows), (prints.digest,))
    return [prints, manifest], tuple(one.partition(" ")[0] for one in hashes)


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def hand_out(dossier: Dossier, number: int, to: Path) -> list[str]:
    """Write the files of a finished run for the printer, and the list of what lies where: no name, no case.

    Args:
        dossier: where it was printed.
        number: of the run.
        to: a folder; the files are the same whenever they are written.

    Returns:
        The names of the files; those that went with an erased person are not among them.
    """
    rows, names = manifest_of(dossier, number), []
    for name in dict.fromkeys(row.file for row in rows):
        with contextlib.suppress(FileNotFoundError):
            durable.write_bytes(to / name, printed_file(dossier, number, name), mode=0o600)
            names.append(name)
    shown = [name.name for name in fields(AnswerRow) if name.name not in ("fact_id", "notice_id")]
    listed = [[getattr(row, name) for name in shown] for row in rows if row.file in names]
    durable.write_bytes(to / f"decisions-{number}.csv", _csv([shown, *listed]), mode=0o600)
    return names
