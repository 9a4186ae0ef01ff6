"""audit-draw: fairness tests on any published draw."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from callup.statistics import DrawAudit
from callup.statistics import audit_draw as tests_of
from callup.terms.errors import BadInput


def audit_draw(
    file: Annotated[Path, typer.Argument(help="a CSV file with a header: one line a drawn number")],
    rank: Annotated[str, typer.Option(help="column of the drawn number, 1 is called first")],
    by: Annotated[list[str], typer.Option(help="column that the order must not depend on; give it again for another")],
    where: Annotated[list[str] | None, typer.Option(help="COLUMN=VALUE: only these lines; give it again for another")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the tests as JSON")] = False,
) -> None:
    """Test whether a published draw depends on a birth date, a month, a place; exit 1 if it looks like no honest draw.

    Example: callup audit-draw lottery.csv --rank number --by day_of_leap_year --by month --where table_year=1970
    """
    rows = read_rows(file, [rank, *by], dict(_pair(text) for text in where or []))
    audit = tests_of([_whole(file, row[rank], number, rank) for number, row in rows], {name: [row[name] for _, row in rows] for name in by})
    if as_json:
        tests = [asdict(test) for test in audit.tests]
        sys.stdout.write(json.dumps({"numbers": audit.numbers, "odd": audit.odd, "tests": tests}) + "\n")
    else:
        _show(audit)
    if audit.odd:
        raise typer.Exit(1)


def read_rows(file: Path, wanted: list[str], where: dict[str, str]) -> list[tuple[int, dict[str, str]]]:
    """The lines of a CSV file with their numbers, those that match only; a missing column is refused by name."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened)
            missing = sorted({*wanted, *where} - set(reader.fieldnames or ()))
            if missing:
                raise BadInput(
                    "columns-missing",
                    {"path": str(file), "columns": ", ".join(missing)},
                    f"the file has: {', '.join(reader.fieldnames or ())}",
                )
            rows = [(number, row) for number, row in enumerate(reader, 2) if all(row[name] == value for name, value in where.items())]
    except (OSError, UnicodeDecodeError, csv.Error) as failure:
        raise BadInput("file-not-readable", {"path": str(file), "why": str(failure)}, "give a CSV file in UTF-8 with a header") from failure
    for number, row in rows:
        if any(row[name] is None for name in wanted):
            raise BadInput("line-too-short", {"path": str(file), "line": number}, "give every line all columns")
    return rows


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadInput("where-malformed", {"where": text}, "write --where COLUMN=VALUE")
    return name, value


def _whole(file: Path, text: str, line: int, column: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise BadInput(
            "not-a-whole-number", {"path": str(file), "line": line, "column": column, "value": text[:80]}, "write digits only"
        ) from None


def _show(audit: DrawAudit) -> None:
    console = Console()
    table = Table(box=None)
    for name in ("column", "test", "statistic", "degrees", "p"):
        table.add_column(name, justify="left" if name in ("column", "test") else "right")
    for test in audit.tests:
        table.add_row(test.column, test.test, f"{test.statistic:.4f}", str(test.degrees or ""), f"{test.p:.2g}")
    console.print(table)
    if not audit.tests:
        console.print("no test could be made: give a column of numbers, dates, or few values")
        return
    worst = audit.tests[0]
    often = f"{worst.test} of {worst.column}: an honest draw is this far out once in {1 / max(worst.p, 1e-12):,.0f} draws"
    verdict = "ODD" if audit.odd else "nothing odd"
    console.print(f"{verdict}: {often}; {len(audit.tests)} tests were made on {audit.numbers} numbers")
