"""The portal as a person uses it: sign in, read, answer, ask, contest; nothing lost, nothing twice, nobody locked out."""

import hashlib
import json
import re
from datetime import date

import pytest
from app.portal_line import DAY, at_desk, session_of, sign_in, somebody
from app.portal_line import nonce_of as nonce

from callup.app.known import jurisdiction
from callup.app.web.site import IDLE, LONGEST, plain_code
from callup.app.web.words import _read, chosen, languages, words_of
from callup.jurisdictions import available
from callup.notice.codes import letter_number
from callup.terms.facts import STATES


def known_surely(client, site, person):
    """A session of somebody who showed who they are, as another way in will open one."""
    site.store.open_session("a token", person["case_id"], "passkey", 1_000_000)
    client.cookies.set("__Host-callup", "a token")


def facts(site, person, kind):
    return [row for row in site.facts.of_case(person["case_id"]).to_pylist() if row["kind"] == kind]


# ---- words


def test_no_language_lacks_a_word_and_every_state_has_one():
    spoken = {language for code in available() for language in jurisdiction(code).forms}
    assert spoken <= set(languages()), "every language of every country's forms"
    keys = {language: set(words_of(language)) for language in languages()}
    assert keys["en"] >= {f"state {state}" for state in STATES}
    assert {language: keys["en"] ^ found for language, found in keys.items() if keys["en"] != found} == {}
    for language in languages():
        for key, text in words_of("en").items():
            holes = re.findall(r"\{\w+\}", text)
            assert sorted(re.findall(r"\{\w+\}", words_of(language)[key])) == sorted(holes), (language, key)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("ru", "ru"), ("de, ru;q=0.5, en;q=0.9", "en"), ("", "ru"), ("en;q=x, ru;q=0.1", "ru"), ("ru;q=0", "ru"), ("*", "ru")],
)
def test_the_language_is_the_browsers_wish_or_the_decrees_first(wanted, found):
    assert chosen(wanted, ("ru", "en")) == found


@pytest.mark.parametrize("language", languages())
def test_the_desk_speaks_the_language_as_it_speaks_english(language):
    english, found = (_read("callup.app.web.desk", name) for name in ("en", language))
    assert list(found) == list(english), "the same words in the same order"
    for key, text in english.items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", found[key])), key
    left = {key for key, text in english.items() if found[key] == text and " " in text}
    assert language == "en" or not left, "no sentence was left in English"


# ---- coming in


def test_code_and_birthday_open_ones_own_notice_and_nobody_elses(client, clocked):
    one, two = somebody(clocked.site), somebody(clocked.site, 1)
    assert client.get("/notice").status_code == 401
    answer = sign_in(client, one)
    assert (answer.status_code, answer.headers["location"]) == (303, "/notice")
    cookie = answer.headers["set-cookie"]
    assert all(word in cookie for word in ("__Host-callup=", "HttpOnly", "Secure", "SameSite=lax", "Path=/"))
    page = client.get("/notice").text
    assert letter_number(one["notice_id"]) in page
    assert letter_number(two["notice_id"]) not in page
    assert one["case_id"] not in page, "no number by which officials name a case"
    assert one["code"] not in page


@pytest.mark.parametrize("spoil", [{"code": "0" * 12}, {"born": date(1990, 1, 1)}, {"day": "x"}, {"code": ""}, {"year": ""}])
def test_what_does_not_belong_together_opens_nothing_and_locks_nobody_out(client, clocked, spoil):
    person = somebody(clocked.site)
    for _ in range(12):
        answer = sign_in(client, person, **spoil)
        assert answer.status_code == 422
        assert "set-cookie" not in answer.headers or "__Host-callup" not in answer.headers["set-cookie"]
        assert "as often as you like" in answer.text
    assert sign_in(client, person).status_code == 303


def test_a_code_may_be_typed_as_people_type(client, clocked):
    person = somebody(clocked.site)
    typed = person["code"].lower().replace("0", "o").replace("1", "l")
    assert sign_in(client, person, code=f" {typed[:4]} {typed[4:8]}-{typed[8:]} ").status_code == 303
    assert plain_code("il0O-1") == "11001"


def test_a_session_ends_by_itself_and_by_a_click_and_nothing_of_it_opens_later(client, clocked):
    person = somebody(clocked.site)
    sign_in(client, person)
    clocked.time += IDLE
    assert client.get("/notice").status_code == 200
    clocked.time += IDLE + 1
    over = client.get("/notice")
    assert (over.status_code, "Nothing that you sent is lost" in over.text) == (401, True)
    sign_in(client, person)
    for _ in range(LONGEST // IDLE + 1):
        clocked.time += IDLE - 1
        client.get("/notice")
    assert client.get("/notice").status_code == 401, "eight hours are the longest"
    sign_in(client, person)
    token = client.cookies["__Host-callup"]
    assert client.post("/sign-out", data={"nonce": nonce(client.get("/notice").text, "/sign-out")}).status_code == 200
    client.cookies.set("__Host-callup", token)
    assert client.get("/notice").status_code == 401


def test_the_files_alone_open_nothing(clocked):
    """Codes and tokens are kept as HMACs, and the pages of the file are encrypted."""
    person = somebody(clocked.site)
    token = session_of(clocked.site, person)
    clocked.site.store._base.run("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = b"".join(path.read_bytes() for path in (clocked.site.course.dossier.sealed / "70-portal").iterdir())
    assert not [word for word in (person["code"], token, person["case_id"], "Example Person") if word.encode() in whole]
    rows = str(clocked.site.store._base.rows("SELECT * FROM session UNION ALL SELECT code, case_id, number, 0, 0 FROM door"))
    assert person["code"] not in rows
    assert token not in rows


# ---- reading and sending


def test_the_first_reading_serves_the_notice_and_is_one_fact(client, clocked):
    person = somebody(clocked.site)
    sign_in(client, person)
    assert facts(clocked.site, person, "opened") == []
    first = client.get("/notice").text
    assert "counts as served since" in first
    client.get("/notice")
    (opened,) = facts(clocked.site, person, "opened")
    assert (opened["channel"], opened["actor"], opened["happened_on"]) == ("portal", "portal", DAY)


def test_what_is_sent_twice_is_received_once_with_one_number(client, clocked):
    person = somebody(clocked.site)
    sign_in(client, person)
    form = nonce(client.get("/notice").text, "/notice/receipt")
    answers = [client.post("/notice/receipt", data={"nonce": form}) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({re.search(r'panel__body">(\w+)', answer.text)[1] for answer in answers}) == 1
    assert len(facts(clocked.site, person, "responded")) == 1


def test_a_claim_stops_the_duty_at_once_and_the_page_says_so(client, clocked):
    person = somebody(clocked.site)
    sign_in(client, person)
    assert "you need not come" not in client.get("/notice").text
    form = client.get("/notice/claim")
    assert "Papers that count: a certificate" in form.text
    assert "Stops the duty to come" in form.text
    sent = {"nonce": nonce(form.text, "/notice/claim"), "kind": "deferral", "words": "I study until summer <b>2026</b>."}
    receipt = client.post("/notice/claim", data=sent)
    digest = hashlib.sha256(sent["words"].encode()).hexdigest()
    assert (receipt.status_code, digest in receipt.text) == (200, True)
    (claim,) = facts(clocked.site, person, "claimed")
    assert (claim["ground"], claim["evidence"]) == ("deferral", digest)
    page = client.get("/notice").text
    assert "you need not come" in page
    assert clocked.site.store.sent_by(person["case_id"])[-1].words == sent["words"], "the words are kept as they came"


@pytest.mark.parametrize("path", ["/notice/claim", "/notice/contest"])
def test_an_empty_form_is_said_and_nothing_is_sent(client, clocked, path):
    person = somebody(clocked.site)
    sign_in(client, person)
    answer = client.post(path, data={"nonce": nonce(client.get(path).text, path)})
    assert answer.status_code == 422
    assert "govuk-error-summary" in answer.text
    assert not facts(clocked.site, person, "claimed") + facts(clocked.site, person, "service_contested")


def test_a_contest_of_service_needs_one_sentence_and_takes_the_served_day_away(client, clocked):
    person = somebody(clocked.site)
    sign_in(client, person)
    client.get("/notice")
    form = client.get("/notice/contest")
    sent = {"nonce": nonce(form.text, "/notice/contest"), "words": "I found the letter open on the stairs."}
    assert client.post("/notice/contest", data=sent).status_code == 200
    assert len(facts(clocked.site, person, "service_contested")) == 1
    assert "counts as not served" in client.get("/notice").text


def test_only_a_refusal_can_be_challenged(client, clocked):
    person = somebody(clocked.site)
    sign_in(client, person)
    assert client.get("/notice/appeal").status_code == 404
    claim = client.get("/notice/claim").text
    client.post("/notice/claim", data={"nonce": nonce(claim, "/notice/claim"), "kind": "deferral", "words": "studies"})
    (claimed,) = facts(clocked.site, person, "claimed")
    decided = {"case_id": person["case_id"], "ref": claimed["fact_id"], "outcome": "refused", "reason": "no paper", "second": "Two"}
    from callup.app.acts import add_fact

    add_fact(clocked.site.facts, "decided", "official: One", (DAY, DAY), {**decided, "evidence": "0" * 64})
    form = client.get("/notice/appeal")
    assert form.status_code == 200
    answer = client.post("/notice/appeal", data={"nonce": nonce(form.text, "/notice/appeal"), "words": "I handed the paper in."})
    assert answer.status_code == 200
    (appeal,) = facts(clocked.site, person, "appealed")
    (decision,) = facts(clocked.site, person, "decided")
    assert appeal["ref"] == decision["fact_id"]


@pytest.mark.parametrize("kind", ["json", "html", "pdf"])
def test_everything_held_can_be_taken_along(client, clocked, kind):
    person = somebody(clocked.site)
    assert client.get(f"/record/{kind}").status_code == 401
    sign_in(client, person)
    assert client.get(f"/record/{kind}").status_code == 403, "whoever holds the letter is not surely the person"
    known_surely(client, clocked.site, person)
    answer = client.get(f"/record/{kind}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    if kind == "json":
        assert json.loads(answer.content)["notice"]["notice_id"] == person["notice_id"]
    assert client.get("/record/exe").status_code == 404


def test_who_looked_is_shown_with_the_reason(client, clocked):
    from callup.app.acts import record_reading

    person = somebody(clocked.site)
    record_reading(clocked.site.course, person["case_id"], "A. Example", "asked at the counter", DAY)
    known_surely(client, clocked.site, person)
    assert "asked at the counter" in client.get("/record").text


def test_whoever_holds_the_letter_says_it_is_not_theirs_without_a_name(client, clocked):
    person = somebody(clocked.site)
    form = nonce(client.get("/not-me").text, "/not-me")
    wrong = client.post("/not-me", data={"nonce": form, "number": "0000-0000-0000-0000-0000"})
    assert (wrong.status_code, "no letter of this number" in wrong.text) == (422, True)
    done = client.post("/not-me", data={"nonce": nonce(wrong.text, "/not-me"), "number": letter_number(person["notice_id"]).lower()})
    assert done.status_code == 200
    assert "Example Person" not in done.text
    assert len(facts(clocked.site, person, "not_for_me")) == 1


# ---- forged, busy, stopped


@pytest.mark.parametrize(
    "spoil",
    [
        {"headers": {"Sec-Fetch-Site": "cross-site"}},
        {"headers": {"Origin": "https://elsewhere.local"}},
        {"nonce": "0" * 64},
        {"nonce": ""},
        {"form": "contest"},
    ],
)
def test_a_form_from_elsewhere_is_refused_and_nothing_is_recorded(client, clocked, spoil):
    person = somebody(clocked.site)
    sign_in(client, person)
    token = client.cookies["__Host-callup"]
    drawn = spoil.get("nonce", clocked.site.nonce(token, spoil.get("form", "receipt")))
    answer = client.post("/notice/receipt", data={"nonce": drawn}, headers=spoil.get("headers", {}))
    assert answer.status_code == 403
    assert facts(clocked.site, person, "responded") == []


def test_a_form_of_another_session_is_refused(client, clocked):
    one, two = somebody(clocked.site), somebody(clocked.site, 1)
    sign_in(client, one)
    form = nonce(client.get("/notice").text, "/notice/receipt")
    sign_in(client, two)
    assert client.post("/notice/receipt", data={"nonce": form}).status_code == 403


def test_every_answer_says_what_its_page_may_do(client, clocked):
    sign_in(client, somebody(clocked.site))
    for path in ("/", "/sign-in", "/notice", "/record", "/not-me", "/nowhere", "/static/callup.css"):
        answer = client.get(path)
        assert answer.headers["content-security-policy"].startswith("default-src 'none'"), path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert not re.findall(r"<script|(?:src|href)=.https?:", answer.text), path
    assert "script-src" in client.get("/v").text


def test_why_me_is_explained_for_a_day_on_which_it_is_so(client, clocked):
    """Somebody who comes of age inside the window is liable from the birthday on: on the key date no rule would show it."""
    site = clocked.site
    for at, (born, since) in enumerate(((date(2006, 4, 20), "2025-04-20"), (date(2001, 4, 20), "2025-04-01"))):
        person = somebody(site, at)
        held = site.store.held(person["case_id"])
        held["register"]["born_on"], held["finding"]["liable_from"] = born.isoformat(), since
        site.store._base.run("UPDATE door SET held = ? WHERE case_id = ?", (json.dumps(held), person["case_id"]))
        sign_in(client, {"code": person["code"], "born": born})
        first = re.search(r"owes service\.</td>.*?</td><td[^>]*>([^<]+)</td>", client.get("/notice/why").text, re.S)[1]
        assert first == "holds"


def test_the_letters_code_shows_no_value_of_the_register(client, clocked):
    """Whoever found the letter and knows a birthday sees rules and articles, never health, children or an address."""
    person = somebody(clocked.site)
    held = clocked.site.store.held(person["case_id"])
    sign_in(client, person)
    for path in ("/", "/notice", "/notice/why", "/notice/claim", "/record"):
        text = client.get(path).text
        assert "What the register says</h2>" not in text
        assert held["address"]["address_line"] not in text
    known_surely(client, clocked.site, person)
    assert "What the register says</h2>" in client.get("/notice/why").text


def test_a_claim_can_be_taken_back_by_its_owner_once_and_by_nobody_else(client, clocked):
    one, two = somebody(clocked.site), somebody(clocked.site, 1)
    sign_in(client, one)
    claim = client.get("/notice/claim").text
    client.post("/notice/claim", data={"nonce": nonce(claim, "/notice/claim"), "kind": "deferral", "words": "studies"})
    page = client.get("/notice").text
    ref = re.search(r'name="ref" value="(\w+)"', page)[1]
    sign_in(client, two)
    other = clocked.site.nonce(client.cookies["__Host-callup"], "withdraw")
    assert client.post("/notice/withdraw", data={"nonce": other, "ref": ref}).status_code == 404
    sign_in(client, one)
    page = client.get("/notice").text
    answer = client.post("/notice/withdraw", data={"nonce": nonce(page, "/notice/withdraw"), "ref": ref})
    assert answer.status_code == 200
    (back,) = facts(clocked.site, one, "claim_withdrawn")
    assert back["ref"] == ref
    after = client.get("/notice").text
    assert "you need not come" not in after
    assert 'action="/notice/withdraw"' not in after


def test_who_speaks_for_me_stands_in_my_words_and_not_in_the_facts(client, clocked):
    person = somebody(clocked.site)
    sign_in(client, person)
    empty = client.post("/notice/represent", data={"nonce": nonce(client.get("/notice/represent").text, "/notice/represent")})
    assert empty.status_code == 422
    sent = {"nonce": nonce(empty.text, "/notice/represent"), "words": "My sister, Example Street 1"}
    assert client.post("/notice/represent", data=sent).status_code == 200
    (named,) = facts(clocked.site, person, "represented")
    assert named["ground"] == "representative"
    assert clocked.site.store.sent_by(person["case_id"])[-1].words == sent["words"]


def test_a_reloaded_form_address_shows_the_page_before_it(client, clocked):
    sign_in(client, somebody(clocked.site))
    assert client.get("/notice/receipt", follow_redirects=False).headers["location"] == "/notice"
    assert client.get("/sign-out", follow_redirects=False).headers["location"] == "/"


def test_pressure_is_reported_in_two_clicks_without_a_name(client, clocked):
    assert 'href="/pressure"' in client.get("/").text
    form = nonce(client.get("/pressure").text, "/pressure")
    wrong = client.post("/pressure", data={"nonce": form, "kind": "", "words": "x"})
    assert (wrong.status_code, "govuk-error-summary" in wrong.text) == (422, True)
    said = {"nonce": nonce(wrong.text, "/pressure"), "kind": "contract", "unit": "FR-N", "words": "They said I must sign."}
    assert client.post("/pressure", data=said).status_code == 200
    (told,) = [row for row in clocked.site.facts.rows_of_nobody() if row["kind"] == "pressure_reported"]
    assert (told["ground"], told["case_id"], told["actor"]) == ("contract FR-N", None, "person")
    at_desk(client, clocked.site, "Stand-in ombudsman 1")
    assert "They said I must sign." in client.get("/desk/watch").text
    at_desk(client, clocked.site, "Stand-in auditor 1")
    assert "They said I must sign." not in client.get("/desk/watch").text
