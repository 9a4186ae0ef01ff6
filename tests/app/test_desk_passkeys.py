"""Passkeys of officials: a second proof after the provider's; whoever has one does not come in without it, and no other opens the desk."""

import re
from copy import copy

import pytest
from app.desk_line import INTAKE, OTHER, say
from app.portal_line import HOME, at_desk, somebody
from app.soft_key import SoftKey
from litestar.testing import TestClient

from callup.app.web.desk.passkeys import SECOND, DeskPasskeys
from callup.app.web.desk.routes import COOKIE, DeskPages, desk_of
from callup.app.web.serve import portal

HOST = "portal.local"


@pytest.fixture
def client(clocked):
    with TestClient(portal(clocked.site, home=HOME), base_url=HOME) as made:
        yield made


@pytest.fixture
def door(clocked, store):
    """What the portal does when a provider has named an official: where they go, and with which cookie."""
    pages = DeskPages(desk_of(clocked.site), {})
    yield DeskPasskeys(pages, HOME)
    pages.desk.store.close()


def named(client, door, name):
    """The provider names an official in this browser."""
    client.cookies.clear()
    there = door.come_in(name)
    for cookie in there.cookies:
        client.cookies.set(cookie.key, cookie.value)
    return there.url


def asked(client, act, page, **said):
    nonce = re.search(r'data-passkey="\w+">\s*<input type="hidden" name="nonce" value="(\w+)"', client.get(page).text)[1]
    return client.post(f"/desk/passkey/{act}", json={"nonce": nonce, **said})


def make(client, key):
    challenge = asked(client, "begin", "/desk/passkey").json()["challenge"]
    return asked(client, "finish", "/desk/passkey", challenge=challenge, credential=key.made(challenge))


def use(client, key):
    begun = asked(client, "ask", "/desk/passkey/sign-in")
    if begun.status_code != 200:
        return begun
    challenge = begun.json()["challenge"]
    return asked(client, "answer", "/desk/passkey/sign-in", challenge=challenge, credential=key.used(challenge))


def test_who_has_a_passkey_comes_in_with_it_and_not_without(client, clocked, door):
    assert named(client, door, INTAKE) == "/desk", "without a passkey as before"
    key = SoftKey(HOST, HOME)
    assert make(client, key).json() == {"next": "/desk/passkey"}
    assert "Passkeys you have made: 1" in client.get("/desk/passkey").text
    assert named(client, door, INTAKE) == "/desk/passkey/sign-in"
    assert client.get("/desk").status_code == 401, "the provider's word alone opens nothing"
    answer = use(client, key)
    assert answer.json() == {"next": "/desk"}
    (cookie,) = (one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{COOKIE}="))
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"))
    assert client.get("/desk").status_code == 200
    assert named(client, door, OTHER) == "/desk", "another official has none"


def test_what_does_not_fit_opens_nothing(client, clocked, door, store):
    key, other = SoftKey(HOST, HOME), SoftKey(HOST, HOME)
    for name, made in ((INTAKE, key), (OTHER, other)):
        named(client, door, name)
        assert make(client, made).status_code == 200
    named(client, door, INTAKE)
    assert use(client, key).status_code == 200
    lies = [other]
    for spoiled, value in (("host", "example"), ("origin", f"{HOME}.example"), ("flags", 0x41), ("count", 0), ("key", other.key)):
        lies.append(copy(key))
        setattr(lies[-1], spoiled, value)
    for lie in lies:
        named(client, door, INTAKE)
        assert use(client, lie).status_code == 422, vars(lie)
        assert client.get("/desk").status_code == 401
    assert use(client, key).status_code == 422, "whoever failed is named anew first"
    named(client, door, INTAKE)
    client.cookies.delete(SECOND)
    assert use(client, key).status_code == 422, "another browser"
    named(client, door, INTAKE)
    clocked.time += 601
    assert use(client, key).status_code == 422, "too late"
    named(client, door, INTAKE)
    public = store._base.value("SELECT public FROM desk_passkey WHERE name = ?", (INTAKE,))
    clocked.site.store.keep_passkey((key.number, somebody(clocked.site)["case_id"], public, 0, 0))
    store.forget_passkeys(INTAKE)
    assert use(client, key).status_code == 422, "a person's passkey is none of the desk"
    assert client.get("/desk").status_code == 401


def test_an_officials_passkey_opens_no_notice(client, clocked, door):
    key = SoftKey(HOST, HOME)
    named(client, door, INTAKE)
    make(client, key)
    client.cookies.clear()
    page = client.get("/passkey/sign-in").text
    nonce = re.search(r'name="nonce" value="(\w+)"', page[page.index("data-passkey") :])[1]
    challenge = client.post("/passkey/ask", json={"nonce": nonce}).json()["challenge"]
    answer = client.post("/passkey/answer", json={"nonce": nonce, "challenge": challenge, "credential": key.used(challenge)})
    assert (answer.status_code, client.get("/notice").status_code) == (422, 401)


def test_two_registrars_who_end_the_last_role_forget_the_passkeys(client, clocked, door, store):
    named(client, door, INTAKE)
    make(client, SoftKey(HOST, HOME))
    (number,) = (one["grant"] for one in client.get("/roles/roles.json").json() if one["name"] == INTAKE)
    client.cookies.clear()
    at_desk(client, clocked.site, "Stand-in One")
    say(client, "/desk/grant", ends=number, reason="lost the device")
    (waiting,) = store.proposals("kind = 'role_ended'")
    assert named(client, door, INTAKE) == "/desk/passkey/sign-in", "one registrar alone changes nothing"
    client.cookies.clear()
    at_desk(client, clocked.site, "Stand-in Two")
    assert say(client, "/desk/confirm", proposal=str(waiting.id)).status_code == 303
    assert named(client, door, INTAKE) == "/desk"
    assert "No role is granted to you" in client.get("/desk").text


def test_only_the_two_pages_of_passkeys_run_a_script_at_the_desk(client, door):
    named(client, door, INTAKE)
    for path in ("/desk/passkey", "/desk/passkey/sign-in"):
        answer = client.get(path)
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert answer.text.count("<script") == 1
        assert "code in your letter" not in answer.text
    assert "script-src" not in client.get("/desk").headers["content-security-policy"]
