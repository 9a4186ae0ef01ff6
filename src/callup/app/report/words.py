"""The words of the page, one file a language: what is not in the file of a language fails a test, and is marked as English on the page."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from markupsafe import Markup

from callup.app.report.shapes import Cell, Table
from callup.terms.decree import ASKS

ENGLISH = "en"
"""The language of the tables themselves; the others translate what stands in them."""
_CODES = r"[A-Z]{2}-[A-Z0-9]+( [A-Z]{2}-[A-Z0-9]+)*"
"""ISO 3166-2, one or several."""
_WHOLE, _TENTH, _SIGNED = "#,##0", "#,##0.0", "+#,##0;-#,##0"


def languages() -> tuple[str, ...]:
    """The languages that there are words for."""
    return tuple(sorted(one.name.removesuffix(".toml") for one in files(__package__).joinpath("words").iterdir()))


def speech_of(language: str, names: Mapping[str, str] | None = None, asks: str = ASKS[0]) -> Speech:
    """The words of one language.

    Args:
        language: one of ``languages``.
        names: what is carried in English, to what the jurisdiction itself calls it in that language: units, facts, citations.
        asks: what the notices ask for; of an answer some texts speak otherwise, by the tables ``asks_answer``.
    """
    found = tomllib.loads(files(__package__).joinpath("words", f"{language}.toml").read_text(encoding="utf-8"))
    for part, otherwise in found.pop("asks_answer").items():
        found[part] |= otherwise if asks == "answer" else {}
    return Speech(language, found.pop("language"), Locale.parse(found.pop("locale")), found, {**(names or {}), **found.get("cells", {})})


@dataclass(frozen=True, slots=True)
class Speech:
    """How one language says what the page says.

    Args:
        language: its code.
        own_name: what its speakers call it.
        locale: how it writes numbers and days.
        words: the tables of its file: text and plural; and captions, columns and cells, which English needs not.
        labels: what stands in the tables in English, to what this language says.
    """

    language: str
    own_name: str
    locale: Locale
    words: Mapping[str, Any]
    labels: Mapping[str, str]

    @property
    def file(self) -> str:
        """The name of the page in this language."""
        return "index.html" if self.language == ENGLISH else f"index.{self.language}.html"

    def picture(self, table: str) -> str:
        """The name of a table's chart in this language."""
        return f"{table}.svg" if self.language == ENGLISH else f"{table}.{self.language}.svg"

    def text(self, key: str, **holes: object) -> Markup:
        """A text of the page with its holes filled."""
        return Markup(self.words["text"][key]).format(**holes)

    def plain(self, key: str, **holes: object) -> str:
        """A text in a picture, where there is no HTML."""
        return str(self.words["text"][key]).format(**holes)

    def counted(self, key: str, number: int | Fraction, signed: bool = False) -> Markup:
        """A number with its noun in the form that the number asks for."""
        forms = self.words["plural"][key]
        exact = number if isinstance(number, int) else Decimal(self._plain(number))
        return Markup(forms[self.locale.plural_form(exact)]).format(n=self.number(number, signed))

    def number(self, number: int | Fraction, signed: bool = False) -> str:
        """A number as the language writes it, with one decimal where it is not whole."""
        whole = isinstance(number, int) or number.denominator == 1
        shape = _SIGNED if signed else _WHOLE if whole else _TENTH
        return str(format_decimal(Decimal(self._plain(number)), format=shape, locale=self.locale))

    @staticmethod
    def _plain(number: int | Fraction) -> str:
        return str(int(number)) if number == int(number) else f"{float(number):.1f}"

    def day(self, day: date) -> str:
        """A day as the language writes it."""
        return format_date(day, "long", locale=self.locale)

    def short_day(self, day: date) -> str:
        """A day of the year as it stands on an axis."""
        return str(format_skeleton("MMMd", day, locale=self.locale))

    def drawn(self, value: Cell) -> str:
        """A label in a picture, where nothing can be marked as English."""
        return str(Markup(self.cell(value)).striptags())

    def english(self, text: str) -> str:
        """A text that is carried in English; marked as such where this language has no words for it."""
        if self.language == ENGLISH:
            return text
        return self.labels.get(text) or Markup('<span lang="en">{}</span>').format(text)

    def caption(self, table: Table) -> str:
        """What a table shows."""
        return table.caption if self.language == ENGLISH else self.words["captions"][table.name]

    def column(self, name: str) -> str:
        """The header of a column; the name of a class or of several joined is a cell."""
        if self.language == ENGLISH:
            return name.replace("_", " ")
        return self.words["columns"].get(name) or self.cell(name)

    def cell(self, value: Cell) -> str:
        """A label as it stands in a table, or several joined; what has no words is marked as English."""
        said = str(value)
        if self.language == ENGLISH:
            return said
        return self.labels.get(said) or Markup().join(self._label(one) for one in re.split(r"(; | \+ )", said))

    def _label(self, said: str) -> str:
        if not re.search("[A-Za-z]", said) or re.fullmatch(_CODES, said):
            return self._written(said)
        if said not in self.labels and ", " in said:
            return Markup(", ").join(self._label(one) for one in said.split(", "))
        spoken = self.locale.languages.get(said) if re.fullmatch("[a-z]{2,3}", said) else None
        return self.labels.get(said) or spoken or self.english(said)

    def _written(self, said: str) -> str:
        """Days and decimal fractions of a table, as the language writes them."""
        if re.fullmatch(r"\d{4}-\d\d-\d\d", said):
            return format_date(date.fromisoformat(said), "medium", locale=self.locale)
        if re.fullmatch(r"-?\d+\.\d+", said):
            return str(format_decimal(Decimal(said), format="0." + "0" * len(said.partition(".")[2]), locale=self.locale))
        return said
