"""Who cannot be served is told so before their request is taken apart, in the same bytes; what is no reading goes the long way."""

import asyncio
import random
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest
import uvicorn
from app.turned_loop import TurnedLoop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from callup.app.web.admission import BURST, EASY, STANDING, Admission
from callup.app.web.come_back import ComeBack
from callup.app.web.front import before

PAGE = 0.001
"""Seconds that a page costs in the rushes below; the other costs are shares of it, about as measured."""


class Wire(asyncio.Transport):
    """A line to nobody: keeps what is written."""

    def __init__(self):
        super().__init__()
        self.written, self.closed = b"", False

    def write(self, data):
        self.written += data

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True

    def pause_reading(self):
        """Nobody reads."""

    resume_reading = pause_reading


class Rush:
    """A portal behind a door at which a line of readers stands; `asked` is what was let through to its pages."""

    def __init__(self, site):
        self.time, self.asked, self.written = 0.0, [], 0
        self.come_back = ComeBack(site)
        self.door = Admission(self.page, self.come_back, now=lambda: self.time)
        told = self.come_back.written

        def counted(*said):
            self.written += 1
            return told(*said)

        self.come_back.written = counted

    async def page(self, scope, receive, send):
        part = await receive()
        while part["more_body"]:
            more = await receive()
            part = {"body": part["body"] + more["body"], "more_body": more["more_body"]}
        self.asked.append((scope["method"], scope["path"], part["body"]))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok", "more_body": False})

    def line(self, kind=None):
        kind = kind or before(self.door, self.come_back)
        made = kind(uvicorn.Config(self.door, log_level="warning"), ServerState(), {})
        made.server_state.default_headers = [(b"date", b"today")]
        made.connection_made(Wire())
        return made

    def stand(self):
        """As many wait as may, and somebody was told so just now; a place that is taken by nobody is never given."""
        for _ in range(3):
            self.door._read.join(self.time)
        self.door._read.told(self.time)
        self.door._at_work = self.door._most

    def pass_by(self):
        """The line is gone, and the rush over."""
        self.time += 3 * BURST
        self.door._read.late(self.time)
        self.door._at_work = 0


def request(target="/notice", *more, method="GET", version="1.1", body=b""):
    lines = [f"{method} {target} HTTP/{version}", "Host: portal.local", *more]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def turns():
    for _ in range(8):
        await asyncio.sleep(0)


@pytest.fixture
def rush(clocked, monkeypatch):
    monkeypatch.setattr(random, "randint", lambda soonest, latest: soonest + 3)
    course = clocked.site.course
    course.decree = replace(course.decree, languages=("en", "ru"))
    return Rush(clocked.site)


READINGS = [
    request(),
    request("/notice?lang=ru", "Accept-Language: en"),
    request("/", "Cookie: __Host-callup=aa; callup-language=ru", "Accept-Language: en"),
    request("/sign-in", "accept-language:  ru;q=0.9, de ", "Upgrade-Insecure-Requests: 1", "User-Agent: Müller/5 (X11; Linux)"),
    request("/notice?lang=xx", "Accept-Language: xx", "ACCEPT-LANGUAGE: ru"),
    request("/api/v1/me", "Accept: application/json"),
]


def test_both_ways_say_the_same_bytes_and_keep_the_connection(rush):
    async def story(asked):
        rush.written, rush.asked = 0, []
        rush.stand()
        short, long = rush.line(), rush.line(HttpToolsProtocol)
        for _ in range(2):
            for one in (short, long):
                one.data_received(asked)
                await turns()
        assert short.transport.written == long.transport.written
        assert short.transport.written.count(b"HTTP/1.1 503 Service Unavailable\r\n") == 2
        assert (rush.written, short.transport.closed, short.server_state.total_requests) == (2, False, 2)
        rush.pass_by()
        short.data_received(asked)
        await turns()
        assert (len(rush.asked), rush.written) == (1, 2), "the same connection serves when the line is gone"
        for one in (short, long):
            one._unset_keepalive_if_required()

    for asked in READINGS:
        asyncio.run(story(asked))


LONG_WAY = [
    request("/notice/receipt", "Content-Length: 7", method="POST", body=b"nonce=1"),
    request("/notice", "Content-Length: 4", body=b"GET "),
    request("/notice", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    request("/notice", "Connection: close"),
    request("/notice", version="1.0"),
    request("/notice", method="HEAD"),
    request("/%73tatic/callup.css"),
    request() + request(),
    request()[:20],
    request()[:-2],
    request("/notice", " folded: 1"),
    b"GET /notice HTTP/1.1\nHost: portal.local\n\n",
    b"nonsense\r\n\r\n",
]


def test_what_is_not_surely_one_whole_reading_goes_the_long_way(rush):
    async def story(asked):
        rush.stand()
        short, long = rush.line(), rush.line(HttpToolsProtocol)
        for one in (short, long):
            one.data_received(asked)
            await turns()
        assert rush.written == 0
        assert short.transport.written == long.transport.written
        for one in (short, long):
            one._unset_keepalive_if_required()
        rush.pass_by()
        await turns()

    for asked in LONG_WAY:
        asyncio.run(story(asked))


def test_what_looks_like_a_reading_and_is_the_rest_of_another_goes_the_long_way(rush):
    async def story():
        rush.stand()
        short, long = rush.line(), rush.line(HttpToolsProtocol)
        for one in (short, long):
            one.data_received(b"GET /notice HTTP/1.1\r\nReferer: ")
            one.data_received(request("/sign-in", "Accept: */*"))
            await turns()
            one._unset_keepalive_if_required()
        assert rush.written == 0
        assert short.transport.written == long.transport.written != b""

    asyncio.run(story())


def test_files_are_served_in_a_rush_as_well(rush):
    async def story():
        rush.stand()
        paths = ["/static/callup.css", "/v", "/acts/checkpoint", "/healthz", "/public/draw.csv"]
        for path in paths:
            one = rush.line()
            one.data_received(request(path))
            await turns()
            one._unset_keepalive_if_required()
        assert (rush.asked, rush.written) == ([("GET", path, b"") for path in paths], 0)

    asyncio.run(story())


def test_what_is_sent_is_never_cut_by_a_rush_that_begins_meanwhile(rush):
    async def story():
        one, whole = rush.line(), request("/notice/receipt", "Content-Length: 12", method="POST", body=b"nonce=abcdef")
        one.data_received(whole[:-5])
        await turns()
        rush.stand()
        one.data_received(whole[-5:])
        await turns()
        assert rush.asked == [("POST", "/notice/receipt", b"nonce=abcdef")]
        assert one.transport.written.startswith(b"HTTP/1.1 200 OK\r\n")
        one.data_received(request())
        await turns()
        assert (rush.written, one.transport.written.count(b"HTTP/1.1 503")) == (1, 1), "a reading after it is told to come back"
        one._unset_keepalive_if_required()

    asyncio.run(story())


def test_a_reading_behind_an_act_under_way_waits_for_its_answer(rush):
    async def story():
        held, page = asyncio.Event(), rush.page

        async def slow(scope, receive, send):
            await held.wait()
            await page(scope, receive, send)

        rush.door._app = slow
        one = rush.line()
        one.data_received(request("/notice/receipt", "Content-Length: 3", method="POST", body=b"a=1"))
        await turns()
        rush.stand()
        one.data_received(request())
        await turns()
        assert (rush.written, one.transport.written) == (0, b"")
        held.set()
        await turns()
        assert one.transport.written.startswith(b"HTTP/1.1 200 OK\r\n"), "the act is answered first"
        one._unset_keepalive_if_required()

    asyncio.run(story())


# ---- a rush in a time that the test makes


class Asked(SimpleNamespace):
    """What came of a rate: seconds that those waited who were served, and when others were told to come back."""


class Portal:
    """A door before pages that cost time: one request in ten sends something and waits for a disk."""

    def __init__(self, seed):
        self.loop, self.drawn = TurnedLoop(), random.Random(seed)
        self.door = Admission(self.page, self.refuse, now=self.loop.time)

    async def page(self, scope, receive, send):
        if scope["method"] == "POST":
            self.loop.spend(PAGE / 2)
            await asyncio.sleep(4 * PAGE)
            self.loop.spend(PAGE / 2)
        else:
            self.loop.spend(PAGE)
        scope["into"].waits.append(self.loop.now - scope["due"])

    async def refuse(self, scope, receive, send):
        self.loop.spend(PAGE / 20)
        scope["into"].told.append(self.loop.now)

    def come(self, due, into):
        method = "POST" if self.drawn.random() < 0.1 else "GET"
        if method == "GET" and self.door.stands() and self.door.full():
            self.loop.spend(PAGE / 50)
            into.told.append(self.loop.now)
            return
        self.loop.create_task(self.door({"type": "http", "path": "/notice", "method": method, "due": due, "into": into}, None, None))

    async def asked(self, share, seconds):
        into, due = Asked(begun=self.loop.now, waits=[], told=[]), self.loop.now
        while (due := due + self.drawn.expovariate(share / PAGE)) < into.begun + seconds:
            self.loop.at(due, partial(self.come, due, into))
        await asyncio.sleep(seconds)
        return into


def rates(phases, seed=5):
    """One rate after another, in shares of what can be done."""
    portal = Portal(seed)

    async def story():
        found = [await portal.asked(*phase) for phase in phases]
        await asyncio.sleep(2 * BURST)
        return found

    found = portal.loop.run_until_complete(story())
    portal.loop.close()
    return found


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_after_a_rush_nobody_is_turned_away_who_can_be_served(share):
    rush, after = rates([(4, 3), (share, 5)])
    assert len(rush.told) > 5000
    assert not [when for when in after.told if when > after.begun + 2 * BURST], "the rush is over when fewer come than can be served"
    assert len(after.waits) > share / PAGE * 4


def test_where_a_line_stands_those_who_are_let_in_wait_for_few_pages():
    half, rush, later = rates([(0.5, 3), (4, 2.5), (4, 2)])
    assert (half.told, len(half.waits) > 1400) == ([], True)
    assert max(rush.waits) <= BURST + 20 * PAGE, "while it may still be a burst"
    waits = sorted(later.waits)
    assert waits[int(0.99 * len(waits))] <= STANDING + 8 * PAGE
    assert len(waits) >= 0.8 * 2 / PAGE, "the portal works at what it can, for all whom it turns away"
    assert later.told[-1] > later.begun + 1.9, f"with one in {EASY} who found the door free it would be over"
