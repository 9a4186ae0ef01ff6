"""The page: published tables and the record, put into the template."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from callup.app.promises import promises_digest
from callup.app.record import Claim, establishment, losses
from callup.app.report.alarms import alarms
from callup.app.report.model import ReportModel
from callup.app.report.shapes import Table
from callup.statistics import Standing

CONTENTS = (
    ("path", "The path"),
    ("progress", "Progress"),
    ("units", "By federal subject"),
    ("service", "Service and claims"),
    ("panel", "The law"),
    ("since", "Largest since"),
    ("announcement", "The announcement"),
    ("undertakings", "Promises"),
    ("order", "Order of call"),
    ("verify", "Check it"),
)


def page(
    model: ReportModel, tables: Mapping[str, Table], charts: Collection[str], standings: Sequence[Standing], claims: Sequence[Claim]
) -> str:
    """The whole page as HTML.

    Args:
        model: names, decree and digests; its counts are not printed from here.
        tables: the published tables by name.
        charts: names of the tables that have a chart.
        standings: the four measures, or none.
        claims: the announcement's claims, or none.
    """
    surroundings = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    surroundings.filters["capfirst"] = lambda words: words[:1].upper() + words[1:]
    text = files(__package__).joinpath("page.html.j2").read_text(encoding="utf-8")
    decree = model.decree
    return surroundings.from_string(text).render(
        css=_css(),
        decree=decree,
        opens=_day(decree.opens_on),
        closes=_day(decree.closes_on),
        below=decree.merge_below,
        hero=_hero(model, tables),
        contents=CONTENTS,
        tables=tables,
        charts=charts,
        waves_words=_waves_words(model),
        outside=_outside(tables["burden"]),
        alarms=_alarms(model),
        promises=promises_digest(),
        law=model.law,
        unverified=model.unverified,
        standings=[_since(one) for one in standings],
        since_words=_since_words(standings),
        claims=claims,
        undertakings=model.undertakings,
        doors=list(model.doors.items()),
        harsher=_said(model.harsher, decree.merge_below),
        pressure=_said(model.pressure, decree.merge_below),
        digests=list(model.digests.items()),
        log_sizes=list((model.log_sizes or {}).items()),
        establishment=_record("Posts by decree", establishment(decree.jurisdiction)),
        losses=_record("Estimates as published", losses(decree.jurisdiction)),
        **_panel(tables["panel"]),
    )


def _said(number: int, below: int) -> str:
    """A number of cases as it may be said."""
    return f"fewer than {below}" if 0 < number < below else f"{number:,}"


def _css() -> Markup:
    return Markup(files(__package__).joinpath("page.css").read_text(encoding="utf-8"))


def _day(day: Any) -> str:
    return f"{day.day} {day:%B %Y}"


def _hero(model: ReportModel, tables: Mapping[str, Table]) -> list[tuple[str, int | None]]:
    words = {"in the roll": "in the roll", "called": "called", "came": "came", "found fit": "found fit", "enlisted": "enlisted"}
    found = dict(zip(tables["funnel"].column("step"), tables["funnel"].column("persons"), strict=True))
    shown = [(said, found[step]) for step, said in words.items() if step in found]
    return [*shown, ("to be enlisted by the decree", model.decree.persons_to_enlist)]


def _waves_words(model: ReportModel) -> str:
    waves = sorted(model.waves.to_pylist(), key=lambda row: row["wave"])
    said = [f"{row['notices']:,} on {_day(row['day'])}" for row in waves]
    return f"Notices were entered in {len(waves)} waves: {'; '.join(said)}." if waves else "No wave was entered."


def _outside(burden: Table) -> int | None:
    return sum(verdict != "inside" for verdict in burden.column("verdict")) if burden.rows else None


def _alarms(model: ReportModel) -> list[str]:
    lists = {"register": "in the register", "roll": "in the roll", "called": "among those called"}
    said = []
    for one in alarms(model):
        where = [model.unit_names.get(one.unit, (one.unit, ""))[0]] if one.unit else []
        said.append(f"nobody {lists[one.of]}: {', '.join([*where, *([f'birth month {one.month}'] if one.month else [])])}")
    return said


def _panel(panel: Table) -> dict[str, int]:
    before, after = (sum(number or 0 for number in panel.column(name)) for name in ("law_2023", "law_2024"))
    return {"panel_before": before, "panel_after": after, "panel_difference": after - before}


def _figure(value: Fraction) -> str:
    return f"{value.numerator:,}" if value.denominator == 1 else f"{float(value):,.1f}"


def since_name(one: Standing) -> str:
    """The file name of one measure's table and chart."""
    return "since-" + one.measure.removeprefix("per ").replace(",", "").replace(" ", "-")


def since_table(one: Standing) -> Table:
    """One measure over the whole record."""
    rows = tuple((words, _figure(value).replace(",", "")) for words, value in one.table)
    return Table(since_name(one), f"{one.unit}, {one.measure}", ("period", one.unit.replace(" ", "_")), rows)


def _since(one: Standing) -> dict[str, str]:
    theirs = f"{_figure(one.since_value)} {one.unit}" if one.since else ""
    mine = f"{_figure(one.value)} {one.unit}"
    texts = {"measure": one.measure, "period": one.period, "sentence": one.sentence, "note": one.note, "since": one.since}
    return {**texts, "name": since_name(one), "mine": mine, "theirs": theirs}


def _since_words(standings: Sequence[Standing]) -> str:
    """Says how far the headline holds."""
    if not standings:
        return ""
    said = {one.sentence for one in standings}
    if len(said) == 1:
        return f"All measures agree: {standings[0].sentence}."
    first = standings[0]
    holding = [one.measure for one in standings if one.sentence == first.sentence]
    others = "; ".join(f"{one.measure} the {one.sentence}" for one in standings if one.sentence != first.sentence)
    only = "only one measure" if len(holding) == 1 else f"{len(holding)} of {len(standings)} measures"
    return f"“The {first.sentence}” holds for {only}, {' and '.join(holding)}; {others}."


def _record(caption: str, rows: Sequence[Mapping[str, str]]) -> Table:
    columns = tuple(rows[0]) if rows else ()
    return Table("", caption, columns, tuple(tuple(row.values()) for row in rows))
