"""A supplementary line enters by its ticket: nobody else moves, places are uniform, a passed place is called next."""

from collections import Counter
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callup.draw import ranks, tickets
from callup.draw.supplements import places, reached, supplement_id, supplement_stratum, void_document
from callup.terms.errors import BadInput

SEED, OTHER = sha256(b"main").hexdigest(), sha256(b"supplement").hexdigest()
drawn = st.lists(st.binary(min_size=32, max_size=32), max_size=40)


def array(rows):
    return np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(len(rows), 32)


@settings(max_examples=200)
@given(drawn, drawn)
def test_a_place_counts_the_main_tickets_that_are_not_greater(main, own):
    assert places(array(own), array(main)).tolist() == [sum(one <= mine for one in main) for mine in own]


@settings(max_examples=200)
@given(drawn, drawn, st.lists(drawn, max_size=2))
def test_nobody_else_moves(main, own, more):
    """Main ranks keep their order and their numbers, whoever enters, in however many supplementary rolls."""
    order = sorted(range(len(main)), key=lambda position: (main[position], position))
    entered = [(place, 1, number) for rows in (own, *more) for number, place in enumerate(places(array(rows), array(main)).tolist())]
    merged = sorted([(rank, 0, position) for rank, position in enumerate(order, 1)] + entered)
    assert [position for _, kind, position in merged if kind == 0] == order
    assert [rank for rank, kind, _ in merged if kind == 0] == list(range(1, len(main) + 1))


@settings(max_examples=200)
@given(drawn, drawn, st.data())
def test_called_lines_are_a_beginning_and_are_those_the_whole_roll_would_have_called(main, own, data):
    """Against the plain reading: one roll with all of them, called in order of tickets until main rank b has been called."""
    last = data.draw(st.integers(0, len(main)))
    by_rank = np.sort(places(array(own), array(main)))
    whole = sorted([(ticket, 0) for ticket in main] + [(ticket, 1) for ticket in own])
    plain, main_called = 0, 0
    for _, kind in whole:
        if main_called == last:
            break
        main_called += kind == 0
        plain += kind == 1
    assert reached(by_rank, last) == plain


def test_own_ranks_follow_the_places():
    main, own = tickets(SEED, "kaunas", 500), tickets(OTHER, "kaunas+s1", 60)
    by_rank = places(own, main)[np.argsort(ranks(own))]
    assert np.all(np.diff(by_rank) >= 0)


def test_a_place_is_uniform():
    """1,000 draws of one line among 9: each of the ten places about as often (chi-square with 9 degrees below its 0.1 % point)."""
    found = Counter()
    for number in range(1000):
        seeds = [sha256(f"{name} {number}".encode()).hexdigest() for name in ("main", "own")]
        found[int(places(tickets(seeds[1], "u+s1", 1), tickets(seeds[0], "u", 9))[0])] += 1
    assert set(found) == set(range(10))
    assert sum((count - 100) ** 2 / 100 for count in found.values()) < 27.88


def test_names():
    assert supplement_id("LT-2027-1", 1) == "LT-2027-1s1"
    assert supplement_stratum("kaunas", 2) == "kaunas+s2"


def test_void():
    text = void_document("x", "a plan\n", "the beacon stopped", ("Two", "One"))
    assert text.splitlines()[2] == f"plan: {sha256(b'a plan' + bytes([10])).hexdigest()}"
    assert text.endswith("reason: the beacon stopped\nby: One\nby: Two\n")


@pytest.mark.parametrize("reason", ["", " lead", "two\nlines", "end "])
def test_a_void_says_why_in_one_line(reason):
    with pytest.raises(BadInput):
        void_document("x", "a plan\n", reason, ("One", "Two"))
