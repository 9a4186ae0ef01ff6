"""Evidence in the event terms of ETSI EN 319 522: what happened to a notice, in words that registered delivery services use.

Source: ETSI EN 319 522-1 (events) and 522-3 V1.2.1, table 2 (their identifiers), typed from public code that implements them; the text
itself was not read. callup is no registered delivery service and issues no evidence in the sense of that standard: this is a translation
of its facts, each with the digest of its own evidence. The XML of part 3 is not written: it asks for the issuer's certificate and
signature as a delivery service, the recipient's identity, and a time to the second; callup has none of the first, gives nobody the
second, and knows days.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callup.app.exports.case import Case
from callup.app.exports.counterparts import Counterpart, counterpart

FORMAT = "callup/evidence/1"
IDENTIFIER = "http://uri.etsi.org/19522/Event/"
STANDARD = "ETSI EN 319 522-3 V1.2.1, table 2"
NATURE = (
    "A translation of facts that callup recorded. It is not evidence issued by a registered delivery service, and it is not signed: "
    "each fact's own evidence is named by its digest, and what stands in the log can be proved from there."
)

COUNTERPARTS = {
    ("called", ""): Counterpart("SubmissionAcceptance", "the notice was entered in the log; nothing is sent that does not stand there"),
    ("handed_over", ""): Counterpart("RelayAcceptance", "another service took the notice over"),
    ("handed_over", "mail"): Counterpart("RelayToNonERDS", "the post took the notice over; paper is no registered e-delivery"),
    ("available", ""): Counterpart("ContentConsignment", "the notice lay ready for the addressee"),
    ("available", "list"): Counterpart("", "a list was published; nothing was consigned to the addressee's own account"),
    ("delivered", ""): Counterpart("ContentHandover", "handed to the addressee against a receipt"),
    ("opened", ""): Counterpart("ContentHandover", "the addressee opened the notice; what they read after that is not followed"),
    ("receipt_refused", ""): Counterpart("ConsignmentRejection", "the addressee would not take it"),
    ("attempt_failed", ""): Counterpart("ContentConsignmentFailure", "the attempt failed before it reached anyone"),
    ("attempt_failed", "mail"): Counterpart("RelayToNonERDSFailure", "the post did not carry it to the end"),
    ("courtesy_sent", ""): Counterpart("ConsignmentNotification", "a courtesy reminder; it has no effect in law"),
    ("decision_served", ""): Counterpart("ContentHandover", "the decision reached the person: another message than the notice"),
    ("returned", ""): Counterpart("", "EN 319 522 has no event for a letter that comes back; it undoes the attempt"),
    ("misdelivered", ""): Counterpart("", "EN 319 522 has no event for delivery to somebody else; it undoes the attempt"),
    ("not_for_me", ""): Counterpart("", "whoever holds the letter says it is not theirs: a statement, no event of delivery"),
    ("responded", ""): Counterpart("", "an answer to the authority; ConsignmentAcceptance is given before hand-over, this is after it"),
    ("service_contested", ""): Counterpart("", "the person states that it was not served: a statement, no event of delivery"),
    ("withdrawn", ""): Counterpart("", "EN 319 522 has no event for a sender who takes back what was sent"),
    ("recalled", ""): Counterpart("", "EN 319 522 has no event for a sender who takes back what was sent"),
    ("outage", ""): Counterpart("", "a channel was down for everybody; it moves dates and is no event of one delivery"),
    ("strike", ""): Counterpart("", "a carrier was on strike; it moves dates and is no event of one delivery"),
}
"""Our facts about attempts, by kind and channel."""

UNUSED = {
    "SubmissionRejection": "a notice that does not hold is refused before it is composed; no attempt exists then",
    "RelayRejection": "recorded as attempt_failed: the notice did not reach the addressee's side",
    "RelayFailure": "recorded as attempt_failed: the notice did not reach the addressee's side",
    "NotificationForAcceptance": "nobody is asked whether they accept a notice before they may read it",
    "NotificationForAcceptanceFailure": "nobody is asked whether they accept a notice before they may read it",
    "ConsignmentAcceptance": "nobody is asked whether they accept a notice before they may read it",
    "AcceptanceRejectionExpiry": "silence is no event: what a rule makes of it is computed and shown as computed",
    "ConsignmentNotificationFailure": "a courtesy reminder that fails changes nothing and is not recorded",
    "NotificationDelivered": "a courtesy reminder changes nothing, so what becomes of it is not followed",
    "NotificationAccessTracking": "a courtesy reminder changes nothing, so what becomes of it is not followed",
    "ContentHandoverFailure": "a hand-over that fails is recorded as returned or misdelivered, which say more",
    "ContentAccessTracking": "what a person reads after the hand-over is not followed",
    "ReceivedFromNonERDS": "callup sends notices and receives none for others",
}
"""Events of the standard for which callup has no fact, and why."""

_DEEMED = "found by a rule from the facts above; EN 319 522 knows events only"


def evidence(case: Case) -> dict[str, Any]:
    """Tell a case's attempts in the terms of EN 319 522.

    Returns:
        Format ``callup/evidence/1`` (docs/formats.md): events, what has no counterpart with the reason, and what rules found.
    """
    events, without = [], []
    for fact in case.facts:
        found = counterpart(COUNTERPARTS, fact)
        if found is None:
            continue
        told = told_fact(case, fact)
        if found.word:
            events.append({"event": found.word, "identifier": IDENTIFIER + found.word, "why": found.why, **told})
        else:
            without.append({**told, "why": found.why})
    return {
        **case.heading(FORMAT),
        "standard": STANDARD,
        "nature": NATURE,
        "zone": case.calendar.zone,
        "log": f"{case.decree.log_origin}/acts",
        "events": events,
        "without_counterpart": without,
        "computed": _computed(case),
    }


def told_fact(case: Case, fact: Mapping[str, Any]) -> dict[str, Any]:
    """A fact for others to read: what, when, when known, by whom, by which channel, on which evidence, where in the log."""
    shown = {
        "fact": fact["fact_id"],
        "kind": fact["kind"],
        "on": fact["happened_on"].isoformat(),
        "known_on": fact["known_on"].isoformat(),
        "by": fact["actor"],
        "evidence": {"method": "SHA-256", "digest": fact["evidence"]},
        "log_index": case.log_index(fact),
    }
    more = {
        name: fact[name].isoformat() if name == "until" else fact[name]
        for name in ("notice_id", "channel", "ref", "ground", "outcome", "until")
        if fact[name]
    }
    return shown | more


def _computed(case: Case) -> list[dict[str, Any]]:
    """What rules found: no event, so without a counterpart, and marked as computed."""
    found = [
        {
            "found": "presumed served",
            "on": one.holds_on.isoformat(),
            "citation": one.citation,
            "channel": one.channel,
            "facts": list(one.evidence),
            "rebutted_by": list(one.rebutted_by),
            "rebutted_on": one.rebutted_on,
            "why": _DEEMED,
        }
        for one in case.standing.presumptions
    ]
    whole = {
        "found": f"service: {case.standing.service}",
        "on": case.standing.served_on.isoformat() if case.standing.served_on else None,
        "citation": case.standing.service_rule or "",
        "why": _DEEMED,
    }
    return [*found, whole]
