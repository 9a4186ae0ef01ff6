"""How many requests are worked on at once, and how long one may wait: whoever cannot be served soon is told so at once.

A burst may wait a second, because it passes. Where for a second nobody's turn came within a quarter of one it will not pass by waiting, and
each waits a hundredth of a second at the most (after CoDel, RFC 8289, and B. Maurer, Fail at scale, ACM Queue 13(8), 2015); who comes to
read where those before them last for a fifth of that is told so as they come, which costs least (`callup.app.web.front`). The rush is over
when nobody had to be told to come back for a second, or when one in eight of those who came in a second found nobody before them. A line
that is never empty but moves on is no rush: nobody in it is turned away. What somebody sends goes before what somebody reads.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

AT_WORK = 16
"""So many may be under way: whoever waits for the disk keeps nobody else waiting."""
PER_TURN = 1
"""So many begin in one turn of the event loop: most pages are made in one go, and meanwhile nobody sees who else has come."""
BURST, SHORT, STANDING = 1.0, 0.25, 0.01
"""Seconds: that one waits in a burst; that nobody minds; that one waits behind a line in which as long as a burst may last all minded."""
SOON = STANDING / 5
"""Seconds: where a line stands and lasts longer, whoever comes to read is told at once. One may always wait."""
EASY = 8
"""One in so many finds the door free: more is asked than can be done only where it is fewer."""
MOST = 1000
"""How many may wait: more would wait for more than a second on a small machine."""
FREE = ("/static/", "/public/", "/acts/", "/roll/", "/report/", "/healthz", "/favicon.ico")
"""Files that cost next to nothing, and are what a letter is checked with: they never wait."""


def waits(path: str) -> bool:
    """Whether a request for a path may have to wait."""
    return path != "/v" and not path.startswith(FREE)


class Line:
    """Those who wait, the first to come first, and when a wait was last a short one."""

    def __init__(self, now: float) -> None:
        self._waiting: deque[tuple[float, asyncio.Future[bool]]] = deque()
        self._short, self._calm, self._last, self._pace = now, now, now, SOON

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, now: float) -> asyncio.Future[bool]:
        """Wait from now on; gives what will be true for whoever may go on, and false for whoever is to come back."""
        if not self._waiting:
            self._short = now
        place = asyncio.get_running_loop().create_future()
        self._waiting.append((now, place))
        return place

    def first(self, now: float) -> asyncio.Future[bool] | None:
        """Whose turn it is, taken out of the line; those before who waited too long are told to come back."""
        patience = STANDING if self.stands(now) else BURST
        while self._waiting:
            since, place = self._waiting.popleft()
            if not self._waiting or now - since <= SHORT:
                self._short = now
            if place.done():
                continue
            if now - since <= patience:
                self._pace += (now - max(since, self._last) - self._pace) / 8
                self._last = now
                return place
            self._turn_away(place, now)
        return None

    def late(self, now: float) -> None:
        """Tell those to come back who have waited too long, although nobody's turn has come."""
        patience = STANDING if self.stands(now) else BURST
        while self._waiting and now - self._waiting[0][0] > patience:
            _, place = self._waiting.popleft()
            if not place.done():
                self._turn_away(place, now)

    def stands(self, now: float) -> bool:
        """Whether no wait was short for as long as a burst may last, or somebody was told to come back since."""
        return now < self._calm or (bool(self._waiting) and now - self._short > BURST)

    def lasts(self) -> float:
        """Seconds until those who wait now have had their turn, by how long the last few of this line took; others may go before it."""
        return len(self._waiting) * self._pace

    def told(self, now: float) -> None:
        """Somebody was told to come back: for a second from now on it is a rush."""
        self._calm = now + BURST

    def ease(self, now: float) -> None:
        """The rush is over, though somebody was told to come back."""
        self._calm = now

    def _turn_away(self, place: asyncio.Future[bool], now: float) -> None:
        self.told(now)
        place.set_result(False)


class Admission:
    """The door before an application.

    Args:
        app: what is served.
        refuse: answers whoever is to come back.
        at_work: so many are let in at once.
        now: seconds of a clock that never goes back.
    """

    def __init__(self, app: ASGIApp, refuse: ASGIApp, at_work: int = AT_WORK, now: Callable[[], float] = monotonic) -> None:
        self._app, self._refuse, self._most, self._now = app, refuse, at_work, now
        self._at_work, self._begun, self._turning = 0, 0, False
        self._sent, self._read = Line(now()), Line(now())
        self._watch: asyncio.TimerHandle | None = None
        self._since, self._came, self._found_free = now(), 0, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, now or when its turn has come, or ask to come back."""
        if scope["type"] != ScopeType.HTTP or not waits(scope["path"]):
            await self._app(scope, receive, send)
        elif await self._admitted(str(scope["method"])):
            try:
                await self._app(scope, receive, send)
            finally:
                self._leave()
        else:
            await self._refuse(scope, receive, send)

    def stands(self) -> bool:
        """Whether a line of readers stands."""
        return self._read.stands(self._now())

    def full(self) -> bool:
        """Whether somebody who comes now to read is to be told at once to come back; whoever asks this for somebody tells them."""
        now = self._now()
        if not self._read.stands(now):
            return False
        self._read.late(now)
        if self._read.lasts() <= SOON:
            return False
        self._read.told(now)
        self._came += 1
        if now - self._since >= BURST:
            self._look_back(now)
        return True

    async def _admitted(self, method: str) -> bool:
        reads = method in ("GET", "HEAD")
        if self._has_room() and not self._sent and not self._read:
            self._came, self._found_free = self._came + reads, self._found_free + reads
            self._enter()
            return True
        if reads and self.full():
            return False
        self._came += reads
        if len(self._sent) + len(self._read) >= MOST:
            return False
        line = self._read if reads else self._sent
        place = line.join(self._now())
        if self._watch is None:
            self._watch = asyncio.get_running_loop().call_later(BURST, self._look)
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.result():  # its turn came as it left: the next one has it
                self._leave()
            raise

    def _has_room(self) -> bool:
        return self._at_work < self._most and self._begun < PER_TURN

    def _look_back(self, now: float) -> None:
        """End the rush where enough of those who came to read since the last look, a moment ago, found nobody before them."""
        if now - self._since < 2 * BURST and self._found_free * EASY >= self._came:
            self._sent.ease(now)
            self._read.ease(now)
        self._since, self._came, self._found_free = now, 0, 0

    def _enter(self) -> None:
        self._at_work, self._begun = self._at_work + 1, self._begun + 1
        self._turn_soon()

    def _leave(self) -> None:
        self._at_work -= 1
        if self._sent or self._read:
            self._turn_soon()

    def _turn_soon(self) -> None:
        """Go on when the event loop has looked who came; then others may begin."""
        if not self._turning:
            self._turning = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self._turning, self._begun = False, 0
        self._next()

    def _next(self) -> None:
        """Let in whoever's turn it is, as long as there is room: those who send first."""
        now = self._now()
        while self._has_room() and (place := self._sent.first(now) or self._read.first(now)) is not None:
            self._enter()
            place.set_result(True)

    def _look(self) -> None:
        """Where all who are let in take long, those who wait are told so in time."""
        now = self._now()
        for line in (self._sent, self._read):
            line.late(now)
        waits = self._sent or self._read
        self._watch = asyncio.get_running_loop().call_later(BURST / 4, self._look) if waits else None
