"""The desk: nothing is seen unopened, nobody decides alone, what helps may be decided together, and what is said counts once."""

import hashlib
from datetime import timedelta

import pytest
from app.desk_line import AUDITOR, DECIDER, INTAKE, OMBUDSMAN, OPERATOR, OTHER, SECOND, claim, decide, facts, propose, say
from app.portal_line import DAY, at_desk, open_case, somebody

from callup.app.acts import DAILY_ALLOWANCE, add_fact
from callup.app.stores.database import ConstraintBroken
from callup.app.web.desk import acting
from callup.app.web.desk.acting import UNDO
from callup.app.web.desk.queue import bring_up, lay
from callup.app.web.desk.recording import decision_text
from callup.app.web.desk.roles import ROLES, matrix
from callup.app.web.desk.routes import desk_of
from callup.app.web.desk.store import DeskStore
from callup.jurisdictions import load
from callup.notice.codes import letter_number

# ---- sight


def test_a_file_is_seen_only_after_it_was_opened_with_a_reason_and_the_person_is_told(client, clocked):
    person = somebody(clocked.site)
    claim(clocked.site, person)
    at_desk(client, clocked.site, INTAKE)
    assert person["case_id"] in client.get("/desk").text
    shut = client.get(f"/desk/case/{person['case_id']}", follow_redirects=False)
    assert (shut.status_code, shut.headers["location"]) == (303, f"/desk/open?case={person['case_id']}")
    name = clocked.site.store.held(person["case_id"])["address"]["name"]
    assert name not in client.get(f"/desk/open?case={person['case_id']}").text
    assert open_case(client, clocked.site, INTAKE, person["case_id"], reason=" ").status_code == 422
    assert facts(clocked.site, person, "read") == []
    assert open_case(client, clocked.site, INTAKE, person["case_id"]).status_code == 303
    assert name in client.get(f"/desk/case/{person['case_id']}").text
    (read,) = facts(clocked.site, person, "read")
    assert (read["actor"], read["reason"]) == (f"clerk: {INTAKE}", "to decide the claim")
    clocked.site.store.open_session("a token", person["case_id"], "oidc", 1_000_000)
    client.cookies.set("__Host-callup", "a token")
    assert f"{INTAKE}. Reason: to decide the claim" in client.get("/record").text
    clocked.day += timedelta(days=1)
    assert client.get(f"/desk/case/{person['case_id']}", follow_redirects=False).status_code == 303, "closed again the next day"


def test_who_knows_the_person_stands_back_and_sees_the_case_no_more(client, clocked, store):
    """A conflict of interest, declared before or after opening: the case closes, own proposals fall, and the person is told."""
    person, other = somebody(clocked.site), somebody(clocked.site, 1)
    claim(clocked.site, person)
    claim(clocked.site, other)
    propose(client, clocked.site, person, "refused")
    decide(client, clocked.site, store, person)
    assert say(client, "/desk/recuse", case=person["case_id"], reason=" ").status_code == 422
    assert "closed to you now" in say(client, "/desk/recuse", case=person["case_id"], reason="my neighbour").text
    assert store.proposal(1).state == "open", "another must decide what this one had accepted"
    assert client.get(f"/desk/case/{person['case_id']}", follow_redirects=False).status_code == 303
    (recused,) = facts(clocked.site, person, "recused")
    assert (recused["actor"], recused["reason"]) == (f"clerk: {DECIDER}", "my neighbour")
    again = open_case(client, clocked.site, DECIDER, person["case_id"])
    assert (again.status_code, "You said that you do not act" in again.text) == (422, True)
    assert say(client, "/desk/decide", proposal="1", accept="yes").status_code == 403
    at_desk(client, clocked.site, INTAKE)
    say(client, "/desk/recuse", case=person["case_id"], reason="my cousin")
    assert store.proposal(1).state == "overtaken"
    clocked.time += UNDO
    client.get("/desk")
    assert facts(clocked.site, person, "decided") == []
    assert propose(client, clocked.site, person, "granted", name=SECOND).status_code == 303, "others go on"
    clocked.site.store.open_session("a token", person["case_id"], "oidc", 1_000_000)
    client.cookies.set("__Host-callup", "a token")
    assert "does not act in this case" in client.get("/record").text
    say(client, "/desk/recuse", case=other["case_id"], reason="my school friend")
    assert open_case(client, clocked.site, SECOND, other["case_id"]).status_code == 422, "also before it was ever opened"


def test_no_page_but_that_of_an_opened_case_says_a_name(client, clocked, store):
    """Safeguard G4: a queue shows numbers, steps and days."""
    people = [somebody(clocked.site, at) for at in range(4)]
    for person in people:
        claim(clocked.site, person)
    propose(client, clocked.site, people[0], "refused")
    names = [clocked.site.store.held(person["case_id"])["address"] for person in people]
    for official in (INTAKE, DECIDER, OPERATOR, AUDITOR, OMBUDSMAN, "Stand-in One"):
        at_desk(client, clocked.site, official)
        for path in ("/desk", "/desk/proposals", "/desk/post", "/desk/roles", "/desk/watch", f"/desk/open?case={people[1]['case_id']}"):
            text = client.get(path).text
            for held in names:
                assert held["name"] not in text, (official, path)
                assert held["address_line"] not in text
            assert not [person for person in people if person["person_id"] in text]


def test_a_letters_number_finds_its_case_and_nothing_else_does(client, clocked):
    person = somebody(clocked.site)
    at_desk(client, clocked.site, INTAKE)
    assert person["case_id"] in client.get(f"/desk/open?number={letter_number(person['notice_id']).lower()}").text
    name = clocked.site.store.held(person["case_id"])["address"]["name"]
    for asked in (name, person["person_id"], ""):
        assert 'desk/open" novalidate' not in client.get("/desk/open", params={"number": asked}).text


def test_one_official_opens_so_many_cases_a_day(client, clocked):
    from callup.app.standing import summonses

    cases = summonses(clocked.site.course).column("case_id").to_pylist()
    at_desk(client, clocked.site, INTAKE)
    for number in range(DAILY_ALLOWANCE):
        proof = {"evidence": "0" * 64, "case_id": f"{number:024x}", "reason": "work"}
        add_fact(clocked.site.facts, "read", f"clerk: {INTAKE}", (DAY, DAY), proof)
    answer = open_case(client, clocked.site, INTAKE, cases[0])
    assert (answer.status_code, "as many cases today" in answer.text) == (422, True)
    assert open_case(client, clocked.site, OTHER, cases[0]).status_code == 303


def test_roles_allow_what_the_table_says_and_no_more(client, clocked):
    person = somebody(clocked.site)
    claim(clocked.site, person)
    for name, path in ((OPERATOR, "/desk/watch"), (AUDITOR, "/desk/post"), (INTAKE, "/desk/watch"), ("Nobody at all", "/desk/proposals")):
        at_desk(client, clocked.site, name)
        assert client.get(path).status_code == 403, (name, path)
    for name in (OPERATOR, AUDITOR, "Stand-in One", "Nobody at all"):
        assert open_case(client, clocked.site, name, person["case_id"]).status_code == 403, name
    assert facts(clocked.site, person, "read") == []
    client.cookies.clear()
    assert client.get("/desk").status_code == 401
    assert matrix().count("\n") == len(ROLES) + 1


# ---- two decide


def test_one_proposes_another_decides_and_then_it_is_one_fact(client, clocked, store):
    person = somebody(clocked.site)
    claimed = claim(clocked.site, person)
    assert propose(client, clocked.site, person, "refused").status_code == 303
    own = say(client, "/desk/decide", proposal="1", accept="yes")
    assert own.status_code == 403, "intake decides nothing"
    assert decide(client, clocked.site, store, person).status_code == 303
    assert facts(clocked.site, person, "decided") == [], "it can still be undone"
    clocked.time += UNDO
    client.get("/desk")
    client.get("/desk")
    (decided,) = facts(clocked.site, person, "decided")
    assert (decided["actor"], decided["second"]) == (f"official: {INTAKE}", DECIDER)
    assert (decided["ref"], decided["outcome"], decided["reason"]) == (claimed["fact_id"], "refused", "the paper is not a certificate")
    assert store.proposal(1).state == "recorded"
    law = f"freedonia {load('freedonia').version}"
    committed = decision_text(store.proposal(1), law)
    assert law in committed, "the law's version stands in what the acts log commits to"
    assert decided["evidence"] == hashlib.sha256(committed.encode()).hexdigest()
    open_case(client, clocked.site, DECIDER, person["case_id"])
    assert law in client.get(f"/desk/case/{person['case_id']}").text


def test_nobody_is_their_own_second_by_any_way(client, clocked, store):
    """Four eyes in the domain, in the table, and in the facts: threat T3."""
    person = somebody(clocked.site)
    claim(clocked.site, person)
    propose(client, clocked.site, person, "granted", name=DECIDER)
    answer = decide(client, clocked.site, store, person, name=DECIDER)
    assert (answer.status_code, "Somebody else" in answer.text) == (403, True)
    with pytest.raises(ConstraintBroken):
        store._base.run("UPDATE proposal SET second = first, state = 'accepted'")
    with pytest.raises(ConstraintBroken):
        store._base.run("UPDATE proposal SET state = 'recorded'")
    with pytest.raises(ConstraintBroken):
        store._base.run("UPDATE proposal SET outcome = 'refused'")
    assert facts(clocked.site, person, "decided") == []


def test_the_second_reads_the_file_first(client, clocked, store):
    person = somebody(clocked.site)
    claim(clocked.site, person)
    propose(client, clocked.site, person, "refused")
    at_desk(client, clocked.site, DECIDER)
    answer = say(client, "/desk/decide", proposal="1", accept="yes")
    assert (answer.status_code, "Open the case first" in answer.text) == (403, True)


def test_what_was_accepted_can_be_undone_for_a_while_by_the_second(client, clocked, store):
    person = somebody(clocked.site)
    claim(clocked.site, person)
    propose(client, clocked.site, person, "refused")
    decide(client, clocked.site, store, person)
    at_desk(client, clocked.site, SECOND)
    assert say(client, "/desk/undo", proposal="1").status_code == 403
    at_desk(client, clocked.site, DECIDER)
    assert say(client, "/desk/undo", proposal="1").status_code == 303
    assert (store.proposal(1).state, store.proposal(1).second) == ("open", None)
    say(client, "/desk/decide", proposal="1", accept="no", note="the certificate is there")
    assert (store.proposal(1).state, store.proposal(1).note) == ("sent back", "the certificate is there")
    assert "the certificate is there" in client.get(f"/desk/case/{person['case_id']}").text
    clocked.time += UNDO
    client.get("/desk")
    assert facts(clocked.site, person, "decided") == []
    assert say(client, "/desk/undo", proposal="1").status_code == 403


def test_undoing_ends_before_recording_begins(client, clocked, store):
    """At no second may a decision be both taken back and recorded."""
    person = somebody(clocked.site)
    claim(clocked.site, person)
    propose(client, clocked.site, person, "refused")
    decide(client, clocked.site, store, person)
    clocked.time += UNDO
    assert say(client, "/desk/undo", proposal="1").status_code == 403
    stood_back = say(client, "/desk/recuse", case=person["case_id"], reason="my neighbour")
    assert (stood_back.status_code, store.proposal(1).state) == (200, "accepted"), "too late to take it back by standing back"
    client.get("/desk")
    assert (len(facts(clocked.site, person, "decided")), store.proposal(1).state) == (1, "recorded")


def test_the_same_form_twice_proposes_and_decides_once(client, clocked, store):
    person = somebody(clocked.site)
    claim(clocked.site, person)
    assert [propose(client, clocked.site, person, "refused").status_code for _ in range(2)] == [303, 303]
    open_case(client, clocked.site, DECIDER, person["case_id"])
    assert [say(client, "/desk/decide", proposal="1", accept="yes").status_code for _ in range(2)] == [303, 303]
    assert say(client, "/desk/decide", proposal="1", accept="no").status_code == 422, "another decision is not the same"
    assert [one.state for one in store.proposals("case_id NOT LIKE 'role %'")] == ["accepted"]


def test_a_decision_that_cannot_be_recorded_goes_back_and_stops_no_other(client, clocked, store, monkeypatch):
    people = [somebody(clocked.site, at) for at in range(2)]
    for person in people:
        claim(clocked.site, person)
        propose(client, clocked.site, person, "granted")
        decide(client, clocked.site, store, person)
    clocked.time += UNDO
    told = acting.fact_of
    broken = people[0]["case_id"]
    monkeypatch.setattr(acting, "fact_of", lambda one, asked: told(one, asked) | ({"outcome": "maybe"} if one.case_id == broken else {}))
    client.get("/desk")
    assert [len(facts(clocked.site, person, "decided")) for person in people] == [0, 1]
    first, second = store.proposals("case_id NOT LIKE 'role %'")
    assert (first.state, "outcome" in first.note, second.state) == ("sent back", True, "recorded")


def test_a_stop_between_recording_and_remembering_records_it_once(client, clocked, store, monkeypatch):
    person = somebody(clocked.site)
    claim(clocked.site, person)
    propose(client, clocked.site, person, "granted")
    decide(client, clocked.site, store, person)
    clocked.time += UNDO
    real = DeskStore.move
    with monkeypatch.context() as patch:
        patch.setattr(DeskStore, "move", lambda *asked: (_ for _ in ()).throw(SystemError("stopped")))
        answer = client.get("/desk")
        assert (answer.status_code, "Nothing that you sent is lost" in answer.text) == (500, True)
    assert DeskStore.move is real
    assert (len(facts(clocked.site, person, "decided")), store.proposal(1).state) == (1, "accepted")
    client.get("/desk")
    assert (len(facts(clocked.site, person, "decided")), store.proposal(1).state) == (1, "recorded")


def test_what_happened_meanwhile_overtakes_a_proposal(client, clocked, store):
    person = somebody(clocked.site)
    claimed = claim(clocked.site, person)
    propose(client, clocked.site, person, "refused")
    decide(client, clocked.site, store, person)
    back = {"evidence": "0" * 64, "case_id": person["case_id"], "ref": claimed["fact_id"]}
    add_fact(clocked.site.facts, "claim_withdrawn", "person", (DAY, DAY), back)
    clocked.time += UNDO
    client.get("/desk")
    assert (facts(clocked.site, person, "decided"), store.proposal(1).state) == ([], "overtaken")
    again = open_case(client, clocked.site, INTAKE, person["case_id"])
    assert again.status_code == 303
    answer = say(client, "/desk/propose", case=person["case_id"], act="decided refused", reason="late")
    assert (answer.status_code, "not due any more" in answer.text) == (422, True)


def test_only_grants_are_decided_together(client, clocked, store):
    """Safeguard G9: what is against a person is decided one case at a time."""
    people = [somebody(clocked.site, at) for at in range(3)]
    for person, outcome in zip(people, ("granted", "granted", "refused"), strict=True):
        claim(clocked.site, person)
        propose(client, clocked.site, person, outcome)
    for person in people:
        open_case(client, clocked.site, DECIDER, person["case_id"])
    mixed = say(client, "/desk/decide", proposal=["1", "2", "3"], accept="yes")
    assert (mixed.status_code, {one.state for one in store.proposals("TRUE")} >= {"open"}) == (403, True)
    assert "Decide the ticked grants" in client.get("/desk/proposals").text
    assert say(client, "/desk/decide", proposal=["1", "2"], accept="yes").status_code == 303
    assert [one.state for one in store.proposals("case_id NOT LIKE 'role %'")] == ["accepted", "accepted", "open"]
    text = client.get("/desk/proposals").text
    assert "The same words stand in 2 other proposals" in text


def test_one_proposal_waits_in_a_case_at_a_time(client, clocked, store):
    person = somebody(clocked.site)
    claim(clocked.site, person)
    propose(client, clocked.site, person, "refused")
    answer = propose(client, clocked.site, person, "granted", name=OTHER)
    assert (answer.status_code, "Another proposal waits" in answer.text) == (422, True)


def test_fitness_is_found_by_the_board_and_by_nobody_else(client, clocked, store):
    person = somebody(clocked.site)
    base = {"evidence": "0" * 64, "case_id": person["case_id"]}
    add_fact(clocked.site.facts, "responded", "person", (DAY, DAY), base | {"channel": "portal"})
    add_fact(clocked.site.facts, "appeared", "desk", (DAY, DAY), base)
    open_case(client, clocked.site, INTAKE, person["case_id"])
    assert say(client, "/desk/propose", case=person["case_id"], act="assessed fit", reason="seen").status_code == 403
    open_case(client, clocked.site, "Stand-in board 1", person["case_id"])
    assert say(client, "/desk/propose", case=person["case_id"], act="assessed unfit", reason="seen").status_code == 303
    assert decide(client, clocked.site, store, person, name=DECIDER).status_code == 403
    assert decide(client, clocked.site, store, person, name="Stand-in board 2").status_code == 303
    clocked.time += UNDO
    client.get("/desk")
    (found,) = facts(clocked.site, person, "assessed")
    assert (found["actor"], found["outcome"], found["second"]) == ("board: Stand-in board 1", "unfit", "Stand-in board 2")


# ---- the queue


def test_the_queue_brought_up_case_by_case_is_the_queue_laid_anew(clocked, store):
    site, desk = clocked.site, desk_of(clocked.site)
    people = [somebody(site, at) for at in range(5)]
    for day in range(0, 60, 6):
        clocked.day = DAY + timedelta(days=day)
        for number, person in enumerate(people):
            proof = {"evidence": f"{day:032}{number:032}", "case_id": person["case_id"]}
            kind, more = [("claimed", {"ground": "deferral"}), ("service_contested", {"notice_id": person["notice_id"]})][number % 2]
            if (day // 6 + number) % 3 == 0:
                add_fact(site.facts, kind, "person", (clocked.day, clocked.day), proof | more)
            bring_up(site, desk.store)
        mine = desk.store._base.rows("SELECT * FROM queue ORDER BY case_id")
        lay(site, desk.store)
        assert mine == desk.store._base.rows("SELECT * FROM queue ORDER BY case_id")
        assert desk.store.laid_on() == (clocked.day.isoformat(), site.facts.last_seq())
    assert len(mine) >= 5
    pages, after = [], ""
    while rows := desk.store.waiting(["*"], ["decide-claim", "resolve-contest"], after, 2):
        pages += [row["case"] for row in rows]
        after = rows[-1]["cursor"]
    assert sorted(pages) == sorted({person["case_id"] for person in people})
    desk.store.close()
