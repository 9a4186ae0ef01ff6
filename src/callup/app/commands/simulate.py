"""simulate: a scenario from a file, run through the rooms of a call-up, and what held."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

from callup.app.simulate.running import Outcome
from callup.app.simulate.running import simulate as run_scenario
from callup.app.simulate.scenario import available, read_scenario


def simulate(
    scenario: Annotated[str, typer.Argument(help="S1 to S15; nothing: list them")] = "",
    cases: Annotated[int, typer.Option(help="how many; 0: a size that runs in seconds")] = 0,
    full: Annotated[bool, typer.Option("--full", help="the size of the published case")] = False,
    seed: Annotated[int, typer.Option(help="which of them")] = 2025,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Run a scenario: a published case as a world, and what must hold in it; exit 1 if anything did not.

    Example: callup simulate S3 --full
    """
    console = Console(highlight=False)
    if not scenario:
        for name in available():
            one = read_scenario(name)
            console.print(f"{name:>4}  {one.title} ({one.cases:,})")
        return
    read = read_scenario(scenario)
    found = run_scenario(read, read.cases if full else cases or read.few, seed)
    if as_json:
        held = [{"what": one.what, "wanted": one.wanted, "found": one.found, "held": one.held} for one in found.held]
        typer.echo(
            json.dumps({"scenario": read.id, "size": found.size, "seconds": round(found.seconds, 3), "right": found.right, "held": held})
        )
    else:
        _tell(console, found)
    if not found.right:
        raise typer.Exit(1)


def _tell(console: Console, found: Outcome) -> None:
    one = found.scenario
    console.print(f"{one.id}. {one.title}: {found.size:,}, {found.seconds:.1f} s\n{one.story}\nSources: {'; '.join(one.sources)}")
    for held in found.held:
        more = "" if held.held else f", but {held.wanted:,} were to be found"
        console.print(f"  {'holds' if held.held else 'DOES NOT HOLD'}: {held.what}: {held.found:,}{more}")
