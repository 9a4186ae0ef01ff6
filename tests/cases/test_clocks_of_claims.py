"""When an authority is late and when an appeal's time runs: by the claim's own decision, and by no other."""

from cases.stories import day, read, story

CLAIM = (3, "claimed", {"ground": "deferral:studies"})
OTHER = (4, "claimed", {"ground": "deferral:care"})
YES, NO = {"outcome": "granted"}, {"outcome": "refused"}


def appeals(standing):
    return [(clock.starts_on, clock.ends_on) for clock in standing.clocks if clock.name == "appeal"]


def test_what_was_decided_in_time_is_never_overdue_later() -> None:
    decided = (10, "decided", {"ref": "f1", **NO})
    for number in (10, 18, 19, 100):
        assert not read(story(CLAIM, decided), number).overdue


def test_what_was_taken_back_in_time_is_never_overdue_later() -> None:
    back = (12, "claim_withdrawn", {"ref": "f1"})
    for number in (12, 18, 19, 100):
        assert not read(story(CLAIM, back), number).overdue


def test_what_was_not_answered_is_overdue_from_the_day_after_its_time() -> None:
    assert not read(story(CLAIM), 18).overdue
    assert read(story(CLAIM), 19).overdue


def test_the_time_to_appeal_runs_from_the_serving_of_ones_own_decision() -> None:
    """Two claims, two decisions, one of them served: one clock, from that day."""
    one, two = (8, "decided", {"ref": "f1", **NO}), (9, "decided", {"ref": "f2", **NO})
    served = (12, "decision_served", {"ref": "f4", "channel": "mail"})
    assert appeals(read(story(CLAIM, OTHER, one, two), 20)) == []
    assert appeals(read(story(CLAIM, OTHER, one, two, served), 20)) == [(day(12), day(42))]
    again = (15, "decision_served", {"ref": "f4", "channel": "counter"})
    assert appeals(read(story(CLAIM, OTHER, one, two, served, again), 20)) == [(day(12), day(42))], "the first serving counts"
