"""Passkeys: made by whoever is surely known, then a way in; what another address, another key or an old answer says is refused."""

import pytest
from app.portal_line import HOME, nonce_of, sign_in, somebody
from app.soft_key import SoftKey
from litestar.testing import TestClient

from callup.app.web.serve import portal

HOST = "portal.local"


@pytest.fixture
def client(clocked):
    with TestClient(portal(clocked.site, home=HOME), base_url=HOME) as made:
        yield made


@pytest.fixture
def person(client, clocked):
    """Somebody who came in by a provider."""
    found = somebody(clocked.site)
    clocked.site.store.open_session("a token", found["case_id"], "oidc", clocked.time)
    client.cookies.set("__Host-callup", "a token")
    return found


def asked(client, path, page, **said):
    nonce = nonce_of(client.get(page).text, page)
    return client.post(path, json={"nonce": nonce, **said})


def make(client, key):
    challenge = asked(client, "/passkey/begin", "/passkey").json()["challenge"]
    return asked(client, "/passkey/finish", "/passkey", challenge=challenge, credential=key.made(challenge))


def use(client, key):
    client.cookies.clear()
    challenge = asked(client, "/passkey/ask", "/passkey/sign-in").json()["challenge"]
    return asked(client, "/passkey/answer", "/passkey/sign-in", challenge=challenge, credential=key.used(challenge))


def test_a_passkey_is_made_once_and_signs_in_as_surely(client, clocked, person):
    key = SoftKey(HOST, HOME)
    assert make(client, key).json() == {"next": "/passkey"}
    assert "Passkeys you have made: 1" in client.get("/passkey").text
    assert use(client, key).json() == {"next": "/notice"}
    assert client.get("/record").status_code == 200
    assert clocked.site.store.held(person["case_id"])["address"]["name"] in client.get("/notice").text


def test_a_letters_code_makes_no_passkey(client, clocked):
    sign_in(client, somebody(clocked.site))
    assert client.get("/passkey").status_code == 403
    client.cookies.clear()
    assert client.get("/passkey").status_code == 401
    assert client.post("/passkey/begin", json={"nonce": clocked.site.nonce("", "passkey")}).status_code == 403


@pytest.mark.parametrize("lie", ["another address", "another host", "no finger", "another key", "copied key", "unknown key"])
def test_what_does_not_fit_is_refused(client, clocked, person, lie):
    key = SoftKey(HOST, HOME)
    assert make(client, key).status_code == 200
    assert use(client, key).status_code == 200
    if lie == "another address":
        key.origin = "https://portal.local.example"
    elif lie == "another host":
        key.host = "example"
    elif lie == "no finger":
        key.flags = 0x41
    elif lie == "another key":
        key.key = SoftKey(HOST, HOME).key
    elif lie == "copied key":
        key.count = 0
    else:
        key.number = bytes(16)
    answer = use(client, key)
    assert (answer.status_code, "code in your letter works always" in answer.text) == (422, True)
    assert client.get("/notice").status_code == 401


def test_an_answer_is_worth_something_once_and_in_time_and_for_what_was_asked(client, clocked, person):
    key = SoftKey(HOST, HOME)
    challenge = asked(client, "/passkey/begin", "/passkey").json()["challenge"]
    made = key.made(challenge)
    assert asked(client, "/passkey/finish", "/passkey", challenge=challenge, credential=made).status_code == 200
    assert asked(client, "/passkey/finish", "/passkey", challenge=challenge, credential=made).status_code == 422, "twice"
    client.cookies.clear()
    challenge = asked(client, "/passkey/ask", "/passkey/sign-in").json()["challenge"]
    used = key.used(challenge)
    clocked.time += 601
    assert asked(client, "/passkey/answer", "/passkey/sign-in", challenge=challenge, credential=used).status_code == 422, "late"
    for broken in ({}, {"challenge": challenge}, {"challenge": "x", "credential": []}, {"challenge": challenge, "credential": {"id": 5}}):
        assert asked(client, "/passkey/answer", "/passkey/sign-in", **broken).status_code == 422
    assert client.post("/passkey/answer", content=b"\xff").status_code == 403


def test_only_the_two_pages_of_passkeys_run_a_script(client, person):
    for path in ("/passkey", "/passkey/sign-in"):
        answer = client.get(path)
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert answer.text.count("<script") == 1
    assert client.get("/static/passkey.js").headers["content-type"].startswith("text/javascript")
    assert "script-src" not in client.get("/notice").headers["content-security-policy"]
