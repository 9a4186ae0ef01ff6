"""The record and the certificate in each official language of each folder: whole, the same content as in English, no English left."""

import re
import shutil
import string
from datetime import date

import pypdfium2
import pytest
from app.test_exports import DAY, case_in
from cases.stories import read, story
from cases.walk import EVENTS
from replay.freedonia_line import KEY, freedonia

from callup.app.exports.case import gather
from callup.app.exports.record import as_page, as_pdf, record
from callup.app.exports.telling import STEPS, telling, told_certificate, told_record
from callup.app.exports.telling import languages as spoken
from callup.app.packeting import certificate, on_paper
from callup.jurisdictions import available, load
from callup.notice.law_words import law_words
from callup.terms.facts import DIAGNOSES, DUES, STATES, VOCABULARY


@pytest.fixture(scope="module")
def course(tmp_path_factory, whole_line):
    root = tmp_path_factory.mktemp("languages") / "line"
    shutil.copytree(whole_line, root)
    (root / "dossier.key").write_text(KEY.hex())
    with freedonia(root) as made:
        yield made


OFFICIAL = sorted({language for code in available() for language in load(code).forms})
OTHERS = [language for language in spoken() if language != "en"]
OF_NO_CASE = {"signed", "print_accepted", "erased", "role_granted", "role_ended", "pressure_reported"}
"""Kinds of which no record ever holds a fact."""


def test_every_official_language_of_every_folder_has_its_words():
    assert set(OFFICIAL) <= set(spoken())


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_says_all_that_a_record_can_hold(language):
    words, english = telling(language).words, telling("en").words
    for table in ("labels", "certificate", "steps"):
        assert set(words[table]) == set(english[table])
        for name, text in english[table].items():
            fields = ({one[1] for one in string.Formatter().parse(said) if one[1]} for said in (text, words[table][name]))
            assert next(fields) == next(fields), (table, name)
    assert set(english["fields"]) <= set(words["fields"])
    assert set(words["kinds"]) == set(VOCABULARY) - OF_NO_CASE
    assert set(words["dues"]) == set(DUES)
    assert all(telling(language).portal.get(f"state {one}") or one in words["values"] for one in STATES)
    roles = {role for kind in VOCABULARY.values() for role in kind.by} - {"signatory"}
    outcomes = {one for kind in VOCABULARY.values() for one in kind.outcomes}
    assert {*DIAGNOSES, *roles, *outcomes} <= set(words["values"])


def steps_of_many_cases():
    """Every step that the fold says of each kind of fact, and of claims and clocks in each way they end."""
    posted, asked = (0, "delivered", {"channel": "mail"}), (1, "claimed", {"ground": "deferral"})
    told = [(posted, asked, (2 + at % 40, *one)) for at, one in enumerate(one for choices in EVENTS.values() for one in choices)]
    for ground in ("deferral", "liability", "other-date"):
        for day in (5, 30):
            claim, said = (1, "claimed", {"ground": ground}), (day, "decided", {"ref": "f2", "outcome": "refused"})
            told.append(((0, "opened", {"channel": "portal"}), claim, said, (31, "appealed", {"ref": "f3"})))
    told.append(((0, "handed_over", {"channel": "mail"}), (2, "tolled", {"ground": "hospital", "until": date(2025, 4, 9)})))
    told.append(((0, "available", {"channel": "list"}), (1, "available", {"channel": "portal"})))
    for facts in told:
        yield from read(story(*facts), 60, closing=date(2025, 9, 1)).steps


@pytest.mark.parametrize("language", OTHERS)
def test_every_step_is_told_in_the_language_with_its_days_and_its_article(language):
    say, seen = telling(language), set()
    for step in steps_of_many_cases():
        english = f"{step.words} ({step.citation})" if step.citation else step.words
        said = say.step(english)
        assert said != english, english
        assert sorted(re.findall(r"\d{4}-\d\d-\d\d", said)) == sorted(re.findall(r"\d{4}-\d\d-\d\d", english))
        assert step.citation in said
        seen.add(next(name for name, form in STEPS if re.fullmatch(form, step.words)))
    assert seen == {name for name, _ in STEPS}


@pytest.mark.parametrize("code", [code for code in available() if len(load(code).forms) > 1])
def test_a_record_in_a_language_has_the_same_parts_and_rows_as_in_english(course, code):
    found, folder = record(gather(course, case_in(course, "enlisted"), DAY, DAY)), load(code)
    english = told_record(found, "en", law_words(folder.law, folder.forms, "en"))
    for language in set(folder.forms) - {"en"}:
        told = told_record(found, language, law_words(folder.law, folder.forms, language))
        assert told["lang"] == language
        for one, other in zip(told["sections"], english["sections"], strict=True):
            assert one["title"] != other["title"]
            assert [len(row) for row in (one["table"] or {"rows": []})["rows"]] == [
                len(row) for row in (other["table"] or {"rows": []})["rows"]
            ]
            assert len(one["words"]) == len(other["words"])
        facts = next(part for part in told["sections"] if part["id"] == "facts")["table"]["rows"]
        assert not {row[1] for row in facts} & {kind.meaning for kind in VOCABULARY.values()}


@pytest.mark.parametrize("language", ["lv", "ru"])
def test_page_and_paper_speak_the_language(course, language):
    found = record(gather(course, case_in(course, "enlisted"), DAY, DAY))
    page, document = as_page(found, language).decode(), pypdfium2.PdfDocument(as_pdf(found, language))
    paper = " ".join(" ".join(sheet.get_textpage().get_text_bounded() for sheet in document).split())
    say = telling(language)
    assert f'<html lang="{language}">' in page
    for fact in found["facts"]:
        assert say.kind(fact["kind"]) in page
        assert say.kind(fact["kind"]) in paper
    assert not [word for word in ("Where you stand", "What was recorded", "handed over", "None", "True") if word in page + paper]


def test_a_certificate_in_another_language_holds_the_signed_text_whole(course):
    from callup.app.logs import CallUpLogs

    signed = certificate(course, CallUpLogs(course), case_in(course, "enlisted"), DAY, DAY)
    for language in OTHERS:
        told = told_certificate(signed.decode(), language)
        assert told["lang"] == language
        assert len(told["found"]) == signed.decode().count("\nstep: ")
    document = pypdfium2.PdfDocument(on_paper(signed, DAY, "lt"))
    paper = " ".join(" ".join(sheet.get_textpage().get_text_bounded() for sheet in document).split())
    assert "Pažyma apie padėtį" in paper
    assert bytes(document.get_attachment(0).get_data()) == signed
    assert f"as-of: {DAY}" in paper


def test_the_command_takes_the_language_of_the_notice_or_the_one_that_is_named(course, call, tmp_path):
    who = ("--person", case_in(course, "enlisted"), "--as-of", "2025-07-15", "--clerk", "A. B.", "--reason", "asked")
    words = ("export", course.dossier.root, *who)
    for form, lang in (("html", "en"), ("html.lv", "lv")):
        assert call(*words, "--as", form, "--to", tmp_path / form)[0] == 0
        assert f'<html lang="{lang}">' in (tmp_path / form).read_text(encoding="utf-8")
    code, _, said = call(*words, "--as", "html.xx", "--to", tmp_path / "x")
    assert (code, "lv" in said, (tmp_path / "x").exists()) == (2, True, False)
