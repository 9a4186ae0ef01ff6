"""The letter of a decision: what was asked, what was decided and why, by whom, how to go against it and by when, who helps for free.

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
from callup.notice.wording import day_words
from callup.terms.decree import Decree


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as its letter tells it.

    Args:
        asked: the fact that it answers: a claim, or a contest of service.
        outcome: ``granted`` or ``refused``.
        until: until when it is granted, if for a time.
        reason: in the words of whoever proposed it.
        by: the two who decided.
        on: the day.
        draft: the hour until which it can be taken back; empty once it is recorded.
    """

    asked: Mapping[str, Any]
    outcome: str
    until: date | None
    reason: str
    by: tuple[str, str]
    on: date
    draft: str = ""


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


def decision_words(basis: Basis, held: Mapping[str, Any], decided: Decided) -> dict[str, Any]:
    """Everything that the letter says, as plain values: a part for each language, the person's first.

    Args:
        basis: what the words rest on.
        held: what is held of the case: ``notice`` and ``address``.
        decided: the decision.
    """
    notice = held["notice"]
    languages = dict.fromkeys((notice["language"], *basis.decree.languages))
    address = {name: held["address"].get(name) for name in ("name", "address_line", "locality", "postal_code")}
    unit = str(notice["stratum"]).partition("+")[0]
    return {
        "number": letter_number(notice["notice_id"]),
        "address": address_lines(address, address_order(basis.code)),
        "parts": [_part(basis, language, unit, decided) for language in languages],
    }


def _part(basis: Basis, language: str, unit: str, decided: Decided) -> dict[str, Any]:
    words, decree, procedure = basis.words[language], basis.decree, basis.procedure
    forms, letter = (read_form(basis.forms, language, name) for name in ("procedure", "letter"))
    rests = any(one.claim == "appeal" for one in procedure.suspensions)
    first, second = decided.by
    law = f"{basis.code} {basis.version[:DIGEST_DIGITS]}"
    marks = [letter["rehearsal"]] if decree.rehearsal else []
    return {
        "lang": language,
        "authority": decree.said(decree.authority, language),
        "day": day_words(decided.on, language),
        "marks": [*marks, *([words["decision_draft"].format(time=decided.draft)] if decided.draft else [])],
        "title": words["decision_title"],
        "asked": words["decision_asked"].format(what=_asked(decided, forms, words), date=day_words(decided.asked["happened_on"], language)),
        "outcome": _outcome(decided, words, language),
        "why": words["decision_why"],
        "reason": _in_words_of(basis, decided, language),
        "by": words["decision_by"].format(date=day_words(decided.on, language), first=first, second=second, law=law),
        "challenge": words["decision_challenge"],
        "remedies": [*_remedies(procedure, forms, words), words["decision_from"], *([words["decision_rests"]] if rests else [])],
        "help": words["help"],
        "advice": [str(forms["advice"][one.key]["text"]) for one in procedure.advice_for(unit)],
    }


def _asked(decided: Decided, forms: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """What was asked, in the words of the form; of a contest of service, those of its page."""
    if decided.asked["kind"] == "service_contested":
        return f"{words['contest']}."
    kind = str(decided.asked["ground"]).partition(":")[0]
    return str(forms.get("claims", {}).get(kind, {}).get("text", kind))


def _outcome(decided: Decided, words: Mapping[str, str], language: str) -> str:
    if decided.outcome == "granted" and decided.until is not None:
        return words["decision_granted_until"].format(date=day_words(decided.until, language))
    return words[f"decision_{decided.outcome}"]


def _in_words_of(basis: Basis, decided: Decided, language: str) -> str:
    """The reason; where it begins with a rule of the law as the desk offers it, the rule in the words of the language."""
    said = law_words(basis.law, basis.forms, language)
    for rule in basis.law.rules:
        offered = f"{rule.citation}: {rule.words}"
        if decided.reason.startswith(offered):
            return f"{rule.citation}: {said.rules[rule.name]}{decided.reason.removeprefix(offered)}"
    return decided.reason


def _remedies(procedure: Procedure, forms: Mapping[str, Any], words: Mapping[str, str]) -> list[str]:
    """Where one may go against it, and within how many days."""
    told = ((forms["remedies"][one.against], one) for one in procedure.remedies if one.against == "decision")
    return [
        words["remedies_line"].format(text=said["text"], body=said["body"], days=one.days, article=str(one.citation)) for said, one in told
    ]
