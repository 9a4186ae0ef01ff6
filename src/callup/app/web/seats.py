"""Appointments as seats: each place, day and time once; held while a form is open, moved in one transaction, offered to who waits.

The letter gives everyone a seat, so nobody must be first; the portal only moves it. All writing goes through the one writer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from callup.app.stores.database import Database

HOLD, OFFER = 10 * 60, 48 * 3600
"""Seconds for which a seat is held: while somebody decides, and for somebody who waited for one."""
TABLES = """
CREATE TABLE IF NOT EXISTS place (place TEXT PRIMARY KEY, unit TEXT NOT NULL, address TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seat (place TEXT NOT NULL, day TEXT NOT NULL, n INTEGER NOT NULL, at TEXT NOT NULL, case_id TEXT,
  held_until INTEGER, PRIMARY KEY (place, day, n), CHECK (held_until IS NULL OR case_id IS NOT NULL)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS free_seats ON seat (place, day, n) WHERE case_id IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS one_seat ON seat (case_id) WHERE case_id IS NOT NULL AND held_until IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS one_hold ON seat (case_id) WHERE held_until IS NOT NULL;
CREATE TABLE IF NOT EXISTS waiting (case_id TEXT NOT NULL, place TEXT NOT NULL, day TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (case_id, place, day)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS waiting_for ON waiting (place, day, at);
"""


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat: place, day (YYYY-MM-DD), its number there, the time (HH:MM), and until when it is held (seconds since 1970)."""

    place: str
    day: str
    n: int
    at: str
    held_until: int | None = None

    @property
    def ground(self) -> str:
        """How a fact names it: time, number, place."""
        return f"{self.at} {self.n} {self.place}"


def read_ground(ground: str) -> tuple[str, int, str]:
    """Time, number and place of a seat as a fact names it.

    Example:
        >>> read_ground("09:30 4 FR-N town hall")
        ('09:30', 4, 'FR-N town hall')
    """
    at, _, rest = ground.partition(" ")
    number, _, place = rest.partition(" ")
    return at, int(number), place


class SeatBook:
    """The seats of one call-up, in the portal's file.

    Args:
        base: the connection of the portal's store.
    """

    def __init__(self, base: Database) -> None:
        self._base = base

    def lay(self, places: Iterable[Sequence[str]], seats: Iterable[Sequence[Any]], given: Iterable[tuple[str, str, str, str]]) -> None:
        """Make every seat of the calendar, and give the notices theirs; what is there already stays.

        Args:
            places: place, unit, address.
            seats: place, day, number, time.
            given: case, place, day and time of each appointment as it stands.
        """
        with self._base.transaction():
            self._base.many("INSERT INTO place VALUES (?, ?, ?) ON CONFLICT DO NOTHING", places)
            self._base.many("INSERT INTO seat (place, day, n, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", seats)
            sql = """UPDATE seat SET case_id = ? WHERE (place, day, n) = (SELECT place, day, n FROM seat WHERE place = ? AND day = ?
                AND at = ? AND case_id IS NULL ORDER BY n LIMIT 1)
                AND NOT EXISTS (SELECT 1 FROM seat WHERE case_id = ? AND held_until IS NULL)"""
            self._base.many(sql, ((case, place, day, at, case) for case, place, day, at in given))

    def seats(self) -> int:
        """How many seats there are."""
        return int(self._base.value("SELECT count(*) FROM seat"))

    def address(self, place: str) -> str:
        """Where a place is."""
        return str(self._base.value("SELECT address FROM place WHERE place = ?", (place,)) or "")

    def of_case(self, case_id: str, now: int) -> tuple[Seat | None, Seat | None]:
        """The seat that a case has, and the one that is held for it."""
        sql = "SELECT place, day, n, at, held_until FROM seat WHERE case_id = ?"
        rows = [Seat(*row) for row in self._base.rows(sql, (case_id,))]
        own = next((seat for seat in rows if seat.held_until is None), None)
        return own, next((seat for seat in rows if seat.held_until is not None and seat.held_until > now), None)

    def days(self, unit: str, first: str, last: str, now: int) -> list[tuple[str, str, int]]:
        """Place, day and how many seats are free there, full days too, between two days, both included."""
        sql = """SELECT s.place, s.day, count(*) FILTER (WHERE s.case_id IS NULL OR s.held_until <= ?)
            FROM place p JOIN seat s ON s.place = p.place WHERE p.unit = ? AND s.day BETWEEN ? AND ?
            GROUP BY s.place, s.day ORDER BY s.day, s.place"""
        return [(place, day, free) for place, day, free in self._base.rows(sql, (now, unit, first, last))]

    # ---- what the writer does, each in its transaction

    def hold(self, case_id: str, place: str, day: str, now: int, seconds: int = HOLD) -> Seat | None:
        """Hold a free seat for a while; none where none is free. The last ones of a day go first, so that later waves find the first."""
        self._free("held_until <= ? AND place = ? AND day = ?", (now, place, day))
        self._free("held_until IS NOT NULL AND case_id = ?", (case_id,))
        sql = """UPDATE seat SET case_id = ?, held_until = ? WHERE (place, day, n) = (SELECT place, day, n FROM seat
            WHERE place = ? AND day = ? AND case_id IS NULL ORDER BY n DESC LIMIT 1) AND case_id IS NULL
            RETURNING place, day, n, at, held_until"""
        rows: list[Any] = self._base.rows(sql, (case_id, now + seconds, place, day))
        return Seat(*rows[0]) if rows else None

    def take(self, case_id: str, now: int) -> Seat | None:
        """Move a case to the seat that is held for it; the one it had becomes free, or is offered to who waits first. None: no hold."""
        own, held = self.of_case(case_id, now)
        if held is None:
            return None
        if own is not None:
            self._base.run("UPDATE seat SET case_id = NULL WHERE case_id = ? AND held_until IS NULL", (case_id,))
        self._base.run("UPDATE seat SET held_until = NULL WHERE case_id = ?", (case_id,))
        self._base.run("DELETE FROM waiting WHERE case_id = ?", (case_id,))
        if own is not None:
            self._offer(own, now)
        return held

    def wait(self, case_id: str, place: str, day: str, now: int) -> None:
        """Wait for a seat of a full day; whoever waits longest is offered the next one."""
        self._base.run("INSERT INTO waiting VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", (case_id, place, day, now))

    def waits(self, case_id: str) -> list[tuple[str, str]]:
        """The places and days that a case waits for."""
        return [(place, day) for place, day in self._base.rows("SELECT place, day FROM waiting WHERE case_id = ? ORDER BY day", (case_id,))]

    def sweep(self, now: int) -> int:
        """Free what was held and not taken in time, and offer it on; gives how many."""
        sql = "SELECT place, day, n, at, held_until FROM seat WHERE held_until IS NOT NULL AND held_until <= ?"
        rows: list[Any] = self._base.rows(sql, (now,))
        ended = [Seat(*row) for row in rows]
        self._free("held_until <= ?", (now,))
        for seat in ended:
            self._offer(seat, now)
        return len(ended)

    def _free(self, where: str, bound: tuple[object, ...]) -> None:
        self._base.run(f"UPDATE seat SET case_id = NULL, held_until = NULL WHERE {where}", bound)

    def _offer(self, seat: Seat, now: int) -> None:
        """Hold a seat that became free for who waits for that day the longest and has no other hold."""
        sql = """SELECT w.case_id FROM waiting w WHERE w.place = ? AND w.day = ? AND NOT EXISTS (SELECT 1 FROM seat h
            WHERE h.case_id = w.case_id AND h.held_until IS NOT NULL) ORDER BY w.at, w.case_id LIMIT 1"""
        case = self._base.value(sql, (seat.place, seat.day))
        if case is not None:
            self._base.run("DELETE FROM waiting WHERE case_id = ? AND place = ? AND day = ?", (case, seat.place, seat.day))
            bound = (case, now + OFFER, seat.place, seat.day, seat.n)
            self._base.run("UPDATE seat SET case_id = ?, held_until = ? WHERE place = ? AND day = ? AND n = ? AND case_id IS NULL", bound)

    def forget(self, case_id: str) -> None:
        """Erase what is kept of a case: its seat becomes free."""
        self._free("case_id = ?", (case_id,))
        self._base.run("DELETE FROM waiting WHERE case_id = ?", (case_id,))
