"""The commands as people type them: help, counts only, one file by a named clerk, signatures, rulings, facts, halts."""

import json
import re
import shutil
from dataclasses import replace
from datetime import date, timedelta

import pytest
import typer
from app.recorded import a_case, facts
from replay.freedonia_line import KEY, QUIET, SEED, freedonia, the_people

from callup.app.acts import DAILY_ALLOWANCE, record_reading
from callup.app.dossier import Dossier, parse_decree
from callup.app.keys import read_dossier_key
from callup.app.main import app
from callup.app.pipeline import run_line
from callup.app.randomness import RehearsalRandomness
from callup.app.sealed import read_sealed
from callup.app.signing import stand_in_key
from callup.app.wire import check_lawful, course_of
from callup.terms.errors import BadInput, NotLawful

ONE, TWO = "Stand-in One", "Stand-in Two"
ID = re.compile(r"[0-9a-f]{24}")
NAMES = [person["name"] for person in the_people()]


def laid(root, to, **changed):
    with freedonia(root, **changed) as course:
        run_line(course, to)
    (root / "dossier.key").write_text(KEY.hex())
    return root / "dossier"


@pytest.fixture
def assessed(tmp_path, line_to):
    """A call-up decided by law and not frozen."""
    shutil.copytree(line_to("assess"), tmp_path / "assessed")
    return tmp_path / "assessed" / "dossier"


# ---- help


def every_command(group, path=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from every_command(command, (*path, name))
        else:
            yield (*path, name)


COMMANDS = sorted(every_command(typer.main.get_command(app)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_shows_an_example_of_this_very_command(call, path):
    code, out, _ = call(*path, "--help")
    assert code == 0
    assert f"Example: callup {' '.join(path)}" in " ".join(out.split())


# ---- counts only (safeguard G4)


@pytest.mark.parametrize("command", ["standing", "states", "due", "followup"])
@pytest.mark.parametrize("day", ["2025-04-20", "2025-05-20", "2025-07-15"])
@pytest.mark.parametrize("shape", [(), ("--json",)], ids=["table", "json"])
def test_what_is_printed_is_counts_only(call, whole, command, day, shape):
    code, out, said = call(command, whole, "--as-of", day, *shape)
    assert (code, said) == (0, "")
    assert ID.search(out) is None
    assert not [name for name in NAMES if name in out]
    if shape:
        assert all(isinstance(row["cases"], int) for row in json.loads(out))


def test_nobody_is_counted_before_their_wave(call, whole):
    """Between two waves only the first has cases: nothing of the second is due, and nobody of it waits for a letter."""
    days = {line["intent"]: line["day"] for line in Dossier.at(whole, KEY).lines() if "intent" in line and "day" in line}
    eve = str(date.fromisoformat(days["day wave-2"]) - timedelta(days=1))
    sealed = whole / "sealed" / "50-notices" / "wave-1" / "notices.parquet"
    first = read_sealed(sealed, KEY).read_all().column("kind").to_pylist().count("summons")
    for command in ("standing", "states"):
        assert sum(row["cases"] for row in json.loads(call(command, whole, "--as-of", eve, "--json")[1])) == first
    assert "enter-notice" not in {row["step"] for row in json.loads(call("due", whole, "--as-of", eve, "--json")[1])}
    assert "never handed over" not in {row["diagnosis"] for row in json.loads(call("followup", whole, "--as-of", eve, "--json")[1])}


@pytest.mark.parametrize("command", ["states", "due", "followup"])
def test_an_engine_that_is_none_is_refused_before_anything_is_read(call, whole, command):
    code, out, said = call(command, whole, "--as-of", "2025-05-20", "--engine", "yarn")
    assert (code, out, "spark://HOST:PORT" in said) == (2, "", True), said


@pytest.mark.parametrize("words", [(), ("--clerk", "A. Example"), ("--reason", "asked by phone"), ("--clerk", " ", "--reason", "asked")])
def test_one_file_is_not_opened_without_name_and_reason(call, whole, words):
    before = len(facts(whole))
    code, out, said = call("standing", whole, "--as-of", "2025-07-15", "--person", a_case(whole), *words)
    assert (code, out) == (2, "")
    assert "say who looks and why" in said
    assert len(facts(whole)) == before


def test_a_case_that_does_not_exist_is_refused_and_no_reading_is_recorded(call, whole):
    before = len(facts(whole))
    words = ("--as-of", "2025-07-15", "--person", "0" * 24, "--clerk", "B. Example", "--reason", "a slip of the pen")
    code, _, said = call("standing", whole, *words)
    assert (code, "case-unknown" in said.replace(" ", "-")) == (2, True)
    assert len(facts(whole)) == before


def test_one_file_opened_by_a_named_clerk_is_a_fact_and_shows_the_steps(call, whole):
    words = ("standing", whole, "--as-of", "2025-07-15", "--person", a_case(whole), "--clerk", "B. Example", "--reason", "asked by phone")
    code, out, _ = call(*words)
    assert code == 0
    assert f"case: {a_case(whole)}" in out
    assert "  - " in out
    assert "Service Procedure Act 2020" in out
    read = [row for row in facts(whole) if row["kind"] == "read" and row["actor"] == "clerk: B. Example"]
    assert [(row["case_id"], row["reason"]) for row in read] == [(a_case(whole), "asked by phone")]
    assert json.loads(call(*words, "--json")[1])["steps"]
    assert len([row for row in facts(whole) if row["actor"] == "clerk: B. Example"]) == 1, "the same reading is one fact"


def test_a_clerk_opens_so_many_files_a_day_and_no_more(assessed):
    with freedonia(assessed.parent) as course:
        day = course.decree.key_date
        for number in range(DAILY_ALLOWANCE):
            record_reading(course, f"{number:024}", "C. Example", "to count", day)
        with pytest.raises(BadInput, match="allowance-used-up"):
            record_reading(course, "f" * 24, "C. Example", "one more", day)
        record_reading(course, f"{0:024}", "C. Example", "the same file again", day)
        record_reading(course, "f" * 24, "D. Example", "another clerk", day)
        record_reading(course, "f" * 24, "C. Example", "another day", day + timedelta(days=1))
        assert len([row for row in course.facts.all().to_pylist() if row["kind"] == "read"]) == DAILY_ALLOWANCE + 3


def test_in_a_real_call_up_no_other_day_is_named_to_open_more(call, real):
    """The day that a clerk asks about is not the day on which he looks."""
    assert call("new", real / "d", "--decree", real / "decree.toml")[0] == 0
    assert call("run", real / "d", "--register", real / "register.parquet", "--to", "assess", "--quiet")[0] == 0
    course = course_of(Dossier.at(real / "d", read_dossier_key(real / "d.key")), QUIET)
    opens = course.decree.opens_on
    for number in range(DAILY_ALLOWANCE):
        record_reading(course, f"{number:024}", "C. Example", "to count", opens + timedelta(days=number))
    with pytest.raises(BadInput, match="allowance-used-up"):
        record_reading(course, "f" * 24, "C. Example", "one more", opens)
    assert {row["known_on"] for row in course.facts.all().to_pylist()} == {course.clock.day("read")}
    course.facts.close()
    course.engine.close()


# ---- rulings (safeguard G8)

RULE = ("--by", "Stand-in One", "--by", "Stand-in Two", "--reason", "papers seen", "--on", "2025-04-01", "--seed", SEED)


def test_a_ruling_before_the_freeze_binds_and_after_it_is_refused(call, assessed):
    code, out, _ = call("rulings", assessed)
    assert (code, ID.search(out)) == (0, None)
    assert call("rulings", assessed, "--open-one")[0] == 2
    code, out, _ = call("rulings", assessed, "--open-one", "--clerk", "A. Example", "--reason", "next in turn")
    person = re.search(r"person: (\w+)", out)[1]
    assert call("rule", assessed, "--person", person, "--outcome", "liable", *RULE)[:2] == (0, "recorded\n")
    assert call("rule", assessed, "--person", person, "--outcome", "liable", *RULE)[:2] == (0, "was recorded already\n")
    assert call("run", assessed, "--to", "freeze", "--seed", SEED, "--quiet")[0] == 0
    with freedonia(assessed.parent) as course:
        assert person in course.read("30-roll", "roll.parquet").column("person_id").to_pylist()
    code, _, said = call("rule", assessed, "--person", person, "--outcome", "liable", "--reason", "again", *RULE)
    assert (code, "need a supplementary roll" in said) == (2, True)


def test_the_next_file_is_one_that_nobody_has_opened(call, assessed):
    open_one = ("rulings", assessed, "--open-one", "--clerk", "A. Example", "--reason", "next in turn")
    opened = [re.search(r"person: (\w+)", call(*open_one)[1])[1] for _ in range(3)]
    assert len(set(opened)) == 3


def test_nobody_without_a_unit_is_ruled_liable(call, tmp_path):
    people = [person | ({"unit": None} if person["born_on"] is None else {}) for person in the_people()]
    dossier = laid(tmp_path / "no-unit", "assess", people=people)
    _, out, _ = call("rulings", dossier, "--open-one", "--clerk", "A. Example", "--reason", "next in turn")
    assert "unit: unknown" in out
    person = re.search(r"person: (\w+)", out)[1]
    code, _, said = call("rule", dossier, "--person", person, "--outcome", "liable", *RULE)
    assert (code, "no unit can call this person" in said) == (2, True)
    assert call("rule", dossier, "--person", person, "--outcome", "not-liable", *RULE)[:2] == (0, "recorded\n")


def test_a_ruling_counts_when_both_have_signed_it(call, real):
    dossier = real / "d"
    assert call("new", dossier, "--decree", real / "decree.toml")[0] == 0
    assert call("run", dossier, "--register", real / "register.parquet", "--to", "assess", "--quiet")[0] == 0
    _, out, _ = call("rulings", dossier, "--open-one", "--clerk", "A. Example", "--reason", "next in turn")
    person = re.search(r"person: (\w+)", out)[1]
    rule = ("rule", dossier, "--person", person, "--outcome", "not-liable", *RULE)
    for second in (ONE, "Somebody Else"):
        code, _, said = call(*[second if word == TWO else word for word in rule])
        assert (code, "name two different people of the decree" in said) == (2, True)
    code, _, said = call(*rule, "--by", "Somebody Else")
    assert (code, "two people decide" in said) == (2, True)
    for name in (ONE, TWO):
        code, out, said = call(*rule)
        assert (code, out, "may still sign" in said) == (0, "", True)
        assert not [row for row in facts(dossier) if row["kind"] == "ruled"]
        digest = re.search(r"--digest ([0-9a-f]{64})", said.replace(" ", "").replace("--digest", "--digest "))[1]
        (real / "mine.key").write_text(stand_in_key(RehearsalRandomness(SEED), name).private_bytes_raw().hex())
        assert call("sign", dossier, "--act", "ruling", "--digest", digest, "--signing-key", real / "mine.key", "--name", name)[0] == 0
    assert call(*rule)[:2] == (0, "recorded\n")
    assert [row["second"] for row in facts(dossier) if row["kind"] == "ruled"] == [TWO]


# ---- signatures (safeguard G7)


def test_a_real_call_up_says_where_independent_advice_is_found(real):
    """Safeguard G17: a folder whose advice has no address serves rehearsals only."""
    decree = parse_decree((real / "decree.toml").read_text(), real)
    check_lawful(decree)
    elsewhere = replace(decree, jurisdiction="lt", languages=("en", "lt"), order_method="list-with-objections", service_months=1)
    with pytest.raises(NotLawful) as refused:
        check_lawful(elsewhere)
    assert (refused.value.code, refused.value.params["advice"]) == ("advice-without-address", "ombudsman")
    check_lawful(replace(elsewhere, rehearsal=True))


def test_a_call_up_waits_for_two_signatures_and_says_whose(call, real):
    dossier = real / "d"
    assert call("new", dossier, "--decree", real / "decree.toml")[0] == 0
    run = ("run", dossier, "--register", real / "register.parquet", "--to", "freeze")
    code, _, said = call(*run)
    assert code == 0
    assert "waits-for-signatures" in said
    assert ONE in said
    assert TWO in said
    digest = re.search(r"--digest ([0-9a-f]{64})", said.replace(" ", "").replace("--digest", "--digest "))[1]
    sign = ("sign", dossier, "--act", "freeze", "--digest", digest, "--signing-key", real / "mine.key", "--name")
    (real / "mine.key").write_text("ab" * 32)
    code, _, said = call(*sign, ONE)
    assert (code, "only the people and keys that the decree names may sign" in said) == (2, True)
    for name, other in ((ONE, TWO), (TWO, None)):
        assert not (dossier / "sealed" / "30-roll").exists()
        key = stand_in_key(RehearsalRandomness(SEED), name)
        (real / "mine.key").write_text(key.private_bytes_raw().hex())
        assert call(*sign, name)[0] == 0
        code, _, said = call(*run)
        assert code == 0
        assert other is None or f"may still sign {other}" in said.replace(":", "")
    assert (dossier / "sealed" / "30-roll" / "roll.parquet").exists()
    code, _, said = call(*run[:-1], "render-1")
    assert (code, "size-1" in said) == (0, True)
    assert not (dossier / "sealed" / "50-notices").exists()


# ---- halt (safeguard G14)

HALT = ("--by", "Stand-in One", "--by", "Stand-in Two", "--reason", "wrong place", "--on", "2025-07-15", "--seed", SEED)


@pytest.mark.parametrize("scope", [(), ("--wave", 1, "--unit", "FR-N"), ("--wave", 7)], ids=["no scope", "two scopes", "no such wave"])
def test_a_halt_names_one_thing_that_exists(call, whole, scope):
    before = len(facts(whole))
    assert call("halt", whole, *scope, *HALT)[0] == 2
    assert len(facts(whole)) == before


def test_a_halted_unit_is_withdrawn_and_counted_once(call, tmp_path, open_line):
    shutil.copytree(open_line, tmp_path / "halted")
    dossier = tmp_path / "halted" / "dossier"
    code, out, _ = call("halt", dossier, "--unit", "FR-N", *HALT)
    assert code == 0
    counts = {name: int(count) for name, count in re.findall(r"^(.+): (\d+)$", out, re.M)}
    called = [row for row in facts(dossier) if row["kind"] == "called"]
    withdrawn = [row["case_id"] for row in facts(dossier) if row["kind"] == "withdrawn"]
    assert counts["notices withdrawn"] == len(withdrawn) == len(set(withdrawn))
    assert 0 < len(withdrawn) < len(called)
    assert counts["printed and handed over"] == len(withdrawn)
    before = len(facts(dossier))
    assert call("halt", dossier, "--unit", "FR-N", *HALT)[:2] == (0, out)
    assert len(facts(dossier)) == before
    assert "everything is the same" in call("replay", dossier, "--quiet")[1]


def test_the_desk_sees_case_numbers_deadlines_and_articles_and_no_name(call, whole):
    unit = json.loads(call("due", whole, "--as-of", "2025-05-20", "--json")[1])[0]["unit"]
    code, out, said = call("desk", whole, "--as-of", "2025-05-20", "--unit", unit, "--clerk", "A. Example", "--limit", "5", "--json")
    assert (code, said) == (0, "")
    rows = json.loads(out)
    assert 1 <= len(rows) <= 5
    assert all({"case", "what", "by", "overdue", "article", "who", "needs"} <= set(row) for row in rows)
    assert not [name for name in NAMES if name in out]
    assert sorted(rows, key=lambda row: (not row["overdue"], row["by"] or "9999")) == rows


@pytest.mark.parametrize(
    ("words", "expected"), [(("--unit", "nowhere", "--clerk", "A. Example"), "unit"), (("--unit", "x", "--clerk", " "), "who asks")]
)
def test_the_desk_wants_a_unit_and_a_named_clerk(call, whole, words, expected):
    code, out, said = call("desk", whole, "--as-of", "2025-05-20", *words)
    assert (code, out) == (2, "")
    assert expected in said


def test_status_says_where_the_call_up_stands_and_what_comes_next(call, whole, assessed):
    before = (whole / "dossier.log").read_bytes()
    code, out, _ = call("status", whole, "--as-of", "2025-05-20")
    assert code == 0
    assert (whole / "dossier.log").read_bytes() == before, "looking writes nothing"
    assert "call-up: open (" in out
    assert "waves entered: " in out
    assert "next step: none" in out
    found = json.loads(call("status", whole, "--as-of", "2025-08-01", "--json")[1])
    assert (found["call_up"], found["draw"], found["waves"]) == ("closed", "final", 2)
    early = json.loads(call("status", assessed, "--as-of", "2025-04-02", "--json")[1])
    assert (early["draw"], early["next"]) == ("no list", "sign-freeze")
    assert not ID.search(out)


def test_status_of_a_dossier_just_laid_opens_nothing_and_says_what_comes_first(call, tmp_path):
    with freedonia(tmp_path) as course:
        root = course.dossier.root
    (tmp_path / "dossier.key").write_text(KEY.hex())
    before = sorted(path for path in root.rglob("*"))
    assert json.loads(call("status", root, "--as-of", "2025-03-31", "--json")[1])["next"] == "publish"
    assert sorted(path for path in root.rglob("*")) == before


def test_a_void_call_up_has_no_next_step(call, tmp_path):
    """Invariant 10: what was declared dead goes on nowhere."""
    root = laid(tmp_path / "void", "commit")
    assert call("void", root, "--by", ONE, "--by", TWO, "--reason", "the round never came", "--seed", SEED)[0] == 0
    found = json.loads(call("status", root, "--as-of", "2025-06-01", "--json")[1])
    assert (found["call_up"], found["next"]) == ("annulled", "")
