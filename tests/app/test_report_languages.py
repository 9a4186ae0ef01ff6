"""The report in the official languages: nothing is missing in a language that has begun, and nothing falls back to English unseen."""

import re
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from app.test_report import Page, filled

from callup.app.benches.browser import Browser
from callup.app.doors import DOORS
from callup.app.record import establishment, losses
from callup.app.record.verdicts import claims_of
from callup.app.report import write_report
from callup.app.report.page import CONTENTS
from callup.app.report.placing import since_table
from callup.app.report.tables import CLASSES, OTHERWISE, STAGES, STEP_WORDS, published
from callup.app.report.words import ENGLISH, languages, speech_of
from callup.app.report.writing import _standings
from callup.app.report_words import words_in
from callup.cases.undertakings import VERDICTS
from callup.channels.rehearsal import assumed_rates
from callup.jurisdictions import load
from callup.law import page as law_page
from callup.notice.law_words import words_there
from callup.terms.decree import CLASSES as METHODS
from callup.terms.facts import DIAGNOSES, DUES, STATES, VOCABULARY

OTHERS = [language for language in languages() if language != ENGLISH]
HOLES = re.compile(r"\{\w+\}")
SERVICE = ("confirmed", "presumed", "contested", "failed", "unreachable", "none", "no channel", "mail", "portal", "counter")
PHONE = 320
"""CSS pixels: WCAG 2.2, success criterion 1.4.10 (reflow)."""
CUT = """[...document.querySelectorAll('main *, header *')]
    .filter((one) => !one.closest('.scroll') && one.getBoundingClientRect().right > innerWidth).map((one) => one.outerHTML.slice(0, 99))"""
UNREACHED = """[...document.querySelectorAll('.scroll')]
    .filter((one) => one.tabIndex !== 0 || one.getAttribute('role') !== 'region' || !one.getAttribute('aria-label')).length"""
CLAIMED = ("deferral", "exemption", "alternative-service", "other-date", "correction", "granted", "refused", "withdrawn", "open")


def official():
    ru = load("ru")
    return replace(filled(), unverified=(str(ru.law.unverified[0]),), words_in=words_in(ru, filled().unit_names, filled().decree))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    write_report(folder, official())
    return folder


def test_there_is_a_page_in_each_official_language_that_there_are_words_for(folder):
    assert {path.name for path in folder.glob("*.html")} == {"index.html", "index.ru.html"}


@pytest.mark.parametrize("language", OTHERS)
def test_no_language_lacks_a_text_or_a_hole(language):
    english, other = speech_of(ENGLISH), speech_of(language)
    notes = {key for key in other.words["text"] if key.startswith("note_")}
    assert set(other.words["text"]) - notes == set(english.words["text"])
    for key, text in english.words["text"].items():
        assert set(HOLES.findall(other.words["text"][key])) == set(HOLES.findall(text)), key
        assert other.words["text"][key] != text or not re.search("[A-Za-z]{2}", HOLES.sub("", text)), key
    assert set(other.words["plural"]) == set(english.words["plural"])
    for said in (english, other):
        for forms in said.words["plural"].values():
            assert set(forms) == set(said.locale.plural_form.tags) | {"other"}
            assert all(HOLES.findall(form) == ["{n}"] for form in forms.values())


@pytest.mark.parametrize("language", OTHERS)
def test_every_table_column_and_label_has_its_words(language):
    words, model = speech_of(language).words, filled()
    tables = [*published(model).values(), *(since_table(one) for one in _standings(model))]
    assert {table.name for table in tables} | {"establishment", "losses"} == set(words["captions"])
    columns = {name for table in tables for name in table.columns} | set(establishment("ru")[0]) | set(losses("ru")[0])
    classes = {OTHERWISE, *CLASSES.values()}
    assert {name for name in columns if not set(name.split("; ")) <= classes} == set(words["columns"])
    labels = {*STATES, *DIAGNOSES, *DUES.values(), *STAGES.values(), *STEP_WORDS.values(), *classes, *DOORS, *METHODS, *SERVICE, *CLAIMED}
    labels |= {
        *VERDICTS,
        *VERDICTS.values(),
        *(one.act for one in VOCABULARY.values() if one.act),
        "in the roll",
        "age",
        "language",
        "not known",
    }
    labels |= {"inside", "above", "below", "LIABLE", "NOT LIABLE", "UNDETERMINED", "no lawful answer"}
    labels |= {one.result for one in claims_of("ru")} | {one.where for one in claims_of("ru") if one.where}
    assert labels - set(words["cells"]) == set()


def test_the_russian_page_has_the_words_and_not_the_english_ones(folder):
    text = re.sub("[\xa0\u202f]", " ", unescape((folder / "index.ru.html").read_text(encoding="utf-8")))
    english = speech_of(ENGLISH).words["text"]
    for key in (*(f"contents_{name}" for name in CONTENTS), *(key for key in english if key.endswith(("_heading", "_title", "_caption")))):
        assert f">{english[key]}<" not in text, key
    for words in (
        'lang="ru"',
        "РЕПЕТИЦИЯ: все люди вымышлены",
        "с 1 апреля 2025 г. по 15 июля 2025 г. должно быть призвано 160 000 человек",
        "<td>г Москва",
        "<li>439-ФЗ от",
        "верны только по одной мере",
        "Крупнейший с весны 2011 года",
        "+6 мужчин<",
        "218 720 человек",
        "за 1 волну",
        "1 ссылка с пометкой",
        "меньше 10",
        "татарский; чеченский",
        "{} из {}".format(*assumed_rates()),
        "никого в списке: Тульская обл, месяц рождения 2",
        "Указ велит призвать: 160 000 человек.",
    ):
        assert words in text, words


def test_what_stays_english_is_marked_and_comes_from_outside(folder):
    """The decree, the record and the law speak; never a label of the report's own tables."""
    text = (folder / "index.ru.html").read_text(encoding="utf-8")
    marked = {unescape(one) for one in re.findall(r'<span lang="en">([^<]*)</span>', text)}
    model = official()
    cells = {str(cell) for table in published(model).values() for row in table.rows for cell in row}
    assert not {part for cell in cells for part in (cell, *cell.split("; "))} & marked
    text = re.sub('<section id="announcement">.*?</section>', "", text, flags=re.DOTALL)  # the names of sources: see test_record_page
    bare = re.sub(r'<(span|a) [^>]*lang="en".*?</\1>|<(style|pre|code|title)>.*?</\2>|<[^>]+>', " ", text, flags=re.DOTALL)
    bare = re.sub(r"[\w-]+\.(csv|json)|World Population Prospects|SHA-256|RU-[A-Z]+|ISO 3166-2|CC BY 3.0 IGO", " ", unescape(bare))
    assert set(re.findall(r"[A-Za-z]{3,}", bare)) <= {"callup", "Python", "Frictionless", "spring", "Court"}, (
        "the decree's id, a body's name"
    )


def test_the_words_in_the_pictures_are_russian_too(folder):
    drawn = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.ru.svg")}
    assert {name.removesuffix(".ru.svg") for name in drawn} == {path.stem for path in folder.glob("*.svg") if "." not in path.stem}
    for name, picture in drawn.items():
        said = re.sub(r"<(style|metadata).*?</\1>|<!--.*?-->|<[^>]+>", " ", picture, flags=re.DOTALL)
        assert not re.search("[A-Za-z]{3}", said), (name, re.findall("[A-Za-z]{3,}", said))
    for words in ("призвать: 160 000", "апр.", "95 субъектов из 100"):
        assert any(words in re.sub("[\xa0\u202f]", " ", picture) for picture in drawn.values()), words


def test_the_languages_are_linked_to_each_other(folder):
    for name, here, there in (("index.html", "en", "ru"), ("index.ru.html", "ru", "en")):
        page = Page((folder / name).read_text(encoding="utf-8"))
        assert page.each("html")[0]["lang"] == here
        other = {"href": "index.html" if there == "en" else f"index.{there}.html", "hreflang": there, "lang": there}
        assert other in page.each("a")
        assert {"lang": here, "aria-current": "page"} in page.each("span")


def test_it_can_be_read_by_all_in_russian_too(folder):
    english, russian = (Page((folder / name).read_text(encoding="utf-8")) for name in ("index.html", "index.ru.html"))
    for tag in ("table", "caption", "th", "td", "figure", "figcaption", "img", "section", "h2", "h3", "details"):
        assert len(english.each(tag)) == len(russian.each(tag)), tag
    assert all(image["alt"] and not re.search("[A-Za-z]{3}", image["alt"]) for image in russian.each("img"))


def test_a_country_without_words_has_one_page_and_no_links(tmp_path):
    write_report(tmp_path, replace(filled("freedonia"), words_in={"en": {}, "xx": {}}))
    assert [path.name for path in tmp_path.glob("*.html")] == ["index.html"]
    assert 'class="languages"' not in (tmp_path / "index.html").read_text(encoding="utf-8")


@pytest.mark.chromium
def test_the_law_fits_a_phone_too(tmp_path, phone):
    ru = load("ru")
    (tmp_path / "law.html").write_text(
        law_page(ru.law, ru.procedure, date(2025, 4, 1), ru.examples, facts=words_there(ru.law, ru.forms).facts)
    )
    phone.visit((tmp_path / "law.html").as_uri())
    phone.until("document.readyState === 'complete' && location.pathname.endsWith('law.html')")
    phone.value("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert phone.value("document.scrollingElement.scrollWidth") <= PHONE
    assert phone.value(UNREACHED) == 0


@pytest.fixture(scope="module")
def phone():
    browser = Browser()
    browser.sized(PHONE, 640)
    yield browser
    browser.close()


@pytest.mark.chromium
@pytest.mark.parametrize("name", ["index.html", "index.ru.html"])
def test_on_a_phone_nothing_is_cut_and_the_page_never_scrolls_sideways(folder, phone, name):
    phone.visit((folder / name).as_uri())
    phone.until(f"document.readyState === 'complete' && location.pathname.endsWith('{name}')")
    phone.value("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert phone.value("document.scrollingElement.scrollWidth") <= PHONE
    assert phone.value(CUT) == []
    assert (
        phone.value("document.querySelectorAll('main .scroll').length") == phone.value("document.querySelectorAll('main table').length") > 0
    )
    assert phone.value(UNREACHED) == 0
