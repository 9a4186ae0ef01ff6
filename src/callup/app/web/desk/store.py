"""What the desk keeps beside the facts: who is signed in, the queue, and what was proposed and not yet decided (SQLite, encrypted pages).

The queue is a projection: what is due in each case as the law sees it today, made from the facts and made again at any time. That two
people decide is asked for by the domain and again by the table itself.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from callup.app.stores.database import ConstraintBroken, Database
from callup.terms.errors import BadInput

TABLES = """
CREATE TABLE IF NOT EXISTS desk_session (token BLOB PRIMARY KEY, name TEXT NOT NULL, began INTEGER NOT NULL,
  seen INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS desk_passkey (id BLOB PRIMARY KEY, name TEXT NOT NULL, public BLOB NOT NULL, count INTEGER NOT NULL,
  at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS queue (case_id TEXT PRIMARY KEY, unit TEXT NOT NULL, step TEXT NOT NULL, ref TEXT, ground TEXT, by_on TEXT,
  overdue INTEGER NOT NULL, late INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS queue_of_unit ON queue (unit, step, overdue DESC, by_on, case_id);
CREATE TABLE IF NOT EXISTS queue_day (one INTEGER PRIMARY KEY CHECK (one = 1), day TEXT NOT NULL, seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS taken (case_id TEXT PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS proposal (id INTEGER PRIMARY KEY, case_id TEXT NOT NULL, unit TEXT NOT NULL, kind TEXT NOT NULL, ref TEXT,
  outcome TEXT NOT NULL, reason TEXT NOT NULL, until TEXT, first TEXT NOT NULL, at INTEGER NOT NULL, second TEXT, second_at INTEGER,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'sent back', 'recorded', 'overtaken')),
  note TEXT NOT NULL DEFAULT '', CHECK (second IS NULL OR second <> first),
  CHECK (state IN ('open', 'overtaken') OR second IS NOT NULL));
CREATE UNIQUE INDEX IF NOT EXISTS one_open ON proposal (case_id) WHERE state IN ('open', 'accepted');
"""
GUARDS = """
CREATE TRIGGER IF NOT EXISTS proposal_stays BEFORE UPDATE OF case_id, kind, ref, outcome, reason, until, first, at ON proposal
  BEGIN SELECT RAISE(ABORT, 'what was proposed stays as it was proposed'); END;
"""
_PROPOSAL = "id, case_id, unit, kind, ref, outcome, reason, until, first, at, second, second_at, state, note"
QUEUE = ("case_id", "unit", "step", "ref", "ground", "by_on", "overdue", "late")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one official proposes in a case and another decides; times are seconds since 1970.

    Args:
        kind: the kind of fact that it becomes.
        ref: the fact that it answers, if any.
        outcome: a word of the vocabulary; empty for a kind that has none.
        until: until when, YYYY-MM-DD, for what is granted for a time.
        state: open; accepted, and still to be undone; sent back; recorded; or overtaken by what happened meanwhile.
    """

    id: int
    case_id: str
    unit: str
    kind: str
    ref: str | None
    outcome: str
    reason: str
    until: str | None
    first: str
    at: int
    second: str | None
    second_at: int | None
    state: str
    note: str


class DeskStore:
    """The desk's own tables.

    Args:
        base: a connection to a database that has these tables.
        key: 32 bytes; tokens are kept as digests under it.
    """

    def __init__(self, base: Database, key: bytes) -> None:
        self._base, self._key = base, key

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    # ---- sessions

    def open_session(self, token: str, name: str, now: int) -> None:
        """Begin a session of an official; only a digest of its token is kept."""
        self._base.run("INSERT INTO desk_session VALUES (?, ?, ?, ?)", (self._digest(token), name, now, now))

    def session(self, token: str) -> tuple[str, int, int] | None:
        """The name, the beginning and the last use of a session, or none."""
        asked = (self._digest(token),)
        rows = self._base.rows("SELECT name, began, seen FROM desk_session WHERE token = ?", asked)
        return (rows[0][0], rows[0][1], rows[0][2]) if rows else None

    def _digest(self, token: str) -> bytes:
        return hmac.digest(self._key, f"desk\n{token}".encode(), hashlib.sha256)

    def touch(self, token: str, now: int) -> None:
        """Remember that a session was used."""
        self._base.run("UPDATE desk_session SET seen = ? WHERE token = ?", (now, self._digest(token)))

    def end_session(self, token: str) -> None:
        """End a session, and give back what its owner had taken."""
        found = self.session(token)
        with self._base.transaction():
            self._base.run("DELETE FROM desk_session WHERE token = ?", (self._digest(token),))
            if found is not None:
                self._base.run("DELETE FROM taken WHERE name = ?", (found[0],))

    # ---- passkeys

    def keep_passkey(self, row: tuple[bytes, str, bytes, int, int]) -> None:
        """Keep a passkey of an official: its number, the name, its public key, its counter, when."""
        self._base.run("INSERT INTO desk_passkey VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING", row)

    def passkeys_of(self, name: str) -> list[bytes]:
        """The numbers of an official's passkeys."""
        return [bytes(row[0]) for row in self._base.rows("SELECT id FROM desk_passkey WHERE name = ?", (name,))]

    def passkey(self, number: bytes, name: str) -> tuple[bytes, int] | None:
        """The public key and the counter of a passkey, if it is this official's."""
        rows = self._base.rows("SELECT public, count FROM desk_passkey WHERE id = ? AND name = ?", (number, name))
        return (bytes(rows[0][0]), rows[0][1]) if rows else None

    def count_passkey(self, number: bytes, count: int) -> None:
        """Remember a passkey's counter."""
        self._base.run("UPDATE desk_passkey SET count = ? WHERE id = ?", (count, number))

    def forget_passkeys(self, name: str) -> None:
        """Forget all passkeys of an official."""
        self._base.run("DELETE FROM desk_passkey WHERE name = ?", (name,))

    # ---- the queue

    def lay_queue(self, rows: Iterable[Sequence[Any]], day: str, seq: int) -> None:
        """Put the whole queue in place as of a day and a fact; rows have the columns of QUEUE."""
        with self._base.transaction():
            self._base.run("DELETE FROM queue")
            self._base.many("INSERT INTO queue VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            self._base.run(
                "INSERT INTO queue_day VALUES (1, ?, ?) ON CONFLICT (one) DO UPDATE SET day = excluded.day, seq = excluded.seq", (day, seq)
            )

    def laid_on(self) -> tuple[str, int] | None:
        """As of which day and after which fact the queue was laid last."""
        rows = self._base.rows("SELECT day, seq FROM queue_day")
        return (rows[0][0], rows[0][1]) if rows else None

    def renew(self, rows: Iterable[Sequence[Any]], gone: Iterable[str], seq: int) -> None:
        """Put single cases in place: those with a next step, and those without."""
        with self._base.transaction():
            fresh = list(rows)
            self._base.many("DELETE FROM queue WHERE case_id = ?", [(case,) for case in (*gone, *(row[0] for row in fresh))])
            self._base.many("INSERT INTO queue VALUES (?, ?, ?, ?, ?, ?, ?, ?)", fresh)
            self._base.run("UPDATE queue_day SET seq = ?", (seq,))

    def waiting(self, units: Sequence[str], steps: Sequence[str], after: str, limit: int) -> list[dict[str, Any]]:
        """A page of the queue: what is overdue first, then by day.

        Args:
            units: of which desks; ``*`` is every one.
            steps: which steps.
            after: the last row of the page before, as this gave it in ``cursor``; empty for the first.
            limit: rows at most.
        """
        everywhere = "*" in units
        where = "TRUE" if everywhere else f"q.unit IN ({', '.join('?' * len(units))})"
        order = "(CASE q.overdue WHEN 1 THEN '0' ELSE '1' END || coalesce(q.by_on, '9999-99-99') || q.case_id)"
        sql = f"""SELECT q.case_id, q.unit, q.step, q.ground, q.by_on, q.overdue, q.late, t.name, p.first, p.state, {order} AS cursor
            FROM queue q LEFT JOIN taken t ON t.case_id = q.case_id
            LEFT JOIN proposal p ON p.case_id = q.case_id AND p.state IN ('open', 'accepted')
            WHERE {where} AND q.step IN ({", ".join("?" * len(steps))}) AND {order} > ? ORDER BY cursor LIMIT ?"""
        bound = (*(() if everywhere else units), *steps, after, limit)
        names = ("case", "unit", "step", "ground", "by_on", "overdue", "late", "taken_by", "proposed_by", "proposal", "cursor")
        return [dict(zip(names, row, strict=True)) for row in self._base.listed(sql, bound, units)]

    def due(self, case_id: str) -> dict[str, Any] | None:
        """What is due in a case, or none."""
        rows = self._base.rows(f"SELECT {', '.join(QUEUE)} FROM queue WHERE case_id = ?", (case_id,))
        return dict(zip(QUEUE, rows[0], strict=True)) if rows else None

    def take(self, case_id: str, name: str, now: int) -> None:
        """Take a case in hand: whoever had it before, has it no more, and a proposal stays."""
        self._base.run(
            "INSERT INTO taken VALUES (?, ?, ?) ON CONFLICT (case_id) DO UPDATE SET name = excluded.name, at = excluded.at",
            (case_id, name, now),
        )

    def release(self, case_id: str, name: str) -> None:
        """Give a case back."""
        self._base.run("DELETE FROM taken WHERE case_id = ? AND name = ?", (case_id, name))

    # ---- proposals

    def propose(self, row: tuple[Any, ...]) -> int:
        """Keep a proposal: case, unit, kind, ref, outcome, reason, until, who, when. Gives its number.

        Raises:
            BadInput: one is open in that case already.
        """
        columns = "case_id, unit, kind, ref, outcome, reason, until, first, at"
        sql = f"INSERT INTO proposal ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"
        try:
            return int(self._base.value(sql, row))
        except ConstraintBroken as failure:
            raise BadInput(
                "proposed-already", {"case": row[0]}, "another waits in this case: it is decided or sent back first"
            ) from failure

    def proposal(self, number: int) -> Proposal | None:
        """One proposal, or none."""
        return next(iter(self.proposals("id = ?", (number,))), None)

    def proposals(self, where: str, bound: tuple[object, ...] = ()) -> list[Proposal]:
        """Proposals by a condition of this module's callers, the oldest first."""
        return [Proposal(*row) for row in self._base.rows(f"SELECT {_PROPOSAL} FROM proposal WHERE {where} ORDER BY id", bound)]

    def move(self, number: int, before: str, after: str, second: str | None, now: int, note: str = "") -> bool:
        """Bring a proposal from one state to another; false if it is not in the first any more."""
        sql = "UPDATE proposal SET state = ?, second = ?, second_at = ?, note = ? WHERE id = ? AND state = ?"
        try:
            return self._base.run(sql, (after, second, now, note, number, before)) == 1
        except ConstraintBroken as failure:
            raise BadInput("second-is-first", {"name": second}, "somebody else than who proposed it decides") from failure

    def like_reasons(self, one: Proposal) -> int:
        """How many other proposals of the same official give the same reason in the same words (safeguard G9)."""
        sql = "SELECT count(*) FROM proposal WHERE first = ? AND reason = ? AND id <> ?"
        return int(self._base.value(sql, (one.first, one.reason, one.id)))

    def forget(self, case_id: str) -> int:
        """Erase all that the desk keeps of a case; gives how many rows went."""
        gone = 0
        self._base.erasing()
        with self._base.transaction():
            for table in ("queue", "taken", "proposal"):
                gone += self._base.run(f"DELETE FROM {table} WHERE case_id = ?", (case_id,))
        return gone
