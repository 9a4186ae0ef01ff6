"""What the portal keeps beside the facts: which code opens which case, sessions, and the words that people sent .

A session can be listed, ended and runs out. What somebody sent is kept before the fact that rests on it is recorded; if the machine
stops between the two, the next start records it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from msgspec.json import decode, encode

from callup.app.stores.database import Database, in_runs
from callup.app.stores.facts import FactStore, as_rows
from callup.app.web.papers import PaperStore
from callup.app.web.seats import SeatBook
from callup.terms.errors import CallupError, OutOfOrder

TABLES = """
CREATE TABLE IF NOT EXISTS door (code BLOB PRIMARY KEY, case_id TEXT NOT NULL UNIQUE, number TEXT NOT NULL,
  held TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS door_of_number ON door (number);
CREATE TABLE IF NOT EXISTS session (token BLOB PRIMARY KEY, case_id TEXT NOT NULL, level TEXT NOT NULL, began INTEGER NOT NULL,
  seen INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sent (seq INTEGER PRIMARY KEY, nonce BLOB NOT NULL UNIQUE, number TEXT NOT NULL, case_id TEXT NOT NULL,
  at INTEGER NOT NULL, fact TEXT NOT NULL, words TEXT NOT NULL, recorded INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS sent_of_case ON sent (case_id);
CREATE TABLE IF NOT EXISTS begun (case_id TEXT NOT NULL, form TEXT NOT NULL, kind TEXT NOT NULL, words TEXT NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY (case_id, form)) WITHOUT ROWID;
DROP TABLE IF EXISTS draft;
CREATE TABLE IF NOT EXISTS passkey (id BLOB PRIMARY KEY, case_id TEXT NOT NULL, public BLOB NOT NULL, count INTEGER NOT NULL,
  at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS passkeys_of_case ON passkey (case_id);
CREATE TABLE IF NOT EXISTS week (day TEXT PRIMARY KEY, seen BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS forgotten (one INTEGER PRIMARY KEY CHECK (one = 1), persons INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS flow (state BLOB PRIMARY KEY, provider TEXT NOT NULL, nonce TEXT NOT NULL, verifier TEXT NOT NULL,
  began INTEGER NOT NULL) WITHOUT ROWID;
"""


class NotSeen(OutOfOrder):
    """A case was asked for that whoever looks may not see: a fault of ours, which shows nothing."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in, how surely, and since when (seconds since 1970)."""

    case_id: str
    level: str
    began: int
    seen: int


@dataclass(frozen=True, slots=True)
class Sent:
    """Something a person sent: the fact that it becomes, the words that came with it, and whether the fact is recorded."""

    nonce: bytes
    number: str
    case_id: str
    at: int
    fact: Mapping[str, Any]
    words: str
    recorded: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """What a page shows of a case.

    Args:
        held: what was laid of it.
        own: its facts, in order of recording.
        of_nobody: the facts about nobody that may touch a case.
        sent: what its person sent, the oldest first.
    """

    held: dict[str, Any]
    own: list[dict[str, Any]]
    of_nobody: list[dict[str, Any]]
    sent: list[Sent]


@dataclass(frozen=True, slots=True)
class Keep:
    """The act of keeping something that was sent, and nothing else: as many as wait are done at once (`PortalStore.together`)."""

    sent: Sent

    def __call__(self, store: PortalStore) -> Sent:
        """Do it alone."""
        return store.keep(self.sent)


class PortalStore:
    """The portal's own tables.

    Args:
        base: a connection to a database that has these tables.
        key: 32 bytes; codes and tokens are kept as digests under it.
    """

    def __init__(self, base: Database, key: bytes) -> None:
        self._base, self._keyed = base, hmac.new(key, digestmod=hashlib.sha256)
        self.seats = SeatBook(base)
        self.papers = PaperStore(base, key)

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    # ---- doors

    def lay_doors(self, rows: Iterable[tuple[str, str, str, Mapping[str, Any]]]) -> int:
        """Keep which code opens which case; what is there already stays.

        Args:
            rows: code, case id, number of the letter, and what the pages need of the case as plain values.

        Returns:
            How many were new.
        """
        made = ((self.digest("code", code), case, number, json.dumps(held, ensure_ascii=False)) for code, case, number, held in rows)
        with self._base.transaction():
            return self._base.many("INSERT INTO door VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", made)

    def in_turn(self, what: str) -> AbstractContextManager[None]:
        """Inside, no other process does the same."""
        return self._base.in_turn(what)

    def doors(self) -> int:
        """How many cases can be opened."""
        return int(self._base.value("SELECT count(*) FROM door"))

    def case_of_code(self, code: str) -> tuple[str, dict[str, Any]] | None:
        """The case that a code opens, with what the pages need of it, or none."""
        rows = self._base.seen("SELECT case_id, held FROM door WHERE code = ?", (self.digest("code", code),))
        return (rows[0][0], decode(rows[0][1])) if rows else None

    def case_of_number(self, number: str) -> str | None:
        """The case of a letter's number, or none; it opens nothing."""
        found: str | None = self._base.value("SELECT case_id FROM door WHERE number = ?", (number,))
        return found

    def cases(self) -> Iterator[str]:
        """The numbers of all cases."""
        return (case for (case,) in self._base.rows("SELECT case_id FROM door"))

    def first_cases(self, count: int) -> list[str]:
        """So many cases, by number: for a rehearsal's list of made-up people."""
        return [case for (case,) in self._base.rows("SELECT case_id FROM door ORDER BY case_id LIMIT ?", (count,))]

    def held(self, case_id: str) -> dict[str, Any]:
        """What the pages need of a case."""
        found = self.held_if(case_id)
        if found is None:
            raise NotSeen("case-not-seen", {}, "sign in, or open the case first")
        return found

    def held_if(self, case_id: str) -> dict[str, Any] | None:
        """What the pages need of a case, or none where there is no such case."""
        rows = self._base.seen(_HELD, (case_id,))
        return decode(rows[0][0]) if rows else None

    def whole(self, case_id: str, facts: FactStore, held: dict[str, Any] | None = None) -> Whole:
        """What a page shows of a case, in one way to a server and back where the facts are read on the same connection.

        Args:
            case_id: the case.
            facts: where its facts are.
            held: what was laid of it, which never changes, where that was read just now.
        """
        laid = [(_HELD, (case_id,))] if held is None else []
        mine, theirs = [*laid, (_SENT_BY, (case_id,))], facts.asked_of_case(case_id)
        if facts.is_in(self._base):
            *read, sent, rows = self._base.seen_together([*mine, theirs])
            found = as_rows(rows)
        else:
            (*read, sent), found = self._base.seen_together(mine), facts.rows_asked(theirs)
        if held is None:
            if not read[0]:
                raise NotSeen("case-not-seen", {}, "sign in, or open the case first")
            held = decode(read[0][0][0])
        own = [row for row in found if row["case_id"] is not None]
        return Whole(held, own, [row for row in found if row["case_id"] is None], [_read(row) for row in sent])

    # ---- sessions

    def open_session(self, token: str, case_id: str, level: str, now: int) -> None:
        """Begin a session; only a digest of its token is kept."""
        self._base.run("INSERT INTO session VALUES (?, ?, ?, ?, ?)", (self.digest("session", token), case_id, level, now, now))

    def session(self, token: str) -> Session | None:
        """The session of a token, or none."""
        sql = "SELECT case_id, level, began, seen FROM session WHERE token = ?"
        rows = self._base.rows(sql, (self.digest("session", token),))
        return Session(*rows[0]) if rows else None

    def touch(self, token: str, now: int) -> None:
        """Remember that a session was used."""
        self._base.run("UPDATE session SET seen = ? WHERE token = ?", (now, self.digest("session", token)))

    def end_session(self, token: str) -> None:
        """End one session."""
        self._base.run("DELETE FROM session WHERE token = ?", (self.digest("session", token),))

    def end_sessions(self, case_id: str) -> int:
        """End every session of a case, on whatever device; gives how many."""
        return self._base.run("DELETE FROM session WHERE case_id = ?", (case_id,))

    def end_old(self, began_before: int, seen_before: int) -> int:
        """End what ran out; gives how many."""
        return self._base.run("DELETE FROM session WHERE began < ? OR seen < ?", (began_before, seen_before))

    # ---- on the way to an identity provider and back

    def keep_flow(self, state: str, flow: tuple[str, str, str, int], ended: int) -> None:
        """Remember a flow by a digest of its state; those begun before ``ended`` are forgotten."""
        with self._base.transaction():
            self._base.run("DELETE FROM flow WHERE began < ?", (ended,))
            self._base.run("INSERT INTO flow VALUES (?, ?, ?, ?, ?)", (self.digest("flow", state), *flow))

    def take_flow(self, state: str) -> tuple[str, str, str, int] | None:
        """The flow of a state, once: provider, nonce, verifier, beginning."""
        sql = "DELETE FROM flow WHERE state = ? RETURNING provider, nonce, verifier, began"
        with self._base.transaction():
            rows: list[Any] = self._base.rows(sql, (self.digest("flow", state),))
        return tuple(rows[0]) if rows else None

    def save_draft(self, case_id: str, form: str, said: tuple[str, str], now: int) -> None:
        """Keep what somebody began to write in a form, its kind and its words, for them alone; the next time replaces it."""
        sql = """INSERT INTO begun VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (case_id, form) DO UPDATE SET kind = excluded.kind, words = excluded.words, at = excluded.at"""
        self._base.run(sql, (case_id, form, *said, now))

    def draft(self, case_id: str, form: str) -> tuple[str, str]:
        """The kind and the words that somebody began in a form; empty where there are none."""
        rows = self._base.rows("SELECT kind, words FROM begun WHERE case_id = ? AND form = ?", (case_id, form))
        return (rows[0][0], rows[0][1]) if rows else ("", "")

    def drop_draft(self, case_id: str, form: str) -> None:
        """Forget what was begun in a form: it was sent."""
        self._base.run("DELETE FROM begun WHERE case_id = ? AND form = ?", (case_id, form))

    def keep_passkey(self, row: tuple[bytes, str, bytes, int, int]) -> None:
        """Keep a passkey: its number, the case, its public key, its counter, when."""
        self._base.run("INSERT INTO passkey VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING", row)

    def passkey(self, number: bytes) -> tuple[str, bytes, int] | None:
        """The case, the public key and the counter of a passkey, or none."""
        rows = self._base.rows("SELECT case_id, public, count FROM passkey WHERE id = ?", (number,))
        return (rows[0][0], bytes(rows[0][1]), rows[0][2]) if rows else None

    def passkeys_of(self, case_id: str) -> list[bytes]:
        """The numbers of a case's passkeys."""
        return [bytes(row[0]) for row in self._base.rows("SELECT id FROM passkey WHERE case_id = ?", (case_id,))]

    def count_passkey(self, number: bytes, count: int) -> None:
        """Remember a passkey's counter."""
        self._base.run("UPDATE passkey SET count = ? WHERE id = ?", (count, number))

    # ---- what people sent

    def together(self, acts: Sequence[Callable[[PortalStore], Any]], marks: Sequence[bytes] = ()) -> list[Any]:
        """Do several acts in one commit; one that refuses leaves nothing of itself, and gives its refusal.

        Few refuse: so all are tried at once first, and only if one does, the whole is begun again with each on its own.

        Args:
            acts: what to do.
            marks: what was sent before and is recorded by now: a commit of its own for that would cost a third more.
        """
        try:
            if len(acts) == 1 and isinstance(acts[0], Keep) and not marks:
                return [acts[0](self)]  # one statement is a transaction by itself
            with self._base.transaction():
                self._mark(marks)
                return self._each(acts)
        except CallupError:
            found = []
        with self._base.transaction():
            self._mark(marks)
            found += [self._alone(act) for act in acts]
        return found

    def _each(self, acts: Sequence[Callable[[PortalStore], Any]]) -> list[Any]:
        """What comes of each act; those that only keep something are done by one statement, in their order, before the others."""
        kept = iter(self.keep_all([act.sent for act in acts if isinstance(act, Keep)]))
        return [next(kept) if isinstance(act, Keep) else act(self) for act in acts]

    def _alone(self, act: Callable[[PortalStore], Any]) -> Any:
        found: Any = None
        try:
            with self._base.transaction():  # a savepoint inside the transaction
                found = act(self)
        except CallupError as failure:
            return failure
        return found

    def keep(self, one: Sent) -> Sent:
        """Keep something that was sent; the same form sent twice is kept once. Gives what is kept under its nonce."""
        return self.keep_all([one])[0]

    def keep_all(self, sent: Sequence[Sent]) -> Sequence[Sent]:
        """As `keep`, for several that were sent, with one statement."""
        rows = [(one.nonce, one.number, one.case_id, one.at, encode(one.fact).decode(), one.words) for one in sent]
        if self._base.add("sent", ("nonce", "number", "case_id", "at", "fact", "words"), rows) == len(sent):
            return sent
        return [self.by_nonce(one.nonce) or one for one in sent]

    def mark_recorded(self, nonces: Sequence[bytes]) -> None:
        """Remember that the facts of these are recorded."""
        with self._base.transaction():
            self._mark(nonces)

    def _mark(self, nonces: Sequence[bytes]) -> None:
        for some in in_runs(nonces):
            self._base.run(f"UPDATE sent SET recorded = 1 WHERE nonce IN ({', '.join('?' * len(some))})", some)

    def unrecorded(self) -> list[Sent]:
        """What was kept and whose fact is not known to be recorded, in the order of arrival."""
        return self._sent("recorded = 0 ORDER BY seq", ())

    def sent_by(self, case_id: str) -> list[Sent]:
        """Everything that was sent in a case, the oldest first."""
        return [_read(row) for row in self._base.seen(_SENT_BY, (case_id,))]

    def about_nobody(self) -> list[Sent]:
        """What was sent about no case: reports of pressure, roles, outages, the oldest first."""
        return self._sent("case_id = '' ORDER BY seq", ())

    def by_nonce(self, nonce: bytes) -> Sent | None:
        """What a form's nonce has sent already, or none."""
        return next(iter(self._sent("nonce = ?", (nonce,))), None)

    def _sent(self, where: str, bound: tuple[object, ...]) -> list[Sent]:
        return [_read(row) for row in self._base.rows(f"SELECT {_SENT} FROM sent WHERE {where}", bound)]

    def forget(self, case_id: str) -> int:
        """Erase all that the portal keeps of a case, over its bytes too; gives how many rows went."""
        gone = 0
        self._base.erasing()
        with self._base.transaction():
            for table in ("door", "session", "sent", "passkey", "begun"):
                gone += self._base.run(f"DELETE FROM {table} WHERE case_id = ?", (case_id,))
            gone += self.papers.forget(case_id)
            self.seats.forget(case_id)
            self._base.run(_ONE_MORE)
        self._base.vacuum()
        return gone

    def keep_week(self, day: str, seen: bytes) -> None:
        """Keep the public numbers of a day, for every process that shows them; those of earlier days go."""
        with self._base.transaction():
            self._base.run("DELETE FROM week WHERE day <= ?", (day,))
            self._base.run("INSERT INTO week VALUES (?, ?) ON CONFLICT (day) DO NOTHING", (day, seen))

    def week_of(self) -> str:
        """The day of the public numbers that are kept; empty where there are none."""
        return str(self._base.value("SELECT coalesce(max(day), '') FROM week"))

    def week(self) -> bytes:
        """The public numbers that are kept."""
        return bytes(self._base.value("SELECT seen FROM week ORDER BY day DESC LIMIT 1"))

    def forgotten(self) -> int:
        """How many persons were erased: whoever keeps anything of a case in memory lets go of it when this has grown."""
        return int(self._base.value("SELECT coalesce(max(persons), 0) FROM forgotten"))

    def digest(self, what: str, secret: str) -> bytes:
        """How a code or a token is kept: an HMAC under the portal's key, so that the file alone opens nothing."""
        made = self._keyed.copy()  # `hmac.digest` gives the interpreter away each time, and the writer takes it
        made.update(f"{what}\n{secret}".encode())
        return made.digest()


_ONE_MORE = "INSERT INTO forgotten VALUES (1, 1) ON CONFLICT (one) DO UPDATE SET persons = forgotten.persons + 1"
_HELD = "SELECT held, case_id FROM door WHERE case_id = ?"
_SENT = "nonce, number, case_id, at, fact, words, recorded"
_SENT_BY = f"SELECT {_SENT} FROM sent WHERE case_id = ? ORDER BY seq"


def _read(row: tuple[Any, ...]) -> Sent:
    nonce, number, case, at, fact, words, kept = row
    return Sent(bytes(nonce), number, case, at, decode(fact), words, bool(kept))
