"""Where the portal keeps what it keeps: in the dossier's own SQLite files, or in a PostgreSQL beside them."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Protocol

from callup.app.course import Course
from callup.app.stores.database import Database, SqliteDatabase
from callup.app.stores.facts import FactStore
from callup.app.web.desk import store as desk_store
from callup.app.web.seats import TABLES as SEATS
from callup.app.web.store import TABLES as PORTAL

TABLES = PORTAL + SEATS + desk_store.TABLES


def portal_key(course: Course) -> bytes:
    """The key of the portal's own tables, made from the key of the facts."""
    return hmac.digest(course.ring.keys["facts"], b"callup/portal/1", hashlib.sha256)


class Storage(Protocol):
    """Opens connections, one for each thread that asks."""

    def portal(self) -> Database:
        """A connection to the portal's own tables."""

    def facts(self) -> FactStore:
        """The facts."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """Two files of the dossier with encrypted pages."""

    course: Course

    def portal(self) -> Database:
        """The portal's own file."""
        path = self.course.dossier.sealed / "70-portal" / "portal.db"
        return SqliteDatabase(path, portal_key(self.course), TABLES + desk_store.GUARDS)

    def facts(self) -> FactStore:
        """The file of facts."""
        return FactStore(self.course.dossier.sealed / "60-facts" / "facts.db", self.course.ring.keys["facts"])
