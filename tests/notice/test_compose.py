"""Appointments in rank order, inside the interval of liability, or the whole wave refused."""

import time
from collections import Counter
from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callup.notice import Imprint, Wave, compose
from callup.terms.errors import BadInput
from callup.terms.tables import NOTICES

FIRST = date(2025, 4, 14)
IMPRINT = Imprint("ru-2025-spring", "ru", "ab" * 32, "cd" * 32, 30)


def called(rows):
    """Rows of (stratum, rank, liable_from, liable_until)."""
    n = len(rows)
    return pa.table(
        {
            "stratum": pa.array([row[0] for row in rows], pa.string()),
            "rank": pa.array([row[1] for row in rows], pa.int64()),
            "position": pa.array(range(n), pa.int64()),
            "person_id": pa.array([f"{i:032x}" for i in range(n)], pa.string()),
            "born_on": pa.array([None if i == 1 else date(2004, 5, 6) for i in range(n)], pa.date32()),
            "salt": pa.array(["5a" * 16] * n, pa.string()),
            "liable_from": pa.array([row[2] for row in rows], pa.date32()),
            "liable_until": pa.array([row[3] for row in rows], pa.date32()),
            "notice_id": pa.array([f"{i:032x}" for i in range(n)], pa.string()),
            "case_id": pa.array([f"{i:024x}" for i in range(n)], pa.string()),
            "language": pa.array(["ru"] * n, pa.string()),
            "channels": pa.array(["mail"] * n, pa.string()),
            "open_salt": pa.array(["0f" * 16] * n, pa.string()),
        }
    )


def places(rows):
    """Rows of (place_id, unit, day, capacity)."""
    return pa.table(
        {
            "place_id": [row[0] for row in rows],
            "unit": [row[1] for row in rows],
            "address": ["1 Example Street"] * len(rows),
            "opens": ["09:00"] * len(rows),
            "closes": ["17:00"] * len(rows),
            "day": pa.array([row[2] for row in rows], pa.date32()),
            "capacity": pa.array([row[3] for row in rows], pa.int64()),
        }
    )


def appointments(table):
    return list(zip(*(table.column(name).to_pylist() for name in ("rank", "place_id", "appear_on", "appear_at")), strict=True))


def test_ranks_fill_the_earliest_slots_in_order():
    people = [("north", rank, date(2025, 4, 1), None) for rank in range(1, 5)]
    got = compose(
        called(people),
        places([("n-1", "north", FIRST, 2), ("n-2", "north", FIRST, 1), ("n-1", "north", FIRST + timedelta(1), 1)]),
        Wave(1, FIRST, IMPRINT),
    )
    assert got.column_names == list(NOTICES.names)
    assert appointments(got) == [
        (1, "n-1", FIRST, "09:00"),
        (2, "n-2", FIRST, "09:00"),
        (3, "n-1", FIRST, "13:00"),
        (4, "n-1", FIRST + timedelta(1), "09:00"),
    ]


def test_nobody_is_asked_for_a_day_later_than_the_law_allows():
    people, offered = [("north", rank, date(2025, 4, 1), None) for rank in (1, 2)], [("n-1", "north", FIRST, 1)]
    late = places([*offered, ("n-1", "north", FIRST + timedelta(days=1), 1)])
    assert len(appointments(compose(called(people), late, Wave(1, FIRST, IMPRINT, latest=FIRST + timedelta(days=1))))) == 2
    with pytest.raises(BadInput, match="no-free-slot"):
        compose(called(people), late, Wave(1, FIRST, IMPRINT, latest=FIRST))


def test_earlier_waves_keep_their_appointments():
    people = [("north", 1, date(2025, 4, 1), None)]
    offered = places([("n-1", "north", FIRST, 2)])
    first = compose(called(people), offered, Wave(1, FIRST, IMPRINT))
    second = compose(called([("north", 2, date(2025, 4, 1), None)]), offered, Wave(2, FIRST, IMPRINT, (first,)))
    assert appointments(second) == [(2, "n-1", FIRST, "13:00")]
    with pytest.raises(BadInput) as refused:
        compose(called([("north", 3, date(2025, 4, 1), None)]), offered, Wave(3, FIRST, IMPRINT, (first, second)))
    assert refused.value.code == "no-free-slot"


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        ([("n-1", "north", FIRST, 1)], {"unit": "north", "rank": 2, "place": "n-1", "day": FIRST.isoformat()}),
        ([("s-1", "south", FIRST, 9)], {"unit": "north", "rank": 1, "place": "none", "day": FIRST.isoformat()}),
        ([("n-1", "north", FIRST - timedelta(1), 9)], {"unit": "north", "rank": 1, "place": "none", "day": FIRST.isoformat()}),
    ],
)
def test_a_wave_with_a_rank_without_slot_is_refused_naming_unit_place_and_day(rows, where):
    people = [("north", rank, date(2025, 4, 1), None) for rank in (1, 2)]
    with pytest.raises(BadInput) as refused:
        compose(called(people), places(rows), Wave(1, FIRST, IMPRINT))
    assert (refused.value.code, refused.value.params) == ("no-free-slot", where)


@pytest.mark.parametrize(
    ("first", "until", "expected"),
    [
        (date(2025, 7, 14), None, ("n-1", date(2025, 7, 14))),  # 18th birthday on 14 July
        (date(2025, 7, 15), None, ("n-1", date(2025, 7, 15))),
        (date(2025, 4, 1), date(2025, 4, 15), ("n-1", FIRST)),  # 30th birthday on the day after
        (date(2025, 4, 1), FIRST, ("", FIRST)),  # 30th birthday on the day of appearance: no longer liable
        (date(2025, 4, 1), date(2025, 4, 1), ("", date(2025, 4, 1))),
    ],
)
def test_nobody_is_asked_to_appear_outside_the_interval_of_liability(first, until, expected):
    offered = places([("n-1", "north", day, 5) for day in (FIRST, date(2025, 7, 14), date(2025, 7, 15))])
    got = compose(called([("north", 1, first, until)]), offered, Wave(1, FIRST, IMPRINT)).to_pylist()[0]
    assert (got["place_id"], got["appear_on"]) == expected
    assert got["kind"] == ("summons" if expected[0] else "decision")
    assert bool(got["channels"]) == bool(expected[0])


def test_the_document_is_exactly_these_lines():
    people = [("RU-MOW+volunteers", 7, date(2025, 4, 1), None), ("RU-MOW", 8, date(2025, 4, 1), date(2025, 4, 2))]
    got = compose(called(people), places([("RU-MOW-1", "RU-MOW", FIRST, 8)]), Wave(1, FIRST, IMPRINT))
    shared = "\nlaw: ru " + "ab" * 16 + "\nobject-by: 30 days from service\npromises: " + "cd" * 16 + "\n"
    head = "callup/notice/1\ncall-up: ru-2025-spring\nroll: "
    assert got.column("document").to_pylist() == [
        f"{head}RU-MOW+volunteers 0 {'5a' * 16}\nrank: 7\nperson: {'0' * 32}\nborn: 2004-05-06\nreport: 2025-04-14 09:00 RU-MOW-1{shared}",
        f"{head}RU-MOW 1 {'5a' * 16}\nrank: 8\nperson: {'0' * 31}1\nborn: \nreport: none 2025-04-02{shared}",
    ]


@pytest.mark.parametrize(("opens", "closes"), [("9:00", "17:00"), ("17:00", "09:00"), ("25:00", "26:00")])
def test_opening_hours_that_make_no_sense_are_refused(opens, closes):
    offered = places([("n-1", "north", FIRST, 2)])
    offered = offered.set_column(3, "opens", pa.array([opens])).set_column(4, "closes", pa.array([closes]))
    with pytest.raises(BadInput, match="place-hours"):
        compose(called([("north", 1, date(2025, 4, 1), None)]), offered, Wave(1, FIRST, IMPRINT))


@settings(max_examples=60)
@given(
    people=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=30),
    capacities=st.lists(st.integers(0, 4), min_size=10, max_size=10),
)
def test_no_place_is_overbooked_and_no_interval_is_left(people, capacities):
    offered = places([(f"n-{n % 2}", "north", FIRST + timedelta(n // 2), room) for n, room in enumerate(capacities)])
    rows = [("north", rank, FIRST + timedelta(a), FIRST + timedelta(a + b)) for rank, (a, b) in enumerate(people, 1)]
    try:
        got = compose(called(rows), offered, Wave(1, FIRST, IMPRINT))
    except BadInput:
        return
    used = Counter((row["place_id"], row["appear_on"]) for row in got.to_pylist() if row["kind"] == "summons")
    room = {(row["place_id"], row["day"]): row["capacity"] for row in offered.to_pylist()}
    assert all(count <= room[key] for key, count in used.items())
    for (_, _, first, until), row in zip(rows, got.to_pylist(), strict=True):
        assert row["kind"] == "decision" or first <= row["appear_on"] < until
    slots = [(row["place_id"], row["appear_on"], row["appear_at"]) for row in got.to_pylist() if row["place_id"]]
    assert len(set(slots)) == len(slots)


def test_a_hundred_thousand_notices_are_composed_in_seconds():
    people = [("north", rank, date(2025, 4, 1), None) for rank in range(1, 100_001)]
    offered = places([(f"n-{board}", "north", FIRST + timedelta(day), 60) for board in range(30) for day in range(60)])
    table = called(people)
    start = time.process_time()
    assert compose(table, offered, Wave(1, FIRST, IMPRINT)).num_rows == 100_000
    assert time.process_time() - start < 5
