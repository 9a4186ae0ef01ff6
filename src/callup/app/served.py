"""What the carrier says of letters of decisions: their codes lead to the decisions, and each receipt becomes `decision_served`.

A letter of a decision that comes back becomes no fact: `returned` is of a notice and would undo its service. The decision just has not
reached the person, and waits at the desk to be served in another way (ADR 0059).
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from callup.app.course import Course
from callup.app.stages.telling import manifest_of, runs_of
from callup.notice.codes import DECISION_PIECE, decision_payload
from callup.terms.errors import BadInput

_LENGTH = 32
_SHOWN = 20


def decision_of(code: str, facts: Iterable[str], key: bytes) -> str:
    """The decision whose letter has this code, among the numbers of some facts; empty where it is none of them or was not made by us.

    Args:
        code: as a scanner reads it.
        facts: numbers of facts.
        key: of the codes on mail pieces.
    """
    if len(code) != _LENGTH or code[0] != DECISION_PIECE:
        return ""
    near = (fact for fact in facts if fact[:20].upper() == code[1:21])
    return next((fact for fact in near if hmac.compare_digest(decision_payload(fact, key), code)), "")


def take_receipts(course: Course, path: Path, known_on: date) -> tuple[int, int]:
    """Record the carrier's receipts of letters of decisions, all of them or none: CSV with ``code`` and ``happened_on``.

    Args:
        course: the run.
        path: the file; the day is that on which the letter was handed over.
        known_on: the day on which the file came.

    Returns:
        Lines read, and how many were new.

    Raises:
        BadInput: lines whose code no printed letter has, or whose day is none or before the decision.
    """
    printed = {row.payload: row.fact_id for number in runs_of(course.dossier) for row in manifest_of(course.dossier, number)}
    lines = _lines(path)
    facts = course.facts.all()
    wanted = pa.array(sorted({printed[line["code"]] for line in lines if line["code"] in printed}), pa.string())
    decisions = {row["fact_id"]: row for row in facts.filter(pc.is_in(facts.column("fact_id"), value_set=wanted)).to_pylist()}
    read = [_receipt(line, decisions.get(printed.get(line["code"], "")), known_on) for line in lines]
    wrong = [f"line {number}: {one}" for number, one in enumerate(read, 2) if isinstance(one, str)]
    if wrong:
        shown = "; ".join(wrong[:_SHOWN]) + ("; ..." if len(wrong) > _SHOWN else "")
        raise BadInput(
            "receipts-unusable", {"file": path, "lines": len(wrong), "which": shown}, "mend each named line: nothing was recorded"
        )
    rows = [one for one in read if not isinstance(one, str)]
    return len(rows), course.facts.record_rows(rows)


def _lines(path: Path) -> list[dict[str, str]]:
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error) as failure:
        raise BadInput("receipts-not-csv", {"file": path, "why": str(failure)}, "give UTF-8 CSV: code,happened_on") from failure
    return [{"code": (row.get("code") or "").strip().upper(), "day": (row.get("happened_on") or "").strip()} for row in rows]


def _receipt(line: Mapping[str, str], decision: Mapping[str, Any] | None, known_on: date) -> dict[str, Any] | str:
    """The fact that a line becomes, or what is wrong with it."""
    if decision is None:
        return "a code that no printed letter of a decision has"
    try:
        day = date.fromisoformat(line["day"])
    except ValueError:
        return "happened_on is no date"
    if not decision["happened_on"] <= day <= known_on:
        return f"a day before the decision, or after {known_on}"
    text = f"callup/decision-receipt/1\n{line['code']}\n{day}\n"
    fact = {"kind": "decision_served", "case_id": decision["case_id"], "ref": decision["fact_id"], "channel": "mail", "actor": "carrier"}
    return {**fact, "happened_on": day, "known_on": known_on, "evidence": hashlib.sha256(text.encode()).hexdigest()}
