"""What comes to the desk by hand: what a person handed in on paper or at the counter, and how a decision has reached a person.

Each becomes the fact that it would be had it come through the portal, or from the carrier, with the day on which it happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from callup.app.web.person.view import pending, refused
from callup.app.web.store import Sent
from callup.notice.decisions import TOLD
from callup.terms.errors import BadInput
from callup.terms.facts import VOCABULARY

ENTERED = ("claimed", "service_contested", "responded", "appealed", "claim_withdrawn", "not_for_me", "represented", "papers_given")
"""What a person may hand in on paper or at the counter, as in the portal."""
OMBUDSMAN = "ombudsman"
"""Whom a person may name to look into the case for them."""
SPEAKS = ("representative", OMBUDSMAN)
"""Whom a person may name: somebody of their own, or the ombudsman, to whom the case is opened by it."""
SERVED_BY = ("counter", "mail", "portal")
"""The ways in which a decision reaches a person."""
Rows = Sequence[Mapping[str, Any]]


def answered(own: Rows, kind: str) -> list[Mapping[str, Any]]:
    """The facts of a case that something handed in may be about, the newest first: refusals, open claims, papers that are wanted."""
    rows = [dict(row) for row in own]
    if kind == "appealed":
        return [*refused(rows)]
    if kind == "claim_withdrawn":
        return [*reversed(pending(rows))]
    given = {row["ref"] for row in rows if row["kind"] == "papers_given"}
    asked = [row for row in rows if row["kind"] == "papers_asked" and not given & {row["fact_id"], row["ref"]}]
    return [*reversed(asked)] if kind == "papers_given" else []


def handed_in(notice: Mapping[str, Any], own: Rows, entered: Mapping[str, str], days: tuple[date, date]) -> dict[str, str]:
    """The fact that something handed in becomes.

    Args:
        notice: of the case.
        own: the facts of the case.
        entered: the form: ``kind``, ``ground``, ``ref``.
        days: on which it was received, and today.

    Raises:
        BadInput: not something that is handed in, a day to come, nothing in the case that it could be about, or several and none chosen.
    """
    kind, (received_on, today) = entered.get("kind", ""), days
    if kind not in ENTERED or received_on > today:
        allowed = f"one of {', '.join(ENTERED)}, received today or earlier"
        raise BadInput("not-entered", {"kind": kind, "received_on": received_on}, allowed)
    needs = VOCABULARY[kind].needs
    fact = {"kind": kind, "actor": "desk", "happened_on": received_on.isoformat()}
    fact |= {name: value for name, value in {"notice_id": str(notice["notice_id"]), "channel": "counter"}.items() if name in needs}
    if "ref" in needs:
        fact["ref"] = _about(str(notice["case_id"]), answered(own, kind), kind, entered.get("ref", ""))
    if kind == "represented":
        fact["ground"] = entered["ground"] if entered.get("ground") in SPEAKS else SPEAKS[0]
    elif "ground" in needs and entered.get("ground"):
        fact["ground"] = entered["ground"]
    return fact


def _about(case: str, found: Rows, kind: str, chosen: str) -> str:
    """What it is about: what was chosen, or the only one that there is."""
    ids = [str(row["fact_id"]) for row in found]
    if not ids:
        raise BadInput("nothing-to-answer", {"case": case, "kind": kind}, "nothing in this case waits for that: look at its history")
    if chosen in ids or (not chosen and len(ids) == 1):
        return chosen or ids[0]
    raise BadInput("answer-unclear", {"case": case, "kind": kind, "open": len(ids)}, "choose which claim, decision or request it is about")


def unserved(own: Rows) -> list[Mapping[str, Any]]:
    """The decisions of a case that are not known to have reached the person, the oldest first."""
    reached = {row["ref"] for row in own if row["kind"] == "decision_served"}
    return [row for row in own if row["kind"] in TOLD and row["fact_id"] not in reached]


def served(case: str, own: Rows, said: Mapping[str, str], days: tuple[date | None, date]) -> dict[str, str]:
    """The fact that a decision reached the person.

    Args:
        case: its number.
        own: the facts of the case.
        said: the form: ``ref``, the decision, and ``channel``, the way.
        days: on which it reached the person, and today.

    Raises:
        BadInput: no such decision, no such way, or a day before the decision or to come.
    """
    on, today = days
    decision = next((row for row in own if row["fact_id"] == said.get("ref") and row["kind"] in TOLD), None)
    if decision is None or said.get("channel") not in SERVED_BY or on is None or not decision["happened_on"] <= on <= today:
        raise BadInput("not-served", {"case": case}, "choose the decision, the way, and a day from the decision until today")
    return {"kind": "decision_served", "actor": "desk", "ref": said["ref"], "channel": said["channel"], "happened_on": on.isoformat()}


def require_same(case: str, sent: Sent, fact: Mapping[str, str]) -> None:
    """A decision reaches a person once.

    Raises:
        BadInput: it was entered with another day or way.
    """
    if any(sent.fact.get(name) != value for name, value in fact.items()):
        raise BadInput("served-already", {"case": case}, "it was entered before, with another day or way: look at the history")
