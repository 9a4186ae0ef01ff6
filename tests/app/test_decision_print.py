"""Letters of decisions for the printer: each once, read back, in a file that no crash loses or doubles; receipts, returns, replay."""

import contextlib
import csv
import io
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pypdfium2
import pytest
from app.portal_line import DAY, at_desk, desk_nonce, freedonia_again
from replay.freedonia_line import KEY, QUIET

from callup.app import durable
from callup.app.acts import add_fact
from callup.app.checking.outside import check_outside
from callup.app.commands.opening import course_at
from callup.app.dossier import Dossier
from callup.app.engines import decisions as engine
from callup.app.exports import decision as documents
from callup.app.replay import replay
from callup.app.stages import telling
from callup.app.stages.telling import hand_out, manifest_of, print_decisions, printed_file, runs_of
from callup.app.standing import summonses
from callup.app.web.site import Site
from callup.notice.codes import decision_payload
from callup.notice.decisions import TOLD, said_in
from callup.terms.errors import Tampered

EVIDENCE = "0" * 64


def decided(course, at=0, kind="decided", day=DAY, **fields):
    """A claim of somebody with a decision on it, or another kind of decision; gives the number of its fact."""
    case = summonses(course).sort_by("case_id").column("case_id")[at].as_py()
    if kind == "decided":
        add_fact(course.facts, "claimed", "person", (day, day), {"case_id": case, "ground": "deferral", "evidence": EVIDENCE})
        fields = {"ref": last(course, case), "outcome": "refused"} | fields
    by = "board: A. First" if kind == "assessed" else "official: A. First"
    said = {"case_id": case, "second": "B. Second", "reason": f"reason {at} {kind}", "evidence": EVIDENCE} | fields
    add_fact(course.facts, kind, by, (day, day), said)
    return last(course, case)


def last(course, case):
    return course.facts.of_case(case).column("fact_id")[-1].as_py()


def printed(course):
    return [row.fact_id for run in runs_of(course.dossier) for row in manifest_of(course.dossier, run)]


@pytest.fixture
def course(tmp_path, open_line):
    shutil.copytree(open_line, tmp_path / "line")
    with freedonia_again(tmp_path / "line") as made:
        yield made


@pytest.fixture(scope="module")
def told(tmp_path_factory, whole_line):
    """A whole call-up whose decisions are printed at its end."""
    root = tmp_path_factory.mktemp("told") / "line"
    shutil.copytree(whole_line, root)
    with freedonia_again(root) as course:
        yield course, print_decisions(course)


def pages_of(pdf):
    return [" ".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(pdf)]


def test_every_decision_that_reached_nobody_has_its_letter_once_with_its_own_words(told):
    course, run = told
    facts = course.facts.all().to_pylist()
    served = {row["ref"] for row in facts if row["kind"] == "decision_served"}
    waiting = {row["fact_id"] for row in facts if row["kind"] in TOLD and row["fact_id"] not in served}
    rows = manifest_of(course.dossier, 1)
    assert (run.number, run.letters, run.set_aside) == (1, len(waiting), ())
    assert sorted(printed(course)) == sorted(waiting)
    assert {row["kind"] for row in facts if row["fact_id"] in waiting} >= {"assessed", "excused"}
    (name,) = run.files
    pages = pages_of(printed_file(course.dossier, 1, name))
    assert len(pages) == sum(row.pages for row in rows)
    people = {row["fact_id"]: row for row in facts}
    addresses = {row["case_id"]: row for row in summonses(course).to_pylist()}
    for row in rows:
        decision, here = people[row.fact_id], " ".join(pages[row.first_page - 1 : row.first_page - 1 + row.pages])
        assert row.notice_id == addresses[decision["case_id"]]["notice_id"]
        assert row.payload == decision_payload(row.fact_id, course.ring.keys["mail-piece"])
        assert (decision["reason"] or "No reason was written down.") in here
        assert decision["second"] in here
        assert "Service Procedure Act 2020, art. 7(2)" in here, "where one may go against it"
    assert print_decisions(course).letters == 0
    assert len(runs_of(course.dossier)) == 1


def test_the_list_for_the_printer_names_nobody(told, tmp_path):
    course, run = told
    (name,) = hand_out(course.dossier, 1, tmp_path)
    assert (tmp_path / name).stat().st_mode & 0o077 == 0
    text = (tmp_path / "decisions-1.csv").read_text(encoding="utf-8")
    listed = list(csv.DictReader(io.StringIO(text)))
    assert [row["payload"] for row in listed] == [row.payload for row in manifest_of(course.dossier, 1)]
    assert not any(row["case_id"] in text or row["notice_id"] in text for row in summonses(course).to_pylist())
    lies = course.dossier.sealed / telling.FOLDER / "print-1" / f"{name}.sealed"
    assert b"%PDF" not in lies.read_bytes()
    assert run.files == (name,)


def test_replay_prints_the_same_at_the_end_and_in_the_middle(told, course):
    assert replay(told[0].dossier, QUIET) == []
    decided(course)
    assert print_decisions(course).letters == 1
    decided(course, 1)
    assert print_decisions(course).letters == 1
    add_fact(course.facts, "recused", "clerk: N", (DAY, DAY), {"case_id": "c" * 24, "reason": "known", "evidence": EVIDENCE})
    assert replay(course.dossier, QUIET) == []
    line = course.dossier.log_path.read_text(encoding="utf-8")
    entry = course.dossier.entry("decision-manifest-1")
    course.dossier.log_path.write_text(line.replace(entry.digest, "0" * 64), encoding="utf-8")
    changed = replay(Dossier.at(course.dossier.root, KEY), QUIET)
    assert [one.what for one in changed] == ["decision-manifest-1"]


class Killed(BaseException):
    """The machine stopped."""


def test_a_crash_at_any_write_neither_loses_a_letter_nor_prints_it_twice(course, monkeypatch):
    wanted, at = [decided(course, number) for number in range(3)], 0
    while True:
        left = iter(range(at))

        def stop(what, left=left):
            if next(left, None) is None:
                raise Killed

        monkeypatch.setattr(durable, "after_write", stop)
        with contextlib.suppress(Killed):
            print_decisions(course)
            break
        course.dossier._lines = None  # as a new process reads them
        assert len(printed(course)) in (0, 3), at
        at += 1
        if printed(course):
            break
    monkeypatch.undo()
    assert at >= 2, "at least the folder and the line are lasting writes"
    print_decisions(course)
    assert sorted(printed(course)) == sorted(wanted)
    folders = [one.name for one in (course.dossier.sealed / telling.FOLDER).iterdir()]
    assert folders == ["print-1"]


def test_two_commands_at_once_print_each_letter_once(course):
    wanted = {decided(course, number) for number in range(4)}
    root = course.dossier.root.parent

    def one(number):
        with contextlib.closing(course_at(root / "dossier", None, 11, spill=f".engine-{number}")) as mine:
            return print_decisions(mine).letters

    with ThreadPoolExecutor(3) as pool:
        letters = sorted(pool.map(one, range(3)))
    assert letters == [0, 0, 4]
    course.dossier._lines = None
    assert (set(printed(course)), len(printed(course))) == (wanted, 4)


def test_a_file_that_does_not_say_what_it_must_is_not_released(course, monkeypatch):
    decided(course)
    decided(course, 1)
    make = documents.letters_pdf

    def others_words(letters, decided, rasters=()):
        one, two = ({**letter, "parts": [{**letter["parts"][0], "outcome": "It is granted."}]} for letter in letters)
        return make([one, two], decided, rasters)

    cheats = (
        others_words,
        lambda letters, decided, rasters=(): make(letters, decided, rasters[len(rasters) // 2 :] + rasters[: len(rasters) // 2]),
        lambda letters, decided, rasters=(): make([letters[1], letters[0]], decided, rasters),
        lambda letters, decided, rasters=(): make(letters[:1], decided, rasters),
        lambda letters, decided, rasters=(): make([*letters, letters[0]], decided, rasters * 2),
    )
    for cheat in cheats:
        monkeypatch.setattr(engine, "letters_pdf", cheat)
        with pytest.raises(Tampered, match="letter-differs"):
            print_decisions(course)
    assert runs_of(course.dossier) == []
    monkeypatch.undo()
    assert print_decisions(course).letters == 2


def test_what_a_court_stays_waits_and_what_fits_no_page_is_set_aside_and_stops_no_other(course):
    rows = summonses(course).sort_by("case_id").to_pylist()
    for at in range(3):
        decided(course, at, reason="a word 中 of a script that no carried font has" if at == 1 else "plain")
    stay = {"case_id": rows[0]["case_id"], "reason": "the court hears it", "evidence": EVIDENCE}
    add_fact(course.facts, "case_stayed", "court", (DAY, DAY), stay)
    run = print_decisions(course)
    assert (run.letters, run.stayed) == (1, 1)
    ((number, why),) = run.set_aside
    assert number.replace("-", "").lower() == rows[1]["notice_id"][:20]
    assert "font" in why
    lifted = {"case_id": rows[0]["case_id"], "ref": last(course, rows[0]["case_id"]), "reason": "over", "evidence": EVIDENCE}
    add_fact(course.facts, "case_stay_lifted", "court", (DAY, DAY), lifted)
    again = print_decisions(course)
    assert (again.number, again.letters, again.stayed, len(again.set_aside)) == (2, 1, 0, 1)


def test_many_letters_go_into_several_files_and_one_may_have_several_pages(course, monkeypatch):
    monkeypatch.setattr(engine, "MOST_LETTERS", 2)
    long = decided(course, 0, reason="A long word of reasons. " * 300)
    for at in (1, 2):
        decided(course, at)
    run = print_decisions(course)
    assert (run.letters, len(run.files)) == (3, 2)
    rows = {row.fact_id: row for row in manifest_of(course.dossier, 1)}
    assert rows[long].pages == 3
    for name in run.files:
        lies = sorted((row.first_page, row.pages) for row in rows.values() if row.file == name)
        assert [first for first, _ in lies] == [1 + sum(count for _, count in lies[:at]) for at in range(len(lies))]


def test_a_letter_in_two_languages_has_a_part_for_each_and_both_are_read_back(course, monkeypatch):
    decided(course)
    words = telling.decision_words

    def in_two(*asked):
        told = words(*asked)
        return {**told, "parts": [*told["parts"], {**told["parts"][0], "lang": "fr", "sender": "not shown", "outcome": "C’est refusé."}]}

    monkeypatch.setattr(telling, "decision_words", in_two)
    run = print_decisions(course)
    first, second = pages_of(printed_file(course.dossier, 1, run.files[0]))
    assert [row.pages for row in manifest_of(course.dossier, 1)] == [2]
    assert ("It is refused." in first, "C’est refusé." in second, "not shown" in first + second) == (True, True, False)
    assert ("1/2" in first, "2/2" in second) == (True, True)


def test_the_commands_print_hand_out_and_take_receipts(course, call, tmp_path):
    root, paper = course.dossier.root, tmp_path / "printer"
    fact = decided(course)
    code, said, _ = call("decisions", "print", root, "--to", paper)
    assert code == 0
    assert "1 letters in 1 files, run 1" in said
    first = {one.name: one.read_bytes() for one in paper.iterdir()}
    assert check_outside(first["decisions-1-0001.pdf"], 4) == ([], 1), "it fits the window, the envelope and the press"
    shutil.rmtree(paper)
    assert call("decisions", "copy", root, "--run", "1", "--to", paper)[0] == 0
    assert {one.name: one.read_bytes() for one in paper.iterdir()} == first, "the same bytes"
    assert call("decisions", "copy", root, "--run", "2", "--to", paper)[0] == 2
    with contextlib.closing(Site(course, lambda: DAY, lambda: 1_000_000).desk_store()) as desk:
        for at, accepted in ((0, 1_000_000), (1, 9_999_999_999)):
            case = summonses(course).column("case_id")[at].as_py()
            number = desk.propose((case, "FR-N", "decided", None, "refused", "why", None, "A. First", 1))
            desk.move(number, "open", "accepted", "B. Second", accepted)
    again = call("decisions", "print", root)[1]
    assert "nothing" in again
    assert "waiting: 1 decisions" in again, "the other can still be taken back"
    (row,) = csv.DictReader(io.StringIO(first["decisions-1.csv"].decode()))
    receipts, day = tmp_path / "receipts.csv", DAY + timedelta(days=3)
    wrong = f"code,happened_on\n{row['payload']},{DAY - timedelta(days=1)}\n{row['payload'][:-1]}?,{day}\n{row['payload']},soon\n"
    receipts.write_text(wrong)
    code, _, refused = call("decisions", "receipts", root, receipts, "--known-on", day)
    assert code == 2
    assert all(f"line {number}" in refused for number in (2, 3, 4))
    receipts.write_text(f"code,happened_on\n{row['payload']},{day}\n")
    for new in (1, 0):
        assert f"{new} decisions served" in call("decisions", "receipts", root, receipts, "--known-on", day)[1]
    (served,) = [one for one in course.facts.all().to_pylist() if one["kind"] == "decision_served"]
    assert (served["ref"], served["happened_on"], served["channel"], served["actor"]) == (fact, day, "mail", "carrier")


def test_a_served_decision_has_no_letter_and_a_letter_that_comes_back_undoes_no_service_of_the_notice(client, clocked):
    site, day = clocked.site, date(2025, 4, 8)
    fact, other = decided(site.course), decided(site.course, 1)
    case = site.facts.numbered(fact)[0]["case_id"]
    served = {"case_id": site.facts.numbered(other)[0]["case_id"], "ref": other, "channel": "counter", "evidence": EVIDENCE}
    add_fact(site.facts, "decision_served", "desk", (day, day), served)
    assert print_decisions(site.course).letters == 1
    assert printed(site.course) == [fact]
    at_desk(client, site, "Stand-in operator 1")
    codes = "\n".join((decision_payload(fact, site.course.ring.keys["mail-piece"]), f"2{fact[:20].upper()}{'0' * 11}"))
    before = len(site.facts.rows_of_case(case))
    page = client.post("/desk/returns", data={"nonce": desk_nonce(client), "codes": codes, "outcome": "moved"}).text
    assert "Letters of decisions: lines 1" in page
    assert f"/desk/open?case={case}" in page
    assert "lines 2." in page, "a code that we did not make"
    assert len(site.facts.rows_of_case(case)) == before, "no fact of the notice"


def test_what_is_read_back_is_all_that_the_letter_says(course):
    held = {row["case_id"]: row for row in summonses(course).to_pylist()}
    fact = decided(course)
    one = documents.decisions_in(course.facts.of_case(course.facts.numbered(fact)[0]["case_id"]).to_pylist())[fact]
    case = course.facts.numbered(fact)[0]["case_id"]
    told = documents.decision_words(
        documents.basis_of(course, {"notice": held[case]}, one), {"notice": held[case], "address": {"name": "A B"}}, one
    )
    texts = said_in(told)
    for part in told["parts"]:
        for name in ("outcome", "reason", "title", "by", "challenge"):
            assert part[name] in texts
        assert all(line in texts for line in (*part["remedies"], *part["advice"], *part["marks"]))
    assert "A B" in texts
