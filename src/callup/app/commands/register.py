"""register check, synth and answers: a file of persons looked at as a whole, synthetic registers, and what the forms of a call-up said."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
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

commands = typer.Typer(help="Registers of persons: check a file, make a synthetic one, put answers into one.", no_args_is_help=True)


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
    _say(problems, file, f"{rows:,} persons, no problem found" + (f"; written to {out}" if out else ""), as_json=as_json)


@commands.command("answers")
def answers(
    dossier: Annotated[Path, typer.Argument(help="the dossier of the call-up that asked")],
    table: Annotated[Path, typer.Option(help="the answers as two people keyed them, CSV: docs/guides/answers.md")],
    register: Annotated[Path, typer.Option(help="the register of the next call-up, Parquet as `register check` writes it")],
    country: Annotated[str, typer.Option(help="code of the next call-up's law")],
    out: Annotated[Path, typer.Option(help="write the register with the answers here; beside it OUT.sources.csv")],
    key: Annotated[Path | None, typer.Option(help="the dossier key")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the problems as JSON")] = False,
) -> None:
    """Put what the forms said into the register of the next call-up; who did not answer stays unknown. It names nobody.

    Example: callup register answers wheel --table answers.csv --register wheel.parquet --country us-jury --out qualified.parquet
    """
    from callup.app.answers import join_answers
    from callup.app.commands.opening import course_at

    with closing(course_at(dossier, key)) as course:
        problems, joined = join_answers(course, table, register, jurisdiction(country).law, out)
    said = f"{joined.answered:,} of {joined.persons:,} persons answered, {joined.filled:,} values filled; written to {out}"
    _say(problems, table, said, as_json=as_json)


def _say(problems: Sequence[Mapping[str, object]], file: Path, good: str, *, as_json: bool) -> None:
    """All that is wrong with a file, or that nothing is; exit 2 in the first case."""
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
        Console().print(good)
    if problems:
        raise typer.Exit(2)
