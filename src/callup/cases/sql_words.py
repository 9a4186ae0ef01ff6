"""What the query of all cases is written with: constants, tables made one after another, and the few words in which engines differ.

All else in these queries is said alike by DuckDB and Spark. An engine of which no words stand here is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from callup.terms.errors import BadInput
from callup.terms.facts import VOCABULARY
from callup.terms.query import Table


def text(value: object) -> str:
    """A literal that every engine reads alike: text, date or whole number; what some engine would take for a sign of its own, by number."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, int):
        return str(value)
    parts = [part for part in re.split(r"([\\$\x01-\x1f])", str(value)) if part]
    shown = [f"chr({ord(part)})" if re.fullmatch(r"[\\$\x01-\x1f]", part) else "'" + part.replace("'", "''") + "'" for part in parts]
    return f"concat({', '.join(shown)})" if len(shown) > 1 else "".join(shown) or "''"


def words(values: Iterable[str]) -> str:
    """A list of texts for IN."""
    return "(" + ", ".join(text(value) for value in values) + ")"


def values(name: str, columns: str, rows: Sequence[tuple[object, ...]], empty: str) -> Table:
    """A table of constants; ``empty`` is a row of it that no fact can match."""
    shown = ", ".join("(" + ", ".join(text(value) for value in row) + ")" for row in rows) or empty
    return Table(name, f"SELECT * FROM (VALUES {shown}) AS v({columns})")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of DuckDB; Spark's differ."""

    last: str = "arg_max_null"
    """The value, known or not, of the row whose order is greatest."""
    numbered: str = "row_number() OVER ()"
    whole: str = "//"
    """Division of whole numbers."""

    def number(self, day: str) -> str:
        """A day as a whole number, counted from 1970."""
        return f"datediff('day', DATE '1970-01-01', {day})::BIGINT"

    def kind(self, column: str) -> str:
        """The kind of a fact, as what is compared fastest."""
        return f"{column}::ENUM{words(VOCABULARY)}"

    def days(self, first: str, last: str) -> str:
        """A column with every day from the first to the last."""
        return f"unnest(generate_series({first}, {last}, INTERVAL 1 DAY))::DATE"

    def sorted(self, number: str) -> str:
        """The numbers of a group in order, as one list."""
        return f"list_sort(list({number}))"

    def folded(self, numbers: str, start: str, step: str) -> str:
        """A list worked off from a start on: ``step`` makes the next ``e`` of ``e`` and one ``s`` of the list."""
        return f"list_reduce({numbers}, lambda e, s: {step}, {start})"


class _Spark(Words):
    """The words of Spark SQL."""

    __slots__ = ()

    def number(self, day: str) -> str:
        return f"unix_date({day})::BIGINT"

    def kind(self, column: str) -> str:
        return column

    def days(self, first: str, last: str) -> str:
        return f"explode(sequence({first}, {last}))"

    def sorted(self, number: str) -> str:
        return f"array_sort(collect_list({number}))"

    def folded(self, numbers: str, start: str, step: str) -> str:
        return f"aggregate({numbers}, {start}, (e, s) -> {step})"


_WORDS: Mapping[str, Words] = {"duckdb": Words(), "spark": _Spark("max_by", "monotonically_increasing_id() + 1", "DIV")}


def shared(tables: Sequence[Table]) -> tuple[Table, ...]:
    """The tables, kept only where several steps read them: for an engine to which each kept table is a task of its own."""
    steps = " ".join(table.select for table in tables)
    return tuple(replace(one, kept=bool(one.kept) and len(re.findall(rf"\b(?:FROM|JOIN) {one.name}\b", steps)) > 1) for one in tables)


def words_of(dialect: str) -> Words:
    """The words of an engine.

    Raises:
        BadInput: it cannot read cases.
    """
    if dialect not in _WORDS:
        raise BadInput("dialect-cannot", {"engine": dialect, "what": "the query of all cases"}, f"use one of {', '.join(_WORDS)}")
    return _WORDS[dialect]
