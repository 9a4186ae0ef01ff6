"""What a log asks of the world: a store of small files and one head that changes by compare-and-set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from callup.terms.errors import OutOfOrder
from callup.tlog.hashes import EMPTY_ROOT


@dataclass(frozen=True, slots=True)
class Head:
    """How far a log goes: its number of entries and the RFC 6962 root over them."""

    size: int = 0
    root: bytes = EMPTY_ROOT


class TileFiles(Protocol):
    """Files by name, to be read: a store, a mirror, or what someone carries along."""

    def read(self, name: str) -> bytes:
        """The bytes of a file; ``KeyError`` if there is none."""


class TileStore(TileFiles, Protocol):
    """Files by name below one folder. Names use ``/`` and are never absolute.

    A log is written by one writer at a time, inside ``alone``: a second one would write over tiles that the first has checked
    and not yet put under its head. ``put`` may be lost by a crash until ``sync`` has returned; a file is seen whole or not at
    all. The head of a log lies apart from its files: the files may be lost or restored, the head may not.
    """

    def put(self, name: str, content: bytes) -> None:
        """Write a file, or replace it."""

    def sync(self) -> None:
        """Return once everything put so far outlives a crash."""

    def alone(self, log: str) -> AbstractContextManager[None]:
        """Be the log's only writer for a while; ``OutOfOrder`` if there is one already. A crash ends it."""

    def head(self, log: str) -> Head:
        """The last head set for a log; an empty head if none was."""

    def compare_and_set(self, log: str, old: Head, new: Head) -> bool:
        """Set a log's head durably if it still is ``old``; say whether it was."""


class MemoryStore:
    """A store in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.heads: dict[str, Head] = {}
        self._writing: set[str] = set()

    def read(self, name: str) -> bytes:
        return self.files[name]

    def put(self, name: str, content: bytes) -> None:
        self.files[name] = content

    def sync(self) -> None:
        """Memory has nothing to wait for."""

    @contextmanager
    def alone(self, log: str) -> Iterator[None]:
        if log in self._writing:
            raise OutOfOrder("log-has-a-writer", {"log": log}, "wait until the other run has ended; a log has one writer")
        self._writing.add(log)
        try:
            yield
        finally:
            self._writing.discard(log)

    def head(self, log: str) -> Head:
        return self.heads.get(log, Head())

    def compare_and_set(self, log: str, old: Head, new: Head) -> bool:
        if self.head(log) != old:
            return False
        self.heads[log] = new
        return True
