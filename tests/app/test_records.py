"""Records for a printer that composes letters: the same notices as in print files, sealed, and erased with the person."""

import csv
import hashlib
import io
import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from app.portal_line import freedonia_again
from notice.sample import STAMP, letters, texts
from replay.freedonia_line import DECREE, KEY, freedonia, the_people

from callup.app import sealed
from callup.app.engines import records
from callup.app.engines.mass import render_wave
from callup.app.engines.records import record_wave
from callup.app.erasing import erase
from callup.app.logs import CallUpLogs
from callup.app.pipeline import run_line
from callup.app.printing import stamp_of, texts_of
from callup.app.stages.dispatching import render, wave_letters
from callup.app.standing import summonses
from callup.notice import print_batch
from callup.terms.errors import BadInput

AS_RECORDS = DECREE.replace('languages = ["en"]', 'languages = ["en"]\nprinted_as = "records"')
STREET = "Street of a Long Name "


def some_letters():
    """Three in order, one of them long enough to be set smaller, with codes of two sizes."""
    rows = letters(3).to_pylist()
    rows[1]["address_line"], rows[2]["document"] = STREET * 11, rows[2]["document"] + "x" * 60
    return pa.Table.from_pylist(rows)


def opened(folder, key=KEY):
    """The sealed files of a wave's package by name, in clear."""
    found = {path.name.removesuffix(".sealed"): path.read_bytes() for path in sorted(folder.glob("*.sealed"))}
    return {name: sealed.open_bytes(content, key, name.encode()) for name, content in found.items()}


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_a_record_and_a_letter_of_a_print_file_are_the_same_notice():
    table = some_letters()
    files = list(record_wave(table, [texts()], STAMP, most=2))
    assert [file.name for file in files] == ["layout.typ", "words-en.json", "records-0001.csv", "records-0002.csv"]
    printed = [row for file in render_wave(table, [texts()], STAMP) for row in file.rows]
    recorded = [row for file in files for row in file.rows]
    assert [(row.notice_id, row.hash, row.payload) for row in recorded] == [(row.notice_id, row.hash, row.payload) for row in printed]
    assert [(row.file, row.first_page) for row in recorded] == [("records-0001.csv", 1), ("records-0001.csv", 2), ("records-0002.csv", 1)]


def test_whoever_has_the_package_makes_the_digest_of_each_row_anew():
    _, words, table = record_wave(some_letters(), [texts()], STAMP)
    shared = hashlib.sha256(words.content).hexdigest()
    rows = rows_of(table.content)
    assert [bool(row["address_size"]) for row in rows] == [False, True, False]
    for row in rows:
        said = {"address_size": int(row["address_size"])} if row["address_size"] else {}
        said |= {"address": row["address"].split("\n"), "number": row["number"], "title": row["title"]}
        said["answers"] = [row[f"answer_{number}"] for number in range(1, 6)]
        said["facts"] = [row[f"fact_{number}"] for number in range(1, 8)]
        said |= {"mail": row["mail_code"], "check": row["check_code"]}
        packed = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        assert hashlib.sha256(f"{shared}\n{packed}\n".encode()).hexdigest() == row["hash"]
    labels = json.loads(words.content)["labels"]
    assert len(labels) == len([name for name in rows[0] if name.startswith("fact_")])


@pytest.mark.parametrize(("says", "said"), [("Long Street", "Short Street"), ("7K3QX0M2A000", "7K3QX0M2A009"), ("09:00", "09:30")])
def test_a_row_that_says_something_else_stops_the_release(says, said):
    batch = print_batch(some_letters(), texts(), STAMP)
    content = records._rows(batch, "en")
    assert records._misread(content, batch) == []
    assert records._misread(content.replace(says.encode(), said.encode(), 1), batch)


def test_what_fits_no_window_is_refused_as_a_letter_is():
    with pytest.raises(BadInput, match="letters-need-a-person"):
        list(record_wave(letters(1, address_line=STREET * 40), [texts()], STAMP))
    with pytest.raises(BadInput, match="language-without-form"):
        list(record_wave(letters(1), [], STAMP))


def test_a_decree_asks_for_letters_or_records(tmp_path):
    with (
        pytest.raises(BadInput, match="must be one of letters, records"),
        freedonia(tmp_path, decree=DECREE.replace("waves = 2", 'waves = 2\nprinted_as = "cards"')) as course,
    ):
        run_line(course, "publish")


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """Freedonia's call-up with records, until the first wave is handed over."""
    root = tmp_path_factory.mktemp("records")
    with freedonia(root, decree=AS_RECORDS) as course:
        run_line(course, "dispatch-1")
        yield course, root


def package(course, wave=1):
    return course.table_path("50-notices", f"wave-{wave}-print")


def test_the_line_gives_records_with_the_digests_of_the_letters_and_hands_them_over(line, open_line):
    course, _ = line
    mine = opened(package(course))
    theirs = opened(Path(open_line) / "dossier" / "sealed" / "50-notices" / "wave-1-print")
    assert set(mine) == {"layout.typ", "words-en.json", "records-0001.csv", "manifest.csv"}
    digests = [{row["notice_id"]: (row["hash"], row["payload"]) for row in rows_of(found["manifest.csv"])} for found in (mine, theirs)]
    assert len(digests[0]) > 10
    assert digests[0] == digests[1]
    assert {row["notice_id"]: (row["hash"], row["mail_code"]) for row in rows_of(mine["records-0001.csv"])} == digests[0]
    prints, handed = course.dossier.entry("prints-1"), course.dossier.entry("dispatched-1")
    listed = [f"{name} {hashlib.sha256(mine[name]).hexdigest()}" for name in ("layout.typ", "words-en.json", "records-0001.csv")]
    assert prints.digest == handed.digest == hashlib.sha256("\n".join(listed).encode()).hexdigest()
    assert handed.rows == len(digests[0])


def test_no_name_of_a_record_lies_in_clear(line):
    course, root = line
    named = [row["address"].split("\n")[0] for row in rows_of(opened(package(course))["records-0001.csv"])]
    everything = b"".join(path.read_bytes() for path in sorted((root / "dossier").rglob("*")) if path.is_file())
    assert len(named) > 10
    assert {person["name"] for person in the_people()}.issuperset(named)
    assert [name for name in named if name.encode() in everything] == []


def test_a_letter_printed_later_alone_is_the_notice_of_the_record(line):
    course, _ = line
    logs = CallUpLogs(course)
    digests = {row["notice_id"]: row["hash"] for row in rows_of(opened(package(course))["manifest.csv"])}
    table, words, stamp = wave_letters(course, logs, 1), texts_of(course)["en"], stamp_of(course, logs.size_after("enter-1"))
    alone = [print_batch(table.slice(at, 1), words, stamp).pieces[0] for at in range(table.num_rows)]
    assert {piece.notice_id: piece.content for piece in alone} == digests
    copies = sealed.read_sealed(package(course) / "portal.parquet", KEY).read_all().to_pylist()
    rows = {row["notice_id"]: row for row in rows_of(opened(package(course))["records-0001.csv"])}
    assert copies
    for copy in copies:
        said, row = json.loads(copy["json"]), rows[copy["notice_id"]]
        here = said["words"]["en"]
        assert (said["number"], said["check"], here["title"]) == (row["number"], row["check_code"], row["title"])
        assert [one["answer"] for one in here["questions"]] == [row[f"answer_{number}"] for number in range(1, 6)]
        assert [one["value"] for one in here["facts"]] == [row[f"fact_{number}"] for number in range(1, 8)]


def test_the_file_with_the_record_of_an_erased_person_goes(whole_line, tmp_path):
    shutil.copytree(whole_line, tmp_path / "line")
    with freedonia_again(tmp_path / "line") as course:
        folder = package(course)
        for path in folder.iterdir():
            path.unlink()
        course.decree = replace(course.decree, printed_as="records")
        render(course, CallUpLogs(course), 1, folder)
        enlisted = set(course.facts.all().filter(pc.field("kind") == "enlisted").column("case_id").to_pylist())
        who = next(row for row in summonses(course).to_pylist() if row["wave"] == 1 and row["case_id"] not in enlisted)
        before = opened(folder)
        assert who["notice_id"] in before["records-0001.csv"].decode()
        erase(course, who["case_id"], by=("Stand-in One", "Stand-in Two"), reason="asked to be forgotten", day=date(2026, 2, 1))
        after = opened(folder)
        assert set(before) - set(after) == {"records-0001.csv"}
        assert who["notice_id"] not in after["manifest.csv"].decode()
