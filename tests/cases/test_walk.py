"""The exhaustive walk of `cases.walk`, in parts that CI can afford; the whole of it is `make walk`, its figures stand in the docs."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from cases import walk
from sampling import EVERY, some

from callup.cases.desk import TASKS
from callup.terms.facts import DUES, VOCABULARY, ActKind

WAY = ("available", "opened", "did_not_come", "inquired", "referred")
"""Two ways of service, the portal and a published list, to the worst end; `make walk` takes all kinds at once."""
PARTS = {
    "attempts": ("handed_over", *WAY, "delivered", "returned", "misdelivered"),
    "contests": (*WAY, "service_contested", "decided", "decision_served"),
    "not for me": ("handed_over", *WAY, "not_for_me", "decided"),
    "taken back": (*WAY, "responded", "withdrawn", "called"),
    "appointments": (*WAY, "called", "appointment_moved", "excused"),
    "coming": (*WAY, "appeared", "recalled", "outage"),
    "stays": (*WAY, "stayed", "stay_lifted", "halted"),
    "tolled": (*WAY, "tolled"),
    "claims": (*WAY, "claimed", "claim_withdrawn"),
}
BY_DAY = tuple(PARTS) if EVERY == 1 else ("attempts", "contests", "not for me", "taken back", "coming", "stays", "tolled")
"""The two that take longest are walked at night."""


def test_every_kind_of_fact_has_its_place_in_the_walk():
    assert set(walk.EVENTS) | set(walk.ASIDE) == set(VOCABULARY)
    assert not set(walk.EVENTS) & set(walk.ASIDE)
    assert all(name in VOCABULARY for parts in walk.EVENTS.values() for name, _ in parts)


def test_every_kind_of_act_and_every_step_that_falls_due_has_its_place_in_the_walk():
    """Each kind of entry in the acts log is made by a fact of the walk, and each due step is done by one."""
    walked = {name for choices in walk.EVENTS.values() for name, _ in choices}
    assert {VOCABULARY[kind].act for kind in walked} == {kind.act for kind in VOCABULARY.values()} == set(get_args(ActKind))
    assert {task.records for task in TASKS.values()} <= walked
    assert set(TASKS) == set(DUES) - {"nothing"}
    together = {"enter-notice", "decide-claim", "ask-why", "assess", "enlist-or-release", "resolve-contest"}
    assert {step: task.people for step, task in TASKS.items()} == {step: 2 if step in together else 1 for step in TASKS}, "promise 2"


@pytest.mark.parametrize("part", BY_DAY)
def test_no_sequence_leads_to_a_wrong(part, capsys):
    readings, sequences, problems = walk.walk(PARTS[part])
    with capsys.disabled():
        print(f" {part}: {readings} readings, {sequences} sequences ", end="")
    assert problems == []
    assert readings > 100


def test_if_nobody_does_anything_any_more_the_case_lapses_and_needs_no_referral():
    for told in (
        (),
        ((0, "handed_over", {"channel": "mail"}),),
        ((0, "opened", {"channel": "portal"}), (40, "did_not_come", {"appear_on": walk.APPEAR})),
    ):
        assert walk.closed(walk.Sequence(told, 60)).startswith("lapsed")


GUARDS = [
    ("course.py", "fact.day <= day or read.ledger.stayed", "read.ledger.stayed", "attempts"),
    ("course.py", "fact.day <= day or read.ledger.stayed", "fact.day <= day", "stays"),
    ("course.py", "service.served_on is None or service.confirmed_on is None or service.confirmed_on > day", "False", "attempts"),
    ("course.py", "if day is None or day != appear_on or", "if day is None or", "appointments"),
    ("course.py", "if appoints is None or appoints.day > day:", "if appoints is None:", "appointments"),
    ("course.py", "appoints.day <= read.service.confirmed_on", "True", "appointments"),
    ("course.py", "fact.day <= day <= fact.until", "False", "tolled"),
    ("course.py", "if ruling is None or day < max(ruling.day, _told_on(facts, ruling.fact_id) or LAST):", "if ruling is None:", "contests"),
    ("course.py", "return not read.free_on(day) or", "return", "claims"),
    ("course.py", "len(read.service.tried) < 2", "False", "attempts"),
    ("course.py", "if absent_on is not None and absent_on <= day", "if absent_on is not None", "attempts"),
    ("course.py", 'fact.kind == "referred" and inquired_on <= fact.day', 'fact.kind == "referred"', "attempts"),
    ("course.py", "not self.claims.rested_on(day) and not", "not", "claims"),
    ("course.py", "return not halted and", "return", "stays"),
    ("course.py", 'if confirmed_on + timedelta(days=read.rules.term("lead", served_on).days) > appear_on:', "if False:", "attempts"),
    ("service.py", "start.day > _void_on(start, facts, upheld)", "True", "contests"),
    ("service.py", "fact.kind in LOSSES and", "False and", "attempts"),
    ("service.py", "fact.day > undone", "True", "taken back"),
    ("service.py", 'ruling is None or ruling.outcome != "refused"', "False", "contests"),
    ("fold.py", '(course.appeared_on is not None, "appeared", course.appeared_on),', "", "coming"),
]
"""Guards of the fold, each taken away once: file, words, what stands instead, the part of the walk that must then find a wrong."""


@pytest.mark.parametrize("number", some(len(GUARDS)))
def test_each_guard_taken_away_gives_a_counter_example(tmp_path, number):
    file, old, new, part = GUARDS[number]
    source = Path(walk.__file__).parents[2] / "src" / "callup"
    shutil.copytree(source, tmp_path / "callup", ignore=shutil.ignore_patterns("__pycache__", "jurisdictions"))
    path = tmp_path / "callup" / "cases" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, "the guard is still there, once"
    path.write_text(text.replace(old, new), encoding="utf-8")
    words = [sys.executable, walk.__file__, ",".join(PARTS[part])]
    done = subprocess.run(
        words, capture_output=True, text=True, env={"PYTHONPATH": f"{tmp_path}:{Path(walk.__file__).parents[1]}"}, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "though not" in done.stdout or "Error" in done.stderr
