"""Orders of call beside the plain draw: volunteers first, agreed then lot, a published list that may be objected to."""

import hashlib
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from app.test_supplements import FORGOTTEN, register_of, take
from replay.freedonia_line import DECREE, KEY, QUIET, a_person, the_people
from replay.freedonia_line import freedonia as a_line

from callup.app.acts import add_fact, rule_person
from callup.app.audit_roll import audit_roll
from callup.app.checking.letters import _require_panel
from callup.app.clock import RehearsalClock
from callup.app.pipeline import run_line
from callup.app.replay import replay
from callup.app.sealed import arrow_schema, read_sealed
from callup.app.stages.awaiting import objections_until
from callup.app.stages.calling import _struck
from callup.app.stages.noticing import notices_of
from callup.draw import read_plan, seed_of
from callup.draw.panels import panel_of, picked
from callup.law import register_schema
from callup.terms.errors import BadInput, NotLawful, OutOfOrder, Tampered

VERIFY = Path(__file__).parents[2] / "verifier" / "verify.py"
OFFICIALS = ("Stand-in One", "Stand-in Two")


def decreed(method):
    return DECREE.replace('method = "draw"', f'method = "{method}"')


def classes(**named):
    """The file: every person of the register whose number falls into a class."""
    people = [(name, person) for name, holds in named.items() for person in the_people() if holds(person)]
    rows = [f"{person['unit']},{name},{person['person_id']}" for name, person in people]
    return "\n".join(["unit,class,person_id", *rows, ""])


def number(person):
    return int(person["person_id"][1:])


def listed():
    people = sorted(the_people(), key=lambda person: (person["unit"], -number(person)))
    return "\n".join(["unit,position,person_id", *(f"{person['unit']},{at},{person['person_id']}" for at, person in enumerate(people)), ""])


VOLUNTEERS = classes(volunteers=lambda person: number(person) % 20 == 3)
THREE = classes(
    volunteers=lambda person: number(person) % 40 == 3, limited=lambda person: number(person) % 40 != 3 and number(person) % 8 > 0
)


def verified(course):
    done = subprocess.run([sys.executable, VERIFY, course.dossier.open], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def holds_up_to_the_report(course):
    """Whether the second program finds nothing wrong before it comes to the report, which a call-up under way does not have yet."""
    code, said = verified(course)
    return code == 1 and '"file": "90-report/report.json"' in said


def by_class(course):
    """Ranks called by stratum, over all waves."""
    found = {}
    for wave in (1, 2):
        for row in notices_of(course, wave).to_pylist():
            found.setdefault(row["stratum"], []).append(row["rank"])
    return found


@pytest.mark.parametrize(("method", "order"), [("volunteers-then-draw", VOLUNTEERS), ("agreed-then-lot", THREE)])
def test_a_class_is_called_whole_before_the_next_and_both_programs_and_a_replay_agree(tmp_path, method, order):
    """Between the waves people who were left out are taken in: they stand among those whom nobody named, and nobody else moves."""
    with a_line(tmp_path, decree=decreed(method), order=order) as course:
        run_line(course, "dispatch-1")
        take(course, tmp_path, FORGOTTEN)
        course.register = register_of(course, tmp_path / "whole.parquet", the_people() + [a_person(number) for number in FORGOTTEN])
        run_line(course, "dispatch-2")
        plan = (course.dossier.open / "40-seed" / "plan.txt").read_text()
        assert f"order: {method}\n" in plan
        sizes = {line.split()[1]: int(line.split()[2]) for line in plan.split("\n") if line.startswith("roll: ")}
        called = by_class(course)
        assert any(stratum.endswith("+volunteers") for stratum in called)
        for stratum, ranks in called.items():
            assert sorted(ranks) == list(range(1, len(ranks) + 1))
            first = stratum.partition("+")[0] + "+volunteers"
            if not stratum.endswith("+volunteers") and first in sizes:
                assert len(called[first]) == sizes[first], "volunteers before everybody else"
            if stratum.endswith("+limited"):
                late = sum(a_person(one)["unit"] == stratum.partition("+")[0] for one in FORGOTTEN)
                assert len(called.get(stratum.replace("+limited", "+s1"), ())) == late, "whoever came late before those of limited fitness"
        assert any(stratum.endswith("+limited") for stratum in called) == (method == "agreed-then-lot")
        assert holds_up_to_the_report(course)
        assert replay(course.dossier, QUIET) == []


def test_who_is_named_and_not_liable_stands_on_no_roll(tmp_path):
    with a_line(tmp_path, decree=decreed("volunteers-then-draw"), order=VOLUNTEERS) as course:
        run_line(course, "freeze")
        roll = course.read("30-roll", "roll.parquet").to_pylist()
        findings = read_sealed(course.table_path("20-findings", "findings.parquet"), KEY).read_all().to_pylist()
        liable = {row["person_id"] for row in findings if row["finding"] == "LIABLE"}
        assert {row["person_id"] for row in roll} == liable
        volunteers = sum(row["stratum"].endswith("+volunteers") for row in roll)
        assert 0 < volunteers < VOLUNTEERS.count("\n") - 1, "some who are named are too young, or unfit"


def test_a_wave_that_passes_over_volunteers_is_refused_by_the_second_program(tmp_path, monkeypatch):
    from callup.app.stages import calling

    monkeypatch.setitem(calling.CLASSES, "volunteers-then-draw", ("", "volunteers"))
    with a_line(tmp_path, decree=decreed("volunteers-then-draw"), order=VOLUNTEERS) as course:
        run_line(course, "enter-1")
        code, said = verified(course)
        assert code == 1
        assert '"check": "call"' in said
        assert "+volunteers before" in said


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ("unit,position,person_id\n", "order-columns"),
        ("unit,class,person_id\nFR-N,friends,F00001\n", "order-row"),
        ("unit,class,person_id\nFR-N,limited,F00001\n", "order-row"),
        ("unit,class,person_id\n,volunteers,F00001\n", "order-row"),
        ("unit,class,person_id\nFR-N,volunteers,F00001\nFR-S,volunteers,F00001\n", "order-person-twice"),
        (VOLUNTEERS + "FR-N,volunteers,F99999\n", "order-persons-unknown"),
        (VOLUNTEERS + "FR-E,volunteers,F00001\n", "order-other-unit"),
        ("", "order-file-missing"),
    ],
)
def test_a_file_of_classes_that_cannot_be_used_is_refused_before_the_freeze(tmp_path, order, code):
    with a_line(tmp_path, decree=decreed("volunteers-then-draw"), order=order) as course, pytest.raises(BadInput, match=code):
        run_line(course)


# ---- one panel of a published list of panels


def panels(count=7, each=4):
    """Panels that take so many of every region, as a sortition program would give them; people stand in several."""
    by_unit = {}
    for person in the_people():
        by_unit.setdefault(person["unit"], []).append(person["person_id"])
    rows = [
        f"{panel},{unit},{people[(panel * 5 + at * 7) % len(people)]}"
        for panel in range(1, count + 1)
        for unit, people in sorted(by_unit.items())
        for at in range(each)
    ]
    return "\n".join(["panel,unit,person_id", *rows, ""])


@pytest.fixture(scope="module")
def paneled(tmp_path_factory):
    root = tmp_path_factory.mktemp("panels")
    with a_line(root, decree=decreed("panels").replace("persons_to_enlist = 12", "persons_to_enlist = 5"), order=panels()) as made:
        run_line(made)  # to its end once, with the report: panels have strata that no other order has
        yield made


def test_the_seed_picks_one_panel_and_it_is_called_whole(paneled):
    plan = read_plan((paneled.dossier.open / "40-seed" / "plan.txt").read_text())
    assert {panel_of(stratum) for stratum in plan.rolls} == set(range(1, 8))
    panel = picked(seed_of((paneled.dossier.open / "40-seed" / "seed.txt").read_text()), plan.rolls)
    called = notices_of(paneled, 1).to_pylist()
    assert {panel_of(row["stratum"]) for row in called} == {panel}
    assert len(called) == sum(size for stratum, (size, _) in plan.rolls.items() if panel_of(stratum) == panel)
    assert not notices_of(paneled, 2).num_rows
    assert verified(paneled)[0] == 0
    assert replay(paneled.dossier, QUIET) == []


def test_an_auditor_knows_that_people_stand_in_many_panels(paneled, tmp_path):
    schema = register_schema(paneled.jurisdiction.law)
    path = tmp_path / "register.parquet"
    rows = [{name: row.get(name) for name in schema.names} for row in the_people()]
    pq.write_table(pa.Table.from_pylist(rows, arrow_schema(schema)), path)
    found = audit_roll(paneled, path)
    assert found.found == {}
    assert found.looked_at["liable persons in no panel"] > 0


def test_a_letter_of_another_panel_is_refused_by_its_word(paneled):
    """All three checkers ask whether the panel was picked; here callup's, on a plan and a seed as published."""
    plan = read_plan((paneled.dossier.open / "40-seed" / "plan.txt").read_text())
    seed = seed_of((paneled.dossier.open / "40-seed" / "seed.txt").read_text())
    other = next(stratum for stratum in plan.rolls if panel_of(stratum) != picked(seed, plan.rolls))
    lots = [hashlib.sha256(f"{seed} +panels {at}".encode()).hexdigest() for at in range(7)]
    assert picked(seed, plan.rolls) == lots.index(min(lots)) + 1
    mine = SimpleNamespace(plan=SimpleNamespace(order="panels", rolls=plan.rolls))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("callup.app.checking.letters.check_seed", lambda *asked: seed)
        with pytest.raises(Tampered, match="panel-not-picked"):
            _require_panel(None, mine, other)


def test_a_call_of_another_panel_is_refused_by_the_second_program(tmp_path, monkeypatch):
    from callup.app.stages import calling

    monkeypatch.setattr(calling, "picked", lambda seed, strata: picked(seed, strata) % 7 + 1)
    decree = decreed("panels").replace("persons_to_enlist = 12", "persons_to_enlist = 5")
    with a_line(tmp_path, decree=decree, order=panels()) as course:
        run_line(course, "enter-1")
        code, said = verified(course)
        assert (code, "for the seed picked panel" in said) == (1, True)


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ("panel,unit,person_id\n", "panels-with-gaps"),
        ("panel,unit,person_id\n2,FR-N,F00001\n", "panels-with-gaps"),
        ("panel,unit,person_id\n0,FR-N,F00001\n", "order-row"),
        ("panel,unit,person_id\n1,FR-N,F00001\n1,FR-N,F00001\n", "order-row"),
        ("panel,unit,person_id\n1,FR-E,F00007\n1,FR-N,F99999\n2,FR-N,F99998\n", "order-persons-unknown: .*rows 2, 3$"),
        ("panel,unit,person_id\n1,FR-E,F00001\n", "order-other-unit"),
        ("panel,unit,person_id\n1,FR-S,F00010\n", "panel-without-liable"),
    ],
)
def test_panels_that_cannot_be_used_are_refused_before_the_freeze(tmp_path, order, code):
    with a_line(tmp_path, decree=decreed("panels"), order=order) as course, pytest.raises(BadInput, match=code):
        run_line(course)


# ---- a list that may be objected to


@pytest.fixture
def course(tmp_path):
    with a_line(tmp_path, decree=decreed("list-with-objections"), order=listed()) as made:
        yield made


def test_nobody_is_called_from_a_list_before_the_time_to_object_is_over(course):
    run_line(course, "cast")
    until = objections_until(course)
    assert until == date(2025, 4, 12), "published on 2 April, ten days"
    assert course.clock.day("wave-1") > until
    course.clock = RehearsalClock(course.decree)
    with pytest.raises(OutOfOrder, match="objections-open"):
        run_line(course, "compose-1")
    assert not course.dossier.finished("size-1")


def test_who_objects_with_reason_keeps_the_rank_and_a_decision_stands_there(course):
    """A removal moves nobody: the next on the list is not called earlier (draw-and-log.md, errata)."""
    run_line(course, "objections")
    first = next(row for row in course.read("30-roll", "roll.parquet").to_pylist() if (row["stratum"], row["position"]) == ("FR-N", 0))
    day = objections_until(course)
    assert rule_person(course, first["person_id"], "not-liable", officials=OFFICIALS, reason="has served abroad", day=day) == 1
    run_line(course, "dispatch-1")
    (mine,) = [row for row in notices_of(course, 1).to_pylist() if row["person_id"] == first["person_id"]]
    assert (mine["kind"], mine["rank"], mine["place_id"]) == ("decision", 1, "")
    assert holds_up_to_the_report(course)
    assert replay(course.dossier, QUIET) == []


def test_the_last_ruling_counts(course):
    run_line(course, "objections")
    first, second = course.read("30-roll", "roll.parquet").column("person_id").to_pylist()[:2]
    day = objections_until(course)
    rule_person(course, first, "not-liable", officials=OFFICIALS, reason="has served abroad", day=day)
    rule_person(course, second, "not-liable", officials=OFFICIALS, reason="has served abroad", day=day)
    again = {"ground": first, "outcome": "liable", "reason": "no paper", "second": "Two"} | {"case_id": "0" * 24, "evidence": "0" * 64}
    add_fact(course.facts, "ruled", "official: One", (day, day), again)
    assert _struck(course).column("person_id").to_pylist() == [second]


def test_after_the_freeze_nobody_is_ruled_onto_the_roll_and_no_called_person_off_it(course):
    run_line(course, "compose-1")
    day = course.clock.day("wave-1")
    called = next(row["person_id"] for row in notices_of(course, 1).to_pylist() if row["kind"] == "summons")
    for outcome, code in (("liable", "roll-is-frozen"), ("not-liable", "called-already")):
        with pytest.raises(BadInput, match=code):
            rule_person(course, called, outcome, officials=OFFICIALS, reason="late", day=day)


def test_a_list_with_objections_needs_a_law_that_gives_time_for_them(tmp_path):
    """The folder of us-jury has no such time, and a rehearsal cannot make one up."""
    decree = decreed("list-with-objections").replace('jurisdiction = "freedonia"', 'jurisdiction = "us-jury"')
    with pytest.raises(NotLawful, match="objections-without-time"), a_line(tmp_path, decree=decree, order=listed()):
        pass
