"""A small honest witness (C2SP tlog-witness): it cosigns what it has seen grow from what it saw before, and nothing else.

The last size and root of each log are kept by compare-and-set with a sync before any cosignature leaves, so that no crash and no
two requests at once make it cosign two roots for one size, or go back.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from callup.app.durable import world_failures
from callup.app.stores.tiles import PosixTileStore
from callup.terms.errors import BadInput, OutOfOrder, Tampered
from callup.tlog import Checkpoint, Head, open_note, verify_consistency
from callup.tlog.witnessing import Cosigner

MOST_BYTES = 65_536
_MOST_STEPS = 63
_SIZE = re.compile("old (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request gets: HTTP status, body, and its type."""

    status: int
    body: str = ""
    kind: str = "text/plain; charset=utf-8"


class Witness:
    """Cosigns the checkpoints of the logs it knows.

    Args:
        cosigner: its name and key.
        logs: verifier key of each log, by origin.
        state: folder of its memory; one process uses it.
        now: seconds since 1970, UTC.

    Raises:
        OutOfOrder: another process uses the folder.
    """

    def __init__(self, cosigner: Cosigner, logs: Mapping[str, str], state: Path, now: Callable[[], int]) -> None:
        self._cosigner, self._logs, self._now = cosigner, dict(logs), now
        with world_failures(state):
            state.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(state / "in-use", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise OutOfOrder("witness-runs-already", {"state": str(state)}, "one process uses a witness's folder: stop the other") from None
        self._heads = PosixTileStore(state, state)

    def close(self) -> None:
        """Let another process use the folder."""
        os.close(self._lock)

    def add_checkpoint(self, request: bytes) -> Answer:
        """Answer one request of add-checkpoint."""
        head, gap, note = request.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
            old = _SIZE.fullmatch(lines[0])
            path = [b64decode(line, validate=True) for line in lines[1:]]
            checkpoint = Checkpoint.read(note.decode().rpartition("\n\n")[0] + "\n")
        except (ValueError, Tampered):
            return Answer(400, "not a request of add-checkpoint\n")
        if not gap or old is None or len(path) > _MOST_STEPS or int(old[1]) > checkpoint.head.size:
            return Answer(400, "not a request of add-checkpoint\n")
        if checkpoint.origin not in self._logs:
            return Answer(404, "this log is not known here\n")
        try:
            open_note(note, [self._logs[checkpoint.origin]])
        except Tampered:
            return Answer(403, "not signed by the key that is known here\n")
        return self._grow(checkpoint, int(old[1]), path)

    def _grow(self, checkpoint: Checkpoint, old: int, path: list[bytes]) -> Answer:
        log = hashlib.sha256(checkpoint.origin.encode()).hexdigest()
        seen, new = self._heads.head(log), checkpoint.head
        if old != seen.size:
            return Answer(409, f"{seen.size}\n", "text/x.tlog.size")
        if new.size == seen.size and new.root != seen.root:
            return Answer(409, f"{seen.size}\n", "text/x.tlog.size")
        if not _is_beginning(seen, new, path):
            return Answer(422, "the proof of consistency does not hold\n")
        if not self._heads.compare_and_set(log, seen, new):
            return Answer(409, f"{self._heads.head(log).size}\n", "text/x.tlog.size")
        return Answer(200, self._cosigner.cosign(checkpoint.text(), self._now()))


def _is_beginning(seen: Head, new: Head, path: list[bytes]) -> bool:
    """Nothing seen yet, or the same again, needs no proof and must bring none; else RFC 6962, section 2.1.2."""
    if seen.size in (0, new.size):
        return not path
    return verify_consistency(seen, new, path)


def known_logs(vkeys: list[str]) -> dict[str, str]:
    """Verifier keys of logs, by origin; each is checked.

    Raises:
        BadInput: a key given twice for one origin.
    """
    logs: dict[str, str] = {}
    for vkey in vkeys:
        origin = vkey.partition("+")[0]
        if origin in logs:
            raise BadInput("log-twice", {"origin": origin}, "give one key for each log")
        logs[origin] = vkey
    return logs


def wall_time() -> int:
    """The machine's time, in seconds since 1970."""
    return int(datetime.now(UTC).timestamp())  # noqa: TID251 - a witness says what its own clock says


def server(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    """An HTTP server for a witness; port 0 takes a free one."""

    class Requests(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != "/add-checkpoint":
                self._answer(Answer(404, "ask for /add-checkpoint\n"))
            elif not length.isdecimal() or int(length) > MOST_BYTES:
                self.close_connection = True
                self._answer(Answer(413, f"at most {MOST_BYTES} bytes, with their number\n"))
            else:
                self._answer(witness.add_checkpoint(self.rfile.read(int(length))))

        def _answer(self, answer: Answer) -> None:
            content = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *words: object) -> None:  # noqa: A002 - the name is the library's
            """Who asked is not written down."""

    return ThreadingHTTPServer((host, port), Requests)
