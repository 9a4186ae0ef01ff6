"""Papers and proofs for programs: the same seals and the same quarantine as on the pages, and proofs that a stranger can check."""

import base64
import contextlib
import hashlib

import pytest
from app.portal_line import somebody
from app.test_api import official, signed_in
from app.test_papers import EICAR, document, picture
from litestar.testing import TestClient

from callup.app.logs import CallUpLogs
from callup.app.web.papers import PaperStore
from callup.app.web.storage import portal_key
from callup.draw import commitment, entry
from callup.terms.facts import VOCABULARY
from callup.tlog.witnessing import Proof


def hand_in(client, who, content, key="the first paper", name="a.pdf"):
    said = {"name": name, "content": base64.b64encode(content).decode()}
    return client.post("/api/v1/me/papers", json=said, headers=who | {"Idempotency-Key": key})


def surely(clocked, person, token="sure"):
    clocked.site.store.open_session(token, person["case_id"], "oidc", clocked.time)
    return {"Authorization": f"Bearer {token}"}


def scanned(clocked, clean):
    with contextlib.closing(clocked.site.storage.portal()) as base:
        PaperStore(base, portal_key(clocked.site.course)).scan(lambda content: clean)


def test_a_paper_is_handed_in_once_and_comes_back_to_its_owner_alone(client, clocked):
    person, other = somebody(clocked.site), somebody(clocked.site, 1)
    mine = signed_in(client, person)
    first, again = (hand_in(client, mine, document(), name="C:\\papers\\study.pdf") for _ in range(2))
    assert (first.status_code, first.json()) == (201, again.json()), "the same key twice is one act"
    paper = first.json()
    assert (paper["name"], paper["kind"], paper["state"]) == ("study.pdf", "application/pdf", "waiting")
    changed = hand_in(client, mine, picture())
    assert (changed.status_code, changed.json()["type"]) == (422, "urn:callup:key-of-another-act")
    assert client.get("/api/v1/me/papers", headers=mine).json() == [paper]
    at = f"/api/v1/me/papers/{paper['number']}"
    assert client.get(at, headers=mine).json() == paper
    assert client.get(f"{at}/content", headers=mine).status_code == 403, "whoever holds the letter is not surely the person"
    sure = surely(clocked, person)
    waits = client.get(f"{at}/content", headers=sure)
    assert (waits.status_code, waits.json()["type"]) == (409, "urn:callup:paper-waiting"), "nothing unscanned is served"
    scanned(clocked, clean=True)
    back = client.get(f"{at}/content", headers=sure)
    assert (hashlib.sha256(back.content).hexdigest(), client.get(at, headers=mine).json()["state"]) == (paper["digest"], "clean")
    assert back.headers["content-disposition"].startswith("attachment")
    for stranger in (surely(clocked, other, "other"), official(clocked, "Stand-in intake 1"), {}):
        assert client.get(at, headers=stranger).status_code in (401, 404)
        assert client.get(f"{at}/content", headers=stranger).status_code in (401, 404)


def test_what_was_found_harmful_or_cannot_be_read_is_refused(client, clocked):
    person = somebody(clocked.site)
    mine = signed_in(client, person)
    bad = hand_in(client, mine, EICAR)
    assert (bad.status_code, bad.json()["type"]) == (422, "urn:callup:paper-type")
    assert (
        client.post("/api/v1/me/papers", json={"name": "a", "content": "%%"}, headers=mine | {"Idempotency-Key": "no base64"}).status_code
        == 400
    )
    number = hand_in(client, mine, picture()).json()["number"]
    scanned(clocked, clean=False)
    gone = client.get(f"/api/v1/me/papers/{number}/content", headers=surely(clocked, person))
    assert (gone.status_code, gone.json()["type"]) == (410, "urn:callup:paper-refused")


@pytest.fixture
def entered(client, clocked):
    """Somebody who sent two things, both in the log, and one that is not yet."""
    person = somebody(clocked.site)
    mine = signed_in(client, person)
    client.post("/api/v1/me/receipt", headers=mine | {"Idempotency-Key": "a receipt"})
    client.post("/api/v1/me/requests", json={"kind": "deferral", "words": "I study"}, headers=mine | {"Idempotency-Key": "a request"})
    logs = CallUpLogs(clocked.site.course)
    logs.log_facts(clocked.site.course)
    client.post("/api/v1/me/contests", json={"words": "It never came"}, headers=mine | {"Idempotency-Key": "a contest"})
    return person, mine, logs


def opens(logs, proof, kind):
    """A stranger's check: with the policy and the proof alone."""
    read = Proof.read(proof.encode())
    salt, _, text = read.extra.decode().partition("\n")
    read.verify(entry(VOCABULARY[kind].act, commitment("open", salt, text)), logs.policy)
    return text


def test_each_receipt_has_its_proof_once_a_checkpoint_covers_it(client, entered):
    person, mine, logs = entered
    told = client.get("/api/v1/me/proofs", headers=mine).json()
    assert [one["kind"] for one in told] == ["responded", "claimed", "service_contested"]
    for one in told[:2]:
        assert person["case_id"] in opens(logs, one["proof"], one["kind"])
        assert one["digest"] in opens(logs, one["proof"], one["kind"]), "the digest of the words is in what was committed"
    assert (told[2]["index"], told[2]["proof"]) == (None, None), "not entered yet, and kept all the same"
    assert client.get("/api/v1/me/proofs").status_code == 401


def test_the_whole_record_comes_with_its_proofs(client, clocked, entered):
    person, _, logs = entered
    sure = surely(clocked, person)
    for whole in (client.get("/api/v1/me/record", headers=sure).json(), record_page(clocked, client)):
        kinds = {fact["fact"]: fact["kind"] for fact in whole["facts"]}
        proved = {kinds[one["fact"]]: opens(logs, one["proof"], kinds[one["fact"]]) for one in whole["proofs"]}
        assert {"called", "responded", "claimed"} <= set(proved)
        assert "service_contested" not in proved
        assert proved["called"].startswith("callup/notice/1")


def record_page(clocked, client):
    client.cookies.set("__Host-callup", "sure")
    assert isinstance(client, TestClient)
    return client.get("/record/json").json()
