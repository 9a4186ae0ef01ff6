"""Benches are found by themselves, refuse what they do not know, and never give a figure of two programs that disagree."""

import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from callup.app.benches import Bench, Figure, Measured, Setting, benches, draw, log, machine, scenarios, standing
from callup.app.benches import letters as bench_of_letters
from callup.app.benches.assess import compare, run
from callup.app.benches.letters import _words, letters_table
from callup.app.benches.letters_mass import _laid, record_figures
from callup.app.benches.results import fallen, keep, measured_often, name_of, read_kept, target_of
from callup.app.benches.results_page import markdown_table, page_of, three_digits
from callup.app.commands.bench import bench
from callup.terms.errors import BadInput, Tampered, Unavailable

ROOT = Path(__file__).resolve().parents[2]


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
    assert three_digits(value) == words


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


def test_a_wave_as_records_is_counted_sealed_and_signed(tmp_path):
    letters, (texts, stamp) = letters_table(300), _words()
    rate, seconds = record_figures(letters, texts, stamp, tmp_path)
    assert (rate.unit, seconds.unit) == ("letters a CPU s", "s on the clock")
    assert len((tmp_path / "manifest.csv").read_text(encoding="utf-8").splitlines()) == 300
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".sealed") == [
        "layout.typ.sealed",
        "records-0001.csv.sealed",
        "words-ru.json.sealed",
    ]
    with pytest.raises(Tampered, match="letters-missing"):
        _laid([], tmp_path, 300)


def test_made_up_letters_are_the_same_however_they_are_made(monkeypatch):
    whole = letters_table(300)
    monkeypatch.setattr(bench_of_letters, "_AT_ONCE", 7)
    assert letters_table(300).combine_chunks().equals(whole.combine_chunks())


def test_a_scenario_that_does_not_hold_is_no_figure_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(scenarios, "LIMITS", {"S6": 3600.0})
    (figure,) = scenarios.run(Setting(200), tmp_path).figures
    assert figure.kept
    wrong = SimpleNamespace(size=200, held=(SimpleNamespace(held=False),), seconds=1.0, right=False)
    monkeypatch.setattr(scenarios, "simulate", lambda *asked: wrong)
    assert not scenarios.run(Setting(200), tmp_path).figures[0].kept


def found_in_turn(*values, target="at least 2"):
    """A bench whose ratio is another one in each run."""
    waiting = list(values)

    def run(setting, folder):
        assert not list(folder.iterdir())
        (folder / "left").touch()
        value = waiting.pop(0)
        return Measured((Figure("times <faster>", value, "x", target, value >= 2), Figure("seconds", value, "s")), ("as <said>",))

    return Bench("quick", "how quick?", run)


def result(tmp_path, *values, **more):
    folders = iter(range(9))

    def new():
        made = tmp_path / str(next(folders)) / str(len(values))
        made.mkdir(parents=True)
        return made

    return measured_often(found_in_turn(*values, **more), Setting(7), len(values), new)


def test_what_is_kept_is_a_median_that_was_measured_with_least_and_most(tmp_path):
    made = result(tmp_path / "r", 3.0, 1.0, 2.5)
    figure = made["figures"][0]
    assert (figure["value"], figure["least"], figure["most"], figure["kept"]) == (2.5, 1.0, 3.0, True)
    assert made["runs"] == 3
    assert made["machine"]["python"]
    assert made["cpu_seconds"] >= 0
    keep(made, tmp_path / "kept")
    assert read_kept(tmp_path / "kept") == [made]


@pytest.mark.parametrize(
    ("target", "before", "now", "fell"),
    [
        ("at least 2", 10.0, 8.1, False),
        ("at least 2", 10.0, 8.0, True),
        ("at most 2", 1.0, 1.2, False),
        ("at most 2", 1.0, 1.25, True),
        ("under 2", 1.0, 1.3, True),
        ("", 10.0, 1.0, False),
    ],
)
def test_a_ratio_that_fell_by_a_fifth_is_told(tmp_path, target, before, now, fell):
    last, newest = result(tmp_path / "a", before, target=target), result(tmp_path / "b", now, target=target)
    falls, strange = fallen([last], [newest])
    assert [(fall.what, fall.before, fall.now) for fall in falls] == ([("times <faster>", before, now)] if fell else [])
    assert strange == []


def test_a_bench_that_was_not_kept_in_this_size_is_named_and_not_compared(tmp_path):
    newest = result(tmp_path, 1.0)
    other = {**newest, "setting": {**newest["setting"], "persons": 8}}
    assert fallen([other], [newest]) == ([], ["quick-7"])
    assert fallen([], [newest]) == ([], ["quick-7"])


def test_a_ratio_that_is_measured_no_more_is_named(tmp_path):
    last = result(tmp_path, 1.0)
    gone = {**last, "figures": [{**figure, "what": f"other {figure['what']}"} for figure in last["figures"]]}
    assert fallen([last], [gone]) == ([], ["quick: times <faster>"])


def test_targets_are_read_from_their_words():
    assert target_of("at most 1,500") == (False, 1500.0)
    assert target_of("below 1e-9") is None
    assert target_of("at most 1 for 10,000,000") is None


def test_the_page_shows_every_figure_and_every_target_as_a_bar(tmp_path):
    page = page_of([result(tmp_path, 1.0)])
    assert page.count("<svg ") == 1
    assert page.count("<rect ") == 1
    assert "times &lt;faster&gt;: 2.00" in page
    assert "at least 2: missed" in page
    assert page.count("<tr>") == 3
    assert "as &lt;said&gt;" in page


def test_the_table_for_the_documents_says_when_and_on_what(tmp_path):
    lines = markdown_table(result(tmp_path, 1.0)).splitlines()
    assert lines[0].startswith("Printed by `callup bench quick --persons 7`, 20")
    assert re.fullmatch(r".*, duckdb \S+; load before and after \S+ and \S+\.", lines[0])
    assert lines[-2:] == ["| times <faster> | 1 x | at least 2: missed |", "| seconds | 1 s |  |"]


@pytest.mark.parametrize("runs", [0, 2])
def test_an_even_number_of_runs_has_no_median_that_was_measured(runs):
    with pytest.raises(BadInput, match="bench-runs") as refusal:
        bench(["draw"], runs=runs)
    assert "odd" in refusal.value.hint


@pytest.mark.parametrize("text", [None, "{", '{"bench": "x"}'])
def test_results_that_are_not_there_or_no_results_are_refused(tmp_path, text):
    if text:
        (tmp_path / "x.json").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="bench-result") as refusal:
        bench(["draw"], against=tmp_path)
    assert refusal.value.hint.startswith("measure")


def test_each_kept_result_has_its_table_and_each_table_its_result():
    """Else `make map` would leave a table empty, or show a kept result nowhere."""
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    tables = re.findall(r"^<!-- figures of ([\w-]+): begin -->$", page, re.M)
    assert tables == re.findall(r"^<!-- figures of ([\w-]+): end -->$", page, re.M)
    assert sorted(tables) == sorted(name_of(result) for result in read_kept(ROOT / "docs" / "benches"))
    assert sorted(tables) == sorted(path.stem for path in (ROOT / "docs" / "benches").glob("*.json"))
