"""Equal or red: whole findings of one corpus on every engine are what the one-person evaluator finds (design engine 8.5)."""

import hashlib
from collections import Counter
from datetime import date, timedelta

import pytest
from law.corpus import CODES, cases
from law.engines import ENGINES
from sampling import some

from callup.law import assess, explain, load_law
from callup.law.comparing import called, compare, count, law_as_of
from callup.law.dialects import DIALECTS
from callup.terms.tables import FINDINGS

WITHOUT_SHA256 = ("sqlite", "polars")


@pytest.fixture(
    scope="module", params=[pytest.param(name, marks=pytest.mark.postgresql if name == "postgresql" else ()) for name in ENGINES]
)
def engine(request):
    with ENGINES[request.param]() as answer:
        yield DIALECTS[request.param], answer


@pytest.mark.parametrize("code", CODES)
def test_whole_findings_are_the_evaluators(engine, code):
    dialect, answer = engine
    text = dialect.row_text(FINDINGS)
    shown = text if dialect.name in WITHOUT_SHA256 else f"{text} AS t, {dialect.sha256(text)} AS d"
    for case in asked(code, dialect.name):
        tables = {"snapshot": case.snapshot(), "calendar": case.calendar()}
        found = sorted(answer(tables, f"SELECT {shown} FROM ({assess(case.law, case.window, dialect).sql}) f"))
        texts = sorted(case.row_texts())
        assert [row[0] for row in found] == texts, case.name
        assert [row[1] for row in found if row[1:]] in ([], [hashlib.sha256(text.encode()).hexdigest() for text in texts])


@pytest.mark.parametrize("code", ["everyland", "us-jury"])
def test_two_laws_in_one_scan_are_two_questions_to_the_evaluator(engine, code):
    dialect, answer = engine
    case = cases(code)[0]
    days = (case.window.first, case.window.last + timedelta(days=400))
    laws = tuple(law_as_of(case.law, day) for day in days)
    sql = compare(laws, days, dialect).sql
    found = {tuple(map(str, row[:-1])): row[-1] for row in answer({"snapshot": case.snapshot()}, sql)}
    expected = Counter()
    for one in case.people:
        pairs = [(told.finding, told.rule) for told in (explain(case.law, one, day) for day in days)]
        expected[tuple(map(str, (one.get("born_on") if pairs[0] != pairs[1] else None, *pairs[0], *pairs[1])))] += 1
    assert found == dict(expected)
    assert len(found) > 3


@pytest.mark.parametrize("code", ["everyland", "ru", "freedonia"])
def test_counts_and_the_list_of_the_liable_are_the_evaluators(engine, code):
    dialect, answer = engine
    case, kinds = max(cases(code), key=lambda one: len(one.people)), set()
    for day in sorted({case.window.first, case.window.key, case.window.last}):
        told = [explain(case.law, one, day) for one in case.people]
        summary = Counter((one.get("unit"), found.finding, found.rule) for one, found in zip(case.people, told, strict=True))
        counted = answer({"snapshot": case.snapshot()}, count(case.law, day, dialect).sql)
        assert {tuple(row[:-1]): row[-1] for row in counted} == dict(summary)
        listed = answer({"snapshot": case.snapshot()}, called(case.law, day, dialect).sql)
        assert {row[0] for row in listed} == {f"p{number:04}" for number, found in enumerate(told) if found.finding == "LIABLE"}
        kinds |= {found.finding for found in told}
    assert kinds == {"LIABLE", "NOT_LIABLE", "UNDETERMINED"}


def asked(code, engine):
    """All cases; of Russia's thirty days one in three, others for each engine, and all of them at night."""
    made = cases(code)
    days = [case for case in made if len(case.window.days) == 1]
    kept = days if len(days) < 10 else [days[number] for number in some(len(days), engine)]
    return kept + [case for case in made if len(case.window.days) > 1]


@pytest.mark.parametrize("code", CODES)
def test_the_corpus_shows_every_finding_holes_leap_days_and_cut_offs(code):
    rows = [row for case in cases(code) for row in case.rows()]
    people = [one for case in cases(code) for one in case.people]
    assert {row[3] for row in rows} == {"LIABLE", "NOT_LIABLE", "UNDETERMINED"}
    holes = sum(value is None for one in people for value in one.values())
    assert holes * 4 > sum(map(len, people))
    assert any(len(case.window.days) > 1 for case in cases(code))
    if "born_on" not in cases(code)[0].law.columns:
        assert code == "us-jury-form", "a law that asks nobody's age"
        return
    assert sum((one["born_on"].month, one["born_on"].day) == (2, 29) for one in people if one.get("born_on")) >= 5


def test_the_law_of_a_day_has_a_value_from_the_day_on_which_its_first_one_holds() -> None:
    law = load_law(
        '"""T."""\nregister = {"a": "ground: number", "b": "ground: flag"}\nlate = dated({"2024-03-05": (2, "Act 2")})\n'
        '@liable("Act 1", since="2020-01-01")\ndef first(p, day):\n    "Who."\n    return p.b\n'
        '@liable("Act 2", since="2024-03-05")\ndef bound(p, day):\n    "Who."\n    return p.a >= late\n',
        "t/law.py",
    )
    held = {day: law_as_of(law, day).parameters["late"].values[0].value for day in (date(2024, 3, 4), date(2024, 3, 5), date(2024, 3, 6))}
    assert list(held.values()) == [None, 2, 2]
