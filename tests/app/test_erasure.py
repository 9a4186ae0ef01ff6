"""Dropping a person's records and salts leaves every other proof valid (promise 8, design section 8), and theirs in their own hand."""

import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from replay.freedonia_line import KEY, freedonia

from callup.app.checking.letters import check_letter, check_slip
from callup.app.logs import ACTS, CallUpLogs
from callup.app.packeting import letter_of, mirror_files, pinned_here, slip_of
from callup.app.personal import ROW_KEYS, read_addresses
from callup.app.sealed import read_sealed, write_sealed
from callup.app.stages.dispatching import PORTAL
from callup.app.standing import summonses
from callup.draw import commitment, entry
from callup.terms.canonical import row_text
from callup.terms.errors import Tampered
from callup.terms.facts import VOCABULARY
from callup.terms.tables import FACTS, NOTICES, ROLL

VERIFY = Path(__file__).parents[2] / "verifier" / "verify.py"


def without(path, schema, column, values):
    """Write a sealed table again without some rows; gives what was taken out."""
    table = read_sealed(path, KEY).read_all()
    gone = pc.is_in(table.column(column), value_set=values)
    write_sealed(path, schema, table.filter(pc.invert(gone)).to_batches(), KEY)
    return table.filter(gone).to_pylist()


@pytest.fixture(scope="module")
def erased(tmp_path_factory, whole_line):
    """A call-up run to its end, then one called person's rows and salts dropped wherever they lie sealed."""
    root = tmp_path_factory.mktemp("erasure") / "line"
    shutil.copytree(whole_line, root)
    with freedonia(root) as course:
        logs = CallUpLogs(course)
        rows = summonses(course).to_pylist()
        mine, others = rows[0], rows[1:]
        letters = {row["case_id"]: letter_of(course, logs, row["case_id"]) for row in rows}
        slip, salt = slip_of(course, mine["person_id"])
        sealed, dropped = course.dossier.sealed, []
        person = mine["person_id"]
        for path in sorted(sealed.glob("10-snapshot/addresses/wave-*/keys.parquet")):
            dropped += without(path, ROW_KEYS, "person_id", pa.array([person], pa.string()))
        dropped += without(sealed / "30-roll" / "roll.parquet", ROLL, "person_id", pa.array([person], pa.string()))
        for path in sorted(sealed.glob("50-notices/wave-*/notices.parquet")):
            dropped += without(path, NOTICES, "person_id", pa.array([person], pa.string()))
        for path in sorted(sealed.glob("50-notices/wave-*-print/portal.parquet")):
            without(path, PORTAL, "notice_id", pa.array([row["notice_id"] for row in dropped if "notice_id" in row], pa.string()))
        facts = course.facts.of_case(mine["case_id"]).column("fact_id").combine_chunks()
        for path in sorted((sealed / "60-facts" / "acts").glob("*.parquet")):
            dropped += without(path, ACTS, "fact_id", facts)
        yield course, mine, others, letters, (slip, salt), dropped


def test_what_was_dropped_is_in_no_sealed_table_any_more(erased):
    course, mine, _, _, (_, salt), dropped = erased
    assert len(dropped) > 5
    salts = {row["salt"] for row in dropped if row.get("salt")} | {salt}
    for path in sorted(course.dossier.sealed.rglob("*.parquet")):
        if "addresses.parquet" in path.name or ("60-facts" in str(path) and "acts" not in str(path)):
            continue
        try:
            text = str(read_sealed(path, KEY).read_all().to_pydict())
        except Tampered:
            continue
        assert not [one for one in salts if one in text], path
    for path in sorted(course.dossier.sealed.glob("10-snapshot/addresses/wave-*")):
        found = read_addresses(path / "addresses.parquet", path / "keys.parquet", KEY)
        assert mine["person_id"] not in found.column("person_id").to_pylist(), "a row without its key does not open"


def test_what_is_published_did_not_change_and_checks(erased):
    course = erased[0]
    done = subprocess.run([sys.executable, str(VERIFY), str(course.dossier.open)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "everything checks")


def test_every_other_letter_and_act_still_proves(erased):
    course, mine, others, letters, _, _ = erased
    logs = CallUpLogs(course)
    pinned, files = pinned_here(course, logs), mirror_files(course)
    for row in others:
        assert [step.name for step in check_letter(files, pinned, letters[row["case_id"]])][-1] == "promises"
    entries = logs.acts.tree().entries()
    facts = {row["fact_id"]: row for row in course.facts.all().to_pylist() if row["case_id"] != mine["case_id"]}
    opened = 0
    for path in sorted((course.dossier.sealed / "60-facts" / "acts").glob("*.parquet")):
        for act in read_sealed(path, KEY).read_all().to_pylist():
            fact = facts[act["fact_id"]]
            text = row_text([fact[name] for name in FACTS.names], FACTS)
            assert entries[act["index"]] == entry(VOCABULARY[fact["kind"]].act, commitment("open", act["salt"], text))
            opened += 1
    assert opened > len(others)


def test_the_person_who_kept_letter_and_salt_can_still_prove_and_nobody_else_can(erased):
    course, mine, _, letters, (slip, salt), _ = erased
    pinned, files = pinned_here(course, CallUpLogs(course)), mirror_files(course)
    assert list(check_letter(files, pinned, letters[mine["case_id"]]))
    assert list(check_slip(files, pinned, slip, salt))
    with pytest.raises(Tampered, match="line-not-in-roll"):
        list(check_slip(files, pinned, slip, "0" * 32))
