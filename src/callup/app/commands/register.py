"""register check and synth: a file of persons looked at as a whole, and synthetic registers."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from callup.app.commands.engine_option import EngineName
from callup.app.engines.opening import DUCKDB
from callup.app.known import jurisdiction
from callup.app.synthetic import write_register
from callup.app.voice import Voice
from callup.law import register_schema
from callup.terms.errors import BadInput

commands = typer.Typer(help="Registers of persons: check a file, make a synthetic one.", no_args_is_help=True)


@commands.command("synth")
def synth_command(
    out: Annotated[Path, typer.Option(help="the Parquet file to write")],
    persons: Annotated[int, typer.Option(help="rows, 1,000 to 10,000,000")] = 200_000,
    seed: Annotated[int, typer.Option(help="same seed, same persons")] = 2025,
    country: Annotated[str, typer.Option(help="code of the jurisdiction")] = "ru",
    engine: EngineName = DUCKDB,
) -> None:
    """Make a synthetic register from the jurisdiction's population tables. Nobody in it exists.

    Example: callup register synth --country ru --persons 20000 --out register.parquet
    """
    if not 1_000 <= persons <= 10_000_000:
        raise BadInput("persons-out-of-range", {"persons": persons}, "choose from 1,000 to 10,000,000")
    with Progress(console=Voice().console, transient=True) as progress:
        task = progress.add_task(f"making {persons:,} synthetic persons", total=persons)
        write_register(country, persons, seed, out, partial(progress.advance, task), engine=engine)
    Voice().say(f"{persons:,} synthetic persons in {out}; nobody in it exists")


@commands.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8, or Parquet")],
    country: Annotated[str, typer.Option(help="code of the jurisdiction")] = "ru",
    out: Annotated[Path | None, typer.Option(help="write the clean register here as Parquet")] = None,
    engine: EngineName = DUCKDB,
    as_json: Annotated[bool, typer.Option("--json", help="print the problems as JSON")] = False,
) -> None:
    """Say everything that is wrong with a register, at once: code, row, column, value, what to do.

    Example: callup register check register.csv --country ru --out register.parquet
    """
    from callup.app.intake import check_register

    with Voice().console.status(f"looking at {file} ..."):
        problems, rows = check_register(file, register_schema(jurisdiction(country).law), out, engine)
    if as_json:
        typer.echo(json.dumps(problems, ensure_ascii=False))
    elif problems:
        table = Table(title=f"{len(problems):,} problems in {file}", box=None, title_justify="left")
        for name in ("code", "row", "column", "value", "hint"):
            table.add_column(name)
        for problem in problems[:200]:
            table.add_row(*("" if problem[name] is None else str(problem[name]) for name in ("code", "row", "column", "value", "hint")))
        Console().print(table)
    else:
        Console().print(f"{rows:,} persons, no problem found" + (f"; written to {out}" if out else ""))
    if problems:
        raise typer.Exit(2)
