"""Safeguard G12: three doors out and no other; each use is a fact that the person sees, counted in public by body."""

import csv
import io
import shutil
from dataclasses import replace
from datetime import date

import pytest
from replay.freedonia_line import KEY, freedonia

from callup.app.acts import add_fact
from callup.app.doors import HANDED, disclose, door_counts, hand_over, inspect, read_warrant
from callup.app.exports.case import gather
from callup.app.exports.record import PARTS, record
from callup.app.standing import standings, summonses
from callup.app.undertakings import sheet
from callup.terms.errors import BadInput, NotLawful
from callup.terms.facts import DOORS, VOCABULARY

WARRANT = """\
body = "Court of the North"
article = "Code of Procedure, art. 57"
extent = ["facts", "notice", "who_looked"]
order = "order.txt"
by = ["Stand-in One", "Stand-in Two"]
on = 2025-07-10
"""


@pytest.fixture
def course(tmp_path, whole_line):
    shutil.copytree(whole_line, tmp_path / "line")
    (tmp_path / "line" / "dossier.key").write_text(KEY.hex())
    with freedonia(tmp_path / "line") as made:
        yield made


@pytest.fixture
def warrant(tmp_path, course):
    (tmp_path / "order.txt").write_text("the court orders")

    def made(text=WARRANT, may_give=PARTS):
        (tmp_path / "warrant.toml").write_text(text)
        return read_warrant(tmp_path / "warrant.toml", course.decree, may_give)

    return made


def enlisted(course, day=date(2025, 7, 15)):
    return [row["case_id"] for row in standings(course, day, day).to_pylist() if row["state"] == "enlisted"]


def test_a_disclosure_is_a_fact_that_the_person_sees(course, warrant):
    case = enlisted(course)[0]
    given = disclose(course, case, warrant())
    assert given["case"] == case
    assert {name for name in given if name in PARTS} == {"facts", "notice", "who_looked"}
    assert given["notice"]["person_id"]
    assert "salt" not in given["notice"]
    (fact,) = [row for row in course.facts.of_case(case).to_pylist() if row["kind"] == "disclosure"]
    assert (fact["ground"], fact["second"]) == ("Court of the North", "Stand-in Two")
    assert fact["reason"] == "article: Code of Procedure, art. 57; extent: facts, notice, who_looked"
    seen = record(gather(course, case, date(2025, 7, 11), date(2025, 7, 11)))["who_looked"]
    assert [one["ground"] for one in seen] == ["Court of the North"]


def test_a_silent_disclosure_is_seen_on_the_day_on_which_silence_ends_and_counted_at_once(course, warrant):
    case = enlisted(course)[0]
    disclose(course, case, warrant(WARRANT + "silent_until = 2025-08-10\n"))

    def seen(day):
        found = record(gather(course, case, day, day))
        return [one["kind"] for one in found["who_looked"]], any("disclosure" in step for step in found["how_it_was_found"])

    assert seen(date(2025, 8, 9)) == ([], False)
    assert seen(date(2025, 8, 10)) == (["disclosure"], False)
    assert door_counts(course.facts.all())["disclosure", "Court of the North"] == 1


def test_an_inspection_is_shown_and_never_silent(course, warrant):
    case = enlisted(course)[0]
    assert inspect(course, case, warrant())["case"] == case
    with pytest.raises(BadInput, match="silence-without-court"):
        inspect(course, case, warrant(WARRANT + "silent_until = 2025-08-10\n"))


def test_a_handover_gives_name_day_and_unit_of_those_enlisted_and_nothing_else(course, warrant):
    body = {"body": "Assembly of Freedonia"}
    with pytest.raises(BadInput, match="receiving-body-unknown"):
        hand_over(course, warrant())
    course.decree = replace(course.decree, receiving_body=body["body"])
    handing = WARRANT.replace("Court of the North", body["body"]).replace(
        '"facts", "notice", "who_looked"', '"case_id", "name", "enlisted_on", "unit"'
    )
    with pytest.raises(BadInput, match="warrant-unusable"):
        warrant(handing)
    with pytest.raises(BadInput, match="silence-without-court"):
        hand_over(course, warrant(handing + "silent_until = 2025-08-10\n", HANDED))
    opened = warrant(handing, HANDED)
    rows = list(csv.DictReader(io.StringIO(hand_over(course, opened).decode())))
    assert tuple(rows[0]) == HANDED
    assert sorted(row["case_id"] for row in rows) == sorted(enlisted(course, opened.on))
    assert all(row["name"].startswith("Example Person-") and row["enlisted_on"].startswith("2025-") for row in rows)
    again = list(csv.DictReader(io.StringIO(hand_over(course, opened).decode())))
    assert again == rows
    assert door_counts(course.facts.all())["handover", body["body"]] == len(rows)
    less = warrant(handing.replace('"name", ', ""), HANDED)
    assert hand_over(course, less).decode().splitlines()[0] == "case_id,enlisted_on,unit"
    later = warrant(handing.replace("2025-07-10", "2025-07-12"), HANDED)
    with pytest.raises(BadInput, match="nobody-to-hand-over"):
        hand_over(course, later)


def test_who_was_enlisted_while_the_duty_was_put_off_is_handed_to_nobody(course, warrant):
    """The fact was entered; the law does not read the case as enlisted, so no name leaves by it."""
    course.decree = replace(course.decree, receiving_body="Assembly of Freedonia")
    day, entered = date(2025, 7, 10), {"second": "Stand-in Two", "reason": "entered all the same", "evidence": "0" * 64}
    rests = next(row["case_id"] for row in standings(course, day, day).to_pylist() if row["state"] == "deferred")
    add_fact(course.facts, "enlisted", "official: Stand-in One", (day, day), {"case_id": rests, **entered})
    words = WARRANT.replace("Court of the North", "Assembly of Freedonia").replace('"facts", "notice", "who_looked"', '"case_id"')
    given = hand_over(course, warrant(words, HANDED)).decode().split()
    assert len(given) > 1
    assert rests not in given


def test_doors_never_used_are_counted_as_zero(course):
    assert door_counts(course.facts.all()) == {(door, ""): 0 for door in DOORS}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("body =", "bdy ="), "warrant-unusable"),
        (('by = ["Stand-in One", "Stand-in Two"]', 'by = ["Stand-in One"]'), "warrant-unusable"),
        (("on = 2025-07-10", 'on = "soon"'), "warrant-unusable"),
        (('order = "order.txt"', 'order = "none.txt"'), "warrant-not-readable"),
        (('article = "Code of Procedure, art. 57"', 'article = ""'), "warrant-unusable"),
        (("on = 2025-07-10", "on = 2025-07-10\nsilent_until = 2027-01-01"), "silence-without-end"),
        (("on = 2025-07-10", "on = 2025-07-10\nsilent_until = 2025-07-01"), "silence-without-end"),
        (("body", "body ["), "warrant-not-readable"),
        (("on = 2025-07-10", "on = 2025-07-10T12:00:00"), "warrant-unusable"),
        (('"facts"', '"everything"'), "warrant-unusable"),
        (('["facts", "notice", "who_looked"]', "[]"), "warrant-unusable"),
        (("on = 2025-07-10", 'on = 2025-07-10\nspeed = "fast"'), "warrant-unusable"),
    ],
)
def test_a_door_does_not_open_on_an_incomplete_warrant(course, warrant, change, code):
    with pytest.raises(BadInput, match=code):
        warrant(WARRANT.replace(*change))


def test_nothing_is_given_on_the_word_of_strangers_or_about_nobody(course, warrant):
    case = enlisted(course)[0]
    before = course.facts.last_seq()
    with pytest.raises(BadInput):
        disclose(course, case, warrant(WARRANT.replace("Stand-in Two", "Nobody")))
    with pytest.raises(BadInput, match="case-unknown"):
        disclose(course, "0" * 24, warrant())
    assert course.facts.last_seq() == before


def test_the_commands(course, call, tmp_path, warrant):
    warrant()
    case, root, paper = summonses(course).column("case_id")[0].as_py(), course.dossier.root, tmp_path / "warrant.toml"
    assert call("disclose", root, "--person", case, "--warrant", paper, "--to", tmp_path / "r.json", "--seed", 11)[0] == 0
    assert (tmp_path / "r.json").stat().st_mode & 0o777 == 0o600
    code, out, _ = call("inspect", root, "--person", case, "--warrant", paper, "--seed", 11)
    assert (code, f'"case": "{case}"' in out) == (0, True)
    warrant(WARRANT.replace('"facts", "notice", "who_looked"', '"name"'), HANDED)
    code, _, said = call("handover", root, "--warrant", paper, "--to", tmp_path / "h.csv", "--seed", 11)
    assert (code, "only the body of order.receiving_body" in said) == (2, True)
    code, out, _ = call("undertakings", root, "--as-of", "2025-07-15")
    assert (code, "not verifiable" in out) == (0, True)


def test_what_the_authority_promised_not_to_do_cannot_be_entered_but_can_be_reported(course, call, tmp_path):
    """Safeguard G21, on a decree that names categories, a watchdog and a time to answer."""
    import pyarrow as pa

    from callup.app.undertakings import refuse_broken
    from callup.terms.decree import Undertaking, Watchdog

    promised = (
        Undertaking("U1", "Nobody is sent to war.", "Assembly", date(2025, 3, 31), ("war-zone",), False, 30),
        Undertaking("U2", "Nine months.", "Assembly", date(2025, 3, 31), (), True, 30),
    )
    more = {"undertakings": promised, "posting_categories": ("garrison", "war-zone"), "watchdogs": (Watchdog("Mothers", "tel."),)}
    decree = course.decree.__class__(**{name: getattr(course.decree, name) for name in course.decree.__slots__} | more)
    month = date(2025, 6, 1)

    def said(kind, actor, ground=None, day=month):
        refuse_broken(decree, pa.Table.from_pylist([{"kind": kind, "actor": actor, "ground": ground, "happened_on": day}]))

    said("posted", "authority", "garrison")
    said("posted", "person", "war-zone")
    said("term_extended", "agent")
    for wrong in (("posted", "authority", "war-zone"), ("term_extended", "authority")):
        with pytest.raises(NotLawful, match="forbidden"):
            said(*wrong)
    for wrong, code in (
        (("posted", "person", "Unit 7, North Street"), "posting-category-unknown"),
        (("posted", "person", "garrison", date(2025, 6, 17)), "posting-by-the-day"),
        (("discharged", "watchdog: Nobody Known"), "watchdog-unknown"),
        (("posted", "watchdog: Mothers", "war-zone"), "watchdog-unsigned"),
    ):
        with pytest.raises(BadInput, match=code):
            said(*wrong)


def test_an_enlisted_persons_report_is_counted_and_never_below_ten(course):
    (row,) = sheet(course, date(2025, 7, 15), date(2025, 7, 15))
    whole = sum(fact["kind"] == "enlisted" for fact in course.facts.all().to_pylist())
    assert (row["verdict"], row["enlisted"], row["reports"]) == ("not verifiable", whole if whole >= 10 else "fewer than 10", 0)


def test_every_door_is_signed_by_two_and_says_why():
    assert all({"second", "reason", "ground", "case_id"} <= set(VOCABULARY[door].needs) for door in DOORS)
