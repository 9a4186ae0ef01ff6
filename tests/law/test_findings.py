"""Combination as design D3 says, birthdays, periods, waivers: small laws, one table each."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callup.law import Law, explain, load_law
from callup.law.logic import age_on, birth_cut
from callup.terms.errors import BadInput

ACT = '''"""T: Act."""
register = {"bound": "ground: flag", "barred": "ground: flag", "free": "ground: flag", "a_until": "ground: date, absent = no",
            "b_until": "ground: date, absent = no", "open": "ground: flag, absent = no"}
@liable("L")
def duty(p, day):
    return p.bound
@disqualify("D")
def bar(p, day):
    return p.barred
@exempt("E")
def freed(p, day):
    return p.free
@defer("A", until=p.a_until)
def first(p, day):
    return p.a_until > day
@defer("B", until=p.b_until)
def second(p, day):
    return p.b_until > day
@defer("O")
def endless(p, day):
    return p.open
'''
DAY = date(2025, 4, 1)
EARLY, LATE = date(2025, 6, 1), date(2025, 9, 1)
KNOWN = {"bound": True, "barred": False, "free": False}
COMBINED = {
    "bound and nothing else": (KNOWN, "LIABLE", ("L",), None, ()),
    "not bound": ({**KNOWN, "bound": False}, "NOT_LIABLE", ("L",), None, ()),
    "not bound, all else unknown": ({"bound": False}, "NOT_LIABLE", ("L",), None, ()),
    "barred goes before exempt": ({**KNOWN, "barred": True, "free": True}, "NOT_LIABLE", ("D",), None, ()),
    "exempt goes before deferred": ({**KNOWN, "free": True, "a_until": LATE}, "NOT_LIABLE", ("E",), None, ()),
    "the latest deferral decides, all are cited": ({**KNOWN, "a_until": EARLY, "b_until": LATE}, "NOT_LIABLE", ("B", "A"), LATE, ()),
    "equal ends: the law's order": ({**KNOWN, "a_until": LATE, "b_until": LATE}, "NOT_LIABLE", ("A", "B"), LATE, ()),
    "a deferral without an end is the latest": ({**KNOWN, "a_until": LATE, "open": True}, "NOT_LIABLE", ("O", "A"), None, ()),
    "a ground unknown": ({"bound": True, "barred": False}, "UNDETERMINED", ("E",), None, ("free",)),
    "two grounds unknown": ({"bound": True}, "UNDETERMINED", ("D", "E"), None, ("barred", "free")),
    "a ground unknown, but another known one decides": ({"bound": True, "free": True}, "NOT_LIABLE", ("E",), None, ()),
    "liability unknown": ({"barred": False, "free": False}, "UNDETERMINED", ("L",), None, ("bound",)),
    "liability unknown, a ground known": ({"barred": False, "free": True}, "NOT_LIABLE", ("E",), None, ()),
}


def act(text: str = ACT) -> Law:
    return load_law(text, "t/law.py")


@pytest.mark.parametrize("named", COMBINED)
def test_combination(named: str) -> None:
    person, *expected = COMBINED[named]
    told = explain(act(), person, DAY)
    assert [told.finding, told.because, told.until, told.missing] == expected


def test_every_step_has_article_answer_facts_and_line() -> None:
    told = explain(act(), KNOWN, DAY)
    first = told.steps[0]
    assert (first.citation, first.answer, first.facts, first.line, first.words) == ("L", True, (("bound", True),), 5, "duty")
    assert [step.answer for step in told.steps] == [True, False, False, False, False, False]
    assert told.mask == 1


def test_unless_between_grounds_and_between_duties() -> None:
    text = (
        ACT.replace('@exempt("E")', '@exempt("E", unless=["first"])')
        + '@liable("L2", unless=["duty"])\ndef other(p, day):\n    return p.open\n'
    )
    law = act(text)
    given_up = explain(law, {**KNOWN, "free": True, "a_until": LATE}, DAY)
    assert (given_up.because, given_up.until) == (("A",), LATE)
    assert [step.answer for step in explain(law, {**KNOWN, "open": True}, DAY).steps if step.effect == "liable"] == [True, False]


def test_periods_have_a_first_day_and_a_first_day_after() -> None:
    law = act(ACT.replace('@liable("L")', '@liable("L", since="2025-01-01", ended="2025-07-01")'))
    days = (date(2024, 12, 31), date(2025, 1, 1), date(2025, 6, 30), date(2025, 7, 1))
    assert [explain(law, KNOWN, day).finding for day in days] == ["NOT_LIABLE", "LIABLE", "LIABLE", "NOT_LIABLE"]


def test_a_law_has_a_first_day() -> None:
    law = act(ACT + 'few = dated({"2025-01-01": (3, "V")})\n')
    assert explain(law, KNOWN, date(2025, 1, 1)).finding == "LIABLE"
    with pytest.raises(BadInput, match="law-not-yet-in-force"):
        explain(law, KNOWN, date(2024, 12, 31))


def test_a_waivable_ground_is_given_up_only_by_the_person() -> None:
    text = ACT.replace('"open"', '"first_waived": "ground: flag, absent = no", "open"').replace(
        "until=p.a_until", "until=p.a_until, waivable=True"
    )
    found = [explain(act(text), {**KNOWN, "a_until": LATE, "first_waived": waived}, DAY).finding for waived in (None, False, True)]
    assert found == ["NOT_LIABLE", "NOT_LIABLE", "LIABLE"]


def test_a_blank_value_leaves_it_undetermined_and_names_it() -> None:
    law = act(ACT + 'fine = blank("number", "G20")\n@exempt("X")\ndef kids(p, day):\n    return p.count >= fine\n'.replace("p.count", "0"))
    told = explain(law, KNOWN, DAY)
    assert (told.finding, told.missing, told.because) == ("UNDETERMINED", ("fine",), ("X",))


BIRTHDAYS = {
    (date(2004, 2, 29), date(2022, 2, 28)): 17,
    (date(2004, 2, 29), date(2022, 3, 1)): 18,
    (date(2004, 2, 29), date(2024, 2, 28)): 19,
    (date(2004, 2, 29), date(2024, 2, 29)): 20,
    (date(2006, 3, 1), date(2024, 2, 29)): 17,
    (date(2006, 2, 28), date(2024, 2, 29)): 18,
    (date(2006, 2, 28), date(2024, 2, 28)): 18,
    (date(2006, 7, 15), date(2024, 7, 14)): 17,
    (date(2006, 7, 15), date(2024, 7, 15)): 18,
}


@pytest.mark.parametrize(("born", "day"), BIRTHDAYS)
def test_an_age_is_reached_on_the_birthday(born: date, day: date) -> None:
    years = BIRTHDAYS[born, day]
    assert age_on(born, day) == years
    assert birth_cut(day, years + 1) < born <= birth_cut(day, years)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.integers(0, 120))
def test_the_cut_off_is_the_age_written_as_a_date(born: date, day: date, years: int) -> None:
    assert (born <= birth_cut(day, years)) == (age_on(born, day) >= years)
