"""A call-up that asks for an answer, from decree to close: no day anywhere, and none can be added (ADR 0058).

The letters that cheat are in `letter_cheats`, for every program that checks them.
"""

import csv
import json
import re
import shutil
import subprocess
import sys
import tomllib
from datetime import date

import pyarrow.compute as pc
import pytest
from app.portal_line import freedonia_again
from house.tree import ROOT
from replay.form_line import DECREE, the_wheel
from replay.freedonia_line import QUIET

from callup.app.exports.calendar_file import calendar_file
from callup.app.exports.case import gather
from callup.app.replay import replay
from callup.app.report.words import languages, speech_of
from callup.app.sealed import read_sealed
from callup.app.standing import standings
from callup.app.wire import check_lawful
from callup.cases import Moment, fold
from callup.draw import read_plan
from callup.terms.decree import read_decree
from callup.terms.errors import BadInput, OutOfOrder, Tampered

VERIFIER = ROOT / "verifier" / "verify.py"


def verify(*words):
    done = subprocess.run([sys.executable, str(VERIFIER), *map(str, words)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def line(tmp_path_factory, form_line):
    """The course of the form, run to its end and opened again."""
    root = tmp_path_factory.mktemp("form") / "line"
    shutil.copytree(form_line, root)
    with freedonia_again(root) as course:
        yield course


def notices(course):
    waves = [course.read("50-notices", f"wave-{number}", "notices.parquet") for number in (1, 2)]
    return [row for wave in waves for row in wave.to_pylist()]


def portal(course):
    return read_sealed(course.table_path("50-notices", "wave-1-print", "portal.parquet"), course.dossier.key).read_all().to_pylist()


def test_the_second_program_accepts_what_the_line_has_published(line):
    code, said = verify(line.dossier.open)
    assert code == 0, said
    assert "everything checks" in said
    plan = (line.dossier.open / "40-seed" / "plan.txt").read_text(encoding="utf-8")
    assert "\norder: draw\nasks: answer\nquota: " in plan
    assert not (line.dossier.open / "00-decree" / "places.csv").exists()


def test_no_notice_names_a_day_or_a_place_and_everybody_is_told_the_time(line):
    rows = notices(line)
    assert len(rows) > 60
    assert {(row["kind"], row["appear_on"], row["appear_at"], row["place_id"]) for row in rows} == {("summons", None, "", "")}
    for row in rows:
        assert row["document"].startswith("callup/form/1\ncall-up: wheel-2027\n")
        assert "\nanswer: 10 days from service\nlaw: us-jury-form " in row["document"]
        assert "report:" not in row["document"]
    in_wheel = sum(person["in_wheel"] is True for person in the_wheel())
    assert line.dossier.entry("roll").rows == in_wheel, "whose place in the wheel nobody wrote down is in no draw"


def test_whoever_answers_is_let_go_and_whoever_does_not_lapses_after_a_reminder(line):
    kinds = set(line.facts.all().column("kind").to_pylist())
    assert {"called", "handed_over", "responded", "courtesy_sent"} <= kinds
    assert not kinds & {"appeared", "did_not_come", "appointment_moved", "assessed", "enlisted", "referred"}
    assert pc.all(pc.is_null(line.facts.all().column("appear_on"))).as_py()
    outcomes = line.read("80-outcomes", "outcomes.parquet")
    answered = set(line.facts.all().filter(pc.field("kind") == "responded").column("case_id").to_pylist())
    for row in outcomes.to_pylist():
        assert (row["outcome"] == "released") == (row["case_id"] in answered), row
    before = date(2027, 4, 29)
    steps = set(standings(line, before, before).column("next_step").to_pylist())
    assert "await-appearance" not in steps, "nobody waits for a day"


def test_no_later_fact_makes_an_appearance_of_a_form(line):
    """Conduct confirms service: were a day set later, "did not come" could be said of somebody who never had a summons (ADR 0057)."""
    notice = {**notices(line)[0], "liable_until": None}
    own = {
        **dict.fromkeys(line.facts.all().column_names),
        "case_id": notice["case_id"],
        "notice_id": notice["notice_id"],
        "evidence": "0" * 64,
    }

    def on(day, seq, kind, **more):
        return own | {"fact_id": f"f{seq}", "seq": seq, "kind": kind, "happened_on": day, "known_on": day, "actor": "desk"} | more

    told = [
        on(date(2027, 1, 6), 1, "called", actor="authority"),
        on(date(2027, 1, 6), 2, "handed_over", channel="mail"),
        on(date(2027, 1, 9), 3, "responded", channel="mail"),
        on(date(2027, 1, 12), 4, "excused", appear_on=date(2027, 2, 1), second="B", reason="made up"),
        on(date(2027, 2, 3), 5, "did_not_come", appear_on=date(2027, 2, 1), second="B"),
    ]
    found = fold(*line.proceeding, told, notice, Moment(date(2027, 2, 10), date(2027, 2, 10)))
    assert (found.state, found.appear_on, found.next_step) == ("answered", None, "nothing")


def test_letter_page_and_json_speak_of_an_answer_and_there_is_no_calendar_file(line):
    kept = portal(line)
    assert kept
    for one in kept:
        said = json.loads(one["json"])
        assert said["answer"] == {"within": "10 days from service"}
        assert "appear" not in said
        words = said["words"]["en"]
        assert words["title"] == "Juror qualification form: please answer within 10 days"
        assert "Within 10 days, counted from service." in words["questions"][2]["answer"]
        assert not re.search(r"please come|[{}]|Come on|None", one["html"].partition("</style>")[2])
    case = gather(line, notices(line)[0]["case_id"], date(2027, 4, 1), date(2027, 4, 1))
    with pytest.raises(OutOfOrder, match="no-appointment"):
        calendar_file(case, line.jurisdiction.forms)


def test_the_report_speaks_of_answers_and_of_nobody_who_comes(line):
    folder = line.dossier.open / "90-report"
    with (folder / "funnel.csv").open(encoding="utf-8", newline="") as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["in the roll", "called", "served", "answered"]
    outcomes = (folder / "outcomes.csv").read_text(encoding="utf-8")
    assert "\nanswered," in outcomes
    assert "released" not in outcomes
    units = (folder / "units.csv").read_text(encoding="utf-8").split("\n")[0]
    assert "answered" in units
    assert "enlisted" not in units
    text = re.sub("<style.*?</style>", "", (folder / "index.html").read_text(encoding="utf-8"), flags=re.DOTALL)
    assert "answers wanted by the decree" in text
    for word in ("be enlisted", "found fit", "came<", "or came", "Called and enlisted"):
        assert word not in text, word


def test_every_language_of_the_report_has_the_words_of_an_answer():
    for language in languages():
        usual, answers = speech_of(language), speech_of(language, asks="answer")
        changed = {key for key, text in answers.words["text"].items() if usual.words["text"][key] != text}
        assert changed == {"chart_goal", "lead", "to_enlist", "path_heading", "path_words", "funnel_alt", "progress_words", "units_title"}
        holes = re.compile(r"\{\w+\}")
        assert all(set(holes.findall(answers.words["text"][key])) == set(holes.findall(usual.words["text"][key])) for key in changed)


def test_a_replay_makes_the_same_again(line):
    assert replay(line.dossier, QUIET) == []


# ---- the decree


def parsed(**changed):
    table = tomllib.loads(DECREE)
    table["notices"] |= changed
    return table


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"places": "places.csv"}, "notices.places: must not be there"),
        ({"lead_days": 14}, "notices.lead_days: must not be there"),
        ({"asks": "money"}, "notices.asks: must be one of appearance, answer"),
    ],
)
def test_a_decree_that_asks_for_an_answer_names_no_day(changed, problem):
    with pytest.raises(BadInput, match="decree-unusable") as refusal:
        read_decree(parsed(**changed))
    assert problem in refusal.value.params["words"]
    assert read_decree(parsed()).files == ()


@pytest.mark.parametrize(("code", "asks"), [("us-jury", "answer"), ("freedonia", "answer"), ("us-jury-form", "appearance")])
def test_a_folder_without_such_a_letter_is_refused_before_anything_is_laid(code, asks):
    table = parsed(asks=asks) | {"jurisdiction": code}
    with pytest.raises(BadInput, match="form-asks-otherwise"):
        check_lawful(read_decree(table))


def test_a_plan_says_what_is_asked_only_where_it_is_an_answer(line):
    text = (line.dossier.open / "40-seed" / "plan.txt").read_text(encoding="utf-8")
    assert read_plan(text).asks == "answer"
    assert read_plan(text.replace("asks: answer\n", "")).asks == "appearance"
    for wrong in ("asks: appearance\n", "asks: answer\nasks: answer\n"):
        with pytest.raises(Tampered, match="plan-malformed"):
            read_plan(text.replace("asks: answer\n", wrong))
