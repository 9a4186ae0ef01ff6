"""bench: measure, beside the peer and the limit."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from callup.app.benches import Measured, Setting, benches, machine
from callup.terms.errors import BadInput


def bench(
    which: Annotated[list[str] | None, typer.Argument(help="which benches; none: all of them")] = None,
    persons: Annotated[int, typer.Option(help="rows of the register; 0: each bench's own size")] = 0,
    large: Annotated[bool, typer.Option(help="also the runs that take minutes (1,000,000 rows and more)")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the figures as JSON")] = False,
) -> None:
    """Measure each part beside its peer and its limit; exit 1 where a target is missed.

    Example: callup bench log draw
    """
    known = benches()
    if unknown := [name for name in which or () if name not in known]:
        raise BadInput("bench-unknown", {"bench": ", ".join(unknown)}, f"choose from: {', '.join(known)}")
    made: dict[str, Measured] = {}
    for one in [known[name] for name in which or known]:
        with tempfile.TemporaryDirectory(prefix="callup-bench-") as folder:
            made[one.name] = one.run(Setting(persons, large), Path(folder))
        if not as_json:
            _print(one.name, one.question, made[one.name])
    about = machine()
    if as_json:
        typer.echo(
            json.dumps({"machine": about, "benches": {key: asdict(value) for key, value in made.items()}}, ensure_ascii=False, indent=1)
        )
    else:
        Console(highlight=False).print("measured on: " + "; ".join(f"{key} {value}" for key, value in about.items()))
    if not all(figure.kept for value in made.values() for figure in value.figures):
        raise typer.Exit(1)


def _print(name: str, question: str, measured: Measured) -> None:
    table = Table(title=f"{name}: {question}", title_justify="left", box=None)
    for heading, side in (("what", "left"), ("figure", "right"), ("unit", "left"), ("target", "left"), ("", "left")):
        table.add_column(heading, justify=side)  # type: ignore[arg-type]
    for figure in measured.figures:
        table.add_row(figure.what, shown(figure.value), figure.unit, figure.target, "" if figure.kept else "MISSED")
    console = Console(highlight=False)
    console.print(table)
    for remark in measured.remarks:
        console.print(f"  {remark}")
    console.print()


def shown(value: float) -> str:
    """A figure with three significant digits, thousands apart.

    Example:
        >>> shown(1234567.0), shown(0.1234), shown(12.34)
        ('1,230,000', '0.123', '12.3')
    """
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 100 or rounded == int(rounded) else f"{rounded:,.3g}"
