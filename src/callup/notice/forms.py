"""Forms: the words of a notice by language. A missing key, an unknown placeholder or a hard sentence is a problem, never a default."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from callup.law import Procedure
from callup.terms.decree import ASKS
from callup.terms.errors import BadInput

Forms = Mapping[str, Mapping[str, str]]
"""By language, by name of the file (with or without ``.toml``), its text."""

PER_LETTER = frozenset({"date", "time", "place", "place_id", "rank", "stratum", "position", "number", "name", "sign_in"})
PER_ANSWER = PER_LETTER - {"date", "time", "place", "place_id"}
"""The same where a letter says ``asks = "answer"``: it knows no day and no place."""
PER_DECREE = frozenset({"mirror", "object_days", "advice", "authority", "signed_on", "scale", "digest", "law"})
_LINES = {
    "sections.others_line": {"text", "article", "imposed_by", "start"} | {"fight"},
    "sections.remedies_line": {"text", "body", "days", "article"},
    "sections.claims_line": {"text", "papers", "stop", "article"},
    "sections.claims_stop": {"what", "until"},
    "sections.advice_line": {"text"},
    "sections.undertakings_line": {"id", "text", "by", "on"},
    "sections.unverified_line": {"articles"},
    "starts.served": {"days"},
    "starts.posted": {"days"},
}
"""Placeholders that a line must have, all of them and no other."""

_QUESTIONS = 5
_LONGEST_ANSWER = 200
"""Characters of a question with its answer: two lines on paper, so that five take ten."""
MEAN_SENTENCE_WORDS = 20
KEYED = {
    "consequences": ("text", "imposed_by", "fight"),
    "remedies": ("text", "body"),
    "claims": ("text", "papers"),
    "advice": ("short", "text"),
}
"""What a language must say for each key of the procedure."""

_NEEDED_WORDS = """
language_name title document_title rehearsal drawn scale sender issued check_words check_alt mail_alt closing continued skip languages
facts.who facts.what facts.what_words facts.when facts.when_words facts.where facts.where_words facts.number facts.object facts.object_words
facts.order facts.order_words facts.sign_in sections.others sections.others_intro sections.others_line sections.others_none sections.deemed
sections.remedies sections.remedies_line sections.claims sections.claims_line sections.claims_stop sections.claims_go_on sections.advice
sections.advice_line sections.example sections.undertakings sections.undertakings_line sections.undertakings_none sections.check
sections.unverified sections.unverified_line sections.unverified_none sections.unverified_mark sections.promises
starts.served starts.served_0 starts.posted starts.posted_0 until.decided until.final what.duty
"""
_NEEDED = tuple(_NEEDED_WORDS.split())


def read_form(forms: Forms, language: str, name: str) -> dict[str, Any]:
    """One parsed form.

    Raises:
        BadInput: the language or the form is missing, or it is not TOML.
    """
    texts = forms.get(language, {})
    text = texts.get(name) or texts.get(f"{name}.toml")
    if text is None:
        raise BadInput("form-missing", {"language": language, "form": name}, f"add forms/{language}/{name}.toml to the jurisdiction")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as failure:
        raise BadInput("form-unreadable", {"language": language, "form": name, "why": str(failure)}, "mend the TOML") from failure


def asked_by(letter: Mapping[str, Any]) -> str:
    """What a parsed form ``letter`` asks for: ``appearance``, or ``answer`` where it says so (ADR 0058)."""
    return str(letter.get("asks", "appearance"))


def lint_forms(procedure: Procedure, forms: Forms, languages: tuple[str, ...]) -> tuple[str, ...]:
    """Everything that is missing, unknown or hard to read in the forms.

    Args:
        procedure: whose keys each language must put into words.
        forms: texts by language and name.
        languages: those that must be complete: all that the folder has, and those of the decree.

    Returns:
        One line a problem, ``language/form: key: what is wrong``; empty if all is well.

    Law: safeguard G17; decision D31.
    """
    problems: list[str] = []
    for language in sorted({*forms, *languages}):
        try:
            letter, keyed = (read_form(forms, language, name) for name in ("letter", "procedure"))
        except BadInput as refused:
            problems.append(f"{language}: {refused}")
            continue
        problems += [f"{language}/letter: {line}" for line in (*_missing(letter), *_placeholders(letter), *_questions(letter))]
        problems += [f"{language}/procedure: {line}" for line in _untranslated(procedure, keyed)]
        problems += [f"{language}/letter: {line}" for line in _unworded(procedure, letter)]
        problems += [
            f"{language}/{name}: {line}" for name, form in (("letter", letter), ("procedure", keyed)) for line in hard_sentences(form)
        ]
    return tuple(problems)


def lines_of(form: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Each text of a form with its dotted key."""
    for key, value in form.items():
        if isinstance(value, str):
            yield path + key, value
        elif isinstance(value, Mapping):
            yield from lines_of(value, f"{path}{key}.")
        elif isinstance(value, list):
            for number, one in enumerate(value, 1):
                yield from lines_of(one if isinstance(one, Mapping) else {"": one}, f"{path}{key}.{number}.")


def _missing(letter: Mapping[str, Any]) -> Iterator[str]:
    have = dict(lines_of(letter))
    yield from (f"{key}: is missing" for key in _NEEDED if not have.get(key))
    if not any(key.startswith("sections.check_lines.") for key in have):
        yield "sections.check_lines: is missing"


def _placeholders(letter: Mapping[str, Any]) -> Iterator[str]:
    asks = asked_by(letter)
    mine, everywhere = (PER_ANSWER, PER_DECREE | {"answer_days"}) if asks == "answer" else (PER_LETTER, PER_DECREE)
    if asks not in ASKS:
        yield f"asks: must be one of {', '.join(ASKS)}"
    for key, text in lines_of(letter):
        try:
            found = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        except ValueError as failure:
            yield f"{key}: {failure}"
            continue
        exact = _LINES.get(key)
        if exact is not None and found != exact:
            yield f"{key}: must have {', '.join(sorted(exact))} in braces and nothing else"
        unknown = found - everywhere - (mine if key.startswith(("title", "questions.", "facts.")) else frozenset())
        if exact is None and unknown:
            yield f"{key}: does not know {', '.join(sorted(unknown))}"


def _questions(letter: Mapping[str, Any]) -> Iterator[str]:
    questions = letter.get("questions", [])
    if len(questions) != _QUESTIONS:
        yield f"questions: must be the {_QUESTIONS} questions in their order"
    for number, one in enumerate(questions, 1):
        answers = [text for key, text in one.items() if key != "ask"]
        if not one.get("ask") or not one.get("answer"):
            yield f"questions.{number}: ask or answer is missing"
        elif len(one["ask"]) + max(map(len, answers)) > _LONGEST_ANSWER:
            yield f"questions.{number}: longer than {_LONGEST_ANSWER} characters, two lines on paper"


def _untranslated(procedure: Procedure, keyed: Mapping[str, Any]) -> Iterator[str]:
    for table, keys in keys_of(procedure).items():
        for key in keys:
            have = keyed.get(table, {}).get(key, {})
            yield from (f"{table}.{key}.{word}: is missing" for word in KEYED[table] if not have.get(word))


def _unworded(procedure: Procedure, letter: Mapping[str, Any]) -> Iterator[str]:
    """Words for what the procedure says about days and effects."""
    wanted = {("starts", one.from_clock if one.days else f"{one.from_clock}_0") for one in procedure.consequences}
    wanted |= {("until", one.until) for one in procedure.suspensions} | {("what", one.what) for one in procedure.suspensions}
    yield from (f"{table}.{key}: is missing" for table, key in sorted(wanted) if not letter.get(table, {}).get(key))


def keys_of(procedure: Procedure) -> dict[str, tuple[str, ...]]:
    """The keys of a procedure that every language must put into words."""
    return {
        "consequences": tuple(one.key for one in procedure.consequences),
        "remedies": tuple(one.against for one in procedure.remedies),
        "claims": tuple(dict.fromkeys([*(one.kind for one in procedure.claims), *(one.claim for one in procedure.suspensions)])),
        "advice": tuple(one.key for one in procedure.advice),
    }


def sentence_lengths(text: str) -> list[int]:
    """Words in each sentence; a placeholder counts as one word.

    Example:
        >>> sentence_lengths("Come on {date} at 9. Ask us!")
        [5, 2]
    """
    plain = re.sub(r"\{[^}]*\}", "X", text)
    sentences = re.split(r"(?<=[.!?;:])\s+", plain)
    return [len(re.findall(r"\w+(?:[-'’]\w+)*", sentence)) for sentence in sentences if re.search(r"\w", sentence)]


def hard_sentences(form: Mapping[str, Any]) -> Iterator[str]:
    """Sentences above the mean that decision D31 allows, over a whole form, and any single one of twice that."""
    lengths = [(key, length) for key, text in lines_of(form) for length in sentence_lengths(text)]
    if lengths and sum(length for _, length in lengths) > MEAN_SENTENCE_WORDS * len(lengths):
        yield f"the mean sentence has more than {MEAN_SENTENCE_WORDS} words"
    yield from (f"{key}: a sentence of {length} words" for key, length in lengths if length > 2 * MEAN_SENTENCE_WORDS)
