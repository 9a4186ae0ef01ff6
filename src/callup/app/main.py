"""The command line: wires the commands, words every refusal, and gives the exit codes 0, 1, 2 and 130."""

from __future__ import annotations

import json
import sys

import typer
from rich.console import Console

from callup import __version__
from callup.app.commands import (
    after,
    audit_draw,
    audit_roll,
    bench,
    check,
    decisions,
    errata,
    facts,
    law,
    law_diff,
    letter,
    packets,
    paper,
    plan,
    quotas,
    record,
    register,
    run,
    serve,
    simulate,
    standing,
    witness,
)
from callup.terms.errors import CallupError

app = typer.Typer(
    name="callup",
    help="Runs a lawful call-up from the decree to the last returned notice, so that everyone can check every step.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

app.command("demo")(run.demo)
app.command("new")(run.new)
app.command("run")(run.run)
app.command("replay")(check.replay)
app.command("verify")(check.verify)
law.commands.command("diff")(law_diff.diff)
app.add_typer(law.commands, name="law")
app.add_typer(register.commands, name="register")
app.add_typer(letter.commands, name="letter")
app.add_typer(plan.commands, name="plan")
app.add_typer(record.commands, name="record")
app.command("quotas")(quotas.quotas)
app.command("audit-draw")(audit_draw.audit_draw)
app.command("audit-roll")(audit_roll.audit_roll)
app.command("standing")(standing.standing)
app.command("status")(standing.status)
app.command("packet")(packets.packet)
app.command("slip")(packets.slip)
app.command("certificate")(packets.certificate)
app.command("export")(after.export)
app.command("undertakings")(after.undertakings)
app.command("disclose")(after.disclose_)
app.command("handover")(after.handover)
app.command("inspect")(after.inspect)
app.command("states")(standing.states)
app.command("due")(standing.due)
app.command("serve")(serve.serve)
app.command("store")(serve.prepare_store)
app.command("desk")(standing.desk)
app.command("paper-day")(paper.paper_day)
app.command("followup")(standing.followup)
app.command("simulate")(simulate.simulate)
app.command("sheet")(facts.sheet)
app.command("sign")(facts.sign)
app.command("rule")(facts.rule)
app.command("rulings")(facts.rulings)
app.command("halt")(facts.halt)
app.command("supplement")(errata.supplement)
app.command("void")(errata.void)
app.command("erase")(errata.erase)
app.add_typer(facts.commands, name="fact")
app.add_typer(decisions.commands, name="decisions")
app.add_typer(witness.commands, name="witness")
app.command("bench")(bench.bench)
STOPPED = 130


@app.command("version")
def version() -> None:
    """Say which release this is.

    Example: callup version
    """
    typer.echo(f"callup {__version__}")


def main() -> None:
    """Run the command line; a refusal is one message (what, where, what to do) on standard error."""
    try:
        code = app(standalone_mode=False)
    except CallupError as refusal:
        sys.exit(say_refusal(refusal))
    except typer.Exit as leave:
        sys.exit(leave.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        code = STOPPED
    except Exception as failure:  # the edge: click's own usage errors carry an exit code, all else is ours
        if not hasattr(failure, "exit_code"):
            raise
        _say_usage(failure)
        sys.exit(2)
    if code == STOPPED:  # typer turns most interrupts into this code by itself
        sys.stderr.write("stopped by you; what was acknowledged is kept: run the same command again to go on\n")
    sys.exit(code if isinstance(code, int) else 0)


def _say_usage(failure: Exception) -> None:
    show = getattr(failure, "show", None)
    if show is not None:
        show(file=sys.stderr)
    else:
        Console(stderr=True).print(str(failure))


def say_refusal(refusal: CallupError) -> int:
    """Print a refusal and give its exit code; as one JSON line when ``--json`` was asked for."""
    if "--json" in sys.argv:
        params = {name: str(value) for name, value in refusal.params.items()}
        sys.stderr.write(json.dumps({"error": refusal.code, **params, "hint": refusal.hint}, ensure_ascii=False) + "\n")
        return refusal.exit_code
    console = Console(stderr=True, highlight=False, markup=False)
    console.print(f"callup: {refusal.code.replace('-', ' ')}", style="bold", soft_wrap=True)
    for name, value in refusal.params.items():
        console.print(f"  {name}: {value}", soft_wrap=True)
    if refusal.hint:
        console.print(f"  what to do: {refusal.hint}", soft_wrap=True)
    return refusal.exit_code
