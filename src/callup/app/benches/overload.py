"""A portal asked for four times what it can do: how long those wait who are let in, and whether all that it acknowledged is kept.

Requests come at times drawn beforehand, whether earlier ones are answered or not (an open loop): a client that waits for an answer before
it asks again would hide the very queue that is measured (G. Tene, How NOT to measure latency, 2013). A wait counts from the time at
which the request was due, so that it also holds what the client itself was late. In the first seconds of a rush the portal serves it as a
burst, which may wait a second; these are counted apart.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import random
import re
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, TypeVar
from urllib.parse import urlencode

import uvloop

from callup.app.benches import Figure
from callup.terms.errors import Tampered

SECONDS, FULL_SECONDS, ROUNDS = 6.0, 3.0, 3
FIRST = 2.0
"""Seconds in which a rush may still be a burst."""
CALM = 2.0
"""Seconds of rest before a round: a rush before it is over."""
HALF, OVER = 0.5, 4.0
ACT_IN = 10
"""One request in so many sends something; the others read."""
AT_ONCE = 16
_Came = TypeVar("_Came")
_NONCE = re.compile(rb'action="/notice/receipt"[^>]*>\s*<input type="hidden" name="nonce" value="(\w+)"')
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass(slots=True)
class Found:
    """What came of one rate.

    Args:
        waits: seconds of each that was served, once the rate had lasted.
        first: of those that came in the first seconds.
        refused: how many were asked to come back.
        lost: how many got no answer at all.
        acknowledged: nonces of the acts that were acknowledged.
        told: seconds until those that were asked to come back knew it.
        behind: seconds that whoever asks began later than they should: part of every wait.
    """

    waits: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    refused: int = 0
    lost: int = 0
    acknowledged: list[str] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    behind: list[float] = field(default_factory=list)

    def late(self, share: float = 0.99) -> float:
        """Seconds that so many of those served did not exceed."""
        return late(self.waits, share)


def late(waits: Sequence[float], share: float = 0.99) -> float:
    """What so many of some waits did not exceed; none of none."""
    return sorted(waits)[int(share * (len(waits) - 1))] if waits else 0.0


class Crowd:
    """People who are signed in, each with a cookie and forms to send.

    Args:
        port: of the portal.
        cookies: one a person.
        seed: of what is asked when.
    """

    def __init__(self, port: int, cookies: Sequence[str], seed: int) -> None:
        self._port, self._drawn = port, random.Random(seed)
        self._reads = [_read(cookie) for cookie in cookies]
        self._cookies = cookies
        self._acts: list[tuple[str, bytes]] = []
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    def gather(self, acts: int) -> None:
        """Read pages until there are forms for so many acts; each is sent once."""
        _run(self._gathered(acts))

    async def _gathered(self, acts: int) -> None:
        while len(self._acts) < acts:
            number = len(self._acts) % len(self._cookies)
            _, body = await self._asked(self._reads[number])
            form = _NONCE.search(body)
            if form is not None:
                nonce = form[1].decode()
                self._acts.append((nonce, _act(self._cookies[number], nonce)))
        self._leave()

    def capacity(self) -> float:
        """Requests a second with so many people that each wait for their answer."""
        return _run(self._full())

    async def _full(self) -> float:
        until, found = time.perf_counter() + FULL_SECONDS, Found()

        async def one() -> None:
            while time.perf_counter() < until:
                await self._one(time.perf_counter(), found, found.waits)

        await asyncio.gather(*(one() for _ in range(AT_ONCE)))
        self._leave()
        return len(found.waits) / FULL_SECONDS

    def arrive(self, rate: float, seconds: float = SECONDS) -> Found:
        """Ask so many times a second, at times of a Poisson process."""
        return _run(self._arrived(rate, seconds))

    async def _arrived(self, rate: float, seconds: float) -> Found:
        found, begun, due, tasks = Found(), time.perf_counter() + 0.1, 0.0, []
        while due < seconds:
            await asyncio.sleep(max(0.0, begun + due - time.perf_counter()))
            while due < seconds and begun + due <= time.perf_counter():
                tasks.append(asyncio.create_task(self._one(begun + due, found, found.waits if due > FIRST else found.first)))
                due += self._drawn.expovariate(rate)
        await asyncio.gather(*tasks)
        self._leave()
        return found

    async def _one(self, due: float, found: Found, waits: list[float]) -> None:
        found.behind.append(time.perf_counter() - due)
        sends = bool(self._acts) and self._drawn.randrange(ACT_IN) == 0
        nonce, sent = self._acts.pop() if sends else ("", self._drawn.choice(self._reads))
        try:
            status, _ = await self._asked(sent)
        except OSError:
            found.lost += 1
            return
        took = time.perf_counter() - due
        if status == 503:
            found.refused += 1
            found.told.append(took)
            return
        waits.append(took)
        if nonce:
            found.acknowledged.append(nonce)

    async def _asked(self, sent: bytes) -> tuple[int, bytes]:
        line = self._idle.pop() if self._idle else await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)
        line[1].write(sent)
        try:
            head = await line[0].readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            body = await line[0].readexactly(int(length[1]) if length else 0)
        except asyncio.IncompleteReadError as failure:
            raise ConnectionError("closed before the answer was whole") from failure
        self._idle.append(line)
        return int(head[9:12]), body

    def _leave(self) -> None:
        for _, line in self._idle:
            with contextlib.suppress(OSError):
                line.close()
        self._idle.clear()


def _run(act: Coroutine[Any, Any, _Came]) -> _Came:
    """On the quickest loop that is installed: what the asking costs is part of every wait."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(act)


def _read(cookie: str) -> bytes:
    return f"GET /notice HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode()


def _act(cookie: str, nonce: str) -> bytes:
    body = urlencode({"nonce": nonce})
    kind = "application/x-www-form-urlencoded"
    head = f"POST /notice/receipt HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n{body}".encode()


@contextlib.contextmanager
def apart(server: int) -> Iterator[None]:
    """The server on a core of its own, and whoever asks on another: what the asking costs is no wait of the server's.

    Args:
        server: the number of its process.
    """
    cores, collected = sorted(os.sched_getaffinity(0)), gc.isenabled()
    threads = [int(name) for name in os.listdir(f"/proc/{server}/task")]
    for thread in threads:
        os.sched_setaffinity(thread, cores[-1:])
    os.sched_setaffinity(0, cores[:-1] or cores)
    gc.disable()  # a walk through all that a bench has loaded takes a tenth of a second, and would count as a wait for the server
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
        if collected:
            gc.enable()


def in_turns(crowd: Crowd) -> Iterator[tuple[float, Found, Found]]:
    """Round by round what the portal can do, then half of it, then four times as much."""
    for _ in range(ROUNDS):
        time.sleep(CALM)
        can = crowd.capacity()
        yield can, crowd.arrive(HALF * can), crowd.arrive(OVER * can)


def figures(rounds: Sequence[tuple[float, Found, Found]], kept: Callable[[str], bool]) -> Iterator[Figure]:
    """What came of all rounds.

    Args:
        rounds: what ``in_turns`` gave.
        kept: whether the act of a nonce lies in the store, after the portal was killed.

    Raises:
        Tampered: an act was acknowledged and is not there.
    """
    acts = [nonce for _, half, over in rounds for nonce in (*half.acknowledged, *over.acknowledged)]
    lost = sum(not kept(nonce) for nonce in acts)
    if lost or not acts:
        raise Tampered("acknowledged-and-lost", {"acknowledged": len(acts), "lost": lost}, "see callup.app.web.writer")
    calm, hard = (median(found.late() for found in of) for of in zip(*((half, over) for _, half, over in rounds), strict=True))
    ratio = median(over.late() / half.late() for _, half, over in rounds)
    over = [found for *_, found in rounds]
    yield Figure("what it can do: one in ten sends, nine read", median(can for can, *_ in rounds), "requests/s")
    yield Figure("half of that asked: p99 of the wait", 1000 * calm, "ms")
    yield Figure("four times that asked: p99 of those served", 1000 * hard, "ms")
    yield Figure("p99 at four times, of p99 at half", ratio, "x", "at most 2", ratio <= 2)
    yield Figure("in the first seconds of the rush, served as a burst: p99", 1000 * median(late(one.first) for one in over), "ms")
    yield Figure("of that, whoever asks was late themselves: p99", 1000 * median(late(one.behind) for one in over), "ms")
    served = sum(len(one.waits) + len(one.first) for one in over)
    yield Figure("asked to come back, of all", 100 * sum(one.refused for one in over) / (served + sum(one.refused for one in over)), "%")
    yield Figure("answered at all: how many were not", sum(one.lost for one in over), "requests", "none", not sum(one.lost for one in over))
    yield Figure("acts acknowledged and, after a kill, not there", lost, f"of {len(acts):,}", "none")
