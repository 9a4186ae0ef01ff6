"""replay and verify: make it again, and check what was published."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Annotated

import pypdfium2
import typer
from rich.console import Console

from callup.app.checking.letters import Letter, Step, check_letter, check_proof, check_slip, read_code
from callup.app.checking.packets import Packet, check_certificate, check_packet, pinned_by
from callup.app.checking.published import Files
from callup.app.commands.engine_option import EngineName
from callup.app.dossier import Dossier
from callup.app.engines.opening import DUCKDB
from callup.app.keys import read_dossier_key
from callup.app.promises import known_releases
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
    engine: EngineName = DUCKDB,
    as_json: Annotated[bool, typer.Option("--json", help="print the differences as JSON")] = False,
    quiet: Annotated[bool, typer.Option(help="say nothing while it works")] = False,
) -> None:
    """Make every artefact again from the inputs and the sealed randomness, and compare all digests.

    Example: callup replay out/demo/dossier
    """
    laid = Dossier.at(dossier, read_dossier_key(key_beside(dossier, key)))
    differences = make_again(laid, Voice(quiet), engine)
    if as_json:
        typer.echo(json.dumps([{"what": one.what, "stands": one.stands, "made": one.made} for one in differences]))
    else:
        console = Console(highlight=False, soft_wrap=True)
        for one in differences[:40]:
            console.print(f"differs: {one.what}: stands {one.stands}, made again {one.made}")
        stages = sum("stage" in line for line in laid.lines())
        console.print(f"{stages} stages made again: " + (f"{len(differences)} differences" if differences else "everything is the same"))
    if differences:
        raise typer.Exit(1)


def verify(
    what: Annotated[Path, typer.Argument(help="a published folder, a proof packet, a certificate, or a .tlog-proof file")],
    policy: Annotated[
        Path | None, typer.Option(help="the policy as the gazette printed it; else the folder's or packet's own, said aloud")
    ] = None,
    letter: Annotated[str, typer.Option(help="check this letter's or slip's code against the folder")] = "",
    salt: Annotated[str, typer.Option(help="a roll slip's salt, typed by the person who holds it")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print the result as JSON")] = False,
) -> None:
    """Check what was published or handed out: a folder with the second program; letters, packets and proofs with callup's own check.

    Example: callup verify out/demo/dossier/open
    """
    if what.is_dir() and not letter:
        pinned = ["--policy", str(policy)] if policy else []
        words = [sys.executable, str(_verifier()), str(what), *pinned, *(["--json"] if as_json else [])]
        raise typer.Exit(subprocess.run(words, check=False).returncode)
    if not what.exists():
        raise BadInput("nothing-to-verify", {"path": str(what)}, "name the open/ folder of a dossier, a packet, or a proof file")
    steps = [] if policy else [Step("policy", "taken from what is checked: compare it with the gazette, or name it with --policy")]
    steps += list(_steps(what, policy.read_bytes() if policy else None, letter, salt))
    if as_json:
        typer.echo(json.dumps({"checks": True, "done": [{step.name: step.said} for step in steps]}, ensure_ascii=False))
        return
    for step in steps:
        typer.echo(f"{step.name}: {step.said}")
    typer.echo("everything checks")


def _steps(what: Path, policy: bytes | None, letter: str, salt: str) -> Iterator[Step]:
    """What was checked, one after the other."""
    if what.is_dir():
        log = what / "log" if (what / "log").is_dir() else what
        files = Files(lambda name: _read(log / name))
        pinned = pinned_by(Packet(_call_up(files), "", "", "", "", "", {"policy": files.read("policy")}), policy, known_releases())
        code = read_code(letter)
        yield from check_letter(files, pinned, code) if isinstance(code, Letter) else check_slip(files, pinned, code, salt)
        return
    file = what.read_bytes()
    content = _attached(file)
    if content.startswith((b"c2sp.org/tlog-proof", b"callup/certificate/1")):
        call_up = (re.findall(rb"(?m)^call-up: (\S+)$", content) or [b""])[0].decode()
        pinned = pinned_by(Packet(call_up, "", "", "", "", "", {}), policy, known_releases())
        if content.startswith(b"callup"):
            yield check_certificate(content, pinned, on_page=content != file)
        else:
            yield from check_proof(content, pinned)
        return
    packet = Packet.read(content)
    yield from check_packet(packet, pinned_by(packet, policy, known_releases()), salt)


def _attached(content: bytes) -> bytes:
    """The signed text that a certificate's page carries; anything else as it is. What counts is that text, not the page."""
    if not content.startswith(b"%PDF-"):
        return content
    try:
        document = pypdfium2.PdfDocument(content)
        texts = [bytes(document.get_attachment(number).get_data()) for number in range(document.count_attachments())]
    except pypdfium2.PdfiumError as failure:
        raise BadInput("pdf-not-readable", {"why": str(failure)}, "give the certificate's PDF as it was handed out") from failure
    return next((text for text in texts if text.startswith(b"callup/certificate/1")), b"")


def _call_up(files: Files) -> str:
    """The id that the folder's own policy names, the last part of its origin."""
    return files.read("policy").split(b"/public+")[0].rpartition(b"/")[2].decode("utf-8", "replace")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise KeyError(str(path)) from None


def _verifier() -> Path:
    """The second program: beside this package in a wheel, in ``verifier/`` in a checkout."""
    package = Path(str(resources.files("callup.app")))
    places = (package / "verify.py", package.parents[2] / "verifier" / "verify.py")
    found = next((place for place in places if place.exists()), None)
    if found is None:
        raise BadInput("verifier-missing", {"path": str(places[0])}, "run verifier/verify.py of the source by itself")
    return found
