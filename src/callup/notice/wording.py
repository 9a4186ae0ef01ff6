"""The words of all letters of one language: forms, procedure and decree put together once, before any person is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Protocol

from babel.dates import format_date

from callup.law import Procedure
from callup.notice.addresses import address_lines, address_order, addresses
from callup.notice.document import DIGEST_DIGITS, Imprint
from callup.notice.forms import Forms, asked_by, lint_forms, read_form
from callup.terms.decree import Decree
from callup.terms.errors import BadInput

_LOCALES = {"en": "en_GB"}
FACTS = ("who", "what", "when", "where", "number", "object", "order", "sign_in")
"""The facts block, in its order; the sign-in code is last and is withheld from every file but the letter."""


@dataclass(frozen=True, slots=True)
class LetterTexts:
    """The words of one language; only what differs from letter to letter is still in braces.

    Args:
        language: BCP 47.
        title: with date and time in braces.
        answers: to the five questions.
        facts: the right side of the facts block, in the order of FACTS.
        fixed: all else, as the template and the page take it.
        address: the lines of an address in the order of the country, with name, street, locality and postal code in braces.
        unit: whose people read it, where the unit has advice of its own; empty for everybody else.
    """

    language: str
    title: str
    answers: tuple[str, ...]
    facts: tuple[str, ...]
    fixed: Mapping[str, Any]
    address: tuple[str, ...]
    unit: str = ""

    def address_lines(self, row: Mapping[str, Any]) -> list[str]:
        """What stands in the window, line by line; a part that is not known leaves nothing behind."""
        return address_lines(row, self.address)

    def addresses(self, columns: Mapping[str, Sequence[Any]]) -> list[list[str]]:
        """The same of many, given by columns."""
        return addresses(columns, self.address)


@dataclass(frozen=True, slots=True)
class Ground:
    """What the words rest on, the same for every language.

    Args:
        decree: the legal order.
        procedure: the procedure in force on the decree's key date.
        imprint: law version, promises and time to object.
        mirror: host of the check page.
        unverified: articles that were not checked against the official text.
        unit: whose people read it, where the unit has advice of its own; empty for everybody else.
    """

    decree: Decree
    procedure: Procedure
    imprint: Imprint
    mirror: str
    unverified: tuple[str, ...]
    unit: str = ""


class _Cited(Protocol):
    """Any provision of a procedure."""

    @property
    def citation(self) -> str: ...

    @property
    def unverified(self) -> bool: ...


class _Kept(dict[str, str]):
    """Leaves in braces what it does not know yet."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@lru_cache(maxsize=4096)
def day_words(day: date, language: str) -> str:
    """A day in the words of a language.

    Example:
        >>> day_words(date(2025, 4, 20), "ru"), day_words(date(2025, 4, 20), "en")
        ('20 апреля 2025 г.', '20 April 2025')
    """
    return format_date(day, "long", locale=_LOCALES.get(language, language)).replace("\u202f", " ").replace("\xa0", " ")


def stated(text: str, /, **values: Any) -> str:
    """A sentence with its braces filled in; where what ends it ends with a point already, as days do in some languages, it has one point.

    Example:
        >>> stated("Up to {date}.", date="8 d."), stated("Up to {date}.", date="8 May")
        ('Up to 8 d.', 'Up to 8 May.')
    """
    for name, value in values.items():
        if str(value).endswith("."):
            text = text.replace(f"{{{name}}}.", f"{{{name}}}")
    return text.format(**values)


def letter_texts(forms: Forms, ground: Ground, language: str) -> LetterTexts:
    """Put the words of one language together.

    Args:
        forms: the jurisdiction's forms.
        ground: what the words rest on.
        language: BCP 47.

    Raises:
        BadInput: a form is missing, lacks a word, or asks for something else than the decree.
    """
    problems = lint_forms(ground.procedure, {language: forms.get(language, {})}, (language,))
    if problems:
        raise BadInput("form-incomplete", {"language": language, "problems": "; ".join(problems[:5])}, "mend the jurisdiction's forms")
    letter, keyed = read_form(forms, language, "letter"), read_form(forms, language, "procedure")
    decree = ground.decree
    if asked_by(letter) != decree.asks:
        words = {"language": language, "form asks for": asked_by(letter), "decree asks for": decree.asks}
        raise BadInput("form-asks-otherwise", words, "set notices.asks to what the law of the folder asks for, or take another folder")
    values = _values(ground, keyed, language)
    rehearsal = decree.rehearsal
    answers = [one["rehearsal"] if rehearsal and "rehearsal" in one else one["answer"] for one in letter["questions"]]
    facts = letter["facts"]
    right = [facts.get(f"{key}_words", {"who": "{name}", "number": "{number}", "sign_in": "{sign_in}"}.get(key, "")) for key in FACTS]
    fixed = {
        "language": language,
        "language_name": letter["language_name"],
        "title": letter["document_title"],
        "portal_title": letter["document_title"],
        "authority": _plain(decree.said(decree.authority, language)),
        "legal_basis": _plain(decree.said(decree.legal_basis, language)),
        "marks": [_fill(mark, values) for mark in _marks(letter, decree)],
        "asks": [one["ask"] for one in letter["questions"]],
        "number_label": facts["number"],
        "labels": [facts[key] for key in FACTS],
        "sections": _sections(letter, keyed, ground, values, language),
        **{
            key: _fill(letter[key], values)
            for key in ("sender", "issued", "check_words", "check_alt", "mail_alt", "closing", "continued", "skip", "languages")
        },
    }
    filled = [tuple(_fill(text, values) for text in texts) for texts in (answers, right)]
    return LetterTexts(
        language, _fill(letter["title"], values), filled[0], filled[1], fixed, address_order(ground.imprint.jurisdiction), ground.unit
    )


def _fill(text: str, values: Mapping[str, str]) -> str:
    """Fill in what is known; what belongs to one letter stays in braces."""
    return text.format_map(_Kept({key: _plain(value) for key, value in values.items()}))


def _plain(text: str) -> str:
    """Words of the decree without braces, so that they never become a placeholder."""
    return text.replace("{", "(").replace("}", ")")


def _values(ground: Ground, keyed: Mapping[str, Any], language: str) -> dict[str, str]:
    decree, imprint = ground.decree, ground.imprint
    first, answer = next(iter(ground.procedure.advice_for(ground.unit)), None), ground.procedure.clock("response")
    return {
        "answer_days": str(answer.days) if answer else "",
        "mirror": ground.mirror,
        "object_days": str(imprint.object_days),
        "advice": keyed["advice"][first.key]["short"] if first else "",
        "authority": decree.said(decree.authority, language),
        "signed_on": day_words(decree.signed_on, language),
        "scale": decree.said(decree.scale_note, language),
        "digest": imprint.promises[:DIGEST_DIGITS],
        "law": imprint.law[:DIGEST_DIGITS],
    }


def _marks(letter: Mapping[str, Any], decree: Decree) -> list[str]:
    """Rehearsal first (G7), then that a drawn order is not the country's law (D19)."""
    marks = [letter["rehearsal"]] if decree.rehearsal else []
    return marks + ([letter["drawn"]] if not decree.listed else [])


def _sections(
    letter: Mapping[str, Any], keyed: Mapping[str, Any], ground: Ground, values: Mapping[str, str], language: str
) -> list[dict[str, Any]]:
    words = letter["sections"]
    parts = (
        ("others", _others(letter, keyed, ground)),
        ("remedies", _remedies(words, keyed, ground)),
        ("claims", _claims(letter, keyed, ground)),
        ("advice", _advice(words, keyed, ground)),
        ("undertakings", _undertakings(words, ground.decree, language)),
        ("check", list(words["check_lines"])),
        ("unverified", _unverified(words, keyed, ground)),
    )
    made = [{"key": key, "heading": words[key], "lines": [_fill(line, values) for line in lines]} for key, lines in parts]
    made[-1]["lines"].append(_fill(words["promises"], values))
    return made


def _others(letter: Mapping[str, Any], keyed: Mapping[str, Any], ground: Ground) -> list[str]:
    """Safeguard G17: what others may do, with article, body, first day and how to fight it; then the two lines of G16."""
    words, starts = letter["sections"], letter["starts"]
    lines = []
    for one in ground.procedure.consequences:
        said = keyed["consequences"][one.key]
        start = starts[one.from_clock if one.days else f"{one.from_clock}_0"].format(days=one.days)
        lines.append(words["others_line"].format(**{**said, "article": _article(one, words, keyed), "start": start}))
    return [words["others_intro"], *(lines or [words["others_none"]]), words["deemed"]]


def _remedies(words: Mapping[str, str], keyed: Mapping[str, Any], ground: Ground) -> list[str]:
    line = words["remedies_line"]
    return [
        line.format(**{**keyed["remedies"][one.against], "days": one.days, "article": _article(one, words, keyed)})
        for one in ground.procedure.remedies
    ]


def _claims(letter: Mapping[str, Any], keyed: Mapping[str, Any], ground: Ground) -> list[str]:
    """Each claim or appeal, and whether the law stops the duty while it is open."""
    words, lines = letter["sections"], []
    stops = {one.claim: one for one in ground.procedure.suspensions}
    rights: list[tuple[str, _Cited]] = [(one.kind, one) for one in ground.procedure.claims]
    rights += [(kind, one) for kind, one in stops.items() if kind not in dict(rights)]
    for kind, one in rights:
        stop = stops.get(kind)
        said = words["claims_go_on"]
        if stop is not None:
            said = words["claims_stop"].format(what=letter["what"][stop.what], until=letter["until"][stop.until])
        lines.append(words["claims_line"].format(**{**keyed["claims"][kind], "stop": said, "article": _article(one, words, keyed)}))
    return lines


def _advice(words: Mapping[str, str], keyed: Mapping[str, Any], ground: Ground) -> list[str]:
    """Who helps for free, and where; a made-up block is marked and stands only in a rehearsal (safeguard G17)."""
    lines = []
    for one in ground.procedure.advice_for(ground.unit):
        block = keyed["advice"][one.key]
        if block.get("example") and not ground.decree.rehearsal:
            raise BadInput("advice-is-an-example", {"advice": one.key}, "put a real, independent body into the form before a real call-up")
        mark = f"{words['example']} " if block.get("example") else ""
        lines.append(mark + words["advice_line"].format(text=" ".join(filter(None, (block["text"], block.get("address"))))))
    return lines


def _undertakings(words: Mapping[str, str], decree: Decree, language: str) -> list[str]:
    """Each promise of the decree in the decree's own words (safeguard G21)."""
    made = [
        stated(
            words["undertakings_line"],
            id=one.id,
            text=_plain(decree.said(one.text, language)),
            by=_plain(decree.said(one.by, language)),
            on=day_words(one.on, language),
        )
        for one in decree.undertakings
    ]
    return made or [words["undertakings_none"]]


def _unverified(words: Mapping[str, str], keyed: Mapping[str, Any], ground: Ground) -> list[str]:
    if not ground.unverified:
        return [words["unverified_none"]]
    return [words["unverified_line"].format(articles=_plain("; ".join(_citation(one, keyed) for one in ground.unverified)))]


def _article(one: _Cited, words: Mapping[str, str], keyed: Mapping[str, Any]) -> str:
    """The citation as it is printed; one that nobody checked says so (decision D3)."""
    said = _citation(one.citation, keyed)
    return f"{said} ({words['unverified_mark']})" if one.unverified else said


def _citation(text: str, keyed: Mapping[str, Any]) -> str:
    """A citation in the reader's language, by the form's own table of words."""
    for old, new in keyed.get("citation_words", {}).items():
        text = text.replace(old, new)
    return text
