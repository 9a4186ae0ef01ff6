"""Makes what one person may take along: a roll slip, a certificate of standing, and the packet with every proof."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files

import pyarrow.compute as pc

from callup.app.checking.letters import Letter, Slip, check_letter, check_slip
from callup.app.checking.packets import Packet
from callup.app.checking.published import Files, Pinned
from callup.app.course import Course
from callup.app.engines.typst import compiled
from callup.app.exports.held import found_by_law
from callup.app.exports.telling import told_certificate
from callup.app.logs import CallUpLogs
from callup.app.promises import known_releases
from callup.app.standing import one_case, summons_of
from callup.app.web.words import FALLBACK
from callup.terms.errors import BadInput


def pinned_here(course: Course, logs: CallUpLogs) -> Pinned:
    """What this dossier's own files are held against."""
    return Pinned(course.decree.id, course.decree.log_origin, logs.policy, course.decree.rehearsal, known_releases())


def mirror_files(course: Course) -> Files:
    """The dossier's published logs, read file by file."""
    folder = course.dossier.open / "log"

    def give(name: str) -> bytes:
        try:
            return (folder / name).read_bytes()
        except OSError:
            raise KeyError(name) from None

    return Files(give)


def letter_of(course: Course, logs: CallUpLogs, case_id: str) -> Letter:
    """The letter of a case, as its QR holds it.

    Raises:
        BadInput: there is no such case.
    """
    summons = summons_of(course, case_id)
    wave = int(summons["wave"])
    notices = course.read("50-notices", f"wave-{wave}", "notices.parquet")
    at = notices.column("notice_id").to_pylist().index(summons["notice_id"])
    return Letter(logs.size_after(f"enter-{wave}"), logs.first_act(f"enter-{wave}") + at, summons["salt"], summons["document"])


def slip_of(course: Course, person: str) -> tuple[Slip, str]:
    """The roll slip of a person by re-keyed id, and the salt that is handed over apart from it.

    Raises:
        BadInput: nobody of that id stands in the roll.
    """
    rows = course.read("30-roll", "roll.parquet")
    mine = rows.filter(pc.equal(rows.column("person_id"), person)).to_pylist()
    if not mine:
        raise BadInput("not-in-roll", {"person": person}, "nobody of that id stands in the roll")
    row = mine[0]
    born = "" if row["born_on"] is None else row["born_on"].isoformat()
    return Slip(row["position"], person, born, row["stratum"]), row["salt"]


def certificate(course: Course, logs: CallUpLogs, case_id: str, as_of: date, known_at: date) -> bytes:
    """The standing of a case on a day as known on a day, step by step with its articles, signed by the acts log's key.

    Args:
        course: the run.
        logs: its logs.
        case_id: whose; the caller has recorded who asks and why (safeguard G4).
        as_of: the legal day.
        known_at: what was recorded later is left out.
    """
    found = one_case(course, case_id, as_of, known_at)
    names = ("state", "service", "served_on", "rule", "respond_by", "appear_on", "claim", "suspended", "next_step")
    lines = ["callup/certificate/1", f"call-up: {course.decree.id}", f"case: {case_id}", f"as-of: {as_of}", f"known-at: {known_at}"]
    lines += [f"{name.replace('_', '-')}: {'-' if found[name] is None else found[name]}" for name in names]
    lines += [f"step: {' '.join(step.split())}" for step in found["steps"]]
    lines += [f"not-known: whatever was recorded after {known_at}", f"log: {logs.acts.size} acts, root {logs.acts_root()}"]
    lines += ["REHEARSAL: the person is made up and the people who decide are stand-ins"] if course.decree.rehearsal else []
    return logs.acts.signer.sign("\n".join([*lines, ""]))


def on_paper(signed: bytes, day: date, language: str = FALLBACK) -> bytes:
    """A certificate as a page for a court (PDF/UA-1), with the signed text attached as it is.

    Args:
        signed: what `certificate` gives.
        day: the day that the PDF bears.
        language: of the words around the signed text, which stays as it was signed.
    """
    source = files("callup.app.exports").joinpath("certificate.typ").read_bytes()
    note = signed.decode()
    return compiled(source, {"note": note, "told": json.dumps(told_certificate(note, language), ensure_ascii=False)}, day)


def packet(course: Course, case_id: str, as_of: date, known_at: date, *, with_letter: bool) -> Packet:
    """The packet of a case: its check is run here, and what it read is what the packet carries.

    Args:
        course: the run.
        case_id: whose; the caller has recorded who asks and why.
        as_of: the certificate's legal day.
        known_at: its day of knowledge.
        with_letter: put the letter in; it shows the person to whoever gets the packet.
    """
    logs = CallUpLogs(course)
    pinned, files = pinned_here(course, logs), mirror_files(course)
    letter, person = letter_of(course, logs, case_id), summons_of(course, case_id)["person_id"]
    slip, salt = slip_of(course, person)
    steps = check_letter(files, pinned, letter) if with_letter else check_slip(files, pinned, slip, salt)
    assert list(steps), "a packet is handed out only if it checks"
    files.read("policy")
    finding, rule = found_by_law(course, person)
    signed = certificate(course, logs, case_id, as_of, known_at).decode()
    told = json.dumps(finding, ensure_ascii=False, indent=1)
    return Packet(course.decree.id, letter.code() if with_letter else "", slip.code(), signed, rule, told, files.read_so_far)
