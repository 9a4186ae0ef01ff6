"""witness: watch a log from outside and cosign what it grows to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console

from callup.app.keys import read_dossier_key, write_dossier_key
from callup.app.randomness import SystemRandomness
from callup.app.witness import Witness, known_logs, server, wall_time
from callup.terms.errors import BadInput, Unavailable
from callup.tlog.witnessing import Cosigner

commands = typer.Typer(help="Be a witness of a log: keep what it said, and cosign what grows from it.", no_args_is_help=True)


@commands.command("new")
def new(
    name: Annotated[str, typer.Argument(help="its name for good, e.g. court.example.org/w1")],
    to: Annotated[Path, typer.Option(help="where the private key goes; a file that is there is never replaced")],
) -> None:
    """Make a witness's key; prints the verifier key that the decree names.

    Example: callup witness new court.example.org/w1 --to court.key
    """
    if to.exists():
        raise BadInput("key-is-there", {"path": str(to)}, "name another file: a key is never replaced")
    raw = SystemRandomness().key("witness")
    vkey = Cosigner(name, Ed25519PrivateKey.from_private_bytes(raw)).vkey
    write_dossier_key(to, raw)
    typer.echo(vkey)


@commands.command("serve")
def serve(
    name: Annotated[str, typer.Argument(help="its name, as given to: callup witness new")],
    witness_key: Annotated[Path, typer.Option(help="its private key")],
    state: Annotated[Path, typer.Option(help="folder of what it has seen; never restore an older copy")],
    log: Annotated[list[str], typer.Option(help="verifier key of a log it watches; give it once for each")],
    host: Annotated[str, typer.Option(help="address to listen at")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port; 0 takes a free one")] = 8601,
) -> None:
    """Answer add-checkpoint (C2SP tlog-witness) until it is stopped.

    Example: callup witness serve court.example.org/w1 --witness-key court.key --state court --log "$(sed -n 's/^log //p' policy | head -1)"
    """
    cosigner = Cosigner(name, Ed25519PrivateKey.from_private_bytes(read_dossier_key(witness_key)))
    witness = Witness(cosigner, known_logs(log), state, wall_time)
    try:
        listening = server(witness, host, port)
    except OSError as failure:
        raise Unavailable("witness-cannot-listen", {"host": host, "port": port, "why": str(failure)}, "choose another --port") from failure
    with listening:
        Console(highlight=False, soft_wrap=True).print(f"{cosigner.vkey}\nlistening at http://{host}:{listening.server_port}")
        listening.serve_forever()
