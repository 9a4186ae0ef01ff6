"""The men of call-up age: bands at their edges, nobody made or lost, groups divided, when they run short."""

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from callup.app.main import app
from callup.app.outlook.men import BASE, bands_of, looked, men_of, quotas_of
from callup.planning.pool import (
    PRIORS,
    STATES,
    Band,
    Prior,
    bound_ages,
    draw_priors,
    largest_quota,
    outlook,
    project,
    single_ages,
    unanswered,
)  # fmt: skip
from callup.terms.errors import BadInput

OLD = Band(date(1998, 1, 1), 18, 27, "old act")
NEW = Band(date(2024, 1, 1), 18, 30, "new act", "transition")
FLAT = {year: np.full(40, 1000.0) for year in range(2010, 2031)}
MANY = {year: 100 * men for year, men in FLAT.items()}
DRAWN = {"fit": 0.7, "deferred": 0.5, "freed": 0.2, "excused": 0.1, "achieved": 1.0, "left": 9000.0, "of_age": 0.5, "returned": 0.1}


def drawn(runs=2, **other):
    return {name: np.full(runs, value) for name, value in (DRAWN | other).items()}


def quotas(number):
    return dict.fromkeys(range(2010, 2031), float(number))


def test_the_law_s_own_ages_reach_the_pool_as_numbers():
    old, new = bands_of("ru")
    assert (old.age_from, old.age_to, new.age_from, new.age_to, new.since) == (18, 27, 18, 30, date(2024, 1, 1))
    assert "439-FZ" in new.citation
    assert "439-FZ" in new.stays_out
    with pytest.raises(BadInput, match="pool-no-band"):
        bands_of("lt")


@pytest.mark.parametrize(
    ("year", "ages"), [(2023, (18, 27)), (2024, (18, 27)), (2025, (18, 28)), (2026, (18, 29)), (2027, (18, 30)), (2040, (18, 30))]
)
def test_who_had_reached_27_stays_out(year, ages):
    assert bound_ages([OLD, NEW], year) == ages
    assert bound_ages([OLD, Band(NEW.since, 18, 30, "new act")], year) == ((18, 30) if year >= 2024 else (18, 27))


def test_before_the_first_law_there_is_no_band():
    with pytest.raises(BadInput, match="pool-no-band"):
        bound_ages([OLD], 1990)


@given(st.lists(st.floats(1e4, 5e6), min_size=2, max_size=8))
@settings(max_examples=40)
def test_divided_groups_keep_their_sums_where_nothing_is_cut(groups):
    found = single_ages(groups)
    assert (found >= 0).all()
    if found.min() > 0:
        assert found.reshape(-1, 5).sum(axis=1) == pytest.approx(groups, rel=1e-6)


def test_a_straight_line_is_divided_as_a_straight_line():
    line = np.arange(100.0, 200.0, 5.0)
    assert single_ages(line.reshape(-1, 5).sum(axis=1)) == pytest.approx(line, rel=1e-9)


def test_men_age_and_die():
    rows = project(np.array([100.0, 200.0, 300.0]), np.array([0.1, 0.0, 0.5]), 2)
    assert rows == pytest.approx(np.array([[100, 200, 300], [0, 100 * np.exp(-0.1), 200], [0, 0, 100 * np.exp(-0.1)]]))


def test_the_carried_population_is_near_what_was_printed():
    """I. Efremov in RBC, 2023, for 18 to 30: 9.13, 9.16, 9.28 and 9.9 million (2025-27, 2030), migration counted; ours has none."""
    men = men_of("ru", 2030)
    ours = [men[year][18:30].sum() / 1e6 for year in (2025, 2026, 2027, 2030)]
    assert ours == pytest.approx([9.13, 9.16, 9.28, 9.9], rel=0.035)
    wider = [men[year][18:31].sum() / men[year][18:30].sum() for year in (2025, 2026)]
    assert wider == pytest.approx([1.09, 1.09], abs=0.02)


@given(st.integers(0, 3000), st.floats(0.1, 1), st.floats(0, 1))
@settings(max_examples=25)
def test_every_man_is_in_one_state(quota, fit, deferred):
    found = outlook(FLAT, [OLD, NEW], quotas(quota), drawn(fit=fit, deferred=deferred), asked_from=2020)
    for row in found.years[9:]:
        assert sum(row.states.values()) == pytest.approx(np.full(2, row.men))
        assert all((row.states[name] >= -1e-6).all() for name in STATES)
        assert row.men == 1000 * (row.ages[1] - row.ages[0])


def test_called_up_are_those_who_served():
    found = outlook(FLAT, [OLD], quotas(200), drawn(excused=0.0), asked_from=2020, departures=False)
    assert found.share_served[2030][0] == pytest.approx(0.2 * 8 / 9, abs=0.02)


def test_more_called_and_more_gone_never_leaves_more_free():
    few, many = (outlook(FLAT, [OLD, NEW], quotas(number), drawn(), asked_from=2020) for number in (100, 300))
    stayed = outlook(FLAT, [OLD, NEW], quotas(100), drawn(), asked_from=2020, departures=False)
    for one, other, home in zip(few.years, many.years, stayed.years, strict=True):
        assert other.states["free"][0] <= one.states["free"][0] <= home.states["free"][0] + 1e-9
    assert stayed.years[-1].states["abroad"][0] == 0
    gone = 9000 * 0.5 * 0.9
    assert max(row.states["abroad"][0] for row in few.years) == pytest.approx(gone, rel=0.2)


def test_when_they_run_short():
    """No deferral ends and nobody is excused: some 350 a year are free, so 500 a year empty the stock."""
    given_ = drawn(freed=0.0, excused=0.0)
    assert set(outlook(FLAT, [OLD], quotas(200), given_, asked_from=2020).first_short) == {0}
    assert set(outlook(FLAT, [OLD], quotas(500), given_, asked_from=2020).first_short) == {2020}
    rising = quotas(200) | dict.fromkeys(range(2024, 2031), 500.0)
    assert outlook(FLAT, [OLD], rising, given_, asked_from=2020).first_short[0] > 2024
    largest = 1000.0 * largest_quota(MANY, [OLD], quotas(20_000), given_, asked_from=2020)
    for number, short in ((largest, False), (largest + 1000, True)):
        after = quotas(20_000) | dict.fromkeys(range(2020, 2031), number)
        assert outlook(MANY, [OLD], after, given_, asked_from=2020).first_short.any() == short


def test_of_100_unanswered_notices():
    found = unanswered(np.array([0.8, 0.8]), np.array([0.5, 0.5]), np.array([0.9, 0.9]))
    assert (found.never_served[1], found.abroad[1], found.unknown[1]) == (33.3, 33.3, 66.7)


@pytest.mark.parametrize("wrong", [PRIORS[1:], (*PRIORS, "fit"), (*PRIORS[1:], "other")])
def test_priors_are_given_once(wrong):
    with pytest.raises(BadInput, match="pool-priors"):
        draw_priors([Prior(name, 0.1, 0.2, "", "") for name in wrong], np.random.default_rng(1), 3)


def test_a_year_without_men_is_refused():
    with pytest.raises(BadInput, match="pool-years"):
        outlook(FLAT, [OLD], {2050: 1.0}, drawn(), asked_from=2020)


def test_the_command(tmp_path):
    words = ["plan", "pool", "--runs", "200", "--until", "2030", "--out", str(tmp_path / "pool.json")]
    said = CliRunner().invoke(app, words).output
    told = json.loads((tmp_path / "pool.json").read_text(encoding="utf-8"))
    assert "Nothing follows for any person." in said
    assert "who did not come, as printed" in said
    assert told["years"][-1]["year"] == 2030
    assert sum(told["first_short"].values()) == pytest.approx(1)
    assert told["sentences"] == list(sentences_again())
    assert isinstance(CliRunner().invoke(app, ["plan", "pool", "--jurisdiction", "lt"]).exception, BadInput)


def sentences_again():
    from callup.app.outlook.men import sentences

    return sentences(looked("ru", 261_000, 2030, runs=200, seed=2026))


def test_decrees_then_the_same_number():
    found = quotas_of("ru", 261_000, 2027)
    assert (found[2024], found[2025], found[BASE + 1], found[2027]) == (283_000, 295_000, 261_000, 261_000)
