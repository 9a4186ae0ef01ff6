"""What somebody has begun to write is there the next time, on whatever device, and was not sent."""

import pytest
from app.portal_line import DAY, sign_in, somebody
from app.portal_line import nonce_of as nonce

from callup.app.acts import add_fact


def facts(site, person, kind):
    return [row for row in site.facts.rows_of_case(person["case_id"]) if row["kind"] == kind]


def test_what_was_begun_is_there_the_next_time_and_was_not_sent(client, clocked):
    person = somebody(clocked.site)
    sign_in(client, person)
    form = nonce(client.get("/notice/claim").text, "/notice/claim")
    said = {"nonce": form, "kind": "deferral", "words": "I study <at> the", "save": "yes"}
    assert "nothing was sent" in client.post("/notice/claim", data=said).text
    assert facts(clocked.site, person, "claimed") == []
    sign_in(client, person)
    page = client.get("/notice/claim").text
    assert "I study &lt;at&gt; the</textarea>" in page
    assert 'value="deferral" aria-describedby="kind-1-hint" checked' in page
    said = {"nonce": nonce(page, "/notice/claim"), "kind": "deferral", "words": "I study."}
    assert client.post("/notice/claim", data=said).status_code == 200
    assert "I study &lt;at&gt;" not in client.get("/notice/claim").text
    assert len(facts(clocked.site, person, "claimed")) == 1


@pytest.mark.parametrize("form", ["contest", "represent", "appeal"])
def test_every_form_with_words_can_be_saved_and_come_back_to_on_another_device(client, clocked, form):
    person = somebody(clocked.site)
    if form == "appeal":
        claimed = {"evidence": "1" * 64, "case_id": person["case_id"], "ground": "deferral"}
        add_fact(clocked.site.facts, "claimed", "person", (DAY, DAY), claimed)
        ref = facts(clocked.site, person, "claimed")[0]["fact_id"]
        refused = {"evidence": "2" * 64, "case_id": person["case_id"], "ref": ref, "outcome": "refused", "reason": "no", "second": "B"}
        add_fact(clocked.site.facts, "decided", "official: A", (DAY, DAY), refused)
    before = len(clocked.site.facts.rows_of_case(person["case_id"]))
    at = f"/notice/{form}"
    sign_in(client, person)
    said = {"nonce": nonce(client.get(at).text, at), "words": "It never <came>", "save": "yes"}
    assert "nothing was sent" in client.post(at, data=said).text
    client.cookies.clear()
    sign_in(client, person)
    page = client.get(at).text
    assert "It never &lt;came&gt;</textarea>" in page
    others = {"contest", "represent", "claim"} - {form}
    assert not any("never" in client.get(f"/notice/{other}").text for other in others), "each form keeps its own"
    assert len(clocked.site.facts.rows_of_case(person["case_id"])) == before
    assert client.post(at, data={"nonce": nonce(page, at), "words": "It never came."}).status_code == 200
    assert "never" not in client.get(at).text
    assert len(clocked.site.facts.rows_of_case(person["case_id"])) == before + 1


def test_whoever_is_erased_leaves_nothing_that_was_begun(clocked):
    case, store = somebody(clocked.site)["case_id"], clocked.site.store
    store.save_draft(case, "contest", ("", "words"), 1)
    store.forget(case)
    assert store.draft(case, "contest") == ("", "")
