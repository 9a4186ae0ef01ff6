"""Liability is an interval cut with the window (safeguard G18), through the whole line: edge birthdays and a deferral that ends."""

from collections import Counter
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from replay.freedonia_line import DECREE, freedonia, the_people

from callup.app.demo import made_up_places, scaled_decree, signed_by_stand_ins
from callup.app.dossier import Dossier, parse_decree
from callup.app.known import jurisdiction
from callup.app.pipeline import run_line
from callup.app.randomness import RehearsalRandomness
from callup.app.report_tables import called_by_group
from callup.app.sealed import read_sealed
from callup.app.synthetic import write_register
from callup.app.voice import Voice
from callup.app.wire import course_of
from callup.law.logic import age_on
from callup.register import rekey

KEY = bytes(range(32))
FIRST, LAST, ENDS = date(2025, 4, 1), date(2025, 7, 15), date(2025, 6, 1)
BORN = {
    "18 the day before the last": date(2007, 7, 14),
    "18 on the last day": date(2007, 7, 15),
    "18 the day after": date(2007, 7, 16),
    "30 the day before the first": date(1995, 3, 31),
    "30 on the first day": date(1995, 4, 1),
    "30 on the second day": date(1995, 4, 2),
    "30 in June": date(1995, 6, 10),
    "health deferral until June": date(2003, 2, 2),
}
SPANS = {
    "18 the day before the last": (date(2025, 7, 14), None),
    "18 on the last day": (date(2025, 7, 15), None),
    "health deferral until June": (ENDS, None),
}
"""Who is liable on a day of the window, and from when or until when inside it. Who turns 30 in 2025 was 27 before 2024 and stays free."""
UPPER = {
    "27 the day before the first": date(1998, 3, 31),
    "27 on the first day": FIRST.replace(year=1998),
    "27 on the second day": date(1998, 4, 2),
}
UPPER |= {"27 in June": date(1998, 6, 10)}


def people(folder):
    """The synthetic register of 300 with a plainly liable man at each edge."""
    write_register("ru", 300, 7, folder / "made.parquet")
    made = pq.read_table(folder / "made.parquet")
    nothing = {name: None for name, column in jurisdiction("ru").law.columns.items() if column.kind == "ground"}
    fit = {"sex": "m", "citizenship": "RU", "unit": "RU-MOW", "is_resident": True, "health_category": "A"}
    plain = made.slice(0, 1).to_pylist()[0] | nothing | fit
    rows = [plain | {"person_id": f"EDGE-{number}", "born_on": born} for number, born in enumerate(BORN.values())]
    rows[-1] |= {"health_category": "G", "health_until": ENDS}
    return pa.concat_tables([made, pa.Table.from_pylist(rows, made.schema)])


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """A call-up in which every rank is called in one wave, entered; and the names of the edges by re-keyed id."""
    folder = tmp_path_factory.mktemp("edge")
    pq.write_table(people(folder), folder / "register.parquet")
    text = scaled_decree("ru", 20_000).replace("waves = 3", "waves = 1")
    text = text.replace("persons_to_enlist = 320", "persons_to_enlist = 40").replace("yield = 0.25", "yield = 0.05")
    text = signed_by_stand_ins(text, RehearsalRandomness(7))
    decree = parse_decree(text, folder / "decree.toml")
    places = made_up_places("ru", 20_000, decree.opens_on, decree.closes_on).encode()
    dossier = Dossier.create(folder / "d", KEY, text, {decree.places_file: places}, jurisdiction("ru").version)
    course = course_of(dossier, Voice(quiet=True), folder / "register.parquet", 7)
    run_line(course, "enter-1")
    ids = rekey(pa.array([f"EDGE-{number}" for number in range(len(BORN))]), course.ring.keys["id"]).to_pylist()
    yield course, dict(zip(ids, BORN, strict=True))
    course.facts.close()
    course.engine.close()


def of_edges(line, table):
    _, edges = line
    return {edges[row["person_id"]]: row for row in table.to_pylist() if row["person_id"] in edges}


def test_the_roll_holds_whoever_is_liable_on_a_day_of_the_window_and_nobody_else(line):
    course, _ = line
    found = of_edges(line, read_sealed(course.table_path("20-findings", "findings.parquet"), KEY).read_all())
    assert {name: row["finding"] for name, row in found.items()} == {name: "LIABLE" if name in SPANS else "NOT_LIABLE" for name in BORN}
    roll = of_edges(line, course.read("30-roll", "roll.parquet"))
    spans = {name: (row["liable_from"], row["liable_until"]) for name, row in roll.items()}
    cut = {
        name: (start if start > FIRST else None, end if end is not None and end <= LAST else None) for name, (start, end) in spans.items()
    }
    assert cut == SPANS


def test_nobody_is_to_appear_on_a_day_on_which_they_are_not_liable(line):
    course, _ = line
    notices = course.read("50-notices", "wave-1", "notices.parquet")
    roll = {row["person_id"]: row for row in course.read("30-roll", "roll.parquet").to_pylist()}
    for row in notices.to_pylist():
        if row["kind"] == "summons":
            assert_inside(roll[row["person_id"]], row["appear_on"])
    mine = of_edges(line, notices)
    assert set(mine) == set(SPANS), "each of them has an act at the rank"
    assert {name: row["appear_on"] for name, row in mine.items() if name.startswith("18")} == {
        "18 the day before the last": date(2025, 7, 14),
        "18 on the last day": date(2025, 7, 15),
    }
    assert mine["health deferral until June"]["appear_on"] >= ENDS


def test_whom_the_tables_by_age_count_under_which_age(line):
    """Whole years reached on the key date, as the law counts them, and not the calendar year less the year of birth."""
    course, _ = line
    roll = course.read("30-roll", "roll.parquet").to_pylist()
    found = called_by_group(course, course.read("50-notices", "wave-1", "notices.parquet")).to_pylist()
    counted = Counter(str(age_on(row["born_on"], course.decree.key_date)) for row in roll)
    assert {row["group"]: row["in_roll"] for row in found if row["by"] == "age"} == counted
    assert counted["17"] == 2, "they turn 18 while the call-up runs"


def assert_inside(who, appear_on):
    assert who["liable_from"] <= appear_on
    assert who["liable_until"] is None or appear_on < who["liable_until"]


def test_whose_obligation_ends_before_an_appearance_is_possible_gets_a_decision_at_the_rank(tmp_path):
    """Freedonia's upper age is 27: liable until the day before the birthday, and never made to appear on it or later."""
    plain = the_people(1)[0] | {"is_resident": True, "health": "fit", "student_until": None, "unit": "FR-E"}
    edges = [plain | {"person_id": f"EDGE-{number}", "born_on": born} for number, born in enumerate(UPPER.values())]
    decree = DECREE.replace("waves = 2", "waves = 1").replace("yield = 0.4", "yield = 0.05")
    with freedonia(tmp_path, people=[*edges, *the_people(200)], decree=decree) as course:
        run_line(course, "enter-1")
        ids = rekey(pa.array([row["person_id"] for row in edges]), course.ring.keys["id"]).to_pylist()
        names = dict(zip(ids, UPPER, strict=True))
        roll = {row["person_id"]: row for row in course.read("30-roll", "roll.parquet").to_pylist()}
        notices = course.read("50-notices", "wave-1", "notices.parquet").to_pylist()
    assert {names[person] for person in roll if person in names} == {"27 on the second day", "27 in June"}
    assert {names[row["person_id"]]: row["kind"] for row in notices if row["person_id"] in names} == {
        "27 on the second day": "decision",
        "27 in June": "summons",
    }
    for row in notices:
        if row["kind"] == "summons":
            assert_inside(roll[row["person_id"]], row["appear_on"])
