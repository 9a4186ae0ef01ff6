"""plan weeks: which unit sends how many notices in which week, what binds, what it costs, how long all wait."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from callup.app.outlook.files import text_of
from callup.app.outlook.notices import funnel_of, quota_of
from callup.jurisdictions import resource
from callup.planning.boards import Board, BoardDay, board_day
from callup.planning.notices import plan_notices
from callup.planning.staffing import Staff, StaffSheet, staff_sheet
from callup.planning.weeks import Places, WeekPlan, plan_weeks
from callup.planning.yields import alike, draw_odds, yields_of
from callup.terms.errors import BadInput

DRAWS, DAYS, SEED = 3_000, 2_000, 2026
MADE_UP = "Slots, teams, reception, prices, deciders and the day of a board are made up for a rehearsal: give your own with --places."
TEAM_SLOTS, OWN_SLOTS, SPARE, TAKEN = 60, 0.055, 1.25, 1.05
"""Of a rehearsal: slots of a team in a week, own slots a notice, teams beyond the need, places beyond the mean of a week."""

STAFF = Staff(120, 15, 2.0, 0.30, 20, 1.5, 400, 36.0, 30)
"""Of a rehearsal: cents, minutes, claims, days and hours as `Staff` has them."""

BOARD = Board(85, 480.0, (2.0, 4.0, 4.2, 3.5, 4.4, 4.0, 3.8, 4.1, 4.3), (1,) * 9, 0.5, 4.0, 3.0)
"""Of a rehearsal: nine stations in a row, as `Board` has them."""


def weeks(
    jurisdiction: Annotated[str, typer.Option(help="whose decree, population and funnel")] = "ru",
    places_file: Annotated[Path | None, typer.Option("--places", help="TOML with districts, units, slots, teams, staff")] = None,
    opens_on: Annotated[str, typer.Option(help="first day, as 2025-04-01")] = "2025-04-01",
    number: Annotated[int, typer.Option("--weeks", help="of the call-up", min=1, max=60)] = 15,
    deciders: Annotated[int, typer.Option(help="who decide claims, instead of those of the file", min=0)] = 0,
    board_slots: Annotated[int, typer.Option(help="slots of a board in a day, instead of those of the file", min=0)] = 0,
    out: Annotated[Path | None, typer.Option(help="also write notices and teams by unit and week to this CSV file")] = None,
) -> None:
    """Plan the weeks: notices by unit and week, teams, what binds, the cost, the wait at a board, the day from which claims are late.

    Example: callup plan weeks --deciders 900 --board-slots 95
    """
    first = _day(opens_on)
    places, staff, board = _read(places_file) if places_file else (*rehearsal_places(jurisdiction, number), BOARD)
    plan = plan_weeks(places)
    if deciders:
        staff = replace(staff, deciders=deciders)
    sheet = staff_sheet([int(sent) for sent in plan.notices.sum(axis=0)], first, staff)
    if out:
        _write(places, plan, out)
    console = Console(highlight=False)
    if not places_file:
        console.print(MADE_UP)
    for sentence in sentences(places, plan, sheet, staff):
        console.print(sentence, soft_wrap=True)
    if board:
        asked = replace(board, slots=board_slots) if board_slots else board
        appear = float(np.average(places.appear, weights=np.maximum(places.notices, 1)))
        console.print(at_a_board(asked, board_day(asked, appear, DAYS, np.random.default_rng([SEED, 3]))), soft_wrap=True)
    console.print(_weeks(plan, sheet))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput("weeks-day", {"day": text}, "write a day as 2025-04-01") from None


def rehearsal_places(jurisdiction: str, number: int) -> tuple[Places, Staff]:
    """Made-up places for the decree's number: a board holds four fifths of what is needed, teams of a district the rest."""
    quota = quota_of(jurisdiction, None)
    funnel = funnel_of(jurisdiction, None)
    odds = draw_odds(funnel, alike(funnel, len(quota)), np.random.default_rng([SEED, 1]), DRAWS)
    yields = yields_of(odds)
    notices = plan_notices(list(quota.values()), yields, "each", 0.95, np.random.default_rng([SEED, 2])).notices
    appear = np.quantile(yields_of(odds[..., :2]), 0.9, axis=0)
    rows = csv.DictReader(resource(jurisdiction, "data/subjects.csv").decode().splitlines())
    of_unit = {row["iso_code"]: row["district"] for row in rows}
    districts = sorted({of_unit[unit] for unit in quota})
    district = np.array([districts.index(of_unit[unit]) for unit in quota])
    slots = np.ceil(OWN_SLOTS * 15 / number * notices * appear)
    beyond = np.maximum(notices * appear - number * slots, 0)
    teams = np.array([int(np.ceil(SPARE * beyond[district == one].sum() / TEAM_SLOTS / number)) + 1 for one in range(len(districts))])
    reception = TAKEN * float(notices @ yields.mean(axis=0)) / number
    return Places(
        tuple(quota), district, notices, appear, yields.mean(axis=0), slots, districts, teams, TEAM_SLOTS, reception, number
    ), STAFF


def _read(file: Path) -> tuple[Places, Staff, Board | None]:
    """Places, staff and a board from a file; every key is needed, the table of the board is not.

    Raises:
        BadInput: ``places-file``, with what is wrong.
    """
    try:
        said = tomllib.loads(text_of(file))
        return _places(said), Staff(**said["staff"]), Board(**said["board"]) if "board" in said else None
    except KeyError as lacking:
        raise BadInput("places-file", {"file": str(file), "lacks": str(lacking)}, "see docs/guides/planning.md for the keys") from None
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as wrong:
        raise BadInput("places-file", {"file": str(file), "error": str(wrong)}, "see docs/guides/planning.md for the keys") from None


def _places(said: Mapping[str, Any]) -> Places:
    districts = [row["name"] for row in said["district"]]
    units = said["unit"]

    def column(name: str) -> Any:
        return np.array([float(row[name]) for row in units])

    district = np.array([districts.index(row["district"]) for row in units])
    teams = np.array([int(row["teams"]) for row in said["district"]])
    names, notices = tuple(row["name"] for row in units), column("notices").astype(np.int64)
    shares = column("appear"), column("arrive"), column("slots")
    return Places(
        names, district, notices, *shares, districts, teams, int(said["team_slots"]), float(said["reception"]), int(said["weeks"])
    )  # fmt: skip


def sentences(places: Places, plan: WeekPlan, sheet: StaffSheet, staff: Staff) -> tuple[str, ...]:
    """The plan in words."""
    cents, hours = sum(wave.cents for wave in sheet.waves), sum(wave.hours for wave in sheet.waves)
    claims = sum(wave.claims for wave in sheet.waves)
    late = f"With {staff.deciders:,} deciders every claim is decided within {sheet.latest_days} days; {sheet.needed:,} would do."
    if sheet.late_from:
        late = (
            f"With {staff.deciders:,} deciders you will miss the legal time of {staff.legal_days} days from {_long(sheet.late_from)}; "
            f"the longest wait is {sheet.latest_days} days. {sheet.needed:,} deciders miss none."
        )
    sent, teams = int(plan.notices.sum()), int(plan.teams.sum())
    return (
        f"{sent:,} notices of {len(places.units)} units in {places.weeks} weeks, {teams:,} weeks of teams; "
        f"at most {100 * plan.gap:.2f} in 100 above the best plan there is.",
        *(
            f"Binding: {_row(row.what, row.where, row.week)}; one more would save {row.worth:.3f} weeks of a team."
            for row in plan.binding[:4]
        ),
        f"Postage and print {cents / 100:,.0f}; {hours:,.0f} hours of work, {claims:,.0f} claims to decide.",
        late,
    )


def at_a_board(board: Board, day: BoardDay) -> str:
    """A day at a board in words; minutes are those of drawn days."""
    return (
        f"A board with {board.slots:,} slots a day invites {day.invited:,}: a person waits {day.wait:.0f} minutes beside being seen, "
        f"95 in 100 at most {day.long_wait:.0f}; {100 * day.seen:.0f} in 100 are through when it closes, the last "
        f"{day.overtime:.0f} minutes later in the mean."
    )


def _row(what: str, where: str, week: int) -> str:
    return f"{what} {where} in week {week}"


def _long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _weeks(plan: WeekPlan, sheet: StaffSheet) -> Table:
    made = Table(box=None)
    for name in ("week", "from", "to", "notices", "teams", "postage and print", "hours", "claims"):
        made.add_column(name, justify="right")
    for number, wave in enumerate(sheet.waves):
        last = wave.opens_on + timedelta(days=6)
        made.add_row(
            str(number + 1), wave.opens_on.isoformat(), last.isoformat(), f"{wave.notices:,}", f"{int(plan.teams[:, number].sum()):,}",
            f"{wave.cents / 100:,.0f}", f"{wave.hours:,.0f}", f"{wave.claims:,.0f}",
        )  # fmt: skip
    return made


def _write(places: Places, plan: WeekPlan, out: Path) -> None:
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["unit", "week", "notices", "teams"])
        for unit, notices, teams in zip(places.units, plan.notices, plan.teams, strict=True):
            for week, (sent, team) in enumerate(zip(notices, teams, strict=True), 1):
                writer.writerow([unit, week, int(sent), int(team)])
