"""The lottery of 1969 is flagged, those of 1970 and 1972 are not, and every figure is the published one."""

import json
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from callup.app.commands.audit_draw import audit_draw as command
from callup.statistics import audit_draw
from callup.statistics.tails import student_tails
from callup.terms.errors import BadInput

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "draw_lottery.json").read_text(encoding="utf-8"))


def days_of(year):
    start = date(1944 if year == "1970" else 1951, 1, 1)
    return [(start + timedelta(days=number)).isoformat() for number in range(len(VECTORS["tables"][year]))]


def audit_of(year):
    return audit_draw(VECTORS["tables"][year], {"born_on": days_of(year)})


@pytest.mark.parametrize(("year", "odd"), [("1970", True), ("1971", False), ("1973", False)])
def test_what_is_odd(year, odd):
    assert audit_of(year).odd is odd


@pytest.mark.parametrize("year", ["1970", "1971", "1973"])
@pytest.mark.parametrize(
    ("test", "statistic", "p"),
    [
        ("rank correlation", "spearman_rho", "spearman_p"),
        ("thirds by group", "chi2_month_by_third", "chi2_p"),
        ("medians by group", "kruskal_by_month", "kruskal_p"),
    ],
)
def test_published_figures(year, test, statistic, p):
    expected = VECTORS["expected"][year]
    [found] = [row for row in audit_of(year).tests if row.test == test]
    assert found.statistic == pytest.approx(expected[statistic], abs=1e-6)
    assert found.p == pytest.approx(expected[p], abs=1e-6)


def test_runs_see_a_zigzag():
    ranks = [number // 2 + 1 if number % 2 else 200 - number // 2 for number in range(200)]
    [runs] = [row for row in audit_draw(ranks, {"position": [str(number) for number in range(200)]}).tests if row.test == "runs"]
    assert runs.p < 1e-6


def test_places_drawn_first_are_seen_and_fair_ones_are_not():
    places = ["north" if number < 60 else "south" for number in range(300)]
    fair = sorted(range(300), key=lambda number: sha256(b"%d" % number).digest())
    order = [0] * 300
    for rank, number in enumerate(fair, 1):
        order[number] = rank
    assert audit_draw(list(range(1, 301)), {"place": places}).odd
    assert not audit_draw(order, {"place": places}).odd


@pytest.mark.parametrize("ranks", [[1, 2, 3], [*range(1, 12), 3]])
def test_what_is_no_draw(ranks):
    with pytest.raises(BadInput, match="draw-not-testable"):
        audit_draw(ranks, {})


@pytest.fixture
def lottery(tmp_path):
    path = tmp_path / "lottery.csv"
    rows = [
        f"{year},{day},{number}" for year in VECTORS["tables"] for day, number in zip(days_of(year), VECTORS["tables"][year], strict=True)
    ]
    path.write_text("year,born_on,number\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return str(path)


def run(*words):
    import typer

    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, list(words))


@pytest.mark.parametrize(("year", "code", "word"), [("1970", 1, "ODD"), ("1971", 0, "nothing odd")])
def test_the_command(lottery, year, code, word):
    said = run(lottery, "--rank", "number", "--by", "born_on", "--where", f"year={year}")
    assert said.exit_code == code
    assert word in said.output


def test_the_command_as_json(lottery):
    said = run(lottery, "--rank", "number", "--by", "born_on", "--where", "year=1970", "--json")
    assert json.loads(said.output)["odd"] is True


@pytest.mark.parametrize(
    "words",
    [
        ("--rank", "nothing", "--by", "born_on"),
        ("--rank", "born_on", "--by", "number"),
        ("--rank", "number", "--by", "born_on", "--where", "1970"),
    ],
)
def test_the_command_refuses(lottery, words):
    assert isinstance(run(lottery, *words).exception, BadInput)


MISTYPED = [
    ("1970", date(1944, 1, 31), "221", ["221 on lines", "missing 211"]),
    ("1970", date(1944, 5, 3), "55", ["55 on lines", "missing 40"]),
    ("1971", date(1951, 1, 1), "", ["no whole number on line 2", "missing 133"]),
    ("1973", date(1951, 2, 4), "168", ["168 on lines", "missing 68"]),
]
"""Single wrong cells of public copies of the tables (karapa/1970-Draft-Lottery, jack-giblin/Vietnam-draft-lottery, FerminRamos/
Vietnam-Birthday-Lottery, the official print of 1971, which leaves 1 January blank)."""


@pytest.mark.parametrize(("year", "day", "wrong", "said"), MISTYPED)
def test_the_known_transcription_errors_are_found_and_named(tmp_path, year, day, wrong, said):
    days = days_of(year)
    numbers = [str(number) for number in VECTORS["tables"][year]]
    assert numbers[days.index(day.isoformat())] != wrong
    numbers[days.index(day.isoformat())] = wrong
    path = tmp_path / "copy.csv"
    path.write_text("born_on,number\n" + "".join(f"{one},{number}\n" for one, number in zip(days, numbers, strict=True)))
    refusal = run(str(path), "--rank", "number", "--by", "born_on").exception
    assert isinstance(refusal, BadInput)
    assert refusal.code == "draw-numbers-wrong"
    assert all(words in str(refusal) for words in said)


def a_fair_order(count, salt=""):
    fair = sorted(range(count), key=lambda number: sha256(f"{salt}{number}".encode()).digest())
    order = [0] * count
    for rank, number in enumerate(fair, 1):
        order[number] = rank
    return order


def test_a_list_sorted_by_name_is_seen_by_first_letters():
    """Suffolk, 2005: the jury list was sorted by name and not shuffled."""
    names = sorted(f"{chr(65 + number * 7 % 26)}{number:03}" for number in range(200))
    sorted_ = audit_draw(list(range(1, 201)), {"name": names})
    assert sorted_.odd
    assert {test.test for test in sorted_.tests} == {"thirds by first letter", "medians by first letter"}
    assert not audit_draw(a_fair_order(200), {"name": names}).odd


def test_few_numbers_are_compared_with_mixed_ones():
    """Thirty numbers in the order of the roll: beyond doubt; p never below what so many shuffles can say."""
    line = [str(number) for number in range(30)]
    sorted_, fair = audit_draw(list(range(1, 31)), {"line": line}), audit_draw(a_fair_order(30), {"line": line})
    assert sorted_.odd
    assert not fair.odd
    assert {test.found_by for test in sorted_.tests} == {"10,000 shuffled draws"}
    assert min(test.p for test in sorted_.tests) >= 1 / 10_001


@pytest.mark.parametrize("salt", ["a", "b", "c"])
def test_mixed_p_agrees_with_the_limit_where_both_may_be_used(salt):
    line = [str(number) for number in range(49)]
    [found] = [test for test in audit_draw(a_fair_order(49, salt), {"line": line}).tests if test.test == "rank correlation"]
    assert found.found_by == "10,000 shuffled draws"
    t = found.statistic * ((49 - 2) / (1 - found.statistic**2)) ** 0.5
    assert found.p == pytest.approx(student_tails(t, 47), abs=0.02)


def test_p_values_of_honest_draws_are_uniform():
    """Of 200 honest draws, about 1 in 20 has a p below 0.05: between 2 and 20 of them, beyond which 1 in 1,000 sets of draws lies."""
    days = days_of("1971")
    low = 0
    for number in range(200):
        [test] = [one for one in audit_draw(a_fair_order(365, f"{number} "), {"d": days}).tests if one.test == "rank correlation"]
        low += test.p < 0.05
    assert 2 <= low <= 20


def test_the_roll_order_is_a_column_too(lottery):
    assert run(lottery, "--rank", "number", "--by", "line", "--where", "year=1971").exit_code == 0


@pytest.mark.parametrize(("name", "head"), [("p.svg", b"<?xml"), ("p.png", bytes([137]) + b"PNG")])
def test_the_picture(lottery, tmp_path, name, head):
    words = ("--rank", "number", "--by", "born_on", "--where", "year=1970", "--plot")
    made = [run(lottery, *words, str(tmp_path / sub / name)).exit_code and (tmp_path / sub / name).read_bytes() for sub in ("a", "b")]
    assert made[0].startswith(head)
    assert made[0] == made[1]


def test_another_form_of_picture_is_refused(lottery, tmp_path):
    said = run(lottery, "--rank", "number", "--by", "born_on", "--where", "year=1970", "--plot", str(tmp_path / "p.gif"))
    assert isinstance(said.exception, BadInput)
