"""One small face over two databases, so that every query of the portal is written once: SQLite embedded, PostgreSQL beside it.

Queries are written in what both understand, with ``?`` for what is bound; a row is a tuple. `tables_for` knows the few words of tables
that differ. SQLite holds encrypted pages and syncs every commit (design D10); PostgreSQL holds rows behind roles and row-level security.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any, Protocol, TypeVar

import apsw

from callup.app.durable import world_failures
from callup.app.stores.viewer import Viewer, viewer
from callup.terms.errors import BadInput, CallupError, Tampered, Unavailable

OLDEST_ENGINE = (3, 51, 3)
"""Older SQLite may lose a committed write when a checkpoint and a commit on another connection meet (sqlite.org/wal.html)."""


_LOGGED = 4000
"""Pages of the log of writes before they are brought to their places. That takes six to eight thousandths of a second of processor, hardly
longer for four thousand than for the engine's own thousand, and whoever sends something meanwhile waits for it."""
Asked = tuple[str, Sequence[object]]
"""A query and what is bound."""


class ConstraintBroken(CallupError):
    """A CHECK, a UNIQUE or a trigger of the tables themselves refused a row."""


class Database(Protocol):
    """A connection of one's own."""

    dialect: str

    def rows(self, sql: str, bound: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""

    def seen(self, sql: str, bound: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query that whoever looks may see (`callup.app.stores.viewer`). It selects ``case_id``."""

    def seen_together(self, asked: Sequence[Asked]) -> list[list[tuple[Any, ...]]]:
        """As `seen` for several queries: a page costs one transaction, and one way to a server and back."""

    def listed(self, sql: str, bound: Sequence[object], units: Sequence[str]) -> list[tuple[Any, ...]]:
        """Lines of a desk list, of these units only, ``*`` for every one, whatever the query asks for. It selects case and unit first."""

    def value(self, sql: str, bound: Sequence[object] = ()) -> Any:
        """The first column of the first row, or none."""

    def run(self, sql: str, bound: Sequence[object] = ()) -> int:
        """Do something; gives how many rows changed."""

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        """Do something for many rows; gives how many rows changed."""

    def add(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
        """Add rows, many with one statement; one that is there already is not added again. Gives how many were new."""

    def append(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
        """Add rows to a table whose first column ``seq`` numbers them without a gap; one whose first column here is there already is not
        added again. Gives how many were new.
        """

    def in_turn(self, what: str) -> AbstractContextManager[None]:
        """Inside, no other process does the same."""

    def script(self, sql: str) -> None:
        """Do what changes tables."""

    def transaction(self) -> AbstractContextManager[None]:
        """Everything inside or nothing; inside another it is a savepoint."""

    def erase(self, table: str, numbers: Sequence[int]) -> None:
        """Erase rows by ``seq`` from a table that is append-only to everybody else (design D5)."""

    def erasing(self) -> None:
        """What is deleted from now on is written over."""

    def vacuum(self) -> None:
        """Give back what was deleted."""

    def close(self) -> None:
        """End the connection."""


_WRITES: dict[str, threading.RLock] = {}
"""By file: one connection of this process writes to it at a time. The engine's own waiting asks again at growing intervals and may come too
late each time, and a transaction that read before it writes is refused at once where another wrote meanwhile."""


class SqliteDatabase:
    """SQLite with encrypted pages, in write-ahead mode, every commit synced. Threads that share it take turns.

    Args:
        path: the database file; its folder is made.
        key: 32 bytes; without them the file shows nothing.
        tables: SQL that makes tables where they are not there, as `tables_for` gives it.

    Raises:
        BadInput: the engine is too old to be trusted.
        Tampered: the key is not this file's, or the file was changed.
        Unavailable: the disk failed.
    """

    dialect = "sqlite"

    def __init__(self, path: Path, key: bytes, tables: str) -> None:
        found = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
        if found < OLDEST_ENGINE:
            raise BadInput("sqlite-too-old", {"found": found, "needed": OLDEST_ENGINE}, "install apsw-sqlite3mc as pinned")
        self.path, self._turn = path, threading.RLock()
        self._writes = _WRITES.setdefault(str(path.absolute()), threading.RLock())
        with world_failures(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        with self._failures():
            self._base = apsw.Connection(str(path))
            self._base.execute(f"PRAGMA hexkey='{key.hex()}'")
            pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA busy_timeout=5000"
            self._base.execute(f"{pragmas}; PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint={_LOGGED}")
            self._base.execute(tables)

    def rows(self, sql: str, bound: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._turn:
            try:
                return self._base.execute(sql, tuple(bound)).fetchall()
            except apsw.Error as failure:
                self._say(failure)
                raise

    def seen(self, sql: str, bound: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        who, place = viewer(), _case_column(sql)
        found = self.rows(sql, bound)
        return found if who.kind == "service" else [row for row in found if _shown(who, row[place])]

    def seen_together(self, asked: Sequence[Asked]) -> list[list[tuple[Any, ...]]]:
        return [self.seen(sql, bound) for sql, bound in asked]

    def listed(self, sql: str, bound: Sequence[object], units: Sequence[str]) -> list[tuple[Any, ...]]:
        return [row for row in self.rows(sql, bound) if "*" in units or row[1] in units]

    def value(self, sql: str, bound: Sequence[object] = ()) -> Any:
        with self._turn, self._failures():
            row: Any = self._base.execute(sql, tuple(bound)).fetchone()
        return None if row is None else row[0]

    def run(self, sql: str, bound: Sequence[object] = ()) -> int:
        with self._turn, self._writes, self._failures():
            before = self._base.total_changes()
            self._base.execute(sql, tuple(bound))
            return self._base.total_changes() - before

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        with self._turn, self._writes, self._failures():
            before = self._base.total_changes()
            self._base.executemany(sql, (tuple(row) for row in rows))
            return self._base.total_changes() - before

    def add(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
        return self._add(table, tuple(columns), rows, "")

    def _add(self, table: str, columns: tuple[str, ...], rows: Iterable[Sequence[object]], unique: str) -> int:
        with self._turn, self._writes, self._failures():
            before = self._base.total_changes()
            for some in in_runs(rows):
                self._base.execute(_adding(table, columns, unique, len(some)), tuple(chain.from_iterable(some)))
            return self._base.total_changes() - before

    def append(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
        unique = f"({columns[0]})"
        if isinstance(rows, list) and len(rows) == 1:  # one statement is a transaction by itself
            return self._add(table, tuple(columns), rows, unique)
        with self.transaction():
            return self._add(table, tuple(columns), rows, unique)

    @contextmanager
    def in_turn(self, what: str) -> Iterator[None]:
        """One process serves from a file; what two commands do at once, its own lock keeps apart."""
        yield

    def script(self, sql: str) -> None:
        with self._turn, self._writes, self._failures():
            self._base.execute(sql)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._turn, self._writes, self._failures(), self._base:
            yield

    def erase(self, table: str, numbers: Sequence[int]) -> None:
        self.erasing()
        with self.transaction():
            guard = self.value("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = 'no_delete' AND tbl_name = ?", (table,))
            self.script("DROP TRIGGER no_delete")
            self.many(f"DELETE FROM {table} WHERE seq = ?", ((number,) for number in numbers))
            self.script(guard)
        self.vacuum()

    def erasing(self) -> None:
        self.rows("PRAGMA secure_delete=ON")

    def vacuum(self) -> None:
        self.rows("VACUUM")
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._base.close()

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except apsw.Error as failure:
            self._say(failure)
            raise

    def _say(self, failure: apsw.Error) -> None:
        """What the engine refuses, in our words."""
        if isinstance(failure, apsw.ConstraintError):
            raise ConstraintBroken("constraint-broken", {"why": str(failure)}) from failure
        if isinstance(failure, apsw.NotADBError):
            raise Tampered("database-does-not-open", {"path": str(self.path)}, "use the key file made with this dossier") from failure
        if isinstance(failure, apsw.CantOpenError | apsw.FullError | apsw.IOError | apsw.BusyError):
            hint = "free space or mend the disk, then run the same command again"
            raise Unavailable("database-not-writable", {"path": str(self.path), "why": str(failure)}, hint) from failure


RUN = 64
"""So many rows are named in one statement: between statements the interpreter is given away, and got back late where others want it."""
_Row = TypeVar("_Row")


def in_runs(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """Rows in runs of 64, and what is left in runs of powers of two: a statement for each length is made once and kept.

    Example:
        >>> [len(some) for some in in_runs(range(77))]
        [64, 8, 4, 1]
    """
    left = iter(rows)
    while len(some := list(islice(left, RUN))) == RUN:
        yield some
    while some:
        size = 1 << len(some).bit_length() - 1
        yield some[:size]
        some = some[size:]


@lru_cache(maxsize=256)
def _adding(table: str, columns: tuple[str, ...], unique: str, count: int) -> str:
    row = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * count)} ON CONFLICT {unique} DO NOTHING"


@lru_cache(maxsize=64)
def _case_column(sql: str) -> int:
    """Where ``case_id`` stands in what a query selects."""
    return [name.strip() for name in sql.removeprefix("SELECT").partition(" FROM ")[0].split(",")].index("case_id")


def _shown(who: Viewer, case: object) -> bool:
    """The same rule as the policies of `callup.app.stores.postgres`; a fact about nobody is shown to whoever sees a case."""
    if who.kind == "person":
        return case in (who.case, None)
    return who.kind == "official" and (case is None or case in who.opened)


_WORDS = (
    (r"\bINTEGER PRIMARY KEY\b", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"),
    (r"\bINTEGER\b", "BIGINT"),
    (r"\bBLOB\b", "BYTEA"),
    (r"\s*WITHOUT ROWID", ""),
)


@lru_cache(maxsize=64)
def tables_for(dialect: str, tables: str) -> str:
    """Tables as a database makes them; written for SQLite, and put into the words of PostgreSQL."""
    if dialect == "sqlite":
        return tables
    for old, new in _WORDS:
        tables = re.sub(old, new, tables)
    return tables
