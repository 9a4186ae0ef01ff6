"""The page and the JSON: all languages, nothing fetched, nothing injected, legible."""

import itertools
import json
import re
import time
from html.parser import HTMLParser

import pytest
from notice.sample import STAMP, letters, texts

from callup.notice import Portal
from callup.notice.portal import _CSS


class Outline(HTMLParser):
    """Gathers what an accessibility check asks for."""

    void = frozenset({"meta", "br"})

    def __init__(self):
        super().__init__()
        self.stack, self.tags, self.ids, self.refs, self.text = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.refs += [value for name, value in attrs if name == "aria-labelledby"]
        self.refs += [value[1:] for name, value in attrs if name == "href" and value.startswith("#")]
        if tag not in self.void:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def row():
    return letters(1).to_pylist()[0]


@pytest.fixture(scope="module")
def portal():
    return Portal([texts()], STAMP)


def outline(page):
    seen = Outline()
    seen.feed(page)
    assert seen.stack == []
    return seen


def test_the_page_has_language_title_headings_in_order_and_whole_references(portal, row):
    seen = outline(portal.html(row))
    names = [tag for tag, _ in seen.tags]
    assert seen.tags[0] == ("html", {"lang": "en"})
    assert names.count("title") == names.count("main") == names.count("h1") == 1
    levels = [int(name[1]) for name in names if re.fullmatch("h[1-6]", name)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert len(set(seen.ids)) == len(seen.ids)
    assert set(seen.refs) <= set(seen.ids)


def test_nothing_runs_and_nothing_is_fetched(portal, row):
    seen = outline(portal.html(row))
    assert not {"script", "img", "link", "iframe", "form", "object"} & {tag for tag, _ in seen.tags}
    assert not [name for _, attributes in seen.tags for name in attributes if name.startswith("on") or name == "src"]
    assert "url(" not in _CSS


def test_what_the_register_holds_is_shown_as_text(portal, row):
    page = portal.html({**row, "name": "<script>alert(1)</script> {place} & Co"})
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {place} &amp; Co" in page


def test_page_and_json_say_the_same_and_keep_the_sign_in_code_back(portal, row):
    page, notice = portal.html(row), json.loads(portal.json(row))
    text = " ".join("".join(outline(page).text).split())
    for question in notice["words"]["en"]["questions"]:
        assert question["ask"] in text
        assert question["answer"] in text
    for fact in notice["words"]["en"]["facts"]:
        assert fact["value"] in text
    for section in notice["fixed"]["en"]["sections"]:
        assert all(line in text for line in section["lines"])
    assert notice["format"] == "callup/portal/1"
    assert notice["appear"] == {"on": "2025-04-20", "at": "09:00", "place_id": "n-1", "place": row["place"]}
    assert row["sign_in"] not in page + portal.json(row)
    assert "REHEARSAL" in text


def test_each_language_has_its_own_date_and_mark(row):
    english = texts()
    second = type(english)("ru", english.title, english.answers, english.facts, {**english.fixed, "language": "ru"}, english.address)
    page = Portal([english, second], STAMP).html(row)
    assert "20 April 2025" in page
    assert "20 апреля 2025 г." in page
    seen = outline(page)
    assert [attributes["lang"] for tag, attributes in seen.tags if tag == "article"] == ["en", "ru"]


def luminance(colour):
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", re.findall(r"[{;]color:(#[0-9a-f]+)", _CSS))
def test_every_text_colour_has_enough_contrast_on_white(colour):
    assert 1.05 / (luminance(colour) + 0.05) >= 7


def test_a_thousand_pages_take_less_than_a_second(portal, row):
    start = time.process_time()
    pages = [portal.html(row) for _ in range(1000)]
    assert time.process_time() - start < 1
    assert len(set(pages)) == 1
