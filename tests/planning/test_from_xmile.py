"""XMILE read in: our own files come back step by step, a file as other programs write it, published conveyors, what is refused."""

import csv

import numpy as np
import pytest
from planning.models import belt, leak
from typer.testing import CliRunner

from callup.app.main import app
from callup.app.record import model_text
from callup.app.record.public import public_claims
from callup.planning import forecast, read_model, xmile
from callup.planning.from_xmile import read_xmile
from callup.terms.errors import BadInput

STELLA = """<?xml version="1.0" encoding="utf-8"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
  <header><name>as others write it</name><vendor>nobody</vendor></header>
  <sim_specs method="Euler" time_units="Months"><start>1</start><stop>41</stop><dt reciprocal="true">4</dt></sim_specs>
  <model><variables>
    <aux name="Recruited share"><eqn>Wanted_Share * 2 {twice}</eqn><units>Dimensionless</units></aux>
    <stock name="On Belt"><eqn>0</eqn><inflow>Coming\\nIn</inflow><outflow>Ending</outflow><outflow>Lost</outflow>
      <conveyor exponential_leak="true"><len>4</len></conveyor><units>People</units></stock>
    <flow name="Coming\\nIn"><eqn>"Recruited share" * yearly_intake * SEASON</eqn><units>People/Month</units></flow>
    <flow name="Ending"/>
    <flow name="Lost"><eqn>0.1</eqn><leak/></flow>
    <aux name="wanted share"><eqn>.5</eqn><units>1</units></aux>
    <aux name="Yearly intake"><eqn>250</eqn><units>people per month</units></aux>
    <aux name="Season"><eqn>TIME</eqn><gf type="discrete"><xscale min="1" max="41"/><ypts>1,1</ypts></gf><units>dmnl</units></aux>
  </variables><views/></model>
</xmile>"""


@pytest.mark.parametrize(
    "ours",
    [read_model(model_text("ru", "outlook.toml"), public_claims("ru")), read_model(belt(leak("goes", "leak_of_entry", "lost")))],
    ids=["strength", "leak of entry"],
)
def test_what_we_write_is_read_again_step_by_step(ours):
    again = read_xmile(xmile(ours))
    found, wanted = forecast(again, {}), forecast(ours, {})
    for name, course in wanted.stocks.items():
        assert found.stocks[name] == pytest.approx(course, rel=1e-12, abs=1e-9)
    assert again.units["on_belt" if "on_belt" in again.units else next(iter(again.stocks))]
    assert xmile(read_xmile(xmile(again))) == xmile(again)


def test_a_file_as_other_programs_write_it():
    """The published S4 (simlin conveyors.md 15), with names in two cases and words, comments, scrambled order, time from 1."""
    model = read_xmile(STELLA)
    assert (model.unit, model.steps, float(model.step)) == ("month", 160, 0.25)
    found = forecast(model, {})
    assert found.stocks["on_belt"][-1, 0] == pytest.approx(832.699579, abs=1e-6)
    assert 4 * found.flows["ending"][-1, 0] == pytest.approx(166.730042, abs=1e-6)
    assert 4 * found.flows["lost"][-1, 0] == pytest.approx(83.269958, abs=1e-6)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('method="Euler"', 'method="RK4"', "xmile-cannot"),
        ("<units>1</units>", "", "xmile-units"),
        ("people per month", "horses per month", "unit-wrong"),
        ('type="discrete"', "", "xmile-cannot"),
        ("Wanted_Share * 2", "Recruited_share * 2", "xmile-cannot"),
        ("Wanted_Share * 2", "__import__('os')", "expression-outside-vocabulary"),
        ("<views/>", "</model><model>", "xmile-cannot"),
        ('<flow name="Ending"/>', '<module name="Ending"/>', "xmile-cannot"),
        ("<dt reciprocal", "<dt <", "xmile-unreadable"),
        ("<xmile version", "<!DOCTYPE x><xmile version", "xmile-unreadable"),
        ("<eqn>250</eqn>", "", "xmile-cannot"),
    ],
)
def test_what_is_not_in_the_vocabulary_is_refused_by_name(old, new, code):
    assert old in STELLA
    with pytest.raises(BadInput, match=code):
        read_xmile(STELLA.replace(old, new))


def test_the_command_runs_a_model_of_ones_own(tmp_path):
    file, out = tmp_path / "mine.xmile", tmp_path / "course.csv"
    file.write_text(STELLA, encoding="utf-8")
    said = CliRunner().invoke(app, ["plan", "model", str(file), "--out", str(out), "--xmile", str(tmp_path / "again.xmile"), "--plain"])
    assert said.exit_code == 0, said.output
    assert "as others write it: 160 steps of 0.25 month" in said.output
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 161
    assert float(rows[-1]["on_belt"]) == pytest.approx(832.7, abs=0.01)
    assert "DELAY(" in (tmp_path / "again.xmile").read_text(encoding="utf-8")
    assert float(said.output.rsplit("at most ", 1)[1].split()[0]) < 1e-6
    assert CliRunner().invoke(app, ["plan", "model", str(tmp_path / "none.toml")]).exception.code == "file-not-readable"
    toml = tmp_path / "strength.toml"
    toml.write_text(model_text("ru", "strength.toml"), encoding="utf-8")
    assert "conscripts" in CliRunner().invoke(app, ["plan", "model", str(toml), "--runs", "50"]).output
    assert np.isfinite(float(rows[0]["on_belt"]))
