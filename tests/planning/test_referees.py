"""PySD and BPTK-Py on our exported models, every step of every run: two programs that we did not write, in environments of their own."""

import numpy as np
import pytest

from callup.app.benches.plan import APART, ask
from callup.app.benches.plan_model import draws, model_text
from callup.app.record import model_text as carried_model
from callup.app.record.public import public_claims
from callup.planning import draw_constants, read_model


@pytest.mark.pysd
@pytest.mark.bptk
def test_two_programs_find_the_same_strength_month_by_month(tmp_path):
    """The model of the report, seventy months and two draws of all priors: conscripts and contract soldiers."""
    model = read_model(carried_model("ru", "outlook.toml"), public_claims("ru"))
    drawn = draw_constants(model, np.random.default_rng(4), 2)
    for peer, version in (("pysd", "3."), ("bptk", "3.")):
        found = ask(peer, model, drawn, tmp_path)
        assert found.version.startswith(version)
        assert found.apart < APART == 1e-9


@pytest.mark.pysd
def test_a_leak_a_policy_and_ten_years_of_weeks_are_the_same_elsewhere(tmp_path):
    assert ask("pysd", read_model(model_text()), draws(2, 3), tmp_path).apart < APART
