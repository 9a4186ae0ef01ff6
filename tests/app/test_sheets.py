"""What two people read before they sign a freeze or a wave (safeguard G7): true counts, a sample that nobody chose, no row on a screen."""

import hashlib
import re
import shutil
from collections import Counter
from contextlib import closing

import pyarrow.compute as pc
import pytest
from app.portal_line import freedonia_again
from replay.freedonia_line import QUIET, SEED, the_people

from callup.app.acts import DAILY_ALLOWANCE, add_fact, record_reading, rule_person
from callup.app.dossier import Dossier
from callup.app.keys import read_dossier_key
from callup.app.pipeline import run_line
from callup.app.randomness import RehearsalRandomness
from callup.app.replay import replay_course
from callup.app.sealed import write_sealed
from callup.app.sheets import SAMPLE, freeze_sheet, kept_sheet, open_sample, sheet_digest
from callup.app.signing import sign_act, stand_in_key, valid_signatures
from callup.app.wire import facts_of
from callup.terms.errors import BadInput, Tampered
from callup.terms.tables import FINDINGS

ONE, TWO = "Stand-in One", "Stand-in Two"
WORDS = ("A. Example", "read before I sign")


@pytest.fixture
def frozen(tmp_path, line_to):
    """A call-up whose freeze was signed."""
    shutil.copytree(line_to("freeze"), tmp_path / "frozen")
    with freedonia_again(tmp_path / "frozen") as course:
        yield course


@pytest.fixture
def assessed(tmp_path, line_to):
    """A call-up decided by law and not frozen."""
    shutil.copytree(line_to("assess"), tmp_path / "assessed")
    with freedonia_again(tmp_path / "assessed") as course:
        yield course


def findings_of(course):
    return course.read("20-findings", "findings.parquet")


def part(text, head):
    """The lines of one part of a sheet: what is counted, and how many."""
    lines = text.partition(f"\n{head}\n")[2].partition("\n\n")[0].strip("\n").split("\n")
    return {words: int(count) for count, words in (line.split(maxsplit=1) for line in lines)}


def listed(text):
    return re.findall(r"^ +\d+  ([0-9a-f]{64})$", text, re.M)


# ---- counts


def test_the_counts_of_a_sheet_are_those_of_the_findings(frozen):
    text, rows = kept_sheet(frozen.dossier, "freeze"), findings_of(frozen).to_pylist()
    assert part(text, "by finding") == Counter(row["finding"] for row in rows)
    units = text.partition("\nby unit\n")[2].partition("\n\n")[0].split("\n")
    assert units[0].split() == ["LIABLE", "NOT_LIABLE", "UNDETERMINED", "unit"]
    for line in units[1:]:
        *numbers, unit = line.split()
        counted = Counter(row["finding"] for row in rows if row["unit"] == unit)
        assert [int(number) for number in numbers] == [counted[name] for name in units[0].split()[:3]]
    rules, law = part(text, "by deciding rule"), frozen.jurisdiction.law
    for (finding, number), count in Counter((row["finding"], row["rule"]) for row in rows).items():
        rule = law.rules[number - 1]
        words = f"{rule.citation}: {rule.words}" if number else "no rule of liability holds"
        assert rules.pop(f"{finding}  {words}") == count
    assert rules == {}
    assert part(text, "waiting for a ruling, by what is missing") == {"born_on": sum(row["finding"] == "UNDETERMINED" for row in rows)}
    for name in ("findings", "law"):
        wanted = frozen.dossier.entry("findings").digest if name == "findings" else frozen.jurisdiction.version
        assert f"\n{name}: {wanted}\n" in text


def test_the_sheet_of_a_wave_stands_beside_quotas_and_outcomes(whole_line):
    dossier = Dossier.at(whole_line / "dossier", read_dossier_key(whole_line / "dossier.key"))
    quotas = dict(line.split(",")[::2] for line in (dossier.open / "35-quotas" / "quotas.csv").read_text().split()[1:])
    enlisted = 0
    for wave in (1, 2):
        text, sizes = kept_sheet(dossier, f"size-{wave}"), dossier.finished(f"size-{wave}")["sizes"]
        rows = [line.split() for line in text.partition("  stratum\n")[2].splitlines()]
        assert {row[-1]: int(row[0]) for row in rows} == sizes
        assert {row[-1]: row[1] for row in rows} == quotas
        assert {f"wave: {wave} of 2", "yield: 0.4", f"notices: {sum(sizes.values())}"} <= set(text.split("\n"))
        assert f"sizes: {dossier.entry(f'sizes-{wave}').digest}" in text
        enlisted = sum(int(row[2]) for row in rows)
    assert enlisted > 0, "the second wave knows what became of the first"


# ---- what is signed


def test_two_signed_the_sheet_and_their_signatures_hold_for_no_other(frozen):
    text = kept_sheet(frozen.dossier, "freeze")
    assert valid_signatures(frozen.dossier, "freeze", sheet_digest(text)) == {ONE, TWO}
    assert frozen.dossier.entry("sheet-freeze").digest == hashlib.sha256(text.encode()).hexdigest()
    for other in (text.replace("113  LIABLE", "114  LIABLE", 1), text.replace("findings: ", "findings: 0", 1)):
        assert other != text
        assert valid_signatures(frozen.dossier, "freeze", sheet_digest(other)) == set()
    assert valid_signatures(frozen.dossier, "freeze", frozen.dossier.entry("findings").digest) == set()


def test_a_ruling_changes_the_sheet_and_it_is_signed_anew(assessed):
    before = freeze_sheet(assessed)
    for name in (ONE, TWO):
        sign_act(assessed.dossier, name, stand_in_key(RehearsalRandomness(SEED), name), "freeze", sheet_digest(before))
    rows = findings_of(assessed).filter(pc.equal(findings_of(assessed).column("finding"), "UNDETERMINED")).to_pylist()
    day = assessed.decree.key_date
    rule_person(assessed, rows[0]["person_id"], "liable", officials=(ONE, TWO), reason="papers seen", day=day)
    after = freeze_sheet(assessed)
    assert part(after, "ruled so far") == {"liable": 1, "not-liable": 0}
    assert part(after, "waiting for a ruling, by what is missing") == {"born_on": len(rows) - 1}
    assert valid_signatures(assessed.dossier, "freeze", sheet_digest(before)) == {ONE, TWO}
    assert valid_signatures(assessed.dossier, "freeze", sheet_digest(after)) == set()


def test_a_later_ruling_leaves_the_signed_sheet_and_the_run_goes_on(frozen):
    text, sealed_text = kept_sheet(frozen.dossier, "freeze"), (frozen.dossier.sealed / "25-sheets" / "freeze.txt.sealed").read_bytes()
    person = frozen.read("30-roll", "roll.parquet").column("person_id")[0].as_py()
    rule_person(frozen, person, "not-liable", officials=(ONE, TWO), reason="heard", day=frozen.decree.key_date)
    assert run_line(frozen, "apportion") == "apportion"
    assert kept_sheet(frozen.dossier, "freeze") == text
    assert (frozen.dossier.sealed / "25-sheets" / "freeze.txt.sealed").read_bytes() == sealed_text
    assert text.encode()[:16] not in sealed_text


# ---- the sample


def test_the_sample_is_the_smallest_digests_and_the_same_in_a_replay(frozen, tmp_path):
    digest, persons = frozen.dossier.entry("findings").digest, findings_of(frozen).column("person_id").to_pylist()
    first = sorted(persons, key=lambda person: hashlib.sha256(f"callup/sample/1 {digest} {person}".encode()).hexdigest())[:SAMPLE]
    text, rows = kept_sheet(frozen.dossier, "freeze"), open_sample(frozen, *WORDS)
    assert [re.match(r"person: (\w+)\n", row)[1] for row in rows] == first
    assert listed(text) == [sheet_digest(row) for row in rows]
    with closing(replay_course(frozen.dossier, tmp_path / "again", QUIET)) as again:
        run_line(again, "freeze")
        assert kept_sheet(again.dossier, "freeze") == text


def test_a_row_says_the_finding_its_rule_and_the_facts_of_the_law_and_no_name(frozen):
    rows, found = open_sample(frozen, *WORDS), {row["person_id"]: row for row in findings_of(frozen).to_pylist()}
    known = {row["person_id"]: row for row in frozen.read("10-snapshot", "snapshot.parquet").to_pylist()}
    for row in rows:
        said = dict(line.split(": ", 1) for line in row.strip().split("\n"))
        mine = found[said["person"]]
        assert said["finding"] == mine["finding"]
        assert said["deciding rule"].partition(":")[0] in {rule.citation for rule in frozen.jurisdiction.law.rules} or not mine["rule"]
        assert said["register health"] == known[said["person"]]["health"]
        assert set(said) >= {f"register {name}" for name in frozen.jurisdiction.law.columns}
    assert not [one["name"] for one in the_people() if one["name"] in "".join(rows) or one["address_line"] in "".join(rows)]


def without_one(course):
    """The findings lack one person of the sample, as after an erasure."""
    gone = open_sample(course, *WORDS)[3].partition("\n")[0].removeprefix("person: ")
    table = findings_of(course)
    path = course.table_path("20-findings", "findings.parquet")
    write_sealed(path, FINDINGS, table.filter(pc.not_equal(table.column("person_id"), gone)).to_batches(), course.dossier.key)


def test_rows_that_are_not_those_of_the_sheet_are_not_shown(frozen):
    without_one(frozen)
    with pytest.raises(Tampered, match="sample-changed"):
        open_sample(frozen, *WORDS)


def test_whoever_was_erased_is_in_the_sample_no_more_and_nobody_takes_the_place(frozen):
    whole, day = open_sample(frozen, *WORDS), frozen.decree.key_date
    without_one(frozen)
    add_fact(frozen.facts, "erased", f"official: {ONE}", (day, day), {"reason": "asked", "second": TWO, "evidence": "ab" * 32})
    assert open_sample(frozen, *WORDS) == whole[:3] + whole[4:]


# ---- readings (safeguard G4)


def readings(course):
    return course.facts.all().filter(pc.field("kind") == "read").to_pylist()


def test_nobody_reads_the_sample_of_a_rehearsal_by_freezing_it(frozen):
    assert readings(frozen) == []


@pytest.mark.parametrize(("clerk", "reason"), [("", "why"), ("A. Example", " "), ("", "")])
def test_the_sample_is_not_opened_without_name_and_reason(frozen, clerk, reason):
    with pytest.raises(BadInput, match="reading-needs-a-reason"):
        open_sample(frozen, clerk, reason)
    assert readings(frozen) == []


def test_the_sample_is_opened_whole_within_the_daily_allowance_or_not_at_all(frozen):
    used = DAILY_ALLOWANCE - SAMPLE + 1
    for number in range(used):
        record_reading(frozen, f"{number:024}", "C. Example", "to count", frozen.decree.key_date)
    with pytest.raises(BadInput, match="allowance-used-up"):
        open_sample(frozen, "C. Example", "one too many")
    assert len(readings(frozen)) == used


# ---- a call-up that is no rehearsal


def digest_in(said):
    return re.search(r"--digest ([0-9a-f]{64})", said.replace(" ", "").replace("--digest", "--digest "))[1]


def sign(call, real, act, digest):
    for name in (ONE, TWO):
        (real / "mine.key").write_text(stand_in_key(RehearsalRandomness(SEED), name).private_bytes_raw().hex())
        assert call("sign", real / "d", "--act", act, "--digest", digest, "--signing-key", real / "mine.key", "--name", name)[0] == 0


def test_a_real_call_up_halts_with_the_counts_and_shows_rows_to_a_named_clerk_only(call, real):
    assert call("new", real / "d", "--decree", real / "decree.toml")[0] == 0
    run = ("run", real / "d", "--register", real / "register.parquet", "--to", "size-1")
    code, out, said = call(*run)
    assert (code, out) == (0, "")
    dossier = Dossier.at(real / "d", read_dossier_key(real / "d.key"))
    text = kept_sheet(dossier, "freeze")
    assert " ".join(text.split()) in said
    assert f"callup sheet {real / 'd'} --act freeze --clerk" in said
    assert digest_in(said) == sheet_digest(text)
    assert not re.search(r"\b[0-9a-f]{32}\b", said), "no id of a person"

    shown = ("sheet", real / "d", "--act", "freeze")
    for words in ((), ("--clerk", "A. Example"), ("--reason", "to sign")):
        code, out, said = call(*shown, *words)
        assert (code, out, "say who looks and why" in said) == (2, "", True)
    assert read_by(dossier) == Counter()
    for _ in range(2):
        code, out, said = call(*shown, "--clerk", "A. Example", "--reason", "to sign")
        assert (code, said) == (0, "")
        assert out.startswith(text)
        assert len(set(re.findall(r"^person: (\w{32})$", out, re.M))) == SAMPLE
    assert read_by(dossier) == {"clerk: A. Example": SAMPLE}, "the same reading is one fact"

    sign(call, real, "freeze", sheet_digest(text))
    code, _, said = call(*run)
    wave = kept_sheet(dossier, "size-1")
    assert (code, " ".join(wave.split()) in said, digest_in(said)) == (0, True, sheet_digest(wave))
    assert call("sheet", real / "d", "--act", "size-1")[1].startswith(wave)
    sign(call, real, "size-1", sheet_digest(wave))
    assert "reached: size-1" in call(*run)[2]
    assert "everything is the same" in call("replay", real / "d", "--quiet")[1]


def read_by(dossier):
    with closing(facts_of(dossier)) as facts:
        return Counter(row["actor"] for row in facts.all().to_pylist() if row["kind"] == "read")


@pytest.mark.parametrize(
    ("act", "said"), [("freeze", "callup run DOSSIER makes the sheet"), ("../keys", "name freeze, or size-N"), ("size-0", "name freeze")]
)
def test_a_sheet_that_is_not_there_is_refused(call, assessed, act, said):
    code, out, refused = call("sheet", assessed.dossier.root, "--act", act, "--clerk", "A", "--reason", "b")
    assert (code, out, said in refused) == (2, "", True)
