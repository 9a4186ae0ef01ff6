"""The desk in a real browser, from the identity provider on: two officials decide one claim; no script, no barrier that axe finds."""

import json

import pytest
from app.browsing import arrived, no_barrier, press, tab_to, typed

pytestmark = pytest.mark.chromium


def come_in(browser, address, who, at="rehearsal-desk", home="/desk"):
    """Sign in through the rehearsal's provider, as an official or as a person."""
    browser.page.context.clear_cookies()
    browser.visit(f"{address}/sign-in/{at}")
    browser.until("document.readyState === 'complete' && document.title === 'Rehearsal'")
    link = browser.value(f"[...document.links].find((one) => one.innerText.startsWith({json.dumps(who)}))?.href")
    assert link, f"{who} is not offered"
    browser.value(f"location.href = {json.dumps(link)}; 1")
    arrived(browser, home)


def enter(browser, selector):
    tab_to(browser, selector)
    press(browser, "Enter")


def test_two_officials_decide_a_claim_with_the_keyboard_alone(browser, address, laid):
    person = laid[1]
    come_in(browser, address, person["name"], "rehearsal", "/notice")
    browser.visit(f"{address}/notice/claim")
    arrived(browser, "/notice/claim")
    tab_to(browser, 'input[name="kind"]')
    press(browser, " ")
    typed(browser, "#words", "I study until summer.")
    enter(browser, "main button")
    browser.until("!!document.querySelector('.govuk-panel__title')")
    browser.visit(f"{address}/record")
    arrived(browser, "/record")
    no_barrier(browser, "record-surely")
    browser.visit(f"{address}/notice/why")
    arrived(browser, "/notice/why")
    no_barrier(browser, "why-surely")

    browser.page.context.clear_cookies()
    browser.visit(f"{address}/desk")
    arrived(browser, "/desk")
    no_barrier(browser, "desk-sign-in")
    come_in(browser, address, "Stand-in intake 1")
    no_barrier(browser, "desk-queue")
    enter(browser, "table a")
    arrived(browser, "/desk/open")
    no_barrier(browser, "desk-open")
    typed(browser, "#reason", "to decide the claim")
    enter(browser, "main button")
    browser.until("location.pathname.startsWith('/desk/case/') && document.readyState === 'complete'")
    assert "I study until summer." in browser.value("document.body.innerText")
    no_barrier(browser, "desk-case")
    enter(browser, 'form[action="/desk/letter"] button')
    browser.until("document.contentType === 'application/pdf'")
    browser.value("history.back(); 1")
    browser.until("location.pathname.startsWith('/desk/case/') && document.readyState === 'complete'")
    tab_to(browser, 'input[name="act"]')
    press(browser, " ")
    typed(browser, "#reason", "the certificate is there")
    enter(browser, 'form[action="/desk/propose"] button')
    browser.until("document.body?.innerText.includes('This is your own proposal')")

    come_in(browser, address, "Stand-in deciding 1")
    browser.visit(f"{address}/desk/proposals")
    arrived(browser, "/desk/proposals")
    no_barrier(browser, "desk-proposals")
    enter(browser, 'a[href^="/desk/open"]')
    arrived(browser, "/desk/open")
    typed(browser, "#reason", "to decide as second")
    enter(browser, "main button")
    browser.until("!!document.querySelector('form[action=\"/desk/decide\"]')")
    enter(browser, 'form[action="/desk/decide"] button[value="yes"]')
    arrived(browser, "/desk/proposals")
    browser.until("document.body?.innerText.includes('Decided by Stand-in intake 1 and Stand-in deciding 1')")
    no_barrier(browser, "desk-decided")


def test_a_passkey_is_made_and_used_in_a_browser(browser, address, laid):
    """Chromium's own virtual authenticator (WebAuthn domain of its protocol)."""
    come_in(browser, address, laid[1]["name"], "rehearsal", "/notice")
    protocol = browser.protocol()
    protocol.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})
    browser.visit(f"{address}/passkey")
    arrived(browser, "/passkey")
    no_barrier(browser, "passkey")
    enter(browser, "form[data-passkey] button")
    browser.until("document.body?.innerText.includes('Passkeys you have made: 1')")
    browser.page.context.clear_cookies()
    browser.visit(f"{address}/passkey/sign-in")
    arrived(browser, "/passkey/sign-in")
    no_barrier(browser, "passkey-sign-in")
    enter(browser, "form[data-passkey] button")
    arrived(browser, "/notice")
    browser.visit(f"{address}/record")
    arrived(browser, "/record")
    protocol.send("WebAuthn.disable")


def test_an_official_with_a_passkey_comes_in_with_it(browser, address):
    come_in(browser, address, "Stand-in board 2")
    protocol = browser.protocol()
    protocol.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})
    browser.visit(f"{address}/desk/passkey")
    arrived(browser, "/desk/passkey")
    assert browser.value("document.getElementById('said').offsetHeight") == 0, "nothing has failed yet"
    no_barrier(browser, "desk-passkey")
    enter(browser, "form[data-passkey] button")
    browser.until("document.body?.innerText.includes('Passkeys you have made: 1')")
    come_in(browser, address, "Stand-in board 2", home="/desk/passkey/sign-in")
    no_barrier(browser, "desk-passkey-sign-in")
    enter(browser, "form[data-passkey] button")
    arrived(browser, "/desk")
    assert "Stand-in board 2" in browser.value("document.querySelector('header').innerText")
    protocol.send("WebAuthn.disable")


@pytest.mark.parametrize(
    ("who", "path", "name"),
    [
        ("Stand-in operator 1", "/desk/post", "desk-post"),
        ("Stand-in One", "/desk/roles", "desk-roles"),
        ("Stand-in ombudsman 1", "/desk/watch", "desk-watch"),
        ("Stand-in auditor 1", "/desk/proposals", "desk-refused"),
    ],
)
def test_the_other_pages_of_the_desk_have_no_barrier(browser, address, who, path, name):
    come_in(browser, address, who)
    browser.visit(f"{address}{path}")
    arrived(browser, path)
    no_barrier(browser, name)
    assert browser.value("document.scripts.length") == 0
