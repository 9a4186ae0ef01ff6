"""The week plan: nothing overruns, the gap is stated against a bound, what lacks is named; costs and late claims."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from callup.app.main import app
from callup.planning.staffing import Staff, staff_sheet
from callup.planning.weeks import Places, lacking, plan_weeks
from callup.terms.errors import BadInput

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "planning.md"
STAFF = Staff(120, 15, 2.0, 0.3, 20, 1.5, 4, 36.0, 30)


def places(units=12, weeks=8, mean=3000, seed=5):
    """Boards hold four fifths; teams of three districts the rest, with some to spare."""
    g = np.random.default_rng(seed)
    notices = np.ceil(mean * np.exp(g.standard_normal(units))).astype(np.int64)
    appear, arrive = g.uniform(0.7, 0.9, units), g.uniform(0.2, 0.3, units)
    slots = np.ceil(0.8 * notices * appear / weeks)
    district = np.arange(units) % 3
    beyond = notices * appear - weeks * slots
    teams = np.array([int(np.ceil(1.3 * beyond[district == one].sum() / 60 / weeks)) + 1 for one in range(3)])
    reception = 1.3 * float((notices * arrive).sum()) / weeks
    return Places([f"u{n}" for n in range(units)], district, notices, appear, arrive, slots, ["a", "b", "c"], teams, 60, reception, weeks)


@given(st.integers(3, 14), st.integers(3, 9), st.integers(0, 99))
@settings(max_examples=8)
def test_every_notice_is_sent_and_nothing_overruns(units, weeks, seed):
    asked = places(units, weeks, seed=seed)
    plan = plan_weeks(asked)
    assert (plan.notices.sum(axis=1) == asked.notices).all()
    assert min(plan.notices.min(), plan.teams.min()) >= 0
    assert (plan.notices * asked.appear[:, None] <= asked.slots[:, None] + 60 * plan.teams + 1e-3).all()
    for district, teams in enumerate(asked.teams):
        assert (plan.teams[asked.district == district].sum(axis=0) <= teams).all()
    assert ((plan.notices * asked.arrive[:, None]).sum(axis=0) <= asked.reception + 1e-3).all()
    assert plan.cost >= plan.bound - 1e-6


def test_the_gap_at_full_size_is_below_one_in_a_hundred():
    """planning.md 9: 85 units, 15 weeks."""
    plan = plan_weeks(places(85, 15, mean=8000))
    assert 0 <= plan.gap <= 0.01
    assert plan.binding[0].worth >= plan.binding[-1].worth > 0


def test_a_row_that_binds_is_worth_what_it_says():
    """One place more at reception in the week that binds most saves its worth."""
    asked = places()
    tight = replace(asked, reception=asked.reception / 1.28)
    bound, more = plan_weeks(tight).bound, plan_weeks(replace(tight, reception=tight.reception + 1)).bound
    assert more < bound


@pytest.mark.parametrize(
    ("change", "words"), [({"reception": 10.0}, "places at reception"), ({"teams": np.zeros(3, dtype=np.int64)}, "slots of u")]
)
def test_where_nothing_fits_what_is_lacking_is_named(change, words):
    asked = replace(places(), **change)
    with pytest.raises(BadInput, match="weeks-no-plan") as refused:
        plan_weeks(asked)
    assert words in refused.value.params["lacking"]
    assert refused.value.params["lacking"] == "; ".join(lacking(asked))


def test_what_is_said_to_lack_would_do():
    asked = replace(places(), reception=100.0)
    more = sum(int(word.replace(",", "")) for word in re.findall(r"reception: ([0-9,]+) more", "; ".join(lacking(asked))))
    assert plan_weeks(replace(asked, reception=100.0 + more)).cost > 0


@pytest.mark.parametrize(
    "change", [{"weeks": 0}, {"slots": np.array([1.0])}, {"appear": np.full(12, 1.5)}, {"teams": np.array([-1, 2, 3])}]
)
def test_places_refused(change):
    with pytest.raises(BadInput, match="weeks-places"):
        plan_weeks(replace(places(), **change))


def test_claims_come_and_are_decided_in_order():
    """700 claims over the week of Tuesday 1 April, 20 days later; 4 deciders of 7.2 hours a day, 1.5 hours each: 19.2 a weekday."""
    sheet = staff_sheet([2333], date(2025, 4, 1), replace(STAFF, claims=0.3, legal_days=30))
    assert sheet.waves[0].cents == 2333 * 135
    assert sheet.waves[0].claims == pytest.approx(699.9)
    assert sheet.latest_days == 44
    assert sheet.late_from is not None
    assert date(2025, 5, 22) <= sheet.late_from <= date(2025, 5, 26)
    assert staff_sheet([2333], date(2025, 4, 1), replace(STAFF, deciders=sheet.needed)).late_from is None
    assert staff_sheet([2333], date(2025, 4, 1), replace(STAFF, deciders=sheet.needed - 1)).late_from is not None


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=9), st.integers(1, 40))
@settings(max_examples=20)
def test_more_deciders_never_wait_longer(notices, deciders):
    few, many = (staff_sheet(notices, date(2025, 4, 1), replace(STAFF, deciders=number)) for number in (deciders, deciders + 1))
    assert many.latest_days <= few.latest_days
    assert few.needed == many.needed


@pytest.mark.parametrize("change", [{"deciders": 0}, {"claims": 1.5}, {"minutes": -1.0}])
def test_staff_refused(change):
    with pytest.raises(BadInput, match="staff-numbers"):
        staff_sheet([5], date(2025, 4, 1), replace(STAFF, **change))


def test_the_command_reads_the_file_of_the_guide(tmp_path):
    file, out = tmp_path / "places.toml", tmp_path / "weeks.csv"
    file.write_text(re.search(r"```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)[1], encoding="utf-8")
    said = CliRunner().invoke(app, ["plan", "weeks", "--places", str(file), "--out", str(out)]).output
    assert "400 notices of 1 units in 4 weeks" in said
    assert "every claim is decided within" in said
    file.write_text(file.read_text(encoding="utf-8").replace("legal_days = 30", "legal_days = 2"), encoding="utf-8")
    said = CliRunner().invoke(app, ["plan", "weeks", "--places", str(file), "--deciders", "1"]).output
    assert re.search(r"you will miss the legal time of 2 days from \d+ \w+ 2025", said)
    assert sum(int(row.split(",")[2]) for row in out.read_text(encoding="utf-8").splitlines()[1:]) == 400
    file.write_text(file.read_text(encoding="utf-8").replace("weeks = 4", ""), encoding="utf-8")
    assert CliRunner().invoke(app, ["plan", "weeks", "--places", str(file)]).exception.code == "places-file"
    assert CliRunner().invoke(app, ["plan", "weeks", "--opens-on", "spring"]).exception.code == "weeks-day"
