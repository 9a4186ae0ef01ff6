"""The page: published tables and the record, put into the template."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from callup.app.promises import promises_digest
from callup.app.record import Claim, establishment, losses
from callup.app.record.page import languages, speech
from callup.app.report.alarms import alarms
from callup.app.report.model import ReportModel
from callup.app.report.placing import headline, since_words
from callup.app.report.shapes import Table
from callup.app.report.words import Speech
from callup.channels.rehearsal import assumed_rates
from callup.statistics import Standing

CONTENTS = ("path", "progress", "units", "service", "panel", "since", "announcement", "undertakings", "order", "verify")
"""The sections of the page, in their order."""


def page(
    model: ReportModel,
    tables: Mapping[str, Table],
    charts: Collection[str],
    standings: Sequence[Standing],
    claims: Sequence[Claim],
    say: Speech,
    spoken: Sequence[Speech],
) -> str:
    """The whole page as HTML.

    Args:
        model: names, decree and digests; its counts are not printed from here.
        tables: the published tables by name.
        charts: names of the tables that have a chart.
        standings: the four measures, or none.
        claims: the announcement's claims, or none.
        say: how the language of the page says it.
        spoken: the languages in which the page is written, this one among them.
    """
    surroundings = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    surroundings.filters["capfirst"] = lambda words: words[:1].upper() + words[1:]
    text = files(__package__).joinpath("page.html.j2").read_text(encoding="utf-8")
    code = model.decree.jurisdiction
    return surroundings.from_string(text).render(
        say=say,
        spoken=spoken,
        css=Markup(files(__package__).joinpath("page.css").read_text(encoding="utf-8")),
        decree=model.decree,
        below=model.decree.merge_below,
        few=partial(_few, say, model.decree.merge_below),
        hero=_hero(model, tables, say),
        contents=CONTENTS,
        tables=tables,
        charts=charts,
        waves_words=_waves_words(model, say),
        outside=_outside(tables["burden"]),
        alarms=_alarms(model, say),
        promises=promises_digest(),
        law=model.law,
        unverified=model.unverified,
        standings=[since_words(one, say) for one in standings],
        since_words=headline(standings, say),
        claims=claims,
        told=speech(say.language) if say.language in languages() else say,
        undertakings=model.undertakings,
        doors=list(model.doors.items()),
        harsher=model.harsher,
        rates=assumed_rates() if model.decree.rehearsal else None,
        pressure=model.pressure,
        digests=list(model.digests.items()),
        log_sizes=list((model.log_sizes or {}).items()),
        establishment=_record("establishment", say, establishment(code)),
        losses=_record("losses", say, losses(code)),
        **_panel(tables["panel"]),
    )


def _few(say: Speech, below: int, number: int | str) -> str:
    """A number of cases as it may be said; a small one is kept back, and may be kept back already."""
    return say.text("fewer", below=below) if isinstance(number, str) or 0 < number < below else say.number(number)


def _hero(model: ReportModel, tables: Mapping[str, Table], say: Speech) -> list[tuple[str, int | None]]:
    found = dict(zip(tables["funnel"].column("step"), tables["funnel"].column("persons"), strict=True))
    shown = [(say.cell(step), found[step]) for step in ("in the roll", "called", "came", "found fit", "enlisted") if step in found]
    return [*shown, (say.text("to_enlist"), model.decree.persons_to_enlist)]


def _waves_words(model: ReportModel, say: Speech) -> str:
    waves = sorted(model.waves.to_pylist(), key=lambda row: row["wave"])
    said = [say.text("waves_one", notices=say.number(row["notices"]), day=say.day(row["day"])) for row in waves]
    return say.text("waves_said", waves=say.counted("waves", len(waves)), list=Markup("; ").join(said)) if waves else say.text("waves_none")


def _outside(burden: Table) -> int | None:
    return sum(verdict != "inside" for verdict in burden.column("verdict")) if burden.rows else None


def _alarms(model: ReportModel, say: Speech) -> list[str]:
    said: list[str] = []
    for one in alarms(model):
        where = [say.cell(model.unit_names.get(one.unit, (one.unit, ""))[0])] if one.unit else []
        months = [say.text("birth_month", month=one.month)] if one.month else []
        said.append(say.text(f"alarm_{one.of}", where=Markup(", ").join([*where, *months])))
    return said


def _panel(panel: Table) -> dict[str, int]:
    before, after = (sum(number or 0 for number in panel.column(name)) for name in ("law_2023", "law_2024"))
    return {"panel_before": before, "panel_after": after, "panel_difference": after - before}


def _record(name: str, say: Speech, rows: Sequence[Mapping[str, str]]) -> Table:
    columns = tuple(rows[0]) if rows else ()
    return Table(name, say.text(f"{name}_caption"), columns, tuple(tuple(row.values()) for row in rows))
