"""plan: does what was announced add up to what was printed; how many notices; does the pool last; which week?"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from callup.app.commands.plan_model import model
from callup.app.commands.plan_notices import notices
from callup.app.commands.plan_pool import pool
from callup.app.commands.plan_report import report
from callup.app.commands.plan_weeks import weeks
from callup.app.record.strength import beside_print
from callup.planning import Strength, xmile
from callup.terms.errors import BadInput

commands = typer.Typer(help="Look at plan and public record together.", no_args_is_help=True, rich_markup_mode=None)
commands.command("notices")(notices)
commands.command("pool")(pool)
commands.command("weeks")(weeks)
commands.command("report")(report)
commands.command("model")(model)


@commands.command("strength")
def strength(
    jurisdiction: Annotated[str, typer.Option(help="whose record")] = "ru",
    runs: Annotated[int, typer.Option(help="draws of the priors", min=100, max=1_000_000)] = 20_000,
    seed: Annotated[int, typer.Option(help="of the draws: the same seed, the same figures", min=0)] = 2026,
    as_json: Annotated[bool, typer.Option("--json", help="print the figures as JSON")] = False,
    xmile_file: Annotated[Path | None, typer.Option("--xmile", help="also write the model to this file, as XMILE")] = None,
) -> None:
    """Set announced flows beside the printed strength: by how much they miss, and on which assumptions that rests.

    Example: callup plan strength --runs 5000 --seed 1
    """
    beside = beside_print(jurisdiction, seed, runs)
    if beside is None:
        raise BadInput("no-record", {"jurisdiction": jurisdiction}, "no model of strength is carried for it")
    model, found = beside
    if xmile_file:
        xmile_file.write_text(xmile(model), encoding="utf-8")
    if as_json:
        sys.stdout.write(json.dumps(_figures(found, seed), ensure_ascii=False) + "\n")
        return
    console = Console(highlight=False)
    for sentence in found.sentences:
        console.print(sentence)
    console.print(_priors(found))
    console.print(f"seed {seed}; printed in: {'; '.join(claim.source for claim in found.printed)}")


def _priors(found: Strength) -> Table:
    table = Table(box=None)
    for name in ("prior", "spread", "goes with strength", "source"):
        table.add_column(name, overflow="fold")
    for constant, correlation in found.priors:
        one, other = (f"{value:,.10g}" for value in constant.spread)
        words = f"{one} to {other}" if constant.prior == "uniform" else f"{one}, deviation {other}"
        table.add_row(constant.name, words, f"{correlation:+.2f}", constant.source)
    return table


def _figures(found: Strength, seed: int) -> dict[str, object]:
    gap = found.residual
    return {
        "on": found.on.isoformat(), "seed": seed, "runs": found.runs, "residual": gap.name, "published": gap.published, "low": gap.low,
        "median": gap.median, "high": gap.high, "lowest": gap.lowest, "highest": gap.highest, "gap": gap.gap,
        "share_at_or_below": gap.share_below, "sources": [claim.source for claim in found.printed],
        "priors": [
            {"name": constant.name, "prior": constant.prior, "spread": list(constant.spread), "source": constant.source,
             "rank_correlation": correlation}
            for constant, correlation in found.priors
        ],
    }  # fmt: skip
