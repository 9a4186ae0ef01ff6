"""Signed acts by named people (safeguard G7): the freeze, each wave, each ruling and each halt wait for two signatures.

A signature is Ed25519 over ``callup/act/1``, the call-up, the act and the digest that is signed, each on a line. It stands
in ``open/00-decree/signatures.csv``, where anyone can check it against the keys in the decree.
"""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from callup.app import durable
from callup.app.dossier import Dossier
from callup.app.randomness import Randomness, StoredRandomness
from callup.terms.decree import Decree, Signatory
from callup.terms.errors import BadInput, OutOfOrder

HEAD = "act,digest,name,office,key,signature"


class WaitsForSignatures(OutOfOrder):
    """A lawful halt, not a failure: the run goes on when the named people have signed."""

    exit_code = 0
    sheet = ""
    """What is to be read before it is signed, where the act has a sheet: counts only."""


def act_text(decree: Decree, act: str, digest: str) -> bytes:
    """The bytes that are signed."""
    return f"callup/act/1\n{decree.id}\n{act}\n{digest}\n".encode()


def signatures_path(dossier: Dossier) -> Path:
    """Where the signatures stand."""
    return dossier.open / "00-decree" / "signatures.csv"


def stand_in_key(randomness: Randomness, name: str) -> Ed25519PrivateKey:
    """The key of a rehearsal's stand-in, from the rehearsal's seed."""
    return Ed25519PrivateKey.from_private_bytes(randomness.key(f"stand-in {name}"))


def sign_act(dossier: Dossier, name: str, key: Ed25519PrivateKey, act: str, digest: str) -> None:
    """Add one signature; the same signature is added once.

    Raises:
        BadInput: the decree does not name this person, or names another key.
    """
    decree = dossier.decree()
    signatory = next((one for one in decree.signatories if one.name == name), None)
    public = key.public_key().public_bytes_raw().hex()
    if signatory is None or signatory.key != public:
        raise BadInput("not-a-signatory", {"name": name, "key": public}, "only the people and keys that the decree names may sign")
    if name in valid_signatures(dossier, act, digest):
        return
    row = io.StringIO()
    csv.writer(row, lineterminator="").writerow(
        [act, digest, name, signatory.office, public, key.sign(act_text(decree, act, digest)).hex()]
    )
    path = signatures_path(dossier)
    if not path.exists():
        durable.append_line(path, HEAD)
    durable.append_line(path, row.getvalue())


def signed_until(dossier: Dossier, lines: int | None = None) -> dict[str, object]:
    """What the report binds: the first ``lines`` lines of ``signatures.csv``, head included (none: all of now), and their SHA-256."""
    kept = durable.read_lines(signatures_path(dossier))[:lines]
    return {"lines": len(kept), "sha256": hashlib.sha256("".join(f"{line}\n" for line in kept).encode()).hexdigest()}


def valid_signatures(dossier: Dossier, act: str, digest: str) -> set[str]:
    """Names of those who have validly signed this act over this digest."""
    decree = dossier.decree()
    known = {one.name: one for one in decree.signatories}
    rows = csv.DictReader(durable.read_lines(signatures_path(dossier)))
    return {
        row["name"] for row in rows if (row["act"], row["digest"]) == (act, digest) and _holds(row, known, act_text(decree, act, digest))
    }


def _holds(row: dict[str, str], known: dict[str, Signatory], text: bytes) -> bool:
    signatory = known.get(row["name"])
    if signatory is None or signatory.key != row["key"]:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(row["key"])).verify(bytes.fromhex(row["signature"]), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def require_two(dossier: Dossier, randomness: Randomness, act: str, digest: str, names: tuple[str, str] | None = None) -> set[str]:
    """Go on only with two signatures; in a rehearsal stand-ins sign, and every page and letter says REHEARSAL.

    Args:
        dossier: what is signed in.
        randomness: where a rehearsal's stand-ins have their keys from.
        act: what is done.
        digest: over what.
        names: whose two signatures; none: any two whom the decree names.

    Raises:
        BadInput: the two are one, or not people of the decree.
        WaitsForSignatures: whose signatures are missing.
    """
    decree = dossier.decree()
    may_sign = _those(decree, names) if names else decree.signatories
    # a replay never signs: where the digest is not the one that was signed, it stops, as a real call-up does
    stand_ins = decree.rehearsal and not isinstance(randomness, StoredRandomness)
    if stand_ins and len(valid_signatures(dossier, act, digest)) < 2:
        for signatory in may_sign[:2]:
            sign_act(dossier, signatory.name, stand_in_key(randomness, signatory.name), act, digest)
    signed = valid_signatures(dossier, act, digest) & {one.name for one in may_sign}
    if len(signed) < 2:
        missing = ", ".join(f"{one.name} ({one.office})" for one in may_sign if one.name not in signed)
        raise WaitsForSignatures(
            "waits-for-signatures",
            {"act": act, "digest": digest, "signed": ", ".join(sorted(signed)) or "nobody yet", "may still sign": missing},
            f"each signs with: callup sign {dossier.root} --act {act} --digest {digest} --name NAME --signing-key FILE; then run again",
        )
    return signed


def _those(decree: Decree, names: tuple[str, str]) -> tuple[Signatory, ...]:
    found = tuple(one for one in decree.signatories if one.name in names)
    if len(found) != 2:
        known = ", ".join(one.name for one in decree.signatories)
        raise BadInput("not-two-signatories", {"names": " and ".join(names)}, f"name two different people of the decree: {known}")
    return found
