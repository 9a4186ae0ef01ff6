"""law diff: whom an amendment moves, and why, by article and age; on synthetic registers and counts only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from callup.app.commands.law import Code, Json
from callup.app.impact import Days, Move, open_study
from callup.app.impact import moves as find_moves
from callup.app.known import jurisdiction
from callup.law import Law
from callup.law.comparing import Change, changes

_WORDS = {"LIABLE": "liable", "NOT_LIABLE": "not liable", "UNDETERMINED": "undetermined"}
_BECOME = {
    ("NOT_LIABLE", "LIABLE"): "become liable",
    ("LIABLE", "NOT_LIABLE"): "are liable no longer",
    ("UNDETERMINED", "LIABLE"): "were undetermined and are liable",
    ("UNDETERMINED", "NOT_LIABLE"): "were undetermined and are not liable",
    ("LIABLE", "UNDETERMINED"): "were liable and are undetermined",
    ("NOT_LIABLE", "UNDETERMINED"): "were not liable and are undetermined",
}


def diff(
    code: Code,
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="the law of this day")],
    second: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="and the law of this day")],
    register: Annotated[Path, typer.Option("--register", help="a synthetic register, or counts of at least ten persons a row")],
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of", formats=["%Y-%m-%d"], help="ask both laws about this one day, so that no birthday counts; else each about its own"
        ),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Say whom a change of the law moves, and why: counts by finding, article and age. Never on a register of persons.

    Example: callup law diff ru --from 2023-12-31 --to 2024-01-01 --as-of 2024-07-01 --register register.parquet
    """
    law = jurisdiction(code).law
    asked = (as_of.date(), as_of.date()) if as_of else (first.date(), second.date())
    days = Days((first.date(), second.date()), asked)
    changed = changes(law, *days.laws)
    study = open_study(register, code, law)
    found = find_moves(law, study, days)
    if as_json:
        rows = [{**asdict(move), **{f"article_{side}": why for side, why in _articles(law, move).items()}} for move in found]
        said = {"law": law.digest, "from": days.laws[0], "to": days.laws[1], "asked": asked, "persons": study.persons}
        typer.echo(json.dumps({**said, "changes": [asdict(one) for one in changed], "moves": rows}, ensure_ascii=False, default=str))
        return
    console = Console(highlight=False, markup=False)
    console.print(f"{law.title}\n{study.words}, by the law of {days.laws[0]} and by the law of {days.laws[1]},")
    console.print(f"both about {asked[0]}." if asked[0] == asked[1] else "each about its own day: ages and dates of grounds move on too.")
    for line in (*_differences(changed), *_summary(found)):
        console.print(line)
    if found:
        console.print(_table(law, found), markup=False)


def _differences(changed: Sequence[Change]) -> list[str]:
    if not changed:
        return ["The law is the same on both days."]
    return ["What differs in the law:", *(f"  {one.name}: {one.before} -> {one.after}  [{one.act}]" for one in changed)]


def _summary(found: Sequence[Move]) -> list[str]:
    """Sentences: how many get another finding, which way, and how many another reason."""
    ways: dict[tuple[str, str], int] = {}
    for move in found:
        if move.other_finding:
            way = (move.finding_before, move.finding_after)
            ways[way] = ways.get(way, 0) + move.persons
    same = sum(move.persons for move in found if not move.other_finding)
    lines = [f"{many:,} {_BECOME[way]}." for way, many in sorted(ways.items(), key=lambda one: -one[1])]
    kept = f"{same:,} keep" if same else "Nobody keeps"
    return [*(lines or ["Nobody gets another finding."]), f"{kept} the finding for another reason."]


def _articles(law: Law, move: Move) -> Mapping[str, str]:
    sides = {"before": (move.finding_before, move.rule_before), "after": (move.finding_after, move.rule_after)}
    return {side: _why(law, *told) for side, told in sides.items()}


def _why(law: Law, finding: str, number: int) -> str:
    if not number:
        return "no rule of liability holds"
    rule = law.rules[number - 1]
    name = f"{rule.name} not known" if finding == "UNDETERMINED" else rule.name
    return f"{name}: {rule.citation}{' (unverified)' if rule.unverified else ''}"


def _table(law: Law, found: Sequence[Move]) -> Table:
    table = Table(box=None)
    for name in ("persons", "ages", "before", "because of", "after", "because of"):
        table.add_column(name, overflow="fold")
    groups: dict[tuple[str, int, str, int], list[Move]] = {}
    for move in found:
        groups.setdefault((move.finding_before, move.rule_before, move.finding_after, move.rule_after), []).append(move)
    for same in sorted(groups.values(), key=lambda moves: (not moves[0].other_finding, -sum(move.persons for move in moves))):
        first, why = same[0], _articles(law, same[0])
        persons = f"{sum(move.persons for move in same):,}"
        findings = _WORDS[first.finding_before], _WORDS[first.finding_after]
        table.add_row(persons, _ages(move.age for move in same), findings[0], why["before"], findings[1], why["after"])
    return table


def _ages(ages: Iterable[int]) -> str:
    """Ages as runs, e.g. ``18, 27-29``."""
    runs: list[list[int]] = []
    for age in sorted(set(ages)):
        if runs and age == runs[-1][1] + 1 and runs[-1][0] >= 0:
            runs[-1][1] = age
        else:
            runs.append([age, age])
    return ", ".join("not known" if low < 0 else str(low) if low == high else f"{low}-{high}" for low, high in runs)
