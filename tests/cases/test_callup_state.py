"""The machines of the call-up and of the draw (cases.md 7.2): read from what was done, as of any day."""

from datetime import date, timedelta

import pytest

from callup.cases.callup_state import CALL_UP, DRAW, Dates, find_call_up

DATES = Dates(date(2025, 4, 1), date(2025, 7, 15), 31, date(2026, 7, 15))
DONE = {
    "publish": date(2025, 3, 20), "freeze": date(2025, 3, 25), "commit": date(2025, 3, 28), "cast": date(2025, 4, 2),
    "enter-1": date(2025, 4, 5), "enter-2": date(2025, 5, 20), "close": date(2025, 7, 20),
}  # fmt: skip


def found(day, done=None, facts=(), dates=DATES):
    return find_call_up(dates, DONE if done is None else done, facts, day)


@pytest.mark.parametrize(
    ("day", "call_up", "draw", "waves"),
    [
        (date(2025, 3, 19), "drafted", "no list", 0),
        (date(2025, 3, 20), "published", "no list", 0),
        (date(2025, 3, 25), "published", "list frozen", 0),
        (date(2025, 3, 28), "published", "list published", 0),
        (date(2025, 4, 1), "open", "list published", 0),
        (date(2025, 4, 2), "open", "open to objection", 0),
        (date(2025, 5, 3), "open", "open to objection", 1),
        (date(2025, 5, 4), "open", "final", 1),
        (date(2025, 7, 15), "open", "final", 2),
        (date(2025, 7, 16), "closing", "final", 2),
        (date(2025, 7, 20), "closed", "final", 2),
        (date(2026, 7, 15), "closed", "final", 2),
        (date(2026, 7, 16), "archived", "final", 2),
    ],
)
def test_each_state_in_its_turn(day, call_up, draw, waves):
    standing = found(day)
    assert (standing.call_up, standing.draw, standing.waves) == (call_up, draw, waves)


def test_no_state_goes_back():
    days = [date(2025, 3, 1) + timedelta(days=number) for number in range(600)]
    for words, name in ((CALL_UP, "call_up"), (DRAW, "draw")):
        places = [list(words).index(getattr(found(day), name)) for day in days]
        assert places == sorted(places)


def test_a_void_plan_ends_it_before_anything_is_drawn():
    done = {"publish": DONE["publish"], "freeze": DONE["freeze"], "commit": DONE["commit"], "void": date(2025, 3, 30)}
    assert [found(date(2025, 3, day), done).call_up for day in (29, 30)] == ["published", "annulled"]
    assert found(date(2025, 6, 1), done).draw == "void"


def test_without_a_time_to_object_a_draw_is_drawn_and_without_a_time_of_keeping_nothing_is_archived():
    dates = Dates(DATES.opens_on, DATES.closes_on)
    standing = found(date(2030, 1, 1), dates=dates)
    assert (standing.call_up, standing.draw) == ("closed", "drawn")


def fact(seq, kind, day, **more):
    return {"seq": seq, "fact_id": f"f{seq}", "kind": kind, "happened_on": day, "ref": None, "ground": None} | more


def test_stays_and_halts_hold_from_their_day_and_a_lifted_stay_no_more():
    facts = [
        fact(1, "stayed", date(2025, 5, 1), ground="unit north"),
        fact(2, "stayed", date(2025, 5, 3), ground="call-up"),
        fact(3, "stay_lifted", date(2025, 5, 10), ref="f2"),
        fact(4, "halted", date(2025, 5, 12), ground="wave 2"),
        fact(5, "recalled", date(2025, 5, 13), ground="wave 2"),
    ]
    assert found(date(2025, 4, 30), facts=facts).stays == ()
    assert found(date(2025, 5, 5), facts=facts).stays == ("unit north", "call-up")
    standing = found(date(2025, 5, 20), facts=facts)
    assert (standing.stays, standing.halts) == (("unit north",), ("wave 2",))
