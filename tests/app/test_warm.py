"""A portal that has just started serves its first visitor as it serves the second: nothing is left to load, compile or read."""

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import uvicorn
from app.portal_line import HOME, Clocked, freedonia_again, nonce_of, sign_in, somebody
from litestar.testing import TestClient

from callup.app.web import running
from callup.app.web.admission import Admission
from callup.app.web.come_back import ComeBack
from callup.app.web.serve import portal
from callup.app.web.warm import OPEN, warm
from callup.terms.errors import Unavailable

LATE = ("import", "compile", "open")
"""What Python itself tells an audit hook: a module is loaded, source is compiled, a file is opened."""


def visited(root):
    """In a process of its own: what was loaded, compiled and opened by warming up, and what by the first visit after it."""
    found = []
    sys.addaudithook(lambda event, told: found.append(f"{event} {told[0]}") if event in LATE else None)
    with freedonia_again(root) as course:
        site = Clocked(course).site
        app = portal(site)
        before, facts = len(found), site.facts.last_seq()
        asyncio.run(warm(site, app))
        warmed = found[before:]
        assert site.facts.last_seq() == facts, "nothing is recorded by it"
        assert site.store.end_old(2**40, 2**40) == 0, "and no session was opened"
        with TestClient(Admission(app, ComeBack(site)), base_url=HOME) as client:
            person = somebody(site)
            client.get("/healthz")  # the test's own client loads what it needs
            before = len(found)
            sign_in(client, person)
            page = client.get("/notice").text
            client.post("/notice/receipt", data={"nonce": nonce_of(page, "/notice/receipt")})
            statuses = [client.get(path).status_code for path in ("/notice", "/notice/why", "/notice/claim", *OPEN)]
        late = found[before:]
    print(json.dumps({"warmed": warmed, "late": late, "statuses": statuses}))


def test_the_first_visit_loads_compiles_and_reads_nothing(open_line, tmp_path):
    shutil.copytree(open_line, tmp_path / "line")
    words = f"from pathlib import Path; from app.test_warm import visited; visited(Path({str(tmp_path / 'line')!r}))"
    told = subprocess.run([sys.executable, "-c", words], cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, check=True)
    found = json.loads(told.stdout)
    assert {one.partition(" ")[0] for one in found["warmed"]} == set(LATE), "the hook sees what is late"
    assert found["late"] == []
    assert set(found["statuses"]) == {200, 401}, "the desk alone is not open"


def test_it_runs_on_the_loop_that_uvicorn_takes_and_keeps_no_line_of_who_asked(clocked, monkeypatch):
    course, found = clocked.site.course, {}

    async def serve(servers, sequencer):
        loop = type(asyncio.get_running_loop())
        found.update(loop=loop, told=[(one.config.access_log, one.config.proxy_headers) for one in servers], switch=sys.getswitchinterval())

    monkeypatch.setattr(running, "_all", serve)
    monkeypatch.setattr(running, "warm", lambda site, app: asyncio.sleep(0))
    monkeypatch.setattr(running, "gc", SimpleNamespace(collect=int, freeze=int))
    usual = sys.getswitchinterval()
    try:
        running.run_portal(course, course.dossier.root, running.Asked(port=8000, as_of=None))
    finally:
        sys.setswitchinterval(usual)
    taken = uvicorn.Config(None).get_loop_factory()()
    taken.close()
    assert found["loop"] is type(taken)
    assert found["told"] == [(False, False)] * 2
    assert found["switch"] < usual


def test_many_who_come_at_once_are_taken_in_one_turn_of_the_loop_and_an_address_in_use_is_refused():
    doors = running._doors(uvicorn.Config(None, "127.0.0.1", 0))
    assert len({one.getsockname() for one in doors}) == 1, "one address"
    assert len({one.fileno() for one in doors}) == len(doors) > 1, "and several sockets, each of which takes one in a turn"
    for one in doors:
        one.listen()
    with pytest.raises(Unavailable, match="port-not-free"):
        running._doors(uvicorn.Config(None, "127.0.0.1", doors[0].getsockname()[1]))
    for one in doors:
        one.close()
