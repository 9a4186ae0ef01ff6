"""Notices: closed forms, what a chance refers to, draws never planned with, waves that learn, truths the planner does not know."""

import json
import tomllib
from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from callup.app.demo import scaled_decree
from callup.app.dossier import parse_decree
from callup.app.main import app
from callup.app.record import model_text
from callup.planning.learning import belief, known_beforehand, learn, next_wave, rehearse, settle
from callup.planning.notices import AIMS, assess_plan, notices_of_beta, plan_notices
from callup.planning.truths import truths
from callup.planning.yields import draw_odds, read_funnel, usual, yields_of
from callup.terms.errors import BadInput

TEXT = model_text("ru", "funnel.toml")
FUNNEL = read_funnel(TEXT)
QUOTA = np.array([4983, 1200, 610, 193, 60, 25])
RNG = np.random.default_rng
KNOWN = usual(FUNNEL, RNG(3), len(QUOTA))
ODDS = draw_odds(FUNNEL, KNOWN, RNG(1), 3000)
YIELDS = yields_of(ODDS)
BELIEF = belief(FUNNEL, ODDS, RNG(2))


@pytest.mark.parametrize(("quota", "share"), [(193, 0.2436), (1882, 0.27)])
def test_a_known_yield_is_the_negative_binomial(quota, share):
    """oracles.py: the smallest n with P(Bin(n, p) >= q) >= 0.95, found by trying."""
    from scipy.stats import binom

    found = notices_of_beta(quota, share, 0.0, 0.95)
    assert binom.sf(quota - 1, found, share) >= 0.95 > binom.sf(quota - 1, found - 1, share)


def test_one_unit_with_a_beta_yield_is_the_beta_negative_binomial():
    """planning.md 5 had 28,018 and 27,960 by the two ways for a logit-normal yield; a beta yield must agree to one in a thousand."""
    mean, deviation = 0.2410, 0.0400
    size = mean * (1 - mean) / deviation**2 - 1
    yields = RNG(8).beta(mean * size, (1 - mean) * size, (60_000, 1))
    exact = notices_of_beta(4983, mean, deviation, 0.95)
    assert plan_notices([4983], yields, "each", 0.95, RNG(1)).notices[0] == pytest.approx(exact, rel=5e-3)
    assert exact == pytest.approx(28_018, rel=0.01)


def test_what_the_chance_refers_to():
    fresh = yields_of(draw_odds(FUNNEL, KNOWN, RNG(77), 6000))
    found = {aim: plan_notices(QUOTA, YIELDS, aim, 0.95, RNG(5)) for aim in AIMS}
    assert found["total"].notices.sum() < found["each"].notices.sum() < found["all"].notices.sum()
    tested = {aim: assess_plan(QUOTA, fresh, aim, 0.95, plan.notices, RNG(6)) for aim, plan in found.items()}
    kept = (tested["total"].total, tested["each"].worst, tested["all"].every)
    assert kept == pytest.approx((0.95, 0.95, 0.95), abs=0.012)
    assert tested["each"].every < 0.9


def test_a_yield_taken_as_known_keeps_half_of_what_it_promises():
    """planning.md 1: an exact binomial promises 95 and keeps 53."""
    naive = np.array([notices_of_beta(int(q), float(m), 0.0, 0.95) for q, m in zip(QUOTA, YIELDS.mean(axis=0), strict=True)])
    assert assess_plan(QUOTA, YIELDS, "each", 0.95, naive, RNG(6)).worst == pytest.approx(0.53, abs=0.04)


def test_waves_need_hardly_more_than_who_knows_the_yields():
    truth = draw_odds(FUNNEL, KNOWN, RNG(9), 1200)
    quota = QUOTA * 20
    rows = [rehearse(quota, BELIEF, FUNNEL, truth, waves, RNG(4)) for waves in (1, 2, 3)]
    assert rows[0].notices > 1.25 * rows[2].notices
    assert rows[2].notices <= 1.025 * known_beforehand(quota, truth)
    assert rows[2].worst >= 0.95
    assert rows[2].unneeded <= 0.02 * quota.sum()
    assert [row.unneeded for row in rows] == sorted((row.unneeded for row in rows), reverse=True)


def test_the_chance_is_kept_where_the_planner_is_wrong():
    """Asked for 95 of a unit over three waves: within a point, whatever is true."""
    quota = QUOTA * 10
    asked = settle(quota, BELIEF, FUNNEL, ODDS[:800], 3, 7)
    kept = {
        name: rehearse(quota, BELIEF, FUNNEL, truth, 3, RNG(6), chance=asked).mean
        for name, truth in truths(FUNNEL, KNOWN, RNG(31), 1200).items()
    }
    assert len(kept) == 7
    assert list(kept.values()) == pytest.approx([0.95] * 7, abs=0.01)


@given(st.integers(0, 400), st.integers(0, 400), st.floats(0.5, 0.98))
@settings(max_examples=25)
def test_more_persons_and_a_higher_chance_never_take_fewer_notices(quota, more, chance):
    plan = partial(plan_notices, yields=YIELDS[:300, :2], aim="each", generator=RNG(1))
    few, many = plan([quota, 5], chance=chance).notices, plan([quota + more, 5], chance=chance + 0.01).notices
    assert (few <= many).all()
    assert (few[0] == 0) == (quota == 0)


def test_a_wave_moves_what_is_believed_of_other_units():
    sent, came = np.array([4000.0, 0, 0, 0, 0, 0]), np.array([2000, 0, 0, 0, 0, 0])
    after = learn(BELIEF, sent, came)
    assert (after.means > BELIEF.means).all()
    assert after.means[0] == pytest.approx(0.5, abs=0.1)
    assert (np.diag(after.together) < np.diag(BELIEF.together)).all()
    assert (next_wave(BELIEF, QUOTA.astype(float), False) < next_wave(BELIEF, QUOTA.astype(float), True)).all()


@pytest.mark.parametrize(
    ("aim", "chance", "quota", "code"),
    [("most", 0.9, [5], "notices-aim"), ("each", 1.0, [5], "notices-chance"), ("each", 0.9, [5, 6], "notices-shape"),
     ("each", 0.9, [-1], "notices-shape"), ("each", 0.9, [5], "notices-too-many")],
)  # fmt: skip
def test_refused(aim, chance, quota, code):
    yields = np.full((10, 1), 1e-5 if code == "notices-too-many" else 0.3)
    with pytest.raises(BadInput, match=code):
        plan_notices(quota, yields, aim, chance, RNG(1))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("share = 0.85", "share = 1.5", "funnel-stage"), ("shared = 0.4", "shared = 4", "funnel-unreadable"),
     ("weekly", "dayly", "funnel-unreadable"),
     ("shared = 0.4", 'shared = 0.4\nstage = "x"', "funnel-unreadable"), ("national = 0.15", "national = -1", "funnel-stage")],
)  # fmt: skip
def test_funnels_refused(old, new, code):
    with pytest.raises(BadInput, match=code):
        read_funnel(TEXT.replace(old, new))


def test_a_beta_that_cannot_be():
    with pytest.raises(BadInput, match="notices-beta"):
        notices_of_beta(5, 0.5, 0.6, 0.9)


def test_the_command(tmp_path):
    quota = tmp_path / "quota.csv"
    quota.write_text("unit,quota\nA,400\nB,30\n", encoding="utf-8")
    words = ["plan", "notices", "--aim", "each", "--quota", str(quota), "--waves", "2", "--out"]
    said = [CliRunner().invoke(app, [*words, str(tmp_path / name)]).output for name in ("one.json", "other.json", "n.csv")]
    told = json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))
    assert told == json.loads((tmp_path / "other.json").read_text(encoding="utf-8"))
    assert told["decree"] == {"yield": 0.25, "waves": 2}
    rows = (tmp_path / "n.csv").read_text(encoding="utf-8").splitlines()
    assert [int(row.split(",")[-1]) for row in rows[1:]] == list(told["notices"].values())
    assert "each unit by itself reaches its quota" in said[0]
    assert "a strike in one unit" in said[0]
    quota.write_text("unit,quota\nA,400\nA,30\n", encoding="utf-8")
    assert CliRunner().invoke(app, words[:-1]).exception.params["line"] == 3


def test_the_plan_goes_into_a_decree_that_a_run_accepts(tmp_path):
    """The template decree: yield and waves are the plan's, nothing else changed, and the line reads it."""
    before = scaled_decree("ru", 5_000)
    decree, quota = tmp_path / "decree.toml", tmp_path / "quota.csv"
    decree.write_text(before, encoding="utf-8")
    quota.write_text("unit,quota\nA,40\n", encoding="utf-8")
    words = ["plan", "notices", "--aim", "each", "--quota", str(quota), "--waves", "2", "--out", str(decree)]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 0, said.output
    read, old = (parse_decree(text, decree) for text in (decree.read_text(encoding="utf-8"), before))
    assert (read.notice_yield, read.waves) == (Fraction("0.25"), 2)
    assert (old.notice_yield, old.waves) != (read.notice_yield, read.waves)
    assert replace(read, notice_yield=old.notice_yield, waves=old.waves, source=old.source) == old
    printed = said.output[said.output.index("[notices]") :].splitlines()[:3]
    assert tomllib.loads("\n".join(printed)) == {"notices": {"yield": 0.25, "waves": 2}}
    decree.write_text(before.replace("[notices]", "[other]"), encoding="utf-8")
    assert CliRunner().invoke(app, words).exception.code == "decree-without-notices"


@pytest.mark.parametrize(
    "words",
    [
        ("notices", "--aim", "each", "--quota"),
        ("notices", "--aim", "each", "--funnel"),
        ("weeks", "--places"),
        ("report", "--out", "x", "--from"),
        ("model",),
    ],
)
def test_a_file_that_is_not_there_is_named(words, tmp_path):
    refused = CliRunner().invoke(app, ["plan", *words, str(tmp_path / "none")]).exception
    assert isinstance(refused, BadInput)
    assert "none" in str(refused)
