"""The report as HTML, its tables as CSV, the one-number page, and the file that it can be made from again."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import numpy as np
from jinja2 import Environment, StrictUndefined

from callup.app.outlook.gathering import Gathered, parameters
from callup.app.outlook.men import UNIT_HEADS, beside_country, thirds, unit_rows
from callup.app.outlook.men import sentences as pool_sentences
from callup.app.outlook.notices import WHAT
from callup.app.outlook.regions import LAST
from callup.app.record import establishment
from callup.planning.outlook import QUANTILES, Outlook, Reading

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """A table of the report: also a CSV file of that name."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A question, its answer in words, a figure with what it shows, and tables."""

    figure: str
    question: str
    shows: str
    words: tuple[str, ...]
    tables: tuple[Shown, ...]


def write(found: Gathered, folder: Path) -> None:
    """Write everything into a folder.

    Args:
        found: the report.
        folder: made where it is not there.
    """
    from callup.app.outlook.figures import draw

    folder.mkdir(parents=True, exist_ok=True)
    sections = (_strength(found), _notices(found), _pool(found))
    for section in sections:
        (folder / f"{section.figure}.svg").write_bytes(draw(section.figure, found))
        for table in section.tables:
            with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([table.head, *table.rows])
    (folder / "plan.json").write_text(parameters(found), encoding="utf-8")
    surroundings = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    surroundings.filters["grouped"] = _grouped
    for name in ("index.html", "number.html"):
        text = files(__package__).joinpath(f"{name}.j2").read_text(encoding="utf-8")
        page = surroundings.from_string(text).render(
            sections=sections, asked=found.asked, version=version("callup"), record=found.record, number=one_number(found)
        )
        (folder / name).write_text(page, encoding="utf-8")


def _grouped(cell: str) -> str:
    """A cell as people read it: 1,234,567; what may be a year, a date and words stay as they are."""
    digits = cell.lstrip("+-")
    if not digits.isdigit() or 1900 <= int(digits) < 2100:
        return cell
    return f"{cell[: -len(digits)]}{int(digits):,}"


def one_number(found: Gathered) -> tuple[str, str]:
    """For a journalist: one number, and one sentence that says what it is."""
    printed = found.strength.printed
    return (
        _thousands(one_gap(found)),
        f"persons are in the announced flows and not in the strength printed for {printed.on:%B %Y} ({printed.persons:,.0f}); "
        "nobody has said whether they left, never came or are counted differently.",
    )


def _thousands(persons: float) -> str:
    return f"{round(persons / 1000) * 1000:,}"


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _chance(reading: Reading) -> str:
    return f"{reading.chance:.3f}" if reading.chance >= 0.001 else "below 0.001"


def _strength(found: Gathered) -> Section:
    outlook = found.strength
    words = (
        *(
            f"Chance of {outlook.target.persons:,.0f} by {outlook.target.on}, read as \u201c{reading.name}\u201d: {_chance(reading)}."
            for reading in outlook.readings
        ),
        *_posts(found),
        f"The announced flows are {_thousands(one_gap(found))} persons above the printed {outlook.printed.persons:,.0f} "
        f"({'; '.join(found.printed)}). This residual is called unexplained; it decides the answer, and it rests on the priors below.",
        f"What moves the first chance most, each at the widest range published, or at ours where there is none: {_most(outlook)}.",
        "Callup makes no forecast of its own: these are consequences of claims that others made, each with its reading.",
    )
    return Section(
        "strength", "Can the strength be reached, and who says so?",
        f"Left: strength by month under three readings, with the {outlook.target.persons:,.0f} wanted and the printed strength. "
        "Right: bars from the strength of early 2022 to the printed one, the unexplained bar hatched.",
        words,
        _strength_tables(found),
    )  # fmt: skip


def _posts(found: Gathered) -> tuple[str, ...]:
    """Where the wanted strength is a number of posts by decree: which decree, how many more than before, and all posts."""
    rows = [row for row in establishment(found.record) if row["servicemen"]]
    at = next((at for at, row in enumerate(rows) if int(row["servicemen"]) == found.strength.target.persons), 0)
    if not at:
        return ()
    this, before, last = rows[at], rows[at - 1], rows[-1]
    wanted, whole = int(this["servicemen"]), int(this["total_posts"])
    later = f" The latest decree, of {last['signed']}, has {int(last['servicemen']):,}." if last is not this else ""
    more = wanted - int(before["servicemen"])
    return (
        f"{wanted:,} are posts by the decree of {this['signed']}, in force from {this['effective']}: {more:,} more than the decree before, "
        f"all at once and not over years. With {whole - wanted:,} posts of civilians they make {whole:,} in all.{later}",
    )


def _most(outlook: Outlook) -> str:
    moves = (f"{_spoken(move.constant.name)} {move.change:+.2f} (error {move.error:.3f})" for move in outlook.moves[:SHOWN])
    return ", ".join(moves)


def _strength_tables(found: Gathered) -> tuple[Shown, ...]:
    outlook = found.strength
    readings = tuple((one.name, _chance(one), f"{one.error:.4f}", f"{one.effective:,.0f}") for one in outlook.readings)
    moves = tuple(
        (_spoken(move.constant.name), f"{move.change:+.3f}", f"{move.error:.3f}", _range(move.constant.spread, move.constant.prior),
         _range(move.constant.widest, "uniform"), move.constant.widest_source)
        for move in outlook.moves
    )  # fmt: skip
    fans = tuple(
        (reading.name, str(outlook.days[at]), *(f"{value:.0f}" for value in row))
        for reading in outlook.readings
        for at, row in enumerate(reading.fan)
        if outlook.days[at].month in (1, outlook.target.on.month)
    )
    bridge = tuple((_spoken(bar.name), f"{bar.persons:+.0f}") for bar in outlook.bridge)
    claims = tuple(
        (one.name, f"{float(one.value):,.10g}", _range(one.spread, one.prior), one.source)
        for one in found.model.constants.values()
        if one.source
    )
    return (
        Shown("readings", "The chance under each reading",
              ("reading", "chance", "Monte Carlo error", "runs that the weights leave"), readings),
        Shown("moves", f"What moves the first chance when a prior becomes the widest published range: the first {SHOWN} move it most",
              ("claim", "change of the chance", "Monte Carlo error", "prior", "widest range", "published by"), moves),
        Shown("bridge", "The account, persons: means of the tenth of the runs around the median", ("what", "persons"), bridge),
        Shown("fans", "Strength, persons: 5, 25, 50, 75 and 95 of 100 runs lie below",
              ("reading", "day", "5", "25", "50", "75", "95"), fans),
        Shown("claims", "Claims and assumptions used", ("constant", "value", "prior", "source"), claims),
    )  # fmt: skip


def one_gap(found: Gathered) -> float:
    """The unexplained difference, persons: the median of the announced flows on the day of the printed strength, less that strength."""
    outlook = found.strength
    return float(outlook.readings[0].fan[outlook.days.index(outlook.printed.on), QUANTILES.index(0.5)]) - outlook.printed.persons


def _range(spread: tuple[float, ...], prior: str) -> str:
    if not spread:
        return "certain"
    one, other = (f"{value:,.10g}" for value in spread)
    return f"{one} to {other}" if prior == "uniform" else f"{one}, deviation {other}"


def _notices(found: Gathered) -> Section:
    plan, planned = found.notices.plan, found.notices
    whole = sum(planned.quota.values())
    sent, last = int(plan.notices.sum()), planned.waves[-1]
    words = (
        f"{sent:,} notices for {whole:,} persons, {sent / whole:.2f} each, if one mailing must do.",
        f"With a chance of {100 * plan.chance:.3g} in 100, {WHAT[plan.aim]}.",
        f"In {last.waves} waves that learn {last.notices:,.0f} do, and {last.unneeded:,.0f} persons are found fit in vain, "
        f"not {planned.waves[0].unneeded:,.0f}.",
    )
    waves = tuple(
        (str(row.waves), f"{row.notices:.0f}", f"{row.mean:.3f}", f"{row.worst:.3f}", f"{row.unneeded:.0f}", f"{row.short:.0f}")
        for row in planned.waves
    )
    kept = tuple((name, f"{row.mean:.3f}", f"{row.notices:.0f}") for name, row in planned.kept.items())
    units = tuple((unit, str(quota), str(int(sent))) for (unit, quota), sent in zip(planned.quota.items(), plan.notices, strict=True))
    stages = tuple((stage.name, f"{stage.share:.2f}", stage.source) for stage in planned.funnel.stages)
    asked = f"{100 * plan.chance:.3g} of 100 asked for a unit over {planned.waves[-1].waves} waves"
    return Section(
        "notices", "How many notices, and what does the chance refer to?",
        "Left: chance against notices of one mailing for the total, a unit, and all units; the plan chosen and waves as points. "
        "Right: notices, and persons found fit in vain, by number of waves.",
        words,
        (
            Shown("waves", "What waves save, the last asked for the chance",
                  ("waves", "notices", "a unit is full", "worst unit", "in vain", "lacking"), waves),
            Shown("kept", f"What is kept where the planner is wrong: {asked}", ("what is true", "kept by a unit", "notices"), kept),
            Shown("stages", "From notice to call-up", ("stage", "share of those before", "source"), stages),
            Shown("units", "One mailing by unit", ("unit", "quota", "notices"), units),
        ),
    )  # fmt: skip


def _pool(found: Gathered) -> Section:
    looked = found.pool
    years = tuple(
        (str(row.year), f"{row.ages[0]} to {row.ages[1] - 1}", f"{row.men:.0f}",
         *(f"{np.median(values):.0f}" for values in row.states.values()), f"{row.coming:.0f}", f"{row.quota:.0f}", f"{row.short:.3f}")
        for row in looked.after.years
        if row.year >= 2019
    )  # fmt: skip
    first = tuple(
        ("never in the outlook" if year == 0 else str(int(year)), f"{np.mean(looked.after.first_short == year):.3f}",
         f"{np.mean(looked.without.first_short == year):.3f}")
        for year in np.union1d(looked.after.first_short, looked.without.first_short)
    )  # fmt: skip
    served = tuple(
        (str(year), *(f"{100 * value:.1f}" for value in thirds(values)))
        for year, values in looked.after.share_served.items()
        if year >= 2026
    )
    priors = tuple((one.name, f"{one.low:,.10g} to {one.high:,.10g}", one.means, one.source) for one in looked.priors)
    totals = tuple(tuple(row.values()) for row in looked.totals)
    heads = ("year", "ages", "men", "free", "deferred", "unfit", "served", "abroad", "turn 18", "quota", "short")
    return Section(
        "pool", "What follows: who is left, and when do they run short?",
        "Left: the men whom the law binds, stacked by where they stand, with the year's quota. "
        "Right: yearly quota as bars against men who turn 18.",
        (*pool_sentences(looked), f"Unit by unit, in the table below: {beside_country(found.units, looked, LAST)}"),
        (
            Shown("pool", "Men on 1 January, medians; short: share of runs in which the free are below 1.2 times the quota", heads, years),
            Shown("first-short", "First year that is short, share of runs", ("year", "with departures", "as if nobody had left"), first),
            Shown("share-called", "Of 100 men who leave the band, called up: 5, 50, 95 of 100 runs",
                  ("year", "low", "middle", "high"), served),
            Shown("pool-units", f"By unit, 1 January {LAST}", UNIT_HEADS, tuple(unit_rows(found.units))),
            Shown("not-come", "Who did not come, as printed: the sources count differently, so the numbers make no series",
                  ("period", "place", "who is counted", "value", "source"), totals),
            Shown("priors", "Priors, uniform", ("prior", "range", "means", "source"), priors),
        ),
    )  # fmt: skip
