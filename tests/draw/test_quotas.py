"""Quotas against printed results and against what theory promises of each method."""

import itertools
import json
from pathlib import Path

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from callup.app.commands.quotas import quotas
from callup.draw import apportion
from callup.draw.apportionment import METHODS
from callup.terms.errors import BadInput

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "draw_quotas.json").read_text(encoding="utf-8"))
DIVISORS = sorted(set(METHODS) - {"hamilton"})
UNITS = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(1, 10_000), min_size=1, max_size=12)


def test_every_method_is_found():
    assert sorted(METHODS) == ["adams", "dean", "hamilton", "huntington-hill", "jefferson", "webster"]


@pytest.mark.parametrize("census", sorted(VECTORS["censuses"]))
@pytest.mark.parametrize("column", VECTORS["columns"][1:])
def test_the_house_of_representatives(census, column):
    rows = VECTORS["censuses"][census]
    at = VECTORS["columns"].index(column)
    method = "huntington-hill" if column == "official" else column.replace("_", "-")
    assert apportion(method, 435, {state: row[0] for state, row in rows.items()}) == {state: row[at] for state, row in rows.items()}


def test_the_alabama_paradox():
    """With one seat more in all, largest remainders give Alabama one less; no divisor method does."""
    states = VECTORS["alabama"]["states"]
    rest = VECTORS["alabama"]["total"] - sum(row[0] for row in states.values())
    for state, (persons, at_299, at_300) in states.items():
        assert abs(persons * 299 / VECTORS["alabama"]["total"] - at_299) < 1
        assert abs(persons * 300 / VECTORS["alabama"]["total"] - at_300) < 1
        assert (at_300 < at_299) == (state == "Alabama")
    assert rest > 0
    paradox = {"A": 6, "B": 6, "C": 2}
    assert (apportion("hamilton", 10, paradox)["C"], apportion("hamilton", 11, paradox)["C"]) == (2, 1)


def test_the_textbook():
    example = VECTORS["textbook"]
    assert apportion("hamilton", example["total"], example["persons"]) == example["largest_remainder"]


@settings(max_examples=150)
@given(st.sampled_from(sorted(METHODS)), UNITS, st.integers(0, 3000))
def test_sums_are_exact_and_order_does_not_matter(method, units, total):
    total = total + len(units) if total else 0
    shares = apportion(method, total, units)
    assert sum(shares.values()) == total
    assert shares == apportion(method, total, dict(reversed(units.items())))
    assert all(share >= 0 for share in shares.values())


@settings(max_examples=150)
@given(UNITS, st.integers(1, 3000))
def test_hamilton_keeps_quota(units, total):
    whole = sum(units.values())
    for unit, share in apportion("hamilton", total, units).items():
        assert total * units[unit] // whole <= share <= -(-total * units[unit] // whole)


@pytest.mark.parametrize("method", ["adams", "dean", "huntington-hill"])
def test_a_method_with_a_floor_calls_one_in_each_municipality_as_latvia_asks(method):
    """cases.md 7.5: volunteers, then a draw, one or more in each municipality; 43 municipalities, 300 drawn, the smallest of 60 men."""
    units = {f"LV-{number:03}": 60 + number**3 for number in range(43)}
    shares = apportion(method, 300, units)
    assert min(shares.values()) >= 1
    assert sum(shares.values()) == 300
    assert min(apportion("hamilton", 300, units).values()) == 0, "without a floor the smallest would have nobody"


@settings(max_examples=150)
@given(st.sampled_from(DIVISORS), UNITS, st.integers(0, 1000))
def test_divisor_methods_never_take_a_place_back(method, units, total):
    total += len(units)
    fewer, more = apportion(method, total, units), apportion(method, total + 1, units)
    assert sorted(more[unit] - fewer[unit] for unit in units) == [0] * (len(units) - 1) + [1]


@settings(max_examples=100)
@given(st.sampled_from(DIVISORS), UNITS, st.integers(0, 300))
def test_divisor_methods_are_places_given_one_by_one(method, units, total):
    rule = METHODS[method]
    places = dict.fromkeys(units, rule.least)
    for _ in range(total):
        best = min(units, key=lambda unit: (-rule.claim(units[unit], places[unit]), unit.encode()))
        places[best] += 1
    assert apportion(method, total + rule.least * len(units), units) == places


@settings(max_examples=60)
@given(st.sampled_from(sorted(METHODS)), UNITS, st.integers(1, 40))
def test_more_persons_never_owe_less(method, units, total):
    shares = apportion(method, total + len(units), units)
    ordered = sorted(units, key=units.__getitem__)
    assert all(shares[small] <= shares[large] for small, large in itertools.pairwise(ordered) if units[small] < units[large])


def test_empty_units_owe_nothing_and_ties_go_to_the_earlier_code():
    for method in METHODS:
        assert apportion(method, 3, {"c": 5, "a": 5, "b": 0}) == {"c": 1, "a": 2, "b": 0}
    assert apportion("webster", 0, {}) == {}


@pytest.mark.parametrize(
    ("method", "total", "units", "code"),
    [
        ("lottery", 1, {"a": 1}, "quota-method-unknown"),
        ("hamilton", -1, {"a": 1}, "quota-negative"),
        ("hamilton", 1, {"a": -1}, "quota-negative"),
        ("hamilton", 1, {"a": 0}, "quota-nobody"),
        ("adams", 1, {"a": 1, "b": 1}, "quota-too-small"),
    ],
)
def test_refusals(method, total, units, code):
    with pytest.raises(BadInput, match=code):
        apportion(method, total, units)


def run(path, *words):
    app = typer.Typer()
    app.command()(quotas)
    return CliRunner().invoke(app, [str(path), *words])


def test_the_command(tmp_path):
    path = tmp_path / "units.csv"
    path.write_text("\ufeffunit,population\r\nA,14\r\nB,23\r\nC,45\r\nD,18\r\n", encoding="utf-8")
    assert json.loads(run(path, "--total", "37", "--json").output)["quotas"] == VECTORS["textbook"]["largest_remainder"]
    assert "17" in run(path, "--total", "37").output


@pytest.mark.parametrize("text", ["unit\nA\n", "unit,population\nA,1.5\n", "unit,population\nA,1\nA,2\n", "unit,population\nA\n"])
def test_the_command_refuses(tmp_path, text):
    path = tmp_path / "units.csv"
    path.write_text(text, encoding="utf-8")
    assert isinstance(run(path, "--total", "37").exception, BadInput)
