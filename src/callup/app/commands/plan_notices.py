"""plan notices: how many notices a quota takes, for the total, each unit or all units at once; and what waves save."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from callup.app.commands.plan_files import text_of
from callup.app.demo import men_by_unit
from callup.app.dossier import parse_decree
from callup.app.durable import write_bytes
from callup.app.record import model_text
from callup.app.record.carrying import Where, opened
from callup.draw import apportion
from callup.jurisdictions import resource
from callup.planning.learning import Belief, Rehearsal, belief, known_beforehand, rehearse, settle
from callup.planning.notices import NoticePlan, plan_notices
from callup.planning.truths import truths
from callup.planning.yields import Floats, Funnel, alike, draw_odds, read_funnel, yields_of
from callup.terms.errors import BadInput

DRAWS = 4_000
"""Of the yields that a mailing is planned with."""

REHEARSED = 8
"""One in so many draws is a call-up that each number of waves is rehearsed in."""

WHAT = {
    "total": "the total of all units reaches the quota; places may move between units",
    "each": "each unit by itself reaches its quota",
    "all": "all units at once reach their quotas",
}


def notices(
    aim: Annotated[str, typer.Option(help="what the chance refers to: total, each, all")],
    jurisdiction: Annotated[str, typer.Option(help="whose population, decree and funnel")] = "ru",
    chance: Annotated[float, typer.Option(help="wanted", min=0.5, max=0.999)] = 0.95,
    waves: Annotated[int, typer.Option(help="rehearsed besides one mailing", min=1, max=12)] = 3,
    quota_file: Annotated[Path | None, typer.Option("--quota", help="CSV with columns unit, quota, instead of the decree's number")] = None,
    funnel_file: Annotated[Path | None, typer.Option("--funnel", help="TOML with the stages, instead of the carried ones")] = None,
    seed: Annotated[int, typer.Option(help="the same seed, the same figures", min=0)] = 2026,
    out: Annotated[
        Path | None,
        typer.Option(help="also write: all figures (.json), notices by unit (.csv), or yield and waves into your decree (.toml)"),
    ] = None,
) -> None:
    """Say how many notices a quota takes with a chance, what that chance refers to, and what sending in waves saves.

    Example: callup plan notices --aim each --waves 2
    """
    found = plan_of(quota_of(jurisdiction, quota_file), funnel_of(jurisdiction, funnel_file), aim, chance, waves, seed=seed)
    if out and out.suffix == ".json":
        out.write_text(json.dumps(figures(found), ensure_ascii=False) + "\n", encoding="utf-8")
    elif out and out.suffix == ".toml":
        write_bytes(out, into_decree(text_of(out), found, out).encode())
    elif out:
        _write(found, out)
    _print(found, Console(highlight=False))


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan of notices with what it was made of.

    Args:
        quota: persons by unit.
        funnel: the stages.
        mean: mean yield by unit, ``[units]``.
        plan: one mailing.
        waves: one row a number of waves.
        best: notices that would do if the yields were known.
        asked: chance asked of the last wave so that a unit reaches its quota with the wanted one.
        kept: by what is true, a call-up of the most waves.
        seed: of everything drawn.
    """

    quota: Mapping[str, int]
    funnel: Funnel
    mean: Floats
    plan: NoticePlan
    waves: tuple[Rehearsal, ...]
    best: float
    asked: float
    kept: Mapping[str, Rehearsal]
    seed: int


def plan_of(quota: Mapping[str, int], funnel: Funnel, aim: str, chance: float, waves: int, *, seed: int, draws: int = DRAWS) -> Planned:
    """Plan one mailing, rehearse waves, and test the waves against truths that the planner does not know.

    Raises:
        BadInput: as `callup.planning.notices.plan_notices`.
    """
    persons = np.array(list(quota.values()), dtype=np.int64)
    known = alike(funnel, len(quota))
    odds = draw_odds(funnel, known, np.random.default_rng([seed, 1]), draws)
    yields = yields_of(odds)
    plan = plan_notices(persons, yields, aim, chance, np.random.default_rng([seed, 2]))
    believed: Belief = belief(funnel, odds, np.random.default_rng([seed, 3]))
    real = truths(funnel, known, np.random.default_rng([seed, 4]), draws // REHEARSED)
    right = real["as believed"]
    rows = tuple(
        rehearse(persons, believed, funnel, right, number, np.random.default_rng([seed, 5]), chance=chance)
        for number in range(1, waves + 1)
    )
    asked = settle(persons, believed, funnel, odds[: draws // REHEARSED], waves, seed, chance=chance)
    kept = {
        name: rehearse(persons, believed, funnel, truth, waves, np.random.default_rng([seed, 6]), chance=asked)
        for name, truth in real.items()
    }
    best = known_beforehand(persons, right)
    return Planned(quota, funnel, yields.mean(axis=0), plan, rows, best, asked, kept, seed)


def quota_of(jurisdiction: str, file: Path | None) -> dict[str, int]:
    """A quota by unit: from a file, or the template decree's number shared among men by largest remainders.

    Raises:
        BadInput: ``quota-file``, with the row that is wrong.
    """
    if file is None:
        text = resource(jurisdiction, "data/decree.toml").decode()
        number = re.search(r"^persons_to_enlist = ([\d_]+)", text, re.M)
        assert number is not None, "the template names the number of its decree"
        return apportion("hamilton", int(number[1].replace("_", "")), men_by_unit(jurisdiction))
    found: dict[str, int] = {}
    for line, row in enumerate(csv.DictReader(text_of(file).splitlines()), 2):
        unit, quota = row.get("unit") or "", row.get("quota") or ""
        if not unit or not quota.isdigit() or unit in found:
            raise BadInput(
                "quota-file", {"file": str(file), "line": line}, "write columns unit and quota: each unit once, a number of 0 or more"
            )
        found[unit] = int(quota)
    if not sum(found.values()):
        raise BadInput("quota-file", {"file": str(file), "line": 1}, "no unit owes anybody")
    return found


def into_decree(text: str, found: Planned, path: Path) -> str:
    """A decree with the plan's yield and number of waves in its table ``[notices]``; every other line stays.

    Args:
        text: the decree.
        found: the plan.
        path: of the decree, for messages.

    Raises:
        BadInput: ``decree-without-notices``; or the decree that comes out is none (as `parse_decree`).
    """
    table = re.search(r"^\[notices\][^\n]*\n(?P<rows>.*?)(?=^\[|\Z)", text, re.M | re.S)
    if table is None:
        raise BadInput("decree-without-notices", {"path": str(path)}, "write a table [notices] into it")
    kept = re.sub(r"^(yield|waves)[ \t]*=[^\n]*\n", "", table["rows"], flags=re.M)
    made = text[: table.start("rows")] + "\n".join((*_for_decree(found), kept)) + text[table.end("rows") :]
    parse_decree(made, path)
    return made


def _for_decree(found: Planned) -> tuple[str, str]:
    return f"yield = {found.funnel.share:.2f}", f"waves = {found.waves[-1].waves}"


def funnel_of(where: Where, file: Path | None) -> Funnel:
    """The stages from notice to call-up: from a file, or those carried.

    Raises:
        BadInput: ``no-record``, or as `read_funnel`.
    """
    text = text_of(file) if file else model_text(where, "funnel.toml")
    if not text:
        raise BadInput("no-record", {"jurisdiction": opened(where).code}, "no funnel is carried for it: give one with --funnel")
    return read_funnel(text)


def _print(found: Planned, console: Console) -> None:
    plan, whole = found.plan, sum(found.quota.values())
    sent = int(plan.notices.sum())
    console.print(f"{sent:,} notices for {whole:,} persons in {len(found.quota)} units, {sent / whole:.2f} each.")
    console.print(f"With a chance of {100 * plan.chance:.3g} in 100, {WHAT[plan.aim]}.", soft_wrap=True)
    total, worst, every = (f"{100 * value:.1f}" for value in (plan.total, plan.worst, plan.every))
    console.print(
        f"Of 100 such mailings {total} reach the total, {worst} the quota of the worst unit, {every} all quotas at once; "
        f"some {plan.unneeded:,.0f} persons would be found fit in vain."
    )
    console.print(_waves(found))
    console.print(_kept(found))
    console.print(_stages(found.funnel))
    console.print("For the decree (the yield of the stages; waves are planned unit by unit, whatever the chance refers to):")
    console.print("\n".join(("[notices]", *_for_decree(found))), markup=False)
    console.print(
        f"seed {found.seed}, {DRAWS:,} draws of yields, {DRAWS // REHEARSED} call-ups a row; "
        "nothing is known of lasting differences of units"
    )


def _table(title: str, *columns: str) -> Table:
    table = Table(box=None, title=title, title_justify="left")
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    return table


def _waves(found: Planned) -> Table:
    table = _table("what waves save, the last asked for the chance", "waves", "notices", "each", "worst unit", "fit in vain", "lacking")
    whole = sum(found.quota.values())
    for row in found.waves:
        words = (f"{row.notices:,.0f}", f"{row.notices / whole:.2f}", f"{row.worst:.3f}", f"{row.unneeded:,.0f}", f"{row.short:,.0f}")
        table.add_row(str(row.waves), *words)
    table.add_row("yields known beforehand", f"{found.best:,.0f}", f"{found.best / whole:.2f}", "", "", "")
    return table


def _kept(found: Planned) -> Table:
    last = found.waves[-1].waves
    wanted, asked = f"{100 * found.plan.chance:.3g}", f"{100 * found.asked:.1f}"
    title = f"{last} waves, a unit to be full in {wanted} of 100 call-ups (the last wave asked for {asked})"
    table = _table(title, "what is true", "kept by a unit", "notices")
    for name, row in found.kept.items():
        table.add_row(name, f"{row.mean:.3f}", f"{row.notices:,.0f}")
    return table


def _stages(funnel: Funnel) -> Table:
    table = Table(box=None)
    for name in ("stage", "share", "source"):
        table.add_column(name, overflow="fold")
    for stage in funnel.stages:
        table.add_row(stage.name, f"{stage.share:.2f}", stage.source)
    return table


def figures(found: Planned) -> dict[str, object]:
    """The figures as plain values."""
    plan = {name: value for name, value in asdict(found.plan).items() if name != "notices"}
    return {
        "seed": found.seed, "draws": DRAWS, "persons": sum(found.quota.values()), "one_mailing": plan,
        "notices": dict(zip(found.quota, found.plan.notices.tolist(), strict=True)), "waves": [asdict(row) for row in found.waves],
        "known_beforehand": found.best, "asked_of_the_last_wave": found.asked,
        "kept": {name: asdict(row) for name, row in found.kept.items()},
        "decree": {"yield": round(found.funnel.share, 2), "waves": len(found.waves)},
    }  # fmt: skip


def _write(found: Planned, out: Path) -> None:
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["unit", "quota", "mean_yield", "notices"])
        for (unit, quota), mean, number in zip(found.quota.items(), found.mean, found.plan.notices, strict=True):
            writer.writerow([unit, quota, f"{mean:.4f}", int(number)])
