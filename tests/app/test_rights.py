"""What others owe somebody who is called, and what a person reads first: the five questions, in their order, the second of a receipt."""

import re
from html import unescape

from app.portal_line import nonce_of as nonce
from app.portal_line import sign_in, somebody

from callup.app.known import jurisdiction
from callup.app.web.pages import form_of
from callup.app.web.words import languages, rights_of, words_of
from callup.jurisdictions import available


def test_every_country_says_in_each_language_what_a_person_may_ask_for():
    for code in available():
        country = jurisdiction(code)
        if 'asks = "answer"' in country.forms["en"]["letter.toml"]:
            continue  # nobody leaves work for a form
        wanted = {"pay", "time-off"} | ({"travel", "contract"} if country.procedure.military else set())
        rights = rights_of(code, "en")
        assert wanted <= {one["key"] for one in rights} <= {"pay", "time-off", "travel", "contract"}, code
        for one in rights:
            assert all(one[language].strip() for language in country.forms), (code, one["key"], "every language of the country")
            assert one["article"]
            assert not one["checked"] or "source" in one or code == "freedonia", (code, one["key"])
    assert rights_of("atlantis", "en") == []


def test_rights_are_read_without_signing_in_and_pressure_is_reported_in_two_clicks(client, clocked):
    assert 'href="/rights"' in client.get("/").text
    rights = client.get("/rights").text
    assert "You may refuse it" in rights
    assert "Article: Service Act 2020, art. 16." in rights
    assert 'href="/pressure"' in rights, "from here one click to the form, one to send it"
    form = client.get("/pressure").text
    sent = client.post("/pressure", data={"nonce": nonce(form, "/pressure"), "kind": "contract"})
    assert (sent.status_code, "Number " in sent.text) == (200, True)
    assert [row["kind"] for row in clocked.site.facts.rows_of_nobody()].count("pressure_reported") == 1
    sign_in(client, somebody(clocked.site))
    assert 'href="/rights"' in client.get("/notice").text


def test_the_notice_answers_the_five_questions_first_and_in_order(client, clocked):
    sign_in(client, somebody(clocked.site))
    page = client.get("/notice").text
    asks = ("Is it real?", "Must I do anything now?", "By when?", "What if I cannot or will not?", "Who helps me for free?")
    places = [page.index(one) for one in asks]
    assert places == sorted(places)
    assert page.index("How it stands") > places[-1]
    assert "No, it is a rehearsal" in page
    assert "{" not in page[places[0] : page.index("How it stands")], "nothing is left to be filled in"


def test_the_first_page_says_who_helps(client, clocked):
    start = client.get("/").text
    assert start.index("Is it real?") < start.index("Who helps me for free?")
    assert all(one["short"] in unescape(start) for one in form_of(clocked.site, "en", "procedure")["advice"].values())


def test_a_receipt_says_the_second(client, clocked):
    sign_in(client, somebody(clocked.site))
    answer = client.post("/notice/receipt", data={"nonce": nonce(client.get("/notice").text, "/notice/receipt")})
    assert "Time (UTC): 13:46:40." in answer.text, "the clock of the test stands at 1,000,000 seconds"


def test_no_word_of_ours_is_read_as_a_template():
    """Words are put into the pages before they are compiled (ADR 0044): one with braces of a template would be run."""
    for language in languages():
        found = {key: text for key, text in words_of(language).items() if re.search(r"\{\{|\{%|\{#", text)}
        assert found == {}, language
