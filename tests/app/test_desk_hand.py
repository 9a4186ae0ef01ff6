"""At the desk by hand: a challenge or a withdrawal on paper, how a decision reached somebody, a case opened to the ombudsman."""

from datetime import timedelta

import pytest
from app.desk_line import INTAKE, OMBUDSMAN, OPERATOR, claim, facts, refuse, say
from app.portal_line import DAY, at_desk, open_case, sign_in, somebody
from app.portal_line import nonce_of as nonce

from callup.app.acts import add_fact
from callup.app.web.desk.handing import SERVED_BY, SPEAKS
from callup.app.web.desk.routes import desk_of
from callup.app.web.pages import long_date
from callup.app.web.person.view import looked
from callup.app.web.words import words_of


@pytest.fixture
def person(client, clocked):
    person = somebody(clocked.site)
    open_case(client, clocked.site, INTAKE, person["case_id"], "a letter came in")
    return person


def test_a_challenge_on_paper_is_entered_against_the_refusal_that_it_is_about(client, clocked, person):
    site, case = clocked.site, person["case_id"]
    sent = {"case": case, "kind": "appealed", "received_on": DAY.isoformat(), "words": "I go against it"}
    none = say(client, "/desk/enter", **sent)
    assert (none.status_code, words_of("en")["refused nothing-to-answer"] in none.text) == (422, True)
    first = refuse(site, person, claim(site, person)["fact_id"])
    assert say(client, "/desk/enter", **sent).status_code == 200
    assert [row["ref"] for row in facts(site, person, "appealed")] == [first["fact_id"]], "the only one"
    second = refuse(site, person, claim(site, person, "exemption")["fact_id"])
    unclear = say(client, "/desk/enter", **sent, ref="")
    assert (unclear.status_code, words_of("en")["refused answer-unclear"] in unclear.text) == (422, True)
    page = client.get(f"/desk/case/{case}").text
    assert f'<option value="{second["fact_id"]}">' in page
    assert say(client, "/desk/enter", **sent, ref=second["fact_id"]).status_code == 200
    assert say(client, "/desk/enter", **sent, ref="0" * 32).status_code == 422
    assert [row["ref"] for row in facts(site, person, "appealed")] == [first["fact_id"], second["fact_id"]]


def test_a_claim_taken_back_on_paper_is_that_which_waits(client, clocked, person):
    site, asked = clocked.site, claim(clocked.site, person)
    sent = {"case": person["case_id"], "kind": "claim_withdrawn", "received_on": DAY.isoformat(), "words": "I do not want it any more"}
    assert say(client, "/desk/enter", **sent).status_code == 200
    (taken,) = facts(site, person, "claim_withdrawn")
    assert (taken["ref"], taken["actor"]) == (asked["fact_id"], "desk")
    assert say(client, "/desk/enter", **sent).status_code == 422, "nothing waits any more"


def test_papers_that_were_asked_for_come_over_the_counter(client, clocked, person):
    site, asked = clocked.site, claim(clocked.site, person)
    said = {"case_id": person["case_id"], "ref": asked["fact_id"], "until": (DAY + timedelta(days=9)).isoformat(), "evidence": "0" * 64}
    add_fact(site.facts, "papers_asked", "official: A. First", (DAY, DAY), said)
    (wanted,) = facts(site, person, "papers_asked")
    sent = {"case": person["case_id"], "kind": "papers_given", "received_on": DAY.isoformat(), "words": "a certificate"}
    assert say(client, "/desk/enter", **sent).status_code == 200
    assert facts(site, person, "papers_given")[0]["ref"] == wanted["fact_id"]


def test_how_a_decision_reached_the_person_is_entered_once_with_its_evidence(client, clocked, person):
    site, case = clocked.site, person["case_id"]
    refusal = refuse(site, person, claim(site, person)["fact_id"])
    clocked.day = DAY + timedelta(days=2)
    open_case(client, site, INTAKE, case, "a receipt came in")
    page = client.get(f"/desk/case/{case}").text
    assert 'action="/desk/served"' in page
    assert f'<option value="{refusal["fact_id"]}">{DAY}: refused</option>' in page
    said = {"case": case, "ref": refusal["fact_id"], "channel": "counter", "served_on": DAY.isoformat(), "words": "receipt 12, N. N."}
    wrong = (
        {"served_on": (DAY - timedelta(days=1)).isoformat()},
        {"served_on": (clocked.day + timedelta(days=1)).isoformat()},
        {"served_on": "soon"},
        {"channel": "pigeon"},
        {"ref": "0" * 32},
        {"words": " "},
    )
    for changed in wrong:
        assert say(client, "/desk/served", **said | changed).status_code == 422, changed
    assert facts(site, person, "decision_served") == []
    for _ in range(2):
        assert say(client, "/desk/served", **said).status_code == 200
    (reached,) = facts(site, person, "decision_served")
    told = {name: reached[name] for name in ("ref", "channel", "actor", "happened_on", "known_on")}
    assert told == {"ref": refusal["fact_id"], "channel": "counter", "actor": "desk", "happened_on": DAY, "known_on": clocked.day}
    other = say(client, "/desk/served", **said | {"served_on": clocked.day.isoformat()})
    assert (other.status_code, words_of("en")["refused served-already"] in other.text) == (422, True)
    assert 'action="/desk/served"' not in client.get(f"/desk/case/{case}").text
    sign_in(client, person)
    assert long_date(DAY + timedelta(days=30), "en") in client.get("/notice").text, "the time to challenge runs"


def test_only_who_may_enter_and_has_opened_the_case_says_that_a_decision_arrived(client, clocked, person):
    site, case = clocked.site, person["case_id"]
    refusal = refuse(site, person, claim(site, person)["fact_id"])
    said = {"case": case, "ref": refusal["fact_id"], "channel": "mail", "served_on": DAY.isoformat(), "words": "receipt 12"}
    other = somebody(site, 1)["case_id"]
    assert say(client, "/desk/served", **said | {"case": other}).status_code == 403, "not opened"
    at_desk(client, site, OPERATOR)
    assert say(client, "/desk/served", **said).status_code == 403, "no role for it"
    assert facts(site, person, "decision_served") == []


def test_a_person_opens_their_case_to_the_ombudsman_in_the_portal_and_on_paper(client, clocked, person):
    site, other = clocked.site, somebody(clocked.site, 1)
    desk = desk_of(site)
    month = set(desk.sample())
    sign_in(client, other)
    assert 'href="/notice/ombudsman"' in client.get("/notice").text
    page = client.get("/notice/ombudsman").text
    assert words_of("en")["ombudsman_words"] in page
    sent = {"nonce": nonce(page, "/notice/ombudsman"), "words": "nobody answers me"}
    assert client.post("/notice/ombudsman", data=sent).status_code == 200
    open_case(client, site, INTAKE, person["case_id"], "a letter came in")
    asked = {"case": person["case_id"], "kind": "represented", "received_on": DAY.isoformat(), "words": "please look"}
    assert say(client, "/desk/enter", **asked, ground="ombudsman").status_code == 200
    assert say(client, "/desk/enter", **asked | {"words": "my sister"}, ground="deferral").status_code == 200
    assert [row["ground"] for row in facts(site, person, "represented")] == ["ombudsman", "representative"]
    assert desk.opened_to_ombudsman() >= {person["case_id"], other["case_id"], *month}
    at_desk(client, site, OMBUDSMAN)
    assert other["case_id"] in client.get("/desk/watch").text


def test_whatever_a_person_has_sent_their_case_opens_at_the_desk(client, clocked, person):
    """A receipt, a contest and a challenge name no ground."""
    site, case = clocked.site, person["case_id"]
    sign_in(client, person)
    page = client.get("/notice").text
    assert client.post("/notice/receipt", data={"nonce": nonce(page, "/notice/receipt")}).status_code == 200
    form = client.get("/notice/contest").text
    sent = {"nonce": nonce(form, "/notice/contest"), "words": "it never came"}
    assert client.post("/notice/contest", data=sent).status_code == 200
    open_case(client, site, INTAKE, case, "to read the statement")
    shown = client.get(f"/desk/case/{case}")
    assert shown.status_code == 200
    for said in ("it never came", words_of("en")["what_responded"], words_of("en")["what_service_contested"]):
        assert said in shown.text


def test_who_opened_the_case_is_told_in_the_language_of_the_page(client, clocked, person):
    own = clocked.site.facts.rows_of_case(person["case_id"])
    for language, word in (("en", "clerk"), ("ru", "сотрудник")):
        assert [one["who"] for one in looked(own, DAY, language)] == [f"{word}: {INTAKE}"]


def test_every_choice_of_these_forms_has_words():
    known = words_of("en")
    assert all(f"served {one}" in known for one in SERVED_BY)
    assert all(f"ground {one}" in known for one in SPEAKS)


def test_queue_and_console_say_what_is_asked_and_how_it_stands_in_words(client, clocked, person):
    """No code of the program: an official reads the other language of the decree as well."""
    site = clocked.site
    refuse(site, person, claim(site, person, "alternative-service")["fact_id"])
    said = {"case_id": person["case_id"], "ref": facts(site, person, "decided")[0]["fact_id"], "evidence": "0" * 64}
    add_fact(site.facts, "appealed", "person", (DAY, DAY), said)
    claim(site, somebody(site, 1), "alternative-service")
    assert f"({words_of('en')['ground alternative-service']})" in client.get("/desk").text
    at_desk(client, site, OMBUDSMAN)
    seen = client.get("/desk/watch").text
    assert f": {words_of('en')['what_appealed']}</td>" in seen
    assert words_of("en")["state claim pending"] in seen
    assert words_of("en")["state called"] in seen


def test_of_two_refusals_each_is_challenged_in_the_portal_one_after_the_other(client, clocked):
    site, person = clocked.site, somebody(clocked.site)
    both = [refuse(site, person, claim(site, person, kind)["fact_id"])["fact_id"] for kind in ("deferral", "exemption")]
    sign_in(client, person)
    for at in (0, 1):
        form = client.get("/notice/appeal").text
        sent = {"nonce": nonce(form, "/notice/appeal"), "words": f"I go against it, {at}"}
        assert client.post("/notice/appeal", data=sent).status_code == 200
    assert [row["ref"] for row in facts(site, person, "appealed")] == [both[1], both[0]]
