"""The tables that a synthetic register is made from, read from the text of a jurisdiction's data files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from callup.terms.errors import BadInput

YOUNGEST, OLDEST = 16, 31


@dataclass(frozen=True, slots=True)
class Share:
    """One value of one column for an age band: what share of the persons of that age has it."""

    value: str
    from_age: int
    to_age: int
    share: Fraction
    first_day: date | None
    last_day: date | None
    on: str
    source: str


@dataclass(frozen=True, slots=True)
class SynthTables:
    """Everything that `synth` draws from.

    Args:
        men: men by unit and age, ages YOUNGEST to OLDEST.
        towns: (name, postal code, population) by unit.
        names: names by part: first, middle, last, each for m and f.
        streets: street names.
        shares: shares by column.
    """

    men: Mapping[str, Mapping[int, int]]
    towns: Mapping[str, tuple[tuple[str, str, int], ...]]
    names: Mapping[str, tuple[str, ...]]
    streets: tuple[str, ...]
    shares: Mapping[str, tuple[Share, ...]]


def read_tables(resource: Callable[[str], bytes]) -> SynthTables:
    """Read the tables.

    Args:
        resource: gives the bytes of a data file of the jurisdiction by its name.

    Raises:
        BadInput: a share outside 0 to 1, or shares of a column that sum to more than 1 at some age.
    """

    def rows(name: str) -> csv.DictReader[str]:
        return csv.DictReader(io.StringIO(resource(name).decode()))

    men: dict[str, dict[int, int]] = {}
    for row in rows("men_by_subject_age.csv"):
        if YOUNGEST <= int(row["age"]) <= OLDEST:
            men.setdefault(row["iso_code"], {})[int(row["age"])] = int(row["men"])
    towns: dict[str, list[tuple[str, str, int]]] = {}
    for row in rows("cities.csv"):
        towns.setdefault(row["iso_code"], []).append((row["name"], row["postal_code"], int(row["population"] or 1)))
    names: dict[str, list[str]] = {}
    for row in rows("names.csv"):
        names.setdefault(row["part"], []).append(row["name"])
    shares: dict[str, list[Share]] = {}
    for row in rows("grounds.csv"):
        shares.setdefault(row["column"], []).append(_share(row))
    _check(shares)
    return SynthTables(
        men,
        {unit: tuple(found) for unit, found in towns.items()},
        {part: tuple(found) for part, found in names.items()},
        tuple(row["name"] for row in rows("streets.csv")),
        {column: tuple(found) for column, found in shares.items()},
    )


def _share(row: Mapping[str, str]) -> Share:
    first, last = (date.fromisoformat(row[name]) if row[name] else None for name in ("first_day", "last_day"))
    return Share(row["value"], int(row["from_age"]), int(row["to_age"]), Fraction(row["share"]), first, last, row["on"], row["source"])


def _check(shares: Mapping[str, list[Share]]) -> None:
    for column, found in shares.items():
        for age in range(100):
            total = sum((one.share for one in found if one.from_age <= age <= one.to_age), Fraction(0))
            if not 0 <= total <= 1:
                raise BadInput("shares-exceed-one", {"column": column, "age": age, "sum": str(total)}, "mend grounds.csv")
