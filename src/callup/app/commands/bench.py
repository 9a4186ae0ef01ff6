"""bench: measure, beside the peer and the limit; keep the figures, and compare them with those kept last."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from callup.app import durable
from callup.app.benches import Setting, benches
from callup.app.benches.results import fallen, keep, measured_often, read_kept, shown_of
from callup.app.benches.results_page import page_of, three_digits
from callup.terms.errors import BadInput


def bench(
    which: Annotated[list[str] | None, typer.Argument(help="which benches; none: all of them")] = None,
    persons: Annotated[int, typer.Option(help="rows of the register; 0: each bench's own size")] = 0,
    large: Annotated[bool, typer.Option(help="also the runs that take minutes (1,000,000 rows and more)")] = False,
    runs: Annotated[int, typer.Option(help="run each so often, an odd number, and give medians")] = 1,
    out: Annotated[Path | None, typer.Option(help="keep the figures here, a JSON file a bench, and one page of all")] = None,
    against: Annotated[Path | None, typer.Option(help="figures kept before: exit 1 only where a ratio fell by a fifth or more")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the figures as JSON")] = False,
) -> None:
    """Measure each part beside its peer and its limit; exit 1 where a target is missed.

    Example: callup bench log draw
    """
    known = benches()
    if unknown := [name for name in which or () if name not in known]:
        raise BadInput("bench-unknown", {"bench": ", ".join(unknown)}, f"choose from: {', '.join(known)}")
    if runs < 1 or runs % 2 == 0:
        raise BadInput("bench-runs", {"runs": runs}, "give an odd number, so that each median is a figure that was measured")
    before = read_kept(against) if against else []
    results = []
    for name in which or known:
        results.append(_measured(name, Setting(persons, large), runs))
        if out:
            keep(results[-1], out)
            durable.write_bytes(out / "index.html", page_of(read_kept(out)).encode())
        if not as_json:
            _print(results[-1])
    _say(results, as_json)
    missed = not all(figure["kept"] for result in results for figure in result["figures"])
    if _compared(before, results) if against else missed:
        raise typer.Exit(1)


def _measured(name: str, setting: Setting, runs: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="callup-bench-") as whole:
        return measured_often(benches()[name], setting, runs, lambda: Path(tempfile.mkdtemp(dir=whole)))


def _say(results: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        found = {result["bench"]: {"figures": result["figures"], "remarks": result["remarks"]} for result in results}
        typer.echo(json.dumps({"machine": results[0]["machine"], "benches": found}, ensure_ascii=False, indent=1))
    else:
        Console(highlight=False).print("measured on: " + "; ".join(f"{key} {value}" for key, value in results[0]["machine"].items()))


def _compared(before: list[dict[str, Any]], results: list[dict[str, Any]]) -> bool:
    """Say which ratios fell; whether any did."""
    falls, strange = fallen(before, results)
    for fall in falls:
        typer.echo(f"{fall.bench}: {fall.what}: was {three_digits(fall.before)}, is {three_digits(fall.now)}", err=True)
    if strange:
        typer.echo(f"not compared, since nothing of this size or name was kept, or is measured: {', '.join(strange)}", err=True)
    return bool(falls)


def _print(result: dict[str, Any]) -> None:
    table = Table(title=f"{result['bench']}: {result['question']}", title_justify="left", box=None)
    for heading, side in (("what", "left"), ("figure", "right"), ("unit", "left"), ("target", "left"), ("", "left")):
        table.add_column(heading, justify=side)  # type: ignore[arg-type]
    measured = shown_of(result)
    for figure in measured.figures:
        table.add_row(figure.what, three_digits(figure.value), figure.unit, figure.target, "" if figure.kept else "MISSED")
    console = Console(highlight=False)
    console.print(table)
    for remark in measured.remarks:
        console.print(f"  {remark}")
    console.print()
