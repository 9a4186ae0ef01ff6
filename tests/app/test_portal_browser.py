"""The portal in a real browser, started as an operator starts it: the keyboard alone, no script, and no barrier that axe finds."""

import pytest
from app.browsing import arrived, no_barrier, press, tab_to, typed

pytestmark = pytest.mark.chromium


def test_a_person_comes_in_reads_asks_and_leaves_with_the_keyboard_alone(browser, address, laid):
    person = laid[1]
    browser.visit(f"{address}/")
    arrived(browser, "/")
    no_barrier(browser, "start")
    tab_to(browser, 'a[href="/sign-in"]')
    press(browser, "Enter")
    arrived(browser, "/sign-in")
    no_barrier(browser, "sign-in")
    typed(browser, "#code", person["code"])
    for name in ("day", "month", "year"):
        typed(browser, f"#{name}", getattr(person["born"], name))
    tab_to(browser, "button.govuk-button:not(.govuk-button--secondary)")
    press(browser, "Enter")
    arrived(browser, "/notice")
    assert "Must I do anything now?" in browser.value("document.body.innerText")
    no_barrier(browser, "notice")
    browser.visit(f"{address}/notice/appointment")
    arrived(browser, "/notice/appointment")
    no_barrier(browser, "appointment")
    browser.visit(f"{address}/notice")
    arrived(browser, "/notice")
    tab_to(browser, 'a[href="/notice/claim"]')
    press(browser, "Enter")
    arrived(browser, "/notice/claim")
    no_barrier(browser, "claim")
    tab_to(browser, 'input[name="kind"]')
    press(browser, " ")
    typed(browser, "#words", "I study until summer.")
    tab_to(browser, "main button")
    press(browser, "Enter")
    browser.until("!!document.querySelector('.govuk-panel__title')")
    no_barrier(browser, "receipt")
    browser.visit(f"{address}/notice")
    arrived(browser, "/notice")
    assert "you need not come" in browser.value("document.body.innerText")
    mine = ("why", "represent", "ombudsman", "contest", "papers")
    for path in ("/record", *(f"/notice/{name}" for name in mine), "/not-me", "/pressure", "/nowhere"):
        browser.visit(f"{address}{path}")
        arrived(browser, path)
        no_barrier(browser, path.strip("/").replace("/", "-"))
    tab_to(browser, 'form[action="/sign-out"] button')
    press(browser, "Enter")
    browser.until("document.body?.innerText.includes('You are signed out')")
    browser.visit(f"{address}/notice")
    browser.until("!!document.querySelector('#code')")


def test_no_page_asks_elsewhere_or_runs_a_script(browser, address):
    for path in ("/", "/sign-in", "/not-me"):
        browser.visit(f"{address}{path}")
        arrived(browser, path)
        assert all(url.startswith((address, "about:", "data:")) for url in browser.asked), browser.asked
        assert browser.value("document.scripts.length") == 0
        assert browser.complaints == []


def test_rights_have_no_barrier_and_lead_to_a_report_of_pressure(browser, address):
    browser.visit(f"{address}/rights")
    arrived(browser, "/rights")
    no_barrier(browser, "rights")
    tab_to(browser, 'main a[href="/pressure"]')
    press(browser, "Enter")
    arrived(browser, "/pressure")


def test_the_letter_can_be_checked_on_the_same_machine(browser, address):
    browser.visit(f"{address}/v")
    browser.until("document.readyState === 'complete' && document.body?.innerText.length > 100")
    assert [one for one in browser.complaints if "Content Security Policy" in one] == []


def test_whether_a_law_affects_one_is_asked_by_the_keyboard_and_nothing_is_sent(browser, address):
    browser.visit(f"{address}/affected")
    arrived(browser, "/affected")
    no_barrier(browser, "affected")
    browser.value("document.querySelector('#born_on').value = '2005-02-28'")
    for name, key in (("is_resident", "y"), ("health", "f")):
        tab_to(browser, f"#{name}")
        press(browser, key)
    sent = len(browser.asked)
    tab_to(browser, "main button")
    press(browser, "Enter")
    browser.until("!document.getElementById('result').hidden")
    shown = "[...document.querySelectorAll('[data-finding]')].filter((one) => !one.hidden).map((one) => one.dataset.finding).join()"
    assert browser.value(shown) == "LIABLE"
    assert browser.value("document.activeElement.id") == "result"
    no_barrier(browser, "affected-result")
    assert len(browser.asked) == sent, "nothing left the page"
    tab_to(browser, "#health")
    press(browser, "u")
    tab_to(browser, "main button")
    press(browser, "Enter")
    browser.until(f"({shown}) === 'NOT_LIABLE'")
    assert browser.complaints == []


def test_how_the_call_up_goes_is_read_by_everybody(browser, address):
    browser.visit(f"{address}/progress")
    arrived(browser, "/progress")
    no_barrier(browser, "progress")
    assert "How this call-up goes" in browser.value("document.body.innerText")


def test_who_may_act_is_read_by_everybody(browser, address):
    browser.visit(f"{address}/roles")
    arrived(browser, "/roles")
    no_barrier(browser, "roles")
    assert "Stand-in deciding 1" in browser.value("document.querySelector('table').innerText")
