"""Whoever cannot be served soon is told so, in turn, and what they sent stays in their browser until it is taken, once."""

import asyncio
import re
from dataclasses import replace
from html import unescape

import pytest
from app.portal_line import HOME, nonce_of, sign_in, somebody
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient

from callup.app.web.admission import BURST, MOST, SHORT, STANDING, Admission
from callup.app.web.come_back import LATEST, LONGEST, SOONEST, ComeBack
from callup.app.web.words import words_of


class Door:
    """An admission whose clock a test turns, before an application whose requests a test ends."""

    def __init__(self, at_work):
        self.time, self.at_work, self.most, self.let_in, self.refused, self.open = 0.0, 0, 0, [], [], {}
        self.door = Admission(self.work, self.refuse, at_work, lambda: self.time)

    async def work(self, scope, receive, send):
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        self.let_in.append(scope["name"])
        try:
            await self.open.setdefault(scope["name"], asyncio.Event()).wait()
        finally:
            self.at_work -= 1

    async def refuse(self, scope, receive, send):
        self.refused.append(scope["name"])

    async def ask(self, name, method="GET", path="/notice"):
        scope = {"type": "http", "path": path, "method": method, "name": name}
        task = asyncio.create_task(self.door(scope, None, None))
        await settle()
        return task

    async def end(self, name):
        self.open.setdefault(name, asyncio.Event()).set()
        await settle()


async def settle():
    for _ in range(8):
        await asyncio.sleep(0)


def test_a_burst_is_served_whole_and_in_turn():
    async def story():
        one = Door(2)
        for number in range(6):
            await one.ask(number)
        assert one.let_in == [0, 1]
        one.time = BURST * 0.9
        for number in range(6):
            await one.end(number)
        assert (one.let_in, one.refused, one.most, one.at_work) == ([0, 1, 2, 3, 4, 5], [], 2, 0)

    asyncio.run(story())


def test_behind_a_line_that_stands_nobody_waits_long_and_what_is_sent_goes_first():
    async def story():
        one = Door(1)
        for number in range(3):
            await one.ask(number)
        await one.ask("early act", "POST")
        one.time = BURST * 0.5
        await one.end(0)
        assert one.let_in == [0, "early act"]
        one.time = BURST * 0.9
        await one.ask("late")
        one.time = BURST + 2 * STANDING
        await one.ask("act", "POST")
        await one.ask("fresh")
        one.time += STANDING / 2
        await one.end("early act")
        await one.end("act")
        assert one.let_in == [0, "early act", "act", "fresh"]
        assert one.refused == [1, 2, "late"], "the last would still be within a second, were it a burst"
        await one.ask("soon after")
        one.time += STANDING / 2
        await one.end("fresh")
        await one.ask("much later")
        one.time += BURST / 2
        await one.end("soon after")
        assert one.refused[3:] == ["much later"], "the line was empty, and yet somebody was turned away less than a second ago"
        one.time += 2 * BURST
        await one.ask("calm")
        await one.ask("burst")
        one.time += BURST / 2
        await one.end("calm")
        assert one.let_in[-1] == "burst"

    asyncio.run(story())


def test_a_line_that_is_never_empty_but_moves_on_turns_nobody_away():
    async def story():
        one = Door(1)
        for number in range(17):
            await one.ask(number)
        for number in range(17, 400):  # as one is served, the next one comes
            one.time += SHORT / 20
            await one.end(number - 17)
            await one.ask(number)
        assert one.time > 1.5 * BURST
        assert (one.refused, one.let_in) == ([], list(range(384)))
        for number in range(384, 400):
            await one.end(number - 1)
        await one.end(399)

    asyncio.run(story())


def test_no_more_wait_than_can_be_served_and_files_never_wait():
    async def story():
        one = Door(1)
        tasks = [await one.ask(number) for number in range(3)]
        tasks += [
            asyncio.create_task(one.door({"type": "http", "path": "/", "method": "GET", "name": "m"}, None, None)) for _ in range(MOST)
        ]
        await settle()
        assert one.refused == ["m", "m"], "one is served, and so many wait"
        for path in ("/static/callup.css", "/v", "/acts/checkpoint", "/healthz"):
            await one.ask(path, path=path)
        assert one.let_in == [0, "/static/callup.css", "/v", "/acts/checkpoint", "/healthz"]
        for task in tasks:
            task.cancel()

    asyncio.run(story())


def test_who_is_let_in_and_takes_long_does_not_keep_others_waiting_without_a_word():
    async def story():
        one = Door(1)
        await one.ask("slow")
        waiting = await one.ask("waiting")
        one.time = 5 * BURST
        await asyncio.wait_for(waiting, 3 * BURST)  # told by the door itself, since nobody leaves
        assert one.refused == ["waiting"]
        await one.end("slow")
        await one.ask("next")
        assert one.let_in == ["slow", "next"]
        await one.end("next")

    asyncio.run(story())


async def step(one, asked, number, what, value):
    names = list(asked)
    if what in ("read", "send"):
        asked[number] = await one.ask(number, {"read": "GET", "send": "POST"}[what])
    elif what == "time":
        one.time += value / 50
    elif names and what == "end":
        await one.end(names[value % len(names)])
    elif names:
        asked[names[value % len(names)]].cancel()


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["read", "send", "end", "leave", "time"]), st.integers(0, 30)), max_size=60))
def test_no_place_is_ever_lost_or_given_twice(story):
    async def told():
        one, asked = Door(2), {}
        for number, (what, value) in enumerate(story):
            await step(one, asked, number, what, value)
        for _ in range(len(asked) + 1):
            for name in asked:
                await one.end(name)
        answers = await asyncio.gather(*asked.values(), return_exceptions=True)
        assert all(answer is None or isinstance(answer, asyncio.CancelledError) for answer in answers)
        assert one.most <= 2
        assert one.at_work == 0
        assert not set(one.let_in) & set(one.refused)
        last = await one.ask("last")
        assert one.let_in[-1] == "last", "whoever comes when nobody is there is let in"
        last.cancel()

    asyncio.run(told())


@pytest.fixture
def crowded(clocked):
    course = clocked.site.course
    course.decree = replace(course.decree, languages=("en", "ru"))
    return TestClient(ComeBack(clocked.site), base_url=HOME)  # nothing of it starts or stops


def test_whoever_reads_is_told_in_their_language_when_to_come_back(crowded):
    answer = crowded.get("/notice", headers={"Accept-Language": "ru"})
    assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
    assert SOONEST <= int(answer.headers["retry-after"]) <= LATEST
    assert words_of("ru")["crowd_words"] in unescape(answer.text)
    assert "<script" not in answer.text
    assert words_of("en")["crowd_again"] in crowded.get("/notice?lang=en").text
    assert crowded.head("/notice").text == ""
    problem = crowded.post("/api/v1/me/receipt", json={})
    assert (problem.status_code, problem.headers["content-type"], problem.json()["status"]) == (503, "application/problem+json", 503)


def test_what_was_sent_stays_in_the_browser_and_counts_once(client, clocked, crowded):
    person = somebody(clocked.site)
    sign_in(client, person)
    nonce = nonce_of(client.get("/notice/contest").text, "/notice/contest")
    form = {"nonce": nonce, "words": 'It lay open: <b>"torn"</b> & wet\nsince Monday', "empty": ""}
    refused = crowded.post("/notice/contest", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert refused.status_code == 503
    assert words_of("en")["crowd_kept"] in unescape(refused.text)
    kept = {name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', refused.text)}
    assert kept == {**form, "words": form["words"]}
    for _ in range(3):
        assert client.post("/notice/contest", data=kept).status_code == 200
    facts = [row for row in clocked.site.facts.rows_of_case(person["case_id"]) if row["kind"] == "service_contested"]
    assert len(facts) == 1
    assert [one.words for one in clocked.site.store.sent_by(person["case_id"]) if one.fact["kind"] == "service_contested"] == [
        form["words"]
    ]


def test_no_other_page_fills_a_form_of_ours_and_papers_are_said_not_to_be_there(crowded):
    for told in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        answer = crowded.post("/sign-in", data={"nonce": "n", "code": "theirs"}, headers=told)
        assert (answer.status_code, "theirs" in answer.text) == (503, False)
    for sent in ({"data": {"words": "x" * (LONGEST + 1)}}, {"files": {"paper": b"%PDF-1.7"}}):
        answer = crowded.post("/notice/papers", **sent)
        assert words_of("en")["crowd_papers"] in unescape(answer.text)
        assert "<input" not in answer.text
