"""The page of the record: one HTML file, readable without scripts, that asks nobody for anything."""

from __future__ import annotations

import base64
import csv
import io
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

from babel import Locale
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from callup import __version__
from callup.app.durable import write_bytes
from callup.app.record.accounts import Mismatch, check_account, read_account
from callup.app.record.beside import Burden, neighbours, unpublished
from callup.app.record.carrying import Record, one_file
from callup.app.record.matters import VERDICTS
from callup.app.record.outcomes import intentions, promises, reactions
from callup.app.record.registry import COLUMNS, beside, registry
from callup.app.record.strength import Computed, accounts_of, computed
from callup.app.record.telling import Told
from callup.app.record.verdicts import claims_of
from callup.app.report.words import ENGLISH, Speech

CONTENTS = ("announcement", "adds", "differ", "promises", "intentions", "said", "neighbours", "unpublished", "again")
"""The sections of the page, in their order."""
YEARS_BACK = 2
"""What was published of call-ups more than so many years ago answers nothing about this one."""

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that the page shows.

    Args:
        record: what it is made from.
        as_of: the day on which it is read.
        strength: the model's answer; None where the record carries no model.
        mismatches: what does not add up, by account.
        sheet: undertakings of a call-up's own facts, as ``callup undertakings --json`` prints them; none without a dossier.
    """

    record: Record
    as_of: date
    strength: Computed | None
    mismatches: Mapping[str, tuple[Mismatch, ...]]
    sheet: Sequence[Mapping[str, Any]]


def find(record: Record, as_of: date, sheet: Sequence[Mapping[str, Any]] = ()) -> Found:
    """Work out what the page shows.

    Args:
        record: what it is made from.
        as_of: the day on which it is read.
        sheet: undertakings of a call-up's own facts.
    """
    strength = computed(record)
    accounts = accounts_of(record, strength)
    found = {name: check_account(read_account(text, name)) for name, text in accounts.items()}
    return Found(record, as_of, strength, found, sheet)


def languages() -> tuple[str, ...]:
    """The languages that there are words for, English first."""
    there = {one.name.removesuffix(".toml") for one in files(__package__).joinpath("words").iterdir() if one.name.endswith(".toml")}
    return (ENGLISH, *sorted(there - {ENGLISH}))


def speech(language: str) -> Speech:
    """How the page is said in a language."""
    words = tomllib.loads(files(__package__).joinpath("words", f"{language}.toml").read_text(encoding="utf-8"))
    named = words.pop("language"), Locale.parse(words.pop("locale"))
    return Told(language, *named, words, words.get("cells", {}), phrases=words.get("phrases", {}))


def write_page(folder: Path, found: Found) -> tuple[str, ...]:
    """Write the page in each language, its tables as CSV, and the one file from which all of it is made again.

    Args:
        folder: an existing folder.
        found: what there is to show.

    Returns:
        Names of the files written.
    """
    tables, figures = tables_of(found), figures_of(found)
    spoken = tuple(speech(language) for language in languages())
    written = {say.file: page(found, tables, figures, say, spoken).encode() for say in spoken}
    written |= {f"{name}.csv": _csv(*table) for name, table in tables.items()}
    written["registry.csv"] = _csv(COLUMNS, registry(found.record))
    written["record.json"] = one_file(found.record)
    for name, content in written.items():
        write_bytes(folder / name, content)
    return tuple(written)


def tables_of(found: Found) -> dict[str, tuple[tuple[str, ...], Rows]]:
    """Columns and rows of the two tables behind the figures."""
    burdens = [
        (one.country, one.year, one.what, one.persons, one.inhabitants, _tenth(one.per_thousand), one.source)
        for one in neighbours(found.record)
        if not one.lacks
    ]
    tables: dict[str, tuple[tuple[str, ...], Rows]] = {
        "neighbours": (("country", "year", "what", "persons", "inhabitants", "per_1000", "source"), burdens)
    }
    if found.strength:
        rows = list(csv.reader(found.strength.account.splitlines()))
        tables["strength"] = (
            tuple(rows[0]),
            [[int(cell) if cell.isdigit() and place > 2 else cell for place, cell in enumerate(row)] for row in rows[1:]],
        )
    return tables


def figures_of(found: Found) -> dict[str, bytes]:
    """The figures as SVG by the name of their table."""
    from callup.app.record.figures import bars, bridge  # Matplotlib is slow to load: only a run that draws pays for it

    drawn = {}
    whole = [one for one in neighbours(found.record) if not one.lacks]
    if whole:
        shown = [(f"{one.country} {one.year}, {one.what}", float(one.per_thousand or 0)) for one in whole]
        drawn["neighbours"] = bars(shown, [one.country == found.record.code.upper() for one in whole])
    if found.strength:
        drawn["strength"] = bridge(bridge_steps(found.strength))
    return drawn


def bridge_steps(strength: Computed) -> list[tuple[str, float, float]]:
    """Bars from the first strength to the printed one: what came, what went, and what nobody explains."""
    rows = list(csv.DictReader(io.StringIO(strength.account)))
    stocks = [float(row["persons"]) for row in rows if row["kind"] == "stock"]
    level = stocks[0]
    steps = [(rows[0]["period"], 0.0, level)]
    for row in rows:
        if row["kind"] != "stock":
            moved = float(row["persons"]) * (1 if row["kind"] == "in" else -1)
            steps.append((row["what"], level, level + moved))
            level += moved
    return [*steps, ("unexplained", level, stocks[1]), (rows[-1]["period"], 0.0, stocks[1])]


def page(found: Found, tables: Mapping[str, Any], figures: Mapping[str, bytes], say: Speech, spoken: Sequence[Speech]) -> str:
    """The whole page as HTML.

    Args:
        found: what there is to show.
        tables: columns and rows by name.
        figures: SVG by the name of their table.
        say: how the language of the page says it.
        spoken: the languages in which the page is written.
    """
    surroundings = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    surroundings.filters["capfirst"] = lambda words: words[:1].upper() + words[1:]
    claims = claims_of(found.record, found.as_of)
    counts = Counter(claim.result for claim in claims)
    text = files(__package__).joinpath("page.html.j2").read_text(encoding="utf-8")
    return surroundings.from_string(text).render(
        say=say,
        spoken=spoken,
        css=Markup(files("callup.app.report").joinpath("page.css").read_text(encoding="utf-8")),
        found=found,
        contents=CONTENTS,
        claims=claims,
        counts=[(verdict, counts[verdict]) for verdict in VERDICTS],
        mismatches=[(name, [one for one in some if not one.rounding]) for name, some in found.mismatches.items()],
        gap=found.strength.found.residual if found.strength else None,
        sentences=found.strength.found.sentences if found.strength else (),
        differing=beside(found.record, ("differ", "missing")),
        promises=promises(found.record, found.as_of),
        intentions=intentions(found.record, found.as_of),
        reactions=reactions(found.record, found.as_of),
        lacking=_lacking(neighbours(found.record)),
        gaps=unpublished(found.record, found.as_of.year - YEARS_BACK),
        since=found.as_of.year - YEARS_BACK,
        tables=tables,
        figures={name: "data:image/svg+xml;base64," + base64.b64encode(svg).decode() for name, svg in figures.items()},
        release=__version__,
    )


def _lacking(burdens: Sequence[Burden]) -> list[str]:
    return [f"{one.country}{f' {one.year}' if one.year else ''}: {one.what} ({one.lacks})" for one in burdens if one.lacks]


def _tenth(value: Fraction | None) -> str:
    return "" if value is None else f"{float(value):.2f}"


def _csv(columns: Sequence[str], rows: Rows) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()
