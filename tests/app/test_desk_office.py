"""The desk: what comes on paper and by post, who has which role, and who looks at those who look."""

import re
from datetime import date, timedelta

import pypdfium2
import pytest
from app.desk_line import AUDITOR, DECIDER, INTAKE, OMBUDSMAN, OPERATOR, OTHER, claim, decide, facts, propose, say
from app.portal_line import DAY, at_desk, desk_nonce, open_case, sign_in, somebody

from callup.app.acts import add_fact
from callup.app.paper_day import paper_pad
from callup.app.web.desk.routes import desk_of
from callup.notice.codes import mail_payload
from callup.terms.errors import BadInput

# ---- paper, post, outages


def test_paper_counts_from_the_day_on_which_it_was_received(client, clocked):
    """Keyed three days later: the person loses nothing."""
    person = somebody(clocked.site)
    clocked.day = DAY + timedelta(days=3)
    open_case(client, clocked.site, INTAKE, person["case_id"], "a letter came in")
    entered = {"case": person["case_id"], "kind": "claimed", "ground": "deferral", "received_on": DAY.isoformat(), "words": "I study"}
    answer = say(client, "/desk/enter", **entered)
    assert (answer.status_code, bool(re.search(r"Number [0-9A-F]{12}", answer.text))) == (200, True)
    (claimed,) = facts(clocked.site, person, "claimed")
    assert (claimed["actor"], claimed["happened_on"], claimed["known_on"]) == ("desk", DAY, clocked.day)
    assert "I study" in client.get(f"/desk/case/{person['case_id']}").text
    late = say(client, "/desk/enter", **entered | {"received_on": (clocked.day + timedelta(days=1)).isoformat()})
    assert late.status_code == 422
    assert say(client, "/desk/enter", **entered | {"kind": "referred"}).status_code == 422


def test_returned_letters_are_recorded_by_their_code_and_strange_ones_are_named(client, clocked):
    one, two = somebody(clocked.site), somebody(clocked.site, 1)
    key = clocked.site.course.ring.keys["mail-piece"]
    codes = [mail_payload(person["notice_id"], key) for person in (one, two)]
    forged = codes[0][:-1] + ("0" if codes[0][-1] != "0" else "1")
    at_desk(client, clocked.site, OPERATOR)
    answer = say(client, "/desk/returns", codes="\n".join([codes[0], f"{codes[1]},moved", forged, "12345", codes[0]]), outcome="unclaimed")
    assert "3 recorded. Not letters of this call-up: lines 3, 4." in answer.text
    assert [row["outcome"] for row in facts(clocked.site, one, "returned")] == ["unclaimed"]
    assert [row["outcome"] for row in facts(clocked.site, two, "returned")] == ["moved"]
    assert say(client, "/desk/returns", codes=f"{codes[0]},burnt", outcome="moved").status_code == 422


def test_a_day_on_paper_a_form_keeps_its_number_and_is_entered_once(client, clocked):
    """The steps of docs/guides/paper-only-day.md: print a pad, fill in a form, enter it the day after."""
    site, one, two = clocked.site, somebody(clocked.site), somebody(clocked.site, 1)
    pads = [paper_pad(site.course, "FR-N", DAY, forms=2, language="en") for _ in range(2)]
    pages = [" ".join(page.get_textpage().get_text_range().split()) for pad in pads for page in pypdfium2.PdfDocument(pad)]
    assert len(pages) == 6, "the queue and two forms, twice"
    numbers = [re.search(r"250408-\d+-\d{3}-\w\w", page)[0] for page in pages if "Receipt for the person" in page]
    assert len(set(numbers)) == 4, "no two pads have the same numbers"
    assert all(page.count(number) == 2 for page, number in zip([*pages[1:3], *pages[4:6]], numbers, strict=True)), "on both halves"
    names = {site.store.held(case)["address"]["name"] for case in site.store.cases()}
    assert not any(name in page for name in names for page in pages)
    for wrong in ({"forms": 0}, {"language": "xx"}):
        with pytest.raises(BadInput, match="pad-unusable"):
            paper_pad(site.course, "FR-N", DAY, **{"forms": 1, "language": "en", **wrong})
    clocked.day += timedelta(days=1)
    form = {"kind": "claimed", "ground": "deferral", "received_on": DAY.isoformat(), "words": "I study", "paper": f" {numbers[0].lower()} "}
    for person in (one, two):
        open_case(client, site, INTAKE, person["case_id"], f"form {numbers[0]}")
    for _ in range(2):
        assert numbers[0] in say(client, "/desk/enter", case=one["case_id"], **form).text
    (claimed,) = facts(site, one, "claimed")
    assert (claimed["happened_on"], claimed["known_on"]) == (DAY, clocked.day)
    for case, changed in ((two["case_id"], {}), (one["case_id"], {"kind": "responded"}), (two["case_id"], {"paper": "250408-1-001-00"})):
        refused = say(client, "/desk/enter", case=case, **form | changed)
        assert refused.status_code == 422
        assert "number" in refused.text
    assert facts(site, two, "claimed") == facts(site, one, "responded") == []
    sign_in(client, one)
    assert f"number {numbers[0]}" in client.get("/notice").text, "the person finds the receipt's number"


def test_an_outage_stops_the_clocks_of_everybody_it_touched(client, clocked):
    person = somebody(clocked.site)
    clocked.site.store.open_session("a token", person["case_id"], "letter", 1_000_000)
    add_fact(clocked.site.facts, "opened", "portal", (DAY, DAY), {"evidence": "0" * 64, "case_id": person["case_id"], "channel": "portal",
                                                                "notice_id": person["notice_id"]})  # fmt: skip
    held = clocked.site.store.held(person["case_id"])
    before = clocked.site.standing(held, DAY)[0].respond_by
    at_desk(client, clocked.site, OPERATOR)
    until = (DAY + timedelta(days=2)).isoformat()
    assert say(client, "/desk/outage", channel="portal", since=DAY.isoformat(), until=until).status_code == 200
    assert clocked.site.standing(held, DAY + timedelta(days=2))[0].respond_by >= before
    assert [row["kind"] for row in clocked.site.facts.rows_of_nobody()].count("outage") == 1
    assert say(client, "/desk/outage", channel="horse", since=DAY.isoformat(), until=until).status_code == 422


# ---- roles


def test_a_role_is_granted_by_two_registrars_until_a_day(client, clocked, store):
    site, one, two = clocked.site, "Stand-in One", "Stand-in Two"
    until = (DAY + timedelta(days=5)).isoformat()
    asked = {"name": "New Clerk", "role": "intake", "unit": "FR-N", "until": until, "reason": "deputy"}
    at_desk(client, site, INTAKE)
    assert say(client, "/desk/grant", **asked).status_code == 403
    at_desk(client, site, one)
    assert say(client, "/desk/grant", **asked | {"unit": "nowhere"}).status_code == 422
    assert say(client, "/desk/grant", **asked).status_code == 303
    (waiting,) = store.proposals("kind = 'role_granted'")
    assert say(client, "/desk/confirm", proposal=str(waiting.id)).status_code == 403, "another registrar confirms"
    at_desk(client, site, two)
    assert say(client, "/desk/confirm", proposal=str(waiting.id)).status_code == 303
    at_desk(client, site, "New Clerk")
    page = client.get("/desk").text
    assert "<option>FR-N</option>" in page
    assert "<option>FR-S</option>" not in page
    some = [somebody(site, at) for at in range(10)]
    north, south = (next(person for person in some if person["stratum"] == unit) for unit in ("FR-N", "FR-S"))
    assert open_case(client, site, "New Clerk", south["case_id"]).status_code == 403
    assert open_case(client, site, "New Clerk", north["case_id"]).status_code == 303
    clocked.day = date.fromisoformat(until) + timedelta(days=1)
    assert "No role is granted to you" in client.get("/desk").text


def test_a_role_ends_by_two_as_well(client, clocked, store):
    site = clocked.site
    at_desk(client, site, "Stand-in One")
    ends = re.search(r'name="ends" value="(\w+)"', client.get("/desk/roles").text)[1]
    assert say(client, "/desk/grant", ends=ends, reason="left the office").status_code == 303
    (waiting,) = store.proposals("kind = 'role_ended'")
    at_desk(client, site, "Stand-in Two")
    before = client.get("/desk/roles").text.count('name="ends"')
    assert say(client, "/desk/confirm", proposal=str(waiting.id)).status_code == 303
    assert client.get("/desk/roles").text.count('name="ends"') == before - 1


# ---- who looks at the lookers


def test_an_auditor_sees_who_opened_and_who_decided_in_counts(client, clocked, store):
    person = somebody(clocked.site)
    claim(clocked.site, person)
    propose(client, clocked.site, person, "refused")
    decide(client, clocked.site, store, person)
    at_desk(client, clocked.site, AUDITOR)
    text = re.sub(r"<[^>]+>", " ", client.get("/desk/watch").text)
    assert re.search(rf"{INTAKE}\s+1\s+1\s", text)
    assert re.search(rf"{DECIDER}\s+0\s+1\s+0\s+0", text)
    assert "sample" not in text


def test_an_ombudsman_opens_the_sample_and_what_people_released_and_nothing_else(client, clocked):
    site, desk = clocked.site, desk_of(clocked.site)
    sample = desk.sample()
    assert len(sample) == 10
    outside = next(person for person in (somebody(site, at) for at in range(16)) if person["case_id"] not in sample)
    assert open_case(client, site, OMBUDSMAN, outside["case_id"], "a complaint").status_code == 403
    assert open_case(client, site, OMBUDSMAN, sample[0], "the sample").status_code == 303
    proof = {"evidence": "0" * 64, "case_id": outside["case_id"], "ground": "ombudsman"}
    add_fact(site.facts, "represented", "person", (DAY, DAY), proof)
    assert open_case(client, site, OMBUDSMAN, outside["case_id"], "released by the person").status_code == 303
    assert sample[0][:8] in client.get("/desk/watch").text
    clocked.day += timedelta(days=31)
    assert desk.sample() != sample, "another month, another sample"
    desk.store.close()


# ---- forged forms, sessions


def test_every_form_of_the_desk_asks_for_its_own_number(client, clocked):
    at_desk(client, clocked.site, INTAKE)
    posts = [route.path for route in client.app.routes if route.path.startswith("/desk") and "POST" in route.methods]
    assert len(posts) >= 11
    roles = {"/desk/returns": OPERATOR, "/desk/outage": OPERATOR, "/desk/grant": "Stand-in One", "/desk/confirm": "Stand-in One"}
    roles |= dict.fromkeys(("/desk/decide", "/desk/undo"), DECIDER)
    for path in posts:
        at_desk(client, clocked.site, roles.get(path, INTAKE))
        good = desk_nonce(client)
        for data, headers in (({}, {}), ({"nonce": "0" * 64}, {}), ({"nonce": good}, {"Sec-Fetch-Site": "cross-site"})):
            assert client.post(path, data=data, headers=headers).status_code == 403, path


def test_a_session_of_the_desk_ends_and_gives_back_what_was_in_hand(client, clocked, store):
    person = somebody(clocked.site)
    claim(clocked.site, person)
    open_case(client, clocked.site, INTAKE, person["case_id"])
    client.get("/desk")
    assert store.waiting(["*"], ["decide-claim"], "", 9)[0]["taken_by"] == INTAKE
    assert say(client, "/desk/sign-out").status_code == 200
    at_desk(client, clocked.site, OTHER)
    client.get("/desk")
    assert store.waiting(["*"], ["decide-claim"], "", 9)[0]["taken_by"] is None
    clocked.time += 31 * 60
    assert client.get("/desk").status_code == 401
