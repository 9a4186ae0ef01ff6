"""What must I do, by when, and what if I do nothing: in general before anybody signs in, to the day after."""

import html
import re
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from app.portal_line import DAY, sign_in, somebody
from app.portal_line import nonce_of as nonce

from callup.app.acts import add_fact
from callup.app.known import jurisdiction
from callup.app.web.pages import form_of, long_date
from callup.app.web.person.deadlines import by_when, comes, duty_now, may_follow
from callup.app.web.person.view import general_days
from callup.app.web.words import words_of
from callup.jurisdictions import available
from callup.terms.facts import STATES, TERMINAL

EN = words_of("en")
EIGHTH = long_date(DAY, "en")
WHERE = {"at": "09:00", "place": "Town Hall", "state": "how it stands"}


def after(days):
    return long_date(DAY + timedelta(days=days), "en")


def text_of(page):
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", page)).split())


def answers(page):
    """What stands under each question of one's own notice, in order."""
    rows = re.findall(r"summary-list__key\">(.*?)</dt>(.*?)</dd>", page, re.S)
    return [text_of(answer) for _, answer in rows[:5]]


def standing(**changed):
    told = {"state": "served", "suspended": False, "appear_on": DAY + timedelta(days=30), "served_on": DAY, "clocks": ()}
    return SimpleNamespace(**(told | {"respond_by": DAY + timedelta(days=14)} | changed))


def test_before_anybody_signs_in_the_five_questions_have_an_answer_each_and_the_third_says_days_and_articles(client, clocked):
    page = text_of(client.get("/").text)
    decree, procedure = clocked.site.course.decree, clocked.site.course.jurisdiction.procedure.at(DAY)
    asked = [one["ask"] for one in form_of(clocked.site, "en", "letter")["questions"]]
    places = [page.index(one) for one in asked]
    assert places == sorted(places)
    when = page[places[2] : places[3]]
    response, remedy = procedure.clock("response"), next(one for one in procedure.remedies if one.against == "notice")
    assert f"between {long_date(decree.opens_on, 'en')} and {long_date(decree.closes_on, 'en')}" in when
    assert f"{response.days} days, counted from the day on which the letter was served. Article: {response.citation}." in when
    assert f"{remedy.days} days from service" in when
    assert str(remedy.citation) in when
    (may,) = procedure.consequences
    assert str(may.citation) in page[places[3] : places[4]], "what others may do if nothing is done"
    assert "the day below" not in page, "there is no day below"


@pytest.mark.parametrize("code", available())
def test_every_country_says_by_when_in_each_of_its_languages(code):
    found = jurisdiction(code)
    decree = SimpleNamespace(opens_on=date(2026, 4, 1), closes_on=date(2026, 7, 15))
    site = SimpleNamespace(course=SimpleNamespace(decree=decree, jurisdiction=found), today=lambda: date(2026, 4, 2))
    procedure = found.procedure.at(date(2026, 4, 2))
    cited = [
        str(one.citation) for one in (procedure.clock("response"), *procedure.remedies) if getattr(one, "against", "notice") == "notice"
    ]
    for language in found.forms:
        told = general_days(site, language)
        assert "{" not in " ".join(told)
        assert len(told) == 2 + len(cited)
        for article in cited:
            assert any(article in line for line in told), (language, article)
        clock = procedure.clock("response")
        said = words_of(language)["start_answer_working" if clock.working else "start_answer"]
        assert said.format(days=clock.days, article=str(clock.citation)) == told[1]


def test_after_signing_in_it_is_said_to_the_day_and_changes_with_what_happens(client, clocked):
    site, person = clocked.site, somebody(clocked.site)
    sign_in(client, person)
    page = client.get("/notice").text
    _, must, when, silence, _ = answers(page)
    come = long_date(person["appear_on"], "en")
    assert must.startswith(f"Come on {come} at {person['appear_at']} to ")
    assert f"You may answer until {long_date(DAY + timedelta(days=14), 'en')}. Article: Service Procedure Act 2020, art. 4(2)." in when
    assert when.index("You may answer until") < when.index(f"You are to come on {come}"), "the earliest first"
    assert f"from {long_date(DAY + timedelta(days=30), 'en')} on: A court may fine you. Article: Service Act 2020, art. 20" in silence
    client.post("/notice/receipt", data={"nonce": nonce(page, "/notice/receipt")})
    _, must, when, silence, _ = answers(client.get("/notice").text)
    assert "You may answer until" not in when
    assert f"You are to come on {come}" in when
    assert "A court may fine you" not in silence
    back = {"case_id": person["case_id"], "notice_id": person["notice_id"], "reason": "a mistake", "second": "B", "evidence": "0" * 64}
    add_fact(site.facts, "withdrawn", "official: A", (DAY, DAY), back)
    page = client.get("/notice").text
    _, must, when, _, _ = answers(page)
    assert "The authority took the notice back." in must
    assert "Come on" not in must
    assert when.endswith(EN["nothing_due"])
    assert "appointment.ics" not in page


def test_who_has_nothing_to_come_to_is_not_told_to_come():
    for state in STATES:
        found = standing(state=state)
        said = " ".join([*duty_now(found, DAY, WHERE, EN), *by_when(found, [], DAY, EN)])
        assert ("Come on" in said) == comes(found) == (state in ("called", "served", "answered", "claim pending")), state
        assert ("how it stands" in said) != comes(found), state
        assert ("counts as served since" in said) == (state not in TERMINAL), state
    rests = " ".join(
        [*duty_now(standing(suspended=True), DAY, WHERE, EN), *by_when(standing(suspended=True, respond_by=None), [], DAY, EN)]
    )
    assert EN["rests"] in rests
    assert "ome on" not in rests


def test_the_day_itself_is_still_to_come_and_the_day_after_is_over():
    found = standing(appear_on=DAY, respond_by=DAY)
    assert f"Come on {EIGHTH} at 09:00" in duty_now(found, DAY, WHERE, EN)[0]
    assert len(by_when(found, [], DAY, EN)) == 2
    later = DAY + timedelta(days=1)
    assert duty_now(found, later, WHERE, EN)[0] == EN["day_passed"].format(date=EIGHTH)
    assert by_when(found, [], later, EN) == [EN["answer_late"].format(date=EIGHTH)]
    assert duty_now(found, DAY, WHERE | {"at": ""}, EN)[0] == EN["come_day"].format(date=EIGHTH, place="Town Hall")


def test_a_paper_that_is_wanted_and_a_refusal_that_arrived_have_their_days():
    def row(kind, number, **fields):
        return {"kind": kind, "fact_id": number, "ref": None, "until": None, "outcome": None, "happened_on": DAY} | fields

    wait = {"starts_on": DAY, "ends_on": DAY + timedelta(days=30), "days": 30, "working": False, "over": False}
    clock = SimpleNamespace(name="appeal", citation="Act {7}", **wait)
    found = standing(state="claim pending", clocks=(clock,), appear_on=None)
    asked, refused = row("papers_asked", "a", ref="c", until=DAY + timedelta(days=5)), row("decided", "d", outcome="refused", ref="c")
    served = row("decision_served", "s", ref="d")
    told = by_when(found, [asked, refused, served], DAY, EN)
    assert told == [EN["papers_by"].format(date=after(5)), EN["appeal_until"].format(date=after(30)) + " Article: Act 7."]
    challenge = EN["appeal_until"].format(date=after(28)) + " Article: Act 7."
    assert by_when(found, [refused, served], DAY, EN, 28) == [challenge], "as the letter says, though callup waits longer"
    rest = [row("papers_given", "g", ref="c"), row("appealed", "x", ref="d")]
    assert by_when(found, [asked, refused, served, *rest], DAY, EN) == [EN["nothing_due"]]
    assert by_when(found, [refused], DAY, EN) == [EN["nothing_due"]], "it has not arrived"
    granted = row("decided", "d", outcome="granted", ref="c")
    assert by_when(found, [granted, served], DAY, EN) == [EN["nothing_due"]]


def test_what_may_follow_begins_with_service_or_with_posting_and_never_for_who_answered():
    fine = SimpleNamespace(key="fine", from_clock="served", days=30, citation="art. 20")
    other = SimpleNamespace(key="other", from_clock="posted", days=7, citation="art. 21")
    law = ([fine, other], {"consequences": {"fine": {"text": "A fine."}, "other": {"text": "Another."}}})
    posted = [{"kind": "handed_over", "happened_on": DAY - timedelta(days=3)}]
    assert may_follow(standing(), posted, law, EN) == [
        f"If nothing is done, from {after(30)} on: A fine. Article: art. 20.",
        f"If nothing is done, from {after(4)} on: Another. Article: art. 21.",
    ]
    assert len(may_follow(standing(state="called", served_on=None), posted, law, EN)) == 1, "the law may begin before service"
    assert may_follow(standing(state="answered"), posted, law, EN) == []
    assert may_follow(standing(suspended=True), posted, law, EN) == []


def test_whoever_is_refused_a_page_is_shown_the_way_on(client, clocked):
    """Back to the notice where one is signed in; where one is not known surely enough, the surer ways in."""
    clocked.site.ways = {"state": "The state's sign-in"}
    sign_in(client, somebody(clocked.site))
    for path, status in (("/notice/appeal", 404), ("/record", 403)):
        answer = client.get(path)
        assert answer.status_code == status
        assert f'<a class="govuk-link" href="/notice">{words_of("en")["back"]}</a>' in answer.text
    assert 'href="/sign-in/state"' in client.get("/record").text
    assert 'href="/sign-in/state"' not in client.get("/notice/appeal").text
    client.cookies.clear()
    assert words_of("en")["back"] not in client.get("/nowhere").text
