"""Writes the public report into a folder."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from callup.app.durable import write_bytes
from callup.app.record import men_by_age, past_call_ups
from callup.app.record.verdicts import claims_of
from callup.app.report.model import ReportModel
from callup.app.report.page import page
from callup.app.report.placing import since_name, since_table
from callup.app.report.shapes import Table
from callup.app.report.tables import published
from callup.app.report.words import ENGLISH, Speech, languages, speech_of
from callup.statistics import Standing, largest_since


def write_report(folder: Path, model: ReportModel) -> None:
    """Write the page in each language that there are words for, ``report.json``, the charts and their CSV files.

    Args:
        folder: an existing, empty folder.
        model: counts before suppression.
    """
    standings = _standings(model)
    tables = {**published(model), **{since_name(one): since_table(one) for one in standings}}
    for name, table in tables.items():
        write_bytes(folder / f"{name}.csv", as_csv(table))
    claims = claims_of(model.decree.jurisdiction)
    spoken = _spoken(model)
    for say in spoken:
        charts = _charts(model, tables, standings, say)
        for name, drawn in charts.items():
            write_bytes(folder / say.picture(name), drawn)
        write_bytes(folder / say.file, page(model, tables, tuple(charts), standings, claims, say, spoken).encode())
    write_bytes(folder / "report.json", machine_readable(model, tables))
    write_bytes(folder / "datapackage.json", table_package(model, tables))


def _spoken(model: ReportModel) -> tuple[Speech, ...]:
    """English, and each official language of the jurisdiction that the report has words for."""
    others = sorted(set(model.words_in) & set(languages()) - {ENGLISH})
    asks = model.decree.asks
    return (speech_of(ENGLISH, asks=asks), *(speech_of(language, model.words_in[language], asks) for language in others))


def _standings(model: ReportModel) -> tuple[Standing, ...]:
    """The four measures of the call-up of the record that began in the decree's half-year; none where no record has it."""
    record = past_call_ups(model.decree.jurisdiction)
    year, season = model.decree.opens_on.year, "spring" if model.decree.opens_on.month <= 6 else "autumn"
    if not any((one.year, one.season) == (year, season) for one in record):
        return ()
    return largest_since(record, men_by_age(model.decree.jurisdiction), year, season)


def _charts(model: ReportModel, tables: Mapping[str, Table], standings: Sequence[Standing], say: Speech) -> dict[str, bytes]:
    """Every chart of a table that has a number to draw, with the words of one language."""
    from callup.app.report import charts  # Matplotlib is slow to load: only a run that reports pays for it

    drawers: dict[str, Callable[[Table, Speech], bytes]] = {
        "funnel": charts.steps_chart,
        "outcomes": lambda table, say: charts.list_chart(table, ("outcome",), "persons", say),
        "progress": lambda table, say: charts.progress_chart(table, model.decree.persons_to_enlist, say),
        "units": charts.unit_chart,
        "burden": charts.burden_chart,
        "service": lambda table, say: charts.list_chart(table, ("finding", "channel"), "cases", say),
        "tasks": lambda table, say: charts.list_chart(table, ("why", "step"), "cases", say),
        "claims": lambda table, say: charts.list_chart(table, ("kind", "outcome"), "cases", say),
        "panel": charts.panel_chart,
        "undetermined": lambda table, say: charts.list_chart(table, ("reason",), "persons", say),
    }
    drawn = {name: draw(tables[name], say) for name, draw in drawers.items() if _has_numbers(tables[name])}
    for one in standings:
        drawn[since_name(one)] = charts.since_chart([(words, float(value)) for words, value in one.table], one.period, say)
    return drawn


def _has_numbers(table: Table) -> bool:
    whole = table.name != "units" or ("enlisted" in table.columns and None not in table.column("called"))
    return whole and any(number for name in table.sums for number in table.column(name))


def table_package(model: ReportModel, tables: Mapping[str, Table]) -> bytes:
    """The tables as a Frictionless data package (specs.frictionlessdata.io, tabular data package 1.0): names, types, digests."""
    resources = [resource(table, as_csv(table), name) for name, table in sorted(tables.items())]
    decree = model.decree
    whole = {
        "profile": "tabular-data-package",
        "name": re.sub(r"[^a-z0-9._-]", "-", decree.id.lower()),
        "title": decree.title,
        "description": f"Counts under {decree.merge_below} are merged or left out." + (" REHEARSAL." if decree.rehearsal else ""),
        "created": f"{decree.closes_on.isoformat()}T00:00:00Z",
        "resources": resources,
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def resource(table: Table, content: bytes, name: str = "") -> dict[str, Any]:
    """One table as a package lists it: its file, the types of its columns, its digest."""
    name = name or table.name
    fields = [{"name": column, "type": _type_of(table, column)} for column in table.columns]
    told = {"name": name, "path": f"{name}.csv", "title": table.caption, "profile": "tabular-data-resource", "encoding": "utf-8"}
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    return {**told, "bytes": len(content), "hash": digest, "schema": {"fields": fields, "missingValues": [""]}}


def _type_of(table: Table, column: str) -> str:
    """The type of a column by what stands in it; rates are text of numbers."""
    cells = [cell for cell in table.column(column) if cell not in (None, "")]
    if cells and all(isinstance(cell, int) for cell in cells):
        return "integer"
    return "number" if cells and all(re.fullmatch(r"-?\d+\.\d+", str(cell)) for cell in cells) else "string"


def as_csv(table: Table) -> bytes:
    """Comma, header, UTF-8, one line end; a suppressed number is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(["" if cell is None else cell for cell in row] for row in table.rows)
    return text.getvalue().encode()


def machine_readable(model: ReportModel, tables: Mapping[str, Table]) -> bytes:
    """``report.json``: the acts by kind, the sums of every table, the six inputs; the verifier recomputes what it can."""
    listed: list[dict[str, Any]] = []
    for name, table in sorted(tables.items()):
        listed += [
            {"file": f"{name}.csv", "sum_of": column, "equals": sum(number or 0 for number in table.column(column)), "counts": True}
            for column in table.sums
        ] or [{"file": f"{name}.csv", "sum_of": ""}]
    decree = model.decree
    whole = {
        "call_up": decree.id,
        "rehearsal": decree.rehearsal,
        "persons_to_enlist": decree.persons_to_enlist,
        "scale_note": decree.scale_note,
        "order": {"method": decree.order_method, "basis": decree.order_basis},
        "inputs": dict(model.digests),
        "law": model.law,
        "unverified": list(model.unverified),
        "undertakings": {one["id"]: one["verdict"] for one in model.undertakings},
        "doors": [{"door": door, "body": body, "uses": uses} for (door, body), uses in model.doors.items()],
        "acts": dict(model.acts),
        "log_sizes": dict(model.log_sizes or {}),
        "signatures": dict(model.signed),
        "merge_below": decree.merge_below,
        "tables": listed,
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
