"""plan pool: the men of call-up age year by year, the share called, and when they run short, with and without departures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from callup.app.outlook.men import BASE, FEW, UNIT_HEADS, Looked, beside_country, figures, looked, prior_row, sentences, unit_rows
from callup.app.outlook.notices import quota_of
from callup.planning.pool import STATES, PoolYear

if TYPE_CHECKING:
    from callup.app.outlook.regions import UnitPool


def pool(
    jurisdiction: Annotated[str, typer.Option(help="whose population, law and decrees")] = "ru",
    quota: Annotated[int, typer.Option(help="to be called up in each year after the carried decrees", min=1)] = 261_000,
    until: Annotated[int, typer.Option(help="last year; men of 2042 and later are not born yet", min=BASE + 1, max=2041)] = 2040,
    runs: Annotated[int, typer.Option(help="draws of the priors", min=100, max=100_000)] = 4_000,
    seed: Annotated[int, typer.Option(help="the same seed, the same figures", min=0)] = 2026,
    units_in: Annotated[int | None, typer.Option(help="also unit by unit in this year, 2021 to 2026")] = None,
    quota_file: Annotated[
        Path | None, typer.Option("--quotas", help="CSV with columns unit, quota of that year, where they are known")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="also write all figures to this JSON file")] = None,
) -> None:
    """Follow the men of call-up age: who could be called, the share called, the first year they run short, with and without departures.

    Example: callup plan pool --quota 320000 --runs 500 --units-in 2026
    """
    from callup.app.outlook.regions import by_unit

    found = looked(jurisdiction, quota, until, runs=runs, seed=seed)
    own = quota_of(jurisdiction, quota_file) if quota_file else None
    few = {name: values[:FEW] for name, values in found.after.drawn.items()}
    units = by_unit(jurisdiction, units_in, few, quota, own) if units_in else ()
    if out:
        told = figures(found) | {"units": [asdict(unit) for unit in units]}
        out.write_text(json.dumps(told, ensure_ascii=False) + "\n", encoding="utf-8")
    console = Console(highlight=False)
    _print(found, console)
    if units_in:
        console.print(_units(units, units_in, known=own is not None))
        console.print(beside_country(units, found, units_in), soft_wrap=True)


def _print(found: Looked, console: Console) -> None:
    console.print(_years(found))
    for sentence in sentences(found):
        console.print(sentence, soft_wrap=True)
    console.print(_rows("who did not come, as printed: the sources count differently, so the numbers make no series", found.totals))
    console.print(_rows("priors, uniform between low and high", [prior_row(prior) for prior in found.priors]))
    bands = "; ".join(f"{band.age_from} to {band.age_to} from {band.since} ({band.citation})" for band in found.bands)
    console.print(f"bands: {bands}", soft_wrap=True)
    runs = len(found.after.first_short)
    console.print(f"seed {found.seed}; {runs:,} runs; population: World Population Prospects 2024, no migration but the claimed departures")


def _rows(title: str, rows: tuple[dict[str, str], ...] | list[dict[str, str]]) -> Table:
    made = Table(box=None, title=title, title_justify="left")
    for name in rows[0] if rows else ():
        made.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        made.add_row(*row.values())
    return made


def _units(units: Sequence[UnitPool], year: int, *, known: bool) -> Table:
    whose = "quotas as given" if known else "the country's quota divided by the men bound: no list of quotas by unit is published"
    title = f"by unit, 1 January {year}; {whose}; the most called of those who turn 18 first"
    made = Table(box=None, title=title, title_justify="left")
    for number, name in enumerate(UNIT_HEADS):
        made.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in unit_rows(units):
        made.add_row(*row)
    return made


def _years(found: Looked) -> Table:
    made = Table(box=None, title="thousand men on 1 January; medians over runs", title_justify="left")
    for name in ("year", "ages", "men", *STATES, "turn 18", "quota", "quota of 100 turning 18", "short in 100"):
        made.add_column(name, justify="right", overflow="fold")
    for row in found.after.years:
        if row.year >= BASE - 5:
            made.add_row(*_words(row))
    return made


def _words(row: PoolYear) -> tuple[str, ...]:
    states = [f"{np.median(row.states[name]) / 1e3:,.0f}" for name in STATES]
    ages, share = f"{row.ages[0]} to {row.ages[1] - 1}", f"{100 * row.quota / row.coming:.0f}"
    return (
        str(row.year), ages, f"{row.men / 1e3:,.0f}", *states, f"{row.coming / 1e3:,.0f}", f"{row.quota / 1e3:,.0f}", share,
        f"{100 * row.short:.0f}",
    )  # fmt: skip
