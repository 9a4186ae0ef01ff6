"""Asking witnesses to cosign a checkpoint: over HTTP, by a rehearsal's stand-ins, or from what an earlier run was given.

A witness is sent a checkpoint with the proof that the last one it saw is its beginning (C2SP tlog-witness). One that does not
answer is asked again; one that refuses is named. Whether those who signed are enough is for the policy to say.
"""

from __future__ import annotations

import http.client
import re
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as hour
from typing import Protocol
from urllib.parse import urlsplit

from callup.app.keys import KeyRing
from callup.terms.decree import Decree
from callup.terms.errors import CallupError, Unavailable
from callup.tlog import Tree
from callup.tlog.witnessing import Cosigner

STAND_INS = ("rehearsal-court", "rehearsal-ombudsman", "rehearsal-university")
STAND_IN_QUORUM = 2
_SECONDS = 10.0
_PAUSES = (0.2, 1.0, 3.0)
"""Seconds before a witness that did not answer is asked again."""
_MOST_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Answers:
    """Signature lines of those who cosigned, and why the others did not, by name."""

    lines: tuple[str, ...]
    refused: dict[str, str] = field(default_factory=dict)


class Witnesses(Protocol):
    """Whoever can be asked for cosignatures."""

    def cosign(self, note: bytes, tree: Tree, day: date) -> Answers:
        """Ask for cosignatures under a checkpoint.

        Args:
            note: the checkpoint, signed by the log.
            tree: its tree, for the proofs.
            day: the legal day on which it is signed; only stand-ins take their time from it.
        """


class NoWitnesses:
    """The decree names none."""

    def cosign(self, note: bytes, tree: Tree, day: date) -> Answers:
        return Answers(())


class StandIns:
    """A rehearsal's witnesses: they sign what they are shown, at noon of the day, and everybody can read that they are no witnesses."""

    def __init__(self, cosigners: Sequence[Cosigner]) -> None:
        self._cosigners = cosigners

    def cosign(self, note: bytes, tree: Tree, day: date) -> Answers:
        text = note.decode().rpartition("\n\n")[0] + "\n"
        noon = int(datetime.combine(day, hour(12), UTC).timestamp())
        return Answers(tuple(one.cosign(text, noon) for one in self._cosigners))


class StoredCosignatures:
    """What an earlier run was given under the same checkpoint (design D4)."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read

    def cosign(self, note: bytes, tree: Tree, day: date) -> Answers:
        try:
            kept = self._read(f"{tree.prefix}/checkpoints/{tree.size}")
        except (KeyError, OSError):
            return Answers((), {"the earlier run": "kept no such checkpoint"})
        if not kept.startswith(note):
            return Answers((), {"the earlier run": "kept another checkpoint of this size"})
        return Answers(tuple(kept[len(note) :].decode().splitlines(keepends=True)))


class RemoteWitnesses:
    """Witnesses at their addresses, all asked at once.

    Args:
        addresses: submission prefix of each, by name.
        pauses: seconds before each further try.
    """

    def __init__(self, addresses: dict[str, str], pauses: Sequence[float] = _PAUSES) -> None:
        self._addresses, self._pauses = addresses, pauses
        self._seen: dict[tuple[str, str], int] = {}

    def cosign(self, note: bytes, tree: Tree, day: date) -> Answers:
        def ask(name: str) -> str | CallupError:
            try:
                return self._ask(name, note, tree)
            except CallupError as failure:
                return failure

        with ThreadPoolExecutor(max(1, len(self._addresses))) as pool:
            said = dict(zip(self._addresses, pool.map(ask, self._addresses), strict=True))
        lines = [line for answer in said.values() if isinstance(answer, str) for line in answer.splitlines(keepends=True)]
        return Answers(tuple(lines), {name: str(answer) for name, answer in said.items() if isinstance(answer, CallupError)})

    def _ask(self, name: str, note: bytes, tree: Tree) -> str:
        """The signature lines of one witness, started from the size that it last saw.

        Raises:
            Unavailable: it did not answer, or refused.
        """
        old = self._seen.get((name, tree.prefix), 0)
        for pause in (*self._pauses, None):
            status, body = self._post(name, _request(old, note, tree))
            if status == 409 and (found := re.fullmatch(r"(0|[1-9]\d{0,18})\n", body)) and int(found[1]) != old:
                old = int(found[1])
                if old > tree.size:
                    raise _refused(name, f"it has seen a larger log: {old} entries")
                status, body = self._post(name, _request(old, note, tree))
            if status == 200:
                self._seen[name, tree.prefix] = tree.size
                return body
            if 400 <= status < 500 or pause is None:
                raise _refused(name, _MEANING.get(status, f"status {status}") if status else body)
            time.sleep(pause)
        raise AssertionError("the last pause is none")

    def _post(self, name: str, body: bytes) -> tuple[int, str]:
        """Status and text of an answer; status 0 and why where there was none."""
        where = urlsplit(self._addresses[name])
        kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
        link = kind(where.netloc, timeout=_SECONDS)
        try:
            link.request("POST", f"{where.path.rstrip('/')}/add-checkpoint", body)
            answer = link.getresponse()
            return answer.status, answer.read(_MOST_BYTES).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as failure:
            return 0, f"no answer: {failure}"
        finally:
            link.close()


_MEANING = {
    400: "it could not read the request",
    403: "it does not know the log's key",
    404: "it does not know this log",
    409: "it has cosigned another root for this size, or another size meanwhile",
    422: "the proof of consistency does not hold for it: it may have seen another view of this log",
}


def _request(old: int, note: bytes, tree: Tree) -> bytes:
    """The body of add-checkpoint."""
    steps = tree.consistency(old) if 0 < old < tree.size else []
    return "".join([f"old {old}\n", *(f"{b64encode(step).decode()}\n" for step in steps), "\n"]).encode() + note


def _refused(name: str, why: str) -> Unavailable:
    return Unavailable("witness-refused", {"witness": name, "why": why[:200]}, "ask whoever runs it")


def stand_in_witnesses(decree: Decree, ring: KeyRing) -> tuple[Cosigner, ...]:
    """A rehearsal's stand-ins; none where the decree names witnesses or is no rehearsal."""
    if decree.witnesses or not decree.rehearsal:
        return ()
    return tuple(Cosigner(f"{decree.log_origin}/{name}", ring.signing_key(f"witness-{name}")) for name in STAND_INS)


def policy_text(decree: Decree, logs: Sequence[str], stand_ins: Sequence[Cosigner]) -> str:
    """The policy of a call-up (C2SP tlog-policy): both logs, the decree's witnesses or a rehearsal's stand-ins, and how many are enough.

    Args:
        decree: names the witnesses and the quorum.
        logs: verifier keys of both logs.
        stand_ins: a rehearsal's, where the decree names none.
    """
    lines = [f"log {vkey}" for vkey in logs]
    witnesses = [(one.name, f"{one.vkey} {one.url}".strip()) for one in decree.witnesses]
    witnesses = witnesses or [(name, one.vkey) for name, one in zip(STAND_INS, stand_ins, strict=False)]
    if not witnesses:
        return "\n".join([*lines, "quorum none", ""])
    enough = decree.witness_quorum if decree.witnesses else STAND_IN_QUORUM
    names = " ".join(name for name, _ in witnesses)
    return "\n".join(
        [*lines, *(f"witness {name} {key}" for name, key in witnesses), f"group witnesses {enough} {names}", "quorum witnesses", ""]
    )
