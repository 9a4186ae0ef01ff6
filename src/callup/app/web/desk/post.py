"""What comes back by post: scanned mail piece codes, one a line, become facts; a code that is not ours is named by its line."""

from __future__ import annotations

import csv
import hmac
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from callup.app.served import decision_of
from callup.app.web.site import Site
from callup.notice.codes import DECISION_PIECE, letter_number, mail_payload
from callup.terms.errors import BadInput
from callup.terms.facts import VOCABULARY

OUTCOMES = VOCABULARY["returned"].outcomes
_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Scanned:
    """One line of a stack of returned letters."""

    line: int
    code: str
    outcome: str


def read_scans(text: str, outcome: str) -> list[Scanned]:
    """Lines as a scanner types them: the code alone, or ``code,outcome`` as in a CSV.

    Raises:
        BadInput: an outcome that is none, with its line.
    """
    found = []
    for number, row in enumerate(csv.reader(io.StringIO(text.strip())), 1):
        if not row or not row[0].strip() or row[0].strip().lower() == "code":
            continue
        said = row[1].strip() if len(row) > 1 and row[1].strip() else outcome
        if said not in OUTCOMES:
            raise BadInput("return-outcome", {"line": number, "outcome": said}, f"one of {', '.join(OUTCOMES)}")
        found.append(Scanned(number, row[0].strip().upper(), said))
    return found


@dataclass(frozen=True, slots=True)
class Returns:
    """What became of a stack of returned letters.

    Args:
        recorded: notices whose return is a fact.
        strange: lines whose code is not of this call-up.
        decisions: lines that are the letter of a decision, with its case: their return becomes no fact, they wait to be served otherwise.
    """

    recorded: int
    strange: tuple[int, ...]
    decisions: tuple[tuple[int, str], ...]


async def take_returns(site: Site, scans: list[Scanned], day: date) -> Returns:
    """Record what came back; the same letter scanned twice on a day is one return."""
    strange, decisions, done = [], [], 0
    for scan, notice in _known(site, scans):
        if notice is None:
            case = _decided(site, scan.code)
            if case:
                decisions.append((scan.line, case))
            else:
                strange.append(scan.line)
            continue
        case, notice_id = notice
        fact = {"kind": "returned", "actor": "carrier", "notice_id": notice_id, "channel": "mail", "outcome": scan.outcome}
        await site.send(case, fact, f"scanned: {scan.code}", f"returned {notice_id} {day} {scan.outcome}")
        done += 1
    return Returns(done, tuple(strange), tuple(decisions))


def _decided(site: Site, code: str) -> str:
    """The case of a decision whose letter has this code; empty where it is none."""
    if len(code) != _LENGTH or code[0] != DECISION_PIECE:
        return ""
    found = site.facts.numbered(code[1:21].lower())
    fact = decision_of(code, [row["fact_id"] for row in found], site.course.ring.keys["mail-piece"])
    return next((str(row["case_id"]) for row in found if row["fact_id"] == fact), "")


def _known(site: Site, scans: list[Scanned]) -> Iterator[tuple[Scanned, tuple[str, str] | None]]:
    """Each scan with its case and notice, if the code was made by us: its last eleven characters are an HMAC (codes.mail_payload)."""
    for scan in scans:
        case = site.store.case_of_number(letter_number(scan.code[1:21].lower())) if len(scan.code) == _LENGTH else None
        notice_id = site.store.held(case)["notice"]["notice_id"] if case else ""
        ours = bool(case) and hmac.compare_digest(mail_payload(notice_id, site.course.ring.keys["mail-piece"]), scan.code)
        yield scan, (str(case), notice_id) if ours else None
