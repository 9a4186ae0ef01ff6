"""drand's quicknet: one public value every three seconds, signed by a threshold of independent operators.

Chain, key, genesis and period are pinned here and never taken from a plan: else an authority could name a beacon of its own.
A round has exactly one valid signature, so a value can be late but not chosen; its time follows from its number.
Source of the pinned values: the chain's own published information (drand documentation; noislabs/drand-verify, Apache-2.0).
"""

from __future__ import annotations

import http.client
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from callup.app.bls import signature_holds
from callup.terms.errors import BadInput, NotLawful, Tampered, Unavailable

CHAIN = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
PUBLIC_KEY = bytes.fromhex(
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
    "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
)
GENESIS = datetime.fromtimestamp(1692803367, UTC)
PERIOD = timedelta(seconds=3)
_SECONDS, _MOST_BYTES = 20.0, 65_536
_LATER = "ask again when the round's time has come, or ask another relay"
TAG = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"


def round_at(round_: int) -> datetime:
    """The time of a round, UTC: rounds count from 1 at the genesis.

    Example:
        >>> round_at(1).isoformat()
        '2023-08-23T15:09:27+00:00'
    """
    if round_ < 1:
        raise BadInput("round-malformed", {"round": round_}, "rounds count from 1")
    try:
        return GENESIS + (round_ - 1) * PERIOD
    except OverflowError:
        raise BadInput("round-malformed", {"round": round_}, "this round is thousands of years away") from None


@cache
def verify_round(round_: int, signature: str) -> bool:
    """Whether the signature (96 lowercase hex digits) is the chain's on this round; remembered, for it takes half a second.

    Args:
        round_: the round's number.
        signature: as drand serves it.
    """
    try:
        raw = bytes.fromhex(signature)
    except ValueError:
        return False
    if not 1 <= round_ < 2**64 or raw.hex() != signature:
        return False
    return signature_holds(PUBLIC_KEY, sha256(round_.to_bytes(8, "big")).digest(), raw, TAG)


def checked_value(round_: int, said_round: object, signature: object) -> str:
    """The beacon's value of a round, once it is known to be true.

    Raises:
        Tampered: another round, or not the chain's signature.
    """
    if isinstance(said_round, bool) or said_round != round_:
        raise Tampered("beacon-other-round", {"expected": round_, "found": str(said_round)[:80]}, "give the round that the plan names")
    if not isinstance(signature, str) or not verify_round(round_, signature):
        words = {"round": round_, "signature": str(signature)[:96]}
        raise Tampered("beacon-signature-wrong", words, "this is not quicknet's value: fetch the round again, from another mirror")
    return signature


def read_round(where: str, round_: int) -> str:
    """The value of a round as drand serves it: round, signature, and randomness if it is there.

    Args:
        where: a JSON file, or the address of a relay; a relay is not trusted, the signature is checked all the same.
        round_: the round that the plan names.

    Raises:
        BadInput: the file cannot be read or is no round.
        Tampered: another round, a wrong signature, or a randomness that is not the signature's SHA-256.
        Unavailable: the relay does not answer, or does not have the round yet.
    """
    try:
        text = _fetched(where, round_) if where.startswith(("http://", "https://")) else Path(where).read_text(encoding="utf-8")
        said = json.loads(text)
    except (OSError, ValueError, RecursionError) as failure:
        raise BadInput(
            "beacon-file-unusable", {"path": where, "why": str(failure)[:200]}, "give the round's JSON as drand serves it"
        ) from failure
    if not isinstance(said, dict):
        raise BadInput("beacon-file-unusable", {"path": where, "why": "no object"}, "give the round's JSON as drand serves it")
    value = checked_value(round_, said.get("round"), said.get("signature"))
    randomness = said.get("randomness", sha256(bytes.fromhex(value)).hexdigest())
    if randomness != sha256(bytes.fromhex(value)).hexdigest():
        words = {"round": round_, "randomness": str(randomness)[:80]}
        raise Tampered("beacon-randomness-wrong", words, "the randomness is the SHA-256 of the signature: fetch the round again")
    return value


def _fetched(relay: str, round_: int) -> str:
    """The round from a relay's HTTP interface: ``/CHAIN/public/ROUND``.

    Raises:
        Unavailable: no answer, or not this round.
    """
    where = urlsplit(relay)
    kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    link = kind(where.netloc, timeout=_SECONDS)
    try:
        link.request("GET", f"{where.path.rstrip('/')}/{CHAIN}/public/{round_}")
        answer = link.getresponse()
        content = answer.read(_MOST_BYTES)
    except (OSError, http.client.HTTPException) as failure:
        raise Unavailable("relay-silent", {"relay": relay, "why": str(failure)[:200]}, "try another relay, or give a file") from failure
    finally:
        link.close()
    if answer.status != 200:
        raise Unavailable("relay-without-round", {"relay": relay, "round": round_, "status": answer.status}, _LATER)
    return content.decode("utf-8")


def require_lead(round_: int, committed_at: datetime, lead_hours: int) -> None:
    """Refuse a round that comes before the plan has stood for its lead time.

    Args:
        round_: the round that the plan names.
        committed_at: when the plan was committed, UTC.
        lead_hours: as the plan says.

    Raises:
        NotLawful: whoever wrote the plan could have known the value, or nearly.
    """
    earliest = committed_at + timedelta(hours=lead_hours)
    if round_at(round_) < earliest:
        words = {"round": round_, "round's time": round_at(round_).isoformat(), "earliest": earliest.isoformat()}
        raise NotLawful("beacon-round-too-early", words, "a plan must stand for its lead time before its round: make a new call-up")
