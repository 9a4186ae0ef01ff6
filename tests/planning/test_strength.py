"""Announced flows beside the printed strength: the figures of the design, the words, what is refused, the command."""

import json
from datetime import date

import numpy as np
import pytest
from typer.testing import CliRunner

from callup.app.main import app
from callup.app.record import model_text
from callup.app.record.public import public_claims
from callup.app.record.strength import COUNTED, PRINTED
from callup.planning import claims_of_rows, count, read_model, strength, xmile
from callup.terms.errors import BadInput

CLAIMS = public_claims("ru")
TEXT = model_text("ru", "strength.toml")
MODEL = read_model(TEXT, CLAIMS)
PRINT = [claim for claim in CLAIMS.series("strength", "active military personnel") if claim.period_until == PRINTED]


@pytest.fixture(scope="module")
def found():
    return strength(MODEL, COUNTED, PRINT, np.random.default_rng(11), 20_000)


def test_announced_flows_miss_the_printed_strength(found):
    """planning.md 1 and 7.C.6, computed there by another program: 1.512 M (1.35 to 1.70) against 1.134 M printed; 378,000 apart."""
    gap = found.residual
    assert gap.published == 1_134_000
    assert gap.gap == pytest.approx(378_000, abs=5_000)
    assert (gap.low, gap.median, gap.high) == pytest.approx((1_350_000, 1_512_000, 1_700_000), abs=10_000)
    assert gap.share_below == 0
    assert gap.lowest > 1_134_000


def test_what_it_rests_on_most(found):
    """planning.md 8: overlap of signers -.69, reality of totals +.52, other exits -.34."""
    strongest = {constant.name: correlation for constant, correlation in found.priors[:3]}
    assert list(strongest) == ["already_serving", "announced_real", "other_exits"]
    assert list(strongest.values()) == pytest.approx([-0.69, 0.52, -0.34], abs=0.03)
    assert all(constant.source for constant, _ in found.priors)


def test_it_is_said_in_words(found):
    words = " ".join(found.sentences)
    for part in (
        "on 2025-01-01",
        "Printed: 1,134,000 (Military Balance 2025).",
        "This difference is called unexplained",
        "Of 20,000 runs 0 come",
    ):
        assert part in words
    assert f"The flows make {round(found.residual.gap / 1000) * 1000:,} more than was counted." in words


def test_the_same_draws_give_the_same_figures():
    one, other = (strength(MODEL, COUNTED, PRINT, np.random.default_rng(3), 500).residual for _ in range(2))
    assert one == other
    assert one != strength(MODEL, COUNTED, PRINT, np.random.default_rng(4), 500).residual


def test_the_model_counts_whole_persons_too():
    """Quotas met in full: the 283,000 conscripts of planning.md 1 at the end of 2024."""
    ledger = count(read_model(TEXT.replace("value = 0.99", "value = 1"), CLAIMS))
    assert ledger.model.days[-1] == date(2025, 1, 1)
    assert ledger.stocks["conscripts"][-1] == 283_000
    assert sum(ledger.flows["mobilised_in"]) == 300_000


def test_had_less_been_announced_less_would_be_missing(found):
    fewer = read_model(TEXT.replace('claim = "recruits-6-together"', "value = 390000"), CLAIMS)
    other = strength(fewer, COUNTED, PRINT, np.random.default_rng(11), 20_000).residual
    assert 60_000 < found.residual.gap - other.gap < 80_000


def test_printed_numbers_that_differ_are_not_averaged():
    rows = [
        {
            "id": str(number),
            "quantity": "strength",
            "unit": "persons",
            "population": "active",
            "point": point,
            "said_by": "x",
            "source": "y",
        }
        for number, point in enumerate(("1134000", "1100000", ""))
    ]
    claims = claims_of_rows(rows).all
    for printed in (claims, claims[2:], ()):
        with pytest.raises(BadInput, match="strength-not-one-number"):
            strength(MODEL, COUNTED, printed, np.random.default_rng(1), 100)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("decree-2022-spring-1", "decree-1922-spring-1"),
        ('claim = "decree-2022-spring-1", unit = "persons"', 'claim = "decree-2022-spring-1", unit = "persons/month"'),
        ('claim = "decree-2022-spring-1"', 'claim = "decree-2022-spring-1", value = 3'),
        ("decree-2022-spring-1", "recruits-2-volunteers"),
    ],
)
def test_a_claim_that_gives_no_number_is_refused(old, new):
    with pytest.raises(BadInput, match="model-claim"):
        read_model(TEXT.replace(old, new), CLAIMS)


def test_the_command(tmp_path):
    said = CliRunner().invoke(app, ["plan", "strength", "--runs", "400", "--seed", "5", "--json"])
    assert said.exit_code == 0
    figures = json.loads(said.output)
    assert (figures["residual"], figures["published"], figures["runs"], figures["seed"]) == ("unexplained", 1_134_000, 400, 5)
    assert figures["gap"] == figures["median"] - figures["published"]
    words = CliRunner().invoke(app, ["plan", "strength", "--runs", "400", "--seed", "5"]).output
    assert "already_serving" in words
    assert "seed 5" in words
    CliRunner().invoke(app, ["plan", "strength", "--runs", "100", "--xmile", str(tmp_path / "strength.xmile")])
    assert (tmp_path / "strength.xmile").read_text(encoding="utf-8") == xmile(MODEL)
    refused = CliRunner().invoke(app, ["plan", "strength", "--jurisdiction", "freedonia"])
    assert isinstance(refused.exception, BadInput)
