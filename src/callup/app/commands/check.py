"""replay and verify: make it again, and check what was published."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from callup.app.dossier import Dossier
from callup.app.keys import read_dossier_key
from callup.app.replay import replay as make_again
from callup.app.voice import Voice
from callup.terms.errors import BadInput


def key_beside(dossier: Path, key: Path | None) -> Path:
    """The key file: the one named, else DOSSIER.key, else the one that the demo put beside the dossier."""
    if key is not None:
        return key
    near = dossier.with_name(dossier.name + ".key")
    demo = sorted((dossier.parent / "keys").glob("*.key"))
    return near if near.exists() or not demo else demo[0]


def replay(
    dossier: Annotated[Path, typer.Argument(help="the dossier")],
    key: Annotated[Path | None, typer.Option(help="the dossier key")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the differences as JSON")] = False,
    quiet: Annotated[bool, typer.Option(help="say nothing while it works")] = False,
) -> None:
    """Make every artefact again from the inputs and the sealed randomness, and compare all digests.

    Example: callup replay out/demo/dossier
    """
    laid = Dossier.at(dossier, read_dossier_key(key_beside(dossier, key)))
    differences = make_again(laid, Voice(quiet))
    if as_json:
        typer.echo(json.dumps([{"what": one.what, "stands": one.stands, "made": one.made} for one in differences]))
    else:
        console = Console(highlight=False)
        for one in differences[:40]:
            console.print(f"differs: {one.what}: stands {one.stands}, made again {one.made}")
        stages = sum("stage" in line for line in laid.lines())
        console.print(f"{stages} stages made again: " + (f"{len(differences)} differences" if differences else "everything is the same"))
    if differences:
        raise typer.Exit(1)


def verify(
    open_dir: Annotated[Path, typer.Argument(help="a published folder")],
    as_json: Annotated[bool, typer.Option("--json", help="print the result as JSON")] = False,
) -> None:
    """Check a published folder with the second program, which shares no line with this one.

    Example: callup verify out/demo/dossier/open
    """
    if not open_dir.is_dir():
        raise BadInput("folder-missing", {"path": str(open_dir)}, "name the open/ folder of a dossier")
    done = subprocess.run([sys.executable, str(_verifier()), str(open_dir), *(["--json"] if as_json else [])], check=False)
    raise typer.Exit(done.returncode)


def _verifier() -> Path:
    """The second program: beside this package in a wheel, in ``verifier/`` in a checkout."""
    package = Path(str(resources.files("callup.app")))
    places = (package / "verify.py", package.parents[2] / "verifier" / "verify.py")
    found = next((place for place in places if place.exists()), None)
    if found is None:
        raise BadInput("verifier-missing", {"path": str(places[0])}, "run verifier/verify.py of the source by itself")
    return found
