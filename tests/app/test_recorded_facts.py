"""Facts from a file and facts typed by hand: all problems at once, nothing by halves, and nothing that would change nothing unseen."""

import re
import shutil
from dataclasses import replace
from datetime import date

import pytest
from app.recorded import a_case, facts
from replay.freedonia_line import freedonia

from callup.app.standing import one_case

HEAD = "kind,case_id,notice_id,happened_on,known_on,actor,channel,evidence\n"
GOOD = "delivered,{case},{notice},2025-07-14,2025-07-15,carrier: D,mail," + "ab" * 32 + "\n"


def test_facts_are_imported_once(call, whole, tmp_path):
    called = next(row for row in facts(whole) if row["kind"] == "called")
    (tmp_path / "facts.csv").write_text(HEAD + GOOD.format(case=called["case_id"], notice=called["notice_id"]))
    assert call("fact", "import", whole, tmp_path / "facts.csv") == (0, "1 facts read, 1 new, 0 known already\n", "")
    assert call("fact", "import", whole, tmp_path / "facts.csv") == (0, "1 facts read, 0 new, 1 known already\n", "")


def test_all_problems_of_a_file_are_said_at_once_and_nothing_is_recorded(call, whole, tmp_path):
    called = next(row for row in facts(whole) if row["kind"] == "called")
    good = GOOD.format(case=called["case_id"], notice=called["notice_id"])
    bad = [good.replace("delivered", "danced"), good.replace("ab" * 32, "ab"), good.replace("2025-07-15", "2025-07-13")]
    (tmp_path / "facts.csv").write_text(HEAD + good.replace("carrier: D", "carrier: E") + "".join(bad))
    before = len(facts(whole))
    code, _, said = call("fact", "import", whole, tmp_path / "facts.csv")
    assert code == 2
    for row in ("2", "3", "4"):
        assert re.search(rf"row:? {row}\b", said), said
    assert len(facts(whole)) == before


@pytest.mark.parametrize(
    ("kind", "actor", "fields", "said"),
    [
        ("stayed", "court: C", ("ground=unit FR-X", "reason=x"), "unit unknown"),
        ("stayed", "court: C", ("ground=Call-up", "reason=x"), "anything else stops nobody"),
        ("stay_lifted", "court: C", ("ref=f", "reason=x"), "answers nothing"),
        ("claimed", "person", ("case_id=" + "0" * 24, "ground=deferral"), "case unknown"),
        ("claimed", "person", ("case_id={case}", "ground=health"), "one of deferral"),
        ("claim_withdrawn", "person", ("case_id={case}", "ref=f"), "answers nothing"),
        ("tolled", "desk", ("case_id={case}", "ground=hospital", "until=2025-02-30"), "YYYY-MM-DD"),
        ("tolled", "desk", ("case_id={case}", "ground=hospital", "until=2025-06-01"), "until-before-it-began"),
        ("danced", "desk", (), "vocabulary"),
    ],
)
def test_a_fact_typed_by_hand_that_would_change_nothing_is_refused(call, whole, kind, actor, fields, said):
    rows = facts(whole)
    before, case = len(rows), next(row["case_id"] for row in rows if row["kind"] == "called")
    words = ("fact", "add", whole, "--kind", kind, "--actor", actor, "--happened-on", "2025-07-14", "--known-on", "2025-07-14")
    words += ("--evidence", "ab" * 32, *(word for one in fields for word in ("--field", one.format(case=case))))
    code, out, told = call(*words)
    assert (code, out) == (2, "")
    assert said in told
    assert "what to do: " in told
    assert len(facts(whole)) == before


def test_an_article_that_nobody_compared_with_its_text_is_marked_in_every_step_that_rests_on_it(tmp_path, whole_line):
    """Design D3: every finding that rests on it says so."""
    shutil.copytree(whole_line, tmp_path / "line")
    with freedonia(tmp_path / "line") as course:
        case, day, told = a_case(tmp_path / "line" / "dossier"), date(2025, 7, 15), course.jurisdiction.procedure
        plain = one_case(course, case, day, day)
        course.jurisdiction = replace(
            course.jurisdiction, procedure=replace(told, services=tuple(replace(one, unverified=True) for one in told.services))
        )
        marked = one_case(course, case, day, day)
    served = [step for step in marked["steps"] if step.endswith("(unverified))")]
    assert marked["rule"] == f"{plain['rule']} (unverified)"
    assert served
    assert [step.replace(" (unverified)", "") for step in marked["steps"]] == plain["steps"]
