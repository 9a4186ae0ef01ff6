"""What is told of a running call-up each week opens no small number, not even to somebody who kept every week's release."""

from datetime import date, timedelta
from itertools import combinations, pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callup.app.report.clocks import equality_on
from callup.app.web.public.weekly import clocks_on, doors_on, funnel_on, released, undertakings_on
from callup.app.web.words import languages, words_of
from callup.cases.undertakings import VERDICTS
from callup.statistics.equality import steady

BELOW = 10
STEPS = ("called", "served", "answered", "appeared", "fit", "enlisted")


def small(number):
    return 0 < abs(number) < BELOW


weeks = st.lists(st.lists(st.integers(0, 40), min_size=6, max_size=6), min_size=1, max_size=9)


@given(weeks)
def test_no_two_releases_of_the_funnel_differ_by_a_small_number(grown):
    counts, now = {}, [0] * 6
    for week, more in enumerate(grown):
        now = [have + one * (one > 5) for have, one in zip(now, more, strict=True)]
        counts[date(2025, 4, 6) + timedelta(weeks=week)] = dict(zip(STEPS, now, strict=True))
    shown = [funnel_on(dict(list(counts.items())[: week + 1]), BELOW) for week in range(len(counts))]
    for table in shown:
        told = [cell for cell in table.column("persons") if cell is not None]
        assert not any(small(cell) for cell in told)
        assert not any(small(first - second) for first, second in pairwise(told))
    for before, now in combinations(shown, 2):
        for first, second in zip(before.column("persons"), now.column("persons"), strict=True):
            assert first is None or second is None or not small(second - first)
    assert list(released(counts, BELOW)) == sorted({date.fromisoformat(one.rows[0][2]) for one in shown})


def test_a_week_in_which_few_moved_is_told_with_a_later_one():
    first = dict(zip(STEPS, (100, 80, 60, 40, 30, 20), strict=True))
    told = {date(2025, 4, 6): first, date(2025, 4, 13): first | {"enlisted": 23}, date(2025, 4, 20): first | {"enlisted": 30}}
    assert funnel_on(dict(list(told.items())[:2]), BELOW).rows[-1] == ("enlisted", 20, "2025-04-06")
    assert funnel_on(told, BELOW).rows[-1] == ("enlisted", 30, "2025-04-20")
    assert funnel_on({}, BELOW).rows == ()


groups = st.lists(st.tuples(st.integers(0, 60), st.lists(st.integers(0, 30), min_size=3, max_size=3)), min_size=1, max_size=7)


@given(groups)
def test_groups_of_three_releases_open_none_of_their_members_to_each_other(drawn):
    """Every sum and difference that the groups of all releases give: a smaller part of a group is never left over alone."""
    rows = []
    for number, (spared, called) in enumerate(drawn):
        running = tuple(sum(called[: wave + 1]) for wave in range(3))
        rows.append((str(number), running[-1] + spared, running))
    shown = [{one.group: one.count for one in steady([(n, b, c[:wave]) for n, b, c in rows], BELOW).shares} for wave in (1, 2, 3)]
    for first, second in combinations([one for one in shown if one], 2):
        for group in second:
            inside = set(group.split("; "))
            parts = [one for one in first if set(one.split("; ")) & inside]
            assert all(set(one.split("; ")) <= inside for one in parts), "a later release only merges further"
            assert not small(second[group] - sum(first[one] for one in parts))
    assert not any(small(count) for one in shown for count in one.values())


def test_few_are_merged_with_a_neighbour_and_stay_so():
    waves = [
        pa.Table.from_pylist(
            [{"by": "age", "group": name, "in_roll": 1000, "called": called} for name, called in zip("abc", row, strict=True)]
        )
        for row in ((40, 3, 50), (80, 43, 90))
    ]
    assert equality_on(waves[:1], BELOW).column("group") == ["a; b", "c"]
    assert equality_on(waves, BELOW).column("called") == [123, 90], "b alone would say that it was 3 before"


def test_days_of_few_are_not_told_and_reports_are_rounded_down():
    decided = [{"what": "claims", "decided": 9, "median_days": 4, "nine_in_ten_days": 9, "law_days": 30}]
    waiting = [{"what": name, "waiting": n, "median_age": 11, "nine_in_ten_age": 40} for name, n in (("claims", 10), ("other", 9))]
    assert clocks_on(decided, waiting, BELOW).rows == (("claims", None, None, 30, 11, 40), ("other", None, None, None, None, None))
    sheet = [{"id": "u1", "text": "t", "verdict": "reported broken", "reports": 29, "overdue": "fewer than 10"}]
    assert undertakings_on(sheet, BELOW).rows == (("u1", "t", "reported broken", 20, None),)
    assert doors_on({("handover", ""): 0, ("disclosure", "a court"): 1}).rows == (("handover", "", 0), ("disclosure", "a court", 1))


@pytest.mark.parametrize("language", languages())
def test_every_language_has_words_for_steps_verdicts_and_groups(language):
    words = words_of(language)
    named = [f"step {one}" for one in ("called", "served", "answered", "came", "found fit", "enlisted")]
    assert all(words[one] for one in (*named, *(f"verdict {one}" for one in VERDICTS), "by age", "by language"))
