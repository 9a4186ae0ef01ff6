"""plan model: run a model of stocks and flows of one's own, as a model file or XMILE; write it as XMILE."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from callup.app.outlook.files import text_of
from callup.app.record.public import public_claims
from callup.planning import Model, draw_constants, forecast, read_model, xmile
from callup.planning.from_xmile import read_xmile

Forecast = Any
"""A model run; its class does not stand on the face of `planning`, which is full."""


def model(
    file: Annotated[Path, typer.Argument(help="a model file (.toml), or XMILE (.xmile, .stmx, .xml)")],
    jurisdiction: Annotated[str, typer.Option(help="whose record the constants that name a claim are read from")] = "ru",
    runs: Annotated[int, typer.Option(help="draws of the priors, where the model has any", min=1, max=200_000)] = 1_000,
    seed: Annotated[int, typer.Option(help="the same seed, the same figures", min=0)] = 2026,
    plain: Annotated[bool, typer.Option(help="write XMILE for programs without conveyors, as PySD and BPTK-Py")] = False,
    xmile_file: Annotated[Path | None, typer.Option("--xmile", help="also write the model to this file, as XMILE")] = None,
    out: Annotated[Path | None, typer.Option(help="also write every stock and flow by step to this CSV file: medians")] = None,
) -> None:
    """Run a model of stocks and flows: what each stock holds at both ends, what each flow moved, and that nobody is made or lost.

    Example: callup plan model model.toml --xmile model.xmile
    """
    read = _read(file, jurisdiction)
    if xmile_file:
        xmile_file.write_text(xmile(read, conveyors=not plain), encoding="utf-8")
    drawn = draw_constants(read, np.random.default_rng(seed), runs)
    found = forecast(read, drawn, runs if drawn else 1)
    if out:
        _write(found, out)
    console = Console(highlight=False)
    console.print(f"{read.title or file.name}: {read.steps} steps of {float(read.step):g} {read.unit}", markup=False)
    console.print(_stocks(found))
    console.print(_flows(found))
    console.print(f"apart: what stocks hold and what flows moved differ by at most {apart(found):.1e} in any stock and run")


def _read(file: Path, jurisdiction: str) -> Model:
    text = text_of(file)
    return read_model(text, public_claims(jurisdiction)) if file.suffix == ".toml" else read_xmile(text)


def apart(found: Forecast) -> float:
    """The largest difference between what a stock holds at the end and what it began with and flows moved, over stocks and runs."""
    worst = 0.0
    for name, course in found.stocks.items():
        flows = [flow for flow in found.model.flows if name in (flow.source, flow.target)]
        moved = [(1 if flow.target == name else -1) * found.flows[flow.name].sum(axis=0) for flow in flows]
        worst = max(worst, float(np.max(np.abs(course[-1] - course[0] - np.sum(moved, axis=0)))))
    return worst


def _stocks(found: Forecast) -> Table:
    made = Table(box=None)
    for name in ("stock", "at the start", "at the end", "90 of 100 runs"):
        made.add_column(name, justify="right" if made.columns else "left")
    for name, course in found.stocks.items():
        low, high = np.quantile(course[-1], (0.05, 0.95))
        made.add_row(name, f"{np.median(course[0]):,.0f}", f"{np.median(course[-1]):,.0f}", f"{low:,.0f} to {high:,.0f}")
    return made


def _flows(found: Forecast) -> Table:
    made = Table(box=None)
    for name in ("flow", "from", "into", "moved in all"):
        made.add_column(name, justify="right" if name == "moved in all" else "left")
    for flow in found.model.flows:
        made.add_row(flow.name, flow.source, flow.target, f"{np.median(found.flows[flow.name].sum(axis=0)):,.0f}")
    return made


def _write(found: Forecast, out: Path) -> None:
    model_ = found.model
    times = [str(day) for day in model_.days] or [f"{float(model_.step * step):g}" for step in range(model_.steps + 1)]
    columns = {**found.stocks, **{name: np.vstack([moved, np.full(moved.shape[1], np.nan)]) for name, moved in found.flows.items()}}
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["from", *columns])
        for step, when in enumerate(times):
            row = [float(np.median(values[step])) for values in columns.values()]
            writer.writerow([when, *("" if np.isnan(value) else f"{value:.6g}" for value in row)])
