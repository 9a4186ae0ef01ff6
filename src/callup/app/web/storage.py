"""Where the portal keeps what it keeps: in the dossier's own SQLite files, or in a PostgreSQL beside them."""

from __future__ import annotations

import hashlib
import hmac
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from callup.app import durable
from callup.app.course import Course
from callup.app.stores.database import Database, SqliteDatabase
from callup.app.stores.facts import TABLES as FACTS_TABLES
from callup.app.stores.facts import FactStore
from callup.app.stores.postgres import PostgresDatabase, prepare, schema_named
from callup.app.web.desk import store as desk_store
from callup.app.web.papers import TABLES as PAPERS
from callup.app.web.seats import TABLES as SEATS
from callup.app.web.store import TABLES as PORTAL
from callup.app.web.webhooks import TABLES as HOOKS
from callup.app.wire import STORE

TABLES = PORTAL + SEATS + PAPERS + HOOKS + desk_store.TABLES


def portal_key(course: Course) -> bytes:
    """The key of the portal's own tables, made from the key of the facts."""
    return hmac.digest(course.ring.keys["facts"], b"callup/portal/1", hashlib.sha256)


class Storage(Protocol):
    """Opens connections, one for each thread that asks."""

    def portal(self) -> Database:
        """A connection to the portal's own tables."""

    def facts(self, base: Database | None = None) -> FactStore:
        """The facts; on the connection of the portal's tables where they lie in the same place."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """Two files of the dossier with encrypted pages."""

    course: Course

    def portal(self) -> Database:
        """The portal's own file."""
        path = self.course.dossier.sealed / "70-portal" / "portal.db"
        return SqliteDatabase(path, portal_key(self.course), TABLES + desk_store.GUARDS)

    def facts(self, base: Database | None = None) -> FactStore:
        """The file of facts."""
        return FactStore(self.course.dossier.sealed / "60-facts" / "facts.db", self.course.ring.keys["facts"])


@dataclass(frozen=True, slots=True)
class InPostgres:
    """A schema of a PostgreSQL, made by `prepare_postgres`; the dossier's own file of facts follows it (`Sequencer`)."""

    course: Course
    address: str

    def portal(self) -> Database:
        """A connection to the call-up's schema."""
        return PostgresDatabase(self.address, schema_of(self.course))

    def facts(self, base: Database | None = None) -> FactStore:
        """The facts in the call-up's schema."""
        return FactStore.on(base or self.portal(), self.course.dossier.sealed / "60-facts" / "facts.db")


def schema_of(course: Course) -> str:
    """The schema of a call-up."""
    return schema_named(course.decree.id)


def prepare_postgres(course: Course, owner: str, login: str) -> int:
    """Make the call-up's schema, roles and policies, and bring the facts of the dossier's file into it, with their numbers.

    From then on every command reads and records facts there; the file has what the sequencer has brought back.

    Args:
        course: the call-up.
        owner: address of somebody who may make schemas and roles.
        login: the role with which the portal connects.

    Returns:
        How many facts were brought; those that are there already are not brought again.
    """
    prepare(owner, schema_of(course), FACTS_TABLES + TABLES, login)
    base = PostgresDatabase(owner, schema_of(course))
    with course.dossier.alone(), closing(base):
        brought = FactStore.on(base, course.facts.path).take_over(course.facts)
        durable.write_bytes(course.facts.path.with_name(STORE), (_address_of(owner, login) + "\n").encode(), mode=0o600)
    return brought


def _address_of(owner: str, login: str) -> str:
    """The address of the login at the same server; how it shows who it is, the operator tells it otherwise.

    Example:
        >>> _address_of("postgresql://owner:secret@db.example:5433/callup?sslmode=require", "portal")
        'postgresql://portal@db.example:5433/callup?sslmode=require'
    """
    told = urlsplit(owner)
    return urlunsplit(told._replace(netloc=f"{login}@{told.netloc.rpartition('@')[2]}"))
