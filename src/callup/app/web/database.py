"""Opens the portal's own database: SQLite with encrypted pages, every commit synced, engines that may lose one refused."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import apsw

from callup.app.durable import world_failures
from callup.terms.errors import BadInput

OLDEST_ENGINE = (3, 51, 3)
"""Older SQLite may lose a committed write when a checkpoint and a commit on another connection meet (sqlite.org/wal.html)."""


def open_database(path: Path, key: bytes, tables: str) -> apsw.Connection:
    """A connection of one's own to the portal's file, with these tables made where they are not there.

    Args:
        path: the database file; its folder is made.
        key: 32 bytes; without them the file shows nothing.
        tables: SQL that makes tables.

    Raises:
        BadInput: the engine is too old to be trusted with what people send.
    """
    found = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    if found < OLDEST_ENGINE:
        raise BadInput("sqlite-too-old", {"found": found, "needed": OLDEST_ENGINE}, "install apsw-sqlite3mc as pinned")
    with world_failures(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    base = apsw.Connection(str(path))
    base.execute(f"PRAGMA hexkey='{key.hex()}'")
    base.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA busy_timeout=5000")
    base.execute(tables)
    return base


def keyed_digest(key: bytes, what: str, secret: str) -> bytes:
    """How a code or a token is kept: an HMAC under the portal's key, so that the file alone opens nothing."""
    return hmac.digest(key, f"{what}\n{secret}".encode(), hashlib.sha256)
