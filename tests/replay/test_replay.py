"""One small call-up end to end: pinned digests, one change shows from the right stage on, replay names what was changed after."""

import csv
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from replay.freedonia_line import DECREE, KEY, QUIET, REGIONS, digests_of, freedonia, run_to, the_people, the_places

from callup.app.dossier import Dossier
from callup.app.pipeline import run_line
from callup.app.replay import replay
from callup.app.sealed import open_bytes, read_sealed, seal_bytes, write_sealed
from callup.jurisdictions import load
from callup.law import register_schema
from callup.register import snapshot_schema
from callup.terms.errors import Tampered
from callup.terms.tables import FINDINGS

PINNED = json.loads(Path(__file__).with_name("digests.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory, whole_line):
    """The folder of the whole line, run to its end once."""
    root = tmp_path_factory.mktemp("freedonia") / "line"
    shutil.copytree(whole_line, root)
    return root


def dossier_in(root):
    return Dossier.at(root / "dossier", KEY)


@pytest.fixture
def copied(whole, tmp_path):
    """The dossier of a copy that a test may spoil."""
    shutil.copytree(whole / "dossier", tmp_path / "dossier")
    return dossier_in(tmp_path)


def test_every_stage_has_its_pinned_digests(whole):
    assert digests_of(dossier_in(whole)) == PINNED


def test_the_line_of_freedonia_calls_somebody_in_each_region_and_wave(whole):
    with (whole / "dossier" / "open" / "35-quotas" / "quotas.csv").open(encoding="utf-8") as file:
        quotas = {row["unit"]: int(row["quota"]) for row in csv.DictReader(file)}
    assert tuple(quotas) == REGIONS
    assert sum(quotas.values()) == 12
    sizes = [line["sizes"] for line in dossier_in(whole).lines() if str(line.get("stage")).startswith("size-")]
    assert len(sizes) == 2
    assert all(sum(wave.values()) > 0 for wave in sizes)


def test_every_stage_is_finished_once_and_a_second_run_does_nothing(copied):
    before = copied.log_path.read_bytes()
    stages = [line["stage"] for line in copied.lines() if "stage" in line]
    assert len(stages) == len(set(stages)) == len(PINNED)
    with freedonia(copied.root.parent) as course:
        run_line(course)
    assert copied.log_path.read_bytes() == before


def test_the_account_closes_each_called_case_ends_once(whole):
    sizes = [line["sizes"] for line in dossier_in(whole).lines() if str(line.get("stage")).startswith("size-")]
    outcomes = read_sealed(whole / "dossier" / "sealed" / "80-outcomes" / "outcomes.parquet", KEY).read_all().to_pylist()
    assert len({row["case_id"] for row in outcomes}) == len(outcomes)
    by_unit = {unit: sum(wave[unit] for wave in sizes) for unit in REGIONS}
    assert {unit: sum(row["unit"] == unit for row in outcomes) for unit in REGIONS} == by_unit


def a_day_younger(number):
    people = the_people()
    people[number]["born_on"] += timedelta(days=1)
    return people


PERSON = {"snapshot.snapshot", "assess.findings", "freeze.roll", "freeze.sheet-freeze", "commit.plan", "cast.draw"}
ONE_CHANGE = {
    "a birth date": ({"people": a_day_younger(40)}, "cast", PERSON),
    "the hours of a place": (
        {"places": the_places().replace("FR-N,09:00", "FR-N,10:00")},
        "enter-1",
        {"publish.places", "compose-1.notices-1", "enter-1.entered-1"},
    ),
    "the address of a place": (
        {"places": the_places().replace("Hall of FR-N", "House of FR-N")},
        "render-1",
        {"publish.places", "render-1.prints-1", "render-1.manifest-1", "render-1.portal-1"},
    ),
    "a word of the decree": (
        {"decree": DECREE.replace("is sent abroad", "is sent away")},
        "render-1",
        {"publish.decree", "render-1.prints-1", "render-1.manifest-1", "render-1.portal-1"},
    ),
    "the number of the decree": (
        {"decree": DECREE.replace("enlist = 12", "enlist = 13")},
        "cast",
        {"publish.decree", "apportion.quotas", "commit.plan", "cast.draw"},
    ),
    "the seed": ({"seed": 12}, "cast", {"publish.decree", *PERSON}),
    "nothing": ({}, "enter-1", set()),
}


@pytest.mark.parametrize("what", ONE_CHANGE)
def test_one_change_shows_in_the_stages_that_depend_on_it_and_in_no_other(tmp_path, what):
    changed, to, expected = ONE_CHANGE[what]
    again = run_to(tmp_path / "line", to, **changed)
    assert list(again) == list(PINNED)[: len(again)]
    differ = {f"{stage}.{name}" for stage, artefacts in again.items() for name in artefacts if artefacts[name] != PINNED[stage][name]}
    assert differ == expected


def test_replay_finds_no_difference(whole):
    assert replay(dossier_in(whole), QUIET) == []


def test_replay_names_what_was_changed_in_the_open(copied):
    counts, extra = copied.open / "30-roll" / "counts.csv", copied.open / "30-roll" / "more.csv"
    counts.write_bytes(counts.read_bytes().replace(b"FR-N", b"FR-S", 1))
    extra.write_text("x")
    (copied.open / "45-draw" / "FR-E.csv").unlink()
    found = {(one.what, one.stands) for one in replay(copied, QUIET)}
    assert found == {("open/30-roll/counts.csv", "other bytes"), ("open/30-roll/more.csv", "there"), ("open/45-draw/FR-E.csv", "missing")}


def one_more_served(dossier):
    """Rewrite the findings under the right key, with one person's finding changed: no cipher can tell."""
    path = dossier.sealed / "20-findings" / "findings.parquet"
    table = read_sealed(path, KEY).read_all()
    findings = table.column("finding").to_pylist()
    findings[findings.index("LIABLE")] = "EXEMPT"
    index = table.column_names.index("finding")
    write_sealed(path, FINDINGS, table.set_column(index, table.schema.field(index), [findings]).to_batches(), KEY)


def test_replay_names_a_sealed_table_that_was_written_anew(copied):
    one_more_served(copied)
    assert [one.what for one in replay(copied, QUIET)] == ["sealed/20-findings/findings.parquet"]


def test_replay_names_a_sheet_that_was_written_anew(copied):
    path = copied.sealed / "25-sheets" / "size-1.txt.sealed"
    text = open_bytes(path.read_bytes(), KEY, b"size-1.txt")
    path.write_bytes(seal_bytes(text.replace(b"yield: 0.4", b"yield: 0.9"), KEY, b"size-1.txt"))
    assert [one.what for one in replay(copied, QUIET)] == ["sealed/25-sheets/size-1"]


def test_replay_names_an_input_that_was_written_anew(copied):
    path = copied.sealed / "10-snapshot" / "snapshot.parquet"
    table = read_sealed(path, KEY).read_all()
    health = table.column("health").to_pylist()
    health[health.index("fit")] = "unfit"
    index = table.column_names.index("health")
    changed = table.set_column(index, table.schema.field(index), [health])
    write_sealed(path, snapshot_schema(register_schema(load("freedonia").law)), changed.to_batches(), KEY)
    found = {one.what: one.made for one in replay(copied, QUIET)}
    assert list(found)[:2] == ["snapshot", "findings"]
    assert found["stage freeze"] == "not reached", "nobody signed these findings"


def test_a_damaged_sealed_table_is_named(copied):
    path = copied.sealed / "30-roll" / "roll.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(Tampered, match="roll"):
        replay(copied, QUIET)
