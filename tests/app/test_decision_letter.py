"""The letter of a decision: in every language of the decree, with reasons, remedy, time and help; seen at the desk before it counts."""

import dataclasses
import re
from datetime import date, timedelta

import pypdfium2
import pytest
from app.desk_line import AUDITOR, DECIDER, INTAKE, OTHER, claim, decide, facts, propose, say
from app.portal_line import at_desk, open_case, sign_in, somebody

from callup.app.acts import add_fact
from callup.app.exports.decision import basis_of, decision_letter, decisions_in
from callup.app.web.desk.acting import UNDO
from callup.app.web.doors import notice_of
from callup.app.web.pages import form_of
from callup.app.web.words import languages, words_of
from callup.notice.decisions import Decided, decision_words

PLACES = re.compile(r"{(\w+)}")
KEYS = [key for key in words_of("en") if key.startswith("decision_")]
ASKED = {"kind": "claimed", "ground": "deferral", "happened_on": date(2025, 4, 8)}


def words_in(pdf):
    document = pypdfium2.PdfDocument(pdf)
    return " ".join("".join(page.get_textpage().get_text_range() for page in document).split())


def told_of(site, held, one):
    return decision_words(basis_of(site.course, held, one), held, one)


def decided(**changed):
    told = Decided(ASKED, "refused", None, "the paper is not a certificate", ("A. First", "B. Second"), date(2025, 4, 10))
    return dataclasses.replace(told, **changed)


@pytest.mark.parametrize("language", languages())
def test_every_language_says_it_in_its_own_words_with_the_same_places(language):
    here, english = words_of(language), words_of("en")
    for key in KEYS:
        assert set(PLACES.findall(here[key])) == set(PLACES.findall(english[key])), key
    assert language == "en" or all(here[key] != english[key] for key in KEYS)


def test_it_says_what_why_by_whom_how_to_go_against_it_and_who_helps(clocked):
    site = clocked.site
    held = site.store.held(somebody(site)["case_id"])
    told = told_of(site, held, decided())
    (part, *others) = told["parts"]
    forms = form_of(site, part["lang"], "procedure")
    assert part["lang"] == held["notice"]["language"]
    assert {one["lang"] for one in (part, *others)} == {*site.course.decree.languages, part["lang"]}
    text = words_in(decision_letter(site.course, held, decided()))
    remedy = next(one for one in site.course.jurisdiction.procedure.remedies if one.against == "decision")
    for said in (
        held["address"]["name"],
        forms["claims"]["deferral"]["text"],
        "the paper is not a certificate",
        "A. First",
        "B. Second",
        forms["remedies"]["decision"]["body"],
        str(remedy.days),
        str(remedy.citation),
        *(one["text"] for one in forms["advice"].values()),
    ):
        assert " ".join(said.split()) in text, said
    assert "PREVIEW" not in text
    assert decision_letter(site.course, held, decided()) == decision_letter(site.course, held, decided()), "the same bytes each time"


def test_a_prepared_reason_stands_in_the_words_of_each_language_and_free_words_as_they_are(clocked):
    site = clocked.site
    held, rule = site.store.held(somebody(site)["case_id"]), site.course.jurisdiction.law.rules[0]
    told = told_of(site, held, decided(reason=f"{rule.citation}: {rule.words} And a word."))
    for part in told["parts"]:
        said = site.law_words[part["lang"]].rules[rule.name]
        assert part["reason"] == f"{rule.citation}: {said} And a word."


def test_it_is_granted_until_a_day_and_a_contest_is_named(clocked):
    site = clocked.site
    held = site.store.held(somebody(site)["case_id"])
    (part, *_) = told_of(site, held, decided(outcome="granted", until=date(2025, 9, 1)))["parts"]
    assert "September" in part["outcome"]
    (part, *_) = told_of(site, held, decided(outcome="refused", come_on=date(2025, 9, 1)))["parts"]
    assert part["outcome"] == "It is refused. Please come on 1 September 2025."
    (part, *_) = told_of(site, held, decided(asked=ASKED | {"kind": "service_contested"}))["parts"]
    assert words_of("en")["contest"] in part["asked"]


TOLD_KINDS = (
    ("assessed", "fit", None, "appeared", "The board finds you fit."),
    ("assessed", "deferred", date(2025, 9, 1), "appeared", "The board puts it off until 1 September 2025, on a ground of health."),
    ("excused", "", None, "did_not_come", "Your reason is accepted. Nothing is held against you."),
    ("excused", "", date(2025, 9, 1), "did_not_come", "Please come on 1 September 2025."),
    ("inquired", "none-found", None, "did_not_come", "found no cause that excuses it"),
    ("inquired", "innocent-cause", None, "did_not_come", "You are not to blame"),
    ("referred", "", None, "did_not_come", "The court hears you and decides"),
)


@pytest.mark.parametrize(("kind", "outcome", "until", "about", "said"), TOLD_KINDS)
def test_findings_and_answers_to_an_absence_say_result_reason_names_remedy_and_help(clocked, kind, outcome, until, about, said):
    site = clocked.site
    held = site.store.held(somebody(site)["case_id"])
    asked = {"kind": about, "ground": None, "happened_on": date(2025, 4, 9), "appear_on": date(2025, 4, 7)}
    named = {"come_on": until} if kind == "excused" else {"until": until}
    one = decided(kind=kind, outcome=outcome, asked=asked, **named)
    (part, *_) = told_of(site, held, one)["parts"]
    forms = form_of(site, part["lang"], "procedure")
    remedy = next(one for one in site.course.jurisdiction.procedure.remedies if one.against == "decision")
    assert said in part["outcome"]
    assert ("9 April 2025" if about == "appeared" else "7 April 2025") in part["asked"]
    assert part["title"] == words_of("en")["decision_title_finding" if kind == "assessed" else "decision_title"]
    (way, days) = part["remedies"]
    assert way.startswith("You may contest this. Where: " + forms["remedies"]["decision"]["body"])
    assert f"within {remedy.days} days. Article: {remedy.citation}" in way
    assert days == words_of("en")["decision_from"]
    assert part["advice"] == [one["text"] for one in forms["advice"].values()]
    assert "A. First and B. Second" in part["by"]
    assert told_of(site, held, dataclasses.replace(one, reason=" "))["parts"][0]["reason"] == words_of("en")["decision_no_reason"]


ENDS = (("enlisted", "You are enlisted."), ("released", "You need not come."), ("withdrawn", "The notice is taken back."))


@pytest.mark.parametrize(("kind", "said"), ENDS)
def test_how_a_case_ends_by_an_act_of_two_is_told_with_remedy_and_help(clocked, kind, said):
    site = clocked.site
    held = site.store.held(somebody(site)["case_id"])
    (part, *_) = told_of(site, held, decided(kind=kind, outcome="", asked={}))["parts"]
    assert said in part["outcome"]
    assert part["asked"] == ""
    assert part["remedies"][0].startswith("You may contest this.")
    assert "PREVIEW" not in words_in(decision_letter(site.course, held, decided(kind=kind, outcome="", asked={})))


def test_a_finding_and_an_excuse_are_seen_before_they_count_and_stand_in_the_record(client, clocked, store):
    site, person = clocked.site, somebody(clocked.site)
    case, day = person["case_id"], clocked.day
    proof = {"case_id": case, "evidence": "0" * 64}
    add_fact(site.facts, "did_not_come", "desk", (day, day), proof | {"appear_on": "2025-04-07", "second": "B. Second"})
    open_case(client, site, INTAKE, case)
    for kind, outcome, words in (("excused", "", "Your reason is accepted"), ("assessed", "unfit", "The board finds you unfit")):
        number = store.propose((case, "FR-N", kind, None, outcome, f"why {kind}", None, OTHER, clocked.time))
        assert say(client, "/desk/decision", proposal=str(number)).status_code == 422, "nobody has accepted it"
        store.move(number, "open", "accepted", INTAKE, clocked.time)
        shown = words_in(say(client, "/desk/decision", proposal=str(number)).content)
        for said in (words, f"why {kind}", "PREVIEW", OTHER, INTAKE):
            assert said in shown, (kind, said)
        store.move(number, "accepted", "recorded", INTAKE, clocked.time)
    add_fact(site.facts, "excused", "official: A. First", (day, day), proof | {"reason": "ill that day", "second": "B. Second"})
    finding = {"outcome": "unfit", "reason": "the paper of the doctor", "second": "B. Second"}
    add_fact(site.facts, "assessed", "board: A. First", (day, day), proof | finding)
    site.store.open_session("sure", case, "oidc", clocked.time)
    client.cookies.clear()
    client.cookies.set("__Host-callup", "sure")
    page = client.get("/record").text
    for kind, reason in (("excused", "ill that day"), ("assessed", "the paper of the doctor")):
        (fact,) = facts(site, person, kind)
        assert f'href="/record/decision/{fact["fact_id"]}"' in page
        mine = words_in(client.get(f"/record/decision/{fact['fact_id']}").content)
        assert reason in mine
        assert "PREVIEW" not in mine
    (absent,) = facts(site, person, "did_not_come")
    assert client.get(f"/record/decision/{absent['fact_id']}").status_code == 404


def test_it_is_seen_at_the_desk_while_it_can_be_taken_back_and_comes_to_the_person(client, clocked, store):
    site, person = clocked.site, somebody(clocked.site)
    claim(site, person)
    propose(client, site, person, "refused")
    (one,) = store.proposals("case_id = ?", (person["case_id"],))
    early = say(client, "/desk/decision", proposal=str(one.id))
    assert early.status_code == 422, "nothing was accepted yet"
    decide(client, site, store, person)
    before = len(facts(site, person, "read"))
    page = client.get(f"/desk/case/{person['case_id']}").text
    assert 'action="/desk/decision"' in page
    shown = say(client, "/desk/decision", proposal=str(one.id))
    text = words_in(shown.content)
    assert (shown.headers["content-type"], shown.headers["cache-control"]) == ("application/pdf", "no-store")
    assert "PREVIEW" in text
    assert "the paper is not a certificate" in text
    assert INTAKE in text
    assert DECIDER in text
    looks = facts(site, person, "read")[before:]
    assert [row["actor"] for row in looks] == [f"clerk: {DECIDER}"], "the person reads who looked"
    for name in (OTHER, AUDITOR):
        at_desk(client, site, name)
        assert say(client, "/desk/decision", proposal=str(one.id)).status_code == 403, name
    clocked.time += UNDO
    client.get("/desk")
    (fact,) = facts(site, person, "decided")
    sign_in(client, person)
    at = f"/record/decision/{fact['fact_id']}"
    assert client.get(at).status_code == 403, "whoever holds the letter is not surely the person"
    site.store.open_session("sure", person["case_id"], "oidc", clocked.time)
    client.cookies.clear()
    client.cookies.set("__Host-callup", "sure")
    assert f'href="{at}"' in client.get("/record").text
    mine = words_in(client.get(at).content)
    assert "PREVIEW" not in mine
    assert "the paper is not a certificate" in mine
    other = somebody(site, 1)
    site.store.open_session("other", other["case_id"], "oidc", clocked.time)
    client.cookies.clear()
    client.cookies.set("__Host-callup", "other")
    assert client.get(at).status_code == 404


@pytest.mark.parametrize(
    ("ground", "outcome", "named", "said"),
    [
        ("other-date", "granted", "appear_on", "It is granted. Please come on "),
        ("other-date", "refused", "appear_on", "It is refused. Please come on "),
        ("deferral", "granted", "until", "It is granted until "),
    ],
)
def test_the_day_that_a_decision_names_is_told_and_holds(client, clocked, store, ground, outcome, named, said):
    """What the letter says is what the standing says: another date that was granted is the day to come."""
    person, day = somebody(clocked.site), clocked.day + timedelta(days=40)
    claim(clocked.site, person, ground)
    assert propose(client, clocked.site, person, outcome, until=clocked.day.isoformat()).status_code == 422, "the day is over"
    assert propose(client, clocked.site, person, outcome, until=day.isoformat()).status_code == 303
    decide(client, clocked.site, store, person)
    clocked.time += UNDO
    client.get("/desk")
    (fact,) = facts(clocked.site, person, "decided")
    assert {name: fact[name] for name in ("until", "appear_on")} == {"until": None, "appear_on": None} | {named: day}
    held, rows = clocked.site.store.held(person["case_id"]), clocked.site.facts.rows_of_case(person["case_id"])
    (part, *_) = told_of(clocked.site, held, decisions_in(rows)[fact["fact_id"]])["parts"]
    assert part["outcome"].startswith(said)
    assert str(day.day) in part["outcome"]
    found = clocked.site.standing(held, clocked.day)[0]
    assert found.appear_on == (day if named == "appear_on" else notice_of(held)["appear_on"])
