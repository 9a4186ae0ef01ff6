"""The page for a jurist shows every article, period, mark and example, and nothing unescaped."""

from datetime import date
from html import escape

import pytest
from law.corpus import law_of_a_list
from law.kept_pages import KEPT, pages

from callup.jurisdictions import load
from callup.law import load_law, page
from callup.law.plain import Plain
from callup.law.tree import Anything, Col, Join, Lit, Not
from callup.notice.law_words import words_there


def test_it_shows_each_article_once_at_least() -> None:
    found = load("freedonia")
    shown = page(found.law, found.procedure, date(2021, 1, 1), found.examples)
    for rule in found.law.rules:
        assert rule.citation in shown
        assert f'id="{rule.name}"' in shown
    for provision in found.procedure.provisions:
        assert provision.citation in shown
    assert found.law.digest in shown
    assert found.procedure.digest in shown
    assert "Amending Act 7/2024, art. 1" in shown
    assert '<section id="parent" class="old">' in shown
    assert "born on 29 February, of age on 1 March of a common year (2022-03-01): LIABLE" in shown
    assert "http" not in shown


def test_it_marks_what_is_unverified_or_blank_and_escapes() -> None:
    found = load("freedonia")
    law = load_law(
        '"""T: <b>Act</b>."""\nregister = {"a": "ground: flag"}\nfine = blank("flag", "G20")\n'
        '@liable(unverified("Act <1>"))\ndef bound(p, day):\n    "Who & when."\n    return p.a and fine\n',
        "t/law.py",
    )
    shown = page(law, found.procedure, date(2025, 1, 1), ())
    assert "<b>Act" not in shown
    assert "Not checked against the official text (1)" in shown
    assert "Act &lt;1&gt; <mark>unverified</mark>" in shown
    assert "Left blank: whoever needs it is undetermined (1)" in shown
    assert "<tr><td>always</td><td><mark>not known</mark></td><td>G20</td></tr>" in shown
    assert "Who &amp; when." in shown
    assert "<mark>unverified</mark>" not in page(found.law, found.procedure, date(2025, 1, 1), found.examples), "all of it was checked"


def test_it_shows_every_value_with_its_day_and_says_what_is_not_known() -> None:
    """A value that the law lacks on some day is no empty cell: whoever needs it is undetermined."""
    found = load("ru")
    shown = page(found.law, found.procedure, date(2025, 1, 1), ())
    for name, parameter in found.law.parameters.items():
        marked = " <mark>unverified</mark>" if parameter.unverified else ""
        assert f"<h3>{name.replace('_', ' ')}{marked}</h3>" in shown
    values = [(parameter, one) for parameter in found.law.parameters.values() for one in parameter.values]
    assert any(one.value is None for _, one in values)
    for parameter, one in values:
        said = "<mark>not known</mark>" if one.value is None else escape(_said(one.value))
        since = "always" if one.since == date.min else one.since.isoformat()
        assert f"<tr><td>{since}</td><td>{said}</td><td>{escape(one.act)}</td></tr>" in shown, parameter.name


def test_a_condition_is_said_in_plain_words_with_the_notation_beside_it() -> None:
    """What a jurist reads is no program text, and the notation is there for whoever wants it."""
    found = load("ru")
    shown = page(found.law, found.procedure, date(2025, 4, 1), (), facts=words_there(found.law, found.forms).facts)
    for words in (
        "“Sex in the register” is male, and “Citizenship” is Russian, and the age (from “Date of birth”) on the day asked",
        "less than the law's “age to” (30).",
        "“Federal subject” is not one of the law's “recognised” (83 values, listed below), and",
        "“Health category” is G: unfit for now, and “Unfit for now until” is after the day asked about.",
        "“Teacher” is yes, and (the day asked about is before the law's “may 1” (2025-05-01), or the day asked",
        "“Lives in Russia” is no.",
        "<details><summary>In the notation</summary><code>((p.sex == 'm') and",
        "<td>“Date of birth”</td><td>born_on</td>",
    ):
        assert (words if words.startswith("<") else escape(words)) in shown.replace("&#x27;m&#x27;", "'m'"), words


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (Not(Join("or", (Col("served"), Col("degree")))), "it is not so that (“served” is yes, or “degree” is yes)"),
        (Not(Not(Col("served"))), "it is not so that (“served” is no)"),
        (Lit(True), "always"),
        (Lit(False), "never"),
    ],
)
def test_conditions_that_no_law_of_ours_has_yet(node: Anything, said: str) -> None:
    assert Plain(load("ru").law, date(2025, 4, 1)).condition(node) == said


@pytest.mark.parametrize(
    ("day", "said"), [(date(2019, 12, 31), "not known"), (date(2020, 1, 1), "unfit, weak"), (date(2025, 4, 5), "not known")]
)
def test_a_list_of_the_law_is_said_value_by_value_from_its_first_day(day: date, said: str) -> None:
    law = law_of_a_list()
    assert Plain(law, day).condition(law.rule("ill").body) == f"“health” is one of the law's “free for” ({said})"


def test_no_condition_is_left_in_program_text() -> None:
    for code in ("ru", "dk", "es-polls"):
        law = load(code).law
        for rule in law.rules:
            said = Plain(law, date(2025, 4, 1)).condition(rule.body)
            assert not any(mark in said for mark in ("p.", "==", "_", "'m'")), (code, rule.name, said)


def _said(value: object) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)


def test_it_says_of_what_is_not_in_force_that_it_is_not() -> None:
    law = load_law(
        '"""T: Act."""\nregister = {"born_on": "birth date: date", "ill": "ground: flag"}\n'
        '@liable("Act 1")\ndef bound(p, day):\n    return age(p.born_on, day) >= 18\n'
        '@exempt("Act 2", since="2021-01-01", ended="2025-01-01")\ndef old(p, day):\n    return p.ill\n',
        "t/law.py",
    )
    for day, said in ((date(2020, 12, 31), 1), (date(2021, 1, 1), 0), (date(2024, 12, 31), 0), (date(2025, 1, 1), 1)):
        shown = page(law, load("freedonia").procedure, day, ()).partition('id="old"')[2].partition("</section>")[0]
        assert shown.count("not in force on this day") == said, day


def test_it_says_how_a_right_is_given_up_or_that_no_column_says_it() -> None:
    head = '"""T: Act."""\nregister = {"born_on": "birth date: date", "ill": "ground: flag"%s}\n'
    rules = (
        '@liable("Act 1")\ndef bound(p, day):\n    return age(p.born_on, day) >= 18\n'
        '@exempt("Act 2", waivable=True)\ndef sick(p, day):\n    return p.ill\n'
    )
    for more, said in (("", "no column of this register"), (', "sick_waived": "ground: flag"', "“sick waived”")):
        shown = page(load_law(head % more + rules, "t/law.py"), load("freedonia").procedure, date(2025, 4, 1), ())
        assert f'<tr><th scope="row">The person may give it up</th><td>{said}</td></tr>' in shown
        assert shown.count("The person may give it up") == 1


def test_no_word_of_it_changes_unseen() -> None:
    """If a change is meant, ``PYTHONPATH=tests python -m law.kept_pages`` writes the pages anew; read what differs."""
    assert {name: (KEPT / f"{name}.html").read_text(encoding="utf-8") for name, _ in pages()} == dict(pages())
