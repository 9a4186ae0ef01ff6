"""A portal asked for four times what it can do: how long those wait who are let in, and whether all that it acknowledged is kept.

Requests come at times drawn beforehand, whether earlier ones are answered or not (an open loop): a client that waits for an answer before
it asks again would hide the very queue that is measured (G. Tene, How NOT to measure latency, 2013). A wait counts from the time at
which the request was due, so that it also holds what the client itself was late.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

SECONDS, FULL_SECONDS, ROUNDS = 6.0, 3.0, 3
HALF, OVER = 0.5, 4.0
ACT_IN = 10
"""One request in so many sends something; the others read."""
AT_ONCE = 16
_NONCE = re.compile(rb'action="/notice/receipt"[^>]*>\s*<input type="hidden" name="nonce" value="(\w+)"')
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass(slots=True)
class Found:
    """What came of one rate.

    Args:
        waits: seconds of each that was served.
        refused: how many were asked to come back.
        lost: how many got no answer at all.
        acknowledged: nonces of the acts that were acknowledged.
        told: seconds until those that were asked to come back knew it.
    """

    waits: list[float] = field(default_factory=list)
    refused: int = 0
    lost: int = 0
    acknowledged: list[str] = field(default_factory=list)
    told: list[float] = field(default_factory=list)

    def late(self, share: float = 0.99) -> float:
        """The wait that so many of those served did not exceed."""
        return sorted(self.waits)[int(share * (len(self.waits) - 1))]


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
        asyncio.run(self._gathered(acts))

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
        return asyncio.run(self._full())

    async def _full(self) -> float:
        until, found = time.perf_counter() + FULL_SECONDS, Found()

        async def one() -> None:
            while time.perf_counter() < until:
                await self._one(time.perf_counter(), found)

        await asyncio.gather(*(one() for _ in range(AT_ONCE)))
        self._leave()
        return len(found.waits) / FULL_SECONDS

    def arrive(self, rate: float, seconds: float = SECONDS) -> Found:
        """Ask so many times a second, at times of a Poisson process."""
        return asyncio.run(self._arrived(rate, seconds))

    async def _arrived(self, rate: float, seconds: float) -> Found:
        found, begun, due, tasks = Found(), time.perf_counter() + 0.1, 0.0, []
        while due < seconds:
            await asyncio.sleep(max(0.0, begun + due - time.perf_counter()))
            while due < seconds and begun + due <= time.perf_counter():
                tasks.append(asyncio.create_task(self._one(begun + due, found)))
                due += self._drawn.expovariate(rate)
        await asyncio.gather(*tasks)
        self._leave()
        return found

    async def _one(self, due: float, found: Found) -> None:
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
        found.waits.append(took)
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


def _read(cookie: str) -> bytes:
    return f"GET /notice HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode()


def _act(cookie: str, nonce: str) -> bytes:
    body = urlencode({"nonce": nonce})
    kind = "application/x-www-form-urlencoded"
    head = f"POST /notice/receipt HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n{body}".encode()


def in_turns(crowd: Crowd) -> Iterator[tuple[float, Found, Found]]:
    """Round by round what the portal can do, then half of it, then four times as much."""
    for _ in range(ROUNDS):
        can = crowd.capacity()
        yield can, crowd.arrive(HALF * can), crowd.arrive(OVER * can)
