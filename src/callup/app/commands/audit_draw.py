"""audit-draw: fairness tests on any published draw."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from callup.app.durable import write_bytes
from callup.statistics import DrawAudit
from callup.statistics import audit_draw as tests_of
from callup.terms.errors import BadInput

LINE = "line"
"""Stands for the place of a line in the file, where no column is called so."""


def audit_draw(
    file: Annotated[Path, typer.Argument(help="a CSV file with a header: one line a drawn number")],
    rank: Annotated[str, typer.Option(help="column of the drawn number, 1 is called first")],
    by: Annotated[list[str], typer.Option(help="column that the order must not depend on; give it again for another")],
    plot: Annotated[Path | None, typer.Option(help="draw the numbers over the first column, with their running mean: .svg or .png")] = None,
    where: Annotated[list[str] | None, typer.Option(help="COLUMN=VALUE: only these lines; give it again for another")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the tests as JSON")] = False,
) -> None:
    """Test whether a published draw depends on a birth date, a place, a name; exit 1 if it looks like no honest draw.

    ``--by line`` takes the line's place in the file, where no column is called so: the roll's own order.

    Example: callup audit-draw lottery.csv --rank number --by day_of_leap_year --by month --where table_year=1970
    """
    rows = read_rows(file, [rank, *by], dict(_pair(text) for text in where or []))
    numbers = drawn_numbers(file, [row[rank] for _, row in rows], [number for number, _ in rows], rank)
    columns = {name: [row[name] for _, row in rows] for name in by}
    audit = tests_of(numbers, columns)
    if plot is not None:
        from callup.app.draw_picture import draw_picture  # Matplotlib is slow to load: only who wants a picture pays for it

        write_bytes(plot, draw_picture(numbers, columns[by[0]], (by[0], rank), plot.suffix.removeprefix(".").lower()))
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
            named = set(reader.fieldnames or ())
            missing = sorted({*wanted, *where} - named - {LINE})
            if missing:
                raise BadInput(
                    "columns-missing",
                    {"path": str(file), "columns": ", ".join(missing)},
                    f"the file has: {', '.join(reader.fieldnames or ())}",
                )
            lines = ((number, row if LINE in named else row | {LINE: str(number)}) for number, row in enumerate(reader, 2))
            rows = [(number, row) for number, row in lines if all(row[name] == value for name, value in where.items())]
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


def drawn_numbers(file: Path, texts: Sequence[str], lines: Sequence[int], column: str) -> list[int]:
    """The drawn numbers; whatever was mistyped is named at once, with the numbers that are missing in its place.

    Raises:
        BadInput: a cell that is no whole number, or a number that stands twice.
    """
    blank = [line for line, text in zip(lines, texts, strict=True) if not text.strip().isdecimal()]
    known = [(int(text), line) for line, text in zip(lines, texts, strict=True) if text.strip().isdecimal()]
    counted = Counter(number for number, _ in known)
    doubled = {number: [line for other, line in known if other == number] for number, count in counted.items() if count > 1}
    if not blank and not doubled:
        return [number for number, _ in known]
    missing = sorted(set(range(1, len(texts) + 1)) - set(counted))
    words = {
        "path": str(file),
        "column": column,
        "no whole number on line": ", ".join(map(str, blank[:20])) or "none",
        "twice": "; ".join(f"{number} on lines {', '.join(map(str, where))}" for number, where in sorted(doubled.items())[:20]) or "none",
        "missing": ", ".join(map(str, missing[:20])) or "none",
    }
    raise BadInput("draw-numbers-wrong", words, "compare these lines with the official table: each number is drawn once")


def _show(audit: DrawAudit) -> None:
    console = Console(highlight=False)
    table = Table(box=None)
    for name in ("column", "test", "statistic", "degrees", "p", "p from"):
        table.add_column(name, justify="right" if name in ("statistic", "degrees", "p") else "left")
    for test in audit.tests:
        table.add_row(test.column, test.test, f"{test.statistic:.4f}", str(test.degrees or ""), f"{test.p:.2g}", test.found_by)
    console.print(table)
    if not audit.tests:
        console.print("no test could be made: give a column of numbers, dates, or few values")
        return
    worst, made = audit.tests[0], len(audit.tests)
    once = f"1 in {1 / max(worst.p, 1e-12):,.0f} honest draws looks so or worse"
    if audit.odd:
        console.print(f"ODD, no honest draw of {audit.numbers} numbers should look like this: {worst.words}. Of itself, {once};")
        console.print(f"with {made} tests made, an honest draw is called odd at most once in a hundred audits.")
        console.print("This does not say why: bad mixing, a list that was sorted and not shuffled, or a hand. Look at how it was drawn.")
    else:
        console.print(f"nothing odd in {made} tests on {audit.numbers} numbers. The farthest out: {worst.words}; {once}.")
        console.print("That proves no honesty: it only means that these columns do not show in the order.")
