"""The words of a notice: complete in every language, plain, marked where they must be."""

import pytest
from notice.sample import decree, ground, letters, texts

from callup.jurisdictions import available, load
from callup.notice import letter_texts, lint_forms
from callup.terms.errors import BadInput


@pytest.mark.parametrize("code", available())
def test_every_language_of_every_jurisdiction_says_everything_plainly(code):
    folder = load(code)
    assert lint_forms(folder.procedure, folder.forms, tuple(folder.forms)) == ()
    assert folder.forms


@pytest.mark.parametrize(
    ("form", "old", "new", "expected"),
    [
        ("letter", 'who = "Who"', "", "letter: facts.who: is missing"),
        ("letter", "{fight}", "", "letter: sections.others_line: must have"),
        ("letter", "{object_days} days from service", "{soon}", "letter: facts.object_words: does not know soon"),
        ("letter", "Your rights are on the back", "Come on {date}", "letter: continued: does not know date"),
        ("letter", 'ask = "By when?"', 'ask = ""', "letter: questions.3: ask or answer is missing"),
        ("letter", 'ask = "Is it real?"', 'ask = "Is it real' + "ly" * 99 + '?"', "letter: questions.1: longer than"),
        ("letter", "decided = ", "other = ", "letter: until.decided: is missing"),
        ("letter", "check_lines = [", "other_lines = [", "letter: sections.check_lines: is missing"),
        ("letter", "Scan to check", "{", "letter: check_words: "),
        ("procedure", "[consequences.fine]", "[consequences.fee]", "procedure: consequences.fine.text: is missing"),
        ("procedure", "[remedies.decision]", "[remedies.other]", "procedure: remedies.decision.body: is missing"),
        ("procedure", "[claims.appeal]", "[claims.other]", "procedure: claims.appeal.papers: is missing"),
        ("procedure", "[advice.service-ombudsman]", "[advice.other]", "procedure: advice.service-ombudsman.short: is missing"),
        ("procedure", "Another day.", "word " * 41 + ".", "procedure: claims.other-date.text: a sentence of 41 words"),
        ("procedure", "[remedies.notice]", "[", "form-unreadable"),
    ],
)
def test_what_is_missing_or_wrong_in_a_form_is_named(form, old, new, expected):
    folder = load("freedonia")
    names = {name.removesuffix(".toml"): text for name, text in folder.forms["en"].items()}
    assert old in names[form]
    broken = {"en": {**names, form: names[form].replace(old, new)}}
    problems = lint_forms(folder.procedure, broken, ("en",))
    assert any(expected in problem for problem in problems), problems
    with pytest.raises(BadInput, match="form-incomplete"):
        letter_texts(broken, ground(), "en")


@pytest.mark.parametrize("hole", ["date", "time", "place", "place_id"])
def test_a_letter_that_asks_for_an_answer_knows_no_day_and_no_place(hole):
    folder = load("us-jury-form")
    form = {"en": {**folder.forms["en"]}}
    form["en"]["letter.toml"] = form["en"]["letter.toml"].replace("{answer_days} days from service", "{" + hole + "}")
    assert f"en/letter: facts.when_words: does not know {hole}" in lint_forms(folder.procedure, form, ("en",))
    form["en"]["letter.toml"] = folder.forms["en"]["letter.toml"].replace('asks = "answer"', 'asks = "money"')
    assert "en/letter: asks: must be one of appearance, answer" in lint_forms(folder.procedure, form, ("en",))


def test_a_letter_that_asks_for_something_else_than_the_decree_is_not_written():
    folder = load("us-jury-form")
    with pytest.raises(BadInput, match="form-asks-otherwise"):
        letter_texts(folder.forms, ground("us-jury-form"), "en")


def test_a_language_of_the_decree_without_forms_is_a_problem():
    folder = load("freedonia")
    assert any("xx" in problem for problem in lint_forms(folder.procedure, folder.forms, ("en", "xx")))
    with pytest.raises(BadInput, match="form-incomplete"):
        letter_texts(folder.forms, ground(), "xx")


def test_the_five_questions_come_first_and_in_their_order():
    asks = texts().fixed["asks"]
    assert asks == ["Is it real?", "Must I do anything now?", "By when?", "What if I cannot or will not?", "Who helps me for free?"]


def test_what_others_may_do_names_article_body_first_day_and_how_to_fight_it():
    section = texts().fixed["sections"][0]
    assert section["key"] == "others"
    line = next(line for line in section["lines"] if "fine" in line)
    assert all(part in line for part in ("Service Act 2020, art. 20", "Service Court of Freedonia", "day 30 after service", "appeal"))
    assert "takes no part" in section["lines"][0]


def test_claims_and_appeals_say_whether_the_duty_stops():
    lines = next(one["lines"] for one in texts().fixed["sections"] if one["key"] == "claims")
    assert "It stops the duty to come until the decision is final." in lines[0]
    assert "It does not stop the duty." in next(line for line in lines if line.startswith("Another day"))
    assert lines[-1].startswith("An appeal")


def test_undertakings_unverified_articles_and_promises_stand_in_the_letter():
    sections = {one["key"]: " ".join(one["lines"]) for one in texts().fixed["sections"]}
    assert sections["undertakings"] == "U1. Nobody is sent abroad. Promised by the Minister of Service on 31 March 2025."
    assert "Service Act 2020, art. 99" in sections["unverified"]
    assert "cd" * 16 in sections["unverified"]


@pytest.mark.parametrize(
    ("changed", "marks", "first"),
    [
        ({"rehearsal": True, "method": "draw"}, 2, "No, it is a rehearsal"),
        ({"rehearsal": False, "method": "draw"}, 1, "Yes"),
        ({"rehearsal": False, "method": "list"}, 0, "Yes"),
    ],
)
def test_rehearsal_and_drawn_order_are_marked(changed, marks, first):
    made = texts(**changed)
    assert len(made.fixed["marks"]) == marks
    assert made.answers[0].startswith(first)
    assert changed["rehearsal"] == any("REHEARSAL" in mark for mark in made.fixed["marks"])


def test_an_example_address_stands_only_in_a_rehearsal():
    folder = load("freedonia")
    names = {name.removesuffix(".toml"): text for name, text in folder.forms["en"].items()}
    forms = {"en": {**names, "procedure": names["procedure"] + "example = true\n"}}
    assert lint_forms(folder.procedure, forms, ("en",)) == ()
    marked = letter_texts(forms, ground(), "en")
    assert any(line.startswith("EXAMPLE") for one in marked.fixed["sections"] for line in one["lines"])
    with pytest.raises(BadInput, match="advice-is-an-example"):
        letter_texts(forms, ground(rehearsal=False), "en")


def test_the_sample_decree_and_letters_are_whole():
    assert decree().undertakings
    assert letters(2).num_rows == 2


def test_citations_are_written_in_the_readers_language():
    lines = {one["key"]: " ".join(one["lines"]) for one in texts("ru", "ru").fixed["sections"]}
    assert "УК РФ, ст. 328(1)" in lines["others"]
    assert "53-ФЗ, ст. 7.1 (не сверено)" in lines["others"]
    assert "art." not in lines["others"] + lines["remedies"] + lines["claims"]


@pytest.mark.parametrize(
    ("code", "language", "day"), [("ru", "ru", "31 марта 2025 г."), ("lt", "lt", "2025 m. kovo 31 d."), ("ru", "en", "31 March 2025.")]
)
def test_a_day_that_is_written_with_a_full_stop_ends_its_sentence_once(code, language, day):
    made = texts(code, language)
    promised = next(one for one in made.fixed["sections"] if one["key"] == "undertakings")["lines"][0]
    assert promised.endswith(day)
