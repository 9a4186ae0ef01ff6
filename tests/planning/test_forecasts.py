"""Forecasts: two ways of keeping a conveyor agree, parts of the runs do not matter, what has no number is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planning.models import belt, leak

from callup.planning import draw_constants, forecast, read_model, xmile
from callup.planning.belts import ExpectedBelt, FadingBelt, Term
from callup.planning.forecasts import TOGETHER
from callup.terms.errors import BadInput

SHARE = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1.0, 1 - 1e-9]))
DIVIDES = belt(leak("goes", "leak", "tenth / (inflow - 250) * inflow"))
HALF = 'name = "tenth"\nvalue = 0.1\nunit = "1/year"\nuniform = [0.0, 0.5]'


@given(st.lists(st.tuples(st.integers(0, 900), SHARE, SHARE), min_size=1, max_size=40), st.integers(1, 9), st.integers(0, 500))
@settings(max_examples=40)
def test_a_belt_that_fades_is_the_belt_kept_cohort_by_cohort(steps, slats, starts):
    """Two leaks a step, shares from nothing to all."""
    term = Term(slats, tuple(step + slats for step in range(len(steps))))
    belts = [kind(term, np.array([starts, 2.0 * starts]), 2) for kind in (FadingBelt, ExpectedBelt)]
    for step, (persons, one, other) in enumerate(steps):
        seen = []
        for kept in belts:
            kept.begin()
            moved = [kept.leak(one, False), kept.leak(np.array([other, 0.0]), False), kept.finish(step)]
            kept.enter(step, np.array([persons, 1.0]))
            seen.append([*moved, kept.total()])
        for mine, theirs in zip(*seen, strict=True):
            assert mine == pytest.approx(theirs, rel=1e-9, abs=1e-8)


def test_an_empty_belt_holds_nobody():
    kept = FadingBelt(Term(2, (9, 9)), 100.0, 1)
    for step in range(2):
        kept.begin()
        kept.leak(0.3, False)
        kept.finish(step)
    assert kept.total()[0] == 0


def test_the_runs_are_computed_in_parts_and_only_what_is_kept_is_kept():
    model = read_model(belt(leak("goes", "leak", "tenth"), steps=30).replace('name = "tenth"\nvalue = 0.1\nunit = "1/year"', HALF))
    drawn = draw_constants(model, np.random.default_rng(3), TOGETHER + 7)
    whole = forecast(model, drawn, TOGETHER + 7, keep=("belt", "goes"))
    assert (set(whole.stocks), set(whole.flows)) == ({"belt"}, {"goes"})
    last = forecast(model, {name: values[-1:] for name, values in drawn.items()})
    assert whole.stocks["belt"][:, -1] == pytest.approx(last.stocks["belt"][:, 0], rel=1e-12)
    with pytest.raises(BadInput, match="forecast-keep"):
        forecast(model, {}, keep=("nowhere",))


@pytest.mark.parametrize("draws", [{}, {"inflow": np.array([250.0])}])
def test_what_has_no_number_is_refused(draws):
    text = DIVIDES.replace('name = "inflow"\nvalue = 250\nunit = "persons/year"', 'name = "inflow"\nvalue = 250\nunit = "1"')
    model = read_model(text.replace('rate = "inflow"', 'rate = "starts * tenth"'))
    with pytest.raises(BadInput, match="forecast-no-number"):
        forecast(model, draws)


def test_a_model_for_programs_without_conveyors():
    """That they find the same is measured by the bench ``plan``, which PySD and BPTK-Py run."""
    text = xmile(read_model(belt(leak("goes", "leak", "tenth"))), conveyors=False)
    assert "<conveyor" not in text
    assert "uses_conveyor" not in text
    assert "DELAY(comes, 4.0, 0)" in text
    assert "IF TIME &lt; 3.875 THEN (starts) / 4.0 * belt_stays_a_step ^ (TIME / 0.25 + 1)" in text
    for changes in (leak("goes", "leak_of_entry", "lost"), leak("goes", "leak", "lost * tenth")):
        with pytest.raises(BadInput, match="xmile-leaks-change"):
            xmile(read_model(belt(changes)), conveyors=False)
