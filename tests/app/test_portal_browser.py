"""The portal in a real browser, started as an operator starts it: the keyboard alone, no script, and no barrier that axe finds."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from replay.freedonia_line import DECREE, KEY, freedonia

from callup.app.benches.browser import Browser
from callup.app.pipeline import run_line
from callup.app.standing import summonses

pytestmark = pytest.mark.chromium
ROOT = Path(__file__).resolve().parents[2]
AXE = (ROOT / "tests" / "vendor" / "axe-core-4.14.1.min.js").read_text(encoding="utf-8")
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}"
PICTURES = os.environ.get("CALLUP_PICTURES", "")


@pytest.fixture(scope="module")
def laid(tmp_path_factory):
    root = tmp_path_factory.mktemp("served") / "line"
    with freedonia(root, decree=DECREE) as course:
        run_line(course, "dispatch-1")
        row = summonses(course).sort_by("case_id").to_pylist()[0]
        person = {"code": course.ring.letter_code(row["notice_id"]), "person": row["person_id"]}
        born = course.read("10-snapshot", "snapshot.parquet").to_pylist()
        person["born"] = next(one["born_on"] for one in born if one["person_id"] == row["person_id"])
    (root / "dossier.key").write_text(KEY.hex())
    return root, person


@pytest.fixture(scope="module")
def address(laid):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    asked = [sys.executable, "-m", "callup", "serve", str(laid[0] / "dossier"), "--port", str(port), "--as-of", "2025-04-08"]
    said = (laid[0] / "served.txt").open("wb")
    served = subprocess.Popen(asked, stdout=said, stderr=said)
    home = f"http://localhost:{port}"
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"{home}/healthz", timeout=1) as answer:
                assert json.load(answer)["cases"] > 0
            break
        except OSError:
            assert served.poll() is None, (laid[0] / "served.txt").read_text()
            time.sleep(0.1)
    yield home
    served.terminate()
    assert served.wait(20) is not None
    said.close()


@pytest.fixture(scope="module")
def browser():
    made = Browser()
    yield made
    made.close()


def press(browser, key, text="", code=0):
    for kind in ("keyDown", "keyUp"):
        said = text if kind == "keyDown" else ""
        browser.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, text=said)


def tab_to(browser, selector):
    """Press Tab until the focus stands on an element, as someone without a mouse does."""
    for _ in range(60):
        press(browser, "Tab", code=9)
        if browser.value(f"document.activeElement?.matches({json.dumps(selector)})"):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def typed(browser, selector, text):
    tab_to(browser, selector)
    browser.ask("Input.insertText", text=str(text))


def no_barrier(browser, name):
    """Zero violations of WCAG 2.2 A and AA and of good practice, at two widths; a picture of each page where one is asked for."""
    for width in (1200, 320):
        browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
        browser.value(AXE + "; 1")
        found = json.loads(browser.value(f"axe.run(document, {RULES}).then((all) => JSON.stringify(all.violations))"))
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == [], f"{name} at {width}"
        assert browser.value("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways at {width}"
        if PICTURES:
            browser.picture(Path(PICTURES) / f"{name}-{width}.png", width=width)
    browser.ask("Emulation.clearDeviceMetricsOverride")


def arrived(browser, path):
    browser.until(f"location.pathname === '{path}' && document.readyState === 'complete'")


def test_a_person_comes_in_reads_asks_and_leaves_with_the_keyboard_alone(browser, address, laid):
    person = laid[1]
    browser.visit(f"{address}/")
    arrived(browser, "/")
    no_barrier(browser, "start")
    tab_to(browser, 'a[href="/sign-in"]')
    press(browser, "Enter", "\r", 13)
    arrived(browser, "/sign-in")
    no_barrier(browser, "sign-in")
    typed(browser, "#code", person["code"])
    for name in ("day", "month", "year"):
        typed(browser, f"#{name}", getattr(person["born"], name))
    tab_to(browser, "button.govuk-button:not(.govuk-button--secondary)")
    press(browser, "Enter", "\r", 13)
    arrived(browser, "/notice")
    assert "What you must do" in browser.value("document.body.innerText")
    no_barrier(browser, "notice")
    tab_to(browser, 'a[href="/notice/claim"]')
    press(browser, "Enter", "\r", 13)
    arrived(browser, "/notice/claim")
    no_barrier(browser, "claim")
    tab_to(browser, 'input[name="kind"]')
    press(browser, " ", " ", 32)
    typed(browser, "#words", "I study until summer.")
    tab_to(browser, "main button")
    press(browser, "Enter", "\r", 13)
    browser.until("!!document.querySelector('.govuk-panel__title')")
    no_barrier(browser, "receipt")
    browser.visit(f"{address}/notice")
    arrived(browser, "/notice")
    assert "you need not come" in browser.value("document.body.innerText")
    for path in ("/record", "/notice/why", "/notice/represent", "/notice/contest", "/not-me", "/nowhere"):
        browser.visit(f"{address}{path}")
        arrived(browser, path)
        no_barrier(browser, path.strip("/").replace("/", "-"))
    tab_to(browser, 'form[action="/sign-out"] button')
    press(browser, "Enter", "\r", 13)
    browser.until("document.body?.innerText.includes('You are signed out')")
    browser.visit(f"{address}/notice")
    browser.until("!!document.querySelector('#code')")


def test_no_page_asks_elsewhere_or_runs_a_script(browser, address):
    for path in ("/", "/sign-in", "/not-me"):
        browser.visit(f"{address}{path}")
        arrived(browser, path)
        asked = {one["params"]["request"]["url"] for one in browser.said if one.get("method") == "Network.requestWillBeSent"}
        assert all(url.startswith((address, "about:", "data:")) for url in asked), asked
        assert browser.value("document.scripts.length") == 0
        assert browser.complaints() == []


def test_the_letter_can_be_checked_on_the_same_machine(browser, address):
    browser.visit(f"{address}/v")
    browser.until("document.readyState === 'complete' && document.body?.innerText.length > 100")
    assert [one for one in browser.complaints() if "Content Security Policy" in json.dumps(one)] == []
