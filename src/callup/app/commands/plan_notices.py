"""plan notices: how many notices a quota takes, for the total, each unit or all units at once; and what waves save."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from callup.app.durable import write_bytes
from callup.app.outlook.files import text_of
from callup.app.outlook.notices import DRAWS, REHEARSED, WHAT, Planned, figures, for_decree, funnel_of, into_decree, plan_of, quota_of
from callup.planning.yields import Funnel


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
    console.print("\n".join(("[notices]", *for_decree(found))), markup=False)
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


def _write(found: Planned, out: Path) -> None:
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["unit", "quota", "mean_yield", "notices"])
        for (unit, quota), mean, number in zip(found.quota.items(), found.mean, found.plan.notices, strict=True):
            writer.writerow([unit, quota, f"{mean:.4f}", int(number)])
