"""sheet, sign, rule, halt and fact: what people record before there is a desk; the desk later calls the same functions."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console

from callup.app.acts import halt_scope, import_facts, open_next_ruling, rule_person, waiting_for_ruling
from callup.app.commands.check import key_beside
from callup.app.commands.opening import course_at
from callup.app.dossier import Dossier, parse_decree
from callup.app.keys import read_dossier_key
from callup.app.reporting import signed_report, take_report
from callup.app.sheets import kept_sheet, open_sample, sheet_digest
from callup.app.signing import sign_act
from callup.app.wire import facts_of
from callup.terms.errors import BadInput

commands = typer.Typer(help="Record facts: what happened, who says so, with what evidence.", no_args_is_help=True)

Where = Annotated[Path, typer.Argument(help="the dossier")]
Key = Annotated[Path | None, typer.Option(help="the dossier key")]
By = Annotated[list[str], typer.Option(help="who decides, as the decree names them; given twice, the second has read it after the first")]
Seed = Annotated[int, typer.Option(help="a rehearsal's seed, for its stand-ins' signatures")]
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="the day, YYYY-MM-DD")]


def _dossier(path: Path, key: Path | None) -> Dossier:
    return Dossier.at(path, read_dossier_key(key_beside(path, key)))


def _two(names: list[str]) -> tuple[str, str]:
    if len(names) != 2:
        raise BadInput("not-two-people", {"names": ", ".join(names)}, "two people decide: --by NAME --by NAME")
    return names[0], names[1]


def sign(
    dossier: Where,
    act: Annotated[str, typer.Option(help="freeze, size-N for wave N, ruling or halt")],
    digest: Annotated[str, typer.Option(help="the digest that the run named")],
    name: Annotated[str, typer.Option(help="your name, as the decree writes it")],
    signing_key: Annotated[Path, typer.Option(help="your Ed25519 key, 64 hex digits in a file")],
    key: Key = None,
) -> None:
    """Sign a freeze, a wave, a ruling or a halt, as one of the people that the decree names; read its sheet first: callup sheet.

    Example: callup sign spring --act freeze --digest 3f... --name "A. Example" --signing-key mine.key
    """
    private = Ed25519PrivateKey.from_private_bytes(read_dossier_key(signing_key))
    sign_act(_dossier(dossier, key), name, private, act, digest)
    Console().print(f"signed: {act} {digest[:16]}... by {name}")


@commands.command("report")
def report_(
    decree: Annotated[Path, typer.Argument(help="the decree, as it was published")],
    to: Annotated[Path, typer.Option(help="where the signed report goes")],
    watchdog: Annotated[str, typer.Option(help="the watchdog's name, as the decree writes it")],
    kind: Annotated[str, typer.Option(help="assigned, posted, contract_signed, term_extended or discharged")],
    month: Annotated[str, typer.Option(help="the month, YYYY-MM: never a day")],
    signing_key: Annotated[Path, typer.Option(help="the watchdog's Ed25519 key, 64 hex digits in a file")],
    field: Annotated[list[str], typer.Option(help="case=...; ground=CATEGORY of a posting; until=YYYY-MM-DD of a longer term")],
) -> None:
    """Write and sign a watchdog's report of what came after enlistment (G21); it needs the decree and nothing of the dossier.

    Example: callup fact report decree.toml --to r --watchdog Moms --kind discharged --month 2026-03 --field case=4f --signing-key w.key
    """
    said = {"watchdog": watchdog, "kind": kind, "month": month} | dict(one.partition("=")[::2] for one in field)
    private = Ed25519PrivateKey.from_private_bytes(read_dossier_key(signing_key))
    to.write_bytes(signed_report(parse_decree(decree.read_text(encoding="utf-8"), decree), said, private))
    Console().print(f"signed report of {watchdog}: {to}", soft_wrap=True)


@commands.command("take")
def take(
    dossier: Where,
    file: Annotated[Path, typer.Argument(help="a signed report, as callup fact report writes it")],
    known_on: Day,
    key: Key = None,
) -> None:
    """Take in a watchdog's signed report: its signature is checked, the report kept sealed, its fact recorded (G21).

    Example: callup fact take spring r.txt --known-on 2026-04-02
    """
    laid = _dossier(dossier, key)
    new = take_report(laid, facts_of(laid), file.read_bytes(), known_on.date())
    Console().print("recorded" if new else "was recorded already")


def sheet(
    dossier: Where,
    act: Annotated[str, typer.Option(help="freeze, or size-N for wave N")],
    clerk: Annotated[str, typer.Option(help="who reads the sample of a freeze")] = "",
    reason: Annotated[str, typer.Option(help="why")] = "",
    key: Key = None,
) -> None:
    """Print the sheet that two people sign; of a freeze also the rows of its sample, read by a named clerk, who is recorded (G4, G7).

    Example: callup sheet spring --act freeze --clerk "A. Example" --reason "read before I sign"
    """
    with closing(course_at(dossier, key)) as course:
        text = kept_sheet(course.dossier, act)
        rows = open_sample(course, clerk, reason) if act == "freeze" else []
    for part in (text, f"digest to sign: {sheet_digest(text)}", *rows):
        typer.echo(part)


def rule(
    dossier: Where,
    person: Annotated[str, typer.Option(help="the re-keyed person id from the ruling list")],
    outcome: Annotated[str, typer.Option(help="liable or not-liable")],
    by: By,
    reason: Annotated[str, typer.Option(help="the reasons, in words")],
    on: Day,
    seed: Seed = 2025,
    key: Key = None,
) -> None:
    """Rule on one undetermined finding; an undetermined person is never called without a ruling (G8).

    Waits until both have signed it (G7): it names the digest to sign, and is recorded when you call it again.

    Example: callup rule spring --person 4e --outcome not-liable --by "A. B." --by "C. D." --reason served --on 2025-04-02
    """
    course = course_at(dossier, key, seed)
    new = rule_person(course, person, outcome, officials=_two(by), reason=reason, day=on.date())
    Console().print("recorded" if new else "was recorded already")


def rulings(
    dossier: Where,
    open_one: Annotated[bool, typer.Option(help="open the next person who waits; needs --clerk and --reason")] = False,
    clerk: Annotated[str, typer.Option(help="who looks")] = "",
    reason: Annotated[str, typer.Option(help="why")] = "",
    key: Key = None,
) -> None:
    """Count those whose finding is undetermined, by what is missing; open one of them as a named clerk (safeguards G4, G8).

    Example: callup rulings out/demo/dossier
    """
    course = course_at(dossier, key)
    console = Console(highlight=False, soft_wrap=True)
    if not open_one:
        for words, count in waiting_for_ruling(course).items():
            console.print(f"{count:>8,}  {words}")
        return
    found = open_next_ruling(course, clerk, reason)
    for name, value in found.items():
        console.print(f"{name}: {value}")


def halt(
    dossier: Where,
    by: By,
    reason: Annotated[str, typer.Option(help="why, in words")],
    on: Day,
    wave: Annotated[int, typer.Option(help="stop this wave")] = 0,
    unit: Annotated[str, typer.Option(help="stop this unit")] = "",
    seed: Seed = 2025,
    key: Key = None,
) -> None:
    """Stop and recall a wave or a unit: notices are withdrawn, no one loses a day; prints what was printed, posted, opened (G14).

    Example: callup halt out/demo/dossier --wave 2 --by "A. B." --by "C. D." --reason "wrong place on the letter" --on 2025-05-06
    """
    if bool(wave) == bool(unit):
        raise BadInput("halt-scope", {"wave": wave, "unit": unit}, "name one: --wave N or --unit U")
    course = course_at(dossier, key, seed)
    counts = halt_scope(course, wave=wave, unit=unit, officials=_two(by), reason=reason, day=on.date())
    console = Console(highlight=False, soft_wrap=True)
    for name, count in counts.items():
        console.print(f"{name}: {count:,}")


@commands.command("import")
def import_(dossier: Where, file: Annotated[Path, typer.Argument(help="CSV, one fact a line")], key: Key = None) -> None:
    """Import facts from a CSV: all problems at once, nothing recorded unless all is well; the same fact is one fact.

    Example: callup fact import spring returned-2025-05-02.csv
    """
    laid = _dossier(dossier, key)
    total, new = import_facts(facts_of(laid), file, laid.decree())
    Console().print(f"{total:,} facts read, {new:,} new, {total - new:,} known already")


@commands.command("add")
def add(
    dossier: Where,
    kind: Annotated[str, typer.Option(help="a kind of docs/facts.md")],
    actor: Annotated[str, typer.Option(help="who, as 'official: Name'")],
    happened_on: Day,
    known_on: Day,
    evidence: Annotated[str, typer.Option(help="SHA-256 of the evidence, 64 hex digits")],
    field: Annotated[list[str] | None, typer.Option(help="other fields as name=value, e.g. case_id=...")] = None,
    key: Key = None,
) -> None:
    """Add one fact.

    Example: callup fact add spring --kind read --actor "clerk: A" --happened-on 2025-05-01 --known-on 2025-05-01 --evidence 9f
    """
    from callup.app.acts import add_fact, refuse_at_nothing

    more = dict(one.partition("=")[::2] for one in field or [])
    days: tuple[date, date] = (happened_on.date(), known_on.date())
    laid = _dossier(dossier, key)
    store = facts_of(laid)
    refuse_at_nothing(laid, store, kind, more)
    new = add_fact(store, kind, actor, days, {**more, "evidence": evidence}, laid.decree())
    Console().print("recorded" if new else "was recorded already")
