"""The code for the reader on a printed letter of a decision: anybody checks the letter against the published log, without signing in."""

import subprocess
import sys
from datetime import date

import pytest
from app.test_decision_print import DAY, course, decided, pages_of  # noqa: F401 (a fixture)
from house.tree import ROOT

from callup.app.checking.letters import check_letter, check_proof, read_code
from callup.app.checking.packets import Packet, pinned_by
from callup.app.checking.published import Files
from callup.app.exports.case import gather
from callup.app.exports.proofs import with_proofs
from callup.app.promises import known_releases
from callup.app.readback import opened_pages
from callup.app.stages import telling
from callup.app.stages.telling import manifest_of, print_decisions, printed_file
from callup.app.standing import summonses
from callup.app.web.words import languages, words_of
from callup.notice.codes import FINEST_SIDE, check_code
from callup.terms.errors import Tampered


def codes_of(course, run=1):  # noqa: F811
    """What the reader's code on each letter says, by the decision."""
    found = {}
    for row in manifest_of(course.dossier, run):
        with opened_pages(printed_file(course.dossier, run, row.file)) as pages, pages.page(row.first_page - 1) as page:
            found[row.fact_id] = pages.codes(page)[1]
    return found


def published(course):  # noqa: F811
    log = course.dossier.open / "log"
    files = Files(lambda name: (log / name).read_bytes())
    return files, pinned_by(Packet(course.decree.id, "", "", "", "", "", {"policy": files.read("policy")}), None, known_releases())


def test_anybody_checks_a_printed_decision_and_is_shown_its_case_outcome_and_day(course):  # noqa: F811
    fact, excused = decided(course), decided(course, 1, kind="excused", appear_on=date(2025, 5, 5))
    assert print_decisions(course).letters == 2
    codes, (files, pinned) = codes_of(course), published(course)
    for number, said in ((fact, f"{DAY}: decided refused"), (excused, f"{DAY}: excused 2025-05-05")):
        steps = list(check_letter(files, pinned, read_code(codes[number])))
        assert [step.name for step in steps] == ["text", "entry"]
        assert steps[0].said.endswith(said)
        words = [sys.executable, str(ROOT / "verifier" / "verify.py"), str(course.dossier.open), "--letter", codes[number]]
        second = subprocess.run(words, capture_output=True, text=True, check=False)
        assert (second.returncode, steps[0].said in second.stdout) == (0, True), second.stdout
    turned = read_code(codes[fact])
    turned = type(turned)(turned.size, turned.index, turned.salt, turned.text.replace("\trefused\t", "\tgranted\t"))
    with pytest.raises(Tampered) as failure:
        list(check_letter(files, pinned, turned))
    assert failure.value.code == "letter-not-in-log"


def test_the_letter_names_the_page_and_the_case_that_it_must_show(course):  # noqa: F811
    decided(course)
    run = print_decisions(course)
    (page,) = pages_of(printed_file(course.dossier, 1, run.files[0]))
    (row,) = manifest_of(course.dossier, 1)
    case = next(one["case_id"] for one in course.facts.all().to_pylist() if one["fact_id"] == row.fact_id)
    said = words_of("en")["decision_check"].format(mirror=course.decree.log_origin.partition("/")[0], case=case)
    assert said in page


def test_a_reason_too_long_for_a_code_leaves_it_out_and_the_proof_in_the_record_checks_it(course):  # noqa: F811
    fact = decided(course, reason="A long word of reasons. " * 60)
    run = print_decisions(course)
    assert codes_of(course) == {fact: ""}
    case = next(one["case_id"] for one in course.facts.all().to_pylist() if one["fact_id"] == fact)
    assert "too long for a code" in " ".join(pages_of(printed_file(course.dossier, 1, run.files[0])))
    proofs = {one["fact"]: one["proof"] for one in with_proofs(course, gather(course, case, DAY, DAY))["proofs"]}
    _, pinned = published(course)
    steps = list(check_proof(proofs[fact].encode(), pinned))
    assert [step.name for step in steps] == ["text", "entry"]
    assert case in steps[0].said


def test_the_finest_code_that_is_printed_is_read_back_from_its_letter(course):  # noqa: F811
    fits = decided(course, reason="x" * 300)
    print_decisions(course)
    side, _ = check_code(codes_of(course)[fits])
    most = max(length for length in range(300, 600) if check_code(codes_of(course)[fits] + "x" * 4 * ((length - 300) // 3))[0])
    fullest = decided(course, 1, reason="x" * (most - 12))
    assert print_decisions(course).letters == 1
    assert side < check_code(codes_of(course, 2)[fullest])[0] <= FINEST_SIDE


@pytest.mark.parametrize("language", languages())
def test_every_language_has_the_sentences_of_the_check(language):
    for key in ("decision_check", "decision_check_long"):
        assert "{mirror}" in words_of(language)[key]
        assert "{case}" in words_of(language)[key]


def test_a_notice_taken_back_after_it_went_out_has_a_letter_and_one_that_never_went_has_none(course):  # noqa: F811
    notices = summonses(course).sort_by("case_id").to_pylist()
    gone = {row["notice_id"] for row in course.facts.all().to_pylist() if row["kind"] == "handed_over"}
    sent = next(at for at, row in enumerate(notices) if row["notice_id"] in gone)
    fact = decided(course, sent, kind="withdrawn", notice_id=notices[sent]["notice_id"])
    assert print_decisions(course).letters == 1
    files, pinned = published(course)
    steps = list(check_letter(files, pinned, read_code(codes_of(course)[fact])))
    assert steps[0].said.endswith(": withdrawn")
    kept = [{"kind": "withdrawn"}, {"kind": "called"}]
    assert not telling._went_out(kept)
    assert telling._went_out([*kept, {"kind": "available"}])


def test_enlisted_and_released_have_their_letter_once(course):  # noqa: F811
    facts = [decided(course, at, kind=kind) for at, kind in enumerate(("enlisted", "released"))]
    assert print_decisions(course).letters == 2
    assert set(codes_of(course)) == set(facts)
    assert print_decisions(course).letters == 0
