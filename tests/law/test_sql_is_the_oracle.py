"""The SQL over a register gives, row by row, what the one-person evaluator gives day by day (design 8.5, G18)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from law.corpus import EVERYTHING, WINDOWS, Case, law_of_a_list

from callup.jurisdictions import load
from callup.law import DuckDB, Law, Window, assess, calendar_rows, load_law
from callup.law.assessing import _Moving
from callup.law.comparing import Change, changes
from callup.law.logic import birth_cut
from callup.terms.tables import FINDINGS

CODES = {"sex": ("m", "f", "x"), "unit": ("A", "B", "C"), "health": ("fit", "fair", "unfit"), "level": ("doctor", "school")}


def person(law: Law, window: Window) -> st.SearchStrategy[dict[str, object]]:
    """A person with a quarter of the columns empty, birthdays on the cut-offs and their neighbours, dates at the window's edges."""
    near = st.sampled_from([day + timedelta(days=step) for day in (window.first, window.key, window.last) for step in range(-2, 3)])
    days = st.one_of(near, st.sampled_from(window.days), st.dates(date(2020, 1, 1), date(2028, 1, 1)))
    births = st.builds(
        lambda day, years, step: birth_cut(day, years) + timedelta(days=step),
        st.sampled_from(window.days),
        st.sampled_from((17, 18, 19, 20, 26, 27, 28, 30)),
        st.integers(-1, 1),
    )
    leap = st.sampled_from([date(2004, 2, 29), date(2008, 2, 29), date(1996, 2, 29), date(2000, 2, 29)])
    kinds = {"date": days, "flag": st.booleans(), "number": st.integers(0, 4)}
    made: dict[str, st.SearchStrategy[object]] = {}
    for column in law.columns.values():
        full = (
            st.one_of(births, leap)
            if column.kind == "birth date"
            else kinds.get(column.type, st.sampled_from(CODES.get(column.name, ("fit",))))
        )
        made[column.name] = st.one_of(full, full, full, st.none())
    return st.fixed_dictionaries(made)


def found_by_sql(law: Law, window: Window, people: Sequence[Mapping[str, object]]) -> list[tuple[object, ...]]:
    asked = Case("", law, window, tuple(people))
    query = assess(law, window, DuckDB())
    with duckdb.connect() as engine:
        engine.register("snapshot", asked.snapshot())
        engine.register("calendar", asked.calendar())
        answered = engine.sql(f"SELECT * FROM ({query.sql}) f ORDER BY person_id")
        assert tuple(answered.columns) == FINDINGS.names
        return answered.fetchall()


def found_by_oracle(law: Law, window: Window, people: Sequence[Mapping[str, object]]) -> list[tuple[object, ...]]:
    return Case("", law, window, tuple(people)).rows()


LAWS = {"everyland": load_law(EVERYTHING, "everyland/law.py"), "freedonia": load("freedonia").law}


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("window", WINDOWS, ids=str)
@settings(max_examples=10)
@given(choices=st.data())
def test_row_by_row(name: str, window: Window, choices: st.DataObject) -> None:
    law = LAWS[name]
    people = choices.draw(st.lists(person(law, window), min_size=1, max_size=20))
    assert found_by_sql(law, window, people) == found_by_oracle(law, window, people)


def test_the_calendar_has_a_row_a_day() -> None:
    window = WINDOWS[0]
    rows = calendar_rows(LAWS["everyland"], window).to_pydict()
    assert tuple(rows["day"]) == window.days
    assert rows["before"] == [None, *window.days[:-1]]
    opening = {day for day, opens in zip(rows["day"], rows["opens"], strict=True) if opens}
    changes = {date(2024, 3, day) for day in (2, 3, 5, 8, 12, 14, 15, 18, 22, 26)}
    assert {window.first, window.key} | changes - {date(2024, 3, 2)} <= opening
    assert len(opening) < len(window.days)


def test_the_edges_of_g18() -> None:
    """18th birthday on 14, 15 and 16 July 2025; 30th on 1 April and within; a deferral that ends in the window."""
    law = load_law(
        '"""T: Act."""\nregister = {"born_on": "birth date: date", "health_until": "ground: date, absent = no"}\n'
        '@liable("Act 1")\ndef bound(p, day):\n    return 18 <= age(p.born_on, day) < 30\n'
        '@defer("Act 2", until=p.health_until)\ndef ill(p, day):\n    return p.health_until > day\n',
        "t/law.py",
    )
    window = Window(date(2025, 4, 1), date(2025, 7, 15), date(2025, 4, 1))
    table = {
        (date(2007, 7, 14), None): ("LIABLE", date(2025, 7, 14), None),
        (date(2007, 7, 15), None): ("LIABLE", date(2025, 7, 15), None),
        (date(2007, 7, 16), None): ("NOT_LIABLE", None, None),
        (date(1995, 4, 1), None): ("NOT_LIABLE", None, None),
        (date(1995, 4, 2), None): ("LIABLE", date(2025, 4, 1), date(2025, 4, 2)),
        (date(1995, 6, 10), None): ("LIABLE", date(2025, 4, 1), date(2025, 6, 10)),
        (date(2000, 1, 1), date(2025, 5, 20)): ("LIABLE", date(2025, 5, 20), None),
        (date(2000, 1, 1), date(2025, 7, 16)): ("NOT_LIABLE", None, None),
        (date(1995, 5, 1), date(2025, 5, 1)): ("NOT_LIABLE", None, None),
        (None, date(2025, 4, 1)): ("UNDETERMINED", None, None),
    }
    people = [{"born_on": born, "health_until": until} for born, until in table]
    rows = found_by_sql(law, window, people)
    assert [(row[3], row[8], row[9]) for row in rows] == list(table.values())
    assert rows == found_by_oracle(law, window, people)


def test_a_law_that_needs_no_answer_of_anybody_leaves_nobody_undetermined() -> None:
    law = load_law(
        '"""T: Act."""\nregister = {"sworn": "ground: flag, absent = no"}\n@liable("Act 1")\ndef bound(p, day):\n    return not p.sworn\n',
        "t/law.py",
    )
    window, people = Window(date(2025, 4, 1), date(2025, 4, 3), date(2025, 4, 1)), [{"sworn": True}, {"sworn": None}]
    rows = found_by_sql(law, window, people)
    assert ([row[3] for row in rows], rows) == (["NOT_LIABLE", "LIABLE"], found_by_oracle(law, window, people))


def test_undetermined_is_told_as_on_the_key_date() -> None:
    law = load_law(
        '"""T: Act."""\nregister = {"born_on": "birth date: date", "a": "ground: flag", "b": "ground: flag"}\n'
        '@liable("Act 1")\ndef bound(p, day):\n    return age(p.born_on, day) >= 18\n'
        '@exempt("Act 2", ended="2025-04-03")\ndef early(p, day):\n    return p.a\n'
        '@exempt("Act 3", since="2025-04-03")\ndef late(p, day):\n    return p.b\n',
        "t/law.py",
    )
    person = {"born_on": date(2000, 1, 1), "a": None, "b": None}
    told = {}
    for key in (date(2025, 4, 1), date(2025, 4, 5)):
        window = Window(date(2025, 4, 1), date(2025, 4, 9), key)
        rows = found_by_sql(law, window, [person])
        assert rows == found_by_oracle(law, window, [person])
        told[key.day] = rows[0][7]
    assert told == {1: "a", 5: "b"}


@pytest.mark.parametrize(("first", "finding"), [(date(2025, 4, 1), "LIABLE"), (date(2025, 4, 6), "UNDETERMINED")])
def test_a_list_that_the_law_leaves_blank_is_no_empty_list(first: date, finding: str) -> None:
    """Safeguard G20: nobody is bound because nobody knows whom the list frees."""
    law = law_of_a_list()
    people, window = [{"born_on": date(2000, 1, 1), "health": "fit"}], Window(first, first + timedelta(days=3), first)
    rows = found_by_sql(law, window, people)
    assert (rows[0][3], rows) == (finding, found_by_oracle(law, window, people))


@pytest.mark.parametrize(("parts", "found"), [(["1"], "1"), (["1", "3"], "3"), (["3", "1"], "3"), (["2", "7", "4"], "7")])
def test_the_latest_of_any_number_of_days_is_the_latest(parts, found):
    with duckdb.connect() as base:
        assert base.execute(f"SELECT {DuckDB().latest(parts)}").fetchall() == [(int(found),)]


def test_only_whom_the_days_or_the_law_move_is_asked_again():
    """In Russia's spring the law of teachers changes on 1 May, that of farm workers outside the window."""
    law, window = load("ru").law, Window(date(2025, 4, 1), date(2025, 7, 15), date(2025, 4, 1))
    ordinary = {"born_on": date(2004, 2, 29), "sex": "m", "citizenship": "RU", "is_resident": True, "health_category": "A", "unit": "RU-KO"}
    still = [{}, {"farm_worker": True}, {"student_until": date(2025, 7, 16)}, {"born_on": date(2007, 4, 1)}, {"born_on": None}]
    moved = [{"teacher": True}, {"student_until": date(2025, 6, 1)}, {"born_on": date(2007, 4, 2)}, {"born_on": date(1995, 7, 15)}]
    people = [ordinary | facts for facts in (*still, *moved)]
    with duckdb.connect() as engine:
        engine.register("snapshot", Case("", law, window, tuple(people)).snapshot())
        asked = engine.execute(f"SELECT {_Moving.of(law, window, DuckDB()).movers()} FROM snapshot s ORDER BY person_id").fetchall()
    assert asked == [(False,)] * len(still) + [(True,)] * len(moved)
    assert found_by_sql(law, window, people) == found_by_oracle(law, window, people)


def test_what_differs_between_the_law_of_two_days_is_named_with_its_act():
    law = law_of_a_list()
    assert changes(law, date(2025, 4, 1), date(2025, 4, 4)) == ()
    assert changes(law, date(2025, 4, 4), date(2025, 4, 5)) == (Change("free_for", "unfit, weak", "not known", "A2"),)


def test_nobody_is_older_than_the_calendar() -> None:
    assert birth_cut(date(17, 3, 1), 18) == birth_cut(date(18, 3, 1), 18) == date.min
    assert birth_cut(date(19, 3, 1), 18) == date(1, 3, 1)
