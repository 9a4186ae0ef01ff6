"""demo, new and run: the line from decree to report."""

from __future__ import annotations

import secrets
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from callup.app.commands.engine_option import EngineName
from callup.app.demo import lay_demo, of_the_limits
from callup.app.dossier import Dossier, parse_decree
from callup.app.engines.opening import DUCKDB
from callup.app.keys import read_dossier_key, write_dossier_key
from callup.app.known import jurisdiction
from callup.app.pipeline import run_line
from callup.app.sealed import seal_bytes
from callup.app.signing import WaitsForSignatures
from callup.app.stages.listing import sealed_order_name
from callup.app.summary import print_summary
from callup.app.voice import Voice
from callup.app.watch import Watch
from callup.app.wire import bring_back, check_lawful, course_of
from callup.terms.errors import BadInput


def demo(
    persons: Annotated[int, typer.Option(help="rows of the synthetic register, 1,000 to 10,000,000")] = 200_000,
    enlist: Annotated[int, typer.Option(help="persons to enlist; 0: the reference decree's number, scaled to the register")] = 0,
    seed: Annotated[int, typer.Option(help="the rehearsal's seed; the same seed gives the same bytes")] = 2025,
    out: Annotated[Path, typer.Option(help="where the dossier, its key and three letters go")] = Path("out/demo"),
    country: Annotated[str, typer.Option(help="code of the jurisdiction")] = "ru",
    engine: EngineName = DUCKDB,
    quiet: Annotated[bool, typer.Option(help="say nothing while it works")] = False,
) -> None:
    """Run a whole call-up on a synthetic register, from decree to report, and say where to look.

    Example: callup demo --persons 20000 --out out/small
    """
    watch = Watch()
    voice = Voice(quiet, watch)
    voice.say(f"REHEARSAL: synthetic persons, a world in memory, stand-ins who sign. {persons:,} rows, seed {seed}.")
    dossier, register = lay_demo(country, persons, seed, out, voice, enlist=enlist)
    with closing(course_of(dossier, voice, register, seed, engine=engine)) as course:
        run_line(course)
        print_summary(course, out, Console())
    voice.console.print(voice.shares())
    voice.say(of_the_limits(persons, sum(voice.seconds.values()), watch.end()))


def new(
    dossier: Annotated[Path, typer.Argument(help="the folder to make")],
    decree: Annotated[Path, typer.Option(help="the decree, TOML")],
    key: Annotated[Path | None, typer.Option(help="where the new dossier key goes, outside the dossier")] = None,
) -> None:
    """Lay a dossier for your own decree: decree, places (and order) beside it, a new key outside it.

    Example: callup new spring --decree decree.toml
    """
    try:
        text = decree.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        raise BadInput("decree-not-readable", {"path": str(decree), "why": str(failure)}, "give a TOML file in UTF-8") from failure
    read = parse_decree(text, decree)
    check_lawful(read)
    extra = {}
    for name in dict.fromkeys(read.files):
        beside = decree.parent / name
        if not beside.exists():
            raise BadInput("file-missing", {"path": str(beside)}, f"the decree names {name}: put it beside the decree")
        extra[name] = beside.read_bytes()
    key_path = key or dossier.with_name(dossier.name + ".key")
    if key_path.resolve().is_relative_to(dossier.resolve()):
        raise BadInput("key-inside-dossier", {"path": str(key_path)}, "keep the key outside the dossier")
    if not key_path.exists():
        write_dossier_key(key_path, secrets.token_bytes(32))
    dossier_key = read_dossier_key(key_path)
    if read.order_method != "draw":
        extra[sealed_order_name(read)] = seal_bytes(extra.pop(read.order_file), dossier_key, read.order_file.encode())
    Dossier.create(dossier, dossier_key, text, extra, jurisdiction(read.jurisdiction).version)
    Console().print(f"dossier {dossier}, key {key_path}: keep the key apart. Next: callup run {dossier} --register FILE")


def run(
    dossier: Annotated[Path, typer.Argument(help="the dossier")],
    register: Annotated[Path | None, typer.Option(help="the register, Parquet as made by: callup register check FILE --out")] = None,
    to: Annotated[str, typer.Option(help="stop after this stage")] = "",
    key: Annotated[Path | None, typer.Option(help="the dossier key")] = None,
    seed: Annotated[int, typer.Option(help="a rehearsal's seed")] = 2025,
    beacon: Annotated[
        str, typer.Option(help="the beacon's round: a JSON file as drand serves it, or a relay's address; for the cast")
    ] = "",
    engine: EngineName = DUCKDB,
    quiet: Annotated[bool, typer.Option(help="say nothing while it works")] = False,
) -> None:
    """Run what is not finished, stage by stage; after a crash, go on from the last whole stage.

    Example: callup run spring --register register.parquet --to freeze
    """
    voice = Voice(quiet)
    laid = Dossier.at(dossier, read_dossier_key(key or dossier.with_name(dossier.name + ".key")))
    try:
        with closing(course_of(laid, voice, register, seed, beacon, engine=engine)) as course:
            reached = run_line(course, to)
            bring_back(course)
    except WaitsForSignatures as halt:
        if halt.sheet:
            voice.show(halt.sheet)
            if halt.params["act"] == "freeze":
                voice.say(
                    f"the sample is read with: callup sheet {dossier} --act freeze --clerk NAME --reason WHY; each reading is recorded"
                )
        voice.say(f"halted, as the law of this dossier asks: {halt}. {halt.hint}")
        return
    voice.say(f"reached: {reached}")
