"""The documents of a draw in exact bytes: the first line of each is its type and version, which keeps hashes apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256

from callup.draw.plan import read_plan
from callup.terms.errors import BadInput, Tampered

_HEX64 = re.compile("[0-9a-f]{64}")


def commitment(tag: str, salt: str, document: str | bytes) -> str:
    """The SHA-256 that binds a document without showing it, 64 hex digits.

    Args:
        tag: ``roll`` or ``open``, with a salt of 32 hex digits; or ``secret``, without a salt, for 64 hex digits.
        salt: new for every record.
        document: the committed text.
    """
    content = document.encode() if isinstance(document, str) else document
    if tag == "secret":
        if salt or not _HEX64.fullmatch(content.decode("ascii", "replace")):
            raise BadInput("secret-malformed", {"tag": tag}, "a secret is 64 lowercase hex digits and takes no salt")
        return sha256(b"callup/secret/1\n" + content + b"\n").hexdigest()
    if tag not in ("roll", "open") or not re.fullmatch("[0-9a-f]{32}", salt):
        raise BadInput("commitment-malformed", {"tag": tag}, "use the tag roll or open and a salt of 32 lowercase hex digits")
    return sha256(f"callup/{tag}/1\n{salt}\n".encode() + content).hexdigest()


def entry(kind: str, hash_: str) -> bytes:
    """A log entry, the only form there is, for public documents and sealed acts alike.

    Example:
        >>> entry("call", "0" * 64)[:14]
        b'callup/1 call '
    """
    if not re.fullmatch("[a-z-]+", kind) or not _HEX64.fullmatch(hash_):
        raise BadInput("entry-malformed", {"kind": kind, "hash": hash_}, "a kind is of a-z and -, a hash 64 lowercase hex digits")
    return f"callup/1 {kind} {hash_}\n".encode()


def seed_document(plan: str, secrets: Mapping[str, str], beacon: str) -> str:
    """The document whose SHA-256 is the seed.

    Args:
        plan: the committed plan's text.
        secrets: 64 hex digits by holder; each must match its commitment in the plan, and none may be missing.
        beacon: the beacon's value, lowercase hex.

    Raises:
        Tampered: a secret does not match, is missing, or is not in the plan.
    """
    committed = read_plan(plan).secrets
    if set(secrets) != set(committed):
        raise Tampered("secrets-not-complete", {"holders": ", ".join(sorted(set(secrets) ^ set(committed)))}, "open every committed secret")
    for holder, secret in secrets.items():
        if commitment("secret", "", secret) != committed[holder]:
            raise Tampered("secret-does-not-match", {"holder": holder}, "the opened secret is not the committed one: the plan is dead")
    if not re.fullmatch("(?:[0-9a-f]{2})+", beacon):
        raise BadInput("beacon-malformed", {"beacon": beacon[:80]}, "give the beacon's value in lowercase hex")
    lines = [f"secret: {holder} {secrets[holder]}" for holder in sorted(secrets, key=str.encode)]
    return "\n".join(["callup/seed/1", f"plan: {sha256(plan.encode()).hexdigest()}", *lines, f"beacon: {beacon}", ""])


def seed_of(document: str) -> str:
    """The seed: the SHA-256 of the seed document, 64 hex digits, which is one block of the next hash."""
    return sha256(document.encode()).hexdigest()


def call_document(seed: str, calls: Iterable[tuple[str, int, int, int]]) -> str:
    """Where the acts of called ranks stand: the act of rank r is entry ``index + r - first``.

    Args:
        seed: 64 hex digits; for an order by list, where no seed is cast, 64 zeros.
        calls: (stratum, first rank, last rank, index of the first act).
    """
    lines = [f"calls: {stratum} {first} {last} acts {index}" for stratum, first, last, index in calls]
    return "\n".join(["callup/call/1", f"seed: {seed}", *lines, ""])
