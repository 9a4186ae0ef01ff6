"""Can a strength be reached: the figures of the design, readings by name, what moves the answer, the report that is made again."""

import csv
import json
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
from typer.testing import CliRunner

from callup.app.main import app
from callup.app.outlook.gathering import COUNTED, PRINTED_ON
from callup.app.record import model_text
from callup.app.record.carrying import carried
from callup.app.record.public import public_claims
from callup.app.record.strength import computed
from callup.planning import read_model
from callup.planning.outlook import GAP, READINGS, Printed, Target, look_ahead, weighted_quantiles
from callup.terms.errors import BadInput

TEXT = model_text("ru", "outlook.toml")
MODEL = read_model(TEXT, public_claims("ru"))
PRINTED, TARGET = Printed(PRINTED_ON, 1_134_000), Target(date(2027, 12, 1), 1_500_000)


@pytest.fixture(scope="module")
def found():
    return look_ahead(MODEL, COUNTED, PRINTED, TARGET, 2026, 6_000)


def test_the_same_claims_read_three_ways(found):
    """planning.md 1: 0.77 if the claims are right, 0.00 if people keep leaving, 0.003 if a count differed; another program, near priors."""
    chances = {reading.name: reading.chance for reading in found.readings}
    assert list(chances) == list(READINGS)
    assert list(chances.values()) == pytest.approx([0.77, 0.0, 0.003], abs=0.03)
    assert all(reading.error < 0.01 for reading in found.readings)
    assert found.readings[1].effective > 600


def test_fans_of_the_design(found):
    """planning.md 7.C.6: 1 January 2023, 2024 and 2025 in thousands; with a gap the fan goes through what was printed."""
    first, gap = found.readings[0].fan / 1000, found.readings[1].fan / 1000
    for year, wanted in ((2023, (1125, 1169, 1215)), (2024, (1300, 1405, 1515)), (2025, (1350, 1512, 1700))):
        low, _, middle, _, high = first[found.days.index(date(year, 1, 1))]
        assert (low, middle, high) == pytest.approx(wanted, rel=0.045)
    assert gap[found.days.index(PRINTED_ON), 2] == pytest.approx(1134, abs=8)
    assert (np.diff(first, axis=1) >= 0).all()


def test_the_bridge_ends_at_what_was_printed(found):
    *bars, last = found.bridge
    assert sum(bar.persons for bar in bars) == pytest.approx(last.persons) == pytest.approx(1_134_000)
    assert bars[-1].name == GAP
    assert bars[-1].persons == pytest.approx(-378_000, abs=12_000)
    median = found.readings[0].fan[found.days.index(PRINTED_ON), 2]
    assert -bars[-1].persons == pytest.approx(median - 1_134_000, abs=500), "means of the middle runs add up to the median of the whole"


def test_what_moves_the_answer_most(found):
    strongest = {move.constant.name: move.change for move in found.moves[:3]}
    assert set(strongest) == {"other_exits", "contracts_later", "announced_real"}
    assert list(strongest.values()) == pytest.approx([-0.21] * 3, abs=0.03)
    assert [abs(move.change) for move in found.moves] == sorted((abs(move.change) for move in found.moves), reverse=True)
    assert all(0 < move.error < 0.02 and move.constant.widest_source for move in found.moves if move.change)


def test_both_models_of_strength_say_the_same_of_the_same_constant():
    """The account of early 2025 and the outlook are two files: where they name one constant it has one value, prior and source."""
    account = read_model(model_text("ru", "strength.toml"), public_claims("ru")).constants
    shared = account.keys() & MODEL.constants.keys()
    assert shared == account.keys()
    for name in shared:
        one, other = account[name], MODEL.constants[name]
        assert (one.value, one.prior, one.spread, one.source) == (other.value, other.prior, other.spread, other.source), name


def test_one_number_in_every_place():
    """What a journalist copies from the report, the strength and the record is one number, and each says it of the same runs."""
    found = look_ahead(MODEL, COUNTED, PRINTED, TARGET, 2026, 3_000)
    gap = computed(replace(carried("ru"), seed=2026, runs=3_000)).found.residual
    assert found.readings[0].fan[found.days.index(PRINTED_ON), 2] == pytest.approx(gap.median, abs=200)
    assert gap.gap == pytest.approx(-found.bridge[-2].persons, abs=500)


def test_one_seed_one_answer():
    one, other, third = (look_ahead(MODEL, COUNTED, PRINTED, TARGET, seed, 300) for seed in (1, 1, 2))
    assert [move.change for move in one.moves] == [move.change for move in other.moves]
    assert one.readings[0].chance == other.readings[0].chance
    assert (one.readings[0].fan == other.readings[0].fan).all()
    assert (one.readings[0].fan != third.readings[0].fan).any()


def test_weights_move_quantiles():
    values = np.arange(100.0)
    assert weighted_quantiles(values, np.ones(100)) == [4.0, 24.0, 49.0, 74.0, 94.0]
    assert weighted_quantiles(values, (values >= 50).astype(float))[2] == 74.0


def test_refused():
    with pytest.raises(BadInput, match="outlook-day"):
        look_ahead(MODEL, COUNTED, PRINTED, Target(date(2040, 1, 1), 1), 1, 100)
    with pytest.raises(BadInput, match="outlook-model"):
        look_ahead(read_model(model_text("ru", "strength.toml"), public_claims("ru")), COUNTED, PRINTED, Target(PRINTED_ON, 1), 1, 100)
    with pytest.raises(BadInput, match="model-widest"):
        read_model(TEXT.replace("widest = [770000, 900000]", "widest = [900000, 770000]"), public_claims("ru"))


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """A report of a record of one's own, in which another strength was printed; and one made again from its file alone."""
    mine, one, other = (tmp_path_factory.mktemp(name) for name in ("mine", "one", "other"))
    for name, text in carried("ru").files.items():
        (mine / name).parent.mkdir(exist_ok=True)
        (mine / name).write_text(text.replace("1134000", "1034000") if name == "strength.csv" else text, encoding="utf-8")
    words = ["plan", "report", "--runs", "300", "--aim", "total", "--seed", "9", "--from", str(mine), "--out", str(one)]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 0, said.output
    CliRunner().invoke(app, ["plan", "report", "--from", str(one / "plan.json"), "--out", str(other)])
    return one, other


def test_the_report_is_made_again_from_one_file(reports):
    one, other = reports
    names = sorted(file.name for file in one.iterdir())
    assert {"index.html", "number.html", "plan.json", "strength.svg", "notices.svg", "pool.svg"} < set(names)
    assert names == sorted(file.name for file in other.iterdir())
    assert [name for name in names if (one / name).read_bytes() != (other / name).read_bytes()] == []


def test_the_report_says_where_it_comes_from_and_its_tables_are_files(reports):
    page = (reports[0] / "index.html").read_text(encoding="utf-8")
    for words in (
        "Seed 9, 300 runs",
        "unexplained",
        "the total of all units reaches the quota",
        "1,500,000 are posts by the decree of 2024-09-16, in force from 2024-12-01: 180,000 more than the decree before",
        "With 889,130 posts of civilians they make 2,389,130 in all. The latest decree, of 2026-03-04, has 1,502,640.",
        "https://" not in page and "Nothing follows",
    ):
        assert words in page
    for name in ("readings", "moves", "bridge", "fans", "claims", "waves", "kept", "pool", "first-short"):
        assert f'href="{name}.csv"' in page
        head, *rows = csv.reader((reports[0] / f"{name}.csv").read_text(encoding="utf-8").splitlines())
        assert rows
        assert {len(row) for row in rows} == {len(head)}
    for figure in ("strength", "notices", "pool"):
        Xml.parse(reports[0] / f"{figure}.svg")
        assert f'<img src="{figure}.svg" alt="Left:' in page


def test_a_journalist_reads_one_number(reports):
    page = (reports[0] / "number.html").read_text(encoding="utf-8")
    assert page.count("<p>") == 1
    assert "<h1>4" in page
    assert "(1,034,000)" in page, "the claims are those of the file, not those carried"


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [("version", "0", "plan-file-version"), ("law", "0", "plan-file-law"), ("asked", "0", "plan-file"), ("files", {}, "plan-file-changed")],
)
def test_a_file_of_another_version_or_law_or_changed_is_refused(reports, tmp_path, key, value, code):
    said = json.loads((reports[0] / "plan.json").read_text(encoding="utf-8")) | {key: value}
    (tmp_path / "plan.json").write_text(json.dumps(said), encoding="utf-8")
    refused = CliRunner().invoke(app, ["plan", "report", "--from", str(tmp_path / "plan.json"), "--out", str(tmp_path / "again")])
    assert refused.exception.code == code
