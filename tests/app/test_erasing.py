"""``callup erase``: one person's rows go from a closed call-up, every table digest and every proof of the others stays (design D5)."""

import shutil
import sys
from datetime import date

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from replay.freedonia_line import KEY, QUIET, freedonia, the_people

from callup.app import erasing, sealed
from callup.app.acts import add_fact
from callup.app.audit_roll import audit_roll
from callup.app.dossier import Dossier
from callup.app.erased import ErasedRow, erased_rows, lines_kept, whole_digest
from callup.app.erasing import erase
from callup.app.logs import CallUpLogs
from callup.app.main import main
from callup.app.personal import read_addresses
from callup.app.pipeline import run_line
from callup.app.replay import _sealed_tables, replay
from callup.app.stages.telling import manifest_of, print_decisions
from callup.app.standing import state_counts, summonses
from callup.app.web.storage import Embedded, portal_key
from callup.app.web.store import PortalStore
from callup.app.wire import course_of, facts_of
from callup.draw import commitment
from callup.register import rekey
from callup.terms.errors import BadInput, OutOfOrder
from callup.terms.tables import ADDRESSES

BY, DAY, WHY = ("Stand-in One", "Stand-in Two"), date(2026, 2, 1), "asked to be forgotten"


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def in_clear(course):
    """Everything that the dossier key opens, as one text: what a grep of a decrypted ``sealed/`` would see."""
    facts = facts_of(course.dossier)
    found = [str(facts.all().to_pylist())]
    facts.close()
    for path in sorted(course.dossier.sealed.rglob("*")):
        if path.name == "addresses.parquet":
            found.append(str(read_addresses(path, path.with_name("keys.parquet"), KEY).to_pylist()))
            found.append(str(pq.read_table(path, columns=["person_id"]).to_pylist()))
        elif path.suffix == ".parquet":
            found.append(str(sealed.read_sealed(path, KEY).read_all().to_pylist()))
        elif path.suffix in (".sealed", ".erased"):
            found.append(sealed.open_bytes(path.read_bytes(), KEY, path.name.removesuffix(".sealed").encode()).decode("latin-1"))
    return "\n".join(found)


def digests(course):
    tables = {name: whole_digest(course.engine, path, schema, KEY) for name, path, schema in _sealed_tables(course.dossier)}
    return {name: digest for name, digest in tables.items() if digest}


def laid(root, to=""):
    line = freedonia(root)
    course = line.__enter__()
    run_line(course, to)
    (root / "dossier.key").write_text(KEY.hex())
    return line, course


def free_to_go(course):
    """The called of whom no undertaking needs anything any more: those who were never enlisted."""
    enlisted = set(course.facts.all().filter(pc.field("kind") == "enlisted").column("case_id").to_pylist())
    return [row for row in summonses(course).to_pylist() if row["case_id"] not in enlisted]


@pytest.fixture(scope="module")
def gone(tmp_path_factory, whole_line):
    """Someone who was called and someone who was not are erased; what stood before, and who they were."""
    root = tmp_path_factory.mktemp("gone") / "line"
    shutil.copytree(whole_line, root)
    line, course = laid(root)
    print_decisions(course)
    told = {row.notice_id for row in manifest_of(course.dossier, 1)}
    called = next(row for row in free_to_go(course) if row["notice_id"] in told)
    (course.dossier.sealed / "65-decisions" / "print-2").mkdir()  # a killed run: no line names it
    ids = rekey(
        pq.read_table(root / "register.parquet", columns=["person_id"]).column(0).combine_chunks(), course.ring.keys["id"]
    ).to_pylist()
    names = dict(zip(ids, the_people(), strict=True))
    taken = set(summonses(course).column("person_id").to_pylist())
    uncalled = next(one for one in course.read("30-roll", "roll.parquet").column("person_id").to_pylist() if one not in taken)
    other = course.ring.name_for("case", course.decree.id, uncalled, digits=24)
    before = {"open": files_of(course.dossier.open), "digests": digests(course), "clear": in_clear(course)}
    before["dossier"] = {entry["name"]: entry["digest"] for row in course.dossier.lines() for entry in row.get("artefacts", ())}
    before["notices"] = {n: course.read("50-notices", f"wave-{n}", "notices.parquet").to_pylist() for n in (1, 2)}
    before["wave"] = called["wave"]
    counts = [erase(course, case, by=BY, reason=WHY, day=DAY) for case in (called["case_id"], other)]
    words = [called["person_id"], called["case_id"], called["notice_id"], called["salt"], uncalled, other]
    yield course, before, words, names[called["person_id"]], counts
    line.__exit__(None, None, None)


def test_a_grep_finds_nothing_of_them(gone):
    course, before, words, person, counts = gone
    secrets = [*words, person["name"], person["address_line"]]
    assert [word for word in secrets[:-4] if word not in before["clear"]] == []
    after = in_clear(course)
    assert [word for word in secrets if word in after] == []
    assert all(count > 0 for count in counts)
    raw = b"".join(files_of(course.dossier.sealed).values())
    assert [word for word in secrets if word.encode() in raw] == []


def test_their_letters_of_decisions_go_and_no_others_letter_is_printed_again(gone):
    course, _, words, *_ = gone
    folder = course.dossier.sealed / "65-decisions"
    assert [path.name for path in sorted(folder.rglob("*"))] == ["print-1", "manifest.csv.sealed"]
    assert words[2] not in {row.notice_id for row in manifest_of(course.dossier, 1)}
    assert manifest_of(course.dossier, 1) != []
    assert print_decisions(course).letters == 0


def test_every_table_digest_holds_with_the_digests_in_their_places(gone):
    course, before, *_ = gone
    assert digests(course) == before["digests"]
    assert all(before["dossier"][name] == digest for name, digest in digests(course).items())
    roll = course.table_path("30-roll", "roll.parquet")
    assert len(erased_rows(roll, KEY)) == 2
    assert all(len(row.digest) == 64 for row in erased_rows(roll, KEY))


def test_the_addresses_of_a_wave_keep_their_digest(gone):
    course, before, *_ = gone
    lies = course.table_path("10-snapshot", "addresses", f"wave-{before['wave']}", "addresses.parquet")
    rows = read_addresses(lies, lies.with_name("keys.parquet"), KEY)
    assert erasing.digest_with(course.engine, rows, ADDRESSES, erased_rows(lies, KEY)) == before["dossier"][f"addresses-{before['wave']}"]


def test_what_is_published_is_as_it_was_but_for_the_two_who_signed(gone):
    course, before, *_ = gone
    after = files_of(course.dossier.open)
    changed = {name for name in after if after[name] != before["open"].get(name)}
    assert changed == {"00-decree/signatures.csv"}
    assert set(before["open"]) == set(after)


def test_all_others_still_open_and_prove(gone):
    course, before, words, *_ = gone
    logs = CallUpLogs(course)
    entries = logs.acts.tree().entries()
    for wave, notices in before["notices"].items():
        first = logs.first_act(f"enter-{wave}")
        kept = {row["notice_id"]: row for row in course.read("50-notices", f"wave-{wave}", "notices.parquet").to_pylist()}
        for line, row in enumerate(notices):
            assert (row["notice_id"] in kept) == (row["notice_id"] != words[2])
            if row["notice_id"] in kept:
                now = kept[row["notice_id"]]
                assert entries[first + line].split()[2].decode() == commitment("open", now["salt"], now["document"])
    assert logs.acts.check() == logs.store.head("acts")


def test_the_erasure_is_a_fact_without_a_person(gone):
    course, *_ = gone
    facts = [row for row in course.facts.all().to_pylist() if row["kind"] == "erased"]
    assert [(row["case_id"], row["notice_id"], row["reason"], row["second"]) for row in facts] == [(None, None, WHY, BY[1])] * 2


def test_the_auditor_and_the_replay_say_erased_and_find_nothing(gone, tmp_path):
    course, *_ = gone
    assert replay(course.dossier, QUIET) == []
    found = audit_roll(course, course.register)
    assert found.looked_at["lines of the roll erased by law"] == 2
    assert set(found.found) <= {"liable persons who are on no roll", "persons of the register whom the snapshot does not hold"}
    assert found.found["persons of the register whom the snapshot does not hold"] == 2


def test_after_an_erasure_a_changed_table_is_still_found(gone):
    course, *_ = gone
    path = course.table_path("80-outcomes", "outcomes.parquet")
    kept = path.read_bytes()
    name, _, schema = next(row for row in _sealed_tables(course.dossier) if row[0] == "outcomes")
    sealed.write_sealed(path, schema, sealed.read_sealed(path, KEY).read_all().slice(1).to_batches(), KEY)
    assert [one.what for one in replay(course.dossier, QUIET)] == [f"sealed/80-outcomes/{name}.parquet"]
    path.write_bytes(kept)


def test_standing_still_counts_the_others(gone):
    course, *_ = gone
    assert sum(state_counts(course, course.decree.closes_on, DAY).values()) == summonses(course).num_rows


def test_who_is_erased_is_not_found_again(gone):
    course, _, words, *_ = gone
    with pytest.raises(BadInput, match="case-unknown"):
        erase(course, words[1], by=BY, reason=WHY, day=DAY)


def test_an_open_call_up_keeps_its_record(tmp_path, open_line):
    shutil.copytree(open_line, tmp_path / "line")
    line, course = laid(tmp_path / "line", "dispatch-1")
    with pytest.raises(OutOfOrder, match="call-up-open"):
        erase(course, summonses(course).column("case_id")[0].as_py(), by=BY, reason=WHY, day=DAY)
    line.__exit__(None, None, None)


@pytest.mark.parametrize("at", [1, 3, 6, 9, 12])
def test_a_crash_between_two_files_is_mended_by_the_same_command(gone, tmp_path, monkeypatch, at):
    """The write that fails is told by its number; the second run ends as one that never failed."""

    whole, *_ = gone
    shutil.copytree(whole.dossier.root, tmp_path / "dossier", ignore=shutil.ignore_patterns(".engine"))
    course = course_of(Dossier.at(tmp_path / "dossier", KEY), QUIET, seed=11)
    before, case = digests(course), free_to_go(course)[1]["case_id"]
    writes = []
    replaced, write = erasing._replace, erasing.write_erased

    def counted(call):
        def stopping(*words):
            writes.append(call)
            if len(writes) == at:
                raise OSError("the machine stopped")
            return call(*words)

        return stopping

    monkeypatch.setattr(erasing, "_replace", counted(replaced))
    monkeypatch.setattr(erasing, "write_erased", counted(write))
    with pytest.raises(OSError, match="stopped"):
        erase(course, case, by=BY, reason=WHY, day=DAY)
    erase(course, case, by=BY, reason=WHY, day=DAY)
    assert digests(course) == before
    assert case not in in_clear(course)
    assert replay(course.dossier, QUIET) == []
    course.facts.close()
    course.engine.close()


def test_the_command(gone, monkeypatch, capsys):
    course, *_ = gone
    enlisted = {row["case_id"] for row in course.facts.all().to_pylist() if row["kind"] == "enlisted"}  # the undertakings keep theirs (G21)
    case = next(one for one in summonses(course).column("case_id").to_pylist() if one not in enlisted)
    portal = PortalStore(Embedded(course).portal(), portal_key(course))
    portal.lay_doors([("7K3Q", case, "4F2A", {"notice": {}})])
    words = ["erase", str(course.dossier.root), "--person", case, "--reason", WHY, "--on", "2026-02-02", "--seed", "11"]
    monkeypatch.setattr(sys, "argv", ["callup", *words, "--by", BY[0], "--by", BY[1]])
    with pytest.raises(SystemExit) as left:
        main()
    assert not left.value.code
    assert case not in capsys.readouterr().out
    assert case not in in_clear(course)
    assert portal.doors() == 0, "what the portal kept of the person is gone too"
    portal.close()


def test_what_an_undertaking_still_needs_stays_until_its_clock_has_run_out(tmp_path, whole_line):
    """Safeguard G21: a broken promise cannot be erased with the person; nine months and a year later the rest goes too."""
    shutil.copytree(whole_line, tmp_path / "line")
    line, course = laid(tmp_path / "line")
    case = next(row["case_id"] for row in course.facts.all().to_pylist() if row["kind"] == "enlisted")
    report = {"case_id": case, "ground": "abroad", "evidence": "0" * 64}
    add_fact(course.facts, "posted", "person", (date(2025, 9, 1), date(2025, 9, 3)), report)
    before = digests(course)
    erase(course, case, by=BY, reason=WHY, day=DAY)
    assert [row["kind"] for row in course.facts.of_case(case).to_pylist()] == ["enlisted", "posted"]
    erase(course, case, by=BY, reason="asked again", day=date(2027, 2, 1))
    assert course.facts.of_case(case).num_rows == 0
    assert digests(course) == before
    with pytest.raises(BadInput, match="case-unknown"):
        erase(course, case, by=BY, reason=WHY, day=date(2027, 2, 2))
    line.__exit__(None, None, None)


@pytest.mark.parametrize(("count", "lines", "kept"), [(2, [], [0, 1]), (2, [0], [1, 2]), (2, [1, 3], [0, 2]), (0, [0], [])])
def test_lines_keep_the_number_they_had(count, lines, kept):
    assert lines_kept(count, [ErasedRow(0, line, "") for line in lines]) == kept
