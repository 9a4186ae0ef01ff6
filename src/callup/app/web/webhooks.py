"""Tells the authority's own systems that the public logs have grown: which log, from which entry to which, of which kinds; no person (D22).

A message is signed as Standard Webhooks (standardwebhooks.com) has it, sent in order until it is taken, and sent again after a stop: its
number says which entries it is about, so that whoever gets it twice knows. Whoever missed one reads the log itself.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from callup.app.stores.database import Database
from callup.app.stores.tiles import PosixTileStore
from callup.terms.errors import BadInput, Unavailable
from callup.tlog import Tree

TABLES = "CREATE TABLE IF NOT EXISTS hook (url TEXT, log TEXT, next INTEGER NOT NULL, PRIMARY KEY (url, log));\n"
LOGS = ("public", "acts")
MOST = 65_536
"""Entries that one message is about, at most."""
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Hook:
    """A system that is told: its address, and the secret that both know."""

    url: str
    secret: bytes


def read_hooks(told: Mapping[str, Any], path: Path) -> tuple[Hook, ...]:
    """The ``[[webhook]]`` tables of ``portal.toml``: ``url``, and ``secret_file`` beside it.

    Raises:
        BadInput: what is wrong, with the number of the entry.
    """
    return tuple(_hook(path, number, entry) for number, entry in enumerate(told.get("webhook", []), 1))


def _hook(path: Path, number: int, entry: Any) -> Hook:
    where: dict[str, object] = {"path": path, "webhook": number}
    if not isinstance(entry, dict) or set(entry) != {"url", "secret_file"}:
        raise BadInput("portal-webhook", where, "give url and secret_file, and nothing else")
    url, address = str(entry["url"]), urlsplit(str(entry["url"]))
    if not address.hostname or (address.scheme != "https" and address.hostname not in ("localhost", "127.0.0.1")):
        raise BadInput("portal-webhook", where | {"url": url}, "a webhook speaks https")
    try:
        secret = (path.parent / str(entry["secret_file"])).read_bytes().strip()
    except OSError as failure:
        raise BadInput("portal-webhook", where | {"secret_file": entry["secret_file"]}, "the file beside it holds the secret") from failure
    if len(secret) < 24:
        raise BadInput("portal-webhook", where, "a secret has at least 24 bytes")
    return Hook(url, secret)


@dataclass(slots=True)
class Hooks:
    """Those who are told, and how far each has been.

    Args:
        hooks: they.
        base: a connection to a database that has the table.
        logs: the folder ``open/log``.
        call_up: its id.
    """

    hooks: Sequence[Hook]
    base: Database
    logs: Path
    call_up: str

    def send(self, now: int) -> int:
        """Send what is new to everybody, one message a log; gives how many were taken.

        Raises:
            Unavailable: somebody took nothing; the others were told all the same, and it is sent again the next time.
        """
        taken, failed = 0, []
        for hook in self.hooks:
            for log in LOGS:
                message = self._next(hook, log)
                if message is None:
                    continue
                if _taken(hook, message, now):
                    self._remember(hook, log, message["next"])
                    taken += 1
                else:
                    failed.append(hook.url)
        if failed:
            raise Unavailable("webhook-not-taken", {"urls": ", ".join(sorted(set(failed)))}, "it is sent again until it is taken")
        return taken

    def _next(self, hook: Hook, log: str) -> dict[str, Any] | None:
        """What one system is to be told next of a log; nothing if it knows all."""
        checkpoint = self.logs / log / "checkpoint"
        if not checkpoint.exists():
            return None
        size = int(checkpoint.read_text(encoding="utf-8").split("\n")[1])
        rows = self.base.rows("SELECT next FROM hook WHERE url = ? AND log = ?", (hook.url, log))
        first = int(rows[0][0]) if rows else 0
        upto = min(size, first + MOST)
        if first >= upto:
            return None
        entries = Tree(PosixTileStore(self.logs, self.logs), log, upto).entries(first)
        kinds = Counter(entry.split(b" ")[1].decode() for entry in entries)
        return {"call_up": self.call_up, "log": log, "first": first, "next": upto, "size": size, "kinds": dict(sorted(kinds.items()))}

    def _remember(self, hook: Hook, log: str, upto: int) -> None:
        sql = "INSERT INTO hook VALUES (?, ?, ?) ON CONFLICT (url, log) DO UPDATE SET next = excluded.next"
        self.base.run(sql, (hook.url, log, upto))


def _taken(hook: Hook, message: Mapping[str, Any], now: int) -> bool:
    """Send one message; whether it was taken."""
    body = json.dumps({"type": "log.grown", "timestamp": now, "data": message}, separators=(",", ":")).encode()
    number = f"{message['log']}-{message['first']}-{message['next']}"
    told = {"webhook-id": number, "webhook-timestamp": str(now), "webhook-signature": signature(hook.secret, number, now, body)}
    try:
        answer = httpx.post(hook.url, content=body, headers={**told, "Content-Type": "application/json"}, timeout=PATIENCE)
    except httpx.HTTPError:
        return False
    return answer.is_success


def signature(secret: bytes, number: str, now: int, body: bytes) -> str:
    """HMAC-SHA256 over number, time and body, as Standard Webhooks writes it."""
    signed = hmac.digest(secret, f"{number}.{now}.".encode() + body, hashlib.sha256)
    return "v1," + b64encode(signed).decode()
