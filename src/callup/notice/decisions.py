"""The letter of a decision: what was asked, what was decided and why, by whom, how to go against it and by when, who helps for free.

So too the finding of a board, and what became of the question why somebody did not come.

It is written in the person's language first and then in every other language of the decree, from the same forms as the notices. What an
official wrote freely stands as it was written; a reason that is a rule of the law stands in the words of each language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from callup.law import Law, Procedure
from callup.notice.addresses import address_lines, address_order
from callup.notice.codes import letter_number
from callup.notice.document import DIGEST_DIGITS
from callup.notice.forms import Forms, read_form
from callup.notice.law_words import law_words
from callup.notice.wording import day_words, stated
from callup.terms.decree import Decree
from callup.terms.facts import VOCABULARY

__all__ = ["OUTCOMES", "TOLD", "Basis", "Decided", "decision_words", "said_in", "stated"]

TOLD = ("decided", "excused", "inquired", "assessed", "enlisted", "released", "referred", "withdrawn")
"""The kinds of facts that a letter tells: decisions on a claim or a contest, on an absence, findings of a board, and how a case ends by the
act of two officials."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as its letter tells it.

    Args:
        asked: the fact that it answers: a claim, a contest of service, an absence, an appearance; empty where there is none.
        outcome: one of those of its kind.
        until: the last day on which it holds, if for a time.
        reason: in the words of whoever proposed it; empty where none was written.
        by: the two who decided.
        on: the day.
        draft: the hour until which it can be taken back; empty once it is recorded.
        kind: one of ``TOLD``.
        come_on: the day of appearance that it sets, if it sets one.
    """

    asked: Mapping[str, Any]
    outcome: str
    until: date | None
    reason: str
    by: tuple[str, str]
    on: date
    draft: str = ""
    kind: str = "decided"
    come_on: date | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What the words of a decision rest on.

    Args:
        decree: the legal order.
        law: by which it was decided, with its rules.
        procedure: in force on the day of the decision.
        forms: of the country.
        code: of the country.
        version: of its law.
        words: by language, the sentences that are of no country.
    """

    decree: Decree
    law: Law
    procedure: Procedure
    forms: Forms
    code: str
    version: str
    words: Mapping[str, Mapping[str, str]]


def decision_words(basis: Basis, held: Mapping[str, Any], decided: Decided, check: str | None = None) -> dict[str, Any]:
    """Everything that the letter says, as plain values: a part for each language, the person's first.

    Args:
        basis: what the words rest on.
        held: what is held of the case: ``notice`` and ``address``.
        decided: the decision.
        check: what the code for the reader says; empty where it is too long for one, none where the letter is not printed.
    """
    notice = held["notice"]
    languages = dict.fromkeys((notice["language"], *basis.decree.languages))
    address = {name: held["address"].get(name) for name in ("name", "address_line", "locality", "postal_code")}
    unit = str(notice["stratum"]).partition("+")[0]
    return {
        "number": letter_number(notice["notice_id"]),
        "address": address_lines(address, address_order(basis.code)),
        "check": check or "",
        "parts": [_part(basis, language, unit, decided) | _checked(basis, language, notice, check) for language in languages],
    }


def _checked(basis: Basis, language: str, notice: Mapping[str, Any], check: str | None) -> dict[str, str]:
    """How the reader checks the letter; nothing where it is not printed."""
    if check is None:
        return {"check": ""}
    said = basis.words[language]["decision_check" if check else "decision_check_long"]
    return {"check": stated(said, mirror=basis.decree.log_origin.partition("/")[0], case=str(notice["case_id"]))}


def said_in(told: Mapping[str, Any]) -> list[str]:
    """Every text of a letter that whoever holds it must be able to read, in the order in which it stands there."""
    found = [*told["address"], told["parts"][0]["sender"]]
    for part in told["parts"]:
        for name, said in part.items():
            if name not in _UNREAD:
                found += said if isinstance(said, list) else [said]
    return [one for one in found if one]


_UNREAD = ("lang", "code_alt", "sender")
"""Of a part, what is no text on its pages: its language, and what stands for the code where somebody hears the letter. Who sends it stands
once, in the window."""


def _part(basis: Basis, language: str, unit: str, decided: Decided) -> dict[str, Any]:
    words, decree, procedure = basis.words[language], basis.decree, basis.procedure
    forms, letter = (read_form(basis.forms, language, name) for name in ("procedure", "letter"))
    rests = decided.kind == "decided" and any(one.claim == "appeal" for one in procedure.suspensions)
    first, second = decided.by
    law = f"{basis.code} {basis.version[:DIGEST_DIGITS]}"
    marks = [letter["rehearsal"]] if decree.rehearsal else []
    return {
        "lang": language,
        "authority": decree.said(decree.authority, language),
        "sender": letter["sender"].format(authority=decree.said(decree.authority, language)),
        "code_alt": letter["mail_alt"],
        "day": day_words(decided.on, language),
        "marks": [*marks, *([stated(words["decision_draft"], time=decided.draft)] if decided.draft else [])],
        "title": words["decision_title_finding" if decided.kind == "assessed" else "decision_title"],
        "asked": _asked(decided, forms, words, language),
        "outcome": _outcome(decided, words, language),
        "why": words["decision_why"],
        "reason": _in_words_of(basis, decided, language),
        "by": stated(words["decision_by"], date=day_words(decided.on, language), first=first, second=second, law=law),
        "challenge": words["decision_challenge"],
        "remedies": [
            *_remedies(procedure, forms, words, decided.kind),
            words["decision_from"],
            *([words["decision_rests"]] if rests else []),
        ],
        "help": words["help"],
        "advice": [str(forms["advice"][one.key]["text"]) for one in procedure.advice_for(unit)],
    }


def _asked(decided: Decided, forms: Mapping[str, Any], words: Mapping[str, str], language: str) -> str:
    """What it is about: a claim in the words of the form, a contest in those of its page, the day missed, or the day at the board."""
    asked = decided.asked
    if not asked:
        return ""
    if asked["kind"] == "did_not_come":
        return stated(words["decision_absence"], date=day_words(asked["appear_on"] or asked["happened_on"], language))
    if asked["kind"] == "appeared":
        return stated(words["decision_came"], date=day_words(asked["happened_on"], language))
    kind = str(asked["ground"]).partition(":")[0]
    what = f"{words[_PAGES[asked['kind']]]}." if asked["kind"] in _PAGES else str(forms.get("claims", {}).get(kind, {}).get("text", kind))
    return stated(words["decision_asked"], what=what, date=day_words(asked["happened_on"], language))


_PAGES = {"service_contested": "contest", "not_for_me": "not_me_title"}
"""What says of itself on its page what it is."""


def _key(kind: str, outcome: str) -> str:
    return f"decision_{outcome or kind}".replace("-", "_")


OUTCOMES = tuple(dict.fromkeys(_key(kind, outcome) for kind in TOLD for outcome in VOCABULARY[kind].outcomes or ("",)))
"""The keys of the sentences that say what was decided."""


def _outcome(decided: Decided, words: Mapping[str, str], language: str) -> str:
    """What was decided, until when, and on which day the person then comes, if such days were named."""
    key = _key(decided.kind, decided.outcome)
    dated = decided.until is not None and f"{key}_until" in words
    said = stated(words[f"{key}_until"], date=day_words(decided.until, language)) if dated and decided.until else words[key]
    if decided.come_on is None:
        return said
    return f"{said} {stated(words['decision_come_on'], date=day_words(decided.come_on, language))}"


def _in_words_of(basis: Basis, decided: Decided, language: str) -> str:
    """The reason; where it begins with a rule of the law as the desk offers it, the rule in the words of the language."""
    if not decided.reason.strip():
        return basis.words[language]["decision_no_reason"]
    said = law_words(basis.law, basis.forms, language)
    for rule in basis.law.rules:
        offered = f"{rule.citation}: {rule.words}"
        if decided.reason.startswith(offered):
            return f"{rule.citation}: {said.rules[rule.name]}{decided.reason.removeprefix(offered)}"
    return decided.reason


def _remedies(procedure: Procedure, forms: Mapping[str, Any], words: Mapping[str, str], kind: str) -> list[str]:
    """Where one may go against it, and within how many days. The form's own sentence speaks of claims: of anything else ours stands."""
    found = []
    for one in procedure.remedies:
        if one.against == "decision":
            said = forms["remedies"][one.against]
            text = said["text"] if kind == "decided" else words["decision_contest"]
            found.append(stated(words["remedies_line"], text=text, body=said["body"], days=one.days, article=str(one.citation)))
    return found
