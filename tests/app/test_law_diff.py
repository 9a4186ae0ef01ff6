"""callup law diff: whom an amendment moves and why, on synthetic registers and counts only (safeguard G2)."""

import json
from collections import Counter
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from callup.app.impact import Days, moves, open_study
from callup.app.synthetic import MARK, write_register
from callup.jurisdictions import load
from callup.law import explain
from callup.law.comparing import law_as_of
from callup.terms.errors import BadInput, NotLawful

RU = load("ru").law
BEFORE, AFTER, LATER = date(2023, 12, 31), date(2024, 1, 1), date(2024, 7, 1)
STUDY = ("law", "diff", "ru", "--from", BEFORE, "--to", AFTER)
COUNTS = "born_on,sex,citizenship,unit,is_resident,health_category,persons\n"
ROW = "m,RU,RU-MOW,t,A"


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    path = tmp_path_factory.mktemp("study") / "register.parquet"
    write_register("ru", 1_000, 7, path)
    return path


@pytest.mark.parametrize("asked", [(BEFORE, AFTER), (LATER, LATER)], ids=["each on its own day", "both on one day"])
def test_it_counts_what_the_evaluator_says_of_each(register, asked):
    expected = Counter()
    one, other = law_as_of(RU, BEFORE), law_as_of(RU, AFTER)
    for person in pq.read_table(register).to_pylist():
        told = [explain(law, person, day) for law, day in zip((one, other), asked, strict=True)]
        if asked == (BEFORE, AFTER):
            assert [(day.finding, day.rule) for day in told] == [
                (day.finding, day.rule) for day in (explain(RU, person, on) for on in asked)
            ]
        pair = (told[0].finding, told[0].rule, told[1].finding, told[1].rule)
        if pair[:2] != pair[2:]:
            born = person["born_on"]
            age = asked[1].year - born.year - ((asked[1].month, asked[1].day) < (born.month, born.day)) if born else -1
            expected[(*pair, age)] += 1
    found = moves(RU, open_study(register, "ru", RU), Days((BEFORE, AFTER), asked))
    assert {(m.finding_before, m.rule_before, m.finding_after, m.rule_after, m.age): m.persons for m in found} == dict(expected)
    assert found


def test_the_reference_change_is_told_by_article_and_age(call, register):
    code, told, _ = call(*STUDY, "--as-of", LATER, "--register", register)
    assert code == 0
    for words in (
        "1,000 synthetic persons",
        "age_to: 27 -> 30  [439-FZ of 4 August 2023]",
        "become liable.",
        "turned_27_before_2024",
        "27-29",
    ):
        assert words in told
    code, told, _ = call(*STUDY, "--as-of", LATER, "--register", register, "--json")
    said = json.loads(told)
    newly = [move for move in said["moves"] if (move["finding_before"], move["finding_after"]) == ("NOT_LIABLE", "LIABLE")]
    assert {move["age"] for move in newly} == {27}, "the transition frees who turned 27 by 2023"
    assert {move["article_after"] for move in newly} == {"man_of_age: 53-FZ, art. 22(1)(a)"}
    assert {"name": "age_to", "before": "27", "after": "30", "act": "439-FZ of 4 August 2023"} in said["changes"]
    assert call(*STUDY[:3], "--from", AFTER, "--to", AFTER, "--register", register)[1].count("The law is the same on both days.") == 1


def test_a_register_that_does_not_say_it_is_synthetic_is_refused(call, register, tmp_path):
    path = tmp_path / "persons.parquet"
    pq.write_table(pq.read_table(register).replace_schema_metadata(None), path)
    code, _, refused = call(*STUDY, "--register", path)
    assert code == 2
    assert "does not say that it is synthetic" in refused
    assert "G2" in refused


@pytest.mark.parametrize("place", [0, 999], ids=["first row", "last row"])
def test_a_mark_on_other_persons_is_not_believed(register, tmp_path, place):
    rows, path = pq.read_table(register), tmp_path / "persons.parquet"
    people = rows.to_pylist()
    people[place]["person_id"] = "77-001122"
    with pq.ParquetWriter(path, rows.schema) as writer:
        writer.add_key_value_metadata({MARK: pq.ParquetFile(register).metadata.metadata[MARK.encode()].decode()})
        for first in range(0, 1_000, 250):
            writer.write_table(pa.Table.from_pylist(people[first : first + 250], rows.schema))
    with pytest.raises(NotLawful, match="not those that its seed makes"):
        open_study(path, "ru", RU)


def test_a_register_of_another_jurisdiction_is_refused(register):
    with pytest.raises(BadInput) as refused:
        open_study(register, "freedonia", load("freedonia").law)
    assert refused.value.params["made for"] == "ru"


def test_counts_are_studied_without_persons(call, tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text(f"{COUNTS}1997-03-01,{ROW},40\n1990-03-01,{ROW},70\n,{ROW},10\n")
    said = json.loads(call(*STUDY, "--as-of", LATER, "--register", path, "--json")[1])
    moved = [move for move in said["moves"] if move["finding_before"] != move["finding_after"]]
    assert [(move["finding_after"], move["age"], move["persons"]) for move in moved] == [("LIABLE", 27, 40)]
    assert said["persons"] == 120
    shown = call(*STUDY, "--as-of", LATER, "--register", path)[1]
    assert "120 persons in a table of counts" in shown
    assert "40 become liable." in shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{COUNTS}1997-03-01,{ROW},9\n", "merge rows until each counts 10 persons"),
        (f"name,{COUNTS}X,1997-03-01,{ROW},40\n", "columns: name"),
        (f"{COUNTS}1997-13-01,{ROW},40\n", "register not readable"),
        ("born_on\n1997-03-01\n", "register not readable"),
    ],
)
def test_what_is_no_table_of_counts_is_refused(call, tmp_path, text, said):
    path = tmp_path / "counts.csv"
    path.write_text(text)
    code, _, refused = call(*STUDY, "--register", path)
    assert code == 2
    assert said in refused
