"""Benches are found by themselves, refuse what they do not know, and never give a figure of two programs that disagree."""

import os
from types import SimpleNamespace

import pytest

from callup.app.benches import Bench, Setting, benches, draw, log, machine, scenarios, standing
from callup.app.benches.assess import compare, run
from callup.app.commands.bench import bench, shown
from callup.terms.errors import BadInput, Tampered, Unavailable


def test_every_bench_is_found_with_its_question():
    found = benches()
    assert {"assess", "demo", "draw", "log"} <= set(found)
    assert all(isinstance(one, Bench) and one.question.endswith("?") and name == one.name for name, one in found.items())


def test_an_unknown_bench_is_refused_and_the_known_are_named():
    with pytest.raises(BadInput) as refusal:
        bench(["assess", "speed"])
    assert refusal.value.params["bench"] == "speed"
    assert "assess" in refusal.value.hint


@pytest.mark.parametrize("measure", [run, log.run])
def test_a_missing_peer_is_said_with_what_to_do(tmp_path, monkeypatch, measure):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unavailable) as refusal:
        measure(Setting(1000), tmp_path)
    assert "make bench" in refusal.value.hint


SAME = {"liable": 3, "rules": [4, 1], "deciding": {"0": 6, "1": 3, "2": 1}}


def test_equal_counts_are_compared_and_kept():
    compare(SAME, SAME | {"version": "1", "seconds": 1})


@pytest.mark.parametrize("changed", [{"liable": 4}, {"rules": [4, 2]}, {"deciding": {"0": 7, "1": 3}}])
def test_a_peer_that_disagrees_fails_the_bench(changed):
    with pytest.raises(Tampered):
        compare(SAME, SAME | changed)


def test_the_machine_is_told():
    about = machine()
    assert int(about["cores"]) >= 1
    assert int(about["cores"]) <= (os.cpu_count() or 1)
    assert all(about[name] for name in ("python", "callup", "duckdb", "system"))


@pytest.mark.parametrize(("value", "words"), [(0.0, "0"), (999.6, "1,000"), (12.0, "12"), (0.00123, "0.00123"), (1234567, "1,230,000")])
def test_figures_have_three_digits(value, words):
    assert shown(value) == words


def test_the_draw_is_measured_beside_its_floor(tmp_path):
    found = draw.run(Setting(5000), tmp_path)
    assert [figure.unit for figure in found.figures] == ["x", "x", "lines/s"]
    assert all(figure.value > 0 for figure in found.figures)


def test_the_log_bench_keeps_its_memory_and_proves_from_few_tiles(tmp_path):
    fresh = iter(tmp_path / str(number) for number in range(100))
    assert all(figure.kept for figure in log._memory(40_000, fresh))
    proof, tiles = log._writer(70_000, 0.0, fresh, runs=1)[-2:]
    assert proof.value > 0
    assert tiles.kept


def test_the_standing_of_every_obligation_is_measured_beside_a_plain_scan(tmp_path):
    found = {figure.what: figure for figure in standing.run(Setting(2000), tmp_path).figures}
    assert found["2,000 obligations from 20,000 facts"].value > 0
    assert found["standing, of the plain scan and group-by"].target == "at most 5"


def test_a_scenario_that_does_not_hold_is_no_figure_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(scenarios, "LIMITS", {"S6": 3600.0})
    (figure,) = scenarios.run(Setting(200), tmp_path).figures
    assert figure.kept
    wrong = SimpleNamespace(size=200, held=(SimpleNamespace(held=False),), seconds=1.0, right=False)
    monkeypatch.setattr(scenarios, "simulate", lambda *asked: wrong)
    assert not scenarios.run(Setting(200), tmp_path).figures[0].kept
