"""Signed reports of a watchdog: what came after enlistment, said under the watchdog's own key of the decree (safeguard G21).

A report is text, signed with Ed25519 over its own lines. It is checked against the key in the decree, kept sealed as the evidence of the
fact, and its digest stands in the fact, so that an auditor can ask for it and nobody can speak for a watchdog.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from callup.app import durable, sealed
from callup.app.undertakings import refuse_broken
from callup.terms.errors import BadInput, Tampered
from callup.terms.facts import UNDERTAKEN

if TYPE_CHECKING:
    from callup.app.dossier import Dossier
    from callup.app.stores.facts import FactStore
    from callup.terms.decree import Decree

HEAD = "callup/report/1"
KINDS = tuple(kind for kind in UNDERTAKEN if kind != "breach_answered")
"""What a watchdog may report; an answer is the authority's."""
_FIELDS = ("call-up", "watchdog", "kind", "case", "month", "until", "ground")
_LINE = re.compile(r"[^\s]([^\n\r]*[^\s])?")


def signed_report(decree: Decree, said: Mapping[str, str], key: Ed25519PrivateKey) -> bytes:
    """Write and sign a report, on the watchdog's own machine: it takes the decree and nothing of the dossier.

    Args:
        decree: whose undertakings.
        said: watchdog, kind, case, month (YYYY-MM), and where the kind has them until (YYYY-MM-DD) and ground.
        key: the watchdog's.

    Raises:
        BadInput: a field that is no single line, or what `read_report` would refuse.
    """
    filled = {"call-up": decree.id, "until": "-", "ground": "-", **said}
    for name in _FIELDS:
        if not _LINE.fullmatch(filled.get(name, "")):
            raise BadInput("signed-report-field", {"field": name, "value": filled.get(name, "")[:80]}, "give it as one line of text")
    text = "\n".join([HEAD, *(f"{name}: {filled[name]}" for name in _FIELDS), ""])
    report = f"{text}signature: {key.sign(text.encode()).hex()}\n".encode()
    read_report(decree, report)
    return report


def read_report(decree: Decree, report: bytes) -> dict[str, Any]:
    """The fact that a report tells, its signature checked against the watchdog's key in the decree; ``known_on`` is not in it.

    Raises:
        BadInput: it has another form, is of another call-up, or names a watchdog or a kind that there is not.
        Tampered: the signature is not that of the watchdog's key.
    """
    form = "".join(f"{name}: ([^\n]+)\n" for name in _FIELDS)
    shape = re.fullmatch(f"({HEAD}\n{form})signature: ([0-9a-f]{{128}})\n", report.decode("utf-8", "replace"))
    if shape is None:
        raise BadInput("signed-report-malformed", {"form": HEAD}, "take it as callup fact report wrote it, unchanged")
    text, *values, signature = shape.groups()
    said = dict(zip(_FIELDS, values, strict=True))
    watchdog = next((one for one in decree.watchdogs if one.name == said["watchdog"]), None)
    if said["call-up"] != decree.id or watchdog is None or not watchdog.key or said["kind"] not in KINDS:
        words = {name: said[name] for name in ("call-up", "watchdog", "kind")}
        raise BadInput(
            "signed-report-of-another", words, f"this call-up, a watchdog with a key in its decree, and one of: {', '.join(KINDS)}"
        )
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(watchdog.key)).verify(bytes.fromhex(signature), text.encode())
    except InvalidSignature as failure:
        raise Tampered("signed-report-not-theirs", {"watchdog": watchdog.name}, "ask the watchdog: this is not what it signed") from failure
    return _fact(said) | {"evidence": hashlib.sha256(report).hexdigest()}


def _fact(said: Mapping[str, str]) -> dict[str, Any]:
    try:
        month = date.fromisoformat(f"{said['month']}-01")
        until = None if said["until"] == "-" else date.fromisoformat(said["until"])
    except ValueError as failure:
        words = {"month": said["month"], "until": said["until"]}
        raise BadInput("signed-report-days", words, "month as YYYY-MM, until as YYYY-MM-DD or -") from failure
    ground = None if said["ground"] == "-" else said["ground"]
    actor = f"watchdog: {said['watchdog']}"
    return {"kind": said["kind"], "actor": actor, "case_id": said["case"], "happened_on": month, "until": until, "ground": ground}


def take_report(dossier: Dossier, store: FactStore, report: bytes, known_on: date) -> int:
    """Check a report, keep it sealed as evidence, and record its fact; gives 1 if it was new.

    Raises:
        BadInput: what `read_report` and the undertakings of the decree refuse.
        Tampered: a signature that does not hold.
    """
    decree = dossier.decree()
    row = read_report(decree, report) | {"known_on": known_on}
    days = {name: pa.date32() for name in ("happened_on", "known_on", "until")}
    table = pa.Table.from_pylist([row], pa.schema([(name, days.get(name, pa.string())) for name in row]))
    refuse_broken(decree, table, signed=True)
    path = dossier.sealed / "60-facts" / "reports" / f"{row['evidence']}.sealed"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        durable.write_bytes(path, sealed.seal_bytes(report, dossier.key, row["evidence"].encode()))
    return store.record(table)


def kept_report(dossier: Dossier, evidence: str) -> bytes:
    """The report on which a fact rests, for an auditor.

    Raises:
        Tampered: it is not there, or was changed.
    """
    path = dossier.sealed / "60-facts" / "reports" / f"{evidence}.sealed"
    if not path.exists():
        raise Tampered("signed-report-missing", {"evidence": evidence}, "a watchdog's fact without its signed report proves nothing")
    return sealed.open_bytes(path.read_bytes(), dossier.key, evidence.encode())
