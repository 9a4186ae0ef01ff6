"""record: what was announced beside what is known, from press figures alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from callup.app.clock import WallClock
from callup.app.durable import write_bytes
from callup.app.record import Claim
from callup.app.record.accounts import Mismatch, check_account, read_account
from callup.app.record.carrying import RUNS, SEED, Record, carried, one_file, read_record
from callup.app.record.checks import law_folder
from callup.app.record.registry import beside
from callup.app.record.verdicts import claims_of
from callup.terms.errors import BadInput, OutOfOrder

commands = typer.Typer(help="Set an announcement beside the public record.", no_args_is_help=True, rich_markup_mode=None)

Code = Annotated[str, typer.Option(help="whose record")]
From = Annotated[Path | None, typer.Option("--from", help="a record of your own: a folder, or a file of callup record export")]
AsOf = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the day on which it is read; without it today")]
Json = Annotated[bool, typer.Option("--json", help="print JSON")]


def _record(code: str, path: Path | None, as_of: datetime | None) -> tuple[Record, date]:
    record = read_record(path, code) if path else carried(code)
    if not record.files:
        raise BadInput("no-record", {"jurisdiction": code}, "none is carried for it; give your own with --from")
    day = as_of.date() if as_of else date.fromisoformat(record.as_of) if record.as_of else WallClock().day("record")
    law = law_folder(record.code).version
    if record.law and record.law != law:
        raise OutOfOrder("record-of-another-law", {"law folder": record.code, "exported with": record.law, "here": law},
                         "the law folder has changed since: export the record again")  # fmt: skip
    return replace(record, as_of=day.isoformat(), law=law), day


@commands.command("list")
def list_claims(jurisdiction: Code = "ru", from_: From = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """List the claims of the announcement, each with its verdict.

    Example: callup record list --as-of 2026-11-26
    """
    found = claims_of(*_record(jurisdiction, from_, as_of))
    if as_json:
        typer.echo(json.dumps([asdict(claim) for claim in found], ensure_ascii=False))
        return
    console = Console(highlight=False)
    for claim in found:
        figures = f": {claim.figures}" if claim.figures else ""
        console.print(f"{claim.id}  {claim.result:<16} {claim.words}{figures}", soft_wrap=True, markup=False)


@commands.command("show")
def show(
    claim: Annotated[str, typer.Argument(help="its number, as C13")],
    jurisdiction: Code = "ru",
    from_: From = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Show one claim: who says it, what it was compared with, the verdict, and where callup answers.

    Example: callup record show C13
    """
    found = {one.id: one for one in claims_of(*_record(jurisdiction, from_, as_of))}
    if claim not in found:
        raise BadInput("claim-unknown", {"claim": claim}, f"one of: {', '.join(found)}")
    if as_json:
        typer.echo(json.dumps(asdict(found[claim]), ensure_ascii=False))
        return
    _tell(found[claim])


def _tell(claim: Claim) -> None:
    typer.echo(f"{claim.id}  {claim.words}{f': {claim.figures}' if claim.figures else ''}")
    typer.echo(f"said by: {claim.said_by}")
    typer.echo(f"{claim.result}: {claim.finding}")
    for source in claim.sources:
        typer.echo(f"  compared with: {source}")
    typer.echo(f"where callup answers: {claim.answers or 'nowhere'}")


@commands.command("claims")
def claims(
    jurisdiction: Code = "ru",
    from_: From = None,
    only: Annotated[str, typer.Option(help="differ, missing, one voice, ...")] = "",
    as_json: Json = False,
) -> None:
    """List what the registry has on every quantity: who says what, where they differ, where a number is missing.

    Example: callup record claims --only differ
    """
    found = beside(_record(jurisdiction, from_, None)[0], (only,) if only else ())
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        typer.echo(f"{one.period or 'no period':<26} {one.sentence}")


@commands.command("check")
def check(
    account: Annotated[Path | None, typer.Argument(help="a CSV table of stocks and flows; without it those of the record")] = None,
    jurisdiction: Code = "ru",
    from_: From = None,
    as_json: Json = False,
) -> None:
    """Find what does not add up in a table of stocks and flows; exit 1 where something does not.

    Which sums there are to try is seen from the table: docs/formats.md says how columns are read.

    Example: callup record check table.csv
    """
    found = {account.name: _checked(account)} if account else _all_accounts(jurisdiction, from_)
    if as_json:
        typer.echo(json.dumps({name: [_plain(one) for one in some] for name, some in found.items()}, ensure_ascii=False))
    else:
        for name, some in found.items():
            _say(name, some)
    if any(not one.rounding for some in found.values() for one in some):
        raise typer.Exit(1)


def _checked(path: Path) -> tuple[Mismatch, ...]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as failure:
        raise BadInput("account-unreadable", {"table": path, "why": failure}, "give a CSV file in UTF-8") from None
    return check_account(read_account(text, path.name))


def _all_accounts(code: str, path: Path | None) -> dict[str, tuple[Mismatch, ...]]:
    from callup.app.record.strength import accounts_of, computed

    record, _ = _record(code, path, None)
    return {name: check_account(read_account(text, name)) for name, text in accounts_of(record, computed(record)).items()}


def _say(name: str, some: Sequence[Mismatch]) -> None:
    findings = sum(not one.rounding for one in some)
    typer.echo(f"{name}: {'adds up' if not findings else f'{findings} do not add up' if findings > 1 else '1 does not add up'}")
    for one in some:
        typer.echo(f"  {'remark (rounding explains it)' if one.rounding else 'finding'}: {one.sentence}")
        typer.echo(f"    rule: {one.rule}; rows {', '.join(map(str, one.rows))}")


def _plain(one: Mismatch) -> dict[str, Any]:
    return {"rule": one.rule, "rows": list(one.rows), "finding": one.sentence, "apart": float(one.apart), "rounding": one.rounding}


@commands.command("page")
def page(
    out: Annotated[Path, typer.Option(help="folder to write into; made if there is none")],
    jurisdiction: Code = "ru",
    from_: From = None,
    as_of: AsOf = None,
    sheet: Annotated[Path | None, typer.Option(help="what callup undertakings --json printed of a dossier")] = None,
) -> None:
    """Write the page of the record, its tables and the one file that all of it is made from.

    Example: callup record page --out out/record --as-of 2026-11-26
    """
    from callup.app.record.page import find, write_page  # draws and lays out: only whoever wants a page waits for it

    record, day = _record(jurisdiction, from_, as_of)
    out.mkdir(parents=True, exist_ok=True)
    for name in write_page(out, find(record, day, _sheet(sheet))):
        typer.echo(out / name)


def _sheet(path: Path | None) -> Sequence[Mapping[str, Any]]:
    if path is None:
        return ()
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return [{name: row[name] for name in ("id", "text", "verdict", "reports")} for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as failure:
        raise BadInput("sheet-unreadable", {"file": path, "why": failure}, "give what callup undertakings --json printed") from None


@commands.command("export")
def export(
    to: Annotated[Path, typer.Option(help="the file to write")],
    jurisdiction: Code = "ru",
    from_: From = None,
    as_of: AsOf = None,
    seed: Annotated[int, typer.Option(help="of the draws", min=0)] = SEED,
    runs: Annotated[int, typer.Option(help="how many draws", min=100, max=1_000_000)] = RUNS,
) -> None:
    """Write the whole record as one file: claims, seed, release. Page and verdicts are made again from it, without a network.

    Example: callup record export --to out/record.json --as-of 2026-11-26
    """
    record, _ = _record(jurisdiction, from_, as_of)
    content = one_file(replace(record, seed=seed, runs=runs))
    write_bytes(to, content)
    typer.echo(f"{to}: {len(content) / 1000:.0f} kB")
