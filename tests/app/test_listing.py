"""An order by list (design D19): the law's own order, sealed and committed; who has no place in it waits and is not called."""

import csv
import io
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from callup.app.acts import NO_PLACE, OTHER_PLACE, add_fact, rule_person, waiting_for_ruling
from callup.app.demo import made_up_places, scaled_decree, signed_by_stand_ins
from callup.app.dossier import Dossier, parse_decree
from callup.app.known import jurisdiction
from callup.app.logs import CallUpLogs
from callup.app.pipeline import run_line
from callup.app.randomness import RehearsalRandomness
from callup.app.replay import replay
from callup.app.report_model import report_model
from callup.app.sealed import read_sealed, seal_bytes
from callup.app.stages.listing import read_order, sealed_order_name
from callup.app.synthetic import write_register
from callup.app.voice import Voice
from callup.app.wire import course_of
from callup.terms.errors import BadInput, Tampered

KEY = bytes(range(32))
QUIET = Voice(quiet=True)
VERIFY = Path(__file__).parents[2] / "verifier" / "verify.py"
PERSONS, LEFT_OUT = 300, 7
RULED = {"officials": ("Stand-in One", "Stand-in Two"), "reason": "papers seen"}


def decree_text():
    text = scaled_decree("ru", 20_000).replace('method = "draw"', 'method = "list"\nfile = "order.csv"').replace("waves = 3", "waves = 1")
    text = text.replace("persons_to_enlist = 320", "persons_to_enlist = 5")
    return signed_by_stand_ins(text, RehearsalRandomness(7))


def laid(root, register, rows):
    text = decree_text()
    decree = parse_decree(text, root / "decree.toml")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["unit", "position", "person_id"])
    writer.writerows(rows)
    sealed_order = seal_bytes(out.getvalue().encode(), KEY, decree.order_file.encode())
    places = made_up_places("ru", 100, decree.opens_on, decree.closes_on).encode()
    extra = {decree.places_file: places, sealed_order_name(decree): sealed_order}
    return course_of(Dossier.create(root, KEY, text, extra, jurisdiction("ru").version), QUIET, register, 7)


def closed(course):
    course.facts.close()
    course.engine.close()


def findings_of(course):
    path = course.table_path("20-findings", "findings.parquet")
    return read_sealed(path, KEY).read_all()


def listed(course):
    return set(read_order(course).column("person_id").to_pylist())


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    path = tmp_path_factory.mktemp("list") / "register.parquet"
    write_register("ru", PERSONS, 7, path)
    return path


@pytest.fixture(scope="module")
def rows(register):
    """Every person of the register but each seventh, later register rows first."""
    people = pq.read_table(register, columns=["person_id", "unit"]).filter(pc.field("unit").is_valid()).to_pylist()
    kept = [row for number, row in enumerate(people) if number % LEFT_OUT][::-1]
    return [(row["unit"], number, row["person_id"]) for number, row in enumerate(kept, 1)]


@pytest.fixture(scope="module")
def course(tmp_path_factory, register, rows):
    course = laid(tmp_path_factory.mktemp("dossier") / "spring", register, rows)
    run_line(course)
    yield course
    closed(course)


def test_the_roll_stands_in_the_order_of_the_list_and_holds_nobody_else(course):
    roll = course.read("30-roll", "roll.parquet").to_pylist()
    places = {row["person_id"]: (row["stratum"], row["listed"]) for row in read_order(course).to_pylist()}
    liable = {row["person_id"] for row in findings_of(course).to_pylist() if row["finding"] == "LIABLE"}
    assert {row["person_id"] for row in roll} == liable & set(places)
    assert liable - set(places)
    by_position = sorted(roll, key=lambda row: (row["stratum"], row["position"]))
    assert [row["person_id"] for row in by_position] == sorted((row["person_id"] for row in roll), key=places.__getitem__)


def test_the_liable_without_a_place_are_counted_as_waiting(course):
    found = findings_of(course).to_pylist()
    left_out = [row for row in found if row["finding"] == "LIABLE" and row["person_id"] not in listed(course)]
    assert waiting_for_ruling(course)[NO_PLACE] == len(left_out) > 0
    assert OTHER_PLACE not in waiting_for_ruling(course)


def test_who_is_listed_in_another_unit_than_the_register_names_waits_under_that_name(tmp_path, register, rows):
    moved = [("RU-MOW" if unit != "RU-MOW" else "RU-SPE", 100_000 + place, person) for unit, place, person in rows[:40]]
    course = laid(tmp_path / "d", register, [*moved, *rows[40:]])
    run_line(course, "assess")
    liable = {row["person_id"] for row in findings_of(course).to_pylist() if row["finding"] == "LIABLE"}
    listed_in = {row["person_id"]: row["stratum"] for row in read_order(course).to_pylist()}
    units = {row["person_id"]: row["unit"] for row in findings_of(course).to_pylist()}
    elsewhere = [person for person in liable & set(listed_in) if listed_in[person] != units[person]]
    assert waiting_for_ruling(course)[OTHER_PLACE] == len(elsewhere) > 0
    closed(course)


def test_no_seed_is_cast_and_the_second_program_accepts(course):
    opened = course.dossier.open
    plan = (opened / "40-seed" / "plan.txt").read_text().splitlines()
    assert {"order: list", "beacon: none"} <= set(plan)
    assert not any(line.startswith("secret:") for line in plan)
    assert not (opened / "40-seed" / "seed.txt").exists()
    done = subprocess.run([sys.executable, str(VERIFY), str(opened)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "none, the order is a list" in done.stdout


def test_replay_makes_the_same(course):
    assert replay(course.dossier, QUIET) == []


def test_the_order_lies_sealed(course, rows):
    whole = b"\0".join(path.read_bytes() for path in course.dossier.root.rglob("*") if path.is_file())
    assert not [person for _, _, person in rows if person.encode() in whole]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda rows: [*rows, (*rows[0][:2], "another")], "order-row"),
        (lambda rows: [("RU-MOW", "first", rows[0][2]), *rows[1:]], "order-row"),
        (lambda rows: [*rows, ("RU-MOW", 99_999, rows[0][2])], "order-person-twice"),
    ],
    ids=["a place twice", "no number", "a person twice"],
)
def test_a_list_that_cannot_be_followed_is_refused(tmp_path, register, rows, change, code):
    course = laid(tmp_path / "d", register, change(rows))
    with pytest.raises(BadInput, match=code):
        read_order(course)
    closed(course)


def test_a_ruling_never_binds_whom_the_law_lets_go(tmp_path, register, rows):
    """Safeguard G8: a ruling decides what the law leaves open, and nothing that the law has answered."""
    course = laid(tmp_path / "d", register, rows)
    words = RULED | {"day": course.decree.key_date}
    with pytest.raises(BadInput, match="nothing-assessed"):
        rule_person(course, "00", "liable", **words)
    run_line(course, "assess")
    found = findings_of(course).to_pylist()
    for finding in sorted({row["finding"] for row in found} - {"UNDETERMINED"}):
        person = next(row["person_id"] for row in found if row["finding"] == finding and row["person_id"] in listed(course))
        with pytest.raises(BadInput, match="ruling-against-the-law"):
            rule_person(course, person, "liable", **words)
    with pytest.raises(BadInput, match="nobody-of-that-id"):
        rule_person(course, "00", "liable", **words)
    let_go = next(row["person_id"] for row in found if row["finding"] == "LIABLE" and row["person_id"] in listed(course))
    assert rule_person(course, let_go, "not-liable", **words) == 1
    run_line(course, "freeze")
    assert let_go not in course.read("30-roll", "roll.parquet").column("person_id").to_pylist()
    closed(course)


def without_birthdays(register, path):
    """The register with the birth dates of forty people in its middle unknown: the oldest are in the reserve, whatever their age."""
    table = pq.read_table(register)
    known = table.column("born_on").to_pylist()
    born = [*known[:130], *[None] * 40, *known[170:]]
    pq.write_table(table.set_column(table.column_names.index("born_on"), "born_on", pa.array(born, pa.date32())), path)
    return path


def test_a_ruling_gives_whoever_is_not_in_the_order_a_place_at_the_end_of_their_unit(tmp_path, register, rows):
    """Nobody leaves the list of those who wait for a ruling and is then in no roll; rulings stand in their order."""
    course = laid(tmp_path / "d", without_birthdays(register, tmp_path / "some.parquet"), rows[::2])
    run_line(course, "assess")
    outside = [row for row in findings_of(course).to_pylist() if row["unit"] and row["person_id"] not in listed(course)]
    undetermined = next(row for row in outside if row["finding"] == "UNDETERMINED")
    places = Counter(row["unit"] for row in outside if row["finding"] == "LIABLE")
    held = {row["unit"] for row in findings_of(course).to_pylist() if row["finding"] == "LIABLE" and row["person_id"] in listed(course)}
    unit = next(unit for unit, count in places.items() if count > 1 and unit in held)
    last, first = [row for row in outside if row["finding"] == "LIABLE" and row["unit"] == unit][:2]
    waited = sum(waiting_for_ruling(course).values())
    for row in (undetermined, first, last):
        assert rule_person(course, row["person_id"], "liable", **RULED, day=course.decree.key_date) == 1
    assert sum(waiting_for_ruling(course).values()) == waited - 3
    run_line(course, "freeze")
    roll = sorted(course.read("30-roll", "roll.parquet").to_pylist(), key=lambda row: (row["stratum"], row["position"]))
    of_unit = {unit: [row["person_id"] for row in roll if row["stratum"] == unit] for unit in (undetermined["unit"], first["unit"])}
    assert of_unit[undetermined["unit"]][-1] == undetermined["person_id"]
    assert of_unit[first["unit"]][-2:] == [first["person_id"], last["person_id"]]
    assert len(of_unit[first["unit"]]) > 2
    assert replay(course.dossier, QUIET) == []
    closed(course)


def test_whoever_was_ruled_liable_and_would_not_stand_in_the_roll_stops_the_freeze(tmp_path, register, rows):
    """A ruling that came past callup rule, against an exemption."""
    course = laid(tmp_path / "d", register, rows)
    run_line(course, "assess")
    person = next(row["person_id"] for row in findings_of(course).to_pylist() if row["finding"] == "NOT_LIABLE")
    fields = {"case_id": "0" * 24, "ground": person, "outcome": "liable", "reason": "x", "second": "B", "evidence": "0" * 64}
    add_fact(course.facts, "ruled", "official: A", (course.decree.key_date,) * 2, fields)
    with pytest.raises(Tampered, match="ruled-person-lost"):
        run_line(course, "freeze")
    assert not course.dossier.finished("freeze")
    closed(course)


def test_whoever_is_in_the_order_and_not_in_the_register_is_named_by_row(tmp_path, register, rows):
    course = laid(tmp_path / "d", register, [*rows[:3], ("RU-MOW", 90_001, "nobody"), *rows[3:], ("RU-MOW", 90_002, "nobody either")])
    with pytest.raises(BadInput, match="order-persons-unknown") as refused:
        run_line(course, "freeze")
    assert refused.value.params == {"file": "order.csv", "persons": 2, "rows": f"4, {len(rows) + 2}"}
    closed(course)


def test_the_report_counts_the_liable_without_a_place_and_the_listed_who_are_not_liable(course):
    """Liable = roll + no place, so that nobody is missing without a word."""
    found = findings_of(course).to_pylist()
    without = sum(row["finding"] == "LIABLE" and row["person_id"] not in listed(course) for row in found)
    free = sum(row["finding"] == "NOT_LIABLE" and row["person_id"] in listed(course) for row in found)
    counted = {row["reason"]: row["persons"] for row in report_model(course, CallUpLogs(course)).listing.to_pylist()}
    assert counted == {"no place in the order": without, "in the list but not liable": free}
    assert without + course.read("30-roll", "roll.parquet").num_rows == sum(row["finding"] == "LIABLE" for row in found)
    assert (course.dossier.open / "90-report" / "listing.csv").read_text() == (
        f"reason,persons\nin the list but not liable,{free}\nno place in the order,{without}\n"
    )
    assert "нет места в очереди" in (course.dossier.open / "90-report" / "index.ru.html").read_text(encoding="utf-8")


def test_every_page_says_that_it_is_a_rehearsal(course):
    """Safeguard G7: the law's page and the report alike, in each of its languages."""
    pages = {page.name: page.read_text(encoding="utf-8") for page in course.dossier.open.rglob("*.html")}
    assert set(pages) == {"law.html", "index.html", "index.ru.html"}
    assert not [name for name, text in pages.items() if ("РЕПЕТИЦИЯ" if ".ru." in name else "REHEARSAL") not in text]
