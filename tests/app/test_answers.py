"""What the forms said goes into the register of the second step; who did not answer stays unknown (28 U.S.C. 1864 to 1866, ADR 0058)."""

import csv
import json
import re
import shutil
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from app.portal_line import HOME, Clocked, freedonia_again, sign_in, somebody
from litestar.testing import TestClient
from replay.form_line import the_wheel
from replay.freedonia_line import freedonia

from callup.app.answers import SOURCED, join_answers
from callup.app.sealed import arrow_schema
from callup.app.standing import summonses
from callup.app.web.doors import lay_doors
from callup.app.web.serve import portal
from callup.app.web.words import words_of
from callup.jurisdictions import load
from callup.law import explain, register_schema
from callup.notice.codes import letter_number
from callup.register import rekey
from callup.terms.errors import OutOfOrder

LAW = load("us-jury").law
DAY = date(2027, 5, 3)


@pytest.fixture(scope="module")
def asked(tmp_path_factory, form_line):
    """The form's call-up, with the register of the second step beside it."""
    root = tmp_path_factory.mktemp("answers") / "line"
    shutil.copytree(form_line, root)
    with freedonia_again(root) as course:
        schema = register_schema(LAW)
        known = {"citizenship": "US", "is_resident": True, "rests_until": date(2020, 1, 1)}
        rows = [{name: (row | known).get(name) for name in schema.names} for row in the_wheel()]
        pq.write_table(pa.Table.from_pylist(rows, arrow_schema(schema)), root / "wheel.parquet")
        yield course, root


def forms(course):
    """The answers that were recorded: letter, evidence, and the person whom the letter was for."""
    notices = {row["case_id"]: row for row in summonses(course).to_pylist()}
    ids = pa.array([row["person_id"] for row in the_wheel()])
    named = dict(zip(rekey(ids, course.ring.keys["id"]).to_pylist(), ids.to_pylist(), strict=True))
    for fact in course.facts.all().filter(pc.field("kind") == "responded").to_pylist():
        notice = notices[fact["case_id"]]
        yield letter_number(notice["notice_id"]), fact["evidence"], named[notice["person_id"]]


def keyed(course):
    """As two people would key them: every fourth has too little English, every seventh left the question open."""
    rows, truth = [], {}
    for number, (letter, evidence, person) in enumerate(forms(course)):
        english = "" if number % 7 == 6 else "false" if number % 4 == 3 else "true"
        rows.append({"letter": letter, "evidence": evidence, "keyed_by": "A. Example", "checked_by": "B. Example"})
        rows[-1] |= {"english_enough": english, "felony_open": "true" if number % 5 == 4 else "false"}
        truth[person] = (english, number % 5 == 4)
    return rows, truth


def written(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def join(asked, rows, out, register=None):
    course, root = asked
    return join_answers(course, written(out.with_suffix(".csv"), rows), register or root / "wheel.parquet", LAW, out)


def test_who_answered_is_judged_by_the_law_and_who_did_not_stands_in_no_draw(asked, tmp_path):
    rows, truth = keyed(asked[0])
    problems, joined = join(asked, rows, out := tmp_path / "qualified.parquet")
    assert problems == []
    assert (joined.persons, joined.answered) == (240, len(rows))
    found = {}
    for row in pq.read_table(out).to_pylist():
        told = explain(LAW, {name: row[name] for name in LAW.columns if row[name] is not None}, DAY)
        found[row["person_id"]] = (told.finding, told.missing)
    expected = {"true": "LIABLE", "false": "NOT_LIABLE", "": "UNDETERMINED"}
    for person, (finding, missing) in found.items():
        english, felony = truth.get(person, ("", False))
        assert finding == ("NOT_LIABLE" if felony else expected[english]), person
        assert missing == (("english_enough",) if finding == "UNDETERMINED" else ())
    assert {finding for finding, _ in found.values()} == {"LIABLE", "NOT_LIABLE", "UNDETERMINED"}


def test_each_value_has_its_source_and_what_was_known_is_not_touched(asked, tmp_path):
    rows, truth = keyed(asked[0])
    _, joined = join(asked, rows, out := tmp_path / "qualified.parquet")
    with out.with_name("qualified.parquet.sources.csv").open(encoding="utf-8", newline="") as file:
        sources = list(csv.DictReader(file))
    assert tuple(sources[0]) == SOURCED
    assert len(sources) == joined.filled == sum((english != "") + 1 for english, _ in truth.values())
    by_letter = {row["letter"]: row for row in rows}
    for one in sources:
        assert one["call_up"] == "wheel-2027"
        assert one["person_id"] in truth
        assert by_letter[one["letter"]]["evidence"] == one["evidence"]
        assert (one["keyed_by"], one["checked_by"]) == ("A. Example", "B. Example")
    assert (out.with_name("qualified.parquet.sources.csv").stat().st_mode & 0o777) == 0o600
    before, after = (pq.read_table(path).sort_by("person_id") for path in (asked[1] / "wheel.parquet", out))
    kept = [name for name in before.column_names if name not in ("english_enough", "felony_open")]
    assert after.select(kept).equals(before.select(kept))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"letter": "0000-0000-0000-0000-0000"}, "letter-unknown"),
        ({"evidence": "0" * 64}, "answer-not-recorded"),
        ({"checked_by": "A. Example"}, "second-is-first"),
        ({"checked_by": " "}, "second-is-first"),
        ({"english_enough": "yes"}, "answer-unreadable"),
        ({"felony_open": ""}, "answer-omitted"),
    ],
)
def test_a_row_that_nobody_can_stand_for_is_refused_and_nothing_is_written(asked, tmp_path, changed, code):
    rows, _ = keyed(asked[0])
    problems, _ = join(asked, [rows[0], rows[1] | changed, *rows[2:]], out := tmp_path / "qualified.parquet")
    assert [(one["code"], one["row"]) for one in problems] == [(code, 2)]
    assert [path.name for path in tmp_path.iterdir()] == ["qualified.csv"]
    assert not out.exists()


def test_columns_and_letters_stand_once_and_only_those_of_the_law_are_filled(asked, tmp_path):
    rows, _ = keyed(asked[0])
    assert [one["code"] for one in join(asked, [*rows, rows[0]], tmp_path / "a")[0]] == ["letter-twice"]
    wrong = [{name: value for name, value in row.items() if name != "evidence"} | {"born_on": "1990-01-01"} for row in rows]
    assert [(one["code"], one["column"]) for one in join(asked, wrong, tmp_path / "b")[0]] == [
        ("column-missing", "evidence"),
        ("column-unknown", "born_on"),
    ]


def test_an_answer_against_the_register_or_of_nobody_in_it_is_for_people_to_decide(asked, tmp_path):
    rows, truth = keyed(asked[0])
    person = next(one for one, (english, _) in truth.items() if english == "true")
    table = pq.read_table(asked[1] / "wheel.parquet")
    at = table.column("person_id").to_pylist().index(person)
    english = [False if number == at else None for number in range(table.num_rows)]
    told = table.set_column(table.column_names.index("english_enough"), "english_enough", pa.array(english, pa.bool_()))
    pq.write_table(told, tmp_path / "told.parquet")
    problems, _ = join(asked, rows, tmp_path / "a", tmp_path / "told.parquet")
    assert [(one["code"], one["column"]) for one in problems] == [("answer-against-register", "english_enough")]
    pq.write_table(pa.concat_tables([table.slice(0, at), table.slice(at + 1)]), tmp_path / "without.parquet")
    problems, _ = join(asked, rows, tmp_path / "b", tmp_path / "without.parquet")
    assert [one["code"] for one in problems] == ["person-not-in-register"]


def test_an_answer_that_was_contested_since_is_not_taken(asked, tmp_path):
    course, _ = asked
    rows, _ = keyed(course)
    mine = next(row for row in summonses(course).to_pylist() if letter_number(row["notice_id"]) == rows[0]["letter"])
    day = pa.array([date(2027, 4, 29)], pa.date32())
    fact = {name: [value] for name, value in {"kind": "not_for_me", "case_id": mine["case_id"], "notice_id": mine["notice_id"]}.items()}
    course.facts.record(pa.table(fact | {"happened_on": day, "known_on": day, "actor": ["person"], "evidence": ["1" * 64]}))
    problems, _ = join(asked, rows, tmp_path / "a")
    assert [(one["code"], one["row"]) for one in problems] == [("answer-contested", 1)]


def test_the_portal_names_no_day_and_takes_no_receipt_for_an_answer(asked, tmp_path):
    """Whoever clicks "I have received it" has not answered the form, and must not stand as if they had."""
    shutil.copytree(asked[1], tmp_path / "line")
    with freedonia_again(tmp_path / "line") as course:
        clock = Clocked(course)
        clock.day = date(2027, 1, 20)
        lay_doors(course, clock.site.store)
        person = somebody(clock.site)
        before = clock.site.facts.last_seq()
        with TestClient(portal(clock.site), base_url=HOME) as client:
            assert sign_in(client, person).status_code < 400
            said = client.get("/notice").text
            assert words_of("en")["answer_on_paper"] in said
            assert "/notice/receipt" not in said
            assert "/notice/appointment" not in said
            assert not re.search(r"Come on|None", said)
            claims = client.get("/notice/claim").text
            assert ('value="correction"' in claims, 'value="other-date"' in claims) == (True, False)
            for path in ("/notice/appointment.ics", "/notice/appointment"):
                assert client.get(path).status_code == 404
            assert client.post("/notice/receipt", data={"nonce": "x"}).status_code == 404
            token = client.post("/api/v1/sign-in", json={"code": person["code"], "born_on": person["born"].isoformat()}).json()["token"]
            bearer = {"authorization": f"Bearer {token}"}
            told = client.get("/api/v1/me/notice", headers=bearer).json()
            assert (told["appear_on"], told["appear_at"], told["place"], told["may_ask_for"]) == (None, "", "", ["correction"])
            refused = client.post("/api/v1/me/receipt", headers=bearer | {"Idempotency-Key": "the-only-receipt"})
            assert refused.status_code == 404
            assert client.get("/progress").status_code == 200
            assert not [row for row in clock.site.facts.all().to_pylist() if row["seq"] > before and row["kind"] == "responded"]


def test_the_command_counts_and_names_nobody(asked, tmp_path, call):
    course, root = asked
    rows = keyed(course)[0][1:]
    table = written(tmp_path / "answers.csv", rows)
    words = ("register", "answers", root / "dossier", "--table", table, "--register", root / "wheel.parquet", "--country", "us-jury")
    code, said, _ = call(*words, "--out", tmp_path / "qualified.parquet")
    assert code == 0
    assert f"{len(rows)} of 240 persons answered" in said
    assert not [row["name"] for row in the_wheel() if row["name"] in said]
    code, said, _ = call(
        *words[:4], written(tmp_path / "bad.csv", [rows[0] | {"letter": "x"}]), *words[5:], "--out", tmp_path / "no", "--json"
    )
    assert code == 2
    assert [one["code"] for one in json.loads(said)] == ["letter-unknown"]


def test_a_call_up_with_days_has_no_answers_to_give(tmp_path):
    with freedonia(tmp_path) as course, pytest.raises(OutOfOrder, match="asks-for-no-answer"):
        join_answers(course, tmp_path / "x", tmp_path / "x", LAW, tmp_path / "y")
