"""Tables as values: a schema says each column's type, unit and meaning; the rows lie elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from callup.terms.errors import BadInput

ColumnType = Literal["text", "int", "date", "flag"]
"""text is NFC; int is a 64-bit whole number; date is a calendar day; flag is true or false. Null is unknown."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, type, meaning, unit, and whether null (unknown) may stand in it."""

    name: str
    type: ColumnType
    meaning: str
    unit: str = ""
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """A declared table: its name, its columns in canonical order, and the columns of its key."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    names: tuple[str, ...] = field(init=False, repr=False)
    """The column names in canonical order."""

    def __post_init__(self) -> None:
        names = tuple(column.name for column in self.columns)
        object.__setattr__(self, "names", names)
        if len(set(names)) != len(names) or not set(self.key) <= set(names) or not self.key:
            raise BadInput("schema-inconsistent", {"table": self.name}, "name each column once and take the key from them")

    def __getitem__(self, name: str) -> Column:
        """The column of that name; ``KeyError`` if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


PROBLEMS = Schema(
    "problems",
    (
        Column("code", "text", "kind of problem, kebab-case"),
        Column("row", "int", "row in the file, the first line of data is 1", "row", nullable=True),
        Column("column", "text", "column of the file", nullable=True),
        Column("value", "text", "what stands there, cut at 80 characters", nullable=True),
        Column("hint", "text", "what to do about it"),
    ),
    ("code", "row", "column"),
)
"""All that is wrong with a file of input, at once."""

UNNORMAL = "not in NFC"
"""Beside a row that is looked at for problems: the names of its columns that are not in Unicode NFC, each between commas; empty: none."""
