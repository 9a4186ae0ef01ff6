"""The roll, the plan, the seed and the order, in exact bytes."""

import json
from datetime import date
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callup.draw import (
    call_document,
    commitment,
    entry,
    plan_text,
    ranks,
    read_plan,
    rehearsal_beacon,
    seal_roll,
    seed_document,
    seed_of,
    tickets,
)
from callup.terms.errors import BadInput, Tampered
from callup.terms.tables import ROLL

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "draw.json").read_text(encoding="utf-8"))
SEED = VECTORS["tickets"]["seed"]
SECRETS = {"ombudsman": "0" * 63 + "1", "authority": "f" * 64}


def fields(**changed):
    committed = {holder: commitment("secret", "", secret) for holder, secret in SECRETS.items()}
    whole = {
        "call_up": "LT-2027-1", "law": "a" * 64, "promises": "b" * 64, "merge": "below 10; unit, country", "lead_hours": 24,
        "order": "draw", "quotas": {"vilnius": 30, "kaunas": 20}, "rolls": {"vilnius": (9, "c" * 64), "kaunas": (48213, "d" * 64)},
        "secrets": committed, "beacon": "rehearsal LT-2027-1 7",
    }  # fmt: skip
    return whole | changed


def persons(rows, **more):
    born = [row[1] for row in rows]
    count = len(rows)
    table = {
        "person_id": [row[0] for row in rows],
        "born_on": pa.array(born, pa.date32()),
        "stratum": [row[2] for row in rows],
        "liable_from": pa.array([date(2027, 4, 1)] * count, pa.date32()),
        "liable_until": pa.array([None] * count, pa.date32()),
        "salt": [sha256(row[0].encode()).hexdigest()[:32] for row in rows],
    }
    return pa.table(table | more)


PEOPLE = [(f"p{number}", date(2005, 1 + number % 12, 9) if number % 5 else None, f"u{number % 3}") for number in range(40)]


def test_the_printed_ticket():
    for stratum, position, ticket in VECTORS["tickets"]["cases"]:
        assert tickets(SEED, stratum, position + 1)[position].tobytes().hex() == ticket


def test_the_plan_in_exact_bytes():
    assert plan_text(**fields()) == VECTORS["plan"]
    assert read_plan(VECTORS["plan"]).rolls == {"kaunas": (48213, "d" * 64), "vilnius": (9, "c" * 64)}
    assert sha256(VECTORS["plan"].encode()).hexdigest() == VECTORS["plan_hash"]


def test_the_seed_document_in_exact_bytes():
    document = seed_document(VECTORS["plan"], SECRETS, rehearsal_beacon("LT-2027-1", 7))
    assert document == VECTORS["seed_document"]
    assert seed_of(document) == VECTORS["seed"] == sha256(document.encode()).hexdigest()


def test_every_flipped_byte_of_a_plan_gives_another_plan_or_none():
    raw = VECTORS["plan"].encode()
    for at in range(len(raw)):
        for bit in (1, 32):
            changed = (raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :]).decode("latin-1")
            assert text_of(changed) in (changed, "refused")


def text_of(plan):
    try:
        return read_plan(plan).text()
    except Tampered as refusal:
        return "refused" if refusal.code == "plan-malformed" else refusal.code


@pytest.mark.parametrize("bad", VECTORS["bad_plans"])
def test_what_is_no_plan(bad):
    changed = VECTORS["plan"].replace(bad["old"], bad["new"])
    assert changed != VECTORS["plan"]
    with pytest.raises(Tampered, match="plan-malformed"):
        read_plan(changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"call_up": "two words"},
        {"law": "A" * 64},
        {"beacon": "dice"},
        {"merge": "a\nb"},
        {"order": "list"},
        {"lead_hours": -1},
        {"rolls": {"x": (1, "")}},
    ],
)
def test_what_cannot_stand_in_a_plan(changed):
    with pytest.raises(BadInput, match="plan-field-malformed"):
        plan_text(**fields(**changed))


def test_secrets_are_all_opened_and_right():
    beacon = rehearsal_beacon("LT-2027-1", 7)
    for wrong in ({}, {"authority": SECRETS["authority"]}, SECRETS | {"more": "0" * 64}, SECRETS | {"authority": "0" * 64}):
        with pytest.raises(Tampered, match="secret"):
            seed_document(VECTORS["plan"], wrong, beacon)
    with pytest.raises(BadInput):
        seed_document(VECTORS["plan"], SECRETS, beacon.upper())


def test_commitments_and_entries():
    assert commitment("open", "ab" * 16, "text\n") == sha256(b"callup/open/1\n" + b"ab" * 16 + b"\ntext\n").hexdigest()
    assert commitment("roll", "ab" * 16, b"text\n") != commitment("open", "ab" * 16, "text\n")
    assert entry("call", "a" * 64) == b"callup/1 call " + b"a" * 64 + b"\n"
    assert call_document(SEED, [("kaunas", 1, 9, 3)]) == f"callup/call/1\nseed: {SEED}\ncalls: kaunas 1 9 acts 3\n"
    for tag, salt, document in (("open", "AB" * 16, ""), ("other", "ab" * 16, ""), ("secret", "ab", "0" * 64), ("secret", "", "short")):
        with pytest.raises(BadInput):
            commitment(tag, salt, document)
    for kind, hash_ in (("Call", "a" * 64), ("call", "a" * 63), ("call", "A" * 64)):
        with pytest.raises(BadInput):
            entry(kind, hash_)


def test_the_roll_is_sealed_and_sorted():
    roll = seal_roll(persons(PEOPLE))
    rows = roll.to_pylist()
    assert roll.column_names == list(ROLL.names)
    for row in rows:
        born = row["born_on"].isoformat() if row["born_on"] else ""
        record = f"{row['person_id']}\n{born}\n{row['stratum']}\n"
        assert row["commitment"] == sha256(f"callup/roll/1\n{row['salt']}\n{record}".encode()).hexdigest()
    for stratum in ("u0", "u1", "u2"):
        mine = [row for row in rows if row["stratum"] == stratum]
        assert [row["position"] for row in mine] == list(range(len(mine)))
        assert [row["commitment"] for row in mine] == sorted(row["commitment"] for row in mine)
    assert [row["stratum"] for row in rows] == sorted(row["stratum"] for row in rows)


@settings(max_examples=30)
@given(st.permutations(PEOPLE))
def test_the_roll_does_not_depend_on_the_order_of_rows(shuffled):
    assert seal_roll(persons(shuffled)).equals(seal_roll(persons(PEOPLE)))


def test_a_list_keeps_the_law_s_order():
    places = pa.array([100 - number for number in range(len(PEOPLE))], pa.int64())
    rows = seal_roll(persons(PEOPLE, position=places)).to_pylist()
    mine = [row["person_id"] for row in rows if row["stratum"] == "u0"]
    assert mine == [f"p{number}" for number in range(39, -1, -1) if number % 3 == 0]
    with pytest.raises(BadInput, match="roll-line-doubled"):
        seal_roll(persons(PEOPLE, position=pa.array([1] * len(PEOPLE), pa.int64())))


@pytest.mark.parametrize(
    ("rows", "more", "code"),
    [
        ([("p1", None, "u"), ("p1", None, "u")], {}, "roll-line-doubled"),
        ([("p\n1", None, "u")], {}, "roll-field-malformed"),
        ([("p1", None, None)], {}, "roll-field-malformed"),
        ([("p1", None, "u")], {"salt": ["AB" * 16]}, "roll-salt-malformed"),
    ],
)
def test_a_roll_that_is_refused(rows, more, code):
    with pytest.raises(BadInput, match=code):
        seal_roll(persons(rows, **more))


def test_an_empty_roll_is_a_roll():
    assert seal_roll(persons(PEOPLE).slice(0, 0)).num_rows == 0


@settings(max_examples=60)
@given(st.lists(st.integers(0, 3), min_size=0, max_size=60))
def test_ranks_count_smaller_tickets_and_ties_go_by_position(firsts):
    drawn = np.zeros((len(firsts), 32), dtype=np.uint8)
    drawn[:, 31] = firsts
    expected = [1 + sum((other, at) < (mine, here) for at, other in enumerate(firsts)) for here, mine in enumerate(firsts)]
    assert ranks(drawn).tolist() == expected


@settings(max_examples=20)
@given(st.integers(1, 400), st.text("abc+", min_size=1, max_size=6))
def test_a_longer_roll_moves_no_ticket(count, stratum):
    some, more = tickets(SEED, stratum, count), tickets(SEED, stratum, count + 50)
    assert (more[:count] == some).all()
    plain = sorted(range(count), key=lambda at: sha256(f"{SEED} {stratum} {at}".encode()).digest())
    assert np.argsort(ranks(some)).tolist() == plain


def test_a_seed_has_one_length():
    with pytest.raises(BadInput):
        tickets("short", "u", 1)
