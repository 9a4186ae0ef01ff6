"""The tables that are published, after suppression. Charts and page show these and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from callup.app.report.clocks import clock_table, equality_table
from callup.app.report.model import ReportModel
from callup.app.report.shapes import Cell, Table
from callup.statistics import burdens, merge_nested, merge_units, steps
from callup.terms.decree import Decree
from callup.terms.facts import DUES

CLASSES = {"enlisted": "enlisted", "not called": "not called"} | dict.fromkeys(
    ("lapsed (never served)", "lapsed (no answer, not referred)"), "lapsed"
)
"""The classes that outcomes are counted in where units are shown; what is not named here ended otherwise."""

STAGES = {
    "called": "not served yet",
    "served": "served, no answer yet",
    "answered": "answered or came",
    "claim pending": "claim open",
    "did not come": "did not come",
    "appeared": "answered or came",
    "fit": "answered or came",
} | CLASSES
"""The groups of states shown day by day."""

STEP_WORDS = {"appeared": "came", "fit": "found fit"}

OTHERWISE = "ended otherwise"
ANSWERED = "answered"
"""Where a call-up asks for an answer: the stage of those who gave it, and how they end. Nobody comes there, and nobody is enlisted."""


def stage_of(state: str, decree: Decree) -> str:
    """The group of a state as it is shown."""
    return ANSWERED if state == "answered" and not decree.appoints else STAGES.get(state, OTHERWISE)


SERVED = ("confirmed", "presumed")
"""Findings of service with a day of service."""


def published(model: ReportModel) -> dict[str, Table]:
    """Every table of the report by its name."""
    below = model.decree.merge_below
    units = unit_table(model)
    made: tuple[Table, ...] = (
        _list("register", "Everyone in the register, by the law's finding.", ("finding", "persons"), model.register, below),
        _funnel(model),
        outcome_table(model),
        units,
        burden_table(units),
        stage_table(model),
        service_table(model),
        task_table(model),
        _flat("claims", "Claims filed, by kind and outcome.", ("kind", "outcome", "cases"), model.claims, below),
        clock_table(model),
        equality_table(model),
        _waves(model),
        panel_table(model),
        _list("undetermined", "Why the law could not be applied to some.", ("reason", "persons"), model.undetermined, below),
        Table("acts", "Entries of the acts log.", ("kind", "entries"), tuple(sorted(model.acts.items())), ()),
        Table("quotas", "What each unit owes.", ("unit", "base", "quota"), _quotas(model), ()),
    )
    if model.listing is not None:
        made += (
            _list("listing", "Who is liable and who is in the order, where they differ.", ("reason", "persons"), model.listing, below),
        )
    return {table.name: table for table in made}


def totals(table: pa.Table, label: str, count: str) -> dict[str, int]:
    """Sums by one column, in the order of first sight."""
    summed: dict[str, int] = {}
    for row in table.to_pylist():
        summed[str(row[label])] = summed.get(str(row[label]), 0) + row[count]
    return summed


def _merged(cells: Iterable[tuple[str, int]], below: int) -> Sequence[Any]:
    return merge_nested([("", label, count) for label, count in cells], below)


def _list(name: str, caption: str, columns: tuple[str, str], table: pa.Table, below: int) -> Table:
    found = {label.replace(",", ", ").replace("_", " "): count for label, count in totals(table, *columns).items()}
    cells = sorted(found.items(), key=lambda cell: (-cell[1], cell[0]))
    rows = tuple(("; ".join(line.labels), line.count) for line in _merged(cells, below))
    return Table(name, caption, columns, rows, (columns[1],))


def _flat(name: str, caption: str, columns: tuple[str, str, str], table: pa.Table, below: int) -> Table:
    """Two labels and a count; merged inside the first label first."""
    cells = sorted((row[columns[0]] or "none", row[columns[1]] or "none", row[columns[2]]) for row in table.to_pylist())
    keyed = [(first, f"{first}\t{second}", count) for first, second, count in cells]
    rows = []
    for line in merge_nested(keyed, below):
        pairs = [label.split("\t") for label in line.labels]
        firsts = "; ".join(dict.fromkeys(first for first, _ in pairs))
        rows.append((firsts, "; ".join(dict.fromkeys(second for _, second in pairs)), line.count))
    return Table(name, caption, columns, tuple(rows), (columns[2],))


def _funnel(model: ReportModel) -> Table:
    reached = ((STEP_WORDS.get(step, step), persons) for step, persons in totals(model.funnel, "step", "persons").items())
    cells = [("in the roll", sum(totals(model.roll, "unit", "persons").values())), *reached]
    rows = tuple((line.labels[0], line.count) for line in steps(cells, model.decree.merge_below))
    last = "enlistment" if model.decree.appoints else "the answer"
    caption = f"From the roll to {last}: how many reached each step at any time."
    return Table("funnel", caption, ("step", "persons"), rows, ("persons",))


def _class_of(outcome: str) -> str:
    return CLASSES.get(outcome, OTHERWISE)


def outcome_table(model: ReportModel) -> Table:
    """How each person of the roll stands at the end; the lines sum to the roll. Whoever answered a form and is let go "answered".

    Those not called are counted apart and never merged with others: the public log shows who was, so their number opens what
    is merged with it.
    """
    below = model.decree.merge_below
    found = totals(model.account, "outcome", "persons")
    if not model.decree.appoints:
        found = {ANSWERED if outcome == "released" else outcome: persons for outcome, persons in found.items()}
    waiting = found.pop("not called", 0)
    cells = sorted(found.items(), key=lambda cell: (_class_of(cell[0]), -cell[1], cell[0]))
    lines = merge_nested([(_class_of(outcome), outcome, persons) for outcome, persons in cells], below)
    rows: list[tuple[Cell, ...]] = [("; ".join(line.labels), line.count) for line in lines]
    rows.append(("not called", None if 0 < waiting < below else waiting))
    return Table("outcomes", "The account: everyone in the roll is in exactly one line.", ("outcome", "persons"), tuple(rows), ("persons",))


def unit_table(model: ReportModel) -> Table:
    """Outcomes of those called by unit, in classes; small units are merged in their district; classes sum to the called."""
    below = model.decree.merge_below
    counts, classes = _classes_by_unit(model)
    districts = {unit: model.unit_names.get(unit, ("", ""))[1] for unit in counts}
    quotas = totals(model.quotas, "unit", "quota")
    roll = totals(model.roll, "unit", "persons")
    rows: list[tuple[Cell, ...]] = []
    for line in merge_units(counts, districts, below):
        numbers = (None,) * (1 + len(classes)) if line.counts is None else (sum(line.counts), *line.counts)
        sizes = sum(roll.get(unit, 0) for unit in line.units), sum(quotas.get(unit, 0) for unit in line.units)
        rows.append((" ".join(line.units), name_units(line.units, model.unit_names), *sizes, *numbers))
    columns = ("units", "names", "roll", "quota", "called", *classes)
    caption = "Outcomes of those called by unit; small units are merged with others of their district."
    return Table("units", caption, columns, tuple(rows), columns[4:])


def _classes_by_unit(model: ReportModel) -> tuple[dict[str, tuple[int, ...]], tuple[str, ...]]:
    """Each unit's ended cases by class, and the names of the classes; a class that is small in the whole country joins another."""
    first = "enlisted" if model.decree.appoints else ANSWERED
    order = (first, OTHERWISE, "lapsed")
    by_unit: dict[str, dict[str, int]] = {}
    for row in model.account.to_pylist():
        mine = by_unit.setdefault(row["unit"], dict.fromkeys((*order, "not called"), 0))
        mine[first if first == ANSWERED and row["outcome"] == "released" else _class_of(row["outcome"])] += row["persons"]
    classes = [
        line.labels for line in _merged([(name, sum(unit[name] for unit in by_unit.values())) for name in order], model.decree.merge_below)
    ]
    counts = {unit: tuple(sum(mine[name] for name in names) for names in classes) for unit, mine in by_unit.items()}
    return counts, tuple("; ".join(names) for names in classes)


def name_units(units: Iterable[str], names: Mapping[str, tuple[str, str]]) -> str:
    """The names of one unit or of several merged."""
    return " + ".join(names.get(unit, (unit, ""))[0] for unit in units)


def burden_table(units: Table) -> Table:
    """Called per 1,000 in the roll for each line of the unit table, with control limits."""
    columns = ("units", "roll", "called", "per_1000", "low", "high", "verdict")
    caption = "Called per 1,000 in the roll, with the limits that chance alone would hold in 99.8 of 100 units."
    if None in units.column("called"):
        return Table("burden", caption, columns, ())
    sizes = zip(units.column("units"), units.column("roll"), units.column("called"), strict=True)
    found = burdens({unit: (roll, called) for unit, roll, called in sizes})
    rows = tuple((one.unit, one.base, one.called, f"{one.rate:.1f}", f"{one.low:.1f}", f"{one.high:.1f}", one.verdict) for one in found)
    return Table("burden", caption, columns, rows, ("called",))


def stage_table(model: ReportModel) -> Table:
    """Cases by state on some days; a day on which few were enlisted or ended since the day before it here is left out."""
    days: dict[str, dict[str, int]] = {}
    for row in sorted(model.states_by_day.to_pylist(), key=lambda row: (row["day"], row["state"])):
        day = days.setdefault(row["day"].isoformat(), {})
        stage = stage_of(row["state"], model.decree)
        day[stage] = day.get(stage, 0) + row["cases"]
    below = model.decree.merge_below
    caption = "Cases by state over time, on the days shown; the last day is after closing."
    return stages_on(days, _kept(days, below), below, caption)


def stages_on(days: Days, kept: Sequence[str], below: int, caption: str) -> Table:
    """Cases by stage on some days, small stages of a day merged."""
    order = tuple(dict.fromkeys((*STAGES.values(), ANSWERED, OTHERWISE)))
    rows: list[tuple[Cell, ...]] = []
    for name in kept:
        cells = [(stage, days[name][stage]) for stage in order if days[name].get(stage)]
        rows += [(name, "; ".join(line.labels), line.count) for line in _merged(cells, below)]
    return Table("progress", caption, ("day", "state", "cases"), tuple(rows), ("cases",))


Days = Mapping[str, Mapping[str, int]]
"""By day, YYYY-MM-DD, the cases in each stage."""


def _kept(days: Days, below: int) -> Sequence[str]:
    """Days between which no running total grew by a small number; the last day is always kept."""
    kept = kept_so_far(days, below)
    last = list(days)[-1] if days else None
    if last is not None and kept[-1] != last:
        while kept and not _apart(days, kept[-1], last, below):
            kept.pop()
        kept.append(last)
    return kept


def kept_so_far(days: Days, below: int) -> list[str]:
    """Days between which no running total grew by a small number, from the first on: a day once kept stays, whatever comes later."""
    kept: list[str] = []
    for day in days:
        if not kept or _apart(days, kept[-1], day, below):
            kept.append(day)
    return kept


def _apart(days: Days, first: str, second: str, below: int) -> bool:
    grown = (abs(days[second].get(stage, 0) - days[first].get(stage, 0)) for stage in ("enlisted", OTHERWISE, "lapsed"))
    return not any(0 < number < below for number in grown)


def task_table(model: ReportModel) -> Table:
    """Open tasks in one partition: the unanswered by diagnosis and next step, the answered by step.

    Two lists, one by diagnosis and one by step, would open a cell that each of them hides.
    """
    left = totals(model.due, "step", "cases")
    cells: list[tuple[str, str, int]] = []
    for row in model.followup.to_pylist():
        cells.append((row["diagnosis"], row["next_step"], row["cases"]))
        left[row["next_step"]] = left.get(row["next_step"], 0) - row["cases"]
    cells += [("answered", step, cases) for step, cases in left.items() if cases > 0]
    rows = [{"why": why, "step": DUES.get(step, step), "cases": cases} for why, step, cases in cells]
    named = pa.Table.from_pylist(rows, pa.schema([("why", pa.string()), ("step", pa.string()), ("cases", pa.int64())]))
    caption = "Tasks open for the authority on the eve of closing: why there is no end yet, and the next lawful step."
    return _flat("tasks", caption, ("why", "step", "cases"), named, model.decree.merge_below)


def service_table(model: ReportModel) -> Table:
    """Service by finding and channel; merged apart for those served and those not, since the funnel has their number."""
    cells = []
    for row in sorted(model.service.to_pylist(), key=lambda row: (row["finding"] not in SERVED, row["channel"] == "", -row["cases"])):
        cells.append((str(row["finding"] in SERVED), f"{row['finding']}\t{row['channel'] or 'no channel'}", row["cases"]))
    rows = []
    for line in merge_nested(cells, model.decree.merge_below):
        pairs = [label.split("\t") for label in line.labels]
        rows.append((*("; ".join(dict.fromkeys(pair[place] for pair in pairs)) for place in (0, 1)), line.count))
    return Table("service", "Service by finding and channel.", ("finding", "channel", "cases"), tuple(rows), ("cases",))


def _waves(model: ReportModel) -> Table:
    rows = tuple((str(row["wave"]), row["day"].isoformat(), row["notices"]) for row in model.waves.to_pylist())
    return Table("waves", "Notices entered in the acts log, by wave.", ("wave", "day", "notices"), rows, ())


def panel_table(model: ReportModel) -> Table:
    """Men liable by age under both laws. The pipeline fills it for synthetic registers only, so the difference may be small."""
    below = model.decree.merge_below
    ages = sorted(model.panel.to_pylist(), key=lambda row: row["age"])
    groups = [(row["age"], row["age"], row["law_2023"], row["law_2024"]) for row in ages]
    while len(groups) > 1 and (thin := next((place for place, group in enumerate(groups) if _thin(group, below)), None)) is not None:
        place = min(thin, len(groups) - 2)
        first, second = groups[place : place + 2]
        groups[place : place + 2] = [(first[0], second[1], first[2] + second[2], first[3] + second[3])]
    rows = tuple(_panel_row(group, below) for group in groups)
    caption = "Men in the synthetic register liable on 31 December 2023 and on 1 January 2024, by age on that day."
    return Table("panel", caption, ("age", "law_2023", "law_2024", "difference"), rows, ("law_2023", "law_2024"))


def _thin(group: tuple[int, int, int, int], below: int) -> bool:
    return any(0 < number < below for number in group[2:])


def _panel_row(group: tuple[int, int, int, int], below: int) -> tuple[Cell, ...]:
    first, last, before, after = group
    ages = str(first) if first == last else f"{first}-{last}"
    return (ages, None, None, None) if _thin(group, below) else (ages, before, after, after - before)


def _quotas(model: ReportModel) -> tuple[tuple[Cell, ...], ...]:
    return tuple((row["unit"], row["base"], row["quota"]) for row in model.quotas.to_pylist())
