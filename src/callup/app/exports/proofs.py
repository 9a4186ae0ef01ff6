"""Proofs that facts stand in the acts log, for the person whom they are about: each a text to be checked offline (C2SP tlog-proof).

What a proof carries as ``extra`` opens the entry: the salt, and the text that was committed. So it goes to the person and to nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from callup.app.course import Course
from callup.app.exports.case import Act, Case
from callup.app.exports.record import record
from callup.app.stores.tiles import PosixTileStore
from callup.terms.canonical import row_text
from callup.terms.tables import FACTS
from callup.tlog import Tree
from callup.tlog.witnessing import Proof


def proofs_of(
    course: Course, facts: Sequence[Mapping[str, Any]], acts: Mapping[str, Act], notice: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """The proof of each fact that a checkpoint covers, by fact number.

    Args:
        course: the run.
        facts: rows of FACTS.
        acts: their entries (`callup.app.exports.case.entered`).
        notice: the row of NOTICES whose document a call commits to; without it a call is left out.
    """
    logs = PosixTileStore(course.dossier.open / "log", course.dossier.sealed / "log-heads")
    try:
        checkpoint = logs.read("acts/checkpoint")
    except KeyError:
        return {}
    tree = Tree(logs, "acts", int(checkpoint.split(b"\n")[1]))
    found = {}
    for fact in facts:
        act = acts.get(fact["fact_id"])
        text = _committed(fact, notice)
        if act is not None and act.index < tree.size and text:
            proof = Proof(act.index, tuple(tree.inclusion(act.index)), checkpoint, f"{act.salt}\n{text}".encode())
            found[fact["fact_id"]] = proof.text().decode()
    return found


def with_proofs(course: Course, case: Case) -> dict[str, Any]:
    """The record of a person with ``proofs``: of each fact that stands in the log, its number and its proof."""
    proofs = proofs_of(course, case.facts, case.acts, case.notice)
    return record(case) | {"proofs": [{"fact": fact, "proof": proof} for fact, proof in proofs.items()]}


def _committed(fact: Mapping[str, Any], notice: Mapping[str, Any] | None) -> str:
    """The text that the entry of a fact commits to: of a call the document of its notice, of all others the fact's row (design D11)."""
    if fact["kind"] == "called":
        return "" if notice is None else str(notice["document"])
    return row_text([fact[name] for name in FACTS.names], FACTS)
