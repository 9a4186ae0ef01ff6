"""What the second program makes of witnesses: quorum, times, lead, and a policy pinned from the gazette."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from verifier import published

PROGRAM = Path(__file__).parents[2] / "verifier" / "verify.py"
SPEC = importlib.util.spec_from_file_location("verify_witnesses", PROGRAM)
verify = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(verify)
VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "quicknet.json").read_text(encoding="utf-8"))
ROUND, VALUE = next((row["round"], row["signature"]) for row in VECTORS["rounds"] if row["accept"])
CHAIN = VECTORS["chain"]["hash"]
CAME = VECTORS["chain"]["genesis"] + (ROUND - 1) * VECTORS["chain"]["period"]
DAY = 86_400


def result(folder, policy_file=None):
    check = verify.Check(folder, False, policy_file)
    try:
        check.run()
    except verify.Fails as fails:
        return fails.line, check
    return {}, check


def drawn(tmp_path, **changed):
    options = published.Options(beacon=f"drand {CHAIN} {ROUND}", value=VALUE, rehearsal="false", **changed)
    return published.publish(tmp_path, options)


def test_too_few_cosignatures_are_no_quorum(tmp_path):
    line, _ = result(drawn(tmp_path, seen=(("bar", published.EARLY),)))
    assert (line["check"], line["found"]) == ("quorum", "bar")


@pytest.mark.parametrize(("second", "good"), [(CAME - DAY, True), (CAME - DAY + 1, False)], ids=["to the second", "a second late"])
def test_the_plan_counts_from_when_the_quorum_is_full(tmp_path, second, good):
    line, _ = result(drawn(tmp_path, seen=(("court", published.EARLY), ("press", second), ("bar", CAME))))
    assert line.get("check") == (None if good else "lead")


def test_a_policy_without_witnesses_is_said_aloud(tmp_path):
    line, check = result(drawn(tmp_path, seen=(), policy="quorum none\n"))
    assert line == {}
    assert any(note.startswith("NO WITNESSES") for note in check.notes)
    assert any("plan was fixed before 2023-08-23" in note for note in check.notes)


def test_the_policy_of_the_gazette_is_the_one_that_counts(tmp_path):
    folder = drawn(tmp_path)
    pinned = tmp_path / "gazette"
    pinned.write_bytes((folder / "log" / "policy").read_bytes())
    line, check = result(folder, pinned)
    assert line == {}
    assert not any("taken from the folder" in note for note in check.notes)
    assert any("taken from the folder" in note for note in result(folder)[1].notes)
    pinned.write_bytes(pinned.read_bytes() + b"# another\n")
    assert result(folder, pinned)[0]["check"] == "policy"
    words = [sys.executable, str(PROGRAM), str(folder), "--policy", str(pinned)]
    said = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (said.returncode, json.loads(said.stdout.splitlines()[-1])["check"]) == (1, "policy")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("quorum two\n", ""),
        ("quorum two\n", "quorum two\nquorum two\n"),
        ("quorum two\n", "quorum three\n"),
        ("group two 2", "group two 4"),
        ("group two 2", "group two 0"),
        ("group two 2", "group two many"),
        ("2 court press bar", "2 court press press"),
        ("2 court press bar", "2 court press none"),
        ("witness bar", "witness press"),
        ("witness bar", "watcher bar"),
        ("quorum two\n", "quorum two"),
        ("quorum two\n", "quorum two\n\x01\n"),
    ],
)
def test_a_policy_that_says_two_things_or_none_is_refused(tmp_path, old, new):
    folder = drawn(tmp_path)
    path = folder / "log" / "policy"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert result(folder)[0]["check"] == "policy"


def test_a_cosignature_of_another_checkpoint_or_time_is_refused(tmp_path):
    folder = drawn(tmp_path)
    newest = folder / "log" / "acts" / "checkpoint"
    kept = sorted((folder / "log" / "acts" / "checkpoints").iterdir(), key=lambda path: int(path.name))
    lines = newest.read_text().split("\n")
    lines[-2] = kept[0].read_text().split("\n")[-2]
    for path in (newest, kept[-1]):
        path.write_text("\n".join(lines))
    assert result(folder)[0]["check"] == "cosignature"


def test_stand_ins_are_named_before_anything_else(tmp_path):
    policy = published.Options().policy.replace(" court", " rehearsal-court")
    line, check = result(published.publish(tmp_path, published.Options(policy=policy)))
    assert line == {}
    assert any(note.startswith("REHEARSAL WITNESSES: rehearsal-court") for note in check.notes)
