"""The closed vocabulary of facts (design D10): later versions add rows and never change one.

A fact happened; what the law makes of it is computed. Nothing here can say that a person evades, nothing carries a
place, a device or a penalty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ActKind = Literal["call", "service", "submission", "decision", "return", "erratum", ""]


CLAIMS = ("deferral", "exemption", "alternative-service", "other-date", "correction", "liability")
"""Every kind of claim: the first word of the ground of a ``claimed``; a colon and what the person wrote may follow."""


@dataclass(frozen=True, slots=True)
class FactKind:
    """One kind of fact.

    Args:
        kind: its word.
        by: who may record it.
        personal: whether it is about one case.
        act: the kind of entry in the acts log; empty for none.
        needs: fields that must be filled besides kind, days, actor and evidence.
        outcomes: the words that ``outcome`` may hold; empty: it stays null.
        undoes: the kinds that it takes back for the same case and notice.
        meaning: one sentence.
    """

    kind: str
    by: tuple[str, ...]
    personal: bool
    act: ActKind
    needs: tuple[str, ...]
    outcomes: tuple[str, ...]
    undoes: tuple[str, ...]
    meaning: str


def _row(
    kind: str, by: str, act: ActKind, meaning: str, *, needs: str = "", outcomes: str = "", undoes: str = "", personal: bool = True
) -> FactKind:
    case = ("case_id",) if personal else ()
    split = str.split
    return FactKind(
        kind, tuple(split(by)), personal, act, case + tuple(split(needs)), tuple(split(outcomes)), tuple(split(undoes)), meaning
    )


_AFTER = "authority person agent watchdog"
"""Who may report what came after enlistment (safeguard G21)."""

VOCABULARY = {
    row.kind: row
    for row in (
        _row("called", "authority", "call", "a notice was entered in the acts log", needs="notice_id appear_on"),
        _row("handed_over", "carrier", "service", "the carrier took over the print file that holds this notice", needs="notice_id channel"),
        _row("available", "portal", "service", "the notice was made available in the person's portal account", needs="notice_id channel"),
        _row("delivered", "carrier desk", "service", "handed to the addressee against a receipt", needs="notice_id channel"),
        _row("opened", "portal", "service", "the addressee opened the notice in the portal", needs="notice_id channel"),
        _row("receipt_refused", "carrier desk", "service", "the addressee would not take the letter", needs="notice_id channel"),
        _row(
            "returned",
            "carrier",
            "return",
            "the letter came back",
            needs="notice_id channel outcome",
            outcomes="moved unknown unclaimed deceased damaged",
            undoes="delivered receipt_refused",
        ),
        _row(
            "attempt_failed",
            "carrier portal",
            "return",
            "an attempt failed before it reached anyone",
            needs="notice_id channel outcome",
            outcomes="outage rejected lost",
        ),
        _row("courtesy_sent", "portal desk", "", "a reminder by e-mail or SMS; it changes nothing", needs="notice_id"),
        _row("not_for_me", "person agent desk", "submission", "whoever has the letter says it is not theirs", needs="notice_id"),
        _row("responded", "person agent desk", "submission", "the person confirmed receipt or answered", needs="channel"),
        _row("service_contested", "person agent desk", "submission", "the person states that it was not served", needs="notice_id"),
        _row("claimed", "person agent desk", "submission", "a claim was filed", needs="ground"),
        _row("claim_withdrawn", "person agent desk", "submission", "the person withdrew a claim", needs="ref"),
        _row(
            "decided",
            "official",
            "decision",
            "a reasoned decision on a claim, by two",
            needs="ref second reason outcome",
            outcomes="granted refused",
        ),
        _row("decision_served", "carrier portal desk", "service", "the decision reached the person", needs="ref channel"),
        _row("appealed", "person agent desk", "submission", "a decision was challenged", needs="ref"),
        _row(
            "appeal_decided",
            "court",
            "decision",
            "the higher body or court ruled",
            needs="ref reason outcome",
            outcomes="upheld changed withdrawn",
        ),
        _row(
            "appointment_moved",
            "person agent desk",
            "submission",
            "another day of appearance was set at the person's wish",
            needs="appear_on",
        ),
        _row("appeared", "desk", "submission", "the person came"),
        _row("did_not_come", "desk", "decision", "the day passed and the person did not come: an open question", needs="appear_on second"),
        _row("excused", "official", "decision", "a human accepted why the person did not come", needs="reason second"),
        _row("assessed", "board", "decision", "the board's finding of fitness", needs="outcome second", outcomes="fit unfit deferred"),
        _row("enlisted", "official", "decision", "the person was enlisted", needs="second"),
        _row("released", "official", "decision", "no longer needed: the quota is full", needs="reason second"),
        _row("withdrawn", "official", "erratum", "the authority took the notice back", needs="notice_id reason second"),
        _row(
            "ruled",
            "official",
            "decision",
            "an official ruled on an undetermined finding",
            needs="outcome reason second",
            outcomes="liable not-liable",
        ),
        _row("read", "clerk", "", "a clerk opened this file", needs="reason"),
        _row("recused", "clerk", "", "an official knows the person, and does not act in this case", needs="reason"),
        _row("signed", "signatory", "", "a signature on a freeze or a wave", needs="ground", personal=False),
        _row("halted", "official", "", "a wave or a unit was stopped", needs="ground reason second", personal=False),
        _row("print_accepted", "carrier", "", "the carrier accepted a print file of this hash", needs="ground", personal=False),
        _row("erased", "official", "", "one person's rows were erased; it names nobody", needs="reason second", personal=False),
        _row(
            "role_granted",
            "official",
            "",
            "two named people gave somebody a role at the desk, until a day",
            needs="ref ground until reason second",
            personal=False,
        ),
        _row(
            "pressure_reported",
            "person agent watchdog",
            "",
            "somebody was pressed to sign a contract or to give up a right; who says so need not give a name",
            needs="ground",
            personal=False,
        ),
        _row("role_ended", "official", "", "a role at the desk was taken back", needs="ref reason second", personal=False),
        _row("outage", "desk", "", "a channel was down", needs="channel until", personal=False),
        _row("strike", "desk", "", "a carrier was on strike", needs="channel until", personal=False),
        _row("tolled", "desk official", "", "from that day to a day the person's clocks stood still", needs="ground until"),
        _row("papers_asked", "official", "", "a paper is wanted to decide a claim; the person has until a day", needs="ref until"),
        _row("papers_given", "person agent desk", "submission", "the paper that was asked for came in", needs="ref"),
        _row("represented", "person agent desk", "submission", "the person named who speaks for them", needs="ground"),
        _row(
            "inquired",
            "official",
            "decision",
            "a human looked for the reason why the person did not come",
            needs="ref outcome reason second",
            outcomes="innocent-cause none-found",
        ),
        _row(
            "referred",
            "official",
            "decision",
            "two people handed the open question to a court; callup stops here",
            needs="ref second reason",
        ),
        _row("fulfilled", "official desk", "decision", "the duty was done", needs="second"),
        _row("alternative_assigned", "official", "decision", "alternative civilian service was assigned", needs="second"),
        _row("case_stayed", "court", "decision", "a court stayed one case", needs="reason"),
        _row("case_stay_lifted", "court", "decision", "the stay of one case ended", needs="ref reason"),
        _row("stayed", "court", "", "a court stayed a unit or the call-up", needs="ground reason", personal=False),
        _row("stay_lifted", "court", "", "a stay of a unit or the call-up ended", needs="ref reason", personal=False),
        _row(
            "misdelivered",
            "carrier portal desk official",
            "return",
            "the notice went to another address or mailbox than the person's",
            needs="notice_id channel",
            undoes="available delivered opened",
        ),
        _row("recalled", "official", "", "a faulty wave of notices was taken back as one", needs="ground reason second", personal=False),
        _row("assigned", _AFTER, "", "service began"),
        _row("posted", _AFTER, "", "where the service is done, as a category of the decree's own list; the month only", needs="ground"),
        _row("contract_signed", _AFTER, "", "the person signed a contract of service"),
        _row("term_extended", _AFTER, "", "service was made longer, until a day", needs="until"),
        _row("discharged", _AFTER, "", "service ended"),
        _row(
            "breach_answered",
            "official",
            "decision",
            "the authority answered a report that an undertaking was broken",
            needs="ref outcome reason second",
            outcomes="confirmed denied",
        ),
        _row(
            "disclosure",
            "official",
            "decision",
            "one person's file was given to a body under a court's order",
            needs="ground reason second",
        ),
        _row(
            "handover",
            "official",
            "decision",
            "name, day and place of one enlisted person went to the body that receives",
            needs="ground reason second",
        ),
        _row("inspection", "official", "decision", "a party looked at one person's file on the screen", needs="ground reason second"),
    )
}
"""Every kind of fact that callup can record, by its word."""

UNDERTAKEN = ("assigned", "posted", "contract_signed", "term_extended", "discharged", "breach_answered")
"""What came after enlistment: it tests the decree's undertakings and changes no standing (safeguard G21)."""

DOORS = ("disclosure", "handover", "inspection")
"""The three ways in which data about a person may leave, and no other (safeguard G12)."""

STATES = {
    "not called": "in the roll, rank not reached",
    "called": "a notice was entered; service is not found yet",
    "served": "service is found; no answer yet",
    "answered": "the person answered and has an appointment",
    "claim pending": "a claim or an appeal is open",
    "did not come": "confirmed service, the day passed; a human must ask why",
    "appeared": "the person came and waits for the board",
    "fit": "the board found the person fit; not enlisted yet",
    "deferred": "bound later: a ground holds until a date",
    "exempt": "not bound: a ground holds",
    "unfit": "the board found the person unfit",
    "referred outside": "two people handed the open question to a court; callup stops there",
    "enlisted": "taken into service",
    "alternative service": "alternative civilian service was assigned",
    "fulfilled": "the duty was done",
    "released": "no longer needed",
    "withdrawn": "the authority took the notice back",
    "liability ended": "the interval of liability ended by itself",
    "lapsed (never served)": "closed without service: nothing follows",
    "lapsed (no answer, not referred)": "closed without an answer: nothing follows",
}
"""What a case can be on a day. The order is that of the course."""

TERMINAL = (
    "not called", "deferred", "exempt", "unfit", "referred outside", "enlisted", "alternative service", "fulfilled", "released",
    "withdrawn", "liability ended", "lapsed (never served)", "lapsed (no answer, not referred)",
)  # fmt: skip
"""The states in which a case may end."""

DIAGNOSES = (
    "never handed over", "returned", "not known to be delivered", "delivered, not known to be opened", "opened, no answer",
    "receipt refused", "claim pending", "unreachable",
)  # fmt: skip
"""Why there is no answer yet; none of them is the person's fault."""

DUES = {
    "enter-notice": "enter and send the notice",
    "try-other-channel": "try another way of service",
    "remind": "send a reminder by another way",
    "decide-claim": "decide the claim, by two people, with reasons",
    "serve-decision": "serve the decision",
    "await-appeal": "wait for the appeal",
    "await-appearance": "wait for the day of appearance",
    "ask-why": "a human asks why the person did not come",
    "assess": "the board assesses fitness",
    "enlist-or-release": "enlist or release",
    "resolve-contest": "the authority proves service or takes it back",
    "nothing": "nothing is due",
}
"""What may fall due for the authority or a human; none of them falls on a machine against a person."""


def needed(kind: FactKind) -> tuple[str, ...]:
    """The fields that a fact of a kind cannot do without: those of the vocabulary, but for the day of a call whose notice names none.

    The vocabulary is part of the promises, and a call to answer records less than it says and nothing more (ADR 0058).

    Example:
        >>> needed(VOCABULARY["called"])
        ('case_id', 'notice_id')
    """
    return tuple(name for name in kind.needs if (kind.kind, name) != ("called", "appear_on"))
