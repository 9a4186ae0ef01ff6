"""quotas: a number shared out over units by a published method."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from callup.app.commands.audit_draw import read_rows
from callup.draw import apportion
from callup.terms.errors import BadInput


def quotas(
    file: Annotated[Path, typer.Argument(help="a CSV file with the columns unit and population")],
    total: Annotated[int, typer.Option(help="the number to share out")],
    method: Annotated[str, typer.Option(help="hamilton, webster, huntington-hill, jefferson, adams or dean")] = "hamilton",
    as_json: Annotated[bool, typer.Option("--json", help="print the quotas as JSON")] = False,
) -> None:
    """Share a number out over units; the sum is exact and ties go to the code that comes first.

    Example: callup quotas population.csv --total 160000 --method hamilton
    """
    units = _units(file)
    shares = apportion(method, total, units)
    if as_json:
        sys.stdout.write(json.dumps({"method": method, "total": total, "quotas": shares}, ensure_ascii=False) + "\n")
        return
    table = Table(box=None)
    table.add_column("unit")
    for name in ("population", "quota"):
        table.add_column(name, justify="right")
    for unit, share in shares.items():
        table.add_row(unit, f"{units[unit]:,}", f"{share:,}")
    table.add_row("all", f"{sum(units.values()):,}", f"{total:,}", style="bold")
    Console().print(table)


def _units(file: Path) -> dict[str, int]:
    units: dict[str, int] = {}
    for line, row in read_rows(file, ["unit", "population"], {}):
        unit, text = row["unit"], row["population"]
        where = {"path": str(file), "line": line, "unit": unit}
        if unit in units:
            raise BadInput("unit-doubled", where, "give each unit one line")
        if not (text.isascii() and text.isdecimal()):
            raise BadInput(
                "not-a-whole-number",
                {**where, "column": "population", "value": text[:80]},
                "write a whole number of 0 or more, in digits only",
            )
        units[unit] = int(text)
    return units
