"""What a proposal that two have accepted becomes: a fact, and the text whose digest is its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callup.app.exports.decision import sets_day
from callup.app.web.desk.store import Proposal
from callup.app.web.site import Site
from callup.terms.facts import VOCABULARY


def law_of(site: Site) -> str:
    """Code and version of the law by which the desk decides now."""
    found = site.course.jurisdiction
    return f"{found.code} {found.version}"


def decision_text(one: Proposal, law: str) -> str:
    """The text whose digest is the evidence of a decision, and by that is committed in the acts log: the law's version is in it."""
    parts = (law, one.case_id, one.kind, one.ref or "", one.outcome, one.until or "", one.reason, one.first, one.second or "")
    return "\n".join(("callup/decision/2", *parts, ""))


def fact_of(one: Proposal, asked: Mapping[str, Any]) -> dict[str, str]:
    """The fact that an accepted proposal becomes, today; ``asked`` is the fact that it answers."""
    row = VOCABULARY[one.kind]
    fact = {"kind": one.kind, "actor": f"{row.by[0]}: {one.first}", "second": one.second or "", "reason": one.reason}
    fact |= {"ref": one.ref} if one.ref else {}
    fact |= {"outcome": one.outcome} if one.outcome else {}
    if one.until:
        fact["appear_on" if one.kind == "did_not_come" or sets_day(one.kind, one.outcome, asked) else "until"] = one.until
    return fact
