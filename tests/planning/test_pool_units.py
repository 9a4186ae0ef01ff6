"""The pool unit by unit: the men of the table, a number shared by size, quotas that are known, what is refused."""

import csv
import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from callup.app.main import app
from callup.app.outlook.men import men_of
from callup.app.outlook.regions import by_unit
from callup.app.record import model_text
from callup.jurisdictions import resource
from callup.planning.pool import Prior, draw_priors, project, project_back
from callup.terms.errors import BadInput


@given(st.lists(st.floats(0, 1e6), min_size=3, max_size=40), st.floats(0, 0.3), st.integers(0, 6))
def test_younger_and_older_again_is_the_same(men, rate, years):
    """Whoever was followed back and forth is there again; an age that fell off either end is nobody's."""
    base, rates = np.array(men), np.full(len(men), rate)
    again = project(project_back(base, rates, years)[-1], rates, years)[-1]
    assert again[years:] == pytest.approx(base[years:])
    assert (again[:years] == 0).all()


@pytest.fixture(scope="module")
def units():
    drawn = draw_priors([Prior(**row) for row in tomllib.loads(model_text("ru", "pool.toml"))["prior"]], np.random.default_rng(5), 60)
    return drawn, by_unit("ru", 2026, drawn, 261_000)


def test_the_units_share_the_country_s_quota_by_the_men_they_have(units):
    assert len(units[1]) == 83
    assert sum(one.quota for one in units[1]) == pytest.approx(261_000)
    burden = [one.quota / one.men for one in units[1]]
    assert burden == pytest.approx([burden[0]] * 83)
    country = men_of("ru", 2027)[2026][18:29].sum()
    assert sum(one.men for one in units[1]) == pytest.approx(country, rel=0.05)
    share = {one.unit: one.quota / one.coming for one in units[1]}
    assert min(share, key=share.get) == "RU-TY"
    assert max(share.values()) / min(share.values()) > 1.5, "where few turn 18 the same burden takes more of them"


def test_a_unit_s_men_are_those_of_the_table(units):
    """Moscow on 1 January 2026: half of each age and half of the age below of mid-2025, less some 2 in 1,000 deaths."""
    rows = csv.DictReader(resource("ru", "data/men_by_subject_age.csv").decode().splitlines())
    men = {int(row["age"]): int(row["men"]) for row in rows if row["iso_code"] == "RU-MOW"}
    moscow = next(one for one in units[1] if one.unit == "RU-MOW")
    assert moscow.men == pytest.approx(sum((men[age] + men[age - 1]) / 2 for age in range(18, 29)), rel=0.002)
    assert moscow.coming == pytest.approx((men[17] + men[16]) / 2, rel=0.002)


def test_quotas_that_are_known_by_unit_take_the_place_of_the_shared_number(units):
    drawn, shared = units
    own = {"RU-TOM": 20_000, "RU-MOW": 10}
    found = {one.unit: one for one in by_unit("ru", 2026, drawn, 261_000, own)}
    before = {one.unit: one for one in shared}
    assert (found["RU-TOM"].quota, found["RU-MOW"].quota, found["RU-AD"].quota) == (20_000, 10, 0)
    assert found["RU-TOM"].short > before["RU-TOM"].short
    assert found["RU-TOM"].free == before["RU-TOM"].free, "the year asked for has not begun"
    with pytest.raises(BadInput, match="pool-unit"):
        by_unit("ru", 2026, drawn, 261_000, {"RU-XX": 5})
    with pytest.raises(BadInput, match="pool-unit-year"):
        by_unit("ru", 2027, drawn, 261_000)


def test_the_command_says_what_is_not_known(tmp_path):
    quotas = tmp_path / "quotas.csv"
    quotas.write_text("unit,quota\nRU-TOM,1700\n", encoding="utf-8")
    words = ["plan", "pool", "--runs", "100", "--until", "2026", "--units-in", "2026"]
    said = CliRunner().invoke(app, words).output
    assert "no list of quotas by unit is published" in " ".join(said.split())
    assert "two sources that are not mixed" in said
    assert "RU-TY" in said
    assert "quotas as given" in CliRunner().invoke(app, [*words, "--quotas", str(quotas)]).output
