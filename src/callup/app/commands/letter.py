"""letter: check letters that others made before they are printed and posted with ours."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from callup.app.checking.outside import check_outside
from callup.terms.errors import BadInput

commands = typer.Typer(no_args_is_help=True, help="letters that others made")
MOST_PAGES = 10


@commands.command("check")
def check(
    pdf: Annotated[Path, typer.Argument(help="the letter, a PDF")],
    most_pages: Annotated[int, typer.Option(help="pages that go into one envelope")] = MOST_PAGES,
    as_json: Annotated[bool, typer.Option("--json", help="print the verdict as JSON")] = False,
) -> None:
    """Check a PDF from outside: page size, address window, margins, fonts, colour, pages; exit 1 where it cannot be printed and posted.

    Example: callup letter check out/demo/letters/letter-1-ru.pdf
    """
    if not pdf.is_file():
        raise BadInput("file-missing", {"file": pdf}, "name a PDF that is there")
    found, pages = check_outside(pdf.read_bytes(), most_pages)
    if as_json:
        typer.echo(json.dumps({"pages": pages, "verdict": "refused" if found else "fits", "objections": [asdict(one) for one in found]}))
    for one in found if not as_json else ():
        typer.echo(f"{f'page {one.page}' if one.page else 'file'}: {one.code}: {one.words}")
    if not found and not as_json:
        typer.echo(f"fits: {pages} pages, A4, address in the window, margins free, fonts in the file, black")
    if found:
        raise typer.Exit(1)
