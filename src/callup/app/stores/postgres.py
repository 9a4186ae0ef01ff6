"""PostgreSQL behind the same face as SQLite: roles by kind of viewer, row-level security, facts that no role can change.

One schema a call-up. Whoever prepares it owns the tables; the portal connects as a login that may only become one of four roles, none of
which owns anything: service, person, official, nobody. Every query that shows a case runs as the role of who looks, inside a transaction
that says who that is.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

import psycopg
from psycopg import sql

from callup.app.stores.database import Asked, ConstraintBroken, tables_for
from callup.app.stores.viewer import Viewer, viewer
from callup.terms.errors import BadInput, Unavailable

_FEW = 64
"""Up to so many rows are added one by one."""
_Found = TypeVar("_Found")
KINDS = ("service", "person", "official", "nobody")
SEEN = ("facts", "door", "sent")
"""The tables that show a case, and the only ones that anyone but the service may read."""
_PERSON = "case_id = (SELECT current_setting('callup.case', true))"
_OFFICIAL = """EXISTS (SELECT 1 FROM {schema}.sight s WHERE s.case_id = {table}.case_id
  AND s.actor = (SELECT current_setting('callup.actor', true))
  AND s.day = (SELECT nullif(current_setting('callup.day', true), '')::bigint))"""
_UNITS = """(SELECT current_setting('callup.units', true)) = '*'
  OR unit = ANY (SELECT unnest(string_to_array(current_setting('callup.units', true), E'\\n')))"""
"""The line of a desk list is shown to an official whose desk has its unit."""
_GUARDS = """
CREATE TABLE IF NOT EXISTS sight (actor TEXT NOT NULL, day BIGINT NOT NULL, case_id TEXT NOT NULL, PRIMARY KEY (actor, day, case_id));
CREATE OR REPLACE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$;
CREATE OR REPLACE FUNCTION saw() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
  IF NEW.kind = 'recused' THEN DELETE FROM {schema}.sight s WHERE s.actor = NEW.actor AND s.case_id = NEW.case_id;
  ELSIF NOT EXISTS (SELECT 1 FROM {schema}.facts f WHERE f.kind = 'recused' AND f.actor = NEW.actor AND f.case_id = NEW.case_id) THEN
    INSERT INTO {schema}.sight VALUES (NEW.actor, NEW.known_on, NEW.case_id) ON CONFLICT DO NOTHING; END IF; RETURN NEW; END $$;
CREATE OR REPLACE TRIGGER no_change BEFORE UPDATE OR DELETE ON facts FOR EACH ROW EXECUTE FUNCTION stays('facts are append-only');
CREATE OR REPLACE TRIGGER no_emptying BEFORE TRUNCATE ON facts EXECUTE FUNCTION stays('facts are append-only');
CREATE OR REPLACE TRIGGER reader AFTER INSERT ON facts FOR EACH ROW WHEN (NEW.kind IN ('read', 'recused')) EXECUTE FUNCTION saw();
CREATE OR REPLACE TRIGGER proposal_stays BEFORE UPDATE OF case_id, kind, ref, outcome, reason, until, first, at ON proposal
  FOR EACH ROW EXECUTE FUNCTION stays('what was proposed stays as it was proposed');
"""


def schema_named(call_up: str) -> str:
    """The schema of a call-up: a digest of its name, so that any name fits."""
    return "callup_" + hashlib.sha256(call_up.encode()).hexdigest()[:16]


def role_of(schema: str, kind: str) -> str:
    """The role of a kind of viewer of one call-up."""
    return f"{schema}_{kind}"


def prepare(address: str, schema: str, tables: str, login: str) -> None:
    """Make the schema, its tables, roles and policies, and let a login become the roles; what is there already stays.

    Args:
        address: ``postgresql://...`` of somebody who may make schemas and roles.
        schema: a word of small letters, digits and ``_``.
        tables: as written for SQLite.
        login: the role with which the portal connects; it is made if it is not there, and gets no rights of its own.

    Raises:
        BadInput: a schema or a login that is no such word.
        Unavailable: the server does not answer.
    """
    for word in (schema, login):
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", word):
            raise BadInput("postgres-name", {"name": word}, "use small letters, digits and _")
    with _failures(address), psycopg.connect(address) as base:
        base.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}".encode())
        base.execute(f"SET search_path TO {schema}".encode())
        base.execute(tables_for("postgresql", tables).encode())
        base.execute(_GUARDS.replace("{schema}", schema).encode())
        for name, rights in ((login, "LOGIN"), *((role_of(schema, kind), "NOLOGIN") for kind in KINDS)):
            if base.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone() is None:
                base.execute(f"CREATE ROLE {name} {rights} NOINHERIT".encode())
        for statement in _policies(schema, login):
            base.execute(statement.encode())


def _policies(schema: str, login: str) -> Iterator[str]:
    """Who may do what: the service everything but change a fact, a person their own case, an official what was opened today."""
    service, person, official, nobody = (role_of(schema, kind) for kind in KINDS)
    yield f"GRANT {service}, {person}, {official}, {nobody} TO {login}"
    yield f"GRANT USAGE ON SCHEMA {schema} TO {service}, {person}, {official}, {nobody}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {service}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {service}"
    yield f"REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.facts, {schema}.sight FROM {service}"
    for table in SEEN:
        yield f"ALTER TABLE {schema}.{table} ENABLE ROW LEVEL SECURITY"
        yield f"GRANT SELECT ON {schema}.{table} TO {person}, {official}, {nobody}"
        rules = {service: "true", person: _PERSON, official: _OFFICIAL.format(schema=schema, table=table), nobody: "false"}
        for role, rule in rules.items():
            kind = role.removeprefix(f"{schema}_")
            also = " OR case_id IS NULL" if table == "facts" and kind in ("person", "official") else ""
            yield f"DROP POLICY IF EXISTS {kind} ON {schema}.{table}"
            what, checked = ("ALL", " WITH CHECK (true)") if role == service else ("SELECT", "")
            yield f"CREATE POLICY {kind} ON {schema}.{table} FOR {what} TO {role} USING ({rule}{also}){checked}"
    yield f"GRANT SELECT ON {schema}.sight TO {official}"
    yield f"ALTER TABLE {schema}.queue ENABLE ROW LEVEL SECURITY"
    yield f"GRANT SELECT ON {schema}.queue, {schema}.taken TO {official}"
    yield f"GRANT SELECT (case_id, first, state) ON {schema}.proposal TO {official}"
    for kind, role, what, rule in (("service", service, "ALL", "true"), ("official", official, "SELECT", _UNITS)):
        yield f"DROP POLICY IF EXISTS {kind} ON {schema}.queue"
        yield f"CREATE POLICY {kind} ON {schema}.queue FOR {what} TO {role} USING ({rule})"


class PostgresDatabase:
    """A connection of one's own to the tables of one call-up. Threads that share it take turns: none asks inside another's transaction.

    Args:
        address: ``postgresql://...`` of the portal's login.
        schema: the call-up's schema.

    Raises:
        Unavailable: the server does not answer.
    """

    dialect = "postgresql"

    def __init__(self, address: str, schema: str) -> None:
        self.address, self.schema, self._turn = address, schema, threading.RLock()
        self._open()

    def _open(self) -> None:
        with _failures(self.address):
            self._base = psycopg.connect(self.address, autocommit=True, prepare_threshold=3)
            self._base.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(self.schema)))
            self._base.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role_of(self.schema, "service"))))
            self._base.execute("SET statement_timeout = '30s'")

    def rows(self, text: str, bound: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, by the service."""
        return self._asked(lambda: self._rows(text, bound))

    def _rows(self, text: str, bound: Sequence[object]) -> list[tuple[Any, ...]]:
        done = self._base.execute(_marked(text), tuple(bound))
        return done.fetchall() if done.description else []

    def _asked(self, ask: Callable[[], _Found]) -> _Found:
        """Ask once more on a fresh connection where the server went away before the question; not inside a transaction."""
        with self._turn:
            inside = self._base.info.transaction_status != psycopg.pq.TransactionStatus.IDLE
            try:
                with self._alive():
                    return ask()
            except Unavailable:
                if inside or not self._base.broken:
                    raise
            with self._alive():
                return ask()

    def seen(self, text: str, bound: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query that whoever looks may see."""
        who = viewer()
        if who.kind == "service":
            return self.rows(text, bound)
        return self._asked(lambda: self._seen_together([(text, bound)], who)[0])

    def seen_together(self, asked: Sequence[Asked]) -> list[list[tuple[Any, ...]]]:
        """As `seen` for several queries, in one transaction that is sent at once."""
        return self._asked(lambda: self._seen_together(asked, viewer()))

    def _seen_together(self, asked: Sequence[Asked], who: Viewer) -> list[list[tuple[Any, ...]]]:
        with self._at_once():
            self._base.execute(_LOOK, _settings(self.schema, who))
            found = [self._base.execute(_marked(text), tuple(bound)) for text, bound in asked]
        return [one.fetchall() for one in found]

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """A transaction that is sent at once. The driver's own begins pipelines of its own inside a pipeline, and waits for each."""
        if self._base.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            with self._base.pipeline(), self._base.transaction():
                yield
            return
        try:
            with self._base.pipeline():
                self._base.execute(b"BEGIN")
                yield
                self._base.execute(b"COMMIT")
        except BaseException:
            if not self._base.closed:
                self._base.rollback()
            raise

    def listed(self, text: str, bound: Sequence[object], units: Sequence[str]) -> list[tuple[Any, ...]]:
        """The rows of a desk list, as an official of these units."""

        def ask() -> list[tuple[Any, ...]]:
            with self._base.transaction():
                self._base.execute(_LIST, (role_of(self.schema, "official"), "*" if "*" in units else "\n".join(units)))
                return self._base.execute(_marked(text), tuple(bound)).fetchall()

        return self._asked(ask)

    def value(self, text: str, bound: Sequence[object] = ()) -> Any:
        """The first column of the first row, or none."""
        found = self.rows(text, bound)
        return found[0][0] if found else None

    def run(self, text: str, bound: Sequence[object] = ()) -> int:
        """Do something; gives how many rows changed."""
        with self._alive():
            return max(0, self._base.execute(_marked(text), tuple(bound)).rowcount)

    def many(self, text: str, rows: Iterable[Sequence[object]]) -> int:
        """Do something for many rows; gives how many rows changed."""
        with self._alive(), self._base.cursor() as cursor:
            cursor.executemany(_marked(text), [tuple(row) for row in rows])
            return max(0, cursor.rowcount)

    def add(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
        """Add rows, all sent together; one that is there already is not added again. Gives how many were new."""
        marks = ", ".join("?" * len(columns))
        return self.many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) ON CONFLICT DO NOTHING", rows)

    def append(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
        """Add rows numbered without a gap: one at a time may, so that numbers follow the commits. Twice adds them once."""
        kept = [tuple(row) for row in rows]
        add = self._append if len(kept) > _FEW else self._append_few
        return self._asked(lambda: add(table, columns, kept))

    def _append_few(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> int:
        """What a portal adds at once: each row by itself, all of them sent together, without a table for them to arrive in."""
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        one = f"""INSERT INTO {table} (seq, {names}) SELECT (SELECT coalesce(max(seq), 0) + 1 FROM {table}), {marks}
            WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {columns[0]} = ?) RETURNING 1"""
        with self._base.cursor() as cursor:
            with self._at_once():
                self._lock(self._base, table)
                cursor.executemany(_marked(one), [(*row, row[0]) for row in rows], returning=True)
            new = max(0, cursor.rowcount)  # known only after the pipeline, row by row
            while cursor.nextset():
                new += cursor.rowcount
        return new

    def _lock(self, on: psycopg.Cursor[Any] | psycopg.Connection[Any], table: str) -> None:
        on.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"{self.schema}.{table}",))

    def _append(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> int:
        names, first = ", ".join(columns), columns[0]
        fresh = f"SELECT DISTINCT ON ({first}) * FROM arriving a WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE t.{first} = a.{first})"
        with self._base.transaction(), self._base.cursor() as cursor:
            self._lock(cursor, table)
            shape = f"SELECT 0::bigint AS turn, {names} FROM {table} WITH NO DATA"
            cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS arriving ON COMMIT DELETE ROWS AS {shape}".encode())
            with cursor.copy(f"COPY arriving (turn, {names}) FROM STDIN".encode()) as copy:
                for turn, row in enumerate(rows):
                    copy.write_row((turn, *row))
            numbered = f"(SELECT coalesce(max(seq), 0) FROM {table}) + row_number() OVER (ORDER BY turn)"
            added = f"INSERT INTO {table} (seq, {names}) SELECT {numbered}, {names} FROM ({fresh} ORDER BY {first}, turn) new"
            cursor.execute(added.encode())
            return cursor.rowcount

    @contextmanager
    def in_turn(self, what: str) -> Iterator[None]:
        """An advisory lock of the session; it goes with the connection."""
        name = f"{self.schema}.{what}"
        with self._alive():
            self._base.execute("SELECT pg_advisory_lock(hashtext(%s))", (name,))
        try:
            yield
        finally:
            with self._alive():
                self._base.execute("SELECT pg_advisory_unlock(hashtext(%s))", (name,))

    def script(self, text: str) -> None:
        """Do what changes tables: the portal's login may not."""
        raise BadInput("postgres-owner-only", {"what": text[:40]}, "the owner of the tables does this")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside or nothing; inside another it is a savepoint."""
        with self._alive(), self._base.transaction():
            yield

    def erase(self, table: str, numbers: Sequence[int]) -> None:
        """Erase rows by ``seq``: only the owner of the tables can; to every role of the portal they are append-only.

        Raises:
            BadInput: whoever is connected does not own the table.
        """
        try:
            with self._alive(), self._base.transaction():
                self._base.execute("SET LOCAL ROLE NONE")
                gone = f"SELECT case_id FROM {table} WHERE seq = ANY (%s) AND kind = 'read'"
                self._base.execute(f"DELETE FROM sight WHERE case_id IN ({gone})".encode(), (list(numbers),))
                self._base.execute(f"ALTER TABLE {table} DISABLE TRIGGER no_change".encode())
                self._base.execute(f"DELETE FROM {table} WHERE seq = ANY (%s)".encode(), (list(numbers),))
                self._base.execute(f"ALTER TABLE {table} ENABLE TRIGGER no_change".encode())
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable) as failure:  # not one's own, or not even to be seen
            raise BadInput("postgres-owner-only", {"what": f"erase from {table}"}, "the owner of the tables does this") from failure

    def erasing(self) -> None:
        """PostgreSQL writes over what was deleted when it vacuums."""

    def vacuum(self) -> None:
        """The server's own autovacuum does it; its backups are the operator's to erase in."""

    def close(self) -> None:
        """End the connection."""
        self._base.close()

    @contextmanager
    def _alive(self) -> Iterator[None]:
        """A connection that was lost is opened again for what comes next; what was under way is refused, and nothing of it is there."""
        with self._turn:
            if self._base.closed:
                self._open()
            with _failures(self.address):
                yield


_LIST = "SELECT set_config('role', %s, true), set_config('callup.units', %s, true)"
_LOOK = """SELECT set_config('role', %s, true), set_config('callup.case', %s, true), set_config('callup.actor', %s, true),
    set_config('callup.day', %s, true)"""


def _settings(schema: str, who: Viewer) -> tuple[str, str, str, str]:
    return role_of(schema, who.kind), who.case, who.actor, str(who.day)


@lru_cache(maxsize=512)
def _marked(text: str) -> bytes:
    """A query with ``?`` as psycopg takes it."""
    return text.replace("%", "%%").replace("?", "%s").encode()


@contextmanager
def _failures(address: str) -> Iterator[None]:
    """What the server refuses, in our words; the address is named without its password."""
    try:
        yield
    except (psycopg.errors.IntegrityError, psycopg.errors.RaiseException) as failure:
        raise ConstraintBroken("constraint-broken", {"why": str(failure).splitlines()[0]}) from failure
    except psycopg.OperationalError as failure:
        shown = re.sub(r"//[^@/]*@", "//...@", address)
        hint = "see that the server runs; nothing of it was done, send it again"
        raise Unavailable("postgres-silent", {"address": shown, "why": str(failure).splitlines()[0]}, hint) from failure
