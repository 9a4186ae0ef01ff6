"""One writer for all that people send: whatever waits is committed together, and each is told when it is safe (design portal.md 1)."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from queue import SimpleQueue
from typing import Any

from callup.app.stores.facts import FactStore
from callup.app.web.store import Keep, PortalStore, Sent
from callup.terms.errors import BadInput, CallupError, Unavailable
from callup.terms.tables import FACTS

Act = Callable[[PortalStore], Any]
MOST = 1000
"""How many are committed together at the most."""
_LINGER = 0.003
"""Seconds that are waited for more to come where the last commit was shared: a commit costs as much processor as several acts, and takes
longer than this. In a rush nothing is waited for: enough come meanwhile, and whoever is let in has waited already."""
_MARKS = 16
"""So many facts are marked as recorded at once."""
_FULL = 10_000
"""How many may wait; more are told to come back, and nothing of theirs is taken."""
_DAYS = tuple(column.name for column in FACTS.columns if column.type == "date")


@dataclass(frozen=True, slots=True)
class _Waits:
    """An act that waits to be done, and who waits for it on which loop."""

    act: Act
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]


class Writer:
    """Takes what people send in a thread of its own: first their words, then the facts, one commit each for all that wait.

    That a fact is recorded is marked in a later commit of words, many at once; a stop before that records it again, which adds nothing.

    Args:
        stores: opens the portal's tables and the facts, for this thread alone.
    """

    def __init__(self, stores: Callable[[], tuple[PortalStore, FactStore]]) -> None:
        self._stores = stores
        self._waiting: SimpleQueue[_Waits | None] = SimpleQueue()
        self._recorded: list[bytes] = []
        self._thread = threading.Thread(target=self._work, name="callup-writer", daemon=True)
        self.commits = 0
        self.hurry: Callable[[], bool] = lambda: False
        """Whether there is a rush; asked in the writer's own thread."""

    def start(self) -> None:
        """Begin; what an earlier run kept and did not record is recorded first."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end."""
        self._waiting.put(None)
        self._thread.join()

    async def send(self, sent: Sent) -> Sent:
        """Wait until it is kept and its fact is recorded; gives what the form's nonce stands for, also where it was sent before.

        Raises:
            Unavailable: too much waits, or the disk failed; nothing of it was taken for done.
        """
        kept: Sent = await self.perform(Keep(sent))
        return kept

    async def perform(self, act: Act) -> Any:
        """Wait until an act on the portal's tables is done, all of it or nothing; if it gives something sent, its fact is recorded too.

        Args:
            act: what to do, in the writer's own thread and transaction.

        Raises:
            Unavailable: too much waits, or the disk failed; nothing of it was taken for done.
            CallupError: what the act refuses.
        """
        if self._waiting.qsize() >= _FULL:
            raise Unavailable("portal-busy", {"waiting": _FULL}, "send it again in a minute: nothing was lost")
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._waiting.put(_Waits(act, loop, done))
        return await done

    def _work(self) -> None:
        portal, facts = self._stores()
        shared = False
        try:
            with contextlib.suppress(CallupError):  # what does not go now is tried at the next start; who comes now is served
                self._record(facts, portal.unrecorded())
            while (first := self._waiting.get()) is not None:
                batch, last = [first], False
                if shared and not self.hurry():
                    time.sleep(_LINGER)
                while len(batch) < MOST and not self._waiting.empty():
                    more = self._waiting.get_nowait()
                    if more is None:
                        last = True
                        break
                    batch.append(more)
                self._commit(portal, facts, batch)
                shared = len(batch) > 1
                if last:
                    break
            with contextlib.suppress(CallupError):  # what is not marked is recorded again at the next start, which adds nothing
                portal.mark_recorded(self._recorded)
        finally:
            portal.close()
            facts.close()

    def _commit(self, portal: PortalStore, facts: FactStore, batch: list[_Waits]) -> None:
        try:
            marks = self._recorded if len(self._recorded) >= _MARKS else []
            found = portal.together([one.act for one in batch], marks)
            self._recorded = self._recorded[len(marks) :]
            fresh = {one.nonce: one for one in found if isinstance(one, Sent) and not one.recorded}
            failed = self._record(facts, list(fresh.values()))
            self.commits += 1
        except Exception as failure:
            _tell((one, failure) for one in batch)
            return
        refused = ((failed.get(one.nonce) or one) if isinstance(one, Sent) else one for one in found)
        _tell(zip(batch, refused, strict=True))

    def _record(self, facts: FactStore, sent: list[Sent]) -> dict[bytes, BadInput]:
        """Record the facts of what is kept, all at once; where one of them is no fact, each alone, so that it stops nobody else.

        Returns:
            What was wrong with those that are none.
        """
        if not sent:
            return {}
        try:
            facts.record_rows([fact_row(one) for one in sent])
        except BadInput as failure:
            if len(sent) == 1:
                return {sent[0].nonce: failure}
            failed: dict[bytes, BadInput] = {}
            for one in sent:
                failed |= self._record(facts, [one])
            return failed
        self._recorded += [one.nonce for one in sent]
        return {}


def _tell(told: Iterable[tuple[_Waits, Any]]) -> None:
    """Tell all who wait what came of their acts; those on one loop are told together, so that it is woken once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for one, came in told:
        by_loop.setdefault(one.loop, []).append((one.done, came))
    for loop, answers in by_loop.items():
        with contextlib.suppress(RuntimeError):  # a loop that was closed meanwhile: nobody waits there any more
            loop.call_soon_threadsafe(_set, answers)


def _set(answers: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for done, came in answers:
        if done.done():  # whoever waited has left
            continue
        if isinstance(came, Exception):
            done.set_exception(came)
        else:
            done.set_result(came)


def fact_row(sent: Sent) -> dict[str, Any]:
    """The row of FACTS that something sent becomes; its days were kept as text."""
    return {name: date.fromisoformat(str(value)) if name in _DAYS and value else value for name, value in sent.fact.items()}
