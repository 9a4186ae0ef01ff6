"""What the record carries in English, said in another language: whole texts, and sentences with holes, from the words of that language.

A text that the words do not have stays English and is marked so. What stands in a hole is said by the same words: a list part by part,
a number and a day as the language writes them, the name of a source as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from callup.app.report.words import Speech

_NUMBER = r"[+-]?\d[\d,]*(?:\.\d+)?"
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_DAY = rf"\d{{1,2}} (?:{'|'.join(_MONTHS)}) \d{{4}}"
_LISTED = r"(?:[^()]|\((?:[^()]|\([^()]*\))*\))+?"
_ANY = _LISTED.replace("[^()]|", "[^();]|", 1)
"""Anything whose brackets are closed; without a list's semicolons."""
_HOLES = {
    "l": _LISTED,
    "n": rf"{_NUMBER}(?: to {_NUMBER})?",
    "y": r"\d{4}(?: (?:spring|autumn))?|(?:spring|autumn) \d{4}",
    "d": rf"\d{{4}}-\d\d(?:-\d\d)?|{_DAY}",
}
"""What may stand in a hole by the first letter of its name: a list, a number or two, a year or season, a day; else anything but a list."""
_AS_IT_IS = re.compile(
    r"callup .*|[\w./-]+\.(?:csv|md|py|toml)|(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?(?: [\d-]+)?|[A-Z]+\d+|[A-Z]{2}|[\w-]*_\w+|istories [\d-]+"
)
"""Commands, files, addresses with a day, numbers of the record and of countries."""
_SENTENCE = re.compile(r"(?<=[a-z0-9)%])\. (?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Told(Speech):
    """A language that also says what is carried in English.

    Args:
        phrases: English with ``{holes}`` to this language with the same holes; those with the longest text are tried first.
    """

    phrases: Mapping[str, str] = field(default_factory=dict)
    _shapes: list[tuple[re.Pattern[str], str]] = field(default_factory=list)

    def english(self, text: str) -> str:
        """A text that is carried in English, in this language; marked as English where there are no words for it."""
        if not self.phrases:
            return text
        if not self._shapes:
            shaped = sorted((one for one in self.phrases if "{" in one), key=_literal, reverse=True)
            self._shapes.extend((_shape(one), self.phrases[one]) for one in shaped)
        ended = text.endswith(".")
        said = [self._part(one) for one in _SENTENCE.split(text.removesuffix("."))]
        stopped = [one if one.endswith(".") else one + "." for one in said]
        return Markup(" ").join(stopped if ended else [*stopped[:-1], said[-1]])

    def _part(self, text: str) -> Markup:
        """A sentence, or what stands in a hole."""
        if (said := self.labels.get(text)) is not None:
            return escape(said)
        if (said := self.phrases.get(text)) is not None:
            return escape(said)
        for shape, words in self._shapes:
            if found := shape.fullmatch(text):
                return Markup(words).format(**{name: self._part(part) for name, part in found.groupdict().items()})
        return self._list(text)

    def _list(self, text: str) -> Markup:
        for mark in ("; ", ", "):
            if len(parts := list(_outside(text, mark))) > 1:
                return Markup(mark).join(self._part(one) for one in parts)
        if found := re.fullmatch(r"(.+?) \((.+)\)", text):
            return Markup("{} ({})").format(self._part(found[1]), self._part(found[2]))
        return self._written(text) if not re.search("[A-Za-z]", text) or re.fullmatch(_DAY, text) else self._name(text)

    def _name(self, text: str) -> Markup:
        if found := re.fullmatch(rf"({_NUMBER}) to ({_NUMBER})", text):
            return Markup("{}–{}").format(*(self._written(one) for one in found.groups()))
        if _AS_IT_IS.fullmatch(text):
            return escape(text)
        return Markup('<span lang="en">{}</span>').format(text)

    def _written(self, said: str) -> Markup:
        """A day or a number as the language writes it."""
        if re.fullmatch(_DAY, said):
            return escape(self.day(_day(said)))
        if re.fullmatch(r"\d{4}-\d\d-\d\d", said):
            return escape(format_date(date.fromisoformat(said), "medium", locale=self.locale))
        if not re.fullmatch(_NUMBER, said) or ("," not in said and "." not in said):
            return escape(said)
        digits = said.replace(",", "")
        shape = "#,##0" + ("." + "0" * len(digits.partition(".")[2]) if "." in digits else "")
        plus = "+" if digits.startswith("+") else ""
        return escape(plus + format_decimal(Decimal(digits), format=shape, locale=self.locale))


def _day(said: str) -> date:
    """A day as English writes it.

    Example:
        >>> _day("4 August 2023")
        datetime.date(2023, 8, 4)
    """
    day, month, year = said.split()
    return date(int(year), _MONTHS.index(month) + 1, int(day))


def _literal(english: str) -> int:
    return len(re.sub(r"\{\w+\}", "", english))


def _shape(english: str) -> re.Pattern[str]:
    """A pattern of a phrase with holes."""
    parts = re.split(r"\{(\w+)\}", english)
    made = [f"(?P<{part}>{_HOLES.get(part[0], _ANY)})" if number % 2 else re.escape(part) for number, part in enumerate(parts)]
    return re.compile("".join(made))


def _outside(text: str, mark: str) -> Iterator[str]:
    """The parts of a list, brackets kept together."""
    depth = start = 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and text.startswith(mark, at):
            yield text[start:at]
            start = at + len(mark)
    yield text[start:]
