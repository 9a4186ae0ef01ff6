"""A law in the words of a language: its rules, what the register says of a person, and how one asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from callup.law import Law
from callup.notice.forms import Forms, hard_sentences, read_form
from callup.terms.errors import BadInput

ENGLISH = "en"
"""The language in which law.py itself says each rule."""


@dataclass(frozen=True, slots=True)
class LawWords:
    """A law in one language.

    Args:
        rules: words by name of the rule.
        facts: by column: ``label``, and where a person may be asked, ``ask``; ``values`` for texts, by value.
    """

    rules: Mapping[str, str]
    facts: Mapping[str, Mapping[str, Any]]

    def label(self, column: str) -> str:
        """What a column of the register is called."""
        return str(self.facts.get(column, {}).get("label", column.replace("_", " ")))

    def shown(self, column: str, value: object) -> str:
        """A value of a column as people say it; a day stays as it is written."""
        if isinstance(value, date):
            return value.isoformat()
        return str(self.facts.get(column, {}).get("values", {}).get(value, value))


def law_words(law: Law, forms: Forms, language: str) -> LawWords:
    """A law in a language.

    Raises:
        BadInput: the language lacks the form ``law``, or something in it.
    """
    form = read_form(forms, language, "law")
    problems = tuple(_lacking(law, form, language))
    if problems:
        raise BadInput("form-incomplete", {"language": language, "form": "law", "problems": "; ".join(problems)}, "add what is missing")
    own = {rule.name: rule.words for rule in law.rules} if language == ENGLISH else {}
    return LawWords({**own, **form.get("rules", {})}, form["facts"])


def words_there(law: Law, forms: Forms) -> LawWords:
    """A law in English as far as its folder has words, which need not be; what has none is shown by its name."""
    there = {"law", "law.toml"} & set(forms.get(ENGLISH, {}))
    facts = read_form(forms, ENGLISH, "law").get("facts", {}) if there else {}
    return LawWords({rule.name: rule.words for rule in law.rules}, facts)


def lint_law_words(law: Law, forms: Forms) -> tuple[str, ...]:
    """Everything that the forms ``law`` of all languages lack, have too much, or say in hard sentences; one line a problem."""
    problems: list[str] = []
    for language in sorted(forms):
        try:
            form = read_form(forms, language, "law")
        except BadInput as refused:
            problems.append(f"{language}: {refused}")
            continue
        problems += [f"{language}/law: {line}" for line in (*_lacking(law, form, language), *_strange(law, form), *hard_sentences(form))]
    return tuple(problems)


def _lacking(law: Law, form: Mapping[str, Any], language: str) -> Iterator[str]:
    rules, facts = form.get("rules", {}), form.get("facts", {})
    if language != ENGLISH:
        yield from (f"rules.{rule.name}: is missing" for rule in law.rules if not rules.get(rule.name))
    for name, column in law.columns.items():
        told = facts.get(name, {})
        needed = ["label", *(["ask"] if name in law.reads else []), *(["values"] if "ask" in told and column.type == "text" else [])]
        yield from (f"facts.{name}.{word}: is missing" for word in needed if not told.get(word))


def _strange(law: Law, form: Mapping[str, Any]) -> Iterator[str]:
    names = {rule.name for rule in law.rules}
    yield from (f"rules.{name}: the law has no such rule" for name in form.get("rules", {}) if name not in names)
    yield from (f"facts.{name}: the law has no such column" for name in form.get("facts", {}) if name not in law.columns)
