"""Russia's folder: both readings of the transition, edges of the window, places, the decree, and data recomputed from their sources."""

import csv
import io
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callup.jurisdictions import load, resource
from callup.law import DuckDB, Law, Window, assess, calendar_rows, explain, interval, load_law, register_schema
from callup.terms.decree import read_decree

RU = load("ru")
SPRING = Window(date(2025, 4, 1), date(2025, 7, 15), date(2025, 4, 1))
FIT = {"sex": "m", "citizenship": "RU", "unit": "RU-MOW", "is_resident": True, "health_category": "A"}
RAW = Path(__file__).parent / "russia_2022"


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(resource("ru", f"data/{name}").decode())))


def by_the_words_alone() -> Law:
    """The other reading of 439-FZ: only being in the reserve releases (article 22(1)(a)); reaching 27 before 2024 does not."""
    text = resource("ru", "law.py").decode()
    rule = text[text.index('@exempt(unverified("439-FZ') : text.index('@exempt("53-FZ, art. 22(1)(a)")')]
    return load_law(text.replace(rule, ""), "ru/law.py")


def test_every_unverified_citation_stands_in_the_sources() -> None:
    said = " ".join(RU.sources.split())
    for citation in (*RU.law.unverified, *RU.procedure.unverified):
        assert f"`{citation}`" in said, citation


def test_every_citation_has_a_line_in_the_sources() -> None:
    cited = {rule.citation for rule in RU.law.rules} | {one.citation for one in RU.procedure.provisions if one.citation}
    said = " ".join(RU.sources.split())
    assert sorted(citation for citation in cited if f"`{citation}`" not in said) == []


def test_there_are_examples_enough() -> None:
    assert len(RU.examples) >= 40
    assert len({example.name for example in RU.examples}) == len(RU.examples)


@pytest.mark.parametrize(
    ("born", "chosen", "by_words"),
    [
        ("1996-12-31", None, ("2025-04-01", None)),
        ("1997-01-01", ("2025-04-01", None), ("2025-04-01", None)),
        ("1995-04-01", None, None),
        ("1995-04-02", None, ("2025-04-01", "2025-04-02")),
        ("1995-06-10", None, ("2025-04-01", "2025-06-10")),
        ("1995-07-15", None, ("2025-04-01", "2025-07-15")),
        ("1995-07-16", None, ("2025-04-01", None)),
    ],
)
def test_both_readings_of_the_transition(born: str, chosen: tuple[str, str | None] | None, by_words: tuple[str, str | None] | None) -> None:
    man = FIT | {"born_on": date.fromisoformat(born)}
    for law, wanted in ((RU.law, chosen), (by_the_words_alone(), by_words)):
        told = interval(law, man, SPRING)
        from_, until = (None, None) if wanted is None else (date.fromisoformat(wanted[0]), wanted[1] and date.fromisoformat(wanted[1]))
        assert (told.finding == "LIABLE", told.liable_from, told.liable_until) == (wanted is not None, from_, until or None)
    in_the_reserve = man | {"in_reserve": True}
    assert {interval(law, in_the_reserve, SPRING).finding for law in (RU.law, by_the_words_alone())} == {"NOT_LIABLE"}


@pytest.mark.parametrize(
    ("given_", "from_", "until"),
    [
        ({"born_on": date(2007, 7, 14)}, date(2025, 7, 14), None),
        ({"born_on": date(2007, 7, 15)}, date(2025, 7, 15), None),
        ({"born_on": date(2007, 7, 16)}, None, None),
        ({"health_category": "G", "health_until": date(2025, 5, 20)}, date(2025, 5, 20), None),
        ({"student_until": date(2025, 6, 30)}, date(2025, 6, 30), None),
        ({"student_until": date(2025, 7, 16)}, None, None),
        ({"teacher": True}, date(2025, 5, 1), None),
        ({"far_north": True}, date(2025, 5, 1), None),
        ({"farm_worker": True}, None, None),
    ],
)
def test_intervals_in_the_window(given_: Mapping[str, object], from_: date | None, until: date | None) -> None:
    told = interval(RU.law, FIT | {"born_on": date(2003, 5, 5)} | dict(given_), SPRING)
    assert (told.liable_from, told.liable_until) == (from_, until)


@given(
    unit=st.one_of(
        st.none(), st.text(max_size=8), st.sampled_from(["RU-CR", "RU-SEV", "UA-43", "UA-40", "UA-14", "UA-09", "UA-23", "UA-65"])
    )
)
def test_nobody_outside_the_closed_list_of_places_is_liable(unit: str | None) -> None:
    listed = {row["iso_code"] for row in rows("subjects.csv")}
    told = explain(RU.law, FIT | {"born_on": date(2003, 5, 5), "unit": unit}, SPRING.key)
    assert told.finding == ("LIABLE" if unit in listed else "UNDETERMINED")


def test_the_places_of_the_law_are_those_of_the_data() -> None:
    listed = {row["iso_code"] for row in rows("subjects.csv")}
    assert len(listed) == 83
    assert set(RU.law.parameters["recognised"].at(SPRING.key) or ()) == listed
    assert {row["iso_code"] for row in rows("men_by_subject_age.csv")} == listed
    assert {row["iso_code"] for row in rows("cities.csv")} == listed


people = st.fixed_dictionaries(
    {
        "born_on": st.one_of(
            st.none(), st.dates(date(1994, 1, 1), date(2008, 1, 1)), st.sampled_from([date(1996, 12, 31), date(1997, 1, 1)])
        ),
        "sex": st.sampled_from(["m", "m", "m", "f", None]),
        "citizenship": st.sampled_from(["RU", "RU", "RU", "KZ", None]),
        "unit": st.sampled_from(["RU-MOW", "RU-MOW", "RU-SAK", "UA-43", None]),
        "is_resident": st.sampled_from([True, True, True, False, None]),
        "health_category": st.sampled_from(["A", "A", "B", "V", "G", "D", None]),
        "children": st.sampled_from([None, None, 0, 1, 2]),
    }
    | {
        name: st.one_of(st.none(), st.none(), st.dates(date(2025, 3, 20), date(2025, 7, 25)))
        for name, column in RU.law.columns.items()
        if column.type == "date" and name != "born_on"
    }
    | {
        name: st.sampled_from([None, None, None, None, False, True])
        for name, column in RU.law.columns.items()
        if column.type == "flag" and name != "is_resident"
    }
)


@settings(max_examples=15)
@given(st.lists(people, min_size=1, max_size=25))
def test_the_query_is_the_oracle(found: list[dict[str, object]]) -> None:
    types = {"date": pa.date32(), "text": pa.string(), "flag": pa.bool_(), "number": pa.int64()}
    columns = {name: pa.array([one[name] for one in found], types[column.type]) for name, column in RU.law.columns.items()}
    columns["person_id"] = pa.array([f"p{number:04}" for number in range(len(found))])
    with duckdb.connect() as engine:
        engine.register("snapshot", pa.table(columns))
        engine.register("calendar", calendar_rows(RU.law, SPRING))
        query = assess(RU.law, SPRING, DuckDB())
        told = engine.sql(
            f"SELECT finding, rule, mask, until, liable_from, liable_until FROM ({query.sql}) f ORDER BY person_id"
        ).fetchall()
    expected = [interval(RU.law, one, SPRING) for one in found]
    assert told == [(one.finding, one.rule, one.mask, one.until, one.liable_from, one.liable_until) for one in expected]


def test_the_procedure_of_spring_2025() -> None:
    now = RU.procedure.at(SPRING.key)
    assert {channel.name for channel in now.channels} == {"counter", "mail", "portal"}
    acted = {rule.on_expiry for rule in now.services if rule.acts}
    assert acted == {"confirm"}, "nothing is presumed: the register's seven days were not general yet"
    assert [blank.name for blank in now.blanks] == ["lead"]
    assert [order.method for order in now.orders] == ["list"]
    assert [term.months for term in now.terms] == [12]
    days = now.conscience[0].until_days_before
    assert SPRING.first - timedelta(days=days) == date(2024, 10, 1)
    assert {stop.claim for stop in now.suspensions} >= {"deferral", "exemption", "alternative-service", "appeal"}


def test_working_days() -> None:
    calendar = RU.calendar
    days = {date(2025, 5, 2): False, date(2025, 5, 8): False, date(2025, 5, 12): True, date(2025, 6, 13): False, date(2025, 11, 1): True}
    assert {day: calendar.is_working(day) for day in days} == days
    assert calendar.add_working(date(2025, 4, 30), 1) == date(2025, 5, 5)


def test_the_decree_of_the_demo() -> None:
    text = resource("ru", "data/decree.toml").decode()
    decree = read_decree(tomllib.loads(text), text)
    assert (decree.persons_to_enlist, decree.opens_on, decree.closes_on) == (160_000, SPRING.first, SPRING.last)
    assert decree.rehearsal
    assert decree.order_basis.startswith("not Russian law")
    assert [one.id for one in decree.undertakings] == ["U1", "U2"]
    assert set(decree.undertakings[0].forbids_postings) <= set(decree.posting_categories)
    assert decree.service_months <= RU.procedure.terms[0].months
    assert set(decree.channels) <= {channel.name for channel in RU.procedure.at(decree.opens_on).channels}
    assert set(decree.languages) == set(RU.forms)


def test_men_by_subject_and_age_come_from_the_published_tables() -> None:
    women: dict[str, dict[int, int]] = defaultdict(dict)
    for row in csv.DictReader((RAW / "women_by_year.csv").read_text().splitlines()):
        women[row["iso_code"]][int(row["age"])] = int(row["women"])
    expected = {}
    for row in csv.DictReader((RAW / "men_by_five_years.csv").read_text().splitlines()):
        unit, start = row["iso_code"], int(row["age_from"])
        shape = [women[unit].get(age, 1) if start >= 15 else 1 for age in range(start, start + 5)]
        for age, men in zip(range(start, start + 5), largest_remainder(int(row["men"]), shape), strict=True):
            expected[unit, age + 3] = men
    carried = {(row["iso_code"], int(row["age"])): int(row["men"]) for row in rows("men_by_subject_age.csv")}
    assert carried == {(unit, age): men for (unit, age), men in expected.items() if 16 <= age <= 40}


def largest_remainder(total: int, weights: list[int]) -> list[int]:
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda at: (-(total * weights[at] % whole), at))
    for at in order[: total - sum(shares)]:
        shares[at] += 1
    return shares


def test_rates_name_columns_of_the_law_and_their_source() -> None:
    schema = register_schema(RU.law)
    for row in rows("grounds.csv"):
        assert row["column"] in schema.names, row
        assert row["source"].strip(), row
        assert 0 <= Fraction(row["share"]) <= 1
        assert int(row["from_age"]) <= int(row["to_age"])
        if schema[row["column"]].type == "date":
            assert date.fromisoformat(row["first_day"]) <= date.fromisoformat(row["last_day"])


def test_the_sources_count_the_rates_that_are_assumed() -> None:
    """And whoever assumes says why this much: "assumed:" with a reason, or "(assumed" behind the factor that is meant."""
    sources = [row["source"] for row in rows("grounds.csv")]
    wholly = [source for source in sources if source.startswith("assumed")]
    partly = [source for source in sources if "(assumed" in source]
    assert all(source.startswith("assumed: ") and len(source) > 60 for source in wholly)
    assert {source for source in sources if "assumed" in source} == {*wholly, *partly}
    said = f"of its {len(sources)} rates {len(wholly)} is assumed and {len(partly)} more in a factor"
    assert said in RU.sources


def test_names_are_lists_of_one_script_for_both_sexes() -> None:
    parts: dict[str, list[str]] = defaultdict(list)
    for row in rows("names.csv"):
        parts[row["part"]].append(row["name"])
    assert set(parts) == {f"{part}_{sex}" for part in ("first", "middle", "last") for sex in "mf"}
    for part, names in parts.items():
        assert len(names) == len(set(names)), part
        assert all("а" <= letter.lower() <= "я" or letter in "ёЁ-" for name in names for letter in name), part
