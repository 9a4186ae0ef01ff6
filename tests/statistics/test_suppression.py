"""Small counts are merged, partitions keep their sums, and no class of a unit is opened."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callup.statistics import merge_nested, merge_units, steps


def plain(cells, below=10):
    return [(line.labels, line.count) for line in merge_nested([("", label, count) for label, count in cells], below)]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([("a", 10), ("b", 0)], [(("a",), 10), (("b",), 0)]),
        ([("a", 50), ("b", 3)], [(("a", "b"), 53)]),
        ([("a", 50), ("b", 4), ("c", 7)], [(("a",), 50), (("b", "c"), 11)]),
        ([("a", 50), ("b", 9), ("c", 9)], [(("a", "b", "c"), 68)]),  # two below ten that sum to 18 would both be nine
        ([("a", 4), ("b", 3)], [(("a", "b"), None)]),
        ([("a", 4)], [(("a",), None)]),
        ([("a", 4), ("b", 0)], [(("a", "b"), None)]),
        ([], []),
    ],
)
def test_lists(cells, expected):
    assert plain(cells) == expected


def test_classes_are_merged_inside_themselves():
    lines = merge_nested([("served", "mail", 30), ("served", "desk", 2), ("not", "mail", 8), ("not", "portal", 40)], 10)
    assert [(line.labels, line.count) for line in lines] == [(("mail", "desk"), 32), (("mail", "portal"), 48)]


def test_a_class_that_is_small_joins_another():
    lines = merge_nested([("a", "x", 30), ("a", "y", 20), ("b", "z", 2)], 10)
    assert [(line.labels, line.count) for line in lines] == [(("x", "y", "z"), 52)]


def test_units_merge_in_their_district_first():
    lines = merge_units({"A": (30, 2), "B": (40, 20), "C": (20, 15)}, {"A": "north", "B": "south", "C": "south"}, 10)
    assert [(line.units, line.counts) for line in lines] == [(("A", "C"), (50, 17)), (("B",), (40, 20))]
    lines = merge_units({"A": (30, 2), "B": (40, 20), "C": (20, 15)}, {"A": "north", "B": "north", "C": "south"}, 10)
    assert [(line.units, line.counts) for line in lines] == [(("A", "B"), (70, 22)), (("C",), (20, 15))]


def test_a_line_of_units_that_would_say_all_of_each_is_merged_on():
    lines = merge_units({"A": (4, 0), "B": (8, 0), "C": (20, 15)}, {}, 10)
    assert [(line.units, line.counts) for line in lines] == [(("A", "B", "C"), (32, 15))]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([100, 95, 88, 3, 0], [100, None, 88, None, 0]),
        ([100, 80, 75], [100, None, 75]),
        ([100, 80, 60, 60], [100, 80, 60, 60]),
        ([100, 4], [100, None]),
        ([100, 95], [100, None]),
        ([], []),
    ],
)
def test_steps_keep_what_was_lost_between_them_large(counts, expected):
    assert [line.count for line in steps([(str(place), count) for place, count in enumerate(counts)], 10)] == expected


counts = st.lists(st.integers(0, 30), max_size=9)


@given(counts)
def test_a_list_is_a_partition_without_small_counts(numbers):
    cells = [(f"c{place}", number) for place, number in enumerate(numbers)]
    found = plain(cells)
    assert sorted(label for labels, _ in found for label in labels) == sorted(label for label, _ in cells)
    assert all(count is None or count == 0 or count >= 10 for _, count in found)
    for labels, count in found:
        assert count in (None, sum(number for label, number in cells if label in labels))
        assert count is not None or len(labels) == len(numbers), "only a whole that is small is left empty"


@given(counts)
def test_whoever_knows_the_rule_cannot_read_a_small_cell_from_a_merged_line(numbers):
    cells = [(f"c{place}", number) for place, number in enumerate(numbers)]
    for labels, count in plain(cells):
        if count and len(labels) > 1:
            hidden = [number for label, number in cells if label in labels]
            small = sum(1 for number in hidden if number < 10)
            large = len(hidden) - small
            assert count > small + 10 * large
            assert large or count < 9 * small


@given(st.dictionaries(st.sampled_from("ABCDEFGH"), st.tuples(*[st.integers(0, 25)] * 3), min_size=1))
def test_lines_of_units_are_a_partition_and_open_no_class(units):
    lines = merge_units(units, {unit: "east" if unit < "D" else "west" for unit in units}, 10)
    assert sorted(unit for line in lines for unit in line.units) == sorted(units)
    for line in lines:
        total = tuple(sum(units[unit][place] for unit in line.units) for place in range(3))
        assert line.counts in (None, total)
        assert line.counts is None or all(count == 0 or count >= 10 for count in line.counts)
        if line.counts and len(line.units) > 1 and any(line.counts):
            assert sum(1 for count in line.counts if count) >= 2
