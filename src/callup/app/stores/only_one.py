"""One process of a kind and no second: a lock that PostgreSQL keeps for a connection, and gives back when it is gone."""

from __future__ import annotations

import psycopg

from callup.terms.errors import OutOfOrder, Unavailable


class OnlyOne:
    """A lock on a name, held as long as its own connection lives (PostgreSQL, 13.3.5, advisory locks of a session).

    Args:
        address: ``postgresql://...``; nothing is read there.
        name: of what there is one.
    """

    def __init__(self, address: str, name: str) -> None:
        self._address, self._name = address, name
        self._base: psycopg.Connection | None = None

    def hold(self) -> None:
        """Take the lock, or see that it is still held: whoever lost the connection has lost it, and takes it anew before going on.

        Raises:
            OutOfOrder: ``one-runs-already``: somebody else holds it.
            Unavailable: the server does not answer; the lock is not held.
        """
        try:
            if self._base is None:
                self._take()
            else:
                self._base.execute("SELECT 1")
        except psycopg.OperationalError as failure:
            self.close()
            hint = "see that the server runs: it is tried again"
            raise Unavailable("postgres-silent", {"address": "the store", "why": str(failure).splitlines()[0]}, hint) from failure

    def _take(self) -> None:
        base = psycopg.connect(self._address, autocommit=True)
        row = base.execute("SELECT pg_try_advisory_lock(hashtext(%s))", (self._name,)).fetchone()
        if row is None or not row[0]:
            base.close()
            raise OutOfOrder("one-runs-already", {"what": self._name}, "there is one and no second: stop the other first")
        self._base = base

    def close(self) -> None:
        """Give the lock back."""
        if self._base is not None:
            self._base.close()
        self._base = None
