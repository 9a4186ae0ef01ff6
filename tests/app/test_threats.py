"""Threats that no other file tests (docs/threats.md): one official alone, guessed codes, a shared computer, pages without a policy."""

import asyncio
import contextlib
import random
import re
from datetime import timedelta
from pathlib import Path

from app.portal_line import DAY, nonce_of, session_of, sign_in, somebody

from callup.app import web
from callup.app.acts import add_fact
from callup.app.web.desk.acting import CHOICES, UNDO
from callup.app.web.desk.roles import Officer
from callup.app.web.desk.routes import desk_of
from callup.terms.errors import CallupError
from callup.terms.facts import VOCABULARY

EVERYTHING = ("intake", "deciding", "board", "operator", "auditor", "ombudsman", "registrar")
ALL = Officer("One Alone", frozenset((role, "*") for role in EVERYTHING))
TEMPLATES = Path(web.__file__).parent / "templates"


async def alone(clocked, desk, case, name, number, dice):
    """One act by somebody who has every role."""
    choices = [choice for step in CHOICES.values() for choice in step]
    if name == "open":
        await desk.open(ALL, case, "work", f"nonce {number}")
    elif name == "propose":
        desk.propose(ALL, case, *dice.choice(choices), "because", None)
    elif name == "decide":
        desk.decide(ALL, [dice.randint(1, 6)], dice.random() < 0.7, "")
    elif name == "undo":
        desk.undo(ALL, dice.randint(1, 6))
    elif name == "settle":
        clocked.time += UNDO
        await desk.settle()
    else:
        await desk.enter(ALL, case, {"kind": "responded", "words": ""}, DAY, f"nonce {number}")


async def six_hundred(clocked, desk, cases, done):
    """So many acts, drawn by one seed; those that were not refused are counted."""
    dice = random.Random(3)
    for number in range(600):
        name = dice.choice(sorted(done))
        with contextlib.suppress(CallupError):
            await alone(clocked, desk, dice.choice(cases), name, number, dice)
            done[name] += 1


def test_no_sequence_of_acts_by_one_official_decides_anything(clocked):
    """Threat T3: whoever has every role and nobody beside them gets nothing decided, in any order of acts."""
    site, desk, people = clocked.site, desk_of(clocked.site), [somebody(clocked.site, at) for at in range(4)]
    for number, person in enumerate(people):
        proof = {"evidence": f"{number:064}", "case_id": person["case_id"]}
        kind, more = [("claimed", {"ground": "deferral"}), ("service_contested", {"notice_id": person["notice_id"]})][number % 2]
        add_fact(site.facts, kind, "person", (DAY, DAY), proof | more)
    site.writer.start()
    done = dict.fromkeys(("open", "propose", "decide", "undo", "settle", "enter"), 0)
    asyncio.run(six_hundred(clocked, desk, [person["case_id"] for person in people], done))
    decided = [row["kind"] for row in site.facts.all().to_pylist() if row["case_id"] and "second" in VOCABULARY[row["kind"]].needs]
    assert (decided, done["decide"], done["undo"]) == ([], 0, 0)
    assert min(done[name] for name in ("open", "propose", "settle", "enter")) > 0
    desk.store.close()
    site.writer.stop()


def test_twenty_thousand_guesses_open_nothing_and_lock_nobody_out(clocked):
    """Threat T6: nothing is counted, so nobody can be locked out by another's guesses, nor by their own."""
    site, person, dice = clocked.site, somebody(clocked.site), random.Random(6)
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    for _ in range(20_000):
        assert site.case_of("".join(dice.choices(letters, k=12)), person["born"]) is None
    for off in range(1, 400):
        assert site.case_of(person["code"], person["born"] + timedelta(days=off)) is None
    assert site.case_of(person["code"], person["born"]) is not None


def test_signing_out_clears_the_browser_and_ends_every_session(client, clocked):
    """Threat T7: a phone that was taken, a computer in a library."""
    person = somebody(clocked.site)
    elsewhere = session_of(clocked.site, person)
    sign_in(client, person)
    page = client.get("/notice").text
    answer = client.post("/sign-out", data={"nonce": nonce_of(page, "/sign-out"), "everywhere": "yes"})
    assert answer.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert clocked.site.session(elsewhere) is None
    sign_in(client, person)
    other = session_of(clocked.site, person)
    client.post("/sign-out", data={"nonce": nonce_of(client.get("/notice").text, "/sign-out")})
    assert clocked.site.session(other) is not None, "without the wish only this one ends"


def test_every_route_says_what_its_page_may_do(client, clocked):
    """Threat T8: whatever is asked, and however, the answer carries a policy, and is framed by nobody."""
    person = somebody(clocked.site)
    sign_in(client, person)
    asked = 0
    for route in client.app.routes:
        path = re.sub(r"\{(\w+):int\}", "1", re.sub(r"\{(\w+):\w+\}", "x", route.path))
        for method in {"GET", "POST"} & set(getattr(route, "methods", ())):
            answer = client.request(method, path, follow_redirects=False)
            assert "frame-ancestors 'none'" in answer.headers.get("content-security-policy", ""), (method, path)
            assert answer.headers["x-content-type-options"] == "nosniff", path
            assert answer.status_code < 500, path
            asked += 1
    assert asked > 60


def test_no_template_lets_text_through_unescaped():
    found = [path.name for path in TEMPLATES.glob("*.j2") if re.search(r"\|\s*safe\b|autoescape\s+false", path.read_text(encoding="utf-8"))]
    assert found == []
    assert len(list(TEMPLATES.glob("*.j2"))) > 20
