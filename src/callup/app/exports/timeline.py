"""A timeline of one notice in the categories of SEND, Italy's platform for legal notices.

Source: the public interface of SEND (pagopa/pn-delivery-push, ``TimelineElementCategoryV28`` and ``NotificationStatus``). Its categories
speak of one notice and one addressee, digital and paper, and tell a presumption apart from what was seen: SCHEDULE_REFINEMENT says
from when a presumption would run, REFINEMENT that it holds. SEND's elements carry an instant; ours carry a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from callup.app.exports.case import Case
from callup.app.exports.counterparts import Counterpart, counterpart
from callup.app.exports.evidence import told_fact

FORMAT = "callup/timeline/1"
SOURCE = "SEND, timeline element categories V28"
NATURE = (
    "A translation of facts that callup recorded into the words of SEND. Nothing here went through SEND; "
    "elements marked computed are findings of a rule, not things that happened."
)
COMPUTED = ("SCHEDULE_REFINEMENT", "REFINEMENT", "COMPLETELY_UNREACHABLE")
"""Categories that no fact has: they say what rules make of the facts."""

COUNTERPARTS = {
    ("called", ""): Counterpart("REQUEST_ACCEPTED", "the notice was entered in the log"),
    ("handed_over", ""): Counterpart("SEND_DIGITAL_PROGRESS", "another service took the notice over"),
    ("handed_over", "mail"): Counterpart("SEND_ANALOG_PROGRESS", "the post took the notice over"),
    ("available", ""): Counterpart("DIGITAL_SUCCESS_WORKFLOW", "the notice lay ready in the addressee's account"),
    ("available", "list"): Counterpart("", "a list was published; SEND knows no service by publication"),
    ("delivered", ""): Counterpart("DIGITAL_SUCCESS_WORKFLOW", "delivered against a receipt"),
    ("delivered", "mail"): Counterpart("ANALOG_SUCCESS_WORKFLOW", "the post handed it over against a receipt"),
    ("delivered", "counter"): Counterpart("NOTIFICATION_RADD_RETRIEVED", "fetched at a counter"),
    ("opened", ""): Counterpart("NOTIFICATION_VIEWED", "the addressee opened the notice"),
    ("receipt_refused", ""): Counterpart("SEND_DIGITAL_FEEDBACK", "the addressee would not take it: a code of the feedback"),
    ("receipt_refused", "mail"): Counterpart("SEND_ANALOG_FEEDBACK", "the addressee would not take it: a code of the feedback"),
    ("returned", ""): Counterpart("SEND_ANALOG_FEEDBACK", "the letter came back; SEND's status for it is RETURNED_TO_SENDER"),
    ("attempt_failed", ""): Counterpart("DIGITAL_FAILURE_WORKFLOW", "the attempt failed before it reached anyone"),
    ("attempt_failed", "mail"): Counterpart("ANALOG_FAILURE_WORKFLOW", "the post did not carry it to the end"),
    ("courtesy_sent", ""): Counterpart("SEND_COURTESY_MESSAGE", "a courtesy reminder; it has no effect in law"),
    ("withdrawn", ""): Counterpart("NOTIFICATION_CANCELLED", "the authority took the notice back"),
    ("recalled", ""): Counterpart("NOTIFICATION_CANCELLED", "the authority took the whole wave back"),
    ("misdelivered", ""): Counterpart("", "SEND has no category for delivery to somebody else"),
    ("not_for_me", ""): Counterpart("", "SEND has no category for what the holder of a letter states"),
    ("responded", ""): Counterpart("", "SEND ends with the notice; an answer to it is not its business"),
    ("service_contested", ""): Counterpart("", "SEND has no category for contesting service; a court hears it"),
    ("decision_served", ""): Counterpart("", "a decision is another notice, with a timeline of its own"),
    ("outage", ""): Counterpart("", "SEND notes an outage for the platform, not in the timeline of a notice"),
    ("strike", ""): Counterpart("", "SEND has no category for a strike"),
}
"""Our facts about attempts, by kind and channel."""

RETURNED = "RETURNED_TO_SENDER"
DECEASED = Counterpart("ANALOG_WORKFLOW_RECIPIENT_DECEASED", "the letter came back because the addressee has died")
_ON_THE_WAY = {
    "REQUEST_ACCEPTED": "ACCEPTED",
    "SEND_DIGITAL_PROGRESS": "DELIVERING",
    "SEND_ANALOG_PROGRESS": "DELIVERING",
    "DIGITAL_SUCCESS_WORKFLOW": "DELIVERED",
    "ANALOG_SUCCESS_WORKFLOW": "DELIVERED",
}
"""The status of the whole notice that SEND shows once such an element stands there, as long as nothing is found."""
_VIEWED = ("NOTIFICATION_VIEWED", "NOTIFICATION_RADD_RETRIEVED")


def timeline(case: Case) -> dict[str, Any]:
    """Tell a notice's course in the categories of SEND.

    Returns:
        Format ``callup/timeline/1`` (docs/formats.md), elements by day.
    """
    elements, without = [], []
    for fact in case.facts:
        found = _category(fact)
        if found is None:
            continue
        told = told_fact(case, fact)
        if found.word:
            elements.append(_element(case, found.word, fact["happened_on"], {**told, "why": found.why}, fact["fact_id"]))
        else:
            without.append({**told, "why": found.why})
    elements = sorted([*elements, *_computed(case)], key=lambda one: one["timestamp"])
    return {
        **case.heading(FORMAT),
        "source": SOURCE,
        "nature": NATURE,
        "zone": case.calendar.zone,
        "notification_status": _status(case, [one["category"] for one in elements]),
        "timeline": elements,
        "without_counterpart": without,
    }


def _status(case: Case, categories: list[str]) -> str:
    """SEND's status of the whole notice. What was found wins over what was seen on the way: a return undoes a delivery."""
    found = case.standing
    order = (
        (found.state == "withdrawn", "CANCELLED"),
        (found.service == "confirmed" and any(one in categories for one in _VIEWED), "VIEWED"),
        (found.served_on is not None, "EFFECTIVE_DATE"),
        (found.service == "unreachable", "UNREACHABLE"),
        (found.service == "failed" and any(fact["kind"] == "returned" for fact in case.own), RETURNED),
    )
    seen = [_ON_THE_WAY[one] for one in categories if one in _ON_THE_WAY]
    return next((status for holds, status in order if holds), seen[-1] if seen else "IN_VALIDATION")


def _category(fact: Mapping[str, Any]) -> Counterpart | None:
    if fact["kind"] == "returned" and fact["outcome"] == "deceased":
        return DECEASED
    return counterpart(COUNTERPARTS, fact)


def _element(case: Case, category: str, day: date, details: Mapping[str, Any], what: str, *, computed: bool = False) -> dict[str, Any]:
    return {
        "elementId": f"{category}.NOTICE_{case.notice['notice_id']}.{what}",
        "category": category,
        "timestamp": day.isoformat(),
        "computed": computed,
        "legalFactsIds": [] if computed else [details["evidence"]["digest"]],
        "details": dict(details),
    }


def _computed(case: Case) -> list[dict[str, Any]]:
    """What rules make of the facts: presumptions scheduled and holding, and that nobody could be reached."""
    made = []
    for one in (*case.standing.presumptions, *case.running):
        told = {"citation": one.citation, "channel": one.channel, "facts": list(one.evidence), "schedulingDate": one.holds_on.isoformat()}
        made.append(_element(case, "SCHEDULE_REFINEMENT", one.runs_from, told, one.evidence[0], computed=True))
        if one.holds_on <= case.as_of:
            why = {"rebutted_by": list(one.rebutted_by), "rebutted_on": one.rebutted_on}
            made.append(_element(case, "REFINEMENT", one.holds_on, {**told, **why}, one.evidence[0], computed=True))
    if case.standing.service == "unreachable":
        lost = [fact["happened_on"] for fact in case.own if fact["kind"] in ("returned", "attempt_failed", "misdelivered")]
        last = max(lost or [fact["happened_on"] for fact in case.own])  # where no letter came back, a statement undid the attempts
        why = {"why": "every way that was tried has failed; that is never the person's fault"}
        made.append(_element(case, "COMPLETELY_UNREACHABLE", last, why, case.notice["case_id"], computed=True))
    return made
