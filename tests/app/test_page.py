"""The page as a file: its parts, its words in every language, its promises to the browser."""

import base64
import json
import re
import subprocess
import sys
from hashlib import sha256

import pytest
from app.published_letter import Publisher
from house.tree import ROOT

from callup.app import beacon
from callup.app.known import jurisdiction
from callup.app.web.public import page
from callup.app.web.public.page import NOBLE, NOBLE_SHA256, words
from callup.jurisdictions import available
from callup.terms.errors import BadInput

PARTS = ROOT / "src" / "callup" / "app" / "web" / "public" / "v"
OWN = ("draw.js", "log.js", "check.js", "show.js")
LANGUAGES = sorted(path.name.split(".")[1] for path in PARTS.glob("words.*.json"))
MOST_LINES = 760
"""Lines of JavaScript of our own, without comments and empty lines: ADR 0019."""


def html():
    return Publisher().run().pinned.html().decode()


def code_lines(text):
    return [line for line in text.splitlines() if line.strip() and not line.strip().startswith("//")]


def test_the_vendored_curves_are_the_recorded_ones():
    raw = (PARTS / "vendor" / NOBLE).read_bytes()
    assert sha256(raw).hexdigest() == NOBLE_SHA256
    assert NOBLE_SHA256 in (PARTS / "vendor" / "README.md").read_text(encoding="utf-8")
    assert "MIT License" in (PARTS / "vendor" / "LICENSE").read_text(encoding="utf-8")


def test_a_changed_vendored_file_is_refused(monkeypatch):
    monkeypatch.setattr(page, "NOBLE_SHA256", "0" * 64)
    with pytest.raises(BadInput) as refusal:
        html()
    assert refusal.value.code == "vendored-file-differs"


def test_our_own_javascript_stays_small():
    assert sum(len(code_lines((PARTS / name).read_text(encoding="utf-8"))) for name in OWN) <= MOST_LINES
    assert max(len(line) for name in OWN for line in (PARTS / name).read_text(encoding="utf-8").splitlines()) <= 140


def test_the_policy_allows_these_scripts_and_nothing_else():
    text = html()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert (rules["connect-src"], rules["worker-src"], rules["img-src"]) == ("'self'", "blob:", "data:")
    scripts = re.findall(r"<script(?: id=\"draw\")?>(.*?)</script>", text, re.S)
    styles = re.findall(r"<style>(.*?)</style>", text, re.S)
    for kind, found in (("script-src", scripts), ("style-src", styles)):
        hashed = ["'sha256-" + base64.b64encode(sha256(one.encode()).digest()).decode() + "'" for one in found]
        assert rules[kind] == " ".join(hashed)
    assert len(scripts) == 5


def test_nothing_is_fetched_from_elsewhere():
    own = "".join((PARTS / name).read_text(encoding="utf-8") for name in (*OWN, "page.html", "page.css"))
    assert not re.search(
        r"https?://|//[a-z]+\.[a-z]|@import|(?<!64)url\(|innerHTML|insertAdjacent|document\.write|eval\(|localStorage|cookie", own
    )


def test_what_the_page_is_pinned_to():
    published = Publisher().run()
    pinned = json.loads(re.findall(r'id="about">(.*?)</script>', html(), re.S)[0])
    assert pinned["beacon"] == {
        "chain": beacon.CHAIN, "key": beacon.PUBLIC_KEY.hex(), "genesis": 1692803367, "period": 3, "tag": beacon.TAG.decode(),
    }  # fmt: skip
    assert pinned["policy"] == published.pinned.policy
    assert pinned == published.page


def test_a_title_cannot_end_the_script():
    odd = page.CheckPage("</script><b>", "example.org/x", "quorum none\n", True, ("en",), {})
    assert "</script><b>" not in odd.html().decode()


def test_the_same_page_twice():
    assert html() == html()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_keys_and_parameters(language):
    found = words(language)
    assert list(found) == list(words("en"))
    assert all(found.values())


@pytest.mark.parametrize("country", available())
def test_every_language_of_every_jurisdiction_has_words(country):
    assert set(jurisdiction(country).forms) <= set(LANGUAGES)


@pytest.mark.parametrize("change", ["missing", "too many", "another parameter"])
def test_other_keys_fail_the_build(monkeypatch, change):
    whole = page._words

    def changed(language):
        found = dict(whole(language))
        if language == "ru" and change == "missing":
            del found["title"]
        elif language == "ru":
            found |= {"more": "x"} if change == "too many" else {"act.ok": "{ranks}"}
        return found

    monkeypatch.setattr(page, "_words", changed)
    with pytest.raises(BadInput) as refusal:
        html()
    assert refusal.value.code == "page-words-differ"


def test_a_language_without_words_is_refused():
    with pytest.raises(BadInput) as refusal:
        words("xx")
    assert refusal.value.code == "page-language-unknown"


def test_every_refusal_and_step_of_the_script_has_words():
    script = "".join((PARTS / name).read_text(encoding="utf-8") for name in OWN[1:3])
    codes = set(re.findall(r'"((?:[a-z]+-)+[a-z]+)"', script)) - {"call-up", "lead-hours", "tlog-proof"}
    steps = set(re.findall(r'say\("([a-z]+)"', script))
    assert codes
    assert {f"refused.{code}" for code in codes} <= set(words("en"))
    assert {f"{part}{step}{end}" for step in steps for part, end in (("step.", ""), ("", ".ok"))} <= set(words("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(language):
    """Design D31: at most 20 words in the mean, none over 40."""
    sentences = [one for text in words(language).values() for one in re.split(r"[.:?!]\s", text) if " " in one]
    lengths = [len(one.split()) for one in sentences]
    assert sum(lengths) <= 20 * len(lengths)
    assert max(lengths) <= 40


def test_a_machine_without_node_and_chromium_says_so():
    """Design D26: what is not run is said and counted."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/app/test_page_node.py",
        "tests/app/test_page_browser.py",
    ]
    done = subprocess.run(command, cwd=ROOT, env={"PATH": "", "PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=False)
    assert re.search(r"not run: no node \(\d+ tests\)\nnot run: no chromium \(\d+ tests\)", done.stdout), done.stdout
    assert "passed" not in done.stdout


def luminance(colour):
    digits = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, two):
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_every_colour():
    """WCAG 2.2: 4.5 for text, 3 for edges and the focus ring."""
    style = (PARTS / "page.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([a-z]+): #([0-9a-f]{3,6})", style))
    assert all(contrast(colours[name], colours["paper"]) >= 4.5 for name in ("ink", "good", "bad", "care", "link"))
    assert contrast(colours["line"], colours["paper"]) >= 3
    assert contrast(re.findall(r"outline: 3px solid #([0-9a-f]{6})", style)[0], colours["paper"]) >= 3
    assert contrast("ffffff", re.findall(r"background: #([0-9a-f]{6}); }\n#verdict ", style)[0]) >= 4.5
    assert contrast(colours["ink"], re.findall(r"pre \{[^}]*background: #([0-9a-f]{6})", style)[0]) >= 4.5
