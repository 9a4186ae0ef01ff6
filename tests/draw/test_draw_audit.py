"""The lottery of 1969 is flagged, those of 1970 and 1972 are not, and every figure is the published one."""

import json
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from callup.app.commands.audit_draw import audit_draw as command
from callup.statistics import audit_draw
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
