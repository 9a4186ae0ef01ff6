"""The law as it stood on a date; why a person is or is not liable, article by article; the jurisdiction's own examples."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from callup.jurisdictions import Jurisdiction, available, load
from callup.law import explain as explain_person
from callup.law import page, run_examples
from callup.notice.law_words import LawWords, words_there
from callup.terms.errors import BadInput

commands = typer.Typer(help="The law as notation: list, show, explain, test.", no_args_is_help=True, rich_markup_mode=None)

Code = Annotated[str, typer.Argument(help="the jurisdiction, e.g. freedonia")]
Folders = Annotated[Path | None, typer.Option("--jurisdictions", help="a folder holding more jurisdictions, one folder each")]
Json = Annotated[bool, typer.Option("--json", help="for programs")]
Day = Annotated[datetime, typer.Option("--as-of", formats=["%Y-%m-%d"], help="the day of the question")]
_ANSWERS = {True: "yes", False: "no", None: "unknown"}
_EFFECTS = {"liable": "binds", "exempt": "exempts", "disqualify": "bars", "defer": "defers"}
_FREED = {"exempt": "exempt", "disqualify": "barred", "defer": "deferred"}


@commands.command("list")
def listing(jurisdictions: Folders = None, *, as_json: Json = False) -> None:
    """List the jurisdictions, how many rules each has and how many citations are not yet checked; --json also gives the version.

    Example: callup law list
    """
    extra = _extra(jurisdictions)
    rows = [_summary(load(code, extra)) for code in available(extra)]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table(box=SIMPLE)
    table.add_column("code", overflow="fold", min_width=max(len(str(row["code"])) for row in rows))
    table.add_column("law", overflow="fold")
    for count in ("rules", "examples", "unverified"):
        table.add_column(count, justify="right")
    for row in rows:
        table.add_row(*(str(row[name]) for name in ("code", "law", "rules", "examples", "unverified")))
    Console().print(table)


def _summary(found: Jurisdiction) -> dict[str, object]:
    marked = len(found.law.unverified) + len(found.procedure.unverified)
    return {
        "code": found.code,
        "law": found.law.title,
        "rules": len(found.law.rules),
        "examples": len(found.examples),
        "unverified": marked,
        "version": found.version,
    }


@commands.command("show")
def show(
    code: Code,
    as_of: Day,
    out: Annotated[Path | None, typer.Option("--out", help="write the page for jurists (HTML) to this file")] = None,
    jurisdictions: Folders = None,
    *,
    as_json: Json = False,
) -> None:
    """Show the law as it stood on a day: each rule in force, in words, with its article.

    Example: callup law show freedonia --as-of 2025-04-01
    """
    found, day = load(code, _extra(jurisdictions)), as_of.date()
    if out is not None:
        facts = words_there(found.law, found.forms).facts
        out.write_text(page(found.law, found.procedure, day, found.examples, facts=facts), encoding="utf-8")
        typer.echo(f"written: {out}")
        return
    rules = [rule for rule in found.law.rules if rule.in_force(day)]
    values = {name: parameter.at(day) for name, parameter in found.law.parameters.items() if parameter.values[0].since <= day}
    if as_json:
        rows = [
            {"rule": one.name, "effect": one.effect, "article": one.citation, "words": one.words, "unverified": one.unverified}
            for one in rules
        ]
        said = {"law": found.law.title, "digest": found.law.digest, "as_of": day, "rules": rows, "values": values}
        typer.echo(json.dumps(said, ensure_ascii=False, default=str))
        return
    table = _table("no", "it", "rule in words, and its article", title=f"{found.law.title}\nas of {day}")
    for one in rules:
        table.add_row(str(one.number), _EFFECTS[one.effect], f"{one.words}\n{_cited(one.citation, one.unverified)}")
    console = Console(markup=False)
    console.print(table)
    for name, value in values.items():
        console.print(f"{name} = {'not known' if value is None else value}", highlight=False, markup=False)


def _table(*columns: str, title: str) -> Table:
    """A table of which nothing is cut: what is too wide goes on in the next line."""
    table = Table(title=title, show_lines=True)
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _cited(citation: str, unverified: bool) -> str:
    return f"{citation} (unverified)" if unverified else citation


@commands.command("explain")
def explain(
    code: Code,
    person: Annotated[Path, typer.Option("--person", help="a TOML file with the person's columns; what is not in it is unknown")],
    as_of: Day,
    jurisdictions: Folders = None,
    *,
    as_json: Json = False,
) -> None:
    """Explain why a person is or is not liable on a day, rule by rule.

    Example: callup law explain freedonia --person person.toml --as-of 2025-04-01
    """
    found = load(code, _extra(jurisdictions))
    told = explain_person(found.law, _person(person, found), as_of.date())
    if as_json:
        steps = [
            {"rule": s.name, "effect": s.effect, "article": s.citation, "answer": _ANSWERS[s.answer], "words": s.words} for s in told.steps
        ]
        said = {
            "finding": told.finding,
            "because": told.because,
            "until": told.until,
            "missing": told.missing,
            "steps": steps,
            "law": told.law,
        }
        typer.echo(json.dumps(said, ensure_ascii=False, default=str))
        return
    words = words_there(found.law, found.forms)
    table = _table("no", "it", "rule in words, and its article", "holds", "rests on", title=f"{found.law.title}\nas of {told.day}")
    for step in told.steps:
        facts = "\n".join(f"{words.label(name)}: {_fact(found, words, name, value)}" for name, value in step.facts)
        table.add_row(
            str(step.number), _EFFECTS[step.effect], f"{step.words}\n{_cited(step.citation, step.unverified)}", _ANSWERS[step.answer], facts
        )
    console = Console(highlight=False, markup=False)
    console.print(table, markup=False)
    freed = _freed(found, told.rule, told.until) if told.finding == "NOT_LIABLE" else ""
    console.print(f"{told.finding}{freed}, because of {'; '.join(told.because)}")
    if told.missing:
        unknown = "; ".join(words.label(name) for name in told.missing)
        console.print(f"not known: {unknown}; nobody may be called on this before a ruling")


def _freed(found: Jurisdiction, deciding: int, until: date | None) -> str:
    """How the deciding rule frees somebody, and until when: ": deferred until 2026-06-30"; nothing where none does."""
    freed = "".join(f": {_FREED[rule.effect]}" for rule in found.law.rules if rule.number == deciding and rule.effect in _FREED)
    return f"{freed} until {until}" if freed and until else freed


@commands.command("test")
def run_tests(code: Code, jurisdictions: Folders = None, *, as_json: Json = False) -> None:
    """Run the jurisdiction's own examples and name what lacks one; exit 1 if any fails or lacks.

    Example: callup law test freedonia
    """
    found = load(code, _extra(jurisdictions))
    report = run_examples(found.law, found.procedure, found.examples)
    if as_json:
        typer.echo(json.dumps({"ran": report.ran, "failures": report.failures, "lacking": report.lacking}, ensure_ascii=False))
    else:
        console = Console(highlight=False, markup=False)
        for line in (*report.failures, *(f"lacking: {what}" for what in report.lacking)):
            console.print(line)
        console.print(f"{report.ran} examples, {len(report.failures)} failed, {len(report.lacking)} lacking")
    if not report.passed:
        raise typer.Exit(1)


def _fact(found: Jurisdiction, said: LawWords, name: str, value: object) -> str:
    if value is None:
        return "not stated, which means no" if found.law.columns[name].absent_no else "unknown"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else said.shown(name, value)


def _extra(folder: Path | None) -> dict[str, Path] | None:
    if folder is None:
        return None
    if not folder.is_dir():
        raise BadInput("folder-missing", {"path": str(folder)}, "name a folder that holds jurisdictions")
    return {child.name: child for child in sorted(folder.iterdir()) if child.is_dir() and (child / "law.py").is_file()}


def _person(path: Path, found: Jurisdiction) -> Mapping[str, Any]:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput("person-missing", {"path": str(path)}, "there is no such file: give a TOML file, column = value") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as broken:
        raise BadInput("person-unreadable", {"path": str(path), "what": str(broken)}, "give a TOML file: column = value") from None
    types = {"date": date, "text": str, "flag": bool, "number": int}
    for name, value in told.items():
        column = found.law.columns.get(name)
        if column is None or type(value) is not types[column.type]:
            wanted = column.type if column else f"one of {', '.join(found.law.columns)}"
            raise BadInput("person-unreadable", {"path": str(path), "column": name, "value": value}, f"the law reads {wanted}")
    return told
