"""What tests in a browser do: press keys, wait, and look for barriers."""

import json
import os
from pathlib import Path

AXE = (Path(__file__).resolve().parents[1] / "vendor" / "axe-core-4.14.1.min.js").read_text(encoding="utf-8")
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}"
PICTURES = os.environ.get("CALLUP_PICTURES", "")


def press(browser, key):
    browser.page.keyboard.press(key)


def tab_to(browser, selector):
    """Press Tab until the focus stands on an element, as someone without a mouse does."""
    for _ in range(60):
        press(browser, "Tab")
        if browser.value(f"document.activeElement?.matches({json.dumps(selector)})"):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def typed(browser, selector, text):
    tab_to(browser, selector)
    browser.page.keyboard.insert_text(str(text))


def no_barrier(browser, name):
    """Zero violations of WCAG 2.2 A and AA and of good practice, at two widths; a picture of each page where one is asked for."""
    for width in (1200, 320):
        browser.sized(width)
        browser.value(AXE + "; 1")
        found = json.loads(browser.value(f"axe.run(document, {RULES}).then((all) => JSON.stringify(all.violations))"))
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == [], f"{name} at {width}"
        wide = "[...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)"
        said = f"{wide}.map((one) => one.outerHTML.slice(0, 120) + one.getBoundingClientRect().right)"
        assert browser.value("document.documentElement.scrollWidth") <= width, (name, width, browser.value(said))
        if PICTURES:
            browser.picture(Path(PICTURES) / f"{name}-{width}.png", width=width)
    browser.sized()


def arrived(browser, path):
    browser.until(f"location.pathname === '{path}' && document.readyState === 'complete'")
