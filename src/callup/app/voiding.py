"""A plan that cannot be completed is declared dead in public (docs/formats.md, void); nothing is drawn by it afterwards."""

from __future__ import annotations

import hashlib
from typing import Any

from callup.app.course import Course
from callup.app.dossier import Entry
from callup.app.logs import CallUpLogs
from callup.app.signing import require_two
from callup.draw.supplements import supplement_id, void_document
from callup.terms.errors import NotLawful, OutOfOrder


def void_plan(course: Course, *, supplement: int, reason: str, by: tuple[str, str]) -> str:
    """Declare the main plan (``supplement`` 0) or a supplementary one dead; gives the digest of the public document.

    Raises:
        OutOfOrder: there is no such plan, or its draw is cast: then it was completed.
        WaitsForSignatures: the two have not both signed yet.
    """
    mark = f"-s{supplement}" if supplement else ""
    dossier = course.dossier
    if not dossier.finished(f"commit{mark}"):
        raise OutOfOrder("no-plan", {"supplementary roll": supplement}, "there is no committed plan of that number")
    if dossier.finished(f"cast{mark}"):
        raise OutOfOrder(
            "draw-is-cast", {"supplementary roll": supplement}, "a plan whose draw is cast stands; to stop letters: callup halt"
        )
    document = _document(course, supplement, reason, by)
    digest = hashlib.sha256(document).hexdigest()
    require_two(dossier, course.randomness, f"void{mark}", digest, by)
    publish_void(course, CallUpLogs(course), {"stage": f"void{mark}", "supplement": supplement, "reason": reason, "by": list(by)})
    return digest


def publish_void(course: Course, logs: CallUpLogs, line: dict[str, Any]) -> None:
    """Enter the void into the public log, then write down that it was done; a replay does it again from the first run's line."""
    name = str(line["stage"])
    first, second = line["by"]
    if course.dossier.finished(name):
        return
    document = _document(course, line["supplement"], line["reason"], (first, second))
    logs.publish(name, [("void", document)], course.day_kept(name))
    entry = Entry(name, hashlib.sha256(document).hexdigest(), 1)
    about = {"supplement": line["supplement"], "reason": line["reason"], "by": [first, second]}
    course.dossier.finish(name, [entry], facts=course.facts.last_seq(), **about)


def refuse_void(course: Course) -> None:
    """Stop a run whose main plan is dead.

    Raises:
        NotLawful: it is.
    """
    line = course.dossier.finished("void")
    if line is not None:
        words = {"call-up": course.decree.id, "reason": line["reason"]}
        raise NotLawful("plan-is-void", words, "this call-up ended without a draw; a new one needs a new id and a new plan")


def _document(course: Course, supplement: int, reason: str, by: tuple[str, str]) -> bytes:
    opened = course.dossier.open
    plan = opened / "46-supplements" / f"s{supplement}" / "plan.txt" if supplement else opened / "40-seed" / "plan.txt"
    call_up = supplement_id(course.decree.id, supplement) if supplement else course.decree.id
    return void_document(call_up, plan.read_text(encoding="utf-8"), reason, by).encode()
